"""The conversation in the terminal: from typed lines to the same answers as in Telegram, with follow-ups.

`console` reads a line, `commands` is the table of what can be typed after a slash, `conversation` remembers the answer.
"""

from bot.console.console import Console
from bot.console.conversation import AROUND, Conversation

__all__ = ["AROUND", "Console", "Conversation"]
