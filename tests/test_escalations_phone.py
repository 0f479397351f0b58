"""Who is rung at night has a phone and no terminal: a reply that quotes the ring goes to the user who waits."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lumiera import Media, Transcript
from lumiera.testing import Scripted, TestBot
from lumiera.testing.bot import PHONE, Replied

ANNA = "+33700000001"
PASSED_ON = "✅ C’est transmis à +33600000001."
OVER = "La discussion avec +33600000001 est terminée : l’assistant lui répond de nouveau."


class Team:
    """A bot whose user has called the team, and Anna, who was rung."""

    def __init__(self, bot: TestBot) -> None:
        self.bot = bot

    def sent_to(self, address: str) -> list[str]:
        return [bubble.text for to, bubble in self.bot.channel.sent if to == address]

    def ring(self) -> str:
        """Return the provider's id of the ring."""
        return next(f"kit-{n}" for n, (to, _) in enumerate(self.bot.channel.sent, 1) if to == ANNA)

    async def replies(self, text: str = "", *, quoting: str | None = None, **fields: Any) -> Replied:
        quoted = self.ring() if quoting is None else quoting
        message = self.bot.message(text, sender=ANNA, reply_to=quoted, **fields)
        return await self.bot.deliver(message)

    async def said(self) -> list[tuple[str, str]]:
        return [(line.direction, line.text) for line in await self.bot.lumiera.store.history(1, 100)]


@pytest.fixture
async def team(tmp_path: Path, pipeline: Callable[..., list[Any]]) -> AsyncIterator[Team]:
    heard = Scripted(transcripts={"kit://voice.ogg": Transcript(text="restez en bas")})
    config = {"escalation": {"notify": [ANNA]}, "pipeline": pipeline(authenticate={"unknown_users": "register"})}
    async with TestBot(tmp_path, config=config, plugins={"ears": heard}) as bot:
        await bot.send("parler à quelqu’un")
        await bot.send("la sécurité")
        await bot.travel(seconds=1)
        yield Team(bot)


async def test_a_reply_that_quotes_the_ring_goes_to_the_user(team: Team) -> None:
    replied = await team.replies("J’arrive dans 10 minutes.")
    assert replied.text.startswith(PASSED_ON)
    assert replied.route == "team"
    await team.bot.travel()
    assert team.sent_to(PHONE)[-1] == "J’arrive dans 10 minutes."
    assert ("team", "J’arrive dans 10 minutes.") in await team.said()


async def test_the_bot_stays_silent_for_the_user_after_it(team: Team) -> None:
    await team.replies("J’arrive.")
    await team.bot.travel()
    assert (await team.bot.send("merci")).bubbles == []


async def test_a_spoken_reply_goes_there_too(team: Team) -> None:
    await team.replies(media=(Media(url="kit://voice.ogg", content_type="audio/ogg"),))
    await team.bot.travel()
    assert team.sent_to(PHONE)[-1] == "restez en bas"


async def test_the_word_to_resume_hands_the_conversation_back(team: Team) -> None:
    assert (await team.replies("Reprendre")).text == OVER
    await team.bot.travel()
    assert team.sent_to(PHONE)[-1] == "La discussion avec l’équipe est terminée. Je suis de nouveau là pour vous."
    assert (await team.bot.send("bonjour")).text.startswith("Bonjour")


async def test_after_the_end_nothing_is_passed_on_and_it_is_said(team: Team) -> None:
    await team.bot.send("reprendre")
    before = len(team.sent_to(PHONE))
    assert (await team.replies("J’arrive.")).text == OVER
    await team.bot.travel()
    assert len(team.sent_to(PHONE)) == before


async def test_a_turn_that_is_run_again_says_it_once(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    finish, failures = team.bot.lumiera.store.finish, [ConnectionError("gone")]

    async def failing(*args: Any) -> None:
        if failures:
            raise failures.pop()
        await finish(*args)

    monkeypatch.setattr(team.bot.lumiera.store, "finish", failing)
    await team.replies("J’arrive.")
    await team.bot.travel()
    assert team.sent_to(PHONE).count("J’arrive.") == 1
    assert (await team.said()).count(("team", "J’arrive.")) == 1


@pytest.mark.parametrize("quoting", ["", "kit-999"], ids=["nothing", "something else"])
async def test_what_quotes_no_ring_is_a_message_like_any(team: Team, quoting: str) -> None:
    replied = await team.replies("bonjour", quoting=quoting)
    assert replied.text.startswith("Bonjour")
    assert "bonjour" not in team.sent_to(PHONE)


async def test_somebody_else_who_quotes_the_ring_passes_nothing_on(team: Team) -> None:
    message = replace(team.bot.message("bonjour", sender="+33799999999"), reply_to=team.ring())
    assert (await team.bot.deliver(message)).text.startswith("Bonjour")
    await team.bot.travel()
    assert "bonjour" not in team.sent_to(PHONE)


async def test_who_is_on_call_gets_in_where_unknown_numbers_do_not(
    tmp_path: Path, pipeline: Callable[..., list[Any]]
) -> None:
    config = {"escalation": {"notify": [ANNA]}, "pipeline": pipeline(authenticate={"unknown_users": "refuse"})}
    async with TestBot(tmp_path, config=config) as bot:
        assert (await bot.send("bonjour", sender=ANNA)).text.startswith("Bonjour")
        assert (await bot.send("bonjour")).route == "refused"
