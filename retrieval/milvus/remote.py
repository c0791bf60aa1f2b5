"""The facade of an engine elsewhere: an address -> readers, indexes, and changes that are passed on."""

from collections.abc import Callable, Collection
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from retrieval.errors import StoreError
from retrieval.milvus import manifest as manifests
from retrieval.milvus.address import Address
from retrieval.milvus.claim import claimed
from retrieval.milvus.connection import PATIENCE_OF_LOADS, Connection
from retrieval.milvus.corpus import Corpus, EngineIndex
from retrieval.milvus.download import Download, is_copy
from retrieval.milvus.reader import FetchingReader
from retrieval.store.reader import Reader

T = TypeVar("T")


class Remote:
    """An engine, and the store of this machine that is filled from it; for all threads."""

    def __init__(self, store: Path, address: Address) -> None:
        """Take the path of the store; nothing is asked yet."""
        self.address, self._store = address, store
        self._connection = Connection(address)
        self._download = Download(store, self._connection)
        self._corpus = Corpus(self._download)

    def close(self) -> None:
        """Close the connection; the next question opens it again."""
        self._connection.close()

    def follow(self) -> bool:
        """Have the store list what the engine holds now, and return whether that is anything; raise EngineAway."""
        return self._corpus.current() is not None

    def complete(self) -> None:
        """Have the store hold all that the engine does."""
        if published := self._corpus.current():
            self._download.complete(published.manifest)

    def fetch_cited(self, version: int) -> None:
        """Have the store hold the text of a version that was cited, if it is still kept."""
        self._download.fetch_cited(version)

    def reader(self, sets: Collection[str]) -> Reader:
        """Return a reader of the store, for one thread."""
        return FetchingReader(self._download, sets)

    def index(self, reader: Reader) -> EngineIndex:
        """Return the index that a thread's questions are asked of."""
        return EngineIndex(self._corpus, reader)

    def changing(self, change: Callable[[], T]) -> T:
        """Change the store, starting from what the engine holds, and have the engine hold what it shows then.

        If the engine goes away in between, EngineAway is raised, and the next change passes on this one too. Raise StoreBusy
        if another load fills the engine.
        """
        from retrieval.milvus.upload import upload  # noqa: PLC0415 - scipy, which no question needs

        with closing(Connection(self.address, PATIENCE_OF_LOADS)) as connection, claimed(connection) as claim:
            download = Download(self._store, connection)
            if manifest := manifests.published(connection):
                download.complete(manifest)
            elif is_copy(self._store):
                raise StoreError(
                    f"The engine at {self.address} holds nothing, and {self._store} comes from another. See that "
                    "CITEBOT_ENGINE is right, or choose another file for CITEBOT_DB to fill this one."
                )
            changed = change()
            if manifest := upload(self._store, connection, claim.check):
                download.note(manifest)
            return changed
