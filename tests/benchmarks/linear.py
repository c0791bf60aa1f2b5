"""Whether time grows as the text does: `python tests/benchmarks/linear.py [--floor MILLISECONDS] [NAME ...]`.

Each function that reads a text of others is given the texts of tests/hostile_texts.py at doubling sizes, until one takes
FLOOR milliseconds of CPU; t(2n)/t(n) of the last two sizes is printed, 2 for linear time and 4 for the square, with `!`
above LIMIT. The largest ratios of each function are printed, and the text of each. NAME chooses functions.
"""

import argparse
import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import numpy as np
from hostile_texts import NESTED, UNITS, Make, deeper, hostile_texts, repeated

from retrieval.asking.entities import find_entities
from retrieval.asking.highlight import QueryWord, match_words, matched_spans
from retrieval.asking.leads import needs_lead
from retrieval.errors import RetrievalError
from retrieval.index.records import QueryTerm
from retrieval.readers.adoc import read_adoc
from retrieval.readers.feed import read_feed
from retrieval.readers.front_matter import split_front_matter
from retrieval.readers.html import read_html
from retrieval.readers.html_text import html_to_text
from retrieval.readers.markdown import read_markdown
from retrieval.readers.page_decoding import decode_page
from retrieval.readers.pdf_lines import join_lines
from retrieval.readers.rst import read_rst
from retrieval.records import Article, Kind
from retrieval.text.analyzer import Analyzer, normalize
from retrieval.text.kinds import closing_kind, paragraph_kinds
from retrieval.text.languages import detect_article_language, detect_question_language
from retrieval.text.lexicon import token_shapes
from retrieval.text.near_duplicates import hash_shingles, sorted_unique
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


ASKED = [
    QueryWord(QueryTerm(token.word, token.term, (), 5.0, 5.0, False, False), {})
    for token in Analyzer("en").tokens("Who opened the slate quarry ab Ab a字字 Photo contributed?")
]


def highlight(text: str) -> None:
    """Mark the words of a question in a text."""
    matched_spans(match_words(text, "en", list(Analyzer("en").tokens(text)), ASKED))


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
    "shingles": lambda text: sorted_unique(hash_shingles(np.array(Analyzer("en").terms(text), np.uint32))),
    "entities": lambda text: find_entities(text, list(Analyzer("en").tokens(text)), "en"),
    "leads": lambda text: needs_lead(text, "en", list(Analyzer("en").tokens(text))),
    "highlight": highlight,
}
FOLDER = TemporaryDirectory()


def reading(
    read: Callable[[Path, str, str | None], Iterator[object]], name: str, frame: str = "{}"
) -> Callable[[str], None]:
    """Return a function that reads a text, within a frame, from a file; what is refused takes linear time too."""
    path = Path(FOLDER.name, name)
    before, after = frame.split("{}")

    def run(text: str) -> None:
        path.write_text(f"{before}{text}{after}", "utf-8")
        with suppress(RetrievalError):
            list(read(path, "a", None))

    return run


def markup(text: str) -> None:
    """Read a piece of HTML."""
    with suppress(RetrievalError):
        html_to_text(text)


def front_matter(text: str) -> None:
    """Read the fields above a text."""
    with suppress(RetrievalError):
        split_front_matter(f"---\n{text}\n---\n")


PROSE = "<p>The slate quarry of the valley was opened in 1811 by two brothers.</p>" * 4
PAGE = f"<html><head><title>a</title></head><body><article>{PROSE}{{}}</article></body></html>"
FEED = "<rss><channel><item><title>a</title><description><![CDATA[{}]]></description></item></channel></rss>"
READERS: dict[str, Callable[[str], object]] = {  # these are given the bare units, MARKUP, NESTED, and LONG words
    "decode_page": lambda text: decode_page(text.encode()),
    "front matter": front_matter,
    "pdf lines": lambda text: join_lines([text, text]),
    "html_to_text": markup,
    "html": reading(read_html, "a.html", PAGE),
    "feed": reading(read_feed, "a.xml", FEED),
    "markdown": reading(read_markdown, "a.md"),
    "mdx": reading(read_markdown, "a.mdx"),
    "adoc": reading(read_adoc, "a.adoc"),
    "rst": reading(read_rst, "a.rst"),
}
MARKUP = (
    "[[", "((", "****", "``", "|a", "<b>", "<div>", "<p>a", "<p>a.</p>", "<li>a", "<ul><li>a", "<tr><td>a", "<table><tr><td>", "<h2>a</h2>", "<a href=x>a</a> ",
    "<blockquote>", "<br>", "<pre>a", "<!-- ", "&amp;", "&#", "</p>", "<a", "<p hidden>a", "<div class='faq'><button>a?</button><p>a</p></div>", "{{", "{% ", "{a",
    "${", "* a\n", "** a\n", "  - a\n", "> > a\n", "+\n", "a::\n", ".. a\n", ":a: ", "[^a]", "==== ", "'''", "$$", "\\(", "~~a~~ ", "<a.b@c>", "![a](b)\n",
    "link:[", "image:a", "https://a[", " ^a", "^",
)  # fmt: skip
LONG = ("a", "1", "字", "a-", "a.b")  # of each, one word of LARGEST characters


def ratio(function: Callable[[str], object], make: Make, floor: float, smallest: int = SMALLEST) -> float:
    """Return t(2n)/t(n) at the first size, from `smallest` on, that takes `floor` seconds; 0 if none does.

    A ratio above the limit is looked at again, at the next size too: other work on the machine, and memory that is first
    asked of the system, disturb one by a factor, but not all.
    """
    size = smallest
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


def texts_for(name: str) -> Iterator[tuple[str, Make]]:
    """Yield the texts that a function is given."""
    if name in SPLITTERS:
        yield from hostile_texts()
        return
    for unit in (*UNITS, *MARKUP) if name in READERS else UNITS:
        yield repr(unit), repeated(unit)
    for indent, line in NESTED if name in READERS else ():
        yield f"deeper {indent + line!r}", deeper(indent, line)


def main() -> None:
    """Print, for each function, its largest ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join([*SPLITTERS, *OTHERS, *READERS]))
    parser.add_argument("--floor", type=float, default=20.0, help="CPU milliseconds that the larger text must take")
    parser.add_argument("--top", type=int, default=3, help="ratios to print for each function")
    chosen = parser.parse_args()
    gc.disable()  # its rounds take time in the square of the objects that a text makes
    for name, function in (SPLITTERS | OTHERS | READERS).items():
        if chosen.names and name not in chosen.names:
            continue
        texts = [(text, make, SMALLEST) for text, make in texts_for(name)]
        texts += [(f"one word of {unit!r}", repeated(unit), LARGEST) for unit in LONG if name in READERS]
        found = sorted(
            ((ratio(function, make, chosen.floor / 1000, size), text) for text, make, size in texts), reverse=True
        )
        columns = (f"{value:.2f}{'!' if value > LIMIT else ' '} {text:26}" for value, text in found[: chosen.top])
        print(name.ljust(20), *columns, flush=True)


if __name__ == "__main__":
    main()
