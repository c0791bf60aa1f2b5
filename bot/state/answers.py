"""The questions that were asked and the answers that were given, in CITEBOT_STATE."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.state.database import WAIT, StateFile, storable
from bot.state.ids import new_answer_id, pseudonym
from bot.state.records import Citation, OpenQuestion, Sender, StoredAnswer, StoredQuestion, Votes, wording
from retrieval.records import Answer, Snippet, Span

LONGEST_QUESTION = 4096  # characters, as in Telegram: a page pasted into the console is cut off there
AT_ONCE = 500  # questions deleted in one transaction: others wait some milliseconds for it

_QUESTION = "INSERT INTO questions (at, channel, user, chat, language, question, sets) VALUES (?, ?, ?, ?, ?, ?, ?)"
_ANSWER = """INSERT INTO answers (id, question, at, generation, answered, confidence, milliseconds, notice)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING"""
_CITATION = "INSERT INTO citations VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (answer, rank) DO NOTHING"
_GIVEN = """SELECT a.id, q.question, q.channel, a.at, q.language, a.generation, a.answered, a.confidence,
    c.rank, c.article, c.version, c.start, c."end", c.text, c.lead_start, c.lead_end, c.lead
    FROM answers AS a JOIN questions AS q ON q.id = a.question LEFT JOIN citations AS c ON c.answer = a.id
    WHERE a.id = ? ORDER BY c.rank"""
_ASKED = """SELECT q.at, q.channel, q.question, q.language, a.answered, a.confidence, a.id, c.article
    FROM questions AS q JOIN answers AS a ON a.question = q.id
    LEFT JOIN citations AS c ON c.answer = a.id AND c.rank = 1
    WHERE a.answered <= ? ORDER BY q.id DESC LIMIT ?"""
_VOTE = """INSERT INTO votes (answer, user, up, at) SELECT id, ?, ?, ? FROM answers WHERE id = ?
    ON CONFLICT (answer, user) DO UPDATE SET up = excluded.up, at = excluded.at, reason = iif(excluded.up, NULL, reason)"""
_UNEXPLAINED = "SELECT NOT up AND reason IS NULL FROM votes WHERE answer = ? AND user = ?"
_EXPLAIN = "UPDATE votes SET reason = ? WHERE answer = ? AND user = ? AND NOT up"
_VOTES = "SELECT coalesce(sum(up), 0), coalesce(sum(1 - up), 0) FROM votes WHERE answer = ?"
_OPEN = """SELECT q.at, q.user, q.question, q.sets, a.answered, a.id, c.article, c.text
    FROM questions AS q JOIN answers AS a ON a.question = q.id
    LEFT JOIN citations AS c ON c.answer = a.id AND c.rank = 1
    WHERE NOT a.dismissed AND (NOT (a.answered OR a.notice) OR (SELECT sum(1 - 2 * up) FROM votes WHERE answer = a.id) > 0)
    ORDER BY q.id DESC"""
_DISMISS = "UPDATE answers SET dismissed = 1 WHERE id = ?"
_UNDELIVERED = "UPDATE answers SET undelivered = ? WHERE id = ?"
_OLD = "DELETE FROM questions WHERE id IN (SELECT id FROM questions WHERE at < ? ORDER BY at LIMIT ?)"


class AnswerLog(StateFile):
    """The questions and answers of the past. A file that does not exist yet is empty; the first record creates it."""

    def __init__(self, path: str | Path, key: bytes | None = None) -> None:
        """Take the path of the file and the key of its hashes; without a key, nothing is recorded about who asked."""
        super().__init__(path)
        self._key = key

    def record(self, answer: Answer, asker: Sender, milliseconds: float | None = None) -> str:
        """Store an answer with its question and the time it took, all or nothing, and return the answer's id."""
        at = _time(datetime.now(UTC))
        question = storable(answer.question).strip()[:LONGEST_QUESTION]
        user, chat = pseudonym(self._key, "user", asker.user), pseudonym(self._key, "chat", asker.chat)
        with self._transaction() as connection:
            asked = (at, asker.channel, user, chat, answer.language, question, " ".join(asker.sets))
            row = connection.execute(_QUESTION, asked).lastrowid
            facts = (row, at, answer.generation, answer.answered, answer.confidence, milliseconds, asker.is_told)
            while not connection.execute(_ANSWER, (id_ := new_answer_id(), *facts)).rowcount:
                pass  # another answer has this id
            connection.executemany(_CITATION, _citations(id_, 1, answer.snippets))
        return id_

    def add(self, answer_id: str, first: int, snippets: Sequence[Snippet]) -> None:
        """Store what was shown later of an answer, ranked from `first` on."""
        with self._transaction() as connection:
            connection.executemany(_CITATION, _citations(answer_id, first, snippets))

    def undelivered(self, answer_id: str, reason: str) -> None:
        """Note that an answer could not be delivered."""
        with self._connection() as connection:
            connection.execute(_UNDELIVERED, (storable(reason), answer_id))

    def asked_since(self, moment: datetime) -> tuple[int, int]:
        """Return how many questions were asked since a moment, and how many of them were answered."""
        query = "SELECT count(*), coalesce(sum(answered), 0) FROM answers WHERE at >= ? AND NOT notice"
        return next(((asked, answered) for asked, answered in self._rows(query, _time(moment))), (0, 0))

    def answer(self, answer_id: str) -> StoredAnswer | None:
        """Return an answer as it was given; None if no answer has that id."""
        rows = list(self._rows(_GIVEN, answer_id))
        return _answer(rows) if rows else None

    def vote(self, answer_id: str, user: int, *, up: bool) -> bool | None:
        """Store what a person thinks of an answer, in place of what they thought before.

        Return whether they did not say yet what was wrong with it; None if the answer is gone.
        """
        voter = pseudonym(self._key, "user", user)
        with self._transaction() as connection:
            if not connection.execute(_VOTE, (voter, up, _time(datetime.now(UTC)), answer_id)).rowcount:
                return None
            return bool(connection.execute(_UNEXPLAINED, (answer_id, voter)).fetchone()[0])

    def explain_vote(self, answer_id: str, user: int, reason: str) -> bool:
        """Store what was wrong with an answer; return False if the person has no vote against it."""
        with self._transaction() as connection:
            return connection.execute(_EXPLAIN, (reason, answer_id, pseudonym(self._key, "user", user))).rowcount > 0

    def votes(self, answer_id: str) -> Votes:
        """Count the people who found an answer helpful, and those who did not."""
        return next((Votes(*counted) for counted in self._rows(_VOTES, answer_id)), Votes(0, 0))

    def answer_ids(self, most: int) -> list[str]:
        """List the ids of the latest answers, newest first."""
        return [asked.answer for asked in self.asked(most)]

    def asked(self, most: int, *, unanswered: bool = False) -> list[StoredQuestion]:
        """List the latest questions, or the latest that the articles did not answer; newest first."""
        return list(map(_question, self._rows(_ASKED, not unanswered, most)))

    def open_questions(self) -> Iterator[OpenQuestion]:
        """Yield the questions that were not answered, or badly; the latest first."""
        for at, user, question, sets, answered, *cited in self._rows(_OPEN):
            yield OpenQuestion(at, user, question, tuple(sets.split()), bool(answered), *cited)

    def dismiss(self, answer_ids: Iterable[str]) -> None:
        """Take the questions of these answers off the open ones."""
        with self._transaction() as connection:
            connection.executemany(_DISMISS, [(answer_id,) for answer_id in answer_ids])

    def recent_questions(self, most: int) -> list[str]:
        """List the latest questions, newest first, without repetitions that differ only in case and spaces."""
        found: dict[str, str] = {}
        with closing(self._rows("SELECT question FROM questions ORDER BY id DESC")) as rows:
            for (question,) in rows:
                if len(found) == most:
                    break
                found.setdefault(wording(question), question)
        return list(found.values())

    def count(self) -> tuple[int, str | None]:
        """Return the number of questions, and when the oldest of them was asked (ISO 8601, UTC)."""
        ((number, oldest),) = list(self._rows("SELECT count(*), min(at) FROM questions")) or [(0, None)]
        return number, oldest

    def forget(self, before: datetime, most: int | None = None) -> int:
        """Delete questions asked before a moment, up to a number, with their answers; return how many.

        They are overwritten in the file, and in the write-ahead log too unless somebody is reading at that moment.
        """
        forgotten = 0
        if not self.count()[0]:
            return 0  # without creating the file
        while most is None or forgotten < most:
            batch = AT_ONCE if most is None else min(AT_ONCE, most - forgotten)
            with self._transaction() as connection:
                deleted = connection.execute(_OLD, (_time(before), batch)).rowcount
            forgotten += deleted
            if deleted < batch:
                break
        self._empty_write_ahead_log()
        return forgotten

    def _empty_write_ahead_log(self) -> None:
        """Move the write-ahead log into the file; do not wait if somebody is reading."""
        with self._connection() as connection:
            connection.execute("PRAGMA busy_timeout = 0")
            try:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            finally:
                connection.execute(f"PRAGMA busy_timeout = {int(1000 * WAIT)}")


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def _citations(answer_id: str, first: int, snippets: Sequence[Snippet]) -> Iterator[tuple[Any, ...]]:
    for rank, snippet in enumerate(snippets, first):
        hit, lead = snippet.hit, snippet.hit.lead
        said = (lead.start, lead.end, lead.text) if lead else (None, None, None)
        yield answer_id, rank, hit.article, hit.version, hit.start, hit.end, hit.text, *said


def _answer(rows: Sequence[tuple[Any, ...]]) -> StoredAnswer:
    """Make an answer of its rows, one for each citation; or one whose rank is None if nothing was cited."""
    id_, question, channel, at, language, generation, answered, confidence, *_ = rows[0]
    citations = tuple(_citation(row[8:]) for row in rows if row[8] is not None)
    return StoredAnswer(id_, question, channel, at, language, generation, bool(answered), confidence, citations)


def _citation(row: Sequence[Any]) -> Citation:
    rank, article, version, start, end, text, lead_start, lead_end, lead = row
    said = None if lead is None else Span(lead_start, lead_end, lead)
    return Citation(rank, article, version, start, end, text, said)


def _question(row: tuple[Any, ...]) -> StoredQuestion:
    at, channel, question, language, answered, confidence, answer, source = row
    return StoredQuestion(at, channel, question, language, bool(answered), confidence, answer, source)
