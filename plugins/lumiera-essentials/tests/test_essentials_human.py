"""Asking for a human: what is asked, what reaches the team, and what is promised."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import lumiera_essentials
import pytest
import yaml
from lumiera_essentials import Essentials, EssentialsSettings
from lumiera_essentials.human import REASONS

from lumiera import Transcript
from lumiera.app import LOCALES
from lumiera.errors import TransientError
from lumiera.people import Opening
from lumiera.testing import Scripted, TestBot

ANNA = "+33700000001"
LANGUAGES = ("fr", "en", "es", "pt", "de", "it", "ro", "pl", "ar")
EXAMPLES: Mapping[str, list[str]] = yaml.safe_load(
    (Path(lumiera_essentials.__file__).parent / "examples/escalate_to_human.yaml").read_text(encoding="utf-8")
)
ASKED = "Je transmets à l’équipe. C’est à propos de quoi ?"


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[TestBot]:
    """A bot with somebody on call, and ears for one voice note and one sentence."""
    heard = Scripted(
        transcripts={"kit://voice.ogg": Transcript(text="La sécurité.")},
        intents={"je veux parler au chef, l'échafaudage bouge": [("escalate_to_human", 0.97)]},
    )
    config = {"escalation": {"notify": [ANNA]}}
    async with TestBot(tmp_path, config=config, plugins={"ears": heard}) as running:
        yield running


async def opening(bot: TestBot) -> Opening:
    (one,) = await bot.lumiera.store.escalations()
    return one.opening


async def test_the_user_is_asked_what_it_is_about_and_told_who_is_called(bot: TestBot) -> None:
    reply = await bot.send("je veux parler au chef")
    assert (reply.text, reply.choices) == (ASKED, ["Une tâche", "La sécurité", "Autre chose"])
    reply = await bot.tap("Une tâche")
    assert reply.text.startswith("J’appelle l’équipe (")
    assert "Écrivez « Reprendre » pour me rappeler" in reply.text
    assert await opening(bot) == Opening(reason="task", details="", silent=True)


@pytest.mark.parametrize(
    ("answer", "reason", "details"),
    [
        ("1", "task", ""),
        ("la securite", "safety", ""),
        ("Safety", "safety", ""),
        ("3", "other", ""),
        ("le mur du bloc B penche", "other", "le mur du bloc B penche"),
        ("il manque 40 sacs", "other", "il manque 40 sacs"),
    ],
)
async def test_a_number_a_title_or_any_words_answer(bot: TestBot, answer: str, reason: str, details: str) -> None:
    await bot.send("je veux parler au chef")
    assert "J’appelle l’équipe" in (await bot.send(answer)).text
    assert await opening(bot) == Opening(reason=reason, details=details)


async def test_the_answer_may_be_spoken(bot: TestBot) -> None:
    await bot.send("je veux parler au chef")
    await bot.voice()
    assert (await opening(bot)).reason == "safety"


async def test_what_the_first_message_says_beside_reaches_the_team(bot: TestBot) -> None:
    await bot.send("je veux parler au chef, l'échafaudage bouge")
    await bot.send("vite")
    assert (await opening(bot)).details == "je veux parler au chef, l'échafaudage bouge\nvite"


async def test_in_danger_the_emergency_number_comes_first(bot: TestBot) -> None:
    await bot.send("je veux parler au chef")
    first, _, second = (await bot.tap("La sécurité")).text.partition("\n\n")
    assert first == "En cas de danger, appelez d’abord le 112."
    assert second.startswith("J’appelle l’équipe")


async def test_nobody_is_promised_where_nobody_is_on_call(tmp_path: Path) -> None:
    async with TestBot(tmp_path) as bot:
        await bot.send("je veux parler au chef")
        assert "mais personne n’est de garde pour le moment" in (await bot.tap("Autre")).text


async def test_the_time_is_that_of_the_site(bot: TestBot) -> None:
    await bot.send("je veux parler au chef")
    now = bot.now().astimezone(ZoneInfo("Europe/Paris"))
    times = {f"({at:%H:%M})" for at in (now, now + timedelta(minutes=1))}
    text = (await bot.tap("Une tâche")).text
    assert any(time in text for time in times)


async def test_who_was_promised_a_human_in_a_turn_that_broke_is_told_since_when(bot: TestBot) -> None:
    await bot.send("bonjour")
    await bot.lumiera.store.escalate(1, Opening(reason="safety"), bot.now(), None)  # opened, and not handed over
    reply = await bot.send("je veux parler au chef")
    assert reply.text.startswith("L’équipe a déjà votre demande (depuis ")
    assert (await opening(bot)).reason == "safety"


async def test_what_the_bot_had_opened_by_itself_does_not_stand_in_for_the_user(bot: TestBot) -> None:
    await bot.send("bonjour")
    await bot.lumiera.escalate(1, Opening(reason="slow", silent=False))
    await bot.send("je veux parler au chef")
    await bot.tap("Une tâche")
    assert [one.opening.reason for one in await bot.lumiera.store.escalations()] == ["slow", "task"]


async def test_a_user_may_give_up(bot: TestBot) -> None:
    await bot.send("je veux parler au chef")
    assert (await bot.send("annuler")).text == "D’accord, j’arrête cette demande."
    assert await bot.lumiera.store.escalations() == []


async def test_after_the_bot_is_called_back_a_human_can_be_asked_for_again(bot: TestBot) -> None:
    for expected in (1, 2):
        await bot.send("je veux parler au chef")
        await bot.tap("Une tâche")
        assert (await bot.send("reprendre")).text.startswith("Me revoilà.")
        assert len(await bot.lumiera.store.escalations(closed=True)) == expected


async def test_a_human_can_be_asked_for_over_the_limit(tmp_path: Path) -> None:
    limits = {"limits": {"per_minute": 1, "burst": 1}}
    pipeline = ["authenticate", "consent", limits, "session", "language", "handover", "intent", "route", "reply"]
    pipeline.append("persistence")
    async with TestBot(tmp_path, config={"pipeline": pipeline}) as bot:
        await bot.send("bonjour")
        await bot.send("bonjour")
        assert (await bot.send("bonjour")).bubbles == []
        assert (await bot.send("je veux parler au chef")).text == ASKED
        assert "Votre demande est gardée" in (await bot.send("le mur penche")).text


async def test_the_call_is_made_once_although_the_turn_is_tried_again(bot: TestBot) -> None:
    store, calls = bot.lumiera.store, []

    class Failing:
        async def finish(self, *arguments: Any) -> None:
            calls.append(1)
            if len(calls) == 1:
                raise TransientError("once")
            await store.finish(*arguments)

        def __getattr__(self, name: str) -> Any:
            return getattr(store, name)

    await bot.send("je veux parler au chef")
    bot.lumiera.store = Failing()
    reply = await bot.tap("La sécurité")
    bot.lumiera.store = store
    assert len(calls) == 2
    assert reply.text.startswith("En cas de danger, appelez d’abord le 112.")
    assert (await opening(bot)).reason == "safety"
    assert (await bot.send("bonjour")).bubbles == []


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_language_calls_with_its_own_words_and_comes_back(bot: TestBot, language: str) -> None:
    phone = f"+3360000020{LANGUAGES.index(language)}"
    for said in EXAMPLES[language][:1]:
        reply = await bot.send(said, sender=phone)
        assert (reply.intent, reply.language) == ("escalate_to_human", language)
        assert len(set(reply.choices)) == 3
        called = (await bot.send("2", sender=phone)).text
        assert "112" in called
        assert "human-" not in called
        resume = bot.lumiera.texts.format("resume", language)
        assert resume in called
        assert (await bot.send(resume, sender=phone)).choices


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_row_of_the_menu_leads_to_it(bot: TestBot, language: str) -> None:
    title = bot.lumiera.texts.format("human-menu", language)
    assert (await bot.send(title)).intent == "escalate_to_human"


async def test_the_intent_is_the_one_that_leads_to_a_human_and_is_never_left_unfinished() -> None:
    intents = {one.name: one for one in Essentials(EssentialsSettings()).register_intents()}
    assert [name for name, one in intents.items() if one.leads_to_human] == ["escalate_to_human"]
    one = intents["escalate_to_human"]
    assert one.needs_human is not None
    assert one.needs_human({})


def test_every_reason_has_a_text_for_the_ring() -> None:
    for file in sorted(LOCALES.glob("*.ftl")):
        text = file.read_text(encoding="utf-8")
        assert [reason for reason in REASONS if f"\nescalation-reason-{reason} =" not in text] == [], file.name
