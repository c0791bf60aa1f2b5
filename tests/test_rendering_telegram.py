import pytest
from fake_bot_api.client import parts_of, quotations
from fake_bot_api.html import parse_html, utf16_length, visible_text
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rendering import messages
from bot.rendering.telegram.answer_html import answer_html
from bot.rendering.telegram.article_list import find_page, page_html
from bot.rendering.telegram.citation import Citing, web_address
from bot.rendering.telegram.escaping import MESSAGE_UNITS, text_html, to_plain, units
from retrieval.records import Answer, Correction, Hit, Intent, Snippet, Span, StoredArticle


def a_hit(text="The bridge was built in 1721 by Anna Stone.", **changed):
    facts = {
        "rank": 1,
        "score": 7.4,
        "article": "news/bridge",
        "title": "Bridges",
        "url": "https://www.example.org/bridges?a=1&b=2",
        "published": "2017-05-22T09:30:00Z",
        "start": 100,
        "end": 100 + len(text),
        "position": 9,
        "of": 21,
        "text": text,
    }
    return Hit(**facts | changed)


def an_answer(*snippets, nearest=(), intent=Intent.QUESTION, corrections=(), certainty="sure"):
    certainty = certainty if snippets else "none"
    return Answer("?", "en", intent, certainty, 0.9, 0.8, (), snippets, nearest, 1, corrections)


def shown(answer):
    """What a reader sees; fails where Telegram would refuse the message."""
    text, entities = visible_text(answer_html(answer), "HTML")
    return {"text": text, "entities": entities}


def test_an_answer_is_a_quotation_with_its_source_below():
    message = shown(an_answer(Snippet(a_hit(), matched=((4, 10), (15, 20)), focus=(32, 42))))
    assert message["text"] == (
        "The bridge was built in 1721 by Anna Stone.\n— Bridges · example.org · 2017-05-22 · in the middle"
    )
    assert quotations(message) == ["The bridge was built in 1721 by Anna Stone."]
    assert parts_of(message, "bold") == ["Anna Stone"]
    assert [one["url"] for one in message["entities"] if one["type"] == "text_link"] == [
        "https://www.example.org/bridges?a=1&b=2"
    ]


def test_without_a_link_the_source_is_the_article_and_without_a_date_there_is_none():
    message = shown(an_answer(Snippet(a_hit(url=None, published=None), matched=())))
    assert message["text"].endswith("— Bridges · news/bridge · in the middle")
    assert parts_of(message, "text_link") == []


def test_only_the_likely_answer_is_in_bold_and_not_what_matched_the_question():
    snippet = Snippet(a_hit("Anna Stone built it."), matched=((5, 10), (0, 4), (11, 16)), focus=(5, 10))
    assert answer_html(an_answer(snippet)).startswith("<blockquote>Anna <b>Stone</b> built it.</blockquote>")


def test_a_sentence_is_said_to_stand_somewhere_in_words():
    places = {1: "at the beginning", 3: "near the beginning", 11: "in the middle", 19: "near the end", 21: "at the end"}
    for position, place in places.items():
        message = shown(an_answer(Snippet(a_hit(position=position), matched=())))
        assert message["text"].endswith(f" · {place}")
    assert shown(an_answer(Snippet(a_hit(position=1, of=1), matched=())))["text"].endswith("2017-05-22")


def test_the_link_leads_where_the_caller_says_unless_telegram_would_not_take_that():
    for address, link in (("https://www.example.org/a#:~:text=x%2Dy", None), ("https://a b", a_hit().url)):
        markup = answer_html(an_answer(Snippet(a_hit(), ())), Citing(address=lambda _, address=address: address))
        assert [one["url"] for one in parse_html(markup)[1] if one["type"] == "text_link"] == [link or address]


def test_a_lead_stands_in_italics_before_the_sentence_within_the_quotation():
    message = shown(
        an_answer(Snippet(a_hit("It is high.", lead=Span(0, 11, "Look there!")), matched=(), focus=(6, 10)))
    )
    assert quotations(message) == ["Look there! It is high."]
    assert parts_of(message, "italic") == ["Look there!"]
    assert parts_of(message, "bold") == ["high"]


def test_a_trail_stands_in_italics_after_the_sentence_within_the_quotation():
    message = shown(
        an_answer(Snippet(a_hit("Good news!", trail=Span(60, 75, "It <b>opened.")), matched=(), focus=(5, 9)))
    )
    assert quotations(message) == ["Good news! It <b>opened."]
    assert parts_of(message, "italic") == ["It <b>opened."]
    assert parts_of(message, "bold") == ["news"]


def test_an_answer_that_may_be_wrong_begins_with_perhaps():
    certain, perhaps = (
        shown(an_answer(Snippet(a_hit(), ()), corrections=(Correction("brige", "bridge"),), certainty=one))
        for one in ("sure", "perhaps")
    )
    notice, quoted = certain["text"].split("\n\n")
    assert perhaps["text"] == f"{notice}\n\n{messages.PERHAPS}\n{quoted}"
    assert quotations(perhaps) == quotations(certain) == [a_hit().text]


