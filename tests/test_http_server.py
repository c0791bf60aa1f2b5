"""What watches over the bot is told, over real HTTP, on the address that was configured."""

import asyncio
import json
import logging
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientSession
from test_webhook import free_port

from bot.settings.parsing import Address, parse_listen
from bot.telegram.monitoring.prometheus_metrics import Metrics
from bot.telegram.receiving import connections
from bot.telegram.receiving.connections import MOST_QUIET
from bot.telegram.receiving.http_server import CannotListen, Health, serve_http
from retrieval import open_engine


class Watched:
    """A bot that receives and reaches Telegram until the test says otherwise."""

    def __init__(self, address):
        self.is_reachable = self.is_receiving = True
        self.metrics = Metrics()
        host = f"[{address.host}]" if ":" in address.host else address.host
        self.base = f"http://{host}:{address.port}"
        self.session = None

    async def get(self, path, method="GET"):
        async with self.session.request(method, self.base + path) as response:
            self.response, self.body = response, await response.text()
            return response.status

    async def readiness(self):
        return await self.get("/readyz"), json.loads(self.body)


@asynccontextmanager
async def watched(folder, address=None):
    address = address or Address("127.0.0.1", free_port())
    bot = Watched(address)
    with open_engine(folder / "citebot.db") as engine:
        health = Health(
            engine, bot.metrics, is_reachable=lambda: bot.is_reachable, is_receiving=lambda: bot.is_receiving
        )
        async with ClientSession() as bot.session, serve_http(address, health, None, None):
            yield bot


def load(folder):
    (folder / "one.md").write_text("The bridge was built in 1721.", encoding="utf-8")
    with open_engine(folder / "citebot.db") as engine:
        engine.load([folder / "one.md"])


async def test_a_process_that_lives_says_so_whatever_else_is_wrong(tmp_path):
    async with watched(tmp_path) as bot:
        bot.is_reachable = bot.is_receiving = False
        assert (await bot.get("/healthz"), bot.body) == (200, "ok\n")


async def test_it_is_ready_when_all_three_are_and_says_which_is_not(tmp_path):
    load(tmp_path)
    async with watched(tmp_path) as bot:
        assert await bot.readiness() == (200, {"store": True, "telegram": True, "receiving": True})
        bot.is_reachable = False
        assert await bot.readiness() == (503, {"store": True, "telegram": False, "receiving": True})
        bot.is_reachable, bot.is_receiving = True, False
        assert await bot.readiness() == (503, {"store": True, "telegram": True, "receiving": False})
        bot.is_receiving = True
        assert (await bot.readiness())[0] == 200


@pytest.mark.parametrize("damage", ["never filled", "gone", "no store", "a folder"])
async def test_it_is_not_ready_without_articles_to_answer_from(tmp_path, damage):
    if damage != "never filled":
        load(tmp_path)
    async with watched(tmp_path) as bot:
        store = tmp_path / "citebot.db"
        if damage != "never filled":
            assert (await bot.readiness())[0] == 200
            for file in tmp_path.glob("citebot.db*"):
                if file.is_file():
                    file.unlink()
        if damage == "no store":
            store.write_bytes(b"no database" * 1000)
        if damage == "a folder":
            store.mkdir()
        assert await bot.readiness() == (503, {"store": False, "telegram": True, "receiving": True})
        assert str(tmp_path) not in bot.body


async def test_a_store_that_is_filled_meanwhile_is_noticed(tmp_path):
    async with watched(tmp_path) as bot:
        assert (await bot.readiness())[0] == 503
        await asyncio.to_thread(load, tmp_path)
        assert (await bot.readiness())[0] == 200


async def test_prometheus_reads_the_figures(tmp_path):
    async with watched(tmp_path) as bot:
        bot.metrics.received(3)
        assert await bot.get("/metrics") == 200
        assert bot.response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        assert "citebot_updates_total 3.0" in bot.body


async def test_only_what_is_there_is_answered_and_nothing_of_the_server_told(tmp_path):
    async with watched(tmp_path) as bot:
        for path in ("/healthz", "/readyz", "/metrics"):
            await bot.get(path)
            assert await bot.get(path, "HEAD") in {200, 503}
            assert await bot.get(path, "POST") == 405
            assert bot.response.headers["Server"] == "citebot"
        for path in ("/", "/hook", "/healthz/x", "/metrics/../hook", "/..%2f..%2fetc/passwd"):
            assert await bot.get(path) == 404
            assert bot.body == "404: Not Found"
            assert bot.response.headers["Server"] == "citebot"


async def half_headers(address, count, opened):
    for _ in range(count):
        reader, writer = await asyncio.open_connection(address.host, address.port)
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n")
        opened.append((reader, writer))


async def test_who_asks_nothing_keeps_nobody_out(tmp_path, monkeypatch):
    monkeypatch.setattr(connections, "FIRST_REQUEST", 60.0)
    address, opened = Address("127.0.0.1", free_port()), []
    async with watched(tmp_path, address) as bot:
        assert await bot.get("/healthz") == 200
        await half_headers(address, 3 * MOST_QUIET, opened)
        assert await bot.get("/healthz") == 200
        await until(lambda: all(reader.at_eof() for reader, _ in opened[: 2 * MOST_QUIET]))
        assert not opened[-1][0].at_eof()
        for _, writer in opened:
            writer.close()


async def test_headers_must_come_in_time_and_an_answered_connection_may_ask_again(tmp_path, monkeypatch):
    monkeypatch.setattr(connections, "FIRST_REQUEST", 0.2)
    address, opened = Address("127.0.0.1", free_port()), []
    async with watched(tmp_path, address) as bot:
        assert await bot.get("/healthz") == 200
        await half_headers(address, 2, opened)
        await until(lambda: all(reader.at_eof() for reader, _ in opened))
        assert await bot.get("/healthz") == 200
        for _, writer in opened:
            writer.close()


async def until(true):
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def test_a_system_without_descriptors_fills_no_log(caplog):
    for _ in range(1000):
        logging.getLogger("asyncio").error("socket.accept() out of system resource\nsocket: x")
    logging.getLogger("asyncio").error("something else")
    assert len(caplog.records) == 2


async def test_it_listens_on_ipv6_too(tmp_path):
    port = free_port("::1")
    async with watched(tmp_path, parse_listen(f"[::1]:{port}")) as bot:
        assert await bot.get("/healthz") == 200


async def test_an_address_that_is_taken_is_told_with_the_setting_to_change(tmp_path):
    address = Address("127.0.0.1", free_port())
    async with watched(tmp_path, address):
        with pytest.raises(CannotListen, match=rf"{address.port} .*in use.*CITEBOT_LISTEN"):
            async with watched(tmp_path, address):
                pass
    async with watched(tmp_path, address) as bot:  # it is free again
        assert await bot.get("/healthz") == 200


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "a..b", "x" * 70 + ".example"])
async def test_an_address_of_another_machine_is_told_with_the_setting_to_change(tmp_path, host):
    with pytest.raises(CannotListen, match=r"Cannot listen on .+8080 \(.+CITEBOT_LISTEN"):
        async with watched(tmp_path, Address(host, 8080)):
            pass
