"""Whatever may come back over a socket, and what it means for a request that went out: may it be sent again or not?"""

import asyncio
import base64
import gc
import gzip
import json
import logging
import os
import socket
import ssl
import subprocess
import sys
import traceback
from contextlib import asynccontextmanager

import pytest
from telegram import Bot
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter
from telegram.request import RequestData
from telegram.request._requestparameter import RequestParameter
from test_fetch_tls import made_certificate

from bot.telegram.sending.failures import Unanswered, Undelivered, Unreadable
from bot.telegram.sending.request import MOST_BYTES, AiohttpRequest

TOKEN = "123456:AAH-secret_secret"
SENT = {"ok": True, "result": {"message_id": 1}}
PAGE = b"<html><body>502 Bad Gateway</body></html>"


@asynccontextmanager
async def wire(answer, context=None):
    """Serve bytes: `answer(reader, writer)` is called for each request; gives the address of a method of the Bot API."""

    async def serve(reader, writer):
        try:
            while await answer(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"{'https' if context else 'http'}://127.0.0.1:{port}/bot{TOKEN}/sendMessage"
    finally:
        server.close()


async def request_in(reader):
    """Read one request; gives its first line and headers, and its body."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    return head.decode(), await reader.readexactly(length)


def http(status, body, *headers):
    body = json.dumps(body).encode() if isinstance(body, dict) else body
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def saying(*pieces, then_close=True, pause=0.0):
    """Read a request and write these bytes."""

    async def answer(reader, writer):
        await request_in(reader)
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)
        return not then_close

    return answer


async def hang(reader, writer):
    await request_in(reader)
    await asyncio.sleep(3)


async def reset(reader, writer):
    await request_in(reader)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    writer.transport.abort()


async def drop_at_once(reader, writer):
    return False


def posted(**parameters):
    return RequestData([RequestParameter.from_input(name, value) for name, value in parameters.items()])


async def failure_of(url, **settings):
    """Return the error of a request; nothing that it can show contains the token."""
    async with AiohttpRequest(**{"read_timeout": 0.3, "connect_timeout": 0.5} | settings) as transport:
        with pytest.raises(NetworkError) as caught:
            await transport.post(url, posted(chat_id=1, text="x"))
    error = caught.value
    shown = "".join(traceback.format_exception(error)) + str(error) + repr(error)
    assert "secret" not in shown
    assert "password" not in shown
    return error


NOT_DELIVERED = {
    "dropped": saying(),
    "dropped at once": drop_at_once,
    "reset": reset,
    "500": saying(http("500 Internal Server Error", {"ok": False, "error_code": 500, "description": "x"})),
    "502": saying(http("502 Bad Gateway", PAGE)),
    "502 cut off": saying(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 900\r\n\r\n<html>"),
    "404 of another server": saying(http("404 Not Found", PAGE)),
    "400 with half an object": saying(http("400 Bad Request", b'{"ok":fal')),
    "400 with a list": saying(http("400 Bad Request", b"[]")),
    "400 with odd parameters": saying(http("400 Bad Request", {"ok": False, "parameters": [1]})),
    "400 with no words": saying(http("400 Bad Request", {"ok": False, "description": 5})),
    "429 with an odd time": saying(http("429 x", {"ok": False, "parameters": {"retry_after": "5"}})),
    "429 with a time gone by": saying(http("429 x", {"ok": False, "parameters": {"retry_after": -5}})),
    "a redirect": saying(http("302 Found", b"", "Location: http://127.0.0.1:9/")),
    "429 that does not say how long": saying(http("429 Too Many Requests", {"ok": False, "description": "x"})),
}


@pytest.mark.parametrize("name", NOT_DELIVERED)
async def test_what_telegram_has_not_taken_may_be_sent_again(name):
    async with wire(NOT_DELIVERED[name]) as url:
        assert type(await failure_of(url)) is Undelivered


READ_BY_TELEGRAM = {
    "a page": saying(http("200 OK", PAGE)),
    "nothing": saying(http("200 OK", b"")),
    "a list": saying(http("200 OK", b"[]")),
    "half an object": saying(http("200 OK", b'{"ok":true,"result":')),
    "too deep an object": saying(http("200 OK", b'{"result":' + b"[" * 20_000)),
    "no result": saying(http("200 OK", {"ok": True})),
    "an empty object": saying(http("200 OK", {"": 1})),
    "a refusal that says it is none": saying(http("200 OK", {"ok": False, "description": "x"})),
    "a result of somebody else": saying(http("200 OK", {"data": {"result": 1}})),
    "cut off": saying(b'HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{"ok":true'),
    "cut off in a chunk": saying(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n30\r\n{"ok":'),
    "a chunk that is none": saying(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{"ok":'),
    "cut off in the headers": saying(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nDate: Mon"),
    "no HTTP": saying(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "not gzip": saying(http("200 OK", b"plain", "Content-Encoding: gzip")),
    "silent in the middle": saying(b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{", pause=1),
    "too much": saying(http("200 OK", gzip.compress(b"{" + bytes(MOST_BYTES)), "Content-Encoding: gzip")),
}


@pytest.mark.parametrize("name", READ_BY_TELEGRAM)
async def test_an_answer_that_cannot_be_read_is_never_asked_for_again(name):
    async with wire(READ_BY_TELEGRAM[name]) as url:
        assert type(await failure_of(url)) is Unreadable


UNANSWERED = {
    "hangs": hang,
    "a byte now and then": saying(*[b"X-%d: 1\r\n" % number for number in range(99)], pause=0.05),
}


@pytest.mark.parametrize("name", UNANSWERED)
async def test_no_answer_in_time_is_told_from_no_connection(name):
    async def answer(reader, writer):
        if name != "hangs":
            writer.write(b"HTTP/1.1 200 OK\r\n")
        return await UNANSWERED[name](reader, writer)

    async with wire(answer) as url:
        assert type(await failure_of(url)) is Unanswered


async def test_where_nobody_listens_nothing_was_delivered():
    with socket.socket() as taken:  # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        error = await failure_of(f"http://127.0.0.1:{taken.getsockname()[1]}/bot{TOKEN}/sendMessage")
    assert type(error) is Undelivered


async def test_a_name_that_nobody_knows_was_not_delivered_to():
    assert type(await failure_of(f"http://api.telegram.invalid/bot{TOKEN}/getMe")) is Undelivered


async def test_no_place_for_a_connection_in_time_was_not_delivered():
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        others = [socket.socket() for _ in range(3)]
        for other in others:
            other.setblocking(False)
            other.connect_ex(full.getsockname())
        error = await failure_of(f"http://127.0.0.1:{full.getsockname()[1]}/bot{TOKEN}/x", connect_timeout=0.2)
        for other in others:
            other.close()
    assert type(error) is Undelivered


async def test_who_waits_for_a_connection_that_others_use_was_not_delivered():
    async with wire(hang) as url, AiohttpRequest(connections=1, connect_timeout=0.2, read_timeout=1.0) as transport:
        first = asyncio.create_task(transport.post(url, posted(chat_id=1)))
        await asyncio.sleep(0.05)
        with pytest.raises(Undelivered):
            await transport.post(url, posted(chat_id=2))
        with pytest.raises(Unanswered):
            await first


async def test_a_certificate_that_nobody_vouches_for_was_not_delivered_to(tmp_path):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made_certificate(tmp_path, ["IP:127.0.0.1"]))
    async with wire(saying(http("200 OK", SENT)), context) as url:
        error = await failure_of(url)
    assert type(error) is Undelivered
    assert "Certificate" in str(error)


async def test_what_can_never_be_sent_is_not_sent_again():
    assert type(await failure_of(f"gopher://127.0.0.1/bot{TOKEN}/getMe")) is NetworkError


REFUSALS = {
    400: (BadRequest, {"ok": False, "error_code": 400, "description": "Bad Request: chat not found"}),
    401: (InvalidToken, {"ok": False, "error_code": 401, "description": "Unauthorized"}),
    403: (Forbidden, {"ok": False, "error_code": 403, "description": "Forbidden: bot was blocked by the user"}),
    409: (Conflict, {"ok": False, "error_code": 409, "description": "Conflict: terminated by other getUpdates"}),
    429: (RetryAfter, {"ok": False, "error_code": 429, "description": "x", "parameters": {"retry_after": 3}}),
    500: (RetryAfter, {"ok": False, "error_code": 500, "description": "x", "parameters": {"retry_after": 3}}),
}


@pytest.mark.parametrize("status", REFUSALS)
async def test_what_telegram_itself_refuses_is_the_librarys_error(status):
    kind, body = REFUSALS[status]
    async with wire(saying(http(f"{status} x", body))) as url, AiohttpRequest() as transport:
        with pytest.raises(kind) as caught:
            await transport.post(url, posted(chat_id=1))
    assert type(caught.value) is kind


async def test_what_people_wrote_is_not_logged_with_an_answer_that_cannot_be_read(caplog):
    async with wire(saying(http("200 OK", b'{"text":"my illness"'))) as url:
        await failure_of(url)
    assert "illness" not in caplog.text


async def test_connections_are_kept_and_used_again():
    ports = set()

    async def answer(reader, writer):
        ports.add(writer.get_extra_info("peername"))
        return await saying(http("200 OK", SENT), then_close=False)(reader, writer)

    async with wire(answer) as url, AiohttpRequest() as transport:
        for _ in range(5):
            assert await transport.post(url, posted(chat_id=1, text="ü & ☃")) == {"message_id": 1}
    assert len(ports) == 1


async def test_a_connection_that_was_closed_meanwhile_is_replaced():
    async with wire(saying(http("200 OK", SENT), then_close=True)) as url, AiohttpRequest() as transport:
        for _ in range(3):
            assert await transport.post(url, posted(chat_id=1)) == {"message_id": 1}
            await asyncio.sleep(0.02)


async def test_it_can_be_shut_down_at_any_time_and_opened_again(caplog):
    async with wire(saying(http("200 OK", SENT), then_close=False)) as url:
        transport = AiohttpRequest()
        with pytest.raises(Undelivered):
            await transport.post(url, posted(chat_id=1))
        for _ in range(2):
            await transport.initialize()
            await transport.initialize()
            assert await transport.post(url, posted(chat_id=1)) == {"message_id": 1}
            await transport.shutdown()
            await transport.shutdown()
        with pytest.raises(Undelivered):
            await transport.post(url, posted(chat_id=1))
    gc.collect()
    assert "Unclosed" not in caplog.text


async def test_shutting_down_under_a_request_leaves_nothing_behind(caplog):
    async with wire(hang) as url:
        transport = AiohttpRequest(read_timeout=5)
        await transport.initialize()
        asked = asyncio.create_task(transport.post(url, posted(chat_id=1)))
        await asyncio.sleep(0.05)
        await transport.shutdown()
        with pytest.raises(NetworkError):
            await asked
        del asked
    gc.collect()
    assert caplog.text == ""


async def test_a_cancelled_request_leaves_nothing_behind(caplog):
    async with wire(hang) as url, AiohttpRequest() as transport:
        asked = asyncio.create_task(transport.post(url, posted(chat_id=1)))
        await asyncio.sleep(0.05)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
    gc.collect()
    assert caplog.text == ""


async def test_no_cookie_is_kept():
    heads = []

    async def answer(reader, writer):
        heads.append((await request_in(reader))[0])
        writer.write(http("200 OK", SENT, "Set-Cookie: a=b"))
        return True

    async with wire(answer) as url, AiohttpRequest() as transport:
        await transport.post(url, posted(chat_id=1))
        await transport.post(url, posted(chat_id=1))
    assert "cookie" not in "".join(heads).lower()


async def test_no_redirect_is_followed_with_the_token_in_the_address():
    followed = []

    async def answer(reader, writer):
        followed.append(await request_in(reader))
        writer.write(http("200 OK", SENT))
        return True

    async with wire(answer) as elsewhere:
        async with wire(saying(http("307 Temporary Redirect", b"", f"Location: {elsewhere}"))) as url:
            assert type(await failure_of(url)) is Undelivered
        assert followed == []


def proxying(seen, refusal=None):
    """Be a forward proxy: note each first line and who asks; pass on, or refuse."""

    async def answer(reader, writer):
        head, body = await request_in(reader)
        seen.append(head)
        if refusal:
            writer.write(refusal)
            return False
        method, target, *_ = head.split(" ")
        place = target.removeprefix("http://").partition("/")[0]
        host, _, port = place.partition(":")
        there, back = await asyncio.open_connection(host, int(port))
        if method == "CONNECT":
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await asyncio.gather(_pump(reader, back), _pump(there, writer))
        else:
            back.write(head.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n").encode() + body)
            writer.write(await there.read())
        back.close()
        return False

    return answer


async def _pump(reader, writer):
    try:
        while piece := await reader.read(2**16):
            writer.write(piece)
            await writer.drain()
    except ConnectionError:
        pass
    writer.close()


def place_of(url):
    return url.split("/")[2]


async def test_requests_go_by_way_of_the_proxy_with_its_password():
    seen = []
    async with (
        wire(saying(http("200 OK", SENT))) as url,
        wire(proxying(seen)) as proxy,
        AiohttpRequest(proxy=f"http://anna:password@{place_of(proxy)}") as transport,
    ):
        assert await transport.post(url, posted(chat_id=1)) == {"message_id": 1}
    assert seen[0].startswith(f"POST {url} ")
    assert base64.b64encode(b"anna:password").decode() in seen[0]


async def test_to_https_the_proxy_makes_a_tunnel_and_learns_no_token(tmp_path):
    seen = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made_certificate(tmp_path, ["IP:127.0.0.1"]))
    async with wire(saying(http("200 OK", SENT)), context) as url, wire(proxying(seen)) as proxy:
        error = await failure_of(url, proxy=f"http://anna:password@{place_of(proxy)}")
        assert "Certificate" in str(error)  # it came as far as Telegram's own
        assert seen[0].startswith(f"CONNECT {place_of(url)} ")
        assert base64.b64encode(b"anna:password").decode() in seen[0]
        assert "secret" not in "".join(seen)


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_proxy_that_refuses_is_blamed_without_its_password(scheme):
    refusal = http("407 Proxy Authentication Required", PAGE)
    async with wire(proxying([], refusal)) as proxy:
        url = f"{scheme}://127.0.0.1:9/bot{TOKEN}/getMe"
        error = await failure_of(url, proxy=f"http://anna:password@{place_of(proxy)}")
    assert type(error) is Undelivered
    assert "CITEBOT_PROXY" in str(error)


async def test_a_proxy_that_is_not_there_is_blamed_without_its_password():
    error = await failure_of(f"http://127.0.0.1:9/bot{TOKEN}/getMe", proxy="http://anna:password@127.0.0.1:1")
    assert type(error) is Undelivered
    assert "CITEBOT_PROXY" in str(error)


async def test_a_proxy_whose_name_nobody_knows_is_blamed():
    error = await failure_of(f"http://127.0.0.1:9/bot{TOKEN}/getMe", proxy="http://anna:password@proxy.invalid:1")
    assert type(error) is Undelivered
    assert "CITEBOT_PROXY" in str(error)


async def test_a_proxy_that_does_not_speak_http_has_carried_nothing():
    async with wire(saying(b"SSH-2.0-OpenSSH_9.6\r\n")) as proxy:
        error = await failure_of(f"https://127.0.0.1:9/bot{TOKEN}/getMe", proxy=f"http://{place_of(proxy)}")
    assert type(error) is Undelivered
    assert "CITEBOT_PROXY" in str(error)


async def test_over_tls_connections_and_tunnels_are_kept_and_closed_properly(tmp_path):
    certificate = made_certificate(tmp_path, ["IP:127.0.0.1"])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    seen = []
    async with wire(saying(http("200 OK", SENT), then_close=False), context) as url, wire(proxying(seen)) as proxy:
        asking = await asyncio.create_subprocess_exec(
            *(sys.executable, "-W", "error", "-c", ASKING, url, f"http://anna:password@{place_of(proxy)}"),
            env=os.environ | {"SSL_CERT_FILE": str(certificate)},  # read once, when aiohttp is imported
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        said, _ = await asking.communicate()
    assert said.decode().splitlines() == ["{'message_id': 1}"] * 4
    assert len(seen) == 1


ASKING = """
import asyncio, gc, sys
from bot.telegram.sending.request import AiohttpRequest as Transport

async def ask(url, proxy):
    for settings in {}, {"proxy": proxy}:
        async with Transport(**settings) as transport:
            for _ in range(2):
                print(await transport.post(url))
    gc.collect()

asyncio.run(ask(*sys.argv[1:]))
"""


@pytest.mark.parametrize("scheme", ["http://", ""])
async def test_without_one_the_environments_proxy_is_used_and_its_exceptions_kept(monkeypatch, scheme):
    seen = []
    async with wire(saying(http("200 OK", SENT))) as url, wire(proxying(seen)) as proxy:
        monkeypatch.setenv("http_proxy", f"{scheme}{place_of(proxy)}")
        async with AiohttpRequest() as transport:
            await transport.post(url, posted(chat_id=1))
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        async with AiohttpRequest() as transport:
            await transport.post(url, posted(chat_id=1))
    assert len(seen) == 1


async def test_a_netrc_file_adds_nothing_to_requests(monkeypatch, tmp_path):
    heads = []

    async def answer(reader, writer):
        heads.append((await request_in(reader))[0])
        writer.write(http("200 OK", SENT))
        return False

    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login anna password hunter2\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    async with wire(answer) as url, AiohttpRequest() as transport:
        await transport.post(url, posted(chat_id=1))
    assert "authorization" not in heads[0].lower()


async def test_a_real_bot_says_what_it_is_told_to():
    bodies = []

    async def answer(reader, writer):
        bodies.append((await request_in(reader))[1])
        chat = {"id": 5, "type": "private"}
        writer.write(http("200 OK", {"ok": True, "result": {"message_id": 7, "date": 0, "chat": chat, "text": "x"}}))
        return True

    async with wire(answer) as url:
        bot = Bot(TOKEN, base_url=url.split(TOKEN)[0], request=AiohttpRequest(), get_updates_request=AiohttpRequest())
        async with bot._request[1]:
            assert (await bot.send_message(5, "a & b = ü ☃")).message_id == 7
    assert bodies == [b"chat_id=5&text=a+%26+b+%3D+%C3%BC+%E2%98%83"]


async def test_nothing_of_a_failure_comes_out_in_the_log(caplog):
    caplog.set_level(logging.DEBUG)
    async with wire(saying(b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{")) as url:
        await failure_of(url)
    gc.collect()
    assert "secret" not in caplog.text
