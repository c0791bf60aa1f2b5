"""A backup holds both stores as they were in one moment, and brings them back; nothing is lost on the way."""

import errno
import itertools
import json
import os
import signal
import sqlite3
import stat
import threading
import zipfile
from contextlib import closing

import pytest
from conftest import citebot, fill

from bot.backup import BackupError, copies, restore_backup, uploads, write_backup
from bot.backup.working_folder import find_leftovers, working_folder
from bot.commands.doctor_checks import find_all_problems
from bot.commands.mending import find_left_behind
from bot.settings import parse_settings, uploads_folder
from bot.settings.settings_checks import valid_settings as settings_of
from bot.sources import default_sources, download_path, save_document
from bot.state import CONSOLE, AnswerLog, Inbox, Offers, Recorder, StateError
from bot.state.schema import MIGRATIONS
from bot.state.verify import CitationStatus, verify
from retrieval import open_engine
from retrieval.errors import StoreBusy, StoreError
from retrieval.store.lock import load_lock

QUESTION = "When was the stone bridge of Rivertown built?"


@pytest.fixture
def folder(tmp_path):
    """A folder with articles loaded and a question asked."""
    fill(tmp_path)
    with open_engine(tmp_path / "citebot.db") as engine:
        engine.load([tmp_path / "articles"])
    ask(tmp_path)
    return tmp_path


def stores(folder):
    return folder / "citebot.db", folder / "citebot.state.db"


def ask(folder, question=QUESTION):
    db, state = stores(folder)
    with open_engine(db) as engine, AnswerLog(state) as log:
        answer = engine.ask(question)
        Recorder(log, 30).record(answer, CONSOLE)
    return answer


def load_more(folder, name="ducks", text="Ducks\n\nThe ducks of Rivertown sleep under the bridge.\n"):
    (folder / "articles" / f"{name}.txt").write_text(text, encoding="utf-8")
    with open_engine(stores(folder)[0]) as engine:
        engine.load([folder / "articles"])


def articles(folder):
    with open_engine(stores(folder)[0]) as engine:
        return [article.id for article in engine.articles()]


def questions(folder):
    with AnswerLog(stores(folder)[1]) as log:
        return log.recent_questions(1000)


def overwrite(path, content):
    for side in ("-wal", "-shm"):
        path.with_name(path.name + side).unlink(missing_ok=True)
    path.write_bytes(content)


def test_what_was_backed_up_is_brought_back_into_an_empty_folder(folder, tmp_path):
    write_backup(*stores(folder), folder / "backup.zip")
    (elsewhere := tmp_path / "elsewhere").mkdir()
    _, before = restore_backup(folder / "backup.zip", *stores(elsewhere))
    assert before == []
    assert articles(elsewhere) == articles(folder) != []
    assert questions(elsewhere) == [QUESTION]
    assert ask(elsewhere).hits == ask(folder).hits
    assert stat.S_IMODE(stores(elsewhere)[1].stat().st_mode) == 0o600


def test_a_backup_takes_the_place_of_what_came_after_it_which_is_kept(folder):
    write_backup(*stores(folder), folder / "backup.zip")
    load_more(folder)
    ask(folder, "Where do the ducks sleep?")
    now = articles(folder)
    _, (before,) = restore_backup(folder / "backup.zip", *stores(folder))
    assert articles(folder) == [one for one in now if one != "ducks"]
    assert questions(folder) == [QUESTION]
    assert ask(folder).answered
    restore_backup(before, *stores(folder))
    assert articles(folder) == now
    assert len(questions(folder)) == 2


def test_the_first_question_after_a_restore_warns_of_nothing(folder, tmp_path, caplog):
    write_backup(*stores(folder), folder / "backup.zip")
    load_more(folder)
    (elsewhere := tmp_path / "elsewhere").mkdir()
    for there in (folder, elsewhere):
        restore_backup(folder / "backup.zip", *stores(there))
        assert ask(there).answered
    assert caplog.messages == []


