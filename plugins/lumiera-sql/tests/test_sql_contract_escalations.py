"""What the core asks of a store about escalations and their rings."""

from __future__ import annotations

from datetime import timedelta

import pytest
from lumiera_sql.testing import NOON, Desk

from lumiera.people import Escalation, Opening, User
from lumiera.records import Line, Outgoing, Sent
from lumiera.store import Store

pytest_plugins = ["lumiera_sql.testing"]
ANNA, BRUNO = "+33700000001", "+33700000002"
SAFETY = Opening(reason="safety", details="le mur penche")
SLOW = Opening(reason="slow", details="bonjour", silent=False)
LATER = NOON + timedelta(hours=7)


async def opened(desk: Desk, opening: Opening = SAFETY) -> Escalation:
    """Open one outside a turn and return it."""
    conversation = await desk.receive()
    assert await desk.store.escalate(conversation, opening, desk.now, LATER)
    return (await desk.store.escalations())[-1]


async def again(desk: Desk, one: Escalation) -> Escalation:
    """Read one anew, be it closed."""
    return next(found for found in await desk.store.escalations(closed=True) if found.id == one.id)


async def handed_over_until(desk: Desk) -> list[int | None]:
    return [row[0] for row in await desk.rows("conversations", "handed_over_until", "address = '+33600000001'")]


async def notes(desk: Desk) -> list[str]:
    return [row[0] for row in await desk.rows("messages", "text", "direction = 'note'")]


def bell(desk: Desk, one: Escalation) -> Outgoing:
    return desk.outgoing("🔔", key=f"escalation/{one.id}/{len(one.rings)}", passes="handover")


async def ring(desk: Desk, one: Escalation, address: str = ANNA, *told: Outgoing) -> bool:
    return await desk.store.ring(one, address, bell(desk, one), told, desk.now)


# --- opening ---


async def test_an_escalation_comes_back_as_it_was_opened(desk: Desk) -> None:
    one = await opened(desk)
    assert (one.opening, one.opened_at, one.rings, one.outcome) == (SAFETY, NOON, (), "")
    assert (one.conversation.address, one.conversation.handed_over_until) == ("+33600000001", LATER)
    assert (one.user, one.closed_at, one.closed_by) == (None, None, "")


async def test_an_escalation_knows_its_user(desk: Desk, store: Store) -> None:
    claim = await desk.begin()
    await store.sign_in(claim.lease, User(id=0, phone="+33600000001", name="Ana", language="pt"), desk.now)
    await store.escalate(claim.conversation.id, SLOW, desk.now, None)
    (one,) = await store.escalations()
    assert one.user is not None
    assert (one.user.name, one.user.phone, one.user.language) == ("Ana", "+33600000001", "pt")


async def test_one_of_a_conversation_and_reason_is_open_at_a_time(desk: Desk, store: Store) -> None:
    one = await opened(desk)
    conversation = one.conversation.id
    assert not await store.escalate(conversation, SAFETY, desk.now, LATER)
    assert await store.escalate(conversation, Opening(reason="task"), desk.now, LATER)
    await store.close_escalation(one.id, "team", (), desk.now)
    assert await store.escalate(conversation, SAFETY, desk.now, LATER)
    assert [found.opening.reason for found in await store.escalations()] == ["task", "safety"]


async def test_another_conversation_has_its_own(desk: Desk, store: Store) -> None:
    await opened(desk)
    other = await desk.receive(desk.message(sender="+33600000002"))
    assert await store.escalate(other, SAFETY, desk.now, LATER)
    assert len(await store.escalations()) == 2


async def test_one_that_is_not_silent_hands_nothing_over(desk: Desk) -> None:
    await opened(desk, SLOW)
    assert await handed_over_until(desk) == [None]
    assert await notes(desk) == ["the team is called: slow"]


async def test_a_silent_one_hands_over_at_once(desk: Desk) -> None:
    one = await opened(desk)
    await desk.store.post(one.conversation.id, [desk.outgoing("bonjour")], desk.now)
    assert await desk.sent(one.conversation.id) == []
    assert await notes(desk) == ["handed over to the team: safety"]


