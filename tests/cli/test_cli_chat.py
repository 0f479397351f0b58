"""`lumiera chat`: the terminal as a channel, for people and for scripts."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from lumiera.cli import chat

Run = Callable[..., Result]
Install = Callable[..., None]
Start = Callable[..., subprocess.Popen[bytes]]
KEYS = ["text", "choices", "language", "intent", "confidence", "route", "stages"]
PLUGIN = """\
import asyncio
from lumiera import Choices, Intent, Option, Reply, choose, hookimpl, yes_no

async def hang(turn):
    await asyncio.sleep(60)

async def crowd(turn):
    options = tuple(Option(id=f"p{number}", title=f"Projet {number}") for number in range(1, 14))
    picked = await turn.ask(choose("help-answer", options=options))
    return f"Vous avez choisi {picked}."

async def order(turn):
    await turn.say("help-answer", urgent=True)
    options = (Option(id="a", title="Oui", description="tout"), Option(id="b", title="Non"))
    return Reply("Voilà.", Choices(options=options))

@hookimpl
def register_intents():
    return [
        Intent("hang", hang, examples={"fr": ["attends"]}),
        Intent("crowd", crowd, examples={"fr": ["projets"]}),
        Intent("order", order, examples={"fr": ["ordre"]}),
    ]
