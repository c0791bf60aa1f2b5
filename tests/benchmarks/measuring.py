"""Measure a store and the indexes of other libraries: each function returns one figure, or one for each engine.

Times are CPU seconds of the process, its threads and its children, never wall clock time, so that other work on the
machine disturbs little.
"""

import gc
import json
import os
import random
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from time import process_time
from typing import TypeVar

import numpy as np
from engines import MODULES, PEERS, Search, open_bm25s, open_citebot, open_tantivy

from retrieval import open_engine
from retrieval.records import ANSWERING

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0  # CPU seconds for an engine, which then gets no more questions
WARMING = 5  # questions before those that count: numba compiles, files are mapped
STARTS = 15  # processes
CHANGES = 7  # articles
T = TypeVar("T")


def in_new_process(work: Callable[..., T], *given: object) -> T:
    """Run a function in a new process, so that its memory is its own and is freed."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(work, *given).result()


def cpu_seconds() -> float:
    """Return the CPU seconds of this process and of the children it has waited for."""
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in spent)


def load_store(articles: Path, store: Path) -> float:
    """Load a file of articles into a new store; return the CPU seconds."""
    with open_engine(store) as engine:
        begun = cpu_seconds()
        report = engine.load([articles])
        spent = cpu_seconds() - begun
    if report.failed:
        raise RuntimeError(f"{report.failed[0].name}: {report.failed[0].reason}")
    return spent


def sentences_of(store: Path) -> list[str]:
    """Return the sentences that citebot searches."""
    db = sqlite3.connect(store)
    sql = f"SELECT text FROM sentences WHERE kind IN ({', '.join('?' * len(ANSWERING))})"
    found = [text for (text,) in db.execute(sql, sorted(ANSWERING))]
    db.close()
    return found


def index_peer(name: str, store: Path, folder: Path) -> float:
    """Let a library index what citebot searches; return the CPU seconds."""
    folder.mkdir()
    return PEERS[name].index(sentences_of(store), folder)


def time_questions(searches: Mapping[str, Search], questions: Sequence[str]) -> dict[str, list[float]]:
    """Ask all engines each question before the next; return the CPU milliseconds of each engine's searches.

    The order of the engines is random for each question, so that what one leaves in the processor's caches affects all.
    """
    dice = random.Random(1)
    taken: dict[str, list[float]] = {name: [] for name in searches}
    for search in searches.values():
        for question in questions[:WARMING]:
            search(question)
    gc.collect()
    gc.freeze()  # so that no engine pays for collecting what another holds
    for question in questions[WARMING:]:
        for name, search in dice.sample(list(searches.items()), len(searches)):
            if sum(taken[name]) < PATIENCE * 1000:
                begun = process_time()
                search(question)
                taken[name].append((process_time() - begun) * 1000)
    gc.unfreeze()
    return taken


def time_starts(store: Path, question: str) -> tuple[float, float]:
    """Return the median CPU milliseconds of `citebot ask`, and of a Python that imports numpy, run in turns."""
    commands = (["-m", "bot", "ask", question, "--db", str(store)], ["-c", "import numpy"])
    taken = [[_start(command) for command in commands] for _ in range(STARTS + 1)][
        1:
    ]  # the first reads from a cold disk
    ask, alone = (median(column) * 1000 for column in zip(*taken, strict=True))
    return ask, alone


def _start(arguments: Sequence[str]) -> float:
    process = subprocess.Popen(
        [sys.executable, *arguments], cwd=ROOT, stdout=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    _, status, spent = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in {0, 3}:  # answered, or abstained
        raise RuntimeError(f"{arguments} ended with {process.returncode}")
    return spent.ru_utime + spent.ru_stime


OPENERS: dict[str, Callable[[Path], dict[str, Search]]] = {
    "citebot": open_citebot, "tantivy": open_tantivy, "bm25s": lambda folder: open_bm25s(folder, ["numba"]),
}  # fmt: skip


def memory_serving(name: str, place: Path, questions: Sequence[str]) -> float:
    """Open an index in this process, ask all questions, and return the megabytes held, without mapped files."""
    *_, search = OPENERS[name](place).values()  # of citebot, what answers
    for question in questions:
        search(question)
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) / 1024
    raise OSError("This system does not report RssAnon, the memory of a process without mapped files.")


def size_of(folder: Path) -> int:
    """Return the bytes of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def time_changes(store: Path, articles: Path, question: str) -> float:
    """Return the median CPU milliseconds until a question finds a changed article, in a warm process, on a copy."""
    copy = store.with_name("changed.db")
    shutil.copy(store, copy)
    shutil.copytree(f"{store}.index", f"{copy}.index", dirs_exist_ok=True)
    with articles.open(encoding="utf-8") as file, open_engine(copy) as engine:
        chosen = [json.loads(line) for line in random.Random(1).sample(list(file), CHANGES + 1)]
        engine.ask(question)
        taken = [_change(engine, copy.with_suffix(".jsonl"), article, question) for article in chosen]
    shutil.rmtree(f"{copy}.index")
    for path in store.parent.glob("changed.*"):
        path.unlink()
    return median(taken[1:])  # the first imports what loading needs


def _change(engine, file: Path, article: dict[str, str], question: str) -> float:
    """Load an article with one more sentence; return the CPU milliseconds."""
    changed = article | {"text": article["text"] + " Its last sentence was written later."}
    file.write_text(json.dumps(changed), encoding="utf-8")
    begun, before = cpu_seconds(), engine.generation()
    engine.load([file])
    engine.ask(question)
    spent = (cpu_seconds() - begun) * 1000
    if engine.generation() == before:
        raise RuntimeError("The changed article was not published.")
    return spent


def middle_and_tail(taken: Sequence[float]) -> tuple[float, float]:
    """Return the median and the 99th percentile."""
    return float(np.median(taken)), float(np.percentile(taken, 99))


def missing(name: str) -> list[str]:
    """Return the modules that an engine needs and that are not installed."""
    return [module for module in MODULES.get(name, ()) if find_spec(module) is None]