async def test_one_that_is_opened_in_a_turn_hands_over_at_its_end(desk: Desk, store: Store) -> None:
    claim = await desk.begin("fuite")
    await store.journal(claim.lease, claim.turn_id, desk.change(), desk.now, escalation=SAFETY)
    assert len(await store.escalations()) == 1
    assert await handed_over_until(desk) == [None]
    said = (Line(direction="in", text="fuite", language="fr", at=desk.now),)
    called = (desk.outgoing("j'appelle", passes="handover"),)
    await desk.finish(claim, handed_over_until=LATER, history=said, outbox=called)
    assert (await store.escalations())[0].conversation.handed_over_until == LATER
    assert await desk.sent(claim.conversation.id) == ["j'appelle"]
    lines = [line.text for line in await store.history(claim.conversation.id, 9)]
    assert lines == ["fuite", "handed over to the team: safety"]


async def test_nothing_is_handed_over_if_the_team_has_closed_it_meanwhile(desk: Desk, store: Store) -> None:
    claim = await desk.begin()
    await store.journal(claim.lease, claim.turn_id, desk.change(), desk.now, escalation=SAFETY)
    await store.close_escalation(1, "team", (), desk.now)
    await desk.finish(claim, handed_over_until=LATER)
    assert await handed_over_until(desk) == [None]


async def test_one_can_be_opened_by_the_commit_of_a_turn(desk: Desk, store: Store) -> None:
    claim = await desk.begin()
    await desk.finish(claim, escalation=SLOW)
    assert [one.opening for one in await store.escalations()] == [SLOW]


async def test_a_user_who_calls_the_bot_back_ends_the_silent_ones(desk: Desk, store: Store) -> None:
    one = await opened(desk)
    await store.escalate(one.conversation.id, SLOW, desk.now, None)
    claim = await desk.begin("reprendre")
    await desk.finish(claim, resumed=True, outbox=(desk.outgoing("me revoilà", passes="handover"),))
    assert [found.opening.reason for found in await store.escalations()] == ["slow"]
    assert (await again(desk, one)).closed_by == "user"
    assert await handed_over_until(desk) == [None]
    assert (await notes(desk))[-1] == "handed back: user"
    assert await desk.sent(one.conversation.id) == ["me revoilà"]


# --- rings ---


async def test_a_ring_goes_to_somebody_who_has_never_written(desk: Desk) -> None:
    one = await opened(desk)
    assert await ring(desk, one, ANNA, desk.outgoing("j'appelle quelqu'un d'autre", passes="handover"))
    one = await again(desk, one)
    assert [(rung.address, rung.state, rung.at) for rung in one.rings] == [(ANNA, "queued", NOON)]
    assert await desk.rows("conversations", "channel, address", f"address = '{ANNA}'") == [("whatsapp", ANNA)]
    assert await desk.sent(one.conversation.id) == ["j'appelle quelqu'un d'autre"]


async def test_a_ring_goes_to_the_conversation_of_somebody_who_has_written(desk: Desk) -> None:
    anna = await desk.receive(desk.message(sender=ANNA))
    await ring(desk, await opened(desk))
    assert await desk.sent(anna) == ["🔔"]
    assert len(await desk.rows("conversations", "id", f"address = '{ANNA}'")) == 1


async def test_the_state_of_a_ring_is_that_of_its_bubble(desk: Desk, store: Store) -> None:
    anna = await desk.receive(desk.message(sender=ANNA))
    one = await opened(desk)
    await ring(desk, one)
    item = await desk.begin_send(anna)
    await store.end_send(item, Sent(state="sent", provider_id="P1"), desk.now)
    await store.fold_status("whatsapp", Sent(state="delivered", provider_id="P1"), desk.now)
    assert [rung.state for rung in (await again(desk, one)).rings] == ["delivered"]


