"""A human is really rung, and the user is told the truth at each step, line by line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lumiera import Capabilities, Media, Transcript, hookimpl
from lumiera.errors import SendRefused
from lumiera.messages import Bubble
from lumiera.people import Escalation, Opening
from lumiera.testing import KitChannel, Scripted, TestBot

ANNA, BRUNO = "+33700000001", "+33700000002"
WINDOW = Capabilities(buttons=3, rows=10, window=timedelta(hours=24))
ON_CALL: Mapping[str, Any] = {"escalation": {"notify": [ANNA, BRUNO]}}
SUMMER_NIGHT = datetime(2026, 7, 14, 1, 0, tzinfo=UTC)  # 3 in the morning on the site


@dataclass
class Night(KitChannel):
    """A channel with a log for each phone. What goes to `gone` numbers is refused; `heard` ones report delivery."""

    gone: set[str] = field(default_factory=set)
    heard: set[str] = field(default_factory=set)
    rung: list[tuple[str, Bubble]] = field(default_factory=list)
    arrived: list[str] = field(default_factory=list)  # provider ids to report as delivered

    async def send(self, address: str, bubble: Bubble) -> str:
        if address in self.gone:
            raise SendRefused("switched off", provider_code="30003")
        if not address.startswith("+337"):
            return await super().send(address, bubble)
        self.sent.append((address, bubble))
        self.rung.append((address, bubble))
        provider_id = f"kit-{len(self.sent)}"
        if address in self.heard:
            self.arrived.append(provider_id)
        return provider_id


class NightBot(TestBot):
    """A bot whose clock says 3 in the morning on the site when it starts."""

    def __init__(self, folder: Path, **fields: Any) -> None:
        self.night = Night()
        self._began = datetime.now(UTC)
        super().__init__(folder, channel=self.night, **fields)

    def now(self) -> datetime:
        return SUMMER_NIGHT + (super().now() - self._began)

    async def pass_by(self, **ahead: float) -> None:
        """Let time pass, and the phones report what arrived."""
        await self.travel(**ahead)
        for provider_id in self.night.arrived:
            await self.lumiera.delivered("kit", provider_id, "delivered")
        self.night.arrived.clear()
        await self.travel()

    async def open_ones(self) -> list[Escalation]:
        return list(await self.lumiera.store.escalations())

    async def said(self) -> list[str]:
        return [f"{line.direction} {line.text}" for line in await self.lumiera.store.history(1, 100)]

    async def answer(self, text: str) -> None:
        (one,) = await self.open_ones()
        assert await self.lumiera.answer_escalation(one, text)
        await self.travel()

    async def close(self) -> None:
        (one,) = await self.open_ones()
        assert await self.lumiera.close_escalation(one)
        await self.travel()


@asynccontextmanager
async def at_night(tmp_path: Path, **fields: Any) -> AsyncIterator[NightBot]:
    fields.setdefault("config", ON_CALL)
    bot = NightBot(tmp_path, **fields)
    async with bot:
        yield bot


async def ask_for_a_human(bot: NightBot, about: str = "La sécurité") -> None:
    await bot.send("je veux parler au chef")
    await bot.tap(about)


NIGHT = """\
> je veux parler au chef
< Je transmets à l’équipe. C’est à propos de quoi ? [Une tâche] [La sécurité] [Autre chose]
> l'échafaudage du B bouge
< J’appelle l’équipe (03:00). Je me tais jusqu’à sa réponse. Écrivez « Reprendre » pour me rappeler.
< La personne de garde ne répond pas. J’appelle quelqu’un d’autre de l’équipe.
> vous êtes là ?
> (image)
< ✅ Votre demande est arrivée chez une personne de l’équipe à 03:01. Elle vous répondra ici.
> (audio)
< Descendez tous, j'arrive.
> ok merci
< La discussion avec l’équipe est terminée. Je suis de nouveau là pour vous.
> bonjour
< Bonjour 👷 Que voulez-vous faire ? [❓ Aide] [🌐 Langue] [💬 Parler à l’équipe]"""

KEPT = [
    "in je veux parler au chef",
    "out Je transmets à l’équipe. C’est à propos de quoi ?",
    "in l'échafaudage du B bouge",
    "out J’appelle l’équipe (03:00). Je me tais jusqu’à sa réponse. Écrivez « Reprendre » pour me rappeler.",
    "note handed over to the team: other",
    "in vous êtes là ?",
    "in (image)",
    "in il a bougé encore",
    "team Descendez tous, j'arrive.",
    "in ok merci",
    "note handed back: team",
    "in bonjour",
    "out Bonjour 👷 Que voulez-vous faire ?",
]


async def test_at_three_in_the_morning_the_second_person_is_reached_when_the_first_is_not(tmp_path: Path) -> None:
    ears = Scripted(transcripts={"kit://voice.ogg": Transcript(text="il a bougé encore")})
    async with at_night(tmp_path, plugins={"ears": ears}) as bot:
        bot.night.gone, bot.night.heard = {ANNA}, {BRUNO}
        await bot.send("je veux parler au chef")
        await bot.send("l'échafaudage du B bouge")
        await bot.travel(seconds=1)  # Anna is rung, and cannot be
        await bot.travel(seconds=1)  # so Bruno is
        await bot.send("vous êtes là ?")
        await bot.photo()
        await bot.pass_by(seconds=60)
        await bot.voice()
        await bot.answer("Descendez tous, j'arrive.")
        await bot.send("ok merci")
        await bot.close()
        await bot.send("bonjour")
        assert str(bot.log) == NIGHT
        assert await bot.said() == KEPT
        ((phone, bell),) = bot.night.rung
        assert phone == BRUNO
        assert "l'échafaudage du B bouge" in bell.text
        assert await bot.open_ones() == []


async def test_a_ring_that_does_not_arrive_in_time_goes_to_the_next(tmp_path: Path) -> None:
    async with at_night(tmp_path) as bot:
        await ask_for_a_human(bot)
        await bot.travel(seconds=1)
        await bot.travel(seconds=100)
        assert [phone for phone, _ in bot.night.rung] == [ANNA]
        await bot.travel(seconds=30)
        assert [phone for phone, _ in bot.night.rung] == [ANNA, BRUNO]


NOBODY = """\
< La personne de garde ne répond pas. J’appelle quelqu’un d’autre de l’équipe.
< Je n’arrive à joindre personne de l’équipe pour le moment. Votre demande est gardée. En cas de danger, appelez le \
112. Écrivez « Reprendre » pour continuer avec moi."""


async def test_when_nobody_can_be_reached_the_user_and_the_operator_are_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with at_night(tmp_path) as bot:
        bot.night.gone = {ANNA, BRUNO}
        await ask_for_a_human(bot)
        bot.log.clear()
        for _ in range(5):
            await bot.travel(seconds=1)
        assert str(bot.log) == NOBODY
        (one,) = await bot.open_ones()
        assert (one.outcome, [ring.state for ring in one.rings]) == ("nobody", ["failed", "failed"])
        assert "nobody of the team could be reached" in caplog.text
        assert ANNA not in caplog.text
        assert BRUNO not in caplog.text


async def test_a_ring_that_arrives_late_is_told_all_the_same(tmp_path: Path) -> None:
    async with at_night(tmp_path) as bot:
        await ask_for_a_human(bot)
        for _ in range(3):
            await bot.travel(minutes=3)
        (one,) = await bot.open_ones()
        assert one.outcome == "nobody"
        bot.log.clear()
        await bot.lumiera.delivered("kit", "kit-3", "delivered")  # Anna's phone is on again
        await bot.travel(seconds=1)
        (one,) = await bot.open_ones()
        assert one.outcome == "reached"
        assert str(bot.log).startswith("< ✅ Votre demande est arrivée chez une personne de l’équipe à 03:09.")


async def test_a_person_on_call_who_said_stop_counts_as_not_reached(tmp_path: Path) -> None:
    async with at_night(tmp_path) as bot:
        await bot.send("STOP", sender=ANNA)
        bot.night.rung.clear()
        await ask_for_a_human(bot)
        await bot.travel(seconds=1)
        await bot.travel(seconds=1)
        assert [phone for phone, _ in bot.night.rung] == [BRUNO]


async def test_without_anybody_on_call_nothing_is_promised(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with at_night(tmp_path, config={}) as bot:
        await ask_for_a_human(bot, "Une tâche")
        await bot.travel(seconds=1)
        await bot.travel(seconds=1)
        assert bot.log.lines[-1].startswith("< Votre demande est gardée (03:00), mais personne n’est de garde")
        (one,) = await bot.open_ones()
        assert (one.outcome, one.rings) == ("quiet", ())
        assert caplog.text.count("escalation.notify is empty") == 1


async def test_the_ring_says_who_what_and_how_and_is_a_template_too(tmp_path: Path) -> None:
    config = {"escalation": {"notify": [ANNA], "template": "HX123"}}
    async with at_night(tmp_path, config=config) as bot:
        bot.night.capabilities = WINDOW
        await bot.send("je veux parler au chef", name="Ana  \n Lima")
        await bot.send("le mur\npenche " + "beaucoup " * 40)
        await bot.travel(seconds=1)
        ((_, drawn),) = bot.night.rung  # she has never written, so the window is shut
        assert drawn.template == "HX123"
        assert drawn.variables[:2] == ("Ana Lima", "autre question")
        assert drawn.variables[2].startswith("le mur penche beaucoup")
        assert all(value and "\n" not in value and len(value) <= 200 for value in drawn.variables)
        assert drawn.text.startswith("🔔 Ana Lima (+33600000001) a besoin de quelqu’un : autre question. le mur penche")
        assert 'lumiera escalations answer 1 "..."' in drawn.text


async def test_without_details_no_variable_of_the_template_is_empty(tmp_path: Path) -> None:
    config = {"escalation": {"notify": [ANNA], "template": "HX123"}}
    async with at_night(tmp_path, config=config) as bot:
        bot.night.capabilities = WINDOW
        await ask_for_a_human(bot)
        await bot.travel(seconds=1)
        ((_, drawn),) = bot.night.rung
        assert drawn.variables == ("+33600000001", "question de sécurité", "-")


async def test_who_is_on_call_and_has_written_today_gets_the_text_itself(tmp_path: Path) -> None:
    config = {"escalation": {"notify": [ANNA], "template": "HX123"}}
    async with at_night(tmp_path, config=config) as bot:
        bot.night.capabilities = WINDOW
        await bot.send("bonjour", sender=ANNA)
        bot.night.rung.clear()
        await ask_for_a_human(bot)
        await bot.travel(seconds=1)
        ((_, drawn),) = bot.night.rung
        assert (drawn.template, drawn.variables) == ("", ())
        assert drawn.text.startswith("🔔 ")


async def test_a_restart_in_the_middle_changes_nothing(tmp_path: Path) -> None:
    async with at_night(tmp_path) as bot:
        bot.night.gone, bot.night.heard = {ANNA}, {BRUNO}
        await bot.send("je veux parler au chef")
        await bot.restart()
        await bot.send("le mur penche")
        await bot.restart()
        await bot.travel(seconds=1)
        await bot.restart()
        await bot.travel()
        await bot.send("allo ?")
        await bot.restart()
        await bot.pass_by(seconds=1)
        assert [phone for phone, _ in bot.night.rung] == [BRUNO]
        assert [line[:30] for line in bot.log.lines[-3:]] == [
            "< La personne de garde ne répo",
            "> allo ?",
            "< ✅ Votre demande est arrivée ",
        ]


async def test_two_that_sweep_at_once_ring_once_and_tell_plugins_once(tmp_path: Path) -> None:
    class Ears:
        def __init__(self) -> None:
            self.opened: list[Escalation] = []

        @hookimpl
        async def on_escalation_opened(self, escalation: Escalation) -> None:
            self.opened.append(escalation)

    ears = Ears()
    async with at_night(tmp_path, plugins={"pager": ears}) as bot:
        await ask_for_a_human(bot)
        store, found = bot.lumiera.store, await bot.open_ones()

        class Stale:
            """A process that has read before another one rang."""

            async def escalations(self) -> list[Escalation]:
                return found

            def __getattr__(self, name: str) -> Any:
                return getattr(store, name)

        await bot.lumiera.sweep()
        bot.lumiera.store = Stale()  # type: ignore[assignment]
        await bot.lumiera.sweep()
        bot.lumiera.store = store
        await bot.travel(seconds=1)
        assert [phone for phone, _ in bot.night.rung] == [ANNA]
        assert [one.id for one in ears.opened] == [1]


async def test_a_plugin_that_hangs_over_the_news_does_not_hold_the_sweep(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Pager:
        @hookimpl
        async def on_escalation_opened(self, escalation: Escalation) -> None:
            await asyncio.Event().wait()

    monkeypatch.setattr("lumiera_essentials.oncall.PATIENCE", 0.01)
    async with at_night(tmp_path, plugins={"pager": Pager()}) as bot:
        await ask_for_a_human(bot)
        await bot.travel(seconds=1)
        assert [phone for phone, _ in bot.night.rung] == [ANNA]
        assert "on_escalation_opened took too long" in caplog.text


async def test_the_words_are_in_the_language_of_the_user_and_the_ring_in_that_of_the_team(tmp_path: Path) -> None:
    async with at_night(tmp_path) as bot:
        bot.night.gone, bot.night.heard = {ANNA}, {BRUNO}
        await bot.send("i want to speak to the boss")
        await bot.tap("Safety")
        await bot.travel(seconds=1)
        await bot.pass_by(seconds=1)
        assert bot.log.lines[-1].startswith("< ✅ Your request")
        assert "a besoin de quelqu’un" in bot.night.rung[0][1].text


async def test_a_photo_of_the_human_stretch_is_in_the_history(tmp_path: Path) -> None:
    async with at_night(tmp_path) as bot:
        await ask_for_a_human(bot)
        reply = await bot.send("ici", media=[Media(url="kit://a.jpg", content_type="image/jpeg")])
        assert (reply.bubbles, reply.route) == ([], "silent")
        assert (await bot.said())[-1] == "in ici (image)"


async def test_who_is_rung_for_an_escalation_that_the_bot_opened_hears_of_it_and_the_user_does_not(
    tmp_path: Path,
) -> None:
    async with at_night(tmp_path) as bot:
        await bot.send("bonjour")
        bot.log.clear()
        await bot.lumiera.escalate(1, Opening(reason="unfinished", details="blessé : oui", silent=False))
        await bot.travel(seconds=1)
        await bot.travel(minutes=3)
        assert [phone for phone, _ in bot.night.rung] == [ANNA, BRUNO]
        assert str(bot.log) == ""
        assert (await bot.send("bonjour")).bubbles  # the bot goes on
        assert (await bot.said())[2] == "note the team is called: unfinished"


async def test_an_outage_of_many_users_rings_once_in_ten_minutes(tmp_path: Path) -> None:
    async with at_night(tmp_path) as bot:
        bot.night.heard = {ANNA}
        users = [f"+3360000010{n}" for n in range(5)]
        for user in users:
            await bot.send("bonjour", sender=user)
        for conversation, reason in enumerate(("slow", "failed", "undelivered", "slow", "failed"), 1):
            await bot.lumiera.escalate(conversation, Opening(reason=reason, silent=False))
            await bot.pass_by(seconds=30)
        assert len(bot.night.rung) == 1
        assert [one.outcome for one in await bot.open_ones()] == ["reached", "quiet", "quiet", "quiet", "quiet"]
        await bot.travel(minutes=10)
        await bot.lumiera.escalate(2, Opening(reason="slow", silent=False))
        await bot.pass_by(seconds=1)
        assert len(bot.night.rung) == 2


async def test_an_outage_does_not_keep_a_user_who_asks_from_ringing(tmp_path: Path) -> None:
    async with at_night(tmp_path) as bot:
        await bot.send("bonjour")
        await bot.lumiera.escalate(1, Opening(reason="slow", silent=False))
        await bot.travel(seconds=1)
        await ask_for_a_human(bot)
        await bot.travel(seconds=1)
        assert len(bot.night.rung) == 2


async def test_one_of_a_reason_is_open_at_a_time(tmp_path: Path) -> None:
    async with at_night(tmp_path) as bot:
        await bot.send("bonjour")
        for details in ("a", "b"):
            await bot.lumiera.escalate(1, Opening(reason="slow", details=details, silent=False))
        assert [one.opening.details for one in await bot.open_ones()] == ["a"]


async def test_on_a_channel_that_reports_no_delivery_the_next_is_rung_after_a_while(tmp_path: Path) -> None:
    async with at_night(tmp_path) as bot:
        await ask_for_a_human(bot)
        await bot.travel(seconds=1)
        (one,) = await bot.open_ones()
        assert [ring.state for ring in one.rings] == ["sent"]
        assert one.outcome == ""
        await bot.travel(minutes=2)
        (one,) = await bot.open_ones()
        assert one.rings[1].at - one.rings[0].at >= timedelta(minutes=2)
