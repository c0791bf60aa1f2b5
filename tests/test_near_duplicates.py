"""The same story in several articles is cited once, and the others are named; what differs is never folded away."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_stories import AGENCY, ANOTHER, PARAGRAPHS, SAME, STORY, UPDATE
from test_answer import ENGLISH
from test_rendering_telegram import a_hit, an_answer

from bot.rendering.messages import also_in
from bot.rendering.telegram.answer_html import answer_html
from bot.rendering.terminal.answer_lines import answer_lines
from retrieval import open_engine
from retrieval.records import Snippet
from retrieval.text.near_duplicates import (
    MIN_CONTAINMENT,
    MIN_SHINGLES,
    NearDuplicates,
    containment,
    hash_shingles,
    sorted_unique,
)

SAID = "Could the chains of both anchors hold the vessel in winds of ninety kilometres?"
PAY = "Who pays for the journey home?"
INJURED = "How many passengers were taken to the hospital of Port Osk?"
WHEN = {"mirror": "2024-05-09", "update": "2024-05-10", "agency": "2024-05-07"}


def terms(text):
    return np.array(list(ENGLISH.terms(text)), np.uint32)


def shingles(text):
    return sorted_unique(hash_shingles(terms(text)))


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    return store(
        tmp_path_factory.mktemp("store"),
        {"id": "story", "title": "Ferry aground", "text": STORY, "published": "2024-05-08"},
        *({"id": name, "title": "Ferry aground", "text": text, "published": WHEN[name]} for name, text in SAME.items()),
        *({"id": name, "title": "The ferry", "text": text} for name, text in ANOTHER.items()),
    )


def store(folder, *articles):
    (folder / "articles.jsonl").write_text("\n".join(map(json.dumps, articles)))
    engine = open_engine(folder / "citebot.db", caution="low")
    engine.load([folder / "articles.jsonl"])
    return engine


def cited(answer):
    return [(snippet.hit.article, {twin.article for twin in snippet.twins}) for snippet in answer.snippets]


# --- which articles are twins ---


@pytest.mark.parametrize("name", SAME)
def test_the_same_story_is_well_above_the_threshold(name):
    assert containment(shingles(STORY), shingles(SAME[name])) > MIN_CONTAINMENT + 0.2


@pytest.mark.parametrize("name", ANOTHER)
def test_another_story_of_the_same_event_is_well_below_the_threshold(name):
    assert containment(shingles(STORY), shingles(ANOTHER[name])) < MIN_CONTAINMENT - 0.2


@given(st.lists(st.integers(0, 3), max_size=30), st.lists(st.integers(0, 3), max_size=30))
def test_containment_is_that_of_the_sets_of_runs(one, other):
    def runs(of):
        return {tuple(of[at : at + 4]) for at in range(len(of) - 3)}

    def numbers(of):
        return sorted_unique(hash_shingles(np.array(of, np.uint32)))

    least = min(len(runs(one)), len(runs(other)))
    expected = len(runs(one) & runs(other)) / least if least else 0
    assert len(numbers(one)) == len(runs(one))
    assert containment(numbers(one), numbers(other)) == expected == containment(numbers(other), numbers(one))


def test_articles_too_short_to_tell_and_one_and_the_same_are_no_twins():
    words = terms(STORY)
    texts = {
        1: words,
        2: words,
        3: words[: MIN_SHINGLES + 2],
        4: words[: MIN_SHINGLES + 2],
        5: words[: MIN_SHINGLES + 3],
        6: words[: MIN_SHINGLES + 3],
    }
    twins = NearDuplicates(lambda version, most: texts[version][:most])
    assert twins.are_alike(1, 2)
    assert not twins.are_alike(1, 1)
    assert not NearDuplicates(lambda version, most: texts[version][:most], most=MIN_SHINGLES + 2).are_alike(1, 2)
    assert not twins.are_alike(3, 4)
    assert twins.are_alike(5, 6)


def test_articles_are_compared_over_segments_and_after_a_change(engine, tmp_path):
    engine = store(tmp_path, {"id": "story", "title": "A", "text": STORY}, {"id": "x", "title": "", "text": "Rain."})
    assert cited(engine.ask(SAID)) == [("story", set())]
    (tmp_path / "more.jsonl").write_text(json.dumps({"id": "copy", "title": "B", "text": STORY, "published": "2020"}))
    engine.load([tmp_path / "more.jsonl"])
    assert cited(engine.ask(SAID))[0] == ("copy", {"story"})
    engine.close()


# --- what an answer shows ---


def test_one_is_cited_the_first_to_be_published_and_the_others_are_named(engine):
    answer = engine.ask(SAID)
    assert cited(answer)[0] == ("agency", {"story", "mirror", "update"})
    assert len({hit.article for hit in answer.hits}) > 3  # hits are not folded


def test_where_the_newest_are_asked_for_the_newest_is_cited(engine):
    assert cited(engine.ask(f"{SAID} sort:newest"))[0] == ("update", {"story", "mirror", "agency"})


def test_a_number_that_an_update_has_put_right_is_shown_beside_the_earlier_one(engine):
    shown = [snippet.hit.text for snippet in engine.ask(INJURED).snippets]
    assert any("eleven passengers" in text for text in shown)
    assert any("fourteen passengers" in text for text in shown)


def test_a_dateline_does_not_make_another_sentence(engine):
    (first, *_) = engine.ask("Where did the ferry Marigold run aground on Tuesday night?").snippets
    assert {"story", "mirror", "agency"} <= {first.hit.article, *(twin.article for twin in first.twins)}
    for snippet in (first.hit, *first.twins):
        assert engine.article(snippet.article).text[snippet.start : snippet.end] == snippet.text


def test_a_sentence_behind_a_colon_in_an_article_of_its_own_is_not_folded(tmp_path):
    paid = PARAGRAPHS[3].split(". It")[0] + "."
    filling = "The mayor spoke for an hour about the harbour, the weather and the price of fish in the town."
    engine = store(
        tmp_path,
        {"id": "story", "title": "", "text": STORY},
        {"id": "own", "title": "", "text": f"It is not true what they wrote: {paid} {filling}"},
    )
    assert cited(engine.ask(PAY))[0][1] == set()
    engine.close()


def test_of_articles_that_share_a_sentence_alone_the_better_hit_is_cited(tmp_path):
    sentence = "The lighthouse of Cape Tern has stood since 1874."
    engine = store(
        tmp_path,
        {
            "id": "b",
            "title": "Lighthouse",
            "text": f"{sentence} Gulls nest on it.",
            "published": "2024",
        },
        {"id": "a", "title": "Beach", "text": f"The beach is long. {sentence} Bread is dear.", "published": "1999"},
    )
    assert cited(engine.ask("Since when has the lighthouse of Cape Tern stood?"))[0] == ("b", {"a"})
    engine.close()


def test_twins_without_a_date_stand_behind_those_with_one_and_else_rank_decides(tmp_path):
    engine = store(
        tmp_path,
        {"id": "a", "title": "", "text": STORY},
        {"id": "b", "title": "", "text": AGENCY},
        {"id": "c", "title": "", "text": UPDATE, "published": "2024"},
    )
    assert cited(engine.ask(SAID))[0] == ("c", {"a", "b"})
    assert cited(engine.ask(f"{SAID} in:a in:b"))[0] == ("a", {"b"})
    engine.close()


def test_a_twin_of_the_same_title_is_named_with_its_place_and_the_article_itself_is_no_twin():
    cited = a_hit(title="Ferry", article="one", url=None)
    twins = (a_hit(title="Ferry", article="two", url=None), a_hit(title="Ship", article="three"), cited)
    assert also_in(Snippet(cited, (), twins=twins)) == "also in: Ferry (two); Ship"
    assert also_in(Snippet(cited, (), twins=(cited,))) == ""
    answer = an_answer(Snippet(cited, (), twins=twins))
    assert "also in: Ferry (two); Ship" in answer_html(answer)
    assert any("also in: Ferry (two); Ship" in line for line in answer_lines(answer))
