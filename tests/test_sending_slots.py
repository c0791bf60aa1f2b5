"""The slots of updates: each is given back once, whichever task of the update takes it and whenever the update ends."""

import asyncio

from bot.telegram.sending.slots import SendSlot, release_slot, take_slot


async def test_a_slot_is_taken_once_and_given_back_at_the_end():
    free = asyncio.Semaphore(1)
    with SendSlot(free):
        await take_slot()
        await take_slot()  # it is held already
        assert free.locked()
        release_slot()
        release_slot()
        assert not free.locked()
        await take_slot()
    assert not free.locked()


async def test_two_tasks_of_an_update_share_its_slot():
    free = asyncio.Semaphore(1)
    with SendSlot(free):
        async with asyncio.timeout(5):
            await asyncio.gather(take_slot(), take_slot())
        assert free.locked()
    assert not free.locked()


async def test_a_task_that_outlives_its_update_waits_for_no_slot():
    free, over = asyncio.Semaphore(1), asyncio.Event()

    async def send_later():
        await over.wait()
        await take_slot()

    with SendSlot(free):
        later = asyncio.create_task(send_later())
    with SendSlot(free):
        await take_slot()
        over.set()
        async with asyncio.timeout(5):
            await later
    assert not free.locked()


async def test_an_update_that_ends_while_a_task_of_it_waits_for_a_slot_leaves_that_to_others():
    free = asyncio.Semaphore(0)
    with SendSlot(free):
        waiting = asyncio.create_task(take_slot())
        await asyncio.sleep(0)
    free.release()
    await waiting
    assert not free.locked()


async def test_who_gives_up_waiting_takes_no_slot():
    free = asyncio.Semaphore(0)
    with SendSlot(free):
        waiting = asyncio.create_task(take_slot())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait({waiting})
        free.release()
        async with asyncio.timeout(5):
            await take_slot()
    assert not free.locked()


async def test_outside_of_an_update_nothing_is_limited():
    await take_slot()
    release_slot()
