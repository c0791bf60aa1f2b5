"""Whether time grows as the text does: `python tests/benchmarks/linear.py [--floor MILLISECONDS] [NAME ...]`.

Each function that reads a text of others is given the texts of tests/hostile_texts.py at doubling sizes, until one takes
FLOOR milliseconds of CPU; t(2n)/t(n) of the last two sizes is printed, 2 for linear time and 4 for the square, with `!`
above LIMIT. The largest ratios of each function are printed, and the text of each. NAME chooses functions.
"""

import argparse
import gc
import sys
from collections.abc import Callable
from pathlib import Path
from time import process_time

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from hostile_texts import UNITS, Make, hostile_texts, repeated

from retrieval.records import Article, Kind
from retrieval.text.analyzer import Analyzer, normalize
from retrieval.text.kinds import closing_kind, paragraph_kinds
from retrieval.text.languages import detect_article_language, detect_question_language
from retrieval.text.lexicon import token_shapes
from retrieval.text.paragraphs import split_paragraphs
from retrieval.text.sentences import split_article, split_sentences
from retrieval.text.spelling import signatures

LIMIT = 2.5
SMALLEST, LARGEST = 4000, 1_000_000  # characters
ATTEMPTS = 4


def shapes(text: str) -> None:
    """Compute the shapes of a text's words."""
    tokens = list(Analyzer("en").tokens(text))
    token_shapes(text, tokens, [0] * len(tokens))


SPLITTERS: dict[str, Callable[[str], object]] = {
    "split_article": lambda text: split_article(Article("a", text[:99], text), "en"),
    "split_paragraphs": split_paragraphs,
    "paragraph_kinds": lambda text: paragraph_kinds("Title", text, split_paragraphs(text)),
    "split_sentences": lambda text: split_sentences(text, "en"),
    "split_sentences/de": lambda text: split_sentences(text, "de"),
    "split_sentences/ru": lambda text: split_sentences(text, "ru"),
    "split_sentences/el": lambda text: split_sentences(text, "el"),
}
OTHERS: dict[str, Callable[[str], object]] = {  # these are given the bare units alone
    "closing_kind": lambda text: closing_kind(Kind.BODY, text),
    "tokens/en": lambda text: list(Analyzer("en").tokens(text)),
    "tokens/ar": lambda text: list(Analyzer("ar").tokens(text)),
    "tokens/zh": lambda text: list(Analyzer("zh").tokens(text)),
    "normalize": lambda text: normalize(text, "en"),
    "token_shapes": shapes,
    "signatures": lambda text: signatures([text]),
    "article language": detect_article_language,
    "question language": detect_question_language,
}


def ratio(function: Callable[[str], object], make: Make, floor: float) -> float:
    """Return t(2n)/t(n) at the first size that takes `floor` seconds; 0 if none does.

    A ratio above the limit is looked at again, at the next size too: other work on the machine, and memory that is first
    asked of the system, disturb one by a factor, but not all.
    """
    size = SMALLEST
    while seconds(function, make(size)) < floor:
        size *= 2
        if size > LARGEST:
            return 0.0
    found = float("inf")
    for attempt in range(ATTEMPTS):
        length = size << attempt % 2
        half, whole = (min(seconds(function, make(part)) for _ in range(2)) for part in (length // 2, length))
        found = min(found, whole / half)
        if found <= LIMIT:
            break
    return found


def seconds(function: Callable[[str], object], text: str) -> float:
    """Return the CPU seconds that a function takes."""
    begun = process_time()
    function(text)
    return process_time() - begun


def main() -> None:
    """Print, for each function, its largest ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join([*SPLITTERS, *OTHERS]))
    parser.add_argument("--floor", type=float, default=20.0, help="CPU milliseconds that the larger text must take")
    parser.add_argument("--top", type=int, default=3, help="ratios to print for each function")
    chosen = parser.parse_args()
    gc.disable()  # its rounds take time in the square of the objects that a text makes
    for name, function in (SPLITTERS | OTHERS).items():
        if chosen.names and name not in chosen.names:
            continue
        texts = hostile_texts() if name in SPLITTERS else ((repr(unit), repeated(unit)) for unit in UNITS)
        found = sorted(((ratio(function, make, chosen.floor / 1000), text) for text, make in texts), reverse=True)
        columns = (f"{value:.2f}{'!' if value > LIMIT else ' '} {text:26}" for value, text in found[: chosen.top])
        print(name.ljust(20), *columns, flush=True)


if __name__ == "__main__":
    main()
