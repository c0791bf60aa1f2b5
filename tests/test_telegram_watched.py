"""The bot in webhook mode, watched over while Telegram goes away and while the bot itself is killed time and again."""

import json
import time
import urllib.error
import urllib.request

import pytest
from conftest import BotProcess, fill_store, webhook_settings
from fake_bot_api.client import PATIENCE, TOKEN, FakeTelegram

QUESTION = "Who built the stone bridge of Rivertown?"
SLOTS = 4
ASKER = 318_401_277


class Watched:
    """A bot with a webhook that can be started again at the same address, and a server of its own."""

    def __init__(self, folder):
        self.folder, self.telegram = fill_store(folder), FakeTelegram()
        self.settings = webhook_settings(self.telegram) | {"CITEBOT_WORKERS": str(SLOTS)}
        self.process = None

    def start(self):
        self.process = BotProcess(self.folder, self.telegram.api_url, **self.settings)
        self.until(200)

    def kill(self):
        self.process.process.kill()
        self.process.process.wait()

    def get(self, path):
        """Return status and body; 0 while nobody listens."""
        try:
            with urllib.request.urlopen(
                f"http://{self.settings['CITEBOT_LISTEN']}{path}", timeout=PATIENCE
            ) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def until(self, status):
        """Return what /readyz says once it has this status."""
        end = time.monotonic() + 2 * PATIENCE
        while (found := self.get("/readyz"))[0] != status:
            assert time.monotonic() < end, found
            time.sleep(0.02)
        return json.loads(found[1])

    def close(self):
        if self.process is not None:
            self.process.stop()
        self.telegram.close()


@pytest.fixture
def watched(tmp_path):
    bot = Watched(tmp_path)
    try:
        bot.start()
        yield bot
    finally:
        bot.close()


def test_it_is_not_ready_while_telegram_is_away_and_is_again_once_it_is_back(watched):
    telegram = watched.telegram
    telegram.fault("502", "sendMessage", chat=ASKER, times=2)
    telegram.write(QUESTION, user=ASKER)
    assert watched.until(503) == {"store": True, "telegram": False, "receiving": True}
    assert watched.get("/healthz") == (200, "ok\n")
    watched.until(200)
    codes = [one["code"] for one in telegram.requests("sendMessage", chat=ASKER, count=3, wait=PATIENCE)]
    assert codes == [502, 502, 200]
    figures = watched.get("/metrics")[1]
    assert 'citebot_retries_total{method="sendMessage"' in figures
    for unsaid in (TOKEN, watched.settings["CITEBOT_WEBHOOK_SECRET"], "Rivertown", str(ASKER)):
        assert unsaid not in figures
    assert watched.process.stop() == 0
    assert telegram.violations() == []


def test_a_bot_that_is_killed_and_killed_again_loses_nothing(watched):
    telegram, pauses = watched.telegram, (0.0, 0.3)
    users = range(200, 200 + 8 * len(pauses))
    for number, pause in enumerate(pauses):
        for user in users[8 * number : 8 * number + 8]:
            telegram.write(QUESTION, user=user)
        time.sleep(pause)
        watched.kill()
        watched.start()
    for user in users:
        assert "Anna Stone" in telegram.requests("sendMessage", chat=user, count=1, wait=PATIENCE)[0]["text"]
    assert watched.process.stop() == 0
    assert sum(len(telegram.conversation(user)) for user in users) - len(users) <= SLOTS * len(pauses)
    assert telegram.violations() == []
