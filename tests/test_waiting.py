"""A load that finds the store in use says at once whom it waits for, and goes on when the store is free."""

import os
import sqlite3
import threading
from pathlib import Path

import pytest
from conftest import write_texts

from bot.commands.waiting import patiently
from retrieval import open_engine
from retrieval.errors import StoreBusy, StoreError
from retrieval.store.lock import is_held_by_a_program, load_lock


@pytest.fixture
def engine(tmp_path):
    write_texts(tmp_path / "articles", tower="The tower\n\nThe harbour tower is 96 metres high.\n")
    with open_engine(tmp_path / "s.db") as engine:
        yield engine


@pytest.fixture
def told(monkeypatch):
    told = []
    monkeypatch.setattr("bot.commands.waiting.say", told.append)
    return told


def load(engine):
    return engine.load(engine.path.with_name("articles"))


def test_a_load_says_which_process_it_waits_for_and_goes_on_when_that_has_finished(engine, told):
    lock = load_lock(engine.path)
    lock.__enter__()
    turns = []

    def turn():
        turns.append(len(told))
        if len(turns) == 3:
            lock.__exit__(None, None, None)
        return load(engine)

    assert patiently(turn, engine.path).added == ("tower",)
    assert turns == [0, 1, 1]
    (line,) = told
    assert line.startswith(f"Another load of {engine.path} is running (process {os.getpid()}, since 20")
    assert line.endswith(" UTC). Waiting for it, at most 60 s …")


def test_a_load_that_has_waited_long_enough_gives_up(engine, told):
    with (
        load_lock(engine.path),
        pytest.raises(StoreBusy, match=rf"running \(process {os.getpid()}, since .* finished\."),
    ):
        patiently(lambda: load(engine), engine.path, patience=0)
    assert told == []


def test_a_load_says_at_once_that_another_program_holds_the_store(engine, told):
    assert patiently(lambda: load(engine), engine.path).added == ("tower",)
    write_texts(engine.path.with_name("articles"), bread="Bread\n\nRye bread keeps for a week.\n")
    other = sqlite3.connect(engine.path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    seen = []

    def loading():
        seen.extend(told)
        threading.Timer(0.2, other.rollback).start()
        return load(engine)

    assert patiently(loading, engine.path).added == ("bread",)
    assert seen == [f"{engine.path} is locked by another program. Waiting for it, at most 30 s …"]
    other.close()


def test_what_is_no_store_or_free_is_not_waited_for(engine, told, tmp_path):
    load(engine)
    assert not is_held_by_a_program(engine.path)
    assert not is_held_by_a_program(tmp_path / "none.db")
    (tmp_path / "text.db").write_text("no database, and long enough to be seen as none" * 100)
    assert not is_held_by_a_program(tmp_path / "text.db")
    with pytest.raises(StoreError):
        patiently(lambda: open_engine(tmp_path / "text.db").load(Path("articles")), tmp_path / "text.db")
    with load_lock(engine.path):
        assert not is_held_by_a_program(engine.path)  # another load is told of otherwise
    assert told == []
