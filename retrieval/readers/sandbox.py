"""Read files in child processes with limits: the parent's side.

Requests and articles pass through a pipe as JSON: nothing that a hostile file made its reader send is unpickled here.
"""

import atexit
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

from retrieval.readers.article import article_from_json
from retrieval.readers.limits import STEP_SECONDS, Step, WorkBudget
from retrieval.readers.sandbox_child import ARTICLE_BYTES
from retrieval.records import Article, Failure, Source

START_SECONDS = 120.0  # by the clock, until a child has imported a reader
SILENCE_SECONDS = 60.0  # by the clock, for a reader that waits instead of computing
BUSY = 0.02  # of a processor, from which on a reader computes, however busy the machine is
MESSAGE_BYTES = 5 * ARTICLE_BYTES  # a text and its original; JSON doubles quotation marks and line breaks
FILES_PER_PROCESS = 500  # libraries keep some of what they have seen

# The child finds its modules where this process does, whatever the working directory holds.
START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]);"
    " from retrieval.readers.sandbox_child import main; main(int(sys.argv[2]))"
)
# Thread pools of numerical libraries, unused here, would take memory for each processor.
ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
SECRETS = "CITEBOT_"  # prefix of variables such as the bot's token, which a hostile file must not reach

AS_TEXT = "save its text as .txt and load that."
TOO_SLOW = f"Reading it takes too long for a file of its size. Split it, or {AS_TEXT}"
TOO_LARGE = f"It contains an article over 10 MB. Split it, or {AS_TEXT}"
CRASHED = f"Its reader crashed, or needed over 300 MB of memory; the file may be damaged. Save it again, or {AS_TEXT}"
NOT_STARTED = "The reader for this format does not start. Reinstall citebot with all its dependencies."


class SandboxLimitExceeded(Exception):
    """A file exceeded a limit, or the child died reading it; the message can be shown to people."""


def read_in_sandbox(
    source: Source, module: str, name: str, budget: WorkBudget | None = None
) -> Iterator[Article | Failure]:
    """Yield what a reader finds in a file; whatever the file contains becomes a Failure called `name`.

    The time that it takes is taken from the `budget` of the archive that it is in. The reader of the module `retrieval.readers.html` is its `read_html`, called with a path, the source's id and URL.
    Each file has a child process to itself while it is read; the child then waits for another file until
    `stop_children`.
    """
    path, child = str(source.path.absolute()), _take_child()
    limits = {"seconds": STEP_SECONDS, "budget": budget.left if budget else None}
    request = {"module": module, "path": path, "id": source.id, "url": source.url, "name": name, **limits}
    finished = False
    try:
        try:
            child.start(request)
        except SandboxLimitExceeded:  # it was killed while it waited, which is not this file's fault
            child.kill()
            child = SandboxProcess()
            child.start(request)
        yield from child.read()
        finished = True
    except SandboxLimitExceeded as error:
        yield Failure(name, str(error))
    finally:  # also if the caller stops halfway
        if budget:
            budget.left -= child.seconds + (0 if finished else STEP_SECONDS)
        _put_back(child) if finished and not child.worn_out else child.kill()


def stop_children() -> None:
    """End the children that wait for another file; those that are reading go on."""
    with _lock:
        waiting = list(_idle)
        _idle.clear()
    for child in waiting:
        child.kill()


class SandboxProcess:
    """A child process, for one file and one thread at a time."""

    __slots__ = ("_files", "_pipe", "_process", "seconds", "worn_out")

    def __init__(self) -> None:
        """Start it; it imports a reader with the first file of that format."""
        self._pipe, theirs = Pipe()
        self._files = 0
        self.seconds = 0.0  # of processor time that the file has taken, as far as the child has told
        self.worn_out = False  # another child should read the next file
        paths = json.dumps([path or os.getcwd() for path in sys.path])  # noqa: PTH109 - a string, as the others are
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - this very Python
                [sys.executable, "-I", "-c", START, paths, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env={name: value for name, value in os.environ.items() if not name.startswith(SECRETS)} | ENVIRONMENT,
            )

    def start(self, request: Mapping[str, object]) -> None:
        """Ask for a file and wait until its reader is imported. Raise SandboxLimitExceeded if the child is dead."""
        try:
            self._pipe.send_bytes(json.dumps(request).encode())
        except ConnectionError:
            raise SandboxLimitExceeded(self._cause_of_death()) from None
        self._receive(START_SECONDS)

    def read(self) -> Iterator[Article | Failure]:
        """Yield the articles of the file. Raise SandboxLimitExceeded, which says how much was read."""
        step = None
        while True:
            try:
                event, value = self._receive(SILENCE_SECONDS)
            except SandboxLimitExceeded as error:
                raise SandboxLimitExceeded(" ".join(filter(None, (str(error), str(step or ""))))) from None
            if event == "end":
                self._files += 1
                self.worn_out = value or self._files >= FILES_PER_PROCESS
                return
            if event == "step":
                step = Step(**value)
            else:
                yield article_from_json(value) if event == "article" else Failure(**value)

    def kill(self) -> None:
        """End it, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        self._pipe.close()

    def _receive(self, seconds: float) -> tuple[str, Any]:
        """Wait for an event. Raise SandboxLimitExceeded for a large message, at the end, or after this many idle seconds."""
        try:
            worked = self._processor_seconds()
            while not self._pipe.poll(seconds):
                before, worked = worked, self._processor_seconds()
                if worked - before < BUSY * seconds:
                    raise SandboxLimitExceeded(TOO_SLOW)
            message = self._pipe.recv_bytes(MESSAGE_BYTES)
        except (EOFError, ConnectionError):
            raise SandboxLimitExceeded(self._cause_of_death()) from None
        except OSError:
            raise SandboxLimitExceeded(TOO_LARGE) from None
        event, value, self.seconds = json.loads(message.decode("utf-8", "surrogatepass"))
        return event, value

    def _processor_seconds(self) -> float:
        """Return the processor time that the child has taken; 0 if the system does not say."""
        try:
            user, system = Path(f"/proc/{self._process.pid}/stat").read_bytes().rpartition(b")")[2].split()[11:13]
        except OSError:
            return 0.0
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def _cause_of_death(self) -> str:
        code = self._process.wait()
        if code == -signal.SIGPROF:
            return TOO_SLOW
        return CRASHED if code < 0 else NOT_STARTED


_idle: list[SandboxProcess] = []
_lock = threading.Lock()


def _take_child() -> SandboxProcess:
    with _lock:
        child = _idle.pop() if _idle else None
    return child or SandboxProcess()


def _put_back(child: SandboxProcess) -> None:
    with _lock:
        _idle.append(child)


atexit.register(stop_children)
