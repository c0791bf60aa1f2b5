"""When a message may go, by own accounting: never too soon for Telegram's clock, and never later than it must."""

from bisect import bisect_left

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.telegram.sending.rate_limits import MARGIN, RateLimits

CHATS = [*range(1, 60), -7, -8]
LATEST = 0.04  # seconds that a message may be on its way, where no reply tells when it was there

wishes = st.lists(
    st.tuples(st.sampled_from(CHATS), st.floats(0, 3), st.floats(0, LATEST), st.none() | st.floats(0, 0.9)),
    min_size=60,
    max_size=150,
)


def most_in(times, seconds):
    times = sorted(times)
    return max(bisect_left(times, first + seconds - 1e-9) - place for place, first in enumerate(times))


def limits_on(sent):
    """Return the times that count towards each limit, with the limit and its seconds."""
    yield [at for _, at in sent], 30, 1.0
    for chat in {chat for chat, _ in sent}:
        times = [at for other, at in sent if other == chat]
        yield times, 1, 1.0
        if chat < 0:
            yield times, 20, 60.0


@settings(max_examples=60, deadline=None)
@given(wishes)
def test_no_window_of_telegrams_clock_has_too_many(wanted):
    pacing, now, arrived, replies = RateLimits(), 100.0, [], []
    for chat, pause, on_its_way, latency in wanted:
        now += pause / 100
        now += pacing.due(chat, now)
        while replies and min(replies)[0] <= now:
            replied, *whose = min(replies)
            replies.remove((replied, *whose))
            pacing.answered(*whose, replied)
            now += pacing.due(chat, now)
        pacing.spend(chat, now)
        arrived.append((chat, now + (on_its_way if latency is None else latency)))
        if latency is not None:
            replies.append((now + latency, chat, now))
    for times, most, seconds in limits_on(arrived):
        assert most_in(times, seconds) <= most


@settings(max_examples=60, deadline=None)
@given(wishes)
def test_nothing_waits_longer_than_the_limits_ask_for(wanted):
    pacing, now, sent = RateLimits(), 100.0, []
    for chat, pause, *_ in wanted:
        now += pause / 100
        wait = pacing.due(chat, now)
        assert 0 <= wait <= 60 + MARGIN
        if wait > 1e-6:  # a moment sooner it would have been too many
            sooner = [*sent, (chat, now + wait - 1e-6)]
            assert any(most_in(times, seconds + MARGIN) > most for times, most, seconds in limits_on(sooner))
        now += wait
        pacing.spend(chat, now)
        sent.append((chat, now))


def test_200_chats_are_through_within_8_seconds():
    pacing, now = RateLimits(), 50.0
    for chat in range(1, 201):
        now += pacing.due(chat, now)
        pacing.spend(chat, now)
    assert 6 < now - 50.0 < 8


def test_a_group_has_20_in_a_minute_and_one_in_a_second():
    pacing, now = RateLimits(), 50.0
    for _ in range(20):
        now += pacing.due(-5, now)
        pacing.spend(-5, now)
    assert 19 < now - 50.0 < 21
    assert now + pacing.due(-5, now) >= 50.0 + 60
    assert pacing.due(5, now) == 0


def test_a_reply_that_comes_late_moves_what_comes_after_it():
    pacing = RateLimits()
    pacing.spend(1, 10.0)
    pacing.answered(1, 10.0, 10.5)
    assert 11.5 < 11.0 + pacing.due(1, 11.0) < 11.6


def test_a_reply_that_counts_no_more_changes_nothing():
    pacing = RateLimits()
    pacing.spend(1, 10.0)
    pacing.spend(1, 20.0)
    pacing.answered(1, 10.0, 30.0)
    assert pacing.due(1, 25.0) == 0


def test_what_telegram_says_of_one_chat_holds_that_chat_only():
    pacing = RateLimits()
    pacing.hold(1, 17.0, 10.0)
    assert pacing.due(1, 10.0) == pacing.due_in_chat(1, 10.0) == 7
    assert pacing.due(2, 10.0) == 0
    assert pacing.due(1, 17.0) == 0


def test_a_second_chat_that_is_held_holds_all():
    pacing = RateLimits()
    pacing.hold(1, 17.0, 10.0)
    pacing.hold(2, 15.0, 11.0)
    assert pacing.due(3, 11.0) == 4
    assert pacing.due_in_chat(3, 11.0) == 0
    assert pacing.due(1, 16.0) == 1


def test_holds_that_are_over_make_none_of_all():
    pacing = RateLimits()
    pacing.hold(1, 12.0, 10.0)
    pacing.hold(2, 15.0, 13.0)
    assert pacing.due(3, 13.0) == 0


def test_a_hold_without_a_chat_holds_all_and_a_shorter_one_does_not_shorten_it():
    pacing = RateLimits()
    pacing.hold(None, 20.0, 10.0)
    pacing.hold(None, 12.0, 10.0)
    assert pacing.due(3, 10.0) == 10


def test_chats_that_are_idle_are_forgotten_and_those_that_count_are_not():
    pacing, now = RateLimits(), 1000.0
    for chat in range(5000):
        now += 0.1
        pacing.hold(chat, now + 0.5, now)
        pacing.spend(-chat - 1, now)
    assert len(pacing._chats) < 2500
    assert len(pacing._held) < 2500
    assert pacing.due(-5000, now) > 0.9