def test_the_headings_above_a_sentence_are_cited_before_its_whereabouts():
    message = shown(an_answer(Snippet(a_hit(section=("Repair <b>", "Stone & wood"), published=None), matched=())))
    assert message["text"].endswith("— Bridges · example.org · Repair <b> > Stone & wood · in the middle")


def test_the_header_of_a_table_or_what_introduces_a_list_stands_in_italics_above():
    row = a_hit("| Bridge | 1721 |", intro=Span(0, 16, "| What | <Year> |"))
    message = shown(an_answer(Snippet(row, matched=(), focus=(2, 8))))
    assert quotations(message) == ["| What | <Year> |\n| Bridge | 1721 |"]
    assert parts_of(message, "italic") == ["| What | <Year> |"]
    assert parts_of(message, "bold") == ["Bridge"]


def test_what_a_sentence_introduces_stands_below_the_quotation_with_its_lines():
    message = shown(an_answer(Snippet(a_hit("Run this:", code=Span(120, 140, "  build <x>\n\n    --all")), matched=())))
    assert quotations(message) == ["Run this:"]
    assert parts_of(message, "pre") == ["build <x>\n\n  --all"]
    assert "--all\n— Bridges" in message["text"]


def test_a_long_block_and_a_long_introduction_leave_room_for_other_snippets():
    code, intro = "\n".join(f"- {'word ' * 12}{n}" for n in range(99)), "It says " * 100
    snippets = [Snippet(a_hit(code=Span(0, 9, code)), ()), Snippet(a_hit("| a |", intro=Span(0, 9, intro)), ())]
    message = shown(an_answer(*snippets))
    assert len(quotations(message)) == 2
    assert 500 < len(parts_of(message, "pre")[0]) <= 900
    assert "…\n— Bridges" in message["text"]


def test_words_that_were_read_as_others_are_told_before_the_answer():
    message = shown(an_answer(Snippet(a_hit(), matched=()), corrections=(Correction("<Teheran", "Tehran"),)))
    assert message["text"].startswith("Read “<Teheran” as “Tehran”.\n\nThe bridge was built")
    assert "Read" not in shown(an_answer(Snippet(a_hit(), matched=())))["text"]


def test_a_long_sentence_is_cut_by_what_the_words_before_it_take():
    read = (Correction("x" * 900, "y"),)
    message = shown(an_answer(Snippet(a_hit("word " * 1000), matched=()), corrections=read))
    assert message["text"].startswith("Read “xxx")
    assert MESSAGE_UNITS - 12 < utf16_length(message["text"]) <= MESSAGE_UNITS


def test_markup_in_an_article_is_shown_as_it_is_written():
    text = 'A <b>tag</b> & <script>alert("x")</script> &amp; &lt; 1 < 2'
    snippet = Snippet(
        a_hit(text, title="<i>Tags</i> & more", published="<2017>", lead=Span(0, 5, "1 < 2")), (), focus=(2, 9)
    )
    message = shown(an_answer(Snippet(snippet.hit, (), snippet.focus, twins=(a_hit(title="</a>", article="other"),))))
    assert quotations(message) == [f"1 < 2 {text}"]
    assert parts_of(message, "bold") == ["<b>tag<"]
    assert "— <i>Tags</i> & more · example.org · <2017> ·" in message["text"]
    assert "also in: </a>" in message["text"]


def test_an_address_cannot_leave_its_attribute():
    markup = answer_html(an_answer(Snippet(a_hit(url='https://example.org/"><b>'), matched=())))
    assert '<a href="https://example.org/&quot;&gt;&lt;b&gt;">' in markup
    parse_html(markup)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "ftp://example.org",
        "https://localhost/x",
        "https://[x",
        "https://bank.example@example.org/x",
        "https://example.org/\u202egpj.exe",
        "https://example.org/\u200bx",
        "https://a b.org",
        "",
        None,
        "https://example.org/" + 2048 * "x",
    ],
)
def test_only_an_address_of_the_web_becomes_a_link(url):
    assert web_address(url) is None
    assert "<a " not in answer_html(an_answer(Snippet(a_hit(url=url), matched=())))


@pytest.mark.parametrize("text", ["", "\n", " "])
def test_nothing_is_not_quoted(text):
    markup = answer_html(an_answer(Snippet(a_hit(text=text), matched=())))
    assert "blockquote" not in markup
    assert parse_html(markup)[0].strip().startswith("—")


def test_what_turns_text_round_is_replaced_one_for_one():
    text = "pay \u202e001\u202c \u2066now\u2069\u2028or\u2029never"
    shown_text, _ = parse_html(answer_html(an_answer(Snippet(a_hit(text=text), matched=()))))
    assert "pay \ufffd001\ufffd \ufffdnow\ufffd or never" in shown_text


