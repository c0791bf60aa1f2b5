"""Kill -9 at random moments under open questions: nothing is lost, and no more is answered twice than was in hand.

The same is done to a bot of python-telegram-bot as its examples show it, which loses some: so the harness can see a loss.
CITEBOT_KILLS says how often (20 in the note of a release). `pytest -s` prints what became of the questions of both.
"""

import os
import random
import subprocess
import sys
import time

from conftest import BotProcess, environment, fill
from fake_bot_api.client import TOKEN, FakeTelegram

KILLS = int(os.environ.get("CITEBOT_KILLS", "5"))
AT_ONCE = 20
WORKERS = 8
QUESTION = "Who built the stone bridge of Rivertown?"
PLAIN = """
import sys
from telegram.ext import ApplicationBuilder, MessageHandler, filters

async def echo(update, context):
    await update.message.reply_text(update.message.text)

application = ApplicationBuilder().token(sys.argv[1]).base_url(sys.argv[2]).build()
application.add_handler(MessageHandler(filters.TEXT, echo))
application.run_polling(bootstrap_retries=-1)
"""


class PlainBot:
    """A bot of python-telegram-bot with nothing added."""

    def __init__(self, folder, api_url):
        command = [sys.executable, "-c", PLAIN, TOKEN, api_url]
        self.process = subprocess.Popen(command, cwd=folder, env=environment(), stderr=subprocess.DEVNULL)

    def stop(self):
        self.process.terminate()
        self.process.wait(20)


def test_of_questions_under_kills_none_is_lost_and_those_in_hand_alone_are_answered_twice(tmp_path):
    fill(tmp_path)
    ours = killed(lambda server: BotProcess(tmp_path, server.api_url, CITEBOT_WORKERS=str(WORKERS)))
    print(f"citebot: {told(ours)}")
    assert [user for user, replies in ours.items() if not replies] == []
    assert sum(replies - 1 for replies in ours.values()) <= KILLS * WORKERS


def test_python_telegram_bot_alone_loses_questions_in_the_same_harness(tmp_path):
    plain = killed(lambda server: PlainBot(tmp_path, server.api_url))
    print(f"python-telegram-bot: {told(plain)}")
    assert [user for user, replies in plain.items() if not replies]


def killed(start):
    """Ask AT_ONCE questions, kill the bot somewhere among the answers, start it again, KILLS times; replies by user."""
    server, chance, users = FakeTelegram(), random.Random(7), []
    bot = start(server)
    try:
        server.write("hello", user=1)
        server.replies(1)
        for kill in range(KILLS):
            new = range(1000 * (kill + 1), 1000 * (kill + 1) + AT_ONCE)
            users += new
            before = len(server.requests("sendMessage"))
            for user in new:
                server.write(QUESTION, user=user)
            server.requests("sendMessage", count=before + chance.randrange(AT_ONCE - 3), wait=20)
            time.sleep(chance.uniform(0, 0.02))
            bot.process.kill()
            bot.process.wait()
            bot = start(server)
        return settled(server, users)
    finally:
        bot.stop()
        server.close()


def settled(server, users):
    """Count the replies of each user once all have one, or nothing has come for some seconds."""
    replies, quiet_since = counted(server, users), time.monotonic()
    while not all(replies.values()) and time.monotonic() - quiet_since < 6:
        time.sleep(0.2)
        if (now := counted(server, users)) != replies:
            replies, quiet_since = now, time.monotonic()
    time.sleep(1.5)  # for what is answered twice
    return counted(server, users)


def counted(server, users):
    replies = dict.fromkeys(users, 0)
    for one in server.requests("sendMessage"):
        if (chat := one["parameters"].get("chat_id")) in replies and one["code"] == 200:
            replies[chat] += 1
    return replies


def told(replies):
    lost = sum(not number for number in replies.values())
    twice = sum(number - 1 for number in replies.values() if number)
    return f"{KILLS} kills, {len(replies)} questions, {lost} lost, {twice} answered twice"
