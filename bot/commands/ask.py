"""`citebot ask`: from one question, or from many, to answers on standard output."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

import click

from bot.commands.options import ABSTAINED, FAILED, db_option, json_option, leave, say, settings_with
from bot.rendering.as_json import answer_line, explained_line
from bot.rendering.terminal.answer import answer_lines, remark_lines, snippet_lines
from bot.sources import ensure_filled
from bot.terminal import look
from retrieval import Engine, open_engine, without_repeated_leads
from retrieval.records import Answer, Snippet

_Show = Callable[["Asked", int | None], bool]  # with the number of hits asked for; says whether it was answered
_TOP = 10
_MOST = 1000


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it came in, with the id that its answer bears."""

    question: str
    id: object = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line that holds no question."""

    reason: str


@click.command(short_help="Answer a question.")
@click.argument("question", nargs=-1)
@click.option(
    "--from",
    "file",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=str),
    metavar="FILE.jsonl",
    help='Answer many questions, one {"id", "question"} a line; - reads standard input.',
)
@json_option("the answer as one line of JSON")
@click.option(
    "--top", type=click.IntRange(1, _MOST), metavar="N", help=f"Show N hits (with --json {_TOP} unless told)."
)
@click.option("--explain", is_flag=True, help="Say what each word gave to the first hits, or why there is no answer.")
@db_option
def ask(  # noqa: PLR0917 - click gives its options by name
    question: tuple[str, ...], file: str | None, as_json: bool, top: int | None, explain: bool, db: Path | None
) -> None:
    """Answer QUESTION with the sentences of the articles that answer it, each with its source.

    `citebot ask -` reads questions from standard input, one a line.

    Exit code: 0 answered, 3 the articles do not answer.
    """
    asked = _questions(question, file)
    settings = settings_with(db)
    with open_engine(settings.db, settings.caution) as engine:
        ensure_filled(engine, settings, say)
        heading = file is not None or question == ("-",)
        show = _shown(engine, as_json=as_json, explain=explain, heading=heading)
        codes = [_reply(one, top, show) for one in asked]
    leave(_exit_code(codes, many=file is not None))


def _questions(question: tuple[str, ...], file: str | None) -> Iterable[Asked | Unreadable]:
    if bool(question) == (file is not None):
        raise click.UsageError(
            'Ask one question, as in: citebot ask "Who wrote the report?" - or give --from FILE.jsonl.'
        )
    if file is not None:
        return _from_jsonl(file)
    return _from_lines() if question == ("-",) else [Asked(" ".join(question))]


def _from_lines() -> Iterator[Asked]:
    if sys.stdin.isatty():
        say("One question a line; Ctrl-D ends.")
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
    """Read a number; raises ValueError for one such as 1e999, which could not be given back as JSON."""
    if not isfinite(value := float(number)):
        raise ValueError(f"{number} is too large")
    return value


def _reply(asked: Asked | Unreadable, top: int | None, show: _Show) -> int:
    """Answer one question at once, so that who feeds a pipe can read the answer before asking on."""
    if isinstance(asked, Unreadable):
        say(asked.reason)
        return FAILED
    return 0 if show(asked, top) else ABSTAINED


def _shown(engine: Engine, *, as_json: bool, explain: bool, heading: bool) -> _Show:
    """Choose how a question is answered and shown."""

    def show(asked: Asked, top: int | None) -> bool:
        k = top or _TOP
        explanation = engine.explain(asked.question, k) if explain else None
        answer = explanation.answer if explanation else engine.ask(asked.question, k)
        if as_json:
            click.echo(explained_line(explanation, asked.id) if explanation else answer_line(answer, asked.id))
            return answer.answered
        if heading:
            click.echo(f"# {' '.join(asked.question.split())}")
        _tell(engine, answer, top)
        if explanation:
            from bot.rendering.terminal.explanation import explanation_lines  # noqa: PLC0415 - only for who asks why

            for line in explanation_lines(explanation, look()):
                click.echo(line)
        return answer.answered

    return show


def _tell(engine: Engine, answer: Answer, top: int | None) -> None:
    if not answer.answered:
        for line in answer_lines(answer, look(), store_is_empty=not answer.hits and engine.is_empty()):
            say(line)
        return
    for line in remark_lines(answer, look()):
        say(line)
    for line in snippet_lines(_top_snippets(answer, top), look()):
        click.echo(line)


def _top_snippets(answer: Answer, top: int | None) -> list[Snippet]:
    """Give what an answer shows to people or, when a number was asked for, so many of the best hits."""
    shown = list(answer.snippets)
    if top is None:
        return shown
    seen = {hit.rank for snippet in shown for hit in (snippet.hit, *snippet.twins)}
    more = (Snippet(hit, matched=()) for hit in answer.hits if hit.rank not in seen)
    return list(without_repeated_leads([*shown, *more][:top]))


def _exit_code(codes: list[int], *, many: bool) -> int:
    if FAILED in codes:
        return FAILED
    return ABSTAINED if codes and not many and 0 not in codes else 0
