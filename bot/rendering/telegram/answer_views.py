"""What the buttons under an answer show: the passage around a sentence, why it was chosen, what is copied."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from bot.rendering import messages
from bot.rendering.lengths import ELLIPSIS, beginning, ending, shorten, utf16_units
from bot.rendering.telegram.answer_html import answer_html, snippets_html
from bot.rendering.telegram.citation import Citing
from bot.rendering.telegram.escaping import MESSAGE_UNITS, escape, one_line, own_html, units
from bot.rendering.texts import Own, Texts
from retrieval import Explanation, FoundWord, Match
from retrieval.records import Block, Hit, Snippet

COPY_UNITS = 256  # that a button can copy
_WHY_UNITS = 1200
_SEPARATOR_UNITS = 8  # between two passages, and the line ends within one
_ROUNDED, _MOST_CERTAIN = 5, 95  # per cent
_RULE = re.compile(r"\|[|\-: ]+")
Passage = Sequence[Block]


def more_html(snippets: Sequence[Snippet], citing: Citing) -> str:
    """Show what fits less well than the answer."""
    head = f"<i>{own_html(citing.texts(messages.LESS_LIKELY))}</i>\n"
    return head + snippets_html(snippets, citing, MESSAGE_UNITS - units(head))


def context_html(passages: Sequence[tuple[Snippet, Passage]], citing: Citing) -> str:
    """Show sentences in bold within their passages, which unfold when touched, with their source; no passage twice."""
    shown: list[tuple[Snippet, Passage]] = []
    for snippet, passage in passages:
        if not any(_holds(others, other.hit, snippet.hit) for other, others in shown):
            shown.append((snippet, passage))
    most = MESSAGE_UNITS // len(shown) - _SEPARATOR_UNITS
    return "\n\n".join(_in_context(snippet, passage, citing, most) for snippet, passage in shown)


def _holds(passage: Passage, of: Hit, hit: Hit) -> bool:
    """Whether a hit stands in the passage of another."""
    return of.version == hit.version and any(block.start <= hit.start < block.end for block in passage)


def _in_context(snippet: Snippet, passage: Passage, citing: Citing, most: int) -> str:
    source = citing.source(snippet)
    if not passage:
        return f"{own_html(citing.texts(messages.NO_CONTEXT))}\n{source}"
    shown = _cut_passage(passage, snippet.hit, most - units(source))
    groups = groupby(shown, lambda cut: cut.block.kind in {"code", "table"})
    parts = [_fixed(group) if is_fixed else _quoted(group) for is_fixed, group in groups]
    return "\n".join([*parts, source])


class _Cut(NamedTuple):
    """A block as far as there is room: what is before, in and after the sentence; of other blocks only the first."""

    block: Block
    before: str
    sentence: str = ""
    after: str = ""


def _cut_passage(passage: Passage, hit: Hit, most: int) -> list[_Cut]:
    """Cut a passage to at most so many units; the other blocks get what the one with the sentence leaves."""
    own = next(block for block in passage if block.start <= hit.start < block.end)
    start, end = hit.start - own.start, hit.end - own.start
    sentence = shorten(own.text[start:end], most)
    room = most - utf16_units(sentence)
    before = _ending(own.text[:start], room // 2)
    after = shorten(own.text[end:], room - utf16_units(before)) if room > utf16_units(before) else ""
    room = (room - utf16_units(before + after)) // max(len(passage) - 1, 1) - _SEPARATOR_UNITS
    cut = []
    for block in passage:
        if block is own:
            cut.append(_Cut(block, before, sentence, after))
        elif room > 0:
            is_led = block.start < own.start and block.kind == "text"
            cut.append(_Cut(block, _ending(block.text, room) if is_led else shorten(block.text, room)))
    return cut


def _ending(text: str, most: int) -> str:
    return text if utf16_units(text) <= most else ELLIPSIS + ending(text, most - 1)


def _fixed(group: Iterable[_Cut]) -> str:
    """Show code and tables as they are set, without the rule below a table's header."""
    lines = [line for cut in group for line in "".join(cut[1:]).split("\n") if not _RULE.fullmatch(line)]
    shown = escape("\n".join(lines))
    return f"<pre>{shown}</pre>"


