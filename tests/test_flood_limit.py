"""How many questions somebody may ask in a minute."""

from bot.telegram.handlers.flood_limit import Admission, FloodLimit

ANSWER, WARN, IGNORE = Admission.ANSWER, Admission.WARN, Admission.IGNORE


def test_so_many_are_answered_then_one_is_warned_and_the_others_are_silent():
    limit = FloodLimit(3)
    assert [limit.admit(1, 100 + second) for second in range(6)] == [ANSWER, ANSWER, ANSWER, WARN, IGNORE, IGNORE]


def test_the_minute_slides():
    limit = FloodLimit(2)
    assert [limit.admit(1, at) for at in (100, 130, 159, 160, 161, 190)] == [
        ANSWER,
        ANSWER,
        WARN,
        ANSWER,
        IGNORE,
        ANSWER,
    ]


def test_who_goes_on_and_on_is_warned_once_a_minute():
    limit = FloodLimit(20)
    verdicts = [limit.admit(1, 1000 + tenth / 10) for tenth in range(6000)]  # ten minutes, ten a second
    assert verdicts.count(WARN) == 10
    assert 200 <= verdicts.count(ANSWER) <= 201


def test_whoever_was_quiet_for_a_minute_is_warned_again():
    limit = FloodLimit(1)
    assert [limit.admit(1, at) for at in (0, 1, 70, 71)] == [ANSWER, WARN, ANSWER, WARN]


def test_one_person_takes_nothing_from_another():
    limit = FloodLimit(1)
    assert [limit.admit(person, 5) for person in (1, 1, 2, 2)] == [ANSWER, WARN, ANSWER, WARN]


def test_none_is_no_limit():
    limit = FloodLimit(0)
    assert {limit.admit(1, 5) for _ in range(1000)} == {ANSWER}


def test_a_question_that_is_met_again_is_not_another():
    limit = FloodLimit(2)
    assert [limit.admit(1, 100, "first") for _ in range(5)] == [ANSWER] * 5
    assert limit.admit(1, 100, "second") is ANSWER
    assert [limit.admit(1, 100, "third") for _ in range(2)] == [WARN, WARN]  # it was not heard the first time
    assert [limit.admit(1, 100, "fourth") for _ in range(2)] == [IGNORE, IGNORE]
    assert limit.admit(1, 100, "first") is ANSWER


def test_questions_of_a_whole_day_that_are_met_at_once_are_all_answered():
    limit = FloodLimit(2)
    assert {limit.admit(1, 1000 + 60 * minute) for minute in range(1440)} == {ANSWER}


def test_who_asks_again_after_the_seconds_warned_is_answered():
    for tenths in range(600):
        limit = FloodLimit(1)
        limit.admit(1, 100.0)
        now = 100.0 + tenths / 10
        assert limit.admit(1, now) is WARN
        seconds = limit.retry_after(1, now)
        assert 1 <= seconds <= 60
        assert limit.admit(1, now + seconds) is ANSWER


def test_clocks_that_differ_give_seconds_that_can_be_said():
    limit = FloodLimit(1)
    limit.admit(1, 1000.0)
    assert limit.retry_after(1, 900.0) == 60
    assert limit.retry_after(1, 2000.0) == 1
    assert limit.retry_after(2, 1000.0) == 1


def test_people_who_ask_no_more_are_forgotten():
    limit = FloodLimit(1)
    for person in range(10_000):
        limit.admit(person, float(person))
        limit.admit(person, float(person))
    assert len(limit._asked) < 200
    assert len(limit._warned) < 200


def test_a_question_that_comes_again_counts_once_and_is_answered():
    limit = FloodLimit(2)
    assert [limit.admit(7, float(at), "first") for at in range(5)] == [Admission.ANSWER] * 5
    assert limit.admit(7, 5.0, "second") is Admission.ANSWER
    assert limit.admit(7, 6.0, "third") is Admission.WARN


def test_who_could_not_be_warned_is_warned_when_the_question_comes_again_and_only_then():
    limit = FloodLimit(1)
    said = [limit.admit(7, 0.0, question) for question in ("first", "second", "second", "third", "second", "first")]
    assert said == [
        Admission.ANSWER,
        Admission.WARN,
        Admission.WARN,
        Admission.IGNORE,
        Admission.WARN,
        Admission.ANSWER,
    ]
    assert limit.admit(8, 0.0, "second") is Admission.ANSWER
    assert limit.admit(7, 60.0, "third") is Admission.ANSWER
