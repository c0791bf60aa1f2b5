"""Stored updates on their way to the handlers: order, slots, failures, hangs, and that none of it loses an update."""

import asyncio
import sqlite3
import threading
import time
from collections import Counter

import pytest
from telegram.error import Forbidden, RetryAfter

from bot.state import Inbox, StateError
from bot.telegram.monitoring.logs import current_update
from bot.telegram.monitoring.prometheus_metrics import Metrics
from bot.telegram.receiving import dispatcher
from bot.telegram.receiving.dispatcher import MOST_WAITING, Dispatcher, Unparsable
from bot.telegram.sending.failures import Unanswered, Undelivered
from bot.telegram.sending.slots import release_slot, take_slot

WORKERS = 3


def update(number, chat=None, **more):
    message = {"message_id": number, "chat": {"id": number if chat is None else chat}}
    return {"update_id": number, "message": message | more}


@pytest.fixture
def inbox(tmp_path):
    with Inbox(tmp_path / "state.db") as opened:
        yield opened


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """Wait as the bot does, only less."""
    monkeypatch.setattr(dispatcher, "_FAILURE_PAUSE", 0.01)
    monkeypatch.setattr(dispatcher, "_OUTAGE_PAUSES", (0.02, 0.04))
    monkeypatch.setattr(dispatcher, "_CANCEL_GRACE", 0.05)


class Office:
    """A dispatcher at work; `handled` and `dead` are what it has done."""

    def __init__(self, inbox, handle, workers=WORKERS, longest=5.0):
        self.handle, self.handled, self.dead, self.left_out, self._has_started = handle, [], {}, [], False
        self.dispatcher = Dispatcher(
            inbox, self._handle, workers, metrics=Metrics(), on_dead_letter=self._dead, longest=longest,
            on_left_out=lambda one: self.left_out.append(one["update_id"]),
        )  # fmt: skip

    async def _handle(self, letter):
        await self.handle(letter)
        self.handled.append(letter.update_id)

    async def _dead(self, dead, letter):
        assert dead.update_id == letter.update_id
        self.dead[dead.update_id] = dead

    async def until_idle(self, *updates):
        if updates and not self._has_started:
            await self.dispatcher.start()
        self._has_started = True
        await self.dispatcher.receive(updates)
        await until(lambda: not self.dispatcher.queued and not self.dispatcher.in_hand)
        return self


async def until(true):
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


def open_ids(inbox):
    return [letter.update_id for letter in inbox.waiting()]


async def nothing(_):
    await asyncio.sleep(0)


async def test_what_is_received_is_on_the_disk_before_receive_returns(inbox, tmp_path):
    block = asyncio.Event()
    office = Office(inbox, lambda _: block.wait())
    await office.dispatcher.receive([update(1), update(2)])
    with Inbox(tmp_path / "state.db") as other:
        assert open_ids(other) == [1, 2]
    block.set()
    await office.until_idle()
    assert open_ids(inbox) == []


async def test_a_repeated_update_is_handled_once(inbox):
    office = await Office(inbox, nothing).until_idle(update(1))
    await office.until_idle(update(1), update(2))
    assert office.handled == [1, 2]


async def test_what_the_last_run_left_is_handled_first(inbox):
    inbox.take([update(1, 7), update(2, 7)])
    office = await Office(inbox, nothing).until_idle(update(3, 7))
    assert office.handled == [1, 2, 3]


async def test_a_chat_is_answered_in_order_and_the_others_do_not_wait_for_it(inbox):
    block = asyncio.Event()

    async def handle(letter):
        if letter.update_id == 1:
            await block.wait()

    office = Office(inbox, handle)
    await office.dispatcher.receive([update(1, 7), update(2, 7), update(3, 8), update(4, 9)])
    await until(lambda: len(office.handled) == 2)
    assert set(office.handled) == {3, 4}
    block.set()
    await office.until_idle()
    assert office.handled[2:] == [1, 2]


async def test_at_most_so_many_are_sending_and_others_wait_until_those_are_marked(inbox):
    sending, most = set(), 0

    async def handle(letter):
        nonlocal most
        await take_slot()
        sending.add(letter.update_id)
        most = max(most, len(sending.intersection(open_ids(inbox))))
        await asyncio.sleep(0.01)

    office = await Office(inbox, handle).until_idle(*map(update, range(1, 20)))
    assert len(office.handled) == 19
    assert most == WORKERS


