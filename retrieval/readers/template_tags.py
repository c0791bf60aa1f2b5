"""Hide from a parser of Markdown what a site's generator replaces before anybody reads the page.

Template tags (Liquid, Jinja), shortcodes (Hugo), attribute lists (kramdown, MkDocs) and JSX (MDX) each become a sign
with a number. Afterwards the signs are removed from text, and in code the tags are put back.
"""

import re

from retrieval.readers.signs import GONE

# Around the number of a tag: punctuation, so that a parser sees that `**bold**{.class}` ends emphasis. No text has these
# characters, of a script for sign languages.
FIRST, LAST = "\U0001da87", "\U0001da88"
SIGN = re.compile(f"{FIRST}(\\d+){LAST}")
RESERVED = re.compile(f"[{FIRST}{LAST}]")
ONLY_SIGNS = re.compile(f"(?:{FIRST}\\d+{LAST}\\s*)+")

# None contains a backtick, so that `{{` in one code span and `}}` in the next are no tag. All stop at the next brace
# that does not fit, so that each character is looked at a few times at most.
BRACES = r"\{[^{}`]*(?:\{[^{}`]*(?:\{[^{}`]*\}[^{}`]*)*\}[^{}`]*)*\}"
NAME = r"[A-Za-z_][\w:.-]*"
CLASS_OR_ID = r"(?:\.-?[A-Za-z_][\w:-]*|\#[^\s{}`.\#]+)"
ATTRIBUTE = rf"""(?:{CLASS_OR_ID}|{NAME}=(?:"[^"\n`]*"|'[^'\n`]*'|[^\s"'{{}}`]+))"""
TAGS = (
    r"\$?\{\{[^{}`]*(?:\{[^{}`]*\}[^{}`]*)*\}\}",  # {{ variable }}, {{< shortcode >}}
    r"\{%[^{}%`]*(?:(?:%(?!\})|\{[^{}`]*\}|\{\{[^{}`]*\}\})[^{}%`]*)*%\}",  # {% tag %}
    r"\{\#\s[^{}\#`]*(?:\#(?!\})[^{}\#`]*)*\#\}",  # {# comment #}
    r"\{![^{}\n`]*!\}|\{\*[^{}\n`]*\*\}",  # {! file to include !}
    rf"\{{:?[ ]*{CLASS_OR_ID}(?:\s+(?:{ATTRIBUTE}|{NAME}))*[ ]*\}}",  # {#id .class key=value}
    rf"(?<![\w^_}}\\])\{{:?[ ]*{ATTRIBUTE}(?:\s+(?:{ATTRIBUTE}|{NAME}))*[ ]*\}}",  # {key=value}, but not \sum_{i=1}
    r"\{:{1,2}/?[ ]?[A-Za-z][^{}\n`]*\}|\{:/\}",  # {:toc}
    r"<!--(?:[^`<-]|<(?!!--)|-(?!->))*-->",
    rf"(?<=[)\]`])\{{[ ]*{NAME}[ ]*\}}",  # [link](x){ data-preview }
)
JSX_ATTRIBUTES = rf"""(?:\s+(?:{NAME}(?:\s*=\s*(?:"[^"`]*"|'[^'`]*'|{BRACES}))?|{BRACES}))*"""
JSX = (rf"<[A-Za-z][\w.-]*{JSX_ATTRIBUTES}\s*/?>", r"</[A-Z][\w.]*\s*>", "</?>", BRACES)
TAG = re.compile("|".join(TAGS))
TAG_OR_JSX = re.compile("|".join((*JSX, *TAGS)))
HTML = re.compile(r"<[a-z][^{]*\Z")  # no JSX
STRING = re.compile(r"""\{\s*(["'])(.*?)\1\s*\}""", re.DOTALL)  # {' '} of JSX
VARIABLE = re.compile(r"\$?\{\{(?![<%])")
BLANK_LINE = re.compile(r"\n[ \t>]*\n")


class HiddenTags:
    """The tags of a text by number, and the text with signs in their place."""

    def __init__(self, text: str, *, jsx: bool) -> None:
        """Hide the tags of a text, with `jsx` those of MDX too."""
        self.tags: list[str] = []
        self._last: dict[re.Pattern[str], int] = {}
        text = text if text.isascii() else RESERVED.sub("", text)
        self.text = (TAG_OR_JSX if jsx else TAG).sub(self._hide, text) if jsx or "{" in text or "<!--" in text else text

    def _hide(self, match: re.Match[str]) -> str:
        tag = match[0]
        if BLANK_LINE.search(tag) or HTML.match(tag):
            return tag
        self.tags.append(tag)
        return f"{FIRST}{len(self.tags) - 1}{LAST}"

    def restore(self, text: str) -> str:
        """Put the tags back, for code."""
        return SIGN.sub(lambda sign: self.tags[int(sign[1])], text)

    def remove(self, text: str) -> str:
        """Leave a mark where a tag stood, or the string that an expression of JSX is."""
        return SIGN.sub(self._seen, text)

    def _seen(self, sign: re.Match[str]) -> str:
        string = STRING.fullmatch(self.tags[int(sign[1])])
        return string[2] if string else GONE

    def in_line(self, line: str) -> list[int]:
        """Return the numbers of the tags of a line that holds nothing else; [] for any other line."""
        if not line.startswith(FIRST) or not ONLY_SIGNS.fullmatch(line):
            return []
        return [int(number) for number in SIGN.findall(line)]

    def last(self, pattern: re.Pattern[str]) -> int:
        """Return the number of the last tag that a pattern matches; -1 if none does."""
        if pattern not in self._last:
            numbers = range(len(self.tags) - 1, -1, -1)
            self._last[pattern] = next((number for number in numbers if pattern.match(self.tags[number])), -1)
        return self._last[pattern]
