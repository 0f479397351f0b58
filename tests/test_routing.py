"""What a message is taken for: exact matches, menus and taps, thresholds, the agent, and what nothing decides."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from lumiera import Capabilities, Choices, Intent, Location, Media, Option, Reply, Tap, Transcript, Turn
from lumiera.testing import KitChannel, Scripted, TestBot

Start = Callable[..., Awaitable[TestBot]]
Brings = Callable[..., object]
Pipeline = Callable[..., list[object]]
HONEST = "Je n’ai pas compris. Voici ce que je sais faire :"


async def leak(turn: Turn) -> str:
    return "leak served"


async def fire(turn: Turn) -> str:
    return "fire served"


@pytest.fixture
def site(brings: Brings) -> object:
    return brings(
        Intent("leak", leak, examples={"fr": ["fuite"], "pl": ["przeciek"]}, menu="red"),
        Intent("fire", fire, examples={"fr": ["feu"]}, menu="blue"),
        Intent("quiet", leak),
    )


# --- exact ---


async def test_an_exact_example_is_certain_however_it_is_typed(start: Start, site: object) -> None:
    bot = await start(site=site)
    for said in ("fuite", "FUITE !", "  fuité. ", "fu\u200bite", "fuite 💧", "przeciek"):
        reply = await bot.send(said)
        assert (reply.text, reply.intent, reply.confidence, reply.route) == ("leak served", "leak", 1.0, "fast_path")


async def test_a_spoken_example_is_exact_too(start: Start, site: object) -> None:
    bot = await start(site=site, ears=Scripted(transcripts={"kit://voice.ogg": Transcript(text="Fuite.")}))
    assert (await bot.voice()).intent == "leak"


async def test_a_title_of_the_menu_counts_at_any_time_in_any_language(start: Start, site: object) -> None:
    bot = await start(site=site)
    for said in ("Rouge", "rouge", "Red", "CZERWONY"):
        reply = await bot.send(said)
        assert (reply.intent, reply.confidence) == ("leak", 1.0)
        assert reply.turn.match is not None
        assert reply.turn.match.source == "menu"


@pytest.mark.parametrize(("said", "intent"), [("4", "leak"), ("٥", "fire"), ("5️⃣", "fire")])
async def test_a_number_counts_the_options_under_the_last_reply(
    start: Start, site: object, said: str, intent: str
) -> None:
    bot = await start(site=site)
    assert (await bot.send("bonjour")).choices == ["❓ Aide", "🌐 Langue", "💬 Parler à l’équipe", "Rouge", "Bleu"]
    assert (await bot.send(said)).intent == intent


async def test_a_number_means_nothing_where_no_menu_is_shown(start: Start, site: object) -> None:
    bot = await start(site=site)
    assert (await bot.send("1")).text == HONEST
    await bot.send("bonjour")
    await bot.send("fuite")  # its reply has no menu
    assert (await bot.send("1")).text == HONEST


async def test_a_tap_is_certain_and_works_on_an_old_menu(start: Start, site: object) -> None:
    bot = await start(site=site)
    await bot.send("bonjour")
    await bot.send("feu")
    reply = await bot.tap("Rouge")
    assert (reply.intent, reply.confidence) == ("leak", 1.0)
    assert reply.turn.match is not None
    assert reply.turn.match.source == "tap"


async def test_a_tap_on_what_is_gone_says_so_and_offers_the_menu(start: Start, site: object) -> None:
    bot = await start(site=site)
    for tapped in ("page:9", "intent:gone", "0123456789:yes", "draft:1.1.leak", "", "🙂" * 100):
        reply = await bot.send(tap=Tap(id=tapped, title="Vieux"))
        assert reply.text in ("Ce choix n’est plus valable.", HONEST, "Choisir"), tapped
        assert reply.choices == ["❓ Aide", "🌐 Langue", "💬 Parler à l’équipe", "Rouge", "Bleu"]


async def test_a_long_menu_has_pages(start: Start, brings: Brings) -> None:
    intents = [Intent(f"lot{n}", leak, menu=f"lot-{n}") for n in range(1, 15)]
    bot = await start(site=brings(*intents))
    assert (await bot.send("bonjour")).choices[-2:] == ["lot-6", "➡️ Suite"]
    second = await bot.tap("Suite")
    assert (second.text, second.choices[0], second.choices[-1]) == ("Choisir", "lot-7", "lot-14")
    assert (await bot.tap("lot-14")).intent == "lot14"


async def test_a_text_that_two_intents_have_as_an_example_is_not_exact(start: Start, brings: Brings) -> None:
    intents = [Intent("leak", leak, examples={"fr": ["urgent"]}), Intent("fire", fire, examples={"fr": ["urgent"]})]
    bot = await start(site=brings(*intents), ears=Scripted(intents={"urgent": [("fire", 0.95)]}))
    reply = await bot.send("urgent")
    assert (reply.intent, reply.confidence) == ("fire", 0.95)


async def test_numbered_text_is_answered_by_number_where_nothing_can_be_drawn(site: object, tmp_path: Path) -> None:
    plain = KitChannel(capabilities=Capabilities())
    async with TestBot(tmp_path, plugins={"site": site}, channel=plain) as bot:
        assert "4. red\n5. blue\n\nRépondez avec un numéro." in (await bot.send("bonjour")).text
        assert (await bot.send("5")).intent == "fire"


# --- thresholds ---


@pytest.mark.parametrize(("sure", "route"), [(0.9, "fast_path"), (0.8999, "undecided"), (1.0, "fast_path")])
async def test_from_the_threshold_on_an_intent_is_served(start: Start, site: object, sure: float, route: str) -> None:
    bot = await start(site=site, ears=Scripted(intents={"il pleut": [("leak", sure)]}))
    assert (await bot.send("il pleut")).route == route


async def test_an_intent_may_have_thresholds_of_its_own(start: Start, site: object) -> None:
    config = {"routing": {"intents": {"leak": {"fast_path": 0.7}, "fire": {"clarify": 0.3}}}}
    said = {"a": [("leak", 0.75)], "b": [("fire", 0.75)], "c": [("leak", 0.65), ("fire", 0.35)]}
    bot = await start(site=site, config=config, ears=Scripted(intents=said))
    assert (await bot.send("a")).route == "fast_path"
    assert (await bot.send("b")).route == "undecided"
    assert (await bot.send("c")).choices == ["Rouge", "Bleu"]


async def test_an_intent_that_nobody_brings_is_never_served(start: Start, site: object) -> None:
    bot = await start(site=site, ears=Scripted(intents={"x": [("unknown", 0.99), ("leak", 0.95)]}))
    assert (await bot.send("x")).route == "undecided"


async def test_classifiers_are_asked_in_order_until_one_is_sure(start: Start, site: object) -> None:
    first = Scripted(intents={"a": [("leak", 0.95)], "b": [("leak", 0.5)]})
    second = Scripted(intents={"a": [("fire", 0.99)], "b": [("fire", 0.92)]})
    bot = await start(site=site, first=first, second=second)
    assert (await bot.send("a")).intent == "leak"
    assert ("classify_intent", "a") not in second.calls
    reply = await bot.send("b")
    assert reply.intent == "fire"
    assert [(one.intent, one.source) for one in reply.turn.candidates] == [("fire", "second"), ("leak", "first")]


async def test_between_two_likely_ones_the_user_chooses(start: Start, site: object) -> None:
    said = {"ça coule": [("leak", 0.8), ("fire", 0.7), ("quiet", 0.65), ("help", 0.59)]}
    bot = await start(site=site, ears=Scripted(intents=said))
    reply = await bot.send("ça coule")
    assert (reply.text, reply.choices) == (
        "Je ne suis pas sûr de comprendre. Que voulez-vous faire ?", ["Rouge", "Bleu"]
    )  # fmt: skip
    assert reply.route == "clarify"
    assert (await bot.send("2")).text == "fire served"


# --- the agent ---


async def test_the_agent_answers_what_no_intent_is_sure_of(start: Start, site: object) -> None:
    async def agent(turn: Turn) -> Reply | None:
        return Reply(f"about {turn.text}: {[one.intent for one in turn.candidates]}")

    said = {"il pleut": [("leak", 0.4)]}
    bot = await start(site=site, ears=Scripted(agent=agent, intents=said))
    reply = await bot.send("il pleut")
    assert (reply.text, reply.route) == ("about il pleut: ['leak']", "agent")
    assert (await bot.send("fuite")).route == "fast_path"


async def test_an_agent_without_an_answer_leaves_it_to_the_next_and_then_to_the_menu(
    start: Start, site: object
) -> None:
    async def second(turn: Turn) -> Reply | None:
        return Reply("second") if turn.text == "deux" else None

    bot = await start(site=site, first=Scripted(), second=Scripted(agent=second))
    assert (await bot.send("deux")).text == "second"
    assert (await bot.send("trois")).text == HONEST


async def test_where_undecided_is_clarify_the_agent_is_not_asked(start: Start, site: object) -> None:
    async def agent(turn: Turn) -> Reply | None:
        return Reply("never")

    scripted = Scripted(agent=agent)
    bot = await start(site=site, config={"routing": {"undecided": "clarify"}}, ears=scripted)
    assert (await bot.send("il pleut")).text == HONEST
    assert ("answer_turn", "il pleut") not in scripted.calls


async def test_an_agent_in_another_language_is_translated(start: Start) -> None:
    async def agent(turn: Turn) -> Reply | None:
        return Reply("Il pleut.", language="fr")

    scripted = Scripted(agent=agent, translations={("Il pleut.", "en"): "It rains."})
    bot = await start(ears=scripted)
    await bot.send("parle anglais")
    assert (await bot.send("xyzzy")).text == "It rains."


# --- undecided ---


async def test_what_nothing_decides_is_told_honestly_with_the_menu(start: Start, site: object) -> None:
    reply = await (await start(site=site)).send("qwerty")
    assert (reply.text, reply.route) == (HONEST, "undecided")
    assert reply.choices == ["❓ Aide", "🌐 Langue", "💬 Parler à l’équipe", "Rouge", "Bleu"]


async def test_a_picture_a_file_a_place_and_a_voice_note_have_words_of_their_own(start: Start) -> None:
    bot = await start()
    got_it = "J’ai bien reçu votre fichier, mais je ne sais pas quoi en faire. Voici ce que je sais faire :"
    assert (await bot.photo()).text == got_it
    assert (await bot.send(media=[Media(url="kit://plan.pdf", content_type="application/pdf")])).text == got_it
    assert (await bot.voice()).text.startswith("Je n’ai pas compris le message vocal.")
    assert (await bot.send(location=Location(latitude=48.8, longitude=2.3))).text == HONEST
    assert (await bot.send("")).text == HONEST


async def test_odd_texts_are_answered(start: Start, site: object) -> None:
    bot = await start(site=site)
    for text in ("🙂" * 1600, "\u202e\u200f\u200b", "x" * 20_000, "\x00\x01", "0", "٠", "½"):
        assert (await bot.send(text)).text == HONEST


async def test_the_menu_of_a_handler_is_answered_by_number_and_title(start: Start, brings: Brings) -> None:
    async def offer(turn: Turn) -> Reply:
        return Reply("Quoi donc ?", Choices(options=(Option.intent("fire", title="Brûler"), Option.intent("leak"))))

    intents = [
        Intent("offer", offer, examples={"fr": ["menu spécial"]}),
        Intent("leak", leak, menu="red"),
        Intent("fire", fire),
    ]
    bot = await start(site=brings(*intents))
    await bot.send("menu spécial")
    assert (await bot.send("bruler")).intent == "fire"
    await bot.send("menu spécial")
    assert (await bot.send("2")).intent == "leak"
