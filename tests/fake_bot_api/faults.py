"""What goes wrong on the way, as the tests order it: rules in; for a request that a rule fits, the fault it meets out.

A fault of BEFORE comes instead of the effect of a request, one of AFTER lies about an effect that took place.
"""

import asyncio
import json
from dataclasses import asdict, dataclass
from typing import Any

from aiohttp import web

from fake_bot_api.errors import ApiError
from fake_bot_api.request import Request

SAID = {  # the Bot API's own words, by the kind of fault
    "429": (429, "Too Many Requests: retry after {seconds}"),
    "500": (500, "Internal Server Error"),
    "502": (502, "Bad Gateway"),
    "400": (400, "Bad Request: chat not found"),
    "403": (403, "Forbidden: bot was blocked by the user"),
    "409": (409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"),
}
NO_REPLY = 444  # nginx writes this code down where it closed a connection without an answer
BEFORE = frozenset({*SAID, "drop", "hang"})
AFTER = frozenset({"slow", "bad_json", "html", "cut", "effect_without_reply", "duplicate"})
PAGE = "<html>\r\n<head><title>{title}</title></head>\r\n<body><center><h1>{title}</h1></center></body>\r\n</html>\r\n"


@dataclass(slots=True)
class Fault:
    """A rule: the next `times` requests of a method ("*": any) in a chat (None: any) meet this kind of fault.

    `seconds` is a 429's retry_after, and how long a hang or a slow answer takes.
    """

    kind: str
    method: str = "*"
    chat: int | None = None
    times: int = 1
    seconds: float = 1
    description: str = ""  # instead of the words of SAID

    def fits(self, request: Request) -> bool:
        """Whether a request may meet this fault."""
        if self.times < 1 or self.method.lower() not in ("*", request.method.lower()):
            return False
        return self.chat is None or self.chat == request.parameters.get("chat_id")


class Injected(ApiError):
    """A refusal, or silence, caused by a fault."""

    def __init__(self, fault: Fault) -> None:
        self.code, words = SAID.get(fault.kind, (NO_REPLY, fault.kind))
        seconds = max(1, round(fault.seconds))
        super().__init__(fault.description or words.format(seconds=seconds))
        self.retry_after = seconds if fault.kind == "429" else 0


class Faults:
    """The rules of one server, the oldest first, without those that are used up."""

    def __init__(self) -> None:
        self.rules: list[Fault] = []

    def order(self, rule: dict[str, Any]) -> None:
        """Add a rule; raise ValueError if it is malformed."""
        try:
            fault = Fault(**rule)
        except TypeError as error:
            raise ValueError(f"{rule} is no fault: {error}") from error
        if fault.kind not in BEFORE | AFTER or fault.times < 1:
            raise ValueError(f"{rule} is no fault: kinds are {', '.join(sorted(BEFORE | AFTER))}, times 1 and more")
        self.rules.append(fault)

    def meet(self, request: Request, kinds: frozenset[str]) -> Fault | None:
        """Return the fault of these kinds that a request meets, and record it in the request; None if it meets none."""
        fault = next((rule for rule in self.rules if rule.kind in kinds and rule.fits(request)), None)
        if fault is None:
            return None
        fault.times -= 1
        self.rules = [rule for rule in self.rules if rule.times]
        request.fault = fault.kind
        return fault

    def as_json(self) -> list[dict[str, Any]]:
        """The rules that no request has met yet."""
        return [asdict(rule) for rule in self.rules]


async def reply(http: web.Request, body: dict[str, Any], status: int, fault: Fault | None) -> web.StreamResponse:
    """Answer as a fault demands: in time or late, completely, in part, or not at all."""
    kind = fault.kind if fault else ""
    if fault and kind in ("slow", "hang"):
        await asyncio.sleep(fault.seconds)
    if kind in ("drop", "hang", "effect_without_reply"):
        return _close(http)
    if kind == "502":
        return web.Response(text=PAGE.format(title="502 Bad Gateway"), content_type="text/html", status=502)
    if kind == "html":
        return web.Response(text=PAGE.format(title="Welcome"), content_type="text/html")
    if kind == "bad_json":
        return web.Response(text='{"ok":true,"result":', content_type="application/json")
    if kind == "cut":
        return await _cut(http, json.dumps(body).encode())
    return web.json_response(body, status=status)


def _close(http: web.Request) -> web.StreamResponse:
    """Close the connection; the returned response is never sent."""
    if http.transport is not None:
        http.transport.close()
    return web.Response()


async def _cut(http: web.Request, body: bytes) -> web.StreamResponse:
    """Promise the whole body, send half of it, and close."""
    response = web.StreamResponse(headers={"Content-Length": str(len(body)), "Content-Type": "application/json"})
    await response.prepare(http)
    await response.write(body[: len(body) // 2])
    if http.transport is not None:
        http.transport.close()
    return response
