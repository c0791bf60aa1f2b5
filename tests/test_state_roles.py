"""Who may what, as the file of the bot keeps it."""

import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from bot.state import PersonalData, Role, Roles, StateError

ADMIN, SOMEBODY, OTHER, GROUP, SUPERGROUP = 5, 6, 7, -8, -1009


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state.db"


@pytest.fixture
def roles(path):
    return Roles(path)


def listed(roles):
    return [(one.id, one.role, one.admin) for one in roles.changes(10)]


def test_a_role_takes_the_place_of_another_and_is_known_after_a_restart(path, roles):
    for role in (Role.READER, Role.EDITOR, Role.BLOCKED):
        roles.give(SOMEBODY, role, ADMIN)
        assert roles.of(SOMEBODY) is Roles(path).of(SOMEBODY) is role
    assert listed(roles) == [(SOMEBODY, role, ADMIN) for role in (Role.BLOCKED, Role.EDITOR, Role.READER)]
    assert (roles.of(OTHER), roles.all(Role.BLOCKED), roles.all(Role.EDITOR)) == (None, [SOMEBODY], [])


def test_taking_a_role_away_lifts_no_block(path, roles):
    roles.give(SOMEBODY, Role.EDITOR, ADMIN)
    assert roles.take(SOMEBODY, ADMIN)
    assert roles.of(SOMEBODY) is Roles(path).of(SOMEBODY) is None
    roles.give(SOMEBODY, Role.BLOCKED, ADMIN)
    assert not roles.take(SOMEBODY, ADMIN)
    assert roles.of(SOMEBODY) is Roles(path).of(SOMEBODY) is Role.BLOCKED
    assert [role for _, role, _ in listed(roles)] == [Role.BLOCKED, None, Role.EDITOR]


def test_what_another_process_changed_is_seen_with_the_next_change(path, roles):
    Roles(path).give(SOMEBODY, Role.BLOCKED, ADMIN)
    assert roles.of(SOMEBODY) is None
    roles.give(OTHER, Role.READER, ADMIN)
    assert roles.of(SOMEBODY) is Role.BLOCKED


def test_changes_at_once_are_all_known(path, roles):
    with ThreadPoolExecutor(8) as executor:
        list(executor.map(lambda id_: roles.give(id_, Role.BLOCKED, ADMIN), range(1, 33)))
    assert set(roles.all(Role.BLOCKED)) == set(Roles(path).all(Role.BLOCKED)) == set(range(1, 33))


@pytest.mark.parametrize(("role", "of_group"), [(Role.READER, None), (Role.BLOCKED, Role.BLOCKED)])
def test_a_supergroup_has_the_role_of_its_group_until_it_gets_its_own(path, roles, role, of_group):
    roles.give(GROUP, role, ADMIN)
    for _ in range(2):  # both chats tell it
        roles.upgraded(GROUP, SUPERGROUP)
    assert (roles.of(GROUP), roles.of(SUPERGROUP)) == (of_group, role)
    roles.give(SUPERGROUP, Role.READER if role is Role.BLOCKED else Role.BLOCKED, ADMIN)
    roles.upgraded(GROUP, SUPERGROUP)
    assert Roles(path).of(SUPERGROUP) is not role


def test_a_group_is_no_editor(path, roles):
    with pytest.raises(StateError):
        roles.give(GROUP, Role.EDITOR, ADMIN)
    assert roles.of(GROUP) is Roles(path).of(GROUP) is None
    assert listed(roles) == []


def test_a_change_that_cannot_be_stored_changes_nothing_and_blocks_stay(path, roles):
    roles.give(SOMEBODY, Role.BLOCKED, ADMIN)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StateError):
            roles.give(SOMEBODY, Role.EDITOR, ADMIN)
        with pytest.raises(StateError):
            roles.take(SOMEBODY, ADMIN)
    assert roles.of(SOMEBODY) is Role.BLOCKED
    assert listed(roles) == [(SOMEBODY, Role.BLOCKED, ADMIN)]


def test_roles_that_cannot_be_read_are_no_roles(path):
    Roles(path).give(SOMEBODY, Role.BLOCKED, ADMIN)
    size = path.stat().st_size
    path.write_bytes(os.urandom(size))
    with pytest.raises(StateError):
        Roles(path)


def test_who_is_forgotten_loses_what_they_were_given_but_no_block(path, roles):
    roles.give(SOMEBODY, Role.EDITOR, ADMIN)
    roles.give(OTHER, Role.READER, SOMEBODY)
    roles.give(OTHER, Role.BLOCKED, ADMIN)
    with PersonalData(path, b"key") as data:
        assert [one["role"] for one in data.of(SOMEBODY)["roles"]] == ["editor"]
        data.forget(SOMEBODY)
        data.forget(OTHER)
        assert data.of(SOMEBODY)["roles"] == []
        assert [one["role"] for one in data.of(OTHER)["roles"]] == ["blocked"]
    roles.reread()
    assert (roles.of(SOMEBODY), roles.of(OTHER)) == (None, Role.BLOCKED)
    assert listed(roles) == [(OTHER, Role.BLOCKED, ADMIN), (OTHER, Role.READER, None), (None, Role.EDITOR, ADMIN)]
