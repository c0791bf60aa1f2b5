"""A reader of a store that is filled from an engine: it fetches the texts that it is asked for."""

from collections.abc import Collection, Iterator

from retrieval.milvus.download import Download
from retrieval.records import Article, Sentence, StoredArticle, Version
from retrieval.store.reader import ArticleSurvey, Reader


class FetchingReader(Reader):
    """A store that lists all articles of an engine, and holds the texts that were needed so far."""

    def __init__(self, download: Download, sets: Collection[str] = ()) -> None:
        """Take what fills the store."""
        super().__init__(download.store, sets=sets)
        self._download = download

    def text_of(self, version: int) -> str | None:
        """Return the text of a version; None if it is no longer kept whole."""
        self._download.fetch([version])
        return super().text_of(version)

    def _whole(self, versions: Collection[int]) -> Iterator[tuple[int, str, StoredArticle]]:
        self._download.fetch(versions)
        return super()._whole(versions)

    def version(self, row: int) -> Version | None:
        """Return a version of any generation, without surroundings; None if it is no longer kept whole."""
        self._download.fetch([row])
        return super().version(row)

    def versions(self, generation: int, since: int = 0) -> Iterator[Version]:
        """Yield the versions in a generation; this fetches all texts."""
        self._download.fetch()
        return super().versions(generation, since)

    def survey(self, longest: int) -> Iterator[ArticleSurvey]:
        """Count the sentences of each article; this fetches all texts."""
        self._download.fetch()
        return super().survey(longest)

    def given(self) -> Iterator[Article]:
        """Yield the articles as they were given; this fetches all texts."""
        self._download.fetch()
        return super().given()

    def article(self, id: str) -> Article | None:  # noqa: A002 - the field's name
        """Return an article as it was given; None if no article has that id."""
        self._download.fetch(self._shown_versions(id))
        return super().article(id)

    def sentences(self, id: str) -> tuple[Sentence, ...]:  # noqa: A002 - the field's name
        """Return all sentences of an article, in order; () if no article has that id."""
        self._download.fetch(self._shown_versions(id))
        return super().sentences(id)

    def _shown_versions(self, id: str) -> list[int]:  # noqa: A002 - as above
        return [row for (row,) in self._rows(f"SELECT v.row FROM versions AS v WHERE v.id = ? AND {self._shown()}", id)]
