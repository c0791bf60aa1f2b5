from concurrent.futures import ThreadPoolExecutor

import pytest
from telegram import Bot, Chat, Message, MessageEntity, Update, User

from bot.settings import parse_settings
from bot.telegram.handlers import Handlers, build_application
from bot.telegram.handlers.access import FromAdmin, MayAsk
from retrieval import open_engine

TOKEN = "123456:AAH-secret_secret"


def a_message(user, chat=None, sender_chat=None, text="hello"):
    sender = None if user is None else User(user, "User", is_bot=False)
    in_chat = Chat(chat or user or 1, "private" if chat is None else "supergroup")
    named = None if sender_chat is None else Chat(sender_chat, "channel")
    marks = [MessageEntity("bot_command", 0, len(text.split()[0]))] if text.startswith("/") else []
    return Message(1, None, in_chat, from_user=sender, sender_chat=named, text=text, entities=marks)


@pytest.mark.parametrize(
    ("admins", "user", "is_admin"),
    [
        ("5,6", 5, True),
        ("5,6", 7, False),
        ("", 5, False),
        ("5;6", 5, False),
        ("5,six", 5, False),
        ("5,1087968824,777000", 1087968824, False),
        ("5,1087968824,777000", 777000, False),
        ("5,6", None, False),
    ],
)
def test_only_listed_admins_are_admins(admins, user, is_admin):
    settings = parse_settings({"CITEBOT_ADMINS": admins})
    assert FromAdmin(settings).filter(a_message(user)) is is_admin


def test_whoever_writes_in_the_name_of_a_chat_is_no_admin():
    settings = parse_settings({"CITEBOT_ADMINS": "5", "CITEBOT_ALLOW": "5"})
    assert not FromAdmin(settings).filter(a_message(5, chat=-9, sender_chat=-9))
    assert not MayAsk(settings).filter(a_message(5, chat=-9, sender_chat=-9))


@pytest.mark.parametrize(
    ("allow", "user", "chat", "may"),
    [
        (None, 8, None, True),
        (None, None, -9, True),
        ("8", 8, None, True),
        ("8", 8, -9, True),
        ("8", 7, None, False),
        ("-9", 7, -9, True),
        ("-9", 7, -10, False),
        ("", 8, None, False),
        ("8;9", 8, None, False),
        ("", 5, None, True),
        ("8", 5, -9, True),
    ],
)
def test_who_may_ask(allow, user, chat, may):
    values = {"CITEBOT_ADMINS": "5"} | ({} if allow is None else {"CITEBOT_ALLOW": allow})
    assert MayAsk(parse_settings(values)).filter(a_message(user, chat)) is may


@pytest.mark.parametrize("command", ["/reload", "/start", "/nonsense", "/help", "/listen on"])
def test_an_edited_command_is_met_by_nothing(tmp_path, command):
    settings = parse_settings({"CITEBOT_ADMINS": "5", "CITEBOT_DB": str(tmp_path / "no.db")})
    message = a_message(5, text=command)
    message.set_bot(Bot(TOKEN))
    message.get_bot()._bot_user = User(123456, "Cite", is_bot=True, username="cite_test_bot")
    with open_engine(settings.db) as engine, ThreadPoolExecutor(1) as executor:
        handlers = build_application(settings, TOKEN, Handlers(settings, engine, executor)).handlers[0]
    assert any(handler.check_update(Update(1, message=message)) for handler in handlers)
    assert not any(handler.check_update(Update(2, edited_message=message)) for handler in handlers)