async def test_who_waits_lets_others_send(inbox):
    block = asyncio.Event()

    async def handle(letter):
        await take_slot()
        if letter.update_id <= WORKERS:
            release_slot()
            await block.wait()
            await take_slot()

    office = Office(inbox, handle)
    await office.dispatcher.receive([update(number) for number in range(1, WORKERS + 3)])
    await until(lambda: office.handled == [WORKERS + 1, WORKERS + 2])
    block.set()
    await office.until_idle()
    assert sorted(office.handled) == [1, 2, 3, 4, 5]
    assert office.dead == {}


async def test_a_handler_that_fails_with_a_slot_leaves_it_to_others(inbox):
    async def handle(letter):
        await take_slot()
        if letter.update_id == 1:
            raise ValueError("a defect")

    office = await Office(inbox, handle, workers=1).until_idle(update(1), update(2))
    assert office.handled == [2]
    assert office.dead.keys() == {1}


async def test_what_fails_three_times_is_put_aside_and_the_next_is_handled(inbox):
    tries = Counter()

    async def handle(letter):
        tries[letter.update_id] += 1
        if letter.update_id == 1:
            raise ValueError("a defect")

    office = await Office(inbox, handle).until_idle(update(1, 7), update(2, 7))
    assert tries == {1: 3, 2: 1}
    assert office.dead[1].reason == "ValueError: a defect"
    assert office.dead[1].tries == 3
    assert [dead.update_id for dead in inbox.dead_letters()] == [1]
    assert open_ids(inbox) == []


async def test_what_fails_once_is_handled_in_the_end(inbox):
    tries = Counter()

    async def handle(letter):
        tries[letter.update_id] += 1
        if tries[letter.update_id] < 3:
            raise KeyError("not yet")

    office = await Office(inbox, handle).until_idle(update(1))
    assert office.handled == [1]
    assert office.dead == {}


async def test_what_cannot_be_read_is_put_aside_at_once(inbox):
    async def handle(_):
        raise Unparsable("no chat")

    office = await Office(inbox, handle).until_idle(update(1))
    assert office.dead[1].reason == "cannot be read: no chat"


async def test_what_hangs_is_given_up_also_when_it_will_not_end(inbox):
    async def handle(letter):
        if letter.update_id > WORKERS:
            return
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                if letter.update_id == 1:
                    raise
                if letter.update_id == 2:
                    await asyncio.sleep(0.3)  # it takes its time, and goes on holding nobody up
                    return

    office = Office(inbox, handle, longest=0.1)
    first = [update(number) for number in (1, 2)]
    await office.until_idle(*first, *map(update, range(10, 20)))
    assert office.dead.keys() == {1, 2}
    assert office.dead[1].reason == "took longer than 0.1 s"
    assert sorted(office.handled) == list(range(10, 20))
    await asyncio.sleep(0.3)


async def test_while_telegram_cannot_be_reached_a_letter_is_kept_and_its_chat_waits(inbox):
    tries = Counter()

    async def handle(letter):
        tries[letter.update_id] += 1
        if letter.update_id == 1 and tries[1] < 6:
            raise Undelivered("refused")

    office = await Office(inbox, handle, workers=1).until_idle(update(1, 7), update(2, 7), update(3, 8))
    assert office.handled == [3, 1, 2]
    assert office.dead == {}


async def test_a_long_hold_of_telegrams_is_obeyed_without_a_place(inbox):
    tries = Counter()

    async def handle(letter):
        tries[letter.update_id] += 1
        if letter.update_id == 1 and tries[1] == 1:
            raise RetryAfter(1)

    office = await Office(inbox, handle, workers=1).until_idle(update(1), update(2))
    assert office.handled == [2, 1]


@pytest.mark.parametrize("error", [Unanswered(), Forbidden("blocked")])
async def test_a_reply_that_may_exist_or_never_can_is_not_tried_again(inbox, error):
    tries = Counter()

    async def handle(letter):
        tries[letter.update_id] += 1
        raise error

    office = await Office(inbox, handle).until_idle(update(1))
    assert tries[1] == 1
    assert office.dead == {}
    assert open_ids(inbox) == []


