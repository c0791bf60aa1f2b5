"""Records -> JSON, one object a line, with the documented keys."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from bot.rendering.notices import is_out_of_scope
from bot.rendering.terminal.calls import shown_text
from retrieval.records import Answer, Article, Hit, Intent, PublishedGeneration, StoredArticle, StoredSource

if TYPE_CHECKING:  # with numpy, which a list of articles can do without
    from bot.state.records import ExportedQuestion, FirstSentence, Gap, Overview, StoredAnswer, StoredQuestion
    from bot.state.verify import VerifiedCitation
    from retrieval import ExplainedHit, Explanation
    from retrieval.evaluation import Report
    from retrieval.evaluation.lint import Finding
    from retrieval.evaluation.significance import Difference

SCHEMA = 1
_HIT_KEYS = ("rank", "score", "article", "title", "url", "published", "language", "start", "end", "position", "text")


_UNASKED = {Intent.QUESTION: None, Intent.EMPTY: "empty", Intent.FOLLOW_UP: "follow_up", Intent.MORE: "follow_up"}


def answer_json(answer: Answer, id: object = None, *, store_is_empty: bool = False) -> str:  # noqa: A002 - documented
    """Return an answer; `id` is returned as given."""
    return _dump(_answer(answer, id, _reason(answer, store_is_empty=store_is_empty)))


def explained_json(explanation: "Explanation", id: object = None, *, store_is_empty: bool = False) -> str:  # noqa: A002
    """Return an answer with an object `explanation`; `id` is returned as given."""
    why = {
        "fault": explanation.fault,
        "caution": explanation.caution,
        "threshold": explanation.threshold,
        "sure_threshold": explanation.sure_threshold,
        "unknown": explanation.unknown,
        "hits": [_explained(hit) for hit in explanation.hits],
    }
    reason = _reason(explanation.answer, store_is_empty=store_is_empty)
    return _dump(_answer(explanation.answer, id, reason) | {"explanation": why})


def article_json(article: Article) -> str:
    """Return an article in the form that `citebot load` reads, without unknown fields."""
    return _dump({name: value for name, value in asdict(article).items() if value not in (None, ())})


def shown_json(stored: StoredArticle, article: Article) -> str:
    """Return an article with its text and all that a list says of it."""
    return _dump(asdict(stored) | {"text": article.text})


def record_json(
    record: "StoredArticle | StoredSource | PublishedGeneration | StoredQuestion | ExportedQuestion | Gap",
) -> str:
    """Return a record with its fields as keys."""
    return _dump(asdict(record))


def judgement_json(one: "FirstSentence") -> str:
    """Return a judged answer; with `answers`, as `citebot evaluate` reads them, if it is known what answers, or that nothing does."""
    known = {"right": [{"article": one.article, "quote": one.quote}], "nothing": []}
    fields = {name: getattr(one, name) for name in ("question", "language", "at", "article", "quote", "verdict")}
    return _dump(fields | ({"answers": known[one.verdict]} if one.verdict in known else {}))


def overview_json(found: "Overview") -> str:
    """Return an overview, without the ids of answers."""
    figures = asdict(found.figures)
    days = [{"day": day, "answered": answered, "refused": refused} for day, answered, refused in figures.pop("days")]
    gaps = [{"questions": gap.questions, "times": gap.times, "people": gap.people} for gap in found.gaps]
    wrong = {
        "judged": found.figures.judged, "wrong_first": found.figures.share_wrong, "interval": found.interval,
    }  # fmt: skip
    articles = {"articles": found.articles, "never_cited": found.never_cited}
    return _dump(wrong | figures | articles | {"days": days, "gaps": gaps})


def verified_json(given: "StoredAnswer", verified: Sequence["VerifiedCitation"]) -> str:
    """Return a past answer with the verdict on each of its citations."""
    from bot.rendering.terminal.question_lines import holds  # noqa: PLC0415 - with SQLite

    citations = [asdict(one.citation) | {"verdict": one.status.value, "changed": one.changed} for one in verified]
    return _dump(asdict(given) | {"citations": citations, "holds": holds(verified)})


def finding_json(finding: "Finding") -> str:
    """Return a lint finding with its remedy."""
    from bot.rendering.terminal.finding_lines import REMEDIES, is_wrong  # noqa: PLC0415 - with numpy

    found = {"check": finding.check.value, "articles": finding.articles, "detail": finding.detail}
    found |= {"source": finding.source} if finding.source else {}
    return _dump(found | {"remedy": REMEDIES[finding.check], "wrong": is_wrong(finding)})


def report_json(report: "Report") -> str:
    """Return the metrics of all questions, with those of each group under `by_collection`, `by_kind` and so on."""
    whole = asdict(report)
    return _dump(whole.pop("overall") | whole)


def differences_json(differences: Sequence["Difference"], first: str, second: str) -> str:
    """Return how two runs of these names differ."""
    return _dump({"a": first, "b": second, "differences": [asdict(one) for one in differences]})


def call_json(update_id: int, method: str, parameters: Mapping[str, Any]) -> str:
    """Return a Bot API call, with its text as a reader sees it in `shown`."""
    shown = shown_text(parameters)
    call = {"update_id": update_id, "method": method, "parameters": parameters}
    return _dump(call | ({"shown": shown} if shown else {}))


def _reason(answer: Answer, *, store_is_empty: bool) -> str | None:
    """Return why nothing came; None if something did."""
    if answer.answered:
        return None
    if unasked := _UNASKED.get(answer.intent, "small_talk"):
        return unasked
    if store_is_empty:
        return "no_articles"
    scope = answer.scope
    if scope and (scope.mistakes or scope.too_many):
        return "too_many_filters" if scope.too_many else "no_such_filter"
    return "nothing_matches_filter" if is_out_of_scope(answer) else "abstained"


def _answer(answer: Answer, given: object, reason: str | None) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "id": given,
        "question": answer.question,
        "intent": answer.intent.value,
        "answered": answer.answered,
        "reason": reason,
        "certainty": answer.certainty,
        "disagree": answer.disagree,
        "confidence": answer.p_right,
        "p_in_store": answer.p_in_store,
        "p_right": answer.p_right,
        "language": answer.language,
        "hits": [_hit(hit) for hit in answer.hits],
    }


def _hit(hit: Hit) -> dict[str, Any]:
    lead, intro, code, trail = (span and asdict(span) for span in (hit.lead, hit.intro, hit.code, hit.trail))
    known = {name: getattr(hit, name) for name in _HIT_KEYS}
    return known | {"lead": lead, "section": hit.section, "intro": intro, "code": code, "trail": trail}


def _explained(explained: "ExplainedHit") -> dict[str, Any]:
    """Return the parts of a hit's score; the contributions of the features add up to it."""
    return {
        "rank": explained.hit.rank,
        "score": explained.hit.score,
        "words": [asdict(word) for word in explained.words],
        "families": explained.families(),
        "features": [asdict(part) for part in explained.parts],
    }


def _dump(value: Mapping[str, Any]) -> str:
    line = json.dumps(value, ensure_ascii=False, allow_nan=False)
    try:
        line.encode()
    except UnicodeEncodeError:  # half a character in the id that was given
        return json.dumps(value, allow_nan=False)
    return line
