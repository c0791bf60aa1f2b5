"""What a reply to a gap points to: by a link, an id, a title, or a citation of the bot; and what is an answer in words."""

import pytest
from conftest import fill_store
from telegram import Message

from bot.rendering.telegram.answer_html import answer_html
from bot.rendering.telegram.answer_views import copied_text
from bot.rendering.telegram.citation import Citing
from bot.rendering.terminal.answer_lines import answer_lines
from bot.telegram.handlers.pointers import find_pointer
from retrieval import open_engine

BUILT = "The stone bridge of Rivertown was built in 1721 by the mason Anna Stone."
ADDRESS = "https://news.example.org/bridge?a=1&b=2"


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    folder = fill_store(
        tmp_path_factory.mktemp("store"), post="Tariffs\n\nParking costs two crowns. It is free at night.\n"
    )
    with open_engine(folder / "citebot.db") as engine:
        yield engine


def pointed(engine, text, *entities):
    """The id of what a message points to, and what it quotes; None if it is an answer in words."""
    fields = {
        "message_id": 1,
        "date": 1,
        "chat": {"id": 1, "type": "private"},
        "text": text,
        "entities": list(entities),
    }
    pointer = find_pointer(Message.de_json(fields, None), engine)
    return pointer and ([article.id for article in pointer.articles], pointer.quote)


@pytest.mark.parametrize(
    "text",
    [
        ADDRESS,
        "http://www.news.example.org/bridge/?utm_source=t&a=1&b=2&fbclid=x#:~:text=two%20towers",
        "bridge",
        "  The bridge\nof RIVERTOWN ",
    ],
)
def test_a_link_an_id_and_a_title_name_an_article_and_leave_the_sentence_open(engine, text):
    assert pointed(engine, text) == (["bridge"], "")


@pytest.mark.parametrize("text", ["https://news.example.org/bridge?a=2&b=2", "https://news.example.org/", "http://[x"])
def test_a_link_to_no_article_is_no_answer(engine, text):
    assert pointed(engine, text) == ([], "")


@pytest.mark.parametrize(
    "text",
    [
        "Anna Stone",
        "The bridge of Rivertown was built by Anna Stone.",
        f"Anna Stone did, see {ADDRESS}",
        f"{BUILT} But she died in 1720. {ADDRESS}",
        "It is free at night — Tariffs · I think",
        "example.org",
        "I asked Bob.\n— Tariffs · yesterday",
    ],
)
def test_words_of_the_editor_are_an_answer_whatever_they_mention(engine, text):
    assert pointed(engine, text) is None


@pytest.mark.parametrize(
    "text",
    [
        f"{BUILT} {ADDRESS}",
        f"“{BUILT}”\n{ADDRESS}#x",
        f"{BUILT}\n\nThe bridge of Rivertown",
        f"{BUILT}\nbridge",
    ],
)
def test_a_sentence_with_its_article_is_quoted(engine, text):
    assert pointed(engine, text) == (["bridge"], BUILT)


def test_words_behind_which_a_link_hides_name_an_article(engine):
    link = {"type": "text_link", "offset": 0, "length": 4, "url": ADDRESS}
    assert pointed(engine, "here", link) == (["bridge"], "")
    assert pointed(engine, f"here: {BUILT}", link) == (["bridge"], BUILT)
    assert pointed(engine, "here, by the mason", link) is None
    assert pointed(engine, "Parking costs two crowns. It is free at night.\npost") == (
        ["post"],
        "Parking costs two crowns. It is free at night.",
    )


def test_each_form_of_the_bots_own_citations_names_the_sentence(engine):
    answer = engine.ask("Who built the stone bridge of Rivertown?")
    snippet, citing = answer.snippets[0], Citing(address=engine.address)
    assert pointed(engine, copied_text(snippet, citing)) == (["bridge"], BUILT)
    assert pointed(engine, "\n".join(answer_lines(answer))) == (["bridge"], BUILT)
    html = answer_html(answer, citing)
    shown = html.replace("<blockquote>", "").replace("</blockquote>", "").replace("<b>", "").replace("</b>", "")
    plain = f"Perhaps:\n{shown.partition('<a ')[0]}{shown.partition('>')[2].replace('</a>', '')}"
    assert pointed(engine, plain) == (["bridge"], BUILT)
    assert pointed(engine, f"“{BUILT[:40]}”…\n— The bridge of Rivertown, {ADDRESS}") == (["bridge"], BUILT)
