"""How long questions take while another process keeps reloading, compared with before.

    python tests/benchmarks/reloading.py [--articles N] [--reloads N] [--rate N] [--json FILE]

Each reload changes a tenth of the articles. Every quotation is compared with the store itself, in the generation that
answered. Milliseconds are wall clock time from when a question is asked; CPU milliseconds are those of its own thread,
which other programs do not lengthen.
"""

import argparse
import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from retrieval import open_engine
from retrieval.records import Answer

WORKERS = 8  # as the bot has
SHARE = 10  # one article in ten changes with each reload
LOAD = "import sys; from retrieval import open_engine; open_engine(sys.argv[1]).load([sys.argv[2]], prune=True)"
THINGS = ("tower", "bridge", "harbour", "mill", "theatre", "market", "library", "station", "garden", "well")
MAKERS = ("Ann", "Bertil", "Chiara", "Dmitri", "Emeka", "Farah", "Goran", "Hana")


def write(file: Path, articles: int, reload: int) -> None:
    """Write the articles as they are after a number of reloads, and rename the file when it is complete."""
    chance = random.Random(7)
    with file.with_suffix(".part").open("w", encoding="utf-8") as out:
        for number in range(articles):
            thing, maker, edition = chance.choice(THINGS), chance.choice(MAKERS), (reload + number) // SHARE
            lines = [
                f"The {thing} of town {number} was built by {maker} in {chance.randrange(1200, 2000)}.",
                f"It has {edition + 3} steps and stands at the {chance.choice(THINGS)} road number {edition}.",
                f"{chance.choice(MAKERS)} painted the {thing} after the flood. Nobody was hurt.",
            ]
            json.dump(
                {"id": f"a{number}", "title": f"Town {number}", "language": "en", "text": "\n\n".join(lines)}, out
            )
            out.write("\n")
    file.with_suffix(".part").replace(file)


@dataclass
class Asked:
    """The outcome of the questions."""

    milliseconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    misquoted: list[str] = field(default_factory=list)
    generations: set[int] = field(default_factory=set)

    def figures(self) -> dict[str, object]:
        """Return the figures."""
        ordered, cpu = sorted(self.milliseconds), sorted(self.cpu)
        return {
            "questions": len(ordered), "errors": self.errors, "misquoted": self.misquoted,
            "generations": sorted(self.generations), "median": round(ordered[len(ordered) // 2], 2),
            "p95": round(ordered[int(0.95 * len(ordered))], 2), "p99": round(ordered[int(0.99 * len(ordered))], 2),
            "cpu median": round(cpu[len(cpu) // 2], 2), "cpu p95": round(cpu[int(0.95 * len(cpu))], 2),
        }  # fmt: skip


def ask_until(ended, engine, articles: int, rate: float) -> Asked:
    """Ask `rate` questions a second until the event is set."""
    asked, chance = Asked(), random.Random(11)

    def ask(question: str) -> None:
        begun, worked = time.perf_counter(), time.thread_time()
        try:
            answer = engine.ask(question)
        except Exception as error:  # noqa: BLE001 - every error is counted
            asked.errors.append(f"{type(error).__name__}: {error}")
            return
        asked.milliseconds.append((time.perf_counter() - begun) * 1000)
        asked.cpu.append((time.thread_time() - worked) * 1000)
        asked.generations.add(answer.generation)
        asked.misquoted.extend(misquoted(engine.path, answer))

    with ThreadPoolExecutor(WORKERS) as pool:
        next_one = time.perf_counter()
        while not ended.is_set():
            pool.submit(ask, f"Who built the {chance.choice(THINGS)} of town {chance.randrange(articles)}?")
            next_one += 1 / rate
            time.sleep(max(0.0, next_one - time.perf_counter()))
    return asked


def misquoted(store: Path, answer: Answer) -> list[str]:
    """Return the hits of an answer that are not in the generation that answered."""
    with closing(sqlite3.connect(f"{store.as_uri()}?mode=ro", uri=True)) as db:
        return [
            f"{hit.article} [{hit.start}:{hit.end}] in generation {answer.generation}"
            for hit in answer.hits
            if not any(
                text[hit.start : hit.end] == hit.text
                for (text,) in db.execute(
                    "SELECT text FROM versions WHERE row = ?1 AND id = ?2 AND since <= ?3 AND ifnull(until > ?3, 1)",
                    (hit.version, hit.article, answer.generation),
                )
            )
        ]


def ask_during(work, engine, articles: int, rate: float) -> Asked:
    """Ask while another thread works."""
    ended = threading.Event()

    def done() -> None:
        try:
            work()
        finally:
            ended.set()

    worker = threading.Thread(target=done)
    worker.start()
    asked = ask_until(ended, engine, articles, rate)
    worker.join()
    return asked


def measure(folder: Path, articles: int, reloads: int, rate: float, idle: float) -> dict[str, dict[str, object]]:
    """Ask while nothing else happens, then during the reloads."""
    file, store = folder / "all.jsonl", folder / "s.db"
    write(file, articles, 0)

    def reload_all() -> None:
        for number in range(1, reloads + 1):
            write(file, articles, number)
            environment = os.environ | {"PYTHONPATH": str(ROOT)}
            subprocess.run([sys.executable, "-c", LOAD, store, file], check=True, env=environment)

    with open_engine(store) as engine:
        engine.load([file])
        ask_during(lambda: time.sleep(min(idle, 1)), engine, articles, rate)  # until everything is in memory
        before = ask_during(lambda: time.sleep(idle), engine, articles, rate)
        during = ask_during(reload_all, engine, articles, rate)
    return {"idle": before.figures(), "reloading": during.figures()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--reloads", type=int, default=10)
    parser.add_argument("--rate", type=float, default=20, help="questions a second")
    parser.add_argument("--idle", type=float, default=20, help="seconds of questions before the first reload")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measured = measure(Path(folder), options.articles, options.reloads, options.rate, options.idle)
    for name, figures in measured.items():
        print(f"{name:10} {figures['questions']:6} questions  median {figures['median']:7} ms  p95 {figures['p95']:7} ms"
              f"  p99 {figures['p99']:7} ms  CPU p95 {figures['cpu p95']:6} ms  errors {len(figures['errors'])}  misquoted {len(figures['misquoted'])}")  # fmt: skip
    if options.json:
        options.json.write_text(json.dumps(measured), encoding="utf-8")


if __name__ == "__main__":
    main()
