"""What surrounds a paragraph, told by the marks of the text around it."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.records import NO_SURROUNDINGS, Article, Kind
from retrieval.text.paragraphs import split_paragraphs
from retrieval.text.sentences import split_article
from retrieval.text.surroundings import find_surroundings


def split(text, title=""):
    return split_article(Article("a", title, text), "en")


def around(text, title=""):
    """Return what surrounds each paragraph, by its text."""
    sentences, surroundings = split(text, title)
    return {one.text: surroundings.get(one.paragraph, NO_SURROUNDINGS) for one in sentences}


def sections(text, title=""):
    return {words: one.section for words, one in around(text, title).items()}


def intros(text):
    return {words: one.intro and one.intro.text for words, one in around(text).items()}


def headers(text):
    return {words: one.header and one.header.text for words, one in around(text).items()}


def codes(text):
    return {words: one.code and one.code.text for words, one in around(text).items()}


def kinds(text):
    return {one.text: one.kind for one in split(text).sentences}


HANDBOOK = """# Mill handbook

The mill turns.

## Upkeep

Oil it weekly.

### The sails

Mend them in spring.

## History ##

It is old.
"""


def test_a_paragraph_knows_the_headings_above_it_without_their_marks():
    found = sections(HANDBOOK)
    assert found["The mill turns."] == ("Mill handbook",)
    assert found["Oil it weekly."] == ("Mill handbook", "Upkeep")
    assert found["Mend them in spring."] == ("Mill handbook", "Upkeep", "The sails")
    assert found["It is old."] == ("Mill handbook", "History")


def test_the_title_of_the_article_is_no_heading_of_its_sections():
    found = sections(HANDBOOK, "Mill Handbook")
    assert found["The mill turns."] == ()
    assert found["Mend them in spring."] == ("Upkeep", "The sails")


def test_underlined_headings_have_two_levels():
    found = sections("Grain\n=====\n\nIt is rye.\n\nStore\n-----\n\nIt is dry.\n\nFlour\n=====\n\nIt is white.\n")
    assert found["It is dry."] == ("Grain", "Store")
    assert found["It is white."] == ("Flour",)


def test_levels_may_be_left_out_and_a_heading_without_words_only_ends_others():
    found = sections(
        "### Deep\n\nOne.\n\n# Top\n\nTwo.\n\n##### Deeper\n\nThree.\n\n## **`run`**\n\nFour.\n\n# ...\n\nFive."
    )
    assert [found[words] for words in ("One.", "Two.", "Three.", "Four.", "Five.")] == [
        ("Deep",), ("Top",), ("Top", "Deeper"), ("Top", "run"), (),
    ]  # fmt: skip


def test_of_a_path_that_is_too_long_the_outermost_headings_are_left_out():
    text = f"# {'a' * 150}\n\n## {'b' * 150}\n\n### {'c' * 140}\n\nHere."
    assert sections(text)["Here."] == ("b" * 150, "c" * 140)


def test_text_without_marks_has_no_surroundings():
    assert split("The mill turns. It is old.\n\nIts sails are white.").surroundings == {}


@pytest.mark.parametrize(
    ("asked", "answer", "question"),
    [
        ("Q: How tall is it?", "A: Nine metres.", "How tall is it?"),
        ("Q. How tall is it?", "A. Nine metres.", "How tall is it?"),
        ("Q3: How tall is it?", "A3: Nine metres.", "How tall is it?"),
        ("Question 3: How tall is it?", "Answer: Nine metres.", "How tall is it?"),
        ("QUESTION: how tall is it", "ANSWER: nine metres", "how tall is it"),
        ("**Q:** How tall is it?", "**A:** Nine metres.", "How tall is it?"),
        ("Q: Tell us how tall it is.", "A: Nine metres.", "Tell us how tall it is."),
        ("Frage: Wie hoch ist sie?", "Antwort: Neun Meter.", "Wie hoch ist sie?"),
        ("F: Wie hoch ist sie?", "A: Neun Meter.", "Wie hoch ist sie?"),
        ("P: ¿Cuánto mide?", "R: Nueve metros.", "¿Cuánto mide?"),
        ("Вопрос: Какой она высоты?", "Ответ: Девять метров.", "Какой она высоты?"),
        ("В: Какой она высоты?", "О: Девять метров.", "Какой она высоты?"),
        ("问：它有多高？", "答：九米。", "它有多高？"),
        ("سؤال: كم ارتفاعها؟", "جواب: تسعة أمتار.", "كم ارتفاعها؟"),
    ],
)
@pytest.mark.parametrize("between", ["\n", "\n\n", " "])
def test_an_answer_knows_its_question_which_is_no_answer_itself(asked, answer, question, between):
    text = f"## Mills\n\n{asked}{between}{answer}\n\nIt is made of oak.\n\n## Boats\n\nThey float."
    if between == " " and not asked.endswith(("?", "？", "؟")):
        return  # only a question mark parts them
    found = sections(text)
    assert found[answer] == ("Mills", question)
    assert found["It is made of oak."] == ("Mills", question)
    assert found["They float."] == ("Boats",)
    assert (kinds(text)[asked], kinds(text)[answer]) == (Kind.HEADLINE, Kind.BODY)


@pytest.mark.parametrize(
    "line",
    [
        "F. Scott wrote it.", "D: the fourth string.", "Quite a question: who knows.", "Q is a letter.", "Q: why? Because it is so.",
        "V: 230 volts.", "Questions: 4 of 5 were answered? Yes, all of them.", "A: a letter?",
    ],
)  # fmt: skip
def test_what_only_begins_like_a_question_is_body(line):
    text = f"The mill turns slowly.\n\n{line}\n\nIts sails are white."
    assert sections(text)["Its sails are white."] == ()
    assert Kind.HEADLINE not in kinds(text).values()


def test_a_question_in_wrapped_text_goes_on_over_the_line_break_and_ends_before_its_answer():
    text = (
        "Q: How long does it take to grind a sack of rye in a mill that has only two\nsails left and stands in a valley?\n"
        "A: About nine hours, because the wind seldom blows from the side on which the\nvalley is open towards the sea."
    )
    (question, answer), _ = split(text)
    assert question.text.endswith("in a valley?")
    assert answer.text.startswith("A: About nine hours")
    assert sections(text)[answer.text][0].endswith("sails left and stands in a valley?")


LIST = """The miller keeps three things dry.

