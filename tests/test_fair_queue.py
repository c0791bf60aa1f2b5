"""Who has how much room in the queue, and in which order a chat is answered."""

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.state import StoredUpdate
from bot.telegram.receiving.fair_queue import FairQueue, chat_of, person_of

MOST = 1000


def said(number, person, chat=None):
    message = {"message_id": number, "chat": {"id": person if chat is None else chat}, "from": {"id": person}}
    return {"update_id": number, "message": message}


def stored(update):
    return StoredUpdate(update["update_id"], update, 0.0)


def offer(queue, updates):
    """Add those that fit; return how many did."""
    fitting, beyond = queue.share_out(updates)
    assert [*fitting, *beyond] == sorted([*fitting, *beyond], key=lambda one: one in beyond)
    for one in fitting:
        queue.add(stored(one))
    return len(fitting)


def test_one_person_gets_a_part_of_the_room_whatever_chat_it_is_in():
    queue = FairQueue(MOST)
    assert offer(queue, [said(number, 7, chat=-(number % 9)) for number in range(MOST)]) == 180


@pytest.mark.parametrize("strangers", [1, 5, 20])
def test_however_many_send_too_much_somebody_else_finds_room(strangers):
    queue, numbers = FairQueue(MOST), count()
    for _ in range(30):
        offer(queue, [said(next(numbers), person) for person in range(strangers) for _ in range(100)])
    assert not queue.is_full
    assert offer(queue, [said(next(numbers), 5000)]) == 1


def test_groups_however_busy_leave_room_for_private_chats():
    queue, numbers = FairQueue(MOST), count()
    for group in range(-8, 0):
        offer(queue, [said(next(numbers), person, group) for person in range(500) for _ in range(2)])
    assert not queue.is_full
    assert offer(queue, [said(next(numbers), 5000)]) == 1


def test_room_that_was_left_is_free_again():
    queue = FairQueue(MOST)
    assert offer(queue, [said(number, 7) for number in range(MOST)]) == 180
    queue.remove_first(7)
    assert offer(queue, [said(MOST, 7), said(MOST + 1, 7)]) == 1
    queue.remove(7)
    assert len(queue) == queue.waiting(7) == 0
    assert offer(queue, [said(number, 7) for number in range(MOST)]) == 180


def test_what_is_little_is_never_left_out_even_if_the_queue_is_full():
    queue, numbers = FairQueue(MOST), count()
    assert offer(queue, [said(next(numbers), person) for person in range(MOST) for _ in range(10)]) == 10 * MOST
    assert queue.is_full
    assert offer(queue, [said(next(numbers), 0)]) == 0


@given(st.lists(st.integers(0, 4), min_size=1, max_size=40), st.integers(0, 40))
def test_in_a_chat_each_persons_updates_keep_their_order_and_nobody_waits_for_two_of_another(persons, later):
    queue, order = FairQueue(MOST), []
    waiting = list(enumerate(persons))
    for number, person in waiting[:later]:
        queue.add(stored(said(number, person, -1)))
    for number, person in waiting[later:]:  # these arrive while the others are answered
        if queue.waiting(-1):
            order.append(queue.first(-1).update_id)
            queue.remove_first(-1)
        queue.add(stored(said(number, person, -1)))
    while queue.waiting(-1):
        order.append(queue.first(-1).update_id)
        queue.remove_first(-1)
    assert sorted(order) == [*range(len(persons))]
    for person in set(persons):
        own = [number for number in order if persons[number] == person]
        assert own == sorted(own)
    first = [persons[number] for number in order if number == persons.index(persons[number])]
    for person in first if later >= len(persons) else ():
        before = [persons[number] for number in order[: order.index(persons.index(person))]]
        assert len(before) == len(set(before))


@pytest.mark.parametrize(
    ("update", "person"),
    [
        ({"update_id": 1, "message": {"chat": {"id": -7}, "from": {"id": 8}}}, 8),
        ({"update_id": 1, "message": {"chat": {"id": -7}, "from": {"id": 8}, "sender_chat": {"id": -9}}}, -9),
        (
            {"update_id": 1, "callback_query": {"from": {"id": 8}, "message": {"chat": {"id": -7}, "from": {"id": 1}}}},
            8,
        ),
        ({"update_id": 1, "inline_query": {"from": {"id": 8}}}, 8),
        ({"update_id": 1, "channel_post": {"chat": {"id": -7}}}, -7),
        ({"update_id": 1, "message": None}, ("update", 1)),
    ],
)
def test_whose_share_an_update_counts_towards(update, person):
    assert person_of(update) == person


@pytest.mark.parametrize(
    ("update", "chat"),
    [
        ({"update_id": 1, "message": {"chat": {"id": 7}, "from": {"id": 8}}}, 7),
        ({"update_id": 1, "edited_message": {"chat": {"id": -7}}}, -7),
        ({"update_id": 1, "callback_query": {"from": {"id": 8}, "message": {"chat": {"id": 7}}}}, 7),
        ({"update_id": 1, "callback_query": {"from": {"id": 8}, "inline_message_id": "x"}}, 8),
        ({"update_id": 1, "inline_query": {"from": {"id": 8}}}, 8),
        ({"update_id": 1, "message": {"chat": "x", "from": [1]}}, ("update", 1)),
        ({"update_id": 1, "message": None}, ("update", 1)),
        ({"update_id": 1, "callback_query": {"message": "x"}}, ("update", 1)),
    ],
)
def test_which_updates_belong_together(update, chat):
    assert chat_of(update) == chat
