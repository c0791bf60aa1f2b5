"""An example of a question that these very articles answer, for newcomers: a heading or title asked as a question."""

import threading
from collections.abc import Iterable, Iterator

from bot.rendering import messages
from bot.rendering.texts import LANGUAGES, Texts
from retrieval import Engine
from retrieval.records import Answer, StoredArticle

MOST_ARTICLES = 20  # that are tried: some tenths of a second, once for each generation and language
LONGEST = 60  # characters on a button
_FEW_WORDS = 3  # of a title that is a name
_QUESTION_MARKS = ("?", "？", "؟")


class Examples:
    """Finds an example and remembers it until the articles change; for any number of threads."""

    def __init__(self, engine: Engine) -> None:
        """The engine stays the caller's to close."""
        self._engine = engine
        self._known: dict[str, tuple[int, str]] = {}  # by language: the generation, and the example or ""
        self._lock = threading.Lock()

    def find(self, language: str) -> str:
        """Return a question with a certain answer, in this language (ISO 639-1) if there is one; empty if there is none."""
        with self._lock:
            generation = self._engine.generation()
            known = self._known.get(language)
            if known is None or known[0] != generation:
                known = self._known[language] = (generation, self._search(language))
            return known[1]

    def _search(self, language: str) -> str:
        liked = {"en": 1, language: 2}  # a newcomer may read English
        articles = sorted(self._engine.articles(), key=lambda article: -liked.get(article.language, 0))
        chosen = articles[:: max(len(articles) // MOST_ARTICLES, 1)] if len(articles) > 2 * MOST_ARTICLES else articles
        found = [
            (liked.get(article.language, 0), question.endswith(_QUESTION_MARKS), answer.p_right, question)
            for article in chosen[:MOST_ARTICLES]
            for question, answer in self._asked(article)
            if answer.certainty == "sure" and answer.snippets[0].hit.article == article.id
        ]
        return max(found, default=(0, False, 0.0, ""))[-1]

    def _asked(self, article: StoredArticle) -> Iterator[tuple[str, Answer]]:
        """Ask for an article by its title, then what its headings ask."""
        headings: dict[str, None] = {}
        for question in _from_title(article):
            answer = self._engine.ask(question)
            yield question, answer
            own = (hit.section for hit in answer.hits if hit.article == article.id)
            headings |= dict.fromkeys(section[-1] for section in own if section)
        for question in _askable(headings):
            if question.endswith(_QUESTION_MARKS):
                yield question, self._engine.ask(question)


def _from_title(article: StoredArticle) -> Iterator[str]:
    title = " ".join(article.title.split())
    is_name = 0 < len(title.split()) <= _FEW_WORDS and not title.endswith(_QUESTION_MARKS)
    is_asked = is_name and article.language in LANGUAGES
    return _askable([Texts(article.language, isolates=False)(messages.WHAT_IS, name=title) if is_asked else title])


def _askable(questions: Iterable[str]) -> Iterator[str]:
    return (question for question in questions if 0 < len(question) <= LONGEST and question.isprintable())