def test_who_has_the_stores_open_sees_what_was_brought_back(folder):
    write_backup(*stores(folder), folder / "backup.zip")
    load_more(folder)
    db, state = stores(folder)
    with open_engine(db) as engine, AnswerLog(state) as log:
        assert engine.ask("Where do the ducks of Rivertown sleep?").hits[0].article == "ducks"
        answer_id = log.record(engine.ask(QUESTION), CONSOLE)
        restore_backup(folder / "backup.zip", db, state)
        assert "ducks" not in {hit.article for hit in engine.ask("Where do the ducks of Rivertown sleep?").hits}
        assert log.answer(answer_id) is None
        assert log.answer(log.record(engine.ask(QUESTION), CONSOLE))
        load_more(folder, "swans", "Swans\n\nThe swans of Rivertown sleep on the river.\n")
        assert engine.ask("Where do the swans of Rivertown sleep?").hits[0].article == "swans"
    assert len(questions(folder)) == 1


def test_what_is_copied_is_of_the_moment_in_which_the_copy_began_and_nobody_waits(folder, monkeypatch):
    db, _ = stores(folder)
    monkeypatch.setattr(copies, "PAGES", 1)
    taken = []

    def between_steps(*status):
        if not taken:
            load_more(folder)
        taken.append(status)

    monkeypatch.setattr(copies, "_give_up_waiting", between_steps)
    copies.copy(db, folder / "copy.db")
    assert "ducks" in articles(folder)
    with open_engine(folder / "copy.db") as engine:
        assert [article.id for article in engine.articles()] == [one for one in articles(folder) if one != "ducks"]
    pages = [remaining for _, remaining, _ in taken]
    assert pages == sorted(pages, reverse=True)  # begun once


def go_on_asking(folder, stop):
    db, state = stores(folder)
    with open_engine(db) as engine, AnswerLog(state) as log:
        recorder = Recorder(log, 30)
        while not stop.is_set():
            assert recorder.record(engine.ask(QUESTION), CONSOLE)


def go_on_loading(folder, stop):
    for number in itertools.count():
        if stop.is_set():
            return
        load_more(folder, text=f"Ducks\n\nNumber {number} of the ducks sleeps under the bridge.\n")


def test_a_backup_is_of_one_moment_while_others_write(folder):
    stop = threading.Event()
    threads = [threading.Thread(target=work, args=(folder, stop)) for work in (go_on_asking, go_on_loading)]
    for thread in threads:
        thread.start()
    try:
        for number in range(5):
            write_backup(*stores(folder), folder / f"{number}.zip")
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    for number in range(5):
        (there := folder / f"restored{number}").mkdir()
        restore_backup(folder / f"{number}.zip", *stores(there))
        assert_belong_together(*stores(there))


def assert_belong_together(db, state):
    """Every answer of the log cites a generation that the articles have, and quotes it."""
    with open_engine(db) as engine, AnswerLog(state) as log:
        assert not [problem for problem in engine.problems() if "is damaged" in problem]
        given = [log.answer(asked.answer) for asked in log.asked(10_000)]
        assert {one.generation for one in given} <= {one.number for one in engine.history()}
        verdicts = {verified.status for one in given for verified in verify(engine, one)}
        assert verdicts <= {
            CitationStatus.CURRENT,
            CitationStatus.CHANGED,
            CitationStatus.GONE,
        }  # gone: before very many loads


def test_a_damaged_store_is_not_backed_up_and_the_last_good_backup_stays(folder):
    write_backup(*stores(folder), folder / "backup.zip")
    good = (folder / "backup.zip").read_bytes()
    db, _ = stores(folder)
    content = bytearray(db.read_bytes())
    content[8192:24576] = bytes(16384)
    overwrite(db, content)
    with pytest.raises(BackupError, match=r"citebot\.db is damaged"):
        write_backup(*stores(folder), folder / "backup.zip")
    assert (folder / "backup.zip").read_bytes() == good
    assert not list(folder.glob(".*"))

    _, aside = restore_backup(folder / "backup.zip", *stores(folder))
    assert bytes(content) in [path.read_bytes() for path in aside]
    assert ask(folder).answered


