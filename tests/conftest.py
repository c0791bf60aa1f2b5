"""Processes for the end-to-end tests: the fake Bot API server and the bot itself, ended by their own ids."""

import io
import logging
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self
from unittest import mock

import hypothesis
import pytest
from fake_bot_api.client import PATIENCE, TOKEN, FakeTelegram
from milvus_server import MilvusServer, milvus_server

from bot.cli import main
from retrieval import open_engine

ROOT = Path(__file__).parent.parent
LONGEST_STOP = 20.0  # seconds
LONG = ("test_telegram_", "test_load_", "test_quality", "test_threads", "test_zip_")  # files that take long begin so

hypothesis.settings.register_profile("untimed", deadline=None)  # a busy machine is no failure
hypothesis.settings.load_profile("untimed")


def pytest_xdist_auto_num_workers() -> int:
    """Let five workers share two cores, since most tests wait for other processes."""
    return 5 * (os.cpu_count() or 1) // 2


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take long, so that no worker is left alone with one in the end."""
    items.sort(key=lambda item: not item.path.name.startswith(LONG))


ARTICLES = {
    "bridge.txt": """---
title: The bridge of Rivertown
url: https://news.example.org/bridge?a=1&b=2
published: 2017-05-22
---
Rivertown has one old bridge over the river Lume.

The stone bridge of Rivertown was built in 1721 by the mason Anna Stone. It has five arches and two towers.

A flood took the western tower away in the winter of 1809.
""",
    "markup.txt": """---
title: Tags & <angles>
---
Early pages of the web were written by hand.

The element <b> makes letters bold & the element <script> runs a program, as in <script>alert("x")</script> or &lt;.

Nobody remembers who typed the first semicolon.
""",
    "glaciers.txt": """Glaciers

Glaciers grow where more snow falls than melts.

The Blue Glacier loses nine metres of ice every summer.
""",
}


def fill(folder):
    """Write the articles into a folder."""
    (folder / "articles").mkdir()
    for name, text in ARTICLES.items():
        (folder / "articles" / name).write_text(text, encoding="utf-8")
    return folder


def fill_store(folder, **texts):
    """Write the articles, and texts by name, into a folder and load them, so that a bot need not start a process that does."""
    write_texts(fill(folder) / "articles", **texts)
    with open_engine(folder / "citebot.db") as engine:
        assert not engine.load([folder / "articles"]).failed
    return folder


def write_texts(folder, **texts):
    """Write plain texts, by name, into a folder that need not exist."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return folder


def citebot(folder, *words, stdin="", **settings):
    """Run a command in this process, but otherwise as `citebot_process` does."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    sent, out, err = (io.TextIOWrapper(io.BytesIO(text.encode())) for text in (stdin, "", ""))
    with pytest.MonkeyPatch.context() as patch, mock.patch.dict(os.environ, environment(**settings), clear=True):
        patch.chdir(folder)
        patch.setattr(sys, "argv", ["citebot", *map(str, words)])
        for name, stream in (("stdin", sent), ("stdout", out), ("stderr", err)):
            patch.setattr(sys, name, stream)
        try:
            code = main()
        except SystemExit as ended:
            code = ended.code
        finally:  # a command that sets up the log does so for its process
            root.handlers[:], root.level = handlers, level
        for stream in (out, err):
            stream.flush()
    return subprocess.CompletedProcess(words, code, *(stream.buffer.getvalue().decode() for stream in (out, err)))


def citebot_process(folder, *words, stdin="", **settings):
    """Run a command in a folder, away from any terminal, with these settings and no others."""
    return subprocess.run(
        [sys.executable, "-m", "bot", *map(str, words)], input=stdin, capture_output=True, text=True,
        encoding="utf-8", cwd=folder, env=environment(**settings), check=False, timeout=60,
    )  # fmt: skip


class BotProcess:
    """`python -m bot telegram` in a folder of its own; what it says on standard error is in `log`."""

    def __init__(
        self, folder: Path, api_url: str, options: Sequence[str] = (), words: Sequence[str] = (), **settings: str
    ) -> None:
        self.folder = folder
        self._log = folder / "bot.log"
        with self._log.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, *options, "-m", "bot", "telegram", *words],
                cwd=folder,
                env=environment(
                    CITEBOT_TOKEN=TOKEN, CITEBOT_API_URL=api_url, CITEBOT_ARTICLES=str(folder / "articles"), **settings
                ),
                stdin=subprocess.DEVNULL,
                stderr=log,
            )

    @property
    def log(self) -> str:
        return self._log.read_text()

    def running(self) -> Self:
        """Wait until it answers, which a first load delays."""
        end = time.monotonic() + PATIENCE
        while " is running." not in self.log:
            assert self.process.poll() is None, self.log
            assert time.monotonic() < end, self.log
            time.sleep(0.05)
        return self

    def stop(self) -> int:
        """Ask it to end and give its exit code; by force after LONGEST_STOP."""
        self.process.terminate()
        try:
            return self.process.wait(LONGEST_STOP)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


@contextmanager
def ended_well(process: BotProcess, telegram: FakeTelegram) -> Iterator[None]:
    """End a bot after the tests of a file; it must end in order, and never have said what it should not."""
    try:
        yield
        assert process.stop() == 0
        assert telegram.violations() == []
        assert TOKEN not in process.log
        assert "Traceback" not in process.log
    finally:
        process.stop()


def environment(**settings: str) -> dict[str, str]:
    """The variables of this process without what changes how citebot behaves, and with those given."""
    changing = {"NO_COLOR", "PYTHONUNBUFFERED"}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CITEBOT_")}
    return {name: kept[name] for name in kept.keys() - changing} | {"PYTHONPATH": str(ROOT), "TERM": "xterm"} | settings


WEBHOOK_SECRET = "hush-2_A"


def webhook_settings(telegram: FakeTelegram) -> dict[str, str]:
    """The settings of a bot that updates are posted to, on a port of its own; Telegram calls it as by a reverse proxy."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    telegram.webhook_target(f"http://{address}")
    return {
        "CITEBOT_WEBHOOK_URL": "https://bot.example.org/telegram/hook",
        "CITEBOT_WEBHOOK_SECRET": WEBHOOK_SECRET,
        "CITEBOT_LISTEN": address,
    }


@pytest.fixture(scope="module")
def mode() -> str:
    """How the bot of a file receives updates, "polling" or "webhook"; a file can have its tests run both ways."""
    return "polling"


@pytest.fixture(scope="module")
def telegram(mode: str) -> Iterator[FakeTelegram]:
    """A fake Bot API server for the tests of one file, and of one mode."""
    server = FakeTelegram()
    try:
        yield server
    finally:
        server.close()


@pytest.fixture(scope="module")
def receiving(telegram: FakeTelegram, mode: str) -> dict[str, str]:
    """The settings of a bot that receives updates so."""
    return webhook_settings(telegram) if mode == "webhook" else {}


@pytest.fixture(scope="session")
def milvus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MilvusServer]:
    """A Milvus server for the tests of one worker, each of which names collections of its own."""
    with milvus_server(tmp_path_factory.mktemp("milvus")) as server:
        yield server
