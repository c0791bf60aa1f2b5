"""A generation that a load has written -> its index, and both shown to everybody."""

import logging
from collections.abc import Iterator
from pathlib import Path

from retrieval.errors import StoreError
from retrieval.index.manifest import index_folder, open_generation, remove_unused
from retrieval.index.segment import SegmentDamaged
from retrieval.loading.progress import ProgressReporter
from retrieval.records import Version
from retrieval.store.reader import Reader
from retrieval.store.writer import Writer

_log = logging.getLogger(__name__)


def publish(store: Path, writer: Writer, note: str, meter: ProgressReporter) -> None:
    """Build the index of the generation that is written, and show both; merge its segments afterwards if that is due.

    Raises StoreError where the index cannot be written; the store then shows what it showed before.
    """
    before = writer.current()
    number, begun = index_unpublished(store, writer, meter)
    writer.publish(note)
    writer.purge()
    merge_and_clean_up(store, before, number, begun)


def index_unpublished(store: Path, writer: Writer, meter: ProgressReporter) -> tuple[int, str]:
    """Build the index of the generation that is written, without showing it; give its number and when it was begun.

    Raises StoreError where the index cannot be written.
    """
    writer.flush()
    number, folder = writer.generation or 0, index_folder(store)
    try:
        with Reader(store) as reader:
            _index(reader, folder, writer.current(), number, meter)
            return number, reader.begun(number)
    except OSError as error:
        remedy = "Make room on the disk or give access to the folder, then load again."
        raise StoreError(f"{folder} cannot be written ({error.strerror}). {remedy}") from error


def merge_and_clean_up(store: Path, before: int, number: int, begun: str) -> None:
    """Merge the segments of a generation if that is due, and delete what is not of it or of the one before it."""
    from retrieval.index.builder import renew_index  # noqa: PLC0415 - scipy, which a load that changes nothing is spared

    folder = index_folder(store)
    try:
        renew_index(folder, number, begun)
        remove_unused(folder, keep=frozenset({before, number}))  # a question under way may still open the one before
    except (OSError, SegmentDamaged) as error:  # what is there answers without it, and the next load tries again
        _log.warning("%s was not tidied: %s", folder.name, error)


def _index(reader: Reader, folder: Path, before: int, number: int, meter: ProgressReporter) -> None:
    """Build the index of a generation from that of the one before it, or anew where that cannot be used."""
    from retrieval.index.builder import build_index, extend_index  # noqa: PLC0415 - as above

    begun = reader.begun(number)
    try:
        known = open_generation(folder, before, reader.begun(before))
    except SegmentDamaged:
        build_index(_told(reader.versions(number), reader.count_sentences(number), meter), folder, number, begun)
    else:
        new = _told(reader.versions(number, since=number), reader.count_sentences(number, since=number), meter)
        extend_index(known, new, reader.closed(number), folder, number=number, begun=begun)


def _told(versions: Iterator[Version], total: int, meter: ProgressReporter) -> Iterator[Version]:
    """Tell how far the index is with its articles."""
    done = 0
    meter.indexing(done, total)
    for version in versions:
        yield version
        done += len(version.sentences)
        meter.indexing(done, total)
