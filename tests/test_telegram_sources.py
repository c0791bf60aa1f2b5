"""/add and /sources as admins meet them, over real HTTP; pages come from a server on 127.0.0.1."""

from pathlib import Path

import pytest
from conftest import BotProcess, ended_well, fill_store
from fake_bot_api.client import buttons, quotations
from made_server import saying, serving

from bot.rendering import admin_messages, operator_messages
from retrieval import open_engine

ADMIN, ELSEWHERE = 940, 941
PAGE = b"""<html><head><title>The otters of Orrin</title></head><body><article><h1>The otters of Orrin</h1>
<p>The otters of Lake Orrin came back in the year 2019, after forty years without them on any shore of the lake.</p>
<p>They eat crayfish above all, and they sleep in the roots of the alders along the northern shore.</p>
</article></body></html>"""


@pytest.fixture(scope="module")
def page():
    with serving(saying("200 OK", "Content-Type: text/html; charset=utf-8", body=PAGE)) as server:
        yield f"http://127.0.0.1:{server.port}/otters"


def a_bot(telegram, folder, admin, **settings):
    return BotProcess(fill_store(folder), telegram.api_url, CITEBOT_ADMINS=str(admin), **settings)


@pytest.fixture(scope="module")
def bot(telegram, tmp_path_factory):
    process = a_bot(telegram, tmp_path_factory.mktemp("bot"), ADMIN, CITEBOT_ALLOW_PRIVATE_URLS="1")
    with ended_well(process, telegram):
        yield process


def sources(bot):
    with open_engine(bot.folder / "citebot.db") as engine:
        return [source.spec for source in engine.sources()]


def test_a_page_is_added_listed_and_taken_out_again(bot, telegram, page):
    telegram.write(f"/add {page}", user=ADMIN)
    assert page in telegram.shown(ADMIN, "Added 1 article")["text"]
    assert sources(bot) == [page]
    telegram.write("When did the otters of Lake Orrin come back?", user=ADMIN)
    assert "2019" in quotations(telegram.shown(ADMIN, "The otters of Lake Orrin came back"))[0]

    telegram.write("/sources", user=ADMIN)
    listed = telegram.shown(ADMIN, "1 source")
    assert f"1. {page} · 1 article · read 20" in listed["text"]
    assert "Always read: …/" in listed["text"]
    assert str(bot.folder.parent) not in listed["text"]
    telegram.press("1", listed, ADMIN)
    asked = telegram.shown(ADMIN, f"Remove {page} from the sources?")
    telegram.press(admin_messages.KEEP, asked, ADMIN)
    telegram.shown(ADMIN, admin_messages.NOTHING_REMOVED)
    assert sources(bot) == [page]

    telegram.write("/sources", user=ADMIN)
    telegram.press("1", telegram.shown(ADMIN, "1 source"), ADMIN)
    asked = telegram.shown(ADMIN, f"Remove {page} from the sources?")
    telegram.press(admin_messages.REMOVE, asked, ADMIN)
    telegram.shown(ADMIN, admin_messages.SOURCE_REMOVED)
    assert sources(bot) == []
    assert telegram.answer_to(telegram.press("1", listed, ADMIN)) == admin_messages.SOURCE_GONE


@pytest.mark.parametrize("given", ["", " /etc", " https://example.org https://example.net"])
def test_only_one_address_can_be_added_and_no_path(bot, telegram, given):
    told = len(telegram.conversation(ADMIN, "sendMessage"))
    before = sources(bot)
    telegram.write(f"/add{given}", user=ADMIN)
    assert telegram.replies(ADMIN, told + 1)[-1]["text"] == admin_messages.ADD_USAGE
    assert sources(bot) == before


@pytest.mark.parametrize("address", ["http://127.0.0.1/x", "http://169.254.169.254/latest", "file:///etc/passwd"])
def test_an_address_is_refused_in_the_words_of_the_terminal(telegram, tmp_path, address):
    from fake_bot_api.client import FakeTelegram

    server = FakeTelegram()
    process = a_bot(server, tmp_path, ELSEWHERE)
    try:
        server.write(f"/add {address}", user=ELSEWHERE)
        told = server.shown(ELSEWHERE, operator_messages.source_refused(address, "").strip())["text"]
        assert process.stop() == 0
    finally:
        process.stop()
        server.close()
    assert told == in_the_terminal(tmp_path, address)
    assert sources(process) == []


def in_the_terminal(folder, address):
    import subprocess
    import sys

    from conftest import environment

    done = subprocess.run(
        [sys.executable, "-m", "bot", "sources", "add", address],
        cwd=folder, env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    return done.stderr.strip()


def test_an_address_that_does_not_answer_stays_and_is_told(bot, telegram):
    with serving(saying("404 Not Found")) as server:
        address = f"http://127.0.0.1:{server.port}/gone"
    telegram.write(f"/add {address}", user=ADMIN)
    told = telegram.shown(ADMIN, f"Failed: {address}")
    assert admin_messages.SOURCE_KEPT in told["text"]
    assert sources(bot) == [address]


def test_what_was_sent_is_a_source_whose_path_is_not_shown(bot, telegram):
    telegram.send_document("note.txt", b"A note\n\nThe beavers of Orrin built their ninth dam.\n", user=ADMIN)
    telegram.press(admin_messages.ADD, telegram.shown(ADMIN, "Add note.txt"), ADMIN)
    telegram.shown(ADMIN, "Added 1 article (telegram/note)")
    assert Path(bot.folder / "citebot.db.uploads").resolve() in [
        Path(one).resolve() for one in sources(bot) if "://" not in one
    ]
    telegram.write("/sources", user=ADMIN)
    listed = telegram.shown(ADMIN, f"{len(sources(bot))} source")
    assert admin_messages.UPLOADS in listed["text"]
    assert "1" in buttons(listed)
