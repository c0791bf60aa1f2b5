"""Updates -> through the real handlers -> the calls that would go out, update by update, each to its end."""

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
from bot.simulation.fake_api import Call, FakeApi
from bot.simulation.pseudonyms import BOT, admins_of_recordings, allowed_in_recordings
from bot.telegram.handlers import build_application
from retrieval import Engine

_TOKEN = f"{BOT}:made-up-for-a-simulation"
_DEFAULT_NAME = "citebot"
_ALIAS = re.compile(r"@(x{2,29}bot)\b")
_OFFER = re.compile(r"([yn][0-9a-f]{1,13}):([0-9a-f]{24})")

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SimulatedUpdate:
    """An update that went through the handlers."""

    update: Json
    calls: list[Call]
    failure: Exception | None  # that the handlers did not catch, or that the update could not be read


def copied_settings(settings: Settings, folder: Path) -> Settings:
    """Copy the store into a folder and give the settings that use the copy; raises RetrievalError and OSError.

    Admins and allowed ones of recordings are added to those of the settings; nobody waits for a limit.
    """
    db = folder / settings.db.name
    if settings.db.is_file():
        copy(settings.db, db)
        index, weights = Path(f"{settings.db}.index"), Path(f"{settings.db}.weights.json")
        if index.is_dir():
            copytree(index, f"{db}.index")
        if weights.is_file():
            copyfile(weights, f"{db}.weights.json")
    return replace(
        settings,
        db=db,
        state=folder / "simulated.state.db",
        admins=settings.admins | admins_of_recordings(),
        allow=None if settings.allow is None else settings.allow | allowed_in_recordings(),
        refresh=None,
        questions_per_minute=0,
    )


async def simulate(
    settings: Settings, engine: Engine, updates: Iterable[Json], bot: User
) -> AsyncIterator[SimulatedUpdate]:
    """Run updates through the handlers in their order; what one begins has ended before the next."""
    request = FakeApi(bot)
    with ThreadPoolExecutor(settings.workers) as executor:
        application = build_application(settings, _TOKEN, engine, executor, request=request)
        async with application:
            others = asyncio.all_tasks()
            offers = _Offers()
            for update in updates:
                failure = None
                try:
                    await application.process_update(_parsed(offers.translated(update), application.bot))
                except Exception as error:  # noqa: BLE001 - whatever it is, the next update has its turn
                    failure = error
                while begun := asyncio.all_tasks() - others:
                    await asyncio.wait(begun)
                calls = request.take()
                offers.note(calls)
                yield SimulatedUpdate(update, calls, failure)


def find_bot(updates: Iterable[Json], name: str | None) -> User:
    """Tell who the bot was: by its username, or by whose messages had buttons and were replied to.

    In a recording it is always the same.
    """
    named = name.removeprefix("@") if name else _recorded_name(updates) or _DEFAULT_NAME
    bots = [
        one for update in updates for one in _authors(update) if one.get("is_bot") and isinstance(one.get("id"), int)
    ]
    known = [one["id"] for one in bots if one["id"] == BOT or str(one.get("username")).lower() == named.lower()]
    found = known if known or name else [one["id"] for one in bots]
    return User(found[0] if found else BOT, "Bot", is_bot=True, username=named)


def _parsed(update: Json, bot: Any) -> Update:  # noqa: ANN401 - the library's own type has many parameters
    return Update.de_json(update, bot)


def _recorded_name(updates: Iterable[Json]) -> str | None:
    """Give the name that a recording has in place of the bot's."""
    texts = (message[field] for message in _messages(updates) for field in ("text", "caption") if field in message)
    found = (_ALIAS.search(text) for text in texts if isinstance(text, str))
    return next((one[1] for one in found if one), None)


def _messages(updates: Iterable[Json]) -> Iterator[Json]:
    for update in updates:
        yield from (one for one in update.values() if isinstance(one, dict))


def _authors(update: Json) -> Iterator[Json]:
    """Give the authors of messages whose buttons were pressed, and of those replied to."""
    for path in (("callback_query", "message", "from"), ("message", "reply_to_message", "from")):
        part: Any = update
        for name in path:
            part = part.get(name) if isinstance(part, dict) else None
        if isinstance(part, dict):
            yield part


class _Offers:
    """What was offered in the simulation in place of what was offered in life: its buttons are other ones."""

    def __init__(self) -> None:
        self._open: dict[str, list[str]] = {}  # the tokens, by verb and owner
        self._in_place: dict[str, str] = {}  # of a token of the recording

    def note(self, calls: Iterable[Call]) -> None:
        """Remember the buttons of messages that would have been sent."""
        for call in calls:
            keyboard: Mapping[str, Any] = call.parameters.get("reply_markup") or {}
            for button in (one for row in keyboard.get("inline_keyboard", []) for one in row):
                if found := _OFFER.fullmatch(button.get("callback_data", "")):
                    self._open.setdefault(found[1], []).append(found[2])

    def translated(self, update: Json) -> Json:
        """Give a press of a button as one of the button that was made here last for the same person and answer."""
        query = update.get("callback_query")
        found = _OFFER.fullmatch(str(query.get("data"))) if isinstance(query, dict) else None
        if not isinstance(query, dict) or found is None:
            return update
        made = self._open.get(found[1], [])
        if found[2] not in self._in_place and made:
            self._in_place[found[2]] = made[-1]
        token = self._in_place.get(found[2], found[2])
        return update | {"callback_query": query | {"data": f"{found[1]}:{token}"}}
