"""`lumiera check`: everything that is wrong, with its line, and nothing started."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]
Install = Callable[..., None]
Start = Callable[..., subprocess.Popen[bytes]]
STAGES = [
    "authenticate", "consent", "limits", "session", "language", "transcription", "handover", "intent", "translation",
    "route", "reply", "persistence",
]  # fmt: skip


def pipeline(*stages: str) -> None:
    with Path("lumiera.yaml").open("a", encoding="utf-8") as file:
        file.write("pipeline:\n" + "".join(f"  - {stage}\n" for stage in stages))


def warnings(result: Result) -> list[str]:
    assert result.exit_code == 0, result.output
    first, *others = result.stdout.splitlines()
    assert first.startswith("ok: ")
    assert all(line.startswith("warning: ") for line in others)
    return [line.removeprefix("warning: ") for line in others]


def test_a_good_configuration_is_counted(run: Run) -> None:
    result = run("check")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines()[0] == "ok: 2 plugins, 12 stages, 6 intents, 9 languages"


def test_one_of_a_kind_is_counted_in_the_singular(run: Run) -> None:
    stages = "pipeline: [authenticate, consent, session, intent, route, reply, persistence]"
    Path("lumiera.yaml").write_text(f"languages: [fr]\nplugins: {{sql: }}\n{stages}\n")
    assert run("check").stdout.splitlines()[0] == "ok: 1 plugin, 7 stages, 0 intents, 1 language"


def test_nothing_is_started(run: Run, folder: Path) -> None:
    run("check")
    assert not (folder / "lumiera.db").exists()


def test_every_mistake_is_told_with_its_line_and_no_traceback(start: Start) -> None:
    Path("lumiera.yaml").write_text(
        "language: en\nlanguages: [fr, en]\nplugins:\n  sql: {ulr: x}\n  essentials: 3\nburts: {}\nweb: {port: 99999}\n"
    )
    out, err = start("check").communicate(timeout=20)
    assert out == b""
    assert err.decode().splitlines() == [
        "lumiera.yaml:4: plugins.sql: unknown key 'ulr'. Did you mean 'url'?",
        "lumiera.yaml:5: plugins.essentials: "
        "expected settings ('critical' is true or false), or false to leave it out.",
        "lumiera.yaml:6: unknown key 'burts'. Did you mean 'burst'?",
        "lumiera.yaml:7: web.port: expected less than or equal to 65535, got 99999.",
    ]


def test_mistakes_end_with_exit_code_2(run: Run) -> None:
    pipeline(*STAGES[:-1], "persistance")
    result = run("check")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "lumiera.yaml:16: pipeline[11]: unknown stage 'persistance'. Did you mean 'persistence'?" in result.stderr


def test_text_that_is_no_yaml_is_told_with_its_line(run: Run) -> None:
    Path("lumiera.yaml").write_text("plugins:\n\tsql:\n")
    result = run("check")
    assert result.exit_code == 2
    assert result.stderr.startswith("lumiera.yaml:2: this is no YAML: ")


def test_a_bot_without_a_store_is_a_mistake(run: Run) -> None:
    result = run("--without", "sql", "check")
    assert result.exit_code == 2
    assert result.stderr == "lumiera.yaml:1: plugins: exactly one must bring the store; now: none.\n"


def test_examples_that_cannot_be_read_are_a_mistake(run: Run, install: Install) -> None:
    source = "from lumiera import Intent, hookimpl\n\n@hookimpl\ndef register_intents():\n"
    install("odd", f"{source}    return [Intent('odd', None, examples='none.yaml')]\n")
    result = run("check")
    assert result.exit_code == 2
    assert result.stderr.startswith("plugin 'odd': intent 'odd': examples: none.yaml: there is no such file.")


def test_a_plugin_that_the_bot_does_without_is_a_warning(run: Run, install: Install) -> None:
    install("broken", "import a_module_that_nobody_has")
    Path("lumiera.yaml").write_text("plugins: {sql: , essentials: , broken: {critical: false}}\n")
    found = warnings(run("check"))
    assert found[0].startswith("the bot does without 'broken': plugins.broken: could not be imported: Module")


@pytest.mark.parametrize(
    ("earlier", "later", "trouble"),
    [
        ("language", "intent", "the answer is not in the language of the message"),
        ("transcription", "intent", "a voice note has no text yet"),
        ("translation", "route", "nobody reads the translation any more"),
        ("consent", "limits", "a STOP over the limit is not obeyed"),
        ("handover", "intent", "the bot answers although a human has the conversation"),
    ],
)
def test_an_order_that_cannot_work_is_a_warning(run: Run, earlier: str, later: str, trouble: str) -> None:
    stages = [stage for stage in STAGES if stage != earlier]
    stages.insert(stages.index(later) + 1, earlier)
    pipeline(*stages)
    line = 5 + stages.index(earlier)
    wanted = f"lumiera.yaml:{line}: {earlier!r} stands after {later!r}: {trouble}. Put it before."
    assert wanted in warnings(run("check"))


def test_a_stage_that_stands_twice_is_in_order_where_the_first_is(run: Run) -> None:
    pipeline(*STAGES[:9], "intent: {when: undecided}", *STAGES[9:])
    assert not [line for line in warnings(run("check")) if "stands after" in line]


def test_the_default_pipeline_is_in_order(run: Run) -> None:
    assert not [line for line in warnings(run("check")) if "stands after" in line]


def test_an_intent_that_no_text_leads_to_is_a_warning(run: Run, install: Install) -> None:
    source = "from lumiera import Intent, hookimpl\n\n@hookimpl\ndef register_intents():\n"
    install("mute", f"{source}    return [Intent('mute', None)]\n")
    assert "intent 'mute' of plugin 'mute' has no examples: no text leads to it." in warnings(run("check"))


def test_an_example_of_two_intents_is_a_warning(run: Run, install: Install) -> None:
    source = "from lumiera import Intent, hookimpl\n\n@hookimpl\ndef register_intents():\n"
    install("rival", f"{source}    return [Intent('rival', None, examples={{'fr': ['Bonjour !']}})]\n")
    wanted = "'bonjour' is an example of 'greeting' and 'rival': it decides for none. Leave it to one."
    assert wanted in warnings(run("check"))


def test_texts_that_a_language_lacks_are_counted(run: Run, install: Install) -> None:
    keys = [f"own-{number}" for number in range(7)]
    install("french", "", **{"texts/fr.ftl": "".join(f"{key} = Oui\n" for key in keys)})
    found = warnings(run("check"))
    assert "7 texts missing in 'pl': own-0, own-1, own-2, own-3, own-4 and 2 more" in found
    assert not [line for line in found if "missing in 'fr'" in line]


CHANNEL = """\
from datetime import timedelta

