"""`lumiera serve` as a process: what it prints, how it answers, how it ends."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from lumiera.cli.programs import Programs

Run = Callable[..., Result]
Install = Callable[..., None]
Start = Callable[..., subprocess.Popen[bytes]]
CHANNEL = """\
import asyncio
from datetime import UTC, datetime
from pathlib import Path

from starlette.responses import Response
from starlette.routing import Route

from lumiera import Capabilities, Intent, Message, hookimpl

class Pigeon:
    name = "pigeon"
    capabilities = Capabilities()

    async def send(self, address, bubble):
        Path("sent.txt").write_text(bubble.text)
        return "1"

    async def typing(self, message):
        pass

async def slow(turn):
    Path("begun.txt").touch()
    await asyncio.sleep(0.5)
    return "done"

async def receive(request):
    message = Message(sid="1", channel="pigeon", sender="+33600000001", received_at=datetime.now(UTC), text="slow")
    await request.app.state.bot.receive([message])
    return Response()

@hookimpl
def register_channels():
    return [Pigeon()]

@hookimpl
def register_intents():
    return [Intent("slow", slow, examples={"en": ["slow"]})]

@hookimpl
def register_routes():
    return [Route("/webhooks/pigeon", receive, methods=["POST"]), Route("/page", receive)]
"""


def first_lines(process: subprocess.Popen[bytes], count: int) -> list[str]:
    assert process.stdout is not None
    return [process.stdout.readline().decode().rstrip("\n") for _ in range(count)]


def address(line: str) -> str:
    found = re.fullmatch(r"Lumiera [\d.]+ listens on (http://127\.0\.0\.1:\d+)", line)
    assert found, line
    return found[1]


def ask(url: str, data: bytes | None = None) -> tuple[int, dict[str, str], bytes]:
    with urllib.request.urlopen(urllib.request.Request(url, data=data), timeout=5) as response:
        return response.status, {name.lower(): value for name, value in response.headers.items()}, response.read()


def end(process: subprocess.Popen[bytes], number: signal.Signals = signal.SIGTERM) -> float:
    """Send a signal and return how long the process took to end well."""
    before = time.perf_counter()
    process.send_signal(number)
    _, err = process.communicate(timeout=10)
    assert process.returncode == 0, err
    for line in err.splitlines():
        assert json.loads(line)["level"] == "info", line
    return time.perf_counter() - before


def test_a_fresh_bot_says_where_it_is_and_is_well(start: Start) -> None:
    process = start("serve", "--port", "0")
    lines = first_lines(process, 4)
    assert lines[1:] == [
        "  webhook  no channel with a webhook is loaded; config/production.yaml turns one on",
        f"  chat     {Programs.here().lumiera} chat",
        "  store    sql",
    ]
    status, headers, body = ask(f"{address(lines[0])}/health")
    assert (status, json.loads(body)) == (200, {"status": "ok", "plugins": {"sql": "ok"}})
    assert "server" not in headers
    assert ask(f"{address(lines[0])}/ready")[::2] == (200, b'{"ready":true}')
    assert end(process) < 3


def test_ctrl_c_ends_it_as_well(start: Start) -> None:
    process = start("serve", "--port", "0")
    first_lines(process, 4)
    assert end(process, signal.SIGINT) < 3


def test_a_turn_that_runs_is_finished_before_the_end(start: Start, install: Install) -> None:
    install("pigeon", CHANNEL)
    with Path("lumiera.yaml").open("a") as file:
        file.write("web: {port: 0, public_url: https://bot.example/}\n")
    process = start("serve")
    lines = first_lines(process, 4)
    assert lines[1] == "  webhook  https://bot.example/webhooks/pigeon"
    assert ask(f"{address(lines[0])}/webhooks/pigeon", b"")[0] == 200
    while not Path("begun.txt").exists():
        time.sleep(0.01)
    assert end(process) < 3
    assert Path("sent.txt").read_text() == "done"


def test_webhooks_without_a_public_address_are_shown_where_the_bot_listens(start: Start, install: Install) -> None:
    install("pigeon", CHANNEL)
    process = start("serve", "--port", "0", "--host", "127.0.0.1")
    lines = first_lines(process, 2)
    assert lines[1] == f"  webhook  {address(lines[0])}/webhooks/pigeon"
    assert end(process) < 3


def test_a_port_in_use_is_told_with_the_way_out(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run("serve", "--port", str(port))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        f"127.0.0.1:{port} is in use by another program. Stop it, or take another port: "
        f"lumiera serve --port {port + 1 if port < 65535 else 8000}\n"
    )


def test_a_host_that_is_none_is_told_with_the_way_out(run: Run) -> None:
    result = run("serve", "--host", "203.0.113.1", "--port", "0")
    assert result.exit_code == 2
    assert result.stderr.startswith("cannot listen on 203.0.113.1:0: ")


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_a_port_that_is_none_is_a_mistake(run: Run, port: str) -> None:
    assert run("serve", "--port", port).exit_code == 2


def test_a_plugin_that_cannot_start_is_told_without_a_traceback(run: Run, install: Install) -> None:
    install(
        "tired", "from lumiera import hookimpl\n\n@hookimpl\nasync def startup(bot):\n    raise OSError('no key')\n"
    )
    result = run("serve", "--port", "0")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines()[-1] == "plugin 'tired': startup: OSError: no key (__init__.py:5)"
    assert "Traceback" not in result.stderr


def test_the_port_is_free_again_after_a_failed_start(run: Run, install: Install) -> None:
    install(
        "tired", "from lumiera import hookimpl\n\n@hookimpl\nasync def startup(bot):\n    raise OSError('no key')\n"
    )
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    for _ in range(2):
        assert "no key" in run("serve", "--port", str(port)).stderr


def test_the_log_goes_to_the_file_of_the_configuration(start: Start, install: Install) -> None:
    install("pigeon", CHANNEL)
    with Path("lumiera.yaml").open("a") as file:
        file.write("logging: {file: bot.log}\n")
    process = start("serve", "--port", "0")
    assert ask(f"{address(first_lines(process, 1)[0])}/webhooks/pigeon", b"")[0] == 200
    end(process)
    assert "turn" in [json.loads(line)["message"] for line in Path("bot.log").read_text().splitlines()]


def test_a_log_file_that_cannot_be_written_is_a_mistake(run: Run) -> None:
    with Path("lumiera.yaml").open("a") as file:
        file.write("logging: {file: no/such/folder/bot.log}\n")
    result = run("serve", "--port", "0")
    assert result.exit_code == 2
    assert result.stderr == "logging.file: no/such/folder/bot.log cannot be written: No such file or directory.\n"
