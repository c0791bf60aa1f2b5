"""A command in a terminal of its own that asks something, and what is typed in reply."""

import os
import pty
import select
import sys

from conftest import environment

SECONDS = 60  # that a command may be silent


def reply_to(prompt, reply, folder, *words, **more):
    """Run a command and type a reply once it has shown a prompt; give its exit code and what the terminal got."""
    pid, file = pty.fork()
    if not pid:
        os.chdir(folder)
        os.execve(sys.executable, [sys.executable, "-m", "bot", *map(str, words)], environment(COLUMNS="100", **more))
    seen, replied = "", False
    while select.select([file], [], [], SECONDS)[0]:
        try:
            read = os.read(file, 4096).decode(errors="replace")
        except OSError:  # the other end is closed
            break
        seen += read
        if not read:
            break
        if not replied and prompt in seen:
            os.write(file, f"{reply}\n".encode())
            replied = True
    os.close(file)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), seen
