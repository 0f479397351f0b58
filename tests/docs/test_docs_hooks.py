"""The examples of docs/hooks.md work: each is a plugin of its own here, and something is sent to it."""

from __future__ import annotations

import importlib.util
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from starlette.types import Message as Event

from lumiera import Lumiera, Media, Opening, hookspecs
from lumiera.testing import KitChannel, TestBot
from lumiera.web import create_app

Start = Callable[..., Awaitable[TestBot]]
FILE = Path(__file__).parent / "hook_examples.py"
HOOKS = [name for name, function in vars(hookspecs).items() if hasattr(function, "lumiera_spec")]
REVISION = '''"""One table."""
from alembic import op

revision = "site_0001"
down_revision = None
branch_labels = ("site",)


def upgrade() -> None:
    op.execute("CREATE TABLE site_visits (phone TEXT)")
'''


@pytest.fixture
def examples() -> Iterator[ModuleType]:
    spec = importlib.util.spec_from_file_location("hook_examples", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    module.seen.clear()


@pytest.fixture
def only(examples: ModuleType) -> Callable[..., Any]:
    """Make a plugin of some of the examples."""
    return lambda *names: SimpleNamespace(**{name: getattr(examples, name) for name in names})


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_has_an_example_of_at_most_eight_lines(name: str) -> None:
    *_, after = FILE.read_text(encoding="utf-8").split(f"def {name}(")
    assert len(after.split("\n\n\n")[0].splitlines()) <= 8


@pytest.mark.parametrize("name", HOOKS)
def test_every_example_is_driven_by_a_test(name: str) -> None:
    assert f'"{name}"' in Path(__file__).read_text(encoding="utf-8")


async def test_a_store(
    tmp_path: Path, only: Any, pipeline: Callable[..., list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    config = {"plugins": {"sql": False}, "pipeline": [item for item in pipeline() if "session" not in item]}
    async with TestBot(tmp_path, config=config, plugins={"own": only("register_stores")}) as bot:
        assert (await bot.send("bonjour")).intent == "greeting"
    assert (tmp_path / "site.db").is_file()


async def test_migrations(start: Start, tmp_path: Path, only: Any, examples: ModuleType) -> None:
    (tmp_path / "migrations").mkdir()
    (tmp_path / "migrations/site_0001.py").write_text(REVISION, encoding="utf-8")
    vars(examples)["__file__"] = str(tmp_path / "plugin.py")
    bot = await start(site=only("register_migrations"))
    tables = await bot.lumiera.store.read(
        lambda tx: tx.exec_driver_sql("SELECT name FROM sqlite_master").scalars().all()
    )
    assert "site_visits" in tables


async def test_a_queue(tmp_path: Path, only: Any) -> None:
    channel, path = KitChannel(), TestBot(tmp_path).path
    plugin = only("register_queues")
    plugin.register_channels = hookspecs.hookimpl(lambda: [channel])
    async with Lumiera.load(path, extra={"own": plugin}) as bot:
        await bot.receive([TestBot(tmp_path).message("bonjour")])
        (queue,) = [queue for _, queue in bot.hooks.collect("register_queues")]
        assert queue.name == "local"


async def test_a_channel(start: Start, only: Any) -> None:
    bot = await start(pager=only("register_channels"))
    await bot.deliver(bot.message("bonjour", channel="pager"))
    pager: Any = bot.lumiera.channels["pager"]
    assert len(pager.sent) > 1  # of 160 characters each
    assert bot.channel.sent == []


async def test_a_media_store(start: Start, only: Any) -> None:
    bot = await start(drawer=only("register_media_stores"), config={"media": {"store": "drawer"}})
    assert bot.lumiera.media is not None
    assert bot.lumiera.media.name == "drawer"


async def test_a_stage(start: Start, pipeline: Callable[..., list[Any]], only: Any) -> None:
    stages = pipeline()
    config = {"pipeline": [*stages[:-1], "polite", stages[-1]]}
    bot = await start(polite=only("register_stages"), config=config)
    assert (await bot.send("qwerty")).text.endswith(" Merci !")


async def test_an_intent(start: Start, only: Any) -> None:
    bot = await start(depot=only("register_intents"))
    assert (await bot.send("your hours")).text == "07:00"


async def test_a_route(start: Start, only: Any) -> None:
    bot = await start(hello=only("register_routes"))
    events: list[Event] = []

    async def receive() -> Event:
        return {"type": "http.request", "body": b""}

    async def send(event: Event) -> None:
        events.append(event)

    scope = {"type": "http", "method": "GET", "path": "/hello", "headers": [], "query_string": b""}
    await create_app(bot.lumiera)(scope, receive, send)
    assert events[1]["body"].endswith(b" intents")


def test_a_command(only: Any) -> None:
    (command,) = only("register_commands").register_commands()
    assert CliRunner().invoke(command).output == "Tour Nord\n"


async def test_the_start_the_end_and_health(tmp_path: Path, only: Any, examples: ModuleType) -> None:
    plugin = only("startup", "shutdown", "check_health")
    async with TestBot(tmp_path, plugins={"models": plugin}) as bot:
        assert examples.models[0].startswith("a model of ")
        assert (await bot.lumiera.hooks.check_health())["models"].ok
        examples.models.clear()
        assert (await bot.lumiera.hooks.check_health())["models"].reason == "there is no model"
    assert examples.models == []


async def test_who_somebody_is(start: Start, only: Any) -> None:
    bot = await start(directory=only("authenticate_user"))
    assert (await bot.send("xyzzy")).language == "pl"
    assert (await bot.send("xyzzy", sender="+33600000002")).language == "fr"


async def test_a_session(start: Start, only: Any) -> None:
    bot = await start(sessions=only("open_session"))
    ids = [(await bot.send(text)).turn.session for text in ("bonjour", "encore", "new: bonjour")]
    assert ids[0] is not None
    assert ids[1] is not None
    assert ids[2] is not None
    assert ids[0].id == ids[1].id != ids[2].id


async def test_a_language(start: Start, only: Any) -> None:
    assert (await (await start(german=only("detect_language"))).send("Straße")).language == "de"


async def test_a_voice_note(start: Start, only: Any) -> None:
    bot = await start(ears=only("transcribe_audio"))
    assert (await bot.voice()).intent == "greeting"
    empty = Media(url="kit://empty.ogg", content_type="audio/ogg", size=0)
    assert (await bot.send(media=[empty])).turn.transcripts == {}


async def test_an_intent_by_its_words(start: Start, only: Any) -> None:
    reply = await (await start(words=only("classify_intent"))).send("je suis perdu")
    assert (reply.intent, reply.confidence) == ("help", 0.95)


async def test_a_translation(examples: ModuleType) -> None:
    assert await examples.translate_text("chantier", "fr", "en") == "site"
    assert await examples.translate_text("pluie", "fr", "en") is None


async def test_a_translation_of_what_a_user_writes(start: Start, only: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    bot = await start(dictionary=only("translate_text"), config={"language": "en"})
    await bot.send("parle français")
    assert (await bot.send("chantier")).turn.translation == "site"


async def test_an_agent(start: Start, only: Any) -> None:
    bot = await start(agent=only("answer_turn"))
    reply = await bot.send("où est la grue ?")
    assert (reply.text, reply.route) == ("« où est la grue ? » : je demande au chef.", "agent")
    assert (await bot.send("la grue est là")).route == "undecided"


async def test_what_is_told_after_the_fact(start: Start, only: Any, examples: ModuleType) -> None:
    plugin = only("on_turn_finished", "on_delivery_changed", "on_escalation_opened", "on_escalations_found")
    bot = await start(notes=plugin)
    await bot.send("bonjour")
    await bot.lumiera.delivered("kit", "kit-1", "delivered")
    assert {"greeting by fast_path", "kit-1 is delivered"} <= set(examples.seen)
    await bot.lumiera.escalate(1, Opening(reason="lost", details="", silent=True))
    for _ in range(3):
        await bot.travel(seconds=2)
    assert "lost: conversation 1" in examples.seen
    assert "< Restez où vous êtes." in bot.log.lines
