"""Articles as they are read -> what of them is new or changed, written to the store, and what a load did in the end."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from retrieval.readers import READER_VERSION
from retrieval.records import Article, Failure, LoadReport
from retrieval.store.batch import NewVersion, ReadRecord, StoredVersion
from retrieval.store.writer import Writer
from retrieval.text.languages import detect_article_language
from retrieval.text.sentences import SPLITTER_VERSION, split_article

_SUM_OF_DIGESTS = 2**256  # a sum of SHA-256 is cut to its width


def digest_article(article: Article) -> str:
    """Give the SHA-256 of all fields of an article and of the splitter's version, in hexadecimal.

    Raises UnicodeEncodeError for text with half a character (a lone surrogate), which no file can hold.
    """
    fields = (article.id, article.title, article.text, article.language, article.url, article.published, article.author)
    return hashlib.sha256(json.dumps([SPLITTER_VERSION, *fields], ensure_ascii=False).encode()).hexdigest()


def combine_digests(total: int) -> str:
    """Give one digest of many articles by the sum of theirs, in whatever order they came."""
    return f"{total % _SUM_OF_DIGESTS:064x}"


@dataclass(frozen=True, slots=True)
class UnchangedFile:
    """A file or page that the store knows whole: what it held when it was last read is what the store holds of it."""

    reading: ReadRecord
    articles: list[tuple[str, StoredVersion]]  # with the id of each


@dataclass(slots=True)
class ChangeCollector:
    """Takes the articles of a load in, each with where it was read, and remembers what became of each."""

    writer: Writer
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    vanished: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    seen: dict[str, str] = field(default_factory=dict)  # article id -> the file that held it
    doubtful: set[tuple[str, str]] = field(default_factory=set)  # origin and id of sources read only in part
    resumed: int = 0
    unread: int = 0
    sentences: int = 0

    def take(self, article: Article, origin: str, source: str, name: str) -> str | Failure:
        """Write an article, unless it is in the store as it is; give its digest, or why it cannot be there."""
        if article.id in self.seen:
            reason = f"The id is used twice: in {self.seen[article.id]} and in {name}. Rename one."
            return self.fail(Failure(article.id, reason))
        self.seen[article.id] = name
        try:
            digest = digest_article(article)
        except UnicodeEncodeError:
            reason = f"In {name}: it holds half of a character (a lone surrogate). Write the text anew."
            return self.fail(Failure(ascii(article.id), reason))
        known = self.writer.known(article.id)
        if known is None or known.digest != digest:
            self._write(article, digest, origin, source, known)
        else:
            self._leave(article.id, known)
            if (known.origin, known.source) != (origin, source):
                self.writer.move(known, origin, source)
        return digest

    def fail(self, failure: Failure) -> Failure:
        """Note what could not be read."""
        self.failed.append(failure)
        return failure

    def find_held(self, origin: str, source: str) -> UnchangedFile | None:
        """Find a file or page that the store knows whole, read by the readers of today; None for any other, and for
        one of whose articles another file of this load has taken the id.

        What it held then is compared with what the store holds of it now: so a load that was killed, an article that
        was removed or that moved, and an earlier generation put back, all make that it is read again.
        """
        reading = self.writer.reading(origin, source)
        if reading is None or not reading.stamp or reading.reader != reader_version():
            return None
        articles = self.writer.held(origin, source)
        total = sum(int(known.digest, 16) for _, known in articles)
        if (reading.articles, reading.digest) != (len(articles), combine_digests(total)):
            return None
        return None if any(id_ in self.seen for id_, _ in articles) else UnchangedFile(reading, articles)

    def pass_over(self, held: UnchangedFile, name: str) -> None:
        """Take what the store holds of a file or page, as it was found just now, for what it holds."""
        for id_, known in held.articles:
            self.seen[id_] = name
            self._leave(id_, known)
        self.unread += 1

    def settle(self, whole: Iterable[str], feeds: Iterable[str], *, prune: bool) -> None:
        """Find the articles that their origins no longer hold; remove them if that is wanted.

        Only origins that were listed whole can lose articles. A feed never does: what it no longer lists is older.
        """
        self.writer.flush()
        whole = list(whole)
        for id_, known in self._unseen(whole):
            if known.resumed:  # it has gone since the interrupted load read it
                self.writer.forget(id_)
        gone = self._unseen(whole)
        if prune:  # the interrupted load, or the preview, has done so already
            self.removed.extend(id_ for origin in whole for id_ in self.writer.removed_of(origin))
        (self.removed if prune else self.vanished).extend(id_ for id_, _ in gone)
        for _, known in gone if prune else ():
            self.writer.remove(known)
        for _, known in self._unseen(feeds):
            if known.source:
                self.writer.move(known, known.origin, "")
        self.writer.flush()

    def report(self) -> LoadReport:
        """Sum up what was done, once it is published."""
        return LoadReport(
            generation=self.writer.current(),
            added=tuple(self.added),
            changed=tuple(self.changed),
            unchanged=tuple(self.unchanged),
            vanished=tuple(self.vanished),
            removed=tuple(self.removed),
            failed=tuple(self.failed),
            sentences=self.writer.count_sentences(),
            resumed=self.resumed,
            unread=self.unread,
        )

    def _write(self, article: Article, digest: str, origin: str, source: str, known: StoredVersion | None) -> None:
        """Split an article that is new or not as it was, and write it."""
        language = article.language or detect_article_language(article.text)
        sentences = split_article(article, language)
        self.writer.add(NewVersion(article, language, sentences, digest, origin, source, known))
        self.sentences += len(sentences)
        self._note_change(article.id)

    def _leave(self, article_id: str, known: StoredVersion) -> None:
        """Note an article that is in the store as it is, by an earlier load or by the interrupted one."""
        if known.resumed:
            self.resumed += 1
            self._note_change(article_id)
        else:
            self.unchanged.append(article_id)

    def _note_change(self, article_id: str) -> None:
        (self.changed if self.writer.is_published(article_id) else self.added).append(article_id)

    def _unseen(self, origins: Iterable[str]) -> list[tuple[str, StoredVersion]]:
        """List the articles last read from some origins that were not met there."""
        return [
            (id_, known)
            for origin in origins
            for id_, known in self.writer.known_of(origin)
            if id_ not in self.seen and (origin, known.source) not in self.doubtful
        ]


def reader_version() -> str:
    """Name what reads and splits: another version reads everything again."""
    return f"{READER_VERSION}.{SPLITTER_VERSION}"
