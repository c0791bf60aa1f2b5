"""The questions that the articles leave open, from what was asked: unanswered, or answered badly; the most asked first.

Each is asked again first, of the same sets of articles: what these answer by now is no gap any more.
"""

from collections.abc import Iterable

from bot.rendering.notices import is_out_of_scope
from bot.state import AnswerLog, Gap, OpenQuestion, wording
from retrieval import Engine, QuestionTooSlow, SetsNotAsked

MOST = 1000  # different questions that are looked at, the latest


def find_gaps(engine: Engine | None, log: AnswerLog) -> list[Gap]:
    """Return the gaps, the most asked first; without articles to ask, all that were left open, each wording by itself."""
    wordings: dict[tuple[str, tuple[str, ...]], list[OpenQuestion]] = {}
    for asked in log.open_questions():
        wordings.setdefault((wording(asked.question), asked.sets), []).append(asked)
        if len(wordings) == MOST:
            break
    still_open = [some for some in wordings.values() if engine is None or _is_open(engine, some[0])]
    one_each = [[number] for number in range(len(still_open))]
    groups = engine.group_questions([some[0].question for some in still_open]) if engine else one_each
    gaps = [_gap([still_open[number] for number in group]) for group in groups]
    return sorted(gaps, key=lambda gap: (gap.times, gap.last), reverse=True)


def _is_open(engine: Engine, asked: OpenQuestion) -> bool:
    """Whether the articles still do not answer, or still with the sentence that people found wrong."""
    try:
        answer = _asked_of(engine, asked.sets).ask(asked.question)
    except QuestionTooSlow:  # it keeps no other off the list
        return True
    first = answer.first
    if first is None:  # what an operator leaves no article for is not for want of one
        return not is_out_of_scope(answer)
    return asked.answered and (first.article, first.text) == (asked.article, asked.quote)


def _asked_of(engine: Engine, sets: tuple[str, ...]) -> Engine:
    """Return the engine of what a chat was answered from; of everything if that is no longer asked."""
    try:
        return engine.within(sets)
    except SetsNotAsked:
        return engine


def _gap(wordings: Iterable[list[OpenQuestion]]) -> Gap:
    by_frequency = sorted(wordings, key=len, reverse=True)
    every = sorted((asked for some in by_frequency for asked in some), key=lambda asked: asked.at, reverse=True)
    return Gap(
        questions=tuple(dict.fromkeys(some[0].question for some in by_frequency)),
        times=len(every),
        people=len({asked.user for asked in every if asked.user}),
        last=every[0].at,
        answered=every[0].answered,
        answers=tuple(asked.answer for asked in every),
    )
