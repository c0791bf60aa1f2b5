"""A store and sources in (`python -m bot.telegram.loading_child DB SOURCE ...`), lines of JSON out.

Runs as a process of its own, so that a load never slows an answer. Each line is `["progress", words]`, then the last is
`["done", words]` or `["failed", words]`, fit to be shown to an admin.
"""

import json
import sys
import time
from collections.abc import Callable

from bot.rendering import words
from retrieval.engine import open_engine
from retrieval.errors import RetrievalError, StoreBusy, StoreError
from retrieval.records import Progress

BETWEEN = 0.2  # seconds between two lines of progress, at least


def main(db: str, *sources: str) -> None:
    """Load the sources into the store and tell how it goes."""
    try:
        with open_engine(db) as engine:
            report = engine.load(sources, progress=_teller())
    except StoreBusy:
        _tell("failed", words.LOAD_BUSY)
    except StoreError as error:  # names a path of this machine
        print(error, file=sys.stderr, flush=True)  # noqa: T201 - the log of the bot
        _tell("failed", words.LOAD_FAILED)
    except RetrievalError as error:
        _tell("failed", str(error))
    else:
        _tell("done", "\n".join(words.load_report(report)))


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
    main(*sys.argv[1:])
