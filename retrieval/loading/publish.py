"""Index the generation that a load has written, and publish both."""

import logging
from collections.abc import Iterator
from pathlib import Path

from retrieval.disk import explain_unwritable
from retrieval.errors import StoreError
from retrieval.index.manifest import find_obstacle, index_folder, open_generation, remove_unused, withdraw_altered
from retrieval.index.segment import SegmentDamaged
from retrieval.loading.progress import ProgressReporter
from retrieval.records import Version
from retrieval.store.reader import Reader
from retrieval.store.writer import Writer

_log = logging.getLogger(__name__)


def publish(store: Path, writer: Writer, note: str, progress: ProgressReporter) -> None:
    """Index the generation that is written, publish both, then merge segments if that is due.

    Raise StoreError if the index cannot be written; the store then shows what it showed before.
    """
    before = writer.current()
    number, begun = index_unpublished(store, writer, progress)
    writer.publish(note)
    writer.purge()
    merge_and_clean_up(store, before, number, begun)


def index_unpublished(store: Path, writer: Writer, progress: ProgressReporter) -> tuple[int, str]:
    """Index the generation that is written without publishing it; return its number and when it was begun.

    Raise StoreError if the index cannot be written.
    """
    writer.flush()
    number, folder = writer.generation or 0, index_folder(store)
    if obstacle := find_obstacle(folder):
        raise StoreError(obstacle)
    try:
        folder.mkdir(0o700, exist_ok=True)
        with Reader(store) as reader:
            _index(reader, folder, writer.current(), number, progress)
            return number, reader.begun(number)
    except OSError as error:
        remedy = "Make the folder writable, then load again."
        raise StoreError(explain_unwritable(error, folder, remedy)) from error


def merge_and_clean_up(store: Path, before: int, number: int, begun: str) -> None:
    """Merge the segments of a generation if that is due; delete files that neither it nor the one before uses."""
    from retrieval.index.builder import renew_index  # noqa: PLC0415 - scipy, which a load without changes never needs

    folder = index_folder(store)
    try:
        renew_index(folder, number, begun)
        remove_unused(folder, keep=frozenset({before, number}))  # a running question may still open the one before
    except (OSError, SegmentDamaged) as error:  # the index answers all the same, and the next load tries again
        _log.warning("%s was not cleaned up: %s", folder.name, error)


def _index(reader: Reader, folder: Path, before: int, number: int, progress: ProgressReporter) -> None:
    """Extend the index of the generation before, or build it anew if that one is missing or damaged."""
    from retrieval.index.builder import build_index, extend_index  # noqa: PLC0415 - as above

    begun = reader.begun(number)
    try:
        known = open_generation(folder, before, reader.begun(before))
    except SegmentDamaged:
        everything = _report_each(reader.versions(number), reader.count_sentences(number), progress)
        build_index(everything, folder, number, begun)
    else:
        total = reader.count_sentences(number, since=number)
        new = _report_each(reader.versions(number, since=number), total, progress)
        try:
            extend_index(known, new, reader.closed(number), folder, number=number, begun=begun)
        except (ArithmeticError, LookupError, MemoryError, ValueError):  # what altered numbers lead to
            if not withdraw_altered(folder, before, reader.begun(before)):
                raise
            build_index(reader.versions(number), folder, number, begun)


def _report_each(versions: Iterator[Version], total: int, progress: ProgressReporter) -> Iterator[Version]:
    done = 0
    progress.indexing(done, total)
    for version in versions:
        yield version
        done += len(version.sentences)
        progress.indexing(done, total)
