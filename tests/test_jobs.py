"""Jobs run in processes of their own, which know no more than they need."""

import asyncio
import os
from pathlib import Path

import pytest
from conftest import fill

from bot.rendering import operator_messages
from bot.telegram.jobs.runner import JobRunner


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="only Linux shows what a process knows")
def test_the_process_that_loads_knows_no_secret_of_the_bot(tmp_path, monkeypatch):
    monkeypatch.setenv("CITEBOT_TOKEN", "123456:NOT-FOR-LOADS")
    monkeypatch.setenv("CITEBOT_WEBHOOK_SECRET", "hush-NOT-FOR-LOADS")
    fill(tmp_path)
    known = []

    def environments() -> list[bytes]:
        children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
        return [Path(f"/proc/{child}/environ").read_bytes() for child in children]

    async def look(_: str) -> None:
        known.extend(environments())

    job = {"job": "load", "db": str(tmp_path / "s.db"), "specs": [str(tmp_path / "articles")], "allow_private": False}
    result = asyncio.run(JobRunner().follow(job, look))
    assert result.event == "done", result.text
    assert any(b"PYTHONPATH=" in one for one in known)
    assert not [one for one in known if b"NOT-FOR-LOADS" in one]


@pytest.mark.parametrize("kind", ["stats", "gaps"])
def test_what_admins_are_told_of_a_damaged_state_names_no_path(tmp_path, kind, capfd):
    (tmp_path / "state.db").write_bytes(b"no database at all. " * 300)
    job = {"job": kind, "db": str(tmp_path / "s.db"), "state": str(tmp_path / "state.db"), "keep_days": 30}
    result = asyncio.run(JobRunner().read(job))
    assert (result.event, result.text) == ("failed", operator_messages.STATE_FAILED)
    assert str(tmp_path / "state.db") in capfd.readouterr().err
