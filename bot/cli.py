"""From the command line to an exit code: 0 answered or done, 1 failed, 2 wrong usage, 3 abstained, 130 interrupted.

Data goes to standard output, messages go to standard error.
"""

import io
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from pathlib import Path

import click

from bot.terminal import FAILED, INTERRUPTED, say
from retrieval.errors import RetrievalError

_HELP = "Ask your articles a question. citebot quotes the sentence that answers it, with its source."
_EXAMPLES = [
    ('citebot ask "Who wrote the report?"', "ask the sample articles, or your own"),
    ("citebot load PATH", "load your own articles"),
    ("citebot console", "ask one question after another"),
    ("citebot telegram", "answer in Telegram"),
]
_SETTINGS = "Settings are environment variables, or lines in a file named .env. `citebot doctor --help` lists them."
_NARROWEST, _WIDEST = 20, 80  # columns of the help

_COMMANDS = {
    "ask": "ask",
    "console": "console",
    "telegram": "telegram",
    "simulate": "simulate",
    "load": "load",
    "sources": "sources",
    "articles": "articles",
    "show": "articles",
    "remove": "remove",
    "export": "articles",
    "questions": "questions",
    "gaps": "gaps",
    "judge": "judge",
    "stats": "stats",
    "verify": "questions",
    "history": "history",
    "rollback": "history",
    "evaluate": "evaluate",
    "train": "train",
    "calibrate": "calibrate",
    "backup": "backup",
    "restore": "backup",
    "engine": "engine",
    "lint": "lint",
    "doctor": "doctor",
    "completion": "completion",
}  # the module in `bot.commands`, by command, in the order of the help


class HelpFormatter(click.HelpFormatter):
    """Help as wide as the terminal; click writes at least 50 columns."""

    def __init__(self, indent_increment: int = 2, width: int | None = None, max_width: int | None = None) -> None:
        """Take the width of the terminal, up to `max_width` columns."""
        import shutil  # noqa: PLC0415 - some milliseconds that an answer does not need

        columns = min(shutil.get_terminal_size().columns, max_width or _WIDEST) - 2
        super().__init__(indent_increment, width or max(columns, _NARROWEST), max_width)

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write names with their explanations; in a narrow terminal long names stand on a line of their own."""
        super().write_dl(rows, min(col_max, self.width // 2 - 4), col_spacing)


class HelpContext(click.Context):
    """A context with that help."""

    formatter_class = HelpFormatter


class LazyCommands(Mapping[str, click.Command]):
    """The commands by name, each imported when it is looked up, so that a question waits only for `ask`."""

    def __getitem__(self, name: str) -> click.Command:
        """Import a command; raise KeyError if there is none of that name."""
        command: click.Command = getattr(import_module(f"bot.commands.{_COMMANDS[name]}"), name)
        for one in (command, *getattr(command, "commands", {}).values()):
            one.context_class = HelpContext
        return command

    def __iter__(self) -> Iterator[str]:
        """Yield the names."""
        return iter(_COMMANDS)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(_COMMANDS)


class Commands(click.Group):
    """The commands; a question in place of a command gets a hint."""

    context_class = HelpContext

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what citebot does, and examples."""
        super().format_help_text(ctx, formatter)
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_dl(_EXAMPLES, col_max=len(_EXAMPLES[0][0]))
            formatter.write_paragraph()
            formatter.write_text(_SETTINGS)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order of the table; click would sort them."""
        del ctx
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; it is not an error if the reader of a pipe has closed it (`| head -1`)."""
        try:
            result: object = super().invoke(ctx)
        except BrokenPipeError:
            _drop_output()
            return 0
        return result

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command; raise UsageError with a hint if there is none of that name."""
        if " " in args[0].strip():
            raise click.UsageError(f'To ask a question, use `ask`: citebot ask "{args[0]}"', ctx)
        return super().resolve_command(ctx, args)


def _show_version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if not wanted or context.resilient_parsing:
        return
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - 30 ms that no question needs

    try:
        click.echo(f"citebot {version('citebot')}")
    except PackageNotFoundError:
        click.echo("citebot (not installed, running from a checkout)")
    context.exit()


@click.group(
    cls=Commands,
    commands=LazyCommands(),
    help=_HELP,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version, help="Show the version."
)
@click.pass_context
def cli(context: click.Context) -> None:
    """Show the help if no command is given."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


def main() -> int:
    """Run the command on the command line and return its exit code."""
    _prepare_streams()
    try:
        code = cli.main(prog_name="citebot", standalone_mode=False)
    except (click.Abort, KeyboardInterrupt):
        return _interrupted()
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (RetrievalError, OSError) as error:
        say(str(error))
        _drop_output()
        return FAILED
    except Exception as error:
        if sys.flags.dev_mode:
            raise
        say(f"This is a bug in citebot ({type(error).__name__}). Run `python -X dev -m bot` to see the details.")
        return FAILED
    return code if isinstance(code, int) else 0


def _prepare_streams() -> None:
    """Make every character printable: use UTF-8 in pipes, and escapes for what a terminal cannot show.

    A closed stream (`>&-`) is replaced by the null device.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - open to the end
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if not isinstance(stream, io.TextIOWrapper):
            continue
        errors = "replace" if stream is sys.stdin else "backslashreplace"
        stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors=errors)


def _drop_output() -> None:
    """Drop what could not be written. Python would try again on exit, and fail with its own exit code."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _interrupted() -> int:
    click.echo("", err=True)
    say("Interrupted.")
    return INTERRUPTED
