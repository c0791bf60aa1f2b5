"""Updates -> the real handlers -> the calls that would go out, one update at a time."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import copyfile, copytree
from typing import Any

from telegram import Update, User

from bot.backup.copies import copy
from bot.settings import Settings
from bot.settings.parsing import Refreshing
from bot.simulation.fake_api import Call, FakeApi
from bot.telegram.handlers import Handlers
from bot.telegram.handlers.application import build_application
from retrieval import Engine, make_ordinary

Json = dict[str, Any]

_BOT_ID = 999_999_999  # if the updates do not reveal it
_BOT_NAME = "citebot"  # the same
_TOKEN = f"{_BOT_ID}:made-up-for-a-simulation"
_CONFIRMATION = re.compile(r"([yon][0-9a-f]{1,13}):([0-9a-f]{24})")  # a button of an offer: verb and owner, token


@dataclass(frozen=True, slots=True)
class SimulatedUpdate:
    """An update that went through the handlers."""

    update: Json
    calls: list[Call]
    failure: Exception | None  # not caught by the handlers, or raised when the update was parsed


def copied_settings(settings: Settings, folder: Path) -> Settings:
    """Copy the store into a folder and return settings that use the copy; nobody is held up by a rate limit.

    Raise RetrievalError or OSError if the copy fails.
    """
    db = folder / settings.db.name
    if settings.db.is_file():
        copy(settings.db, db)
        if settings.engine:
            make_ordinary(db)
        index, weights = Path(f"{settings.db}.index"), Path(f"{settings.db}.weights.json")
        if index.is_dir():
            copytree(index, f"{db}.index")
        if weights.is_file():
            copyfile(weights, f"{db}.weights.json")
    simulated = folder / "simulated.state.db"
    return replace(settings, db=db, engine="", state=simulated, refresh=Refreshing(), questions_per_minute=0)


def find_bot(updates: Iterable[Json], name: str | None) -> User:
    """Return the bot that received the updates: the author of messages that were replied to or whose buttons were pressed.

    If a username is given, bots of other names are ignored.
    """
    name = name.removeprefix("@") if name else None
    bots = [author for update in updates for author in _authors(update) if _is_bot(author)]
    found = next((bot for bot in bots if name is None or str(bot.get("username")).lower() == name.lower()), {})
    return User(found.get("id", _BOT_ID), "Bot", is_bot=True, username=str(name or found.get("username") or _BOT_NAME))


async def simulate(
    settings: Settings, engine: Engine, updates: Iterable[Json], bot: User
) -> AsyncIterator[SimulatedUpdate]:
    """Run updates through the handlers in order; everything an update starts ends before the next one."""
    api = FakeApi(bot)
    with ThreadPoolExecutor(settings.workers) as executor:
        application = build_application(settings, _TOKEN, Handlers(settings, engine, executor), request=api)
        async with application:
            before = asyncio.all_tasks()
            confirmations = _Confirmations()
            for update in updates:
                failure = None
                try:
                    parsed = Update.de_json(confirmations.translate(update), application.bot)
                    await application.process_update(parsed)
                except Exception as error:  # noqa: BLE001 - the next update runs whatever happened to this one
                    failure = error
                while started := asyncio.all_tasks() - before:
                    await asyncio.wait(started)
                calls = api.take_calls()
                confirmations.note(calls)
                yield SimulatedUpdate(update, calls, failure)


def _authors(update: Json) -> Iterator[Json]:
    """Yield the authors of the messages whose button was pressed or that were replied to."""
    for path in (("callback_query", "message", "from"), ("message", "reply_to_message", "from")):
        part: Any = update
        for name in path:
            part = part.get(name) if isinstance(part, dict) else None
        if isinstance(part, dict):
            yield part


def _is_bot(author: Json) -> bool:
    return author.get("is_bot") is True and isinstance(author.get("id"), int)


class _Confirmations:
    """The yes and no buttons of the simulation, in place of those in the updates, whose tokens nobody knows here."""

    def __init__(self) -> None:
        self._made: dict[str, list[str]] = {}  # tokens of the simulation, by verb and owner
        self._translated: dict[str, str] = {}  # tokens of the simulation, by those in the updates

    def note(self, calls: Iterable[Call]) -> None:
        """Remember the buttons of messages that would have been sent."""
        for call in calls:
            keyboard: Mapping[str, Any] = call.parameters.get("reply_markup") or {}
            for button in (one for row in keyboard.get("inline_keyboard", []) for one in row):
                if found := _CONFIRMATION.fullmatch(button.get("callback_data", "")):
                    self._made.setdefault(found[1], []).append(found[2])

    def translate(self, update: Json) -> Json:
        """Return a press of a button as a press of the latest one made here for the same person and answer."""
        query = update.get("callback_query")
        found = _CONFIRMATION.fullmatch(str(query.get("data"))) if isinstance(query, dict) else None
        if not isinstance(query, dict) or found is None:
            return update
        verb_and_owner, token = found.groups()
        if made := self._made.get(verb_and_owner):
            token = self._translated.setdefault(token, made[-1])
        return update | {"callback_query": query | {"data": f"{verb_and_owner}:{token}"}}
