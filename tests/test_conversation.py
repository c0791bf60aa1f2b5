"""A conversation goes on from its last answer: more hits, the context, the source."""

import json

import pytest

from bot.conversation import AROUND, Conversation
from retrieval.engine import open_engine

TOWER = (
    "The harbour was dug in 1850. The harbour tower is 96 metres high. Pilots met in the harbour. The harbour froze."
)
ARTICLES = [
    {"id": "tower", "title": "The tower", "text": TOWER, "author": "Ann Example"},
    {"id": "copy", "title": "A reprint", "text": "The harbour tower is 96 metres high."},
    {"id": "bread", "title": "Bread", "text": "Rye bread keeps for a week. Bakers add salt to the dough."},
]


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    folder = tmp_path_factory.mktemp("conversation")
    file = folder / "articles.jsonl"
    file.write_text("".join(json.dumps(article) + "\n" for article in ARTICLES), encoding="utf-8")
    with open_engine(folder / "citebot.db") as engine:
        engine.load([file])
        yield engine


def test_before_the_first_question_there_is_nothing_to_go_on_from(engine):
    talk = Conversation(engine)
    assert talk.answer is None
    assert talk.more() == ()
    assert talk.shown_at(1) is None


def test_more_gives_each_sentence_once_until_there_are_no_more(engine):
    talk = Conversation(engine)
    answer = talk.ask("How high is the harbour tower?")
    assert answer.snippets[0].hit.text == "The harbour tower is 96 metres high."
    seen = [snippet.hit.text for snippet in answer.snippets]
    for _ in answer.hits:
        seen += [snippet.hit.text for snippet in talk.more(count=1)]
    assert sorted(seen) == sorted({hit.text for hit in answer.hits})
    assert len(seen) > len(answer.snippets)
    assert talk.more() == ()


def test_what_more_gave_can_be_asked_for_by_its_number(engine):
    talk = Conversation(engine)
    shown = len(talk.ask("How high is the harbour tower?").snippets)
    more = talk.more()
    assert talk.shown_at(shown + 1) is more[0]
    assert talk.shown_at(0) is None
    assert talk.shown_at(shown + len(more) + 1) is None


def test_the_context_is_the_sentences_around_the_hit(engine):
    talk = Conversation(engine)
    hit = next(hit for hit in talk.ask("How high is the harbour tower?").hits if hit.article == "tower")
    around = talk.context(hit)
    assert [sentence.position for sentence in around] == [1, 2, 3, 4]
    assert hit.text in [sentence.text for sentence in around]
    assert len(talk.context(hit, around=1)) == 3 < 2 * AROUND + 1


def test_the_source_is_the_whole_article(engine):
    talk = Conversation(engine)
    hit = next(hit for hit in talk.ask("How high is the harbour tower?").hits if hit.article == "tower")
    article = talk.source(hit)
    assert article.author == "Ann Example"
    assert article.text[hit.start : hit.end] == hit.text


def test_a_new_question_forgets_what_was_shown(engine):
    talk = Conversation(engine)
    talk.ask("How high is the harbour tower?")
    talk.ask("qwzx")
    assert talk.shown_at(1) is None
    assert talk.more() == ()
