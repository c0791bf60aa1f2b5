"""A store that is open: connections for any number of threads, and what can be read of its articles.

Modules are imported in the methods that need them: listing articles need not wait for numpy, or asking for the readers.
"""

import threading
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar

from retrieval.errors import SetsNotAsked, StoreError
from retrieval.records import (
    CAUTIONS,
    Article,
    Caution,
    Hit,
    Sentence,
    StoredArticle,
    checked_set,
)
from retrieval.sources.paths import canonical_name
from retrieval.store.reader import Reader

if TYPE_CHECKING:
    from retrieval.asking.answerer import Answerer
    from retrieval.milvus.remote import Remote
    from retrieval.records import Block, PublishedGeneration, Quoted, StoredSource

T = TypeVar("T")


@dataclass(slots=True)
class _Connection:
    """What one thread has open."""

    reader: Reader
    answerer: "Answerer | None" = None

    def end_questions(self) -> None:
        self.reader.limit.end()
        if self.answerer is not None:
            self.answerer.end_questions()

    def close(self) -> None:
        self.reader.close()
        if self.answerer is not None:
            self.answerer.close()


class OpenedStore:
    """A store, or what an engine elsewhere holds, opened for reading."""

    def __init__(
        self, path: str | Path, caution: Caution = "normal", sets: Collection[str] = (), address: str = ""
    ) -> None:
        """Take the path of a store; one that does not exist is empty. Raise ValueError for an unknown caution, a name that
        no set can have, and an address that is none.
        """
        if caution not in CAUTIONS:
            raise ValueError(f"caution is one of {', '.join(CAUTIONS)}, not {caution!r}")
        self._sets = frozenset(map(checked_set, sets))
        self.path = Path(path).absolute()
        self._caution: Caution = caution
        self._remote = _remote(self.path, address) if address else None
        self._connections: dict[threading.Thread, _Connection] = {}
        self._lock = threading.Lock()
        self._narrower: dict[frozenset[str], Self] = {}
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections of all threads; call it when no question is being answered."""
        with self._lock:
            self._closed = True
            for engine in self._narrower.values():
                engine.close()
            for connection in self._connections.values():
                connection.close()
            self._connections.clear()
            if self._remote:
                self._remote.close()

    def end_questions(self) -> None:
        """End what is being asked, and what is asked from now on, with QuestionTooSlow: the engine is about to be closed."""
        with self._lock:
            for engine in self._narrower.values():
                engine.end_questions()
            for connection in self._connections.values():
                connection.end_questions()

    def within(self, sets: Collection[str]) -> Self:
        """Return an engine, closed with this one, that shows of its articles those of some sets, and those of no set.

        Without sets it is this one. Raise SetsNotAsked if this one shows none of them.
        """
        wanted = frozenset(map(checked_set, sets))
        left = wanted & self._sets if self._sets else wanted
        if wanted and not left:
            raise SetsNotAsked(f"Of the sets {', '.join(sorted(wanted))} none is asked here.")
        if left in (frozenset(), self._sets):
            return self
        with self._lock:
            if left not in self._narrower:
                narrower = self._narrower[left] = type(self)(self.path, self._caution, left)
                narrower._remote = self._remote  # noqa: SLF001 - of the same class
            return self._narrower[left]

    def sources(self) -> "list[StoredSource]":
        """List the sources that a load reads if none is named, ordered by name."""
        return list(self._reader.sources())

    def failure(self, spec: str | Path) -> str:
        """Return why a source, added or not, could not be read the last time; "" if it could, or was never tried."""
        return self._reader.failure(canonical_name(spec))

    def read_at(self, spec: str | Path) -> str | None:
        """Return when a source, added or not, was last read or tried, ISO 8601, UTC; None = never."""
        return self._reader.read_at(canonical_name(spec))

    def last_read(self) -> str | None:
        """Return when any source was last read or tried, ISO 8601, UTC; None if that is not known."""
        return self._reader.last_read()

    def generation(self) -> int:
        """Return the number of the current generation; 0 before the first load."""
        if self._remote and not self._remote.follow():
            return 0  # whatever the store shows: the first load passes that on too
        return self._connection().reader.generation()

    def history(self) -> "list[PublishedGeneration]":
        """List all generations ever published, the latest first."""
        from retrieval.store.earlier_versions import HistoryReader

        self._follow()
        with HistoryReader(self.path) as reader:
            return list(reader.history())

    def is_empty(self) -> bool:
        """Whether there are no articles; much faster than listing them."""
        return self._reader.is_empty()

    def articles(self) -> list[StoredArticle]:
        """List the articles, ordered by id."""
        return list(self._reader.articles())

    def articles_in(self, spec: str | Path, source: str) -> list[str]:
        """List the ids of the articles that were last read from one file or page of a source."""
        return self._reader.articles_in(canonical_name(spec), source)

    def articles_of(self, spec: str | Path) -> list[str]:
        """List the ids of the articles that were last read from a source."""
        origin = canonical_name(spec)
        return [article.id for article in self._reader.articles() if article.origin == origin]

    def holds_only(self, spec: str | Path) -> bool:
        """Whether no article is from another source, not even one that an interrupted load has written."""
        return self._reader.holds_only(canonical_name(spec))

    def article(self, article_id: str) -> Article | None:
        """Return an article as it was read; None if there is none with that id."""
        return self._reader.article(article_id)

    def context(
        self, article_id: str, position: int, around: int = 2, version: int | None = None
    ) -> tuple[Sentence, ...]:
        """Return a sentence and at most `around` sentences of any kind on each side; () if there is no such sentence.

        It is looked up in the current version of the article, or in the one named, as long as that is kept.
        """
        reader = self._reader
        sentences = reader.sentences(article_id) if version is None else reader.sentences_of(version)
        if not 1 <= position <= len(sentences):
            return ()
        return sentences[max(0, position - 1 - around) : position + around]

    def cited(self, version: int, start: int) -> Hit | None:
        """Return the sentence that begins at an offset of a version, as a hit without score; None if no longer kept."""
        from retrieval.asking.answer import RankedSentence, to_hits

        sentences = self._reader.sentences_of(version)
        keys = [(version, sentence.position) for sentence in sentences if sentence.start == start]
        places = self._reader.places(keys)
        return next(iter(to_hits([RankedSentence(places[key], 0.0, version) for key in keys if key in places])), None)

    def passage(self, hit: Hit) -> "tuple[Block, ...]":
        """Return the paragraph, list or table that a hit stands in, and what is on either side; () if no longer kept."""
        from retrieval.asking.passage import find_passage

        version = self._reader.version(hit.version)
        return find_passage(version, hit.start) if version else ()

    def address(self, hit: Hit) -> str | None:
        """Return the URL of a hit's article, such that a browser opens it at the sentence; None if it has none."""
        text = self._reader.text_of(hit.version) if hit.url else None
        if hit.url is None or text is None:
            return hit.url
        from retrieval.asking.text_fragment import address_at

        return address_at(hit.url, text, hit.start, hit.end)

    def quoted(self, article_id: str, version: int, start: int, end: int) -> "Quoted | None":
        """Return what a citation quotes from the version it cites (`Hit.version`); None if that is no longer kept."""
        from retrieval.store.earlier_versions import HistoryReader

        if self._remote and self._remote.follow():
            self._remote.fetch_cited(version)
        with HistoryReader(self.path) as reader:
            return reader.quoted(article_id, version, start, end)

    def complete(self) -> None:
        """Have the store hold all articles of an engine elsewhere, as one that needs no engine."""
        if self._remote:
            self._remote.complete()

    def export(self) -> Iterator[Article]:
        """Yield all articles as they were read, ordered by id; loading them again changes nothing."""
        return self._reader.given()

    def _follow(self) -> None:
        """Have the store list what an engine elsewhere holds now."""
        if self._remote:
            self._remote.follow()

    def _changing(self, change: Callable[[], T]) -> T:
        """Change the store, and what an engine elsewhere holds."""
        if self._remote:
            return self._remote.changing(change)
        from retrieval.milvus.download import is_copy

        if is_copy(self.path):
            raise StoreError(
                f"{self.path} is a copy of what an engine holds, and is changed only there. Set CITEBOT_ENGINE to it, or "
                "choose another file for CITEBOT_DB."
            )
        return change()

    def _new_reader(self) -> Reader:
        return self._remote.reader(self._sets) if self._remote else Reader(self.path, sets=self._sets)

    @property
    def _reader(self) -> Reader:
        self._follow()
        return self._connection().reader

    @property
    def _answerer(self) -> "Answerer":
        """The thread's answerer, opened by its first question."""
        connection = self._connection()
        if connection.answerer is None:
            from retrieval.asking.answerer import Answerer

            reader = self._new_reader()
            index = self._remote.index(reader) if self._remote else None
            connection.answerer = Answerer(self.path, self._caution, reader, index)
        return connection.answerer

    def _connection(self) -> _Connection:
        """Return the connection of the calling thread; a new one also closes those of threads that have ended."""
        thread = threading.current_thread()
        if found := self._connections.get(thread):
            return found
        with self._lock:
            if self._closed:
                raise StoreError(f"{self.path} was closed. Open it again with open_engine.")
            for ended in [one for one in self._connections if not one.is_alive()]:
                self._connections.pop(ended).close()
            return self._connections.setdefault(thread, _Connection(self._new_reader()))


def _remote(store: Path, address: str) -> "Remote":
    from retrieval.milvus.address import parse_address
    from retrieval.milvus.remote import Remote

    return Remote(store, parse_address(address))
