"""`citebot evaluate`: measure answers against known ones, or compare two saved runs."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.commands.options import db_option, exit_with, json_option, say_no_articles, settings_with
from bot.terminal import FAILED, say
from retrieval import open_engine

if TYPE_CHECKING:
    from retrieval.evaluation import Outcome, Question

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_Runs = dict[str, Sequence["Outcome"]]


@click.command(short_help="Measure answers against known ones.")
@click.argument("file", type=_FILE, metavar="FILE.jsonl")
@json_option("the figures as one JSON object")
@click.option(
    "--compare", nargs=2, type=_FILE, metavar="A B",
    help="Compare two saved runs, made by `citebot ask --from FILE.jsonl --json`, instead of asking.",
)  # fmt: skip
@click.option(
    "--plot", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.png",
    help="Plot ranks and calibration (needs matplotlib).",
)  # fmt: skip
@db_option
def evaluate(file: Path, as_json: bool, compare: tuple[Path, Path] | None, plot: Path | None, db: Path | None) -> None:
    """Ask every question in FILE.jsonl and compare the answers with its gold sentences.

    A line is {"id", "question", "gold": [{"article", "start", "end"}]}; an empty gold means that nothing answers it.
    Figures come with a 95 % confidence interval.
    """
    from retrieval.evaluation import read_questions  # noqa: PLC0415 - only here

    draw = _import_plot() if plot else None
    questions = list(read_questions(file))
    runs = _read_runs(questions, compare) if compare else {file.stem: _ask_all(questions, db)}
    for line in _differences(runs, as_json=as_json) if compare else _figures(runs[file.stem], as_json=as_json):
        click.echo(line)
    if draw and plot:
        draw(runs, plot)
        say(f"Wrote {plot}.")


def _import_plot() -> Callable[[_Runs, Path], None]:
    """Return what draws; raise ClickException without matplotlib, before anything is asked."""
    try:
        from bot.rendering.plot import draw  # noqa: PLC0415 - matplotlib is an extra
    except ModuleNotFoundError as error:
        raise click.ClickException("--plot needs matplotlib. Install it with `pip install matplotlib`.") from error
    return draw


def _read_runs(questions: "Sequence[Question]", files: tuple[Path, Path]) -> _Runs:
    from retrieval.evaluation import read_run  # noqa: PLC0415

    if files[0].resolve() == files[1].resolve():
        raise click.UsageError("--compare needs two different files.")
    return {str(path): read_run(path, questions) for path in files}


def _ask_all(questions: "Sequence[Question]", db: Path | None) -> "Sequence[Outcome]":
    from retrieval.evaluation import ask_all  # noqa: PLC0415

    settings = settings_with(db)
    with open_engine(settings.db, settings.caution) as engine:
        if engine.is_empty():
            say_no_articles()
            exit_with(FAILED)
        return list(ask_all(engine.ask, questions))


def _figures(outcomes: "Sequence[Outcome]", *, as_json: bool) -> Sequence[str]:
    from bot.rendering.as_json import report_json  # noqa: PLC0415
    from bot.rendering.terminal.evaluation import report_lines  # noqa: PLC0415
    from retrieval.evaluation import report  # noqa: PLC0415

    found = report(outcomes)
    return [report_json(found)] if as_json else list(report_lines(found))


def _differences(runs: _Runs, *, as_json: bool) -> Sequence[str]:
    from bot.rendering.as_json import differences_json  # noqa: PLC0415
    from bot.rendering.terminal.evaluation import difference_lines  # noqa: PLC0415
    from retrieval.evaluation.significance import compare  # noqa: PLC0415

    first, second = runs
    found = compare(runs[first], runs[second])
    if not found:
        say("There is nothing to compare: none of the questions has gold.")
        exit_with(FAILED)
    return [differences_json(found, first, second)] if as_json else list(difference_lines(found, first, second))
