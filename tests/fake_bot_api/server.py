"""HTTP in and out: `/bot<token>/<method>` for the bot, `/control/...` for the tests.

A request to the bot's side goes through five steps, each its own function, in `BotSide.handle`: read the form, write
it down, check it, perform it, answer. A fault (an error, a hang, a dropped connection, a reply that lies) is one more
step between two of these.
"""

import asyncio
from typing import Any

from aiohttp import web
from pydantic import TypeAdapter

from fake_bot_api.checking import check_request
from fake_bot_api.errors import ApiError, NoSuchMethod, Unauthorized
from fake_bot_api.methods import METHODS
from fake_bot_api.polling import get_updates
from fake_bot_api.world import Request, World

LONGEST_WAIT = 60.0  # seconds that a test may wait for requests


class BotSide:
    """The Bot API."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def handle(self, http: web.Request) -> web.Response:
        """Answer one request of the bot."""
        fields = await self._read(http)
        request = await self.world.record(http.match_info["method"], fields)
        try:
            self._authorize(http.match_info["token"])
            result = await self._perform(request, fields)
        except ApiError as error:
            request.code, request.description, request.violation = error.code, error.description, error.violation
            body: dict[str, Any] = {"ok": False, "error_code": error.code, "description": error.description}
        else:
            request.code = 200
            request.result_id = result.get("message_id", 0) if isinstance(result, dict) else 0
            body = {"ok": True, "result": result}
        await self.world.notify()
        return web.json_response(body, status=request.code)

    async def download(self, http: web.Request) -> web.Response:
        """Give the bytes of a file that getFile has named."""
        if http.match_info["token"] != self.world.token or http.match_info["file"] not in self.world.files:
            return web.json_response({"ok": False, "error_code": 404, "description": "Not Found"}, status=404)
        return web.Response(body=self.world.files[http.match_info["file"]])

    async def _read(self, http: web.Request) -> dict[str, str]:
        form = await http.post()
        return {key: str(value) for key, value in (*http.query.items(), *form.items())}

    def _authorize(self, token: str) -> None:
        if token != self.world.token:
            raise Unauthorized("Unauthorized")

    async def _perform(self, request: Request, fields: dict[str, str]) -> Any:
        method, request.parameters = check_request(request.method, fields)
        name = request.method.lower()
        if name == "getupdates":
            return await get_updates(self.world, method)
        if name not in METHODS:
            raise NoSuchMethod(f"{request.method} is not built into this server yet: add it to methods.py")
        result = METHODS[name](self.world, request, method)
        TypeAdapter(method.__returning__).validate_python(result)  # a server that invents replies proves nothing
        return result


class ControlSide:
    """What the tests do: play the users, and read what the bot did."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def push(self, http: web.Request) -> web.Response:
        """Queue the update in the body."""
        try:
            update = self.world.push(await http.json())
        except ApiError as error:
            return web.json_response({"error": error.description}, status=400)
        await self.world.notify()
        return web.json_response(update)

    async def upload(self, http: web.Request) -> web.Response:
        """Keep the body as a file that messages can carry; gives its id."""
        file_id = f"file{len(self.world.files)}"
        self.world.files[file_id] = await http.read()
        return web.json_response({"file_id": file_id})

    async def message(self, http: web.Request) -> web.Response:
        """Show a message as it is now."""
        return web.json_response(self.world.messages[int(http.query["chat"]), int(http.query["message"])])

    async def requests(self, http: web.Request) -> web.Response:
        """List answered requests of `method` numbered above `after`, once there are `count` or after `wait` seconds."""
        method, after = http.query.get("method", ""), int(http.query.get("after", 0))
        count, seconds = int(http.query.get("count", 0)), float(http.query.get("wait", 0))

        def found() -> list[Request]:
            return [
                one for one in self.world.requests if one.number > after and one.code and method in ("", one.method)
            ]

        async with self.world.changed:
            try:
                async with asyncio.timeout(min(seconds, LONGEST_WAIT)):
                    await self.world.changed.wait_for(lambda: len(found()) >= count)
            except TimeoutError:
                pass
        return web.json_response([request.as_json() for request in found()])

    async def revoke(self, _: web.Request) -> web.Response:
        """The owner revokes the token: no request is authorized from now on, and a poll that waits ends."""
        self.world.token = ""
        self.world.polls += 1
        await self.world.notify()
        return web.json_response({})

    async def commands(self, http: web.Request) -> web.Response:
        """The menus by scope."""
        return web.json_response(self.world.commands)


def make_app(world: World) -> web.Application:
    """Route both sides."""
    bot, control = BotSide(world), ControlSide(world)
    app = web.Application(client_max_size=2**26)
    app.router.add_route("*", "/bot{token}/{method}", bot.handle)
    app.router.add_get("/file/bot{token}/documents/{file}", bot.download)
    app.router.add_post("/control/files", control.upload)
    app.router.add_get("/control/message", control.message)
    app.router.add_post("/control/updates", control.push)
    app.router.add_post("/control/revoke", control.revoke)
    app.router.add_get("/control/requests", control.requests)
    app.router.add_get("/control/commands", control.commands)
    return app


async def serve(world: World, port: int) -> None:
    """Serve on a port of 127.0.0.1 (0: the system picks one), print it, and go on until cancelled."""
    runner = web.AppRunner(make_app(world), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()