def test_lines_of_a_wrapped_sentence_are_joined_for_reading():
    message = shown(an_answer(Snippet(a_hit("one\ntwo\tthree\x00four"), matched=())))
    assert message["text"].startswith("one two three\ufffdfour\n")


def test_an_abstention_offers_the_nearest_titles():
    message = shown(an_answer(nearest=("Bridges & <towers>", "Rivers")))
    assert message["text"] == f"{messages.ABSTENTION}\n\n{messages.NEAREST}\n• Bridges & <towers>\n• Rivers"
    assert shown(an_answer())["text"] == f"{messages.ABSTENTION}\n\n{messages.NOTHING_NEAR}"


def test_a_greeting_is_greeted_and_an_empty_store_says_so():
    assert answer_html(an_answer(intent=Intent.GREETING)) == messages.GREETING
    assert answer_html(an_answer(), store_is_empty=True) == messages.NO_ARTICLES


def test_snippets_that_do_not_fit_are_dropped_whole():
    long = Snippet(a_hit("x" * 3900), matched=())
    short = Snippet(a_hit("Short."), matched=())
    message = shown(an_answer(short, long, long))
    assert quotations(message) == ["Short.", "x" * 3900]
    message = shown(an_answer(long, long, short))
    assert quotations(message) == ["x" * 3900]


def test_one_sentence_that_is_too_long_is_cut_at_a_word_with_the_ellipsis_outside():
    sentence = "😀 smile " * 700
    message = shown(an_answer(Snippet(a_hit(sentence.strip(), lead=Span(0, 4, "Lead")), matched=((3, 8),))))
    (quotation,) = quotations(message)
    assert sentence.startswith(quotation)
    assert message["text"][len(quotation) :].startswith("…\n— Bridges")
    assert MESSAGE_UNITS - 12 < utf16_length(message["text"]) <= MESSAGE_UNITS


ANY_TEXT = st.text(st.characters(), min_size=1, max_size=60)
LONG_TEXT = st.builds(lambda text, times: text * times, ANY_TEXT, st.sampled_from([1, 2, 90, 4000]))


@st.composite
def snippets_of_anything(draw):
    text = draw(LONG_TEXT)
    ends = st.integers(0, len(text))
    spans = draw(st.lists(st.tuples(ends, ends).map(sorted).map(tuple), max_size=150))
    hit = a_hit(
        text,
        title=draw(LONG_TEXT),
        url=draw(st.none() | ANY_TEXT | ANY_TEXT.map("https://example.org/{}".format)),
        published=draw(st.none() | LONG_TEXT),
        section=tuple(draw(st.lists(LONG_TEXT, max_size=3))),
        **{
            name: draw(st.none() | LONG_TEXT.map(lambda lead: Span(0, len(lead), lead)))
            for name in ("lead", "intro", "code", "trail")
        },
    )
    disjoint = [span for before, span in zip([(0, 0), *spans], spans, strict=False) if span[0] >= before[1]]
    twins = tuple(a_hit(title=title) for title in draw(st.lists(LONG_TEXT, max_size=5)))
    return Snippet(hit, tuple(disjoint), draw(st.none() | st.tuples(ends, ends).map(sorted).map(tuple)), twins)


@given(st.lists(snippets_of_anything(), min_size=1, max_size=3), st.sampled_from(["sure", "perhaps"]))
@settings(max_examples=60, deadline=None)
def test_whatever_an_article_holds_telegram_takes_the_message(snippets, certainty):
    markup = answer_html(an_answer(*snippets, certainty=certainty))
    visible_text(markup, "HTML")
    assert to_plain(markup) == parse_html(markup)[0]
    assert units(markup) <= MESSAGE_UNITS


@given(LONG_TEXT)
@settings(max_examples=60, deadline=None)
def test_the_bots_own_words_fit_whatever_is_named_in_them(text):
    assert utf16_length(parse_html(text_html(f"x{text}"))[0]) <= MESSAGE_UNITS


def stored(number, title="An article with a title"):
    return StoredArticle(f"a{number}", title, "en", "https://example.org/<", "2020-01-31", None, 9, 900, "2024-01-01")


def test_articles_are_listed_with_number_title_link_and_date():
    text, entities = visible_text(page_html(find_page([stored(1), stored(2, "1 < 2")], "", 0)), "HTML")
    assert text == "2 articles\n\n1. An article with a title · 2020-01-31\n2. 1 < 2 · 2020-01-31"
    assert [one["url"] for one in entities if one["type"] == "text_link"] == ["https://example.org/<"] * 2
    assert page_html(find_page([], "", 0)) == messages.NO_ARTICLES


def test_a_page_of_articles_fits_into_a_message_whatever_they_are_called():
    long = [stored(number, f"Title {number} " + "😀" * 3000) for number in range(5000)]
    text, _ = visible_text(page_html(find_page(long, "title", 499)), "HTML")
    assert text.startswith("5,000 articles with “title” · page 500 of 500")
    assert text.count("Title") == 10
    assert find_page(long, "", 500) == find_page(long, "", 499)