from starlette.routing import Route

from lumiera import Capabilities, hookimpl

class Pigeon:
    name = "pigeon"
    capabilities = Capabilities(window=timedelta(hours=24))

    async def send(self, address, bubble):
        return "1"

    async def typing(self, message):
        pass

    async def fetch(self, media):
        yield b""

@hookimpl
def register_channels():
    return [Pigeon()]
"""
WEBHOOK = """\

@hookimpl
def register_routes():
    return [Route("/webhooks/pigeon", print)]
"""
STORE = """\
from lumiera import hookimpl

class Folder:
    name = "folder"

@hookimpl
def register_media_stores():
    return [Folder()]
"""


def add(text: str) -> None:
    with Path("lumiera.yaml").open("a", encoding="utf-8") as file:
        file.write(text)


def test_a_bell_that_cannot_ring_is_a_mistake(run: Run, install: Install) -> None:
    install("pigeon", CHANNEL + WEBHOOK)
    add("escalation:\n  notify: ['+33612345678']\n")
    result = run("check")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "lumiera.yaml:5: escalation.template: missing: on 'pigeon' nobody who has not just written can be rung without "
        "an approved template.\n"
    )
    add("  template: HX0\n")
    assert not [line for line in warnings(run("check")) if "escalation" in line]


def test_pretended_users_want_no_bell_and_no_address(run: Run, install: Install) -> None:
    install("pigeon", CHANNEL)
    install("folder", STORE)
    add("escalation: {notify: []}\n")
    assert not [line for line in warnings(run("check")) if "escalation" in line or "public_url" in line]


def test_nobody_to_ring_is_a_warning_where_users_write_from_outside(run: Run, install: Install) -> None:
    add("escalation: {notify: []}\n")
    assert not [line for line in warnings(run("check")) if "nobody is rung" in line]
    install("pigeon", CHANNEL + WEBHOOK)
    Path("lumiera.yaml").write_text("plugins: {sql: , essentials: , pigeon: }\nescalation: {notify: []}\n")
    wanted = "lumiera.yaml:2: escalation.notify is empty: nobody is rung for a user who needs a human."
    assert wanted in warnings(run("check"))


def test_a_media_store_that_nobody_brings_is_a_warning(run: Run, install: Install) -> None:
    wanted = "lumiera.yaml:4: no plugin brings a media store: files stay where the channel has them."
    assert wanted not in warnings(run("check"))
    add("media: {store: folder}\n")
    assert wanted in warnings(run("check"))
    Path("lumiera.yaml").write_text("media: {store: folder}\nplugins:\n  sql:\n  essentials:\n")
    install("folder", STORE)
    assert not [line for line in warnings(run("check")) if "media store" in line]


def test_files_that_cannot_be_sent_are_a_warning(run: Run, install: Install) -> None:
    install("pigeon", CHANNEL + WEBHOOK)
    install("folder", STORE)
    wanted = "web.public_url is missing: 'pigeon' cannot send files, whose links begin with it."
    assert [line for line in warnings(run("check")) if line.endswith(wanted)]
    add("web: {public_url: https://bot.example}\n")
    assert not [line for line in warnings(run("check")) if line.endswith(wanted)]


def test_an_override_of_no_text_is_a_warning(run: Run) -> None:
    Path("config/texts").mkdir(parents=True)
    Path("config/texts/fr.ftl").write_text("help-answr = Débrouillez-vous.\n", encoding="utf-8")
    found = warnings(run("check"))
    assert "config/texts/fr.ftl:1: unknown text 'help-answr'. Did you mean 'help-answer'?" in found
