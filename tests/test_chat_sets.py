"""Which sets a chat is answered from, as the file of the bot keeps it."""

import os
import sqlite3
from contextlib import closing

import pytest

from bot.rendering import set_messages
from bot.state import ChatSets, PersonalData, StateError

ADMIN, OTHER, GROUP, SUPERGROUP = 5, 6, -8, -1009


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state.db"


@pytest.fixture
def chat_sets(path):
    return ChatSets(path)


def test_a_binding_takes_the_place_of_another_and_is_known_after_a_restart(path, chat_sets):
    for sets in (("news",), ("news", "docs"), ()):
        chat_sets.bind(GROUP, sets, ADMIN)
        assert chat_sets.of(GROUP) == ChatSets(path).of(GROUP) == tuple(sorted(sets))
    assert chat_sets.of(None) == chat_sets.of(OTHER) == ()


def test_a_supergroup_is_bound_as_its_group_which_stays_bound_as_messages_of_it_may_wait(path, chat_sets):
    chat_sets.bind(GROUP, ("news",), ADMIN)
    chat_sets.upgraded(GROUP, SUPERGROUP)
    assert (chat_sets.of(GROUP), ChatSets(path).of(SUPERGROUP)) == (("news",), ("news",))
    chat_sets.bind(SUPERGROUP, ("docs",), ADMIN)
    chat_sets.upgraded(GROUP, SUPERGROUP)
    assert chat_sets.of(SUPERGROUP) == ("docs",)


def test_a_change_that_cannot_be_stored_changes_nothing_and_bindings_that_cannot_be_read_are_not_none(path, chat_sets):
    chat_sets.bind(GROUP, ("news",), ADMIN)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StateError):
            chat_sets.bind(GROUP, (), ADMIN)
    assert chat_sets.of(GROUP) == ("news",)
    path.write_bytes(os.urandom(path.stat().st_size))
    with pytest.raises(StateError):
        ChatSets(path)


def test_who_is_forgotten_is_bound_to_nothing_and_is_not_named_as_who_bound_others(path, chat_sets):
    chat_sets.bind(ADMIN, ("docs",), ADMIN)
    chat_sets.bind(GROUP, ("news",), ADMIN)
    with PersonalData(path, b"key") as data:
        assert [one["sets"] for one in data.of(ADMIN)["answered_from"]] == ["docs"]
        data.forget(ADMIN)
        assert data.of(ADMIN)["answered_from"] == []
    chat_sets.reread()
    assert {chat: (one.sets, one.admin) for chat, one in chat_sets.all().items()} == {GROUP: (("news",), None)}
    shown = set_messages.overview(GROUP, chat_sets.all(), ["news"], lists_others=True)
    assert "by somebody" in shown
    assert "Other chats" not in shown
