"""Updates through the real handlers: what would be sent, and that nothing is.

After a change to what the bot says, `python tests/test_simulator.py --update` rewrites the expected output. Read the
difference before you commit it.
"""

import json
import re
import socket
import sys
import tempfile
import threading
from pathlib import Path

import pytest
from conftest import ROOT, citebot_process, fill_store

from bot.rendering import load_messages, messages
from retrieval.records import Progress

SAMPLES = ROOT / "tests" / "data" / "updates"
ADMIN = 900000001


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A working folder with a store of three articles; no simulation changes it."""
    return fill_store(tmp_path_factory.mktemp("simulate"))


def simulated(folder, *words, **settings):
    """Run it in a process of its own: what refuses the network to a simulation cannot be taken back."""
    return citebot_process(
        folder, "simulate", *words, **{"CITEBOT_ARTICLES": "articles", "CITEBOT_ADMINS": str(ADMIN)} | settings
    )


def settled(text):
    """The output without what depends on the day, and without the progress that a slow machine shows."""
    text = re.sub(r", (?:about )?\d+ (?:day|month|year)s? old|, read \d{4}-\d\d-\d\d", "", text)
    finding = re.escape(load_messages.progress(Progress("", 0, None, 0)))
    return re.sub(
        rf"  editMessageText .*\n(?:    .*\n)?    (?:{finding}|\d+% read|Indexing: |[\d,]+ of ~).*\n", "", text
    )


def files_of(folder):
    """What files hold; SQLite's shared memory and an empty journal are left by whoever reads a store."""
    found = {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
    return {path: held for path, held in found.items() if held and not path.name.endswith("-shm")}


def a_message(update_id, text, user=5, **more):
    sender = {"id": user, "is_bot": False, "first_name": "Ann"}
    chat = {"id": user, "type": "private", "first_name": "Ann"}
    marks = [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}] if text.startswith("/") else []
    message = {"message_id": 1, "date": 1700000000, "from": sender, "chat": chat, "text": text, "entities": marks}
    return {"update_id": update_id, "message": message | more}


def written(path, *updates):
    path.write_text("".join(json.dumps(update) + "\n" for update in updates), encoding="utf-8")
    return path


def calls_of(done):
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("name", ["everyday", "admin"])
def test_what_would_go_out_is_printed(folder, name):
    before = files_of(folder)
    done = simulated(folder, SAMPLES / f"{name}.jsonl")
    assert done.returncode == 0, done.stderr
    assert settled(done.stdout) == (SAMPLES / f"{name}.txt").read_text(encoding="utf-8")
    assert done.stderr.endswith("calls. Nothing was sent.\n")
    assert "Traceback" not in done.stderr
    assert files_of(folder) == before  # also after an admin has deleted an article


def test_each_call_is_an_object_of_json(folder):
    done = simulated(folder, SAMPLES / "everyday.jsonl", "--json")
    calls = calls_of(done)
    question = next(call for call in calls if call["update_id"] == 2)
    assert question["method"] == "sendMessage"
    assert question["parameters"]["chat_id"] == 1
    assert question["parameters"]["text"].startswith("<blockquote>The stone bridge of Rivertown was built")
    assert question["shown"].startswith("The stone bridge of Rivertown was built in 1721")
    assert [call["update_id"] for call in calls] == sorted(call["update_id"] for call in calls)


def test_a_line_that_is_no_update_is_named_and_the_others_are_simulated(folder, tmp_path):
    file = tmp_path / "mixed.jsonl"
    lines = [
        b"junk", b"[1]", b'{"message": {}}', b'{"update_id": true}', b"", b"\xff\xfe", b"[" * 100_000,
        json.dumps(a_message(7, "/start")).encode(), json.dumps(a_message(7, "/start")).encode(),
    ]  # fmt: skip
    file.write_bytes(b"\n".join(lines))
    done = simulated(folder, file)
    assert done.returncode == 1
    assert [number for number in range(1, 10) if f"mixed.jsonl, line {number}: " in done.stderr] == [
        1,
        2,
        3,
        4,
        6,
        7,
        9,
    ]
    assert done.stdout.startswith("7: message from 5: /start\n  sendMessage to 5\n")
    assert done.stderr.endswith("1 update, 1 call. Nothing was sent.\n")


