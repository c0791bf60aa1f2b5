"""Visit each file and page of the sources once, and read those that have changed."""

import json
import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from retrieval.errors import SourceError
from retrieval.loading.changes import ChangeCollector, Prune, UnchangedFile, combine_digests, reader_version
from retrieval.loading.progress import ProgressReporter
from retrieval.loading.time_budget import TimeBudget
from retrieval.readers import read_source, stop_readers
from retrieval.records import Article, Failure, Progress, Source, SourceKind
from retrieval.sources import find_sources
from retrieval.sources.fingerprints import fingerprint, is_reliable
from retrieval.sources.paths import canonical_name, is_url, source_kind
from retrieval.store.batch import ReadRecord
from retrieval.store.writer import Writer

if TYPE_CHECKING:
    from retrieval.sources.crawler import CrawledPage
    from retrieval.sources.fetch import Validators


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """How sources are loaded."""

    prune: Prune = False  # remove articles that have vanished from their source
    again: bool = False  # also read files and pages that have not changed
    allow_private: bool = False  # also request URLs in private networks
    progress: Callable[[Progress], None] | None = None  # called for each source and article
    only: frozenset[str] = frozenset()  # ids of files; if there are any, other files are left as they are


DEFAULT_OPTIONS = LoadOptions()


@dataclass(slots=True)
class ScannedSource:
    """A source that was named, and its outcome so far."""

    place: str
    kind: SourceKind
    complete: bool = False  # everything in it was listed, so that an article not found there has vanished
    found: set[str] = field(default_factory=set)  # ids of its files or pages
    problems: list[str] = field(default_factory=list)

    def outcome(self) -> str:
        """Return what went wrong; empty if nothing did."""
        more = f" And {len(self.problems) - 1} more." if len(self.problems) > 1 else ""
        return self.problems[0] + more if self.problems else ""


@dataclass(frozen=True, slots=True)
class _File:
    """A file to visit, with its status when it was found; None if that could not be read."""

    source: Source
    named: ScannedSource
    status: os.stat_result | None

    @property
    def size(self) -> int:
        """Bytes; 0 without a status: reading the file will say what is wrong."""
        return self.status.st_size if self.status else 0

    @property
    def identity(self) -> object:
        """What identifies the file, whatever path leads to it."""
        return (self.status.st_dev, self.status.st_ino) if self.status else self.source.path


