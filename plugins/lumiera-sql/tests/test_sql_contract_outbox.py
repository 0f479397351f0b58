"""The contract of a store: bubbles go out in order, once, and not to those who said STOP."""

from __future__ import annotations

from datetime import timedelta

import pytest
from lumiera_sql.testing import NOON, Desk

from lumiera.messages import Bubble, Option
from lumiera.records import Due, OutboxState, Outgoing, Sent
from lumiera.store import Store

pytest_plugins = ["lumiera_sql.testing"]
SENT = Sent(state="sent", provider_id="P1")


async def states(desk: Desk) -> list[str]:
    return [state for (state,) in await desk.rows("outbox", "state")]


async def state_after(desk: Desk, *statuses: OutboxState) -> str:
    """Send a bubble and fold statuses of the provider into it."""
    conversation = await desk.say("a")
    await desk.store.end_send(await desk.begin_send(conversation), SENT, desk.now)
    for status in statuses:
        await desk.store.fold_status("whatsapp", Sent(state=status, provider_id="P1"), desk.now)
    return (await states(desk))[-1]


async def test_a_bubble_goes_out_as_it_was_put_in(desk: Desk) -> None:
    bubble = Bubble(text="Lequel ?", kind="list", options=(Option(id="1", title="Lilas"),), button="Choisir")
    claim = await desk.begin()
    await desk.finish(claim, outbox=(Outgoing(dedupe_key="t/1", bubble=bubble),))
    item = await desk.begin_send(claim.conversation.id)
    assert item.bubble == bubble
    assert (item.channel, item.address, item.attempts) == ("whatsapp", "+33600000001", 1)
    assert item.conversation_id == claim.conversation.id


async def test_bubbles_go_out_one_after_the_other(desk: Desk, store: Store) -> None:
    conversation = await desk.say("a", "b")
    first = await desk.begin_send(conversation)
    assert await store.begin_send(conversation, desk.now) is None, "the first one is still on its way"
    await store.end_send(first, SENT, desk.now)
    second = await desk.begin_send(conversation)
    assert [first.bubble.text, second.bubble.text] == ["a", "b"]
    await store.end_send(second, SENT, desk.now)
    assert await store.begin_send(conversation, desk.now) is None
    assert await states(desk) == ["sent", "sent"]


async def test_conversations_do_not_wait_for_each_other(desk: Desk) -> None:
    conversations = []
    for sender in ("+33600000001", "+33600000002"):
        claim = await desk.begin(sender=sender)
        await desk.finish(claim, outbox=(desk.outgoing(sender),))
        conversations.append(claim.conversation.id)
    await desk.begin_send(conversations[0])
    assert (await desk.begin_send(conversations[1])).bubble.text == "+33600000002"


async def test_one_dedupe_key_is_one_bubble(desk: Desk, store: Store) -> None:
    claim = await desk.begin()
    urgent = desk.outgoing("112", key="d1/call")
    await store.journal(claim.lease, claim.turn_id, desk.change(), desk.now, outbox=[urgent])
    await desk.finish(claim, outbox=(urgent, desk.outgoing("et puis")))
    assert await desk.sent(claim.conversation.id) == ["112", "et puis"]


async def test_a_refused_bubble_waits_and_keeps_its_place(desk: Desk, store: Store) -> None:
    conversation = await desk.say("a", "b")
    at = desk.now + timedelta(seconds=5)
    await store.end_send(await desk.begin_send(conversation), Sent(state="queued", retry_at=at), desk.now)
    assert await store.begin_send(conversation, desk.now) == at
    assert await store.due(desk.now) == Due(next_at=at)
    desk.later(seconds=5)
    assert (await store.due(desk.now)).outbox == (conversation,)
    assert (await desk.begin_send(conversation)).attempts == 2
    assert await states(desk) == ["sending", "queued"]


@pytest.mark.parametrize("state", ["failed", "unknown"])
async def test_a_bubble_that_did_not_go_blocks_no_other(desk: Desk, store: Store, state: OutboxState) -> None:
    conversation = await desk.say("a", "b")
    ended = Sent(state=state, error="63016")
    await store.end_send(await desk.begin_send(conversation), ended, desk.now)
    assert (await desk.begin_send(conversation)).bubble.text == "b"
    assert await desk.rows("outbox", "state, error") == [(state, "63016"), ("sending", "")]


