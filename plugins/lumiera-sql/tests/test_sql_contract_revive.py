"""The contract of a store: a dead letter becomes a turn again."""

from __future__ import annotations

from datetime import timedelta

from lumiera_sql.testing import Desk

from lumiera.errors import ErrorCode
from lumiera.records import Claim, Failure
from lumiera.store import Store

pytest_plugins = ["lumiera_sql.testing"]
FAILURE = Failure(code=ErrorCode.INTERNAL, message="KeyError: 'x'")


async def bury(desk: Desk, *texts: str) -> Claim:
    """Let the turn of some messages, merged, become dead letters."""
    claim = await desk.claim(await desk.receive(*(desk.message(text) for text in texts)))
    await desk.store.bury(claim.lease, claim.turn_id, FAILURE, desk.now)
    return claim


async def test_a_dead_letter_is_the_turn_again_that_it_was(desk: Desk, store: Store) -> None:
    dead = await bury(desk, "bonjour")
    (letter,) = await store.dead_letters()
    desk.later(hours=5)
    assert await store.revive(letter.id, desk.now)
    assert await store.dead_letters() == []
    assert (await store.due(desk.now)).inbox == (dead.conversation.id,)
    claim = await desk.claim(dead.conversation.id)
    assert (claim.turn_id, claim.attempt, claim.claimed_at) == (dead.turn_id, 1, desk.now)
    assert [message.text for message in claim.messages] == ["bonjour"]
    await desk.finish(claim)
    assert (await store.due(desk.now)).inbox == ()


async def test_the_messages_of_a_burst_come_back_together(desk: Desk, store: Store) -> None:
    dead = await bury(desk, "une fuite", "au bloc B")
    letters = await store.dead_letters()
    assert [letter.message.text for letter in letters] == ["une fuite", "au bloc B"]
    assert await store.revive(letters[1].id, desk.now)
    assert not await store.revive(letters[0].id, desk.now)
    claim = await desk.claim(dead.conversation.id)
    assert [message.text for message in claim.messages] == ["une fuite", "au bloc B"]


async def test_it_is_a_turn_of_its_own_and_the_next_one(desk: Desk, store: Store) -> None:
    dead = await bury(desk, "un")
    await desk.receive(desk.message("deux"))
    await store.revive((await store.dead_letters())[0].id, desk.now)
    for text in ("un", "deux"):
        claim = await desk.claim(dead.conversation.id)
        assert [message.text for message in claim.messages] == [text]
        await desk.finish(claim)


async def test_it_does_not_wait_for_the_end_of_a_burst(desk: Desk, store: Store) -> None:
    dead = await bury(desk, "un")
    await desk.receive(desk.message("deux"))
    until = desk.now + timedelta(seconds=8)
    assert await store.claim(dead.conversation.id, "t", desk.now, lambda _: until) == until
    await store.revive((await store.dead_letters())[0].id, desk.now)
    assert (await store.due(desk.now)).inbox == (dead.conversation.id,)


async def test_it_can_die_and_come_back_again(desk: Desk, store: Store) -> None:
    dead = await bury(desk, "un")
    for _ in range(2):
        assert await store.revive((await store.dead_letters())[0].id, desk.now)
        claim = await desk.claim(dead.conversation.id)
        assert claim.attempt == 1
        await store.bury(claim.lease, claim.turn_id, FAILURE, desk.now)
    assert len(await store.dead_letters()) == 1


async def test_only_a_dead_letter_comes_back(desk: Desk, store: Store) -> None:
    claim = await desk.begin()
    assert not await store.revive(1, desk.now)
    await desk.finish(claim)
    assert not await store.revive(1, desk.now)
    assert not await store.revive(99, desk.now)
