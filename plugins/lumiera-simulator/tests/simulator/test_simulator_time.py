"""Time travel: what a user finds hours and days later, without waiting for it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lumiera import Intent, Turn, free_text, hookimpl

if TYPE_CHECKING:
    from tests.simulator.conftest import Site

Start = Callable[..., Awaitable["Site"]]


class Works:
    """A plugin that asks."""

    async def leak(self, turn: Turn) -> str:
        return f"Noté : {await turn.ask(free_text('where'))}"

    @hookimpl
    def register_intents(self) -> list[Intent]:
        return [Intent("leak", self.leak, examples={"fr": ["fuite"]})]


@pytest.fixture
async def asked(start: Start, tmp_path: Path) -> Site:
    """Start a bot that has just asked where the leak is."""
    texts = tmp_path / "texts"
    texts.mkdir()
    (texts / "fr.ftl").write_text("where = Où ?\nleak-title = Fuite\n", encoding="utf-8")
    site = await start(works=Works())
    await site.says("fuite")
    await site.gets(1)
    return site


async def ahead(site: Site) -> float:
    seconds: float = (await site.get("state"))["clock"]["ahead"]
    return seconds


async def test_a_jump_is_told_with_the_time_that_the_bot_has(site: Site) -> None:
    async with site.listen() as stream:
        answer = await site.post("clock", {"seconds": 8 * 3600})
        assert (answer.status, answer.data["ahead"]) == (200, 28800.0)
        believed = datetime.fromisoformat(answer.data["now"])
        assert abs(believed - datetime.now(UTC) - timedelta(hours=8)) < timedelta(seconds=5)
        assert abs(believed - site.bot.now()) < timedelta(seconds=5)
        assert (await stream.until("clock")).data["ahead"] == 28800.0
    assert await ahead(site) == 28800.0


async def test_jumps_add_up(site: Site) -> None:
    await site.jump(hours=3)
    await site.jump(minutes=0.5)
    assert await ahead(site) == 3 * 3600 + 30


@pytest.mark.parametrize(
    "body",
    [{}, {"seconds": 0}, {"seconds": -60}, {"seconds": "soon"}, {"seconds": 1e300}, {"seconds": 60, "back": True}],
)
async def test_what_is_no_way_forward_is_refused(site: Site, body: dict[str, Any]) -> None:
    answer = await site.post("clock", body)
    assert answer.status == 422
    assert answer.data["error"]
    assert await ahead(site) == 0


async def test_the_clock_does_not_go_beyond_ten_years(site: Site) -> None:
    await site.jump(days=3649)
    answer = await site.post("clock", {"seconds": 2 * 86400})
    assert answer.status == 400
    assert "3650 days" in answer.data["error"]
    assert await ahead(site) == 3649 * 86400


async def test_in_production_the_clock_is_that_of_all_users(start: Start, tmp_path: Path) -> None:
    opened = {"in_production": True, "password": "not-a-real-password"}
    store = {"url": f"sqlite:///{tmp_path / 'lumiera.db'}"}
    site = await start({"plugins": {"sql": store, "simulator": opened, "essentials": None}})
    headers = {"Authorization": f"Basic {b64encode(b':not-a-real-password').decode()}"}
    jump = {**headers, "Content-Type": "application/json", "Sec-Fetch-Site": "same-origin"}
    answer = await site.ask("POST", "/simulator/clock", b'{"seconds": 60}', jump)
    assert (answer.status, "production" in answer.data["error"]) == (403, True)
    assert (await site.ask("GET", "/simulator/state", headers=headers)).data["clock"]["ahead"] == 0


async def test_a_session_ends_after_hours_without_a_word(site: Site) -> None:
    await site.says("bonjour")
    await site.gets(1)
    await site.jump(hours=8)
    await site.says("aide")
    await site.gets(2)
    newest, oldest = [(await site.get(f"turns/{turn['id']}"))["session"] for turn in await site.turns()]
    assert newest != oldest


async def test_an_open_question_is_put_aside_and_offered_again(asked: Site) -> None:
    await asked.jump(hours=8)
    await asked.says("bonjour")
    said = await asked.gets(2)
    assert "« Où ? »" in said[1]["text"]
    await asked.taps("Reprendre")
    assert (await asked.gets(3))[2]["text"].endswith("Où ?")
    await asked.says("au troisième")
    assert (await asked.gets(4))[3]["text"] == "Noté : au troisième"


async def test_before_two_hours_the_question_still_waits(asked: Site) -> None:
    await asked.jump(hours=1, minutes=59)
    await asked.says("au troisième")
    assert (await asked.gets(2))[1]["text"] == "Noté : au troisième"


@pytest.mark.parametrize("jumps", [[{"days": 4}], [{"hours": 8}, {"days": 3}]])
async def test_what_is_put_aside_is_gone_after_three_days(asked: Site, jumps: list[dict[str, float]]) -> None:
    for jump in jumps:
        await asked.jump(**jump)
    await asked.says("bonjour")
    said = await asked.gets(2)
    assert "Où ?" not in said[1]["text"]


async def test_it_is_there_just_before(asked: Site) -> None:
    await asked.jump(days=3, hours=1)
    await asked.says("bonjour")
    assert "« Où ? »" in (await asked.gets(2))[1]["text"]


async def test_after_a_day_the_window_is_shut_for_the_answer_of_the_team(start: Start) -> None:
    site = await start({"escalation": {"silence": "48h"}})
    await site.says("je veux parler au chef")
    await site.gets(1)
    await site.says("le mur penche")
    await site.gets(2)
    (one,) = await site.escalations()
    assert one["reachable"]
    await site.jump(hours=25)
    (one,) = await site.escalations()
    assert not one["reachable"]
    assert (await site.post(f"escalations/{one['id']}/answer", {"text": "Toujours là ?"})).status == 204
    (late,) = await site.until(site.outbox, lambda found: found and found[0]["state"] == "failed")
    assert (late["text"], "24 hours" in late["error"]) == ("Toujours là ?", True)


async def test_the_bot_gets_a_conversation_back_that_the_team_left(site: Site) -> None:
    await site.says("je veux parler au chef")
    await site.gets(1)
    await site.says("le mur penche")
    await site.until(site.escalations)
    shown = len(await site.phone())
    await site.jump(hours=8)
    (one,) = await site.until(site.escalations, lambda found: found[0]["closed_at"])
    assert one["closed_by"] == "time"
    await site.gets(shown + 1)
    await site.says("bonjour")
    assert len(await site.gets(shown + 2)) == shown + 2


async def test_timers_ring_by_themselves_within_two_seconds(asked: Site) -> None:
    (turn,) = await asked.turns()
    await asked.post("clock", {"seconds": 8 * 3600})
    (dialogue,) = (await asked.get(f"turns/{turn['id']}"))["dialogues"]
    assert dialogue["status"] == "parked"


async def test_the_time_stands_after_a_restart(start: Start) -> None:
    site = await start()
    await site.jump(hours=8)
    again = await start()
    assert await ahead(again) == 28800.0
    assert abs(again.bot.now() - site.bot.now()) < timedelta(seconds=5)


async def test_another_process_on_the_same_database_follows(start: Start) -> None:
    site, other = await start(), await start()
    async with other.listen() as stream:
        await site.jump(hours=8)
        assert (await stream.until("clock")).data["ahead"] == 28800.0
    assert abs(other.bot.now() - site.bot.now()) < timedelta(seconds=5)


async def test_jumps_of_two_processes_add_up(start: Start) -> None:
    site, other = await start(), await start()
    await site.jump(hours=8)
    await other.jump(hours=1)
    assert await ahead(other) == 9 * 3600
    await site.until(lambda: ahead(site), lambda seconds: seconds == 9 * 3600)
