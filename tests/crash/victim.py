"""A bot that is killed, run as a program: `victim.py talk FOLDER WHEN` and `victim.py load FOLDER USERS MESSAGES`.

What it sends and what it has acknowledged is appended to files: they survive a SIGKILL as the database does.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from lumiera import (
    Bubble,
    Capabilities,
    Channel,
    Intent,
    Key,
    Lumiera,
    Message,
    Reply,
    Store,
    Turn,
    Tx,
    external_write,
    free_text,
    hookimpl,
    store_operation,
    yes_no,
)

When = Literal["before", "after"]
CONVERSATION = ("incident", "grue", "oui")
PHONE = "+33600000001"
COMMITS = ("recover", "ingest", "claim", "sign_in", "open_session", "journal", "finish", "retry", "bury", "post",
           "begin_send", "end_send", "purge")  # fmt: skip
SETTINGS = """
plugins: {sql: {url: "sqlite:///bot.db"}, essentials: {}}
burst: {text: 0, media: 0, max: 0}
retries: {tries: 20}
pipeline: [authenticate, consent, session, language, intent, route, reply, persistence]
"""


def append(path: str, *values: object) -> None:
    """Add a line to a file in one write."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        os.write(file, f"{json.dumps(values)}\n".encode())
    finally:
        os.close(file)


def lines(path: str) -> list[list[Any]]:
    return [json.loads(line) for line in Path(path).read_text().splitlines()] if Path(path).exists() else []


class FileChannel:
    """Sends into a file."""

    name = "file"
    capabilities = Capabilities()

    async def send(self, address: str, bubble: Bubble) -> str:
        append("sent.jsonl", address, bubble.text)
        return f"sent-{time.monotonic_ns()}"

    async def typing(self, message: Message) -> None:
        return None


@store_operation
def count(tx: Tx, place: str) -> int:
    tx.exec_driver_sql("CREATE TABLE IF NOT EXISTS counted (place TEXT)")
    tx.exec_driver_sql("INSERT INTO counted VALUES (?)", (place,))
    found: int = tx.exec_driver_sql("SELECT count(*) FROM counted").scalar()
    return found


@external_write
async def call_help(key: Key, place: str) -> str:
    append("called.jsonl", key, place)
    return "called"


async def report(turn: Turn) -> Reply | str:
    place = await turn.ask(free_text("crash-where"))
    number = await turn.once("count", count, place)
    await turn.once("help", call_help, place)
    await turn.say("crash-called", urgent=True)
    await turn.ask(yes_no("crash-sure"))
    return turn.text_for("crash-filed", place=place, number=number)


class Victim:
    @hookimpl
    def register_channels(self) -> list[Channel]:
        return [FileChannel()]

    @hookimpl
    def register_intents(self) -> list[Intent]:
        return [Intent("report", report, examples={"fr": ["incident"]})]

    @hookimpl
    async def answer_turn(self, turn: Turn) -> Reply | None:
        return Reply(turn.text)


def kill_at(store: Store, number: int, when: When) -> None:
    """Make the process kill itself just before or after the commit with this number, counted from 1."""
    commits = 0

    def wrap(name: str, method: Callable[..., Awaitable[object]]) -> Callable[..., Awaitable[object]]:
        async def wrapped(*args: object, **kwargs: object) -> object:
            nonlocal commits
            commits += 1
            mine = commits == number
            if mine and when == "before":
                die(name)
            result = await method(*args, **kwargs)
            if mine:
                die(name)
            return result

        return wrapped

    for name in COMMITS:
        setattr(store, name, wrap(name, getattr(store, name)))


def die(at: str) -> None:
    append("killed.jsonl", at)
    os.kill(os.getpid(), signal.SIGKILL)


async def drained(bot: Lumiera) -> None:
    """Wait until no message waits and no bubble is unsent."""

    def unfinished(tx: Tx) -> int:
        waiting = "SELECT (SELECT count(*) FROM inbox WHERE status = 'new')"
        found: int = tx.exec_driver_sql(
            f"{waiting} + (SELECT count(*) FROM outbox WHERE state IN ('queued', 'sending') OR check_at IS NOT NULL)"
        ).scalar()
        return found

    while await bot.store.read(unfinished):  # noqa: ASYNC110 - nothing tells when
        await asyncio.sleep(0.005)


async def deliver(bot: Lumiera, sid: str, sender: str, text: str) -> None:
    """Hand a message to the bot as a provider does: until it is acknowledged."""
    if [sid] not in lines("acknowledged.jsonl"):
        await bot.receive([Message(sid=sid, channel="file", sender=sender, received_at=datetime.now(UTC), text=text)])
        append("acknowledged.jsonl", sid)


async def talk(bot: Lumiera, number: int, when: When) -> None:
    begun = time.perf_counter()
    kill_at(bot.store, number, when)
    async with bot:
        await drained(bot)
        append("recovered.jsonl", time.perf_counter() - begun)
        for place, text in enumerate(CONVERSATION):
            await deliver(bot, f"IN{place}", PHONE, text)
            await drained(bot)


async def load(bot: Lumiera, users: int, messages: int) -> None:
    async with bot:
        await drained(bot)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        known = {sid for [sid] in lines("acknowledged.jsonl")}

        async def write(user: int) -> None:
            for number in range(messages):
                sid = f"IN{user}-{number}"
                if sid not in known:
                    await deliver(bot, sid, f"+336000{user:05}", str(number))

        await asyncio.gather(*map(write, range(users)))
        await drained(bot)


# Points are tried in forks of this process: starting Python for each would take ten times as long.


@contextmanager
def in_folder(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def forked(run: Callable[[], Awaitable[None]]) -> int:
    """Run in a child process and return its exit code, negative for the signal that ended it."""
    child = os.fork()
    if not child:
        code = 1
        try:
            asyncio.run(run())  # type: ignore[arg-type]
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def try_points(bot: Lumiera, folder: Path, when: When) -> None:
    """Kill at each commit in turn and run again, each in a folder of its own, until there is no such commit."""
    bot.texts.labels("yes")  # reads the texts of all languages: 0.4 s that each fork would need again
    template = folder / "template"
    template.mkdir()
    with in_folder(template):
        assert forked(lambda: talk_never(bot)) == 0
    for number in range(1, 1000):
        place = folder / f"{number:03}"
        shutil.copytree(template, place)
        with in_folder(place):
            code = forked(lambda: talk(bot, number, when))  # noqa: B023 - called before the loop goes on
            if code == 0:
                shutil.rmtree(place)
                return
            again = forked(lambda: talk(bot, 0, when)) if code == -signal.SIGKILL else code
            append("ended.jsonl", code, again)


async def talk_never(bot: Lumiera) -> None:
    """Start and stop, so that the points need not create the tables."""
    async with bot:
        pass


def main() -> None:
    mode, folder, *rest = sys.argv[1:]
    os.chdir(folder)
    Path("lumiera.yaml").write_text(SETTINGS)
    bot = Lumiera.load("lumiera.yaml", extra={"victim": Victim()})
    if mode == "talk":
        try_points(bot, Path.cwd(), "after" if rest[0] == "after" else "before")
    else:
        asyncio.run(load(bot, int(rest[0]), int(rest[1])))


if __name__ == "__main__":
    main()
