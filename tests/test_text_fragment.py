from urllib.parse import unquote, urldefrag

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval import open_engine
from retrieval.asking.text_fragment import LONGEST, address_at

PAGE = "https://example.org/canal"
OPENED = (
    "The canal was opened on 17 November 1869, after ten years - and it was, R&D said, a well-known feat of the age."
)
TEXT = f"""A canal.

{OPENED} The canal was opened twice. People said it was a feat of the age.

| Lake | Depth |
| --- | --- |
| Lake Baikal | 1642 m |

- Bring warm clothes.

1. “Quoted, yes.”

贝加尔湖是世界上最深的湖泊，位于俄罗斯西伯利亚南部，最深处达1642米。
"""


def address(sentence, url=PAGE, text=TEXT):
    start = text.index(sentence)
    return address_at(url, text, start, start + len(sentence))


@pytest.mark.parametrize(
    ("sentence", "terms"),
    [
        (OPENED, "The canal was opened on,well-known feat of the age"),  # as many words as stand nowhere else
        ("The canal was opened twice.", "The canal was opened twice"),
        ("| Lake Baikal | 1642 m |", "Lake Baikal,1642 m"),
        ("- Bring warm clothes.", "Bring warm clothes"),
        ("1. “Quoted, yes.”", "Quoted,yes"),
        (
            "贝加尔湖是世界上最深的湖泊，位于俄罗斯西伯利亚南部，最深处达1642米。",
            "贝加尔湖是世界上最深的湖泊,最深处达1642米",
        ),
    ],
)
def test_an_address_names_the_first_and_last_words_of_a_sentence(sentence, terms):
    assert unquote(address(sentence).removeprefix(f"{PAGE}#:~:text=")) == terms


def test_signs_that_mean_something_in_a_fragment_are_encoded():
    text = "Rock & roll, a well-known style: 100% fun."
    assert (
        address(text, text=text) == f"{PAGE}#:~:text=Rock%20%26%20roll%2C%20a%20well%2Dknown%20style%3A%20100%25%20fun"
    )


def test_the_address_keeps_the_place_that_it_names_itself():
    assert address("The canal was opened twice.", f"{PAGE}?a=1#history").startswith(f"{PAGE}?a=1#history:~:text=The%20")
    already = f"{PAGE}#:~:text=canal"
    assert address(OPENED, already) == already


def test_an_address_that_gets_too_long_stays_as_it_was():
    long = f"{PAGE}?{(LONGEST - 30) * 'x'}"
    assert address(OPENED, long) == long
    assert address_at(PAGE, "– … –", 0, 5) == PAGE


def found_by_a_browser(url, text):
    """Find what a fragment marks: the first start of which an end follows, whatever the case and white space."""
    page = " ".join(text.split()).casefold()
    first, _, last = url.partition(":~:text=")[2].partition(",")
    start = page.index(unquote(first).casefold())
    end = (
        page.index(unquote(last).casefold(), start) + len(unquote(last).casefold())
        if last
        else start + len(unquote(first))
    )
    return page[start:end]


@given(
    st.lists(
        st.lists(
            st.sampled_from(["the", "lake", "is", "deep,", "and-so", "R&D:", "12", "it"]), min_size=1, max_size=14
        ),
        min_size=1,
    )
)
def test_what_a_browser_marks_is_words_of_the_sentence(sentences):
    text, last = "", ""
    for words in sentences:
        last = " ".join(words) + "."
        text += f"{last} "
    start = text.rindex(last)
    url = address_at(PAGE, text, start, start + len(last))
    assert found_by_a_browser(url, text).strip(".,:") != ""
    if text.count(last) == 1 and len(sentences) == 1:
        assert found_by_a_browser(url, text) == last.casefold().rstrip(".,:")


def test_an_engine_gives_a_hit_its_address(tmp_path):
    (tmp_path / "canal.md").write_text(f"---\nurl: {PAGE}\n---\n# Canal\n\n{TEXT}", encoding="utf-8")
    (tmp_path / "lake.txt").write_text("The lake\n\nThe lake of Orrin is full of perch.", encoding="utf-8")
    with open_engine(tmp_path / "x.db") as engine:
        engine.load([tmp_path / "canal.md", tmp_path / "lake.txt"])
        hit, other = engine.ask("When was the canal opened?").hits[0], engine.ask("What is Orrin full of?").hits[0]
        assert urldefrag(engine.address(hit)).fragment.startswith(":~:text=The%20canal")
        assert engine.address(other) is None
