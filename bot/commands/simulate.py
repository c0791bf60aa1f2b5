"""`citebot simulate`: recorded updates through the real handlers, printing what would be sent."""

import asyncio
import json
import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.commands.options import FAILED, db_option, json_option, leave, say, settings_with
from bot.rendering import messages
from bot.rendering.terminal.calls import NO_CALL, call_json, call_lines, update_line
from bot.settings import Settings
from bot.sources import ensure_filled
from retrieval import open_engine

if TYPE_CHECKING:
    from bot.simulation.simulator import SimulatedUpdate

Json = dict[str, Any]
_NEW_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command(short_help="Show what the bot would reply to recorded updates.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--bot", "name", metavar="NAME", help="The bot's username in FILE; that of a recording is found by itself."
)
@click.option(
    "--record", "target", type=_NEW_FILE, metavar="OUT", help="Write FILE without personal data, nothing else."
)
@json_option("one JSON object a call")
@db_option
def simulate(file: Path, name: str | None, target: Path | None, as_json: bool, db: Path | None) -> None:
    """Run the updates of FILE through the bot and print the calls that would go out; nothing is sent.

    FILE holds one update a line, as JSON, as Telegram gives them and as `citebot telegram --record FILE` writes them.
    They run in their order, each to its end, on a copy of the store: nothing of yours is changed, no token is needed,
    and nothing goes over the network, web pages included.

    Admins are those of CITEBOT_ADMINS and, for recordings, the ids from 900000001 to 900000099; those from 800000001 to
    800000099, as users or groups, are in CITEBOT_ALLOW.

    With --record the texts of messages are kept, apart from phone numbers, addresses of mail and @names: look through
    OUT before you pass it on.

    Exit code: 0 done, 1 a line is no update or an update failed.
    """
    updates, is_whole = _read(file)
    settings = settings_with(db)
    if target is not None:
        _write(updates, settings, target, name)
    elif updates:
        is_whole = _simulated(updates, settings, name, as_json=as_json) and is_whole
    if not is_whole:
        leave(FAILED)


def _read(file: Path) -> tuple[list[Json], bool]:
    """Give the updates of a file, and whether every line holds one; names the lines that hold none."""
    updates: dict[int, Json] = {}
    is_whole = True
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            update, problem = _parsed(line) if line.strip() else ({}, "")
            if problem:
                say(messages.not_an_update(file, number, problem))
                is_whole = False
            elif update and update["update_id"] in updates:
                say(messages.repeated_update(file, number, update["update_id"]))
            elif update:
                updates[update["update_id"]] = update
    if not updates and is_whole:
        say(messages.no_updates(file))
    return list(updates.values()), is_whole


def _parsed(line: bytes) -> tuple[Json, str]:
    """Give an update, or what is wrong with the line."""
    try:
        update = json.loads(line)
    except (ValueError, RecursionError):
        return {}, messages.NO_JSON
    if not isinstance(update, dict) or type(update.get("update_id")) is not int:
        return {}, messages.NO_UPDATE_ID
    return update, ""


def _simulated(updates: list[Json], settings: Settings, name: str | None, *, as_json: bool) -> bool:
    """Print the calls that updates lead to, and tell whether all of them could be read and handled."""
    from bot.simulation.simulator import copied_settings, find_bot, simulate  # noqa: PLC0415
    from bot.telegram.jobs.offline import refuse_network  # noqa: PLC0415 - half a second that nothing else needs

    logging.basicConfig(level=logging.ERROR, force=True)
    refuse_network()
    calls = failures = 0

    async def play() -> None:
        nonlocal calls, failures
        async for played in simulate(copied, engine, updates, find_bot(updates, name)):
            calls += len(played.calls)
            for line in _lines(played, as_json=as_json):
                click.echo(line)
            if played.failure is not None:
                failures += 1
                say(messages.simulation_failed(played.update["update_id"], played.failure))

    with tempfile.TemporaryDirectory(prefix="citebot-") as folder:
        copied = copied_settings(settings, Path(folder))
        with open_engine(copied.db, copied.caution) as engine:
            ensure_filled(engine, copied, say)
            asyncio.run(play())
    say(messages.simulated(len(updates), calls))
    return not failures


def _lines(played: "SimulatedUpdate", *, as_json: bool) -> Iterator[str]:
    if as_json:
        yield from (call_json(played.update["update_id"], *call) for call in played.calls)
        return
    yield update_line(played.update)
    for call in played.calls:
        yield from call_lines(*call)
    if not played.calls:
        yield NO_CALL


def _write(updates: list[Json], settings: Settings, target: Path, name: str | None) -> None:
    """Write updates without personal data into a new file."""
    from bot.simulation.recorder import UpdateRecorder  # noqa: PLC0415 - half a second that nothing else needs
    from bot.simulation.simulator import find_bot  # noqa: PLC0415

    if target.exists():
        raise click.UsageError(messages.recording_exists(target))
    bot = find_bot(updates, name)
    with UpdateRecorder(target, settings.admins, settings.allow) as recorder:
        recorder.meet_bot(bot.id, bot.username or "")
        for update in updates:
            recorder.record(update)
    say(f"{messages.count(len(updates), 'update')} written to {target}. {messages.RECORDING_KEEPS_TEXT}")
