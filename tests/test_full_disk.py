"""On a full disk questions are answered, nothing is half-done, and the bot goes on by itself; see small_disk.py."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, environment

HERE = Path(__file__).parent
KEPT = 6_000_000  # bytes of this disk that citebot leaves free
CLOSED = ["s.db", "s.db.lock"]  # SQLite makes its two other files even to read
INSIDE = ("unshare", "-rm")


def needs_own_disk(folder):
    """Skip where nobody may mount a disk of their own on a folder."""
    mount = ["mount", "-t", "tmpfs", "none", folder]
    if not shutil.which("unshare") or subprocess.run([*INSIDE, *mount], check=False, capture_output=True).returncode:
        pytest.skip("this system lets nobody mount a disk of their own")


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What came of it on a small disk."""
    disk, elsewhere = (tmp_path_factory.mktemp(name) for name in ("disk", "elsewhere"))
    needs_own_disk(disk)
    done = subprocess.run(
        [*INSIDE, sys.executable, HERE / "small_disk.py", disk, elsewhere], check=True, stdout=subprocess.PIPE,
        env=environment(PYTHONPATH=f"{ROOT}{os.pathsep}{HERE}"),
    )  # fmt: skip
    return json.loads(done.stdout)


def test_a_load_that_does_not_fit_gives_back_its_room_and_the_bot_goes_on(found):
    for one in found["loads"]:
        assert "cannot be written: the disk is full (" in one["error"]
        assert "6.0 MB must stay free). Free some space, then try again." in one["error"]
        assert one["after"] >= one["left"] * 0.9
        assert one["hits"]
        assert one["whole"]
        if one["left"] > KEPT // 2:
            assert one["problems"] == []
            assert one["sizes"]["s.db"] < 400_000
            assert one["sizes"].get("s.db-wal", 0) < 10_000
        if one["left"]:
            assert (one["refused"], one["taken"]) == ("", 0)  # the bot took it at once
        else:
            assert "the disk is full" in one["refused"]
            assert one["taken"] == 1  # which Telegram repeats


def test_questions_are_answered_on_a_full_disk(found):
    full = found["full"]
    assert (full["undone"], full["free"], full["files"]) == ("", 0, CLOSED)
    assert full["ask"] == {"whole": True, "answers": 10, "problems": []}
    (problem,) = full["doctor"]
    assert (
        " has 0 MB left, which is too little for a load: it leaves 6 MB free. Free some space. Questions are "
        in problem
    )


def test_what_cannot_be_stored_is_refused_in_words_and_taken_once_there_is_room(found):
    full = found["full"]
    for name in ("not taken", "backup", "restore", "load"):
        assert "cannot be written: the disk is full (0.0 MB are free" in full[name]
    assert not [name for name in full["names"] if name.startswith((".", "full", "s-before"))]
    assert full["taken"] == [100, 101]
    assert full["load again"] == ""
    assert full["then"] == {"whole": True, "answers": 10, "problems": []}


def test_a_store_in_a_folder_that_cannot_be_written_is_asked(found):
    frozen = found["frozen"]
    assert frozen["files"] == CLOSED
    assert (frozen["whole"], frozen["answers"], frozen["problems"]) == (True, 10, [])
    assert frozen["load"].endswith("Read-only file system. Make sure that its folder exists and is writable.")
    assert frozen["backup"].endswith("Read-only file system. Choose a folder that exists and is writable.")
