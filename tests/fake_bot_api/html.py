"""Telegram HTML in; the text a reader sees and its entities (offsets in UTF-16 units) out, or a Violation.

Follows what the Bot API documents and answers: seven bit tag names in any case, attributes quoted or as a name token,
four named references and numeric ones, and every tag closed in order. Everything else is refused, nothing is repaired.
"""

import re
from dataclasses import dataclass
from typing import Any

from fake_bot_api.errors import Violation

KINDS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "blockquote": "blockquote",
    "span": "spoiler",
    "tg-spoiler": "spoiler",
    "tg-emoji": "custom_emoji",
}
REFERENCE = re.compile(r"&(?:#x(?P<hex>[0-9a-fA-F]+)|#(?P<dec>[0-9]+)|(?P<name>lt|gt|amp|quot)(?![a-zA-Z]));?")
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
TAG_NAME = re.compile(r"[^\s>]*")
ATTRIBUTE = re.compile(
    r"""(?P<name>[^\s=>/"']+)\s*(?:=\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[\w.-]+)))?"""
)
HIGHEST_CODE_POINT = 0x10FFFF
TEXT_UNITS = 4096
ENTITIES = 100  # Telegram drops what is more without a word


@dataclass(slots=True)
class Open:
    """A tag that still waits for its end."""

    name: str
    value: str
    at: int  # UTF-16 offset


def utf16_length(text: str) -> int:
    """Length as Telegram counts it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _reference(match: re.Match[str]) -> str:
    if match["name"]:
        return NAMED[match["name"]]
    code = int(match["hex"], 16) if match["hex"] else int(match["dec"])
    return chr(code) if 0 < code <= HIGHEST_CODE_POINT else match[0]


def _refuse(problem: str, source: str, at: int) -> Violation:
    offset = len(source[:at].encode("utf-8", "surrogatepass"))
    return Violation(f"Bad Request: can't parse entities: {problem} at byte offset {offset}")


def parse_html(source: str) -> tuple[str, list[dict[str, object]]]:
    """Return the visible text and its entities as the Bot API lists them; raise Violation on anything malformed."""
    parser = Parser(source)
    parser.run()
    return "".join(parser.text), sorted(parser.entities, key=_outermost_first)


def _outermost_first(entity: dict[str, object]) -> tuple[int, int]:
    return int(str(entity["offset"])), -int(str(entity["length"]))


class Parser:
    """One pass over `source`; `text` and `entities` grow on the way."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.text: list[str] = []
        self.length = 0  # of the text so far, in UTF-16 units
        self.entities: list[dict[str, object]] = []
        self.open: list[Open] = []

    def run(self) -> None:
        """Parse to the end; every tag must be closed there."""
        at = 0
        while at < len(self.source):
            if self.source[at] != "<":
                at = self._characters(at)
            elif self.source.startswith("</", at):
                at = self._end(at)
            else:
                at = self._start(at)
        if self.open:
            problem = f'Can\'t find end tag corresponding to start tag "{self.open[-1].name}"'
            raise Violation(f"Bad Request: can't parse entities: {problem}")

    def _characters(self, at: int) -> int:
        end = self.source.find("<", at)
        end = len(self.source) if end < 0 else end
        piece = REFERENCE.sub(_reference, self.source[at:end])
        self.text.append(piece)
        self.length += utf16_length(piece)
        return end

    def _start(self, at: int) -> int:
        name_end = TAG_NAME.match(self.source, at + 1).end()
        name = self.source[at + 1 : name_end].lower()
        if name_end == len(self.source):
            raise _refuse("Unclosed start tag", self.source, at)
        if name not in KINDS:
            raise _refuse(f'Unsupported start tag "{name}"', self.source, at)
        attributes, end = self._attributes(name, at, name_end)
        self.open.append(Open(name, self._value(name, attributes, at), self.length))
        return end + 1

    def _attributes(self, tag: str, tag_at: int, at: int) -> tuple[dict[str, str], int]:
        attributes = {}
        at = self._skip_space(at)
        while not self.source.startswith(">", at):
            match = ATTRIBUTE.match(self.source, at)
            if at >= len(self.source):
                raise _refuse("Unclosed start tag", self.source, tag_at)
            if match is None:
                raise _refuse(f'Empty attribute name in the tag "{tag}"', self.source, tag_at)
            value = match["double"] or match["single"] or match["bare"] or ""
            after = match.end()
            if not self.source[after : after + 1].isspace() and not self.source.startswith(">", after):
                quoted = self.source[after:].lstrip(" =").startswith(('"', "'"))
                problem = "Unclosed start tag" if quoted else "Unexpected end of name token"
                raise _refuse(problem, self.source, tag_at if quoted else after)
            attributes[match["name"].lower()] = REFERENCE.sub(_reference, value)
            at = self._skip_space(after)
        return attributes, at

    def _skip_space(self, at: int) -> int:
        while self.source[at : at + 1].isspace():
            at += 1
        return at

    def _value(self, name: str, attributes: dict[str, str], at: int) -> str:
        if name == "span" and attributes.get("class") != "tg-spoiler":
            raise _refuse('Tag "span" must have class "tg-spoiler"', self.source, at)
        if name == "blockquote" and any(tag.name == "blockquote" for tag in self.open):
            raise _refuse("Block quotation inside a block quotation", self.source, at)
        return attributes.get({"a": "href", "code": "class", "tg-emoji": "emoji-id"}.get(name, ""), "")

    def _end(self, at: int) -> int:
        if not self.open:
            raise _refuse("Unexpected end tag", self.source, at)
        name_end = TAG_NAME.match(self.source, at + 2).end()
        name = self.source[at + 2 : name_end].lower()
        end = self._skip_space(name_end)
        if not self.source.startswith(">", end):
            raise _refuse("Unclosed end tag", self.source, at)
        tag = self.open.pop()
        if name not in ("", tag.name):
            raise _refuse(f'Unmatched end tag, expected "</{tag.name}>", found "</{name}>"', self.source, at)
        if self.length > tag.at:
            self._add_entity(tag)
        return end + 1

    def _add_entity(self, tag: Open) -> None:
        entity: dict[str, object] = {"type": KINDS[tag.name], "offset": tag.at, "length": self.length - tag.at}
        if tag.name == "a":
            if not re.match(r"https?://[^/\s]*\.|tg:|mailto:|tel:", tag.value):
                raise Violation(f"Bad Request: the link {tag.value!r} would be dropped silently")
            entity["url"] = tag.value
        if tag.name == "tg-emoji":
            entity["custom_emoji_id"] = tag.value
        self.entities.append(entity)


def visible_text(text: str, parse_mode: Any, most: int = TEXT_UNITS) -> tuple[str, list[dict[str, object]]]:
    """Return the text as readers see it, and its entities; raise Violation if it is empty, too long or malformed."""
    if parse_mode not in ("HTML", None) and isinstance(parse_mode, str):
        raise Violation(f"Bad Request: this server knows no parse mode {parse_mode}")
    plain, entities = parse_html(text) if parse_mode == "HTML" else (text, [])
    shown = re.sub(r"[\x00-\x08\x0b-\x1f\t]", " ", plain.replace("\r", ""))
    if not shown.strip():
        raise Violation("Bad Request: message text is empty")
    if utf16_length(shown.strip()) > most:
        raise Violation("Bad Request: message is too long")
    if len(entities) > ENTITIES:
        raise Violation(f"Bad Request: {len(entities)} entities, all above {ENTITIES} would be dropped silently")
    return shown.rstrip(), entities
