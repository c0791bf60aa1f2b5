"""Requests to read a file come in as lines of JSON; its articles go out as lines of JSON, within the limits.

Lines out: `["start", null]` once the imports are done, then `["article", fields]` and `["failure", fields]`, then
`["end", tired]`. A file that takes too long ends this process by SIGPROF, wherever it is; it also ends when the process
that asked does, since its standard input closes then.
"""

import contextlib
import importlib
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from retrieval.errors import RetrievalError
from retrieval.records import Article, Failure

ARTICLE_SECONDS = 4.0  # until the first article of a file, and from one to the next
MORE_SECONDS = 0.2  # for all of a file, beside those 4 s: so much for each article that it has given
LONGEST_SILENCE = 60.0  # seconds by the clock, for a reader that does not even compute
LONGEST_START = 120.0  # seconds by the clock until a child has imported what it needs
MEMORY = 300_000_000  # bytes of data, what the libraries take included
ARTICLE_BYTES = 10_000_000
ARTICLES = 10_000  # of one file
FILE_BYTES = 500_000_000  # of all articles of one file
LONGEST_LINE = 3 * ARTICLE_BYTES  # bytes of a line between the two; JSON doubles quotation marks and line breaks

MOST_FILES = 500  # after which a child is ended: libraries keep what they have seen
TIRED = 180_000_000  # bytes of data still in use after a file, with which a child leaves the next one to another


Reader = Callable[[Path, str, str | None], Iterator[Article | Failure]]  # path, id of the source, address if it has one

STATM = Path("/proc/self/statm")
ELSE = "split it, or save its text as .txt or .md and load that."
TOO_BIG = f"It needs more than 300 MB to be read: {ELSE}"
TOO_LONG = "Its text is over 10 MB: split it into several articles."
TOO_MANY = f"It holds more than {ARTICLES:,} articles; the others are left out: split the file."
TOO_MUCH = f"It holds more than {FILE_BYTES // 1_000_000} MB of text; what follows is left out: split the file."
DAMAGED = "It cannot be read: it is damaged, or not what its name says ({}). Save it again."


def main() -> None:
    """Read files until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who asked, and ends this by doing so
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    requests, out = sys.stdin.buffer, _claim_output()
    for line in requests:
        with contextlib.suppress(BrokenPipeError):
            for event in _answer(**json.loads(line)):
                out.write(json.dumps(event, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n")
                out.flush()


def _limit_memory() -> None:
    """Limit the memory of this process; after the imports, whose need is no file's fault."""
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    soft = MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def _memory_in_use() -> int:
    """Give the bytes of data that this process has, as RLIMIT_DATA counts them; 0 where the system does not tell."""
    try:
        return int(STATM.read_text().split()[5]) * resource.getpagesize()
    except OSError:
        return 0


def _claim_output() -> BinaryIO:
    """Take standard output for the lines alone: what a library prints must not come between them."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return out


def _answer(module: str, path: str, id: str, url: str | None, name: str) -> Iterator[tuple[str, Any]]:  # noqa: A002
    """Read one file, the arguments being the keys of a request."""
    reader: Reader = getattr(importlib.import_module(module), f"read_{module.rpartition('.')[2]}")
    _limit_memory()
    yield "start", None
    for item in _counted(_read(reader, Path(path), id, url, name), name):
        _stop_clock()  # for as long as it takes the others to take this
        yield ("article" if isinstance(item, Article) else "failure"), asdict(item)
    _stop_clock()
    yield "end", _memory_in_use() > TIRED


def _read(reader: Reader, path: Path, source_id: str, url: str | None, name: str) -> Iterator[Article | Failure]:
    """Read a file, each article in its time; whatever goes wrong is a Failure called `name`."""
    begun, given = time.process_time(), 0
    try:
        _start_clock(ARTICLE_SECONDS)
        for item in reader(path, source_id, url):
            yield item
            given += 1
            left = ARTICLE_SECONDS + MORE_SECONDS * given - (time.process_time() - begun)
            _start_clock(min(ARTICLE_SECONDS, max(left, 0.001)))
    except MemoryError:
        yield Failure(name, TOO_BIG)
    except RetrievalError as error:
        yield Failure(name, str(error))
    except OSError as error:
        yield Failure(name, f"It cannot be read ({error.strerror or 'input error'}).")
    except Exception as error:  # noqa: BLE001 - parsers raise anything over what is damaged
        yield Failure(name, DAMAGED.format(type(error).__name__))


def _counted(items: Iterator[Article | Failure], name: str) -> Iterator[Article | Failure]:
    """Pass on what a file may give, and a Failure in place of what is too much."""
    total = 0
    for number, item in enumerate(items):
        if number >= ARTICLES:
            yield Failure(name, TOO_MANY)
            return
        size = len(item.text.encode("utf-8", "surrogatepass")) if isinstance(item, Article) else len(item.reason)
        total += size
        if total > FILE_BYTES:
            yield Failure(name, TOO_MUCH)
            return
        yield Failure(_name(item, name), TOO_LONG) if size > ARTICLE_BYTES else item


def _name(item: Article | Failure, name: str) -> str:
    return item.id if isinstance(item, Article) else name


def _start_clock(seconds: float) -> None:
    """Let this process end after so many seconds of the processor, even in the middle of a library."""
    signal.setitimer(signal.ITIMER_PROF, seconds)


def _stop_clock() -> None:
    signal.setitimer(signal.ITIMER_PROF, 0)
