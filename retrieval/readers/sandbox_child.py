"""The sandbox's child process: requests to read a file come in as JSON, its articles go out as JSON.

Events: `["start", null, 0]` once the reader is imported, then `["step", fields, seconds]`, `["article", fields, seconds]`
and `["failure", fields, seconds]`, then `["end", worn_out, seconds]`, with the processor time that the file has taken.
A file that takes too long ends this process by SIGPROF, even in the middle of a C library. It also ends with its
parent, since that closes the pipe.
"""

import contextlib
import importlib
import json
import math
import resource
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from retrieval.errors import RetrievalError
from retrieval.readers.limits import SECONDS_PER_MB, Step
from retrieval.records import Article, Failure

MEMORY = 300_000_000  # bytes of data, including what the libraries take
ARTICLE_BYTES = 10_000_000
ARTICLES = 10_000  # in one file
FILE_BYTES = 500_000_000  # of all articles in one file
WORN_OUT = 180_000_000  # bytes of data still in use after a file, with which another child should read the next one

Item = Article | Failure | Step
Reader = Callable[[Path, str, str | None], Iterator[Item]]  # path, source id, URL if it has one
EVENTS = {Article: "article", Failure: "failure", Step: "step"}

STATM = Path("/proc/self/statm")
TOO_MUCH_MEMORY = "Reading it needs over 300 MB of memory. Split it, or save its text as .txt and load that."
ARTICLE_TOO_LARGE = "Its text is over 10 MB. Split it into several articles."
TOO_MANY_ARTICLES = f"It contains more than {ARTICLES:,} articles; the rest were left out. Split the file."
TOO_MUCH_TEXT = f"It contains more than {FILE_BYTES // 1_000_000} MB of text; the rest was left out. Split the file."
DAMAGED = "It cannot be read ({}): it is damaged, or not what its name says. Save it again."


def main(pipe: int) -> None:
    """Read files for the process at the other end of a pipe, given by its file descriptor, until that closes it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then ends this process
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with Connection(pipe) as parent, contextlib.suppress(EOFError, ConnectionError):
        while True:
            for event in _events(**json.loads(parent.recv_bytes())):
                parent.send_bytes(json.dumps(event, ensure_ascii=False).encode("utf-8", "surrogatepass"))


def _events(
    *,
    module: str,
    path: str,
    id: str,  # noqa: A002 - a key of the request, as all of these
    url: str | None,
    name: str,
    seconds: float,
    budget: float | None,
) -> Iterator[tuple[str, Any, float]]:
    """Read one file; `seconds` are those of a step, and `budget` those that an archive has left for it."""
    reading = importlib.import_module(module)
    reader: Reader = getattr(reading, f"read_{module.rpartition('.')[2]}")
    megabytes = Path(path).stat().st_size / 1_000_000
    seconds += getattr(reading, "SECONDS_PER_MB", 0.0) * megabytes
    timer = _Timer(seconds, min(seconds + SECONDS_PER_MB * megabytes, math.inf if budget is None else budget))
    _limit_memory()
    yield "start", None, 0.0
    for item in _within_size(_within_time(reader(Path(path), id, url), name, timer), name):
        yield EVENTS[type(item)], asdict(item), timer.used
    yield "end", _memory_in_use() > WORN_OUT, timer.used


class _Timer:
    """Ends this process when a step of a file, or all of them, take too long; it stands still between the steps."""

    def __init__(self, step: float, total: float) -> None:
        self._step = step
        self._total = total
        self.used = 0.0  # seconds of processor time

    def __enter__(self) -> None:
        self._start = time.process_time()
        signal.setitimer(signal.ITIMER_PROF, min(self._step, max(self._total - self.used, 0.001)))

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)
        self.used += time.process_time() - self._start


def _within_time(items: Iterator[Item], name: str, timer: _Timer) -> Iterator[Item]:
    """Pass on what a reader finds, each step in its time; any error becomes a Failure called `name`."""
    try:
        while True:
            with timer:
                item = next(items, None)
            if item is None:
                return
            yield item
    except MemoryError:
        yield Failure(name, TOO_MUCH_MEMORY)
    except RetrievalError as error:
        yield Failure(name, str(error))
    except OSError as error:
        yield Failure(name, f"It cannot be read ({error.strerror or 'input error'}).")
    except Exception as error:  # noqa: BLE001 - parsers raise anything at all over damaged files
        yield Failure(name, DAMAGED.format(type(error).__name__))


def _within_size(items: Iterator[Item], name: str) -> Iterator[Item]:
    """Pass on as much as one file may contain, then a Failure in place of the rest."""
    total = number = 0
    for item in items:
        if isinstance(item, Step):
            yield item
            continue
        number += 1
        if number > ARTICLES:
            yield Failure(name, TOO_MANY_ARTICLES)
            return
        content, item_name = (item.text, item.id) if isinstance(item, Article) else (item.reason, name)
        size = len(content.encode("utf-8", "surrogatepass"))
        total += size
        if total > FILE_BYTES:
            yield Failure(name, TOO_MUCH_TEXT)
            return
        yield Failure(item_name, ARTICLE_TOO_LARGE) if size > ARTICLE_BYTES else item


def _limit_memory() -> None:
    """Limit the memory of this process; after the imports, since what they need is no file's fault."""
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    soft = MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def _memory_in_use() -> int:
    """Return this process's bytes of data, counted as RLIMIT_DATA counts them; 0 if the system does not say."""
    try:
        return int(STATM.read_text().split()[5]) * resource.getpagesize()
    except OSError:
        return 0
