"""Taking in new texts and thresholds while the bot runs: all of it or nothing, and the rest is named."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from lumiera import Turn
from lumiera.cli.serve import changed
from lumiera.errors import ConfigError
from lumiera.testing import Scripted, TestBot

Start = Callable[..., Awaitable[TestBot]]
Leak = Callable[..., object]
UNSURE = {"ça coule": [("leak", 0.7)]}


@pytest.fixture
async def bot(start: Start, leak: Leak) -> TestBot:
    """A bot that answers a leak by a text of its own, and takes some words for one at 0.7."""

    async def answer(turn: Turn) -> str:
        return turn.text_for("call-112")

    return await start(site=leak(answer), ears=Scripted(intents=UNSURE))


def edit(bot: TestBot, **sections: Any) -> None:
    """Write sections of the configuration anew; None removes one."""
    settings = {**yaml.safe_load(bot.path.read_text(encoding="utf-8")), **sections}
    kept = {key: value for key, value in settings.items() if value is not None}
    bot.path.write_text(yaml.safe_dump(kept), encoding="utf-8")


async def reload(bot: TestBot) -> list[str]:
    """Take in the files; returns the keys of what wants a restart."""
    return list(changed(await bot.lumiera.reload(), bot.lumiera.config))


def reword(bot: TestBot, text: str, language: str = "fr") -> Path:
    path = bot.path.parent / "texts" / f"{language}.ftl"
    path.write_text(text, encoding="utf-8")
    return path


async def refused(bot: TestBot) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        await bot.lumiera.reload()
    return [str(problem).replace(f"{bot.path.parent}/", "") for problem in caught.value.problems]


async def test_new_words_are_said_at_once(bot: TestBot) -> None:
    assert (await bot.send("fuite")).text == "Appelez le 112."
    reword(bot, "call-112 = Appelez le 112 tout de suite.\n")
    assert (await bot.send("fuite")).text == "Appelez le 112."
    assert await reload(bot) == []
    assert (await bot.send("fuite")).text == "Appelez le 112 tout de suite."


async def test_words_that_are_taken_out_again_are_those_of_the_plugin(bot: TestBot) -> None:
    reword(bot, "greeting-what-next = Alors ?\n")
    await bot.lumiera.reload()
    assert "Alors ?" in (await bot.send("bonjour")).text
    reword(bot, "").unlink()
    await bot.lumiera.reload()
    assert "Alors ?" not in (await bot.send("bonjour")).text


async def test_new_labels_are_understood_at_once(bot: TestBot) -> None:
    assert (await bot.send("aaah")).intent == ""
    reword(bot, "help-menu = Aaah\n")
    await bot.lumiera.reload()
    assert (await bot.send("aaah")).intent == "help"


async def test_a_new_threshold_decides_the_next_message(bot: TestBot) -> None:
    assert (await bot.send("ça coule")).route == "undecided"
    edit(bot, routing={"fast_path": 0.7, "clarify": 0.5})
    assert await reload(bot) == []
    assert (await bot.send("ça coule")).route == "fast_path"
    edit(bot, routing={"intents": {"leak": {"fast_path": 0.99}}})
    await bot.lumiera.reload()
    assert (await bot.send("ça coule")).route == "undecided"
    edit(bot, routing=None)
    await bot.lumiera.reload()
    assert bot.lumiera.config.routing.fast_path == 0.90


async def test_a_new_folder_of_texts_is_read(bot: TestBot, tmp_path: Path) -> None:
    folder = tmp_path / "other"
    folder.mkdir()
    (folder / "fr.ftl").write_text("greeting-what-next = Alors ?\n", encoding="utf-8")
    edit(bot, texts={"overrides": str(folder)})
    assert await reload(bot) == []
    assert "Alors ?" in (await bot.send("bonjour")).text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("routing: {fast_path: 2}\n", "lumiera.yaml:1: routing.fast_path: expected less than or equal to 1, got 2."),
        ("routing: [\n", "lumiera.yaml:2: this is no YAML: "),
        ("burts: {}\n", "lumiera.yaml:1: unknown key 'burts'. Did you mean 'burst'?"),
        ("routing: {intents: {leek: {fast_path: 0.5}}}\n", "unknown intent 'leek'. Did you mean 'leak'?"),
        ("pipeline: [authenticate]\n", "it wants 'authenticate' first and 'persistence' last"),
        ("web:\n  port: ${NOBODY_SETS_THIS}\n", "environment variable 'NOBODY_SETS_THIS' is not set."),
    ],
    ids=["value", "yaml", "key", "intent", "pipeline", "variable"],
)
async def test_a_mistake_in_the_configuration_changes_nothing(bot: TestBot, text: str, said: str) -> None:
    config, texts = bot.lumiera.config, bot.lumiera.texts
    reword(bot, "call-112 = Autre chose.\n")
    bot.path.write_text(text, encoding="utf-8")
    assert said in "\n".join(await refused(bot))
    assert bot.lumiera.config is config
    assert bot.lumiera.texts is texts
    assert (await bot.send("fuite")).text == "Appelez le 112."


async def test_a_configuration_that_is_gone_changes_nothing(bot: TestBot) -> None:
    config = bot.lumiera.config
    bot.path.unlink()
    [told] = await refused(bot)
    assert told.startswith("lumiera.yaml: there is no such file.")
    assert bot.lumiera.config is config


async def test_a_mistake_in_a_text_changes_nothing_and_names_its_line(bot: TestBot) -> None:
    reword(bot, "call-112 = Autre chose.\n\nhelp-answer = { $\n")
    edit(bot, routing={"fast_path": 0.7, "clarify": 0.5})
    [told] = await refused(bot)
    assert told.startswith("texts/fr.ftl:3: ")
    assert (await bot.send("fuite")).text == "Appelez le 112."
    assert (await bot.send("ça coule")).route == "undecided"


async def test_every_file_of_texts_is_read_before_any_is_taken_in(bot: TestBot) -> None:
    reword(bot, "call-112 Autre chose.\n")
    reword(bot, "call-112 = a\n  b: c = {}\n", "pl")
    assert [one.partition(": ")[0] for one in await refused(bot)] == ["texts/fr.ftl:1", "texts/pl.ftl:2"]


async def test_a_text_that_is_not_utf_8_changes_nothing(bot: TestBot) -> None:
    path = reword(bot, "")
    path.write_bytes("a = b\ncall-112 = Tout de suite, \xe9videmment.\n".encode("latin-1"))
    assert await refused(bot) == ["texts/fr.ftl:2: not UTF-8"]


async def test_a_file_of_texts_that_cannot_be_read_changes_nothing(bot: TestBot) -> None:
    texts = bot.lumiera.texts
    (bot.path.parent / "texts" / "de.ftl").mkdir()
    with pytest.raises(OSError, match=r"de\.ftl"):
        await bot.lumiera.reload()
    assert bot.lumiera.texts is texts


async def test_what_wants_a_restart_is_named_and_left_as_it_is(bot: TestBot) -> None:
    edit(
        bot, web={"port": 9000}, burst={"text": "5s", "media": 0, "max": 0}, routing={"fast_path": 0.8, "clarify": 0.5},
        plugins={"sql": {"url": "sqlite:///another.db", "synchronous": "normal"}, "essentials": None},
        pipeline=["authenticate", "route", "reply", "persistence"],
    )  # fmt: skip
    keys = await reload(bot)
    assert sorted(keys) == ["burst.text", "pipeline", "plugins.sql.url", "web.port"]
    assert (bot.lumiera.config.web.port, bot.lumiera.config.routing.fast_path) == (8000, 0.8)
    assert sorted(await reload(bot)) == sorted(keys)


async def test_a_default_that_is_written_down_is_no_change(bot: TestBot) -> None:
    edit(bot, web={"port": 8000}, dialogue={"park_after": "120m"})
    assert await reload(bot) == []


async def test_no_secret_is_among_the_keys_that_changed(bot: TestBot) -> None:
    edit(bot, escalation={"notify": ["+33612345678"]})
    assert await reload(bot) == ["escalation.notify"]


async def test_messages_are_answered_while_files_are_read(bot: TestBot) -> None:
    reword(bot, "call-112 = Appelez !\n")
    taking = asyncio.create_task(bot.lumiera.reload())
    texts = {(await bot.send("fuite")).text for _ in range(5)}
    await taking
    texts.add((await bot.send("fuite")).text)
    assert texts <= {"Appelez le 112.", "Appelez !"}
    assert (await bot.send("fuite")).text == "Appelez !"
