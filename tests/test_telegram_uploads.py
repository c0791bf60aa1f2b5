"""Documents and forwarded channel posts of admins: offered, downloaded, kept, loaded, each over real HTTP."""

import json
import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
from conftest import BotProcess, ended_well, fill
from fake_bot_api.client import PATIENCE, FakeTelegram, buttons, quotations

from bot.rendering import admin_messages, messages
from bot.sources import delete_uploaded_article, download_path, safe_stem, save_document, save_post
from bot.telegram.handlers.uploads import article_of_post
from retrieval.errors import ArticleError
from retrieval.records import Article

ADMIN = 920
REPORT = b"The heron report\n\nThe herons of Lake Orrin raised eleven chicks in the spring.\n"


@pytest.fixture(scope="module")
def bot(telegram, tmp_path_factory):
    process = BotProcess(fill(tmp_path_factory.mktemp("bot")), telegram.api_url, CITEBOT_ADMINS=str(ADMIN))
    with ended_well(process, telegram):
        yield process


def uploads(bot):
    folder = bot.folder / "citebot.db.uploads"
    return {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}


def offered(telegram, question):
    shown = telegram.shown(ADMIN, question)
    assert list(buttons(shown)) == [admin_messages.ADD, admin_messages.DO_NOT_ADD]
    return shown


def test_a_document_is_added_when_the_admin_says_yes_and_its_name_is_never_a_path(bot, telegram):
    telegram.send_document("../../Heron report (final).TXT", REPORT, user=ADMIN)
    asked = offered(telegram, "Add ../../Heron report (final).TXT (1 KB) to the articles?")
    assert uploads(bot) == {}
    assert telegram.answer_to(telegram.press(admin_messages.ADD, asked, ADMIN)) == ""
    assert "Added 1 article (telegram/heron-report-final)" in telegram.shown(ADMIN, "Added")["text"]
    assert {name: path.read_bytes() for name, path in uploads(bot).items()} == {
        "telegram/heron-report-final.txt": REPORT
    }
    assert telegram.answer_to(telegram.press_data(buttons(asked)[admin_messages.ADD], asked, ADMIN)) != ""
    telegram.write("How many chicks did the herons raise?", user=ADMIN + 1)
    assert "eleven chicks" in quotations(telegram.replies(ADMIN + 1)[0])[0]

    number = len(telegram.conversation(ADMIN, "sendMessage"))
    telegram.write("/articles heron", user=ADMIN)
    page = telegram.message(ADMIN, telegram.replies(ADMIN, number + 1)[-1]["result_id"])
    telegram.press("1", page, ADMIN)
    telegram.press(admin_messages.DELETE, telegram.shown(ADMIN, "The heron report"), ADMIN)
    for _ in range(100):
        if admin_messages.REALLY_DELETE in buttons(asked := telegram.shown(ADMIN, "The heron report")):
            break
        time.sleep(0.05)
    telegram.press(admin_messages.REALLY_DELETE, asked, ADMIN)
    for _ in range(200):
        if admin_messages.DELETED_WITH_FILE in telegram.shown(ADMIN, "The heron report")["text"]:
            break
        telegram.requests(count=len(telegram.requests()) + 1, wait=PATIENCE / 100)
    assert uploads(bot) == {}


def test_what_cannot_be_read_is_not_kept_and_a_no_fetches_nothing(bot, telegram):
    before = uploads(bot)
    telegram.send_document("empty.md", b"", user=ADMIN)
    telegram.press(admin_messages.ADD, offered(telegram, "Add empty.md"), ADMIN)
    assert "empty" in telegram.shown(ADMIN, admin_messages.NOTHING_ADDED_BECAUSE)["text"]
    assert uploads(bot) == before
    files = len(telegram.requests("getFile"))
    telegram.send_document("heron.md", REPORT, user=ADMIN)
    telegram.press(admin_messages.DO_NOT_ADD, offered(telegram, "Add heron.md"), ADMIN)
    telegram.shown(ADMIN, admin_messages.NOTHING_ADDED)
    assert len(telegram.requests("getFile")) == files
    telegram.send_document("program.exe", b"MZ", user=ADMIN)
    telegram.shown(ADMIN, "I can't read program.exe.")
    telegram.send_document("large.txt", b"x" * (20 * 2**20 + 1), user=ADMIN)
    telegram.shown(ADMIN, "large.txt is larger than 20 MB")


@pytest.fixture
def elsewhere():
    """A server of its own, for bots that come and go."""
    server = FakeTelegram()
    try:
        yield server
        assert server.violations() == []
    finally:
        server.close()


def test_an_offer_outlives_a_restart(elsewhere, tmp_path):
    first = BotProcess(fill(tmp_path), elsewhere.api_url, CITEBOT_ADMINS=str(ADMIN))
    try:
        elsewhere.send_document("heron.txt", REPORT, user=ADMIN)
        asked = offered(elsewhere, "Add heron.txt")
        assert first.stop() == 0
        elsewhere.press(admin_messages.ADD, asked, ADMIN)
        second = BotProcess(tmp_path, elsewhere.api_url, CITEBOT_ADMINS=str(ADMIN))
        try:
            assert "telegram/heron" in elsewhere.shown(ADMIN, "Added 1 article")["text"]
        finally:
            assert second.stop() == 0
    finally:
        first.stop()


