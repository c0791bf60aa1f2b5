"""Answers as terminal text and as JSON: quoted as they stand, cited, wrapped, and harmless to a terminal."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rendering import load_messages, messages
from bot.rendering.ages import day
from bot.rendering.as_json import answer_json, article_json
from bot.rendering.terminal.answer_lines import Layout, answer_lines, context_lines, snippet_lines, source_lines
from bot.rendering.terminal.layout import cells, is_right_to_left, printable, table, wrap
from retrieval.records import (
    Answer,
    Article,
    Correction,
    Failure,
    Hit,
    Intent,
    Kind,
    LoadReport,
    Progress,
    Sentence,
    Snippet,
    Span,
)


def hit(text="The tower is 96 metres high.", **changes):
    values = {
        "rank": 1, "score": 7.5, "article": "news/tower", "title": "A tower", "url": "https://example.org/tower",
        "published": "2017-05-24T10:00:00Z", "start": 100, "end": 100 + len(text), "position": 9, "of": 21,
        "text": text,
    }  # fmt: skip
    return Hit(**(values | changes))


def answer(*snippets, **changes):
    values = {
        "question": "How high is the tower?", "language": "en", "intent": Intent.QUESTION,
        "certainty": "sure" if snippets else "none", "p_in_store": 0.99, "p_right": 0.93, "hits": tuple(snippet.hit for snippet in snippets), "snippets": snippets, "nearest": (),
        "generation": 1,
    }  # fmt: skip
    return Answer(**(values | changes))


def unstyled(lines):
    return [re.sub(r"\x1b\[\d+m", "", line) for line in lines]


def test_an_answer_is_the_sentence_then_title_link_date_and_place():
    assert list(answer_lines(answer(Snippet(hit(), matched=((4, 9),))))) == [
        "1. “The tower is 96 metres high.”",
        "   A tower · https://example.org/tower · 2017-05-24 · sentence 9 of 21",
    ]


def test_without_link_the_article_is_named_and_without_date_or_title_nothing_stands_in():
    bare = hit(url=None, published=None, title="")
    assert list(snippet_lines([Snippet(bare, matched=())]))[1] == "   news/tower · sentence 9 of 21"


def test_twins_are_named_once_each():
    twins = (
        hit(title="Other", article="one"),
        hit(title="Other", article="two"),
        hit(title="", article="third"),
        hit(),
    )
    assert (
        list(snippet_lines([Snippet(hit(), matched=(), twins=twins)]))[2]
        == "   also in: Other (one); Other (two); third"
    )


def test_matched_words_are_bold_on_a_terminal_only():
    shown = Snippet(hit(), matched=((4, 9), (23, 27)))
    assert next(snippet_lines([shown], Layout(80, styled=True))) == (
        "1. “The \x1b[1mtower\x1b[0m is 96 metres \x1b[1mhigh\x1b[0m.”"
    )
    assert "\x1b" not in "".join(snippet_lines([shown], Layout(80, styled=False)))


def test_a_lead_stands_dim_before_the_sentence_within_the_quotation_and_shifts_what_is_bold():
    led = Snippet(hit("It is 96 metres high.", lead=Span(70, 98, "The tower stands in Paris.")), matched=((16, 20),))
    line = next(snippet_lines([led], Layout(80, styled=True)))
    assert line == "1. “\x1b[2mThe tower stands in Paris.\x1b[0m It is 96 metres \x1b[1mhigh\x1b[0m.”"
    assert next(snippet_lines([led])) == "1. “The tower stands in Paris. It is 96 metres high.”"


def test_a_trail_stands_dim_after_the_sentence_within_the_quotation():
    shown = Snippet(hit("Good news!", trail=Span(130, 150, "It opened.")), matched=((5, 9),))
    assert next(snippet_lines([shown], Layout(80, styled=True))) == (
        "1. “Good \x1b[1mnews\x1b[0m! \x1b[2mIt opened.\x1b[0m”"
    )
    assert next(snippet_lines([shown])) == "1. “Good news! It opened.”"


def test_an_answer_that_may_be_wrong_begins_with_perhaps():
    certain, perhaps = (
        list(answer_lines(answer(Snippet(hit(), ()), certainty=one, corrections=(Correction("towr", "tower"),))))
        for one in ("sure", "perhaps")
    )
    assert perhaps == [certain[0], messages.PERHAPS, *certain[1:]]


def test_the_headings_above_a_sentence_are_cited_after_the_title():
    shown = Snippet(hit(section=("Installation", "Proxies"), url=None, published=None), matched=())
    assert list(snippet_lines([shown]))[1] == "   A tower · Installation > Proxies · news/tower · sentence 9 of 21"
    assert "section    Installation > Proxies" in list(source_lines(shown.hit, None))


def test_the_header_of_a_table_and_what_introduces_a_list_stand_dim_above():
    row = Snippet(hit("| Tower | 96 m |", intro=Span(70, 88, "| Sight | Height |")), matched=((2, 7),))
    assert list(snippet_lines([row]))[:2] == ["1. “| Sight | Height |", "   | Tower | 96 m |”"]
    assert list(snippet_lines([row], Layout(80, styled=True)))[:2] == [
        "1. \x1b[2m“| Sight | Height |\x1b[0m",
        "   | \x1b[1mTower\x1b[0m | 96 m |”",
    ]


def test_an_item_that_leans_on_another_sentence_has_introduction_and_lead():
    item = hit("It is 96 m high.", intro=Span(40, 53, "We have seen:"), lead=Span(54, 66, "- The tower."))
    lines = list(snippet_lines([Snippet(item, matched=((6, 10),))], Layout(80, styled=True)))
    assert lines[:2] == [
        "1. \x1b[2m“We have seen:\x1b[0m",
        "   \x1b[2m- The tower.\x1b[0m It is \x1b[1m96 m\x1b[0m high.”",
    ]


def test_what_a_sentence_introduces_stands_below_it_line_by_line():
    code = "    pump --reset\n\n      --all\x1b[2J\n"
    lines = list(snippet_lines([Snippet(hit("Run this:", code=Span(200, 230, code)), matched=())], Layout(30)))
    assert lines[:4] == ["1. “Run this:", "   pump --reset", "", "     --all\ufffd[2J”"]


def test_of_a_long_block_the_first_lines_are_shown():
    for code in ("\n".join(f"- item {number}" for number in range(40)), "\n".join(["word " * 30] * 9)):
        lines = list(snippet_lines([Snippet(hit("We need:", code=Span(200, 900, code)), matched=())]))
        assert lines[-2] == "   …"
        assert lines[-3].endswith("”")
        assert 4 < len(lines) < 20


def test_what_is_most_likely_the_answer_is_underlined_too_and_only_on_a_terminal():
    shown = Snippet(hit(), matched=((4, 9), (23, 27)), focus=(13, 22))
    assert next(snippet_lines([shown], Layout(80, styled=True))) == (
        "1. “The \x1b[1mtower\x1b[0m is \x1b[1m\x1b[4m96 metres\x1b[0m \x1b[1mhigh\x1b[0m.”"
    )
    assert next(snippet_lines([shown], Layout(80, styled=False))) == "1. “The tower is 96 metres high.”"


def test_the_focus_takes_the_place_of_matched_words_that_it_covers():
    shown = Snippet(hit("Anna Stone built it."), matched=((0, 16),), focus=(5, 10))
    assert next(snippet_lines([shown], Layout(80, styled=True))) == (
        "1. “\x1b[1mAnna \x1b[0m\x1b[1m\x1b[4mStone\x1b[0m\x1b[1m built\x1b[0m it.”"
    )


def test_words_that_were_read_as_others_are_told_before_the_answer():
    read = (Correction("Teheran", "Tehran"), Correction("Haniya", "Haniyeh"))
    assert list(answer_lines(answer(Snippet(hit(), matched=()), corrections=read)))[:2] == [
        "Read “Teheran” as “Tehran”, “Haniya” as “Haniyeh”.",
        "1. “The tower is 96 metres high.”",
    ]
    assert messages.read_as(()) == ""


def test_bold_goes_on_over_a_line_break():
    shown = Snippet(hit("one two three four five six"), matched=((4, 23),))
    lines = list(snippet_lines([shown], Layout(23, styled=True)))[:2]
    assert lines == ["1. “one \x1b[1mtwo three four\x1b[0m", "   \x1b[1mfive\x1b[0m six”"]


def test_off_a_terminal_a_sentence_stays_on_one_line_however_long():
    long = "word " * 100 + "end."
    assert next(snippet_lines([Snippet(hit(long), matched=())])) == f"1. “{long}”"


def test_right_to_left_text_is_neither_cut_nor_bold():
    arabic = "قال مسؤول إن إيران قررت استئناف الدعم المالي " * 4
    lines = list(snippet_lines([Snippet(hit(arabic.strip()), matched=((0, 3),))], Layout(40, styled=True)))
    assert lines[0] == f"1. “{arabic.strip()}”"


def test_an_escape_sequence_in_an_article_does_not_reach_the_terminal():
    evil = hit("Red \x1b[31m\x07and\x9b2J", title="\x1b]0;owned\x07", url=None)
    text = "\n".join(
        [*snippet_lines([Snippet(evil, matched=(), twins=(evil,))]), *source_lines(evil, None), *table([(evil.title,)])]
    )
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", text)
    assert "Red \ufffd[31m\ufffdand\ufffd2J" in text


def test_a_sentence_over_two_lines_of_its_article_is_shown_on_one():
    assert next(snippet_lines([Snippet(hit("one\ntwo"), matched=())])) == "1. “one two”"


def test_abstaining_says_so_and_offers_the_nearest_titles():
    assert list(answer_lines(answer(nearest=("A tower", "A bridge")))) == [
        messages.ABSTENTION,
        messages.NEAREST,
        "- A tower",
        "- A bridge",
    ]
    assert list(answer_lines(answer())) == [messages.ABSTENTION, messages.NOTHING_NEAR]
    assert list(answer_lines(answer(), store_is_empty=True)) == [messages.NO_ARTICLES]


def test_what_is_no_question_is_met_with_words():
    replies = {
        intent: " ".join(answer_lines(answer(intent=intent, nearest=("A tower",))))
        for intent in Intent
        if intent is not Intent.QUESTION
    }
    assert len(set(replies.values())) == len(replies)
    assert replies[Intent.GREETING] == messages.GREETING
    assert replies[Intent.FOLLOW_UP] == messages.WHOLE_QUESTION
    assert not [reply for reply in replies.values() if messages.ABSTENTION in reply or "tower" in reply]


def test_the_context_marks_the_hit():
    sentences = [Sentence(8, 1, 70, 99, Kind.BODY, "Before."), Sentence(9, 1, 100, 105, Kind.BODY, "Here.")]
    assert list(context_lines(hit(), sentences)) == [
        "  Before.",
        "> Here.",
        "  A tower · https://example.org/tower · 2017-05-24 · sentence 9 of 21",
    ]


def test_the_source_says_author_date_and_place_and_whether_the_article_is_still_there():
    there = "\n".join(source_lines(hit(), Article("news/tower", "A tower", "…", author="Ann Example")))
    for fact in (
        "A tower",
        "Ann Example",
        "2017-05-24T10:00:00Z",
        "https://example.org/tower",
        "characters 100 to 128",
    ):
        assert fact in there
    assert "no longer in the store" in "\n".join(source_lines(hit(), None))


@pytest.mark.parametrize(
    ("published", "shown"),
    [("2017", "2017"), ("2017-05", "2017-05"), ("2017-05-24 10:00", "2017-05-24"), ("24 May 2017", "24 May 2017")],
)
def test_a_date_is_shown_as_precisely_as_it_was_given_without_the_time(published, shown):
    assert day(published) == shown


def test_a_load_is_told_with_reasons_for_what_failed():
    report = LoadReport(
        generation=2, added=("a",), changed=("b", "c"), unchanged=("d",), vanished=("e",), removed=(),
        failed=(Failure("broken.txt", "it is empty"),), articles=4, sentences=1200,
    )  # fmt: skip
    assert load_messages.load_report(report) == [
        "Added 1 article (a).",
        "Changed 2 articles (b, c).",
        "Unchanged: 1 article.",
        "No longer in the sources, but kept: 1 article (e).",
        "Failed: broken.txt: it is empty",
        "The store holds 4 articles (1,200 sentences).",
    ]
    resumed = LoadReport(generation=1, added=("a", "b"), resumed=1)
    assert (
        load_messages.load_report(resumed)[1]
        == "Of these, 1 article had already been read by a preview or an interrupted load."
    )
    alike = [Failure(f"{name}.txt", "It is empty.") for name in "abcdefg"]
    assert load_messages.failures([alike[0], Failure("x.pdf", "It is damaged."), *alike[1:]]) == [
        "Failed: a.txt, b.txt, c.txt, d.txt, e.txt and 2 more: It is empty.",
        "Failed: x.pdf: It is damaged.",
    ]
    many = LoadReport(generation=1, added=tuple(map(str, range(8))), sentences=1)
    assert load_messages.load_report(many)[0] == "Added 8 articles (0, 1, 2, 3, 4 and 3 more)."


def test_progress_is_told_with_and_without_a_known_end():
    assert load_messages.progress(Progress("a", 0, None, 0)) == "Looking for articles"
    assert load_messages.progress(Progress("a", 0, 200_000, 0)) == "0% read, nothing new"
    assert load_messages.progress(Progress("a", 199_999, 200_000, 0)) == "99% read, nothing new"
    assert load_messages.progress(Progress("a", 0, 0, 0)) == "100% read, nothing new"
    page = Progress("https://example.org/a", 0, 0, 0)
    assert load_messages.progress(page) == "100% read, nothing new · now https://example.org/a"
    assert load_messages.progress(Progress("a", 1_999, 200_000, 1)) == "1 of ~100 sentences"
    reading = Progress("a", 31, 200, 12_400, "reading", 1.36)
    assert load_messages.progress(reading) == "12,400 of ~80,000 sentences · 9,118/s · 7 s left"
    assert load_messages.progress(Progress("a", 50, 200, 0, "reading", 40.0)) == "25% read, nothing new · 2 min left"
    assert load_messages.progress(Progress("a", 1, 101, 12, "reading", 42.0)).endswith(" · 1 h 10 min left")
    indexing = Progress("", 20_000, 80_000, 20_000, "indexing", 2.0)
    assert load_messages.progress(indexing) == "Indexing: 20,000 of 80,000 sentences · 10,000/s · 6 s left"
    assert load_messages.progress(Progress("", 0, 80_000, 0, "indexing", 2.0)) == "Indexing: 0 of 80,000 sentences"


def test_the_answer_as_json_has_exactly_the_documented_form():
    text = "He said “yes” – наверно.\nThen 😀"
    led = hit(
        text,
        url=None,
        published=None,
        language="el",
        lead=Span(1, 4, "It."),
        section=("Towers", "Height"),
        intro=Span(5, 8, "So:"),
        trail=Span(130, 134, "Yes."),
    )
    assert json.loads(answer_json(answer(Snippet(led, matched=())), id=7)) == {
        "schema": 1,
        "id": 7,
        "question": "How high is the tower?",
        "intent": "question",
        "answered": True,
        "reason": None,
        "certainty": "sure",
        "disagree": False,
        "confidence": 0.93,
        "p_in_store": 0.99,
        "p_right": 0.93,
        "language": "en",
        "hits": [
            {
                "rank": 1, "score": 7.5, "article": "news/tower", "title": "A tower", "url": None, "published": None,
                "language": "el", "start": 100, "end": 100 + len(text), "position": 9, "text": text,
                "lead": {"start": 1, "end": 4, "text": "It."}, "section": ["Towers", "Height"],
                "intro": {"start": 5, "end": 8, "text": "So:"}, "code": None,
                "trail": {"start": 130, "end": 134, "text": "Yes."},
            }
        ],
    }  # fmt: skip
    assert json.loads(answer_json(answer()))["id"] is None
    assert "\n" not in answer_json(answer(Snippet(led, matched=())))


def test_an_exported_article_leaves_out_what_is_not_known():
    assert json.loads(article_json(Article("a", "", "Text.\n", url="https://example.org"))) == {
        "id": "a", "title": "", "text": "Text.\n", "url": "https://example.org",
    }  # fmt: skip


def test_a_table_is_aligned_over_wide_characters():
    assert list(table([("ID", "TITLE", "N"), ("a", "北京", "1"), ("bcd", "x", "")])) == [
        "ID   TITLE  N",
        "a    北京   1",
        "bcd  x",
    ]


def test_a_table_that_is_too_wide_has_its_widest_column_cut():
    rows = [("id", "a title of many words", "2017"), ("b", "中文标题中文标题中文", "2018")]
    assert list(table(rows, 23)) == ["id  a title of m…  2017", "b   中文标题中文…  2018"]
    assert list(table(rows, 80)) == list(table(rows))


def test_a_table_that_is_much_too_wide_becomes_paragraphs_with_headings_before_numbers():
    rows = [("WORD", "WHERE", "  WORTH"), ("octopus", "in the sentence, in the title", "   2.47")]
    assert list(table(rows, 28)) == ["octopus · in the sentence,", "  in the title · worth 2.47"]


def test_chinese_is_wrapped_between_any_two_characters():
    text = "北京是中华人民共和国的首都"
    assert [text[start:end] for start, end in wrap(text, 10)] == ["北京是中华", "人民共和国", "的首都"]


def test_a_word_with_an_apostrophe_is_not_broken():
    text = "Hamas’s refusal"
    assert [text[start:end] for start, end in wrap(text, 6)] == ["Hamas’s", "refusal"]


@given(st.text(), st.integers(1, 40))
def test_wrapping_loses_nothing_but_white_space_and_keeps_to_the_width(text, width):
    lines = [text[start:end] for start, end in wrap(text, width)]
    assert "".join("".join(lines).split()) == "".join(text.split())
    for line in lines:
        assert line == line.strip()
        assert cells(line) <= width or not re.search(r"\s", line)


@given(st.text(st.characters() | st.sampled_from("\x1b\u2028\u202e\u2066")))
def test_what_is_printable_keeps_its_length_and_holds_no_control_character(text):
    assert len(printable(text)) == len(text)
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", printable(text))


def test_right_to_left_is_told_by_the_letters():
    assert is_right_to_left("abc שלום")
    assert not is_right_to_left("abc — где 北京")


@pytest.mark.parametrize(
    ("languages", "said"),
    [
        (["ru"], ["Found in Russian."]),
        (["ru", "en"], ["Found in Russian and English."]),
        (["en"], []),
        (["und"], []),
        ([None], []),
    ],
)
def test_an_answer_in_another_language_says_in_which(languages, said):
    snippets = [Snippet(hit(language=language), matched=()) for language in languages]
    assert [line for line in answer_lines(answer(*snippets)) if line.startswith("Found")] == said
    assert json.loads(answer_json(answer(*snippets)))["hits"][0]["language"] == languages[0]