"""


def spoken(result: Result) -> list[dict[str, Any]]:
    assert (result.exit_code, result.stderr) == (0, ""), result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def configure(text: str) -> None:
    with Path("lumiera.yaml").open("a", encoding="utf-8") as file:
        file.write(text)


def test_each_reply_is_one_json_object_with_these_keys(run: Run) -> None:
    first, second = spoken(run("chat", "--say", "bonjour", "--say", "aide", "--json"))
    assert list(first) == list(second) == KEYS
    assert "Lumiera" in first["text"]
    assert first["choices"] == ["❓ Aide", "🌐 Langue", "💬 Parler à l’équipe"]
    assert (first["language"], first["intent"], first["confidence"], first["route"]) == (
        "fr", "greeting", 1.0, "fast_path",
    )  # fmt: skip
    assert first["stages"][0] == "authenticate"
    assert first["stages"][-1] == "persistence"
    assert second["intent"] == "help"


@pytest.mark.parametrize("tap", ["2", "🌐 Langue", "🌐 LANGUE", "Langue"])
def test_a_number_or_title_taps(run: Run, tap: str) -> None:
    _, answer = spoken(run("chat", "--say", "bonjour", "--say", tap, "--json"))
    assert (answer["intent"], answer["route"]) == ("change_language", "fast_path")


def test_a_number_taps_what_another_process_has_shown(run: Run) -> None:
    spoken(run("chat", "--say", "bonjour", "--json"))
    (answer,) = spoken(run("chat", "--say", "1", "--json"))
    assert answer["intent"] == "help"


def test_a_number_taps_on_the_page_that_is_shown(run: Run, install: Install) -> None:
    install("own", PLUGIN)
    first, second, answer = spoken(run("chat", "--say", "projets", "--say", "10", "--say", "4", "--json"))
    assert first["choices"][8:] == ["Projet 9", second["choices"][0].replace("Projet 10", first["choices"][9])]
    assert second["choices"] == ["Projet 10", "Projet 11", "Projet 12", "Projet 13"]
    assert answer["text"] == "Vous avez choisi p13."
    assert (answer["intent"], answer["route"]) == ("crowd", "question")


def test_a_text_that_nothing_decides_gets_the_menu(run: Run) -> None:
    (answer,) = spoken(run("chat", "--say", "quelle heure est-il à Tombouctou", "--json"))
    assert (answer["intent"], answer["confidence"], answer["route"]) == ("", 0.0, "undecided")
    assert answer["choices"]


def test_bubbles_of_one_turn_are_joined_by_a_blank_line(run: Run, install: Install) -> None:
    install("own", PLUGIN)
    (answer,) = spoken(run("chat", "--say", "ordre", "--json"))
    assert answer["text"].endswith("112.\n\nVoilà.")
    assert answer["choices"] == ["Oui", "Non"]


def test_a_silent_turn_is_an_empty_object(run: Run) -> None:
    stopped, silent, started = spoken(run("chat", "--say", "STOP", "--say", "bonjour", "--say", "START", "--json"))
    assert stopped["route"] == started["route"] == "consent"
    assert stopped["text"]
    assert (silent["text"], silent["choices"], silent["route"]) == ("", [], "silent")


def test_a_phone_number_says_who_talks_and_in_which_language(run: Run) -> None:
    (english,) = spoken(run("chat", "--as", "+447700900123", "--say", "hmm", "--json"))
    (polish,) = spoken(run("chat", "--as", "+48600000000", "--say", "hmm", "--json"))
    assert (english["language"], polish["language"]) == ("en", "pl")


@pytest.mark.parametrize("phone", ["0612345678", "+0612345678", "+33", "+336123456789012345", "", "+33 6 12 34 56 78"])
def test_a_phone_number_that_is_none_is_a_mistake_and_not_repeated(run: Run, phone: str) -> None:
    result = run("chat", "--as", phone, "--say", "bonjour")
    assert result.exit_code == 2
    assert "expected a phone number with its country code, such as +33600000001." in result.stderr
    assert not phone or phone not in result.stderr.replace("+33600000001", "")


@pytest.mark.parametrize("arguments", [("--json",), ("--say", ""), ("--say", "  ")])
def test_nothing_to_say_is_a_mistake(run: Run, arguments: tuple[str, ...]) -> None:
    assert run("chat", *arguments).exit_code == 2


def test_the_wait_for_a_burst_does_not_hold_up_a_script(run: Run) -> None:
    configure("burst: {text: 1h, media: 1h, max: 2h}\n")
    first, second = spoken(run("chat", "--say", "je suis là", "--say", "et encore là", "--json"))
    assert first["route"] == second["route"] == "undecided"


def test_limits_hold_for_a_script(run: Run) -> None:
    stages = "consent, session, language, intent, route, reply, persistence"
    configure(f"pipeline: [authenticate, {{limits: {{per_minute: 1, burst: 1}}}}, {stages}]\n")
    answers = spoken(run("chat", *["--say", "bonjour"] * 3, "--json"))
    assert [answer["route"] for answer in answers] == ["fast_path", "limited", "limited"]
    assert [bool(answer["text"]) for answer in answers] == [True, True, False]


def test_no_reply_in_time_is_a_failure(run: Run, install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat, "PATIENCE", 0.3)
    install("own", PLUGIN)
    configure("workers: {drain: 10ms}\n")
    result = run("chat", "--say", "attends", "--json")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "no reply within 0.3 s; --verbose shows the log." in result.stderr


def test_a_script_reads_like_a_conversation(run: Run, install: Install) -> None:
    install("own", PLUGIN)
    result = run("chat", "--say", "bonjour", "--say", "ordre")
    assert (result.exit_code, result.stderr) == (0, "")
    said = [line for line in result.stdout.splitlines() if line[:1] in "><"]
    assert [line[:9] for line in said if line] == ["> bonjour", "< Bonjour", "> ordre", "< Voici c", "< Voilà."]


def test_verbose_shows_the_log_on_standard_error(run: Run) -> None:
    result = run("chat", "--say", "bonjour", "--json", "--verbose")
    logged = [json.loads(line) for line in result.stderr.splitlines()]
    assert "turn" in [line["message"] for line in logged]
    assert len(result.stdout.splitlines()) == 1


def test_lines_from_a_pipe_read_like_a_conversation(start: Start) -> None:
    process = start("chat")
    out, err = process.communicate(b"bonjour\n\n1\n/quit\nbonjour\n", timeout=20)
    assert (process.returncode, err) == (0, b"")
    said = [line for line in out.decode().splitlines() if line.startswith((">", "<"))]
    assert [line[:11] for line in said] == ["> bonjour", "< Bonjour 👷", "> 1", "< Voici com"]


def test_the_end_of_the_input_leaves_after_the_last_reply(start: Start) -> None:
    process = start("chat", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0", LC_ALL="C")
    out, err = process.communicate(b"ajuda", timeout=20)
    assert (process.returncode, err) == (0, b"")
    assert "112" in out.decode("utf-8")


def test_ctrl_c_leaves_without_a_traceback(start: Start) -> None:
    process = start("chat")
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b"bonjour\n")
    process.stdin.flush()
    assert process.stdout.readline() == b"> bonjour\n"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (0, b"")


def test_the_terminal_draws_numbers_and_descriptions(run: Run, install: Install) -> None:
    install("own", PLUGIN)
    assert run("chat", "--say", "ordre").stdout.endswith("\n< Voilà.\n   1. Oui - tout\n   2. Non\n")


def test_chat_works_beside_serve(start: Start) -> None:
    serve = start("serve", "--port", "0")
    assert serve.stdout is not None
    serve.stdout.readline()
    process = start("chat")
    out, err = process.communicate(b"bla bla\n", timeout=15)
    assert (process.returncode, err) == (0, b"")
    assert "\n< " in out.decode()
