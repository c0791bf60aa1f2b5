"""Preview a load: what it would change, including answers.

The new generation is written and indexed as by a load, asked beside the current one, and left unpublished. The next
load of the same sources takes it over; any other load undoes it.
"""

from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

from retrieval.asking.answerer import Answerer
from retrieval.loading.load import scan_sources
from retrieval.loading.publish import index_unpublished, merge_and_clean_up
from retrieval.loading.scan import LoadOptions
from retrieval.records import Caution, ChangedAnswer, Hit, Preview
from retrieval.store.earlier_versions import GenerationReader


def preview(
    store: Path, specs: Sequence[str | Path], questions: Iterable[str], options: LoadOptions, caution: Caution
) -> Preview:
    """Return what a load of the sources would change, and which questions would get a different first answer.

    Raise as `retrieval.loading.load.load` does; what was written until then is undone.
    """
    with scan_sources(store, specs, options) as scan:
        writer = scan.writer
        if writer.generation is None:
            return Preview(scan.changes.report())
        current = writer.current()
        number, begun = index_unpublished(store, writer, scan.progress)
        merge_and_clean_up(store, current, number, begun)  # as once published; removes earlier previews
        preview = Preview(scan.changes.report(), _changed_answers(store, (current, number), list(questions), caution))
        writer.leave()
        return preview


def _changed_answers(
    store: Path, generations: tuple[int, int], questions: Sequence[str], caution: Caution
) -> tuple[ChangedAnswer, ...]:
    before, after = (_first_hits(store, generation, questions, caution) for generation in generations)
    compared = map(ChangedAnswer, questions, before, after)
    return tuple(one for one in compared if _citation(one.before) != _citation(one.after))


def _first_hits(store: Path, generation: int, questions: Sequence[str], caution: Caution) -> list[Hit | None]:
    """Ask a generation; None for a question that it does not answer."""
    with closing(Answerer(store, caution, GenerationReader(store, generation))) as answerer:
        answers = [answerer.ask(question, k=1) for question in questions]
    return [answer.hits[0] if answer.answered else None for answer in answers]


def _citation(hit: Hit | None) -> tuple[str, str] | None:
    """Return what tells first answers apart to a reader."""
    return (hit.article, hit.text) if hit else None
