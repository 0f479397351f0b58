"""One test for each hook of the life of a bot and of a turn, driven by a real message."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pytest

from lumiera import (
    Bot,
    Health,
    IntentMatch,
    LanguageMatch,
    Media,
    Message,
    PluginError,
    Reply,
    Session,
    Transcript,
    Turn,
    User,
    hookimpl,
)
from lumiera.records import OutboxState
from lumiera.testing import TestBot

Start = Callable[..., Awaitable[TestBot]]


async def test_hook_startup(start: Start) -> None:
    class Ready:
        def __init__(self) -> None:
            self.intents: list[str] = []

        @hookimpl
        async def startup(self, bot: Bot) -> None:
            self.intents = list(bot.intents)
            assert await bot.store.dead_letters() == []  # the store is open

    ready = Ready()
    bot = await start(ready=ready)
    assert "greeting" in ready.intents
    assert (await bot.send("bonjour")).bubbles


async def test_a_startup_that_raises_stops_the_start_and_names_the_plugin(start: Start) -> None:
    class Raising:
        @hookimpl
        async def startup(self) -> None:
            raise ValueError("no model")

    with pytest.raises(PluginError, match="plugin 'bad': startup: ValueError: no model"):
        await start(bad=Raising())


async def test_hook_shutdown(start: Start) -> None:
    ended: list[str] = []

    class Leaving:
        def __init__(self, name: str) -> None:
            self.name = name

        @hookimpl
        async def shutdown(self, bot: Bot) -> None:
            lines = await bot.store.history(1, 10)  # the store is still open, the last turn has ended
            ended.append(f"{self.name} {len(lines)}")
            if self.name == "b":
                raise ValueError("a bug")

    bot = await start(a=Leaving("a"), b=Leaving("b"))
    await bot.send("bonjour")
    await bot.restart()
    assert ended == ["b 2", "a 2"]


async def test_hook_authenticate_user(start: Start) -> None:
    class Directory:
        @hookimpl
        async def authenticate_user(self, message: Message, turn: Turn) -> User | None:
            return User(id=0, phone=message.sender, name="Zofia", language="pl")

    reply = await (await start(directory=Directory())).send("xyzzy")
    assert (reply.turn.user.name, reply.language) == ("Zofia", "pl")


async def test_hook_open_session(start: Start) -> None:
    class EveryMessage:
        @hookimpl
        async def open_session(self, turn: Turn) -> Session | None:
            return await turn.bot.store.open_session(turn.lease, turn.now)

    bot = await start(every=EveryMessage())
    sessions = [(await bot.send("bonjour")).turn.session for _ in range(2)]
    assert sessions[0] is not None
    assert sessions[1] is not None
    assert sessions[0].id != sessions[1].id


async def test_hook_detect_language(start: Start) -> None:
    class Umlauts:
        @hookimpl
        async def detect_language(self, text: str, turn: Turn) -> LanguageMatch | None:
            return LanguageMatch(language="de") if "ß" in text else None

    bot = await start(umlauts=Umlauts())
    assert (await bot.send("Straße?")).language == "de"


async def test_hook_transcribe_audio(start: Start) -> None:
    class Ears:
        @hookimpl
        async def transcribe_audio(self, media: Media, turn: Turn) -> Transcript | None:
            return Transcript(text="Bonjour") if media.url == "kit://hello.ogg" else None

    bot = await start(ears=Ears())
    assert (await bot.voice("kit://hello.ogg")).intent == "greeting"
    assert (await bot.voice("kit://noise.ogg")).text.startswith("Je n’ai pas compris le message vocal.")


async def test_hook_classify_intent(start: Start) -> None:
    class Keywords:
        @hookimpl
        async def classify_intent(self, text: str, turn: Turn) -> Sequence[IntentMatch]:
            return [IntentMatch(intent="help", confidence=0.95)] if "perdu" in text else []

    reply = await (await start(words=Keywords())).send("je suis perdu")
    assert (reply.intent, reply.confidence) == ("help", 0.95)
    assert reply.turn.match is not None
    assert reply.turn.match.source == "words"


async def test_hook_translate_text(start: Start) -> None:
    class Dictionary:
        @hookimpl
        async def translate_text(self, text: str, source: str, target: str, turn: Turn) -> str | None:
            return f"[{source}>{target}] {text}"

    bot = await start(dictionary=Dictionary())
    await bot.send("parle anglais")
    assert (await bot.send("it rains")).turn.translation == "[en>fr] it rains"


async def test_hook_answer_turn(start: Start) -> None:
    class Agent:
        @hookimpl
        async def answer_turn(self, turn: Turn) -> Reply | None:
            return Reply(f"{turn.text} !")

    reply = await (await start(agent=Agent())).send("il pleut")
    assert (reply.text, reply.route) == ("il pleut !", "agent")


async def test_hook_on_turn_finished(start: Start) -> None:
    class Notes:
        def __init__(self) -> None:
            self.seen: list[str] = []

        @hookimpl
        async def on_turn_finished(self, turn: Turn) -> None:
            lines = await turn.bot.store.history(turn.conversation.id, 1)
            self.seen.append(lines[0].text[:7])  # it is committed
            raise ValueError("a bug")

    first, second = Notes(), Notes()
    bot = await start(first=first, second=second)
    assert (await bot.send("bonjour")).bubbles  # whatever they raise
    assert first.seen == second.seen == ["Bonjour"]


async def test_hook_on_delivery_changed(start: Start) -> None:
    class Notes:
        def __init__(self) -> None:
            self.seen: list[tuple[str, str, str]] = []

        @hookimpl
        async def on_delivery_changed(self, channel: str, provider_id: str, state: str) -> None:
            self.seen.append((channel, provider_id, state))

    notes = Notes()
    bot = await start(notes=notes)
    await bot.send("bonjour")
    states: list[OutboxState] = ["delivered", "delivered", "sent", "read"]
    for state in states:
        await bot.lumiera.delivered("kit", "kit-1", state)
    assert notes.seen == [("kit", "kit-1", "delivered"), ("kit", "kit-1", "read")]


async def test_hook_check_health(start: Start) -> None:
    class Fine:
        @hookimpl
        async def check_health(self) -> Health:
            return Health(ok=True)

    class Raising:
        @hookimpl
        async def check_health(self) -> Health:
            raise ValueError("a bug")

    class Hanging:
        @hookimpl
        async def check_health(self) -> Health:
            await asyncio.sleep(30)
            return Health(ok=True)

    bot = await start(fine=Fine(), raising=Raising(), hanging=Hanging())
    health = await bot.lumiera.hooks.check_health(within=0.05)
    assert {name: health[name].ok for name in ("fine", "raising", "hanging")} == {
        "fine": True,
        "raising": False,
        "hanging": False,
    }
