"""What the bot knows of groups outlives a restart, and the file does not tell which groups they are."""

from bot.state import Groups

KEY = b"k" * 32
OLD, NEW, OTHER = -5001, -1005001, -1005002


def test_a_supergroup_is_known_to_have_been_a_group_after_a_restart(tmp_path):
    path = tmp_path / "state.db"
    assert Groups(path, KEY).upgraded(OLD, NEW)
    known = Groups(path, KEY)
    assert not known.upgraded(OLD, NEW)
    assert known.was_any(NEW, [7, OLD])
    assert not known.was_any(NEW, [7, OTHER])
    assert not known.was_any(OTHER, [OLD])


def test_where_the_bot_listens_outlives_a_restart_and_an_upgrade(tmp_path):
    path = tmp_path / "state.db"
    first = Groups(path, KEY)
    first.listen(OLD, on=True)
    first.listen(OTHER, on=True)
    first.listen(OTHER, on=False)
    first.upgraded(OLD, NEW)
    known = Groups(path, KEY)
    assert [known.listens(chat) for chat in (OLD, NEW, OTHER)] == [True, True, False]


def test_the_file_holds_no_ids(tmp_path):
    path = tmp_path / "state.db"
    Groups(path, KEY).upgraded(OLD, NEW)
    assert not Groups(path, b"x" * 32).was_any(NEW, [OLD])
