import math

import pytest

from retrieval.errors import QuestionFileError
from retrieval.evaluation import Gold, Question, area_under_roc, evaluate, first_right, is_right, read_questions
from retrieval.records import Answer, Hit, Intent


def hit(start, end, article="a", rank=1):
    return Hit(rank, 1.0, article, "", None, None, start, end, 1, 9, "x" * (end - start))


def answer(*hits, answered=True, confidence=0.5):
    return Answer("q", "en", Intent.QUESTION, answered, confidence, hits, (), (), 1)


@pytest.mark.parametrize(
    ("start", "end", "right"), [(10, 20, True), (0, 15, True), (0, 14, False), (12, 13, True), (20, 30, False)]
)
def test_a_hit_is_right_when_it_shares_half_of_the_shorter(start, end, right):
    assert is_right(hit(start, end), [Gold("a", 10, 20)]) is right
    assert not is_right(hit(start, end), [Gold("b", 10, 20)])


def test_the_first_right_hit_counts_up_to_the_tenth():
    hits = [hit(50, 60)] * 9 + [hit(10, 20)]
    assert first_right(hits, [Gold("a", 10, 20)]) == 10
    assert first_right([hit(50, 60), *hits], [Gold("a", 10, 20)]) == math.inf


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


def test_a_figure_that_nothing_bears_on_is_none():
    assert evaluate(lambda _: answer(), []).mrr is None
    assert area_under_roc([1.0], []) is None
    assert area_under_roc([1.0, 0.5], [0.5]) == 0.75


def test_questions_are_read_with_or_without_id_and_gold(tmp_path):
    path = tmp_path / "q.jsonl"
    path.write_text(
        '\ufeff{"question": "A?"}\n\n{"id": 7, "question": "B?", "gold": [{"article": 3, "start": 1, "end": 2}]}\n'
    )
    assert list(read_questions(path)) == [Question(None, "A?"), Question("7", "B?", (Gold("3", 1, 2),))]


@pytest.mark.parametrize("line", ["{", "[]", '{"q": 1}', '{"question": 3}', '{"question": "a", "gold": [{}]}', '"x"'])
def test_a_line_out_of_form_is_named(tmp_path, line):
    path = tmp_path / "q.jsonl"
    path.write_text('{"question": "A?"}\n' + line)
    with pytest.raises(QuestionFileError, match=r"q\.jsonl:2"):
        list(read_questions(path))


def test_a_file_that_is_not_there_or_no_text_is_named(tmp_path):
    with pytest.raises(QuestionFileError, match="cannot be read"):
        list(read_questions(tmp_path / "none.jsonl"))
    (tmp_path / "bin").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(QuestionFileError, match="UTF-8"):
        list(read_questions(tmp_path / "bin"))
