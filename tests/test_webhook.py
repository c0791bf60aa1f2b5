"""What the listener of the webhook takes and refuses, over real HTTP; what it takes is in a real inbox."""

import asyncio
import gzip
import json
import logging
import socket
from contextlib import asynccontextmanager, suppress
from io import BytesIO
from types import SimpleNamespace

import pytest
from aiohttp import ClientSession
from fake_bot_api.client import TOKEN
from telegram import Bot
from telegram.error import InvalidToken

from bot.settings.parsing import Address
from bot.state import Inbox, StateError
from bot.telegram.monitoring.alerts import Alerts
from bot.telegram.monitoring.prometheus_metrics import Metrics
from bot.telegram.receiving.http_server import Health, serve_http
from bot.telegram.receiving.webhook import MOST_BYTES, Webhook, keep_webhook, retry_until_accepted
from bot.telegram.sending.request import AiohttpRequest
from retrieval import open_engine

SECRET = "a-Secret_1"
HEADER = "X-Telegram-Bot-Api-Secret-Token"
WITH_SECRET = {HEADER: SECRET}
URL = "https://bot.example.org/hook?x=1"


class Hooked:
    """A webhook whose updates go into an inbox, in a thread as the bot has it."""

    def __init__(self, inbox):
        self.inbox = inbox
        self.is_open = True
        self.broken = None  # what taking an update in raises
        self.slowness = 0.0
        self.begun = asyncio.Event()
        self.metrics = Metrics()
        self.session = None
        self.port = None

    async def receive(self, updates):
        self.begun.set()
        await asyncio.sleep(self.slowness)
        if self.broken:
            raise self.broken
        await asyncio.to_thread(self.inbox.take, updates)

    async def post(self, data=b'{"update_id": 1}', headers=WITH_SECRET, path="/hook", method="POST"):
        async with self.session.request(method, f"{self.base}{path}", data=BytesIO(data), headers=headers) as response:
            self.response, self.body = response, await response.read()
            return response.status

    @property
    def base(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def kept(self):
        return [letter.update for letter in self.inbox.waiting()]

    def refused(self, reason, times=1):
        return f'citebot_webhook_refusals_total{{reason="{reason}"}} {times}.0' in self.metrics.text().decode()

    async def until_refused(self, reason, times=1):
        async with asyncio.timeout(5):
            while not self.refused(reason, times):  # noqa: ASYNC110 - it comes over HTTP
                await asyncio.sleep(0.01)

    async def raw(self, *pieces, pause=0.0):
        """Send bytes as they are; give the first line that comes back, once the other side has closed."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(pause)
            return (await asyncio.wait_for(reader.read(), 5)).partition(b"\r\n")[0]
        finally:
            writer.close()


def free_port(host="127.0.0.1"):
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as one:
        one.bind((host, 0))
        return one.getsockname()[1]


def head(*lines, secret=SECRET):
    return "\r\n".join(("POST /hook HTTP/1.1", "Host: x", f"{HEADER}: {secret}", *lines, "", "")).encode()


@asynccontextmanager
async def a_hook(folder, url=URL, patience=10.0):
    with open_engine(folder / "citebot.db") as engine, Inbox(folder / "state.db") as inbox:
        hooked = Hooked(inbox)
        hook = Webhook(SECRET, hooked.receive, lambda: hooked.is_open, hooked.metrics, patience=patience)
        health = Health(engine, hooked.metrics, is_reachable=lambda: True, is_receiving=lambda: True)
        hooked.port = free_port()
        address = Address("127.0.0.1", hooked.port)
        async with ClientSession() as hooked.session, serve_http(address, health, hook, url):
            yield hooked


async def test_what_telegram_posts_is_kept_before_it_hears_so(tmp_path):
    async with a_hook(tmp_path) as hooked:
        update = {"update_id": 7, "message": {"text": "Who built the bridge? \ud83d 🌉"}}
        assert await hooked.post(json.dumps(update).encode()) == 200
        assert hooked.kept == [update]
        assert hooked.body == b""


async def test_a_hundred_posts_at_once_are_all_kept(tmp_path):
    async with a_hook(tmp_path) as hooked:
        posts = [json.dumps({"update_id": number % 90}) for number in range(100)]
        statuses = await asyncio.gather(*(post_alone(hooked, data) for data in posts))
        assert statuses == [200] * 100
        assert [update["update_id"] for update in hooked.kept] == list(range(90))


async def post_alone(hooked, data):
    async with hooked.session.post(f"{hooked.base}/hook", data=data, headers=WITH_SECRET) as response:
        return response.status


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {HEADER: ""},
        {HEADER: "a-Secret_2"},
        {HEADER: SECRET + "x"},
        {HEADER: SECRET[:-1]},
        {HEADER: SECRET.upper()},
        {HEADER: "é\udc80"},
        [(HEADER, SECRET), (HEADER, SECRET)],
        [(HEADER, "x"), (HEADER, SECRET)],
        {"Authorization": SECRET},
    ],
)
async def test_nobody_without_the_secret_is_listened_to(tmp_path, headers):
    async with a_hook(tmp_path) as hooked:
        if isinstance(headers, dict) and any("\udc80" in value for value in headers.values()):
            reply = await hooked.raw(
                head("Content-Length: 16", secret="é").replace(b"\xc3", b"\xff"), b'{"update_id": 1}'
            )
            assert reply.startswith(b"HTTP/1.1 403 ")
        else:
            assert await hooked.post(headers=headers) == 403
            assert hooked.body == b""
        assert hooked.kept == []
        assert hooked.refused("secret")


async def test_a_body_is_not_waited_for_before_the_secret_is_known(tmp_path):
    async with a_hook(tmp_path) as hooked:
        assert (await hooked.raw(head("Content-Length: 999999", secret="wrong"))).startswith(b"HTTP/1.1 403 ")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no JSON",
        b"[]",
        b"7",
        b"null",
        b"[" * 100_000,
        b'{"update_id": 1, "message": ' + b'{"a": ' * 50_000 + b"1" + b"}" * 50_001,
        b'{"update_id": true}',
        b'{"update_id": 1.0}',
        b'{"update_id": "1"}',
        b'{"update_id": null}',
        b'{"message": {}}',
        b'{"update_id": ' + b"9" * 5000 + b"}",
        b'{"update_id": 1, "x": "\xff"}',
        gzip.compress(b'{"update_id": 1}', mtime=0),
    ],
)
async def test_what_is_no_update_is_refused_and_the_next_one_taken(tmp_path, body):
    async with a_hook(tmp_path) as hooked:
        assert await hooked.post(body) == 400
        assert hooked.kept == []
        assert hooked.refused("malformed")
        assert await hooked.post(b'{"update_id": 2}', headers=WITH_SECRET | {"Content-Type": "text/plain"}) == 200
        assert hooked.kept == [{"update_id": 2}]


async def test_a_compressed_body_is_not_inflated(tmp_path):
    async with a_hook(tmp_path) as hooked:
        body = gzip.compress(b'{"update_id": 1}', mtime=0)
        assert await hooked.post(body, headers=WITH_SECRET | {"Content-Encoding": "gzip"}) == 400
        assert hooked.kept == []


async def test_a_number_that_no_inbox_holds_hurts_nobody(tmp_path):
    async with a_hook(tmp_path) as hooked:
        assert await hooked.post(b'{"update_id": ' + b"9" * 30 + b"}") == 200  # else it would come back for ever
        assert await hooked.post(b'{"update_id": 3}') == 200
        assert hooked.kept == [{"update_id": 3}]


async def test_a_body_longer_than_any_update_is_refused(tmp_path):
    async with a_hook(tmp_path) as hooked:
        fits = b'{"update_id": 1}'.ljust(MOST_BYTES)
        assert await hooked.post(fits) == 200
        assert await hooked.post(fits + b" ") == 413
        assert hooked.refused("long")
        assert len(hooked.kept) == 1


async def test_a_body_in_chunks_without_end_is_refused(tmp_path):
    async with a_hook(tmp_path) as hooked:
        chunk = b"10000\r\n" + b" " * 2**16 + b"\r\n"
        reply = await hooked.raw(head("Transfer-Encoding: chunked"), *[chunk] * 17)
        assert reply.startswith(b"HTTP/1.1 413 ")


async def test_a_body_that_trickles_is_given_up(tmp_path):
    async with a_hook(tmp_path, patience=0.2) as hooked:
        reply = await hooked.raw(head("Content-Length: 16"), *[b"{"] * 6, pause=0.05)
        assert reply.startswith(b"HTTP/1.1 408 ")
        assert hooked.refused("slow")


async def test_what_is_cut_off_or_garbled_is_no_error_of_the_bot(tmp_path, caplog):
    async with a_hook(tmp_path, patience=0.3) as hooked:
        _, writer = await asyncio.open_connection("127.0.0.1", hooked.port)
        writer.write(head("Content-Length: 100") + b'{"update_id": 1}')
        await writer.drain()
        await asyncio.sleep(0.1)
        writer.transport.abort()
        await hooked.until_refused("cut")
        for garbled in (b"no HTTP at all\r\n\r\n", head("no colon"), head("Transfer-Encoding: chunked") + b"zz\r\n"):
            assert (await hooked.raw(garbled)).startswith((b"HTTP/1.1 400 ", b"HTTP/1.0 400 "))
        await hooked.raw(head("Transfer-Encoding: chunked"), b"zz\r\n", pause=0.1)
        assert await hooked.post() == 200
        assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_where_there_is_no_room_telegram_is_asked_to_come_again(tmp_path):
    async with a_hook(tmp_path) as hooked:
        hooked.is_open = False
        assert await hooked.post() == 503
        assert hooked.response.headers["Retry-After"] == "5"
        assert hooked.kept == []
        hooked.is_open = True
        assert await hooked.post() == 200


async def test_an_update_that_arrives_while_the_bot_ends_is_left_to_telegram(tmp_path):
    async with a_hook(tmp_path) as hooked:
        reader, writer = await asyncio.open_connection("127.0.0.1", hooked.port)
        writer.write(head("Content-Length: 16") + b'{"update_id"')
        await writer.drain()
        await asyncio.sleep(0.1)
        hooked.is_open = False
        writer.write(b": 1}")
        assert (await asyncio.wait_for(reader.readline(), 5)).startswith(b"HTTP/1.1 503 ")
        writer.close()
        assert hooked.kept == []


async def test_what_could_not_be_kept_is_not_acknowledged(tmp_path, caplog):
    async with a_hook(tmp_path) as hooked:
        hooked.broken = StateError("state.db cannot be written.")
        assert await hooked.post() == 503
        assert "state.db cannot be written. Until then, updates wait at Telegram" in caplog.text
        hooked.broken = RuntimeError("a bug")
        assert await hooked.post() == 500
        assert b"bug" not in hooked.body
        hooked.broken = None
        assert await hooked.post() == 200
        assert len(hooked.kept) == 1


async def test_the_log_says_once_a_minute_that_strangers_knock_and_nothing_of_their_words(tmp_path, caplog):
    async with a_hook(tmp_path) as hooked:
        for number in range(20):
            assert await hooked.post(b'{"update_id": 1, "x": "words"}', headers={HEADER: f"guess{number}"}) == 403
        told = [record for record in caplog.records if "CITEBOT_WEBHOOK_SECRET" in record.getMessage()]
        assert len(told) == 1
        assert hooked.refused("secret", times=20)
        for unsaid in (SECRET, "guess", "words"):
            assert unsaid not in caplog.text


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://bot.example.org/a/b?c=d#e", "/a/b"),
        ("https://bot.example.org", "/"),
        ("https://bot.example.org:8443/", "/"),
        ("https://bot.example.org/{x}", "/%7Bx%7D"),
        ("https://bot.example.org/näh%20e", "/n%C3%A4h%20e"),
        ("https://bot.example.org/a/", "/a/"),
        ("https://bot.example.org/healthz", "/healthz"),
    ],
)
async def test_it_is_posted_to_the_path_of_the_address_and_to_no_other(tmp_path, url, path):
    async with a_hook(tmp_path, url) as hooked:
        assert await hooked.post(path=path) == 200
        assert await hooked.post(path=path.rstrip("/") + "/other") == 404
        assert await hooked.post(method="PUT", path=path) == 405
        assert len(hooked.kept) == 1


async def test_what_is_being_kept_when_the_listener_closes_is_still_acknowledged(tmp_path):
    async with ClientSession() as session:
        async with a_hook(tmp_path) as hooked:
            hooked.slowness = 0.3
            hooked.session = session
            posting = asyncio.create_task(hooked.post())
            await hooked.begun.wait()
        assert await posting == 200


SETTINGS = SimpleNamespace(
    webhook_url="https://bot.example.org/hook", webhook_secret="a-secret", workers=8, guests=False
)


def run(telegram, doing, token=TOKEN):
    async def with_bot():
        async with Bot(
            token, base_url=telegram.api_url, request=AiohttpRequest(), get_updates_request=AiohttpRequest()
        ) as bot:
            return await doing(bot)

    return asyncio.run(with_bot())


def keeping(telegram, seconds, meanwhile, alarms=None):
    """Keep the webhook for some seconds; do something once it is set."""

    async def doing(bot):
        task = asyncio.create_task(keep_webhook(bot, SETTINGS, alarms or Alerts(), interval=0.1))
        await asyncio.sleep(0.3)
        await asyncio.to_thread(meanwhile)
        await asyncio.sleep(seconds)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    run(telegram, doing)


def where(telegram):
    return telegram.call("getWebhookInfo")["result"]["url"]


def test_a_webhook_that_another_process_takes_away_is_set_again(telegram, caplog):
    assert where(telegram) == ""
    keeping(telegram, 0.3, lambda: telegram.call("deleteWebhook"))
    assert where(telegram) == SETTINGS.webhook_url
    assert caplog.messages == ["Another process has removed or changed the webhook; setting it again."]


def test_that_telegram_cannot_post_is_told(telegram, caplog):
    telegram.webhook_target("http://127.0.0.1:9")
    alarms = Alerts(patience=0.05)
    keeping(telegram, 0.5, lambda: telegram.write("Who is there?"), alarms)
    said = "Telegram could not post to CITEBOT_WEBHOOK_URL: "
    assert any(one.startswith("fetching updates has failed for") and said in one for one in caplog.messages)
    assert alarms.reachable  # Telegram itself has said it


def test_a_failure_is_asked_about_again_and_told_once(telegram, caplog):
    caplog.set_level(logging.WARNING)
    telegram.fault("502", "setWebhook", times=1)
    keeping(telegram, 1.2, lambda: None)
    assert where(telegram) == SETTINGS.webhook_url
    (told,) = [one for one in caplog.messages if one.startswith("The webhook cannot be set yet")]
    assert "(502)" in told


def test_a_refused_token_is_no_failure_that_passes():
    async def refused():
        raise InvalidToken

    with pytest.raises(InvalidToken):
        asyncio.run(retry_until_accepted(refused, lambda _: None))
