"""The same articles in files and in a Milvus: same hits, time, size, growth: `python tests/benchmarks/engines_compare.py`.

Makes corpora of 10,000 and 100,000 sentences (`--sizes`), loads them into a store, into milvus-lite in this process and
into milvus-lite as a server, asks all the same questions in turns, and prints a table. Times are wall clock times, since a
server's processor time is not this process's; the last row but sizes is the processor time of this process. It needs
`pip install -e '.[milvus,milvus-lite]'`; `prose.py` says where the text comes from.
"""

import os

for limit in ("OMP", "OPENBLAS"):
    os.environ[f"{limit}_NUM_THREADS"] = "1"  # numpy reads it once, when it is imported

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import numpy as np
from corpus import make_questions, write_corpus
from engine_quality import are_same, gap
from measuring import sentences_of, size_of
from milvus_server import milvus_server
from prose import FOLDERS, read_prose

from retrieval import Engine, EngineAway, Hit, open_engine
from retrieval.milvus.search import Counted, EngineSearcher

LOCAL, EMBEDDED, SERVER = "files", "in this process", "server"
RETRIES = 10


@dataclass
class Figures:
    """What was measured of one place of the articles."""

    load: float = 0.0  # seconds
    disk: float = 0.0  # bytes a sentence, of the place itself
    copy: float = 0.0  # bytes a sentence, of the store of a machine that asks
    first: float = 0.0  # seconds until the first answer of a process
    wall: list[float] = field(default_factory=list)  # milliseconds a question
    cpu: list[float] = field(default_factory=list)
    counted: list[Counted] = field(default_factory=list)
    hits: list[Sequence[Hit]] = field(default_factory=list)


def main() -> None:
    """Measure every size, and print a table for each."""
    options = parse_options()
    prose = list(read_prose(options.prose))
    for size in options.sizes:
        with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
            articles, place = Path(folder) / "articles.jsonl", Path(folder)
            write_corpus(articles, prose, size)
            with milvus_server(place) as server:
                addresses = {LOCAL: "", EMBEDDED: f"milvus+file://{place}/lite.db", SERVER: f"milvus+{server.address}"}
                figures = {name: load(place, name, address, articles) for name, address in addresses.items()}
                questions = make_questions(sentences_of(place / f"{LOCAL}.db"), options.questions)
                engines = {name: stack.enter_context(reader(place, name, one)) for name, one in addresses.items()}
                ask_all(engines, questions, figures)
                weigh(place, figures)
                print("\n".join(["", *table(size, figures)]), flush=True)
                stack.close()


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", nargs="+", type=int, default=[10_000, 100_000], metavar="N", help="sentences")
    parser.add_argument("--questions", type=int, default=200, metavar="N")
    parser.add_argument("--prose", nargs="+", type=Path, default=FOLDERS, metavar="DIR", help="folders with the text")
    return parser.parse_args()


def load(place: Path, name: str, address: str, articles: Path) -> Figures:
    """Load articles from a machine of its own; return how long that took."""
    begun = time.perf_counter()
    with open_engine(place / f"{name if name == LOCAL else f'{name} loader'}.db", address=address) as engine:
        engine.load([articles])
    return Figures(load=time.perf_counter() - begun)


@contextmanager
def reader(place: Path, name: str, address: str) -> Iterator[Engine]:
    """Open the articles on a machine that has only asked so far."""
    with open_engine(place / f"{name}.db", address=address) as engine:
        yield engine


def ask_all(engines: Mapping[str, Engine], questions: Sequence[str], figures: Mapping[str, Figures]) -> None:
    """Ask all each question before the next, in random order, and note what came out and how long it took."""
    dice, ends = random.Random(1), []
    with counting(ends.append):
        for number, question in enumerate(questions):
            for name in dice.sample(list(engines), len(engines)):
                found = figures[name]
                wall, cpu = time.perf_counter(), time.process_time()
                found.hits.append(answered(engines[name], question))
                taken = time.perf_counter() - wall
                if number == 0:
                    found.first = taken
                else:
                    found.wall.append(taken * 1000)
                    found.cpu.append((time.process_time() - cpu) * 1000)
                found.counted += ends
                ends.clear()


