"""Rules for inline syntax that markdown-it does not know: links of wikis and generators, marked text, formulas.

A rule is called with a place in a paragraph. It returns whether something that it knows begins there and, unless
`silent`, adds its tokens; it then moves `state.pos` behind it. Code spans are known before any rule is asked.
"""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

from retrieval.readers.template_tags import FIRST

WIKI_LINK = re.compile(r"(!?)\[\[(?! )([^\[\]|]{1,300})(?:\|([^\[\]]{1,300}))?\]\](?![(\[])")
CONTENTS = frozenset({"toc", "_toc_", "_tosp_"})
MARK = re.compile(r"==(?![\s=])((?:[^=]|=(?!=)){1,500}?)(?<!\s)==(?![=A-Za-z0-9])")
FORMULA = re.compile(r"\$\$?(?![\s$])([^$`]{1,1000}?)(?<![\s\\])\$\$?(?![\w$])")
FORMULA_SIGN = re.compile(r"[\\^_{}*=<>+]")
LABEL = re.compile(r"\[([^\[\]]{0,300})\]")
TARGET = re.compile(r"\((?=[^()\n]*[./#:])[^()\n]{1,1000}(?:\([^()\n]{0,200}\)[^()\n]{0,1000})?\)")

ADDRESS = re.compile(r"://[^\s<>`*|()\[\]]+")


def add_inline_rules(md: MarkdownIt) -> None:
    """Add the rules to a parser."""
    md.inline.ruler.before("link", "wiki_link", wiki_link)
    md.inline.ruler.after("image", "unresolved_link", unresolved_link)
    md.inline.ruler.before("emphasis", "address", address)
    md.inline.ruler.before("emphasis", "mark", mark)
    md.inline.ruler.before("emphasis", "formula", formula)
    md.inline.ruler.before("emphasis", "comment", comment)


def wiki_link(state: StateInline, silent: bool) -> bool:
    """Read a link of a wiki: `[[Page|text]]`, `[[Page#Section]]`, or `![[embedded]]`, which is not text."""
    found = WIKI_LINK.match(state.src, state.pos, state.posMax) if state.src[state.pos] in "[!" else None
    if not found:
        return False
    if not silent:
        page, _, section = found[2].partition("#")
        shown = found[3] or page or section.lstrip("#^")
        read = not found[1] and found[2].lower() not in CONTENTS
        state.push("text" if read else "gone", "", 0).content = " ".join(shown.split())
    state.pos = found.end()
    return True


def unresolved_link(state: StateInline, silent: bool) -> bool:
    """Read `[text][label]` whose label a generator knows, `[text](an address with spaces)` or `[text]{.class}`."""
    if state.src[state.pos] != "[" or _before(state).isalnum():
        return False
    close = state.md.helpers.parseLinkLabel(state, state.pos, True)
    label = LABEL.match(state.src, close + 1, state.posMax) if close >= 0 else None
    after = label or (TARGET.match(state.src, close + 1, state.posMax) if close >= 0 else None)
    if close < 0 or (label and label[1].isdigit()) or not (after or state.src.startswith(FIRST, close + 1)):
        return False
    if not silent:
        _tokenize(state, state.pos + 1, close)
    state.pos = after.end() if after else close + 1
    return True


def address(state: StateInline, silent: bool) -> bool:
    """Keep the signs of a bare address as they are: `https://example.org/__init__.py`."""
    found = ADDRESS.match(state.src, state.pos, state.posMax) if state.src[state.pos] == ":" else None
    if not found:
        return False
    kept = found[0].rstrip("_~")
    if not silent:
        state.push("text", "", 0).content = kept
    state.pos += len(kept)
    return True


def mark(state: StateInline, silent: bool) -> bool:
    """Read `==marked==` text."""
    before = _before(state)
    if state.src[state.pos] != "=" or before == "=" or (before.isascii() and before.isalnum()):
        return False
    found = MARK.match(state.src, state.pos, state.posMax)
    if not found:
        return False
    if not silent:
        _tokenize(state, *found.span(1))
    state.pos = found.end()
    return True


def formula(state: StateInline, silent: bool) -> bool:
    """Keep a formula (`$x_1$`) as it is; two prices are none."""
    if state.src[state.pos] != "$" or _before(state) == "$":
        return False
    found = FORMULA.match(state.src, state.pos, state.posMax)
    if not found or not FORMULA_SIGN.search(found[1]) or "](" in found[1] or "**" in found[1]:
        return False
    if not silent:
        state.push("code_inline", "", 0).content = found[0]
    state.pos = found.end()
    return True


def comment(state: StateInline, silent: bool) -> bool:
    """Skip `%%a comment%%` of Obsidian."""
    if not state.src.startswith("%%", state.pos):
        return False
    end = state.src.find("%%", state.pos + 2, state.posMax)
    if end < 0:
        return False
    if not silent:
        state.push("gone", "", 0)
    state.pos = end + 2
    return True


def _before(state: StateInline) -> str:
    """Return the character before the place, if there is one."""
    return state.src[max(state.pos - 1, 0) : state.pos]


def _tokenize(state: StateInline, start: int, end: int) -> None:
    """Add the tokens of a part of the paragraph."""
    limit, state.pos, state.posMax = state.posMax, start, end
    state.linkLevel += 1
    state.md.inline.tokenize(state)
    state.linkLevel -= 1
    state.posMax = limit
