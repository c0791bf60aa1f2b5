"""Questions that take too long are told so wherever they are asked, and long ones leave threads to the others.

The bot runs in this process, over real HTTP.
"""

import asyncio
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy

import pytest
from conftest import ROOT
from fake_bot_api.client import TOKEN, USERNAME, FakeTelegram, buttons, entities_of, group
from telegram import Update

from bot.rendering import messages
from bot.settings import parse_settings
from bot.state import open_recorder
from bot.telegram.handlers import Handlers
from bot.telegram.handlers.application import build_application
from bot.telegram.handlers.threads import LONG, Threads
from retrieval import open_engine
from retrieval.asking import answerer

QUESTION = "What does the Suez Canal join?"
PRESSES = 6  # in a minute, with two questions


@pytest.fixture(scope="module")
def telegram():
    server = FakeTelegram()
    server.switch(supports_inline_queries=True, supports_guest_queries=True)
    yield server
    server.close()


@pytest.fixture(scope="module")
def settings(telegram, tmp_path_factory):
    folder = tmp_path_factory.mktemp("bot")
    shutil.copytree(ROOT / "seeds", folder / "articles")
    values = {"CITEBOT_DB": str(folder / "citebot.db"), "CITEBOT_TOKEN": TOKEN, "CITEBOT_API_URL": telegram.api_url}
    with open_engine(folder / "citebot.db") as engine:
        engine.load([folder / "articles"])
    return parse_settings(values | {"CITEBOT_GUESTS": "1", "CITEBOT_QUESTIONS_PER_MINUTE": "2"})


class Bot:
    """What a running bot does with an update, one after the other."""

    def __init__(self, settings):
        self._settings = settings

    async def __aenter__(self):
        self._engine, self._threads = open_engine(self._settings.db), ThreadPoolExecutor(2)
        self._recorder = open_recorder(self._settings)
        handlers = Handlers(self._settings, self._engine, self._threads, recorder=self._recorder.__enter__())
        self._application = build_application(self._settings, TOKEN, handlers)
        await self._application.initialize()
        return self

    async def meet(self, update):
        await self._application.process_update(Update.de_json(update, self._application.bot))

    async def __aexit__(self, *error):
        await self._application.shutdown()
        self._threads.shutdown()
        self._recorder.__exit__(*error)
        self._engine.close()


def said(text, user, chat=None, kind="message", **more):
    sender = {"id": user, "is_bot": False, "first_name": f"User {user}", "language_code": "en"}
    where = chat or {"id": user, "type": "private", "first_name": f"User {user}"}
    return {kind: {"from": sender, "chat": where, "text": text, "entities": entities_of(text), **more}}


def pressed(telegram, action, user):
    """A press of the first button that does this below the last message of a chat."""
    shown = telegram.message(user, telegram.conversation(user, "sendMessage")[-1]["result_id"])
    data = next(data for data in buttons(shown).values() if data.startswith(action))
    sender = {"id": user, "is_bot": False, "first_name": f"User {user}", "language_code": "en"}
    return {"callback_query": {"from": sender, "message": shown, "data": data}}


@pytest.mark.parametrize(
    ("before", "action"), [(["/start"], "e"), ([QUESTION, "and how long is it?"], "a"), ([QUESTION], "w")]
)
async def test_a_button_whose_question_takes_too_long_says_so_and_its_message_stays(
    settings, telegram, monkeypatch, before, action
):
    user = 100 + ord(action)
    async with Bot(settings) as bot:
        for text in before:
            await bot.meet(telegram.push(**said(text, user)))
        shown = telegram.conversation(user, "sendMessage")[-1]
        monkeypatch.setattr(answerer, "LONGEST", 0.0)
        await bot.meet(telegram.push(**pressed(telegram, action, user)))
    *_, last, told = telegram.conversation(user)
    assert last == shown
    assert told["text"] == messages.TOO_SLOW


async def test_an_inline_query_and_a_mention_that_take_too_long_say_so(settings, telegram, monkeypatch):
    monkeypatch.setattr(answerer, "LONGEST", 0.0)
    sender = {"id": 90, "is_bot": False, "first_name": "User", "language_code": "en"}
    mention = said(f"@{USERNAME} {QUESTION}", 91, group(-91), "guest_message")
    async with Bot(settings) as bot:
        await bot.meet(telegram.push(inline_query={"from": sender, "query": QUESTION, "offset": ""}))
        await bot.meet(telegram.push(chosen_inline_result={"result_id": "x", "from": sender, "query": QUESTION}))
        await bot.meet(telegram.push(**mention))
    (offered,) = telegram.requests("answerInlineQuery")
    assert offered["parameters"]["button"]["text"] == messages.INLINE_TOO_SLOW
    (answered,) = telegram.requests("answerGuestQuery")
    assert answered["parameters"]["result"]["input_message_content"]["message_text"] == messages.TOO_SLOW


async def test_who_watches_a_question_that_takes_too_long_or_too_many_is_told_so(settings, telegram, monkeypatch):
    async with Bot(settings) as bot:
        with monkeypatch.context() as patched:
            patched.setattr(answerer, "LONGEST", 0.0)
            await bot.meet(telegram.push(**said(f"/watch {QUESTION}", 94)))
        for question in (QUESTION, "How deep is the Suez Canal?", "Who built the Suez Canal?"):
            await bot.meet(telegram.push(**said(f"/watch {question}", 94)))
    told = [one["text"] for one in telegram.conversation(94, "sendMessage")]
    assert told[0] == messages.TOO_SLOW
    assert QUESTION in told[1]
    assert told[2].startswith("You asked more than 2 questions")
    assert len(told) == 3  # who is warned once in a minute is not warned again


async def test_who_presses_faster_than_anybody_reads_is_told_so_and_nothing_is_looked_up(settings, telegram):
    async with Bot(settings) as bot:
        await bot.meet(telegram.push(**said(QUESTION, 92)))
        before = len(telegram.requests("answerCallbackQuery"))
        press = pressed(telegram, "w", 92)
        for _ in range(PRESSES + 2):
            await bot.meet(telegram.push(**deepcopy(press)))
        await bot.meet(telegram.push(**said(QUESTION, 93)))
        await bot.meet(telegram.push(**pressed(telegram, "w", 93)))
    told = [one["parameters"].get("text") for one in telegram.requests("answerCallbackQuery")[before:]]
    assert told == [None] * PRESSES + [messages.TOO_FAST] * 2 + [None]
    assert len(telegram.conversation(92, "editMessageText")) == PRESSES


async def test_long_questions_leave_threads_to_short_ones():
    over = threading.Event()
    with ThreadPoolExecutor(8) as executor:
        threads = Threads(executor, 8)
        long = [asyncio.create_task(threads.run(over.wait, "x" * (LONG + 1))) for _ in range(20)]
        try:
            async with asyncio.timeout(10):
                assert await asyncio.gather(*(threads.run(lambda: "answered", QUESTION) for _ in range(20)))
        finally:
            over.set()
        assert all(await asyncio.gather(*long))
