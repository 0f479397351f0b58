"""`lumiera serve`: the web and the worker in one process, and the signals that it obeys."""

from __future__ import annotations

import errno
import gc
import logging
import os
import signal
import socket
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from importlib.metadata import version
from types import FrameType
from typing import TYPE_CHECKING

import click
from pydantic import BaseModel

from lumiera.cli.options import Mistake, Options, config_option
from lumiera.cli.programs import Programs
from lumiera.errors import ConfigError

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable, Coroutine

    from lumiera.app import Lumiera
    from lumiera.config import Logging

log = logging.getLogger(__name__)
BACKLOG = 2048
LAST_ORDERS = 0.05  # seconds


@click.command("serve", short_help="Receive messages and answer them.")
@config_option
@click.option("--host", help="Where to listen. Default: web.host.")
@click.option("--port", type=click.IntRange(0, 65535), help="Where to listen; 0 is any free one. Default: web.port.")
@click.option("--reload", is_flag=True, help="While developing: restart when code, texts or settings change.")
@click.option("--parent", nargs=2, type=int, default=(-1, -1), hidden=True)  # what --reload hands down
@click.pass_obj
def command(options: Options, *, host: str | None, port: int | None, reload: bool, parent: tuple[int, int]) -> None:
    """Receive messages and answer them until SIGTERM or Ctrl-C; what runs then is finished first.

    SIGHUP takes in new texts and thresholds, or, where there is a mistake in them, leaves everything as it was.
    """
    from lumiera.cli.logs import configure_logging
    from lumiera.cli.reload import supervise

    taken, pipe = parent
    if reload and pipe < 0:
        supervise(options, host, port, _listen)
        return
    bot = options.load()
    web = bot.config.web
    listening = _listen(host or web.host, web.port if port is None else port) if taken < 0 else _inherited(taken)
    with listening as listener, closing(_log(bot.config.logging)) as handler:
        configure_logging(bot.config.logging.level, handler)
        logging.getLogger("uvicorn.error").setLevel(logging.WARNING)  # what it tells of its start is told below
        _run(_serve(bot, listener, pipe))


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


def _inherited(number: int) -> socket.socket:
    os.set_inheritable(number, False)  # to programs that plugins start
    return socket.socket(fileno=number)


def _log(settings: Logging) -> logging.Handler:
    from lumiera.cli.logs import DailyFile

    if settings.file is None:
        return logging.StreamHandler()
    try:
        return DailyFile(settings.file, settings.keep)
    except OSError as error:
        raise Mistake(f"logging.file: {settings.file} cannot be written: {error.strerror}.") from error


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


async def _serve(bot: Lumiera, listener: socket.socket, pipe: int) -> None:
    """Start the bot, then the server; stop them the other way round, and say first that it is going to stop."""
    import asyncio

    import uvicorn

    from lumiera.web import create_app

    class Server(uvicorn.Server):
        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            """Leave signals to us: uvicorn raises them again at its end, before the bot has drained."""
            yield

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            """Read first what those have sent who were let in last: uvicorn would cut them off."""
            for one in self.servers:
                one.close()
            await asyncio.sleep(LAST_ORDERS)
            await super().shutdown(sockets)

    # Lifespan is off because a bot that cannot start is told as it is, not through uvicorn's log.
    app = create_app(bot)
    settings = uvicorn.Config(
        app, lifespan="off", ws="none", log_config=None, access_log=False, server_header=False,
        backlog=BACKLOG, timeout_graceful_shutdown=max(1, round(bot.config.workers.drain.total_seconds())),
    )  # fmt: skip
    server = Server(settings)

    def stop() -> None:
        app.state.stopping = server.should_exit = True

    with _stopped_by_signals(stop), _reloaded_by_signal(bot, stop), _stopped_with_parent(pipe, stop):
        async with bot:
            click.echo("\n".join(_greeting(bot, listener)))
            _spare_the_collector()
            await server.serve(sockets=[listener])


def _spare_the_collector() -> None:
    """Leave what has been loaded out of the search for cycles, and search less often: it took an eighth of the CPU."""
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


@contextmanager
def _stopped_by_signals(end: Callable[[], None]) -> Iterator[None]:
    """End the server at the first SIGTERM or SIGINT; a second one ends the process at once."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def stop(number: int, _: FrameType | None) -> None:
        end()
        signal.signal(number, before[signal.Signals(number)])

    for number in before:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _reloaded_by_signal(bot: Lumiera, end: Callable[[], None]) -> Iterator[None]:
    """Take in new texts and thresholds at SIGHUP; end the server at the one that a closed terminal sends."""
    import asyncio

    if not hasattr(signal, "SIGHUP"):  # Windows has none
        yield
        return
    rung, has_terminal = asyncio.Event(), os.isatty(0)

    async def obey() -> None:
        while await rung.wait():
            rung.clear()
            if has_terminal and not os.isatty(0):
                end()
            else:
                await _reload(bot)

    loop = asyncio.get_running_loop()
    obeying = loop.create_task(obey())
    loop.add_signal_handler(signal.SIGHUP, rung.set)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGHUP)
        obeying.cancel()


@contextmanager
def _stopped_with_parent(pipe: int, end: Callable[[], None]) -> Iterator[None]:
    """End the server when the process that watches its files is gone: nobody else would."""
    import asyncio

    if pipe < 0:
        yield
        return
    loop = asyncio.get_running_loop()

    def stop() -> None:
        loop.remove_reader(pipe)  # it stays readable
        end()

    loop.add_reader(pipe, stop)
    try:
        yield
    finally:
        loop.remove_reader(pipe)


async def _reload(bot: Lumiera) -> None:
    try:
        others = list(changed(await bot.reload(), bot.config))
    except OSError as error:
        log.error("nothing is taken in: %s: %s", error.filename, error.strerror)  # noqa: TRY400 - as below
    except ConfigError as error:
        for problem in error.problems:
            log.error("nothing is taken in: %s", problem)  # noqa: TRY400 - a traceback would say nothing more
    except Exception:  # the bot goes on with what it has, and the next signal shall be obeyed
        log.exception("nothing is taken in")
    else:
        log.info("texts and thresholds are taken in")
        if others:
            log.warning("a restart takes in the rest of what changed", extra={"keys": others})


def changed(now: object, before: object, key: str = "") -> Iterator[str]:
    """Yield the keys of a configuration whose values differ, such as `web.port`."""
    ours, theirs = (vars(one) if isinstance(one, BaseModel) else one for one in (now, before))
    if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
        for name in {**theirs, **ours}:
            yield from changed(ours.get(name), theirs.get(name), f"{key}.{name}".lstrip("."))
    elif ours != theirs:
        yield key


def webhooks(bot: Lumiera) -> list[str]:
    """Return the paths by which providers reach the bot; without one its users are not real."""
    return [path for route in bot.routes if (path := getattr(route, "path", "")).startswith("/webhooks")]


def _greeting(bot: Lumiera, listener: socket.socket) -> Iterator[str]:
    """Say where the bot listens and what to do next."""
    host, port, *_ = listener.getsockname()
    here = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    yield f"Lumiera {version('lumiera-core')} listens on {here}"
    if any(getattr(route, "path", "") == "/" for route in bot.routes):
        yield f"  page     {here}/"
    paths = webhooks(bot)
    for path in paths:
        yield f"  webhook  {bot.config.web.public_url or here}{path}"
    if not paths:
        yield "  webhook  no channel with a webhook is loaded; config/production.yaml turns one on"
    yield f"  chat     {Programs.here().lumiera} chat"
    yield f"  store    {bot.store.name}"
