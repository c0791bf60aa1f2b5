"""A question that comes again because Telegram could not be reached is the same question."""

from bot.telegram.limits import QuestionLimit, Verdict


def test_a_question_that_comes_again_counts_once_and_is_answered():
    limit = QuestionLimit(2)
    assert [limit.take(7, float(at), "first") for at in range(5)] == [Verdict.GO] * 5
    assert limit.take(7, 5.0, "second") is Verdict.GO
    assert limit.take(7, 6.0, "third") is Verdict.TELL


def test_who_could_not_be_told_is_told_when_the_question_comes_again_and_only_then():
    limit = QuestionLimit(1)
    said = [limit.take(7, 0.0, question) for question in ("first", "second", "second", "third", "second", "first")]
    assert said == [Verdict.GO, Verdict.TELL, Verdict.TELL, Verdict.SILENT, Verdict.TELL, Verdict.GO]
    assert limit.take(8, 0.0, "second") is Verdict.GO
    assert limit.take(7, 60.0, "third") is Verdict.GO
