"""The contract of a store: messages in, turns out, in order and fenced."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest
from lumiera_sql.store import SqlStore
from lumiera_sql.testing import NOON, Desk, everything

from lumiera.errors import Fenced
from lumiera.messages import Choices, Location, Media, Message, Option, Tap
from lumiera.people import Allowance, User
from lumiera.records import Claim, Due, Failure, Lease, Line, TurnRecord, Waiting
from lumiera.store import Store

pytest_plugins = ["lumiera_sql.testing"]
FAILURE = Failure(code="SYSTEM_5001", message="it broke", plugin="agent", stage="route", traceback="...")


async def test_a_message_comes_out_as_it_went_in(desk: Desk) -> None:
    message = desk.message(
        "voilà 👷",
        media=(Media(url="https://x/1", content_type="image/jpeg", size=3, caption="le mur"),),
        tap=Tap(id="ask1:yes", title="Oui"),
        location=Location(latitude=48.85, longitude=2.35, label="chantier"),
        profile_name="Ion",
        external_id="FR.1",
        reply_to="SMold",
    )
    claim = await desk.claim(await desk.receive(message))
    [stored] = claim.messages
    assert stored.seq == 1
    assert stored == Message(**{**vars(message), "seq": 1})


async def test_messages_of_a_conversation_are_numbered_in_the_order_of_their_arrival(desk: Desk) -> None:
    conversation = await desk.receive(*[desk.message(str(number)) for number in range(20)])
    claim = await desk.claim(conversation)
    assert [(message.text, message.seq) for message in claim.messages] == [(str(n), n + 1) for n in range(20)]


async def test_a_conversation_is_one_user_on_one_channel(desk: Desk) -> None:
    first = await desk.receive(desk.message())
    assert await desk.receive(desk.message()) == first
    assert await desk.receive(desk.message(sender="+33600000002")) != first
    assert await desk.receive(desk.message(channel="sms")) != first


async def test_one_sid_received_100_times_at_once_is_stored_once(desk: Desk, store: Store) -> None:
    message = desk.message("une fois")
    batches = await asyncio.gather(*[store.ingest([(message, None)]) for _ in range(100)])
    receipts = [receipt for batch in batches for receipt in batch]
    assert [receipt.duplicate for receipt in receipts].count(False) == 1
    assert len({receipt.conversation_id for receipt in receipts}) == 1
    claim = await desk.claim(receipts[0].conversation_id)
    assert [found.text for found in claim.messages] == ["une fois"]


async def test_a_duplicate_changes_nothing(desk: Desk, store: Store) -> None:
    message = desk.message("STOP")
    conversation = await desk.receive(message)
    before = await desk.rows("conversations")
    desk.later(hours=1)
    again = Message(**{**vars(message), "sender": "+33699999999", "received_at": desk.now})
    [receipt] = await store.ingest([(again, "stop")])
    assert receipt.duplicate
    assert receipt.conversation_id == conversation
    assert await desk.rows("conversations") == before
    assert await desk.rows("consents") == []


async def test_a_duplicate_inside_one_delivery_is_seen(desk: Desk, store: Store) -> None:
    message = desk.message()
    receipts = await store.ingest([(message, None), (message, None)])
    assert [receipt.duplicate for receipt in receipts] == [False, True]


async def test_the_same_sid_on_another_channel_is_another_message(desk: Desk, store: Store) -> None:
    messages = [desk.message(sid="1"), desk.message(sid="1", channel="simulator")]
    receipts = await store.ingest([(message, None) for message in messages])
    assert [receipt.duplicate for receipt in receipts] == [False, False]


async def test_a_changed_number_keeps_the_conversation_and_moves_the_address(desk: Desk) -> None:
    first = await desk.receive(desk.message(sender="+33600000001", external_id="FR.1"))
    assert await desk.receive(desk.message(sender="+33600000002", external_id="FR.1")) == first
    assert (await desk.claim(first)).conversation.address == "+33600000002"


async def test_a_hidden_number_keeps_the_conversation(desk: Desk) -> None:
    first = await desk.receive(desk.message(sender="+33600000001", external_id="FR.1"))
    assert await desk.receive(desk.message(sender="FR.1", external_id="FR.1")) == first
    assert (await desk.claim(first)).conversation.address == "FR.1"


async def test_a_lasting_id_that_comes_later_is_taken_in(desk: Desk) -> None:
    first = await desk.receive(desk.message())
    assert await desk.receive(desk.message(external_id="FR.1")) == first
    assert (await desk.claim(first)).conversation.external_id == "FR.1"
    assert await desk.receive(desk.message()) == first


async def test_a_number_given_to_a_new_person_starts_a_new_conversation(desk: Desk, store: Store) -> None:
    old = await desk.receive(desk.message(external_id="FR.1"))
    new = await desk.receive(desk.message(external_id="FR.2"))
    assert new != old
    assert (await desk.claim(new)).conversation.address == "+33600000001"
    assert (await desk.claim(old)).conversation.address == ""


async def test_nothing_is_sent_to_the_former_holder_of_a_number(desk: Desk) -> None:
    claim = await desk.begin(external_id="FR.1")
    await desk.finish(claim, outbox=(desk.outgoing("pour FR.1"),))
    await desk.receive(desk.message(external_id="FR.2"))
    assert await desk.sent(claim.conversation.id) == []


async def test_somebody_who_moves_to_a_known_number_takes_it_over(desk: Desk) -> None:
    other = await desk.receive(desk.message(sender="+33600000002"))
    first = await desk.receive(desk.message(sender="+33600000001", external_id="FR.1"))
    assert await desk.receive(desk.message(sender="+33600000002", external_id="FR.1")) == first
    assert (await desk.claim(other)).conversation.address == ""


async def test_stop_and_start_come_with_the_message(desk: Desk) -> None:
    conversation = await desk.receive(desk.message("STOP"), consent="stop")
    stopped = desk.now
    claim = await desk.claim(conversation)
    assert claim.conversation.stopped_at == stopped
    await desk.finish(claim)
    desk.later(minutes=1)
    await desk.receive(desk.message("stop"), consent="stop")
    claim = await desk.claim(conversation)
    assert claim.conversation.stopped_at == stopped, "the first STOP counts"
    await desk.finish(claim)
    await desk.receive(desk.message("START"), consent="start")
    assert (await desk.claim(conversation)).conversation.stopped_at is None


async def test_what_users_said_about_stop_is_kept_in_full(desk: Desk) -> None:
    await desk.receive(desk.message("STOP", sid="a"), consent="stop")
    await desk.receive(desk.message("START", sid="b"), consent="start")
    await desk.receive(desk.message("STOP", sid="c"), consent="stop")
    assert await desk.rows("consents", "kind, sid") == [("stop", "a"), ("start", "b"), ("stop", "c")]


async def test_nothing_waits_nothing_is_claimed(desk: Desk, store: Store) -> None:
    claim = await desk.begin()
    await desk.finish(claim)
    assert await store.claim(claim.conversation.id, "t", desk.now, everything) is None
    assert await store.claim(999, "t", desk.now, everything) is None


async def test_a_claim_takes_as_many_messages_as_it_is_told(desk: Desk) -> None:
    conversation = await desk.receive(*[desk.message(text) for text in "abc"])
    first = await desk.claim(conversation, lambda _: 2)
    assert [message.text for message in first.messages] == ["a", "b"]
    await desk.finish(first)
    assert [message.text for message in (await desk.claim(conversation)).messages] == ["c"]


async def test_a_claim_says_whether_messages_are_left_for_a_later_turn(desk: Desk) -> None:
    conversation = await desk.receive(*[desk.message(text) for text in "abc"])
    assert (await desk.claim(conversation, lambda _: 2)).more
    again = await desk.claim(conversation)
    assert (len(again.messages), again.more) == (2, True)
    await desk.finish(again)
    assert not (await desk.claim(conversation)).more
    assert not (await desk.claim(conversation)).more


async def test_take_sees_the_messages_the_conversation_and_the_open_dialogue(desk: Desk, store: Store) -> None:
    claim = await desk.begin()
    await desk.finish(claim, dialogues=(desk.change(),))
    await desk.receive(desk.message("a"), desk.message("b"))
    seen: list[Waiting] = []

    def take(waiting: Waiting) -> int:
        seen.append(waiting)
        return 1

    await store.claim(claim.conversation.id, "t", desk.now, take)
    [waiting] = seen
    assert [message.text for message in waiting.messages] == ["a", "b"]
    assert waiting.conversation.turns == 1
    assert waiting.dialogue is not None
    assert waiting.dialogue.id == "d1"


async def test_a_burst_waits_and_is_found_when_its_time_has_come(desk: Desk, store: Store) -> None:
    conversation = await desk.receive(desk.message("a"))
    until = desk.now + timedelta(seconds=3)
    assert await store.claim(conversation, "t", desk.now, lambda _: until) == until
    assert await store.due(desk.now) == Due(next_at=until)
    assert (await store.due(desk.later(seconds=3))).inbox == (conversation,)
    assert len((await desk.claim(conversation)).messages) == 1


async def test_a_new_message_ends_the_wait_of_a_burst(desk: Desk, store: Store) -> None:
    conversation = await desk.receive(desk.message("a"))
    await store.claim(conversation, "t", desk.now, lambda _: NOON + timedelta(seconds=3))
    desk.later(seconds=1)
    await desk.receive(desk.message("b"))
    assert (await store.due(desk.now)).inbox == (conversation,)
    assert [message.text for message in (await desk.claim(conversation)).messages] == ["a", "b"]


async def test_a_run_that_ended_halfway_is_run_again_with_the_same_messages(desk: Desk) -> None:
    conversation = await desk.receive(desk.message("a"), desk.message("b"))
    first = await desk.claim(conversation)
    desk.later(seconds=9)
    await desk.receive(desk.message("c"))
    second = await desk.claim(conversation)
    assert second.turn_id == first.turn_id
    assert second.messages == first.messages
    assert (first.attempt, second.attempt) == (1, 2)
    assert second.claimed_at == first.claimed_at == NOON
    await desk.finish(second)
    assert [message.text for message in (await desk.claim(conversation)).messages] == ["c"]


async def test_take_is_not_asked_about_a_run_that_is_run_again(desk: Desk, store: Store) -> None:
    claim = await desk.begin()

    def take(waiting: Waiting) -> int:
        raise AssertionError("its messages are stamped")

    assert isinstance(await store.claim(claim.conversation.id, "t", desk.now, take), Claim)


async def test_a_turn_given_back_waits_until_its_time(desk: Desk, store: Store) -> None:
    claim = await desk.begin()
    conversation, at = claim.conversation.id, desk.now + timedelta(seconds=8)
    await store.retry(claim.lease, claim.turn_id, at, FAILURE, desk.now)
    assert await store.due(desk.now) == Due(next_at=at)
    await desk.receive(desk.message("b"))
    assert await store.claim(conversation, "t", desk.now, everything) == at
    assert await store.due(desk.now) == Due(next_at=at), "the claim has set the timer again"
    desk.later(seconds=8)
    assert (await store.due(desk.now)).inbox == (conversation,)
    again = await desk.claim(conversation)
    assert (again.turn_id, again.attempt, again.messages) == (claim.turn_id, 2, claim.messages)


async def test_a_retry_is_in_the_error_log(desk: Desk, store: Store) -> None:
    claim = await desk.begin()
    await store.retry(claim.lease, claim.turn_id, desk.now, FAILURE, desk.now)
    assert await desk.rows("error_log", "turn_id, code, message, plugin, stage, traceback") == [
        (claim.turn_id, "SYSTEM_5001", "it broke", "agent", "route", "...")
    ]


async def test_a_buried_turn_leaves_dead_letters_and_a_word_to_the_user(desk: Desk, store: Store) -> None:
    conversation = await desk.receive(desk.message("a"), desk.message("b"))
    claim = await desk.claim(conversation)
    await store.bury(claim.lease, claim.turn_id, FAILURE, desk.later(minutes=1), outbox=[desk.outgoing("désolé")])
    letters = await store.dead_letters()
    assert [letter.message for letter in letters] == list(claim.messages)
    assert {(letter.conversation_id, letter.turn_id, letter.error, letter.at) for letter in letters} == {
        (conversation, claim.turn_id, "it broke", desk.now)
    }
    assert await desk.sent(conversation) == ["désolé"]
    assert await store.claim(conversation, "t", desk.now, everything) is None
    await desk.receive(desk.message("c"))
    assert [message.text for message in (await desk.claim(conversation)).messages] == ["c"]


async def test_a_finished_turn_is_counted_and_its_surroundings_kept(desk: Desk) -> None:
    claim = await desk.begin()
    assert (claim.conversation.turns, claim.conversation.allowance, claim.menu) == (0, None, None)
    allowance = Allowance(tokens=2.5, at=desk.now, told=True)
    menu = Choices(options=(Option(id="intent:help", title="Aide"),), button="Choisir", ref="m1")
    await desk.finish(claim, allowance=allowance, menu=menu)
    desk.later(minutes=1)
    again = await desk.begin("encore")
    assert again.conversation.turns == 1
    assert again.conversation.allowance == allowance
    assert again.conversation.last_inbound_at == desk.now
    assert again.menu == menu
    await desk.finish(again)
    last = await desk.begin()
    assert (last.conversation.allowance, last.menu) == (allowance, menu), "a turn that says nothing leaves them"


async def test_a_turn_leaves_its_trace_its_actions_and_its_errors(desk: Desk) -> None:
    claim = await desk.begin()
    await desk.finish(
        claim, language="fr", intent="help", confidence=0.75, route="fast_path", code="", trace="[1]",
        failures=(FAILURE,),
    )  # fmt: skip
    assert await desk.rows("turns", "id, language, intent, confidence, route, trace") == [
        (claim.turn_id, "fr", "help", 0.75, "fast_path", "[1]")
    ]
    assert await desk.rows("error_log", "turn_id, message") == [(claim.turn_id, "it broke")]


async def test_history_comes_oldest_first_and_no_longer_than_asked(desk: Desk, store: Store) -> None:
    lines = [Line(direction="in" if n % 2 else "out", text=str(n), language="fr", at=desk.now) for n in range(5)]
    claim = await desk.begin()
    await desk.finish(claim, history=tuple(lines[:3]))
    await desk.finish(await desk.begin(), history=tuple(lines[3:]))
    assert list(await store.history(claim.conversation.id, 4)) == lines[1:]
    assert list(await store.history(999, 4)) == []


async def test_a_user_is_made_once_for_a_phone(desk: Desk, store: Store) -> None:
    claim = await desk.begin()
    given = User(id=0, phone="+33600000001", name="Ion", language="ro")
    user = await store.sign_in(claim.lease, given, desk.now)
    assert (user.phone, user.name, user.language, user.status) == ("+33600000001", "Ion", "ro", "active")
    await desk.finish(claim)
    again = await desk.begin()
    assert again.user == user
    assert again.conversation.user_id == user.id
    other = User(id=0, phone="+33600000001", name="Somebody else", status="blocked")
    assert await store.sign_in(again.lease, other, desk.now) == user, "what is stored counts"


async def test_a_user_known_by_id_is_found_by_it(desk: Desk, store: Store) -> None:
    claim = await desk.begin()
    known = await store.sign_in(claim.lease, User(id=41, phone="+33600000009", name="Ana"), desk.now)
    assert known.id == 41
    assert await store.sign_in(claim.lease, User(id=41), desk.now) == known


async def test_users_without_a_phone_are_all_new(desk: Desk, store: Store) -> None:
    claim = await desk.begin()
    first = await store.sign_in(claim.lease, User(id=0), desk.now)
    second = await store.sign_in(claim.lease, User(id=0), desk.now)
    assert first.id != second.id
    assert first.phone == ""


async def test_the_language_of_a_user_changes_with_the_turn(desk: Desk, store: Store) -> None:
    claim = await desk.begin()
    user = await store.sign_in(claim.lease, User(id=0, phone="+33600000001", language="fr"), desk.now)
    await desk.finish(claim, user_id=user.id, user_language="pl")
    claim = await desk.begin()
    assert claim.user is not None
    assert claim.user.language == "pl"
    await desk.finish(claim, user_id=user.id)
    assert (await desk.rows("users", "language")) == [("pl",)]


async def test_a_session_lives_until_the_next_one_is_opened(desk: Desk, store: Store) -> None:
    claim = await desk.begin()
    assert claim.session is None
    opened = await store.open_session(claim.lease, desk.now)
    assert (opened.started_at, opened.last_message_at) == (NOON, NOON)
    await desk.finish(claim, session_id=opened.id)
    desk.later(hours=1)
    claim = await desk.begin()
    assert claim.session == opened
    await desk.finish(claim, session_id=opened.id)
    claim = await desk.begin()
    assert claim.session is not None
    assert claim.session.last_message_at == NOON + timedelta(hours=1)
    second = await store.open_session(claim.lease, desk.now)
    await desk.finish(claim, session_id=second.id)
    assert (await desk.begin()).session == second
    assert len(await desk.rows("sessions", where="ended_at IS NULL")) == 1


async def test_a_turn_without_a_session_leaves_it_alone(desk: Desk, store: Store) -> None:
    claim = await desk.begin()
    opened = await store.open_session(claim.lease, desk.now)
    desk.later(hours=1)
    await desk.finish(claim)
    assert (await desk.begin()).session == opened


async def test_who_signs_in_and_opens_a_session_is_there_for_a_run_that_is_run_again(desk: Desk, store: Store) -> None:
    claim = await desk.begin()
    user = await store.sign_in(claim.lease, User(id=0, phone="+33600000001"), desk.now)
    session = await store.open_session(claim.lease, desk.now)
    again = await desk.claim(claim.conversation.id)
    assert (again.user, again.session) == (user, session)


# Every method with a lease, called with one that somebody else has taken over.
LEASED: dict[str, Callable[[Desk, Claim], Awaitable[object]]] = {
    "sign_in": lambda desk, old: desk.store.sign_in(old.lease, User(id=0, phone="+33600000001"), desk.now),
    "open_session": lambda desk, old: desk.store.open_session(old.lease, desk.now),
    "journal": lambda desk, old: desk.store.journal(
        old.lease, old.turn_id, desk.change(), desk.now, outbox=[desk.outgoing("zombie")]
    ),
    "finish": lambda desk, old: desk.finish(
        old, outbox=(desk.outgoing("zombie"),), failures=(FAILURE,), dialogues=(desk.change(),)
    ),
    "retry": lambda desk, old: desk.store.retry(old.lease, old.turn_id, desk.now, FAILURE, desk.now),
    "bury": lambda desk, old: desk.store.bury(
        old.lease, old.turn_id, FAILURE, desk.now, outbox=[desk.outgoing("zombie")]
    ),
}
TABLES = ("conversations", "users", "sessions", "inbox", "outbox", "dialogues", "turns", "error_log", "messages")


@pytest.mark.parametrize("method", LEASED)
async def test_a_zombie_with_a_stale_epoch_writes_nothing(desk: Desk, method: str) -> None:
    old = await desk.begin()
    await desk.claim(old.conversation.id)
    before = {table: await desk.rows(table) for table in TABLES}
    with pytest.raises(Fenced):
        await LEASED[method](desk, old)
    assert {table: await desk.rows(table) for table in TABLES} == before


@pytest.mark.parametrize("method", LEASED)
@pytest.mark.parametrize("end", ["finish", "retry", "bury"])
async def test_the_lease_ends_with_the_turn(desk: Desk, method: str, end: str) -> None:
    claim = await desk.begin()
    await LEASED[end](desk, claim)
    before = {table: await desk.rows(table) for table in TABLES}
    with pytest.raises(Fenced):
        await LEASED[method](desk, claim)
    assert {table: await desk.rows(table) for table in TABLES} == before


async def test_a_lease_of_no_conversation_is_fenced(desk: Desk, store: Store) -> None:
    record = TurnRecord(id="t", started_at=desk.now, finished_at=desk.now)
    with pytest.raises(Fenced):
        await store.finish(Lease(999, 1), record, desk.now)


async def test_idle_stores_have_nothing_due(desk: Desk, store: Store) -> None:
    assert await store.due(desk.now) == Due()
    claim = await desk.begin()
    await desk.finish(claim, outbox=(desk.outgoing("a"),))
    await desk.sent(claim.conversation.id)
    assert await store.due(desk.now) == Due()


async def test_a_turn_that_nobody_ended_is_due(desk: Desk, store: Store) -> None:
    claim = await desk.begin()
    assert (await store.due(desk.now)).inbox == (claim.conversation.id,)


async def test_the_next_timer_is_the_earliest(desk: Desk, store: Store) -> None:
    wakes = {"+33600000001": 5, "+33600000002": 3, "+33600000003": 9}
    for sender, seconds in wakes.items():
        conversation = await desk.receive(desk.message(sender=sender))
        until: datetime = NOON + timedelta(seconds=seconds)
        await store.claim(conversation, "t", desk.now, lambda _, until=until: until)  # type: ignore[misc]
    assert await store.due(desk.now) == Due(next_at=NOON + timedelta(seconds=3))


async def test_messages_come_in_order_under_many_writers(desk: Desk, store: SqlStore) -> None:
    messages = [desk.message(str(number), sender=f"+3360000{number % 5:04}") for number in range(100)]
    await asyncio.gather(*[store.ingest([(message, None)]) for message in messages])
    for start in range(5):
        conversation = await desk.receive(desk.message("last", sender=f"+3360000{start:04}"))
        claim = await desk.claim(conversation)
        assert [m.text for m in claim.messages] == [*(str(n) for n in range(start, 100, 5)), "last"]
        assert [m.seq for m in claim.messages] == list(range(1, 22))
