"""A job in (`python -m bot.telegram.loading_child`, JSON on standard input), lines of JSON out.

Runs as a process of its own, so that it never slows an answer. Each line is `["progress", words]`, then the last is
`["done", words]`, another of the job's own, or `["failed", words]`, fit to be shown to an admin.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.rendering import admin_words, words
from bot.telegram.uploads_folder import discard, discard_article
from retrieval.engine import Engine, open_engine
from retrieval.errors import RetrievalError, StoreBusy, StoreError
from retrieval.records import Progress

BETWEEN = 0.2  # seconds between two lines of progress, at least

Job = dict[str, Any]  # "job" is its name, "db" the store; the rest is the job's own


def main() -> None:
    """Do the job on standard input and tell how it goes."""
    job: Job = json.load(sys.stdin)
    try:
        with open_engine(job["db"]) as engine:
            event, text = _JOBS[job["job"]](engine, job)
    except StoreBusy:
        _tell("failed", words.LOAD_BUSY)
    except StoreError as error:  # names a path of this machine
        print(error, file=sys.stderr, flush=True)  # noqa: T201 - the log of the bot
        _tell("failed", words.LOAD_FAILED)
    except RetrievalError as error:
        _tell("failed", str(error))
    else:
        _tell(event, text)


def _load(engine: Engine, job: Job) -> tuple[str, str]:
    """Load `specs`."""
    report = engine.load(job["specs"], allow_private=job["allow_private"], progress=_teller())
    return "done", "\n".join(words.load_report(report))


def _refresh(engine: Engine, job: Job) -> tuple[str, str]:
    """Load `specs`, and give what failed as a list in JSON."""
    report = engine.load(job["specs"], allow_private=job["allow_private"])
    return "refreshed", json.dumps([words.failure(failed) for failed in report.failed])


def _take_in(engine: Engine, job: Job) -> tuple[str, str]:
    """Load the folder `uploads` with the file `kept`; if that `is_new`, it goes again when nothing can be read from it."""
    report = engine.load([job["uploads"]], progress=_teller())
    if job["is_new"] and report.failed and not (report.added or report.changed):
        discard(Path(job["uploads"]), job["kept"])
        return "failed", "\n".join([admin_words.NOT_ADDED, *map(words.failure, report.failed)])
    return "done", "\n".join(words.load_report(report))


def _remove(engine: Engine, job: Job) -> tuple[str, str]:
    """Remove the article `id`, and the file that it was uploaded in."""
    if not engine.remove(job["id"]):
        return "failed", admin_words.ARTICLE_GONE
    if discard_article(Path(job["uploads"]), job["id"]):
        return "done", admin_words.DELETED
    return "done", admin_words.DELETED_HERE


_JOBS: dict[str, Callable[[Engine, Job], tuple[str, str]]] = {
    "load": _load,
    "refresh": _refresh,
    "take in": _take_in,
    "remove": _remove,
}


def _teller() -> Callable[[Progress], None]:
    """Give what tells progress, but not of every article: reading that would keep the bot from answering."""
    told = -BETWEEN

    def tell(progress: Progress) -> None:
        nonlocal told
        if time.monotonic() - told >= BETWEEN:
            told = time.monotonic()
            _tell("progress", words.progress(progress))

    return tell


def _tell(event: str, text: str) -> None:
    print(json.dumps([event, text]), flush=True)  # noqa: T201 - the pipe to the parent


if __name__ == "__main__":
    main()
