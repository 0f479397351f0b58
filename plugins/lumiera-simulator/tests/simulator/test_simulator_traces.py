"""The trace behind the page: what the bot did in a turn and why, whichever plugins did it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lumiera import Intent, Option, Turn, choose, free_text, hookimpl, read
from lumiera.testing.scripted import Scripted

if TYPE_CHECKING:
    from tests.simulator.conftest import Site

Start = Callable[..., Awaitable["Site"]]
SITES = [Option(id="t", title="Tour Nord"), Option(id="q", title="Quai 7")]


@read
async def weather(place: str) -> str:
    return f"sec à {place}"


class Works:
    """A plugin with a dialogue, and a handler that fails."""

    async def leak(self, turn: Turn) -> str:
        where = await turn.ask(choose("where", options=SITES))
        await turn.once("weather", weather, where)
        return f"{where}: {await turn.ask(free_text('what'))}"

    async def breaks(self, turn: Turn) -> str:
        raise ValueError("it reached +33612345678 with key=abcdef123456")

    @hookimpl
    def register_intents(self) -> list[Intent]:
        leak = Intent("leak", self.leak, examples={"fr": ["fuite"]}, version=3)
        return [leak, Intent("breaks", self.breaks, examples={"fr": ["panne"]})]


@pytest.fixture
def works(tmp_path: Path) -> Works:
    texts = tmp_path / "texts"
    texts.mkdir()
    (texts / "fr.ftl").write_text("where = Où ?\nwhat = Quoi ?\nleak-title = Fuite\n", encoding="utf-8")
    return Works()


class Model:
    """What a later plugin might be: it writes facts of its own on its spans."""

    @hookimpl
    async def detect_language(self, text: str, turn: Turn) -> None:
        with turn.trace.span("model", "detector", tokens=12, cost=0.25):
            pass
        turn.trace.span("decision", "tone", tone="polite", cost=0.5)
        turn.trace.span("decision", "free", cost=True)
        turn.trace.span("decision", "lost", confidence=float("nan"))


async def whole(site: Site, place: int = 0, person: int = 1) -> dict[str, Any]:
    """Return a turn of a person, counted from the newest."""
    turn: dict[str, Any] = await site.get(f"turns/{(await site.turns(person))[place]['id']}")
    return turn


async def talk(site: Site, *texts: str) -> None:
    for count, text in enumerate(texts, 1):
        await site.says(text)
        await site.gets(count)


async def test_the_turns_of_a_person_are_listed_newest_first(site: Site) -> None:
    await talk(site, "bonjour", "aide")
    await site.says("hello", person=2)
    await site.gets(1, person=2)
    newest, oldest = await site.turns()
    assert [newest["intent"], oldest["intent"]] == ["help", "greeting"]
    assert (newest["route"], newest["language"], newest["code"], newest["confidence"]) == ("fast_path", "fr", "", 1.0)
    assert 0 <= newest["ms"] < 10_000
    assert newest["cost"] is None
    assert newest["started_at"] > oldest["started_at"]
    assert (await site.get("people/1/turns?limit=1"))["turns"] == [newest]
    assert [turn["language"] for turn in await site.turns(2)] == ["en"]


async def test_who_has_not_written_has_no_turns(site: Site) -> None:
    assert await site.turns(3) == []


@pytest.mark.parametrize("path", ["people/99/turns", "people/99/outbox", "turns/nowhere", "turns/%00"])
async def test_what_there_is_not_is_said_plainly(site: Site, path: str) -> None:
    answer = await site.ask("GET", f"/simulator/{path}")
    assert answer.status == 404
    assert answer.data["error"].startswith("There is no such ")


@pytest.mark.parametrize("limit", ["-1", "x", "1e3"])
async def test_a_limit_that_is_no_number_is_refused(site: Site, limit: str) -> None:
    answer = await site.ask("GET", f"/simulator/people/1/turns?limit={limit}")
    assert (answer.status, answer.data) == (400, {"error": "'limit' must be a number."})


async def test_a_turn_tells_what_was_said_and_how_it_went(site: Site) -> None:
    await talk(site, "bonjour")
    turn = await whole(site)
    (phoned,) = await site.phone()
    assert [(line["direction"], line["text"]) for line in turn["said"]] == [("in", "bonjour"), ("out", phoned["text"])]
    stages = [span["name"] for span in turn["spans"] if span["kind"] == "stage"]
    assert (stages[0], stages[-1]) == ("authenticate", "persistence")
    assert all(span["at"] >= 0 and span["took"] >= 0 for span in turn["spans"])
    asked = next(span for span in turn["spans"] if span["kind"] == "hook")
    assert (asked["name"], asked["facts"]) == ("authenticate_user", {"plugin": "simulator"})
    assert (turn["user"], turn["session"], turn["failures"], turn["dialogues"]) == (1, 1, [], [])
    assert await site.until(lambda: whole(site), lambda one: one["bubbles"] == [{"state": "delivered", "error": ""}])


async def test_candidates_stand_with_the_confidence_that_they_needed(start: Start, works: Works) -> None:
    site = await start(scripted=Scripted(intents={"ça coule": [("leak", 0.7), ("help", 0.4)]}), works=works)
    await talk(site, "ça coule")
    turn = await whole(site)
    intents = [one for one in turn["decisions"] if one["what"] == "intent"]
    assert intents[:2] == [
        {"what": "intent", "intent": "leak", "confidence": 0.7, "source": "scripted", "needed": 0.9},
        {"what": "intent", "intent": "help", "confidence": 0.4, "source": "scripted", "needed": 0.9},
    ]


async def test_a_dialogue_is_told_by_its_journal(start: Start, works: Works) -> None:
    site = await start(works=works)
    await talk(site, "fuite")
    opened = await whole(site)
    (decided,) = [one for one in opened["decisions"] if one["what"] == "dialogue"]
    assert (decided["of"], decided["status"], decided["asks"]) == ("leak", "open", "where")
    (dialogue,) = opened["dialogues"]
    assert (dialogue["id"], dialogue["intent"], dialogue["version"]) == (decided["dialogue"], "leak", 3)
    assert (dialogue["question"]["name"], dialogue["question"]["kind"]) == ("where", "choose")
    await site.taps("Quai 7")
    await site.gets(2)
    (dialogue,) = (await whole(site))["dialogues"]
    entries = [(entry["name"], entry["kind"], entry["state"]) for entry in dialogue["entries"]]
    assert entries[-2:] == [("where", "answer", "done"), ("weather", "step", "done")]
    assert [entry["value"] for entry in dialogue["entries"]][-2:] == ['"q"', '"sec à q"']
    assert dialogue["entries"][-2]["label"].endswith("\nQuai 7")
    assert dialogue["question"]["name"] == "what"
    await site.says("un tuyau")
    await site.gets(3)
    turn = await whole(site)
    assert {"what": "question", "question": "what", "fate": "answered"} in turn["decisions"]
    assert [(one["status"], one["question"]) for one in turn["dialogues"]] == [("done", None)]
    assert [span["name"] for span in (await whole(site, 1))["spans"] if span["kind"] == "step"] == ["weather"]


async def test_plugins_of_later_days_show_up_with_their_facts_and_their_cost(start: Start) -> None:
    site = await start(model=Model())
    await talk(site, "quelque chose")
    turn = await whole(site)
    (model,) = [span for span in turn["spans"] if span["kind"] == "model"]
    assert (model["name"], model["facts"]) == ("detector", {"tokens": 12, "cost": 0.25})
    assert {"what": "tone", "tone": "polite", "cost": 0.5} in turn["decisions"]
    assert {"what": "lost", "confidence": "NaN"} in turn["decisions"]
    assert turn["cost"] == (await site.turns())[0]["cost"] == 0.75


async def test_a_failure_names_its_blame_and_no_secret(start: Start, works: Works) -> None:
    site = await start(works=works)
    await talk(site, "panne")
    turn = await whole(site)
    assert turn["code"] == "SYSTEM_5001"
    (failure,) = turn["failures"]
    assert (failure["code"], failure["stage"], failure["plugin"]) == ("SYSTEM_5001", "route", "")
    told = str((turn["failures"], turn["raw"]["failures"], turn["raw"]["bubbles"]))
    assert "33612345678" not in told
    assert "abcdef123456" not in told


async def test_raw_is_the_whole_record_of_the_turn(site: Site) -> None:
    await talk(site, "bonjour")
    turn = await whole(site)
    stored = await site.bot.store.turn(turn["id"])
    assert stored is not None
    raw = turn["raw"]
    assert set(raw) == set(vars(stored))
    assert (raw["id"], raw["conversation_id"], raw["route"]) == (stored.id, stored.conversation_id, stored.route)
    assert [name for _, name, *_ in raw["trace"]] == [span["name"] for span in turn["spans"]]


async def test_a_turn_is_announced_once_it_can_be_read(site: Site) -> None:
    async with site.listen() as stream:
        await site.says("bonjour")
        event = await stream.until("turn", person=1)
        assert (await site.get(f"turns/{event.data['turn']}"))["intent"] == "greeting"
