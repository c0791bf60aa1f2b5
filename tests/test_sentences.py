import json
import re
from pathlib import Path

import pytest
from hostile_texts import cpu_limit, followed, repeated
from hypothesis import given
from hypothesis import strategies as st

import retrieval
from retrieval.records import Article
from retrieval.text.abbreviations import Kind, abbreviations
from retrieval.text.sentence_ends import LONG_WORD
from retrieval.text.sentences import split_article


def split(text, language="en", title=""):
    return split_article(Article("a", title, text), language).sentences


def texts(text, language="en"):
    return [sentence.text for sentence in split(text, language)]


def paragraphs(text):
    return [sentence.paragraph for sentence in split(text)]


GOLDEN = json.loads((Path(__file__).parent / "data" / "golden_sentences.json").read_text("utf-8"))  # parted by |
WRONG = {"ar": 1, "cs": 1, "de": 1, "en": 4, "he": 1, "nl": 1, "pl": 1, "ru": 1, "sv": 1, "tr": 1, "ur": 1}  # at most


@pytest.mark.parametrize("language", GOLDEN)
def test_sentences_end_where_a_reader_of_the_language_ends_them(language):
    rules = [rule.split("|") for rule in GOLDEN[language]]
    space = "" if language in {"zh", "ja"} else " "
    wrong = [rule for rule in rules if texts(space.join(rule), language) != rule]
    assert len(wrong) <= WRONG.get(language, 0), wrong


def test_golden_rules_are_many_and_of_many_languages():
    assert len(GOLDEN) >= 40
    assert min(map(len, GOLDEN.values())) >= 12
    assert all(len(set(rules)) == len(rules) for rules in GOLDEN.values())


@pytest.mark.parametrize("language", ["xx", "", "und"])
def test_a_language_without_rules_has_the_english_ones(language):
    assert texts("Mr. Fox left at 5 p.m. Tickets cost 4 euros. How are you?", language) == [
        "Mr. Fox left at 5 p.m.",
        "Tickets cost 4 euros.",
        "How are you?",
    ]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The client is requests.Session, or httpx.Client, and logs to file.Log as before."),
        ("en", "It is in com.example.App and in a.B.C of v1.2.Final, at www.Example.Com, says me@Example.Com."),
        ("th", "ดร.สมชาย ย้ายมาเมื่อ พ.ศ.2474"),
        ("ar", "حضر د.علي في سنة 539ق.م"),
        ("pt", "A Sr.ª Pugh chegou em 1.º de janeiro"),
    ],
)
def test_a_stop_within_a_name_or_an_address_ends_nothing(language, text):
    assert texts(text, language) == [text]


@pytest.mark.parametrize("glued", ["It ended.The next began.", "Did it end?Nobody knew.", "انتهى الأمر.ثم بدأ"])
def test_sentences_that_are_glued_together_are_parted(glued):
    assert len(texts(glued, "en")) == 2


LISTS = sorted((Path(retrieval.__file__).parent / "text" / "wordlists" / "abbreviations").glob("*.json"))


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
def test_every_list_of_abbreviations_is_read_and_each_word_has_one_kind(path):
    lists = json.loads(path.read_text("utf-8"))
    kinds = {kind.value for kind in Kind}
    fields = {"endings", "openers", "ordinals", "before_ordinal", "after_ordinal", "before_date", "after_unit"}
    assert set(lists) <= kinds | fields
    words = [word for name in kinds & set(lists) for word in lists[name].split()]
    assert len(set(words)) == len(words)
    if path.stem != "und":
        rules = abbreviations(path.stem)
        assert all(rules.kind(word, "") for word in words if "_" not in word)
    assert set(lists.get("ordinals", "").split()) <= {"digits", "roman"}


def test_no_abbreviation_ends_in_a_part_as_long_as_the_words_that_are_none():
    lists = [json.loads(path.read_text("utf-8")) for path in LISTS]
    words = {word for each in lists for kind in Kind for word in each.get(kind.value, "").split()}
    assert {word for word in words if len(re.split(r"\W|_", word)[-1]) >= LONG_WORD} == set()


def test_a_headline_without_a_full_stop_does_not_run_into_the_body():
    assert texts("Bridge closes\nIt closed today.")[0] == "Bridge closes"
    assert texts("Bridge closes\n\nit closed today.")[0] == "Bridge closes"


def test_lines_of_news_text_are_paragraphs_and_blank_lines_part_them():
    long = "A line of news text that runs on well beyond any width that text would be wrapped at, as web pages give it."
    assert paragraphs(f"{long} Yes.\n{long}\n\n\n{long}") == [1, 1, 2, 3]
    assert paragraphs("One.\r\n\r\nTwo.\u2029Three.") == [1, 2, 3]


WRAPPED = (
    "The old bridge will close to all traffic on the first of June, for\n"
    "repairs that are expected to take eleven months. Engineers found\n"
    "cracks in fourteen of the hangers. They are of steel, said Mr. Tomas\n"
    "Reke on Friday, after he had shown them to a few reporters on the\n"
    "12. of May.\n\n"
    "Trams on two lines will turn back at the market, and a ferry will\nrun.\n"
)


def test_a_sentence_runs_over_the_line_breaks_of_wrapped_text():
    assert " | ".join(texts(WRAPPED)).replace("\n", " ") == (
        "The old bridge will close to all traffic on the first of June, for repairs that are expected to take eleven"
        " months. | Engineers found cracks in fourteen of the hangers. | They are of steel, said Mr. Tomas Reke on Friday,"
        " after he had shown them to a few reporters on the 12. of May."
        " | Trams on two lines will turn back at the market, and a ferry will run."
    )
    assert paragraphs(WRAPPED) == [1, 1, 1, 2]