@pytest.mark.parametrize("which", [0, 1])
def test_a_store_that_is_no_database_any_more_is_put_aside(folder, which):
    write_backup(*stores(folder), folder / "backup.zip")
    path = stores(folder)[which]
    overwrite(path, b"gone with the wind " * 1000)
    path.with_name(f"{path.name}-wal").write_bytes(b"what was not in it yet")
    _, aside = restore_backup(folder / "backup.zip", *stores(folder))
    put_aside = [file.read_bytes() for file in aside]
    assert b"gone with the wind " * 1000 in put_aside
    assert b"what was not in it yet" in put_aside
    assert ask(folder).answered
    assert questions(folder) == [QUESTION]


def test_a_file_of_another_program_is_neither_backed_up_nor_replaced(folder):
    write_backup(*stores(folder), folder / "backup.zip")
    for path, error in zip(stores(folder), (StoreError, StateError), strict=True):
        content = path.read_bytes()
        path.unlink()
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE recipes (id)")
        connection.close()
        foreign = path.read_bytes()
        with pytest.raises(error, match="SQLite file of another program"):
            write_backup(*stores(folder), folder / "other.zip")
        with pytest.raises(error, match="SQLite file of another program"):
            restore_backup(folder / "backup.zip", *stores(folder))
        assert path.read_bytes() == foreign
        overwrite(path, content)
    assert not (folder / "other.zip").exists()


def test_files_that_are_no_backups_are_neither_replaced_nor_brought_back(folder):
    for name in ("citebot.db", "articles/bridge.txt"):
        before = (folder / name).read_bytes()
        with pytest.raises(BackupError, match=r"not a (citebot )?backup"):
            write_backup(*stores(folder), folder / name)
        with pytest.raises(BackupError, match=r"not a (citebot )?backup"):
            restore_backup(folder / name, *stores(folder))
        assert (folder / name).read_bytes() == before
    with pytest.raises(BackupError, match="is a folder"):
        write_backup(*stores(folder), folder)
    with pytest.raises(BackupError, match="cannot be written"):
        write_backup(*stores(folder), folder / "nowhere" / "backup.zip")


@pytest.mark.parametrize(
    "manifest", [None, "[]", "{}", '{"schema": 1, "files": {"articles": "../x"}}', '{"schema": "1"}']
)
def test_zip_files_of_others_are_refused(folder, manifest):
    with zipfile.ZipFile(folder / "other.zip", "w") as archive:
        archive.writestr("citebot.db", "x")
        if manifest is not None:
            archive.writestr("backup.json", manifest)
    with pytest.raises(BackupError, match="not a citebot backup"):
        restore_backup(folder / "other.zip", *stores(folder))
    assert questions(folder) == [QUESTION]


def test_a_backup_that_was_damaged_or_cut_off_is_refused_before_anything_is_changed(folder):
    write_backup(*stores(folder), folder / "backup.zip")
    whole = (folder / "backup.zip").read_bytes()
    load_more(folder)
    now = articles(folder)
    middle = len(whole) // 2
    flipped = bytes(byte ^ 255 for byte in whole[middle : middle + 50])
    for broken in (whole[:-100], whole[:middle], whole[:middle] + flipped + whole[middle + 50 :]):
        (folder / "backup.zip").write_bytes(broken)
        with pytest.raises(BackupError, match="is not a citebot backup, or it is damaged"):
            restore_backup(folder / "backup.zip", *stores(folder))
        assert articles(folder) == now


