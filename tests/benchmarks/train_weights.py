"""Learn the weights that come with the package: `python tests/benchmarks/train_weights.py SETS [--write] [--folds 5]`.

SETS is a folder of question sets. The ranker and the judge learn from newwiki-dev, selqa-dev and arcd-dev; with
`--folds` the figures printed are of questions whose articles were held out. Some minutes.
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
from retrieval.asking import Asker
from retrieval.evaluation import area_under_roc, read_questions
from retrieval.ranking.confidence import figures
from retrieval.ranking.model import PACKAGED
from retrieval.training import collect_cases, collect_examples, learn_judge, learn_ranker, write_weights

LEARNED_FROM = {
    "newwiki-dev": "newwiki-dev: SQuADShifts new-wiki, English Wikipedia, CC BY-SA 4.0 / CC BY 4.0",
    "selqa-dev": "selqa-dev: SelQA, English Wikipedia, Apache-2.0",
    "arcd-dev": "arcd-dev: ARCD, Arabic Wikipedia, MIT",
}
MOST_CASES = 1200  # of a set, in a fold


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sets", type=Path)
    parser.add_argument("--folds", type=int, default=0)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        stores = {name: store(options.sets, name, folder) for name in LEARNED_FROM}
        questions = {name: list(read_questions(options.sets / name / "questions.jsonl")) for name in LEARNED_FROM}
        examples = {}
        for name, path in stores.items():
            with Asker(path) as asker:
                examples[name] = collect_examples(asker, questions[name])
        if options.folds:
            held_out(options, stores, questions, examples)
        if options.write:
            ranker = learn_ranker([example for of_set in examples.values() for example in of_set])
            cases = []
            for name, path in stores.items():
                with Asker(path) as asker:
                    cases += collect_cases(asker, questions[name], ranker)
            judge = learn_judge(cases)
            write_weights(PACKAGED, ranker, judge, list(LEARNED_FROM.values()))
            print(json.dumps(dict(judge.thresholds)))


def store(sets, name, folder):
    path = Path(folder) / f"{name}.db"
    with open_engine(path) as engine:
        engine.load([sets / name / "articles.jsonl"])
    return path


def held_out(options, stores, questions, examples):
    """Learn without each fold's articles, and ask about them."""
    folds = {name: fold_of({article(q) for q in asked if q.gold}, options.folds) for name, asked in questions.items()}
    ranks = {name: [] for name in examples}
    own, alien, right = [], [], []
    asked = list(read_questions(options.sets / "abstain-dev" / "questions.jsonl"))
    for fold in range(options.folds):
        known = [e for name, of_set in examples.items() for e in of_set if folds[name][e.article] != fold]
        ranker = learn_ranker(known)
        cases = []
        for name, of_set in examples.items():
            ranks[name] += [rank_of_right(e, ranker) for e in of_set if folds[name][e.article] == fold]
            learned = [q for q in questions[name] if q.gold and folds[name][article(q)] != fold]
            with Asker(stores[name]) as asker:
                cases += collect_cases(asker, learned[:: 1 + len(learned) // MOST_CASES], ranker)
        judge = learn_judge(cases)
        with Asker(stores["newwiki-dev"]) as asker:
            for question in asked:
                if question.gold and folds["newwiki-dev"].get(article(question), 0) == fold:
                    case = next(iter(collect_cases(asker, [question], ranker)))
                    own.append(judge.confidence(case.figures))
                    right.append(case.right)
                elif not question.gold and sum(map(ord, question.id)) % options.folds == fold:
                    alien.append(judge.confidence(figures_of(asker, question, ranker)))
    for name, found in ranks.items():
        tell(name, found, sum(bool(q.gold) for q in questions[name]))
    threshold = sorted(own)[int(0.05 * len(own))]
    error = calibration_error(own + alien, right + [False] * len(alien))
    print(
        f"abstain-dev    AUROC {area_under_roc(own, alien):.4f}; refused of those without an answer when 5 % of the "
        f"others are: {np.mean(np.array(alien) < threshold):.3f}; calibration error (first hit right) {error:.3f}"
    )


def article(question):
    return min(gold.article for gold in question.gold)


def fold_of(articles, folds):
    """Deal out articles to folds, the same way each time."""
    names = sorted(articles)
    random.Random(0).shuffle(names)
    return {name: number % folds for number, name in enumerate(names)}


def rank_of_right(example, ranker):
    order = np.argsort(-ranker.score(example.features, example.types), kind="stable")
    places = np.flatnonzero(example.right[order])
    return int(places[0]) + 1 if len(places) else math.inf


def figures_of(asker, question, ranker):
    considered = asker.consider(question.question)
    scores = ranker.score(considered.features, considered.query.types)
    return figures(considered.query, considered.candidates, considered.features, scores)


def tell(name, ranks, questions):
    """Print MRR@10 and P@1 with 95 % intervals by bootstrap over questions; a question without candidates counts 0."""
    gains = np.array([1 / rank if rank <= 10 else 0 for rank in ranks] + [0] * (questions - len(ranks)))
    draws = np.random.default_rng(0).integers(0, len(gains), (1000, len(gains)))
    low, high = np.quantile(gains[draws].mean(axis=1), [0.025, 0.975])
    print(f"{name:14} MRR@10 {gains.mean():.4f} [{low:.3f}, {high:.3f}]  P@1 {(gains == 1).mean():.4f}", flush=True)


def calibration_error(sure, right, bins=10):
    """Give the mean distance of confidence and share right, over bins of equal size."""
    sure, right = np.array(sure), np.array(right, float)
    parts = np.array_split(np.argsort(sure), bins)
    return sum(len(part) * abs(sure[part].mean() - right[part].mean()) for part in parts) / len(sure)


if __name__ == "__main__":
    main()
