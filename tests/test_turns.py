"""The clock and the place of a turn: both come back to it once, whoever of its tasks steps aside and when it ends."""

import asyncio

import pytest

from bot.telegram.turns import Places, Turn, aside


async def free(places):
    """Tell whether somebody who comes new gets a place at once."""
    try:
        async with asyncio.timeout(0.1), Turn(places, 60):
            return True
    except TimeoutError:
        return False


async def test_time_aside_is_given_back_and_other_time_is_not():
    async with Turn(Places(1), 10.0) as turn:
        turn.is_current()
        await asyncio.sleep(0.1)
        worked = 10.0 - turn.left
        async with aside():
            await asyncio.sleep(0.3)
            assert 10.0 - turn.left == pytest.approx(worked, abs=0.05)
            assert turn.aside_for >= 0.29
        assert 0.09 <= 10.0 - turn.left < 0.35
        assert turn.aside_for == 0


async def test_while_it_is_aside_its_place_is_free_and_then_it_has_it_again():
    places = Places(1)
    async with Turn(places, 60) as turn:
        turn.is_current()
        assert not await free(places)
        async with aside():
            assert await free(places)
        assert not await free(places)
    assert await free(places)


async def test_two_tasks_of_a_turn_that_are_aside_together_have_one_place():
    places = Places(1)

    async def rest(seconds):
        async with aside():
            await asyncio.sleep(seconds)

    async with Turn(places, 60) as turn:
        turn.is_current()
        async with asyncio.timeout(2):
            await asyncio.gather(rest(0.05), rest(0.01))
        assert not await free(places)
    assert await free(places)


async def test_a_task_that_outlives_its_turn_waits_for_no_place():
    places = Places(1)

    async def later(over):
        await over.wait()
        async with aside():
            pass

    over = asyncio.Event()
    async with Turn(places, 60) as turn:
        turn.is_current()
        task = asyncio.create_task(later(over))
        await asyncio.sleep(0)
    async with Turn(places, 60), asyncio.timeout(2):  # all places are taken
        over.set()
        await task


async def test_a_turn_that_ends_while_a_task_of_it_is_aside_leaves_its_place_to_others():
    places, over = Places(1), asyncio.Event()

    async def rest():
        async with aside():
            await over.wait()

    async with Turn(places, 60) as turn:
        turn.is_current()
        task = asyncio.create_task(rest())
        await asyncio.sleep(0)
    over.set()
    await task
    assert await free(places)
