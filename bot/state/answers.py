"""Answers in, rows of CITEBOT_STATE; rows out, questions and answers as they were given."""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bot.state.database import WAIT, StateError, identity, open_ledger, storable, unusable
from bot.state.ids import new_answer_id, pseudonym
from bot.state.records import Citation, Sender, StoredAnswer, StoredQuestion
from retrieval.records import Answer, Snippet, Span

LONGEST_QUESTION = 4096  # characters, as in Telegram: of a page that was pasted into the console no more is kept
AT_ONCE = 500  # questions forgotten in one transaction: others wait some milliseconds for that

_QUESTION = "INSERT INTO questions (at, channel, user, chat, language, question) VALUES (?, ?, ?, ?, ?, ?)"
_ANSWER = """INSERT INTO answers (id, question, at, generation, answered, confidence) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO NOTHING"""
_CITATION = "INSERT INTO citations VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (answer, rank) DO NOTHING"
_GIVEN = """SELECT a.id, q.question, q.channel, a.at, q.language, a.generation, a.answered, a.confidence
    FROM answers AS a JOIN questions AS q ON q.id = a.question WHERE a.id = ?"""
_CITED = 'SELECT rank, article, version, start, "end", text, lead_start, lead_end, lead FROM citations WHERE answer = ?'
_ASKED = """SELECT q.at, q.channel, q.question, q.language, a.answered, a.confidence, a.id, c.article
    FROM questions AS q JOIN answers AS a ON a.question = q.id
    LEFT JOIN citations AS c ON c.answer = a.id AND c.rank = 1
    WHERE a.answered <= ? ORDER BY q.id DESC LIMIT ?"""
_OLD = "DELETE FROM questions WHERE id IN (SELECT id FROM questions WHERE at < ? ORDER BY at LIMIT ?)"


