"""Who gets a place next: what is composed goes out before more is composed, however many wait."""

import asyncio

from bot.telegram.turns import Places, Turn, aside

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
