import json
import math
from dataclasses import replace

import numpy as np
import pytest

from bot.rendering.terminal.evaluation import difference_lines
from retrieval.errors import QuestionFileError
from retrieval.evaluation import (
    Gold,
    Outcome,
    Question,
    area_under_roc,
    ask_all,
    calibration_error,
    evaluate,
    first_correct_rank,
    is_correct,
    read_questions,
    read_run,
    report,
    summarize,
)
from retrieval.evaluation.significance import compare
from retrieval.records import Answer, Hit, Intent, Snippet, Span


def hit(start, end, article="a", rank=1):
    return Hit(rank, 1.0, article, "", None, None, start, end, 1, 9, "x" * (end - start))


def answer(*hits, answered=True, confidence=0.5):
    return Answer("q", "en", Intent.QUESTION, "sure" if answered else "none", confidence, confidence, hits, (), (), 1)


@pytest.mark.parametrize(
    ("start", "end", "right"), [(10, 20, True), (0, 15, True), (0, 14, False), (12, 13, True), (20, 30, False)]
)
def test_a_hit_is_right_when_it_shares_half_of_the_shorter(start, end, right):
    assert is_correct(hit(start, end), [Gold("a", 10, 20)]) is right
    assert not is_correct(hit(start, end), [Gold("b", 10, 20)])


def test_the_first_right_hit_counts_up_to_the_tenth():
    hits = [hit(50, 60)] * 9 + [hit(10, 20)]
    assert first_correct_rank(hits, [Gold("a", 10, 20)]) == 10
    assert first_correct_rank([hit(50, 60), *hits], [Gold("a", 10, 20)]) == math.inf


def test_the_figures_of_a_small_set_are_those_worked_out_by_hand():
    answers = {
        "first": answer(hit(10, 20), confidence=0.9),
        "second": answer(hit(50, 60), hit(10, 20), confidence=0.4, answered=False),
        "none": answer(confidence=0.6),
        "silent": answer(answered=False, confidence=0.1),
        "loud": answer(hit(1, 2), confidence=0.5),
    }
    gold = (Gold("a", 10, 20),)
    questions = [Question(None, name, gold if name in {"first", "second", "none"} else ()) for name in answers]
    figures = evaluate(answers.__getitem__, questions)
    assert (figures.n, figures.n_without) == (3, 2)
    assert figures.mrr == pytest.approx(0.5)
    assert (figures.p1, figures.r5, figures.r10) == pytest.approx((1 / 3, 2 / 3, 2 / 3))
    assert (figures.refused_answerable, figures.refused_unanswerable) == pytest.approx((1 / 3, 1 / 2))
    assert figures.auroc == pytest.approx(5 / 6)


def test_an_answer_is_shown_if_a_snippet_or_what_stands_beside_it_has_it():
    right, wrong = hit(10, 20), hit(50, 60)
    beside = [replace(wrong, **{name: Span(10, 20, "x" * 10)}) for name in ("lead", "intro", "code")]
    seen = (
        [Snippet(wrong, ()), Snippet(right, ())],
        *([Snippet(one, ())] for one in beside),
        [Snippet(wrong, (), None, (right,))],
    )
    unseen = [], [Snippet(wrong, ())]
    question = Question(None, "q", (Gold("a", 10, 20),))
    for snippets in (*seen, *unseen):
        given = replace(answer(wrong, *[wrong] * 8, right), snippets=tuple(snippets))
        (found,) = ask_all(lambda _, given=given: given, [question])
        assert (found.shown, found.rank) == (snippets in seen, 10)


def test_sure_answers_are_counted_and_doubtful_ones_to_near_misses_half_refused():
    near, far = Question(None, "q", kind="nearmiss"), Question(None, "q", kind="smalltalk")
    perhaps = replace(outcome(math.inf), certainty="perhaps")
    refused = [replace(perhaps, question=one) for one in (near, far)] + [outcome(math.inf, gold=False, answered=False)]
    assert [one.refused for one in refused] == [0.5, 0.0, 1.0]
    figures = summarize(
        [outcome(1), outcome(2), replace(outcome(1), certainty="perhaps"), outcome(1, gold=False), *refused]
    )
    assert (figures.sure, figures.refused_unanswerable) == pytest.approx((2 / 3, 1.5 / 4))
    assert figures.precision_sure == pytest.approx(2 / 3)
    by_kind = report(refused).by_kind
    assert {name: one.refused_unanswerable for name, one in by_kind.items()} == {"nearmiss": 0.5, "smalltalk": 0.0}


