"""The bot as a process: settings, loads, stops and failures, each test with a bot of its own."""

import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest
from conftest import BotProcess, environment, fill, fill_store
from fake_bot_api.client import PATIENCE, TOKEN, FakeTelegram, group, quotations

from bot.rendering import admin_messages, messages, operator_messages
from bot.rendering.texts import Texts
from bot.state import Inbox
from retrieval.store.lock import is_loading, load_lock


def test_a_reload_is_told_by_one_message_that_is_edited(telegram, tmp_path):
    process = BotProcess(fill_store(tmp_path), telegram.api_url, CITEBOT_ADMINS="901,919")
    try:
        telegram.write("What is a glossary?", user=31)
        telegram.replies(31)
        write_volumes(tmp_path / "articles", 600)
        glossary = "Words\n\nA glossary is a list of difficult words.\n"
        (tmp_path / "articles" / "words.txt").write_text(glossary)
        (tmp_path / "articles" / "empty.txt").write_text("")

        telegram.write("/reload now", user=901)
        (told,) = telegram.replies(901)
        assert told["text"].startswith(operator_messages.LOADING)
        telegram.write("Who built the stone bridge?", user=32)
        (answer,) = telegram.replies(32)
        telegram.write("/reload now", user=919)
        (waits,) = telegram.replies(919)
        assert waits["text"] == admin_messages.WAITS
        edits = wait_for_end(telegram, 901)

        assert answer["number"] < edits[-1]["number"]  # answered while the load went on
        assert "Added 601 articles" in edits[-1]["text"]
        assert "Failed: empty" in edits[-1]["text"]
        assert len(edits) >= 2
        moments = [told["at"], *(one["at"] for one in edits)]
        assert min(later - earlier for earlier, later in pairwise(moments)) >= 0.95
        assert telegram.shown(919, "Unchanged: ")["message_id"] == waits["result_id"]  # its turn came by itself
        telegram.write("What is a glossary?", user=33)
        assert quotations(telegram.replies(33)[0])[0] == "A glossary is a list of difficult words."
        assert process.stop() == 0
        assert telegram.violations() == []
    finally:
        process.stop()


def wait_for_end(telegram, chat):
    end = time.monotonic() + 3 * PATIENCE
    while time.monotonic() < end:
        edits = telegram.conversation(chat, "editMessageText")
        if edits and not edits[-1]["text"].startswith(operator_messages.LOADING):
            return edits
        time.sleep(0.2)
    raise AssertionError(f"the load did not end: {edits}")


def test_a_stop_answers_what_was_received_and_leaves_the_rest_for_the_next_start(telegram, tmp_path):
    fill_store(tmp_path)
    first = BotProcess(tmp_path, telegram.api_url)
    try:
        telegram.write("Who built the stone bridge?", user=40)
        telegram.replies(40)
        for user in range(41, 61):
            telegram.write("Who built the stone bridge?", user=user)
        assert first.stop() == 0
        second = BotProcess(tmp_path, telegram.api_url)
        try:
            for user in range(41, 61):
                telegram.replies(user)
            telegram.write("Who built the stone bridge?", user=39)
            telegram.replies(39)  # so that it is running, even if the first has answered all the others
        finally:
            assert second.stop() == 0
    finally:
        first.stop()


def write_volumes(folder, number):
    for volume in range(number):
        lines = (f"Fact {line} of volume {volume} is about topic {volume * line}." for line in range(40))
        (folder / f"volume{volume}.txt").write_text(f"Volume {volume}\n\n" + "\n\n".join(lines))


def test_the_first_load_leaves_no_scikit_learn_in_the_memory_of_the_bot(telegram, tmp_path):
    process = BotProcess(fill(tmp_path), telegram.api_url)
    try:
        process.running()
        telegram.write("Who built the stone bridge?", user=21)
        assert "Anna Stone" in telegram.replies(21)[0]["text"]
        mapped = Path(f"/proc/{process.process.pid}/maps")
        if mapped.exists():  # on Linux
            assert "numpy" in mapped.read_text()
            assert "sklearn" not in mapped.read_text()
        assert "Added 3 articles" in process.log
    finally:
        assert process.stop() == 0


