"""What a reader sees in words of the bot -> the same in the reader's language.

The texts stand in English in `messages.py`, and their translations in `bot/locale/LANGUAGE/LC_MESSAGES/messages.po`,
which are read as they are when a language first occurs: nothing has to be compiled, neither for a wheel nor for an
editable install, and none can be stale. A text without a translation stays English. Babel is imported for other
languages than English alone, so that a question in the terminal does not wait for it.
"""

import io
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import NamedTuple

from bot.rendering.languages import language_name
from bot.rendering.terminal.layout import is_right_to_left, printable

CATALOGUES = Path(__file__).parent.parent / "locale"
SOURCE = "en"  # the language that the texts are written in
LANGUAGES = (SOURCE, "ar", "de", "es", "fa", "fr", "he", "ru", "tr", "zh")
_OLD_CODES = {"iw": "he"}
_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he"})
_COMMAS = {"ar": "، ", "fa": "، ", "zh": "，"}
_ISOLATE, _END = "\u2068", "\u2069"  # what is between them has a direction of its own, and disturbs none around it
_CODE = re.compile(r"/[a-z]+|(?<![A-Za-z])(?:after|before|in|sort):[\w./-]*[\w/]|\b\d{4}-\d\d-\d\d\b")
_FULL_DATE = 3  # parts


class Own(str):
    """Words of the bot, with whatever they quote safe to show and kept to its direction."""

    __slots__ = ()


class Forms(NamedTuple):
    """A number of things in words; other languages have up to six forms."""

    one: str
    many: str


@dataclass(frozen=True, slots=True)
class Texts:
    """The bot's words in one of LANGUAGES."""

    language: str = SOURCE
    isolates: bool = True  # what may be of another direction; a terminal has directions of its own

    def __call__(self, text: str, /, **values: object) -> Own:
        """Translate a text and fill in its placeholders; numbers as they are written in the language."""
        translated = _catalogue(self.language).gettext(text) if text else ""
        whole = text if translated == text else self._with_code(translated)
        return self._filled(whole, values) if values else Own(whole)

    def count(self, number: int, forms: Forms) -> Own:
        """Count things: `1 article`, `2 articles`, `1,200 sentences`."""
        return self._filled(_catalogue(self.language).ngettext(*forms, number), {"number": number})

    def isolated(self, text: str) -> Own:
        """Make a text that is not the bot's printable, and keep its direction if that may be another one."""
        if isinstance(text, Own):
            return text
        shown = printable(text)
        is_foreign = self.language in _RIGHT_TO_LEFT or is_right_to_left(text)
        return Own(f"{_ISOLATE}{shown}{_END}" if shown and self.isolates and is_foreign else shown)

    def joined(self, separator: str, texts: Iterable[str]) -> Own:
        """Join texts, each isolated."""
        return Own(separator.join(map(self.isolated, texts)))

    def listed(self, texts: Iterable[str]) -> Own:
        """Join texts, each isolated, by the comma of the language."""
        return self.joined(_COMMAS.get(self.language, ", "), texts)

    def date(self, day: str) -> str:
        """Return an ISO 8601 day as it is written in the language; a month or a year alone stays as it is."""
        if self.language == SOURCE or len(day.split("-")) != _FULL_DATE:
            return day
        from babel.dates import format_date  # noqa: PLC0415

        try:
            return format_date(date.fromisoformat(day), "long", locale=self.language)
        except ValueError:
            return day

    def ago(self, number: int, unit: str) -> Own:
        """Return how long ago a year, month or day was: `vor 3 Jahren`; in English how old something is: `3 years old`."""
        if self.language == SOURCE:
            return Own(f"{number} {unit}{'s' if number > 1 else ''} old")
        from babel.dates import format_timedelta  # noqa: PLC0415

        days = {"year": 365, "month": 30, "day": 1}[unit] * number
        passed = -timedelta(days)
        return Own(format_timedelta(passed, granularity="day", threshold=1, add_direction=True, locale=self.language))

    def language_name(self, code: str | None) -> Own:
        """Return the name of a language (ISO 639-1); empty for one that is not known."""
        if self.language == SOURCE:
            return Own(language_name(code))
        from babel import Locale  # noqa: PLC0415

        return Own(Locale(self.language).languages.get(code or "", ""))

    def _with_code(self, text: str) -> str:
        """Isolate what is typed to the bot, such as /help and after:2024, between words of the other direction."""
        if self.language not in _RIGHT_TO_LEFT:
            return text
        return _CODE.sub(lambda code: f"{_ISOLATE}{code[0]}{_END}", text)

    def _filled(self, text: str, values: dict[str, object]) -> Own:
        return Own(text.format(**{name: self._shown(value) for name, value in values.items()}))

    def _shown(self, value: object) -> str:
        if not isinstance(value, int):
            return self.isolated(value if isinstance(value, str) else str(value))
        if self.language == SOURCE:
            return f"{value:,}"
        from babel.numbers import format_decimal  # noqa: PLC0415

        return format_decimal(value, locale=self.language)


ENGLISH = Texts(isolates=False)  # for a terminal


def texts_in(*codes: str | None) -> Texts:
    """Return the texts in the first of some languages (IETF tags, such as `pt-br`) that has a catalogue; else English."""
    bases = ((code or "").lower().replace("_", "-").partition("-")[0] for code in codes)
    found = (_OLD_CODES.get(base, base) for base in bases)
    return Texts(next((language for language in found if language in LANGUAGES), SOURCE))


def texts_for(question_languages: Collection[str], reader: Texts) -> Texts:
    """Return the texts in the language of a question: the reader's if it may be that, or if the question shows none."""
    is_theirs = not question_languages or reader.language in question_languages
    return reader if is_theirs else texts_in(*question_languages, reader.language)


def catalogue_file(language: str) -> Path:
    """Return where the translations into a language are."""
    return CATALOGUES / language / "LC_MESSAGES" / "messages.po"


@cache
def _catalogue(language: str) -> NullTranslations:
    """Read the translations into a language, which takes 10 ms."""
    if language == SOURCE:
        return NullTranslations()
    from babel.messages.mofile import write_mo  # noqa: PLC0415
    from babel.messages.pofile import read_po  # noqa: PLC0415

    compiled = io.BytesIO()
    with catalogue_file(language).open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)