def answered(engine: Engine, question: str) -> Sequence[Hit]:
    """Ask until it answers: milvus-lite makes its index of vectors at the first search, which waits for it."""
    for _ in range(RETRIES):
        with suppress(EngineAway):
            return engine.ask(question).hits
    return engine.ask(question).hits


@contextmanager
def counting(note: Callable[[Counted], None]) -> Iterator[None]:
    """Note what each search of an engine takes."""
    search = EngineSearcher.count_rounds

    def counted(*given: object) -> Counted:
        found = search(*given)
        note(found)
        return found

    EngineSearcher.count_rounds = counted
    try:
        yield
    finally:
        EngineSearcher.count_rounds = search


def weigh(place: Path, figures: Mapping[str, Figures]) -> None:
    """Note how many bytes each place takes."""
    sentences = len(sentences_of(place / f"{LOCAL}.db"))
    folders = {EMBEDDED: place / "lite.db", SERVER: place / "data", LOCAL: place / f"{LOCAL}.db.index"}
    for name, found in figures.items():
        store = (place / f"{name}.db").stat().st_size
        found.disk = (size_of(folders[name]) + (store if name == LOCAL else 0)) / sentences
        found.copy = 0 if name == LOCAL else store / sentences


def table(size: int, figures: Mapping[str, Figures]) -> Iterator[str]:
    """Yield the lines of the table of one size."""
    yield f"{f'{size:,} sentences':38}" + "".join(f"{name:>18}" for name in figures)
    for what, figure in ROWS.items():
        yield f"{what:38}" + "".join(f"{figure(one, figures[LOCAL]):>18}" for one in figures.values())


def _same(count: int | None) -> Callable[[Figures, Figures], str]:
    def share(one: Figures, local: Figures) -> str:
        same = [are_same(hits[:count], right[:count]) for hits, right in zip(one.hits, local.hits, strict=True)]
        return f"{sum(same) / len(same):.2%}"

    return share


def _each(values: Callable[[Figures], Sequence[float]], how: Callable[[Sequence[float]], float], digits: int = 1):
    return lambda one, _: f"{how(values(one)):,.{digits}f}" if values(one) else "-"


def _late(values: Sequence[float]) -> float:
    return float(np.percentile(values, 95))


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))


ROWS: Mapping[str, Callable[[Figures, Figures], str]] = {
    "questions": lambda one, _: str(len(one.hits)),
    "the same first hit": _same(1),
    "the same ten hits": _same(None),
    "greatest difference of scores": lambda one, local: f"{max(map(gap, one.hits, local.hits)):.1e}",
    "rounds, mean": _each(lambda one: [each.rounds for each in one.counted], _mean, 2),
    "rounds, most": _each(lambda one: [each.rounds for each in one.counted], max, 0),
    "articles fetched, mean": _each(lambda one: [each.articles for each in one.counted], _mean),
    "articles fetched, most": _each(lambda one: [each.articles for each in one.counted], max, 0),
    "proven exact": _each(lambda one: [each.is_proven * 100 for each in one.counted], _mean, 2),
    "first answer, s": lambda one, _: f"{one.first:.2f}",
    "a question, ms, median": _each(lambda one: one.wall, lambda values: float(np.median(values))),
    "a question, ms, 95 %": _each(lambda one: one.wall, _late),
    "processor time here, ms, median": _each(lambda one: one.cpu, lambda values: float(np.median(values))),
    "load, s": lambda one, _: f"{one.load:.1f}",
    "bytes a sentence": lambda one, _: f"{one.disk:.0f}",
    "bytes a sentence of a working copy": lambda one, _: f"{one.copy:.0f}" if one.copy else "-",
}


if __name__ == "__main__":
    main()
