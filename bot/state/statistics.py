"""Figures of the questions on record, and a table of them without ids, in CITEBOT_STATE."""

from collections import Counter
from collections.abc import Iterator

from bot.state.database import StateFile
from bot.state.judgements import Judgements
from bot.state.records import ExportedQuestion, Figures

_ANSWERS = """SELECT coalesce(min(at), ''), count(*), coalesce(sum(answered), 0), count(undelivered), coalesce(
    (SELECT undelivered FROM answers WHERE undelivered IS NOT NULL ORDER BY at DESC LIMIT 1), '') FROM answers WHERE NOT notice"""
_MEDIAN = """WITH timed AS (SELECT milliseconds, row_number() OVER (ORDER BY milliseconds) AS place, count(*) OVER () AS n
    FROM answers WHERE milliseconds IS NOT NULL AND NOT notice)
    SELECT avg(milliseconds) FROM timed WHERE place IN ((n + 1) / 2, (n + 2) / 2)"""
_VOTES = "SELECT coalesce(sum(up), 0), coalesce(sum(1 - up), 0) FROM votes"
_REASONS = "SELECT reason, count(*) FROM votes WHERE reason IS NOT NULL GROUP BY reason ORDER BY count(*) DESC, reason"
_CITED = "SELECT article, count(DISTINCT answer) FROM citations GROUP BY article ORDER BY 2 DESC, article"
_DAYS = "SELECT substr(at, 1, 10), sum(answered), sum(1 - answered) FROM answers WHERE NOT notice GROUP BY 1 ORDER BY 1"
_EXPORT = """SELECT substr(q.at, 1, 10), q.channel, q.language, q.question, a.answered, a.confidence, a.milliseconds,
    c.article, c.text, (SELECT count(*) FROM votes WHERE answer = a.id AND up),
    (SELECT count(*) FROM votes WHERE answer = a.id AND NOT up), j.verdict
    FROM questions AS q JOIN answers AS a ON a.question = q.id
    LEFT JOIN citations AS c ON c.answer = a.id AND c.rank = 1 AND a.answered
    LEFT JOIN judgements AS j ON j.answer = a.id WHERE NOT a.notice ORDER BY q.id"""


class Statistics(StateFile):
    """What can be counted of questions and answers. A file that does not exist yet has none."""

    def figures(self) -> Figures:
        """Count everything."""
        with Judgements(self.path) as judgements:
            judged = Counter((one.quote is None, one.verdict) for one in judgements.first_sentences())
        since, questions, answered, undelivered, reason = next(self._rows(_ANSWERS), ("", 0, 0, 0, ""))
        helpful, unhelpful = next(self._rows(_VOTES), (0, 0))
        return Figures(
            since, questions, answered, undelivered, reason,
            milliseconds=next(self._rows(_MEDIAN), (None,))[0],
            helpful=helpful, unhelpful=unhelpful, reasons=dict(self._rows(_REASONS)),
            right=judged[False, "right"], wrong=judged[False, "wrong"], nothing=judged[False, "nothing"],
            refused_rightly=judged[True, "nothing"], refused_wrongly=judged[True, "wrong"],
            cited=dict(self._rows(_CITED)), days=tuple(self._rows(_DAYS)),
        )  # fmt: skip

    def export(self) -> Iterator[ExportedQuestion]:
        """Yield the questions with their answers, the oldest first."""
        for day, channel, language, question, answered, *rest in self._rows(_EXPORT):
            yield ExportedQuestion(day, channel, language, question, bool(answered), *rest)
