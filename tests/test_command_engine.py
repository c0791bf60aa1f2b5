"""Commands with CITEBOT_ENGINE: the articles are in a Milvus, and CITEBOT_DB is a copy of what was needed of them."""

import json
import shutil
import sys

import pytest
from conftest import ARTICLES, citebot, citebot_process, fill

from retrieval import open_engine

pytest.importorskip("milvus_lite", reason="milvus-lite is not installed")
QUESTION = "When was the stone bridge of Rivertown built?"


@pytest.fixture
def engine(tmp_path):
    """The settings of a machine that loads, and of one that has no articles and no copy yet."""
    loader, reader = (tmp_path / name for name in ("loader", "reader"))
    loader.mkdir(), reader.mkdir()
    fill(loader)
    return loader, reader, f"milvus+file://{tmp_path}/engine.db"


def test_a_question_fills_no_engine(engine, tmp_path):
    loader, reader, address = engine
    assert citebot(reader, "show", "bridge", CITEBOT_ENGINE=address).returncode == 1
    settings = {"CITEBOT_ENGINE": address, "CITEBOT_ARTICLES": "articles"}
    for words in (["ask", QUESTION], ["console"]):
        none = citebot(loader, *words, stdin=f"{QUESTION}\n", **settings)
        assert (none.returncode, none.stdout) == (1, "")
        assert none.stderr == (
            f"The engine at {tmp_path}/engine.db holds nothing yet. Check CITEBOT_ENGINE, or load articles into it with "
            "`citebot load PATH`.\n"
        )
    assert citebot(loader, "articles", CITEBOT_ENGINE=address).stdout == ""
    assert citebot(loader, "load", **settings).returncode == 0
    asked = citebot(loader, "ask", QUESTION, CITEBOT_ENGINE=address)
    assert "1721" in asked.stdout
    for _ in range(2):
        again = citebot(reader, "ask", QUESTION, CITEBOT_ENGINE=address, CITEBOT_ARTICLES="elsewhere")
        assert (again.returncode, again.stdout) == (0, asked.stdout)
        assert "Reading" not in again.stderr
        (reader / "citebot.db").unlink()


def test_any_machine_changes_the_articles_and_all_see_it(engine):
    loader, reader, address = engine
    assert citebot(loader, "load", "articles", CITEBOT_ENGINE=address).returncode == 0
    listed = citebot(reader, "articles", "--json", CITEBOT_ENGINE=address)
    assert [json.loads(line)["id"] for line in listed.stdout.splitlines()] == sorted(name[:-4] for name in ARTICLES)
    assert citebot(reader, "remove", "bridge", CITEBOT_ENGINE=address).returncode == 0
    assert citebot(loader, "ask", QUESTION, CITEBOT_ENGINE=address).returncode == 3
    assert citebot(loader, "rollback", "--yes", CITEBOT_ENGINE=address).returncode == 0
    assert "1721" in citebot(reader, "ask", QUESTION, CITEBOT_ENGINE=address).stdout
    assert citebot(reader, "history", CITEBOT_ENGINE=address).stdout.count("\n") == 4
    assert "Anna Stone" in citebot(reader, "show", "bridge", CITEBOT_ENGINE=address).stdout


def test_sources_that_are_all_elsewhere_are_named(engine):
    loader, reader, address = engine
    citebot(loader, "sources", "add", "articles", CITEBOT_ENGINE=address)
    citebot(loader, "load", CITEBOT_ENGINE=address)
    (loader / "articles").rename(loader / "away")  # as on any other machine
    done = citebot(reader, "load", CITEBOT_ENGINE=address)
    told = f"None of the sources is on this machine: {loader}/articles. Another one has to read them."
    assert (done.returncode, told in done.stderr) == (1, True), done


def test_the_option_db_names_a_file_in_place_of_the_engine(engine):
    loader, reader, address = engine
    assert citebot(loader, "load", "articles", "--db", "own.db", CITEBOT_ENGINE=address).returncode == 0
    assert citebot(reader, "articles", CITEBOT_ENGINE=address).stdout == ""
    assert "1721" in citebot(loader, "ask", QUESTION, "--db", "own.db", CITEBOT_ENGINE=address).stdout


def test_a_copy_that_lacks_texts_is_no_store_of_its_own(engine):
    loader, reader, address = engine
    assert citebot(loader, "load", "articles", CITEBOT_ENGINE=address).returncode == 0
    assert citebot(reader, "articles", CITEBOT_ENGINE=address).returncode == 0
    alone = citebot(reader, "ask", QUESTION)
    assert alone.returncode == 1
    assert alone.stderr.startswith(f"{reader}/citebot.db holds only some of the texts of an engine. Set CITEBOT_ENGINE")
    assert "1721" in citebot(reader, "ask", QUESTION, CITEBOT_ENGINE=address).stdout