async def test_rings_stay_in_order_each_with_its_escalation(desk: Desk, store: Store) -> None:
    one = await opened(desk)
    await store.escalate(one.conversation.id, SLOW, desk.now, None)
    slow = (await store.escalations())[1]
    await ring(desk, slow)
    await ring(desk, one)
    await ring(desk, await again(desk, one), BRUNO)
    rung = {found.opening.reason: [one.address for one in found.rings] for found in await store.escalations()}
    assert rung == {"safety": [ANNA, BRUNO], "slow": [ANNA]}


async def test_of_two_who_ring_at_once_one_does(desk: Desk) -> None:
    one = await opened(desk)
    told = [desk.outgoing(text, passes="handover") for text in ("a", "b")]
    assert await ring(desk, one, ANNA, told[0])
    assert not await ring(desk, one, ANNA, told[1])
    assert await desk.rows("outbox", "dedupe_key", "dedupe_key LIKE 'escalation/%'") == [("escalation/1/0",)]
    assert await desk.sent(one.conversation.id) == ["a"]


async def test_nobody_is_rung_for_what_is_closed(desk: Desk, store: Store) -> None:
    one = await opened(desk)
    await store.close_escalation(one.id, "team", (), desk.now)
    assert not await ring(desk, one)
    assert await desk.rows("outbox") == []


async def test_a_ring_that_fails_opens_no_escalation_of_its_own(desk: Desk, store: Store) -> None:
    anna = await desk.receive(desk.message(sender=ANNA))
    await ring(desk, await opened(desk))
    await store.end_send(await desk.begin_send(anna), Sent(state="failed", error="63003"), desk.now)
    assert len(await store.escalations()) == 1


async def test_a_ring_is_cancelled_for_who_said_stop(desk: Desk) -> None:
    anna = await desk.receive(desk.message("STOP", sender=ANNA), consent="stop")
    one = await opened(desk)
    await ring(desk, one)
    assert await desk.sent(anna) == []
    assert [rung.state for rung in (await again(desk, one)).rings] == ["cancelled"]


# --- how they are settled ---


async def test_of_two_who_settle_at_once_one_does(desk: Desk, store: Store) -> None:
    one = await opened(desk)
    told = [desk.outgoing(text, passes="handover") for text in ("a", "b")]
    assert await store.settle(one, "nobody", told[:1], desk.now)
    assert not await store.settle(one, "nobody", told[1:], desk.now)
    one = await again(desk, one)
    assert one.outcome == "nobody"
    assert await store.settle(one, "reached", (), desk.now)
    assert await desk.sent(one.conversation.id) == ["a"]


async def test_what_is_closed_is_not_settled(desk: Desk, store: Store) -> None:
    one = await opened(desk)
    await store.close_escalation(one.id, "team", (), desk.now)
    assert not await store.settle(one, "reached", [desk.outgoing("a", passes="handover")], desk.now)
    assert await desk.rows("outbox") == []


async def test_an_answer_is_sent_kept_and_prolongs_the_silence(desk: Desk, store: Store) -> None:
    one = await opened(desk)
    desk.later(hours=1)
    later = desk.now + timedelta(hours=7)
    assert await store.answer(one.id, desk.outgoing("j'arrive", passes="handover"), later, desk.now)
    assert (await again(desk, one)).conversation.handed_over_until == later
    assert await desk.sent(one.conversation.id) == ["j'arrive"]
    lines = [(line.direction, line.text) for line in await store.history(one.conversation.id, 9)]
    assert lines == [("note", "handed over to the team: safety"), ("team", "j'arrive")]


async def test_an_answer_makes_the_conversation_the_teams(desk: Desk, store: Store) -> None:
    one = await opened(desk, SLOW)
    assert await store.answer(one.id, desk.outgoing("oui ?", passes="handover"), LATER, desk.now)
    one = await again(desk, one)
    assert one.opening.silent
    assert one.conversation.handed_over_until == LATER
    assert await notes(desk) == ["the team is called: slow", "handed over to the team: slow"]


