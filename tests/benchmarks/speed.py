"""How fast citebot is, compared with search libraries that you could use instead: `python tests/benchmarks/speed.py`.

Make corpora of 10,000, 100,000 and 1,000,000 sentences (`--sizes 5000000` for more), let every engine index them, and
ask them the same questions in one process, in turns, with one thread. Times are CPU times. Libraries that are not
installed are skipped: `pip install -e '.[benchmarks,plots]'`; `prose.py` says where the text comes from.
"""

import os

for limit in ("OMP", "OPENBLAS", "MKL", "NUMBA", "RAYON"):
    os.environ[f"{limit}_NUM_THREADS"] = "1"  # numpy reads it once, when it is imported

import argparse
import json
import shutil
import sys
import tempfile
import zlib
from collections.abc import Collection, Sequence
from dataclasses import asdict
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT)]

from corpus import make_questions, write_corpus
from engines import PEERS, Search, open_citebot
from goals import LARGE, MIDDLE, SMALL, Figures, engine_table, goal_table
from measuring import (
    OPENERS,
    WARMING,
    in_new_process,
    index_peer,
    load_store,
    memory_serving,
    middle_and_tail,
    missing,
    sentences_of,
    size_of,
    time_changes,
    time_questions,
    time_starts,
)
from prose import FOLDERS, read_prose

PARTS = ("questions", "start", "memory", "change")


def main() -> None:
    options = parse_options()
    for name in filter(missing, list(options.engines)):
        print(f"{name} is skipped: {' and '.join(missing(name))} not installed. pip install -e '.[benchmarks]'")
        options.engines.remove(name)
    cache = options.cache / f"{zlib.crc32(repr(options.prose).encode()):08x}"
    cache.mkdir(parents=True, exist_ok=True)
    prose = cached_prose(cache / "prose.txt", options.prose)
    measured = {}
    for size in options.sizes:
        place = cache / str(size)
        built = build(place, prose, size, options)
        measured[size] = measure(place, built, options)
        print("\n".join(["", *engine_table(measured[size])]), flush=True)
    print("\n".join(["", *goal_table(measured)]))
    if options.json:
        figures = {size: asdict(found) for size, found in measured.items()}
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    if options.plot:
        from drawing import draw

        draw(measured, options.plot)


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    everyone = ["citebot", *PEERS]
    parser.add_argument("--sizes", nargs="+", type=int, default=[SMALL, MIDDLE, LARGE], metavar="N", help="sentences")
    parser.add_argument("--questions", type=int, default=200, metavar="N")
    names = {"choices": everyone, "metavar": "NAME"}
    parser.add_argument("--engines", nargs="+", default=everyone, help=", ".join(everyone), **names)
    parser.add_argument(
        "--reuse", nargs="*", help="indexes of an earlier run to use again; without names: all", **names
    )
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--prose", nargs="+", type=Path, default=FOLDERS, metavar="DIR", help="folders with the text")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "citebot-bench", metavar="DIR")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--plot", type=Path, metavar="FILE.png")
    options = parser.parse_args()
    options.engines = list(options.engines)
    options.reuse = everyone if options.reuse == [] else options.reuse or []
    return options


def cached_prose(path: Path, folders: Collection[Path]) -> Sequence[str]:
    """Read the prose on this machine, once."""
    if not path.exists():
        print("reading the prose on this machine", file=sys.stderr, flush=True)
        unfinished = path.with_suffix(".new")
        unfinished.write_text("".join(f"{sentence}\n" for sentence in read_prose(folders)), encoding="utf-8")
        unfinished.rename(path)
    return path.read_text(encoding="utf-8").splitlines()


def build(place: Path, prose: Sequence[str], size: int, options: argparse.Namespace) -> dict[str, float]:
    """Make the corpus and the index of every engine, unless an earlier one is to be used; return the CPU seconds."""
    articles, note = place / "articles.jsonl", place / "built.json"
    place.mkdir(exist_ok=True)
    if not articles.exists():
        unfinished = articles.with_suffix(".new")
        write_corpus(unfinished, prose, size)
        unfinished.rename(articles)
    before = json.loads(note.read_text(encoding="utf-8")) if note.exists() else {}
    anew = set(options.engines) - set(options.reuse)
    built = {name: took for name, took in before.items() if name not in anew}
    for name in ["citebot", *options.engines]:  # citebot first: the others index the sentences of its store
        if name not in built:
            note.write_text(json.dumps(built), encoding="utf-8")  # a half-built index is never reused
            built[name] = build_one(name, place, articles)
    note.write_text(json.dumps(built), encoding="utf-8")
    return {name: built[name] for name in options.engines}


def build_one(name: str, place: Path, articles: Path) -> float:
    print(f"{place.name} sentences: {name} builds its index", file=sys.stderr, flush=True)
    store = place / "citebot.db"
    if name != "citebot":
        shutil.rmtree(place / name, ignore_errors=True)
        return in_new_process(index_peer, name, store, place / name)
    shutil.rmtree(f"{store}.index", ignore_errors=True)
    for path in place.glob("citebot.db*"):
        path.unlink()
    return in_new_process(load_store, articles, store)


def measure(place: Path, built: dict[str, float], options: argparse.Namespace) -> Figures:
    store = place / "citebot.db"
    sentences = sentences_of(store)
    figures = Figures(len(sentences), build=built)
    questions = make_questions(sentences, options.questions + WARMING)
    (place / "questions.txt").write_text("\n".join(questions) + "\n", encoding="utf-8")
    places = {name: store if name == "citebot" else place / name for name in options.engines}
    folders = places | ({"citebot": Path(f"{store}.index")} if "citebot" in places else {})
    figures.disk = {name: size_of(folder) / len(sentences) for name, folder in folders.items()}
    del sentences
    if "questions" in options.only:
        for name, taken in time_questions(open_all(places), questions).items():
            figures.median[name], figures.p99[name] = middle_and_tail(taken)
            figures.asked[name] = len(taken)
    if "memory" in options.only:
        figures.memory = {
            name: in_new_process(memory_serving, name, places[name], questions) for name in OPENERS if name in places
        }
    if "start" in options.only and "citebot" in places:
        figures.start = dict(zip(("citebot ask", "import numpy"), time_starts(store, questions[-1]), strict=True))
    if "change" in options.only and "citebot" in places:
        figures.change = {"citebot": time_changes(store, place / "articles.jsonl", questions[-1])}
    return figures


def open_all(places: dict[str, Path]) -> dict[str, Search]:
    searches = {}
    for name, place in places.items():
        searches |= open_citebot(place) if name == "citebot" else PEERS[name].open(place)
    return searches


if __name__ == "__main__":
    main()
