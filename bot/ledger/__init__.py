"""CITEBOT_STATE: what the bot itself remembers. A question and its answer in, the same out again later.

What Telegram delivered waits here as well, from before it is acknowledged until it is answered.

A load never blocks it, a rollback never touches it.
"""

from bot.ledger.blocked import Blocked
from bot.ledger.format import LedgerError
from bot.ledger.holding import hold_state
from bot.ledger.inbox import DeadLetter, Inbox, Letter
from bot.ledger.pseudonyms import key_from_token
from bot.ledger.recording import Notes, Recorder, open_recorder
from bot.ledger.records import CONSOLE, AskedQuestion, Asker, Channel, GivenAnswer, GivenCitation
from bot.ledger.rows import Ledger

__all__ = [
    "CONSOLE", "AskedQuestion", "Asker", "Blocked", "Channel", "DeadLetter", "GivenAnswer", "GivenCitation", "Inbox",
    "Ledger", "LedgerError", "Letter", "Notes", "Recorder", "hold_state", "key_from_token", "open_recorder",
]  # fmt: skip
