"""The clock and the place of a turn: both come back to it once, whoever of its tasks steps aside and when it ends."""

import asyncio

import pytest

from bot.telegram.slots import Places, Turn, aside


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


LONGEST = 60.0  # seconds


async def compose_and_send(name, places, events, composing=0):
    """Take a turn as a handler does that has to wait for its time before it may send."""
    async with Turn(places, LONGEST) as turn:
        turn.is_current()
        await asyncio.sleep(composing)
        events.append(f"composed {name}")
        async with aside():
            await asyncio.sleep(0.001)
        events.append(f"sent {name}")


async def test_who_comes_back_waits_for_a_few_and_not_for_all_that_come_new():
    events = []
    places = Places(1)
    async with asyncio.TaskGroup() as group:
        for name in range(50):
            group.create_task(compose_and_send(name, places, events, composing=0.005))
    sent_after = {name: events.index(f"sent {name}") - events.index(f"composed {name}") for name in range(50)}
    assert max(sent_after.values()) <= 6, events
    assert [event for event in events if "composed" in event] == [f"composed {name}" for name in range(50)]


async def test_no_more_are_in_their_places_than_there_are():
    places, inside, most = Places(3), 0, 0

    async def work():
        nonlocal inside, most
        async with Turn(places, LONGEST) as turn:
            turn.is_current()
            for _ in range(3):
                inside += 1
                most = max(most, inside)
                await asyncio.sleep(0.001)
                inside -= 1
                async with aside():
                    await asyncio.sleep(0.002)

    await asyncio.gather(*(work() for _ in range(20)))
    assert most == 3


async def test_whoever_gives_up_waiting_takes_nothing_away():
    events, places = [], Places(1)
    async with Turn(places, LONGEST):
        waiting = [asyncio.create_task(compose_and_send(name, places, events)) for name in range(4)]
        await asyncio.sleep(0.01)
        waiting[0].cancel()  # the next one
        waiting[2].cancel()
        assert not events
    await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), 5)
    assert sorted(events) == ["composed 1", "composed 3", "sent 1", "sent 3"]


async def test_whoever_gives_up_coming_back_leaves_as_many_places_as_there_were():
    events, places = [], Places(1)
    first = asyncio.create_task(compose_and_send("first", places, events))
    await asyncio.sleep(0)
    second = asyncio.create_task(compose_and_send("second", places, events, composing=0.05))
    await asyncio.sleep(0.02)
    first.cancel()
    await asyncio.wait_for(asyncio.gather(first, second, return_exceptions=True), 5)
    assert events == ["composed first", "composed second", "sent second"]
    async with asyncio.timeout(5), Turn(places, LONGEST):
        third = asyncio.create_task(compose_and_send("third", places, events))
        await asyncio.sleep(0.01)
        assert "composed third" not in events
    await third
