"""`citebot ask`: from one question, or from many, to answers on standard output."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from bot.commands.opening import ABSTAINED, FAILED, db_option, json_option, leave, say, settings_with
from bot.filling import ensure_filled
from bot.rendering.as_json import answer_line
from bot.rendering.terminal import answer_lines, snippet_lines
from bot.screen import look
from retrieval.engine import Engine, open_engine
from retrieval.records import Answer, Snippet

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
@db_option
def ask(question: tuple[str, ...], file: str | None, as_json: bool, top: int | None, db: Path | None) -> None:
    """Answer QUESTION with the sentences of the articles that answer it, each with its source.

    `citebot ask -` reads questions from standard input, one a line.

    Exit code: 0 answered, 3 the articles do not answer.
    """
    asked = _questions(question, file)
    settings = settings_with(db)
    with open_engine(settings.db) as engine:
        ensure_filled(engine, settings, say)
        show = _as_json if as_json else _as_text(engine, heading=file is not None or question == ("-",))
        codes = [_reply(engine, one, top, show) for one in asked]
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
        found = json.loads(line)
    except ValueError:
        return Unreadable(f"{name}: this line is not JSON.")
    if not isinstance(found, dict) or not isinstance(found.get("question"), str):
        return Unreadable(f'{name}: this line is not a JSON object with a "question".')
    return Asked(found["question"], found.get("id"))


def _reply(engine: Engine, asked: Asked | Unreadable, top: int | None, show: Callable[..., None]) -> int:
    """Answer one question at once, so that who feeds a pipe can read the answer before asking on."""
    if isinstance(asked, Unreadable):
        say(asked.reason)
        return FAILED
    answer = engine.ask(asked.question, k=top or _TOP)
    show(asked, answer, top)
    return 0 if answer.answered else ABSTAINED


def _as_json(asked: Asked, answer: Answer, _: int | None) -> None:
    click.echo(answer_line(answer, asked.id))


def _as_text(engine: Engine, *, heading: bool) -> Callable[[Asked, Answer, int | None], None]:
    def show(asked: Asked, answer: Answer, top: int | None) -> None:
        if heading:
            click.echo(f"# {' '.join(asked.question.split())}")
        if not answer.answered:
            for line in answer_lines(answer, look(), store_is_empty=not answer.hits and not engine.articles()):
                say(line)
            return
        for line in snippet_lines(_top_snippets(answer, top), look()):
            click.echo(line)

    return show


def _top_snippets(answer: Answer, top: int | None) -> list[Snippet]:
    """Give what an answer shows to people or, when a number was asked for, so many of the best hits."""
    shown = list(answer.snippets)
    if top is None:
        return shown
    seen = {hit for snippet in shown for hit in (snippet.hit, *snippet.twins)}
    return [*shown, *(Snippet(hit, matched=()) for hit in answer.hits if hit not in seen)][:top]


def _exit_code(codes: list[int], *, many: bool) -> int:
    if FAILED in codes:
        return FAILED
    return ABSTAINED if codes and not many and 0 not in codes else 0
