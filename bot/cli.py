"""From the command line to an exit code: 0 answered or done, 1 failed, 2 wrong usage, 3 abstained, 130 interrupted.

Data goes to standard output, words go to standard error.
"""

import io
import os
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path

import click

from bot.commands.options import FAILED, INTERRUPTED, say
from retrieval.errors import RetrievalError

_HELP = """\
Ask your articles: citebot quotes the sentence that answers, with its source.

\b
  citebot ask "Who wrote the report?"   answer from the sample articles, or from yours
  citebot load PATH                     read your own articles: text, Markdown, JSONL
  citebot console                       ask on and on, here
  citebot telegram                      answer in Telegram

The settings are environment variables, or stand in a file .env; .env.example explains each.
"""


_MODULES = {
    "ask": "ask",
    "console": "telegram",
    "telegram": "telegram",
    "simulate": "simulate",
    "load": "articles",
    "sources": "sources",
    "articles": "articles",
    "remove": "articles",
    "export": "articles",
    "questions": "questions",
    "verify": "questions",
    "history": "history",
    "rollback": "history",
    "evaluate": "evaluate",
    "train": "train",
    "backup": "backup",
    "restore": "backup",
    "lint": "lint",
    "doctor": "doctor",
    "completion": "completion",
}  # of `bot.commands`, by command, in the order of their use


class ImportedCommands(Mapping[str, click.Command]):
    """The commands by name, each imported when it is looked up: a question waits for `ask` alone."""

    def __getitem__(self, name: str) -> click.Command:
        """Import a command; raises KeyError where there is none of that name."""
        command: click.Command = getattr(import_module(f"bot.commands.{_MODULES[name]}"), name)
        return command

    def __iter__(self) -> Iterator[str]:
        """Give the names."""
        return iter(_MODULES)

    def __len__(self) -> int:
        """Count them."""
        return len(_MODULES)


class Commands(click.Group):
    """The commands in the order of their use; a question in place of a command is met with the way to ask it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Keep the order in which the commands are written down."""
        del ctx
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; a pipe that its reader has closed (`| head -1`) is no failure."""
        try:
            result: object = super().invoke(ctx)
        except BrokenPipeError:
            _give_up_output()
            return 0
        return result

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; raises UsageError with advice when there is none."""
        if " " in args[0].strip():
            raise click.UsageError(f'To ask a question, put `ask` before it: citebot ask "{args[0]}"', ctx)
        return super().resolve_command(ctx, args)


def _show_version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if not wanted or context.resilient_parsing:
        return
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - 30 ms that no question needs

    try:
        click.echo(f"citebot {version('citebot')}")
    except PackageNotFoundError:
        click.echo("citebot, not installed: run from a checkout")
    context.exit()


@click.group(
    cls=Commands,
    commands=ImportedCommands(),
    help=_HELP,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version, help="Say which.")
@click.pass_context
def cli(context: click.Context) -> None:
    """Show the help when no command is given."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


def main() -> int:
    """Run the command that the command line names and give its exit code."""
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
        _give_up_output()
        return FAILED
    except Exception as error:
        if sys.flags.dev_mode:
            raise
        say(f"This is a defect of citebot ({type(error).__name__}); `python -X dev -m bot` tells more.")
        return FAILED
    return code if isinstance(code, int) else 0


def _prepare_streams() -> None:
    """Make every character writable: UTF-8 into pipes, whatever the terminal can show on a terminal.

    A stream that was closed (`>&-`) is as good as the null device.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - open to the end
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if not isinstance(stream, io.TextIOWrapper):
            continue
        errors = "replace" if stream is sys.stdin else "backslashreplace"
        stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors=errors)


def _give_up_output() -> None:
    """Drop what could not be written: Python would try again at its end, and fail with a code of its own."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _interrupted() -> int:
    click.echo("", err=True)
    say("Interrupted.")
    return INTERRUPTED
