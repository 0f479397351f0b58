"""A channel that fails on purpose: what the user sees of it, and of its healing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from lumiera_simulator import lab

from lumiera import Choices, Intent, Option, Reply, Turn, hookimpl

if TYPE_CHECKING:
    from tests.simulator.conftest import Site

Start = Callable[..., Awaitable["Site"]]
GREETED = "Que voulez-vous faire ?"


class Works:
    """A plugin with a menu, a list, and a handler that takes as long as a test wants."""

    def __init__(self) -> None:
        self.done = asyncio.Event()

    async def menu(self, turn: Turn) -> Reply:
        return Reply("Que faire ?", Choices(options=tuple(Option.intent(one, title=one) for one in ("tower", "quay"))))

    async def rows(self, turn: Turn) -> Reply:
        rows = tuple(Option(id=str(one), title=f"Lot {one}", description="au nord") for one in range(1, 6))
        return Reply("Quel lot ?", Choices(options=rows, button="Lots"))

    async def tower(self, turn: Turn) -> str:
        return "La tour"

    async def quay(self, turn: Turn) -> str:
        return "Le quai"

    async def slow(self, turn: Turn) -> str:
        await self.done.wait()
        return "Enfin"

    @hookimpl
    def register_intents(self) -> list[Intent]:
        said = {"menu": "que faire", "rows": "les lots", "tower": "la tour", "quay": "le quai", "slow": "lentement"}
        return [Intent(name, getattr(self, name), examples={"fr": [text]}) for name, text in said.items()]


@pytest.fixture
async def site(start: Start) -> Site:
    return await start({"outbox": {"longest": "100ms"}}, works=Works())


async def fail(site: Site, send: str = "none", *, menus: bool = True) -> None:
    answer = await site.post("faults", {"send": send, "menus": menus})
    assert (answer.status, answer.data) == (200, {"send": send, "menus": menus})


async def waits(site: Site, state: str, count: int = 1) -> list[dict[str, Any]]:
    """Wait until so many bubbles of the first person are in a state, and return them."""
    found: list[dict[str, Any]] = await site.until(
        site.outbox, lambda bubbles: len(bubbles) == count and {one["state"] for one in bubbles} == {state}
    )
    return found


async def look_for(site: Site) -> None:
    """Wait for the seconds that the bot gives a provider before it asks what became of a send."""
    await site.jump(seconds=5)


async def test_a_fault_is_told_to_every_page(site: Site) -> None:
    async with site.listen() as stream:
        await fail(site, "busy", menus=False)
        assert (await stream.until("faults")).data == {"send": "busy", "menus": False}
    assert (await site.get("state"))["faults"] == {"send": "busy", "menus": False}


@pytest.mark.parametrize(
    "body", [{"send": "broken"}, {"menus": "perhaps"}, {"send": "none", "other": 1}, ["busy"], "busy"]
)
async def test_a_fault_that_there_is_not_is_refused(site: Site, body: object) -> None:
    answer = await site.post("faults", body)
    assert answer.status in (400, 422)
    assert answer.data["error"]
    assert (await site.get("state"))["faults"] == {"send": "none", "menus": True}


async def test_what_a_busy_channel_turned_away_comes_in_order_once_it_is_healed(site: Site) -> None:
    await fail(site, "busy")
    await site.says("la tour")
    await site.says("le quai")
    first, second = await waits(site, "queued", 2)
    assert (first["text"], second["text"]) == ("La tour", "Le quai")
    await site.until(site.outbox, lambda bubbles: bubbles[0]["attempts"] > 1)
    assert "busy" in (await site.outbox())[0]["error"]
    assert await site.phone() == []
    await fail(site)
    assert [one["text"] for one in await site.gets(2)] == ["La tour", "Le quai"]
    assert await site.outbox() == []


async def test_what_was_refused_stays_away_and_calls_the_team(site: Site) -> None:
    await fail(site, "refused")
    await site.says("la tour")
    (lost,) = await waits(site, "failed")
    assert (lost["text"], lost["attempts"]) == ("La tour", 1)
    assert "refused" in lost["error"]
    (call,) = await site.until(site.escalations)
    assert (call["reason"], call["details"], call["silent_until"]) == ("undelivered", "La tour", None)
    await fail(site)
    await site.says("le quai")
    assert [one["text"] for one in await site.gets(1)] == ["Le quai"]


async def test_what_was_lost_comes_once_after_it_was_looked_for(site: Site) -> None:
    await fail(site, "lost")
    await site.says("la tour")
    await waits(site, "unknown")
    assert await site.phone() == []
    await fail(site)
    await look_for(site)
    assert [one["text"] for one in await site.gets(1)] == ["La tour"]
    await look_for(site)
    assert len(await site.phone()) == 1
    assert await site.outbox() == []


async def test_what_the_phone_has_is_not_sent_twice_when_the_answer_was_lost(site: Site) -> None:
    await fail(site, "doubtful")
    await site.says("la tour")
    (shown,) = await site.gets(1)
    await waits(site, "unknown")
    await look_for(site)
    await site.until(site.outbox, lambda bubbles: bubbles == [])
    assert [one["sid"] for one in await site.phone()] == [shown["sid"]]
    (line,) = await site.bot.store.outbox()
    assert (line.provider_id, line.attempts) == (shown["sid"], 1)


async def test_two_alike_whose_answers_were_lost_are_two(site: Site) -> None:
    await fail(site, "doubtful")
    await site.says("la tour")
    await site.gets(1)
    await site.says("la tour")
    for _ in range(2):
        await site.until(site.outbox, lambda bubbles: any(one["state"] == "unknown" for one in bubbles))
        await look_for(site)
    await site.until(site.outbox, lambda bubbles: bubbles == [])
    assert [one["text"] for one in await site.phone()] == ["La tour", "La tour"]


async def test_a_menu_in_doubt_that_went_out_as_text_is_found_too(site: Site) -> None:
    await fail(site, "doubtful", menus=False)
    await site.says("que faire")
    await waits(site, "unknown")
    await look_for(site)
    await site.until(site.outbox, lambda bubbles: bubbles == [])
    assert len(await site.phone()) == 1


async def test_without_menus_the_choices_are_numbered_and_a_number_counts(site: Site) -> None:
    await fail(site, menus=False)
    await site.says("que faire")
    (shown,) = await site.gets(1)
    assert (shown["kind"], shown["sent_as"], shown["options"]) == ("text", "numbered text", [])
    assert shown["text"].startswith("Que faire ?\n\n1. tower\n2. quay\n\n")
    await site.says("2")
    assert (await site.gets(2))[1]["text"] == "Le quai"


async def test_without_menus_a_list_is_numbered_text_too(site: Site) -> None:
    await fail(site, menus=False)
    await site.says("les lots")
    (shown,) = await site.gets(1)
    assert "\n5. Lot 5 - au nord" in shown["text"]
    await fail(site)
    await site.says("les lots")
    assert (await site.gets(2))[1]["kind"] == "list"


async def test_text_without_choices_is_what_it_was_without_menus(site: Site) -> None:
    await fail(site, menus=False)
    await site.says("la tour")
    (shown,) = await site.gets(1)
    assert (shown["text"], shown["sent_as"]) == ("La tour", "text")


async def test_a_slow_channel_keeps_the_order_and_nobody_waits_for_another(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lab, "SLOW", 1.0)
    await fail(site, "slow")
    await site.says("la tour")
    await site.says("le quai")
    await site.says("la tour", person=2)
    sending, *_ = await site.until(site.outbox)
    assert (sending["text"], sending["state"]) == ("La tour", "sending")
    assert await site.phone() == []
    first, second = await site.gets(2)
    (others,) = await site.phone(2)
    assert (first["text"], second["text"]) == ("La tour", "Le quai")
    assert when(second) - when(first) >= timedelta(seconds=1)
    assert when(others) < when(second)


def when(message: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(message["at"])


async def test_typing_is_shown_while_the_bot_thinks_and_the_user_waits(start: Start) -> None:
    works = Works()
    site = await start({"watchdog": {"typing": "10ms"}}, works=works)
    async with site.listen() as stream:
        await site.says("lentement")
        await stream.until("typing", person=1)
        works.done.set()
        answered = await stream.until("message", text="Enfin")
    assert answered.data["direction"] == "out"


async def test_a_fault_is_that_of_its_process(start: Start) -> None:
    site, other = await start(), await start()
    await fail(site, "busy")
    assert (await other.get("state"))["faults"]["send"] == "none"


async def test_stop_is_confirmed_once_a_busy_channel_is_healed(site: Site) -> None:
    await fail(site, "busy")
    await site.says("STOP")
    (queued,) = await waits(site, "queued")
    await fail(site)
    (said,) = await site.gets(1)
    assert said["text"] == queued["text"]


async def test_what_waits_when_the_user_says_stop_is_cancelled(site: Site) -> None:
    await fail(site, "busy")
    await site.says("la tour")
    await waits(site, "queued")
    await site.says("STOP")
    await fail(site)
    await site.gets(1)
    (lost,) = await site.outbox()
    assert (lost["text"], lost["state"]) == ("La tour", "cancelled")