async def test_a_bubble_found_on_its_way_at_start_is_looked_for_first(desk: Desk, store: Store) -> None:
    conversation = await desk.say("a", "b")
    begun_at = (await desk.begin_send(conversation)).since
    assert await store.recover(desk.later(seconds=1)) == 1
    assert (await store.due(desk.now)).outbox == (conversation,)
    item = await desk.begin_send(conversation)
    assert (item.state, item.bubble.text, item.since, item.attempts) == ("unknown", "a", begun_at, 1)
    assert item.ended_at == desk.now
    await store.end_send(item, Sent(state="queued"), desk.now)
    assert await desk.sent(conversation) == ["a", "b"]
    assert await store.recover(desk.now) == 0


async def test_what_another_process_serves_is_left_to_it(desk: Desk, store: Store) -> None:
    conversation = await desk.say("a", "b")
    item = await desk.begin_send(conversation)
    assert await store.recover(desk.now, ["another"]) == 0
    assert await store.due(desk.now, ["another"]) == Due()
    assert await states(desk) == ["sending", "queued"]
    assert await store.recover(desk.now, ["another", item.channel]) == 1
    assert (await store.due(desk.now, [item.channel])).outbox == (conversation,)


async def test_the_answer_to_a_send_counts_although_the_bubble_was_put_back(desk: Desk, store: Store) -> None:
    conversation = await desk.say("a")
    item = await desk.begin_send(conversation)
    await store.recover(desk.now)
    await store.end_send(item, SENT, desk.now)
    assert await desk.sent(conversation) == []
    assert await states(desk) == ["sent"]


async def test_the_answer_to_an_old_attempt_does_not_touch_the_new_one(desk: Desk, store: Store) -> None:
    conversation = await desk.say("a")
    old = await desk.begin_send(conversation)
    await store.recover(desk.now)
    await store.end_send(await desk.begin_send(conversation), Sent(state="queued"), desk.now)
    await desk.begin_send(conversation)
    await store.end_send(old, Sent(state="failed"), desk.now)
    assert await states(desk) == ["sending"]


async def test_stop_while_a_turn_runs_cancels_its_bubbles(desk: Desk) -> None:
    claim = await desk.begin()
    await desk.receive(desk.message("STOP"), consent="stop")
    confirmation = desk.outgoing("Vous ne recevrez plus rien.", passes="stop")
    await desk.finish(claim, outbox=(desk.outgoing("a"), confirmation))
    assert await states(desk) == ["cancelled", "queued"]
    assert await desk.sent(claim.conversation.id) == ["Vous ne recevrez plus rien."]


async def test_stop_cancels_what_waits_to_be_sent(desk: Desk) -> None:
    conversation = await desk.say("a", "b")
    await desk.receive(desk.message("STOP"), consent="stop")
    assert await desk.sent(conversation) == []
    await desk.receive(desk.message("START"), consent="start")
    assert await desk.sent(conversation) == []
    assert await states(desk) == ["cancelled", "cancelled"]


async def test_a_human_s_take_over_cancels_what_waits_to_be_sent(desk: Desk) -> None:
    conversation = await desk.say("a")
    await desk.silence(conversation, until=NOON + timedelta(hours=1))
    assert await desk.sent(conversation) == []
    assert await states(desk) == ["cancelled"]
    desk.later(hours=1)
    await desk.finish(await desk.begin(), outbox=(desk.outgoing("b"),))
    assert await desk.sent(conversation) == ["b"]


async def test_a_turn_under_a_human_s_take_over_says_nothing(desk: Desk) -> None:
    claim = await desk.begin()
    await desk.silence(claim.conversation.id, until=NOON + timedelta(hours=1))
    await desk.finish(claim, outbox=(desk.outgoing("a"),))
    assert await states(desk) == ["cancelled"]


