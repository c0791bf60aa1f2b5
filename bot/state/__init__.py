"""CITEBOT_STATE: what the bot itself remembers. A question and its answer in, the same out again later.

What Telegram delivered waits here as well, from before it is acknowledged until it is answered.

A load never blocks it, a rollback never touches it.
"""

from bot.state.answers import Ledger
from bot.state.blocked import Blocked
from bot.state.database import LedgerError
from bot.state.ids import key_from_token
from bot.state.inbox import DeadLetter, Inbox, Letter
from bot.state.lock import hold_state
from bot.state.recorder import Notes, Recorder, open_recorder
from bot.state.records import CONSOLE, AskedQuestion, Asker, Channel, GivenAnswer, GivenCitation

__all__ = [
    "CONSOLE", "AskedQuestion", "Asker", "Blocked", "Channel", "DeadLetter", "GivenAnswer", "GivenCitation", "Inbox",
    "Ledger", "LedgerError", "Letter", "Notes", "Recorder", "hold_state", "key_from_token", "open_recorder",
]  # fmt: skip