def test_the_doctor_says_what_the_engine_holds_and_what_is_wrong_with_it(engine, tmp_path):
    loader, reader, address = engine
    empty = citebot(reader, "doctor", CITEBOT_ENGINE=address)
    assert "There are no articles yet" in empty.stdout
    citebot(loader, "load", "articles", CITEBOT_ENGINE=address)
    sound = citebot(reader, "doctor", CITEBOT_ENGINE=address)
    assert sound.returncode == 0, sound.stdout
    assert f"CITEBOT_ENGINE: the engine at {tmp_path}/engine.db holds 3 articles, generation 1." in sound.stderr
    fixed = citebot(reader, "doctor", "--fix", CITEBOT_ENGINE=address)
    assert (fixed.returncode, "Rebuilt" in fixed.stderr) == (0, False)

    away = citebot(reader, "doctor", CITEBOT_ENGINE="milvus+http://anna:pass-secret@127.0.0.1:1/db")
    assert away.returncode == 1
    assert "The engine at http://127.0.0.1:1/db cannot be reached" in away.stdout
    malformed = citebot(reader, "doctor", CITEBOT_ENGINE="http://anna:pass-secret@127.0.0.1:1/db")
    assert (
        "CITEBOT_ENGINE is malformed. The address of an engine looks like milvus+http://host:19530" in malformed.stdout
    )
    for done in (away, malformed):
        assert "secret" not in done.stdout + done.stderr

    shutil.copytree(loader / "articles", reader / "articles")
    citebot(reader, "load", "articles", "--db", "other.db")
    other = citebot(reader, "doctor", CITEBOT_ENGINE=address, CITEBOT_DB="other.db")
    assert "other.db holds articles of its own, which the engine at" in other.stdout


@pytest.mark.parametrize(
    ("module", "extra"), [("pymilvus", "milvus-lite"), ("milvus_lite.server_manager", "milvus-lite")]
)
def test_what_is_not_installed_is_said_with_how_to_install_it(engine, monkeypatch, module, extra):
    _, reader, address = engine
    monkeypatch.setitem(sys.modules, module, None)
    done = citebot(reader, "ask", QUESTION, CITEBOT_ENGINE=address)
    assert done.returncode == 1
    assert done.stderr.endswith(f"Install it: pip install 'citebot[{extra}]'.\n")


def test_a_file_serves_one_process_and_no_bot(engine):
    loader, reader, address = engine
    with open_engine(loader / "citebot.db", address=address) as first:
        assert not first.generation()
        second = citebot_process(reader, "ask", QUESTION, CITEBOT_ENGINE=address)
    assert (second.returncode, second.stderr.count("\n"), second.stdout) == (1, 1, "")
    assert "A file serves one process at a time" in second.stderr
    token = "123456789:" + "A" * 35
    bot = citebot_process(reader, "telegram", CITEBOT_TOKEN=token, CITEBOT_ENGINE=address)
    assert bot.returncode == 2
    assert "CITEBOT_ENGINE is a file, which serves one process at a time" in bot.stderr


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("file:///none/such/engine.db", "its folder does not exist. Create it"),
        ("file:engine.db", "is named by its whole path"),
        ("file://engine.db", "is named by its whole path"),
        ("http://anna:hu#sh@engine", "write / as %2F, # as %23"),
    ],
)
def test_an_address_that_cannot_be_right_is_said_to_be_wrong(tmp_path, address, message):
    done = citebot_process(tmp_path, "ask", QUESTION, CITEBOT_ENGINE=f"milvus+{address}")
    assert (done.returncode > 0, message in done.stderr, done.stderr.count("\n")) == (True, True, 1), done


def test_a_backup_leaves_the_articles_to_the_engine(engine):
    loader, _, address = engine
    citebot(loader, "load", "articles", CITEBOT_ENGINE=address)
    nothing = citebot(loader, "backup", "b.zip", CITEBOT_ENGINE=address)
    assert (nothing.returncode, "(`citebot engine copy --to FILE`)" in nothing.stderr) == (1, True)
    citebot(loader, "console", stdin=f"{QUESTION}\n", CITEBOT_ENGINE=address)
    done = citebot(loader, "backup", "b.zip", CITEBOT_ENGINE=address)
    assert done.stderr.startswith(
        "citebot.state.db (questions: 1)\nThe articles are not in it: they are in the engine at"
    )


def test_what_is_on_record_here_is_shown_while_the_engine_is_away(engine):
    loader, _, address = engine
    citebot(loader, "load", "articles", CITEBOT_ENGINE=address)
    citebot(loader, "console", stdin="Who owns the moon?\n", CITEBOT_ENGINE=address)
    for words, told in ((["gaps"], "Who owns the moon?"), (["stats"], "1 question kept")):
        away = citebot(loader, *words, CITEBOT_ENGINE="milvus+http://127.0.0.1:1")
        assert (away.returncode, told in away.stdout) == (1, True), away
        assert "cannot be reached" in away.stderr
    figures = citebot(loader, "stats", "--json", CITEBOT_ENGINE="milvus+http://127.0.0.1:1")
    assert (figures.returncode, figures.stdout) == (1, "")  # no figures that are not true


def test_what_works_on_a_file_has_all_of_the_engine(engine):
    loader, reader, address = engine
    citebot_process(loader, "load", "articles", CITEBOT_ENGINE=address)  # a file serves one process at a time
    update = {"update_id": 1, "message": {"message_id": 1, "date": 1, "chat": {"id": 5, "type": "private"}, "text": QUESTION,
              "from": {"id": 5, "is_bot": False, "first_name": "A"}}}  # fmt: skip
    (reader / "updates.jsonl").write_text(json.dumps(update), encoding="utf-8")
    simulated = citebot_process(reader, "simulate", "updates.jsonl", CITEBOT_ENGINE=address)
    assert "1721" in simulated.stdout
    asked = {"question": QUESTION, "answers": [{"file": "bridge.txt", "quote": "built in 1721"}]}
    (reader / "asked.jsonl").write_text(f"{json.dumps(asked)}\n" * 30, encoding="utf-8")
    measured = citebot(reader, "evaluate", "asked.jsonl", "--json", CITEBOT_ENGINE=address)
    assert json.loads(measured.stdout)["mrr"] == 1, measured.stdout
    calibrated = citebot(reader, "calibrate", "asked.jsonl", CITEBOT_ENGINE=address)
    assert calibrated.returncode == 0, calibrated.stderr
    assert (reader / "citebot.db.weights.json").exists()