async def test_a_bubble_can_be_posted_outside_a_turn(desk: Desk, store: Store) -> None:
    claim = await desk.begin()
    conversation = claim.conversation.id
    working = desk.outgoing("J'y travaille", key="t/working")
    await store.post(conversation, [working], desk.now)
    await store.post(conversation, [working], desk.now)
    assert await desk.sent(conversation) == ["J'y travaille"]
    await desk.finish(claim, outbox=(desk.outgoing("Voilà"),))
    assert await desk.sent(conversation) == ["Voilà"]


async def test_what_is_posted_to_the_silenced_is_cancelled_at_once(desk: Desk, store: Store) -> None:
    conversation = await desk.receive(desk.message("STOP"), consent="stop")
    await store.post(conversation, [desk.outgoing("a"), desk.outgoing("b", passes="stop")], desk.now)
    assert await states(desk) == ["cancelled", "queued"]


@pytest.mark.parametrize(
    ("statuses", "state"),
    [
        (["delivered"], "delivered"),
        (["delivered", "read"], "read"),
        (["read", "delivered"], "read"),
        (["delivered", "sent"], "delivered"),
        (["sending", "queued"], "sent"),
        (["failed"], "failed"),
        (["failed", "delivered"], "failed"),
        (["failed", "read"], "failed"),
        (["delivered", "failed"], "delivered"),
    ],
    ids=" then ".join,
)
async def test_a_status_moves_a_bubble_on_and_never_back(desk: Desk, statuses: list[OutboxState], state: str) -> None:
    assert await state_after(desk, *statuses) == state


async def test_only_what_moved_is_told(desk: Desk, store: Store) -> None:
    await state_after(desk)
    assert await store.fold_status("whatsapp", Sent(state="delivered", provider_id="P1"), desk.now)
    assert not await store.fold_status("whatsapp", Sent(state="delivered", provider_id="P1"), desk.now)
    assert not await store.fold_status("whatsapp", Sent(state="sent", provider_id="P1"), desk.now)
    assert not await store.fold_status("whatsapp", Sent(state="read", provider_id="unknown"), desk.now)


async def test_the_reason_of_a_failure_is_kept(desk: Desk, store: Store) -> None:
    await state_after(desk)
    await store.fold_status("whatsapp", Sent(state="failed", provider_id="P1", error="63049"), desk.now)
    assert await desk.rows("outbox", "state, error") == [("failed", "63049")]


async def test_the_same_provider_id_on_another_channel_is_another_bubble(desk: Desk, store: Store) -> None:
    await state_after(desk)
    assert not await store.fold_status("sms", Sent(state="read", provider_id="P1"), desk.now)
    assert await states(desk) == ["sent"]


async def test_a_status_that_comes_before_the_answer_to_the_send_is_kept(desk: Desk, store: Store) -> None:
    item = await desk.begin_send(await desk.say("a"))
    assert not await store.fold_status("whatsapp", Sent(state="read", provider_id="P1"), desk.now)
    assert not await store.fold_status("whatsapp", Sent(state="delivered", provider_id="P1"), desk.now)
    await store.end_send(item, SENT, desk.now)
    assert await states(desk) == ["read"]
    assert await desk.rows("early_statuses") == []


async def test_a_failure_that_comes_before_the_answer_to_the_send_is_kept(desk: Desk, store: Store) -> None:
    item = await desk.begin_send(await desk.say("a"))
    await store.fold_status("whatsapp", Sent(state="failed", provider_id="P1", error="63016"), desk.now)
    await store.end_send(item, SENT, desk.now)
    assert await desk.rows("outbox", "state, error") == [("failed", "63016")]


async def test_statuses_of_bubbles_that_are_not_ours_are_forgotten_after_a_day(desk: Desk, store: Store) -> None:
    await store.fold_status("whatsapp", Sent(state="read", provider_id="not ours"), desk.now)
    await store.purge(desk.later(hours=23), desk.now - timedelta(days=3))
    assert len(await desk.rows("early_statuses")) == 1
    await store.purge(desk.later(hours=1), desk.now - timedelta(days=3))
    assert await desk.rows("early_statuses") == []
