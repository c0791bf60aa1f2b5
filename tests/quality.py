"""The quality gate: metrics on sets of questions must stay above their floors.

    python tests/quality.py [SET...]            measure and compare with the floors
    python tests/quality.py --raise [SET...]    also raise each floor to SLACK below its metric, if that is higher
    python tests/quality.py --lower REASON ...  also lower each floor that was missed; the reason is recorded
    python tests/quality.py --failures [SET...] also list the questions whose first hit is wrong

Both flags together set every floor anew. The floors are in `quality_floors.json`. The sets other than those of OWN are in
the folder named by CITEBOT_QUESTION_SETS; none of their text is in the repository.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from retrieval import open_engine  # noqa: E402
from retrieval.evaluation import Outcome, Question, ask_all, read_questions, summarize  # noqa: E402

FLOORS = Path(__file__).parent / "quality_floors.json"
SETS = os.environ.get("CITEBOT_QUESTION_SETS")
SLACK = 0.01  # between a metric and its floor: one or two questions may change places
TOLERATED = 0.05  # share of the answerable questions that may go unanswered, for `refused_at_5`
AT_LEAST, AT_MOST = "at_least", "at_most"
RANKING = {"mrr": AT_LEAST, "p1": AT_LEAST}
ABSTAINING = {
    "auroc": AT_LEAST, "refused_at_5": AT_LEAST, "refused_unanswerable": AT_LEAST, "refused_answerable": AT_MOST,
}  # fmt: skip
OWN = {"seeds": ("seeds.jsonl", "nothing.jsonl"), "mixed": ("mixed.jsonl",)}  # asked of the articles of seeds/
EVERY = {"newwiki-dev": 4}  # of the larger sets use every nth question, so that the gate takes a minute

Floors = dict[str, dict[str, dict[str, float]]]  # by set, by AT_LEAST or AT_MOST, by metric


def bounds(name: str) -> dict[str, str]:
    """Return which metrics of a set have a floor or a ceiling."""
    return RANKING | (ABSTAINING if name in {*OWN, "abstain-dev"} else {})


def read_set(name: str, every: int | None = None) -> tuple[Path, list[Question]]:
    """Return a set's articles and every nth of its questions."""
    if name in OWN:
        files = [ROOT / "tests" / "questions" / file for file in OWN[name]]
        return ROOT / "seeds", [question for file in files for question in read_questions(file)]
    folder = Path(SETS or "", name)
    if not folder.is_dir():
        sys.exit(f"{folder} does not exist. Set CITEBOT_QUESTION_SETS to the folder of the question sets.")
    questions = list(read_questions(folder / "questions.jsonl"))
    articles = folder / "articles.jsonl"
    return articles if articles.exists() else folder / "files", questions[:: every or EVERY.get(name, 1)]


def measure(name: str) -> list[Outcome]:
    """Load a set's articles into a new store and ask its questions."""
    articles, questions = read_set(name)
    if name == "mixed":
        return list(_measure_mixed(questions))
    with tempfile.TemporaryDirectory() as folder, open_engine(Path(folder) / "citebot.db") as engine:
        engine.load([articles])
        return list(ask_all(engine.ask, questions))


def _measure_mixed(questions: Sequence[Question]) -> Iterator[Outcome]:
    """Ask the questions of each language of the articles that are in other languages."""
    files = {path: path.read_text(encoding="utf-8") for path in (ROOT / "seeds").glob("*.md")}
    for language in dict.fromkeys(question.language for question in questions):
        others = [path for path, text in files.items() if f"\nlanguage: {language}\n" not in text]
        with tempfile.TemporaryDirectory() as folder, open_engine(Path(folder) / "citebot.db") as engine:
            engine.load(others)
            yield from ask_all(engine.ask, [question for question in questions if question.language == language])


def figures(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Return the metrics of ranking and, if some questions have no answer, of abstaining."""
    summed = summarize(outcomes)
    if not summed.n_without:
        return {name: getattr(summed, name) for name in RANKING}
    refused = refused_at(TOLERATED, outcomes)
    return {name: refused if name == "refused_at_5" else getattr(summed, name) for name in RANKING | ABSTAINING}


def refused_at(share: float, outcomes: Sequence[Outcome]) -> float:
    """Return the share of unanswerable questions refused at the threshold that refuses `share` of the answerable."""
    own = sorted(one.p_in_store for one in outcomes if one.question.gold)
    threshold = own[int(share * len(own))]
    refused = [one.p_in_store < threshold for one in outcomes if not one.question.gold]
    return sum(refused) / len(refused)


def shortfalls(name: str, floors: Floors, measured: dict[str, float]) -> list[str]:
    """Describe the metrics of a set that are on the wrong side of their bound."""
    return [
        f"{name}: {figure} is {measured[figure]:.4f}, should be {side.replace('_', ' ')} {bound}"
        for side, held in floors[name].items()
        for figure, bound in held.items()
        if (measured[figure] < bound if side == AT_LEAST else measured[figure] > bound)
    ]


def moved(
    name: str, floors: Floors, measured: dict[str, float], *, up: bool, down: bool
) -> tuple[Floors, list[dict[str, object]]]:
    """Set floors SLACK behind the metrics of a set: with `up` those that rise, with `down` those that were missed.

    Return the floors, and the bounds that became easier.
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
            _print_failures(outcomes)
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
    parser.add_argument("--raise", dest="up", action="store_true", help="raise the floors to what is measured")
    parser.add_argument("--lower", metavar="REASON", help="lower the floors that are missed, and record why")
    parser.add_argument("--failures", action="store_true", help="list the questions whose first hit is wrong")
    options = parser.parse_args()
    if options.lower is not None and not options.lower.strip():
        parser.error("--lower needs a reason")
    return options


def _print_failures(outcomes: Sequence[Outcome]) -> None:
    for one in outcomes:
        if one.question.gold and one.rank > 1:
            print(f"  {one.question.id}: rank {one.rank:g}, sure {one.confidence:.2f}: {one.question.question}")


if __name__ == "__main__":
    sys.exit(main())
