"""Webhooks: set, shown and deleted by the bot; then each update is posted to the target that the test has named.

The target stands for the reverse proxy behind the https address: it gets the path of that address and the secret
header. In one chat an update is posted once the one before it was taken, chats side by side up to max_connections;
what is not answered with 2xx is posted again. Updates begin in the order of their ids.
"""

import asyncio
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from aiogram.methods import DeleteWebhook, GetWebhookInfo, SetWebhook
from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar

from fake_bot_api.errors import Violation
from fake_bot_api.faults import NO_REPLY
from fake_bot_api.request import Request
from fake_bot_api.world import Webhook, World

PORTS = (None, 80, 88, 443, 8443)
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
HEADER = "X-Telegram-Bot-Api-Secret-Token"
CONNECTIONS = 40
AGAIN_AFTER = 0.2  # seconds; Telegram itself waits longer each time
LONGEST_POST = 60.0  # seconds


def set_webhook(world: World, request: Request, method: SetWebhook) -> bool:
    """Post updates from now on instead of waiting for polls; an empty address ends that."""
    if method.drop_pending_updates:
        world.updates.clear()
    if not method.url:
        world.webhook = None
        return True
    _check_address(method.url)
    if method.secret_token is not None and not SECRET.fullmatch(method.secret_token):
        raise Violation("Bad Request: secret token contains unallowed characters or is longer than 256")
    if method.max_connections is not None and not 1 <= method.max_connections <= 100:
        raise Violation("Bad Request: max_connections is 1 to 100")
    if method.allowed_updates is not None:
        world.allowed = method.allowed_updates
    world.webhook = Webhook(method.url, method.secret_token, method.max_connections or CONNECTIONS)
    world.polls += 1  # a poll that waits ends
    return True


def delete_webhook(world: World, request: Request, method: DeleteWebhook) -> bool:
    """Wait for polls again."""
    if method.drop_pending_updates:
        world.updates.clear()
    world.webhook = None
    return True


def get_webhook_info(world: World, request: Request, method: GetWebhookInfo) -> dict[str, Any]:
    """Return where updates are posted and why the last failed post failed."""
    hook = world.webhook or Webhook("", None, CONNECTIONS)
    info = {"url": hook.url, "has_custom_certificate": False, "pending_update_count": len(world.updates)}
    if hook.url:
        info |= {"max_connections": hook.max_connections}
    if hook.url and world.allowed:
        info |= {"allowed_updates": world.allowed}
    if hook.last_error_date:
        info |= {"last_error_date": hook.last_error_date, "last_error_message": hook.last_error_message}
    return info


def _check_address(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        raise Violation("Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
    if parts.port not in PORTS:
        raise Violation("Bad Request: bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")


class Postman:
    """Posts what waits while there are a webhook and a target; `world.posts` says what became of each post."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._tasks: dict[int, asyncio.Task[None]] = {}  # by the id of the update's object
        self._chats: dict[int, Any] = {}  # those of the updates that are on their way, by the same ids

    async def run(self) -> None:
        """Post until cancelled, which also cancels the posts under way."""
        timeout = ClientTimeout(total=LONGEST_POST)
        async with ClientSession(cookie_jar=DummyCookieJar(), timeout=timeout) as session:
            try:
                while True:
                    async with self.world.changed:
                        self._begin(session)
                        await self.world.changed.wait()
            finally:
                for task in self._tasks.values():
                    task.cancel()

    def _begin(self, session: ClientSession) -> None:
        """Start every post that may start now."""
        hook = self.world.webhook
        if hook is None or not self.world.webhook_target:
            return
        busy = set(self._chats.values())
        for update in self.world.updates:
            chat = chat_of(update)
            if len(self._tasks) < hook.max_connections and chat not in busy:
                self._tasks[id(update)] = asyncio.ensure_future(self._post(session, hook, update))
                self._chats[id(update)] = chat
            busy.add(chat)  # of two updates of a chat the second waits

    async def _post(self, session: ClientSession, hook: Webhook, update: Any) -> None:
        if await self._is_taken(session, hook, update):
            self.world.updates = [one for one in self.world.updates if one is not update]
        else:
            await asyncio.sleep(AGAIN_AFTER)
        del self._tasks[id(update)], self._chats[id(update)]
        await self.world.notify()

    async def _is_taken(self, session: ClientSession, hook: Webhook, update: Any) -> bool:
        """Post an update once; a fault of the method "webhook" makes Telegram forget that it was taken."""
        parts = urlsplit(hook.url)
        url = self.world.webhook_target + parts.path + (f"?{parts.query}" if parts.query else "")
        headers = {HEADER: hook.secret} if hook.secret else {}
        request = self.world.begin_post(update)
        try:
            async with session.post(url, json=update, headers=headers, allow_redirects=False) as response:
                await response.read()
                request.code = response.status
        except (ClientError, TimeoutError) as error:
            request.code, request.description = NO_REPLY, str(error)
        request.answered = self.world.now
        taken = 200 <= request.code < 300
        if not taken:
            hook.failed(f"Wrong response from the webhook: {request.code} {request.description}".strip())
        return taken and not self.world.faults.meet(request, frozenset({"duplicate"}))


def chat_of(update: Any) -> Any:
    """Return the key by which updates are kept in order: the chat, else one that only this update has."""
    if not isinstance(update, dict):
        return id(update)
    for value in update.values():
        inner = value.get("message", value) if isinstance(value, dict) else {}
        chat = inner.get("chat") if isinstance(inner, dict) else None
        if isinstance(chat, dict) and isinstance(chat.get("id"), int):
            return chat["id"]
    return ("update", id(update))


WEBHOOK_METHODS: dict[str, Callable[[World, Request, Any], Any]] = {
    "setwebhook": set_webhook,
    "deletewebhook": delete_webhook,
    "getwebhookinfo": get_webhook_info,
}