- the rye
- the flour:
  - white flour
  - brown flour. It is sold on Sundays.
- the sacks

They burn well.
"""


def test_an_item_knows_the_sentence_that_introduces_its_list():
    found = intros(LIST)
    assert found["- the rye"] == found["- the sacks"] == "The miller keeps three things dry."
    assert found["- white flour"] == found["- brown flour."] == "the flour:"
    assert found["They burn well."] is None
    assert intros("It is old. You need:\n1. rye\n2. salt")["2. salt"] == "You need:"


def test_what_stands_between_items_does_not_begin_another_list():
    text = (
        "Grind it so:\n\n1. Fill the hopper.\n\nIt holds a sack.\n\n2. Loose the brake:\n\n```\nbrake --off\n```\n\n"
        "3. Wait.\n\n- Nets float.\n\n  They are long.\n\n- Lines sink.\n\n## Others\n\n7. Rest."
    )
    found = intros(text)
    assert {found[f"{item}"] for item in ("1. Fill the hopper.", "2. Loose the brake:", "3. Wait.")} == {"Grind it so:"}
    assert found["7. Rest."] is None
    assert codes(text)["2. Loose the brake:"] == "brake --off"


def test_a_single_line_that_looks_like_an_item_has_no_introduction_without_a_colon():
    assert intros("He left the house.\n\n- She stayed.\n\nIt rained.")["- She stayed."] is None
    assert intros("He took one thing:\n\n- a lamp")["- a lamp"] == "He took one thing:"


TABLE = """Prices of flour

| Kind | Price |
| --- | --- |
| Rye | 3 EUR |

| Wheat | 4 EUR |

