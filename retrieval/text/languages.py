"""Languages: how to detect one, its stemmer, script and word lists.

The language of a question is detected from its script and function words alone: questions are asked far more often than
articles are loaded, and the detector for articles takes 200 ms to import.

Word lists are data, in `wordlists/`. What must be known before the language is, namely function words and small talk, is
in one file for all languages; all else is in one file a language, read when that language first occurs.
"""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Collection
from functools import cache, lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

MIN_LETTERS = 20  # with fewer the detector guesses wildly: "1869 - 193 km" is Malagasy to it
SAMPLE = 150  # characters
MIN_LEAD = 40.0  # of the best language's log likelihood: of 1,366 texts, none with a misleading sample led by even 12
UNSPACED = frozenset({"zh", "ja", "th"})  # written without spaces between words
UNKNOWN = "und"  # ISO 639: undetermined

# The Snowball stemmer of each language that has one.
STEMMERS = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek", "en": "english",
    "es": "spanish", "et": "estonian", "eu": "basque", "fa": "persian", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi",
    "hu": "hungarian", "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian", "ne": "nepali",
    "nl": "dutch", "no": "norwegian", "pl": "polish", "pt": "portuguese", "ro": "romanian", "ru": "russian",
    "sr": "serbian", "sv": "swedish", "ta": "tamil", "tr": "turkish",
}  # fmt: skip

_SCRIPTS = {  # the first word of a letter's Unicode name -> the languages to choose from
    "CYRILLIC": ("ru", "uk"),
    "ARABIC": ("ar", "fa"),
    "HEBREW": ("he",),
    "GREEK": ("el",),
    "DEVANAGARI": ("hi",),
    "CJK": ("zh",),
    "HIRAGANA": ("ja",),
    "KATAKANA": ("ja",),
    "HANGUL": ("ko",),
    "THAI": ("th",),
    "ARMENIAN": ("hy",),
    "TAMIL": ("ta",),
    "LATIN": ("en", "es", "fr", "de", "it", "pt", "ro", "tr", "vi", "nl", "pl", "sv", "id"),
}
_DISTINCTIVE_LETTERS = {  # that a language has and others of its script lack
    "fa": "پچژگکی", "uk": "їєґі", "ru": "ыэъё", "es": "ñ¿¡", "de": "ßäöü", "ro": "țţșşăâî", "tr": "ığşİçöü",
    "vi": "đơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ", "pl": "łżźćńęąśó", "sv": "åäö", "pt": "ãõç", "fr": "çœêèùâ",
}  # fmt: skip
_LATIN = re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]+")
_KANA = re.compile("[\u3040-\u30ff]")
_WORD = re.compile(r"[^\W\d_]+")
_WORD_LISTS = Path(__file__).parent / "wordlists"


def detect_question_language(question: str, known: Collection[str] = ()) -> str:
    """Return a question's language, by its script, function words and distinctive letters.

    `known` are the languages of the store, the most common first: if the words do not decide, the first with the
    question's script wins. UNKNOWN if nothing decides.
    """
    script = main_script(question)
    if not script:
        return next(iter(known), UNKNOWN)
    if script == "CJK" and (_KANA.search(question) or ("ja" in known and "zh" not in known)):
        return "ja"
    in_store, possible = _languages_of_script(script, tuple(known))
    scores = _scores(possible, [word.lower() for word in _WORD.findall(question)])
    best = max(scores.values(), default=0.0)
    if best <= 0:
        rest = "" if script != "LATIN" or question.isascii() else _LATIN.sub(" ", question)
        if main_script(rest) not in {"", "LATIN"}:  # 怎么用Docker启动: most of its letters are those of a name
            return detect_question_language(rest, known)
        return in_store[0] if in_store else (possible[0] if len(possible) == 1 else UNKNOWN)
    return next(language for language, score in scores.items() if score == best)


def main_script(text: str) -> str:
    """Return the script of most letters of a text ("LATIN", "CJK", ...); "" for a text without letters."""
    if text.isascii():
        return "LATIN" if any(map(str.isalpha, text[:2000])) else ""
    counts = Counter(_script(letter) for letter in text[:2000] if letter.isalpha())
    return counts.most_common(1)[0][0] if counts else ""


