"""Markdown without front matter -> its blocks of readable text."""

import re
from collections.abc import Iterator
from itertools import chain
from textwrap import dedent
from typing import Any

from markdown_it.token import Token

from retrieval.readers import blocks
from retrieval.readers.html_text import html_to_text
from retrieval.readers.markdown_directives import CODE_DIRECTIVE, DIRECTIVE, OPTIONS, RST_DIRECTIVE, UNSEEN_DIRECTIVE
from retrieval.readers.markdown_inline import inline_text
from retrieval.readers.markdown_parser import markdown_parser
from retrieval.readers.signs import GONE, RESERVED, without_marks
from retrieval.readers.template_tags import HiddenTags

CALLOUT = re.compile(r"\[!([\w-]+)(?:\|[^\]\n]*)?\]([+-]?)[ ]*([^\n]*)(?:\n|\Z)")
TASK = re.compile(r"\[[ xX/<>!?*-]\]\s+")
NOT_READ = re.compile(r"\[?\[?_?toc_?\]?\]?|@\[toc\]|\$\{toc\}", re.IGNORECASE)  # a table of contents
SUMMARY = re.compile(r"<summary\b[^<>]*>((?:[^<]|<(?!/?summary\b))*)</summary\s*>", re.IGNORECASE)
COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
ANY_TAG = re.compile(r"<[^<>]*>")
CONTAINER_TAG = re.compile(
    r"</?(?:details|div|section|article|center|main|header|footer|aside|[A-Z]\w*|[a-z]+-[\w-]+)(?:\s[^<>]*)?/?>"
)
WITH_MARKDOWN = re.compile(r"""<\w[^<>]*\smarkdown(?:=["']?(?:1|true|block|span)["']?)?[\s>]""", re.IGNORECASE)
BLOCK_TAG = re.compile(
    r"</?(?:p|table|thead|tbody|tr|td|th|ul|ol|li|dl|dt|dd|pre|h[1-6]|blockquote|figure|figcaption|script|style|iframe"
    r"|video|audio|svg|template|hr|form|caption)\b",
    re.IGNORECASE,
)
HEADING = re.compile(r"(#{1,6}) (.*)")

PART = 1_000_000  # characters that are parsed together, and on to the end of a block
PART_END = re.compile(
    r"^(`{3,}|~{3,})|(?<=\n\n)(?:#|[^\W\d])", re.MULTILINE
)  # the fence of code, or a place where a block begins
DEFINITION = re.compile(r"^ {0,3}\[[^\]\n]{1,999}\]:[^\n]+", re.MULTILINE)  # of a link or footnote, for all parts

Tokens = Iterator[Token]


