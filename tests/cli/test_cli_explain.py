"""`lumiera explain`: what the bot did in a turn and why, told from the store alone."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

Run = Callable[..., Result]
Install = Callable[..., None]
Start = Callable[..., subprocess.Popen[bytes]]
SITE = """\
from lumiera import Intent, IntentMatch, Question, choose, free_text, hookimpl, store_operation, Tx

@store_operation
def note(tx: Tx) -> int:
    return 1

async def leak(turn):
    where = await turn.ask(free_text("choose"))
    await turn.once("note", note)
    return "noted"

async def broken(turn):
    raise RuntimeError("the site of +33612345678 does not answer")

@hookimpl
def register_intents():
    return [
        Intent("leak", leak, examples={"fr": ["fuite"]}),
        Intent("broken", broken, examples={"fr": ["casse"]}),
    ]

@hookimpl
async def classify_intent(text, turn):
    if "coule" in text:
        return [IntentMatch(intent="leak", confidence=0.93), IntentMatch(intent="help", confidence=0.4)]
    return [IntentMatch(intent="leak", confidence=0.7)] if "goutte" in text else []
"""


@pytest.fixture
def chat(run: Run, install: Install) -> Callable[..., None]:
    """Talk to a bot with a classifier and two intents of its own."""
    install("site", SITE)

    def say(*texts: str, phone: str = "+33600000001") -> None:
        result = run("chat", "--as", phone, *(part for text in texts for part in ("--say", text)))
        assert result.exit_code == 0, result.output

    return say


def told(result: Result) -> str:
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


def section(text: str, heading: str) -> list[str]:
    """Return the lines under a heading."""
    parts = dict(part.split("\n", 1) for part in text.split("\n\n")[1:])
    return [line.strip() for line in parts[heading].splitlines()]


def last(run: Run) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(told(run("explain", "last", "--json")))
    return found


def test_the_last_turns_are_listed_newest_first(run: Run, chat: Callable[..., None]) -> None:
    chat("fuite", "au sous-sol")
    chat("bonjour", phone="+33600000002")
    heading, *rows = told(run("explain")).splitlines()
    assert heading.split() == ["turn", "time", "conversation", "intent", "route", "code", "ms"]
    cells = [row.split() for row in rows]
    assert [row[3:6] for row in cells] == [
        ["2", "greeting", "fast_path"], ["1", "leak", "question"], ["1", "leak", "fast_path"],
    ]  # fmt: skip
    assert len(told(run("explain", "--conversation", "1")).splitlines()) == 3


def test_a_bot_without_a_turn_says_so(run: Run) -> None:
    assert told(run("explain")) == "There is no turn yet.\n"
    result = run("explain", "last")
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", "There is no turn yet.\n")


def test_a_turn_that_is_not_there_is_told_with_the_way_out(run: Run, chat: Callable[..., None]) -> None:
    chat("bonjour")
    result = run("explain", "nobody's")
    assert result.exit_code == 2
    assert 'There is no finished turn "nobody\'s".' in result.stderr
    assert "lumiera dead list" in result.stderr
    assert run("explain", "last", "--conversation", "77").stderr == "There is no turn in it yet.\n"


def test_a_turn_is_told_from_what_was_said_to_what_became_of_the_reply(run: Run, chat: Callable[..., None]) -> None:
    chat("ça coule")
    text = told(run("explain", "last"))
    first, second, *_ = text.splitlines()
    assert re.fullmatch(r"turn [0-9a-f]{16}   \d{4}-\d\d-\d\d \d\d:\d\d:\d\d C\w+, \d+ ms", first)
    assert second == "conversation 1, user 1, session 1, language fr"
    said = [line.split(" ", 1)[1] for line in section(text, "said")]
    assert said[0] == "> ça coule"
    assert said[1].startswith("< ")
    assert section(text, "why") == [
        "route fast_path: an intent was sure enough",
        "leak  0.93 by site, needs 0.90   <- taken",
        "help  0.40 by site, needs 0.90",
        "dialogue 1.1.leak of 'leak' is open and asks 'choose'",
    ]
    assert section(text, "the reply") == ["sent"]
    assert "what failed" not in text


def test_the_stages_are_told_in_order_with_what_was_asked_in_them(run: Run, chat: Callable[..., None]) -> None:
    chat("ça coule")
    lines = section(told(run("explain", "last")), "what took how long, in ms")
    names = [line.split("  ")[0] for line in lines]
    assert names[0] == "authenticate"
    assert names[-1] == "persistence"
    assert names.index("intent") + 1 == names.index("classify_intent of site")
    assert all(re.search(r"\d\.\d +█+$", line) for line in lines)


def test_an_intent_that_is_not_sure_enough_is_told_with_its_threshold(run: Run, chat: Callable[..., None]) -> None:
    chat("une goutte")
    assert section(told(run("explain", "last")), "why") == [
        "route undecided: nothing was sure enough: the bot said so and offered the menu",
        "leak  0.70 by site, needs 0.90",
    ]


def test_a_text_that_nobody_knows_is_told_as_that(run: Run, chat: Callable[..., None]) -> None:
    chat("xyzzy")
    [_, told_so] = section(told(run("explain", "last")), "why")
    assert told_so == "no classifier named an intent, and the text is no example of one"


def test_an_example_and_a_tap_are_told_as_their_sources(run: Run, chat: Callable[..., None]) -> None:
    chat("fuite")
    assert section(told(run("explain", "last")), "why")[1] == "leak  1.00 by exact, needs 0.90   <- taken"
    chat("annuler", "bonjour", "1")
    assert " by tap, needs 0.90   <- taken" in section(told(run("explain", "last")), "why")[1]


def test_the_open_question_and_its_fate_are_told(run: Run, chat: Callable[..., None]) -> None:
    chat("fuite", "au sous-sol")
    found = told(run("explain", "last"))
    assert "the open question 'choose' was answered" in section(found, "why")
    assert any(line.startswith("note (store_operation)") for line in section(found, "what took how long, in ms"))


def test_a_failure_is_told_with_its_code_and_whom_to_blame(run: Run, chat: Callable[..., None]) -> None:
    chat("casse")
    found = told(run("explain", "last"))
    assert "SYSTEM_5001" in told(run("explain"))
    assert any("SYSTEM_5001 in stage route" in line for line in section(found, "what failed"))


def test_no_phone_number_is_ever_shown(run: Run, chat: Callable[..., None]) -> None:
    chat("appelez le +33 6 12 34 56 78", "casse")
    ids = [row.split()[0] for row in told(run("explain")).splitlines()[1:]]
    for turn in ids:
        for shown in (told(run("explain", turn)), told(run("explain", turn, "--json"))):
            assert "12345678" not in shown.replace(" ", "")
            assert "600000001" not in shown
    assert any("[phone]" in told(run("explain", turn)) for turn in ids)


def test_what_a_user_wrote_does_not_steer_the_terminal(run: Run, chat: Callable[..., None]) -> None:
    chat("a\x1b[2Jb")
    shown = told(run("explain", "last"))
    assert "\x1b" not in shown
    assert "> a [2Jb" in shown


def test_json_has_everything(run: Run, chat: Callable[..., None]) -> None:
    chat("ça coule")
    turn = last(run)
    assert (turn["intent"], turn["confidence"], turn["route"], turn["conversation"]) == ("leak", 0.93, "fast_path", 1)
    assert [one["direction"] for one in turn["said"]] == ["in", "out"]
    decided = [one["facts"] for one in turn["trace"] if one["kind"] == "decision"]
    assert [facts["intent"] for facts in decided if "intent" in facts] == ["leak", "help"]
    assert turn["bubbles"] == [{"state": "sent", "error": ""}]
    assert turn["failures"] == []
    assert [one["turn"] for one in json.loads(told(run("explain", "--json")))] == [turn["turn"]]


def test_it_works_beside_a_bot_that_serves(run: Run, start: Start, chat: Callable[..., None]) -> None:
    chat("bonjour")
    process = start("serve", "--port", "0")
    assert process.stdout is not None
    process.stdout.readline()
    assert "greeting" in told(run("explain", "last"))
    process.terminate()
    process.communicate(timeout=10)
    assert Path("lumiera.db").exists()
