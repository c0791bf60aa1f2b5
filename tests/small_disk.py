"""What citebot does on a disk that is full: `unshare -rm python tests/small_disk.py FOLDER`.

The disk is a file system of its own in memory, mounted on FOLDER, that ends with this process. Prints what came of it
as one JSON object.
"""

import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from editions import EDITIONS, QUESTION, texts, write

from bot.backup import restore_backup, write_backup
from bot.commands.doctor_checks import find_space_problems
from bot.state import AnswerLog, Inbox
from retrieval import open_engine
from retrieval.disk import disk_space
from retrieval.errors import RetrievalError

SIZE = 24_000_000  # bytes; a quarter is left free
MUCH = 300  # articles of 6,000 characters, which need some 6 MB
TAKEN = (  # when another program takes room, and how many bytes it leaves
    ("reading", 15_000_000), ("reading", 5_000_000), ("reading", 0),
    ("indexing", 5_000_000), ("indexing", 1_000_000), ("indexing", 0),
)  # fmt: skip


def mount(folder, *options):
    subprocess.run(["mount", "-t", "tmpfs", "-o", ",".join(options), "none", folder], check=True, capture_output=True)


def free(folder):
    return disk_space(folder)[0]


def fill(folder, left=0):
    """Take what is free but for some bytes, as another program does."""
    other = folder / "other"
    other.unlink(missing_ok=True)
    while free(folder) > left:
        with suppress(OSError), other.open("ab") as file:  # others write meanwhile
            os.posix_fallocate(file.fileno(), other.stat().st_size, free(folder) - left)


def write_much(folder):
    sentence = "The {} lamp of town {} is lit by keeper {} every evening of the long winter.\n\n"
    with (folder / "much.jsonl").open("w", encoding="utf-8") as file:
        for number in range(MUCH):
            text = "".join(sentence.format(at, number * 83 + at, at * number) for at in range(75))
            file.write(json.dumps({"id": f"much{number}", "title": f"{number}", "language": "en", "text": text}) + "\n")


def failure(act, *arguments, **named):
    """Return the words of an error, "" if there is none."""
    try:
        act(*arguments, **named)
    except RetrievalError as error:
        return str(error)
    return ""


def load(disk):
    with open_engine(disk / "s.db") as engine:
        return failure(engine.load, [disk / "all.jsonl"], prune=True)


def shown(store):
    with open_engine(store) as engine:
        held = {article.id: article.text for article in engine.export()}
        is_whole = held in map(texts, EDITIONS)
        return {"whole": is_whole, "answers": len(engine.ask(QUESTION).hits), "problems": engine.problems()}


def update(number):
    return {"update_id": number, "message": {"text": "x" * 50_000}}


def load_as_it_fills(disk, articles):
    """Load what does not fit, while another engine is open; a bot takes an update after each load."""
    tries = []
    with open_engine(disk / "s.db") as engine, Inbox(disk / "s.state.db") as inbox:
        for number, (phase, left) in enumerate(TAKEN, 1):
            fill(disk, 20_000_000)

            def take(progress, phase=phase, left=left):
                if progress.phase == phase and progress.total and free(disk) > left:
                    fill(disk, left)

            found = {"left": left, "error": failure(engine.load, [articles / "much.jsonl"], progress=take)}
            found |= {"after": free(disk), "hits": len(engine.ask(QUESTION).hits), "sizes": sizes(disk)}
            found["refused"] = failure(inbox.take, [update(number)])
            fill(disk, 20_000_000)
            found["taken"] = len(inbox.take([update(number)]))
            tries.append(found | shown(disk / "s.db"))
    return tries


def sizes(disk):
    return {path.name: path.stat().st_size for path in sorted(disk.glob("s.db*")) if path.is_file()}


def be_full(disk):
    """Ask, receive and so on while not a byte is free; then again with room."""
    store, state = disk / "s.db", disk / "s.state.db"
    found = {"undone": load(disk)}
    with Inbox(state) as inbox:
        fill(disk)
        found |= {"free": free(disk), "files": list(sizes(disk))}
        found |= {"ask": shown(store), "doctor": list(find_space_problems(store))}
        found["not taken"] = failure(inbox.take, [update(100), update(101)])
        found["backup"] = failure(write_backup, store, state, disk / "full.zip")
        found["restore"] = failure(restore_backup, disk / "backup.zip", store, state)
        found["load"] = load(disk)
        found["names"] = sorted(path.name for path in disk.iterdir())
        (disk / "other").unlink()
        found["taken"] = [one.update_id for one in inbox.take([update(100), update(101)])]
    write(disk, EDITIONS[1])
    return found | {"load again": load(disk), "then": shown(store)}


def be_read_only(disk):
    """Ask a store in a folder that cannot be written."""
    found = {"undone": load(disk), "files": list(sizes(disk))}
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    found |= shown(disk / "s.db")
    found["load"] = load(disk)
    found["backup"] = failure(write_backup, disk / "s.db", disk / "s.state.db", disk / "b.zip")
    return found


def main():
    disk, elsewhere = Path(sys.argv[1]), Path(sys.argv[2])
    mount(disk, f"size={SIZE}")
    write(disk, EDITIONS[0])
    write_much(elsewhere)
    with open_engine(disk / "s.db") as engine, AnswerLog(disk / "s.state.db") as log:
        engine.load([disk / "all.jsonl"])
        log.count()
    write_backup(disk / "s.db", disk / "s.state.db", disk / "backup.zip")
    found = {"loads": load_as_it_fills(disk, elsewhere), "full": be_full(disk), "frozen": be_read_only(disk)}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
