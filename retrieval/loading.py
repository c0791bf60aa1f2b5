"""Paths -> articles -> sentences -> a published generation of the store and of its index, and a report of it.

Reading holds one batch of rows and the ids of the articles, building the index one chunk of sentences.
"""

import gc
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from retrieval.errors import SourceError
from retrieval.languages import detect_article_language
from retrieval.progress import Meter
from retrieval.publishing import publish
from retrieval.readers import read_source
from retrieval.records import Article, Failure, LoadReport, Progress, Source
from retrieval.sentences import SPLITTER_VERSION, split_article
from retrieval.sources import find_sources
from retrieval.store.batches import Known, NewVersion
from retrieval.store.writing import Writer, open_writer


def digest_article(article: Article) -> str:
    """Give the SHA-256 of all fields of an article and of the splitter's version, in hexadecimal.

    Raises UnicodeEncodeError for text with half a character (a lone surrogate), which no file can hold.
    """
    fields = (article.id, article.title, article.text, article.language, article.url, article.published, article.author)
    return hashlib.sha256(json.dumps([SPLITTER_VERSION, *fields], ensure_ascii=False).encode()).hexdigest()


def load(
    store: Path,
    specs: Iterable[str | Path],
    *,
    prune: bool = False,
    progress: Callable[[Progress], None] | None = None,
) -> LoadReport:
    """Read sources into the store; an article that is as it was is left alone.

    What cannot be read is in the report, and the rest is loaded. Articles that an origin no longer holds are reported
    as vanished, or with `prune` removed. Nothing is published where nothing changed. `progress` is called for each
    source and article. A load that was interrupted or killed is gone on with by the next one of the same sources.

    Raises StoreBusy when another load is under way, StoreTooNew, and StoreError when the store or its index cannot
    be written; the store then shows what it showed before.
    """
    with reading(store, specs, prune=prune, progress=progress) as run:
        if run.writer.generation is not None:
            note = f"{len(run.added)} added, {len(run.changed)} changed, {len(run.removed)} removed"
            publish(store, run.writer, note, run.meter)
        return run.report()


