"""Publish the articles of an earlier generation again, as a new one.

History stays a line: nothing in it is undone or deleted, so a rollback can itself be rolled back. Without a target, a
rollback goes to what was shown before the articles that are shown now were first loaded: one step further each time.
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
    """Publish the articles of an earlier generation again; by default, those shown before the current ones.

    The report says what that changes in the current articles; if nothing, nothing is published. Whatever an
    interrupted load or a preview left is undone. Raise GenerationGone, and as `retrieval.loading.load.load` does.
    """
    with HistoryReader(store) as reader:
        find_target(list(reader.history()), target)  # raises before anything is created or undone
    with open_writer(store) as writer, HistoryReader(store) as reader:
        history = list(reader.history())  # another load may have published meanwhile
        chosen = find_target(history, target).number
        shown = max(one.number for one in history if _origin(one) == chosen)
        difference = writer.restore(chosen, shown)
        if difference:
            publish(store, writer, f"back to generation {chosen}", ProgressReporter(progress))
        articles, sentences = writer.count()
        return LoadReport(
            generation=writer.current(),
            added=difference.added,
            changed=difference.changed,
            removed=difference.removed,
            articles=articles,
            sentences=sentences,
        )


def find_target(history: Sequence[PublishedGeneration], number: int | None) -> PublishedGeneration:
    """Return the generation, itself no rollback, whose articles a rollback shows again; `history` is latest first.

    `number` is that generation or a rollback to it; None is one step back. Raise GenerationGone.
    """
    origins = {one.number: _origin(one) for one in history}
    if number is None and history:
        number = next((one.number for one in history if one.number < _origin(history[0])), None)
    target = next((one for one in history if one.number == origins.get(number or 0)), None)
    if target is None or not target.kept or history[0].number == number:
        raise GenerationGone(_refusal(history, number))
    return target


def _origin(generation: PublishedGeneration) -> int:
    """Return the generation that first showed these articles."""
    return generation.restores or generation.number


def _refusal(history: Sequence[PublishedGeneration], number: int | None) -> str:
    now = _origin(history[0]) if history else 0
    choice = sorted(one.number for one in history if one.kept and _origin(one) != now)
    hint = f" You can go back to {', '.join(map(str, choice))}." if choice else ""
    if number is None or not choice:
        return f"There is no earlier generation to go back to.{hint}"
    return (
        f"Generation {number} is {'the current one' if history and history[0].number == number else 'not kept'}.{hint}"
    )
