"""Load sources: scan them, write what changed, publish it. Remove articles.

A load keeps one batch of rows and the ids of the articles in memory; indexing keeps one chunk of sentences.
"""

import gc
import json
import logging
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from retrieval.disk import explain_unwritable
from retrieval.errors import StoreError
from retrieval.loading.progress import ProgressReporter
from retrieval.loading.publish import publish
from retrieval.loading.scan import DEFAULT_OPTIONS, LoadOptions, Scan
from retrieval.records import LoadReport
from retrieval.sources.paths import canonical_name
from retrieval.store.batch import StoredVersion
from retrieval.store.connection import STORE
from retrieval.store.writer import Writer, open_writer

_log = logging.getLogger(__name__)


def load(store: Path, specs: Sequence[str | Path], options: LoadOptions = DEFAULT_OPTIONS) -> LoadReport:
    """Read files, folders, patterns and URLs into the store, and publish if anything changed.

    Unchanged files and pages are skipped. What cannot be read is listed in the report and the rest is loaded. An
    interrupted or killed load is continued by the next load of the same sources.

    Raise StoreBusy if another load is running, StoreTooNew, and StoreError if the store or its index cannot be
    written; the store then shows what it showed before.
    """
    with scan_sources(store, specs, options) as scan:
        writer, changes = scan.writer, scan.changes
        if writer.generation is not None:
            note = f"{len(changes.added)} added, {len(changes.changed)} changed, {len(changes.removed)} removed"
            publish(store, writer, note, scan.progress)
        try:
            scan.note_sources()
        except sqlite3.Error as error:  # what is published stays, and the next load notes it
            _log.warning("%s", STORE.explain(store, error))
        return changes.report()


@contextmanager
def scan_sources(store: Path, specs: Sequence[str | Path], options: LoadOptions) -> Iterator[Scan]:
    """Write sources to an unpublished generation, which is undone if the block raises or does not publish it."""
    with _without_garbage_collection(), open_writer(store, _purpose(specs, options)) as writer:
        scan = Scan(writer, options)
        try:
            scan.run(specs)
        except OSError as error:  # of a temporary file: what cannot be read is a failure of its source
            folder = Path(error.filename or ".").absolute().parent
            remedy = "Set TMPDIR to a folder that can be written."
            raise StoreError(explain_unwritable(error, folder, remedy)) from error
        yield scan


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Turn off the cyclic garbage collector: a load makes no cycles, and looking for them takes 10 % of its time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _purpose(specs: Sequence[str | Path], options: LoadOptions) -> str:
    """Identify a load, so that an interrupted one is continued only by the same load."""
    prune = options.prune if isinstance(options.prune, bool) else sorted(options.prune)
    only = {"only": sorted(options.only)} if options.only else {}
    return json.dumps({"origins": sorted({canonical_name(spec) for spec in specs}), "prune": prune} | only)


def remove_articles(store: Path, ids: Sequence[str]) -> list[str]:
    """Remove articles and publish that, all at once; return the ids of those that there were. Raise as `load` does."""
    if not store.exists():  # do not create one
        return []
    with open_writer(store) as writer:
        known = {id_: version for id_ in ids if (version := writer.known(id_))}
        if known:
            _remove(
                store, writer, list(known.values()), f"removed {', '.join(known) if len(known) == 1 else len(known)}"
            )
        return list(known)


def remove_articles_of_source(store: Path, spec: str | Path) -> int:
    """Remove all articles last read from a source and publish that; return how many. Raise as `load` does."""
    if not store.exists():
        return 0
    with open_writer(store) as writer:
        versions = [known for _, known in writer.known_of(canonical_name(spec))]
        if versions:
            _remove(store, writer, versions, f"removed {len(versions)} of {spec}")
        return len(versions)


def _remove(store: Path, writer: Writer, versions: Sequence[StoredVersion], note: str) -> None:
    for version in versions:
        writer.remove(version)
    publish(store, writer, note, ProgressReporter(None))
