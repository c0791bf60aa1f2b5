"""One person's questions, one after another, and what can be asked about the latest answer."""

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.state import CONSOLE, Citation, SenderRecorder, StoredAnswer
from bot.state.verify import VerifiedCitation, verify
from retrieval import Engine
from retrieval.records import Answer, Article, Block, Context, Hit, Intent, Kind, Sentence, Snippet

if TYPE_CHECKING:
    from retrieval import Explanation  # with numpy

HITS = 30  # ranked for each question, so that something is left for /more
MOST_HITS = 50  # that /more can show
AROUND = 2  # sentences before and after a hit


class Conversation:
    """One person's latest question, its answer, and the snippets of it shown so far."""

    def __init__(self, engine: Engine, recorder: SenderRecorder | None = None) -> None:
        """Start before the first question; the caller closes the engine and the recorder."""
        self._engine = engine
        self._recorder = recorder
        self.answer: Answer | None = None
        self.answer_id: str | None = None  # if the answer was recorded
        self.shown: list[Snippet] = []
        self.refused = False  # whether the articles did not answer the latest question
        self._before: Context | None = None  # in the light of which it was read
        self._at = ""  # when it was asked, ISO 8601, UTC

    def ask(self, question: str) -> Answer:
        """Answer a question in the light of the one before, and remember the answer."""
        before = self.answer.context if self.answer else None
        started = time.perf_counter()
        answer = self._engine.ask(question, k=HITS, context=before)
        milliseconds = 1000 * (time.perf_counter() - started)
        if answer.intent is Intent.MORE:
            self._show_more(answer)
        elif answer.context is not None or self.answer is None:
            self.answer = answer
            self.answer_id = self._recorder.record(answer, milliseconds) if self._recorder else None
            self.shown = list(answer.snippets)
            self.refused = not answer.answered
            self._before, self._at = before, datetime.now(UTC).isoformat(timespec="milliseconds")
        return answer

    def forget(self) -> None:
        """Let the next question stand alone."""
        self.answer, self.answer_id, self.shown = None, None, []

    def more(self) -> tuple[Snippet, ...]:
        """Return the next best sentences, without those that were shown before."""
        context = self.answer.context if self.answer else None
        if context is None:
            return ()
        answer = self._engine.more(context)
        self._show_more(answer)
        return answer.snippets

    def _show_more(self, answer: Answer) -> None:
        if self._recorder:
            self._recorder.add(self.answer_id, len(self.shown) + 1, answer.snippets)
        self.shown += answer.snippets
        self.answer = answer

    def shown_at(self, number: int) -> Snippet | None:
        """Return the snippet shown under this number, counted from 1; None if there is none."""
        return self.shown[number - 1] if 1 <= number <= len(self.shown) else None

    def context(self, hit: Hit, around: int = AROUND) -> tuple[Sentence, ...]:
        """Return the sentences around a hit, itself included, as they were when it was quoted.

        If that version of the article is no longer kept, return the hit alone.
        """
        alone = Sentence(hit.position, 1, hit.start, hit.end, Kind.BODY, hit.text)
        return self._engine.context(hit.article, hit.position, around, hit.version) or (alone,)

    def passage(self, hit: Hit) -> tuple[Block, ...]:
        """Return the paragraph, list, table or code block that a hit stands in, with its neighbours."""
        return self._engine.passage(hit)

    def why(self, hit: Hit) -> "Explanation | None":
        """Return what made the score of a hit; None without a question, or if it would not be found any more."""
        if self.answer is None:
            return None
        explanation = self._engine.explain(self.answer.question, MOST_HITS, self._before, only=hit)
        return explanation if explanation.hits else None

    def verify(self, number: int, hit: Hit) -> VerifiedCitation | None:
        """Compare a hit, shown under a number, with its article as it was when quoted; None without a question."""
        if self.answer is None:
            return None
        citation = Citation(number, hit.article, hit.version, hit.start, hit.end, hit.text, hit.lead)
        answer = self.answer
        facts = (answer.language, answer.generation, answer.answered, answer.p_right)
        given = StoredAnswer(self.answer_id or "", answer.question, CONSOLE.channel, self._at, *facts, (citation,))
        return verify(self._engine, given)[0]

    def source(self, hit: Hit) -> Article | None:
        """Return the current article of a hit; None if it has been removed."""
        return self._engine.article(hit.article)

    def address(self, hit: Hit) -> str | None:
        """Return the URL of a hit's article, at the sentence; None if it has none."""
        return self._engine.address(hit)

    def changed(self, hit: Hit) -> str | None:
        """Return when the text that a hit was quoted from was replaced or removed, ISO 8601.

        None if it is current, "" if that is too long ago to be known.
        """
        quoted = self._engine.quoted(hit.article, hit.version, hit.start, hit.end)
        if quoted and quoted.current:
            return None
        return (quoted and quoted.changed) or ""
