"""`citebot simulate`: run updates through the real handlers and print what the bot would send."""

import asyncio
import json
import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.commands.options import db_option, exit_with, json_option, open_filled, settings_with
from bot.opening import whole_store
from bot.rendering import operator_messages
from bot.rendering.as_json import call_json
from bot.rendering.terminal.calls import NO_CALL, call_lines, update_line
from bot.settings import Settings
from bot.terminal import FAILED, say

if TYPE_CHECKING:
    from bot.simulation.simulator import SimulatedUpdate

Json = dict[str, Any]


@click.command(short_help="Show what the bot would reply to updates.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--bot", "bot_name", metavar="NAME", help="The bot's username, if FILE has no reply to the bot and no button press."
)
@json_option("one JSON object per call")
@db_option
def simulate(file: Path, bot_name: str | None, as_json: bool, db: Path | None) -> None:
    """Run the updates in FILE through the bot and print the calls it would make; nothing is sent.

    FILE has one update per line, as JSON, exactly as Telegram sends them. Each is finished before the next starts, on
    a copy of the store. Your data does not change, no token is needed, and nothing uses the network, not even to read
    web pages.

    Exit codes: 0 done, 1 a line is not an update or an update failed.
    """
    updates, is_complete = _read_updates(file)
    if updates and not _simulate(updates, settings_with(db), bot_name, as_json=as_json):
        is_complete = False
    if not is_complete:
        exit_with(FAILED)


def _read_updates(file: Path) -> tuple[list[Json], bool]:
    """Return the updates in a file, and whether every line has one; report the lines that do not."""
    updates: dict[int, Json] = {}
    is_complete = True
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            update, problem = _parse(line) if line.strip() else ({}, "")
            if problem:
                say(operator_messages.not_an_update(file, number, problem))
                is_complete = False
            elif update and update["update_id"] in updates:
                say(operator_messages.repeated_update(file, number, update["update_id"]))
            elif update:
                updates[update["update_id"]] = update
    if not updates and is_complete:
        say(operator_messages.no_updates(file))
    return list(updates.values()), is_complete


def _parse(line: bytes) -> tuple[Json, str]:
    """Return an update, or what is wrong with the line."""
    try:
        update = json.loads(line)
    except (ValueError, RecursionError):
        return {}, operator_messages.NO_JSON
    if not isinstance(update, dict) or type(update.get("update_id")) is not int:
        return {}, operator_messages.NO_UPDATE_ID
    return update, ""


def _simulate(updates: list[Json], settings: Settings, bot_name: str | None, *, as_json: bool) -> bool:
    """Print the calls that the updates lead to; return whether all updates could be parsed and handled."""
    from bot.simulation.simulator import copied_settings, find_bot, simulate  # noqa: PLC0415
    from bot.telegram.jobs.offline import refuse_network  # noqa: PLC0415 - half a second that nothing else needs

    logging.basicConfig(level=logging.ERROR, force=True)
    whole_store(settings)
    refuse_network()
    calls = failures = 0

    async def run() -> None:
        nonlocal calls, failures
        async for done in simulate(copied, engine, updates, find_bot(updates, bot_name)):
            calls += len(done.calls)
            for line in _lines(done, as_json=as_json):
                click.echo(line)
            if done.failure is not None:
                failures += 1
                say(operator_messages.simulation_failed(done.update["update_id"], done.failure))

    with tempfile.TemporaryDirectory(prefix="citebot-") as folder:
        copied = copied_settings(settings, Path(folder))
        with open_filled(copied) as engine:
            asyncio.run(run())
    say(operator_messages.simulated(len(updates), calls))
    return not failures


def _lines(done: "SimulatedUpdate", *, as_json: bool) -> Iterator[str]:
    if as_json:
        yield from (call_json(done.update["update_id"], *call) for call in done.calls)
        return
    yield update_line(done.update)
    for call in done.calls:
        yield from call_lines(*call)
    if not done.calls:
        yield NO_CALL
