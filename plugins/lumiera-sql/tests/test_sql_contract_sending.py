"""The contract of a store: what becomes of a bubble whose sending went wrong, and whom that concerns."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from lumiera_sql.testing import Desk

from lumiera.records import Due, OutboxItem, OutboxState, Sent
from lumiera.store import Store

pytest_plugins = ["lumiera_sql.testing"]
SENT = Sent(state="sent", provider_id="P1")


async def row(desk: Desk, columns: str) -> tuple[Any, ...]:
    """Return columns of the first bubble."""
    return (await desk.rows("outbox", columns))[0]


async def lose(desk: Desk, conversation: int, **later: float) -> OutboxItem:
    """Send the next bubble without learning whether it went out; it is looked for later."""
    item = await desk.begin_send(conversation)
    ended = Sent(state="unknown", error="dropped", retry_at=desk.now + timedelta(**later))
    await desk.store.end_send(item, ended, desk.now)
    return item


async def reasons(desk: Desk) -> list[tuple[str, str, int]]:
    return await desk.rows("escalations", "reason, details, silent")


# nobody knows whether it went out


async def test_an_unknown_bubble_holds_those_behind_it_until_it_is_looked_for(desk: Desk, store: Store) -> None:
    conversation = await desk.say("a", "b")
    lost = await lose(desk, conversation, seconds=3)
    at = desk.now + timedelta(seconds=3)
    assert await store.begin_send(conversation, desk.now) == at
    assert await store.due(desk.now) == Due(next_at=at)
    ended_at, desk.now = desk.now, at
    assert (await store.due(desk.now)).outbox == (conversation,)
    item = await desk.begin_send(conversation)
    assert (item.id, item.state, item.attempts, item.since) == (lost.id, "unknown", 1, lost.since)
    assert item.ended_at == ended_at
    assert item.bubble.text == "a"


async def test_one_that_is_found_is_sent_and_those_behind_it_go_on(desk: Desk, store: Store) -> None:
    conversation = await desk.say("a", "b")
    await lose(desk, conversation, seconds=0)
    await store.end_send(await desk.begin_send(conversation), SENT, desk.now)
    assert await desk.sent(conversation) == ["b"]
    assert await row(desk, "state, provider_id, attempts, check_at, error") == ("sent", "P1", 1, None, "")


async def test_one_that_was_not_taken_goes_out_in_its_place(desk: Desk, store: Store) -> None:
    conversation = await desk.say("a", "b")
    first = await lose(desk, conversation, seconds=0)
    desk.later(seconds=3)
    await store.end_send(await desk.begin_send(conversation), Sent(state="queued"), desk.now)
    again = await desk.begin_send(conversation)
    assert (again.bubble.text, again.state, again.attempts, again.since) == ("a", "sending", 2, first.since)
    await store.end_send(again, SENT, desk.now)
    assert await desk.sent(conversation) == ["b"]


async def test_one_that_cannot_be_looked_for_now_stays_unknown_since_its_attempt(desk: Desk, store: Store) -> None:
    conversation = await desk.say("a", "b")
    await lose(desk, conversation, seconds=3)
    ended_at = desk.now
    for _ in range(3):
        desk.later(seconds=3)
        item = await desk.begin_send(conversation)
        assert (item.state, item.ended_at) == ("unknown", ended_at)
        later = Sent(state="unknown", error="429", retry_at=desk.now + timedelta(seconds=3))
        await store.end_send(item, later, desk.now)
    assert await store.begin_send(conversation, desk.now) == desk.now + timedelta(seconds=3)


async def test_one_that_is_given_up_as_unknown_holds_nothing_back(desk: Desk, store: Store) -> None:
    conversation = await desk.say("a", "b")
    await lose(desk, conversation, seconds=0)
    await store.end_send(await desk.begin_send(conversation), Sent(state="unknown", error="dropped"), desk.now)
    assert await desk.sent(conversation) == ["b"]
    assert await row(desk, "state, error") == ("unknown", "dropped")
    assert await reasons(desk) == []


async def test_the_ids_of_the_other_bubbles_of_the_conversation_are_known(desk: Desk, store: Store) -> None:
    conversation = await desk.say("a", "b", "c")
    others = [await desk.begin_send(conversation)]
    await store.end_send(others[0], Sent(state="sent", provider_id="P-a"), desk.now)
    stranger = await desk.begin(sender="+33600000002")
    await desk.finish(stranger, outbox=(desk.outgoing("x"),))
    assert await desk.sent(stranger.conversation.id) == ["x"]
    await lose(desk, conversation, seconds=0)
    assert (await desk.begin_send(conversation)).known == {"P-a"}


async def test_stop_does_not_cancel_what_may_have_gone_out_but_what_is_sent_again(desk: Desk, store: Store) -> None:
    conversation = await desk.say("a")
    await lose(desk, conversation, seconds=0)
    await desk.receive(desk.message("STOP"), consent="stop")
    item = await desk.begin_send(conversation)
    assert item.state == "unknown"
    await store.end_send(item, Sent(state="queued"), desk.now)
    assert await desk.sent(conversation) == []
    assert await row(desk, "state") == ("cancelled",)


async def test_the_answer_to_the_send_counts_although_the_bubble_is_looked_for(desk: Desk, store: Store) -> None:
    conversation = await desk.say("a")
    sending = await desk.begin_send(conversation)
    await store.recover(desk.now)
    looking = await desk.begin_send(conversation)
    await store.end_send(sending, SENT, desk.now)
    await store.end_send(looking, Sent(state="queued"), desk.now)
    assert await desk.sent(conversation) == []
    assert await row(desk, "state, provider_id") == ("sent", "P1")


async def test_a_status_of_a_bubble_that_is_looked_for_waits_until_it_is_found(desk: Desk, store: Store) -> None:
    conversation = await desk.say("a")
    await lose(desk, conversation, seconds=0)
    assert not await store.fold_status("whatsapp", Sent(state="delivered", provider_id="P1"), desk.now)
    assert await row(desk, "state") == ("unknown",)
    assert await store.end_send(await desk.begin_send(conversation), SENT, desk.now) == "delivered"
    assert await row(desk, "state") == ("delivered",)


async def test_the_window_is_told_by_the_last_message_of_the_user(desk: Desk) -> None:
    conversation = await desk.say("a")
    received_at = desk.now
    desk.later(hours=25)
    assert (await desk.begin_send(conversation)).last_inbound_at == received_at


# silence


@pytest.mark.parametrize(
    ("passes", "stopped", "taken_over"),
    [("", False, False), ("handover", False, True), ("stop", True, True)],
)
async def test_a_bubble_breaks_the_silence_that_it_may(
    desk: Desk, store: Store, passes: str, stopped: bool, taken_over: bool
) -> None:
    for sender, silenced in (("+33600000001", "stop"), ("+33600000002", "handover")):
        conversation = await desk.receive(desk.message(sender=sender))
        await store.post(conversation, [desk.outgoing("a", passes=passes)], desk.now)  # type: ignore[arg-type]
        if silenced == "stop":
            await desk.receive(desk.message("STOP", sender=sender), consent="stop")
        else:
            await desk.silence(conversation, until=desk.now + timedelta(hours=1))
        assert await desk.sent(conversation) == ["a"] * (stopped if silenced == "stop" else taken_over)


# failed for good


@pytest.mark.parametrize("later", [False, True], ids=["refused", "reported"])
async def test_a_bubble_that_failed_for_good_calls_a_human(desk: Desk, store: Store, later: bool) -> None:
    conversation = await desk.say("Le camion arrive.")
    item = await desk.begin_send(conversation)
    await store.end_send(item, SENT if later else Sent(state="failed", error="63024"), desk.now)
    if later:
        assert await store.fold_status("whatsapp", Sent(state="failed", provider_id="P1", error="63024"), desk.now)
        assert not await store.fold_status("whatsapp", Sent(state="failed", provider_id="P1", error="63024"), desk.now)
    assert await reasons(desk) == [("undelivered", "Le camion arrive.", 0)]


async def test_the_ring_of_an_escalation_that_failed_calls_nobody(desk: Desk, store: Store) -> None:
    claim = await desk.begin()
    await desk.finish(claim, outbox=(desk.outgoing("Venez.", key="escalation/7/1"),))
    await store.end_send(await desk.begin_send(claim.conversation.id), Sent(state="failed"), desk.now)
    assert await reasons(desk) == []


async def test_what_could_not_be_told_to_a_user_who_stopped_calls_nobody(desk: Desk, store: Store) -> None:
    conversation = await desk.say("a")
    await store.end_send(await desk.begin_send(conversation), SENT, desk.now)
    await desk.receive(desk.message("STOP"), consent="stop")
    assert await store.fold_status("whatsapp", Sent(state="failed", provider_id="P1"), desk.now)
    assert await reasons(desk) == []


@pytest.mark.parametrize("how", ["refused", "reported", "reported early"])
async def test_a_user_who_stopped_at_the_provider_has_said_stop(desk: Desk, store: Store, how: str) -> None:
    conversation = await desk.say("a", "b")
    item = await desk.begin_send(conversation)
    if how == "reported early":
        await store.fold_status(
            "whatsapp", Sent(state="failed", provider_id="P1", error="63014", stopped=True), desk.now
        )
    refused = Sent(state="failed", error="63014", stopped=True)
    await store.end_send(item, refused if how == "refused" else SENT, desk.now)
    if how == "reported":
        await store.fold_status(
            "whatsapp", Sent(state="failed", provider_id="P1", error="63014", stopped=True), desk.now
        )
    assert await desk.sent(conversation) == []
    assert [state for (state,) in await desk.rows("outbox", "state")] == ["failed", "cancelled"]
    assert await reasons(desk) == []
    assert await desk.rows("consents", "kind, sid") == [("stop", "" if how == "refused" else "P1")]
    await desk.receive(desk.message("START"), consent="start")
    await store.post(conversation, [desk.outgoing("c")], desk.now)
    assert await desk.sent(conversation) == ["c"]


# failed for now


async def test_a_failure_for_now_puts_the_bubble_back(desk: Desk, store: Store) -> None:
    conversation = await desk.say("a", "b")
    first = await desk.begin_send(conversation)
    await store.end_send(first, SENT, desk.now)
    at = desk.now + timedelta(minutes=1)
    assert not await store.fold_status(
        "whatsapp", Sent(state="failed", provider_id="P1", error="63018", retry_at=at), desk.now
    )
    assert await row(desk, "state, error, provider_id") == ("queued", "63018", "")
    assert await store.begin_send(conversation, desk.now) == at
    desk.now = at
    again = await desk.begin_send(conversation)
    assert (again.bubble.text, again.attempts, again.since) == ("a", 2, at)
    assert await reasons(desk) == []


async def test_a_late_status_of_an_attempt_that_failed_changes_nothing(desk: Desk, store: Store) -> None:
    conversation = await desk.say("a")
    await store.end_send(await desk.begin_send(conversation), SENT, desk.now)
    await store.fold_status("whatsapp", Sent(state="failed", provider_id="P1", retry_at=desk.now), desk.now)
    for state in ("sent", "failed"):
        assert not await store.fold_status("whatsapp", Sent(state=state, provider_id="P1"), desk.now)
    assert await desk.sent(conversation) == ["a"]


async def test_a_bubble_that_fails_again_and_again_has_failed(desk: Desk, store: Store) -> None:
    conversation = await desk.say("a")
    for attempt in range(1, 7):
        await store.end_send(
            await desk.begin_send(conversation), Sent(state="sent", provider_id=f"P{attempt}"), desk.now
        )
        failed = await store.fold_status(
            "whatsapp", Sent(state="failed", provider_id=f"P{attempt}", retry_at=desk.now), desk.now
        )
        assert failed == (attempt == 6)
    assert await row(desk, "state, attempts") == ("failed", 6)
    assert await reasons(desk) == [("undelivered", "a", 0)]


async def test_a_failure_for_now_that_comes_before_the_answer_puts_back_too(desk: Desk, store: Store) -> None:
    conversation = await desk.say("a")
    item = await desk.begin_send(conversation)
    at = desk.now + timedelta(minutes=1)
    await store.fold_status("whatsapp", Sent(state="failed", provider_id="P1", error="63018", retry_at=at), desk.now)
    assert await store.end_send(item, SENT, desk.now) is None
    assert await row(desk, "state, error") == ("queued", "63018")
    assert await store.begin_send(conversation, desk.now) == at


async def test_what_was_read_does_not_fail_any_more(desk: Desk, store: Store) -> None:
    conversation = await desk.say("a")
    await store.end_send(await desk.begin_send(conversation), SENT, desk.now)
    await store.fold_status("whatsapp", Sent(state="read", provider_id="P1"), desk.now)
    assert not await store.fold_status("whatsapp", Sent(state="failed", provider_id="P1", retry_at=desk.now), desk.now)
    assert not await store.fold_status("whatsapp", Sent(state="failed", provider_id="P1", stopped=True), desk.now)
    assert await row(desk, "state") == ("read",)
    assert await desk.rows("consents") == []


# for operators


async def test_the_outbox_is_counted_and_listed(desk: Desk, store: Store) -> None:
    conversation = await desk.say("a", "b", "c")
    await store.end_send(await desk.begin_send(conversation), SENT, desk.now)
    created_at = desk.now
    desk.later(minutes=1)
    await store.end_send(await desk.begin_send(conversation), Sent(state="failed", error="63024 no"), desk.now)
    assert await store.count_outbox() == {"sent": 1, "failed": 1, "queued": 1}
    assert [line.bubble.text for line in await store.outbox()] == ["c", "b", "a"]
    assert [line.bubble.text for line in await store.outbox(limit=1)] == ["c"]
    assert [line.bubble.text for line in await store.outbox(["sent", "queued"])] == ["c", "a"]
    (line,) = await store.outbox(["failed"])
    assert (line.state, line.attempts, line.error, line.provider_id) == ("failed", 1, "63024 no", "")
    assert (line.channel, line.conversation_id) == ("whatsapp", conversation)
    assert (line.created_at, line.changed_at) == (created_at, desk.now)


@pytest.mark.parametrize(
    ("ended", "again"),
    [(Sent(state="failed"), True), (Sent(state="unknown"), True), (SENT, False)],
    ids=lambda value: value.state if isinstance(value, Sent) else "",
)
async def test_a_bubble_that_did_not_arrive_can_be_sent_once_more(
    desk: Desk, store: Store, ended: Sent, again: bool
) -> None:
    conversation = await desk.say("a")
    item = await desk.begin_send(conversation)
    assert not await store.resend(item.id, desk.now)
    await store.end_send(item, ended, desk.now)
    desk.later(hours=1)
    assert await store.resend(item.id, desk.now) is again
    assert await desk.sent(conversation) == ["a"] * again
    assert not await store.resend(99, desk.now)


async def test_what_is_sent_once_more_is_looked_for_among_what_is_sent_now(desk: Desk, store: Store) -> None:
    conversation = await desk.say("a")
    item = await lose(desk, conversation, seconds=3)
    desk.later(hours=1)
    assert await store.resend(item.id, desk.now)
    assert (await desk.begin_send(conversation)).since == desk.now


@pytest.mark.parametrize("states", [["queued"], ["failed", "unknown"], []])
async def test_an_empty_outbox_is_listed_too(desk: Desk, store: Store, states: list[OutboxState]) -> None:
    await desk.begin()
    assert list(await store.outbox(states)) == []
    assert await store.count_outbox() == {}