def test_a_figure_that_nothing_bears_on_is_none():
    assert evaluate(lambda _: answer(), []).mrr is None
    assert area_under_roc([1.0], []) is None
    assert area_under_roc([1.0, 0.5], [0.5]) == 0.75


def test_questions_are_read_with_or_without_id_and_gold(tmp_path):
    path = tmp_path / "q.jsonl"
    path.write_text(
        '\ufeff{"question": "A?", "gold": []}\n\n{"id": 7, "question": "B?", "gold": [{"article": 3, "start": 1, "end": 2}]}\n'
    )
    assert list(read_questions(path)) == [Question(None, "A?"), Question("7", "B?", (Gold("3", 1, 2),))]


@pytest.mark.parametrize("line", ["{", "[]", '{"q": 1}', '{"question": 3}', '{"question": "a", "gold": [{}]}', '"x"'])
def test_a_line_out_of_form_is_named(tmp_path, line):
    path = tmp_path / "q.jsonl"
    path.write_text('{"question": "A?", "answers": []}\n' + line)
    with pytest.raises(QuestionFileError, match=r"q\.jsonl:2"):
        list(read_questions(path))


def test_a_line_that_does_not_say_what_answers_is_named_or_left_out(tmp_path):
    path = tmp_path / "q.jsonl"
    path.write_text('{"question": "A?"}\n{"question": "B?", "gold": []}\n')
    with pytest.raises(QuestionFileError, match=r"q\.jsonl:1 does not say what answers 'A\?'"):
        list(read_questions(path))
    told = []
    assert [one.question for one in read_questions(path, told.append)] == ["B?"]
    assert [one.endswith("[] if nothing does. It is left out.") for one in told] == [True]


def test_a_file_that_is_not_there_or_no_text_is_named(tmp_path):
    with pytest.raises(QuestionFileError, match="cannot be read"):
        list(read_questions(tmp_path / "none.jsonl"))
    (tmp_path / "bin").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(QuestionFileError, match="UTF-8"):
        list(read_questions(tmp_path / "bin"))


def outcome(rank=1.0, *, gold=True, language="en", types=("who",), confidence=0.5, answered=True):
    question = Question(None, "q", (Gold("a", 0, 9),) if gold else ())
    return Outcome(question, language, frozenset(types), rank, "sure" if answered else "none", confidence, confidence)


def test_the_interval_of_a_share_is_that_of_the_binomial_distribution():
    figures = summarize([outcome(1)] * 80 + [outcome(math.inf)] * 20)
    low, high = figures.intervals["p1"]
    assert (low, high) == pytest.approx((0.72, 0.87), abs=0.015)  # quantiles of Binomial(100, .8) / 100
    assert figures.intervals["mrr"] == figures.intervals["p1"]
    assert summarize([outcome(1)] * 9).intervals["p1"] == (1, 1)


def test_the_interval_of_the_area_holds_it_and_is_the_same_each_time():
    mixed = [outcome(confidence=c / 40) for c in range(10, 40)] + [
        outcome(gold=False, confidence=c / 40) for c in range(30)
    ]
    figures = summarize(mixed)
    low, high = figures.intervals["auroc"]
    assert 0.6 < low < figures.auroc < high < 1
    assert figures == summarize(mixed)


def test_figures_that_nothing_bears_on_have_no_interval():
    assert set(summarize([outcome(gold=False, answered=False)]).intervals) == {"refused_unanswerable"}
    assert summarize([]).intervals == {}


def test_calibration_is_perfect_where_confidence_is_the_share_of_right_first_hits():
    assert calibration_error([0.25] * 4, [True, False, False, False]) == pytest.approx(0.375)  # bins of one each
    sure = [0.2] * 100 + [0.8] * 100
    right = [number % 5 == 0 for number in range(100)] + [number % 5 != 0 for number in range(100)]
    assert calibration_error(sure, right) == pytest.approx(0)
    assert calibration_error(sure, [not one for one in right]) == pytest.approx(0.6)
    assert calibration_error([], []) is None


def test_groups_are_summed_up_apart_and_a_question_of_two_types_counts_in_both():
    found = report(
        [outcome(1), outcome(2, types=("who", "when")), outcome(1, language="ru", types=("when",)), outcome(gold=False)]
    )
    assert {name: of.mrr for name, of in found.by_language.items()} == {"en": 0.75, "ru": 1.0}
    assert {name: (of.n, of.n_without, of.mrr) for name, of in found.by_type.items()} == {
        "who": (2, 1, 0.75), "when": (2, 0, 0.75),
    }  # fmt: skip
    assert list(found.by_type) == ["who", "when"]
    assert found.overall.n == 3


