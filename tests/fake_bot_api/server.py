"""HTTP in and out: `/bot<token>/<method>` for the bot, `/control/...` for the tests.

A request to the bot's side goes through six steps, each its own function: read the form, write it down, check it, meet
a fault if a test has ordered one, perform it, reply. Files: `checking`, `faults`, `methods` and `polling`; `webhook`
is the way round.
"""

from collections.abc import Callable
from contextlib import suppress
from os import SEEK_END
from typing import Any

from aiogram.methods import GetUpdates, TelegramMethod
from aiohttp import web
from pydantic import TypeAdapter

from fake_bot_api.checking import check_request
from fake_bot_api.control import ControlSide
from fake_bot_api.errors import ApiError, Haste, NoSuchMethod, Unauthorized
from fake_bot_api.faults import AFTER, BEFORE, Fault, Injected, reply
from fake_bot_api.methods import METHODS
from fake_bot_api.pace import is_counted
from fake_bot_api.polling import get_updates
from fake_bot_api.request import Request
from fake_bot_api.webhook import Postman
from fake_bot_api.world import World

_SHOWN = 100_000  # bytes of a file that tests can read


class BotSide:
    """The Bot API."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def handle(self, http: web.Request) -> web.StreamResponse:
        """Answer one request of the bot."""
        fields, files = await self._read(http)
        request = self.world.record(http.match_info["method"], fields)
        request.files = files
        fault, result = None, None
        try:
            self._authorize(http.match_info["token"])
            method = self._check(request, fields)
            fault = self._meet_early(request)
            if fault and fault.kind in BEFORE:
                raise Injected(fault)
            self._pace(request)
            result = await self._perform(request, method)
            fault = fault or self._meet_late(request, result)
            self._duplicate(request, method, fault, result)
        except ApiError as error:
            body = self._refuse(request, error)
        else:
            request.code = 200
            request.result_id = result.get("message_id", 0) if isinstance(result, dict) else 0
            body = {"ok": True, "result": result}
        await self.world.settle(request)
        return await reply(http, body, request.code, fault)

    async def download(self, http: web.Request) -> web.Response:
        """Return the bytes of a file that getFile has named."""
        if http.match_info["token"] != self.world.token or http.match_info["file"] not in self.world.files:
            return web.json_response({"ok": False, "error_code": 404, "description": "Not Found"}, status=404)
        return web.Response(body=self.world.files[http.match_info["file"]])

    async def _read(self, http: web.Request) -> tuple[dict[str, str], list[dict[str, Any]]]:
        """Return the fields and the files of a form; a file is in its own field unless another field names it."""
        form = await http.post()
        fields = {key: value for key, value in (*http.query.items(), *form.items()) if isinstance(value, str)}
        files = []
        for key, value in form.items():
            if isinstance(value, web.FileField):
                size = value.file.seek(0, SEEK_END)
                value.file.seek(0)
                text = value.file.read(_SHOWN).decode(errors="replace")
                files.append({"field": key, "name": value.filename, "size": size, "text": text})
        unnamed = [one["field"] for one in files if not any(f"attach://{one['field']}" in it for it in fields.values())]
        return fields | {key: f"attach://{key}" for key in unnamed}, files

    def _authorize(self, token: str) -> None:
        if token != self.world.token:
            raise Unauthorized("Unauthorized")

    def _check(self, request: Request, fields: dict[str, str]) -> TelegramMethod:
        method, request.parameters = check_request(request.method, fields)
        if request.method.lower() not in ("getupdates", *METHODS):
            raise NoSuchMethod(f"{request.method} is not built into this server yet: add it to methods.py")
        return method

    def _meet_early(self, request: Request) -> Fault | None:
        """A poll may wait long: what comes after its effect is ordered when there is one."""
        is_poll = request.method.lower() == "getupdates"
        return self.world.faults.meet(request, BEFORE if is_poll else BEFORE | AFTER)

    def _meet_late(self, request: Request, result: Any) -> Fault | None:
        is_poll = request.method.lower() == "getupdates"
        return self.world.faults.meet(request, AFTER) if is_poll and result else None

    def _pace(self, request: Request) -> None:
        chat = request.parameters.get("chat_id")
        if self.world.pace is None or not is_counted(request.method) or not isinstance(chat, int):
            return
        if seconds := self.world.pace.take(chat, request.at):
            raise Haste(seconds)

    async def _perform(self, request: Request, method: TelegramMethod) -> Any:
        if isinstance(method, GetUpdates):
            return await get_updates(self.world, method)
        result = METHODS[request.method.lower()](self.world, request, method)
        TypeAdapter(method.__returning__).validate_python(result)  # a server that invents replies proves nothing
        return result

    def _duplicate(self, request: Request, method: TelegramMethod, fault: Fault | None, result: Any) -> None:
        """Perform it once more behind the bot's back; updates will be given once more."""
        if fault is None or fault.kind != "duplicate":
            return
        if isinstance(method, GetUpdates):
            self.world.repeated = list(result)
            return
        with suppress(ApiError):  # an edit, say, has no second effect
            METHODS[request.method.lower()](self.world, request, method)

    def _refuse(self, request: Request, error: ApiError) -> dict[str, Any]:
        request.code, request.description, request.violation = error.code, error.description, error.violation
        request.retry_after = error.retry_after
        body: dict[str, Any] = {"ok": False, "error_code": error.code, "description": error.description}
        told = {name: value for name in ("retry_after", "migrate_to_chat_id") if (value := getattr(error, name))}
        return body | ({"parameters": told} if told else {})


def make_app(world: World) -> web.Application:
    """Route both sides."""
    bot = BotSide(world)
    app = web.Application(client_max_size=2**26)
    app.router.add_route("*", "/bot{token}/{method}", bot.handle)
    app.router.add_get("/file/bot{token}/documents/{file}", bot.download)
    ControlSide(world).route(app.router)
    return app


async def serve(world: World, port: int, announce: Callable[[int], object]) -> None:
    """Serve on a port of 127.0.0.1 (0: the system picks one), announce it, and go on until cancelled."""
    runner = web.AppRunner(make_app(world), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    announce(runner.addresses[0][1])
    try:
        await Postman(world).run()
    finally:
        await runner.cleanup()
