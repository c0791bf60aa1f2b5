"""A question in its conversation: how it is read, its query, what it does to the scores, and what "more" shows."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

import numpy as np

from retrieval.asking.answer import MAX_SNIPPETS, wording
from retrieval.asking.filters import ParsedQuestion
from retrieval.asking.follow_ups import Form, Reading, context_of, form_of, read, starts_of
from retrieval.asking.leads import without_repeated_leads
from retrieval.asking.port import SentenceIndex
from retrieval.asking.records import RankingInput
from retrieval.asking.trails import without_shown_trails
from retrieval.index.records import Query
from retrieval.ranking.question_types import kinds_asked, question_types
from retrieval.ranking.weights import Scores
from retrieval.records import Answer, Context, Filter, Hit, Intent, Snippet
from retrieval.store.reader import Reader
from retrieval.text.analyzer import Token, analyzer
from retrieval.text.languages import detect_question_language

LOOKED_UP = frozenset({Intent.QUESTION, Intent.MORE})
MAX_QUESTION = 1000  # characters that are looked up; whatever is longer is a pasted page, not a question
CARRIED_WEIGHT = 0.5  # of a word of the question before, beside those that were typed
SAME_ARTICLE = 1.5  # points of score more for the article that answered before, if it has all words that were typed
SHOWN_BEFORE = 2.5  # points of score less for a sentence that was shown and has none of these


def read_in_context(
    nothing: Answer, parsed: ParsedQuestion, context: Context | None
) -> tuple[Answer, ParsedQuestion, Reading]:
    """Read a question in the light of the one before, if it does not stand alone; `nothing` is its answer so far."""
    text, alone = parsed.text, Reading(parsed.text, len(parsed.text))
    if nothing.intent not in {Intent.QUESTION, Intent.FOLLOW_UP} or parsed.is_refused:
        return nothing, parsed, alone
    language = detect_question_language(text, (context.language,)) if context else nothing.language
    form = form_of(text, language, nothing.intent)
    if form is Form.STANDS_ALONE:
        return nothing, parsed, alone
    if context is None:
        return nothing, parsed, replace(alone, form=form)
    return read_after(context, replace(nothing, language=language), parsed, form)


def read_after(
    context: Context, nothing: Answer, parsed: ParsedQuestion, form: Form
) -> tuple[Answer, ParsedQuestion, Reading]:
    """Read a question of a form that needs the one before, whose operators hold on."""
    reading = read(parsed.text, nothing.language, form, context)
    intent = Intent.MORE if form is Form.MORE else Intent.QUESTION
    parsed = parsed._replace(text=reading.text, filter=parsed.filter or context.filter)
    return replace(nothing, intent=intent, carried=reading.carried), parsed, reading


def in_conversation(answer: Answer, reading: Reading, types: Collection[str], scope: Filter | None) -> Answer:
    """Return an answer as it is given in its conversation, with the context for the next question."""
    if reading.context is None and reading.form in {Form.LEANS, Form.MORE} and answer.certainty != "sure":
        return replace(answer, intent=Intent.FOLLOW_UP, certainty="none", snippets=(), nearest=(), corrections=())
    if answer.intent is not Intent.MORE or reading.context is None:
        return replace(answer, context=context_of(answer, reading, types, scope))
    snippets = next_snippets(answer.hits, reading.context.shown)
    shown = (*reading.context.shown, *starts_of(snippets))
    return replace(
        answer,
        certainty="perhaps" if snippets else "none",
        snippets=snippets,
        nearest=(),
        corrections=(),
        context=replace(reading.context, shown=shown),
    )


def build_query(searcher: SentenceIndex, reading: Reading, language: str) -> tuple[Query, list[Token]]:
    """Return a question as the index knows it, with its tokens; carried words weigh less than those that were typed."""
    text = reading.text[:MAX_QUESTION]
    tokens = list(analyzer(language).tokens(text))
    words = [token.word for token in tokens]
    types = question_types(text, language, words) if reading.types is None else reading.types
    query = searcher.query(text, language, tokens, types, kinds_asked(words, types))
    typed = {token.term for token in tokens if token.start < reading.typed}
    if not typed or not reading.carried:
        return query, tokens
    weighted = (
        term
        if term.term in typed
        else replace(term, weight=CARRIED_WEIGHT * term.weight, idf=CARRIED_WEIGHT * term.idf)
        for term in query.terms
    )
    return replace(query, terms=tuple(weighted)), tokens


def scores_in_context(reader: Reader, collected: RankingInput, scores: Scores, reading: Reading) -> Scores:
    """Raise the candidates of the article that answered before, the more it has of the words that were typed.

    Lower the sentences that were shown, the less they have of them.
    """
    context, held = reading.context, collected.candidates.held
    if context is None or reading.form is Form.MORE:
        return scores
    keys = collected.searcher.keys(collected.candidates.rows)
    places = reader.places(keys)
    starts = [(places[key].article.id, places[key].sentence.start) if key in places else ("", 0) for key in keys]
    weights = np.array([term.weight * (term.term in reading.own) for term in collected.query.terms], np.float32)
    weights /= max(float(weights.sum()), 1e-6)
    lacking = 1.0 if weights.any() else 0.0  # without words of its own, a question lacks nothing anywhere
    here = np.array([article == context.article for article, _ in starts])
    shown = np.array([start in context.shown for start in starts])
    raised = SAME_ARTICLE * here * (1 - lacking + weights @ held["article"])
    lowered = SHOWN_BEFORE * shown * (lacking - weights @ held["sentence"])
    return replace(scores, scores=scores.scores + (raised - lowered).astype(np.float32))


def next_snippets(hits: Sequence[Hit], shown: Sequence[tuple[str, int]]) -> tuple[Snippet, ...]:
    """Return the best hits that were not shown, at most MAX_SNIPPETS, each wording once."""
    before = [hit for hit in hits if (hit.article, hit.start) in shown]
    fresh = list(_fresh(hits, before))
    chosen = [Snippet(hit, matched=()) for hit in without_shown_trails(fresh, before)[:MAX_SNIPPETS]]
    return without_repeated_leads(chosen, before)


def _fresh(hits: Sequence[Hit], before: Sequence[Hit]) -> Iterator[Hit]:
    seen = {wording(hit.text) for hit in before}
    for hit in hits:
        said = wording(hit.text)
        if said not in seen:
            seen.add(said)
            yield hit