def test_names_in_a_backup_are_not_paths(folder):
    write_backup(*stores(folder), folder / "backup.zip")
    with zipfile.ZipFile(folder / "backup.zip") as good, zipfile.ZipFile(folder / "evil.zip", "w") as evil:
        evil.writestr("../../evil.db", good.read("citebot.db"))
        evil.writestr("backup.json", json.dumps({"schema": 1, "files": {"articles": "../../evil.db", "../x": "../x"}}))
    restore_backup(folder / "evil.zip", *stores(folder))
    assert ask(folder).answered
    assert not list(folder.parent.glob("evil*")) + list(folder.parent.parent.glob("evil*"))


def test_during_a_load_nothing_is_brought_back(folder):
    write_backup(*stores(folder), folder / "backup.zip")
    with load_lock(stores(folder)[0]), pytest.raises(StoreBusy):
        restore_backup(folder / "backup.zip", *stores(folder))


def test_stores_of_one_name_in_two_folders_are_told_apart(folder):
    (folder / "memory").mkdir()
    state = stores(folder)[1].rename(folder / "memory" / "citebot.db")
    write_backup(folder / "citebot.db", state, folder / "backup.zip")
    (folder / "there").mkdir()
    restore_backup(folder / "backup.zip", *stores(folder / "there"))
    assert questions(folder / "there") == [QUESTION]
    assert articles(folder / "there") == articles(folder)


def test_the_commands_say_what_they_did(folder):
    (folder / "citebot.db.weights.json").write_text("{}")
    done = citebot(folder, "backup", "backup.zip")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.splitlines() == [
        "citebot.state.db (questions: 1)",
        "citebot.db (articles: 3, generation 1)",
        "citebot.db.weights.json (weights learned by `citebot train`)",
        "Backed up to backup.zip. `citebot restore backup.zip` restores it.",
    ]
    assert stat.S_IMODE((folder / "backup.zip").stat().st_mode) == 0o600
    (folder / "citebot.db.weights.json").unlink()
    load_more(folder)
    assert citebot(folder, "restore", "backup.zip", stdin="y\n").returncode == 2  # nobody is at a terminal
    assert "ducks" in articles(folder)
    done = citebot(folder, "restore", "backup.zip", "--yes")
    assert (done.returncode, done.stdout) == (0, "")
    assert "Restored from backup.zip." in done.stderr
    assert "The previous data is in citebot-before-" in done.stderr
    assert "ducks" not in articles(folder)
    assert (folder / "citebot.db.weights.json").read_text() == "{}"


def test_a_backup_of_before_is_replaced_only_when_that_is_asked_for(folder):
    assert citebot(folder, "backup", "backup.zip").returncode == 0
    before = (folder / "backup.zip").read_bytes()
    refused = citebot(folder, "backup", "backup.zip")
    assert refused.returncode == 2
    assert "backup.zip exists. Replace it? This is not a terminal" in refused.stderr
    assert (folder / "backup.zip").read_bytes() == before
    load_more(folder)
    assert citebot(folder, "backup", "--force", "backup.zip").returncode == 0
    assert (folder / "backup.zip").read_bytes() != before


def killed_while(act, *arguments):
    """Act in another process, which is killed as soon as its working folder holds something; return that folder."""
    parent = arguments[0].parent
    if (child := os.fork()) == 0:
        copies.PAGES = 1
        copies._give_up_waiting = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
        act(*arguments)
        os._exit(0)
    os.waitpid(child, 0)
    (left,) = find_leftovers(parent)
    assert any(left.iterdir())
    return left


def test_what_killed_backups_and_restores_left_is_named_by_the_doctor_and_deleted_by_the_next(folder, monkeypatch):
    db, state = stores(folder)
    write_backup(db, state, folder / "backup.zip")
    settings = settings_of({"CITEBOT_DB": str(db), "CITEBOT_STATE": str(state)})
    first = killed_while(write_backup, db, state, folder / "other.zip")
    assert [one for one in find_all_problems(settings, {}) if str(first) in one]
    second = first.rename(folder / ".citebot.db.x8_abc9z")  # as earlier versions called it
    (folder / ".others.x8_abc9z").mkdir()
    (folder / ".others.x8_abc9z" / "notes").touch()
    with working_folder(db) as in_use:
        assert not second.exists()
        assert find_leftovers(folder) == []
        restore_backup(folder / "backup.zip", db, state)
        assert in_use.is_dir()  # another backup is under way
    assert not in_use.exists()
    assert (folder / ".others.x8_abc9z" / "notes").exists()
    assert find_left_behind(settings) == []


