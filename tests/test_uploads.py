"""Files that admins sent: their names, which file takes the place of which, and how a post becomes an article."""

import stat
from datetime import UTC, datetime, timedelta, timezone

import pytest

from bot.sources import (
    delete_uploaded_article,
    download_path,
    find_upload,
    safe_stem,
    save_document,
    save_post,
    settle_upload,
    undo_upload,
)
from bot.telegram.handlers.posts import article_of_post
from retrieval.errors import ArticleError
from retrieval.records import Article


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("Q3 report (final).pdf", "q3-report-final"),
        ("../../etc/passwd.txt", "passwd"),
        ("/absolute/x.txt", "x"),
        ("..\\..\\windows\\x.txt", "x"),
        ("nul\x00byte.txt", "nul-byte"),
        (".hidden.txt", "hidden"),
        ("...txt", "document"),
        ("\udce4.txt", "txt"),
        ("Отчёт за год.pdf", "отчёт-за-год"),
        ("長" * 300 + ".txt", "長" * 26),
        ("x" * 300 + ".txt", "x" * 80),
    ],
)
def test_a_name_is_made_of_letters_digits_and_hyphens(name, stem):
    assert safe_stem(name) == stem


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def downloaded(folder, content):
    path = download_path(folder, "7.part")
    path.write_bytes(content)
    return path


def save(folder, content, name, **more):
    return save_document(folder, downloaded(folder, content), name, **more)


def content(folder):
    return {path.name: path.read_bytes() for path in (folder / "telegram").iterdir()}


def test_a_document_is_put_beside_others_and_the_same_one_is_kept_once_under_whatever_name(tmp_path):
    assert save(tmp_path, b"a", "x.txt") == ("x.txt", True, "")
    assert save(tmp_path, b"b", "X.md") == ("x-2.md", True, "")
    assert save(tmp_path, b"a", "x.txt") == ("x.txt", False, "")
    assert save(tmp_path, b"b", "x.txt") == ("x-2.md", False, "")
    assert save(tmp_path, b"b", "copy of x.md") == ("x-2.md", False, "")
    assert content(tmp_path) == {"x.txt": b"a", "x-2.md": b"b"}
    assert names(tmp_path / ".incoming") == []


def test_what_admins_sent_can_be_read_by_their_bot_alone(tmp_path):
    folder = tmp_path / "citebot.db.uploads"
    save(folder, b"a", "x.txt")
    save(folder, b"b", "x.txt", replace=True)
    save_post(folder, "https://t.me/birds/7", "{}")
    paths = [folder, *folder.rglob("*")]
    assert {"x.txt", "x.txt.replaced", "post-birds-7.jsonl"} < {path.name for path in paths}
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in paths}
    assert modes == {path.name: 0o700 if path.is_dir() else 0o600 for path in paths}


def test_a_document_takes_the_place_of_the_one_of_its_name_alone(tmp_path):
    save(tmp_path, b"a", "x.txt")
    save(tmp_path, b"b", "x.txt")
    assert find_upload(tmp_path, "../X.pdf").name == "x.txt"
    assert find_upload(tmp_path, "y.txt") is None
    assert save(tmp_path, b"a", "X.txt", replace=True) == ("x.txt", False, "")
    assert save(tmp_path, b"b", "x.txt", replace=True) == ("x.txt", True, "x.txt")  # although x-2.txt holds the same
    assert save(tmp_path, b"b", "x.md", replace=True) == ("x.md", True, "x.txt")  # read in another way
    assert content(tmp_path) == {"x.md": b"b", "x-2.txt": b"b"}
    assert save(tmp_path, b"d", "new.txt", replace=True) == ("new.txt", True, "")


@pytest.mark.parametrize("name", ["x.txt", "x.md"])
def test_what_cannot_be_read_gives_its_place_back(tmp_path, name):
    save(tmp_path, b"a", "x.txt")
    saved = save(tmp_path, b"", name, replace=True)
    undo_upload(tmp_path, saved)
    assert content(tmp_path) == {"x.txt": b"a"}
    undo_upload(tmp_path, save(tmp_path, b"b", "y.txt"))
    undo_upload(tmp_path, save(tmp_path, b"a", "z.txt"))
    assert content(tmp_path) == {"x.txt": b"a"}
    settle_upload(tmp_path, save(tmp_path, b"c", "x.txt", replace=True))
    assert (content(tmp_path), names(tmp_path / ".incoming")) == ({"x.txt": b"c"}, [])


def test_a_post_that_was_edited_takes_the_place_of_itself_alone(tmp_path):
    address = "https://t.me/Orrin/7"
    assert save_post(tmp_path, address, "1").is_new
    assert save_post(tmp_path, "https://t.me/c/12/7", "2").is_new
    assert save_post(tmp_path, address, "1") == ("post-orrin-7.jsonl", False, "")
    assert save_post(tmp_path, address, "3") == ("post-orrin-7.jsonl", True, "post-orrin-7.jsonl")
    assert content(tmp_path) == {"post-orrin-7.jsonl": b"3\n", "post-c-12-7.jsonl": b"2\n"}
    assert delete_uploaded_article(tmp_path, address)
    assert names(tmp_path / "telegram") == ["post-c-12-7.jsonl"]


@pytest.mark.parametrize("article", ["../telegram/x", "x", "telegram/../x", "https://t.me/../../x", "telegram/"])
def test_only_the_file_of_the_very_article_is_deleted(tmp_path, article):
    save_document(tmp_path, downloaded(tmp_path, b"a"), "x.txt")
    (tmp_path / "x").write_text("outside")
    assert not delete_uploaded_article(tmp_path, article)
    assert names(tmp_path) == [".incoming", "telegram", "x"]
    assert names(tmp_path / "telegram") == ["x.txt"]


NOON = datetime(2024, 9, 3, 14, 0, 0, tzinfo=timezone(timedelta(hours=2)))


def test_a_post_of_a_public_channel_is_an_article_with_its_address_date_and_channel():
    got = article_of_post(
        "Bell found\r\n\r\nIt lay in the reeds. ", channel_title="Lume Herald", channel_username="lumeherald",
        message_id=41, date=NOON,
    )  # fmt: skip
    assert got == Article(
        id="https://t.me/lumeherald/41",
        title="Bell found",
        text="Bell found\n\nIt lay in the reeds.",
        url="https://t.me/lumeherald/41",
        published="2024-09-03T12:00:00Z",
        author="Lume Herald",
    )


def test_a_post_of_a_private_channel_has_the_address_that_its_members_can_open():
    got = article_of_post(
        "Text.", channel_title="Ours", channel_id=-1001234567890, message_id=7, date=NOON, author=" Ida  Quell"
    )
    assert (got.id, got.author) == ("https://t.me/c/1234567890/7", "Ida Quell")


def test_a_long_first_line_is_cut_for_the_title_and_kept_in_the_text():
    text = "word " * 100
    got = article_of_post(text, channel_title="C", channel_username="@c", message_id=1, date=NOON)
    assert got.title.endswith(" …")
    assert (got.text, got.id) == (text.strip(), "https://t.me/c/1")


def test_a_post_without_text_is_refused():
    with pytest.raises(ArticleError, match="no text"):
        article_of_post(" \n", channel_title="C", channel_username="c", message_id=1, date=datetime.now(UTC))


@pytest.mark.parametrize("channel_id", [None, 5555, -4000])
def test_a_post_that_has_no_address_is_refused(channel_id):
    with pytest.raises(ValueError, match="address"):
        article_of_post("Text.", channel_title="C", channel_id=channel_id, message_id=1, date=NOON)
