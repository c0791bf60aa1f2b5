"""How well sentences are found: `python tests/benchmarks/sentences.py [--failures] [TREEBANK.conllu ...]`.

The share of the golden rules of each language (tests/data/golden_sentences.json) that are split as a reader would split
them, by citebot, by sentencex and by pysbd, where installed; `<` marks where another does better, `-` a language that
it does not know. The rules were written with citebot in view, so that they tell what it does, not how it compares; for
that, give files of Universal Dependencies: sentences that follow one another in a paragraph are joined, and the harmonic
mean of precision and recall of the ends within is printed. The language is the first part of the file's name.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from retrieval.text.sentences import split_sentences

GOLDEN = ROOT / "tests" / "data" / "golden_sentences.json"
UNSPACED = {"ja", "zh"}  # written without spaces between sentences
MOST = 12  # sentences of a treebank that are joined
STOPS = tuple(".!?…。！？؟۔।;；։")
CLOSING = "'\"“”’»«)]」』） "
Split = Callable[[str, str], list[str]]  # text, language -> sentences


def split_by_citebot(text: str, language: str) -> list[str]:
    """Split a text with citebot."""
    return [text[start:end] for start, end in split_sentences(text, language)]


def split_by_sentencex(text: str, language: str) -> list[str]:
    """Split a text with sentencex."""
    from sentencex import segment

    return [sentence.strip() for sentence in segment(language, text) if sentence.strip()]


def split_by_pysbd(text: str, language: str) -> list[str]:
    """Split a text with pysbd; ValueError if it does not know the language."""
    from pysbd import Segmenter

    return [sentence.strip() for sentence in Segmenter(language=language, clean=False).segment(text)]


PEERS: dict[str, Split] = {"sentencex": split_by_sentencex, "pysbd": split_by_pysbd}


def read_golden() -> dict[str, list[list[str]]]:
    """Return the golden rules: the sentences of each, by language."""
    rules = json.loads(GOLDEN.read_text(encoding="utf-8"))
    return {language: [rule.split("|") for rule in listed] for language, listed in rules.items()}


def joined(sentences: list[str], language: str) -> str:
    """Return the text that sentences make."""
    return ("" if language in UNSPACED else " ").join(sentences)


def share_right(split: Split, language: str, rules: list[list[str]]) -> float:
    """Return the share of golden rules that are split as they should be, 0 to 1."""
    return sum(split(joined(rule, language), language) == rule for rule in rules) / len(rules)


def read_treebank(path: Path) -> Iterator[list[str]]:
    """Yield the sentences of each paragraph of a CoNLL-U file; one that ends without a stop ends the paragraph before."""
    held: list[str] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        text = line.removeprefix("# text = ").strip() if line.startswith("# text = ") else ""
        if line.startswith(("# newdoc", "# newpar")) or len(held) == MOST or (text and not _is_stopped(text)):
            yield held
            held = []
        if text and _is_stopped(text):
            held.append(text)
    yield held


def _is_stopped(text: str) -> bool:
    return text.rstrip(CLOSING).endswith(STOPS)


def f1(split: Split, language: str, paragraphs: list[list[str]]) -> float:
    """Return the harmonic mean of the precision and recall of the ends within paragraphs, 0 to 1."""
    right = found = wanted = 0
    for paragraph in paragraphs:
        text = joined(paragraph, language)
        ours, theirs = (_ends(text, sentences) for sentences in (split(text, language), paragraph))
        right, found, wanted = right + len(ours & theirs), found + len(ours), wanted + len(theirs)
    return 2 * right / max(found + wanted, 1)


def _ends(text: str, sentences: list[str]) -> set[int]:
    ends, at = set(), 0
    for sentence in sentences:
        at = text.index(sentence, at) + len(sentence)
        ends.add(at)
    return ends - {len(text)}


def figures(measure: Callable[[Split], float], peers: dict[str, Split]) -> str:
    """Measure all splitters; return their columns, with a mark where another does better than citebot."""
    ours = measure(split_by_citebot)
    return f"{ours:8.3f}" + "".join(_column(measure, split, ours) for split in peers.values())


def _column(measure: Callable[[Split], float], split: Split, ours: float) -> str:
    try:
        value = measure(split)
    except ValueError:  # a language that it does not know
        return f"{'-':>11} "
    return f"{value:11.3f}{'<' if value > ours else ' '}"


def main() -> None:
    """Print a line for each language or treebank."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("treebanks", nargs="*", type=Path)
    parser.add_argument("--failures", action="store_true", help="print what citebot splits differently")
    chosen = parser.parse_args()
    peers = {name: split for name, split in PEERS.items() if find_spec(name)}
    print(f"{'':24}{'citebot':>8}" + "".join(f"{name:>11} " for name in peers))
    for path in chosen.treebanks:
        paragraphs = [sentences for sentences in read_treebank(path) if len(sentences) > 1]
        measure = partial(f1, language=path.name.split("_")[0], paragraphs=paragraphs)
        print(f"{path.stem:24}{figures(measure, peers)}")
    for language, rules in {} if chosen.treebanks else read_golden().items():
        print(
            f"{language:3}{len(rules):3} rules{'':12}{figures(partial(share_right, language=language, rules=rules), peers)}"
        )
        for rule in rules if chosen.failures else ():
            if (ours := split_by_citebot(joined(rule, language), language)) != rule:
                print(f"    {' | '.join(ours)}")


if __name__ == "__main__":
    main()
