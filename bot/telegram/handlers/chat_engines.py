"""The articles that each chat is answered from: those of the sets that it is bound to by /sets, and those of no set."""

from bot.state import ChatSets
from retrieval import Engine


class ChatEngines:
    """Engines of one store, one for each combination of sets that is asked; `everything` shows what the settings let it."""

    def __init__(self, everything: Engine, chat_sets: ChatSets) -> None:
        """Both stay the caller's to close."""
        self.everything, self._chat_sets = everything, chat_sets

    def of(self, chat: int | None) -> Engine:
        """Return the engine that answers in a chat; raise SetsNotAsked if CITEBOT_SETS leaves none of its sets."""
        return self.everything.within(self.sets(chat))

    def sets(self, chat: int | None) -> tuple[str, ...]:
        """Return the sets that a chat is bound to; none if it is not."""
        return self._chat_sets.of(chat)
