"""An article -> lines for a terminal: where it comes from, then its text as it stands, code and tables unwrapped."""

from collections.abc import Iterator

from bot.rendering.ages import dated
from bot.rendering.operator_messages import count
from bot.rendering.terminal.answer_lines import BOLD, DIM, PLAIN, Layout, text_lines
from bot.rendering.terminal.layout import printable
from retrieval.records import Article, StoredArticle

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
