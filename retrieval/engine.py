"""The facade of the library: one store, opened to be loaded and asked, by any number of threads.

In: the path of a store. Out: reports, hits, answers and articles. Each thread reads through its own connection.
"""

import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from retrieval.errors import StoreError
from retrieval.records import (
    CAUTIONS,
    Answer,
    Article,
    Caution,
    Hit,
    LoadReport,
    Progress,
    Quoted,
    Sentence,
    StoredArticle,
    StoredSource,
)
from retrieval.store.reader import Reader

if TYPE_CHECKING:
    from retrieval.asking.answerer import Answerer
    from retrieval.asking.explanation import Explanation
    from retrieval.evaluation.lint import Finding
    from retrieval.records import Preview, PublishedGeneration


@dataclass(slots=True)
class Desk:
    """A connection to a store, and what answers from it; closed when its thread has ended."""

    thread: threading.Thread
    reader: Reader
    caution: Caution
    asked: "Answerer | None" = None

    @property
    def asker(self) -> "Answerer":
        """The thread's asker, opened by its first question."""
        if self.asked is None:
            from retrieval.asking.answerer import Answerer  # noqa: PLC0415 - who only lists articles is spared numpy

            self.asked = Answerer(self.reader.path, self.caution)
        return self.asked

    def close(self) -> None:
        """Close what is open."""
        self.reader.close()
        if self.asked is not None:
            self.asked.close()


