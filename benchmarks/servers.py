"""Servers as processes of their own, pinned to a core, and what the kernel tells of them."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.wire import ACCOUNT, PUBLIC_URL, SENDER, TOKEN, Connection

ROOT = Path(__file__).parent.parent
_CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, LOAD_CORE = {_CORES[0]}, {_CORES[-1]}
_TICKS = os.sysconf("SC_CLK_TCK")
_HEALTH = b"GET /health HTTP/1.1\r\nHost: bot.example\r\n\r\n"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def spawn(*arguments: str, log: Path) -> subprocess.Popen[bytes]:
    """Start Python on the server's core; what it says goes into the log, as a service manager would have it."""
    os.sched_setaffinity(0, SERVER_CORE)  # inherited, so that no thread of the child starts anywhere else
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    try:
        with log.open("ab") as output:
            return subprocess.Popen(
                [sys.executable, *arguments], stdout=output, stderr=output, cwd=log.parent, env=environment
            )
    finally:
        os.sched_setaffinity(0, LOAD_CORE)


@dataclass(frozen=True, kw_only=True)
class Server:
    """A running server; `started` is how long its first 200 took, in seconds."""

    process: subprocess.Popen[bytes]
    port: int
    started: float

    @classmethod
    async def start(cls, *arguments: str, port: int, log: Path) -> Server:
        begun = time.perf_counter()
        process = spawn(*arguments, log=log)
        while not await _is_well(port):
            if process.poll() is not None or time.perf_counter() - begun > 20:
                process.kill()
                raise RuntimeError(f"the server did not start: {_end_of(log)}")
            await asyncio.sleep(0.005)
        return cls(process=process, port=port, started=time.perf_counter() - begun)

    def cpu(self) -> float:
        """Return the seconds of CPU that the process has used."""
        fields = self._of_process("stat").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def memory(self) -> float:
        """Return the resident memory in MB."""
        return int(self._of_process("statm").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6

    async def stop(self) -> float:
        """End it by SIGTERM and return how long that took; raises `TimeoutExpired` after 30 s."""
        begun = time.perf_counter()
        self.process.send_signal(signal.SIGTERM)
        await asyncio.to_thread(self.process.wait, 30)
        return time.perf_counter() - begun

    def _of_process(self, what: str) -> str:
        return Path(f"/proc/{self.process.pid}/{what}").read_text()


def _end_of(log: Path) -> str:
    return log.read_text()[-2000:]


async def _is_well(port: int) -> bool:
    try:
        _, connection = await asyncio.get_running_loop().create_connection(Connection, "127.0.0.1", port)
    except ConnectionError:
        return False
    try:
        return await connection.ask(_HEALTH) == 200
    except ConnectionError:
        return False
    finally:
        connection.transport.close()


async def start_floor(folder: Path, api_port: int, *, database: str = "") -> Server:
    port = free_port()
    arguments = (str(ROOT / "benchmarks/floors.py"), str(port), str(api_port), database)
    return await Server.start(*arguments, port=port, log=folder / "floor.log")


async def start_lumiera(config: Path) -> Server:
    port = free_port()
    arguments = ("-m", "lumiera", "--config", str(config), "serve", "--port", str(port))
    return await Server.start(*arguments, port=port, log=config.parent / "lumiera.log")


def write_config(folder: Path, api_port: int) -> Path:
    """Write what `config/production.yaml` says, but for limits and burst, and with the REST API of the benchmark."""
    config = folder / "benchmark.yaml"
    config.write_text(_CONFIG.format(default=ROOT / "lumiera.yaml", folder=folder, api_port=api_port))
    return config


_CONFIG = f"""\
extends: {{default}}
plugins:
  sql: {{{{url: "sqlite:///{{folder}}/lumiera.db"}}}}
  twilio:
    account_sid: {ACCOUNT}
    auth_token: {TOKEN}
    from: {SENDER}
    public_url: {PUBLIC_URL}
    api_base_url: http://127.0.0.1:{{api_port}}
pipeline:
  - authenticate: {{{{unknown_users: register}}}}
  - consent
  - limits: {{{{per_minute: 0}}}}
  - session
  - language
  - transcription
  - language: {{{{when: voice}}}}
  - handover
  - intent
  - translation: {{{{when: undecided}}}}
  - route
  - reply
  - persistence
burst: {{{{max: 0s}}}}
"""
