"""A message that is edited as work goes on: how often."""

import asyncio
import time

from bot.telegram.sending.replies import BETWEEN_EDITS, LiveMessage


class SlowMessage:
    """Telegram takes its time for each edit; `begun` and `ended` are the moments."""

    def __init__(self, seconds):
        self.seconds = seconds
        self.begun, self.ended = [], []

    async def edit_text(self, **_):
        self.begun.append(time.monotonic())
        await asyncio.sleep(self.seconds)
        self.ended.append(time.monotonic())


async def edited_twice(message):
    live = LiveMessage(message, "first")
    await asyncio.sleep(BETWEEN_EDITS)
    await live.show("second")
    await live.show("skipped, for the last edit has only just returned")
    await live.finish("last")


def test_the_pause_between_edits_begins_when_an_edit_has_returned():
    message = SlowMessage(BETWEEN_EDITS + 0.1)
    asyncio.run(edited_twice(message))
    assert len(message.begun) == 2
    assert message.begun[1] - message.ended[0] >= BETWEEN_EDITS - 0.01
