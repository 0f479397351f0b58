"""While a human has the conversation: the bot stores and is silent; how it comes back, and what the user is told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from lumiera import Media, Tap, Transcript, TransientError, Turn, free_text, hookimpl
from lumiera.config import PIPELINE
from lumiera.errors import SendRefused
from lumiera.people import Escalation, Opening
from lumiera.testing import Scripted, TestBot

Start = Callable[..., Awaitable[TestBot]]
Leak = Callable[..., object]
BACK = "Me revoilà. Que voulez-vous faire ?"
HANDED_BACK = "La discussion avec l’équipe est terminée. Je suis de nouveau là pour vous."
EXPIRED = "L’équipe ne vous a pas répondu à temps, désolé. Votre demande reste gardée. Je suis de nouveau là pour vous."


async def call(turn: Turn) -> str:
    """Call the team at once, as a handler does."""
    await turn.escalate("safety", turn.text)
    return "j'appelle"


async def open_ones(bot: TestBot) -> list[Escalation]:
    return list(await bot.lumiera.store.escalations())


async def answer(bot: TestBot, text: str = "j'arrive") -> None:
    one = (await open_ones(bot))[0]
    assert await bot.lumiera.answer_escalation(one, text)
    await bot.travel()


async def close(bot: TestBot) -> None:
    assert await bot.lumiera.close_escalation((await open_ones(bot))[0])
    await bot.travel()


async def said(bot: TestBot) -> list[str]:
    return [f"{line.direction} {line.text}" for line in await bot.lumiera.store.history(1, 100)]


@pytest.fixture
async def handed_over(start: Start, leak: Leak) -> TestBot:
    """A bot whose user is waiting for a human."""
    bot = await start(site=leak(call))
    assert (await bot.send("fuite")).text == "j'appelle"
    await bot.travel(seconds=1)
    bot.log.clear()
    return bot


async def test_what_is_said_meanwhile_is_stored_and_answered_by_nobody(handed_over: TestBot) -> None:
    for text in ("bonjour", "fuite", "quels sont vos horaires ?", "1", "annuler"):
        reply = await handed_over.send(text)
        assert (reply.bubbles, reply.route) == ([], "silent")
    assert (await said(handed_over))[-5:] == [
        "in bonjour",
        "in fuite",
        "in quels sont vos horaires ?",
        "in 1",
        "in annuler",
    ]


async def test_a_voice_note_is_stored_as_what_was_spoken(start: Start, leak: Leak) -> None:
    bot = await start(site=leak(call), ears=Scripted(transcripts={"kit://voice.ogg": Transcript(text="ça fuit fort")}))
    await bot.send("fuite")
    assert (await bot.voice()).bubbles == []
    assert (await said(bot))[-1] == "in ça fuit fort"


@pytest.mark.parametrize("language", ["fr", "en", "es", "pt", "de", "it", "ro", "pl", "ar"])
async def test_the_user_calls_the_bot_back_in_any_language(handed_over: TestBot, language: str) -> None:
    reply = await handed_over.send(handed_over.lumiera.texts.format("resume", language).upper())
    assert reply.text == BACK
    assert reply.choices[0] == "❓ Aide"
    assert await open_ones(handed_over) == []
    (one,) = await handed_over.lumiera.store.escalations(closed=True)
    assert one.closed_by == "user"
    assert (await said(handed_over))[-1] == "note handed back: user"
    assert (await handed_over.send("bonjour")).text.startswith("Bonjour")


async def test_the_bot_is_called_back_by_voice_and_by_a_tap(start: Start, leak: Leak) -> None:
    ears = Scripted(transcripts={"kit://voice.ogg": Transcript(text="Reprendre.")})
    bot = await start(site=leak(call), ears=ears)
    await bot.send("fuite")
    assert (await bot.voice()).text == BACK
    await bot.send("fuite")
    assert (await bot.send(tap=Tap(id="whatever", title="Reprendre"))).text == BACK


async def test_a_sentence_with_the_word_in_it_does_not_call_the_bot_back(handed_over: TestBot) -> None:
    assert (await handed_over.send("on peut reprendre le travail ?")).bubbles == []


async def test_the_word_reaches_the_bot_across_a_restart(handed_over: TestBot) -> None:
    await handed_over.restart()
    assert (await handed_over.send("reprendre")).text == BACK


async def test_the_question_that_was_open_is_asked_again_when_the_bot_comes_back(start: Start, leak: Leak) -> None:
    async def handler(turn: Turn) -> str:
        where = await turn.ask(free_text("where"))
        await turn.escalate("safety", where)
        return f"noté : {await turn.ask(free_text('what'))}"

    bot = await start(site=leak(handler))
    await bot.send("fuite")
    assert (await bot.send("cave")).text == "Quoi ?"
    assert (await bot.send("un tuyau")).bubbles == []
    assert (await bot.send("reprendre")).text == f"{BACK}\n\nQuoi ?"
    assert (await bot.send("un tuyau")).text == "noté : un tuyau"


async def test_after_its_time_the_bot_is_back_and_says_that_nobody_came(handed_over: TestBot) -> None:
    await handed_over.travel(hours=6, minutes=59)
    assert (await handed_over.send("allo ?")).bubbles == []
    await handed_over.travel(minutes=2)
    assert str(handed_over.log) == f"> allo ?\n< {EXPIRED}"
    assert (await said(handed_over))[-1] == "note handed back: time"
    assert (await handed_over.send("bonjour")).text.startswith("Bonjour")
    await handed_over.travel(hours=8)
    assert str(handed_over.log).count("L’équipe") == 1


async def test_after_an_answer_the_time_begins_anew_and_its_end_is_no_excuse(handed_over: TestBot) -> None:
    await handed_over.travel(hours=6)
    await answer(handed_over)
    await handed_over.travel(hours=6)
    assert (await handed_over.send("merci")).bubbles == []
    await handed_over.travel(hours=2)
    assert handed_over.log.lines == ["< j'arrive", "> merci", f"< {HANDED_BACK}"]


async def test_the_team_closes_and_the_bot_is_back(handed_over: TestBot) -> None:
    await answer(handed_over)
    await close(handed_over)
    assert handed_over.log.lines == ["< j'arrive", f"< {HANDED_BACK}"]
    assert (await said(handed_over))[-2:] == ["team j'arrive", "note handed back: team"]
    (one,) = await handed_over.lumiera.store.escalations(closed=True)
    assert (one.closed_by, one.conversation.handed_over_until) == ("team", None)


async def test_what_is_closed_cannot_be_answered_or_closed_again(handed_over: TestBot) -> None:
    (one,) = await open_ones(handed_over)
    await close(handed_over)
    assert not await handed_over.lumiera.answer_escalation(one, "trop tard")
    assert not await handed_over.lumiera.close_escalation(one)
    await handed_over.travel()
    assert handed_over.log.lines == [f"< {HANDED_BACK}"]


async def test_a_long_answer_is_sent_in_parts(handed_over: TestBot) -> None:
    await answer(handed_over, "Regardez la vanne. " * 200)
    parts = [line for line in handed_over.log.lines if line.startswith("< ")]
    assert len(parts) == 3
    assert all(len(part) <= 1502 for part in parts)


async def test_an_answer_hands_over_what_the_bot_had_opened_itself(start: Start) -> None:
    bot = await start()
    await bot.send("bonjour")
    await bot.lumiera.escalate(1, Opening(reason="slow", details="bonjour", silent=False))
    assert (await bot.send("bonjour")).bubbles
    await answer(bot, "que puis-je faire ?")
    assert (await bot.send("bonjour")).bubbles == []
    assert "note handed over to the team: slow" in await said(bot)
    await close(bot)
    assert bot.log.lines[-1] == f"< {HANDED_BACK}"
    assert (await bot.send("bonjour")).bubbles


async def test_an_escalation_that_was_not_silent_is_closed_without_a_word(start: Start) -> None:
    bot = await start()
    await bot.send("bonjour")
    await bot.lumiera.escalate(1, Opening(reason="slow", silent=False))
    bot.log.clear()
    await close(bot)
    await bot.travel(hours=8)
    assert str(bot.log) == ""
    assert await open_ones(bot) == []


async def test_one_that_is_not_silent_stays_open_until_somebody_closes_it(start: Start) -> None:
    bot = await start()
    await bot.send("bonjour")
    await bot.lumiera.escalate(1, Opening(reason="slow", silent=False))
    await bot.travel(days=3)
    assert len(await open_ones(bot)) == 1


async def test_the_conversation_is_the_teams_until_its_last_silent_escalation_ends(handed_over: TestBot) -> None:
    await handed_over.lumiera.escalate(1, Opening(reason="task"))
    assert [one.opening.reason for one in await open_ones(handed_over)] == ["safety", "task"]
    await close(handed_over)
    assert (await handed_over.send("bonjour")).bubbles == []
    assert handed_over.log.lines == ["> bonjour"]
    await close(handed_over)
    assert handed_over.log.lines[-1] == f"< {HANDED_BACK}"
    assert (await handed_over.send("bonjour")).bubbles


async def test_two_silent_ones_expire_with_one_word(handed_over: TestBot) -> None:
    await handed_over.lumiera.escalate(1, Opening(reason="task"))
    await handed_over.travel(hours=8)
    assert handed_over.log.lines == [f"< {EXPIRED}"]


async def test_an_escalation_from_outside_silences_at_once(start: Start) -> None:
    bot = await start()
    await bot.send("bonjour")
    await bot.lumiera.escalate(1, Opening(reason="asked"))
    assert (await bot.send("bonjour")).bubbles == []
    assert (await said(bot))[2] == "note handed over to the team: asked"


# --- STOP ---


async def test_stop_is_obeyed_while_a_human_has_the_conversation(handed_over: TestBot) -> None:
    assert (await handed_over.send("STOP")).text.startswith("C’est noté, vous ne recevrez plus de messages.")
    await answer(handed_over)
    await close(handed_over)
    assert (await handed_over.send("bonjour")).bubbles == []
    assert [line for line in handed_over.log.lines if line.startswith("<")] == [handed_over.log.lines[1]]


async def test_start_brings_the_messages_back_and_not_the_bot(handed_over: TestBot) -> None:
    await handed_over.send("STOP")
    assert (await handed_over.send("START")).text.startswith("Content de vous retrouver")
    assert (await handed_over.send("bonjour")).bubbles == []
    await answer(handed_over)
    assert handed_over.log.lines[-1] == "< j'arrive"


# --- what opens one ---


async def test_a_handler_that_calls_and_is_tried_again_calls_once(start: Start, leak: Leak) -> None:
    tries = []

    async def handler(turn: Turn) -> str:
        await turn.escalate("safety", "gaz", silent=False)
        tries.append(turn.attempt)
        if len(tries) == 1:
            raise TransientError("once")
        return "fini"

    bot = await start(site=leak(handler))
    await bot.send("fuite")
    assert [one.opening.details for one in await open_ones(bot)] == ["gaz"]


async def ends_as_dead_letter(bot: TestBot) -> None:
    await bot.lumiera.receive([bot.message("fuite")])
    async with asyncio.timeout(10):
        while not await bot.lumiera.store.dead_letters():  # noqa: ASYNC110 - nothing tells when
            await asyncio.sleep(0.01)


async def test_a_call_is_made_although_the_handler_fails_after_it(start: Start, leak: Leak) -> None:
    async def handler(turn: Turn) -> str:
        await turn.escalate("safety", "gaz")
        raise ValueError("a bug")

    bot = await start(site=leak(handler))
    assert (await bot.send("fuite")).bubbles
    assert "safety" in [one.opening.reason for one in await open_ones(bot)]
    assert (await bot.send("bonjour")).bubbles == []


async def test_a_call_of_a_turn_that_comes_to_no_end_is_made_and_ended_by_the_time(start: Start, leak: Leak) -> None:
    async def handler(turn: Turn) -> str:
        await turn.escalate("safety", "gaz")
        raise TransientError("away")

    bot = await start(site=leak(handler))
    await ends_as_dead_letter(bot)
    assert (await open_ones(bot))[0].opening.reason == "safety"
    await bot.travel(hours=7, minutes=1)
    assert "safety" not in [one.opening.reason for one in await open_ones(bot)]
    assert bot.log.lines[-1] == f"< {EXPIRED}"


async def test_a_handler_that_does_not_want_silence_goes_on(start: Start, leak: Leak) -> None:
    async def handler(turn: Turn) -> str:
        await turn.escalate("safety", "gaz", silent=False)
        return "j'appelle"

    bot = await start(site=leak(handler))
    await bot.send("fuite")
    assert (await bot.send("bonjour")).bubbles
    await bot.travel(seconds=1)
    assert [one.opening.silent for one in await open_ones(bot)] == [False]


async def test_a_turn_over_the_time_of_the_apology_opens_one(start: Start, leak: Leak) -> None:
    async def handler(turn: Turn) -> str:
        await asyncio.sleep(0.3)
        return "voilà"

    config = {"watchdog": {"typing": "10ms", "notice": "50ms", "apology": "100ms"}}
    bot = await start(config=config, site=leak(handler))
    assert (await bot.send("fuite")).bubbles[-1].text == "voilà"
    (one,) = await open_ones(bot)
    assert (one.opening.reason, one.opening.details, one.opening.silent) == ("slow", "fuite", False)
    assert (await bot.send("bonjour")).bubbles


async def test_a_slow_turn_while_a_human_has_the_conversation_opens_none(start: Start, leak: Leak) -> None:
    class Slow:
        @hookimpl
        async def transcribe_audio(self, media: Media) -> Transcript | None:
            await asyncio.sleep(0.3)
            return Transcript(text="allo ?")

    config = {"watchdog": {"typing": "10ms", "notice": "50ms", "apology": "100ms"}}
    bot = await start(config=config, site=leak(call), ears=Slow())
    await bot.send("fuite")
    await bot.voice()
    assert [one.opening.reason for one in await open_ones(bot)] == ["safety"]


async def test_an_answer_that_cannot_be_delivered_opens_one(start: Start) -> None:
    bot = await start()
    bot.channel.faults.append(SendRefused("no such number", provider_code="63003"))
    await bot.send("bonjour")
    (one,) = await open_ones(bot)
    assert (one.opening.reason, one.opening.silent) == ("undelivered", False)
    assert "Lumiera" in one.opening.details


def escalating(item: Any) -> Any:
    return {"route": {"on_error": "escalate"}} if item == "route" else item


async def test_a_stage_that_fails_opens_one_where_its_settings_say_so(start: Start, leak: Leak) -> None:
    async def handler(turn: Turn) -> str:
        raise ValueError("a bug")

    bot = await start(config={"pipeline": [escalating(item) for item in PIPELINE]}, site=leak(handler))
    await bot.send("fuite")
    assert [one.opening.reason for one in await open_ones(bot)] == ["failed"]


async def test_a_message_that_cannot_be_handled_opens_one(start: Start, leak: Leak) -> None:
    async def handler(turn: Turn) -> str:
        raise TransientError("away")

    bot = await start(site=leak(handler))
    await ends_as_dead_letter(bot)
    (one,) = await open_ones(bot)
    assert (one.opening.reason, one.opening.silent) == ("failed", False)
    assert "fuite" in one.opening.details
