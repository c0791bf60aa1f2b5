"""Rules for what markdown-it does not know: the block syntax of MkDocs, Docusaurus, Obsidian, Hugo and their like.

A rule is called with a line at which a block may begin. It returns whether one does and, unless `silent`, adds its
tokens and moves `state.line` behind it. Code blocks are known before any rule is asked.
"""

import re
from collections.abc import Callable

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

from retrieval.readers.markdown_directives import OPTION, WITHOUT_MARKDOWN
from retrieval.readers.template_tags import FIRST, HiddenTags

Rule = Callable[[StateBlock, int, int, bool], bool]

INDENTED = re.compile(r'(!{3}|\?{3}\+?|={3}[!+]*)[ ]*([\w-][\w -]*)?(?:"(.*)")?')  # !!! note "Title"
CONTAINER = re.compile(r":{3,}(?!:)[ ]*(?:\{?([\w:.-]+)\}?)?[ ]*(?:\[(.*)\]|([^{]*)).*")  # ::: note Title
BLOCK = re.compile(r"/{3,}[ ]*(?:([\w-]+)[ ]*(?:\|(.*))?)?")  # /// note | Title
MODULE = re.compile(r":::\s+\w+(?:[.:/]\w+)+\s*")  # whose documentation MkDocs puts there
FOLDED = frozenset({"details", "dropdown", "collapse", "faq", "question", "spoiler", "accordion"})
SNIPPET = re.compile(r"-+8<-+(.*)")  # a file to include, or between two such lines several
COMMENT = re.compile(r"%%(?:\s.*)?")
IMPORT = re.compile(r"""import\s+(?:[\w*{][^'"]*\sfrom\s+)?['"][^'"]+['"];?\s*""")
MODULE_CODE = re.compile(r"(?:import|export)\s.*")  # up to a blank line, in MDX
LABEL = re.compile(r"\([\w:./-]+\)=")
UNSPACED_HEADING = re.compile(r"(#{2,6})([^#\s].*)")
CODE_TAG = re.compile(r"\{(?:%-?|\{[<%])\s*(?:highlight|code(?!-group)|mermaid|math|katex|latex)\b")
CODE_END = re.compile(r"\{(?:%-?|\{[<%])\s*(?:/\s*|end)(?:highlight|code|mermaid|math|katex|latex)")
COMMENT_TAG = re.compile(r"\{%-?\s*comment\b|\{::comment")
COMMENT_END = re.compile(r"\{%-?\s*endcomment\b|\{:/(?:comment)?\}")
VARIABLE = re.compile(r"\$?\{\{(?![<%])")
CAPTION = re.compile(r"""\{\{<\s*figure\b.*?\bcaption\s*=\s*"([^"]*)\"""", re.DOTALL)
INDENT = 4


def add_block_rules(md: MarkdownIt, *, mdx: bool) -> None:
    """Add the rules to a parser, as one that may also end a paragraph, and another that may not."""
    md.block.ruler.before("fence", "by_sign", by_sign, {"alt": ["paragraph", "reference", "blockquote", "list"]})
    md.block.ruler.before("fence", "module_code", module_code if mdx else import_line)


