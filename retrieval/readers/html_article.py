"""Which blocks of a page are its article: those that trafilatura finds, and what belongs to them.

trafilatura tells articles from the rest of a page better than rules of our own would, but it loses the form of tables,
lists, code and questions, and often the lead. So it only judges; the text is read from the page itself.
"""

import re
from collections.abc import Sequence

from lxml.etree import _Element

from retrieval.readers.html_elements import measure, own_names_of
from retrieval.readers.html_found import Known, squeezed
from retrieval.readers.html_text import Block, read_blocks

HTML_TAGS = {"head": "h2", "lb": "br", "list": "ul", "item": "li", "row": "tr", "cell": "td", "quote": "blockquote"}
ENOUGH_MATCHED = 0.3  # of the characters that trafilatura found
SHORTEST_PAGE = (
    200  # characters of an article that is nowhere in the tree of its page, or that trafilatura did not find
)
TOP = 8  # blocks
# Names of elements in which nothing belongs to the article that trafilatura did not find there.
BESIDE = re.compile(
    r"shar(?:e|ing)|social|hatnote|dablink|disambig|related|comment(?!ary)|author|byline|newsletter|promo|sponsor|advert|menu|footer|sidebar"
    r"|caption|credit|copyright|privacy|embed|message|factbox|textbox|widget|banner|recommend|popular|signup|subscri"
    r"|login|rating|modal|pop-?up|cookie|consent|breadcrumb|more-|(?:^|[\s_-])(?:ads?|tags?|meta|nav)(?:[\s_-]|$)",
    re.IGNORECASE,
)
# Names of what stands between the title and the text, often outside of the element that holds it.
LEAD = re.compile(
    r"(?:^|[\s_-])(?:lead|lede|intro|intro-?text|introduction|teaser-?(?:text|intro)|excerpt|standfirst|subtitle|sub-?headline"
    r"|dek|abstract|summary|vorspann|ingress|chapo|chapeau|entradilla|bajada|sottotitolo)(?:$|[\s_-])",
    re.IGNORECASE,
)
BESIDE_TAGS = frozenset(["aside", "footer", "form", "label", "nav", "time"])
# Names of elements in which nothing does at all.
NEVER = re.compile(
    r"author[-_]?(?:bio|box|info|desc)|entry-author|saboxplugin|next-?story|affiliate|comment[-_]?item|akismet|linklist"
    r"|copyright|photo-?credit|privacy|paywall|newsletter|read-?more-|disclosure"
    r"|(?:^|[\s_-])(?:(?:image-|photo-)?caption|wp-caption-text)(?:[\s_-]|$)",
    re.IGNORECASE,
)
MOST_LEFT = 0.3  # of the characters found: what has such names and holds more is the article
NEARLY_ALL = 0.9  # of the characters found are in the innermost element that is taken for the article
FORMED = frozenset(["caption", "code", "dd", "dt", "pre", "tr"])
MOST_LINKS = 0.5  # share of characters
POINTER_LINKS = 0.8  # share of characters in a line that only points to another page
LONGEST_POINTER = 200  # characters
SENTENCE_END = re.compile(r"""[.!?…:。！？؟۔।][\s"'”’»)\]]*$""")
SHORTEST_PROSE = 100  # characters of a paragraph that is surely none of the lines around a title
SHORTEST_LEAD = 40  # characters, if it ends as a sentence


def article_blocks(blocks: Sequence[Block], found: _Element, titles: Sequence[str]) -> list[Block]:
    """Return the blocks of the article; `found` is what trafilatura extracted, `titles` are those in the page's head."""
    known = Known.of(found)
    taken = {number for number, block in enumerate(blocks) if known.has(block)}
    size = sum(len(squeezed(blocks[number].text)) for number in taken)
    if size < ENOUGH_MATCHED * known.size and known.size >= SHORTEST_PAGE:  # it comes from a script
        return _own_blocks(found)
    return [blocks[number] for number in sorted(_Selection(blocks, taken).complete(titles))] if taken else []


def _own_blocks(found: _Element) -> list[Block]:
    for element in found.iter():
        element.tag = HTML_TAGS.get(element.tag, element.tag)
    return list(read_blocks(found))


