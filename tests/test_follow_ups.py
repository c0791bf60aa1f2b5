"""Two questions of one conversation: the second is read in the light of the first, if it does not stand alone.

`questions/dialogues.jsonl` holds dialogues about `seeds/`. Those of the part "tune" were looked at while the rules were
made, those of the part "judge" were not.
"""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from retrieval import open_engine
from retrieval.asking.filters import parse_question
from retrieval.asking.follow_ups import Form, form_of
from retrieval.asking.in_context import read_in_context
from retrieval.asking.intents import detect_intent
from retrieval.records import Answer, Context, Intent
from retrieval.text.languages import detect_question_language, languages_with_function_words, phrases

HERE = Path(__file__).parent
SETS = os.environ.get("CITEBOT_QUESTION_SETS")
DIALOGUES = [json.loads(line) for line in (HERE / "questions" / "dialogues.jsonl").read_text("utf-8").splitlines()]
RIGHT = {"tune": 0.86, "judge": 0.77}  # share of second answers, at least; one answer below what was measured
UNCHANGED = 0.99  # share of the questions that stand alone, over all sets
SINGLE = {
    "nq-dev": "en", "newwiki-dev": "en", **{f"real-dev/{name}": "en" for name in ("18f", "httpx", "news", "posts")},
    **{f"xquad-dev-{name}": name for name in ("ar", "de", "el", "en", "es", "hi", "ro", "ru", "tr", "vi", "zh")},
}  # fmt: skip


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    with open_engine(tmp_path_factory.mktemp("seeds") / "citebot.db") as engine:
        engine.load([HERE.parent / "seeds"])
        yield engine


def talk(engine, *questions):
    """The answers to questions asked one after the other."""
    answers, context = [], None
    for question in questions:
        answers.append(engine.ask(question, context=context))
        context = answers[-1].context or context
    return answers


def is_right(answer, gold):
    hit = answer.hits[0] if answer.answered else None
    return hit is not None and any(
        hit.article == one["article"] and hit.start < one["end"] and one["start"] < hit.end for one in gold
    )


def test_there_are_enough_dialogues_in_each_language_and_half_of_them_were_kept_back():
    assert len(DIALOGUES) >= 80
    assert len({one["id"] for one in DIALOGUES}) == len(DIALOGUES)
    for language in ("en", "ru", "es", "de", "ar"):
        parts = [one["part"] for one in DIALOGUES if one["language"] == language]
        assert len(parts) >= 12
        assert abs(parts.count("tune") - parts.count("judge")) <= 1


@pytest.mark.parametrize("part", RIGHT)
def test_second_questions_of_dialogues_get_the_right_answer(engine, part):
    asked = [one for one in DIALOGUES if one["part"] == part]
    right = [is_right(talk(engine, one["first"], one["second"])[1], one["gold"]) for one in asked]
    alone = [is_right(engine.ask(one["second"]), one["gold"]) for one in asked]
    print(f"\n{part}: {sum(right)} of {len(asked)} right, {sum(right) / len(asked):.3f}; asked alone {sum(alone)}")
    assert sum(right) / len(asked) >= RIGHT[part]
    assert sum(right) >= sum(alone) + 12


def context_of(question, language):
    return Context(question, language, types=("who",), names=("Ada Lovelace",), words=("wrote",), article="x")


def changed(questions, language):
    """Those of questions, asked one after the other, that are not looked up as they are typed."""
    found, before = [], None
    for question in questions:
        intent = detect_intent(question, (language,))
        asked = detect_question_language(question, (language,))
        nothing = Answer(question, asked, intent, "none", 0.0, 0.0, (), (), (), 1)
        if before is not None:
            answer, parsed, _ = read_in_context(nothing, parse_question(question), before)
            found += [question] if answer != nothing or parsed != parse_question(question) else []
        before = context_of(question, asked)
    return found


def test_questions_that_stand_alone_are_left_unchanged_after_any_other():
    if not SETS:
        pytest.skip("CITEBOT_QUESTION_SETS is not set")
    asked = altered = 0
    for name, language in SINGLE.items():
        lines = Path(SETS, name, "questions.jsonl").read_text("utf-8").splitlines()
        questions = [json.loads(line)["question"] for line in lines if line.strip()]
        of_set = changed(questions, language)
        print(f"{name:16} {len(of_set):3} of {len(questions):5}", *of_set[:3], sep="  ")
        asked, altered = asked + len(questions), altered + len(of_set)
    print(f"{'unchanged':16} {1 - altered / asked:.4f} of {asked}")
    assert 1 - altered / asked >= UNCHANGED


def test_questions_about_the_seeds_are_left_unchanged():
    lines = (HERE / "questions" / "seeds.jsonl").read_text("utf-8").splitlines()
    assert changed([json.loads(line)["question"] for line in lines], "en") == []


