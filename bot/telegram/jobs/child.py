"""Do one job: JSON on standard input, lines of JSON on standard output (`python -m bot.telegram.jobs.child`).

Each line is `["progress", text]`, the last one `["done", text]`, `["failed", text]`, `["busy", text]` while another process
is loading, or an event that only this job has; the texts can be shown to admins.
"""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.gaps import find_gaps
from bot.overview import make_overview
from bot.rendering import admin_messages, digest_messages, load_messages, operator_messages
from bot.rendering.overview_messages import overview_lines
from bot.rendering.telegram.escaping import text_html
from bot.rendering.telegram.preview_html import preview_html
from bot.rendering.terminal.load_lines import report_lines
from bot.sources import SavedUpload, delete_uploaded_article, settle_upload, undo_upload
from bot.state import AnswerLog, StateError
from bot.telegram.jobs.offline import refuse_network
from retrieval import Engine, open_engine
from retrieval.disk import full_disk, is_full
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
        with open_engine(job["db"], job.get("caution", "normal"), job.get("sets", ()), job.get("engine", "")) as engine:
            event, text = _JOBS[job["job"]](engine, job)
    except StoreBusy:
        _write("busy", operator_messages.LOAD_BUSY)
    except StoreError as error:  # its text shows a path of this machine
        print(error, file=sys.stderr, flush=True)  # noqa: T201 - into the log of the bot
        _write("failed", _without_path(error, Path(job["db"])))
    except StateError as error:  # so does its
        print(error, file=sys.stderr, flush=True)  # noqa: T201 - into the log of the bot
        _write("failed", operator_messages.STATE_FAILED)
    except RetrievalError as error:
        _write("failed", str(error))
    except KeyboardInterrupt:  # what was written is kept, and the next load continues
        _write("failed", operator_messages.LOAD_CANCELLED)
    else:
        _write(event, text)


def _without_path(error: StoreError, db: Path) -> str:
    """Return what admins are told of an error: that the disk is full, or that the log says more."""
    cause = error.__cause__
    if isinstance(cause, Exception) and is_full(cause, db):
        return operator_messages.load_failed(full_disk(cause, db))
    return operator_messages.LOAD_FAILED


def _load(engine: Engine, job: Job) -> tuple[str, str]:
    """Load `specs`, and remove the articles that `prune` names, if they have vanished."""
    prune = job.get("prune") or False  # the same as of the preview, so that the load continues from there
    report = engine.load(job["specs"], prune=prune, allow_private=job["allow_private"], progress=_progress_writer())
    lines = load_messages.load_report(report)
    return "done", "\n".join([*lines, admin_messages.REMOVE_VANISHED] if report.vanished else lines)


def _preview(engine: Engine, job: Job) -> tuple[str, str]:
    """Return what loading `specs` would change as a JSON object, or that it would change nothing.

    `html` shows it, `changes` is whether there is something to load, `vanished` are the ids of what could be removed.
    """
    questions = _recent_questions(Path(job["state"]))
    preview = engine.preview(job["specs"], questions, allow_private=job["allow_private"], progress=_progress_writer())
    report = preview.report
    changes = bool(report.added or report.changed or report.removed)
    if not changes and not report.vanished:
        return "done", "\n".join(report_lines(report))
    html = preview_html(preview, len(questions)) if changes else text_html("\n".join(report_lines(report)))
    return "preview", json.dumps({"html": html, "changes": changes, "vanished": report.vanished})


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
    """Load `specs`; return what failed as a JSON list of names and reasons."""
    report = engine.load(job["specs"], allow_private=job["allow_private"])
    return "refreshed", json.dumps([(failed.name, failed.reason) for failed in report.failed])


def _take_in(engine: Engine, job: Job) -> tuple[str, str]:
    """Load the files `sent`, pairs of a name and a file, from the folder `uploads`; undo those that cannot be read."""
    uploads, sent = Path(job["uploads"]), [(name, SavedUpload(*saved)) for name, saved in job["sent"]]
    engine.add_source(uploads)
    only = [saved.source for _, saved in sent]
    report = engine.load([uploads], prune=True, progress=_progress_writer(), only=only)
    changed, failed = {*report.added, *report.changed}, {failure.source for failure in report.failed}
    same, kept = [], []
    for name, saved in sent:
        has_changed = not changed.isdisjoint(engine.articles_in(uploads, saved.source))
        if saved.source in failed and not has_changed:
            undo_upload(uploads, saved)
            kept += [name] if saved.replaced else []
        else:
            settle_upload(uploads, saved)
            same += [(name, saved.name)] if not (saved.is_new or has_changed) else []
    return "done", "\n".join(admin_messages.upload_report(report, same, kept))


def _add(engine: Engine, job: Job) -> tuple[str, str]:
    """Add the address `spec` to the sources and load it."""
    try:
        engine.add_source(job["spec"], allow_private=job["allow_private"])
    except SourceError as error:
        return "failed", operator_messages.source_refused(job["spec"], error)
    report = engine.load([job["spec"]], allow_private=job["allow_private"], progress=_progress_writer())
    lines = load_messages.load_report(report)
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


def _gaps(engine: Engine, job: Job) -> tuple[str, str]:
    """Return the gaps as a JSON list."""
    with AnswerLog(job["state"]) as log:
        return "gaps", json.dumps([asdict(gap) for gap in find_gaps(engine, log)])


def _digest(engine: Engine, job: Job) -> tuple[str, str]:
    """Return what was asked since a time (seconds since 1970), the gaps, and the sources that fail."""
    with AnswerLog(job["state"]) as log:
        asked, answered = log.asked_since(datetime.fromtimestamp(job["since"], UTC))
        return "done", digest_messages.digest(asked, answered, find_gaps(engine, log), engine.sources())


def _stats(engine: Engine, job: Job) -> tuple[str, str]:
    """Return the figures of the questions on record; each is kept for `keep_days` days."""
    return "done", "\n".join(overview_lines(make_overview(engine, Path(job["state"])), job["keep_days"]))


_JOBS: dict[str, Callable[[Engine, Job], tuple[str, str]]] = {
    "load": _load,
    "preview": _preview,
    "refresh": _refresh,
    "take in": _take_in,
    "add": _add,
    "remove source": _remove_source,
    "remove": _remove,
    "gaps": _gaps,
    "digest": _digest,
    "stats": _stats,
}


def _progress_writer() -> Callable[[Progress], None]:
    last = -_PROGRESS_INTERVAL

    def write(progress: Progress) -> None:
        nonlocal last
        if time.monotonic() - last >= _PROGRESS_INTERVAL:
            last = time.monotonic()
            _write("progress", load_messages.progress(progress))

    return write


def _write(event: str, text: str) -> None:
    print(json.dumps([event, text]), flush=True)  # noqa: T201 - to the parent process


if __name__ == "__main__":
    main()
