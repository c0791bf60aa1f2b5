"""getUpdates: long polling with offsets, one poller at a time."""

import asyncio
from typing import Any

from aiogram.methods import GetUpdates

from fake_bot_api.errors import Conflict, Violation
from fake_bot_api.world import World

BATCH = 100
LONGEST = 50  # seconds


async def get_updates(world: World, method: GetUpdates) -> list[Any]:
    """Forget what is below the offset, then wait up to the timeout for something to give.

    Raise Conflict when another poll begins meanwhile or while there is a webhook, Violation for figures that the Bot
    API does not take.
    """
    if world.webhook is not None:
        raise Conflict("Conflict: can't use getUpdates method while webhook is active; use deleteWebhook first")
    limit = BATCH if method.limit is None else method.limit
    timeout = method.timeout or 0
    if not 1 <= limit <= BATCH or not 0 <= timeout <= LONGEST:
        raise Violation("Bad Request: limit is 1 to 100, timeout 0 to 50 seconds")
    if method.allowed_updates is not None:
        world.allowed = method.allowed_updates
    _confirm(world, method.offset or 0)
    return await _wait(world, limit, timeout)


def _confirm(world: World, offset: int) -> None:
    if offset < 0:
        world.updates = world.updates[offset:]
    kept = [update for update in world.updates if (number := _update_id(update)) is None or number >= offset]
    world.updates, world.repeated = world.repeated + kept, []


def _update_id(update: Any) -> int | None:
    """None for what a test has put in without an id: no offset can confirm it, so it is given once."""
    number = update.get("update_id") if isinstance(update, dict) else None
    return number if isinstance(number, int) else None


async def _wait(world: World, limit: int, seconds: float) -> list[Any]:
    world.polls += 1
    poll = world.polls
    await world.notify()
    async with world.changed:
        try:
            async with asyncio.timeout(seconds):
                await world.changed.wait_for(lambda: world.updates or world.polls != poll)
        except TimeoutError:
            return []
    if world.polls != poll:
        raise Conflict(
            "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
        )
    given = world.updates[:limit]
    world.updates = [one for one in given if _update_id(one) is not None] + world.updates[limit:]
    return given
