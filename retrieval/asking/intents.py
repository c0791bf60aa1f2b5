"""What was typed -> whether it is a question to look up, and if not, what it is.

A text is cut into clauses at its punctuation. Only if every clause is made of listed phrases, or of grammar words alone,
is it something other than a question: "ok thanks", "hi, who are you?", "and when was it?". One word that carries meaning
makes it a question. The phrases are data, by language, in `retrieval/text/wordlists/every_language.json`.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache, lru_cache

from retrieval.ranking.question_types import question_types
from retrieval.records import Intent
from retrieval.text.analyzer import analyzer, normalize
from retrieval.text.languages import (
    UNKNOWN,
    UNSPACED,
    detect_question_language,
    function_words,
    languages_with_function_words,
    main_script,
    phrases,
    script_of,
)

_MAX_LENGTH = 80  # characters; anything longer says more than these phrases do
_LONGEST_ACRONYM = 3  # letters: WHO, IT, US
_FEWEST_WORDS = 3  # of a question that a greeting is taken from: "Hello, Dolly!" keeps it
# The names of commands, which people type without the slash. Beside another word they are words: "add sources".
_COMMANDS = frozenset({"start", "help", "ask", "articles", "add", "sources", "reload"})
# Syllables that are grammar make up other words together: con and cái are, con cái means children.
_SYLLABLES = UNSPACED | {"vi"}

_KINDS = {  # the lists of a language; of several in a text, the first counts
    "follow_ups": Intent.FOLLOW_UP, "help": Intent.HELP, "identity": Intent.IDENTITY, "goodbyes": Intent.GOODBYE,
    "thanks": Intent.THANKS, "greetings": Intent.GREETING, "affirmations": Intent.AFFIRMATION,
}  # fmt: skip
_BREAK = re.compile(r"[,.!?;:…()\n،؛؟。，！？；：、]+|\s[-–—]+\s")
_QUESTION_MARK = re.compile(r"[?؟？՞\u037e⁇]+(?=\W*$|\s)")
_FIRST_WORDS = 2
_SMILEY = re.compile(r"(?<!\w)(?:[:;=]-?[DPO]\b|<3|\^\^)", re.IGNORECASE)
_CODE = re.compile(r"(?<!\w)-+\w|[_/\\<>={}\[\]$%*+~`^|&#@]")  # --help, and/or
_UNSPACED_SIGN = re.compile("([\u3400-\u9fff\uf900-\ufaff])")

Words = tuple[str, ...]


def detect_intent(text: str, languages: Collection[str] = ()) -> Intent:
    """Return the intent of a text that is asked of articles in these languages; () if they are unknown."""
    if next(analyzer("").tokens(text), None) is None:
        return Intent.EMPTY
    text = _SMILEY.sub(" ", text).strip()
    if len(text) > _MAX_LENGTH or _CODE.search(text):
        return Intent.QUESTION
    if text.strip(" .!?").lower() in _COMMANDS:
        return Intent.HELP
    found: set[Intent] = set()
    for clause in _BREAK.split(text):
        of_clause = _of_phrases(clause, tuple(languages)) or _of_grammar(clause, languages)
        if not of_clause and words_of(clause):
            return Intent.QUESTION
        found |= of_clause
    if Intent.FOLLOW_UP in found and _has_name(text):
        return Intent.QUESTION
    return next((intent for intent in _KINDS.values() if intent in found), Intent.QUESTION)


def asks(text: str) -> bool:
    """Whether a text is put as a question: with a question mark, or with a word that asks at its beginning."""
    if _QUESTION_MARK.search(text):
        return True
    if text.rstrip().endswith(("!", "！")):
        return False
    language = detect_question_language(text)
    return question_types(text, language, words_of(text, language)[:_FIRST_WORDS]) != {"other"}


def without_greeting(question: str) -> str:
    """Return a question without the greetings and thanks before it, which end in a punctuation mark."""
    start = 0
    while (end := _BREAK.search(question, start, start + _MAX_LENGTH)) and _is_opening(question[start : end.start()]):
        start = end.end()
    rest = question[start:].lstrip()
    return rest if start and len(words_of(rest[:_MAX_LENGTH])) >= _FEWEST_WORDS else question


def languages_of(text: str) -> tuple[str, ...]:
    """Return the languages that a text itself shows it may be in, in no order; empty if it shows none.

    Small talk is in the language that lists all of it, such as "gracias". If several do, and share their script with
    most others, it shows none: "ok" is said in all of them.
    """
    text, script = _SMILEY.sub(" ", text), main_script(text)
    clauses = [words for clause in _BREAK.split(text[:_MAX_LENGTH]) if (words := words_of(clause))]
    for also in ((), _talk("en")):  # "ok danke" is in German
        listing = [one for one in sorted(_of_script(script)) if _lists(clauses, _talk(one).union(also))]
        if listing:
            return tuple(listing) if len(listing) == 1 or script != "LATIN" else ()
    detected = detect_question_language(text)
    if detected != UNKNOWN:
        return (detected,)
    return () if script == "LATIN" else tuple(sorted(_of_script(script)))


def _lists(clauses: list[Words], talk: Collection[Words]) -> bool:
    return bool(clauses) and all(_cover(words, talk) is not None for words in clauses)


@cache
def _talk(language: str) -> frozenset[Words]:
    return frozenset().union(*(listed(name, language) for name in (*_KINDS, "fillers")))


def _is_opening(clause: str) -> bool:
    return _of_phrases(clause) in ({Intent.GREETING}, {Intent.THANKS})


def _of_phrases(clause: str, languages: tuple[str, ...] = ()) -> set[Intent]:
    """Return the intents of the phrases that a clause consists of; empty if it consists of anything else."""
    known = _phrases(main_script(clause), languages)
    cover = _cover(words_of(clause), known)
    return {intent for phrase in cover or () if (intent := known[phrase]) is not None}


def _of_grammar(clause: str, languages: Collection[str]) -> set[Intent]:
    """Return FOLLOW_UP if a clause consists of a language's grammar words, and is certain to be in that language.

    It is if articles are, or if a word asks: "die war" says something in English, "und wann" does not.
    """
    if not _may_be_grammar(main_script(clause)).issuperset(words_of(clause)):
        return set()
    language = detect_question_language(clause, languages)
    words, asking = words_of(clause, language), listed("follow_ups", language, language)
    if len(words) <= 1 or _cover(words, asking | listed("function_words", language, language)) is None:
        return set()
    is_certain = language not in _SYLLABLES and (not languages or language in languages)
    return {Intent.FOLLOW_UP} if is_certain or any(phrase in asking for phrase in _runs(words)) else set()


def _has_name(text: str) -> bool:
    """Whether capitals show that a word of a text is a name, and not grammar: "The Who", "what is IT", "WHO"."""
    words = [text[token.start : token.end] for token in analyzer("").tokens(text)]
    if text.isupper():  # shouted
        return len(words) == 1 and len(words[0]) <= _LONGEST_ACRONYM and "?" not in text
    later = (word for clause in _BREAK.split(text) for word in clause.split()[1:])
    return any(word[0].isupper() and re.match(r"I\b", word) is None for word in later)


def _cover(words: Words, phrases: Collection[Words]) -> list[Words] | None:
    """Return phrases that together are the words, the longest possible first; None if there are none."""
    covers: dict[int, list[Words]] = {len(words): []}
    for start in reversed(range(len(words))):
        for end in range(len(words), start, -1):
            if end in covers and words[start:end] in phrases:
                covers[start] = [words[start:end], *covers[end]]
                break
    return covers.get(0)


def _runs(words: Words) -> Iterator[Words]:
    return (words[start:end] for start in range(len(words)) for end in range(start + 1, len(words) + 1))


@cache
def _phrases(script: str, languages: tuple[str, ...]) -> Mapping[Words, Intent | None]:
    """Return what each phrase of a script is, and of English; None for words that may only stand beside one.

    Of a language that no article is in, the words that mean something else in another are left out.
    """
    found: dict[Words, Intent | None] = {}
    ordered = sorted(_of_script(script) | {"en"}, key=lambda one: (one not in languages, one))
    lists = [(name, language) for language in ordered for name in _KINDS]
    for name, language in [*lists, *(("fillers", language) for language in ordered)]:
        skipped = listed("homographs", language) if languages and language not in languages else frozenset()
        found |= dict.fromkeys(listed(name, language) - skipped - found.keys(), _KINDS.get(name))
    return found


def _of_script(script: str) -> set[str]:
    return {language for language in languages_with_function_words() if script_of(language) == script}


@cache
def _may_be_grammar(script: str) -> frozenset[str]:
    """Return the words of the grammar of a script's languages, and those that ask, without accents."""
    lists = [listed(name, language) for language in _of_script(script) for name in ("function_words", "follow_ups")]
    return frozenset(word for listed in lists for words in listed for word in words)


@cache
def listed(name: str, language: str, spelling: str = "") -> frozenset[Words]:
    """Return the phrases that a language lists under a name, each as its words, as one language spells them."""
    listed = function_words(language) if name == "function_words" else phrases(name, language)
    return frozenset(_split(phrase, spelling) for phrase in listed)


@lru_cache(maxsize=16)  # a clause is looked at several times, and then never again
def words_of(text: str, language: str = "") -> Words:
    """Return the words of a text, each sign of Chinese for one; in no language also without accents, as on a phone."""
    return tuple(token.word for token in analyzer(language).tokens(_UNSPACED_SIGN.sub(r" \1 ", text)))


def _split(phrase: str, language: str = "") -> Words:
    """Return the words of a listed phrase, as `_words` does, in a tenth of the time."""
    plain = phrase if phrase.isascii() else _UNSPACED_SIGN.sub(r" \1 ", phrase)
    return tuple(normalize(word, language) for word in plain.replace("'", " ").replace("-", " ").split())
