"""CITEBOT_STATE: what the bot itself remembers. A question and its answer in, the same out again later.

A load never blocks it, a rollback never touches it.
"""

from bot.ledger.format import LedgerError
from bot.ledger.recording import Notes, Recorder, open_recorder
from bot.ledger.records import CONSOLE, AskedQuestion, Asker, Channel, GivenAnswer, GivenCitation
from bot.ledger.rows import Ledger

__all__ = [
    "CONSOLE", "AskedQuestion", "Asker", "Channel", "GivenAnswer", "GivenCitation", "Ledger", "LedgerError",
    "Notes", "Recorder", "open_recorder",
]  # fmt: skip
