"""A question and the one before it -> the question as it is looked up: alone, or with words carried over.

"And when?", "how long is it?" and "what about Baikal?" ask only after another question. What they lack is taken from
that question, and the article that answered it comes first if it says anything about what they ask. The words that show
it are data, by language, in `retrieval/text/wordlists/every_language.json`.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from retrieval.asking.entities import EntityKind, find_entities
from retrieval.asking.intents import Words, listed, words_of
from retrieval.ranking.question_types import question_types
from retrieval.records import Answer, Context, Filter, Intent, Snippet
from retrieval.text.analyzer import Token, analyzer
from retrieval.text.languages import UNSPACED

_MOST_AFTER_AND = 4  # content words of a question that begins with "and" and leans on another
_MOST_WITH_PRONOUN = 2
_MOST_ABOUT = 4  # of what stands after "what about"
_LONGEST_OPENING = 6  # words of "what about"
_MOST_ELLIPTICAL = 4  # words in all
_MOST_CARRIED = 6
_CAPITAL_NOUNS = frozenset({"de", "lb"})
_DROPS_PRONOUNS = frozenset({"ar", "el", "es", "fa", "he", "it", "pt", "ro", "ru", "tr", "uk"})
_ASKING = frozenset({"who", "when", "where", "how_many", "why", "how", "which", "what", "yes_no"})
_ASKING_OF_A_VERB = frozenset({"who", "when", "where", "how_many", "why"})
_PERSONS = frozenset({"who", "person"})


class Form(Enum):
    """How a question relates to the one before."""

    STANDS_ALONE = "stands alone"
    LEANS = "lacks what it is about"  # "and when?", "how long is it?"
    ABOUT = "asks the same about something else"  # "what about Baikal?"
    MORE = "asks for more"


@dataclass(frozen=True, slots=True)
class Reading:
    """A question as it is looked up."""

    text: str  # with the carried words at its end
    typed: int  # characters of it that were typed
    own: frozenset[int] = frozenset()  # terms of the content words among them; only of one that does not stand alone
    carried: tuple[str, ...] = ()
    types: frozenset[str] | None = None  # what the question before asked for; None if this one says it itself
    context: Context | None = None  # in whose light it is read; None for one that stands alone
    form: Form = Form.STANDS_ALONE


def form_of(text: str, language: str, intent: Intent) -> Form:
    """Return how a question relates to the one before, whatever that was."""
    tokens = list(analyzer(language).tokens(text))
    words = words_of(text, language) if language in UNSPACED else tuple(token.word for token in tokens)
    if words in listed("more", language, language):
        return Form.MORE
    about = _after_what_about(text, language, words)
    if about and 0 < len(_content(analyzer(language).tokens(about), language)) <= _MOST_ABOUT:
        return Form.ABOUT
    if intent is Intent.FOLLOW_UP or _leans(text, language, tokens, words):
        return Form.LEANS
    return Form.STANDS_ALONE


def read(text: str, language: str, form: Form, context: Context) -> Reading:
    """Read a question that does not stand alone in the light of the one before."""
    about = _after_what_about(text, language, words_of(text, language))
    typed = {Form.MORE: "", Form.ABOUT: about}.get(form, text)
    tokens = list(analyzer(language).tokens(typed))
    own = _content(tokens, language)
    known = {token.term for token in own}
    wanted = dict.fromkeys(_wanted(typed, own, form, context))
    carried = [one for one in wanted if not known.issuperset(analyzer(language).terms(one))][:_MOST_CARRIED]
    asks = question_types(typed, language, [token.word for token in tokens])
    return Reading(
        text=context.text if form is Form.MORE else " ".join([typed, *carried]).strip(),
        typed=len(typed),
        own=frozenset(known),
        carried=tuple(carried),
        types=None if asks & _ASKING else frozenset(context.types),
        context=context,
        form=form,
    )


def _wanted(typed: str, own: Sequence[Token], form: Form, context: Context) -> Iterator[str]:
    """Yield what a question takes from the one before: all if it has no words of its own, else what that was about."""
    person = context.person if form is Form.LEANS else None
    if person:
        yield person
    replaces_name = form is Form.ABOUT and any(_is_name(typed, token, first=True) for token in own)
    if not (own and replaces_name and context.words):
        yield from context.names
    if not own or replaces_name or not (context.names or person):
        yield from context.words


def context_of(answer: Answer, reading: Reading, types: Collection[str], scope: Filter | None) -> Context:
    """Return the context that an answer makes for the next question."""
    names, words = _phrases(reading.text, answer.language, first=reading.form is Form.ABOUT)
    first = answer.hits[0] if answer.hits else None
    return Context(
        question=answer.question,
        language=answer.language,
        types=tuple(sorted(types)),
        names=names,
        words=words,
        text=reading.text,
        article=first.article if first and answer.answered else None,
        person=next(_names_in_answer(answer), None) if _PERSONS.intersection(types) else None,
        shown=starts_of(answer.snippets),
        filter=scope,
    )


def starts_of(snippets: Iterable[Snippet]) -> tuple[tuple[str, int], ...]:
    """Return the article and the start of each sentence that was shown."""
    return tuple((snippet.hit.article, snippet.hit.start) for snippet in snippets)


def _leans(text: str, language: str, tokens: Sequence[Token], words: Words) -> bool:
    """Whether a question lacks what it is about, though it has words of its own."""
    content = _content(tokens, language)
    if len(content) > _MOST_AFTER_AND or any(
        _is_name(text, token) for token in content if _shows_name(token, language)
    ):
        return False
    if words[:1] in listed("continuations", language, language):
        return True
    if len(content) <= _MOST_WITH_PRONOUN and _has_pronoun(words, language):
        return True
    if language not in _DROPS_PRONOUNS or len(content) != 1 or len(tokens) > _MOST_ELLIPTICAL:
        return False
    types = question_types(text, language, words)
    return bool(types & _ASKING_OF_A_VERB) and "define" not in types


def _shows_name(token: Token, language: str) -> bool:
    """Whether a capital would make a word a name."""
    return language not in _CAPITAL_NOUNS or token.word[:1].isdigit()


def _has_pronoun(words: Words, language: str) -> bool:
    """Whether a word refers back, and not to something named before an "and" in the same question."""
    pronouns = listed("pronouns", language, language)
    places = (at for at in range(len(words)) if not pronouns.isdisjoint((words[at : at + 1], words[at : at + 2])))
    first = next(places, -1)
    return first >= 0 and not any((word,) in listed("continuations", language, language) for word in words[1:first])


def _after_what_about(text: str, language: str, words: Words) -> str:
    """Return what stands after "what about", without a word that asks; "" if a text does not begin so."""
    known = listed("what_about", language, language)
    size = next((size for size in range(min(len(words) - 1, _LONGEST_OPENING), 0, -1) if words[:size] in known), 0)
    if not size:
        return ""
    rest = text[size if language in UNSPACED else list(analyzer(language).tokens(text))[size].start :]
    of_rest = [token.word for token in analyzer(language).tokens(rest)]
    asks = question_types(rest, language, of_rest) & _ASKING
    return "" if asks or _has_pronoun(tuple(of_rest), language) else rest


def _content(tokens: Iterable[Token], language: str) -> list[Token]:
    """Return the words that carry meaning; Arabic writes "and when" as one word."""
    pronouns, continuations = (listed(name, language, language) for name in ("pronouns", "continuations"))
    return [
        token
        for token in tokens
        if not token.grammar and (token.word,) not in pronouns and (token.word,) not in continuations
    ]


def _is_name(text: str, token: Token, *, first: bool = False) -> bool:
    """Whether a word has a capital or a digit; that of the first word says something only within a question, if `first`."""
    return token.word[:1].isdigit() or ((first or token.start > 0) and text[token.start].isupper())


def _phrases(text: str, language: str, *, first: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names and the other content words of a question, neighbours together; `first` as in `_is_name`."""
    names: list[str] = []
    words: list[str] = []
    last: tuple[bool, int, int] | None = None  # whether the phrase before is a name, and where it begins and ends
    for token in _content(analyzer(language).tokens(text), language):
        kind, begin = _is_name(text, token, first=first), token.start
        group = names if kind else words
        if last and last[0] == kind and not text[last[2] : begin].strip(" -’'"):
            group.pop()
            begin = last[1]
        group.append(text[begin : token.end])
        last = (kind, begin, token.end)
    return tuple(names), tuple(words)


def _names_in_answer(answer: Answer) -> Iterator[str]:
    """Yield what is most likely the answer, then the names in the first sentence shown that the question does not have."""
    if not answer.snippets:
        return
    snippet = answer.snippets[0]
    text = snippet.hit.text
    if snippet.focus:
        yield text[slice(*snippet.focus)]
    tokens = list(analyzer(answer.language).tokens(text))
    for entity in find_entities(text, tokens, answer.language):
        named = text[entity.start : entity.end]
        if entity.kind is EntityKind.NAME and named not in answer.question:
            yield named
