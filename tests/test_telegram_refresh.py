"""The bot reads its sources again by itself, counted from when they were last read, in a process of its own."""

import sqlite3
import time

import pytest
from conftest import BotProcess, fill_store, write_texts
from fake_bot_api.client import PATIENCE, quotations

from retrieval import open_engine

ADMIN = 960


def loaded(folder, hours_ago):
    """Load the articles as of some hours ago, then change one."""
    fill_store(folder)
    with sqlite3.connect(folder / "citebot.db") as store:
        store.execute(
            "UPDATE sources SET read = strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now', ?)", [f"-{hours_ago} hours"]
        )
    store.close()
    (folder / "articles" / "words.txt").write_text("Words\n\nA glossary is a list of difficult words.\n")
    return folder


def read_at(folder):
    with open_engine(folder / "citebot.db") as engine:
        return engine.read_at(folder / "articles")


def wait_for(condition):
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_what_is_due_is_read_soon_after_the_start_and_new_failures_are_told_to_the_admins(telegram, tmp_path):
    folder = loaded(tmp_path, hours_ago=7)
    (folder / "articles" / "empty.txt").write_text("")
    before = read_at(folder)
    telegram.write("/start", user=ADMIN)  # who has never written to a bot hears nothing from it
    stranger = str(ADMIN + 1)
    bot = BotProcess(folder, telegram.api_url, CITEBOT_ADMINS=f"{ADMIN},{stranger}", CITEBOT_REFRESH="6h")
    try:
        assert "Failed: empty.txt" in telegram.shown(ADMIN, "Some sources")["text"]
        wait_for(lambda: read_at(folder) != before)
        telegram.write("What is a glossary?", user=61)
        assert quotations(telegram.replies(61)[0])[0] == "A glossary is a list of difficult words."
        assert bot.stop() == 0
        assert "empty.txt" in bot.log
        assert "Traceback" not in bot.log
        assert telegram.violations() == []
    finally:
        bot.stop()


def test_files_that_are_copied_while_the_bot_runs_are_loaded_at_once_and_are_one_generation(telegram, tmp_path):
    folder = loaded(tmp_path, hours_ago=7)
    telegram.write("/start", user=ADMIN + 2)
    bot = BotProcess(folder, telegram.api_url, CITEBOT_ADMINS=str(ADMIN + 2), CITEBOT_REFRESH="watch,8h")
    try:
        with open_engine(folder / "citebot.db") as engine:
            wait_for(lambda: engine.generation() == 2)  # what had changed before the start
            write_texts(
                folder / "articles" / "new",
                **{f"lake-{n}": f"Lake {n}\n\nThe lake has {n} islands." for n in range(300)},
            )
            (folder / "articles" / "empty.txt").write_text("")
            (folder / "articles" / "glaciers.txt").unlink()
            assert "Failed: empty.txt" in telegram.shown(ADMIN + 2, "Some sources")["text"]
            assert engine.generation() == 3
            ids = {article.id for article in engine.articles()}
        assert len(ids) == 300 + 4  # the file that is gone too, as after any load that does not prune
        telegram.write("How many islands does lake 271 have?", user=63)
        assert quotations(telegram.replies(63)[0])[0] == "The lake has 271 islands."
        assert bot.stop() == 0
        assert "Traceback" not in bot.log
    finally:
        bot.stop()


@pytest.mark.parametrize("refresh", ["", "8h"])
def test_what_is_not_due_is_left_alone(telegram, tmp_path, refresh):
    folder = loaded(tmp_path, hours_ago=7)
    before = read_at(folder)
    bot = BotProcess(folder, telegram.api_url, CITEBOT_REFRESH=refresh)
    try:
        user = 62 + len(refresh)
        telegram.write("Who built the stone bridge?", user=user)
        telegram.replies(user)
        time.sleep(1.0)  # a look at the clock comes with the start
        assert read_at(folder) == before
        assert bot.stop() == 0
        assert "Traceback" not in bot.log
    finally:
        bot.stop()
