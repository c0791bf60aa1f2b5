"""The quality gate: figures measured on sets of questions, and the floors that they may not fall through.

    python tests/quality.py [SET...]            measure, and compare with the floors
    python tests/quality.py --raise [SET...]    and lift each floor to SLACK under its figure where that is higher
    python tests/quality.py --lower REASON ...  and let down each floor that its figure fell through; the reason is kept
    python tests/quality.py --failures [SET...] and tell which questions have no right first hit

Both flags at once set every floor anew. The floors stand in `quality_floors.json`. The sets other than `seeds` are in
the folder that CITEBOT_QUESTION_SETS names; none of their text is in the repository.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from retrieval import open_engine  # noqa: E402
from retrieval.evaluation import Outcome, Question, ask_all, read_questions, summarize  # noqa: E402

FLOORS = Path(__file__).parent / "quality_floors.json"
SETS = os.environ.get("CITEBOT_QUESTION_SETS")
SLACK = 0.01  # between a figure and the floor under it: one or two questions may change places
TOLERATED = 0.05  # share of the answerable questions that may be refused, for `refused_at_5`
AT_LEAST, AT_MOST = "at_least", "at_most"
RANKING = {"mrr": AT_LEAST, "p1": AT_LEAST}
ABSTAINING = {
    "auroc": AT_LEAST, "refused_at_5": AT_LEAST, "refused_unanswerable": AT_LEAST, "refused_answerable": AT_MOST,
}  # fmt: skip
EVERY = {"newwiki-dev": 4}  # of the larger sets each so-manieth question, so that the gate takes a minute

Floors = dict[str, dict[str, dict[str, float]]]  # by set, by AT_LEAST or AT_MOST, by figure


def bounds(name: str) -> dict[str, str]:
    """Say which figures of a set are held, and from which side."""
    return RANKING | (ABSTAINING if name in {"seeds", "abstain-dev"} else {})


def read_set(name: str, every: int | None = None) -> tuple[Path, list[Question]]:
    """Give a set's articles, and each so-manieth of its questions."""
    if name == "seeds":
        files = [ROOT / "tests" / "questions" / file for file in ("seeds.jsonl", "nothing.jsonl")]
        return ROOT / "seeds", [question for file in files for question in read_questions(file)]
    folder = Path(SETS or "", name)
    if not folder.is_dir():
        sys.exit(f"{folder} is not there: CITEBOT_QUESTION_SETS names the folder of the question sets")
    questions = list(read_questions(folder / "questions.jsonl"))
    return folder / "articles.jsonl", questions[:: every or EVERY.get(name, 1)]


def measure(name: str) -> list[Outcome]:
    """Load a set's articles into a store of their own, and ask its questions."""
    articles, questions = read_set(name)
    with tempfile.TemporaryDirectory() as folder, open_engine(Path(folder) / "citebot.db") as engine:
        engine.load([articles])
        return list(ask_all(engine.ask, questions))


def figures(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Sum up what became of a set's questions: how they are ranked and, where some have no answer, how silence is kept."""
    summed = summarize(outcomes)
    if not summed.n_without:
        return {name: getattr(summed, name) for name in RANKING}
    refused = refused_at(TOLERATED, outcomes)
    return {name: refused if name == "refused_at_5" else getattr(summed, name) for name in RANKING | ABSTAINING}


def refused_at(share: float, outcomes: Sequence[Outcome]) -> float:
    """Give the share refused of what has no answer when that share of the answerable is: those of least confidence."""
    own = sorted(one.confidence for one in outcomes if one.question.gold)
    threshold = own[int(share * len(own))]
    refused = [one.confidence < threshold for one in outcomes if not one.question.gold]
    return sum(refused) / len(refused)


def shortfalls(name: str, floors: Floors, measured: dict[str, float]) -> list[str]:
    """Say in words which figures of a set are on the wrong side of their bound."""
    return [
        f"{name}: {figure} is {measured[figure]:.4f}, should be {side.replace('_', ' ')} {bound}"
        for side, held in floors[name].items()
        for figure, bound in held.items()
        if (measured[figure] < bound if side == AT_LEAST else measured[figure] > bound)
    ]


def moved(
    name: str, floors: Floors, measured: dict[str, float], *, up: bool, down: bool
) -> tuple[Floors, list[dict[str, object]]]:
    """Set a set's floors SLACK behind its figures: `up` those that rise, `down` those that were fallen through.

    Gives the floors, and the bounds that became easier to hold.
    """
    new: dict[str, dict[str, float]] = {}
    eased: list[dict[str, object]] = []
    for figure, side in bounds(name).items():
        old = floors.get(name, {}).get(side, {}).get(figure)
        sign = 1 if side == AT_LEAST else -1
        wanted = round(min(max(measured[figure] - sign * SLACK, 0.0), 1.0), 3)
        broken = old is not None and sign * (measured[figure] - old) < 0
        if old is None or (up and sign * (wanted - old) > 0) or (down and broken):
            if broken:
                eased.append({"set": name, "figure": figure, "from": old, "to": wanted})
            old = wanted
        new.setdefault(side, {})[figure] = old
    return floors | {name: new}, eased


def main() -> int:
    stored = json.loads(FLOORS.read_text(encoding="utf-8"))
    options = _options(list(stored["floors"]))
    floors, broken = stored["floors"], []
    for name in options.sets or list(floors):
        outcomes = measure(name)
        measured = figures(outcomes)
        print(f"{name:14}", *(f"{figure} {value:.4f}" for figure, value in measured.items()), sep="  ", flush=True)
        if options.failures:
            _tell_failures(outcomes)
        if options.up or options.lower:
            floors, eased = moved(name, floors, measured, up=options.up, down=bool(options.lower))
            stored["lowered"] += [one | {"reason": options.lower} for one in eased]
        broken += shortfalls(name, floors, measured)
    if options.up or options.lower:
        FLOORS.write_text(
            json.dumps(stored | {"floors": floors}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
        )
    print(*broken, sep="\n", file=sys.stderr)
    return int(bool(broken))


def _options(names: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sets", nargs="*", metavar="SET", help=", ".join(names))
    parser.add_argument("--raise", dest="up", action="store_true", help="lift the floors to what is measured")
    parser.add_argument("--lower", metavar="REASON", help="let down the floors that do not hold, and record why")
    parser.add_argument("--failures", action="store_true", help="tell which questions have no right first hit")
    options = parser.parse_args()
    if options.lower is not None and not options.lower.strip():
        parser.error("--lower wants a reason in words")
    return options


def _tell_failures(outcomes: Sequence[Outcome]) -> None:
    for one in outcomes:
        if one.question.gold and one.rank > 1:
            print(f"  {one.question.id}: rank {one.rank:g}, sure {one.confidence:.2f}: {one.question.question}")


if __name__ == "__main__":
    sys.exit(main())
