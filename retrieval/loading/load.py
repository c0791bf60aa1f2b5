"""What was named -> articles -> sentences -> a published generation of the store and of its index, and a report of it.

Reading holds one batch of rows and the ids of the articles, building the index one chunk of sentences.
"""

import gc
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from retrieval.loading.progress import ProgressReporter
from retrieval.loading.publish import publish
from retrieval.loading.scan import Scan
from retrieval.records import LoadReport, Progress
from retrieval.sources.paths import canonical_name
from retrieval.store.writer import open_writer


def load(
    store: Path,
    specs: Iterable[str | Path],
    *,
    prune: bool = False,
    again: bool = False,
    allow_private: bool = False,
    progress: Callable[[Progress], None] | None = None,
) -> LoadReport:
    """Read files, folders, patterns and addresses into the store; an article that is as it was is left alone.

    A file or page that is as it was is not even read, but with `again`. With `allow_private` addresses inside private
    networks are asked too. What cannot be read is in the report, and the rest is loaded. Articles that an origin no
    longer holds are reported as vanished, or with `prune` removed. Nothing is published where nothing changed.
    `progress` is called for each source and article. A load that was interrupted or killed is gone on with by the next
    one of the same sources.

    Raises StoreBusy when another load is under way, StoreTooNew, and StoreError when the store or its index cannot
    be written; the store then shows what it showed before.
    """
    with scan_sources(store, specs, prune=prune, again=again, allow_private=allow_private, progress=progress) as visit:
        writer, taken = visit.writer, visit.intake
        if writer.generation is not None:
            note = f"{len(taken.added)} added, {len(taken.changed)} changed, {len(taken.removed)} removed"
            publish(store, writer, note, visit.meter)
        visit.note_sources()
        return taken.report()


@contextmanager
def scan_sources(
    store: Path,
    specs: Iterable[str | Path],
    *,
    prune: bool = False,
    again: bool = False,
    allow_private: bool = False,
    progress: Callable[[Progress], None] | None = None,
) -> Iterator[Scan]:
    """Read sources into the store as `load` does, under a generation that is undone where the block does not publish it."""
    specs = list(specs)
    with _uncollected(), open_writer(store, _purpose(specs, prune=prune)) as writer:
        visit = Scan(writer, ProgressReporter(progress), again=again, allow_private=allow_private)
        visit.go(specs, prune=prune)
        yield visit


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


def remove_article(store: Path, article_id: str) -> bool:
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
        publish(store, writer, f"removed {article_id}", ProgressReporter(None))
        return True


def remove_articles_of_source(store: Path, spec: str | Path) -> int:
    """Take all articles last read from a source out of the store and publish that; give their number.

    Raises as `load` does.
    """
    if not store.exists():
        return 0
    with open_writer(store) as writer:
        gone = list(writer.known_of(canonical_name(spec)))
        for _, known in gone:
            writer.remove(known)
        if gone:
            publish(store, writer, f"removed {len(gone)} of {spec}", ProgressReporter(None))
        return len(gone)


def _purpose(specs: Iterable[str | Path], *, prune: bool) -> str:
    """Say what is loaded and how, so that a load that was interrupted is known again."""
    return json.dumps({"origins": sorted({canonical_name(spec) for spec in specs}), "prune": prune})
