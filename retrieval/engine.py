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
from retrieval.records import CAUTIONS, Answer, Article, Caution, Hit, LoadReport, Progress, Sentence, StoredArticle
from retrieval.store.reading import Reader

if TYPE_CHECKING:
    from retrieval.asking import Asker
    from retrieval.explaining import Explanation
    from retrieval.linting import Finding


@dataclass(slots=True)
class _Desk:
    """What one thread works with."""

    thread: threading.Thread
    reader: Reader
    caution: Caution
    asked: "Asker | None" = None

    @property
    def asker(self) -> "Asker":
        """The thread's asker, opened by its first question."""
        if self.asked is None:
            from retrieval.asking import Asker  # noqa: PLC0415 - who only lists articles is spared numpy

            self.asked = Asker(self.reader.path, self.caution)
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
        self._desks: list[_Desk] = []
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
        progress: Callable[[Progress], None] | None = None,
    ) -> LoadReport:
        """Read files and folders into the store and publish what has changed; see `retrieval.loading.load`."""
        from retrieval import loading  # noqa: PLC0415 - what only answers is spared the import

        return loading.load(self.path, specs, prune=prune, progress=progress)

    def remove(self, article_id: str) -> bool:
        """Take an article out of the store; False where there is none of that id."""
        from retrieval import loading  # noqa: PLC0415 - as above

        return loading.remove(self.path, article_id)

    def retrieve(self, query: str, k: int = 10, fields: Collection[str] | None = None) -> list[Hit]:
        """Rank at most k sentences by TF-IDF, over all fields or those named."""
        return self._desk().asker.retrieve(query, k, fields)

    def ask(self, question: str, k: int = 10) -> Answer:
        """Answer a question, with at most k hits, or say that the articles do not."""
        return self._desk().asker.ask(question, k)

    def explain(self, question: str, k: int = 10) -> "Explanation":
        """Answer a question as `ask` does, and say how the answer came about."""
        return self._desk().asker.explain(question, k)

    def lint(self) -> "list[Finding]":
        """Say which articles answer badly, or not at all, and why; see `retrieval.linting`."""
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

    def context(self, article_id: str, position: int, around: int = 2) -> tuple[Sentence, ...]:
        """Give a sentence with at most `around` sentences of any kind on each side of it; () where there is none."""
        sentences = self._desk().reader.sentences(article_id)
        if not 1 <= position <= len(sentences):
            return ()
        return sentences[max(0, position - 1 - around) : position + around]

    def export(self) -> Iterator[Article]:
        """Give all articles as they were given, ordered by id: loaded again they change nothing."""
        return self._desk().reader.given()

    def problems(self) -> list[str]:
        """Read store and index through, and say in words what is wrong and what to do about it."""
        from retrieval.index.generations import check_generation, index_folder  # noqa: PLC0415 - only the doctor asks
        from retrieval.index.segments import SegmentDamaged  # noqa: PLC0415 - as above
        from retrieval.store.checking import find_store_problems  # noqa: PLC0415 - as above

        found = find_store_problems(self.path)
        try:
            generation, begun = self._desk().reader.identity()
            if generation:
                check_generation(index_folder(self.path), generation, begun)
        except SegmentDamaged as damage:
            found.append(f"The index cannot be used: {damage}. The next question builds it again, which takes a while.")
        except StoreError as error:
            return found or [str(error)]
        return found + self._weights_problems()

    def _weights_problems(self) -> list[str]:
        """Rank a question by the store's own weights, if it has any, and say why they cannot be used."""
        from retrieval.ranking.weights import REMEDY, WeightsDamaged, read_weights, weights_file  # noqa: PLC0415

        path = weights_file(self.path)
        articles = self.articles() if path.exists() else []
        try:
            weights = read_weights(path) if articles else None
            considered = self._desk().asker.consider(articles[0].title or articles[0].id) if articles else None
            if weights and considered:
                weights.verdict(considered.query, considered.candidates, considered.features)
        except WeightsDamaged as damage:
            return [f"{path.name} is not used: {damage}; {REMEDY}."]
        return []

    def _desk(self) -> _Desk:
        """Give the calling thread its connections."""
        desk: _Desk | None = getattr(self._local, "desk", None)
        if desk is None or self._closed:
            desk = self._local.desk = self._new_desk()
        return desk

    def _new_desk(self) -> _Desk:
        """Open connections for the calling thread, and close those of threads that have ended."""
        with self._lock:
            if self._closed:
                raise StoreError(f"{self.path} was closed. Open it again with open_engine.")
            ended = [desk for desk in self._desks if not desk.thread.is_alive()]
            for desk in ended:
                desk.close()
                self._desks.remove(desk)
            self._desks.append(_Desk(threading.current_thread(), Reader(self.path), self._caution))
            return self._desks[-1]


def open_engine(path: str | Path, caution: Caution = "normal") -> Engine:
    """Open a store by its path; the file is made by the first load.

    `caution` says how sure the first hit must be for a question to count as answered.
    """
    return Engine(path, caution)