@contextmanager
def reading(
    store: Path,
    specs: Iterable[str | Path],
    *,
    prune: bool = False,
    progress: Callable[[Progress], None] | None = None,
) -> Iterator["Run"]:
    """Read sources into the store as `load` does, under a generation that is undone where the block does not publish it."""
    specs = list(specs)
    with _uncollected(), open_writer(store, _purpose(specs, prune=prune)) as writer:
        run = Run(writer, Meter(progress))
        run.read(run.find(specs))
        run.settle(prune=prune)
        yield run


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep Python from looking for cycles of garbage: a load makes none, and looking takes a tenth of its time."""
    collected = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collected:
            gc.enable()


def remove(store: Path, article_id: str) -> bool:
    """Take an article out of the store and publish that; False where there is none of that id.

    A store that is not there is not made. Raises as `load` does.
    """
    if not store.exists():
        return False
    with open_writer(store) as writer:
        known = writer.known(article_id)
        if known is None:
            return False
        writer.remove(known)
        publish(store, writer, f"removed {article_id}", Meter(None))
        return True


@dataclass(slots=True)
class Run:
    """What a load has seen so far."""

    writer: Writer
    meter: Meter
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    vanished: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    seen: dict[str, str] = field(default_factory=dict)  # article id -> the file that held it
    origins: list[str] = field(default_factory=list)  # those that could be listed
    doubtful: set[tuple[str, str]] = field(default_factory=set)  # origin and id of sources read only in part
    resumed: int = 0
    sentences: int = 0
    done: int = 0
    total: int = 0

    def find(self, specs: Iterable[str | Path]) -> list[Source]:
        """Find what there is to read, and its size; a file named twice is read once."""
        found: dict[tuple[Path, str], Source] = {}
        for spec in specs:
            self.meter.finding(str(spec))
            try:
                for source in find_sources(spec):
                    found.setdefault((source.path.resolve(), source.id), source)
            except SourceError as error:
                self.failed.append(Failure(str(spec), str(error)))
            else:
                self.origins.append(_place_of(str(spec)))
        self.total = sum(_size(source) for source in found.values())
        return list(found.values())

    def read(self, sources: Iterable[Source]) -> None:
        """Read the sources one after the other into the store."""
        for source in sources:
            size, characters = _size(source), 0
            for item in read_source(source):
                if isinstance(item, Failure):
                    self.failed.append(item)
                    self.doubtful.add((_place_of(source.origin), source.id))
                else:
                    self.take(item, source)
                    characters += len(item.text)
                self.meter.reading(source.id, self.done + min(characters, size), self.total, self.sentences)
            self.done += size
            self.meter.reading(source.id, self.done, self.total, self.sentences)

    def take(self, article: Article, source: Source) -> None:
        """Write an article, unless it is in the store as it is or cannot be there."""
        if article.id in self.seen:
            reason = f"The id is used twice: in {self.seen[article.id]} and in {source.path.name}. Rename one."
            self.failed.append(Failure(article.id, reason))
            return
        self.seen[article.id] = source.path.name
        try:
            digest = digest_article(article)
        except UnicodeEncodeError:
            reason = f"In {source.path.name}: it holds half of a character (a lone surrogate). Write the text anew."
            self.failed.append(Failure(ascii(article.id), reason))
            return
        known, origin = self.writer.known(article.id), _place_of(source.origin)
        if known is None or known.digest != digest:
            self.write(article, digest, origin, source.id, known)
            return
        if known.resumed:
            self.resumed += 1
            self.note_change(article.id)
        else:
            self.unchanged.append(article.id)
        if (known.origin, known.source) != (origin, source.id):
            self.writer.move(known, origin, source.id)

    def write(self, article: Article, digest: str, origin: str, source: str, known: Known | None) -> None:
        """Split an article that is new or not as it was, and write it."""
        language = article.language or detect_article_language(article.text)
        sentences = split_article(article, language)
        self.writer.add(NewVersion(article, language, sentences, digest, origin, source, known))
        self.sentences += len(sentences)
        self.note_change(article.id)

    def note_change(self, article_id: str) -> None:
        """Note for the report that an article is new or not as it was."""
        (self.changed if self.writer.is_published(article_id) else self.added).append(article_id)

    def settle(self, *, prune: bool) -> None:
        """Find the articles that their origins no longer hold; remove them if that is wanted."""
        self.writer.flush()
        for id_, known in self.unseen():
            if known.resumed:  # it has gone since the interrupted load read it
                self.writer.forget(id_)
        gone = self.unseen()
        if prune:
            self.removed.extend(id_ for origin in dict.fromkeys(self.origins) for id_ in self.writer.removed_of(origin))
        (self.removed if prune else self.vanished).extend(id_ for id_, _ in gone)
        for _, known in gone if prune else ():
            self.writer.remove(known)

    def unseen(self) -> list[tuple[str, Known]]:
        """List the articles of the origins that could be listed which were not met there."""
        return [
            (id_, known)
            for origin in dict.fromkeys(self.origins)
            for id_, known in self.writer.known_of(origin)
            if id_ not in self.seen and (origin, known.source) not in self.doubtful
        ]

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
        )


def _purpose(specs: Iterable[str | Path], *, prune: bool) -> str:
    """Say what is loaded and how, so that a load that was interrupted is known again."""
    return json.dumps({"origins": sorted({_place_of(str(spec)) for spec in specs}), "prune": prune})


def _place_of(origin: str) -> str:
    """Name an origin so that it is the same one whatever the working folder and the spelling."""
    return origin if "://" in origin else os.path.abspath(origin)  # noqa: PTH100 - links stay as they were named


def _size(source: Source) -> int:
    try:
        return source.path.stat().st_size
    except OSError:
        return 0  # its reader will say what is wrong
