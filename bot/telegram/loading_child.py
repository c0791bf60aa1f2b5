"""A store and sources in (`python -m bot.telegram.loading_child DB SOURCE ...`), lines of JSON out.

Runs as a process of its own, so that a load never slows an answer. Each line is `["progress", words]`, then the last is
`["done", words]` or `["failed", words]`, fit to be shown to an admin.
"""

import json
import sys

from bot.rendering import words
from retrieval.engine import open_engine
from retrieval.errors import RetrievalError, StoreBusy
from retrieval.records import Progress


def main(db: str, *sources: str) -> None:
    """Load the sources into the store and tell how it goes."""
    try:
        with open_engine(db) as engine:
            report = engine.load(sources, progress=_tell_progress)
    except StoreBusy:
        _tell("failed", words.LOAD_BUSY)
    except RetrievalError as error:
        _tell("failed", str(error))
    else:
        _tell("done", "\n".join(words.load_report(report)))


def _tell_progress(progress: Progress) -> None:
    _tell("progress", words.progress(progress))


def _tell(event: str, text: str) -> None:
    print(json.dumps([event, text]), flush=True)  # noqa: T201 - the pipe to the parent


if __name__ == "__main__":
    main(*sys.argv[1:])
