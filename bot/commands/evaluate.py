"""`citebot evaluate`: measure answers against known ones, or compare two saved runs."""

import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.commands.options import db_option, exit_with, json_option, say_no_articles, settings_with
from bot.commands.output import check_output, force_option, replaced_when_whole
from bot.commands.plotter import plotter
from bot.opening import open_articles
from bot.rendering import operator_messages
from bot.settings import Settings
from bot.terminal import FAILED, say
from retrieval import Engine, open_engine

if TYPE_CHECKING:
    from retrieval.evaluation import Collection, Gold, Outcome, Question, Quote

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_NEW_FILE = click.Path(dir_okay=False, path_type=Path)
_Runs = dict[str, Sequence["Outcome"]]


@click.command(short_help="Measure answers against known ones.")
@click.argument("questions", type=click.Path(exists=True, path_type=Path), metavar="FILE.jsonl|FOLDER")
@json_option("the figures as one JSON object")
@click.option(
    "--failures", type=_NEW_FILE, metavar="FILE.md",
    help="Write what was answered wrongly, beside what was wanted.",
)  # fmt: skip
@click.option(
    "--compare", nargs=2, type=_FILE, metavar="A B",
    help="Compare two saved runs, made by `citebot ask --from FILE.jsonl --json`, instead of asking.",
)  # fmt: skip
@click.option("--plot", type=_NEW_FILE, metavar="FILE.png", help="Plot ranks and calibration (needs matplotlib).")
@force_option
@db_option
def evaluate(
    questions: Path,
    *,
    as_json: bool,
    failures: Path | None,
    compare: tuple[Path, Path] | None,
    plot: Path | None,
    force: bool,
    db: Path | None,
) -> None:
    """Ask questions whose answers are known, and count how often the answers are right.

    A line of FILE.jsonl is {"id", "question", "answers": [{"file", "quote"}]}, with "article" for one article of a
    file of many, or {"id", "question", "gold": [{"article", "start", "end"}]}; no answers mean that the question must
    be refused. "language" and "kind" group the figures. FOLDER holds `files/` and `questions.jsonl`, or several such
    folders: each is loaded into a new store for the time of the questions, unless --db names one.

    Questions whose gold is not in the store are named and left out. Figures come with a 95 % confidence interval.

    Exit codes: 0 done, 1 no question is left.
    """
    if compare and failures:
        raise click.UsageError("--failures needs answers asked now. Leave out --compare.")
    draw = plotter("plot", plot) if plot else None
    for out in (failures, plot):
        check_output(out, force=force)
    runs = _run(questions, compare, db)
    outcomes = next(iter(runs.values()))
    if not outcomes:
        say("There is nothing to evaluate: no question is left.")
        exit_with(FAILED)
    for line in _differences(runs, as_json=as_json) if compare else _figures(outcomes, as_json=as_json):
        click.echo(line)
    if failures:
        _write_failures(outcomes, failures)
    if draw and plot:
        with replaced_when_whole(plot) as path:
            draw(runs, path)
        say(f"Wrote {plot}.")


def _run(questions: Path, compare: tuple[Path, Path] | None, db: Path | None) -> _Runs:
    """Ask the questions of a file or folder, or read what came of them in two saved runs."""
    from retrieval.evaluation import read_collections, read_questions  # noqa: PLC0415 - only here

    settings = settings_with(db)
    collections = read_collections(questions) if questions.is_dir() else []
    asked = [one for some in collections for one in some.questions] or list(read_questions(questions, unjudged=say))
    if compare:
        return _read_runs(asked, compare)
    if collections and not db:
        return {questions.name: [one for some in collections for one in _ask_collection(some, settings)]}
    return {questions.stem: _ask_all(asked, settings)}


def _read_runs(questions: "Sequence[Question]", files: tuple[Path, Path]) -> _Runs:
    from retrieval.evaluation import read_run  # noqa: PLC0415

    if files[0].resolve() == files[1].resolve():
        raise click.UsageError("--compare needs two different files.")
    return {str(path): read_run(path, questions) for path in files}


def _ask_all(questions: "Iterable[Question]", settings: Settings) -> "Sequence[Outcome]":
    with open_articles(settings) as engine:
        if engine.is_empty():
            say_no_articles()
            exit_with(FAILED)
        return _ask(engine, _usable(engine, questions))


def _usable(engine: Engine, questions: "Iterable[Question]", unread: Iterable[str] = ()) -> "Sequence[Question]":
    """Return the questions whose gold can be in the store, and tell the others; articles in `unread` could not be read."""
    lengths = dict.fromkeys(unread, sys.maxsize) | {article.id: article.characters for article in engine.articles()}
    usable = []
    for question in questions:
        wrong = [problem for one in question.gold if (problem := _problem(one, lengths))]
        for problem in wrong:
            say(f"{question.place} ({question.question}) is left out: {problem}")
        if not wrong:
            usable.append(question)
    return usable


def _problem(gold: "Gold | Quote", lengths: Mapping[str, int]) -> str | None:
    """Return why gold cannot be right in any answer; None if it can. `lengths` are characters by article id."""
    from retrieval.evaluation import Quote  # noqa: PLC0415

    if not any(map(gold.is_from, lengths)):
        return f"there is no article {gold.article!r} in the store."
    if isinstance(gold, Quote):
        return None
    whole = lengths[gold.article]
    if not 0 <= gold.start < gold.end <= whole:
        return f"{gold.start} to {gold.end} is no stretch of {gold.article!r}, which has {whole:,} characters."
    return None


def _ask_collection(collection: "Collection", settings: Settings) -> "Sequence[Outcome]":
    """Load the articles of a collection into a new store, and ask its questions there."""
    with tempfile.TemporaryDirectory() as folder, open_engine(Path(folder, "citebot.db"), settings.caution) as engine:
        loaded = engine.load(collection.files)
        failed = f", {operator_messages.count(len(loaded.failed), 'file')} could not be read" if loaded.failed else ""
        articles = operator_messages.count(len(loaded.added), "article")
        say(f"{collection.name}: {articles}{failed}, {operator_messages.count(len(collection.questions), 'question')}")
        return _ask(engine, _usable(engine, collection.questions, [failure.source for failure in loaded.failed]))


def _ask(engine: Engine, questions: "Iterable[Question]") -> "Sequence[Outcome]":
    """Ask questions, and look up what was wanted where the answer is wrong."""
    from retrieval.evaluation import ask_all  # noqa: PLC0415

    outcomes = ask_all(engine.ask, questions)
    return [replace(one, question=_with_texts(one.question, engine)) if one.wrong else one for one in outcomes]


def _with_texts(question: "Question", engine: Engine) -> "Question":
    from retrieval.evaluation import Gold  # noqa: PLC0415

    def looked_up(gold: Gold) -> Gold:
        article = engine.article(gold.article)
        return replace(gold, text=article.text[gold.start : gold.end] if article else "")

    return replace(question, gold=tuple(looked_up(one) if isinstance(one, Gold) else one for one in question.gold))


def _write_failures(outcomes: "Sequence[Outcome]", path: Path) -> None:
    from bot.rendering.failures import failures_markdown  # noqa: PLC0415

    with replaced_when_whole(path) as whole:
        whole.write_text(failures_markdown(outcomes), encoding="utf-8")
    say(f"Wrote {path}.")


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
    return [differences_json(found, first, second)] if as_json else list(difference_lines(found, first, second))
