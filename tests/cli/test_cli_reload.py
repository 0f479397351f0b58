"""SIGHUP to `lumiera serve`: new texts and thresholds without a restart, and what the log says of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Start = Callable[..., subprocess.Popen[bytes]]
LOGGED = "logging: {file: bot.log}\n"

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="there is no SIGHUP here")


@pytest.fixture
def serving(start: Start) -> subprocess.Popen[bytes]:
    """A bot that serves, its log in a file."""
    with Path("lumiera.yaml").open("a", encoding="utf-8") as file:
        file.write(LOGGED)
    process = start("serve", "--port", "0")
    assert process.stdout is not None
    assert process.stdout.readline().startswith(b"Lumiera")
    return process


def edit(text: str) -> None:
    Path("lumiera.yaml").write_text(Path("lumiera.yaml").read_text(encoding="utf-8") + text, encoding="utf-8")


def reworded(text: str) -> None:
    Path("config/texts").mkdir(parents=True, exist_ok=True)
    Path("config/texts/fr.ftl").write_text(text, encoding="utf-8")


def logged() -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path("bot.log").read_text(encoding="utf-8").splitlines()]


def rung(process: subprocess.Popen[bytes], lines: int = 1) -> list[dict[str, Any]]:
    """Send SIGHUP and return the lines that it adds to the log."""
    before = len(logged())
    process.send_signal(signal.SIGHUP)
    for _ in range(1000):
        if len(logged()) >= before + lines:
            break
        time.sleep(0.01)
    return logged()[before:]


def end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.communicate(timeout=10)
    assert process.returncode == 0


def test_new_texts_are_taken_in_and_the_bot_goes_on(serving: subprocess.Popen[bytes]) -> None:
    reworded("help-menu = Aidez-moi\n")
    [line] = rung(serving)
    assert (line["level"], line["message"]) == ("info", "texts and thresholds are taken in")
    assert serving.poll() is None
    end(serving)


def test_what_wants_a_restart_is_named_without_its_values(serving: subprocess.Popen[bytes]) -> None:
    edit("web: {port: 4242}\nescalation: {notify: ['+33612345678']}\n")
    taken, others = rung(serving, 2)
    assert taken["level"] == "info"
    assert others["level"] == "warning"
    assert others["message"] == "a restart takes in the rest of what changed"
    assert sorted(others["keys"]) == ["escalation.notify", "web.port"]
    assert "612345678" not in Path("bot.log").read_text(encoding="utf-8")
    end(serving)


def test_mistakes_are_logged_with_their_lines_and_it_goes_on_until_they_are_gone(
    serving: subprocess.Popen[bytes],
) -> None:
    good = Path("lumiera.yaml").read_text(encoding="utf-8")
    edit("routing: {fast_path: 7}\nburts: {}\n")
    lines = rung(serving, 2)
    assert {line["level"] for line in lines} == {"error"}
    assert [line["message"] for line in lines] == [
        "nothing is taken in: lumiera.yaml:5: routing.fast_path: expected less than or equal to 1, got 7.",
        "nothing is taken in: lumiera.yaml:6: unknown key 'burts'. Did you mean 'burst'?",
    ]
    Path("lumiera.yaml").write_text(good, encoding="utf-8")
    reworded("a = b\nhelp-menu Aidez-moi\n")
    [line] = rung(serving)
    assert line["message"].startswith("nothing is taken in: config/texts/fr.ftl:2: ")
    Path("config/texts/de.ftl").mkdir()
    assert [line["message"] for line in rung(serving)] == ["nothing is taken in: config/texts/de.ftl: Is a directory"]
    Path("config/texts/de.ftl").rmdir()
    reworded("help-menu = Aidez-moi\n")
    assert [line["level"] for line in rung(serving)] == ["info"]
    end(serving)


def test_many_signals_at_once_end_with_what_the_files_say(serving: subprocess.Popen[bytes]) -> None:
    reworded("help-menu = Aidez-moi\n")
    for _ in range(20):
        serving.send_signal(signal.SIGHUP)
    lines = rung(serving)
    assert {line["level"] for line in lines} == {"info"}
    end(serving)


def test_a_terminal_that_is_closed_ends_it(folder: Path) -> None:
    master, slave = os.openpty()
    code = (
        "import fcntl, os, sys, termios; os.setsid(); fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
        "os.execv(sys.executable, [sys.executable, '-m', 'lumiera', 'serve', '--port', '0'])"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=slave, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        os.close(slave)
        assert process.stdout is not None
        assert process.stdout.readline().startswith(b"Lumiera"), process.communicate()
        os.close(master)
        _, err = process.communicate(timeout=10)
        assert (process.returncode, err) == (0, b"")
    finally:
        process.kill()
        process.communicate()