def test_short_lines_that_are_each_a_thing_are_not_joined():
    assert texts("Harbour rally\n(photo credit: LANTERN)\nFerry sunk") == [
        "Harbour rally",
        "(photo credit: LANTERN)",
        "Ferry sunk",
    ]


def test_a_row_of_a_table_is_one_sentence():
    assert texts("| a | It is one. It is two. |\n| b | c |") == ["| a | It is one. It is two. |", "| b | c |"]


def test_an_item_of_a_list_is_a_sentence_with_the_line_that_continues_it():
    text = "- first thing\n- second thing, which is long enough to be\n  continued here\n3. third"
    assert texts(text) == ["- first thing", "- second thing, which is long enough to be\n  continued here", "3. third"]


@pytest.mark.parametrize("word", ["word ", "слово, ", "字", "a; ", "א\u05b0"])
def test_what_has_no_end_is_parted_into_pieces_that_can_be_quoted(word):
    text = word * 3000
    pieces = texts(text)
    assert all(200 <= len(piece) <= 1000 for piece in pieces[:-1])
    assert "".join("".join(pieces).split()) == "".join(text.split())


@pytest.mark.parametrize("times", [95, 160])
def test_a_sentence_of_under_a_thousand_characters_is_left_whole(times):
    text = "It is " + "very, " * times + "long."
    assert texts(text) == [text]


@pytest.mark.parametrize("marks", ["“”", '""', "«»"])
def test_a_long_quotation_is_parted_at_its_sentences(marks):
    sentence = "This is one of the many things that the chief engineer said on that long day in May."
    quotation = " ".join([sentence] * 6).join(marks)
    assert len(texts(f"He said: {quotation}")) == 6
    assert len(texts(f"{quotation} Then he left the room.")) == 7


SCRAPS = [
    "Dr.",
    "The",
    "word",
    "a",
    "5.",
    "3.5",
    '"',
    "“",
    "”",
    "(",
    ")",
    "end.",
    "End?!",
    "—",
    "...",
    "#",
    "-",
    ">",
    "```",
    "---",
    "|",
    "[1]",
    "слово.",
    "Слово",
    "كلمة؟",
    "字。",
    "字",
    "है।",
    "é",
    "😀",
    "Share",
    "Related",
    "(AFP)",
]
BREAKS = ["\n", "\n\n", "\r\n", " ", "\ufeff", "\u2028", "\x1c", "Photo: X", "By Jane Doe", "x" * 700, "y " * 600]
PROSE = st.lists(st.sampled_from(SCRAPS + BREAKS)).map(" ".join)


@given(
    st.one_of(st.text(), PROSE, PROSE.map(lambda text: text.replace(" ", ""))),
    st.sampled_from(["en", "ar", "zh", "de", ""]),
)
def test_sentences_are_in_order_disjoint_and_leave_nothing_out(text, language):
    sentences = split(text, language, title=text[:20])
    end = 0
    for number, sentence in enumerate(sentences, start=1):
        assert sentence.position == number
        assert sentence.text == text[sentence.start : sentence.end]
        assert sentence.text == sentence.text.strip()
        assert sentence.text
        assert not text[end : sentence.start].strip()
        end = sentence.end
    assert not text[end:].strip()
    numbers = [sentence.paragraph for sentence in sentences]
    assert numbers == sorted(numbers)
    assert not numbers or numbers[0] == 1


@given(PROSE)
def test_splitting_again_gives_the_same(text):
    assert split(text) == split(text)


@pytest.mark.parametrize(
    "text",
    [
        "-" * 200_000 + "x",
        ("|" + "-" * 500 + "x\n") * 400,
        "# " + "# \t" * 60_000 + "x",
        '"' * 200_000,
        "a? b? " * 40_000,
        "(Photo: " * 30_000,
        ("A B, " * 40 + "\n") * 1000,
        ("“Ab cd ef gh ij kl mn.”\n") * 8000,
        "Ab. " * 60_000,
        "word\n" * 40_000,
        "1. " * 60_000,
        "a" * 300_000,
        "\n" * 300_000,
        "[" * 200_000,
        "```\n" * 50_000,
        "AP/" * 66 + "!",
        "東京は首都。" * 50_000,
        "May 3 " * 60 + "(A, (b) - " * 30,
        *(repeated(unit)(300_000) for unit in ("क।", "؟ ", "۔", "॥ १ ", "։", "<!--", "a.b ", "г. Он ", "“A. ", "[1]")),
        *(followed(run, "е. ")(1_000_000) for run in (" ", "(", "字")),
        ("The U.S. Senate met on Monday, and Mr. Smith left early. It was about 3.5 percent. " * 8 + "\n\n") * 1500,
    ],
    ids=lambda text: repr(text[:8]),
)
def test_no_text_makes_splitting_hang_or_lose_anything(text):
    with cpu_limit(20):
        found = texts(text)
    assert "".join("".join(found).split()) == "".join(text.split())


def test_a_long_paragraph_without_spaces_is_cut_as_a_short_one_is():
    text = "東京は首都です。「京都は？」と聞いた。大阪は広い！" * 400
    short = split_article(Article("a", "", text[:25]), "ja").sentences
    assert [sentence.text for sentence in split_article(Article("a", "", text), "ja").sentences] == [
        s.text for s in short
    ] * 400
