"""The hits of questions whose articles are in a Milvus, compared with those of the same articles in a store.

    python tests/engine_quality.py [SET...]     all sets below CITEBOT_QUESTION_SETS and those of the repository, or some

Prints the share of questions with the same first hit and with the same ten, ties aside, the greatest difference of two
scores, and what is right by both. Ends with 1 if less than ENOUGH are the same. The Milvus is milvus-lite in this process.
"""

import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from quality import OWN, SETS, read_set

from retrieval import Answer, Hit, open_engine
from retrieval.evaluation import Question, ask_all, summarize

ENOUGH = 0.995  # of the questions
NEAR = 1e-4  # two scores that are as good as equal


class Agreement(NamedTuple):
    """How many questions were asked, and what is the same for both; what is right by the store and by the Milvus."""

    questions: int
    first: float
    ten: float
    gap: float
    mrr: tuple[float, float]
    p1: tuple[float, float]

    def __str__(self) -> str:
        """The figures in a line."""
        right = (f"{name} {one:.4f} {other:.4f}" for name, (one, other) in (("mrr", self.mrr), ("p1", self.p1)))
        return f"{self.questions:5}  first {self.first:.2%}  ten {self.ten:.2%}  gap {self.gap:.1e}  {'  '.join(right)}"

    @property
    def is_enough(self) -> bool:
        """Whether they are the same."""
        return min(self.first, self.ten) >= ENOUGH


def compare(articles: Path, questions: Sequence[Question], folder: Path) -> Agreement:
    """Load articles into a store and into a Milvus, in a folder, and ask both."""
    address = f"milvus+file://{folder}/engine.db"
    with open_engine(folder / "local.db") as local, open_engine(folder / "copy.db", address=address) as engine:
        for one in (local, engine):
            one.load([articles])
        return agreement(local.ask, engine.ask, questions)


def agreement(
    local: Callable[[str], Answer], engine: Callable[[str], Answer], questions: Sequence[Question]
) -> Agreement:
    """Ask both all questions."""
    asked = list(dict.fromkeys(one.question for one in questions))
    answers = [{text: ask(text) for text in asked} for ask in (local, engine)]
    pairs = [(answers[0][text].hits, answers[1][text].hits) for text in asked]
    right = [summarize(list(ask_all(found.__getitem__, questions))) for found in answers]
    return Agreement(
        len(asked),
        share(are_same(one[:1], other[:1]) for one, other in pairs),
        share(are_same(one, other) for one, other in pairs),
        max(gap(one, other) for one, other in pairs),
        (right[0].mrr, right[1].mrr),
        (right[0].p1, right[1].p1),
    )


def share(same: Iterable[bool]) -> float:
    """Return the share of what is true."""
    found = list(same)
    return sum(found) / len(found)


def are_same(one: Sequence[Hit], other: Sequence[Hit]) -> bool:
    """Whether hits are the same; those with about equal scores may have changed places, or places with the next."""
    if len(one) != len(other) or gap(one, other) > NEAR:
        return False
    scores, others = ({(hit.article, hit.start): hit.score for hit in hits} for hits in (one, other))
    last = one[-1].score if one else 0.0
    return all(abs(scores.get(key, last) - others.get(key, last)) <= NEAR for key in scores | others)


def gap(one: Sequence[Hit], other: Sequence[Hit]) -> float:
    """Return the greatest difference of two scores in the same place."""
    return max((abs(first.score - second.score) for first, second in zip(one, other, strict=False)), default=0.0)


def names() -> list[str]:
    """Return the names of all sets."""
    folder = Path(SETS or "")
    found = sorted(str(path.parent.relative_to(folder)) for path in folder.rglob("questions.jsonl")) if SETS else []
    return [*OWN, *found]


def main() -> int:
    """Compare sets; return the exit code."""
    enough = True
    for name in sys.argv[1:] or names():
        with tempfile.TemporaryDirectory() as folder:
            found = compare(*read_set(name, every=1), Path(folder))
        print(f"{name:20} {found}", flush=True)
        enough = enough and found.is_enough
    return int(not enough)


if __name__ == "__main__":
    sys.exit(main())