def test_why_a_backup_cannot_be_written_is_told(folder):
    (folder / "file").touch()
    for target, reason in (("nowhere/b.zip", "No such file or directory"), ("file/b.zip", "Not a directory")):
        with pytest.raises(BackupError) as refused:
            write_backup(*stores(folder), folder / target)
        remedy = "Choose a folder that exists and is writable."
        assert str(refused.value) == f"{folder / target} cannot be written: {reason}. {remedy}"


def test_without_stores_there_is_nothing_to_back_up(tmp_path):
    done = citebot(tmp_path, "backup", "backup.zip")
    assert done.returncode == 1
    assert "There is nothing to back up" in done.stderr
    assert list(tmp_path.iterdir()) == []


def an_update(id_, text="A secret illness"):
    return {"update_id": id_, "message": {"from": {"id": 987654321012}, "text": text}}


def test_a_backup_holds_nothing_of_the_inbox_and_of_offers(folder):
    db, state = stores(folder)
    Offers(state).make("post", 987654321012, text="A secret post")
    with Inbox(state) as inbox:
        inbox.take([an_update(1), an_update(2)])
        inbox.put_aside(2, "A secret reason")
        write_backup(db, state, folder / "backup.zip")
        assert [letter.update_id for letter in inbox.waiting()] == [1]
    with zipfile.ZipFile(folder / "backup.zip") as archive:
        content = archive.read(state.name)
    assert QUESTION.encode() in content
    assert b"secret" not in content
    assert b"987654321012" not in content
    assert (987654321012).to_bytes(6) not in content


def test_what_was_brought_back_leaves_inbox_and_offers_as_they_are(folder):
    db, state = stores(folder)
    taken = Offers(state).make("delete", 5)
    write_backup(db, state, folder / "backup.zip")
    assert Offers(state).take(taken, 5)
    offered = Offers(state).make("delete", 5, article="bridge")
    with Inbox(state) as inbox:
        inbox.take([an_update(1), an_update(2), an_update(3)])
        inbox.done(1)
        inbox.put_aside(2, "It hung.")
        ask(folder, "Where do the ducks sleep?")
        restore_backup(folder / "backup.zip", db, state)
        assert questions(folder) == [QUESTION]
        assert [letter.update_id for letter in inbox.waiting()] == [3]
        assert [dead.update_id for dead in inbox.dead_letters()] == [2]
        assert inbox.take([an_update(1), an_update(2), an_update(3)]) == []
    assert Offers(state).take(taken, 5) is None
    assert Offers(state).take(offered, 5).details == {"article": "bridge"}


def test_a_backup_from_before_the_inbox_is_brought_back_under_a_bot_that_uses_it(folder):
    db, state = stores(folder)
    with closing(sqlite3.connect(folder / "old.db", isolation_level=None)) as old:
        for statement in MIGRATIONS[0]:
            old.execute(statement)
        old.execute("PRAGMA user_version = 1")
        old.execute("ATTACH ? AS now", [str(state)])
        for table in ("questions", "answers", "citations"):
            columns = ", ".join(f'"{name}"' for _, name, *_ in old.execute(f"PRAGMA main.table_info({table})"))
            old.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM now.{table}")
    with zipfile.ZipFile(folder / "backup.zip", "w") as archive:
        archive.writestr("backup.json", json.dumps({"schema": 1, "files": {"state": state.name}}))
        archive.writestr(state.name, (folder / "old.db").read_bytes())
    with Inbox(state) as inbox:
        inbox.take([an_update(1)])
        restore_backup(folder / "backup.zip", db, state)
        assert [letter.update_id for letter in inbox.take([an_update(1), an_update(2)])] == [2]
        assert [letter.update_id for letter in inbox.waiting()] == [1, 2]
    assert questions(folder) == [QUESTION]