async def test_what_is_closed_is_not_answered(desk: Desk, store: Store) -> None:
    one = await opened(desk)
    await store.close_escalation(one.id, "team", (), desk.now)
    assert not await store.answer(one.id, desk.outgoing("a", passes="handover"), LATER, desk.now)
    assert not await store.answer(99, desk.outgoing("a", passes="handover"), LATER, desk.now)
    assert await desk.rows("outbox") == []
    assert await handed_over_until(desk) == [None]


async def test_closing_hands_back_with_a_note_and_a_word(desk: Desk, store: Store) -> None:
    one = await opened(desk)
    told = [desk.outgoing("me revoilà", passes="handover")]
    assert await store.close_escalation(one.id, "team", told, desk.later(minutes=1))
    closed = await again(desk, one)
    assert (closed.closed_by, closed.closed_at, closed.conversation.handed_over_until) == ("team", desk.now, None)
    assert await desk.sent(one.conversation.id) == ["me revoilà"]
    assert (await notes(desk))[-1] == "handed back: team"
    assert not await store.close_escalation(one.id, "team", (), desk.now)


async def test_the_last_silent_one_hands_back(desk: Desk, store: Store) -> None:
    one = await opened(desk)
    await store.escalate(one.conversation.id, Opening(reason="task"), desk.now, LATER)
    for closed, sent in ((1, []), (2, ["me revoilà"])):
        told = [desk.outgoing("me revoilà", passes="handover")]
        assert await store.close_escalation(closed, "team", told, desk.now)
        assert await desk.sent(one.conversation.id) == sent
    assert await handed_over_until(desk) == [None]


async def test_one_that_is_not_silent_is_closed_without_a_word(desk: Desk, store: Store) -> None:
    one = await opened(desk, SLOW)
    await store.close_escalation(one.id, "team", [desk.outgoing("a")], desk.now)
    assert await desk.rows("outbox") == []


async def test_the_time_does_not_end_what_was_just_answered(desk: Desk, store: Store) -> None:
    one = await opened(desk)
    desk.later(hours=7)
    await store.answer(one.id, desk.outgoing("oui", passes="handover"), desk.now + timedelta(hours=7), desk.now)
    assert not await store.close_escalation(one.id, "time", (), desk.now)
    desk.later(hours=7)
    assert await store.close_escalation(one.id, "time", (), desk.now)


# --- finding them ---


async def test_closed_ones_are_shown_when_asked_for_the_last_hundred(desk: Desk, store: Store) -> None:
    conversation = await desk.receive()
    for number in range(1, 103):
        await store.escalate(conversation, SLOW, desk.now, None)
        await store.close_escalation(number, "team", (), desk.later(seconds=1))
    await store.escalate(conversation, SLOW, desk.now, None)
    assert [one.id for one in await store.escalations()] == [103]
    assert [one.id for one in await store.escalations(closed=True)] == list(range(3, 104))


@pytest.mark.parametrize(
    ("opening", "outcome", "wanting"),
    [(SLOW, "", True), (SLOW, "nobody", True), (SLOW, "reached", False), (SLOW, "quiet", False),
     (SAFETY, "reached", True)],
)  # fmt: skip
async def test_what_is_due_says_whether_something_is_left_to_do(
    desk: Desk, store: Store, opening: Opening, outcome: str, wanting: bool
) -> None:
    assert not (await store.due(desk.now)).escalations
    one = await opened(desk, opening)
    if outcome:
        await store.settle(one, outcome, (), desk.now)
    assert (await store.due(desk.now)).escalations is wanting
    await store.close_escalation(one.id, "team", (), desk.now)
    assert not (await store.due(desk.now)).escalations


async def test_one_that_reached_nobody_is_looked_after_for_a_day(desk: Desk, store: Store) -> None:
    one = await opened(desk, SLOW)
    assert await store.settle(one, "nobody", [], desk.now)
    assert (await store.due(desk.later(hours=23))).escalations
    assert not (await store.due(desk.later(hours=1))).escalations
    assert len(await store.escalations()) == 1  # listed it stays, until somebody closes it
