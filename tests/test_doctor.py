"""What `citebot doctor` finds in real files, and what `--fix` mends; settings and Telegram have tests of their own."""

import json
import os
import sqlite3
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from conftest import citebot, write_texts

from bot.commands.doctor_checks import find_all_problems, find_notes
from bot.commands.mending import mend
from bot.settings import parse_settings, uploads_folder
from bot.sources import download_path
from bot.state import Inbox
from bot.state.backups import newest_backup, note_backup
from retrieval import open_engine

BRIDGE = "The bridge\n\nThe bridge was opened in 1932 by the mayor of Rivertown, who lived near it.\n"


@pytest.fixture
def settings(tmp_path, monkeypatch):
    """A store with one article, and a state, in the working folder."""
    monkeypatch.chdir(tmp_path)
    write_texts(tmp_path / "articles", bridge=BRIDGE)
    with open_engine("citebot.db") as engine:
        engine.load(["articles"])
    note_backup(tmp_path / "citebot.state.db", tmp_path / "backup.zip")
    return parse_settings({"CITEBOT_ARTICLES": "articles"})


def problems(settings):
    return find_all_problems(settings, {})


def test_a_setup_without_problems_has_none(settings):
    assert problems(settings) == []
    assert "The newest backup is 0 days old." in [*find_notes(settings, {})]
    assert list(mend(settings)) == []


def test_files_that_others_can_read_are_named_and_closed_but_not_to_the_group(settings, tmp_path):
    (tmp_path / ".env").write_text("CITEBOT_LOG=text\n")
    for name, mode in ((".env", 0o644), ("citebot.db", 0o666), ("citebot.state.db", 0o640)):
        (tmp_path / name).chmod(mode)
    assert [problem.split()[7] for problem in problems(settings)] == [".env.", "citebot.db."]
    assert list(mend(settings)) == ["Others can no longer read .env.", "Others can no longer read citebot.db."]
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in (".env", "citebot.db")] == [0o640, 0o660]
    assert problems(settings) == []


def test_what_ended_processes_left_is_named_and_deleted(settings, tmp_path):
    old, new = (download_path(uploads_folder(settings.db), f"5-{n}.part") for n in (7, 8))
    left = tmp_path / ".citebot-backup-ab12cd_9"
    left.mkdir()
    for path in (left / "state", old, new):
        path.write_text("x")
    os.utime(old, (time.time() - 90_000,) * 2)
    assert sum("was left by a process" in problem for problem in problems(settings)) == 2
    assert list(mend(settings)) == [f"Deleted {path}, which an ended process had left." for path in (left, old)]
    assert problems(settings) == []
    assert new.exists()


def test_an_index_that_cannot_be_used_is_rebuilt(settings, tmp_path):
    (arrays,) = (tmp_path / "citebot.db.index" / "segments").glob("*/arrays")
    content = arrays.read_bytes()
    arrays.unlink()  # others may have it open
    arrays.write_bytes(bytes(byte ^ 255 for byte in content))
    assert any("index" in problem for problem in problems(settings))
    assert list(mend(settings)) == ["Rebuilt the index of citebot.db."]
    assert problems(settings) == []
    with open_engine("citebot.db") as engine:
        assert engine.ask("When was the bridge opened?").hits[0].text.startswith("The bridge was opened in 1932")


def test_a_source_that_failed_the_last_time_is_named_until_it_is_read_again(settings, tmp_path):
    (tmp_path / "articles").rename(tmp_path / "away")
    with open_engine("citebot.db") as engine:
        engine.load(["articles"])
        assert any("articles could not be read on 2" in problem for problem in problems(settings))
        (tmp_path / "away").rename(tmp_path / "articles")
        engine.load(["articles"])
    assert problems(settings) == []


def test_updates_that_were_given_up_in_the_last_day_are_a_problem(settings):
    with Inbox(settings.state) as inbox:
        inbox.take([{"update_id": 7}])
        inbox.put_aside(7, "It cannot be processed.")
    assert problems(settings) == [
        "1 update from Telegram could not be processed in the last day; they are listed below."
    ]
    with sqlite3.connect(settings.state) as state:
        state.execute("UPDATE inbox SET at = at - 90000")
    state.close()
    assert problems(settings) == []
    assert any("update 7: It cannot be processed." in note for note in find_notes(settings, {}))


def test_backups_that_stopped_are_a_problem_and_none_at_all_is_a_note(settings):
    for days, is_problem in ((7, False), (9, True)):
        with sqlite3.connect(settings.state) as state:
            made = datetime.now(UTC) - timedelta(days=days)
            state.execute("UPDATE backups SET at = ?", [made.isoformat(timespec="seconds")])
        state.close()
        text = f"The newest backup is {days} days old."
        assert (text in problems(settings), text in [*find_notes(settings, {})]) == (is_problem, not is_problem)
    settings.state.unlink()
    assert newest_backup(settings.state) is None
    assert problems(settings) == []
    assert any(note.startswith("There is no backup yet.") for note in find_notes(settings, {}))


def test_the_command_mends_and_says_so_and_a_backup_is_noted(settings, tmp_path):
    (tmp_path / "citebot.db").chmod(0o644)
    before = newest_backup(settings.state)
    time.sleep(1.0)  # times are noted in seconds
    assert citebot(tmp_path, "backup", "new.zip").returncode == 0
    assert newest_backup(settings.state) > before
    ill, mended, well = (
        json.loads(citebot(tmp_path, "doctor", *rest, "--json").stdout) for rest in ([], ["--fix"], [])
    )
    assert [len(told["problems"]) for told in (ill, mended, well)] == [1, 0, 0]
    assert mended["mended"] == ["Others can no longer read citebot.db."]
    assert well["free_bytes"] > 0
    assert all(list(one) == list(other) for one, other in pairwise((ill, mended, well)))