def send(folder, **texts):
    """Send documents to a bot: what it saves, and the load of that."""
    db = stores(folder)[0]
    uploads = uploads_folder(db)
    for name, text in texts.items():
        downloaded = download_path(uploads, f"{name}.part")
        downloaded.write_text(text)
        save_document(uploads, downloaded, f"{name}.txt")
    with open_engine(db) as engine:
        engine.add_source(uploads)
        engine.load([uploads])


def test_what_was_sent_to_the_bot_comes_back_and_what_was_sent_since_is_kept_aside(folder):
    db, state = stores(folder)
    send(folder, otter="Otters\n\nAn otter lives below the mill.\n")
    downloading = download_path(uploads_folder(db), "later.part")
    downloading.write_text("half")
    members = write_backup(db, state, folder / "backup.zip")
    assert [member.content for member in members if member.role == "uploads"] == ["files sent to the bot: 1"]
    send(folder, heron="Herons\n\nA heron stands on one leg.\n")
    _, (before,) = restore_backup(folder / "backup.zip", db, state)
    assert [path.name for path in uploads_folder(db).rglob("*.txt")] == ["otter.txt"]
    assert downloading.read_text() == "half"
    assert "telegram/heron" not in articles(folder)
    restore_backup(before, db, state)
    assert sorted(path.name for path in uploads_folder(db).rglob("*.txt")) == ["heron.txt", "otter.txt"]
    assert "telegram/heron" in articles(folder)


def test_a_backup_is_restored_on_another_machine_with_other_paths(folder, tmp_path_factory):
    send(folder, otter="Otters\n\nAn otter lives below the mill.\n")
    write_backup(*stores(folder), folder / "backup.zip")
    there = tmp_path_factory.mktemp("there")
    (folder / "articles").rename(there / "texts")
    (folder / "citebot.db.uploads").rename(folder / "gone")
    settings = parse_settings(
        {
            "CITEBOT_DB": str(there / "data" / "store.sqlite"),
            "CITEBOT_STATE": str(there / "memory.sqlite"),
            "CITEBOT_ARTICLES": str(there / "texts"),
        }
    )
    settings.db.parent.mkdir()
    restore_backup(folder / "backup.zip", settings.db, settings.state)
    sent = uploads_folder(settings.db)
    for path in (settings.db, settings.state, sent, *sent.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)
    with open_engine(settings.db) as engine, AnswerLog(settings.state) as log:
        assert log.recent_questions(10) == [QUESTION]
        assert default_sources(engine, settings) == (str(there / "texts"), str(uploads_folder(settings.db)))
        report = engine.load(default_sources(engine, settings))
        assert not [*report.added, *report.changed, *report.failed, *report.vanished]
        assert engine.ask("Where does an otter live?").hits[0].article == "telegram/otter"
        answer = engine.ask(QUESTION)
        assert answer.hits[0].article == "bridge"
    assert find_all_problems(settings, {}) == []


def test_files_of_admins_that_cannot_be_put_back_stay_as_they_are(folder, monkeypatch):
    db, state = stores(folder)
    send(folder, otter="Otters\n\nAn otter lives below the mill.\n")
    write_backup(db, state, folder / "backup.zip")
    send(folder, heron="Herons\n\nA heron stands on one leg.\n")
    move = uploads._move
    fails = iter([False, True])
    monkeypatch.setattr(uploads, "_move", lambda *paths: refuse() if next(fails, False) else move(*paths))
    with pytest.raises(BackupError, match="Nothing was changed"):
        restore_backup(folder / "backup.zip", db, state)
    assert sorted(path.name for path in uploads_folder(db).rglob("*.txt")) == ["heron.txt", "otter.txt"]
    assert "telegram/heron" in articles(folder)


def refuse():
    raise OSError(errno.EIO, os.strerror(errno.EIO))
