"""`citebot evaluate`: how good the answers are, beside known ones; and which of two saved runs is better."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.commands.options import FAILED, db_option, json_option, leave, say, settings_with
from bot.rendering import messages
from retrieval import open_engine

if TYPE_CHECKING:
    from retrieval.evaluation import Outcome, Question

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_Runs = dict[str, Sequence["Outcome"]]


@click.command(short_help="Measure the answers against known ones.")
@click.argument("file", type=_FILE, metavar="FILE.jsonl")
@json_option("the figures as one JSON object")
@click.option(
    "--compare", nargs=2, type=_FILE, metavar="A B",
    help="Compare two runs, as `citebot ask --from FILE.jsonl --json` prints them, instead of asking.",
)  # fmt: skip
@click.option(
    "--plot", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.png",
    help="Draw the ranks and the calibration (needs matplotlib).",
)  # fmt: skip
@db_option
def evaluate(file: Path, as_json: bool, compare: tuple[Path, Path] | None, plot: Path | None, db: Path | None) -> None:
    """Ask every question of FILE.jsonl and compare with its gold sentences.

    A line is {"id", "question", "gold": [{"article", "start", "end"}]}; an empty gold says that nothing answers it.
    Figures come with the interval that holds them in 95 of 100 sets of questions like these.
    """
    from retrieval.evaluation import read_questions  # noqa: PLC0415 - only here

    draw = _drawer() if plot else None
    questions = list(read_questions(file))
    runs = _saved(questions, compare) if compare else {file.stem: _asked(questions, db)}
    for line in _differences(runs, as_json=as_json) if compare else _figures(runs[file.stem], as_json=as_json):
        click.echo(line)
    if draw and plot:
        draw(runs, plot)
        say(f"Drew {plot}.")


def _asked(questions: "Sequence[Question]", db: Path | None) -> "Sequence[Outcome]":
    from retrieval.evaluation import ask_all  # noqa: PLC0415

    settings = settings_with(db)
    with open_engine(settings.db, settings.caution) as engine:
        if engine.is_empty():
            say(f"{messages.NO_ARTICLES} `citebot load PATH` reads some.")
            leave(FAILED)
        return list(ask_all(engine.ask, questions))


def _saved(questions: "Sequence[Question]", files: tuple[Path, Path]) -> _Runs:
    from retrieval.evaluation import read_run  # noqa: PLC0415

    if files[0].resolve() == files[1].resolve():
        raise click.UsageError("--compare names the same file twice: name two runs.")
    return {str(path): read_run(path, questions) for path in files}


def _figures(outcomes: "Sequence[Outcome]", *, as_json: bool) -> Sequence[str]:
    from bot.rendering.terminal.evaluation import report_json, report_lines  # noqa: PLC0415
    from retrieval.evaluation import report  # noqa: PLC0415

    found = report(outcomes)
    return [report_json(found)] if as_json else list(report_lines(found))


def _differences(runs: _Runs, *, as_json: bool) -> Sequence[str]:
    from bot.rendering.terminal.evaluation import difference_lines, differences_json  # noqa: PLC0415
    from retrieval.evaluation.significance import compare  # noqa: PLC0415

    first, second = runs
    found = compare(runs[first], runs[second])
    if not found:
        say("None of the questions has gold: there is nothing to compare by.")
        leave(FAILED)
    return [differences_json(found, first, second)] if as_json else list(difference_lines(found, first, second))


def _drawer() -> Callable[[_Runs, Path], None]:
    """Give what draws; raises ClickException without matplotlib, before anything is asked."""
    try:
        from bot.rendering.plot import draw  # noqa: PLC0415 - matplotlib is an extra
    except ModuleNotFoundError as error:
        raise click.ClickException("--plot needs matplotlib, which is not installed: pip install matplotlib") from error
    return draw
