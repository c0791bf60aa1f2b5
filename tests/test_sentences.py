import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.records import Article
from retrieval.text.sentences import split_article


def split(text, language="en", title=""):
    return split_article(Article("a", title, text), language).sentences


def texts(text, language="en"):
    return [sentence.text for sentence in split(text, language)]


def paragraphs(text):
    return [sentence.paragraph for sentence in split(text)]


GOLDEN = [  # sentences parted by |
    ("en", "The U.S. Senate met at 5 p.m. on Monday.|Mr. Smith of St. Louis left."),
    ("en", "See No. 5 and Vol. 2 of it.|Then fig. 3 follows."),
    ("en", "The wing dates from approx. XIV or XV, they say.|It lies approx. 5 km away.|It is a monument.|XV more do."),
    ("en", "1. The Moon is far.|2. It is grey."),
    ("en", "It rose by 3.5 percent, to $4.20.|Then it fell."),
    ("en", "J. K. Rowling met George W. Bush.|J.R.R. Tolkien did not."),
    ("en", '"I went home. It was late," she said.|"Really?" he asked.'),
    ("en", "He said: “Stop. Now.”|Then he left."),
    ("en", "(It was late. Very late.)|She slept."),
    ("en", "It fell.[1]|Then it rose.[2][3]|It is high (2,700 m).|The crest is higher."),
    ("en", "The '90s were good.|Rock 'n' roll lived."),
    ("en", "It ends on 25 May.|Fines start in June."),
    ("en", "What?!|No...|Yes."),
    ("en", "It ended.|The next began.|See https://Example.Com/A.B or ASP.NET there."),
    ("en", "**Bold end.**|_Then._|Use `citebot load`."),
    ("ru", "В 1999 г. он жил в им. Ленина.|Это так, т. е. верно.|А. С. Пушкин писал."),
    ("ru", "Дом стоит на просп. Мира.|Там проспект.|Мира нет."),
    ("ru", "«Привет! Как дела?» — спросил он.|Он ушёл."),
    ("ar", "ذهب د. محمد إلى السوق.|هل جاء؟|نعم؛ جاء.|توفي سنة (539 ق.م).|ثم عاد."),
    ("he", 'ד"ר כהן הגיע.|מה שלומך?|זה 3.5 ק"מ.'),
    ("es", "¿Qué pasa?|¡Hola!|El Sr. López vive en EE. UU. desde 1990."),
    ("de", "Am 3. Mai kam Dr. Müller z. B. nach Berlin.|Das 19. Jahrhundert war lang.|Er kam am 5.|Danach ging er."),
    ("de", "Sie wuchs schnell.|1960 war sie groß."),
    ("zh", "今天天气很好。|你去哪里？|“好的。”|他说。|2001年他来了。|价格是3.5元。"),
    ("hi", "यह एक वाक्य है।|क्या यह सही है?|डॉ. शर्मा आए।|2005 में।"),
    ("el", "Τι κάνεις;|Ο κ. Παπαδόπουλος ήρθε· μετά έφυγε.|Πού πας;"),
    ("fa", "او به خانه رفت.|آیا آمد؟|بله."),
    ("tr", "Dr. Ahmet geldi.|M.Ö. 500 yılında oldu.|3. yüzyılda bitti.|Bitti mi?"),
    ("ja", "今日は晴れ。|明日も。"),
    ("xx", "Hello there.|How are you?"),
    ("en", "It blooms in May.|Sheep graze.|She left in Dec.|Nobody knew.|On 3 Jan. 1930 and in Sept. 1931 it snowed."),
    ("en", "Two years ago.|1930 was cold.|In Dec. U.S. ships came, in Mar. the king."),
    ("es", "Está a unos 2430 metros sobre el nivel del mar.|Quien llega baja.|El 3 mar. 1930 y en mar. de 1931 nevó."),
    ("es", "Todo salió bien.|Luego corrió 5 km.|Tardó 40 min.|¿Quién ganó?"),
    ("fr", "Il vint le 3 janv. 1930.|Il aime la mer.|Elle est froide."),
    ("de", "An ihrem 95. Geburtstag kam sie.|Es war im Mai.|Schafe grasten.|Am 3. Jan. 1930 schneite es."),
    ("ru", "«Поехали!» — сказал он.|Это было 12 апр. 1961.|Он ушёл."),
    ("ar", "طوله 5 سم.|جاء الرجل."),
]


@pytest.mark.parametrize(("language", "golden"), GOLDEN)
def test_sentences_end_where_a_reader_of_the_language_ends_them(language, golden):
    sentences = golden.split("|")
    joined = ("" if language in {"zh", "ja"} else " ").join(sentences)
    assert texts(joined, language) == sentences


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
        ("The U.S. Senate met on Monday, and Mr. Smith left early. It was about 3.5 percent. " * 8 + "\n\n") * 1500,
    ],
    ids=lambda text: repr(text[:8]),
)
def test_no_text_makes_splitting_hang_or_lose_anything(text):
    with cpu_limit(60):
        found = texts(text)
    assert "".join("".join(found).split()) == "".join(text.split())


@contextmanager
def cpu_limit(seconds):
    """Stop what would take minutes, as a pattern that backtracks does: all that is here takes a second or two."""
    signal.signal(signal.SIGVTALRM, hang)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def hang(*_):
    pytest.fail("splitting hangs")


def test_naming_the_module_does_not_import_sentencex():
    code = "import sys, retrieval.text.sentences; sys.exit('sentencex' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_long_paragraph_without_spaces_is_cut_as_a_short_one_is():
    text = "東京は首都です。「京都は？」と聞いた。大阪は広い！" * 400
    short = split_article(Article("a", "", text[:25]), "ja").sentences
    assert [sentence.text for sentence in split_article(Article("a", "", text), "ja").sentences] == [
        s.text for s in short
    ] * 400
