"""Changes in real files are loaded once they have come to rest; `loads` counts what the watcher asks for."""

import asyncio
import ctypes
import gc
import os
import shutil
from contextlib import asynccontextmanager

import pytest
from fake_bot_api.client import PATIENCE

from bot.telegram.jobs import watcher
from bot.telegram.jobs.watcher import Watcher

QUIET = 0.5  # seconds


@pytest.fixture(autouse=True)
def _sooner(monkeypatch):
    monkeypatch.setattr(watcher, "_QUIET", QUIET)
    monkeypatch.setattr(watcher, "_CHECK_INTERVAL", 0.2)
    monkeypatch.setattr(watcher, "_POLL_INTERVAL", 0.2)
    monkeypatch.setattr(watcher, "_RETRY_PAUSE", 0.2)


class Loads:
    """What was in a folder at each load: the sizes of its files, by name."""

    def __init__(self, folder):
        self.folder = folder
        self.seen = []
        self.failing = 0  # how many of the next ones fail

    async def load(self):
        paths = list(self.folder.rglob("*.txt")) if self.folder.is_dir() else []
        self.seen.append({path.name: path.stat().st_size for path in paths})
        self.failing -= 1
        return self.failing < 0

    async def reach(self, number):
        async with asyncio.timeout(PATIENCE):
            while len(self.seen) < number:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        await asyncio.sleep(2 * QUIET)  # enough for one too many
        return self.seen


@asynccontextmanager
async def watching(*sources, before=lambda: None):
    loads = Loads(sources[0] if sources[0].suffix != ".txt" else sources[0].parent)
    watched = Watcher(lambda: before() or list(map(str, sources)), loads.load)
    task = asyncio.create_task(watched.run())
    try:
        yield loads
    finally:
        watched.stop()
        task.cancel()
        await asyncio.wait({task})


async def test_a_file_written_slowly_and_a_thousand_that_are_copied_are_one_load_of_whole_files(tmp_path):
    (tmp_path / "copied").mkdir()
    for number in range(1000):
        (tmp_path / "copied" / f"{number}.txt").write_text("A text.\n")
    folder = tmp_path / "articles"
    folder.mkdir()
    async with watching(folder) as loads:
        assert await loads.reach(1) == [{}]  # what had changed before the start
        copying = asyncio.create_task(asyncio.to_thread(shutil.copytree, tmp_path / "copied", folder / "copied"))
        with (folder / "slow.txt").open("w") as slow:
            for _ in range(10):
                slow.write("x" * 100)
                slow.flush()
                await asyncio.sleep(QUIET / 2)
        await copying
        _, then = await loads.reach(2)
        assert len(then) == 1001
        assert then["slow.txt"] == 1000


async def test_what_a_load_does_not_read_is_no_change(tmp_path):
    folder = tmp_path / ".hidden" / "articles"
    folder.mkdir(parents=True)
    async with watching(folder) as loads:
        await loads.reach(1)
        for name in (".a.txt.swp", ".b.txt", "c.log", ".git/d.txt"):
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text("x")
        assert await loads.reach(1) == [{}]
        (folder / "e.txt").write_text("x")
        assert len(await loads.reach(2)) == 2


async def test_a_file_that_an_editor_replaces_is_watched_on(tmp_path):
    file = tmp_path / "one.txt"
    file.write_text("x")
    async with watching(file) as loads:
        await loads.reach(1)
        for size in (2, 3):
            before = len(loads.seen)
            (tmp_path / "new").write_text("x" * size)
            (tmp_path / "new").replace(file)
            assert (await loads.reach(before + 1))[-1] == {"one.txt": size}


async def test_a_folder_that_is_missing_is_watched_once_it_is_there(tmp_path):
    folder = tmp_path / "mounted" / "later"
    async with watching(folder, tmp_path / "never") as loads:
        assert await loads.reach(1) == [{}]
        folder.mkdir(parents=True)
        await loads.reach(2)
        (folder / "a.txt").write_text("x")
        assert (await loads.reach(3))[2] == {"a.txt": 1}
        before = len(loads.seen)
        shutil.rmtree(folder)
        await loads.reach(before + 1)


async def test_a_load_that_fails_is_repeated(tmp_path):
    async with watching(tmp_path) as loads:
        loads.failing = 2
        assert len(await loads.reach(3)) == 3


async def test_where_the_system_reports_no_changes_files_are_compared_and_the_log_says_so(tmp_path, caplog):
    taken, inotify_init = [], ctypes.CDLL(None).inotify_init

    def take_all_that_reports():
        gc.collect()  # what an earlier test watched
        while (descriptor := inotify_init()) >= 0:
            taken.append(descriptor)

    try:
        async with watching(tmp_path, before=take_all_that_reports) as loads:
            await loads.reach(1)
            before = len(loads.seen)
            (tmp_path / "a.txt").write_text("x")
            assert (await loads.reach(before + 1))[-1] == {"a.txt": 1}
    finally:
        for descriptor in taken:
            os.close(descriptor)
    assert "fs.inotify.max_user_instances" in caplog.text