class MarkdownReader:
    """Reads a text; `title` is its first heading of level 1, once its blocks are read."""

    def __init__(self, text: str, *, mdx: bool) -> None:
        """Take a text without front matter."""
        self.title = ""
        self._hidden = HiddenTags(RESERVED.sub("", text), jsx=mdx)
        self._md = markdown_parser(mdx=mdx)
        self._env: dict[str, Any] = {"tags": self._hidden}
        self._level = 1  # of the heading that the next block stands under
        self._depth = 0  # of lists

    def blocks(self) -> Iterator[str]:
        """Yield the blocks of the text; a long one is parsed in parts, since the tokens of 10 MB take 300 MB."""
        text = self._hidden.text
        if len(text) > PART:
            self._md.parse("\n\n".join(found[0] for found in DEFINITION.finditer(text)), self._env)
        for part in _parts(text):
            yield from self._markdown(part)

    def _markdown(self, text: str) -> Iterator[str]:
        return self._until("", iter(self._md.parse(text, self._env)))

    def _until(self, end: str, tokens: Tokens) -> Iterator[str]:
        """Yield the blocks up to a token of the type `end`, which is taken too."""
        for token in tokens:
            if token.type == end:
                return
            yield from self._block(token, tokens)

    def _block(self, token: Token, tokens: Tokens) -> Iterator[str]:
        """Yield the blocks that a token begins; it takes their other tokens."""
        match token.type:
            case "heading_open":
                yield from self._heading(int(token.tag[1]), self._inline(next(tokens)))
            case "paragraph_open":
                yield from self._paragraph(next(tokens))
            case "title_open":
                yield from self._title(self._inline(next(tokens)), folded=token.meta["folded"])
            case "bullet_list_open" | "ordered_list_open":
                yield from self._list(token, tokens)
            case "blockquote_open":
                yield from self._quote(tokens)
            case "dl_open":
                yield from self._definitions(tokens)
            case "table_open":
                yield from self._table(tokens)
            case "fence" | "code_block":
                yield from self._code(token)
            case "html_block":
                yield from self._html(token.content)
            case _:  # rules, and the ends of what has been read
                return

    def _inline(self, token: Token) -> str:
        return inline_text(token.children or (), self._hidden)

    def _parsed(self, text: str) -> str:
        """Return the text of inline Markdown."""
        return "".join(map(self._inline, self._md.parseInline(text, self._env)))

    def _heading(self, level: int, text: str) -> Iterator[str]:
        text = blocks.one_line(text)
        if text:
            self._level = level
            if level == 1:
                self.title = self.title or without_marks(text)
            yield blocks.heading(level, text)

    def _paragraph(self, inline: Token) -> Iterator[str]:
        if NOT_READ.fullmatch(inline.content):
            return
        yield from blocks.paragraphs(self._inline(inline))
        notes = self._env.get("footnotes", {}).get("list", {})
        for token in inline.children or ():
            note = notes.get(token.meta.get("id"), {}) if token.type == "footnote_ref" else {}
            yield from blocks.paragraphs(inline_text(note.get("tokens", ()), self._hidden))

    def _title(self, title: str, *, folded: bool) -> Iterator[str]:
        """Yield the title of a box: a heading if it can be opened, or asks something."""
        if folded or blocks.is_question(title):
            yield blocks.heading(self._level + 1, title) if title else ""
        else:
            yield title

    def _list(self, opening: Token, tokens: Tokens) -> Iterator[str]:
        numbered = opening.type == "ordered_list_open"
        number, depth = int(opening.attrs.get("start", 1)), self._depth
        self._depth += 1
        for token in tokens:
            if token.type == opening.type.replace("open", "close"):
                break
            if token.type == "list_item_open":
                first, *rest = [*self._until("list_item_close", tokens)] or [""]
                yield from blocks.item(f"{number}." if numbered else "-", depth, [TASK.sub("", first, 1), *rest])
                number += 1
        self._depth = depth

    def _quote(self, tokens: Tokens) -> Iterator[str]:
        """Yield a quotation, or a box that is written like one: `> [!note] Title`."""
        opening, inline = next(tokens), next(tokens, None)
        callout = CALLOUT.match(inline.content) if inline and opening.type == "paragraph_open" else None
        if callout and inline:
            yield from self._title(self._parsed(callout[3]), folded=bool(callout[2]))
            yield from blocks.paragraphs(self._parsed(inline.content[callout.end() :]))
            yield from self._until("blockquote_close", tokens)
        else:
            read = [token for token in (opening, inline) if token]
            yield from map(blocks.quote, self._until("blockquote_close", chain(read, tokens)))

    def _definitions(self, tokens: Tokens) -> Iterator[str]:
        terms: list[str] = []
        for token in tokens:
            if token.type == "dl_close":
                return
            if token.type == "dt_open":
                terms.append(self._inline(next(tokens)))
            elif token.type == "dd_open":
                term, terms = blocks.one_line(", ".join(terms)), []
                yield from self._definition(term, list(self._until("dd_close", tokens)))

    def _definition(self, term: str, inner: list[str]) -> Iterator[str]:
        if blocks.is_question(term):
            yield blocks.heading(self._level + 1, term)
            yield from inner
        else:
            yield from blocks.definition(term, self._depth, inner)

    def _table(self, tokens: Tokens) -> Iterator[str]:
        rows: list[list[str]] = []
        for token in tokens:
            if token.type == "table_close":
                break
            if token.type == "tr_open":
                rows.append([])
            elif token.type == "inline":
                rows[-1].append(self._inline(token))
        yield blocks.table(rows, has_header=True)

    def _code(self, token: Token) -> Iterator[str]:
        info, content = self._hidden.restore(token.info).strip(), self._hidden.restore(token.content)
        if directive := DIRECTIVE.fullmatch(info):
            title = directive[2] if directive[1] in {"admonition", "dropdown", "card", "tab-item", "topic"} else ""
            yield from self._title(self._parsed(title), folded=directive[1] == "dropdown")
            yield from self._markdown(OPTIONS.sub("", token.content, 1))
        elif info == RST_DIRECTIVE:
            from retrieval.readers.rst import RstReader, parse_rst  # noqa: PLC0415 - few files have any

            yield from RstReader(parse_rst(content)).blocks()
        elif not UNSEEN_DIRECTIVE.fullmatch(info):
            is_directive = CODE_DIRECTIVE.fullmatch(info)
            yield blocks.code_block((OPTIONS.sub("", content, 1) if is_directive else content).removesuffix("\n"))

    def _html(self, html: str) -> Iterator[str]:
        """Yield the blocks of raw HTML; a summary is the heading of what can be unfolded below it."""
        html = COMMENT.sub("", html)
        html = self._hidden.restore(html) if "<pre" in html else self._hidden.remove(html).replace(GONE, "")
        before, *folded = SUMMARY.split(html)
        yield from self._html_part(before)
        for summary, after in zip(folded[::2], folded[1::2], strict=True):
            yield from self._title(blocks.one_line(html_to_text(summary)), folded=True)
            yield from self._html_part(after)

    def _html_part(self, html: str) -> Iterator[str]:
        """Yield the blocks of HTML, or of Markdown between tags that only contain or mark it."""
        if not ANY_TAG.sub("", html).strip():
            return
        bare = CONTAINER_TAG.sub("", html)
        if WITH_MARKDOWN.search(html):
            yield from self._markdown(dedent(ANY_TAG.sub("\n\n", html)))
        elif BLOCK_TAG.search(html):
            for block in html_to_text(html).split("\n\n"):
                heading = HEADING.fullmatch(block)
                yield from self._heading(len(heading[1]), heading[2]) if heading else [block]
        elif bare != html:
            yield from self._markdown(dedent(bare))
        else:
            yield from blocks.paragraphs(self._parsed(html.strip()))


def _parts(text: str) -> Iterator[str]:
    """Yield a text in parts, each of which ends at the beginning of a block outside of code."""
    start, fence = 0, ""
    for found in PART_END.finditer(text):
        if found[1]:
            fence = "" if fence and found[1].startswith(fence) else fence or found[1]
        elif not fence and found.start() - start > PART:
            yield text[start : found.start()]
            start = found.start()
    yield text[start:]
