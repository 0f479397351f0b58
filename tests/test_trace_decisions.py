"""What a turn keeps of why it was decided as it was, for `lumiera explain`."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from lumiera import Turn, choose, free_text
from lumiera.messages import Option
from lumiera.testing import Replied, Scripted, TestBot

Start = Callable[..., Awaitable[TestBot]]
Leak = Callable[..., object]
RANKED = {"ça coule": [("help", 0.3), ("leak", 0.9512345), *((f"other{place}", 0.1) for place in range(9))]}
COLOURS = (Option(id="red", text="red"), Option(id="blue", text="blue"))


@pytest.fixture
async def bot(start: Start, leak: Leak) -> TestBot:
    async def ask(turn: Turn) -> str:
        colour = await turn.ask(choose("which", options=COLOURS))
        return f"{colour}: {await turn.ask(free_text('what'))}"

    config = {"routing": {"intents": {"help": {"fast_path": 0.7}}}}
    return await start(site=leak(ask), ears=Scripted(intents=RANKED), config=config)


def decided(replied: Replied) -> list[dict[str, Any]]:
    """Return what was decided of intents and questions."""
    spans = replied.turn.trace.spans
    return [dict(span.facts) for span in spans if span.kind == "decision" and span.name != "dialogue"]


async def test_candidates_are_kept_best_first_with_source_and_threshold(bot: TestBot) -> None:
    first, second, *others = decided(await bot.send("ça coule"))
    assert first == {"intent": "leak", "confidence": 0.951, "source": "ears", "needed": 0.9}
    assert second == {"intent": "help", "confidence": 0.3, "source": "ears", "needed": 0.7}
    assert len(others) == 4


async def test_an_exact_match_is_kept_as_that(bot: TestBot) -> None:
    assert decided(await bot.send("fuite")) == [
        {"intent": "leak", "confidence": 1.0, "source": "exact", "needed": 0.9},
    ]


@pytest.mark.parametrize(("text", "fate"), [("rouge", "answered"), ("xyzzy", "missed"), ("aide", "kept")])
async def test_the_fate_of_the_open_question_is_kept(bot: TestBot, text: str, fate: str) -> None:
    await bot.send("fuite")
    assert {"question": "which", "fate": fate} in decided(await bot.send(text))


async def test_what_became_of_dialogues_is_kept(bot: TestBot) -> None:
    await bot.send("fuite")
    spans = (await bot.send("rouge")).turn.trace.spans
    (facts,) = [span.facts for span in spans if span.name == "dialogue"]
    dialogue = await bot.lumiera.store.dialogue(str(facts.pop("dialogue")))
    assert dialogue is not None
    assert facts == {"of": "leak", "status": "open", "asks": "what"}


async def test_it_is_stored_with_the_turn_and_holds_no_word_of_the_user(bot: TestBot) -> None:
    turn = (await bot.send("ça coule")).turn
    stored = await bot.lumiera.store.turn(turn.id)
    assert stored is not None
    assert [name for kind, name, *_ in json.loads(stored.trace) if kind == "decision"] == ["intent"] * 6 + ["dialogue"]
    assert "coule" not in stored.trace


async def test_a_turn_that_was_stopped_early_decided_nothing(bot: TestBot) -> None:
    assert [one.get("intent") for one in decided(await bot.send("STOP"))] == ["stop"]
    assert decided(await bot.send("bonjour")) == []
