"""The stages before a message is understood: who it is, consent, limits, language, a human's take-over."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from lumiera import (
    ConfigError,
    LanguageMatch,
    Message,
    Option,
    Transcript,
    Turn,
    User,
    choose,
    hookimpl,
)
from lumiera.testing import Scripted, TestBot

Start = Callable[..., Awaitable[TestBot]]
Leak = Callable[..., object]
Pipeline = Callable[..., list[object]]
PHONE = "+33600000001"


async def silence(bot: TestBot, until: datetime) -> None:
    """Let a human have every conversation."""
    at = {"at": int(until.timestamp() * 1_000_000)}
    await bot.lumiera.store.run(lambda tx: tx.execute(text("UPDATE conversations SET handed_over_until = :at"), at))


# --- authenticate ---


async def test_an_unknown_number_is_registered_with_the_name_it_gives(start: Start) -> None:
    bot = await start()
    assert (await bot.send("bonjour", name="Ana")).text.startswith("Bonjour Ana 👷 Je suis")
    user = (await bot.send("bonjour", name="Somebody else")).turn.user
    assert (user.phone, user.name) == (PHONE, "Ana")


async def test_an_unknown_number_is_refused_once_in_24_hours(start: Start, pipeline: Pipeline) -> None:
    bot = await start(config={"pipeline": pipeline(authenticate={"unknown_users": "refuse"})})
    reply = await bot.send("bonjour")
    assert reply.text == "Je ne connais pas votre numéro. Demandez à votre chef de chantier de vous inscrire."
    assert (reply.route, reply.stages) == ("refused", ["authenticate", "persistence"])
    await bot.travel(hours=23, minutes=59)
    assert (await bot.send("bonjour")).text == ""
    await bot.travel(minutes=2)
    assert (await bot.send("bonjour")).text != ""


async def test_whom_a_plugin_knows_is_not_refused(start: Start, pipeline: Pipeline) -> None:
    known = Scripted(users={PHONE: User(id=0, phone=PHONE, name="Ana", language="pl")})
    bot = await start(config={"pipeline": pipeline(authenticate={"unknown_users": "refuse"})}, ears=known)
    assert (await bot.send("cześć")).language == "pl"
    assert (await bot.send("bonjour", sender="+33600000002")).route == "refused"


@pytest.mark.parametrize("identity", [0, 1])
async def test_a_blocked_user_is_turned_away_even_if_the_store_knows_better(start: Start, identity: int) -> None:
    users: dict[str, User] = {}
    bot = await start(ears=Scripted(users=users))
    await bot.send("bonjour")
    users[PHONE] = User(id=identity, phone=PHONE, status="blocked")
    assert (await bot.send("bonjour")).text == "Votre numéro est bloqué. Parlez-en à votre chef de chantier."
    assert (await bot.send("bonjour")).text == ""


async def test_a_user_whom_the_store_has_blocked_is_turned_away(start: Start) -> None:
    bot = await start()
    await bot.send("bonjour")
    await bot.lumiera.store.run(lambda tx: tx.execute(text("UPDATE users SET status = 'blocked'")))
    assert (await bot.send("bonjour")).route == "refused"


class Broken:
    @hookimpl
    async def authenticate_user(self, message: Message) -> User | None:
        raise ValueError("the directory is down")


async def test_a_plugin_that_raises_closes_the_door_and_no_other_is_asked(start: Start) -> None:
    second = Scripted(users={PHONE: User(id=0, phone=PHONE)})
    bot = await start(first=Broken(), second=second)
    reply = await bot.send("bonjour")
    assert reply.text == "Désolé, il y a un problème de notre côté. Réessayez dans quelques minutes."
    assert reply.turn.failures[0].message == ("stage 'authenticate': plugin 'first': authenticate_user: ValueError")
    assert reply.turn.authenticated is None
    assert second.calls == []


async def test_nobody_goes_on_unknown_by_configuration(start: Start, pipeline: Pipeline) -> None:
    with pytest.raises(ConfigError, match="on_error"):
        await start(config={"pipeline": pipeline(authenticate={"on_error": "continue"})})


# --- consent ---


@pytest.mark.parametrize("word", ["STOP", "stop", " Stop. ", "arrêt", "توقف"])
async def test_stop_is_obeyed_and_confirmed_and_then_there_is_silence(start: Start, word: str) -> None:
    bot = await start()
    await bot.send("bonjour")
    reply = await bot.send(word)
    assert (reply.route, len(reply.bubbles)) == ("consent", 1)
    assert (await bot.send("bonjour")).bubbles == []
    assert (await bot.send("START")).bubbles != []
    assert (await bot.send("bonjour")).bubbles != []


async def test_a_sentence_with_stop_in_it_is_no_stop(start: Start) -> None:
    bot = await start()
    assert (await bot.send("stop le chantier demain ?")).route == "undecided"


async def test_stop_passes_before_limits_and_a_human(start: Start, pipeline: Pipeline) -> None:
    bot = await start(config={"pipeline": pipeline(limits={"per_minute": 1, "burst": 1})})
    await bot.send("bonjour")
    await bot.send("bonjour")
    assert (await bot.send("bonjour")).route == "limited"
    await silence(bot, bot.now() + timedelta(hours=1))
    assert (await bot.send("STOP")).route == "consent"


# --- limits ---


@pytest.fixture
def limited(pipeline: Pipeline) -> dict[str, object]:
    return {"pipeline": pipeline(limits={"per_minute": 6, "burst": 3})}


async def test_over_the_limit_there_is_one_word_and_then_silence(start: Start, limited: object) -> None:
    bot = await start(config=limited)
    routes = [(await bot.send("bonjour")).route for _ in range(3)]
    assert routes == ["fast_path"] * 3
    told = await bot.send("bonjour")
    assert (told.route, told.text[:32]) == ("limited", "Vous envoyez beaucoup de message")
    assert [(await bot.send("bonjour")).text for _ in range(3)] == ["", "", ""]


async def test_the_allowance_fills_again_with_time(start: Start, limited: object) -> None:
    bot = await start(config=limited)
    for _ in range(5):
        await bot.send("bonjour")
    await bot.travel(seconds=21)
    assert [(await bot.send("bonjour")).route for _ in range(3)] == ["fast_path", "fast_path", "limited"]


async def test_nothing_is_asked_of_a_plugin_over_the_limit(start: Start, limited: object) -> None:
    scripted = Scripted(transcripts={"kit://voice.ogg": Transcript(text="bonjour")})
    bot = await start(config=limited, ears=scripted)
    for _ in range(3):
        await bot.send("bonjour")
    scripted.calls.clear()
    await bot.voice()
    assert {name for name, _ in scripted.calls} == {"authenticate_user"}


async def test_an_intent_that_is_never_limited_passes_by_example_title_tap_and_in_its_dialogue(
    start: Start, limited: object, leak: Leak
) -> None:
    async def handler(turn: Turn) -> str:
        return "got " + await turn.ask(choose("which", options=[Option(id="a", title="A"), Option(id="b", title="B")]))

    bot = await start(config=limited, site=leak(handler, menu="leak-title", never_limited=True))
    for _ in range(4):
        await bot.send("bonjour")
    assert (await bot.send("bonjour")).route == "limited"
    assert (await bot.send("fuite")).text == "Lequel ?"
    assert (await bot.send("n'importe quoi")).text.endswith("Lequel ?")
    assert (await bot.send("2")).text == "got b"
    assert (await bot.send("Przeciek")).text.endswith("Lequel ?")
    assert (await bot.tap("B")).text == "got b"
    assert (await bot.tap("Fuite")).text == "Lequel ?"


async def test_each_user_has_an_allowance_of_their_own(start: Start, limited: object) -> None:
    bot = await start(config=limited)
    for _ in range(4):
        await bot.send("bonjour")
    assert (await bot.send("bonjour", sender="+33600000002")).route == "fast_path"


# --- language ---


@pytest.mark.parametrize(
    ("phone", "language"),
    [("+33600000001", "fr"), ("+48600000001", "pl"), ("+40700000001", "ro"), ("+79000000001", "fr")],
)
async def test_a_new_user_is_spoken_to_in_the_language_of_the_phone_or_the_internal_one(
    start: Start, phone: str, language: str
) -> None:
    bot = await start(phone=phone)
    assert (await bot.send("xyzzy")).language == language


async def test_the_example_decides_before_the_detector(start: Start) -> None:
    scripted = Scripted(languages={"hello": LanguageMatch(language="de")})
    bot = await start(ears=scripted)
    assert (await bot.send("hello")).language == "en"
    assert ("detect_language", "hello") not in scripted.calls


async def test_an_example_of_several_languages_is_taken_in_the_users(start: Start) -> None:
    bot = await start(phone="+4915100000001")
    assert (await bot.send("menu")).language == "de"


async def test_the_detector_decides_before_the_users_language(start: Start) -> None:
    bot = await start(ears=Scripted(languages={"wo ist das": LanguageMatch(language="de", confidence=0.9)}))
    assert (await bot.send("wo ist das")).language == "de"
    assert (await bot.send("xyzzy")).language == "de"  # sure enough to stay


async def test_an_unsure_detector_decides_for_one_message_only(start: Start) -> None:
    bot = await start(ears=Scripted(languages={"was": LanguageMatch(language="de", confidence=0.79)}))
    assert (await bot.send("was")).language == "de"
    assert (await bot.send("xyzzy")).language == "fr"


async def test_a_language_that_is_not_ours_is_passed_over(start: Start) -> None:
    bot = await start(ears=Scripted(languages={"hur mår du": LanguageMatch(language="sv")}))
    assert (await bot.send("hur mår du")).language == "fr"


async def test_a_language_asked_for_stays_over_restarts(start: Start) -> None:
    bot = await start()
    await bot.send("po polsku")
    await bot.restart()
    assert (await bot.send("xyzzy")).language == "pl"


async def test_a_voice_note_tells_its_language_once_it_is_text(start: Start) -> None:
    ears = Scripted(transcripts={"kit://voice.ogg": Transcript(text="Buenos días")})
    bot = await start(ears=ears)
    reply = await bot.voice()
    assert (reply.intent, reply.language) == ("greeting", "es")
    assert reply.stages.count("language") == 2


# --- handover ---


async def test_while_a_human_has_the_conversation_the_bot_is_silent_and_listens(start: Start) -> None:
    bot = await start(ears=Scripted(transcripts={"kit://voice.ogg": Transcript(text="il pleut")}))
    await bot.send("bonjour")
    await silence(bot, bot.now() + timedelta(hours=1))
    reply = await bot.voice()
    assert (reply.bubbles, reply.route) == ([], "silent")
    lines = await bot.lumiera.store.history(reply.turn.conversation.id, 10)
    assert lines[-1].text == "il pleut"
    await bot.travel(hours=1, seconds=1)
    assert (await bot.send("bonjour")).bubbles != []


async def test_a_pending_question_waits_for_the_human_to_go(start: Start, leak: Leak) -> None:
    async def handler(turn: Turn) -> str:
        return await turn.ask(choose("which", options=[Option(id="a", title="A"), Option(id="b", title="B")]))

    bot = await start(site=leak(handler))
    await bot.send("fuite")
    await silence(bot, bot.now() + timedelta(hours=1))
    assert (await bot.send("1")).bubbles == []
    await bot.travel(hours=1, minutes=1)
    assert (await bot.send("2")).text == "b"
