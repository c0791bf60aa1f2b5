"""Updates on their way to the disk and what became of them, while the disk is slow or somebody else holds the file."""

import asyncio
import sqlite3
import time
from contextlib import contextmanager

import pytest

from bot.state import Inbox, StateError
from bot.state.database import WAIT
from bot.telegram.monitoring.metrics import Metrics
from bot.telegram.receiving import inbox_writer as intakes
from bot.telegram.receiving.dispatcher import Dispatcher
from bot.telegram.receiving.inbox_writer import InboxWriter


class CountingInbox(Inbox):
    """An inbox that tells how many updates came with each commit."""

    def __init__(self, path):
        self.taken = []
        super().__init__(path)

    def take(self, updates):
        self.taken.append(len(updates))
        return super().take(updates)


@pytest.fixture
def inbox(tmp_path):
    with CountingInbox(tmp_path / "state.db") as opened:
        yield opened


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """Wait as the bot does, only less."""
    monkeypatch.setattr(intakes, "_BETWEEN_TRIES", 0.01)


@contextmanager
def held(inbox):
    """Hold the file as another program may."""
    holder = sqlite3.connect(inbox.path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        holder.close()


def update(number):
    return {"update_id": number, "message": {"message_id": number, "chat": {"id": number}}}


def numbers(letters):
    return [letter.update_id for letter in letters]


async def test_what_comes_while_the_disk_is_busy_is_committed_together_and_in_order(inbox):
    queued = []
    intake = InboxWriter(inbox, queued.extend)
    with held(inbox):
        first = asyncio.create_task(intake.take([update(1)]))
        await asyncio.sleep(0.05)
        others = [asyncio.create_task(intake.take([update(number)])) for number in range(2, 40)]
        await asyncio.sleep(0.05)
        assert not any(task.done() for task in (first, *others))
    await asyncio.gather(first, *others)
    assert inbox.taken == [1, 38]
    assert numbers(queued) == numbers(inbox.waiting()) == list(range(1, 40))
    intake.close()


async def test_all_that_was_to_be_committed_together_hears_that_it_was_not(inbox):
    intake = InboxWriter(inbox, lambda _: None)
    with held(inbox):
        takings = [asyncio.create_task(intake.take([update(number)])) for number in (1, 2, 3)]
        failures = await asyncio.gather(*takings, return_exceptions=True)
    assert [type(failure) for failure in failures] == [StateError] * 3
    await intake.take([update(2)])
    assert numbers(inbox.waiting()) == [2]
    intake.close()


async def test_one_of_several_who_gives_up_takes_nothing_from_the_others(inbox):
    queued = []
    intake = InboxWriter(inbox, queued.extend)
    with held(inbox):
        takings = [asyncio.create_task(intake.take([update(number)])) for number in (1, 2)]
        await asyncio.sleep(0.05)
        takings[0].cancel()
        await asyncio.wait({takings[0]})
    await takings[1]
    assert numbers(queued) == [1, 2]
    intake.close()


async def test_the_end_waits_for_what_has_come(inbox):
    intake = InboxWriter(inbox, lambda _: None)
    with held(inbox):
        taking = asyncio.create_task(intake.take([update(1)]))
        await asyncio.sleep(0.05)
        finishing = asyncio.create_task(intake.finish())
        await asyncio.sleep(0.05)
        assert not finishing.done()
    await finishing
    assert numbers(inbox.waiting()) == [1]
    await taking
    intake.close()


async def test_a_mark_waits_for_a_commit_without_holding_the_loop_up(inbox):
    inbox.take([update(1)])
    intake = InboxWriter(inbox, lambda _: None)
    latest, begun = 0.0, time.perf_counter()
    with held(inbox):
        taking = asyncio.create_task(intake.take([update(2)]))
        await asyncio.sleep(0.01)
        marking = asyncio.create_task(intake.mark(lambda: inbox.done(1)))
        for _ in range(20):
            at = time.perf_counter()
            await asyncio.sleep(0.01)
            latest = max(latest, time.perf_counter() - at)
        assert not marking.done()
    await asyncio.gather(taking, marking)
    assert latest < (time.perf_counter() - begun) / 2  # held up, it would have been for nearly all of it
    assert numbers(inbox.waiting()) == [2]
    intake.close()


async def test_what_is_answered_is_marked_once_the_file_is_free_and_not_answered_again(inbox):
    handled = []

    async def handle(letter):
        handled.append(letter.update_id)
        await asyncio.sleep(0)

    async def dead(*_):
        raise AssertionError("an update was put aside")

    dispatcher = Dispatcher(inbox, handle, 1, metrics=Metrics(), on_dead=dead)
    inbox.take([update(1), update(2)])
    await dispatcher.start()
    with held(inbox):
        while dispatcher.in_hand == 0:  # noqa: ASYNC110
            await asyncio.sleep(0)
        await asyncio.sleep(0.7)  # longer than the inbox waits for the file
        assert handled == [1]  # the place is held until it is marked
    async with asyncio.timeout(5):
        while dispatcher.in_hand or dispatcher.queued:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert handled == [1, 2]
    assert inbox.waiting() == []
    await dispatcher.stop()


async def test_while_another_program_holds_the_file_one_mark_alone_holds_the_loop_up(inbox):
    inbox.take([update(number) for number in range(1, 6)])
    intake = InboxWriter(inbox, lambda _: None)
    with held(inbox):
        marks = [asyncio.create_task(intake.mark(lambda number=number: inbox.done(number))) for number in range(1, 6)]
        await asyncio.sleep(0)
        begun = time.perf_counter()
        await asyncio.sleep(0)
        for _ in range(5):
            await asyncio.sleep(0.001)
        assert time.perf_counter() - begun < 2 * WAIT  # each on the loop: five times WAIT
        assert not any(mark.done() for mark in marks)
    await asyncio.gather(*marks)
    assert inbox.waiting() == []
    intake.close()
