"""`citebot console`: a conversation in the terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.commands.options import db_option, open_filled, settings_with
from bot.settings import history_file
from bot.terminal import can_prompt, page, say

if TYPE_CHECKING:
    from bot.console import Console

_HISTORY_LENGTH = 1000  # lines


@click.command(short_help="Ask questions interactively.")
@db_option
def console(db: Path | None) -> None:
    """Ask question after question in the terminal. Type /help there to see what else you can do."""
    from bot.console import Console  # noqa: PLC0415 - only here
    from bot.state import CONSOLE, open_recorder  # noqa: PLC0415 - only here

    settings = settings_with(db)
    with open_filled(settings) as engine, ExitStack() as stack:
        recorder = None
        if settings.keep_days:  # otherwise what is kept from before stays as it is
            recorder = stack.enter_context(open_recorder(settings)).of(CONSOLE)
        _converse(Console(engine, click.echo, recorder=recorder, page=page))


def _converse(console: "Console") -> None:
    """Reply to lines until the input ends; at a terminal, prompt for them with line editing."""
    if not can_prompt():
        for line in sys.stdin:
            if not console.reply_to(line):
                return
        return
    console.greet()
    with _line_editing(history_file(), console.completions) as typed:
        while _reply(console, _read_line(typed)):
            pass


def _reply(console: "Console", line: str) -> bool:
    """Show the reply to a line; Ctrl-C stops it, and the next question can be asked."""
    try:
        return console.reply_to(line)
    except KeyboardInterrupt:
        say("\nInterrupted.")
        return True


def _read_line(typed: Callable[[], str]) -> str:
    """Return the next line; Ctrl-C clears what is typed. Raise KeyboardInterrupt if nothing is."""
    while True:
        try:
            return input("> ")
        except EOFError:
            print()  # noqa: T201 - the shell's prompt belongs on a line of its own
            return "/quit"
        except KeyboardInterrupt:
            if not typed():
                raise
            print()  # noqa: T201


@contextmanager
def _line_editing(history: Path, complete: Callable[[str], list[str]]) -> Iterator[Callable[[], str]]:
    """Edit lines with the arrow keys, complete them with Tab; yield what tells the line that is being typed.

    Lines are kept for the next time in a file that only their author can read.
    """
    try:  # prompt_toolkit takes 100 ms and more to import, readline one, and brings all that is used here
        import readline  # noqa: PLC0415 - not on every platform, and only for a terminal
    except ImportError:
        yield str
        return
    with suppress(OSError):
        history.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        history.touch(mode=0o600)
        readline.read_history_file(history)
    readline.set_history_length(_HISTORY_LENGTH)
    readline.set_completer(lambda text, state: dict(enumerate(complete(text))).get(state))
    readline.set_completer_delims(" \t\n")
    readline.parse_and_bind("tab: complete")
    try:
        yield readline.get_line_buffer
    finally:
        with suppress(OSError):
            readline.write_history_file(history)
            history.chmod(0o600)
