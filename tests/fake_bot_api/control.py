"""What the tests do, under `/control/`: play the users, order faults, and read what the bot did."""

import asyncio
from collections.abc import Callable

from aiohttp import web

from fake_bot_api.errors import ApiError
from fake_bot_api.request import Request
from fake_bot_api.world import World

LONGEST_WAIT = 60.0  # seconds that a test may wait for requests


class ControlSide:
    """The side of one server that tests use."""

    def __init__(self, world: World) -> None:
        self.world = world

    def route(self, router: web.UrlDispatcher) -> None:
        """Add the routes of this side."""
        router.add_post("/control/updates", self.push)
        router.add_post("/control/anything", self.put)
        router.add_post("/control/files", self.upload)
        router.add_post("/control/revoke", self.revoke)
        router.add_post("/control/me", self.switch)
        router.add_post("/control/webhook-target", self.webhook_target)
        router.add_post("/control/faults", self.order_faults)
        router.add_get("/control/faults", self.faults)
        router.add_delete("/control/faults", self.clear_faults)
        router.add_get("/control/message", self.message)
        router.add_delete("/control/message", self.delete)
        router.add_get("/control/requests", self.requests)
        router.add_get("/control/posts", self.posts)
        router.add_get("/control/commands", self.commands)

    async def push(self, http: web.Request) -> web.Response:
        """Queue the update in the body."""
        try:
            update = self.world.push(await http.json())
        except ApiError as error:
            return web.json_response({"error": error.description}, status=400)
        await self.world.notify()
        return web.json_response(update)

    async def put(self, http: web.Request) -> web.Response:
        """Queue the content of the body, unchecked."""
        put = self.world.put(await http.json(), numbered=bool(http.query.get("numbered")))
        await self.world.notify()
        return web.json_response(put)

    async def order_faults(self, http: web.Request) -> web.Response:
        """Add the rules in the body."""
        try:
            for rule in await http.json():
                self.world.faults.order(rule)
        except ValueError as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response({})

    async def faults(self, _: web.Request) -> web.Response:
        """List the rules that are not used up."""
        return web.json_response(self.world.faults.as_json())

    async def clear_faults(self, _: web.Request) -> web.Response:
        """Forget all rules."""
        self.world.faults.rules.clear()
        return web.json_response({})

    async def webhook_target(self, http: web.Request) -> web.Response:
        """Return where the reverse proxy of the webhook listens, http://127.0.0.1:<port>."""
        self.world.webhook_target = (await http.json())["target"].rstrip("/")
        await self.world.notify()
        return web.json_response({})

    async def upload(self, http: web.Request) -> web.Response:
        """Keep the body as a file that messages can carry; return its id."""
        file_id = f"file{len(self.world.files)}"
        self.world.files[file_id] = await http.read()
        return web.json_response({"file_id": file_id})

    async def message(self, http: web.Request) -> web.Response:
        """Show a message as it is now."""
        return web.json_response(self.world.messages[int(http.query["chat"]), int(http.query["message"])])

    async def delete(self, http: web.Request) -> web.Response:
        """Somebody deletes a message, or a topic."""
        self.world.delete(int(http.query["chat"]), int(http.query["message"]))
        return web.json_response({})

    async def requests(self, http: web.Request) -> web.Response:
        """List answered requests of `method` to `chat` numbered above `after`, in the order in which they came.

        Wait for them until there are `count`, or `wait` seconds are over.
        """
        method, chat, after = (http.query.get(name, "") for name in ("method", "chat", "after"))
        count, seconds = int(http.query.get("count", 0)), float(http.query.get("wait", 0))
        found: list[Request] = []
        looked_at = 0

        def are_enough() -> bool:
            """Look at what is new since the last look only: a test may wait while thousands come in."""
            nonlocal looked_at
            new, looked_at = self.world.settled[looked_at:], len(self.world.settled)
            found.extend(one for one in new if one.number > int(after or 0) and _is_asked_for(one, method, chat))
            return len(found) >= count

        await self._wait(are_enough, seconds)
        found.sort(key=lambda one: one.number)
        return web.json_response([request.as_json() for request in found])

    async def posts(self, http: web.Request) -> web.Response:
        """List what was posted to the webhook numbered above `after`, once `count` were answered or `wait` is over."""
        after, count = int(http.query.get("after", 0)), int(http.query.get("count", 0))

        def found() -> list[Request]:
            return [one for one in self.world.posts[after:] if one.code]

        await self._wait(lambda: len(found()) >= count, float(http.query.get("wait", 0)))
        return web.json_response([post.as_json() for post in found()])

    async def _wait(self, condition: Callable[[], bool], seconds: float) -> None:
        async with self.world.changed:
            try:
                async with asyncio.timeout(min(seconds, LONGEST_WAIT)):
                    await self.world.changed.wait_for(condition)
            except TimeoutError:
                pass

    async def revoke(self, _: web.Request) -> web.Response:
        """The owner revokes the token: no request is authorized from now on, and a poll that waits ends."""
        self.world.token = ""
        self.world.polls += 1
        await self.world.notify()
        return web.json_response({})

    async def switch(self, http: web.Request) -> web.Response:
        """The owner switches something on or off in @BotFather."""
        self.world.me |= await http.json()
        return web.json_response(self.world.me)

    async def commands(self, http: web.Request) -> web.Response:
        """The menus by scope."""
        return web.json_response(self.world.commands)


def _is_asked_for(request: Request, method: str, chat: str) -> bool:
    return method in ("", request.method) and chat in ("", str(request.parameters.get("chat_id")))