class Scan:
    """One load's walk through its sources."""

    def __init__(self, writer: Writer, options: LoadOptions) -> None:
        """Begin with nothing visited."""
        self.writer = writer
        self.changes = ChangeCollector(writer, options.only)
        self.progress = ProgressReporter(options.progress)
        self._options = options
        self._named: dict[str, ScannedSource] = {}
        self._done = self._total = 0  # bytes
        self._budget = TimeBudget()

    def run(self, specs: Iterable[str | Path]) -> None:
        """Visit all sources, files first, then find the articles that have vanished."""
        files = self._find_files(specs)
        self._total = sum(file.size for file in files)
        try:
            for file in files:
                self._visit_file(file)
            for named in self._named.values():
                if is_url(named.place):
                    self._visit_address(named)
        finally:
            stop_readers()
        feeds = [named.place for named in self._named.values() if named.kind == "feed"]
        self.changes.find_vanished(self._complete(), feeds, prune=self._options.prune)

    def note_sources(self) -> None:
        """Write the outcome of each source to the table of sources."""
        outcomes = {named.place: (named.kind, named.outcome()) for named in self._named.values()}
        self.writer.note_sources(outcomes, {place: self._named[place].found for place in self._complete()})

    def _complete(self) -> list[str]:
        return [named.place for named in self._named.values() if named.complete]

    def _find_files(self, specs: Iterable[str | Path]) -> list[_File]:
        """List the files to visit; one that is named twice is visited once."""
        files: dict[tuple[object, str], _File] = {}
        for spec in specs:
            self.progress.finding(str(spec))
            named = self._named.setdefault(canonical_name(spec), ScannedSource(canonical_name(spec), source_kind(spec)))
            if is_url(spec):
                continue
            try:
                for source in find_sources(spec):
                    named.found.add(source.id)
                    if self._options.only and source.id not in self._options.only:
                        self.changes.unvisited.add((named.place, source.id))
                        continue
                    file = _File(source, named, _status(source.path))
                    files.setdefault((file.identity, source.id), file)
            except SourceError as error:
                self._fail(named, Failure(str(spec), str(error)))
            else:
                named.complete = True
        return list(files.values())

    def _visit_file(self, file: _File) -> None:
        source, unchanged = file.source, self._find_unchanged(file.named.place, file.source.id)
        if unchanged and file.status and unchanged.reading.stamp == fingerprint(file.status):
            self.changes.skip(unchanged, str(source.path.absolute()))
        else:
            begun, status = time.time_ns(), _status(source.path)
            self._read(source, file.named, fingerprint(status) if status and is_reliable(status, begun) else "")
        self._done += file.size
        self._report(source.id, self._done)

    def _find_unchanged(self, place: str, source: str) -> UnchangedFile | None:
        return None if self._options.again else self.changes.find_unchanged(place, source)

    def _read(self, source: Source, named: ScannedSource, stamp: str) -> None:
        """Read a file, collect its articles, and note what it holds; with an empty `stamp` it is read again next time."""
        count, digests, characters, problem = 0, 0, 0, ""
        size, file = _size(source), source.id if is_url(named.place) else str(source.path.absolute())
        for item in read_source(source):
            collected = self._collect(item, source, named, file)
            if isinstance(collected, Failure):
                problem = problem or collected.reason
            else:
                count, digests = count + 1, digests + int(collected, 16)
            characters += 0 if isinstance(item, Failure) else len(item.text)
            self._report(source.id, self._done + min(characters, size))
        digest = combine_digests(digests)
        stamp = "" if problem else stamp
        self.writer.note(ReadRecord(named.place, source.id, stamp, reader_version(), count, digest, problem))

    def _collect(self, item: Article | Failure, source: Source, named: ScannedSource, file: str) -> str | Failure:
        """Take what a reader yields; return the article's digest, or why there is none."""
        if isinstance(item, Failure):
            self.changes.partly_read.add((named.place, source.id))
            collected: str | Failure = self.changes.fail(replace(item, source=source.id))
        else:
            collected = self.changes.add(item, named.place, source.id, file)
        if isinstance(collected, Failure):
            named.problems.append(f"{collected.name}: {collected.reason}")
        return collected

    def _visit_address(self, named: ScannedSource) -> None:
        """Request a URL and what it lists; a server need not send a page that has not changed."""
        from retrieval.sources.crawler import Crawl  # noqa: PLC0415 - a load of files needs no network

        self._budget.begin_source()
        if stopped := self._budget.why_stopped():
            self._fail(named, Failure(named.place, stopped))
            return
        with TemporaryDirectory(prefix="citebot-") as folder:
            crawl = Crawl(
                named.place,
                Path(folder),
                partial(self._validators, named.place),
                self._options.allow_private,
                self._budget.why_stopped,
                lambda url: self.writer.reading(named.place, url) is not None,
            )
            for page in crawl.pages():
                named.kind = crawl.kind or named.kind
                if isinstance(page, Failure):
                    self.changes.partly_read.add((named.place, page.name))
                    self._fail(named, page)
                else:
                    self._visit_page(named, page)
            named.complete = crawl.complete and named.kind != "feed"  # a feed lists the newest only

    def _visit_page(self, named: ScannedSource, page: "CrawledPage") -> None:
        named.found.add(page.url)
        unchanged = self._find_unchanged(named.place, page.url)
        if page.source is not None:
            self._total += _size(page.source)
            self._read(page.source, named, _to_stamp(page.validators, named.kind))
            self._done += _size(page.source)
        elif unchanged is not None:
            named.kind = _from_stamp(unchanged.reading.stamp)[1]
            self.changes.skip(unchanged, page.url)
        self._report(page.url, self._done)

    def _validators(self, place: str, url: str) -> "Validators":
        """Report a page that is about to be requested; return its ETag and Last-Modified if the store holds it unchanged."""
        from retrieval.sources.fetch import Validators  # noqa: PLC0415 - as above

        self._report(url, self._done)
        unchanged = self._find_unchanged(place, url)
        return _from_stamp(unchanged.reading.stamp)[0] if unchanged else Validators()

    def _fail(self, named: ScannedSource, failure: Failure) -> None:
        self.changes.fail(failure)
        named.problems.append(failure.reason)

    def _report(self, source: str, done: int) -> None:
        self.progress.reading(source, done, self._total, self.changes.sentences)


def _to_stamp(validators: "Validators", kind: SourceKind) -> str:
    """Store a page's validators; empty if its server sent none, so that the page is read again."""
    if validators.etag is None and validators.modified is None:
        return ""
    return json.dumps([validators.etag, validators.modified, kind])


def _from_stamp(stamp: str) -> tuple["Validators", SourceKind]:
    from retrieval.sources.fetch import Validators  # noqa: PLC0415 - as above

    etag, modified, kind = json.loads(stamp)
    return Validators(etag, modified), kind


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except (OSError, ValueError):
        return None


def _size(source: Source) -> int:
    status = _status(source.path)
    return status.st_size if status else 0