class AnswerLog:
    """The questions that were asked and the answers that were given; for any number of threads and processes.

    A file that is not there yet is empty, and made by the first record. Every method raises LedgerError where the file
    cannot be used, or is held by another program for longer than WAIT seconds.
    """

    def __init__(self, path: str | Path, key: bytes | None = None) -> None:
        """Take the path of the file and the key of the hashes; without a key nothing is recorded of who asked."""
        self.path = Path(path)
        self._key = key
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None  # device and inode of what is open

    def __enter__(self) -> Self:
        """Give the ledger itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Close the file; what comes later opens it again."""
        with self._lock:
            self._close()

    def record(self, answer: Answer, asker: Sender) -> str:
        """Keep an answer with its question, all or nothing; give the id by which it is found again."""
        at = _time(datetime.now(UTC))
        question = storable(answer.question).strip()[:LONGEST_QUESTION]
        user, chat = pseudonym(self._key, "user", asker.user), pseudonym(self._key, "chat", asker.chat)
        with self._changing() as connection:
            row = connection.execute(_QUESTION, (at, asker.channel, user, chat, answer.language, question)).lastrowid
            facts = (row, at, answer.generation, answer.answered, answer.confidence)
            while not connection.execute(_ANSWER, (id_ := new_answer_id(), *facts)).rowcount:
                pass  # another answer has this id
            connection.executemany(_CITATION, _citations(id_, 1, answer.snippets))
        return id_

    def add(self, answer_id: str, first: int, snippets: Sequence[Snippet]) -> None:
        """Keep what was shown later of an answer, under the numbers from `first` on."""
        with self._changing() as connection:
            connection.executemany(_CITATION, _citations(answer_id, first, snippets))

    def answer(self, answer_id: str) -> StoredAnswer | None:
        """Give an answer as it was given; None where there is none of that id."""
        with self._reading() as connection:
            rows = connection.execute(_GIVEN, (answer_id,)).fetchall() if connection else []
            cited = connection.execute(f"{_CITED} ORDER BY rank", (answer_id,)).fetchall() if connection else []
        return next((_given(row, tuple(map(_cited, cited))) for row in rows), None)

    def answer_ids(self, most: int) -> list[str]:
        """List the ids of the latest answers, newest first."""
        return [asked.answer for asked in self.asked(most)]

    def asked(self, most: int, *, unanswered: bool = False) -> list[StoredQuestion]:
        """List the latest questions, or those of them that the articles did not answer; newest first."""
        with self._reading() as connection:
            rows = connection.execute(_ASKED, (not unanswered, most)).fetchall() if connection else []
        return list(map(_asked, rows))

    def recent_questions(self, most: int) -> list[str]:
        """List the latest questions in their latest wording, newest first; case and spaces make no other wording."""
        found: dict[str, str] = {}
        with self._reading() as connection:
            rows = connection.execute("SELECT question FROM questions ORDER BY id DESC") if connection else ()
            for (question,) in rows:
                if len(found) == most:
                    break
                found.setdefault(" ".join(question.casefold().split()), question)
        return list(found.values())

    def count(self) -> tuple[int, str | None]:
        """Count the questions, and give when the oldest of them was asked (ISO 8601, UTC)."""
        with self._reading() as connection:
            query = "SELECT count(*), min(at) FROM questions"
            number, oldest = connection.execute(query).fetchone() if connection else (0, None)
        return number, oldest

    def forget(self, before: datetime, most: int | None = None) -> int:
        """Delete the questions asked before a moment with all that was answered, at most so many; give how many.

        The file is overwritten where they stood, and so is the write-ahead log unless somebody reads in this moment.
        """
        forgotten = 0
        if not self.count()[0]:
            return 0  # and no file is made where there is none
        while most is None or forgotten < most:
            batch = AT_ONCE if most is None else min(AT_ONCE, most - forgotten)
            with self._changing() as connection:
                deleted = connection.execute(_OLD, (_time(before), batch)).rowcount
            forgotten += deleted
            if deleted < batch:
                break
        self._empty_log()
        return forgotten

    def _empty_log(self) -> None:
        """Move the write-ahead log into the file, unless somebody reads: nobody waits for that."""
        with self._reading() as connection:
            if connection:
                connection.execute("PRAGMA busy_timeout = 0")
                try:
                    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
                finally:
                    connection.execute(f"PRAGMA busy_timeout = {int(1000 * WAIT)}")

    @contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        """Give a connection in a transaction that holds the right to change the file; made if it is not there."""
        with self._held() as connection:
            connection.execute("BEGIN IMMEDIATE")
            with connection:
                yield connection

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection | None]:
        """Give a connection; None where there is no file yet."""
        try:
            is_there = self.path.exists()
        except OSError as error:
            raise unusable(self.path, error) from error
        if not is_there:
            yield None
            return
        with self._held() as connection:
            yield connection

    @contextmanager
    def _held(self) -> Iterator[sqlite3.Connection]:
        """Give the connection to one thread at a time; errors of SQLite and of the system become a LedgerError."""
        if not self._lock.acquire(timeout=WAIT):
            raise StateError(f"{self.path} is held by a change that takes long. Try again in a moment.")
        try:
            yield self._current()
        except (sqlite3.Error, OSError) as error:
            raise unusable(self.path, error) from error
        finally:
            self._lock.release()

    def _current(self) -> sqlite3.Connection:
        """Open the file, or the one that has taken its place, such as a backup that was restored."""
        if self._connection is None or self._file != identity(self.path):
            self._close()
            self._connection = open_ledger(self.path)
            self._file = identity(self.path)
        return self._connection

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = self._file = None


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def _citations(answer_id: str, first: int, snippets: Sequence[Snippet]) -> Iterator[tuple[Any, ...]]:
    for rank, snippet in enumerate(snippets, first):
        hit, lead = snippet.hit, snippet.hit.lead
        said = (lead.start, lead.end, lead.text) if lead else (None, None, None)
        yield answer_id, rank, hit.article, hit.version, hit.start, hit.end, hit.text, *said


def _given(row: tuple[Any, ...], citations: tuple[Citation, ...]) -> StoredAnswer:
    id_, question, channel, at, language, generation, answered, confidence = row
    return StoredAnswer(id_, question, channel, at, language, generation, bool(answered), confidence, citations)


def _asked(row: tuple[Any, ...]) -> StoredQuestion:
    at, channel, question, language, answered, confidence, answer, source = row
    return StoredQuestion(at, channel, question, language, bool(answered), confidence, answer, source)


def _cited(row: tuple[Any, ...]) -> Citation:
    rank, article, version, start, end, text, lead_start, lead_end, lead = row
    said = None if lead is None else Span(lead_start, lead_end, lead)
    return Citation(rank, article, version, start, end, text, said)
