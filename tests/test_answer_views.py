"""What the buttons under an answer show, read as Telegram reads it."""

import pytest
from fake_bot_api.client import parts_of, quotations
from fake_bot_api.html import utf16_length, visible_text
from hypothesis import given, settings
from hypothesis import strategies as st
from test_rendering_telegram import a_hit

from bot.rendering import messages
from bot.rendering.telegram.answer_views import COPY_UNITS, context_html, copied_text, more_html, why_html
from bot.rendering.telegram.citation import Citing
from retrieval import open_engine
from retrieval.records import Block, Snippet


def placed(text, start, version=0):
    return a_hit(text, start=start, end=start + len(text), version=version)


BRIDGE = a_hit().text
BEFORE = Block("text", 0, 20, "What was before <it>.")
OWN = Block("text", 22, 90, "It is old. The bridge was built in 1721 by Anna Stone. It stands.")
TABLE = Block("table", 95, 140, "| A | B |\n| --- | :-: |\n| <1> | 2 |")
CODE = Block("code", 150, 170, "  go --all\n\n<now>")


def in_context(*blocks, hit=None):
    hit = hit or placed(BRIDGE, OWN.start + 11)
    text, entities = visible_text(context_html([(Snippet(hit, ()), blocks)], Citing()), "HTML")
    return {"text": text, "entities": entities}


def test_a_sentence_is_in_bold_among_the_paragraphs_around_it_with_what_is_set_as_it_is():
    message = in_context(BEFORE, OWN, TABLE)
    assert quotations(message) == [f"{BEFORE.text}\n\n{OWN.text}"]
    assert parts_of(message, "bold") == [a_hit().text]
    assert parts_of(message, "pre") == ["| A | B |\n| <1> | 2 |"]
    assert message["text"].endswith("\n— Bridges · example.org · 2017-05-22 · in the middle")
    assert parts_of(in_context(CODE, OWN), "pre") == [CODE.text]
    assert "<blockquote expandable>" in context_html([(Snippet(placed(BRIDGE, 33), ()), [OWN])], Citing())


def test_a_passage_that_is_no_longer_kept_is_told_and_none_is_shown_twice():
    assert in_context()["text"].startswith(messages.NO_CONTEXT)
    twice = [(Snippet(placed(BRIDGE, 33), ()), [OWN]), (Snippet(placed("It stands.", 77), ()), [OWN])]
    assert visible_text(context_html(twice, Citing()), "HTML")[0].count("It stands.") == 1


ANY = st.builds(
    lambda text, times: text * times, st.text(st.characters(), min_size=1, max_size=40), st.sampled_from([1, 9, 300])
)


@st.composite
def passages(draw):
    kinds = st.sampled_from(["text", "list", "table", "code"])
    before, sentence, after = draw(ANY), draw(ANY), draw(ANY)
    own = Block(draw(kinds), 10**6, 10**6 + len(before + sentence + after), before + sentence + after)
    hit = placed(sentence, own.start + len(before))
    lead, trail = (Block(draw(kinds), at, at + 10, draw(ANY)) for at in (0, 10**7))
    return Snippet(hit, ()), [lead, own, trail]


@given(st.lists(passages(), min_size=1, max_size=3))
@settings(max_examples=60, deadline=None)
def test_whatever_a_passage_holds_telegram_takes_the_message(found):
    found = [(Snippet(placed(one.hit.text, one.hit.start, at), ()), blocks) for at, (one, blocks) in enumerate(found)]
    visible_text(context_html(found, Citing()), "HTML")


@given(ANY, ANY, st.none() | ANY.map("https://example.org/{}".format))
@settings(max_examples=60, deadline=None)
def test_what_is_copied_fits_the_clipboard_button_and_names_its_source(text, title, url):
    copied = copied_text(Snippet(a_hit(text, title=title, url=url), ()), Citing())
    assert 1 <= utf16_length(copied) <= COPY_UNITS
    assert "\n— " in copied


def test_a_short_quotation_is_copied_whole_with_its_address_and_a_long_one_is_cut():
    assert copied_text(Snippet(a_hit(), ()), Citing()) == (
        "“The bridge was built in 1721 by Anna Stone.”\n— Bridges, https://www.example.org/bridges?a=1&b=2"
    )
    long = copied_text(Snippet(a_hit("👩‍👩‍👧‍👦" * 60, url=f"https://example.org/{'x' * 200}"), ()), Citing())
    assert long.replace("👩‍👩‍👧‍👦", "") == "“”…\n— Bridges"


def test_further_sentences_are_said_to_fit_less_well():
    assert more_html([Snippet(a_hit(), ())], Citing()).startswith(
        f"<i>{messages.LESS_LIKELY}</i>\n<blockquote>The bridge"
    )


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    folder = tmp_path_factory.mktemp("why")
    text = (
        "# Canals\n\n## History\n\nThe canal was opened in 1869. Ships paid tolls from the first day.\n\nSand fills it."
    )
    (folder / "canal.md").write_text(text)
    with open_engine(folder / "x.db") as engine:
        engine.load([folder / "canal.md"])
        yield engine


def why(engine, question):
    text, _ = visible_text(why_html(engine.explain(question), Citing()), "HTML")
    return text.partition(f"\n\n{messages.WHY}\n")[2]


def test_why_says_in_words_what_was_found_where(engine):
    said = why(engine, "When was the canal with tolls in Qqqx opened?")
    assert "• Words of your question in the sentence: “canal”, “opened”.\n" in said
    assert "• In the sentence after: “tolls”.\n" in said
    assert "• In no article: “qqqx”.\n" in said
    assert " %." in said.splitlines()[-1]
    assert "“ship” is there as “ships”." in why(engine, "Which ship paid tolls?")