@pytest.mark.parametrize(
    ("text", "language", "form"),
    [
        ("and when?", "en", Form.LEANS),
        ("how long is it?", "en", Form.LEANS),
        ("when was he born?", "en", Form.LEANS),
        ("who is he?", "en", Form.LEANS),
        ("а где он родился?", "ru", Form.LEANS),
        ("когда умер?", "ru", Form.LEANS),
        ("¿cuándo murió?", "es", Form.LEANS),
        ("wie alt ist sie?", "de", Form.LEANS),
        ("ومتى توفي؟", "ar", Form.LEANS),
        ("what about Baikal?", "en", Form.ABOUT),
        ("and in 1908?", "en", Form.ABOUT),
        ("а длина?", "ru", Form.ABOUT),
        ("¿y la final?", "es", Form.ABOUT),
        ("وماذا عن مصر؟", "ar", Form.ABOUT),
        ("more", "en", Form.MORE),
        ("Расскажи ещё!", "ru", Form.MORE),
        ("When did Bertha Benz drive to her mother?", "en", Form.STANDS_ALONE),
        ("what is nginx and what is it used for", "en", Form.STANDS_ALONE),
        ("Who designed the euro coins?", "en", Form.STANDS_ALONE),
        ("more glaciers", "en", Form.STANDS_ALONE),
    ],
)
def test_how_a_question_relates_to_the_one_before(text, language, form):
    assert form_of(text, language, detect_intent(text, (language,))) is form


@pytest.mark.parametrize("language", sorted(one for one in languages_with_function_words() if phrases("more", one)))
def test_each_phrase_for_more_asks_for_more_and_only_after_a_question(language):
    for phrase in phrases("more", language):
        assert form_of(phrase, language, Intent.FOLLOW_UP) is Form.MORE
        assert detect_intent(phrase, (language,)) is Intent.FOLLOW_UP, phrase


def test_what_was_added_is_said(engine):
    first, second, third = talk(engine, "When was the Suez Canal opened?", "how long is it?", "what about Baikal?")
    assert first.carried == ()
    assert second.carried == ("Suez Canal",)
    assert "193 kilometres" in second.hits[0].text
    assert third.carried == ("long",)


def test_a_person_who_was_the_answer_is_meant_by_he(engine):
    _, second = talk(engine, "Who won the concession for the Suez Canal?", "who is he?")
    assert "Ferdinand de Lesseps" in second.carried[0]


def test_a_question_of_grammar_alone_is_read_with_all_of_the_one_before(engine):
    _, second = talk(engine, "Who nationalised the canal company?", "and when?")
    assert second.intent is Intent.QUESTION
    assert second.hits[0].text.startswith("On 26 July 1956")


def test_without_a_question_before_it_says_what_is_missing(engine):
    for question in ("and when?", "how long is it?", "who is he?", "more"):
        answer = engine.ask(question)
        assert (answer.intent, answer.answered, answer.context) == (Intent.FOLLOW_UP, False, None)


def test_more_shows_each_sentence_once_until_there_are_no_more(engine):
    answers = talk(engine, "How long is the Suez Canal?", *["more"] * 30)
    shown = [snippet.hit.text for answer in answers for snippet in answer.snippets]
    assert len(shown) > 6
    assert len(set(shown)) == len(shown)
    assert answers[1].intent is Intent.MORE
    assert answers[1].carried == ("Suez Canal", "long")
    assert not answers[-1].answered


def test_what_a_question_was_narrowed_to_holds_for_its_follow_ups(engine):
    answers = talk(engine, "Who lived in the aquarium in:octopus", "and when?", "more")
    answers.append(engine.more(answers[0].context))
    for answer in answers:
        assert answer.scope is not None
        assert {hit.article for hit in answer.hits} == {"octopus"}


def test_a_follow_up_leaves_the_article_that_answered_if_another_has_what_is_asked(engine):
    first, second = talk(engine, "How many hearts does an octopus have?", "and who scanned the first barcode?")
    assert first.hits[0].article == "octopus"
    assert second.hits[0].article == "barcode"


def test_a_greeting_or_an_empty_line_is_what_it_is_after_a_question(engine):
    context = engine.ask("How long is the Suez Canal?").context
    for text, intent in (("thanks", Intent.THANKS), ("hello", Intent.GREETING), ("?", Intent.EMPTY)):
        answer = engine.ask(text, context=context)
        assert (answer.intent, answer.carried) == (intent, ())


def test_a_context_of_another_store_does_no_harm(engine):
    context = engine.ask("How long is the Suez Canal?").context
    strange = replace(context, article="gone", shown=(("gone", 0),))
    assert "193 kilometres" in engine.ask("how long is it?", context=strange).hits[0].text


def test_neighbouring_words_are_one_phrase_also_where_they_overlap(tmp_path):
    (tmp_path / "canal.txt").write_text("苏伊士运河\n\n苏伊士运河于一八六九年开通。它位于埃及。", "utf-8")
    with open_engine(tmp_path / "s.db") as chinese:
        chinese.load([tmp_path / "canal.txt"])
        answer = chinese.ask("苏伊士运河什么时候开通？")
    assert answer.hits
    assert any("苏伊士运河" in phrase for phrase in (*answer.context.names, *answer.context.words))