def test_a_stop_in_the_first_load_ends_that_too(telegram, tmp_path):
    write_volumes(fill(tmp_path) / "articles", 600)
    process = BotProcess(tmp_path, telegram.api_url)
    try:
        end = time.monotonic() + PATIENCE
        while not is_loading(tmp_path / "citebot.db") and time.monotonic() < end:
            time.sleep(0.05)
        telegram.write("Who built the stone bridge?", user=22)
        assert telegram.replies(22)[0]["text"] == messages.FIRST_LOAD
        assert process.stop() == 0
        with Inbox(tmp_path / "citebot.state.db") as inbox:
            assert len(inbox.waiting()) == 1  # the next start answers it
        assert not is_loading(tmp_path / "citebot.db")
        assert operator_messages.LOAD_STOPPED in process.log
        assert "Traceback" not in process.log
        assert "never retrieved" not in process.log
    finally:
        process.stop()


def test_a_first_load_that_reads_nothing_ends_the_bot_with_its_reason(telegram, tmp_path):
    ended = run_to_its_end(tmp_path, CITEBOT_API_URL=telegram.api_url, CITEBOT_ARTICLES="nowhere")
    assert ended.returncode == 1
    assert "no file or folder 'nowhere'" in ended.stderr
    assert ended.stderr.splitlines()[-1] == operator_messages.NOTHING_READ


def test_a_load_under_way_is_ended_by_a_stop_and_the_admin_is_told(telegram, tmp_path):
    fill_store(tmp_path)
    process = BotProcess(tmp_path, telegram.api_url, CITEBOT_ADMINS="902")
    try:
        telegram.write("hello", user=902)
        telegram.replies(902)
        write_volumes(tmp_path / "articles", 600)
        telegram.write("/reload now", user=902)
        telegram.replies(902, 2)
        assert process.stop() == 0
        assert telegram.conversation(902, "editMessageText")[-1]["text"] == operator_messages.LOAD_STOPPED
    finally:
        process.stop()


def test_a_load_that_is_cancelled_leaves_the_articles_as_they_were_and_the_next_one_continues(telegram, tmp_path):
    process = BotProcess(fill(tmp_path), telegram.api_url, CITEBOT_ADMINS="906")
    try:
        process.running()
        telegram.write("/cancel", user=906)
        assert telegram.replies(906)[0]["text"] == admin_messages.NOTHING_TO_CANCEL
        telegram.write("/cancel", user=907)
        assert telegram.replies(907)[0]["text"] == messages.UNKNOWN_COMMAND
        write_volumes(tmp_path / "articles", 1500)
        telegram.write("/reload now", user=906)
        loading = telegram.shown(906, operator_messages.LOADING)
        with closing(sqlite3.connect(tmp_path / "citebot.db")) as store:
            end = time.monotonic() + PATIENCE
            while store.execute("SELECT count(*) FROM versions").fetchone()[0] < 100:
                assert time.monotonic() < end, "nothing is read"
                time.sleep(0.02)
            telegram.write("/cancel", user=906)
            ended = telegram.shown(906, operator_messages.LOAD_CANCELLED)
            assert ended["message_id"] == loading["message_id"]
            assert store.execute("SELECT count(*) FROM articles").fetchone() == (3,)
        telegram.write("/reload now", user=906)
        assert "an interrupted load" in telegram.shown(906, "Added 1,500 articles")["text"]
        assert "Traceback" not in process.log
        assert process.stop() == 0
    finally:
        process.stop()


def wait_for_faults(telegram):
    """Wait until the bot has met them."""
    end = time.monotonic() + PATIENCE
    while telegram.faults():
        assert time.monotonic() < end, telegram.faults()
        time.sleep(0.05)


def test_a_stop_waits_neither_for_a_load_nor_for_telegram_and_loses_nothing(telegram, tmp_path):
    process = BotProcess(fill_store(tmp_path), telegram.api_url, CITEBOT_ADMINS="905")
    try:
        telegram.write("Who built the stone bridge?", user=76)
        telegram.replies(76)
        write_volumes(tmp_path / "articles", 600)
        telegram.write("/reload now", user=905)
        telegram.replies(905)
        telegram.fault("hang", "sendMessage", chat=77, seconds=50)
        telegram.write("Who built the stone bridge?", user=77)
        wait_for_faults(telegram)
        telegram.fault("429", "answerCallbackQuery", seconds=50)
        press = telegram.press("Why", telegram.shown(76, "The stone bridge"), user=76)
        wait_for_faults(telegram)
        assert process.stop() == 0  # otherwise it was killed
        with Inbox(tmp_path / "citebot.state.db") as inbox:
            assert len(inbox.waiting()) == 2
        second = BotProcess(tmp_path, telegram.api_url)
        try:
            assert telegram.answer_to(press) == ""
            assert telegram.shown(77, "The stone bridge")
        finally:
            assert second.stop() == 0
    finally:
        process.stop()


