"""What somebody of the page sees of the bot, and by which rules of WhatsApp."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from lumiera import Bubble, Channel, Choices, Intent, Message, Option, Reply, SendRefused, Turn, hookimpl
from lumiera.testing.bot import KitChannel
from lumiera.turn import Handler

Start = Callable[..., Awaitable[Any]]
CAMILLE = "+33639980101"


class Leak:
    """A plugin whose intent `fuite` does what a test wants; it notes the turns."""

    def __init__(self, handler: Handler | None = None) -> None:
        self._handler = handler
        self.turns: list[Turn] = []

    @hookimpl
    def register_intents(self) -> list[Intent]:
        return [Intent("leak", self._handler, examples={"fr": ["fuite"]})] if self._handler else []

    @hookimpl
    async def on_turn_finished(self, turn: Turn) -> None:
        self.turns.append(turn)


async def test_the_bot_answers_with_a_menu_to_tap(site: Any) -> None:
    await site.says("bonjour")
    (answer,) = await site.gets(1)
    assert answer["text"].startswith("Bonjour Camille Laurent")
    assert (answer["kind"], answer["sent_as"]) == ("buttons", "quick reply")
    assert "1. ❓ Aide" in answer["numbered"]
    await site.taps("❓ Aide")
    assert (await site.gets(2))[1]["text"].startswith("Voici comment me parler")
    assert [one["sent_as"] for one in await site.thread()] == ["text", "quick reply", "tap", "quick reply"]


async def test_a_message_and_its_answer_name_their_turn(site: Any) -> None:
    await site.says("bonjour")
    async with site.listen(after=0) as stream:
        await stream.until("message", direction="out", status="delivered")
    asked, answer = await site.thread()
    (turn,) = await site.turns()
    assert asked["turn"] == answer["turn"] == turn["id"]
    assert (asked["status"], answer["status"]) == ("read", "delivered")


async def test_the_language_of_the_person_is_the_users_at_first_contact(start: Start) -> None:
    noted = Leak()
    site = await start(noted=noted)
    await site.says("12345678", person=8)
    (answer,) = await site.gets(1, person=8)
    user = noted.turns[0].user
    assert (user.language, user.name, user.phone) == ("pl", "Katarzyna Nowak", "+33639980108")
    assert answer["text"] == site.bot.texts.format("undecided", "pl")


async def test_what_the_user_chose_since_counts_more_than_the_page(site: Any) -> None:
    await site.says("English")
    await site.gets(1)
    await site.says("zzz")
    assert (await site.gets(2))[1]["text"] == site.bot.texts.format("undecided", "en")


class Elsewhere(Leak):
    """A plugin with a channel of its own."""

    @hookimpl
    def register_channels(self) -> list[Channel]:
        return [KitChannel()]


async def test_the_page_has_no_say_about_who_writes_on_another_channel(start: Start) -> None:
    noted = Elsewhere()
    site = await start(noted=noted)
    message = Message(sid="1", channel="kit", sender="+33639980108", received_at=site.bot.now(), text="zzz")
    await site.bot.receive([message])
    await site.until(lambda: asyncio.sleep(0, noted.turns))
    assert (noted.turns[0].user.name, noted.turns[0].user.language) == ("", "")


async def test_a_list_is_sent_as_a_list_picker(start: Start) -> None:
    async def handler(turn: Turn) -> Reply:
        rows = [Option(id=str(n), title=f"Bâtiment {n}", description="Lot 4") for n in range(5)]
        return Reply("Lequel ?", Choices(options=tuple(rows), button="Bâtiments"))

    site = await start(leak=Leak(handler))
    await site.says("fuite")
    (answer,) = await site.gets(1)
    assert (answer["kind"], answer["sent_as"], answer["button"]) == ("list", "list picker", "Bâtiments")
    assert answer["options"][4] == {"id": "4", "title": "Bâtiment 4", "description": "Lot 4"}


async def test_choices_that_whatsapp_cannot_draw_are_sent_as_numbered_text(start: Start) -> None:
    async def handler(turn: Turn) -> Reply:
        return Reply("Lequel ?", Choices(options=tuple(Option(id=one, title=one * 30) for one in "ab")))

    site = await start(leak=Leak(handler))
    await site.says("fuite")
    (answer,) = await site.gets(1)
    assert (answer["kind"], answer["sent_as"], answer["options"]) == ("text", "numbered text", [])


async def test_reading_is_told_to_the_bot(site: Any) -> None:
    await site.says("bonjour")
    await site.gets(1)
    assert (await site.get("state"))["people"][0]["unread"] == 1
    assert (await site.post("people/1/read")).status == 204
    assert (await site.get("state"))["people"][0]["unread"] == 0
    assert [one["status"] for one in await site.thread()] == ["read", "read"]
    (line,) = await site.bot.store.outbox()
    assert line.state == "read"


async def test_outside_the_window_only_a_template_arrives(site: Any) -> None:
    channel = site.bot.channels["simulator"]
    with pytest.raises(SendRefused) as refused:
        await channel.send(CAMILLE, Bubble(text="Bonjour ?"))
    assert refused.value.provider_code == "63016"
    await channel.send(CAMILLE, Bubble(text="Rappel", template="HX1", variables=("a",)))
    (shown,) = await site.thread()
    assert (shown["text"], shown["sent_as"]) == ("Rappel", "template")


async def test_the_window_shuts_a_day_after_the_last_word(site: Any) -> None:
    channel = site.bot.channels["simulator"]
    await site.says("bonjour")
    await site.gets(1)
    await site.jump(hours=23, minutes=59)
    await channel.send(CAMILLE, Bubble(text="Toujours là ?"))
    await site.jump(minutes=2)
    with pytest.raises(SendRefused):
        await channel.send(CAMILLE, Bubble(text="Et là ?"))


async def test_a_number_that_the_bot_writes_to_becomes_a_person(site: Any) -> None:
    async with site.listen() as stream:
        await site.bot.channels["simulator"].send("+393331234567", Bubble(text="Un appel", template="HX1"))
        person = await stream.until("person", phone="+393331234567")
        assert (person.data["name"], person.data["language"]) == ("", "it")
        assert (await stream.until("message", text="Un appel")).data["person"] == person.data["id"]
        assert [event.name for event in stream.seen[-2:]] == ["person", "message"]


async def test_whoever_is_on_call_becomes_a_person_when_rung(start: Start) -> None:
    site = await start({"escalation": {"notify": ["+33639980190"], "template": "HX9"}})
    await site.says("English")
    await site.gets(1)
    await site.taps("💬 Talk to the team")
    await site.gets(2)
    await site.taps("Safety")
    async with site.listen(after=0) as stream:
        ring = await stream.until("message", sent_as="template")
        state = await site.get("state")
    assert {one["id"]: one["phone"] for one in state["people"]}[ring.data["person"]] == "+33639980190"


async def test_a_ring_that_whatsapp_would_refuse_still_makes_the_person(start: Start) -> None:
    site = await start()
    with pytest.raises(SendRefused):
        await site.bot.channels["simulator"].send("+33639980190", Bubble(text="Quelqu’un a besoin de vous"))
    assert (await site.get("state"))["people"][-1]["phone"] == "+33639980190"


async def test_after_stop_nothing_comes_until_start(start: Start) -> None:
    noted = Leak()
    site = await start(noted=noted)
    await site.says("STOP")
    await site.gets(1)
    await site.says("bonjour")
    await site.until(lambda: site.thread(), lambda found: found[-1]["status"] == "read")
    assert len(await site.phone()) == 1
    await site.says("START")
    await site.gets(2)
    assert [turn.route for turn in noted.turns] == ["consent", "silent", "consent"]


async def test_a_handler_that_says_something_urgent_is_heard_at_once(start: Start) -> None:
    go_on = asyncio.Event()

    async def handler(turn: Turn) -> str:
        await turn.say("help-answer", urgent=True)
        await go_on.wait()
        return "fin"

    site = await start(leak=Leak(handler))
    await site.says("fuite")
    (said,) = await site.gets(1)
    assert said["text"].startswith("Voici comment me parler")
    go_on.set()
    assert (await site.gets(2))[1]["text"] == "fin"


async def test_typing_shows_and_turns_the_ticks_blue(start: Start) -> None:
    go_on = asyncio.Event()

    async def handler(turn: Turn) -> str:
        await go_on.wait()
        return "fin"

    site = await start({"watchdog": {"typing": "10ms"}}, leak=Leak(handler))
    async with site.listen() as stream:
        await site.says("fuite", person=3)
        assert (await stream.until("typing")).data == {"person": 3}
        await stream.until("message", person=3, status="read")
        go_on.set()
        await stream.until("turn", person=3)
    await site.gets(1, person=3)


async def test_what_was_sent_and_received_outlives_the_process(start: Start) -> None:
    site = await start()
    await site.says("bonjour")
    await site.gets(1)
    async with site.listen(after=0) as stream:
        await stream.until("message", direction="out", status="delivered")
    later = await start()
    assert await later.thread() == await site.thread()
    assert (await later.get("state"))["people"] == (await site.get("state"))["people"]


async def test_a_send_whose_answer_was_lost_is_found_again(site: Any) -> None:
    await site.says("bonjour")
    await site.gets(1)
    await site.post("faults", {"send": "doubtful"})
    await site.says("aide")
    answers = await site.gets(2)
    await site.post("faults", {"send": "none"})
    await site.jump(seconds=5)
    await site.until(lambda: site.outbox(), lambda away: not away)
    assert await site.phone() != []
    assert len(await site.phone()) == len(answers)
