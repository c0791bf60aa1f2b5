"""What was named -> each file and page of it, visited once: read where it has changed, passed over where it has not."""

import json
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from retrieval.errors import SourceError
from retrieval.loading.changes import ChangeCollector, UnchangedFile, combine_digests, reader_version
from retrieval.loading.progress import ProgressReporter
from retrieval.readers import stop_readers, read_source
from retrieval.records import Failure, Source, SourceKind
from retrieval.sources import find_sources
from retrieval.sources.fingerprints import fingerprint, is_reliable
from retrieval.sources.paths import is_url, source_kind, canonical_name
from retrieval.store.batch import ReadRecord
from retrieval.store.writer import Writer

if TYPE_CHECKING:
    from retrieval.sources.crawler import CrawledPage
    from retrieval.sources.fetch import Validators


@dataclass(slots=True)
class ScannedSource:
    """Something that was named, and what has come of it so far."""

    place: str
    kind: SourceKind
    whole: bool = False  # all that is in it could be listed, so that what was not met has gone
    met: set[str] = field(default_factory=set)  # ids of its files or pages
    problems: list[str] = field(default_factory=list)

    def outcome(self) -> str:
        """Say what was wrong; empty where nothing was."""
        more = f" And {len(self.problems) - 1} more." if len(self.problems) > 1 else ""
        return self.problems[0] + more if self.problems else ""


@dataclass(frozen=True, slots=True)
class _File:
    """A file to visit, as it was when it was found; without a status it could not be looked at."""

    source: Source
    named: ScannedSource
    status: os.stat_result | None

    @property
    def size(self) -> int:
        """Bytes; 0 where the file could not be looked at: its reader will say what is wrong."""
        return self.status.st_size if self.status else 0


class Scan:
    """One load's way through what was named."""

    def __init__(
        self, writer: Writer, meter: ProgressReporter, *, again: bool = False, allow_private: bool = False
    ) -> None:
        """Begin with nothing visited; `again` passes nothing over."""
        self.intake = ChangeCollector(writer)
        self.writer = writer
        self.meter = meter
        self._again = again
        self._allow_private = allow_private
        self._named: dict[str, ScannedSource] = {}
        self._done = self._total = 0  # bytes

    def go(self, specs: Iterable[str | Path], *, prune: bool) -> None:
        """Visit all that is named, files first, and see what is no longer there."""
        files = self._find(specs)
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
        self.intake.settle(self._whole(), feeds, prune=prune)

    def note_sources(self) -> None:
        """Note in the table of sources what came of each."""
        outcomes = {named.place: (named.kind, named.outcome()) for named in self._named.values()}
        self.writer.note_sources(outcomes, {place: self._named[place].met for place in self._whole()})

    def _whole(self) -> list[str]:
        return [named.place for named in self._named.values() if named.whole]

    def _find(self, specs: Iterable[str | Path]) -> list[_File]:
        """Find the files to visit; one that is named twice is visited once."""
        found: dict[tuple[object, str], _File] = {}
        for spec in specs:
            self.meter.finding(str(spec))
            named = self._named.setdefault(canonical_name(spec), ScannedSource(canonical_name(spec), source_kind(spec)))
            if is_url(spec):
                continue
            try:
                for source in find_sources(spec):
                    file = _File(source, named, _status(source.path))
                    found.setdefault((_identity(file), source.id), file)
                    named.met.add(source.id)
            except SourceError as error:
                self._fail(named, Failure(str(spec), str(error)))
            else:
                named.whole = True
        return list(found.values())

    def _visit_file(self, file: _File) -> None:
        source, held = file.source, self._find_held(file.named.place, file.source.id)
        if held and file.status and held.reading.stamp == fingerprint(file.status):
            self.intake.pass_over(held, source.path.name)
        else:
            begun, status = time.time_ns(), _status(source.path)
            self._read(source, file.named, fingerprint(status) if status and is_reliable(status, begun) else "")
        self._done += file.size
        self._told(source.id, self._done)

    def _find_held(self, place: str, source: str) -> UnchangedFile | None:
        return None if self._again else self.intake.find_held(place, source)

    def _read(self, source: Source, named: ScannedSource, stamp: str) -> None:
        """Read a file, take its articles in, and note what it holds; an empty `stamp` has it read again next time."""
        count, total, problem, characters = 0, 0, "", 0
        size = _size(source)
        for item in read_source(source):
            if isinstance(item, Failure):
                self.intake.doubtful.add((named.place, source.id))
                taken: str | Failure = self.intake.fail(item)
            else:
                taken = self.intake.take(item, named.place, source.id, source.path.name)
                characters += len(item.text)
            if isinstance(taken, Failure):
                problem = problem or taken.reason
                named.problems.append(f"{taken.name}: {taken.reason}")
            else:
                count, total = count + 1, total + int(taken, 16)
            self._told(source.id, self._done + min(characters, size))
        known = ReadRecord(
            named.place, source.id, "" if problem else stamp, reader_version(), count, combine_digests(total), problem
        )
        self.writer.note(known)

    def _visit_address(self, named: ScannedSource) -> None:
        """Ask for an address and for what it lists; a server that has nothing new need send nothing."""
        from retrieval.sources.crawler import Crawl  # noqa: PLC0415 - a load of files needs no network

        with TemporaryDirectory(prefix="citebot-") as folder:
            crawl = Crawl(named.place, Path(folder), partial(self._validators, named.place), self._allow_private)
            for page in crawl.pages():
                named.kind = crawl.kind or named.kind
                if isinstance(page, Failure):
                    self.intake.doubtful.add((named.place, page.name))
                    self._fail(named, page)
                else:
                    self._visit_page(named, page)
            named.whole = crawl.complete and named.kind != "feed"  # which lists the newest alone

    def _visit_page(self, named: ScannedSource, page: "CrawledPage") -> None:
        named.met.add(page.url)
        held = self._find_held(named.place, page.url)
        if page.source is not None:
            self._total += _size(page.source)
            self._read(page.source, named, _stamp_of_page(page.validators, named.kind))
            self._done += _size(page.source)
        elif held is not None:
            named.kind = _of_page(held.reading.stamp)[1]
            self.intake.pass_over(held, page.url)
        self._told(page.url, self._done)

    def _validators(self, place: str, url: str) -> "Validators":
        """Give what a server gave with a page that the store knows whole."""
        from retrieval.sources.fetch import Validators  # noqa: PLC0415 - as above

        held = self._find_held(place, url)
        return _of_page(held.reading.stamp)[0] if held else Validators()

    def _fail(self, named: ScannedSource, failure: Failure) -> None:
        self.intake.fail(failure)
        named.problems.append(failure.reason)

    def _told(self, source: str, done: int) -> None:
        self.meter.reading(source, done, self._total, self.intake.sentences)


def _stamp_of_page(validators: "Validators", kind: SourceKind) -> str:
    """Give what tells that a page is as it was; empty where its server gave nothing to tell by."""
    if validators.etag is None and validators.modified is None:
        return ""
    return json.dumps([validators.etag, validators.modified, kind])


def _of_page(stamp: str) -> tuple["Validators", SourceKind]:
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


def _identity(file: _File) -> object:
    """Tell files apart, whatever the path that led to each."""
    return (file.status.st_dev, file.status.st_ino) if file.status else file.source.path
