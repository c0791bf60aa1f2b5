"""Learn the packaged weights from question sets, or measure them on articles and collections that were held out.

    python tests/benchmarks/train_weights.py SETS --folds 4
    python tests/benchmarks/train_weights.py SETS --write

SETS is a folder of question sets: `<set>/articles.jsonl` and `<set>/questions.jsonl`, and `real-dev/` with a folder for
each collection (`files/` and `questions.jsonl`). Folds are by article, and by collection of real-dev. With two free
processors it takes some 15 minutes.
"""

import argparse
import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "2")

import json
import math
import random
import tempfile
from pathlib import Path
from zlib import crc32

import numpy as np

from retrieval import open_engine
from retrieval.asking.answerer import Answerer
from retrieval.evaluation import area_under_roc, calibration_error, is_correct, read_collections, read_questions
from retrieval.evaluation.training import learn_confidence_model, learn_ranker, write_weights
from retrieval.evaluation.training_examples import ConfidenceExample, RankingExample, partition_articles
from retrieval.ranking.confidence import confidence_features
from retrieval.ranking.ranker import PACKAGED

LEARNED_FROM = {  # the questions taken at most, what each counts, and where they are from
    "newwiki-dev": (1200, 0.6, "SQuADShifts new-wiki, English Wikipedia, CC BY-SA 4.0 / CC BY 4.0"),
    "selqa-dev": (800, 1.0, "SelQA, English Wikipedia, Apache-2.0"),
    "nq-dev": (1200, 1.0, "Natural Questions, English Wikipedia, CC BY-SA 3.0"),
    "arcd-dev": (500, 1.0, "ARCD, Arabic Wikipedia, MIT"),
    **{
        f"xquad-dev-{language}": (180, 2.5, "XQuAD, Wikipedia, CC BY-SA 4.0")
        for language in ("ar", "de", "es", "ru", "tr", "zh")
    },
    "real-dev": (0, 8.0, "18F blog (public domain), evcc (MIT), Helm (MIT), HTTPX (BSD), news and posts (CC0)"),
}
PARTS = {"newwiki-dev": 10, "nq-dev": 10}  # stores of some of the articles: two halves, then small ones
HALVES = 2
STRANGER = 1 / 8  # what a question counts that another collection answers


class Asked:
    """A question asked of one store: what the ranker learns from it, and what confidence is computed from."""

    def __init__(self, found, example, held, fold_by, weight, *, is_own):
        self.example, self._query, self._candidates = example, found.query, found.candidates
        self.held, self.fold_by, self.weight, self.is_own = held, fold_by, weight, is_own

    def case(self, ranker):
        scores = ranker.score(self.example.features, self.example.types)
        figures = confidence_features(self._query, self._candidates, self.example.features, scores)
        right = bool(self.example.right[int(np.argmax(scores))])
        return ConfidenceExample(self.fold_by, figures, self.held, right, self.weight)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sets", type=Path)
    parser.add_argument("--folds", type=int, default=0)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asked = {}
        for name, (most, weight, _) in LEARNED_FROM.items():
            path, work = options.sets / name, Path(folder)
            found = ask_collections(path, work, weight) if name == "real-dev" else ask_set(path, work, most, weight)
            asked[name] = list(found)
            print(name, len(asked[name]), flush=True)
    if options.folds:
        measure(asked, options.folds)
    if options.write:
        ranker, model = learn([one for some in asked.values() for one in some])
        write_weights(PACKAGED, ranker, model, [f"{name}: {what}" for name, (_, _, what) in LEARNED_FROM.items()])
        print(json.dumps({caution: one._asdict() for caution, one in model.thresholds.items()}))


def ask_set(path, work, most, weight):
    """Ask a set's questions of all its articles, of each half, and some of small parts."""
    rows = [json.loads(line) for line in (path / "articles.jsonl").open(encoding="utf-8")]
    questions = [question for question in read_questions(path / "questions.jsonl") if question.gold]
    questions = random.Random(0).sample(questions, min(most, len(questions)))
    everything = frozenset(row["id"] for row in rows)
    parts = [everything, *partition_articles(sorted(everything))[: PARTS.get(path.name, HALVES)]]
    for number, held in enumerate(parts):
        articles = work / f"{path.name}.{number}.jsonl"
        articles.write_text("\n".join(json.dumps(row) for row in rows if row["id"] in held), encoding="utf-8")
        some = questions
        if number > HALVES:
            own = [one for one in questions if article(one) in held][:40]
            some = own + random.Random(0).sample(questions, min(max(len(own), 10), len(questions)))
        yield from ask(load(articles.with_suffix(".db"), articles), some, held, weight)