def test_a_failure_inside_is_told_in_one_sentence_and_logged(telegram, tmp_path):
    process = BotProcess(fill_store(tmp_path), telegram.api_url)
    try:
        telegram.write("/help", user=61)
        telegram.replies(61)
        shutil.rmtree(tmp_path / "citebot.db.index", ignore_errors=True)
        for path in tmp_path.glob("citebot.db*"):
            path.write_bytes(b"this is no database" * 1000)
        telegram.write("Who built the stone bridge?", user=62)
        assert telegram.replies(62)[0]["text"] == messages.FAILED
        process.stop()
        assert "was not answered" in process.log
        assert "Traceback" in process.log
        assert TOKEN.partition(":")[2] not in process.log
    finally:
        process.stop()


def test_a_list_that_is_malformed_lets_nobody_ask_but_the_admins(telegram, tmp_path):
    process = BotProcess(fill_store(tmp_path), telegram.api_url, CITEBOT_ALLOW="71; 72", CITEBOT_ADMINS="903")
    try:
        telegram.write("Who built the stone bridge?", user=71)
        telegram.write("/reload", user=72)
        telegram.write("/ask Who built the stone bridge?", user=71, chat=group(-71))
        telegram.write("Who built the stone bridge?", user=903)
        assert telegram.replies(71)[0]["text"] == messages.not_allowed(71)
        assert telegram.replies(72)[0]["text"] == messages.not_allowed(72)
        assert "Anna Stone" in telegram.replies(903)[0]["text"]
        assert telegram.conversation(-71) == []
    finally:
        assert process.stop() == 0


def run_to_its_end(folder, **settings):
    return subprocess.run(
        [sys.executable, "-m", "bot", "telegram"],
        cwd=fill(folder),
        env=environment(**{"CITEBOT_TOKEN": TOKEN, "CITEBOT_ARTICLES": "articles"} | settings),
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )


def test_without_a_token_one_sentence_says_where_to_put_it(tmp_path):
    ended = run_to_its_end(tmp_path, CITEBOT_TOKEN="")
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr.strip().removeprefix("Error: ") == operator_messages.NOT_SET_UP