@cache
def _script(letter: str) -> str:
    return unicodedata.name(letter, "").split(" ", 1)[0]


def script_of(language: str) -> str:
    """Return the script that a language is mainly written in; Latin unless listed otherwise."""
    return next((script for script, languages in _SCRIPTS.items() if language in languages), "LATIN")


@lru_cache(maxsize=64)
def _languages_of_script(script: str, known: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the languages of the store with a script, and all to choose from, those of the store first."""
    in_store = tuple(language for language in known if script_of(language) == script)
    # If a language of the store has no list of function words, a chance word of another language would decide.
    others = _SCRIPTS.get(script, ()) if all(map(function_words, in_store)) else ()
    return in_store, tuple(dict.fromkeys([*in_store, *others]))


def _scores(languages: tuple[str, ...], words: list[str]) -> dict[str, float]:
    """Count the words that point to each language: 1 for a function word, 0.5 for a distinctive letter."""
    owners, scores = _languages_by_function_word(languages), dict.fromkeys(languages, 0.0)
    for word in words:
        for language in owners.get(word, ()):
            scores[language] += 1.0
        for language in () if word.isascii() else languages:
            if language not in owners.get(word, ()) and not _distinctive_letters(language).isdisjoint(word):
                scores[language] += 0.5
    return scores


@cache
def _languages_by_function_word(languages: tuple[str, ...]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for language in languages:
        for word in function_words(language):
            found.setdefault(word, []).append(language)
    return found


@cache
def _distinctive_letters(language: str) -> frozenset[str]:
    return frozenset(_DISTINCTIVE_LETTERS.get(language, ""))


def detect_article_language(text: str) -> str:
    """Return the language of an article's text, by its first 3,000 characters; UNKNOWN if it has too few letters.

    Three short samples nearly always decide; only if they do not is the whole read, which takes three times as long.
    """
    start = text[:3000]
    if sum(1 for _ in islice(filter(str.isalpha, start), MIN_LETTERS)) < MIN_LETTERS:
        return detect_question_language(start)
    from py3langid.langid import classify, rank  # noqa: PLC0415 - takes 230 ms, and only loads need it

    middle = len(start) // 2
    (language, first), (_, second), *_ = rank(f"{start[:SAMPLE]} {start[middle : middle + SAMPLE]} {start[-SAMPLE:]}")
    return str(language if first - second >= MIN_LEAD else classify(start)[0])


@cache
def function_words(language: str) -> frozenset[str]:
    """Return the lower-case words of a language that carry grammar, not a subject; none for an unlisted language.

    They reveal the language of a question, and weigh little in a query.
    """
    return frozenset(_shared_lists().get(language, {}).get("function_words", "").split())


def phrases(name: str, language: str) -> tuple[str, ...]:
    """Return the phrases that a language lists under a name, such as "greetings"; none for an unlisted language."""
    return tuple(filter(None, _shared_lists().get(language, {}).get(name, "").split("|")))


def languages_with_function_words() -> frozenset[str]:
    """Return the languages that have a list of function words."""
    return frozenset(_shared_lists())


@cache
def word_lists(language: str) -> dict[str, Any]:
    """Read a language's own file of word lists; {} if it has none."""
    path = _WORD_LISTS / f"{language}.json"
    return json.loads(path.read_text(encoding="utf-8")) if language.isalpha() and path.is_file() else {}


@cache
def abbreviation_lists(language: str) -> dict[str, str]:
    """Read a language's lists of abbreviations, words separated by spaces; {} if it has none."""
    path = _WORD_LISTS / "abbreviations" / f"{language}.json"
    return dict(json.loads(path.read_text(encoding="utf-8"))) if language.isalpha() and path.is_file() else {}


@cache
def _shared_lists() -> dict[str, dict[str, str]]:
    return dict(json.loads((_WORD_LISTS / "every_language.json").read_text(encoding="utf-8")))
