"""One write of an act fails, then the next one, until the act succeeds: `python tests/failing_writes.py FOLDER ACT ...`.

Started with the library of failing_writes.c preloaded. Each try is a fork of this process with a copy of the same files;
it prints one line of JSON that says what came of it.
"""

import ctypes
import errno
import json
import os
import shutil
import sys
import traceback
from contextlib import suppress
from pathlib import Path

from editions import EDITIONS, QUESTION, texts, write

from bot.backup import restore_backup, write_backup
from bot.state import CONSOLE, AnswerLog, Inbox
from bot.state.state_checks import find_state_problems
from retrieval import open_engine
from retrieval.errors import RetrievalError

TRIES = int(
    os.environ.get("CITEBOT_FAULTS") or 3
)  # of each act and kind of failure, spread over its writes, and the first
KINDS = {"full": (errno.ENOSPC, 1), "broken": (errno.EIO, 0)}
SHIM = ctypes.CDLL(None)


def update(number):
    return {"update_id": number, "message": {"text": "x" * 5000}}


def prepare(folder):
    """Write what every act begins with: one edition backed up and another loaded, a question asked in each, an update."""
    db, state = folder / "s.db", folder / "s.state.db"
    (sent := folder / "s.db.uploads" / "telegram").mkdir(parents=True)
    with open_engine(db) as engine, AnswerLog(state) as log, Inbox(state) as inbox:
        for edition in ("harbour", "tower"):
            write(folder, edition)
            (sent / f"{edition}.txt").write_text(edition)
            (sent / "both.txt").write_text(edition)
            engine.load([folder / "all.jsonl"], prune=True)
            log.record(engine.ask(QUESTION), CONSOLE)
            if edition == "harbour":
                write_backup(db, state, folder / "backup.zip")
                (sent / "harbour.txt").unlink()
        inbox.take([update(1)])
    write(folder, "bridge")


def load(folder):
    with open_engine(folder / "s.db") as engine:
        return not engine.load([folder / "all.jsonl"], prune=True).failed


def first_load(folder):
    with open_engine(folder / "new.db") as engine:
        return not engine.load([folder / "all.jsonl"]).failed


def rebuild(folder):
    shutil.rmtree(folder / "s.db.index", ignore_errors=True)
    with open_engine(folder / "s.db") as engine:
        return engine.ask(QUESTION).hits != ()


def receive(folder):
    with Inbox(folder / "s.state.db") as inbox:
        return len(inbox.take([update(2), update(3)])) == 2


def record(folder):
    with open_engine(folder / "s.db") as engine, AnswerLog(folder / "s.state.db") as log:
        return bool(log.record(engine.ask(QUESTION), CONSOLE))


def backup(folder):
    return bool(write_backup(folder / "s.db", folder / "s.state.db", folder / "backup.zip"))


def restore(folder):
    return bool(restore_backup(folder / "backup.zip", folder / "s.db", folder / "s.state.db"))


ACTS = {act.__name__: act for act in (load, first_load, rebuild, receive, record, backup, restore)}


def shown(db):
    """Return which edition a store shows completely, "none" if there is no article; fail for anything else."""
    with open_engine(db) as engine:
        held = {article.id: article.text for article in engine.export()}
        if not held:
            return "none"
        (edition,) = [edition for edition in EDITIONS if texts(edition) == held]
        answer = engine.ask(QUESTION)
        assert answer.generation == engine.generation()
        assert all(held[hit.article][hit.start : hit.end] == hit.text for hit in answer.hits), "quoted wrongly"
        assert answer.hits, "not answered"
        return edition


def state_of(folder):
    """Return what is wrong and what is there, as a process that begins now sees it."""
    db, state = folder / "s.db", folder / "s.state.db"
    with open_engine(db) as engine:
        problems = [*engine.problems(), *find_state_problems(state)]
    with Inbox(state) as inbox, AnswerLog(state) as log:
        waiting, asked = [one.update_id for one in inbox.waiting()], log.count()[0]
    names = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if "segments/" not in str(path))
    sent = {path.name: path.read_text() for path in (folder / "s.db.uploads").glob("telegram/*")}
    return {
        "sent": sent,
        "edition": shown(db),
        "problems": problems,
        "waiting": waiting,
        "asked": asked,
        "names": names,
    }


def attempt(folder, name, nth, kind):
    """Act with a failing write, look at what is there, and act again."""
    error, lasting = KINDS[kind]
    result = {"act": name, "kind": kind, "nth": nth, "error": "", "trace": ""}
    with open_engine(folder / "s.db") as engine:
        assert engine.ask(QUESTION).hits
        SHIM.fail_at(nth, error, lasting)
        try:
            result["done"] = ACTS[name](folder)
        except RetrievalError as failure:
            result |= {"done": False, "error": str(failure)}
        except Exception:  # noqa: BLE001 - the test shows it
            result |= {"done": False, "trace": traceback.format_exc()}
        result["writes"] = SHIM.writes()
        if lasting:
            with suppress(RetrievalError):
                result["meanwhile"] = len(engine.ask(QUESTION).hits)  # while the disk is full
        SHIM.fail_at(0, 0, 0)
        result["bytes"] = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        try:
            result["after"] = state_of(folder)
            result["again"] = ACTS[name](folder)
            result["finally"] = state_of(folder)
        except Exception:  # noqa: BLE001 - the test shows it
            result["trace"] += traceback.format_exc()
    return result


def in_fork(folder, name, nth, kind):
    copied = shutil.copytree(folder, folder.parent / "try")
    ours, theirs = os.pipe()
    if (child := os.fork()) == 0:
        with suppress(BaseException), os.fdopen(theirs, "w") as pipe:
            json.dump(attempt(copied, name, nth, kind), pipe)
        os._exit(0)
    os.close(theirs)
    with os.fdopen(ours) as pipe:
        line = pipe.read()
    os.waitpid(child, 0)
    shutil.rmtree(copied)
    return json.loads(line)


def main():
    folder = Path(sys.argv[1]) / "try"
    folder.mkdir()
    prepare(folder)
    folder = folder.rename(folder.with_name("first"))  # each try is at the path from which was loaded
    with open_engine(folder / "s.db") as engine:
        engine.ask(QUESTION)  # imports what the tries need
    for name in sys.argv[2:] or ACTS:
        for kind in KINDS:
            total = in_fork(folder, name, 10**9, kind)["writes"]
            spread = {1 + total * (2 * one + 1) // (2 * TRIES) for one in range(min(TRIES, total))}
            for nth in sorted({1} | spread):
                print(json.dumps(in_fork(folder, name, nth, kind)), flush=True)


if __name__ == "__main__":
    main()