def test_an_update_of_a_shape_that_telegram_does_not_give_is_named_and_the_next_is_simulated(folder, tmp_path):
    odd = [
        {"update_id": 1, "message": {"message_id": "x"}},
        {"update_id": 2, "message": {"from": 3, "reply_to_message": [1], "text": 7}},
        {"update_id": 3, "message": "text"},
        {"update_id": 4, "callback_query": {"message": {"from": 5}, "data": 6}},
    ]
    done = simulated(folder, written(tmp_path / "odd.jsonl", *odd, a_message(9, "/start")))
    assert done.returncode == 1
    assert re.search(r"^Update 1 failed: \w+: .", done.stderr, re.MULTILINE)
    assert "9: message from 5: /start\n  sendMessage to 5\n" in done.stdout


def test_a_file_that_is_not_there_or_empty_is_told(folder, tmp_path):
    missing = simulated(folder, tmp_path / "missing.jsonl")
    assert (missing.returncode, missing.stdout) == (2, "")
    assert "does not exist" in missing.stderr
    empty = simulated(folder, written(tmp_path / "empty.jsonl"))
    assert (empty.returncode, empty.stdout) == (0, "")
    assert "empty.jsonl contains no updates" in empty.stderr


def test_nothing_goes_over_the_network(folder, tmp_path):
    reached = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
        stop = threading.Event()
        listener = threading.Thread(target=lambda: listen(server, stop, reached))
        listener.start()
        try:
            done = simulated(
                folder,
                written(tmp_path / "add.jsonl", a_message(1, f"/add {address}/page", ADMIN)),
                CITEBOT_ALLOW_PRIVATE_URLS="1",
                CITEBOT_API_URL=f"{address}/bot",
            )
        finally:
            stop.set()
            listener.join()
    assert "a simulation does not use the network" in done.stdout
    assert done.returncode == 0
    assert reached == []


def listen(server, stop, reached):
    while not stop.is_set():
        try:
            reached.append(server.accept()[0].close())
        except TimeoutError:
            continue


def test_without_a_store_the_articles_are_read_for_the_simulation_alone(tmp_path):
    fill_store(tmp_path)
    before = files_of(tmp_path)
    question = written(tmp_path.parent / "question.jsonl", a_message(1, "Who built the stone bridge of Rivertown?"))
    done = simulated(tmp_path, question)
    assert "Anna Stone" in done.stdout
    assert files_of(tmp_path) == before


def test_admins_and_allowed_ones_are_those_of_the_settings(folder, tmp_path):
    updates = [a_message(number, "/sources", user) for number, user in enumerate([5, 6, 7])]
    done = simulated(
        folder, written(tmp_path / "people.jsonl", *updates), "--json", CITEBOT_ADMINS="5", CITEBOT_ALLOW="6"
    )
    listed, unknown, stranger = (call["shown"] for call in calls_of(done))
    assert "articles" in listed
    assert unknown == messages.UNKNOWN_COMMAND
    assert stranger == messages.not_allowed(7)


def test_a_bot_of_any_name_is_mentioned(folder, tmp_path):
    chat = {"id": -9, "type": "group", "title": "G"}
    text = "@Rivertown_bot What does the Blue Glacier lose every summer?"
    update = a_message(1, text, chat=chat, entities=[{"type": "mention", "offset": 0, "length": 14}])
    file = written(tmp_path / "mention.jsonl", update)
    assert "nine metres" not in simulated(folder, file).stdout
    assert "nine metres" in simulated(folder, file, "--bot", "rivertown_bot").stdout


def update():
    """Write the expected output anew."""
    with tempfile.TemporaryDirectory() as name:
        folder = fill_store(Path(name))
        for sample in SAMPLES.glob("*.jsonl"):
            sample.with_suffix(".txt").write_text(settled(simulated(folder, sample).stdout), encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:] != ["--update"]:
        sys.exit("python tests/test_simulator.py --update")
    update()