| Oats | 5 EUR |
|:-|-:|
| Bran | 1 EUR |
"""


def test_a_row_knows_the_header_of_its_table_and_what_introduces_it():
    found = headers(TABLE)
    assert found["| Rye | 3 EUR |"] == found["| Wheat | 4 EUR |"] == "| Kind | Price |"
    assert found["| Kind | Price |"] is None
    assert found["| Bran | 1 EUR |"] == "| Oats | 5 EUR |"
    assert intros(TABLE)["| Rye | 3 EUR |"] == "Prices of flour"
    assert headers("| Rye | 3 |\n| Wheat | 4 |")["| Wheat | 4 |"] is None


def test_a_header_answers_only_if_it_states_a_number():
    found = kinds(TABLE)
    assert found["| Kind | Price |"] is Kind.HEADLINE
    assert found["| Oats | 5 EUR |"] is found["| Rye | 3 EUR |"] is Kind.LIST


@pytest.mark.parametrize("header", [f"| {'long ' * 300} | b |", "| | |"])
def test_a_header_that_is_too_long_or_has_no_words_is_none(header):
    assert headers(f"{header}\n| --- | --- |\n| Rye | 3 |")["| Rye | 3 |"] is None


def test_a_sentence_with_a_colon_knows_the_block_that_follows():
    text = "First oil it. Then run this:\n\n````sh\n  mill --start\n\n```\n  mill --stop\n````\n\nIt turns."
    assert codes(text)["Then run this:"] == "  mill --start\n\n```\n  mill --stop"
    assert codes(LIST)["The miller keeps three things dry."] is None
    assert codes(LIST)["- the flour:"] == "- white flour\n  - brown flour. It is sold on Sundays."
    assert (
        codes("Prices:\n\n| a | b |\n|---|---|\n| c | d |\n\n---\n\nEnd.")["Prices:"]
        == "| a | b |\n|---|---|\n| c | d |"
    )
    assert codes("It says:\n\nThe mill turns.")["It says:"] is None
    assert codes("Nothing:\n\n```\n```")["Nothing:"] is None


def test_of_a_long_block_whole_lines_are_kept():
    text = "Words:\n\n" + "\n".join(f"- word {number}" for number in range(1000))
    code = codes(text)["Words:"]
    assert 1900 < len(code) <= 2000
    assert f"{code}\n" in text


@pytest.mark.parametrize(
    "text",
    ["Run:\n```\nopen", "```a\n" * 9, "````\n```\n", "~~~a\nx\n~~~ y\n", "```a```\nIt turns.\n```b```"],
)
def test_a_fence_that_is_not_closed_is_no_code(text):
    assert Kind.OTHER not in kinds(text).values()


LINES = st.sampled_from(
    [
        "# Top", "## Sub", "#### Deep?", "Title", "=====", "-----", "---", "- item", "  - inner:", "    - innermost", "1. first",
        "2. second:", "  more of it", "| a | b |", "| --- | --- |", "| c | d |", "```", "```sh", "````", "~~~", "  run", "> quoted:",
        "Q: Why?", "A: So.", "Q: Why? A: So.", "Plain text.", "It says:", "Two. It has:", "", "", "", "![x](y)", "\tindented", "：",
    ]
)  # fmt: skip


@given(st.lists(LINES, max_size=30), st.sampled_from(["", "Top"]))
def test_spans_are_within_the_text_and_before_or_after_their_paragraph(lines, title):
    text = "\n".join(lines)
    sentences, surroundings = split(text, title)
    bounds = {}
    for one in sentences:
        first, _ = bounds.get(one.paragraph, (one.start, one.end))
        bounds[one.paragraph] = first, one.end
    assert set(surroundings) <= set(bounds)
    for number, one in surroundings.items():
        start, end = bounds[number]
        assert one != NO_SURROUNDINGS
        assert all(words.strip() == words != "" for words in one.section)
        for span in filter(None, (one.intro, one.header, one.code)):
            assert text[span.start : span.end] == span.text.rstrip() != ""
        assert all(span.end <= start for span in (one.intro, one.header) if span)
        assert one.code is None or end <= one.code.start


GROWING = [
    "- a:\n", "- a:\n  - b:\n", "```a\n", "```\n", "~~~\n```\n", "| a | b |\n", "| a |\n|---|\n", "Q: Why? A: So.\n", "# a\n\nb\n\n",
    "It has:\n- a\n```\nb\n```\n", "  more\n", "- a\n\n  b\n\n", "a\n=\n", "Q: " + "? " * 9, "Q: " + "' " * 9, "|-", "1. a\n\nb\n\n", "* a\n\tb\n",
]  # fmt: skip


@pytest.mark.parametrize("piece", GROWING)
def test_the_work_grows_with_the_text_and_not_with_its_square(piece):
    def work(text):
        begun = time.process_time()
        paragraphs = split_paragraphs(text)
        find_surroundings("", text, paragraphs, [(one.start, one.end) for one in paragraphs])
        return time.process_time() - begun

    text = piece * (40_000 // len(piece))
    most = 12 * min(work(text) for _ in range(2)) + 0.2
    assert any(work(4 * text) < most for _ in range(2))
