from concurrent.futures import ThreadPoolExecutor

import pytest
from telegram import Bot, Chat, Message, MessageEntity, Update, User

from bot.settings import parse_settings
from bot.state import Role, Roles, StateError
from bot.telegram.handlers import Handlers
from bot.telegram.handlers.access import FromAdmin, FromEditor, MayAsk
from bot.telegram.handlers.application import build_application
from retrieval import open_engine

TOKEN = "123456:AAH-secret_secret"


def a_message(user, chat=None, sender_chat=None, text="hello"):
    sender = None if user is None else User(user, "User", is_bot=False)
    in_chat = Chat(chat or user or 1, "private" if chat is None else "supergroup")
    named = None if sender_chat is None else Chat(sender_chat, "channel")
    marks = [MessageEntity("bot_command", 0, len(text.split()[0]))] if text.startswith("/") else []
    return Message(1, None, in_chat, from_user=sender, sender_chat=named, text=text, entities=marks)


@pytest.fixture(scope="module")
def no_roles(tmp_path_factory):
    return Roles(tmp_path_factory.mktemp("state") / "state.db")


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


def test_whoever_writes_in_the_name_of_a_chat_is_no_admin(no_roles):
    settings = parse_settings({"CITEBOT_ADMINS": "5", "CITEBOT_ALLOW": "5"})
    assert not FromAdmin(settings).filter(a_message(5, chat=-9, sender_chat=-9))
    assert not MayAsk(settings, no_roles).filter(a_message(5, chat=-9, sender_chat=-9))


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
def test_who_may_ask(no_roles, allow, user, chat, may):
    values = {"CITEBOT_ADMINS": "5"} | ({} if allow is None else {"CITEBOT_ALLOW": allow})
    assert MayAsk(parse_settings(values), no_roles).filter(a_message(user, chat)) is may


NOBODY = (False, False, False)
ASKS, EDITS, ALL = (True, False, False), (True, True, False), (True, True, True)
EVERYBODY, LISTED, ADMINS_ONLY, MALFORMED = None, "8,-9", "", "8;9"


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    """Roles that admins gave; some in the file to people who can have none."""
    path = tmp_path_factory.mktemp("state") / "state.db"
    roles = Roles(path)
    for role, ids in {
        Role.READER: (20, -21, 777000),
        Role.EDITOR: (30, 1087968824),
        Role.BLOCKED: (5, 8, 40, -41, -42),
    }.items():
        for one in ids:
            roles.give(one, role, 5)
    return Roles(path)


@pytest.mark.parametrize(
    ("message", "rights"),
    [
        ({"user": 5}, dict.fromkeys((EVERYBODY, LISTED, ADMINS_ONLY, MALFORMED), ALL)),
        ({"user": 5, "chat": -41}, dict.fromkeys((EVERYBODY, LISTED, ADMINS_ONLY, MALFORMED), ALL)),
        ({"user": 7}, {EVERYBODY: ASKS, LISTED: NOBODY, ADMINS_ONLY: NOBODY, MALFORMED: NOBODY}),
        ({"user": 20}, dict.fromkeys((EVERYBODY, LISTED, ADMINS_ONLY, MALFORMED), ASKS)),
        ({"user": 7, "chat": -21}, dict.fromkeys((EVERYBODY, LISTED, ADMINS_ONLY, MALFORMED), ASKS)),
        ({"user": None, "chat": -21}, dict.fromkeys((EVERYBODY, LISTED, ADMINS_ONLY, MALFORMED), ASKS)),
        ({"user": 30}, dict.fromkeys((EVERYBODY, LISTED, ADMINS_ONLY, MALFORMED), EDITS)),
        ({"user": 30, "chat": -21, "sender_chat": -21}, dict.fromkeys((EVERYBODY, ADMINS_ONLY), ASKS)),
        (
            {"user": 30, "sender_chat": -77},
            {ADMINS_ONLY: ASKS},
        ),  # in a chat with the id of an editor, which there is not
        ({"user": 8}, dict.fromkeys((EVERYBODY, LISTED, ADMINS_ONLY, MALFORMED), NOBODY)),
        ({"user": 40}, dict.fromkeys((EVERYBODY, LISTED, ADMINS_ONLY, MALFORMED), NOBODY)),
        ({"user": 40, "chat": -9}, dict.fromkeys((EVERYBODY, LISTED), NOBODY)),
        ({"user": 40, "chat": -21}, dict.fromkeys((EVERYBODY, LISTED), NOBODY)),
        ({"user": 7, "chat": -41}, dict.fromkeys((EVERYBODY, LISTED), NOBODY)),
        ({"user": 20, "chat": -41}, dict.fromkeys((EVERYBODY, LISTED), NOBODY)),
        ({"user": None, "chat": -41}, dict.fromkeys((EVERYBODY, LISTED), NOBODY)),
        ({"user": 7, "chat": -9, "sender_chat": -42}, dict.fromkeys((EVERYBODY, LISTED), NOBODY)),
        ({"user": 777000}, {EVERYBODY: ASKS, LISTED: NOBODY, ADMINS_ONLY: NOBODY, MALFORMED: NOBODY}),
        ({"user": 1087968824}, {EVERYBODY: ASKS, LISTED: NOBODY, ADMINS_ONLY: NOBODY, MALFORMED: NOBODY}),
    ],
)
def test_what_settings_and_roles_together_allow(given, message, rights):
    for allow, expected in rights.items():
        settings = parse_settings({"CITEBOT_ADMINS": "5"} | ({} if allow is None else {"CITEBOT_ALLOW": allow}))
        filters = MayAsk(settings, given), FromEditor(settings, given), FromAdmin(settings)
        assert tuple(one.filter(a_message(**message)) for one in filters) == expected, allow


@pytest.mark.parametrize("admins", ["", "5;6"])
def test_without_admins_nobody_is_an_editor(given, admins):
    settings = parse_settings({"CITEBOT_ADMINS": admins})
    assert not FromEditor(settings, given).filter(a_message(30))
    assert not MayAsk(settings, given).filter(a_message(40))


def test_roles_that_cannot_be_read_are_not_taken_for_none(tmp_path):
    Roles(tmp_path / "state.db").give(40, Role.BLOCKED, 5)
    (tmp_path / "state.db").write_bytes(b"no database" * 1000)
    with pytest.raises(StateError):
        Roles(tmp_path / "state.db")


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
