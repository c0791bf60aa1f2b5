"""Sources and questions -> what loading them would change, before it is shown to anybody.

The generation is written and indexed as by a load, asked beside the current one, and left unpublished: the next load of
the same sources takes it over, any other undoes it.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from pathlib import Path

from retrieval.asking.answerer import Answerer
from retrieval.loading.load import scan_sources
from retrieval.loading.publish import index_unpublished, merge_and_clean_up
from retrieval.records import Caution, ChangedAnswer, Hit, Preview, Progress
from retrieval.store.history import GenerationReader


def preview(
    store: Path,
    specs: Iterable[str | Path],
    questions: Iterable[str],
    *,
    prune: bool = False,
    again: bool = False,
    allow_private: bool = False,
    progress: Callable[[Progress], None] | None = None,
    caution: Caution = "normal",
) -> Preview:
    """Say what a load of the sources would change, and which of the questions would get another first answer.

    Raises as `retrieval.loading.load.load` does; what was read until then is undone.
    """
    with scan_sources(store, specs, prune=prune, again=again, allow_private=allow_private, progress=progress) as visit:
        writer, taken = visit.writer, visit.intake
        if writer.generation is None:
            return Preview(taken.report())
        current = writer.current()
        number, begun = index_unpublished(store, writer, visit.meter)
        merge_and_clean_up(
            store, current, number, begun
        )  # so that it answers as it will; what earlier previews left goes
        preview = Preview(taken.report(), _changed_answers(store, (current, number), questions, caution))
        writer.leave()
        return preview


def _changed_answers(
    store: Path, generations: tuple[int, int], questions: Iterable[str], caution: Caution
) -> tuple[ChangedAnswer, ...]:
    asked = list(questions)
    before, after = (_first_hits(store, generation, asked, caution) for generation in generations)
    compared = map(ChangedAnswer, asked, before, after)
    return tuple(one for one in compared if _citation(one.before) != _citation(one.after))


def _first_hits(store: Path, generation: int, questions: Sequence[str], caution: Caution) -> list[Hit | None]:
    """Ask a generation; None for a question that it does not answer."""
    with closing(Answerer(store, caution, GenerationReader(store, generation))) as asker:
        answers = [asker.ask(question, k=1) for question in questions]
    return [answer.hits[0] if answer.answered else None for answer in answers]


def _citation(hit: Hit | None) -> tuple[str, str] | None:
    """Give what makes a first answer another one for who reads it."""
    return (hit.article, hit.text) if hit else None
