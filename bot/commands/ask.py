"""`citebot ask`: answer one question, or many, on standard output."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

import click

from bot.commands.options import db_option, exit_with, json_option, open_filled, settings_with
from bot.rendering.as_json import answer_json, explained_json
from bot.rendering.terminal.answer_lines import answer_lines, notice_lines, perhaps_lines, snippet_lines
from bot.terminal import ABSTAINED, FAILED, current_layout, say
from retrieval import Engine, QuestionTooSlow, without_repeated_leads, without_shown_trails
from retrieval.records import Answer, Snippet

_JSON_HITS = 10  # unless --top says otherwise
_MOST_HITS = 1000


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the id that its answer gets."""

    question: str
    id: object = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line without a question."""

    reason: str


@click.command(short_help="Answer a question.")
@click.argument("question", nargs=-1)
@click.option(
    "--from",
    "file",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=str),
    metavar="FILE.jsonl",
    help='Answer the questions in FILE.jsonl, one {"id", "question"} per line; - is standard input.',
)
@json_option("the answer as one line of JSON")
@click.option(
    "--top",
    type=click.IntRange(1, _MOST_HITS),
    metavar="N",
    help=f"Show the best N hits (default with --json: {_JSON_HITS}).",
)
@click.option(
    "--explain", is_flag=True, help="Show what each word contributed to the first hits, or why there is no answer."
)
@db_option
def ask(  # noqa: PLR0917 - click passes options by name
    question: tuple[str, ...], file: str | None, as_json: bool, top: int | None, explain: bool, db: Path | None
) -> None:
    """Answer QUESTION with the sentences that answer it, quoted with their source.

    `citebot ask -` reads questions from standard input, one per line.

    Exit codes: 0 answered, 3 the articles do not answer.
    """
    asked = _questions(question, file)
    with open_filled(settings_with(db)) as engine:
        heading = file is not None or question == ("-",)
        show = _shown(engine, top, as_json=as_json, explain=explain, heading=heading)
        codes = [_reply(one, show, click.echo if heading and not as_json else say) for one in asked]
    exit_with(_exit_code(codes, many=file is not None))


def _questions(question: tuple[str, ...], file: str | None) -> Iterable[Asked | Unreadable]:
    if bool(question) == (file is not None):
        raise click.UsageError(
            'Ask one question, such as: citebot ask "Who wrote the report?" Or use --from FILE.jsonl.'
        )
    if file is not None:
        return _from_jsonl(file)
    return _from_stdin() if question == ("-",) else [Asked(" ".join(question))]


def _from_stdin() -> Iterator[Asked]:
    if sys.stdin.isatty():
        say("Type one question per line. Press Ctrl-D to finish.")
    yield from (Asked(line.strip()) for line in sys.stdin if line.strip())


def _from_jsonl(name: str) -> Iterator[Asked | Unreadable]:
    with click.open_file(name, encoding="utf-8-sig", errors="replace") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield _parse(line, f"{name}:{number}")


def _parse(line: str, name: str) -> Asked | Unreadable:
    try:
        found = json.loads(line, parse_constant=_refuse, parse_float=_finite)
    except (ValueError, RecursionError):
        return Unreadable(f"{name}: this line is not JSON.")
    if not isinstance(found, dict) or not isinstance(found.get("question"), str):
        return Unreadable(f'{name}: this line is not a JSON object with a "question".')
    return Asked(found["question"], found.get("id"))


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is not JSON")


def _finite(number: str) -> float:
    """Parse a number; raise ValueError for one such as 1e999, which JSON cannot express."""
    if not isfinite(value := float(number)):
        raise ValueError(f"{number} is too large")
    return value


def _reply(asked: Asked | Unreadable, show: Callable[[Asked], bool], tell: Callable[[str], None]) -> int:
    """Answer one question right away, so that a program at the other end of the pipe can read it first."""
    if isinstance(asked, Unreadable):
        say(asked.reason)
        return FAILED
    try:
        return 0 if show(asked) else ABSTAINED
    except QuestionTooSlow as error:  # the next one may not be
        tell(str(error))
        return FAILED


def _shown(engine: Engine, top: int | None, *, as_json: bool, explain: bool, heading: bool) -> Callable[[Asked], bool]:
    """Return a function that answers a question, prints the answer, and returns whether there is one."""
    k = top or _JSON_HITS

    def show(asked: Asked) -> bool:
        if heading and not as_json:
            click.echo(f"# {' '.join(asked.question.split())}")
        explanation = engine.explain(asked.question, k) if explain else None
        answer = explanation.answer if explanation else engine.ask(asked.question, k)
        if as_json:
            empty = not answer.hits and engine.is_empty()
            make: Callable[..., str] = explained_json if explanation else answer_json
            click.echo(make(explanation or answer, asked.id, store_is_empty=empty))
            return answer.answered
        _print_answer(engine, answer, top, click.echo if heading else say)
        if explanation:
            from bot.rendering.terminal.explanation_lines import explanation_lines  # noqa: PLC0415 - only for --explain

            for line in explanation_lines(explanation, current_layout()):
                click.echo(line)
        return answer.answered

    return show


def _print_answer(engine: Engine, answer: Answer, top: int | None, tell: Callable[[str], None]) -> None:
    """Print an answer; `tell` says why there is none: of many, each under its own question."""
    layout = current_layout()
    if not answer.answered:
        for line in answer_lines(answer, layout, store_is_empty=not answer.hits and engine.is_empty()):
            tell(line)
        return
    for line in notice_lines(answer, layout):
        tell(line)
    for line in perhaps_lines(answer):
        click.echo(line)
    for line in snippet_lines(_top_snippets(answer, top), layout):
        click.echo(line)


def _top_snippets(answer: Answer, top: int | None) -> list[Snippet]:
    """Return the snippets that people see or, if a number was asked for, that many of the best hits."""
    shown = list(answer.snippets)
    if top is None:
        return shown
    seen = {hit.rank for snippet in shown for hit in (snippet.hit, *snippet.twins)}
    unseen = (hit for hit in answer.hits if hit.rank not in seen)
    more = [Snippet(hit, matched=()) for hit in without_shown_trails(unseen, [snippet.hit for snippet in shown])]
    return list(without_repeated_leads([*shown, *more][:top]))


def _exit_code(codes: list[int], *, many: bool) -> int:
    if FAILED in codes:
        return FAILED
    return ABSTAINED if codes and not many and 0 not in codes else 0
