"""Documents and forwarded channel posts of admins: offered, downloaded, kept, loaded, each over real HTTP."""

import json
import time

import pytest
from conftest import BotProcess, ended_well, fill_store
from fake_bot_api.client import PATIENCE, FakeTelegram, buttons, quotations

from bot.rendering import admin_messages, messages

ADMIN = 920
REPORT = b"The heron report\n\nThe herons of Lake Orrin raised eleven chicks in the spring.\n"


@pytest.fixture(scope="module")
def bot(telegram, tmp_path_factory):
    process = BotProcess(fill_store(tmp_path_factory.mktemp("bot")), telegram.api_url, CITEBOT_ADMINS=str(ADMIN))
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


@pytest.mark.parametrize("tells_size", [True, False])
def test_a_file_that_telegram_does_not_give_to_bots_is_told_with_what_to_do(bot, telegram, tells_size):
    name, before = f"large{tells_size}.txt", uploads(bot)
    telegram.send_document(name, b"x" * (20 * 2**20 + 1), user=ADMIN, tells_size=tells_size)
    if not tells_size:
        telegram.press(admin_messages.ADD, offered(telegram, f"Add {name} to the articles?"), ADMIN)
    told = telegram.shown(ADMIN, f"{name} is larger than 20 MB, the most a bot can download from Telegram.")
    assert "`citebot load`" in told["text"]
    assert uploads(bot) == before
    refused = telegram.requests("getFile")[-1]["description"]
    assert tells_size or refused == "Bad Request: file is too big"


def test_a_file_that_telegram_cannot_find_is_told_and_can_be_sent_again(bot, telegram):
    telegram.fault("400", "getFile", description="Bad Request: wrong file_id or the file is temporarily unavailable")
    telegram.send_document("lost.txt", REPORT, user=ADMIN)
    telegram.press(admin_messages.ADD, offered(telegram, "Add lost.txt"), ADMIN)
    telegram.shown(ADMIN, admin_messages.not_downloaded("lost.txt"))


def test_the_report_on_an_upload_speaks_of_that_upload_alone(bot, telegram):
    folder = bot.folder / "citebot.db.uploads" / "telegram"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "older.txt").write_text("Older\n\nA text that was never loaded.\n")
    (folder / "broken.md").write_bytes(b"")
    telegram.send_document("swans.txt", b"Swans\n\nThe swans of Lake Orrin left in May.\n", user=ADMIN)
    telegram.press(admin_messages.ADD, offered(telegram, "Add swans.txt"), ADMIN)
    assert telegram.shown(ADMIN, "Added 1 article (telegram/swans)")["text"] == "Added 1 article (telegram/swans)."
    for name in ("older.txt", "broken.md"):
        (folder / name).unlink()


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
    first = BotProcess(fill_store(tmp_path), elsewhere.api_url, CITEBOT_ADMINS=str(ADMIN))
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
    first = BotProcess(fill_store(tmp_path), elsewhere.api_url, CITEBOT_ADMINS=str(ADMIN))
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


def test_a_rich_message_is_a_post_too(bot, telegram):
    blocks = [
        {"type": "heading", "text": ["The ", {"type": "bold", "text": "ferry"}], "size": 1},
        {"type": "paragraph", "text": ["The ferry Agathe was ", {"type": "url", "text": "painted green", "url": "https://x.example"}, "."]},
        {"type": "slideshow", "blocks": [{"type": "photo", "photo": [], "caption": {"text": "Agathe at the pier."}}]},
    ]  # fmt: skip
    sender = {"id": ADMIN, "is_bot": False, "first_name": "User"}
    chat = {"id": ADMIN, "type": "private", "first_name": "User"}
    post = channel() | {"message_id": 46}
    telegram.push(message={"from": sender, "chat": chat, "rich_message": {"blocks": blocks}, "forward_origin": post})
    telegram.press(admin_messages.ADD, offered(telegram, "Add the post “The ferry”"), ADMIN)
    telegram.shown(ADMIN, "Added 1 article (https://t.me/orrin_news/46)")
    (line,) = uploads(bot)["telegram/post-orrin_news-46.jsonl"].read_text().splitlines()
    assert json.loads(line)["text"] == "# The ferry\n\nThe ferry Agathe was painted green.\n\nAgathe at the pier."


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
