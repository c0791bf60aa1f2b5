"""Files that commands are told to write: nothing else is replaced, loosened or left half-written."""

import os
import stat
import threading

import pytest
from conftest import citebot, write_texts
from prompted import reply_to

from retrieval import open_engine


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("output")
    with open_engine(folder / "citebot.db") as engine:
        engine.load([write_texts(folder / "articles", bread="Bread\n\nRye bread keeps for a week.")])
    (folder / "gold.jsonl").write_text('{"question": "How long does rye bread keep?", "answers": []}\n')
    return folder


@pytest.fixture(scope="module")
def exported(loaded):
    done = citebot(loaded, "export")
    assert done.stdout.startswith('{"id": "bread"')
    return done.stdout


@pytest.mark.parametrize("name", ["-", "stdout"])
def test_standard_output_can_be_named(loaded, exported, name):
    (loaded / "stdout").unlink(missing_ok=True)
    (loaded / "stdout").symlink_to("/proc/self/fd/1")  # as /dev/stdout, which a slip here would replace
    done = citebot(loaded, "export", "--out", name)
    assert (done.returncode, done.stdout) == (0, exported)
    assert not (loaded / "-").exists()
    failures = citebot(loaded, "evaluate", "gold.jsonl", "--failures", name)
    assert "# 1 question answered wrongly" in failures.stdout
    assert not (loaded / "-").exists()
    assert (loaded / "stdout").is_symlink()


def test_what_a_link_leads_to_is_written_and_keeps_its_mode(loaded, exported, tmp_path):
    private = tmp_path / "private.jsonl"
    private.write_text("of yesterday\n")
    private.chmod(0o600)
    (tmp_path / "link.jsonl").symlink_to(private)
    done = citebot(loaded, "export", "--out", tmp_path / "link.jsonl", "--force")
    assert (done.returncode, private.read_text(), stat.S_IMODE(private.stat().st_mode)) == (0, exported, 0o600)
    assert (tmp_path / "link.jsonl").is_symlink()
    assert {path.name for path in tmp_path.iterdir()} == {"link.jsonl", "private.jsonl"}


def test_a_pipe_is_written_through_and_stays(loaded, exported, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()), daemon=True)
    reader.start()
    assert citebot(loaded, "export", "--out", pipe).returncode == 0
    reader.join(10)
    assert read == [exported]
    assert pipe.is_fifo()


@pytest.mark.parametrize(
    "words", [("export", "--out"), ("evaluate", "gold.jsonl", "--failures"), ("train", "gold.jsonl", "--out")]
)
def test_a_file_that_exists_is_replaced_only_where_somebody_says_so(loaded, tmp_path, words):
    out = tmp_path / "out"
    out.write_text("of yesterday\n")
    done = citebot(loaded, *words, out)
    assert (done.returncode, done.stdout, out.read_text()) == (2, "", "of yesterday\n")
    assert "--force" in done.stderr


@pytest.mark.parametrize(("reply", "written"), [("y", True), ("n", False)])
def test_in_a_terminal_it_is_asked_about(loaded, exported, tmp_path, reply, written):
    out = tmp_path / "out"
    out.write_text("of yesterday\n")
    code, seen = reply_to("[y/N]", reply, loaded, "export", "--out", out)
    assert (code, out.read_text()) == (0, exported if written else "of yesterday\n")
    assert ("Nothing was changed." in seen) is not written


@pytest.mark.parametrize(
    "words", [("export", "--out"), ("evaluate", "gold.jsonl", "--failures"), ("train", "gold.jsonl", "--out")]
)
def test_a_place_that_cannot_be_written_is_told_in_words_before_any_work(loaded, words):
    done = citebot(loaded, *words, "/nope/out")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "Error: /nope/out cannot be written: there is no folder /nope.\n"


def test_what_the_system_refuses_is_told_in_words(loaded):
    done = citebot(loaded, "export", "--out", "x" * 300)
    assert (done.returncode, done.stderr) == (1, f"Error: {'x' * 300} cannot be written: file name too long.\n")


def test_a_plot_is_refused_by_its_name_before_anything_is_asked(loaded):
    pytest.importorskip("matplotlib")
    done = citebot(loaded, "evaluate", "gold.jsonl", "--plot", "plot.pdf")
    assert (done.returncode, done.stdout) == (2, "")
    assert "plot.pdf.png" in done.stderr


def test_declining_a_restore_changes_nothing_and_is_no_failure(loaded, tmp_path):
    assert citebot(loaded, "backup", tmp_path / "backup.zip").returncode == 0
    before = (loaded / "citebot.db").read_bytes()
    code, seen = reply_to("[y/N]", "n", loaded, "restore", tmp_path / "backup.zip")
    assert (code, (loaded / "citebot.db").read_bytes()) == (0, before)
    assert "Nothing was changed." in seen