class _Selection:
    """The numbers of the blocks that are taken for the article."""

    def __init__(self, blocks: Sequence[Block], found: set[int]) -> None:
        self._blocks, self._taken = blocks, found
        self._measured = measure(next(iter(blocks[0].element.iterancestors("html")), blocks[0].element))
        self._named: dict[tuple[_Element, re.Pattern[str]], bool] = {}
        self._take_tables_whole()
        self._found = self._characters_found()
        self._root = self._innermost()

    def complete(self, titles: Sequence[str]) -> set[int]:
        """Return the blocks that were found, with those that belong to them, without those that never do."""
        self._leave_above(titles)
        self._leave_pointers()
        self._leave_never()
        found = sorted(self._taken)
        if found:
            self._take_between(found)
            self._take_lead(found, titles)
            self._take_alike(found)
            self._take_headings()
        return self._taken

    def _take_tables_whole(self) -> None:
        tables: dict[_Element, list[int]] = {}
        for number, block in enumerate(self._blocks):
            table = next(block.element.iterancestors("table"), None)
            if table is not None and block.element.tag in {"tr", "caption"}:
                tables.setdefault(table, []).append(number)
        for numbers in tables.values():
            if len(self._taken.intersection(numbers)) * 2 >= len(numbers):
                self._taken.update(numbers)
            else:
                self._taken.difference_update(numbers)

    def _characters_found(self) -> dict[_Element, int]:
        """Count the characters that were found in each element; elements without any are not there."""
        found: dict[_Element, int] = {}
        for number in self._taken:
            block = self._blocks[number]
            for element in (block.element, *block.element.iterancestors()):
                found[element] = found.get(element, 0) + len(block.text)
        return found

    def _innermost(self) -> _Element:
        """Return the innermost element with nearly all that was found."""
        root = max(self._found, key=self._found.__getitem__)
        whole = self._found[root]
        while inner := [child for child in root if self._found.get(child, 0) >= NEARLY_ALL * whole]:
            root = inner[0]
        return root

    def _links(self, number: int) -> float:
        """Return the share of characters that are in links, of the whole table for a row."""
        element = self._blocks[number].element
        if element.tag == "tr":
            element = next(element.iterancestors("table"), element)
        return 1.0 if next(element.iterancestors("a"), None) is not None else self._measured[element].link_share

    def _has_name(self, element: _Element, names: re.Pattern[str]) -> bool:
        """Whether the class or id of an element has one of some names; remembered, as many blocks may be in it."""
        key = element, names
        if key not in self._named:
            self._named[key] = names.search(own_names_of(element)) is not None
        return self._named[key]

    def _leave_above(self, titles: Sequence[str]) -> None:
        """Leave lines above the title that are no sentences: the name of the site, a date, a trail of links."""
        taken = sorted(self._taken)[:TOP]
        title = next(
            (
                number
                for number in taken
                if _is_heading(self._blocks[number]) and self._blocks[number].text.lstrip("# ") in titles
            ),
            0,
        )
        for number in taken:
            if number < title and not SENTENCE_END.search(self._blocks[number].text):
                self._taken.discard(number)

    def _leave_pointers(self) -> None:
        """Leave lines that only point to other pages; the items of a list of links were judged together."""
        for number in list(self._taken):
            block = self._blocks[number]
            line = block.element.tag not in {*FORMED, "li"} and len(block.text) <= LONGEST_POINTER
            if line and self._links(number) >= POINTER_LINKS and _leads_elsewhere(block.element):
                self._taken.discard(number)

    def _leave_never(self) -> None:
        left = {number for number in self._taken if self._is_never(self._blocks[number].element)}
        characters = sum(len(self._blocks[number].text) for number in left)
        if characters < MOST_LEFT * self._found[self._root]:
            self._taken -= left

    def _is_never(self, element: _Element) -> bool:
        for around in (element, *element.iterancestors()):
            if around is self._root or self._found[around] > MOST_LEFT * self._found[self._root]:
                return False
            if self._has_name(around, NEVER):
                return True
        return False

    def _belongs(self, number: int, *, anywhere: bool = False) -> bool:
        """Whether a block stands beside what was found, by the names of the elements that hold it alone."""
        element = self._blocks[number].element
        if self._links(number) >= MOST_LINKS:
            return False
        for around in (element, *element.iterancestors()):
            if around in self._found:
                return anywhere or around is self._root or self._root in around.iterancestors()
            hidden = around.get("aria-hidden") == "true" or "none" in (around.get("style") or "")
            if hidden or around.tag in BESIDE_TAGS or self._has_name(around, BESIDE):
                return False
        return False

    def _take_between(self, found: Sequence[int]) -> None:
        """Take sentences, items, tables and code between what was found, and tables and code behind it."""
        for number in range(found[0], len(self._blocks)):
            block = self._blocks[number]
            formed = block.element.tag in (FORMED if number > found[-1] else {*FORMED, "li"})
            sentence = number < found[-1] and SENTENCE_END.search(block.text) and not _is_heading(block)
            if (formed or sentence) and self._belongs(number):
                self._taken.add(number)

    def _take_alike(self, found: Sequence[int]) -> None:
        """Take prose in boxes like those of the prose that was found: an article may be laid out in several."""
        boxes = {self._box(number) for number in found if self._is_prose(number)} - {""}
        for number in set(range(len(self._blocks))) - self._taken:
            if self._is_prose(number) and self._box(number) in boxes and self._belongs(number, anywhere=True):
                self._taken.add(number)

    def _is_prose(self, number: int) -> bool:
        block = self._blocks[number]
        return len(block.text) >= SHORTEST_PROSE and not _is_heading(block) and bool(SENTENCE_END.search(block.text))

    def _box(self, number: int) -> str:
        """Return the classes of the element around a paragraph."""
        around = self._blocks[number].element.getparent()
        return "" if around is None or around.tag in {"body", "html"} else (around.get("class") or "").strip()

    def _take_lead(self, found: Sequence[int], titles: Sequence[str]) -> None:
        """Take what stands between the title and the first long paragraph."""
        prose = (number for number in found if len(self._blocks[number].text) >= SHORTEST_PROSE)
        first = next((number for number in prose if not _is_heading(self._blocks[number])), found[0])
        above = [number for number in range(first) if _is_heading(self._blocks[number])]
        title = [number for number in above if self._blocks[number].text.lstrip("# ") in titles]
        title = title or [number for number in above if self._blocks[number].text.startswith("# ")]
        for number in range(first):
            text, below = self._blocks[number].text, bool(title) and number > title[-1]
            sentence = len(text) >= SHORTEST_LEAD and SENTENCE_END.search(text)
            named = len(text) >= SHORTEST_LEAD and (below or not title) and self._is_named_lead(number)
            if ((below and (sentence or len(text) >= SHORTEST_PROSE)) or named) and self._belongs(
                number, anywhere=True
            ):
                self._taken.add(number)

    def _is_named_lead(self, number: int) -> bool:
        """Whether a block is called a lead, within the <article> or <main> of what was found."""
        element = self._blocks[number].element
        around = next(self._root.iterancestors("article", "main"), None)
        named = any(self._has_name(one, LEAD) for one in (element, element.getparent()) if one is not None)
        return named and (around is None or around in element.iterancestors())

    def _take_headings(self) -> None:
        """Take the headings of what was taken, but not the last ones with nothing below them."""
        for number in range(max(self._taken) - 1, min(self._taken), -1):
            if number + 1 in self._taken and _is_heading(self._blocks[number]) and self._belongs(number):
                self._taken.add(number)
        last = max((number for number in self._taken if not _is_bare_heading(self._blocks[number])), default=-1)
        self._taken = {number for number in self._taken if number <= last}


def _is_heading(block: Block) -> bool:
    return block.text.startswith("#")


def _is_bare_heading(block: Block) -> bool:
    return _is_heading(block) and not SENTENCE_END.search(block.text)


def _leads_elsewhere(element: _Element) -> bool:
    """Whether the links in or around an element are to other pages."""
    links = [*element.iter("a"), *element.iterancestors("a")]
    return any(not (link.get("href") or "#").startswith(("#", "mailto:", "tel:")) for link in links)
