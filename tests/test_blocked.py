"""Chats that blocked the bot: remembered as hashes, over restarts, until they write again."""

import logging
import sqlite3
import threading

import pytest

from bot.state import AnswerLog, BlockedChats, key_from_token

KEY = key_from_token("123456:AAH-secret_secret")
CHAT, OTHER, GROUP = 987654321012, 987654321013, -1009876543210


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state.db"


def test_a_chat_is_remembered_over_a_restart_until_it_writes_again(path):
    blocked = BlockedChats(path, KEY)
    blocked.add(CHAT)
    blocked.add(GROUP)
    blocked.add(CHAT)
    again = BlockedChats(path, KEY)
    assert [chat in again for chat in (CHAT, OTHER, GROUP)] == [True, False, True]
    again.discard(CHAT)
    again.discard(OTHER)
    for known in (again, BlockedChats(path, KEY)):
        assert [chat in known for chat in (CHAT, OTHER, GROUP)] == [False, False, True]


def test_the_file_holds_hashes_that_tell_nothing_of_who_asked(path):
    BlockedChats(path, KEY).add(CHAT)
    connection = sqlite3.connect(path)
    ((hash_,),) = connection.execute("SELECT chat FROM blocked")
    connection.close()
    content = path.read_bytes()
    assert all(as_written not in content for as_written in (str(CHAT).encode(), CHAT.to_bytes(6), CHAT.to_bytes(8)))
    assert len(hash_) == 16
    assert CHAT not in BlockedChats(path, key_from_token("654321:another_token"))


def test_asking_costs_no_look_into_the_file(path):
    blocked = BlockedChats(path, KEY)
    blocked.add(CHAT)
    path.unlink()
    assert CHAT in blocked
    assert OTHER not in blocked
    blocked.discard(OTHER)  # as every message does that comes from a chat that blocked nothing
    assert not path.exists()


def test_without_a_key_nothing_is_remembered(path):
    blocked = BlockedChats(path, None)
    blocked.add(CHAT)
    blocked.discard(CHAT)
    assert CHAT not in blocked


def test_where_the_file_cannot_be_used_chats_are_known_until_the_bot_ends(tmp_path, caplog):
    (tmp_path / "text.db").write_text("no database at all, but a text that somebody wrote " * 20)
    with caplog.at_level(logging.WARNING):
        blocked = BlockedChats(tmp_path / "text.db", KEY)
        blocked.add(CHAT)
    assert CHAT in blocked
    blocked.discard(CHAT)
    assert CHAT not in blocked
    assert "is not an SQLite file. Move it away, or choose another file in CITEBOT_STATE." in caplog.text
    assert str(CHAT) not in caplog.text


def test_many_threads_block_at_once(path):
    blocked = BlockedChats(path, KEY)

    def block(first):
        for chat in range(first, first + 10):
            blocked.add(chat)

    threads = [threading.Thread(target=block, args=(100 * number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    again = BlockedChats(path, KEY)
    assert sum(chat in again for chat in range(400)) == 40
    with AnswerLog(path) as log:
        assert log.count()[0] == 0
