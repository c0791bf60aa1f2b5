"""How many questions somebody may ask in a minute."""

from bot.telegram.handlers.flood_limit import Admission, FloodLimit

GO, TELL, SILENT = Admission.GO, Admission.TELL, Admission.SILENT


def test_so_many_are_answered_then_one_is_told_and_the_others_are_silent():
    limit = FloodLimit(3)
    assert [limit.take(1, 100 + second) for second in range(6)] == [GO, GO, GO, TELL, SILENT, SILENT]


def test_the_minute_slides():
    limit = FloodLimit(2)
    assert [limit.take(1, at) for at in (100, 130, 159, 160, 161, 190)] == [GO, GO, TELL, GO, SILENT, GO]


def test_who_goes_on_and_on_is_told_once_a_minute():
    limit = FloodLimit(20)
    verdicts = [limit.take(1, 1000 + tenth / 10) for tenth in range(6000)]  # ten minutes, ten a second
    assert verdicts.count(TELL) == 10
    assert 200 <= verdicts.count(GO) <= 201


def test_whoever_was_quiet_for_a_minute_is_told_again():
    limit = FloodLimit(1)
    assert [limit.take(1, at) for at in (0, 1, 70, 71)] == [GO, TELL, GO, TELL]


def test_one_person_takes_nothing_from_another():
    limit = FloodLimit(1)
    assert [limit.take(person, 5) for person in (1, 1, 2, 2)] == [GO, TELL, GO, TELL]


def test_none_is_no_limit():
    limit = FloodLimit(0)
    assert {limit.take(1, 5) for _ in range(1000)} == {GO}


def test_a_question_that_is_met_again_is_not_another():
    limit = FloodLimit(2)
    assert [limit.take(1, 100, "first") for _ in range(5)] == [GO] * 5
    assert limit.take(1, 100, "second") is GO
    assert [limit.take(1, 100, "third") for _ in range(2)] == [TELL, TELL]  # it was not heard the first time
    assert [limit.take(1, 100, "fourth") for _ in range(2)] == [SILENT, SILENT]
    assert limit.take(1, 100, "first") is GO


def test_questions_of_a_whole_day_that_are_met_at_once_are_all_answered():
    limit = FloodLimit(2)
    assert {limit.take(1, 1000 + 60 * minute) for minute in range(1440)} == {GO}


def test_who_asks_again_after_the_seconds_told_is_answered():
    for tenths in range(600):
        limit = FloodLimit(1)
        limit.take(1, 100.0)
        now = 100.0 + tenths / 10
        assert limit.take(1, now) is TELL
        seconds = limit.seconds(1, now)
        assert 1 <= seconds <= 60
        assert limit.take(1, now + seconds) is GO


def test_clocks_that_differ_give_seconds_that_can_be_said():
    limit = FloodLimit(1)
    limit.take(1, 1000.0)
    assert limit.seconds(1, 900.0) == 60
    assert limit.seconds(1, 2000.0) == 1
    assert limit.seconds(2, 1000.0) == 1


def test_people_who_ask_no_more_are_forgotten():
    limit = FloodLimit(1)
    for person in range(10_000):
        limit.take(person, float(person))
        limit.take(person, float(person))
    assert len(limit._asked) < 200
    assert len(limit._told) < 200


def test_a_question_that_comes_again_counts_once_and_is_answered():
    limit = FloodLimit(2)
    assert [limit.take(7, float(at), "first") for at in range(5)] == [Admission.GO] * 5
    assert limit.take(7, 5.0, "second") is Admission.GO
    assert limit.take(7, 6.0, "third") is Admission.TELL


def test_who_could_not_be_told_is_told_when_the_question_comes_again_and_only_then():
    limit = FloodLimit(1)
    said = [limit.take(7, 0.0, question) for question in ("first", "second", "second", "third", "second", "first")]
    assert said == [Admission.GO, Admission.TELL, Admission.TELL, Admission.SILENT, Admission.TELL, Admission.GO]
    assert limit.take(8, 0.0, "second") is Admission.GO
    assert limit.take(7, 60.0, "third") is Admission.GO