def test_whoever_is_no_admin_any_more_cannot_press_what_was_made_for_them(elsewhere, tmp_path):
    first = BotProcess(fill(tmp_path), elsewhere.api_url, CITEBOT_ADMINS=str(ADMIN))
    try:
        elsewhere.send_document("heron.txt", REPORT, user=ADMIN)
        asked = offered(elsewhere, "Add heron.txt")
        assert first.stop() == 0
        second = BotProcess(tmp_path, elsewhere.api_url, CITEBOT_ADMINS=str(ADMIN + 1))
        try:
            assert elsewhere.answer_to(elsewhere.press(admin_messages.ADD, asked, ADMIN)) == messages.NOT_YOUR_BUTTON
            assert not (tmp_path / "citebot.db.uploads").exists()
        finally:
            assert second.stop() == 0
    finally:
        first.stop()


def channel(username="orrin_news"):
    chat = {"id": -1001234567890, "type": "channel", "title": "Orrin News", "username": username}
    return {"type": "channel", "chat": chat, "message_id": 45, "date": 1_700_000_000}


def test_a_forwarded_channel_post_is_added_with_its_address_and_date(bot, telegram):
    text = "The ferry runs again\nThe ferry Marlene crosses Lake Orrin every half hour since Monday."
    telegram.write(text, user=ADMIN, forward_origin=channel())
    telegram.press(admin_messages.ADD, offered(telegram, "Add the post “The ferry runs again”"), ADMIN)
    assert "Added 1 article (https://t.me/orrin_news/45)" in telegram.shown(ADMIN, "Added 1 article (https")["text"]
    (line,) = uploads(bot)["telegram/post-orrin_news-45.jsonl"].read_text().splitlines()
    assert json.loads(line)["published"] == "2023-11-14T22:13:20Z"
    telegram.write("Which ferry crosses Lake Orrin?", user=ADMIN + 3)
    assert "Marlene" in quotations(telegram.replies(ADMIN + 3)[0])[0]


def test_a_caption_is_a_post_too_and_a_forward_of_a_person_is_a_question(bot, telegram):
    photo = {"file_id": "a", "file_unique_id": "b", "width": 9, "height": 9}
    sender = {"id": ADMIN, "is_bot": False, "first_name": "User"}
    chat = {"id": ADMIN, "type": "private", "first_name": "User"}
    caption = "The new pier of Orrin was opened by its mayor."
    telegram.push(
        message={"from": sender, "chat": chat, "photo": [photo], "caption": caption, "forward_origin": channel()}
    )
    offered(telegram, f"Add the post “{caption}”")
    person = {"type": "hidden_user", "sender_user_name": "Somebody", "date": 1}
    telegram.write("What does the Blue Glacier lose every summer?", user=ADMIN, forward_origin=person)
    assert quotations(telegram.shown(ADMIN, "The Blue Glacier")) == [
        "The Blue Glacier loses nine metres of ice every summer."
    ]


@pytest.mark.parametrize("kind", ["document", "post"])
def test_what_others_send_is_no_article(bot, telegram, kind):
    user, before = {"document": 925, "post": 926}[kind], uploads(bot)
    if kind == "document":
        telegram.send_document("heron.txt", REPORT, user=user)
        assert telegram.replies(user)[0]["text"] == messages.ONLY_TEXT
    else:
        telegram.write("What does the Blue Glacier lose every summer?", user=user, forward_origin=channel())
        assert "nine metres" in quotations(telegram.replies(user)[0])[0]
    assert uploads(bot) == before


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


def test_no_document_takes_the_place_of_another_and_the_same_one_is_kept_once(tmp_path):
    assert save_document(tmp_path, downloaded(tmp_path, b"a"), "x.txt") == ("x.txt", True)
    assert save_document(tmp_path, downloaded(tmp_path, b"b"), "X.md") == ("x-2.md", True)
    assert save_document(tmp_path, downloaded(tmp_path, b"a"), "x.txt") == ("x.txt", False)
    assert save_document(tmp_path, downloaded(tmp_path, b"b"), "x.txt") == ("x-2.md", False)
    assert names(tmp_path / "telegram") == ["x-2.md", "x.txt"]
    assert names(tmp_path / ".incoming") == []


def test_a_post_that_was_edited_takes_the_place_of_itself_alone(tmp_path):
    address = "https://t.me/Orrin/7"
    assert save_post(tmp_path, address, "1").is_new
    assert save_post(tmp_path, "https://t.me/c/12/7", "2").is_new
    assert save_post(tmp_path, address, "3") == ("post-orrin-7.jsonl", False)
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
