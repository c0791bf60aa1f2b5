"""A cited sentence -> the passage it stands in: its paragraph, list, table or code block, and those on either side."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from retrieval.records import Block, BlockKind, Kind, Sentence, Version

FENCES = ("```", "~~~")
_SHOWN = frozenset({Kind.BODY, Kind.LIST, Kind.CAPTION})  # of paragraphs; the rest is furniture of a page


def find_passage(version: Version, start: int) -> tuple[Block, ...]:
    """Return the block that holds an offset, between its neighbours as far as no heading parts them; () if none does."""
    blocks = list(_blocks(version.article.text, version.sentences))
    at = next((number for number, block in enumerate(blocks) if block.start <= start < block.end), None)
    if at is None:
        return ()
    around = blocks[max(at - 1, 0) : at + 2]
    return tuple(block for block in around if block.kind != "heading" or block is blocks[at])


def _blocks(text: str, sentences: Sequence[Sentence]) -> Iterator[Block]:
    fenced = _Fences()
    for (kind, _), group in groupby(sentences, lambda one: _kind_and_place(one, fenced)):
        parts = list(group)
        start, end = parts[0].start, parts[-1].end
        if kind == "code":
            yield _code(text, parts)
        elif kind is not None:
            yield Block(kind, start, end, text[start:end])


class _Fences:
    """Whether the sentences read so far end within a code block, and which."""

    def __init__(self) -> None:
        self.number, self.is_open = 0, False

    def hold(self, sentence: Sentence) -> bool:
        """Read the next sentence; return whether it belongs to a code block."""
        is_fence = sentence.kind is Kind.OTHER and sentence.text.startswith(FENCES)
        within = is_fence or self.is_open
        if is_fence:
            self.is_open = not self.is_open
            self.number += self.is_open
        return within


def _kind_and_place(sentence: Sentence, fenced: _Fences) -> tuple[BlockKind | None, int]:
    """Return the kind of the block that a sentence is part of, None for none, and what tells it from one beside it."""
    if fenced.hold(sentence):
        return "code", fenced.number
    if sentence.text.startswith("|"):
        return "table", 0
    if sentence.kind is Kind.HEADLINE:
        return "heading", sentence.paragraph
    if sentence.kind is Kind.LIST:
        return "list", 0
    return ("text" if sentence.kind in _SHOWN else None), sentence.paragraph


def _code(text: str, parts: Sequence[Sentence]) -> Block:
    """Return a code block without its fences, the indentation of its first line included."""
    first, last = (parts[0], parts[-1]) if len(parts) == 1 else (parts[1], parts[-1])
    start = text.rfind("\n", 0, first.start) + 1
    end = last.start if last.text.startswith(FENCES) else last.end
    return Block("code", parts[0].start, parts[-1].end, text[start:end].rstrip())
