"""Publish the articles of an earlier generation again, as a new one.

History stays a line: nothing in it is undone or deleted, so a rollback can itself be rolled back.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from retrieval.errors import GenerationGone
from retrieval.loading.progress import ProgressReporter
from retrieval.loading.publish import publish
from retrieval.records import LoadReport, Progress, PublishedGeneration
from retrieval.store.earlier_versions import HistoryReader
from retrieval.store.writer import open_writer


def rollback(store: Path, target: int | None = None, progress: Callable[[Progress], None] | None = None) -> LoadReport:
    """Publish the articles of an earlier generation again; by default, of the one before.

    The report says what that changes in the current articles; if nothing, nothing is published. Whatever an
    interrupted load or a preview left is undone. Raise GenerationGone, and as `retrieval.loading.load.load` does.
    """
    with HistoryReader(store) as reader:
        _choose(reader, target)  # raises before anything is created or undone
    with open_writer(store) as writer, HistoryReader(store) as reader:
        chosen = _choose(reader, target)  # another load may have published meanwhile
        difference = writer.restore(chosen)
        if difference:
            publish(store, writer, f"back to generation {chosen}", ProgressReporter(progress))
        return LoadReport(
            generation=writer.current(),
            added=difference.added,
            changed=difference.changed,
            removed=difference.removed,
            sentences=writer.count_sentences(),
        )


def _choose(reader: HistoryReader, target: int | None) -> int:
    kept = [generation for generation in reader.history() if generation.kept]
    earlier = [generation.number for generation in kept if not generation.current]
    if target is None and earlier:
        return earlier[0]
    if target in earlier:
        return target
    raise GenerationGone(_refusal(target, kept, earlier))


def _refusal(target: int | None, kept: Sequence[PublishedGeneration], earlier: Sequence[int]) -> str:
    if not earlier:
        return "There is no earlier generation to go back to."
    choice = f"You can go back to {', '.join(map(str, sorted(earlier)))}."
    if any(generation.current and generation.number == target for generation in kept):
        return f"Generation {target} is the current one. {choice}"
    return f"Generation {target} is not kept. {choice}"
