"""Do one job: JSON on standard input, lines of JSON on standard output (`python -m bot.telegram.jobs.child`).

Each line is `["progress", text]`, the last one `["done", text]`, `["failed", text]` or an event that only this job has; the
texts can be shown to admins.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.rendering import admin_messages, messages
from bot.rendering.telegram.preview_html import preview_html
from bot.rendering.terminal.load_lines import report_lines
from bot.sources import delete_upload, delete_uploaded_article
from bot.state import AnswerLog, StateError
from bot.telegram.jobs.offline import refuse_network
from retrieval import Engine, open_engine
from retrieval.errors import RetrievalError, SourceError, StoreBusy, StoreError
from retrieval.records import Progress

_PROGRESS_INTERVAL = 0.2  # seconds, at least: reading a line for each article would keep the bot from answering
_QUESTIONS = 50  # the most recent ones, which a preview asks again

Job = dict[str, Any]  # see runner.py


def main() -> None:
    """Do the job on standard input; write its progress and its result."""
    job: Job = json.load(sys.stdin)
    if job.get("offline"):
        refuse_network()
    try:
        with open_engine(job["db"], job.get("caution", "normal")) as engine:
            event, text = _JOBS[job["job"]](engine, job)
    except StoreBusy:
        _write("failed", messages.LOAD_BUSY)
    except StoreError as error:  # its text shows a path of this machine
        print(error, file=sys.stderr, flush=True)  # noqa: T201 - into the log of the bot
        _write("failed", messages.LOAD_FAILED)
    except RetrievalError as error:
        _write("failed", str(error))
    else:
        _write(event, text)


def _load(engine: Engine, job: Job) -> tuple[str, str]:
    """Load `specs`."""
    report = engine.load(job["specs"], allow_private=job["allow_private"], progress=_progress_writer())
    return "done", "\n".join(messages.load_report(report))


def _preview(engine: Engine, job: Job) -> tuple[str, str]:
    """Return what loading `specs` would change, as Telegram HTML, or that it would change nothing."""
    questions = _recent_questions(Path(job["state"]))
    preview = engine.preview(job["specs"], questions, allow_private=job["allow_private"], progress=_progress_writer())
    if preview.report.added or preview.report.changed or preview.report.removed:
        return "preview", preview_html(preview, len(questions))
    return "done", "\n".join(report_lines(preview.report))


def _recent_questions(state: Path) -> list[str]:
    """Return the most recent questions; log it and return none if they cannot be read."""
    answers = AnswerLog(state)
    try:
        return answers.recent_questions(_QUESTIONS)
    except StateError as error:
        print(error, file=sys.stderr, flush=True)  # noqa: T201 - into the log of the bot
        return []
    finally:
        answers.close()


def _refresh(engine: Engine, job: Job) -> tuple[str, str]:
    """Load `specs`; return what failed as a JSON list."""
    report = engine.load(job["specs"], allow_private=job["allow_private"])
    return "refreshed", json.dumps([messages.failure(failed) for failed in report.failed])


def _take_in(engine: Engine, job: Job) -> tuple[str, str]:
    """Load the folder `uploads` with the file `kept`; delete a new file if it cannot be read."""
    engine.add_source(job["uploads"])
    report = engine.load([job["uploads"]], progress=_progress_writer())
    if job["is_new"] and report.failed and not (report.added or report.changed):
        delete_upload(Path(job["uploads"]), job["kept"])
        return "failed", "\n".join([admin_messages.NOTHING_ADDED_BECAUSE, *map(messages.failure, report.failed)])
    return "done", "\n".join(messages.load_report(report))


def _add(engine: Engine, job: Job) -> tuple[str, str]:
    """Add the address `spec` to the sources and load it."""
    try:
        engine.add_source(job["spec"], allow_private=job["allow_private"])
    except SourceError as error:
        return "failed", messages.source_refused(job["spec"], error)
    report = engine.load([job["spec"]], allow_private=job["allow_private"], progress=_progress_writer())
    lines = messages.load_report(report)
    return "done", "\n".join([*lines, admin_messages.SOURCE_KEPT] if report.failed else lines)


def _remove_source(engine: Engine, job: Job) -> tuple[str, str]:
    """Remove `spec` from the sources."""
    if engine.remove_source(job["spec"]):
        return "done", admin_messages.SOURCE_REMOVED
    return "failed", admin_messages.SOURCE_GONE


def _remove(engine: Engine, job: Job) -> tuple[str, str]:
    """Remove the article `id` and, if it was uploaded, its file."""
    if not engine.remove(job["id"]):
        return "failed", admin_messages.ARTICLE_GONE
    if delete_uploaded_article(Path(job["uploads"]), job["id"]):
        return "done", admin_messages.DELETED_WITH_FILE
    return "done", admin_messages.DELETED_FROM_STORE


_JOBS: dict[str, Callable[[Engine, Job], tuple[str, str]]] = {
    "load": _load,
    "preview": _preview,
    "refresh": _refresh,
    "take in": _take_in,
    "add": _add,
    "remove source": _remove_source,
    "remove": _remove,
}


def _progress_writer() -> Callable[[Progress], None]:
    last = -_PROGRESS_INTERVAL

    def write(progress: Progress) -> None:
        nonlocal last
        if time.monotonic() - last >= _PROGRESS_INTERVAL:
            last = time.monotonic()
            _write("progress", messages.progress(progress))

    return write


def _write(event: str, text: str) -> None:
    print(json.dumps([event, text]), flush=True)  # noqa: T201 - to the parent process


if __name__ == "__main__":
    main()
