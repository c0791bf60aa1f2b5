"""Learn the weights that come with the package: `python tests/benchmarks/train_weights.py SETS [--write] [--folds 5]`.

SETS is a folder of question sets. The ranker and the confidence model learn from newwiki-dev, selqa-dev and arcd-dev;
with `--folds`, figures are printed for questions whose articles were held out. Takes some minutes.
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

import numpy as np

from retrieval import open_engine
from retrieval.asking.answerer import Answerer
from retrieval.evaluation import area_under_roc, is_correct, read_questions
from retrieval.evaluation.training import (
    collect_confidence_examples,
    collect_ranking_examples,
    learn_confidence_model,
    learn_ranker,
    partition_articles,
    write_weights,
)
from retrieval.ranking.confidence import confidence_features
from retrieval.ranking.ranker import PACKAGED

LEARNED_FROM = {
    "newwiki-dev": "newwiki-dev: SQuADShifts new-wiki, English Wikipedia, CC BY-SA 4.0 / CC BY 4.0",
    "selqa-dev": "selqa-dev: SelQA, English Wikipedia, Apache-2.0",
    "arcd-dev": "arcd-dev: ARCD, Arabic Wikipedia, MIT",
}
MAX_CASES = 1000  # questions asked of each half of a set's articles
SMALL_CASES = 40  # asked of each small store
SMALL = 10  # articles


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sets", type=Path)
    parser.add_argument("--folds", type=int, default=0)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sets = [Set(options.sets / name, Path(folder)) for name in LEARNED_FROM]
        if options.folds:
            held_out(options, sets)
        if options.write:
            ranker = learn_ranker([example for one in sets for example in one.everything])
            judge = learn_confidence_model([case for one in sets for case in one.cases(ranker, one.questions)])
            write_weights(PACKAGED, ranker, judge, list(LEARNED_FROM.values()))
            print(json.dumps(dict(judge.thresholds)))


class Set:
    """A question set: its store, and stores with parts of its articles."""

    def __init__(self, path, folder):
        self.name = path.name
        self.questions = [q for q in read_questions(path / "questions.jsonl") if q.gold]
        rows = [json.loads(line) for line in (path / "articles.jsonl").open(encoding="utf-8")]
        self.store = load(folder / f"{self.name}.db", rows)
        self.parts = [
            (held, load(folder / f"{self.name}.{number}.db", [row for row in rows if row["id"] in held]))
            for number, held in enumerate(partition_articles([row["id"] for row in rows]))
        ]
        self.examples = []
        for held, path in [({row["id"] for row in rows}, self.store), *self.parts]:
            with Answerer(path) as asker:
                known = [q for q in self.questions if article(q) in held]
                self.examples.append(collect_ranking_examples(asker, known))

    @property
    def everything(self):
        """The examples of all stores, small and large, since scores depend on the size."""
        return [example for of_store in self.examples for example in of_store]

    def cases(self, ranker, questions):
        """Ask the halves many of the questions, the small stores some."""
        for held, path in self.parts:
            some = questions[:: 1 + len(questions) // MAX_CASES]
            if len(held) < SMALL:
                own = [q for q in questions if article(q) in held][:SMALL_CASES]
                some = own + random.Random(0).sample(questions, min(len(own), len(questions)))
            with Answerer(path) as asker:
                yield from collect_confidence_examples(asker, some, ranker, held)


def load(path, rows):
    articles = path.with_suffix(".jsonl")
    articles.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    with open_engine(path) as engine:
        engine.load([articles])
    return path


def held_out(options, sets):
    """Learn without each fold's articles, then ask about them."""
    folds = {one.name: fold_of({article(q) for q in one.questions}, options.folds) for one in sets}
    ranks = {one.name: [] for one in sets}
    own, alien, right = [], [], []
    asked = list(read_questions(options.sets / "abstain-dev" / "questions.jsonl"))
    for fold in range(options.folds):
        outside = {one.name: [q for q in one.questions if folds[one.name][article(q)] != fold] for one in sets}
        ranker = learn_ranker([e for one in sets for e in one.everything if folds[one.name][e.article] != fold])
        judge = learn_confidence_model([case for one in sets for case in one.cases(ranker, outside[one.name])])
        for one in sets:
            ranks[one.name] += [rank_of_right(e, ranker) for e in one.examples[0] if folds[one.name][e.article] == fold]
        here = [q for q in asked if fold_of_asked(q, folds["newwiki-dev"], options.folds) == fold]
        with Answerer(sets[0].store) as asker:
            for question in here:
                found, hit = first_hit(asker, question, ranker)
                sure = judge.confidence(found) if found else 0.0
                (own if question.gold else alien).append(sure)
                right.append((sure, bool(question.gold) and hit is not None and is_correct(hit, question.gold)))
    for one in sets:
        print_ranks(one.name, ranks[one.name], len(one.questions))
    threshold = sorted(own)[int(0.05 * len(own))]
    print(
        f"abstain-dev    AUROC {area_under_roc(own, alien):.4f}; refused of those without an answer when 5 % of the "
        f"others are: {np.mean(np.array(alien) < threshold):.3f}; "
        f"calibration error (first hit right) {calibration_error(*zip(*right, strict=True)):.3f}"
    )


def fold_of_asked(question, folds, count):
    return folds.get(article(question), 0) if question.gold else sum(map(ord, question.id)) % count


def article(question):
    return min(gold.article for gold in question.gold)


def fold_of(articles, folds):
    """Deal articles to folds, the same way each time."""
    names = sorted(articles)
    random.Random(0).shuffle(names)
    return {name: number % folds for number, name in enumerate(names)}


def rank_of_right(example, ranker):
    order = np.argsort(-ranker.score(example.features, example.types), kind="stable")
    places = np.flatnonzero(example.right[order])
    return int(places[0]) + 1 if len(places) else math.inf


def first_hit(asker, question, ranker):
    considered = asker.ranking_input(question.question)
    if considered is None:
        return None, None
    scores = ranker.score(considered.features, considered.query.types)
    found = confidence_features(considered.query, considered.candidates, considered.features, scores)
    return found, asker.hits(considered)[int(np.argmax(scores))]


def print_ranks(name, ranks, questions):
    """Print MRR@10 and P@1 with 95 % intervals by bootstrap over questions; without candidates, a question counts 0."""
    gains = np.array([1 / rank if rank <= 10 else 0 for rank in ranks] + [0] * (questions - len(ranks)))
    draws = np.random.default_rng(0).integers(0, len(gains), (1000, len(gains)))
    low, high = np.quantile(gains[draws].mean(axis=1), [0.025, 0.975])
    print(f"{name:14} MRR@10 {gains.mean():.4f} [{low:.3f}, {high:.3f}]  P@1 {(gains == 1).mean():.4f}", flush=True)


def calibration_error(sure, right, bins=10):
    """Return the mean distance between confidence and the share that is right, over bins of equal size."""
    sure, right = np.array(sure), np.array(right, float)
    parts = np.array_split(np.argsort(sure), bins)
    return sum(len(part) * abs(sure[part].mean() - right[part].mean()) for part in parts) / len(sure)


if __name__ == "__main__":
    main()
