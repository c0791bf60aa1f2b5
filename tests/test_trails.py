"""What stands beside a sentence or in its place: trails, blocks, and answers to questions inside articles."""

import pytest

from retrieval import open_engine
from retrieval.asking.trails import find_trail, without_shown_trails
from retrieval.records import NO_SURROUNDINGS, Hit, Kind, Sentence, Span, StoredArticle, Surroundings
from retrieval.store.sentence_reader import SentencePlace
from retrieval.text.analyzer import analyzer

STORED = StoredArticle("a", "Mill", "en", None, None, None, 9, 900, "2025-01-01T00:00:00Z")
NEXT = "The wind has dropped since the forest grew."


def trail_of(text, after=NEXT, paragraph=2, kind=Kind.BODY, around=NO_SURROUNDINGS):
    following = after and Sentence(4, paragraph, 90, 90 + len(after), kind, after)
    sentence = Sentence(3, 2, 50, 50 + len(text), Kind.BODY, text)
    place = SentencePlace(STORED, sentence, None, around, following)
    found = find_trail(place, analyzer("en").tokens(text))
    return found and found.text


@pytest.mark.parametrize(
    "text", ["Yes.", "The reason is simple.", "Good news!", "Come and see it this summer!", "It is done like this:"]
)
def test_a_sentence_that_announces_the_next_takes_it_along(text):
    assert trail_of(text) == NEXT
    assert trail_of(text, None) is None
    assert trail_of(text, "Do you know why?") is None
    assert trail_of(text, "An example:") is None


def test_any_other_sentence_and_the_end_of_a_paragraph_take_none():
    assert trail_of("The mill has been still for years.") is None
    assert trail_of("Good news!", paragraph=3) is None


def test_a_colon_announces_the_next_paragraph_unless_that_is_a_list_or_shown_as_a_block():
    assert trail_of("It is done like this:", paragraph=3) == NEXT
    assert trail_of("It is done like this:", paragraph=3, kind=Kind.LIST) is None
    assert trail_of("Run:", around=Surroundings(code=Span(90, 94, "mill"))) is None


def a_hit(text, start, trail=None):
    return Hit(1, 1.0, "a", "", None, None, start, start + len(text), 2, 9, text, trail=trail)


def test_an_announcement_and_its_trail_are_shown_once():
    trail = Span(90, 120, NEXT)
    announcing, colon, said = a_hit("Good news!", 50, trail), a_hit("So:", 50, trail), a_hit(NEXT, 90)
    assert without_shown_trails([announcing, said]) == [announcing]
    assert without_shown_trails([said], [announcing]) == []
    assert without_shown_trails([said, announcing]) == [said, announcing]
    assert without_shown_trails([said, colon]) == [said]


MILL = """# The mill at Oakford

May guests bring their own rye to the miller?

They may, if the sacks are clean. Who would carry rye over the hill in winter? Some do.

The miller greases the axle of the mill as follows:

## Visits

A visit to the granary costs as much as this:

Adults pay three crowns and children pay one.

Great news for the granary! It has opened again.

To book the tower, send this:

```
TOWER name day
```
"""


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mill")
    (folder / "mill.md").write_text(MILL)
    (folder / "river.md").write_text("# The river\n\nThe river Oak rises in the hills of Otterdale.\n")
    with open_engine(folder / "s.db", "low") as engine:
        engine.load(folder)
        yield engine


def test_a_question_inside_an_article_gives_way_to_the_sentence_after_it(engine):
    hits = engine.ask("May guests bring their own rye to the miller?").hits
    assert (hits[0].text, hits[0].lead.text) == (
        "They may, if the sacks are clean.",
        "May guests bring their own rye to the miller?",
    )
    assert len({hit.start for hit in hits}) == len(hits)


def test_a_question_within_a_paragraph_is_no_hit(engine):
    hits = engine.ask("Who would carry rye over the hill in winter?").hits
    assert not any(hit.text.endswith("?") for hit in hits)
    assert not any(hit.lead.text.endswith("?") for hit in hits if hit.lead)


def test_what_comes_far_behind_takes_the_place_of_a_line_that_introduces_nothing(engine):
    (hit,) = engine.ask("How does the miller grease the axle of the mill?", k=1).hits
    assert "axle" not in hit.text


def test_a_line_that_introduces_nothing_is_no_hit_and_makes_the_next_less_certain(engine):
    answer = engine.ask("How does the miller grease the axle of the mill?")
    assert answer.hits
    assert all("axle" not in hit.text for hit in answer.hits)
    assert answer.p_right < 0.1
    assert [hit.hit for hit in engine.explain("How does the miller grease the axle?").hits] == list(
        engine.ask("How does the miller grease the axle?").hits[:3]
    )


@pytest.mark.parametrize(
    ("question", "text", "trail"),
    [
        ("What does a visit to the granary cost?", "A visit to the granary costs as much as this:", "Adults pay"),
        ("Is there great news for the granary?", "Great news for the granary!", "It has opened again."),
    ],
)
def test_what_a_sentence_announces_is_quoted_after_it(engine, question, text, trail):
    answer = engine.ask(question)
    hit = answer.hits[0]
    assert hit.text == text
    assert not any(snippet.hit.start == hit.trail.start for snippet in answer.snippets)
    assert hit.trail.text.startswith(trail)
    assert engine.article("mill").text[hit.trail.start : hit.trail.end] == hit.trail.text


def test_what_is_shown_as_a_block_is_no_trail(engine):
    hit = engine.ask("How do I book the tower?").hits[0]
    assert (hit.code.text, hit.trail) == ("TOWER name day", None)


def test_the_nearest_titles_have_the_rarest_word_that_an_article_has(engine):
    with open_engine(engine.path, "high") as cautious:
        nearest = {
            question: cautious.ask(question).nearest
            for question in ("Which Swede sold Otterdale to him?", "Which king of Xanadu rises?", "Who is Xanthippe?")
        }
    assert list(nearest.values()) == [("The river",), ("The river",), ()]