def _quoted(group: Iterable[_Cut]) -> str:
    blocks = []
    for cut in group:
        sentence = f"<b>{one_line(cut.sentence)}</b>" if cut.sentence else ""
        blocks.append(_lines(cut.block, cut.before) + sentence + _lines(cut.block, cut.after))
    shown = "\n\n".join(blocks)
    return f"<blockquote expandable>{shown}</blockquote>"


def _lines(block: Block, text: str) -> str:
    """Escape text; only the items of a list keep their lines."""
    if block.kind != "list":
        return one_line(text)
    return escape("\n".join(line for line in text.split("\n") if line.strip()) if text.strip() else text)


def why_html(explanation: Explanation, citing: Citing) -> str:
    """Show an answer with a list of what was found where below it."""
    lines = map(own_html, _reasons(explanation, citing.texts))
    why = f"\n\n<b>{own_html(citing.texts(messages.WHY))}</b>\n" + "\n".join(f"• {line}" for line in lines)
    while units(why) > _WHY_UNITS:
        why = why[: why.rindex("\n")]
    return answer_html(explanation.answer, citing, most=MESSAGE_UNITS - units(why)) + why


def _reasons(explanation: Explanation, texts: Texts) -> Iterator[Own]:
    answer = explanation.answer
    words = [word for word in _words(explanation) if not word.grammar and word.match is not Match.ALIKE]
    for place, sentence in messages.WHY_PLACES.items():
        found = [word.word for word in words if word.places[:1] == (place,)]
        if found:
            yield texts(sentence, words=messages.quoted(found, texts))
    yield from _other_forms(_words(explanation), texts)
    if not words:
        yield texts(messages.WHY_NOTHING)
    if explanation.unknown:
        yield texts(messages.WHY_UNKNOWN, words=messages.quoted(explanation.unknown, texts))
    percent = min(_ROUNDED * round(100 * answer.p_right / _ROUNDED), _MOST_CERTAIN)
    yield texts(messages.WHY_CERTAINTY, percent=percent)


def _other_forms(words: Sequence[FoundWord], texts: Texts) -> Iterator[Own]:
    for word in words:
        if word.found and not word.grammar and word.found.casefold() != word.word.casefold():
            said = messages.WHY_ALIKE if word.match is Match.ALIKE else messages.WHY_FORM
            yield texts(said, word=word.word, found=word.found)


def _words(explanation: Explanation) -> Sequence[FoundWord]:
    """Return the words of the hit that is cited first; of several articles with the same sentence not always the best."""
    cited = explanation.answer.snippets[0].hit
    same = (one for one in explanation.hits if (one.hit.article, one.hit.start) == (cited.article, cited.start))
    return next(same, *explanation.hits[:1]).words if explanation.hits else ()


def copied_text(snippet: Snippet, citing: Citing) -> str:
    """Return a quotation and its source as plain text that a button can copy: the link if there is room, else the title."""
    hit = snippet.hit
    title, link = shorten(messages.title(hit), COPY_UNITS // 4), citing.address(hit) or ""
    sources = [f"{title}, {link}" if link else title, f"{title}, {hit.url}" if hit.url else title, title]
    source = next((one for one in sources if utf16_units(one) <= COPY_UNITS // 2), title)
    room = COPY_UNITS - utf16_units(f"“”\n— {source}")
    quoted = " ".join(hit.text.split())
    cut = quoted if utf16_units(quoted) <= room else beginning(quoted, room - 1)
    return f"“{cut}”{'' if cut == quoted else ELLIPSIS}\n— {source}"
