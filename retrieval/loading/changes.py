"""Compare the articles that are read with the store, write those that are new or changed, and report what happened."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, field
from pathlib import PurePath

from retrieval.readers import READER_VERSION
from retrieval.records import Article, Failure, LoadReport
from retrieval.store.batch import NewVersion, ReadRecord, StoredVersion
from retrieval.store.writer import Writer
from retrieval.text.languages import detect_article_language
from retrieval.text.sentences import SPLITTER_VERSION, split_article

_SUM_OF_DIGESTS = 2**256  # sums of SHA-256 are taken modulo this

Prune = bool | frozenset[str]  # of the articles that have vanished, which to remove: all, none, or those with these ids


def digest_article(article: Article) -> str:
    """Return the SHA-256 of all fields of an article and of the splitter's version, in hexadecimal.

    An article also changes if only its original does, such as the target of a link, so that the original stays true.
    Raise UnicodeEncodeError if a field holds a lone surrogate, which no file can.
    """
    fields = json.dumps([SPLITTER_VERSION, *astuple(article)], ensure_ascii=False)
    return hashlib.sha256(fields.encode()).hexdigest()


def combine_digests(total: int) -> str:
    """Return one digest for many articles from the sum of theirs, which does not depend on their order."""
    return f"{total % _SUM_OF_DIGESTS:064x}"


def reader_version() -> str:
    """Return the version of readers and splitter; a new one has everything read again."""
    return f"{READER_VERSION}.{SPLITTER_VERSION}"


@dataclass(frozen=True, slots=True)
class UnchangedFile:
    """A file or page whose articles are all in the store as they were last read."""

    reading: ReadRecord
    articles: Sequence[tuple[str, StoredVersion]]  # with the id of each


@dataclass(slots=True)
class ChangeCollector:
    """Writes the articles of a load to the store if they changed, and remembers what became of each."""

    writer: Writer
    only: frozenset[str] = frozenset()  # ids of the files that are loaded; empty = all
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    vanished: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    seen: dict[str, str] = field(default_factory=dict)  # article id -> path or URL of the file that held it
    unvisited: set[tuple[str, str]] = field(default_factory=set)  # origin and id of the files that `only` leaves out
    partly_read: set[tuple[str, str]] = field(default_factory=set)  # origin and id of sources read only in part
    resumed: int = 0
    unread: int = 0
    sentences: int = 0

    def add(self, article: Article, origin: str, source: str, file: str) -> str | Failure:
        """Write an article unless the store holds it as it is; return its digest, or why it cannot be accepted."""
        known = self.writer.known(article.id)
        other = self.seen.get(article.id) or self._unvisited_file(known)
        if other:
            reason = f"The id is used twice: {_in_both(other, file)}. Rename one, or load a folder above both."
            return self.fail(Failure(article.id, reason, source))
        self.seen[article.id] = file
        try:
            digest = digest_article(article)
        except UnicodeEncodeError:
            reason = f"In {_short(file)}: the text holds half of a character (a lone surrogate). Write the file again."
            return self.fail(Failure(ascii(article.id), reason, source))
        if known is None or known.digest != digest:
            self._write(article, digest, origin, source, known)
        else:
            self._note_known(article.id, known)
            if (known.origin, known.source) != (origin, source):
                self.writer.move(known, origin, source)
        return digest

    def _unvisited_file(self, known: StoredVersion | None) -> str:
        """Return the file that an article was read from, if this load leaves it out; otherwise ""."""
        return known.source if known and (known.origin, known.source) in self.unvisited else ""

    def fail(self, failure: Failure) -> Failure:
        """Note what could not be read."""
        self.failed.append(failure)
        return failure

    def find_unchanged(self, origin: str, source: str) -> UnchangedFile | None:
        """Find a file or page whose articles are all in the store as they were last read; None if it must be read.

        Its recorded digest is compared with its articles in the store, so it is read again after a load
        that was killed, after one of its articles was removed or moved, and after a rollback. It is also read again if
        another file of this load has used one of its ids, or if the readers are of another version.
        """
        reading = self.writer.reading(origin, source)
        if reading is None or not reading.stamp or reading.reader != reader_version():
            return None
        articles = self.writer.held(origin, source)
        total = sum(int(known.digest, 16) for _, known in articles)
        if (reading.articles, reading.digest) != (len(articles), combine_digests(total)):
            return None
        return None if any(id_ in self.seen for id_, _ in articles) else UnchangedFile(reading, articles)

    def skip(self, unchanged: UnchangedFile, file: str) -> None:
        """Note the articles of a file or page that need not be read."""
        for id_, known in unchanged.articles:
            self.seen[id_] = file
            self._note_known(id_, known)
        self.unread += 1

    def find_vanished(self, complete: Sequence[str], feeds: Iterable[str], *, prune: Prune) -> None:
        """Find the articles that their origins no longer hold, and remove those that `prune` names.

        Only origins that were listed completely can lose articles. A feed never does: it lists the newest only.
        """
        self.writer.flush()
        for id_, known in self._unseen(complete):
            if known.resumed:  # gone since the interrupted load read it
                self.writer.forget(id_)
        gone = self._unseen(complete)
        if prune:
            for origin in complete:  # the interrupted load, or the preview, has removed these already
                self.removed.extend(self.writer.removed_of(origin))
        for id_, known in gone:
            if prune is True or (prune and id_ in prune):
                self.writer.remove(known)
                self.removed.append(id_)
            else:
                self.vanished.append(id_)
        for _, known in self._unseen(feeds):
            if known.source:
                self.writer.move(known, known.origin, "")
        self.writer.flush()

    def report(self) -> LoadReport:
        """Sum up the load; call it after publishing."""
        articles, sentences = self.writer.count()
        return LoadReport(
            generation=self.writer.current(),
            added=tuple(self.added),
            changed=tuple(self.changed),
            replaced=tuple(self.replaced),
            unchanged=tuple(self.unchanged),
            vanished=tuple(self.vanished),
            removed=tuple(self.removed),
            failed=tuple(self.failed),
            articles=articles,
            sentences=sentences,
            resumed=self.resumed,
            unread=self.unread,
        )

    def _write(self, article: Article, digest: str, origin: str, source: str, known: StoredVersion | None) -> None:
        """Split and write an article that is new or changed."""
        language = article.language or detect_article_language(article.text)
        sentences, surroundings = split_article(article, language)
        self.writer.add(NewVersion(article, language, sentences, digest, origin, source, known, surroundings))
        self.sentences += len(sentences)
        self._note_change(article.id)
        if known and self.writer.is_published(article.id) and not _is_same_file(known, origin, source):
            self.replaced.append(article.id)

    def _note_known(self, article_id: str, known: StoredVersion) -> None:
        """Note an article that the store holds already, written by an earlier load or by the interrupted one."""
        if known.resumed:
            self.resumed += 1
            self._note_change(article_id)
        else:
            self.unchanged.append(article_id)

    def _note_change(self, article_id: str) -> None:
        (self.changed if self.writer.is_published(article_id) else self.added).append(article_id)

    def _unseen(self, origins: Iterable[str]) -> list[tuple[str, StoredVersion]]:
        """List the articles last read from some origins that this load did not find there."""
        return [
            (id_, known)
            for origin in origins
            for id_, known in self.writer.known_of(origin)
            if id_ not in self.seen
            and (origin, known.source) not in self.partly_read
            and (not self.only or known.source in self.only)
        ]


def _in_both(one: str, other: str) -> str:
    """Name two files: by their whole paths if their names are the same."""
    names = _short(one), _short(other)
    first, second = (one, other) if names[0] == names[1] and one != other else names
    return f"in {first} and in {second}"


def _short(file: str) -> str:
    path = PurePath(file)
    return path.name if path.is_absolute() else file


def _is_same_file(known: StoredVersion, origin: str, source: str) -> bool:
    """Whether an article is read from where it was read before, which may have been named by its folder, or alone."""
    before, now = (
        {place.removesuffix(PurePath(place).suffix), PurePath(place, name).as_posix()}
        for place, name in ((known.origin, known.source), (origin, source))
    )
    return known.origin == origin or bool(before & now)
