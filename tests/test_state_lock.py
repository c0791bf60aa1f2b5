"""One bot a state file: the second refuses at once, and says which one it waits for."""

import re
import subprocess
import sys

import pytest
from conftest import ROOT, environment
from test_state_answers import an_answer

from bot.state import CONSOLE, AnswerLog, StateError, hold_state

HOLD = """
import sys, time
from pathlib import Path
from bot.state import hold_state
with hold_state(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def another_bot(path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, path], stdout=subprocess.PIPE, text=True, env=environment(PYTHONPATH=str(ROOT))
    )
    assert process.stdout.readline() == "held\n"
    return process


def end(process):
    process.kill()
    process.wait()
    process.stdout.close()


def test_a_second_bot_is_refused_with_the_reason_until_the_first_is_gone(tmp_path):
    path = tmp_path / "state.db"
    first = another_bot(path)
    try:
        reason = f"Another `citebot telegram` (process {first.pid}) is using {path}. Stop it first, or set another"
        for _ in range(2):
            with pytest.raises(StateError, match=re.escape(reason)), hold_state(path):
                pass
    finally:
        end(first)
    with hold_state(path), hold_state(tmp_path / "another.db"):
        pass
    with hold_state(path), AnswerLog(path) as log:
        log.record(an_answer(), CONSOLE)  # what else uses the file goes on


def test_a_link_to_the_file_is_the_file(tmp_path):
    (tmp_path / "link.db").symlink_to(tmp_path / "state.db")
    with (
        hold_state(tmp_path / "state.db"),
        pytest.raises(StateError, match="Another `citebot telegram`"),
        hold_state(tmp_path / "link.db"),
    ):
        pass


def test_an_error_inside_lets_go(tmp_path):
    with pytest.raises(ZeroDivisionError), hold_state(tmp_path / "state.db"):
        raise ZeroDivisionError
    with hold_state(tmp_path / "state.db"):
        pass


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with (
        pytest.raises(StateError, match=r"cannot be opened\. Make it and its folder readable and writable"),
        hold_state(tmp_path / "none" / "state.db"),
    ):
        pass
