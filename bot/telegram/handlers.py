"""From an update to the message in it, which is all that most handlers need."""

from collections.abc import Callable, Coroutine
from typing import Any

from telegram import Message, Update
from telegram.ext import ContextTypes

Callback = Callable[[Update, ContextTypes.DEFAULT_TYPE], Coroutine[Any, Any, None]]


def met_by(handle: Callable[[Message], Coroutine[Any, Any, None]]) -> Callback:
    """Give a handler the message alone; the filters before it let no update through that has none."""

    async def callback(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        if update.message is not None:
            await handle(update.message)

    return callback