class Engine:
    """A store to load and to ask; safe to use from several threads. Made by `open_engine`.

    Every method raises StoreError where the store cannot be used. What a load publishes, here or in another process,
    is seen by the next question.
    """

    def __init__(self, path: str | Path, caution: Caution = "normal") -> None:
        """Take the path of a store; one that is not there yet is empty. Raises ValueError for another caution."""
        if caution not in CAUTIONS:
            raise ValueError(f"caution is one of {', '.join(CAUTIONS)}, not {caution!r}")
        self.path = Path(path).absolute()
        self._caution: Caution = caution
        self._local = threading.local()
        self._desks: list[Desk] = []
        self._lock = threading.Lock()
        self._closed = False

    def __enter__(self) -> Self:
        """Give the engine itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the engine."""
        self.close()

    def close(self) -> None:
        """Close what all threads have open; to be called when no question is under way."""
        with self._lock:
            self._closed = True
            for desk in self._desks:
                desk.close()
            self._desks.clear()

    def load(
        self,
        specs: Iterable[str | Path],
        *,
        prune: bool = False,
        again: bool = False,
        allow_private: bool = False,
        progress: Callable[[Progress], None] | None = None,
    ) -> LoadReport:
        """Read files, folders, patterns and addresses into the store and publish what has changed.

        See `retrieval.loading.load.load`.
        """
        from retrieval.loading import load  # noqa: PLC0415 - what only answers is spared the import

        return load.load(self.path, specs, prune=prune, again=again, allow_private=allow_private, progress=progress)

    def preview(
        self,
        specs: Iterable[str | Path],
        questions: Iterable[str],
        *,
        prune: bool = False,
        again: bool = False,
        allow_private: bool = False,
        progress: Callable[[Progress], None] | None = None,
    ) -> "Preview":
        """Say what a load would change, of the questions' first answers too; see `retrieval.evaluation.preview.preview`.

        Nothing of it is shown. A load of the same sources goes on from there.
        """
        from retrieval.evaluation import preview  # noqa: PLC0415 - as above

        return preview.preview(
            self.path, specs, questions, prune=prune, again=again, allow_private=allow_private, progress=progress,
            caution=self._caution,
        )  # fmt: skip

    def remove(self, article_id: str) -> bool:
        """Take an article out of the store; False where there is none of that id."""
        from retrieval.loading import load  # noqa: PLC0415 - as above

        return load.remove_article(self.path, article_id)

    def sources(self) -> list[StoredSource]:
        """List what every load that names nothing is to read, ordered by name."""
        return list(self._desk().reader.sources())

    def read_at(self, spec: str | Path) -> str | None:
        """Give when a source, added or not, was last read or tried, ISO 8601, UTC; None = never."""
        from retrieval.sources.paths import canonical_name  # noqa: PLC0415 - as above

        return self._desk().reader.read_at(canonical_name(spec))

    def add_source(self, spec: str | Path, *, allow_private: bool = False) -> bool:
        """Add a path, a pattern or an address to the sources; False where it is there already. A load reads it.

        Raises SourceError where it is plain already that it cannot be read.
        """
        from retrieval.loading import subscriptions  # noqa: PLC0415 - as above

        return subscriptions.add_source(self.path, spec, allow_private=allow_private)

    def remove_source(self, spec: str | Path, *, articles: bool = False) -> bool:
        """Take a source out of the list; False where it is not there. Its articles stay, but with `articles`."""
        from retrieval.loading import subscriptions  # noqa: PLC0415 - as above

        return subscriptions.remove_source(self.path, spec, articles=articles)

    def retrieve(self, query: str, k: int = 10, fields: Collection[str] | None = None) -> list[Hit]:
        """Rank at most k sentences by TF-IDF, over all fields or those named."""
        return self._desk().asker.retrieve(query, k, fields)

    def ask(self, question: str, k: int = 10) -> Answer:
        """Answer a question, with at most k hits, or say that the articles do not."""
        return self._desk().asker.ask(question, k)

    def explain(self, question: str, k: int = 10) -> "Explanation":
        """Answer a question as `ask` does, and say how the answer came about."""
        return self._desk().asker.explain(question, k)

    def history(self) -> "list[PublishedGeneration]":
        """List the generations that were ever shown, the latest first."""
        from retrieval.store.history import HistoryReader  # noqa: PLC0415 - as above

        with HistoryReader(self.path) as reader:
            return list(reader.history())

    def rollback(self, generation: int | None = None, progress: Callable[[Progress], None] | None = None) -> LoadReport:
        """Publish the articles of an earlier generation again, of the one before if none is named.

        Raises GenerationGone where it cannot be gone back to; see `retrieval.loading.rollback.rollback`.
        """
        from retrieval.loading import rollback  # noqa: PLC0415 - what only answers is spared the import

        return rollback.rollback(self.path, generation, progress)

    def quoted(self, article_id: str, version: int, start: int, end: int) -> Quoted | None:
        """Give what a citation quotes, from the version of the article that it was made of (`Hit.version`).

        None where that version is no longer kept; the newest ten of an article are.
        """
        from retrieval.store.history import HistoryReader  # noqa: PLC0415 - as above

        with HistoryReader(self.path) as reader:
            return reader.quoted(article_id, version, start, end)

    def lint(self) -> "list[Finding]":
        """Say which articles answer badly, or not at all, and why; see `retrieval.evaluation.lint`."""
        return self._desk().asker.lint()

    def generation(self) -> int:
        """Give the current generation; 0 while nothing is loaded."""
        return self._desk().reader.generation()

    def articles(self) -> list[StoredArticle]:
        """List the articles, ordered by id."""
        return list(self._desk().reader.articles())

    def article(self, article_id: str) -> Article | None:
        """Give an article as it was given; None where there is none of that id."""
        return self._desk().reader.article(article_id)

    def context(
        self, article_id: str, position: int, around: int = 2, version: int | None = None
    ) -> tuple[Sentence, ...]:
        """Give a sentence with at most `around` sentences of any kind on each side of it; () where there is none.

        It is looked for in the current version of the article, or in the one named, as long as that is kept whole.
        """
        reader = self._desk().reader
        sentences = reader.sentences(article_id) if version is None else reader.sentences_of(version)
        if not 1 <= position <= len(sentences):
            return ()
        return sentences[max(0, position - 1 - around) : position + around]

    def export(self) -> Iterator[Article]:
        """Give all articles as they were given, ordered by id: loaded again they change nothing."""
        return self._desk().reader.given()

    def problems(self) -> list[str]:
        """Read store and index through, and say in words what is wrong and what to do about it."""
        from retrieval.soundness import find_problems  # noqa: PLC0415 - only the doctor asks

        return find_problems(self.path)

    def _desk(self) -> Desk:
        """Give the calling thread its connections."""
        desk: Desk | None = getattr(self._local, "desk", None)
        if desk is None or self._closed:
            desk = self._local.desk = self._new_desk()
        return desk

    def _new_desk(self) -> Desk:
        """Open connections for the calling thread, and close those of threads that have ended."""
        with self._lock:
            if self._closed:
                raise StoreError(f"{self.path} was closed. Open it again with open_engine.")
            ended = [desk for desk in self._desks if not desk.thread.is_alive()]
            for desk in ended:
                desk.close()
                self._desks.remove(desk)
            self._desks.append(Desk(threading.current_thread(), Reader(self.path), self._caution))
            return self._desks[-1]


def open_engine(path: str | Path, caution: Caution = "normal") -> Engine:
    """Open a store by its path; the file is made by the first load.

    `caution` says how sure the first hit must be for a question to count as answered.
    """
    return Engine(path, caution)