def by_sign(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """Ask the rule for the first sign of a line, which most lines do not have."""
    start = state.bMarks[line] + state.tShift[line]
    rule = RULES.get(state.src[start : start + 1])
    return rule is not None and rule(state, line, end, silent)


def tag_line(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """Skip a line of template tags alone, with what stands between the tags of a comment; keep highlighted code."""
    hidden: HiddenTags = state.env["tags"]
    numbers = hidden.in_line(_line(state, line))
    tags = [hidden.tags[number] for number in numbers]
    if not tags or (silent and VARIABLE.match(tags[0])):  # a variable may be a word of the paragraph
        return False
    if silent:
        return True
    state.line = line + 1
    if CODE_TAG.match(tags[0]) and hidden.last(CODE_END) > numbers[0]:
        last = _line_with_tag(state, line + 1, end, CODE_END)
        _code(state, line + 1, last)
        state.line = min(last + 1, end)
    elif COMMENT_TAG.match(tags[0]) and hidden.last(COMMENT_END) > numbers[0]:
        state.line = min(_line_with_tag(state, line, end, COMMENT_END) + 1, end)
    for caption in filter(None, map(CAPTION.match, tags)):
        _paragraph(state, "paragraph", caption[1], line)
    return True


def _line_with_tag(state: StateBlock, first: int, end: int, closing: re.Pattern[str]) -> int:
    """Return the first line with a tag; `end` if there is none."""
    hidden: HiddenTags = state.env["tags"]
    for line in range(first, end):
        if any(closing.match(hidden.tags[number]) for number in hidden.in_line(_line(state, line))):
            return line
    return end


def indented_block(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """Read an admonition or tab: `!!! note "Title"`, `??? note "Title"` or `=== "Title"`, with its content indented."""
    opening = INDENTED.fullmatch(_line(state, line))
    if not opening or opening[3] is opening[2] is None:
        return False
    inner, last = state.blkIndent + INDENT, line + 1
    while last < end and (state.isEmpty(last) or state.sCount[last] >= inner):
        last += 1
    if opening[3] is None and (opening[1].startswith("=") or all(map(state.isEmpty, range(line + 1, last)))):
        return False
    if not silent:
        _title(state, opening[3] or "", line, folded=opening[1].startswith("?"))
        outer, limit = state.blkIndent, state.lineMax
        state.blkIndent, state.lineMax, state.level = inner, last, state.level + 1
        state.md.block.tokenize(state, line + 1, last)
        state.blkIndent, state.lineMax, state.level, state.line = outer, limit, state.level - 1, last
    return True


def container_line(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """Read the first or last line of a container (`::: tip Title`), whose content is ordinary Markdown.

    Options are indented below the first line, of `/// note | Title` and of a module's documentation; those of a directive
    (`:::{note}`) are not, and if its content is no Markdown, it reads like one between backticks.
    """
    text = _line(state, line)
    if fenced := WITHOUT_MARKDOWN.fullmatch(text):
        return silent or _fenced(state, line, end, *fenced.groups())
    container, block = CONTAINER.fullmatch(text), BLOCK.fullmatch(text)
    found = container or block
    if not found or silent:
        return found is not None
    name, title = (found[1] or "").lower(), (found[2] or (container and container[3]) or "").strip()
    state.line = line + 1
    while "{" in text and state.line < end and OPTION.fullmatch(_line(state, state.line)):
        state.line += 1
    if MODULE.fullmatch(text) or (block and name):
        while state.line < end and not state.isEmpty(state.line) and state.is_code_block(state.line):
            state.line += 1
    if not MODULE.fullmatch(text) and name != "html":
        _title(state, title, line, folded=name in FOLDED)
    return True


def _fenced(state: StateBlock, line: int, end: int, colons: str, info: str) -> bool:
    last = next((number for number in range(line + 1, end) if re.fullmatch(f"{colons}:*", _line(state, number))), end)
    _code(state, line + 1, last, info)
    state.line = min(last + 1, end)
    return True


def comment_block(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """Skip a comment of Obsidian: from a line that begins with `%%` to the next that ends with it."""
    text = _line(state, line)
    if not COMMENT.fullmatch(text) or ("%%" in text[2:] and not text[2:].endswith("%%")):
        return False
    last = line
    if not text[2:].endswith("%%"):
        if state.env.get("unclosed comment"):
            return False
        last = next((number for number in range(line + 1, end) if _line(state, number).endswith("%%")), -1)
        state.env["unclosed comment"] = last < 0
    if last >= 0 and not silent:
        state.line = last + 1
    return last >= 0


def snippet_line(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """Skip a line that includes a file (`--8<-- "file.md"`), or several between two lines of scissors."""
    scissors = SNIPPET.fullmatch(_line(state, line))
    if not scissors:
        return False
    if not silent:
        state.line = line + 1
        if not scissors[1].strip():
            closing = (number for number in range(line + 1, end) if SNIPPET.fullmatch(_line(state, number)))
            state.line = next(closing, line) + 1
    return True


def math_block(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """Read a formula between `$$` at the beginning of a line and `$$` at the end of one, as code."""
    text, last = _line(state, line), line
    if not text.startswith("$$"):
        return False
    if len(text) < len("$$x$$") or not text.endswith("$$"):
        lines = range(line + 1, end)
        last = next((number for number in lines if state.isEmpty(number) or _line(state, number).endswith("$$")), end)
        if last == end or state.isEmpty(last):
            return False
    if not silent:
        _code(state, line, last + 1)
        state.line = last + 1
    return True


def unspaced_heading(state: StateBlock, line: int, _end: int, silent: bool) -> bool:
    """Read `##Title`, which old parsers took for a heading; `#title` may be a tag."""
    found = UNSPACED_HEADING.fullmatch(_line(state, line))
    if not found:
        return False
    if not silent:
        _paragraph(state, "heading", found[2].rstrip("# "), line, tag=f"h{len(found[1])}")
        state.line = line + 1
    return True


def label_line(state: StateBlock, line: int, _end: int, silent: bool) -> bool:
    """Skip a label of MyST, `(name)=`."""
    if not LABEL.fullmatch(_line(state, line)):
        return False
    if not silent:
        state.line = line + 1
    return True


def import_line(state: StateBlock, line: int, _end: int, silent: bool) -> bool:
    """Skip an import of a component, which Docusaurus and VitePress allow in Markdown."""
    if silent or not IMPORT.fullmatch(_line(state, line)):
        return False
    state.line = line + 1
    return True


def module_code(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """Skip imports and exports of MDX, which end at a blank line."""
    if silent or not MODULE_CODE.fullmatch(_line(state, line)):
        return False
    state.line = next((number for number in range(line + 1, end) if state.isEmpty(number)), end)
    return True


def _line(state: StateBlock, line: int) -> str:
    """Return a line without its indentation and the marks of the blocks around it."""
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].rstrip()


def _title(state: StateBlock, title: str, line: int, *, folded: bool) -> None:
    if title:
        _paragraph(state, "title", title, line).meta = {"folded": folded}


def _paragraph(state: StateBlock, name: str, content: str, line: int, tag: str = "") -> Token:
    opening = state.push(f"{name}_open", tag, 1)
    inline = state.push("inline", "", 0)
    inline.content, inline.map, inline.children = content, [line, line + 1], []
    state.push(f"{name}_close", tag, -1)
    return opening


def _code(state: StateBlock, first: int, last: int, info: str = "") -> None:
    """Add the lines from `first` up to `last`, without it, as code."""
    fence = state.push("fence", "code", 0)
    fence.content, fence.info = state.getLines(first, last, state.blkIndent, True), info


RULES: dict[str, Rule] = {
    FIRST: tag_line,
    "!": indented_block,
    "?": indented_block,
    "=": indented_block,
    ":": container_line,
    "/": container_line,
    "%": comment_block,
    "-": snippet_line,
    "$": math_block,
    "#": unspaced_heading,
    "(": label_line,
}
