"""What a store must keep of finished turns for those who ask why."""

from __future__ import annotations

from lumiera_sql.testing import NOON, Desk

from lumiera.people import Session
from lumiera.records import Failure, Line, Sent
from lumiera.store import Store

pytest_plugins = ["lumiera_sql.testing"]
FAILURE = Failure(code="SYSTEM_5001", message="it broke", plugin="agent", stage="route", traceback="...")
ANOTHER = "+33600000002"


def line(text: str) -> Line:
    return Line(direction="in", text=text, language="fr", at=NOON)


async def test_a_turn_is_found_with_what_was_said_and_what_failed_in_it(desk: Desk, store: Store) -> None:
    claim = await desk.begin("bonjour")
    opened: Session = await store.open_session(claim.lease, desk.now)
    said = (line("bonjour"), Line(direction="out", text="Oui ?", language="fr", at=desk.later(seconds=2)))
    await desk.finish(
        claim, history=said, failures=(FAILURE,), session_id=opened.id, language="fr", intent="greeting",
        confidence=0.9, route="fast_path", code="SYSTEM_5001", trace='[["stage","route",0,1,{}]]',
    )  # fmt: skip
    found = await store.turn(claim.turn_id)
    assert found is not None
    assert (found.id, found.conversation_id, found.session_id) == (claim.turn_id, claim.conversation.id, opened.id)
    assert (found.started_at, found.finished_at) == (NOON, desk.now)
    assert (found.language, found.intent, found.confidence, found.route) == ("fr", "greeting", 0.9, "fast_path")
    assert (found.code, found.trace) == ("SYSTEM_5001", '[["stage","route",0,1,{}]]')
    assert (found.said, found.failures) == (said, (FAILURE,))


async def test_a_turn_tells_what_became_of_its_reply(desk: Desk, store: Store) -> None:
    claim = await desk.begin()
    bubbles = (desk.outgoing("a", key=f"{claim.turn_id}/0"), desk.outgoing("b", key=f"{claim.turn_id}/1"))
    await desk.finish(claim, outbox=(*bubbles, desk.outgoing("c", key=f"{claim.turn_id}1/0")))
    item = await desk.begin_send(claim.conversation.id)
    await store.end_send(item, Sent(state="failed", error="63016"), desk.now)
    found = await store.turn(claim.turn_id)
    assert found is not None
    assert found.bubbles == (("failed", "63016"), ("queued", ""))


async def test_what_belongs_to_other_turns_is_not_told_of_this_one(desk: Desk, store: Store) -> None:
    await desk.finish(await desk.begin("one"), history=(line("one"),), failures=(FAILURE,))
    claim = await desk.begin("two")
    await desk.finish(claim, history=(line("two"),), failures=(FAILURE,))
    found = await store.turn(claim.turn_id)
    assert found is not None
    assert [one.text for one in found.said] == ["two"]
    assert len(found.failures) == 1


async def test_failures_of_earlier_tries_are_told_too(desk: Desk, store: Store) -> None:
    claim = await desk.begin()
    await store.retry(claim.lease, claim.turn_id, desk.now, FAILURE, desk.later(seconds=1))
    again = await desk.claim(claim.conversation.id)
    await desk.finish(again)
    found = await store.turn(again.turn_id)
    assert found is not None
    assert [one.message for one in found.failures] == ["it broke"]


async def test_a_turn_that_is_not_finished_or_not_there_is_none(desk: Desk, store: Store) -> None:
    claim = await desk.begin()
    assert await store.turn(claim.turn_id) is None
    assert await store.turn("nobody's") is None


async def test_the_last_turns_come_newest_first(desk: Desk, store: Store) -> None:
    ids = []
    for sender in (ANOTHER, "+33600000001", ANOTHER):
        claim = await desk.begin(sender=sender)
        await desk.finish(claim, history=(line("bonjour"),))
        ids.append((claim.turn_id, claim.conversation.id))
        desk.later(seconds=1)
    newest = await store.turns(2)
    assert [(one.id, one.conversation_id) for one in newest] == [ids[2], ids[1]]
    assert [one.said for one in newest] == [(), ()]
    of_one = await store.turns(10, conversation_id=ids[0][1])
    assert [one.id for one in of_one] == [ids[2][0], ids[0][0]]
