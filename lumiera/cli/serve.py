"""`lumiera serve`: the web and the worker in one process."""

from __future__ import annotations

import errno
import gc
import logging
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from types import FrameType
from typing import TYPE_CHECKING, TextIO

import click

from lumiera.cli.options import Mistake, Options, config_option

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable, Coroutine

    from uvicorn import Server

    from lumiera.app import Lumiera
    from lumiera.config import Logging

BACKLOG = 2048


@click.command("serve", short_help="Receive messages and answer them.")
@config_option
@click.option("--host", help="Where to listen. Default: web.host.")
@click.option("--port", type=click.IntRange(0, 65535), help="Where to listen; 0 is any free one. Default: web.port.")
@click.pass_obj
def command(options: Options, host: str | None, port: int | None) -> None:
    """Receive messages and answer them until SIGTERM or Ctrl-C; what runs then is finished first."""
    from lumiera.cli.logs import configure_logging

    bot = options.load()
    web = bot.config.web
    with _listen(host or web.host, web.port if port is None else port) as listener, _log(bot.config.logging) as log:
        configure_logging(bot.config.logging.level, log)
        logging.getLogger("uvicorn.error").setLevel(logging.WARNING)  # what it tells of its start is told below
        _run(_serve(bot, listener))


def _listen(host: str, port: int) -> socket.socket:
    """Take the port before anything is started: two servers on one are the commonest mistake."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            another = port + 1 if port < 65535 else 8000
            raise Mistake(
                f"{host}:{port} is in use by another program. Stop it, or take another port: "
                f"lumiera serve --port {another}"
            ) from error
        raise Mistake(f"cannot listen on {host}:{port}: {error.strerror or error}. Use --host and --port.") from error


@contextmanager
def _log(settings: Logging) -> Iterator[TextIO]:
    if settings.file is None:
        yield sys.stderr
        return
    try:
        file = settings.file.open("a", encoding="utf-8")
    except OSError as error:
        raise Mistake(f"logging.file: {settings.file} cannot be written: {error.strerror}.") from error
    with file:
        yield file


def _run(main: Coroutine[object, object, None]) -> None:
    import asyncio

    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(main)


def _loop_factory() -> Callable[[], AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:  # Windows has none
        return None
    return uvloop.new_event_loop


async def _serve(bot: Lumiera, listener: socket.socket) -> None:
    """Start the bot, then the server; stop them the other way round."""
    import uvicorn

    from lumiera.web import create_app

    class Server(uvicorn.Server):
        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            """Leave signals to us: uvicorn raises them again at its end, before the bot has drained."""
            yield

    # Lifespan is off because a bot that cannot start is told as it is, not through uvicorn's log.
    settings = uvicorn.Config(
        create_app(bot), lifespan="off", ws="none", log_config=None, access_log=False, server_header=False,
        backlog=BACKLOG, timeout_graceful_shutdown=max(1, round(bot.config.workers.drain.total_seconds())),
    )  # fmt: skip
    server = Server(settings)
    with _stopped_by_signals(server):
        async with bot:
            click.echo("\n".join(_greeting(bot, listener)))
            _spare_the_collector()
            await server.serve(sockets=[listener])


def _spare_the_collector() -> None:
    """Leave what has been loaded out of the search for cycles, and search less often: it took an eighth of the CPU."""
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


@contextmanager
def _stopped_by_signals(server: Server) -> Iterator[None]:
    """End the server at the first SIGTERM or SIGINT; a second one ends the process at once."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def stop(number: int, _: FrameType | None) -> None:
        server.should_exit = True
        signal.signal(number, before[signal.Signals(number)])

    for number in before:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _greeting(bot: Lumiera, listener: socket.socket) -> Iterator[str]:
    """Say where the bot listens and what to do next."""
    host, port, *_ = listener.getsockname()
    here = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    yield f"Lumiera {version('lumiera-core')} listens on {here}"
    paths = [path for route in bot.routes if (path := getattr(route, "path", "")).startswith("/webhooks")]
    for path in paths:
        yield f"  webhook  {bot.config.web.public_url or here}{path}"
    if not paths:
        yield "  webhook  no channel with a webhook is loaded; config/production.yaml turns one on"
    yield "  chat     uv run lumiera chat"
    yield f"  store    {bot.store.name}"
