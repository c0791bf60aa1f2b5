"""A paragraph of AsciiDoc -> its text as a reader sees it."""

import html
import re
from collections.abc import Callable, Mapping

from retrieval.readers.signs import GONE, WRAP, close_gaps, keep_whole, unwrap

CODE_SIGN = "\U0010fff6"  # where a code span stood
CODE = re.compile(
    r"``(?=\S)(.+?)(?<=\S)``|(?<![\w\\`\"'])`(?=[^\s`])([^`]*?)(?<=\S)`(?![\w`\"'])|\+\+\+(.+?)\+\+\+", re.DOTALL
)
ATTRIBUTE = re.compile(r"(?<!\\)\{(?:counter2?:)?([\w-]+)\}")
ATTRIBUTES = {
    "nbsp": "\u00a0", "sp": " ", "empty": "", "plus": "+", "cpp": "C++", "amp": "&", "lt": "<", "gt": ">", "apos": "'",
    "quot": '"', "asterisk": "*", "vbar": "|", "startsb": "[", "endsb": "]", "caret": "^", "tilde": "~", "deg": "°",
    "zwsp": "", "wj": "", "rsquo": "’", "lsquo": "‘", "ldquo": "“", "rdquo": "”", "backslash": "\\", "backtick": "`",
}  # fmt: skip
TARGET = r"[^\s\[]{0,2000}"  # bounds, since each beginning looks for its end
LABEL = r"\[((?:\\\]|[^\]]){0,2000})\]"
HARD_BREAK = re.compile(r" \+\n")
Shown = str | Callable[[re.Match[str]], str]
MACROS: tuple[tuple[re.Pattern[str], Shown], ...] = (
    (re.compile(rf"(?:image|icon|video|anchor|indexterm2?):{TARGET}{LABEL}|\[\[[^\[\]]+\]\]|\(\(\([^()]*\)\)\)"), GONE),
    (re.compile(rf"(?:link|mailto|xref):({TARGET}){LABEL}"), lambda found: _link(found[1], found[2])),
    (re.compile(rf"\b((?:https?|ftp|irc)://[^\s\[\]<>]{{1,2000}}){LABEL}"), lambda found: _link(found[1], found[2])),
    (
        re.compile(rf"{GONE}[^\s\[\]<>]{{0,2000}}{LABEL}"),
        lambda found: _link("", found[1]),
    ),  # an address that begins with {{x}}
    (re.compile(r"<<([^<>,]+)(?:,([^<>]*))?>>"), lambda found: _link(found[1], found[2] or "")),
    (
        re.compile(rf"menu:([^\s\[]{{1,2000}}){LABEL}"),
        lambda found: f"{found[1]} > {found[2]}" if found[2] else found[1],
    ),
    (re.compile(rf"(?:kbd|btn|pass|stem|latexmath|asciimath|term):\w*{LABEL}"), r"\1"),
    (re.compile(r"\(\(([^()]+)\)\)"), r"\1"),
)
QUOTES = (
    (re.compile(r"\"`(.+?)`\"", re.DOTALL), "“\\1”"),
    (re.compile(r"'`(.+?)`'", re.DOTALL), "‘\\1’"),
    (re.compile(r"(?:\[[^\[\]\n]*\])?##(?=\S)(.+?)##", re.DOTALL), r"\1"),
    (re.compile(r"(?:\[[^\[\]\n]*\])?(?<![\w\\#&])#(?=[^\s#])([^#]+?)(?<=\S)#(?!\w)", re.DOTALL), r"\1"),
    (re.compile(r"(?<!\\)\*\*(?=\S)(.+?)\*\*", re.DOTALL), r"\1"),
    (re.compile(r"(?<![\w\\*])\*(?=[^\s*])([^*]+?)(?<=\S)\*(?!\w)", re.DOTALL), r"\1"),
    (re.compile(r"(?<!\\)__(?=\S)(.+?)__", re.DOTALL), r"\1"),
    (re.compile(r"(?<![\w\\_/])_(?=[^\s_])([^_]+?)(?<=\S)_(?!\w)", re.DOTALL), r"\1"),
    (re.compile(r"(?<!\\)[\^~](\S{1,40}?)[\^~]"), r"\1"),
)
ESCAPED = re.compile(r"\\(?=[*_`#^~{\[<(])")
MAX_PARAGRAPH = 20_000  # characters in which marks are looked for, since each looks for its partner


def inline_text(source: str, attributes: Mapping[str, str]) -> str:
    """Return the text of a paragraph, with a line feed where a reader sees a line break."""
    code: list[str] = []

    def _keep(found: re.Match[str]) -> str:
        content = next(filter(None, found.groups()), "")
        code.append(keep_whole(ESCAPED.sub("", content.strip("+").replace(WRAP, " "))))
        return CODE_SIGN

    text = HARD_BREAK.sub("\r", source).replace("\n", WRAP).replace("\r", "\n")
    text = ATTRIBUTE.sub(lambda found: attributes.get(found[1], ATTRIBUTES.get(found[1], GONE)), text)
    if len(text) <= MAX_PARAGRAPH:
        text = CODE.sub(_keep, text)
        for pattern, shown in (*MACROS, *QUOTES):
            text = pattern.sub(shown, text)
    text = html.unescape(ESCAPED.sub("", text))
    for span in code:
        text = text.replace(CODE_SIGN, span, 1)
    return unwrap(close_gaps(text))


def _link(target: str, label: str) -> str:
    """Return what is seen of a link: its text, or else its address or the place that it leads to."""
    label = label.partition(",role=")[0].removesuffix("^").replace("\\]", "]").strip('"')
    named = target.partition("#")[2] or target.removesuffix(".adoc")
    return keep_whole(label or (target if "://" in target else named))
