"""CITEBOT_STATE: what the bot itself remembers. A question and its answer in, the same out again later.

What Telegram delivered waits here as well, from before it is acknowledged until it is answered.

A load never blocks it, a rollback never touches it.
"""

from bot.state.answers import AnswerLog
from bot.state.blocked import BlockedChats
from bot.state.database import StateError
from bot.state.ids import key_from_token
from bot.state.inbox import DeadLetter, Inbox, StoredUpdate
from bot.state.lock import hold_state
from bot.state.recorder import Recorder, SenderRecorder, open_recorder
from bot.state.records import CONSOLE, Channel, Citation, Sender, StoredAnswer, StoredQuestion

__all__ = [
    "CONSOLE",
    "AnswerLog",
    "BlockedChats",
    "Channel",
    "Citation",
    "DeadLetter",
    "Inbox",
    "Recorder",
    "Sender",
    "SenderRecorder",
    "StateError",
    "StoredAnswer",
    "StoredQuestion",
    "StoredUpdate",
    "hold_state",
    "key_from_token",
    "open_recorder",
]  # fmt: skip