def test_runs_that_are_alike_differ_by_chance_and_one_that_is_better_does_not():
    rng = np.random.default_rng(1)
    ranks = [float(rank) for rank in rng.integers(1, 5, 60)]
    same = compare([outcome(rank) for rank in ranks], [outcome(rank) for rank in ranks])
    assert [(one.p, one.better, one.worse, one.interval) for one in same] == [(1.0, 0, 0, (0.0, 0.0))] * 3
    mrr, p1, _ = compare([outcome(rank + 1) for rank in ranks], [outcome(rank) for rank in ranks])
    assert mrr.b - mrr.a == pytest.approx(np.mean([1 / rank - 1 / (rank + 1) for rank in ranks]))
    assert mrr.interval[0] < mrr.b - mrr.a < mrr.interval[1]
    assert (mrr.better, mrr.worse, mrr.p, mrr.significant) == (60, 0, 1 / 10_001, True)
    assert p1.better == ranks.count(1.0)


def test_the_chance_is_that_of_every_way_to_swap():
    """Three questions, all better by the same: of the 8 ways to swap, 2 are as far apart."""
    mrr, *_ = compare([outcome(math.inf)] * 3, [outcome(1)] * 3)
    assert mrr.p == pytest.approx(2 / 8, abs=0.02)
    assert not mrr.significant


def test_equally_good_runs_differ_significantly_about_once_in_twenty_times():
    rng = np.random.default_rng(3)
    significant = 0
    for _ in range(60):
        first, second = rng.integers(1, 6, (2, 40))
        mrr, *_ = compare([outcome(float(rank)) for rank in first], [outcome(float(rank)) for rank in second])
        significant += mrr.significant
    assert significant <= 9  # Binomial(60, .05) exceeds 9 once in a thousand times


def test_what_is_answered_and_what_is_refused_is_compared_too():
    bold = [outcome(), outcome(), outcome(gold=False), outcome(gold=False, answered=False)]
    shy = [replace(one, certainty="none") for one in bold]
    *_, answered, refused = compare(bold, shy)
    assert [(one.figure, one.a, one.b, one.better, one.worse) for one in (answered, refused)] == [
        ("answered", 1.0, 0.0, 0, 2),
        ("refused_unanswerable", 0.5, 1.0, 1, 0),
    ]
    lines = list(difference_lines((answered, refused), "bold", "shy"))
    assert lines[4].startswith("answered (the articles answer)")
    assert compare([], []) == ()


def saved(folder, *rows):
    (folder / "run.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return folder / "run.jsonl"


def test_a_saved_run_is_found_by_id_or_else_by_the_question(tmp_path):
    hit = {"article": "a", "start": 10, "end": 20, "rank": 1, "score": 3.0}
    other = hit | {"start": 50, "end": 60}
    run = saved(
        tmp_path,
        {"id": 7, "question": "A?", "hits": [other, hit], "answered": True, "confidence": 0.9},
        {"id": None, "question": "B?", "hits": [hit], "answered": False, "confidence": 0.1},
    )
    gold = (Gold("a", 10, 20),)
    questions = [Question("7", "A?", gold), Question(None, "B?", gold), Question("9", "Who sang in Rome?", gold, "en")]
    found = read_run(run, questions)
    assert [(one.rank, one.answered, one.confidence) for one in found] == [
        (2, True, 0.9), (1, False, 0.1), (math.inf, False, 0.0),
    ]  # fmt: skip
    assert (found[2].language, found[2].types) == ("en", {"who"})


@pytest.mark.parametrize("row", [3, {}, {"id": "1", "hits": [{}], "answered": True, "confidence": 1}, {"id": "1"}])
def test_a_saved_line_out_of_form_is_named(tmp_path, row):
    run = saved(tmp_path, {"id": "1", "hits": [], "answered": False, "confidence": 0}, row)
    with pytest.raises(QuestionFileError, match=r"run\.jsonl:2"):
        read_run(run, [Question("1", "A?")])


def test_a_run_over_other_questions_is_refused(tmp_path):
    run = saved(tmp_path, {"id": "1", "hits": [], "answered": False, "confidence": 0})
    with pytest.raises(QuestionFileError, match="answers none of the questions"):
        read_run(run, [Question("2", "A?")])
