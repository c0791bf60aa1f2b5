"""A child process that reads one file after the other, as its parent sees it: requests go in, articles come out."""

import atexit
import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

from retrieval.readers.sandbox_child import LONGEST_LINE, LONGEST_SILENCE, LONGEST_START, MOST_FILES
from retrieval.records import Article, Failure, Source

# The child finds its modules where this process does, whatever the working folder holds.
START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from retrieval.readers.sandbox_child import main; main()"
)
# Threads of numerical libraries, which nothing here uses, would take memory by the number of processors.
ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
OURS = "CITEBOT_"  # variables that may hold a secret, such as the bot's token: no hostile file comes near them
CHUNK = 1 << 16  # bytes

SAVE = "save its text as .txt or .md and load that."
TOO_SLOW = f"It takes longer to read than a file may (about 5 s): split it, or {SAVE}"
TOO_MUCH = f"An article of it is over 10 MB: split it, or {SAVE}"
BROKEN = f"It cannot be read, its reader broke down over it: perhaps it is damaged; or {SAVE}"

NOT_STARTED = (
    "It cannot be read: what reads files of its kind does not start. Install citebot again, with all it needs."
)


class SandboxLimitExceeded(Exception):
    """A file did what none may, or the child is gone over it; the text tells a person."""


class SandboxProcess:
    """The process. What it is told and what it tells are lines of JSON; one thread at a time uses it."""

    __slots__ = ("_files", "_held", "_process", "tired")

    def __init__(self) -> None:
        """Start it; what it needs for a format it imports with the first file."""
        paths = json.dumps([path or os.getcwd() for path in sys.path])  # noqa: PTH109 - a text, as the others are
        self._process = subprocess.Popen(  # noqa: S603 - this very Python
            [sys.executable, "-I", "-c", START, paths],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env={name: value for name, value in os.environ.items() if not name.startswith(OURS)} | ENVIRONMENT,
        )
        self._held = bytearray()  # what has come and is no whole line yet
        self._files = 0
        self.tired = False  # another one should read the next file

    def begin(self, source: Source, module: str, name: str) -> None:
        """Ask for a file; failures of the whole of it are to be called `name`. Raises LimitBroken."""
        path = str(source.path.absolute())
        self._tell({"module": module, "path": path, "id": source.id, "url": source.url, "name": name})
        self._listen(LONGEST_START)  # it has imported what it needs

    def read(self) -> Iterator[Article | Failure]:
        """Yield what comes of the file that was asked for. Raises LimitBroken."""
        while True:
            event, value = self._listen(LONGEST_SILENCE)
            if event == "article":
                yield Article(**value)
            elif event == "failure":
                yield Failure(**value)
            else:
                self._files += 1
                self.tired = value or self._files >= MOST_FILES
                return

    def end(self) -> None:
        """End it, whatever it is at."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                pipe and pipe.close()

    def _tell(self, request: dict[str, Any]) -> None:
        assert self._process.stdin  # noqa: S101 - a pipe, says the type checker only so
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
        except BrokenPipeError:
            raise SandboxLimitExceeded(self._last_words()) from None

    def _listen(self, longest: float) -> tuple[str, Any]:
        """Wait for a line, at most `longest` seconds. Raises LimitBroken."""
        deadline, looked = time.monotonic() + longest, 0
        while (end := self._held.find(b"\n", looked)) < 0:
            looked = len(self._held)
            if looked > LONGEST_LINE:
                raise SandboxLimitExceeded(TOO_MUCH)
            self._held += self._chunk(deadline)
        line = self._held[:end].decode("utf-8", "surrogatepass")
        del self._held[: end + 1]
        event, value = json.loads(line)
        return event, value

    def _chunk(self, deadline: float) -> bytes:
        assert self._process.stdout  # noqa: S101 - the same
        poll = select.poll()
        poll.register(self._process.stdout, select.POLLIN)
        if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
            raise SandboxLimitExceeded(TOO_SLOW)
        chunk = os.read(self._process.stdout.fileno(), CHUNK)
        if not chunk:
            raise SandboxLimitExceeded(self._last_words())
        return chunk

    def _last_words(self) -> str:
        """Say why it is gone: a signal ended it in the middle of a file, or it had not begun."""
        code = self._process.wait()
        if code == -signal.SIGPROF:
            return TOO_SLOW
        return BROKEN if code < 0 else NOT_STARTED


_idle: list[SandboxProcess] = []
_guard = threading.Lock()


def read_in_sandbox(source: Source, module: str, name: str) -> Iterator[Article | Failure]:
    """Yield what the reader of a module finds in a file; never raises for what the file holds.

    The reader of `retrieval.readers.html` is its `read_html`, called with a path, the source's id and its address.

    A file has a child of its own while it is read, which then waits for the next file until `end_children`.
    """
    child = _borrow()
    whole = False
    try:
        try:
            child.begin(source, module, name)
        except SandboxLimitExceeded:  # it was killed while it waited, which is not this file's doing
            child.end()
            child = SandboxProcess()
            child.begin(source, module, name)
        yield from child.read()
        whole = True
    except SandboxLimitExceeded as broken:
        yield Failure(name, str(broken))
    finally:  # who stops reading in the middle leaves a child that is at something
        _give_back(child, reusable=whole and not child.tired)


def end_children() -> None:
    """End the children that wait for another file; those that read are left alone."""
    with _guard:
        ending = list(_idle)
        _idle.clear()
    for child in ending:
        child.end()


def _borrow() -> SandboxProcess:
    with _guard:
        child = _idle.pop() if _idle else None
    return child or SandboxProcess()


def _give_back(child: SandboxProcess, *, reusable: bool) -> None:
    if reusable:
        with _guard:
            _idle.append(child)
    else:
        child.end()


atexit.register(end_children)
