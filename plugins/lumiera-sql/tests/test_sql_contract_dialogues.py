"""The contract of a store: dialogues, their journals, and steps that happen once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from lumiera_sql.testing import NOON, Desk

from lumiera.errors import Fenced, Silenced
from lumiera.messages import Choices, Option, Reply
from lumiera.people import Opening
from lumiera.questions import Asked
from lumiera.records import Action, Claim, DialogueRecord, Entry
from lumiera.steps import Tx
from lumiera.store import Store

pytest_plugins = ["lumiera_sql.testing"]
ALERT = Entry(name="alert", kind="step", value="true", arguments="a1")


@pytest.fixture
def asked() -> Asked:
    options = (Option(id="yes", title="Oui"), Option(id="no", title="Non"))
    return Asked(
        dialogue_id="d1",
        name="anyone-hurt",
        kind="yes_no",
        shown=Reply("Quelqu'un est blessé ?", Choices(options=options, ref="q1"), language="fr"),
        labels={"yes": ("Oui", "Yes"), "no": ("Non", "No")},
        at_most=3,
        minimum=0.5,
        zone="Europe/Paris",
        misses=1,
    )


async def dialogue_of(desk: Desk, conversation: int) -> DialogueRecord | None:
    await desk.receive(desk.message("ensuite", sender="+33600000001"))
    return (await desk.claim(conversation)).dialogue


def alert(tx: Tx) -> Entry:
    """Write something of our own, as a step does."""
    tx.exec_driver_sql("INSERT INTO alerts (text) VALUES ('blessé')")
    return ALERT


@pytest.fixture
async def alerts(desk: Desk) -> None:
    await desk.store.run(lambda tx: tx.exec_driver_sql("CREATE TABLE alerts (text TEXT)").rowcount)


async def test_a_dialogue_is_there_at_the_next_turn_as_it_was_left(desk: Desk, asked: Asked) -> None:
    claim = await desk.begin("il y a un accident")
    entries = (
        Entry(name="anyone-hurt", kind="answer", value='"yes"', label="Quelqu'un est blessé ?\nOui"),
        Entry(name="call-112", kind="say"),
        Entry(name="file/1", kind="step", state="started", arguments="h"),
    )
    change = desk.change(opening=claim.messages, question=asked, entries=entries, version=3)
    await desk.finish(claim, dialogues=(change,))
    found = await dialogue_of(desk, claim.conversation.id)
    assert found == DialogueRecord(
        id="d1",
        intent="report_incident",
        version=3,
        opening=claim.messages,
        opened_at=NOON,
        turn_id=claim.turn_id,
        status="open",
        question=replace(asked, after_seq=1),
        entries=entries,
        changed_at=NOON,
    )
    assert found.opening[0].seq == 1


async def test_only_messages_after_the_question_answer_it(desk: Desk, store: Store, asked: Asked) -> None:
    claim = await desk.begin()
    await desk.receive(desk.message("sent while the bot was thinking"))
    await desk.finish(claim, dialogues=(desk.change(question=asked),))
    found = await store.dialogue("d1")
    assert found is not None
    assert found.question is not None
    assert found.question.after_seq == 2


async def test_an_entry_written_again_keeps_its_place(desk: Desk, store: Store) -> None:
    claim = await desk.begin()
    first = (Entry(name="write", kind="step", state="started", arguments="h"), Entry(name="b", kind="say"))
    await store.journal(claim.lease, claim.turn_id, desk.change(entries=first), desk.now)
    done = replace(first[0], state="done", value="7")
    await store.journal(claim.lease, claim.turn_id, desk.change(entries=(done,)), desk.now)
    found = await store.dialogue("d1")
    assert found is not None
    assert found.entries == (done, first[1])


async def test_a_dialogue_that_ended_does_not_come_back(desk: Desk, store: Store) -> None:
    claim = await desk.begin()
    await desk.finish(claim, dialogues=(desk.change(),))
    claim = await desk.begin()
    await desk.finish(claim, dialogues=(desk.change(status="done"),))
    assert (await desk.begin()).dialogue is None
    ended = await store.dialogue("d1")
    assert ended is not None
    assert ended.status == "done"


async def test_one_dialogue_ends_and_another_opens_in_one_turn(desk: Desk) -> None:
    claim = await desk.begin()
    await desk.finish(claim, dialogues=(desk.change("old"),))
    claim = await desk.begin()
    await desk.finish(claim, dialogues=(desk.change("new"), desk.change("old", status="cancelled")))
    found = (await desk.begin()).dialogue
    assert found is not None
    assert found.id == "new"


async def test_a_dialogue_that_opens_interrupts_the_open_one(desk: Desk, store: Store) -> None:
    claim = await desk.begin()
    await desk.finish(claim, dialogues=(desk.change("old", entries=(ALERT,)),))
    claim = await desk.begin()
    await store.journal(claim.lease, claim.turn_id, desk.change("new"), desk.now)
    old, new = await store.dialogue("old"), await store.dialogue("new")
    assert old is not None
    assert new is not None
    assert (old.status, old.entries, new.status) == ("interrupted", (ALERT,), "open")


async def statuses(desk: Desk) -> dict[str, str]:
    return dict(await desk.rows("dialogues", "id, status"))


async def test_a_third_dialogue_parks_the_second_and_leaves_the_first_interrupted(desk: Desk) -> None:
    for name in ("first", "second", "third"):
        await desk.finish(await desk.begin(), dialogues=(desk.change(name),))
    assert await statuses(desk) == {"first": "interrupted", "second": "parked", "third": "open"}
    claim = await desk.begin()
    assert claim.dialogue is not None
    assert claim.aside is not None
    assert (claim.dialogue.id, claim.aside.id) == ("third", "first")


async def test_one_that_ends_and_the_interrupted_one_that_opens_again_are_one_commit(desk: Desk) -> None:
    for name in ("first", "second"):
        await desk.finish(await desk.begin(), dialogues=(desk.change(name),))
    await desk.finish(await desk.begin(), dialogues=(desk.change("first"), desk.change("second", status="done")))
    assert await statuses(desk) == {"first": "open", "second": "done"}


async def test_what_was_parked_comes_before_what_was_offered_and_the_latest_first(desk: Desk) -> None:
    for name, status in (("offered", "offered"), ("older", "parked"), ("newer", "parked")):
        desk.later(minutes=1)
        await desk.finish(await desk.begin(), dialogues=(desk.change(name, status=status),))
    claim = await desk.begin()
    assert claim.dialogue is None
    assert claim.aside is not None
    assert claim.aside.id == "newer"


async def test_a_rerun_sees_beside_what_it_wrote_the_dialogue_that_is_open(desk: Desk, store: Store) -> None:
    await desk.finish(await desk.begin(), dialogues=(desk.change("below"),))
    claim = await desk.begin()
    await store.journal(claim.lease, claim.turn_id, desk.change("above", status="draft"), desk.now)
    again = await desk.claim(claim.conversation.id)
    assert again.dialogue is not None
    assert again.aside is not None
    assert (again.dialogue.id, again.aside.id, again.aside.status) == ("above", "below", "open")


async def test_dropped_entries_go_before_new_ones_of_their_names_are_written(desk: Desk, store: Store) -> None:
    answers = [Entry(name=name, kind="answer", value=f'"{name}"') for name in "abc"]
    await desk.finish(await desk.begin(), dialogues=(desk.change(entries=tuple(answers)),))
    claim = await desk.begin()
    again = replace(answers[1], value='"new"')
    await store.journal(claim.lease, claim.turn_id, desk.change(entries=(again,), dropped=("b", "c")), desk.now)
    found = await store.dialogue("d1")
    assert found is not None
    assert found.entries == (answers[0], again)


# --- parking ---


async def parking(desk: Desk, **untouched: float) -> list[str]:
    return [record.id for record in await desk.store.parking(desk.now - timedelta(**untouched))]


async def test_open_and_interrupted_dialogues_that_nobody_touched_are_to_be_parked(desk: Desk) -> None:
    for name in ("first", "second"):
        await desk.finish(await desk.begin(), dialogues=(desk.change(name),))
    await desk.finish(await desk.begin(sender="+33600000002"), dialogues=(desk.change("ended", status="done"),))
    assert await parking(desk, hours=2) == []
    desk.later(hours=2)
    assert sorted(await parking(desk, hours=2)) == ["first", "second"]


async def test_a_message_that_waits_may_be_the_answer_so_its_dialogue_is_not_parked(desk: Desk, store: Store) -> None:
    await desk.finish(await desk.begin(), dialogues=(desk.change(),))
    seen = await store.dialogue("d1")
    desk.later(hours=3)
    conversation = await desk.receive()
    assert await parking(desk, hours=2) == []
    assert seen is not None
    await store.park(seen, desk.now)
    assert await statuses(desk) == {"d1": "open"}
    await desk.finish(await desk.claim(conversation))
    assert await parking(desk, hours=2) == ["d1"]


async def test_who_was_touched_since_he_was_read_is_not_parked(desk: Desk, store: Store) -> None:
    await desk.finish(await desk.begin(), dialogues=(desk.change(),))
    seen = await store.dialogue("d1")
    assert seen is not None
    desk.later(minutes=1)
    await desk.finish(await desk.begin(), dialogues=(desk.change(),))
    await store.park(seen, desk.now, escalation=Opening(reason="unfinished", silent=False))
    assert await statuses(desk) == {"d1": "open"}
    assert await store.escalations() == []


async def test_parking_calls_a_human_once(desk: Desk, store: Store) -> None:
    await desk.finish(await desk.begin(), dialogues=(desk.change(),))
    seen = await store.dialogue("d1")
    assert seen is not None
    for _ in range(2):
        await store.park(seen, desk.now, escalation=Opening(reason="unfinished", details="Où ? : là", silent=False))
    assert await statuses(desk) == {"d1": "parked"}
    (called,) = await store.escalations()
    assert (called.opening.reason, called.opening.details) == ("unfinished", "Où ? : là")


async def test_what_was_put_aside_too_long_ago_ends_and_an_offer_does_not_prolong_it(desk: Desk, store: Store) -> None:
    await desk.finish(await desk.begin(), dialogues=(desk.change("d1", status="parked"),))
    parked_at = desk.now
    desk.later(hours=50)
    await desk.finish(await desk.begin(), dialogues=(desk.change("d1", status="offered"),))
    await desk.finish(await desk.begin(sender="+33600000002"), dialogues=(desk.change("open"),))
    await store.purge(desk.now, parked_at - timedelta(seconds=1))
    assert await statuses(desk) == {"d1": "offered", "open": "open"}
    await store.purge(desk.now, parked_at)
    assert await statuses(desk) == {"d1": "cancelled", "open": "open"}


async def test_a_draft_that_opens_again_is_not_removed(desk: Desk, store: Store) -> None:
    claim = await desk.begin()
    await desk.finish(claim, dialogues=(desk.change(status="draft"),))
    claim = await desk.begin()
    await desk.finish(claim, dialogues=(desk.change(),))
    await store.purge(desk.later(days=8), desk.now - timedelta(days=3))
    assert await store.dialogue("d1") is not None


async def test_dialogues_of_two_conversations_do_not_mix(desk: Desk) -> None:
    for sender in ("+33600000001", "+33600000002"):
        claim = await desk.begin(sender=sender)
        await desk.finish(claim, dialogues=(desk.change(f"of{sender}"),))
    claim = await desk.begin(sender="+33600000002")
    assert claim.dialogue is not None
    assert claim.dialogue.id == "of+33600000002"


async def test_a_dialogue_is_found_in_whatever_status(desk: Desk, store: Store) -> None:
    claim = await desk.begin()
    await desk.finish(claim, dialogues=(desk.change(status="draft", entries=(ALERT,)),))
    found = await store.dialogue("d1")
    assert found is not None
    assert (found.status, found.entries) == ("draft", (ALERT,))
    assert await store.dialogue("unknown") is None


@pytest.mark.usefixtures("alerts")
async def test_a_step_and_its_entry_are_one_commit(desk: Desk, store: Store) -> None:
    claim = await desk.begin()
    action = Action(name="alert", kind="step", dialogue_id="d1", details='{"to": 2}')
    entry = await store.journal(
        claim.lease, claim.turn_id, desk.change(), desk.now, operation=alert, action=action,
        outbox=[desk.outgoing("Appelez le 112")],
    )  # fmt: skip
    assert entry == ALERT
    assert await desk.rows("alerts") == [("blessé",)]
    found = await store.dialogue("d1")
    assert found is not None
    assert found.entries == (ALERT,)
    assert await desk.rows("action_log", "name, kind, dialogue_id, details, turn_id") == [
        ("alert", "step", "d1", '{"to": 2}', claim.turn_id)
    ]
    assert await desk.sent(claim.conversation.id) == ["Appelez le 112"]


@pytest.mark.usefixtures("alerts")
async def test_a_step_that_fails_leaves_nothing(desk: Desk, store: Store) -> None:
    claim = await desk.begin()

    def fails(tx: Tx) -> Entry:
        alert(tx)
        raise LookupError("no such project")

    with pytest.raises(LookupError, match="no such project"):
        await store.journal(
            claim.lease, claim.turn_id, desk.change(), desk.now, operation=fails, outbox=[desk.outgoing("x")]
        )
    assert await desk.rows("alerts") == []
    assert await store.dialogue("d1") is None
    assert await desk.sent(claim.conversation.id) == []
    await store.journal(claim.lease, claim.turn_id, desk.change(), desk.now, operation=alert)


@pytest.mark.usefixtures("alerts")
async def test_a_fenced_step_does_not_run(desk: Desk, store: Store) -> None:
    old = await desk.begin()
    await desk.claim(old.conversation.id)
    with pytest.raises(Fenced):
        await store.journal(old.lease, old.turn_id, desk.change(), desk.now, operation=alert)
    assert await desk.rows("alerts") == []


@pytest.mark.usefixtures("alerts")
async def test_after_stop_no_step_runs_and_nothing_is_written(desk: Desk, store: Store) -> None:
    claim = await desk.begin()
    await desk.receive(desk.message("STOP"), consent="stop")
    with pytest.raises(Silenced):
        await store.journal(claim.lease, claim.turn_id, desk.change(), desk.now, operation=alert)
    assert await desk.rows("alerts") == []
    assert await store.dialogue("d1") is None


@pytest.mark.usefixtures("alerts")
async def test_a_human_s_take_over_stops_steps_until_it_ends(desk: Desk, store: Store) -> None:
    claim = await desk.begin()
    await desk.silence(claim.conversation.id, until=NOON + timedelta(hours=1))
    with pytest.raises(Silenced):
        await store.journal(claim.lease, claim.turn_id, desk.change(), desk.now, operation=alert)
    await store.journal(claim.lease, claim.turn_id, desk.change(), desk.later(hours=1), operation=alert)
    assert await desk.rows("alerts") == [("blessé",)]


async def test_a_run_that_is_run_again_goes_on_with_the_dialogue_it_wrote_in(desk: Desk, store: Store) -> None:
    claim = await desk.begin()
    await store.journal(claim.lease, claim.turn_id, desk.change(entries=(ALERT,)), desk.now)
    again = await desk.claim(claim.conversation.id)
    assert again.dialogue is not None
    assert again.dialogue.turn_id == again.turn_id == claim.turn_id
    assert again.dialogue.entries == (ALERT,)


async def test_a_run_that_is_run_again_finds_the_dialogue_that_it_ended(desk: Desk, store: Store) -> None:
    claim = await desk.begin()
    await store.journal(claim.lease, claim.turn_id, desk.change(status="done"), desk.now)
    again = await desk.claim(claim.conversation.id)
    assert again.dialogue is not None
    assert again.dialogue.status == "done"


async def test_a_run_that_is_run_again_sees_the_open_dialogue_where_it_wrote_none(desk: Desk) -> None:
    claim = await desk.begin()
    await desk.finish(claim, dialogues=(desk.change(),))
    claim = await desk.begin()
    again = await desk.claim(claim.conversation.id)
    assert again.dialogue is not None
    assert again.dialogue.id == "d1"


async def test_journals_are_removed_seven_days_after_the_end(desk: Desk, store: Store) -> None:
    changes: list[tuple[str, DialogueRecord]] = [
        ("+33600000001", desk.change("ended", status="done", entries=(ALERT,))),
        ("+33600000002", desk.change("open", entries=(ALERT,))),
    ]
    for sender, change in changes:
        await desk.finish(await desk.begin(sender=sender), dialogues=(change,))
    await store.purge(desk.later(days=6), desk.now - timedelta(days=3))
    assert await store.dialogue("ended") is not None
    await store.purge(desk.later(days=1), desk.now - timedelta(days=3))
    assert await store.dialogue("ended") is None
    kept = await store.dialogue("open")
    assert kept is not None
    assert kept.entries == (ALERT,)
    assert len(await desk.rows("dialogue_entries")) == 1


async def test_actions_of_a_turn_are_logged(desk: Desk) -> None:
    claim: Claim = await desk.begin()
    await desk.finish(claim, actions=(Action(name="view_tasks", kind="tool"),))
    assert await desk.rows("action_log", "conversation_id, turn_id, name, kind, dialogue_id, details") == [
        (claim.conversation.id, claim.turn_id, "view_tasks", "tool", "", "{}")
    ]
