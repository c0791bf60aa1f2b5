"""A job in (`python -m bot.telegram.jobs.child`, JSON on standard input), lines of JSON out.

Runs as a process of its own, so that it never slows an answer. Each line is `["progress", words]`, then the last is
`["done", words]`, another of the job's own, or `["failed", words]`, fit to be shown to an admin.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.rendering import admin_messages, messages
from bot.rendering.telegram.preview import preview_html
from bot.rendering.terminal.load import report_lines
from bot.sources import discard, discard_article
from bot.state import AnswerLog, StateError
from bot.telegram.jobs.offline import refuse_network
from retrieval import Engine, open_engine
from retrieval.errors import RetrievalError, SourceError, StoreBusy, StoreError
from retrieval.records import Progress

BETWEEN = 0.2  # seconds between two lines of progress, at least
_QUESTIONS = 50  # of those asked last, that a preview asks again

Job = dict[str, Any]  # "job" is its name, "db" the store; the rest is the job's own


def main() -> None:
    """Do the job on standard input and tell how it goes."""
    job: Job = json.load(sys.stdin)
    if job.get("offline"):
        refuse_network()
    try:
        with open_engine(job["db"], job.get("caution", "normal")) as engine:
            event, text = _JOBS[job["job"]](engine, job)
    except StoreBusy:
        _tell("failed", messages.LOAD_BUSY)
    except StoreError as error:  # names a path of this machine
        print(error, file=sys.stderr, flush=True)  # noqa: T201 - the log of the bot
        _tell("failed", messages.LOAD_FAILED)
    except RetrievalError as error:
        _tell("failed", str(error))
    else:
        _tell(event, text)


def _load(engine: Engine, job: Job) -> tuple[str, str]:
    """Load `specs`."""
    report = engine.load(job["specs"], allow_private=job["allow_private"], progress=_teller())
    return "done", "\n".join(messages.load_report(report))


def _preview(engine: Engine, job: Job) -> tuple[str, str]:
    """Give what loading `specs` would change, as Telegram HTML, or as words that nothing would."""
    questions = _recent_questions(Path(job["state"]))
    preview = engine.preview(job["specs"], questions, allow_private=job["allow_private"], progress=_teller())
    if preview.report.added or preview.report.changed or preview.report.removed:
        return "preview", preview_html(preview, len(questions))
    return "done", "\n".join(report_lines(preview.report))


def _recent_questions(state: Path) -> list[str]:
    """Give the questions that were asked last; none where they cannot be read, which the log of the bot then says."""
    ledger = AnswerLog(state)
    try:
        return ledger.recent_questions(_QUESTIONS)
    except StateError as error:
        print(error, file=sys.stderr, flush=True)  # noqa: T201 - the log of the bot
        return []
    finally:
        ledger.close()


def _refresh(engine: Engine, job: Job) -> tuple[str, str]:
    """Load `specs`, and give what failed as a list in JSON."""
    report = engine.load(job["specs"], allow_private=job["allow_private"])
    return "refreshed", json.dumps([messages.failure(failed) for failed in report.failed])


def _take_in(engine: Engine, job: Job) -> tuple[str, str]:
    """Load the folder `uploads` with the file `kept`; if that `is_new`, it goes again when nothing can be read from it."""
    engine.add_source(job["uploads"])
    report = engine.load([job["uploads"]], progress=_teller())
    if job["is_new"] and report.failed and not (report.added or report.changed):
        discard(Path(job["uploads"]), job["kept"])
        return "failed", "\n".join([admin_messages.NOT_ADDED, *map(messages.failure, report.failed)])
    return "done", "\n".join(messages.load_report(report))


def _add(engine: Engine, job: Job) -> tuple[str, str]:
    """Add the address `spec` to the sources, and load it."""
    try:
        engine.add_source(job["spec"], allow_private=job["allow_private"])
    except SourceError as error:
        return "failed", messages.source_refused(job["spec"], error)
    report = engine.load([job["spec"]], allow_private=job["allow_private"], progress=_teller())
    told = messages.load_report(report)
    return "done", "\n".join([*told, admin_messages.SOURCE_STAYS] if report.failed else told)


def _remove_source(engine: Engine, job: Job) -> tuple[str, str]:
    """Take `spec` out of the sources."""
    if engine.remove_source(job["spec"]):
        return "done", admin_messages.SOURCE_REMOVED
    return "failed", admin_messages.SOURCE_GONE


def _remove(engine: Engine, job: Job) -> tuple[str, str]:
    """Remove the article `id`, and the file that it was uploaded in."""
    if not engine.remove(job["id"]):
        return "failed", admin_messages.ARTICLE_GONE
    if discard_article(Path(job["uploads"]), job["id"]):
        return "done", admin_messages.DELETED
    return "done", admin_messages.DELETED_HERE


_JOBS: dict[str, Callable[[Engine, Job], tuple[str, str]]] = {
    "load": _load,
    "preview": _preview,
    "refresh": _refresh,
    "take in": _take_in,
    "add": _add,
    "remove source": _remove_source,
    "remove": _remove,
}


def _teller() -> Callable[[Progress], None]:
    """Give what tells progress, but not of every article: reading that would keep the bot from answering."""
    told = -BETWEEN

    def tell(progress: Progress) -> None:
        nonlocal told
        if time.monotonic() - told >= BETWEEN:
            told = time.monotonic()
            _tell("progress", messages.progress(progress))

    return tell


def _tell(event: str, text: str) -> None:
    print(json.dumps([event, text]), flush=True)  # noqa: T201 - the pipe to the parent


if __name__ == "__main__":
    main()
