"""An article, or a passage of it -> lines for a terminal: code and tables are unwrapped, as they stand."""

from collections.abc import Iterable, Iterator

from bot.rendering.ages import dated
from bot.rendering.operator_messages import count
from bot.rendering.terminal.answer_lines import BOLD, DIM, PLAIN, Layout, Mark, citation, text_lines
from bot.rendering.terminal.layout import printable
from retrieval.records import Article, Block, Hit, StoredArticle

_FENCES = ("```", "~~~")
_UNWRAPPED = ("|", "    ", "\t")  # a row of a table, code


def article_lines(stored: StoredArticle, article: Article, look: Layout = PLAIN) -> Iterator[str]:
    """Show an article: its title, where it comes from and how long it is, then its text."""
    yield from text_lines(stored.title or stored.id, look, style=BOLD)
    source = stored.url or stored.origin
    sizes = count(stored.sentences, "sentence")
    facts = (stored.id, source, dated(stored.published, look.today), stored.author, stored.language, sizes)
    yield from text_lines(" · ".join(dict.fromkeys(filter(None, facts))), look, style=DIM)
    yield ""
    yield from whole_lines(article.text, look)


def whole_lines(text: str, look: Layout = PLAIN) -> Iterator[str]:
    """Show a text of many lines; those of code blocks and tables are not wrapped."""
    in_code = False
    for line in text.split("\n"):
        is_fence = line.lstrip().startswith(_FENCES)
        if in_code or is_fence or line.startswith(_UNWRAPPED) or not line.strip():
            yield printable(line.expandtabs(4)).rstrip()
        else:
            yield from text_lines(line, look)
        in_code ^= is_fence


def is_as_it_stands(block: Block) -> bool:
    """Whether the lines of a block are shown as they are."""
    return block.kind in {"code", "table"}


def passage_lines(hit: Hit, blocks: Iterable[Block], look: Layout = PLAIN) -> Iterator[str]:
    """Show a hit among the blocks around it, its own marked, and cite it."""
    for block in blocks:
        here = block.start <= hit.start < block.end
        first, rest = ("> ", "  ") if here else ("  ", "  ")
        if is_as_it_stands(block):
            for number, line in enumerate(block.text.split("\n")):
                yield (rest if number else first) + printable(line.expandtabs(4)).rstrip()
        else:
            at = hit.start - block.start
            for part in block.text.split("\n") if block.kind == "list" else [block.text]:
                marks = [Mark(max(at, 0), at + len(hit.text), BOLD)] if here and at + len(hit.text) > 0 else []
                yield from text_lines(part, look, marks, first=first, rest=rest)
                first, at = rest, at - len(part) - 1
        yield ""
    yield from text_lines(citation(hit, look.today), look, first="  ", rest="  ", style=DIM)