@pytest.mark.parametrize("token", ["123456:another-token-with-a-secret", "no token", "123456:to ken"])
def test_a_refused_token_is_told_in_one_sentence_that_does_not_show_it(telegram, tmp_path, token):
    ended = run_to_its_end(tmp_path, CITEBOT_TOKEN=token, CITEBOT_API_URL=telegram.api_url)
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1] == f"Error: {operator_messages.REFUSED_BY_TELEGRAM}"
    assert len(ended.stderr.splitlines()) == 1  # nothing is loaded for nothing
    assert token not in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_bot_that_starts_before_the_network_is_there_waits_for_it(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = BotProcess(fill_store(tmp_path), f"http://127.0.0.1:{port}/bot")
    back = None
    try:
        end = time.monotonic() + PATIENCE
        while operator_messages.NOT_REACHED not in process.log:
            assert time.monotonic() < end, process.log
            time.sleep(0.05)
        time.sleep(1.5)  # until the second attempt has failed
        assert process.process.poll() is None
        assert process.log.count(operator_messages.NOT_REACHED) == 1
        back = FakeTelegram(port)
        back.write("Who built the stone bridge?", user=81)
        assert "Anna Stone" in back.replies(81)[0]["text"]
        assert process.stop() == 0
        assert TOKEN.partition(":")[2] not in process.log
    finally:
        process.stop()
        if back is not None:
            back.close()


def test_a_token_that_is_revoked_while_the_bot_runs_ends_it_with_one_sentence(tmp_path):
    server = FakeTelegram()
    process = BotProcess(fill_store(tmp_path), server.api_url)
    try:
        server.write("hello", user=91)
        server.replies(91)
        server.revoke()
        assert process.process.wait(PATIENCE) == 1
        assert process.log.splitlines()[-1] == f"Error: {operator_messages.REFUSED_BY_TELEGRAM}"
        assert "Traceback" not in process.log
        assert "destroyed" not in process.log
    finally:
        process.stop()
        server.close()


@pytest.mark.parametrize("address", ["api.example.org/bot", "http:///bot", "http://127.0.0.1:1/api"])
def test_an_address_that_is_none_is_refused_at_once(tmp_path, address):
    ended = run_to_its_end(tmp_path, CITEBOT_API_URL=address)
    assert ended.returncode == 2
    assert ended.stderr.strip() == "Error: CITEBOT_API_URL must be a URL that ends in /bot."


def test_control_c_ends_it_in_order_with_130(telegram, tmp_path):
    process = BotProcess(fill_store(tmp_path), telegram.api_url)
    try:
        telegram.write("hello", user=95)
        telegram.replies(95)
        process.process.send_signal(signal.SIGINT)
        assert process.process.wait(PATIENCE) == 130
        assert "Traceback" not in process.log
    finally:
        process.stop()


def test_a_first_load_of_another_process_is_waited_for(telegram, tmp_path):
    fill(tmp_path)
    with load_lock(tmp_path / "citebot.db"):
        process = BotProcess(tmp_path, telegram.api_url, CITEBOT_ALLOW="96")
        try:
            end = time.monotonic() + PATIENCE
            while operator_messages.WAITING_FOR_LOAD not in process.log:
                assert process.process.poll() is None, process.log
                assert time.monotonic() < end, process.log
                time.sleep(0.05)
            telegram.write("Who built the stone bridge?", user=9500)  # who may not ask learns nothing of a load
            telegram.write("Who built the stone bridge?", user=96, language="de")
            (waits,) = telegram.replies(96)
            assert waits["text"] == Texts("de")(messages.FIRST_LOAD)
            telegram.write("What does the Blue Glacier lose every summer?", user=96, language="de")
            time.sleep(0.5)
        except BaseException:
            process.stop()
            raise
    try:
        told = [one["text"] for one in telegram.replies(96, 3)]  # the wait once, then both answers in their order
        assert "Anna Stone" in told[1]
        assert "nine metres" in told[2]
        assert len(telegram.replies(9500)) == 1
        assert process.log.count(operator_messages.WAITING_FOR_LOAD) == 1
        assert process.stop() == 0
    finally:
        process.stop()


def test_a_load_imports_nothing_from_the_working_folder(telegram, tmp_path):
    fill(tmp_path)
    (tmp_path / "json.py").write_text("raise SystemExit('the json of the working folder')")
    (tmp_path / "bot").mkdir()
    (tmp_path / "bot" / "__init__.py").write_text("raise SystemExit('the bot of the working folder')")
    process = BotProcess(tmp_path, telegram.api_url, options=("-P",))
    assert_loads(process, telegram, 97)


def assert_loads(process, telegram, user):
    try:
        process.running()
        telegram.write("Who built the stone bridge?", user=user)
        assert "Anna Stone" in telegram.replies(user)[0]["text"]
        assert "working folder" not in process.log
    finally:
        process.stop()


def test_a_store_that_cannot_be_used_is_told_without_its_path(telegram, tmp_path):
    process = BotProcess(fill_store(tmp_path), telegram.api_url, CITEBOT_ADMINS="904")
    try:
        telegram.write("hello", user=904)
        telegram.replies(904)
        for path in tmp_path.glob("citebot.db*"):
            if path.is_file():
                path.unlink()
        (tmp_path / "citebot.db").write_bytes(b"this is no database" * 1000)
        telegram.write("/reload now", user=904)
        assert wait_for_end(telegram, 904)[-1]["text"] == operator_messages.LOAD_FAILED
        assert "citebot.db" in process.log
    finally:
        process.stop()


def test_a_server_that_is_not_telegram_is_told_and_tried_again(telegram, tmp_path):
    process = BotProcess(fill_store(tmp_path), f"{telegram.root}/elsewhere/bot")
    try:
        time.sleep(4)  # more than one attempt
        assert process.process.poll() is None
        assert process.log.splitlines() == [operator_messages.NOT_REACHED]
        assert process.stop() == 0
    finally:
        process.stop()
