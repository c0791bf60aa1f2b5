"""What somebody who knows the articles thinks of answers, in CITEBOT_STATE.

A judgement is of a sentence that answered a question, or of its refusal, however often that happened. It is kept with
the answers, and goes when they go.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from bot.state.database import StateFile
from bot.state.records import FirstSentence, Verdict, wording

_ASKED = """SELECT q.question, q.language, q.at, a.id, c.article, c.text, c.lead, j.verdict,
    (SELECT count(*) FROM votes WHERE answer = a.id AND up), (SELECT count(*) FROM votes WHERE answer = a.id AND NOT up)
    FROM questions AS q JOIN answers AS a ON a.question = q.id
    LEFT JOIN citations AS c ON c.answer = a.id AND c.rank = 1 AND a.answered
    LEFT JOIN judgements AS j ON j.answer = a.id ORDER BY q.id DESC"""
_JUDGE = """INSERT INTO judgements (answer, verdict, at) SELECT id, ?, ? FROM answers WHERE id = ?
    ON CONFLICT (answer) DO UPDATE SET verdict = excluded.verdict, at = excluded.at"""
_WITHDRAW = "DELETE FROM judgements WHERE answer = ?"


class Judgements(StateFile):
    """The first sentences of answers, and what was judged of them. A file that does not exist yet has none."""

    def first_sentences(self) -> list[FirstSentence]:
        """List the first sentences that questions were answered with, the latest asked first."""
        same: dict[tuple[str, str | None, str | None], list[tuple[Any, ...]]] = {}
        for row in self._rows(_ASKED):
            question, _, _, _, article, quote, *_ = row
            same.setdefault((wording(question), article, quote), []).append(row)
        return list(map(_first_sentence, same.values()))

    def judge(self, answers: Iterable[str], verdict: Verdict | None) -> None:
        """Store a verdict on the first sentence of these answers, in place of an earlier one; None withdraws that."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        with self._transaction("FULL") as connection:
            if verdict is None:
                connection.executemany(_WITHDRAW, [(answer,) for answer in answers])
            else:
                connection.executemany(_JUDGE, [(verdict, at, answer) for answer in answers])


def _first_sentence(rows: list[tuple[Any, ...]]) -> FirstSentence:
    """Make one of the rows of all its answers, the latest first."""
    question, language, at, _, article, quote, lead, *_ = rows[0]
    return FirstSentence(
        question, language, at, tuple(row[3] for row in rows), article, quote, lead,
        helpful=sum(row[8] for row in rows), unhelpful=sum(row[9] for row in rows),
        verdict=next((row[7] for row in rows if row[7]), None),
    )  # fmt: skip
