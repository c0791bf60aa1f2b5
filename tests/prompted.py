"""`citebot` in a terminal of its own, and what is typed there."""

import os
import pty
import select
import sys

from conftest import environment

SECONDS = 60  # that a command may be silent


class Terminal:
    """A command that runs in a terminal of its own."""

    def __init__(self, folder, *words, width=100, **settings):
        self.pid, self._file = pty.fork()
        if not self.pid:
            os.chdir(folder)
            command = [sys.executable, "-m", "bot", *map(str, words)]
            os.execve(sys.executable, command, environment(COLUMNS=str(width), **settings))
        self._read_so_far = b""

    @property
    def seen(self):
        return self._read_so_far.decode(errors="replace").replace("\r\n", "\n")

    def type(self, text):
        os.write(self._file, text.encode())

    def wait_for(self, text, times=1):
        while self.seen.count(text) < times:
            assert self.read(), self.seen

    def end(self):
        """Return the exit code; a terminal that is not read to its end keeps the process from ending."""
        while self.read():
            pass
        os.close(self._file)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def read(self):
        """Wait for more; return nothing at the end."""
        ready, _, _ = select.select([self._file], [], [], SECONDS)
        assert ready, f"silent for {SECONDS} seconds after: {self.seen}"
        try:
            read = os.read(self._file, 4096)
        except OSError:  # the other end is closed
            return b""
        self._read_so_far += read
        return read


def in_terminal(folder, *words, **more):
    """Run a command in a terminal; return its exit code and what was shown."""
    terminal = Terminal(folder, *words, **more)
    return terminal.end(), terminal.seen


def reply_to(prompt, reply, folder, *words, **more):
    """Run a command in a terminal, and type a reply if it shows a prompt; return its exit code and what was shown."""
    terminal = Terminal(folder, *words, **more)
    while prompt not in terminal.seen and terminal.read():
        pass
    if prompt in terminal.seen:
        terminal.type(f"{reply}\n")
    return terminal.end(), terminal.seen
