"""Updates on their way to the disk and what became of them, while the disk is slow or somebody else holds the file."""

import asyncio
import sqlite3
import threading
from contextlib import contextmanager

import pytest

from bot.state import Inbox, StateError
from bot.telegram.monitoring.prometheus_metrics import Metrics
from bot.telegram.receiving import inbox_writer
from bot.telegram.receiving.dispatcher import Dispatcher
from bot.telegram.receiving.inbox_writer import InboxWriter
from bot.telegram.sending.slots import take_slot


class CountingInbox(Inbox):
    """An inbox that tells how many updates came with each commit, and what marks did to the event loop."""

    def __init__(self, path):
        self.taken, self.is_taking, self.blocked, self.on_the_loop = [], False, 0, 0
        super().__init__(path)

    def take(self, updates):
        self.taken.append(len(updates))
        self.is_taking = True
        try:
            return super().take(updates)
        finally:
            self.is_taking = False

    def done(self, update_id):
        self.blocked += self.is_taking
        self.on_the_loop += threading.current_thread() is threading.main_thread()
        super().done(update_id)


@pytest.fixture
def inbox(tmp_path):
    with CountingInbox(tmp_path / "state.db") as opened:
        yield opened


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """Wait as the bot does, only less."""
    monkeypatch.setattr(inbox_writer, "_RETRY_PAUSE", 0.01)


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
        first = asyncio.create_task(intake.write([update(1)]))
        await asyncio.sleep(0.05)
        others = [asyncio.create_task(intake.write([update(number)])) for number in range(2, 40)]
        await asyncio.sleep(0.05)
        assert not any(task.done() for task in (first, *others))
    await asyncio.gather(first, *others)
    assert inbox.taken == [1, 38]
    assert numbers(queued) == numbers(inbox.waiting()) == list(range(1, 40))
    intake.close()


async def test_all_that_was_to_be_committed_together_hears_that_it_was_not(inbox):
    intake = InboxWriter(inbox, lambda _: None)
    with held(inbox):
        takings = [asyncio.create_task(intake.write([update(number)])) for number in (1, 2, 3)]
        failures = await asyncio.gather(*takings, return_exceptions=True)
    assert [type(failure) for failure in failures] == [StateError] * 3
    await intake.write([update(2)])
    assert numbers(inbox.waiting()) == [2]
    intake.close()


async def test_one_of_several_who_gives_up_takes_nothing_from_the_others(inbox):
    queued = []
    intake = InboxWriter(inbox, queued.extend)
    with held(inbox):
        takings = [asyncio.create_task(intake.write([update(number)])) for number in (1, 2)]
        await asyncio.sleep(0.05)
        takings[0].cancel()
        await asyncio.wait({takings[0]})
    await takings[1]
    assert numbers(queued) == [1, 2]
    intake.close()


async def test_the_end_waits_for_what_has_come(inbox):
    intake = InboxWriter(inbox, lambda _: None)
    with held(inbox):
        taking = asyncio.create_task(intake.write([update(1)]))
        await asyncio.sleep(0.05)
        finishing = asyncio.create_task(intake.finish())
        await asyncio.sleep(0.05)
        assert not finishing.done()
    await finishing
    assert numbers(inbox.waiting()) == [1]
    await taking
    intake.close()


async def test_a_mark_waits_for_a_commit_without_blocking_the_loop(inbox):
    inbox.take([update(1)])
    intake = InboxWriter(inbox, lambda _: None)
    with held(inbox):
        taking = asyncio.create_task(intake.write([update(2)]))
        while not inbox.is_taking:  # noqa: ASYNC110
            await asyncio.sleep(0)
        marking = asyncio.create_task(intake.mark(lambda: inbox.done(1)))
        await asyncio.sleep(0.05)
        assert inbox.is_taking
        assert not marking.done()
    await asyncio.gather(taking, marking)
    assert inbox.blocked == 0
    assert numbers(inbox.waiting()) == [2]
    intake.close()


async def test_what_is_answered_is_marked_once_the_file_is_free_and_not_answered_again(inbox):
    handled = []

    async def handle(letter):
        await take_slot()
        handled.append(letter.update_id)

    async def dead(*_):
        raise AssertionError("an update was put aside")

    dispatcher = Dispatcher(inbox, handle, 1, metrics=Metrics(), on_dead_letter=dead)
    inbox.take([update(1), update(2)])
    await dispatcher.start()
    with held(inbox):
        while dispatcher.in_hand == 0:  # noqa: ASYNC110
            await asyncio.sleep(0)
        await asyncio.sleep(0.7)  # longer than the inbox waits for the file
        assert handled == [1]  # the slot is held until it is marked
    async with asyncio.timeout(5):
        while dispatcher.in_hand or dispatcher.queued:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert handled == [1, 2]
    assert inbox.waiting() == []
    await dispatcher.stop()


async def test_while_another_program_holds_the_file_one_mark_alone_blocks_the_loop(inbox):
    inbox.take([update(number) for number in range(1, 6)])
    intake = InboxWriter(inbox, lambda _: None)
    with held(inbox):
        marks = [asyncio.create_task(intake.mark(lambda number=number: inbox.done(number))) for number in range(1, 6)]
        await asyncio.sleep(0.05)
        assert inbox.on_the_loop == 1
        assert not any(mark.done() for mark in marks)
    await asyncio.gather(*marks)
    assert inbox.waiting() == []
    intake.close()
