"""A sentence of a web page -> the page's address that opens at it: `https://example.org/page#:~:text=The%20first,words`.

A browser marks what lies between the first and the last words, so each of the two is made long enough to stand only there.
The address is written as https://wicg.github.io/scroll-to-text-fragment/ says.
"""

import re
from collections.abc import Sequence
from urllib.parse import quote

LONGEST = 2048  # characters of an address
MOST_TEXT = 1_000_000  # characters of an article in which words are counted
FEWEST_WORDS, MOST_WORDS = 3, 10  # at either end
FEWEST_APART = 8  # words of a sentence: a shorter one is named whole
_DIRECTIVE = ":~:text="
_BULLET = re.compile(r"\s*(?:[-*+•‣]|\d{1,3}[.)])\s+")  # a page shows it as no text
_CELL_ENDS = re.compile(r"\s*\|\s*")
_WORD, _CLAUSE = re.compile(r"\S*\w\S*"), re.compile(r"\w+")


def address_at(url: str, text: str, start: int, end: int) -> str:
    """Return the address of a page that opens at `text[start:end]`; unchanged if that would be too long."""
    terms = _terms(text, start, end)
    if not terms or _DIRECTIVE in url:
        return url
    address = f"{url}{'' if '#' in url else '#'}{_DIRECTIVE}{','.join(map(_encoded, terms))}"
    return address if len(address) <= LONGEST else url


def _terms(text: str, start: int, end: int) -> list[str]:
    """Return the first and the last words of a sentence, or the whole of a short one."""
    sentence = text[start:end]
    if sentence.startswith("|"):  # the row of a table
        cells = [cell for cell in _CELL_ENDS.split(sentence) if cell]
        return [cells[0], cells[-1]] if len(cells) > 1 else cells
    bullet = _BULLET.match(sentence)
    words = _words(sentence, bullet.end() if bullet else 0)
    if not words:
        return []
    whole = sentence[words[0][0] : words[-1][1]]
    if FEWEST_WORDS <= len(words) < FEWEST_APART:
        return [whole]
    page = _folded(text) if len(text) <= MOST_TEXT else ""
    first = _until_single(page, [sentence[words[0][0] : word[1]] for word in words])
    last = _until_single(page, [sentence[word[0] : words[-1][1]] for word in reversed(words)])
    return [first, last] if len(first) + len(last) < len(whole) else [whole]


def _words(sentence: str, start: int) -> list[tuple[int, int]]:
    """Return the offsets of the words, without signs at either end of the sentence; of clauses if no spaces part words."""
    words = [match.span() for match in _WORD.finditer(sentence, start)]
    clauses = [match.span() for match in _CLAUSE.finditer(sentence, start)]
    if not clauses:
        return []
    if len(words) < FEWEST_WORDS:
        return [clauses[0], clauses[-1]]
    words[0], words[-1] = (clauses[0][0], words[0][1]), (words[-1][0], clauses[-1][1])
    return words


def _until_single(page: str, growing: Sequence[str]) -> str:
    """Return the shortest of growing terms that stands only once in a page, else the longest."""
    terms = growing[FEWEST_WORDS - 1 : MOST_WORDS] or growing
    return next((term for term in terms if page.count(_folded(term)) <= 1), terms[-1])


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _encoded(term: str) -> str:
    """Write a term for an address; `-`, `,` and `&` mean something there."""
    return quote(" ".join(term.split()), safe="", errors="replace").replace("-", "%2D")
