"""How much of web pages' articles is found: `python tests/benchmarks/extraction.py [EXPECTED.json ...] [--losses]`.

EXPECTED.json names saved pages and what stands in their articles and beside them, in the form of trafilatura's evaluation
data: `{URL: {"file": NAME, "with": [SNIPPET, ...], "without": [SNIPPET, ...]}}`. The pages lie beside it, or in a folder
there. Without one, the pages in tests/data/extraction are read, which were written for this. Printed are the shares of
the wanted snippets and of the junk that are found in the article, in its sentences that may answer, and in these and the
headings, by which they are found and with which they are cited; white space and punctuation don't count. Plain trafilatura is beside it, for comparison.
"""

import argparse
import json
import os
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from trafilatura import extract

from retrieval.errors import ArticleError, UnreadableSource
from retrieval.readers.html import parse_page
from retrieval.readers.page_decoding import decode_page
from retrieval.records import ANSWERING, Kind
from retrieval.text.languages import detect_article_language
from retrieval.text.sentences import split_article

OWN_PAGES = ROOT / "tests" / "data" / "extraction" / "expected.json"
HYPHENATION = re.compile("[\u00ad\u200b]")  # where a word may be broken
RESULTS = ("trafilatura", "citebot: article", "citebot: answering sentences", "citebot: and their headings")


@dataclass(frozen=True, slots=True)
class Page:
    """A saved page, and what is and is not in its article."""

    url: str
    path: Path
    wanted: tuple[str, ...]
    junk: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of a page: for each of RESULTS the snippets, and the kind of sentence that holds what is lost."""

    page: Page
    wanted: tuple[frozenset[str], ...]
    junk: tuple[frozenset[str], ...]
    kinds: dict[str, str]


def read_expected(path: Path) -> Iterator[Page]:
    """Yield the pages that a file of expected snippets names and that are there."""
    files = {file.name: file for file in sorted(path.parent.rglob("*")) if file.is_file()}
    for url, entry in json.loads(path.read_text("utf-8")).items():
        if entry["file"] in files:
            yield Page(url, files[entry["file"]], tuple(entry["with"]), tuple(entry["without"]))


def words(text: str) -> str:
    """Return the words of a text, with one space between them; one without words as it is."""
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFC", HYPHENATION.sub("", text)))) or text


def holds(text: str, snippet: str) -> bool:
    """Whether the words of a text hold those of a snippet, which may begin and end within one."""
    return words(snippet) in text


def find(page: Page) -> Found:
    """Read a page both ways."""
    markup = page.path.read_bytes()
    plain = extract(markup, include_comments=False) or ""
    whole, answering, headed, kinds = "", "", "", dict[str, str]()
    try:
        article = parse_page(decode_page(markup), "page", None)
    except (ArticleError, UnreadableSource):
        pass
    else:
        sentences = split_article(article, article.language or detect_article_language(article.text)).sentences
        whole = words(article.text)
        answering = words(" ".join(sentence.text for sentence in sentences if sentence.kind in ANSWERING))
        headed = words(" ".join(one.text for one in sentences if one.kind in {*ANSWERING, Kind.HEADLINE}))
        for snippet in page.wanted:
            inside = (one.kind.value for one in sentences if holds(words(one.text), snippet))
            kinds[snippet] = next(inside, "several sentences" if holds(whole, snippet) else "not in the article")
    texts = (words(plain), whole, answering, headed)
    wanted, junk = (
        tuple(frozenset(snippet for snippet in snippets if holds(text, snippet)) for text in texts)
        for snippets in (page.wanted, page.junk)
    )
    return Found(page, wanted, junk, kinds)


def print_shares(found: list[Found]) -> None:
    """Print the shares of wanted snippets and of junk that were found."""
    n_wanted, n_junk = (
        sum(len(snippets) for snippets in column)
        for column in zip(*((one.page.wanted, one.page.junk) for one in found), strict=True)
    )
    print(f"{len(found)} pages".ljust(30), f"{'wanted':>8}{'junk':>8}   ({n_wanted} and {n_junk} snippets)")
    for number, name in enumerate(RESULTS):
        wanted, junk = sum(len(one.wanted[number]) for one in found), sum(len(one.junk[number]) for one in found)
        print(name.ljust(30), f"{wanted / n_wanted:8.1%}{junk / n_junk:8.1%}", flush=True)


def print_losses(found: list[Found]) -> None:
    """Print each wanted snippet that may not answer with the kind of its sentence, and each junk that may."""
    lost = [(one, snippet) for one in found for snippet in one.page.wanted if snippet not in one.wanted[2]]
    for kind, n in Counter(one.kinds.get(snippet, "no article") for one, snippet in lost).most_common():
        print(f"{n:6} {kind}")
    for one, snippet in lost:
        known = "" if snippet in one.wanted[0] else "; nor by trafilatura"
        print(f"- {one.page.path.name}: {one.kinds.get(snippet, 'no article')}{known}: {snippet!r}")
    for one in found:
        for snippet in one.junk[1]:
            print(f"+ {one.page.path.name}: {'answers' if snippet in one.junk[2] else 'in the article'}: {snippet!r}")


def main() -> None:
    """Read the pages and print the shares."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("expected", nargs="*", type=Path, default=[OWN_PAGES], metavar="EXPECTED.json")
    parser.add_argument("--losses", action="store_true", help="also print what is lost and what is junk, by page")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="read every Nth page only")
    chosen = parser.parse_args()
    for path in chosen.expected:
        pages = list(read_expected(path / "evaldata.json" if path.is_dir() else path))[:: chosen.every]
        with ProcessPoolExecutor(os.cpu_count()) as pool:
            found = list(pool.map(find, pages, chunksize=4))
        print_shares(found)
        if chosen.losses:
            print_losses(found)


if __name__ == "__main__":
    main()
