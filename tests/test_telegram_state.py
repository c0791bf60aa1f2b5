"""What the bot remembers of questions from Telegram: who asked only as a hash, and no answer is lost over it."""

import sqlite3
import time

from conftest import BotProcess, fill_store
from fake_bot_api.client import PATIENCE, TOKEN, group, quotations

from bot.rendering.messages import ABSTENTION
from bot.state import AnswerLog
from bot.state.ids import key_from_token, pseudonym

USERS = (987654321001, 987654321002)
CHAT = -1009876543210
QUESTION = "Who built the stone bridge of Rivertown?"
ANSWER = "The stone bridge of Rivertown was built in 1721 by the mason Anna Stone."


def test_questions_from_telegram_are_kept_without_anybodys_id_or_name(telegram, tmp_path):
    process = BotProcess(fill_store(tmp_path), telegram.api_url)
    try:
        telegram.write(QUESTION, user=USERS[0])
        telegram.replies(USERS[0])
        telegram.write("How tall is Mount Everest?", user=USERS[0])
        telegram.replies(USERS[0], 2)
        telegram.write(f"/ask {QUESTION}", user=USERS[1], chat=group(CHAT))
        telegram.write(f"/ask {QUESTION}", user=1087968824, chat=group(CHAT), sender_chat=group(CHAT))
        telegram.write("hello", user=USERS[1])
        telegram.replies(CHAT, 2)
        telegram.replies(USERS[1])
        state = tmp_path / "citebot.state.db"
        with AnswerLog(state) as log:
            asked = log.asked(10)
            assert log.answer(asked[0].answer).citations[0].text == ANSWER
        assert [(one.channel, one.answered) for one in reversed(asked)] == [
            ("telegram", True), ("telegram", False), ("telegram", True), ("telegram", True),
        ]  # fmt: skip
        assert process.stop() == 0
    finally:
        process.stop()

    kept = b"".join(file.read_bytes() for file in tmp_path.glob("citebot.state.db*"))
    assert QUESTION.encode() in kept
    for name in (*map(str, USERS), str(abs(CHAT)), TOKEN, "User"):
        assert name.encode() not in kept
    connection = sqlite3.connect(state)
    users = [user for (user,) in connection.execute("SELECT user FROM questions ORDER BY id")]
    connection.close()
    first, second = (pseudonym(key_from_token(TOKEN), "user", user) for user in USERS)
    assert users[:2] == [first, first]
    assert set(users[2:]) == {second, None}  # whoever writes in the name of the group is nobody in particular


def test_a_state_that_cannot_be_written_is_told_at_once_since_a_question_could_be_lost(telegram, tmp_path):
    (tmp_path / "state").mkdir()
    process = BotProcess(fill_store(tmp_path), telegram.api_url, CITEBOT_STATE="state")
    try:
        assert process.process.wait(PATIENCE) == 1
        assert process.log.splitlines()[-1] == (
            "state cannot be opened. Make it and its folder readable and writable for citebot."
        )
    finally:
        process.stop()


def test_while_another_program_holds_the_state_questions_wait_with_telegram(telegram, tmp_path):
    process = BotProcess(fill_store(tmp_path), telegram.api_url)
    try:
        telegram.write("How tall is Mount Everest?", user=210)
        assert telegram.replies(210)[0]["text"].startswith(ABSTENTION)
        holder = sqlite3.connect(tmp_path / "citebot.state.db", isolation_level=None)
        holder.execute("BEGIN EXCLUSIVE")
        for user in range(211, 216):
            telegram.write(QUESTION, user=user)
        end = time.monotonic() + PATIENCE
        while "updates wait at Telegram" not in process.log and time.monotonic() < end:
            time.sleep(0.1)
        assert "updates wait at Telegram" in process.log
        assert not any(telegram.conversation(user) for user in range(211, 216))
        holder.close()
        assert {quotations(telegram.replies(user)[0])[0] for user in range(211, 216)} == {ANSWER}
    finally:
        process.stop()