async def test_something_that_was_cancelled_inside_a_handler_is_a_failure_like_others(inbox):
    async def handle(letter):
        if letter.update_id == 1:
            future = asyncio.get_running_loop().create_future()
            future.cancel()
            await future

    office = await Office(inbox, handle).until_idle(update(1, 7), update(2, 7))
    assert office.handled == [2]
    assert office.dead.keys() == {1}


async def test_who_gives_up_waiting_for_an_intake_loses_nothing(inbox, tmp_path):
    office = await Office(inbox, nothing).until_idle(update(9))
    other = sqlite3.connect(tmp_path / "state.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    receiving = asyncio.create_task(office.dispatcher.receive([update(1)]))
    await asyncio.sleep(0.1)  # it has begun, and waits for the file
    receiving.cancel()
    other.close()
    with pytest.raises(asyncio.CancelledError):
        await receiving
    await asyncio.sleep(0.1)
    await office.until_idle(update(1))
    assert office.handled == [9, 1]


async def test_a_stop_finishes_what_is_in_hand_and_leaves_the_rest_in_the_inbox(inbox):
    block = asyncio.Event()
    office = Office(inbox, lambda _: block.wait())
    await office.dispatcher.receive([update(1, 7), update(2, 7), update(3, 8), update(4, 9)])
    await until(lambda: office.dispatcher.in_hand == 3)
    stopping = asyncio.create_task(office.dispatcher.stop())
    await asyncio.sleep(0.02)
    assert not stopping.done()
    block.set()
    await stopping
    assert sorted(office.handled) == [1, 3, 4]
    assert open_ids(inbox) == [2]


async def test_a_chat_that_was_idle_is_served_again(inbox):
    office = await Office(inbox, nothing).until_idle(update(1, 7))
    async with asyncio.timeout(5):
        await office.until_idle(update(2, 7))
    assert office.handled == [1, 2]
    assert not len(office.dispatcher._queue)  # nothing is kept of who is silent


async def test_a_stop_does_not_wait_for_the_next_try_of_what_was_not_delivered(inbox, monkeypatch):
    monkeypatch.setattr(dispatcher, "_OUTAGE_PAUSES", (60.0,))

    async def handle(letter):
        if letter.update_id == 1:
            raise Undelivered("refused")

    office = Office(inbox, handle)
    await office.dispatcher.receive([update(1), update(2)])
    await until(lambda: office.handled == [2] and not office.dispatcher.in_hand)
    async with asyncio.timeout(5):
        await office.dispatcher.stop()
    assert open_ids(inbox) == [1]


async def test_a_stop_waits_for_what_is_being_sent_and_leaves_the_rest_to_the_next_start(inbox, monkeypatch):
    monkeypatch.setattr(dispatcher, "_LONGEST_UNSENT", 0.1)
    over = asyncio.Event()

    async def handle(letter):
        if letter.update_id == 1:
            await take_slot()
            await over.wait()
        else:
            await asyncio.sleep(60)

    office = Office(inbox, handle)
    await office.dispatcher.receive([update(1), update(2)])
    await until(lambda: office.dispatcher.in_hand == 2)
    stopping = asyncio.create_task(office.dispatcher.stop())
    await until(lambda: office.dispatcher.in_hand == 1)
    assert not stopping.done()
    over.set()
    async with asyncio.timeout(5):
        await stopping
    assert office.handled == [1]
    assert open_ids(inbox) == [2]


async def test_an_inbox_that_cannot_be_written_takes_nothing(inbox, tmp_path):
    office = Office(inbox, nothing)
    holder = threading.Event(), threading.Event()

    def hold():
        connection = sqlite3.connect(tmp_path / "state.db", isolation_level=None)
        connection.execute("BEGIN EXCLUSIVE")
        holder[0].set()
        holder[1].wait()
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    holder[0].wait()
    with pytest.raises(StateError, match="is locked by"):
        await office.dispatcher.receive([update(1)])
    holder[1].set()
    thread.join()
    await office.until_idle(update(1))
    assert office.handled == [1]


async def test_what_is_beyond_a_share_is_neither_stored_nor_handled_and_the_others_are_not_kept_waiting(inbox):
    block = asyncio.Event()

    async def handle(letter):
        if letter.update_id <= 2500:
            await block.wait()

    office = Office(inbox, handle)
    for first in range(1, 2500, 100):  # as they are fetched
        await office.dispatcher.receive([update(number, 7) for number in range(first, first + 100)])
    await office.dispatcher.receive([update(3000, 8)])
    await until(lambda: office.handled == [3000])
    assert office.left_out == [*range(181, 2501)]
    assert [number for number in open_ids(inbox) if number < 3000] == [*range(1, 181)]
    block.set()
    await office.until_idle()
    assert office.handled == [3000, *range(1, 181)]


async def test_a_new_start_handles_what_the_last_one_left_however_much_that_is(inbox):
    inbox.take([update(number, 7) for number in range(1, 301)])
    office = await Office(inbox, nothing).until_idle(update(301, 7))
    assert office.handled == [*range(1, 301)]
    assert office.left_out == [301]


async def test_in_a_group_everybody_has_their_turn(inbox):
    office = Office(inbox, nothing)
    sent = [(1, 40), (2, 40), (3, 40), (4, 50), (5, 60), (6, 50)]
    await office.until_idle(*(update(number, -7, **{"from": {"id": person}}) for number, person in sent))
    assert office.handled == [1, 4, 5, 2, 6, 3]


async def test_it_is_full_when_a_thousand_wait(inbox):
    block = asyncio.Event()
    office = Office(inbox, lambda _: block.wait())
    await office.dispatcher.receive([update(number) for number in range(1, MOST_WAITING)])
    assert not office.dispatcher.is_full
    await office.dispatcher.receive([update(MOST_WAITING)])
    assert office.dispatcher.is_full
    await until(lambda: office.dispatcher.in_hand == MOST_WAITING)
    assert not office.dispatcher.queued
    block.set()
    await office.dispatcher.stop()


async def test_records_of_the_log_can_tell_which_update_is_in_hand(inbox):
    seen = {}

    async def handle(letter):
        await asyncio.sleep(0)
        seen[letter.update_id] = current_update.get()

    await Office(inbox, handle).until_idle(*map(update, range(1, 9)))
    assert seen == {number: number for number in range(1, 9)}


async def test_a_stop_ends_questions_only_once_nobody_can_be_told_that_they_failed(inbox, monkeypatch):
    monkeypatch.setattr(dispatcher, "_LONGEST_UNSENT", 0.1)
    ended, take = threading.Event(), inbox.take

    def take_slowly(updates):  # a disk that is slow: updates that arrived last are stored before anything is given up
        time.sleep(0.5)
        return take(updates)

    async def handle(letter):
        if letter.update_id == 1:
            await take_slot()
            while not ended.is_set():  # noqa: ASYNC110 - is being sent while the others' questions take the processor
                await asyncio.sleep(0.01)
        else:
            await asyncio.get_running_loop().run_in_executor(None, ended.wait)

    office = Office(inbox, handle)
    await office.dispatcher.receive([update(1), update(2)])
    await until(lambda: office.dispatcher.in_hand == 2)
    monkeypatch.setattr(inbox, "take", take_slowly)
    last = asyncio.create_task(office.dispatcher.receive([update(3)]))
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await office.dispatcher.stop(ended.set)
        await last
    assert office.handled == [1]
    assert open_ids(inbox) == [2, 3]


async def test_what_is_held_is_stored_and_told_and_handled_in_order_once_it_is_released(inbox):
    inbox.take([update(1, chat=5)])  # by the run before, which told whom it had to
    office, held = Office(inbox, nothing), []
    office.dispatcher.hold(lambda one: held.append(one["update_id"]))
    await office.dispatcher.start()
    await office.dispatcher.receive([update(2, chat=5), update(3, chat=6)])
    await asyncio.sleep(0.05)
    assert (held, office.handled, open_ids(inbox)) == ([2, 3], [], [1, 2, 3])
    office.dispatcher.release()
    await office.until_idle()
    assert (held, sorted(office.handled), office.handled.index(1) < office.handled.index(2)) == (
        [2, 3],
        [1, 2, 3],
        True,
    )


async def test_a_stop_leaves_what_is_held_in_the_inbox(inbox):
    office = Office(inbox, nothing)
    office.dispatcher.hold(lambda _: None)
    await office.dispatcher.receive([update(1)])
    await office.dispatcher.stop()
    assert (office.handled, open_ids(inbox)) == ([], [1])
