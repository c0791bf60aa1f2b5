"""Files out and in, byte for byte, between the transport and aiohttp's own server."""

import asyncio
import hashlib
import io
import random
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from telegram import Bot, File, InputFile, InputMediaDocument
from telegram.error import InvalidToken, NetworkError, TelegramError

from bot.telegram.sending.failures import Unanswered, Undelivered, Unreadable
from bot.telegram.sending.request import MOST_BYTES, AiohttpRequest

TOKEN = "123456:AAH-secret_secret"
BIG = random.Random(3).randbytes(5 * 2**20)
MESSAGE = {"message_id": 1, "date": 0, "chat": {"id": 5, "type": "private"}}


class World:
    """A Bot API of files: keeps the fields and files that it is sent, and gives what is asked for."""

    def __init__(self):
        self.fields = {}
        self.files = {}  # field: name, kind, digest
        self.pause = 0.0  # seconds between two pieces that are read
        self.download = None  # status, body

    async def take(self, request):
        async for part in await request.multipart():
            if part.filename is None:
                self.fields[part.name] = await part.text()
                continue
            digest = hashlib.sha256()
            while piece := await part.read_chunk(2**16):
                digest.update(piece)
                await asyncio.sleep(self.pause)
            self.files[part.name] = part.filename, part.headers["Content-Type"], digest.hexdigest()
        is_group = request.path.endswith("sendMediaGroup")
        return web.json_response({"ok": True, "result": [MESSAGE] if is_group else MESSAGE})

    async def give(self, request):
        status, body = self.download
        return web.Response(status=status, body=body)


@asynccontextmanager
async def world_and_bot(**settings):
    world = World()
    app = web.Application(client_max_size=2**30)
    app.router.add_post(f"/bot{TOKEN}/{{method}}", world.take)
    app.router.add_get("/file/{path:.*}", world.give)
    async with TestServer(app) as server, AiohttpRequest(**settings) as transport:
        bot = Bot(TOKEN, base_url=str(server.make_url("/bot")), request=transport, get_updates_request=AiohttpRequest())
        yield world, bot, str(server.make_url("/file/documents/file_1.pdf"))


def digest(content):
    return hashlib.sha256(content).hexdigest()


async def test_a_file_of_several_megabytes_arrives_byte_for_byte():
    async with world_and_bot() as (world, bot, _):
        await bot.send_document(5, io.BytesIO(BIG), filename="Bericht.pdf", caption="für ☃")
    assert world.files == {"document": ("Bericht.pdf", "application/pdf", digest(BIG))}
    assert world.fields == {"chat_id": "5", "caption": "für ☃"}


async def test_a_file_that_is_read_from_the_disk_arrives_as_well(tmp_path):
    (tmp_path / "all.bin").write_bytes(BIG)
    async with world_and_bot() as (world, bot, _):
        with (tmp_path / "all.bin").open("rb") as file:
            await bot.send_document(5, InputFile(file, read_file_handle=False))
    assert world.files["document"][::2] == ("all.bin", digest(BIG))


@pytest.mark.parametrize("name", ["Übersicht ☃.txt", 'a"b\\c.txt', "a;b=c.txt", "100%20.txt"])
async def test_a_name_arrives_as_it_is(name):
    async with world_and_bot() as (world, bot, _):
        await bot.send_document(5, b"x", filename=name)
    assert world.files["document"][0] == name


async def test_a_name_cannot_add_a_header():
    async with world_and_bot() as (world, bot, _):
        await bot.send_document(5, b"x", filename='a"\r\nX-Evil: 1\r\n\r\nb\0.txt')
    assert world.files["document"][0] == 'a"__X-Evil: 1____b_.txt'


async def test_several_files_go_in_one_request():
    media = [InputMediaDocument(content, filename=f"{content.decode()}.txt") for content in (b"one", b"two")]
    async with world_and_bot() as (world, bot, _):
        await bot.send_media_group(5, media)
    assert sorted(name for name, *_ in world.files.values()) == ["one.txt", "two.txt"]
    assert all(f"attach://{field}" in world.fields["media"] for field in world.files)


async def test_an_upload_may_take_longer_than_a_reply():
    async with world_and_bot(read_timeout=0.2) as (world, bot, _):
        world.pause = 0.01  # 80 pieces
        await bot.send_document(5, BIG, filename="slow.bin")
    assert world.files["document"][2] == digest(BIG)


async def test_an_upload_does_not_take_for_ever():
    async with world_and_bot(upload_timeout=0.3) as (world, bot, _):
        world.pause = 0.05
        with pytest.raises(Unanswered):
            await bot.send_document(5, BIG, filename="slow.bin")


async def test_a_download_arrives_byte_for_byte(tmp_path):
    async with world_and_bot() as (world, bot, address):
        world.download = 200, BIG
        file = File("id", "unique", file_path=address)
        file.set_bot(bot)
        await file.download_to_drive(tmp_path / "kept")
    assert (tmp_path / "kept").read_bytes() == BIG


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (404, b'{"ok":false,"error_code":404,"description":"Not Found"}', InvalidToken),  # as the library has it
        (404, b"<html>", Undelivered),
        (502, b"<html>", Undelivered),
        (200, b"x" * (MOST_BYTES + 1), Unreadable),
    ],
)
async def test_a_download_that_fails_is_an_error_of_the_library(status, body, kind):
    async with world_and_bot() as (world, bot, address):
        world.download = status, body
        with pytest.raises(TelegramError) as caught:
            await bot.request.retrieve(address)
    assert type(caught.value) is kind


async def test_a_download_of_nothing_is_one_too():
    async with world_and_bot() as (world, bot, address):
        world.download = 200, b""
        assert await bot.request.retrieve(address) == b""


async def test_where_the_file_server_is_away_the_error_does_not_name_the_file():
    async with world_and_bot() as (_, bot, _address):
        with pytest.raises(NetworkError) as caught:
            await bot.request.retrieve(f"http://127.0.0.1:1/file/bot{TOKEN}/documents/file_1.pdf")
    assert type(caught.value) is Undelivered
    assert "secret" not in f"{caught.value!r} {caught.value.__context__!r} {caught.value.__cause__!r}"
