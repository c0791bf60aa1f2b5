"""A bot whose disk gets full: it takes what it can store, goes on by itself, and tells admins what does not fit."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import BotProcess, ended_well, environment, fill_store
from fake_bot_api.client import PATIENCE, TOKEN, quotations
from small_disk import fill
from test_full_disk import needs_own_disk

ADMIN, READERS = 960, range(961, 971)
QUESTION = "Who built the stone bridge of Rivertown?"
LONG = f"{QUESTION} {'x' * 3900}"  # in ten chats, more than what SQLite has room for already
INSIDE = """mount -t tmpfs -o size=24m none "$1" && cp -r "$2"/. "$1" && cd "$1" && exec "$3" -m bot telegram"""


class BotOnSmallDisk(BotProcess):
    """A bot in a folder that is a disk of its own, in memory, which only the bot sees; `disk` is the way there."""

    def __init__(self, disk: Path, filled: Path, api_url: str) -> None:
        self._log = filled / "bot.log"
        settings = {"CITEBOT_TOKEN": TOKEN, "CITEBOT_API_URL": api_url, "CITEBOT_ADMINS": str(ADMIN)}
        with self._log.open("a") as log:
            self.process = subprocess.Popen(
                ["unshare", "-rm", "sh", "-c", INSIDE, "sh", disk, filled, sys.executable],
                env=environment(CITEBOT_ARTICLES=str(disk / "articles"), **settings), stdin=subprocess.DEVNULL, stderr=log,
            )  # fmt: skip
        self.disk = Path(f"/proc/{self.process.pid}/root{disk}")


@pytest.fixture(scope="module")
def bot(telegram, tmp_path_factory):
    needs_own_disk(tmp_path_factory.mktemp("tried"))
    disk, filled = (tmp_path_factory.mktemp(name) for name in ("disk", "filled"))
    process = BotOnSmallDisk(disk, fill_store(filled), telegram.api_url)
    with ended_well(process, telegram):
        yield process


def test_a_bot_without_room_confirms_nothing_and_goes_on_when_there_is_some(bot, telegram):
    telegram.write(QUESTION, user=ADMIN)
    assert "Anna Stone" in quotations(telegram.replies(ADMIN)[0])[0]
    fill(bot.disk)
    for reader in READERS:
        telegram.write(LONG, user=reader)
    end = time.monotonic() + PATIENCE
    while "Until then, updates wait at Telegram." not in bot.log and time.monotonic() < end:
        time.sleep(0.05)
    assert "citebot.state.db cannot be written: the disk is full (0.0 MB are free" in bot.log
    (bot.disk / "other").unlink()
    for reader in READERS:
        assert "Anna Stone" in quotations(telegram.replies(reader)[0])[0]


def test_a_load_that_does_not_fit_is_told_and_questions_go_on(bot, telegram):
    much = "".join(f"The lamp of town {number} is lit every evening.\n\n" for number in range(20_000))
    (bot.disk / "articles" / "lamps.txt").write_text(much)
    fill(bot.disk, 9_000_000)
    telegram.write("/reload", user=ADMIN)
    told = telegram.shown(ADMIN, "Loading failed")["text"]
    assert told.startswith("Loading failed: the disk is full (")
    assert told.endswith("6.3 MB must stay free). Free some space, then try again.")
    assert str(bot.disk.name) not in told
    telegram.write(LONG, user=ADMIN + 1)
    assert "Anna Stone" in quotations(telegram.replies(ADMIN + 1, 2)[1])[0]
