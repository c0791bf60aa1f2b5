"""From questions, one after the other, to answers that can be gone on from: more hits, the context, the source.

Knows neither the terminal nor Telegram: it gives records, and who talks to a person renders them.
"""

from bot.ledger import Notes
from retrieval.engine import Engine
from retrieval.leads import without_repeated_leads
from retrieval.records import Answer, Article, Hit, Kind, Sentence, Snippet

HITS = 30  # ranked for each question, so that there is something left for "more"
MORE = 3  # snippets at once
AROUND = 2  # sentences before and after a hit


class Conversation:
    """What one person was last shown; `shown` numbers from 1, as a person counts."""

    def __init__(self, engine: Engine, notes: Notes | None = None) -> None:
        """Begin with nothing asked; engine and notes, which keep what is answered, stay the caller's to close."""
        self._engine = engine
        self._notes = notes
        self.answer: Answer | None = None
        self.answer_id: str | None = None  # in the ledger, where it was kept
        self.shown: list[Snippet] = []

    def ask(self, question: str) -> Answer:
        """Answer a question and remember the answer."""
        self.answer = self._engine.ask(question, k=HITS)
        self.answer_id = self._notes.record(self.answer) if self._notes else None
        self.shown = list(self.answer.snippets)
        return self.answer

    def more(self, count: int = MORE) -> tuple[Snippet, ...]:
        """Give the next best hits, `()` when there are no more. A sentence that was shown is not shown again."""
        seen = {_wording(snippet.hit) for snippet in self.shown}
        fresh: dict[str, Hit] = {}
        for hit in self.answer.hits if self.answer else ():
            if _wording(hit) not in seen:
                fresh.setdefault(_wording(hit), hit)
        chosen = [Snippet(hit, matched=()) for hit in list(fresh.values())[:count]]
        snippets = without_repeated_leads(chosen, [snippet.hit for snippet in self.shown])
        if self._notes:
            self._notes.add(self.answer_id, len(self.shown) + 1, snippets)
        self.shown += snippets
        return snippets

    def shown_at(self, number: int) -> Snippet | None:
        """Give the snippet that was shown under a number, None when there was none."""
        return self.shown[number - 1] if 1 <= number <= len(self.shown) else None

    def context(self, hit: Hit, around: int = AROUND) -> tuple[Sentence, ...]:
        """Give the sentences around a hit, itself among them, as they stood when it was quoted.

        Itself alone where its article has changed so long ago that only what was quoted is known.
        """
        return self._engine.context(hit.article, hit.position, around, hit.version) or (_alone(hit),)

    def source(self, hit: Hit) -> Article | None:
        """Give the article of a hit as it is now, None when it has left the store."""
        return self._engine.article(hit.article)

    def changed(self, hit: Hit) -> str | None:
        """Say when the text that a hit was quoted from was replaced or removed, ISO 8601.

        None while it is the current one, "" where it is so long ago that it is not known any more.
        """
        quoted = self._engine.quoted(hit.article, hit.version, hit.start, hit.end)
        if quoted and quoted.current:
            return None
        return (quoted and quoted.changed) or ""


def _alone(hit: Hit) -> Sentence:
    return Sentence(hit.position, 1, hit.start, hit.end, Kind.BODY, hit.text)


def _wording(hit: Hit) -> str:
    return " ".join(hit.text.casefold().split())
