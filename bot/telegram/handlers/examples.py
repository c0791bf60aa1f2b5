"""An example of a question that these very articles answer, for newcomers: a title or heading of theirs that asks something."""

import re
import threading
from collections.abc import Iterator, Sequence

from retrieval import Engine, EngineAway
from retrieval.records import Answer, StoredArticle

MOST_ARTICLES = 200  # whose headings are read, and
MOST_QUESTIONS = 20  # that are tried: some tenths of a second, once for each generation and language
LONGEST = 60  # characters on a button
_FEWEST_WORDS = 2  # that carry meaning: "How does it work?" is clear below its title only
_QUESTION_MARKS = ("?", "？", "؟")
_HEADING = re.compile(r"^#{1,6} (.+)", re.MULTILINE)


class Examples:
    """Finds an example and remembers it until the articles change; for any number of threads."""

    def __init__(self, engine: Engine) -> None:
        """The engine stays the caller's to close."""
        self._engine = engine
        self._known: dict[str, tuple[int, str]] = {}  # by language: the generation, and the example or ""
        self._lock = threading.Lock()

    def find(self, language: str) -> str:
        """Return a question with a certain answer, in this language (ISO 639-1) if there is one; empty if there is none."""
        try:
            return self._find(language)
        except EngineAway:  # a greeting need not wait for it
            return ""

    def _find(self, language: str) -> str:
        with self._lock:
            generation = self._engine.generation()
            known = self._known.get(language)
            if known is None or known[0] != generation:
                known = self._known[language] = (generation, self._search(language))
            return known[1]

    def _search(self, language: str) -> str:
        liked = {"en": 1, language: 2}  # a newcomer may read English

        def liking(article: StoredArticle) -> int:
            return liked.get(article.language, 0)

        articles = sorted(self._engine.articles(), key=liking, reverse=True)
        asked = sorted(self._questions(articles), key=lambda one: liking(one[0]), reverse=True)[:MOST_QUESTIONS]
        good = [
            (liking(article), answer.p_right, question)
            for article, question in asked
            if _is_good(answer := self._engine.ask(question), article)
        ]
        return max(good, default=(0, 0.0, ""))[-1]

    def _questions(self, articles: Sequence[StoredArticle]) -> Iterator[tuple[StoredArticle, str]]:
        """Yield what titles ask, and what the headings of articles from all over the store ask."""
        yield from ((article, article.title) for article in articles if _can_be_shown(article.title))
        for listed in articles[:: len(articles) // MOST_ARTICLES + 1]:
            article = self._engine.article(listed.id)
            headings = _HEADING.findall(article.text) if article else []
            yield from ((listed, heading) for heading in headings if heading != listed.title and _can_be_shown(heading))


def _can_be_shown(question: str) -> bool:
    return question.endswith(_QUESTION_MARKS) and len(question) <= LONGEST and question.isprintable()


def _is_good(answer: Answer, article: StoredArticle) -> bool:
    """Whether an answer is certain and stands where the question does, and the question is clear by itself."""
    if answer.certainty != "sure" or answer.context is None:
        return False
    hit, words = answer.snippets[0].hit, answer.context.names + answer.context.words
    stands_there = hit.article == article.id and answer.question in {article.title, *hit.section}
    return stands_there and len(" ".join(words).split()) >= _FEWEST_WORDS
