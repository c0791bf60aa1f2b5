"""The path of a store -> what it showed before: its generations, and the texts of versions that have been replaced."""

from collections.abc import Iterator
from pathlib import Path

from retrieval.changes import PublishedGeneration
from retrieval.records import Quoted
from retrieval.store.keeping import KEPT, unpack
from retrieval.store.reading import CURRENT, Reader


class PastReader(Reader):
    """A reader of what is not shown any more too."""

    def history(self) -> Iterator[PublishedGeneration]:
        """Give the generations that were ever shown, the latest first."""
        counts = "articles, sentences" if self._keeps_earlier() else "NULL, NULL"
        query = f"""SELECT id, published, note, {counts}, id = {CURRENT} FROM generations
            WHERE state = 'published' ORDER BY id DESC"""
        for place, (number, published, note, articles, sentences, current) in enumerate(self._rows(query)):
            yield PublishedGeneration(number, published, note, articles, sentences, bool(current), place <= KEPT)

    def quoted(self, id: str, version: int, start: int, end: int) -> Quoted | None:  # noqa: A002 - the field's name
        """Give a stretch of a version of an article, in half-open character offsets; None where it is no longer kept."""
        text, until = next(self._kept(id, version), ("", 0))
        if not 0 <= start < end <= len(text):
            return None
        article = self.article(id)
        if article and article.text == text:
            return Quoted(text[start:end], current=True, changed=None)
        changed = self._rows("SELECT published FROM generations WHERE id = ?", until)
        return Quoted(text[start:end], current=False, changed=next((at for (at,) in changed), None))

    def _kept(self, id: str, version: int) -> Iterator[tuple[str, int | None]]:  # noqa: A002 - as above
        """Give the text of a version that was ever shown, and the generation that closed it."""
        shown = f"id = ? AND since <= {CURRENT}"
        yield from self._rows(f"SELECT text, until FROM versions WHERE row = ? AND {shown}", version, id)
        if self._keeps_earlier():
            for packed, until in self._rows(
                "SELECT packed, until FROM earlier WHERE version = ? AND id = ?", version, id
            ):
                yield unpack(packed), until

    def _keeps_earlier(self) -> bool:
        """Tell whether a load has brought the store to a schema with earlier texts and counts."""
        return any(self._rows("SELECT 1 FROM sqlite_master WHERE name = 'earlier'"))


class ReaderOf(Reader):
    """A reader for which one generation is the current one to be asked, published or not."""

    def __init__(self, path: str | Path, generation: int) -> None:
        """Take the path of a store and the number of the generation."""
        super().__init__(path)
        self._generation = generation

    def identity(self) -> tuple[int, str]:
        """Give that generation and when it was begun."""
        return self._generation, self.begun(self._generation)