def ask_collections(path, work, weight):
    """Ask each collection its own questions, and those that the others answer."""
    collections = read_collections(path)
    for here in collections:
        store = load(work / f"{here.name}.db", here.files)
        with open_engine(store) as engine:
            ids = frozenset(one.id for one in engine.articles())
        for other in collections:
            own = other is here
            some = [one for one in other.questions if own or one.gold]
            counts = weight if own else weight * STRANGER
            yield from ask(store, some, ids if own else frozenset(), counts, here.name, is_own=own)


def ask(store, questions, held, weight, collection="", *, is_own=True):
    with Answerer(store) as answerer:
        for question in questions:
            found = answerer.ranking_input(question.question)
            if found is not None:
                answerable = bool(question.gold) and (bool(collection and held) or article(question) in held)
                hits = answerer.hits(found)
                right = np.array([answerable and is_correct(hit, question.gold) for hit in hits])
                group = collection or article(question)
                ranks = weight if collection else 1.0  # one ranking serves all languages: more weight for some did harm
                example = RankingExample(group, found.query.types, found.features, right, ranks)
                yield Asked(found, example, answerable, group, weight, is_own=is_own)


def load(path, source):
    with open_engine(path) as engine:
        engine.load([source])
    return path


def article(question):
    return min((gold.article for gold in question.gold), default=str(question.id))


def learn(asked):
    ranker = learn_ranker([one.example for one in asked if one.held])
    return ranker, learn_confidence_model([one.case(ranker) for one in asked])


def measure(asked, folds):
    """Learn without each fold, then measure on it."""
    collections = sorted({one.fold_by for one in asked["real-dev"]})
    fold_of = {name: number % folds for number, name in enumerate(collections)}

    def fold(one):
        return fold_of.get(one.fold_by, crc32(one.fold_by.encode()) % folds)

    ranks = {name: [] for name in asked}
    cases = {name: [] for name in asked}
    for number in range(folds):
        ranker, model = learn([one for some in asked.values() for one in some if fold(one) != number])
        threshold = model.thresholds["normal"]
        for name, some in asked.items():
            for one in some:
                if fold(one) == number and one.is_own:
                    case = one.case(ranker)
                    cases[name].append((case, model.confidence(case.figures), threshold))
                    if one.held:
                        ranks[name].append(rank_of_right(one.example, ranker))
    for name in asked:
        print_row(name, ranks[name], cases[name])


def rank_of_right(example, ranker):
    order = np.argsort(-ranker.score(example.features, example.types), kind="stable")
    places = np.flatnonzero(example.right[order])
    return int(places[0]) + 1 if len(places) else math.inf


def print_row(name, ranks, cases):
    """Print ranks with 95 % intervals by bootstrap over questions, and how good both confidences are."""
    gains = np.array([1 / rank if rank <= 10 else 0 for rank in ranks])
    draws = np.random.default_rng(0).integers(0, len(gains), (1000, len(gains)))
    low, high = np.quantile(gains[draws].mean(axis=1), [0.025, 0.975])
    yes = [(case, found, at) for case, found, at in cases if case.held]
    no = [(found, at) for case, found, at in cases if not case.held]
    sure = [case.right for case, found, at in yes if found.certainty(at) == "sure"]
    error = calibration_error([found.right for _, found, _ in yes], [case.right for case, _, _ in yes])
    auroc = area_under_roc([found.in_store for _, found, _ in yes], [found.in_store for found, _ in no])
    print(
        f"{name:14} MRR@10 {gains.mean():.4f} [{low:.3f}, {high:.3f}]  P@1 {(gains == 1).mean():.4f}"
        f"  AUROC {auroc or math.nan:.4f}  refused: answerable {np.mean([f.in_store < t.answer for _, f, t in yes]):.3f},"
        f" others {np.mean([f.in_store < t.answer for f, t in no]) if no else math.nan:.3f}"
        f"  sure {len(sure) / len(yes):.3f}, right if sure {np.mean(sure) if sure else math.nan:.3f}"
        f"  calibration error {error:.3f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
