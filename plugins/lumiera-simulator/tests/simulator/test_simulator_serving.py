"""The page by the real command line: what `lumiera serve` says of it, how it stops, and `lumiera chat` beside it."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

CONFIG = """\
plugins:
  sql: {url: "sqlite:///lumiera.db"}
  simulator:
  essentials:
"""
Command = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def lumiera(tmp_path: Path) -> Iterator[Command]:
    """Run the real command in a folder with a small configuration; what still runs is killed at the end."""
    (tmp_path / "lumiera.yaml").write_text(CONFIG, encoding="utf-8")
    begun: list[subprocess.Popen[bytes]] = []

    def begin(*arguments: str) -> subprocess.Popen[bytes]:
        known = {name: value for name, value in os.environ.items() if name != "LUMIERA_CONFIG"}
        begun.append(
            subprocess.Popen(
                [sys.executable, "-m", "lumiera", *arguments],
                cwd=tmp_path,
                env=known,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        )
        return begun[-1]

    yield begin
    for process in begun:
        process.kill()
        process.communicate()


def port_of(process: subprocess.Popen[bytes]) -> int:
    """Return the port of `lumiera serve`, which must also say where the page is."""
    assert process.stdout is not None
    listens, page = (process.stdout.readline().decode() for _ in range(2))
    found = re.search(r"listens on (http://127\.0\.0\.1:(\d+))\n", listens)
    assert found, listens
    assert page == f"  page     {found[1]}/\n"
    return int(found[2])


def ask(port: int, method: str, path: str, body: object = None) -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    data = json.dumps(body) if body else None
    connection.request(method, path, data, {"Content-Type": "application/json"} if body else {})
    answer = connection.getresponse()
    said = answer.read()
    connection.close()
    return json.loads(said)


def test_it_stops_at_once_with_a_page_open(lumiera: Command) -> None:
    process = lumiera("serve", "--port", "0")
    page = http.client.HTTPConnection("127.0.0.1", port_of(process), timeout=10)
    page.request("GET", "/simulator/events")
    stream = page.getresponse()
    assert stream.readline() == b"event: hello\n"
    before = time.perf_counter()
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=10)
    assert time.perf_counter() - before < 3
    assert process.returncode == 0, err
    assert b"Traceback" not in err
    assert b"error" not in stream.read()
    page.close()


@pytest.mark.slow
def test_a_chat_beside_it_sees_the_same_store(lumiera: Command) -> None:
    process = lumiera("serve", "--port", "0")
    port = port_of(process)
    ask(port, "POST", "/simulator/people/1/messages", {"text": "bonjour"})
    chat = lumiera("chat", "--say", "bonjour")
    out, err = chat.communicate(timeout=30)
    assert chat.returncode == 0, err
    assert b"Bonjour" in out
    until = time.perf_counter() + 10
    while (
        len(found := ask(port, "GET", "/simulator/people/1/messages")["messages"]) < 2 and time.perf_counter() < until
    ):
        time.sleep(0.05)
    assert [one["direction"] for one in found] == ["in", "out"]
    assert len(ask(port, "GET", "/simulator/state")["people"]) == 9


@pytest.mark.parametrize("line", ["web: {public_url: https://bot.example}", "web: {host: 0.0.0.0}"])
def test_it_does_not_start_where_others_would_reach_the_page(lumiera: Command, tmp_path: Path, line: str) -> None:
    with (tmp_path / "lumiera.yaml").open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")
    process = lumiera("serve", "--port", "0")
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (2, b"")
    told = err.decode().splitlines()[-1]
    assert told.startswith("plugin 'simulator': startup: ")
    assert "plugins: {simulator: false}" in told
    assert "in_production: true" in told
