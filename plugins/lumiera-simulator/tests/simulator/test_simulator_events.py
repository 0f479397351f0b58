"""The stream of events: live, complete for whoever comes back, and over when the bot stops."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from lumiera_simulator import events, messages
from lumiera_simulator.messages import Body
from lumiera_simulator.plugin import Simulator

from lumiera import Bubble, StoreError

Start = Callable[..., Awaitable[Any]]


async def test_a_message_its_turn_and_the_answer_come_as_they_happen(site: Any) -> None:
    async with site.listen() as stream:
        await site.says("bonjour")
        await stream.until("message", direction="out", status="delivered")
        turn = stream.named("turn")[0].data
        (asked, answer) = await site.thread()
    assert turn == {"person": 1, "turn": asked["turn"]}
    assert stream.named("message")[-1].data == answer
    marks = [int(event.id) for event in stream.named("message")]
    assert marks == sorted(marks)
    assert not any(event.id for event in stream.seen if event.name != "message")


async def test_a_page_that_comes_back_is_told_what_it_missed_once(site: Any) -> None:
    async with site.listen() as stream:
        await site.says("bonjour")
        await stream.until("message", direction="out", status="delivered")
        last = stream.named("message")[-1].id
    await site.says("aide")
    await site.gets(2)
    await site.until(lambda: site.thread(), lambda found: found[-1]["status"] == "delivered")
    async with site.listen(last=last) as stream:
        await stream.until("message", direction="out", status="delivered")
        missed = [event.data for event in stream.named("message")]
    assert missed == (await site.thread())[2:]


async def test_the_mark_of_the_last_event_wins_over_the_address(site: Any) -> None:
    await site.says("bonjour")
    async with site.listen(after=0) as stream:
        await stream.until("message", direction="out", status="delivered")
    async with site.listen(after=0, last=str(10**17)) as stream:
        assert stream.named("hello")[0].data["revision"] < 100
        await site.says("aide")
        first = await stream.until("message")
    assert first.data["text"] == "aide"


async def test_more_than_fits_at_once_is_told_in_order(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "AT_ONCE", 7)

    def write(tx: Any) -> None:
        for n in range(50):
            messages.put(tx, 1 + n % 3, "out", f"S{n}", Body(text=str(n)), site.bot.now())

    await site.bot.store.run(write)
    async with site.listen(after=0) as stream:
        await stream.until("message", text="49")
    assert [event.data["text"] for event in stream.named("message")] == [str(n) for n in range(50)]


async def test_two_pages_see_the_same(site: Any) -> None:
    async with site.listen() as one, site.listen() as other:
        await site.says("bonjour")
        for stream in (one, other):
            await stream.until("message", direction="out", status="delivered")
        assert one.named("message")[-1] == other.named("message")[-1]


async def test_what_another_process_sends_is_seen_within_a_second(start: Start) -> None:
    site, other = await start(), await start()
    async with site.listen() as stream:
        await other.bot.channels["simulator"].send("+33639980199", Bubble(text="Rappel", template="HX1"))
        async with asyncio.timeout(1.5):
            await stream.until("person", phone="+33639980199")
            await stream.until("message", text="Rappel")


async def test_a_turn_of_another_process_is_seen_too(start: Start) -> None:
    site, other = await start(), await start()
    async with site.listen() as stream:
        await other.says("bonjour", person=4)
        turn = await stream.until("turn", person=4)
    assert turn.data["turn"] == (await site.turns(4))[0]["id"]


async def test_whoever_was_made_while_a_page_was_away_is_told(site: Any) -> None:
    await site.post("people", {"phone": "+33639980177", "name": "Zoé", "language": "fr"})
    async with site.listen(after=0) as stream:
        assert (await stream.until("person", phone="+33639980177")).data["name"] == "Zoé"


async def test_a_store_that_fails_lets_the_page_go_and_take_up_later(
    site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write(f"GET /simulator/events HTTP/1.1\r\nHost: {site.host}\r\n\r\n".encode())
    await reader.readuntil(b"event: hello")

    async def fail(operation: object) -> None:
        raise StoreError("the disk is gone")

    with monkeypatch.context() as patched:
        patched.setattr(site.bot.store, "read", fail)
        async with asyncio.timeout(2):
            await reader.readuntil(b"\r\n0\r\n\r\n")
    writer.close()
    async with site.listen():
        pass


async def test_what_is_published_reaches_every_open_page(start: Start) -> None:
    site = await start()
    async with site.listen() as one, site.listen() as other:
        await site.post("clock", {"seconds": 60})
        for stream in (one, other):
            assert (await stream.until("clock")).data["ahead"] == 60


async def test_a_page_that_is_silent_is_told_that_the_connection_lives(
    site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "SILENCE", 0.1)
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write(f"GET /simulator/events HTTP/1.1\r\nHost: {site.host}\r\n\r\n".encode())
    async with asyncio.timeout(5):
        await reader.readuntil(b": still here\n\n")
        await reader.readuntil(b": still here\n\n")
    writer.close()


async def test_a_page_that_left_is_forgotten(start: Start) -> None:
    simulator = Simulator(Simulator.Settings())
    site = await start(simulator=simulator)
    async with site.listen():
        assert simulator.parts.events.listening == 1

    async def listening() -> bool:
        simulator.parts.events.publish("escalations", {})
        return simulator.parts.events.listening == 0

    await site.until(listening)


async def test_a_page_that_does_not_read_loses_the_oldest_and_costs_no_more() -> None:
    stream = events.Stream()
    for n in range(events.MOST_WAITING + 5):
        stream.waiting.append(str(n))
    taken = stream.take()
    assert (len(taken), taken[0], stream.take()) == (events.MOST_WAITING, "5", [])


async def test_the_stream_ends_when_the_bot_is_going_to_stop(site: Any) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write(f"GET /simulator/events HTTP/1.1\r\nHost: {site.host}\r\n\r\n".encode())
    await reader.readuntil(b"event: hello")
    site.app.state.stopping = True
    async with asyncio.timeout(1.5):
        await reader.readuntil(b"\r\n0\r\n\r\n")
    writer.close()
