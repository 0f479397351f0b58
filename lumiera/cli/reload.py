"""`lumiera serve --reload`: a process that starts the bot anew when its code, its texts or its settings change.

It holds the port, so that no connection is refused while one bot ends and the next one starts.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urlsplit
from urllib.request import url2pathname

import click
from pydantic import BaseModel

from lumiera.cli.options import DEFAULT, Mistake, Options
from lumiera.errors import ConfigError

if TYPE_CHECKING:
    from types import FrameType

    from watchfiles import Change

    from lumiera.config import Config

Address: TypeAlias = tuple[str, int]
Listen: TypeAlias = Callable[[str, int], socket.socket]

CONFIG = Path("config")  # what operators edit: texts, prompts, what lumiera.yaml extends
KINDS = frozenset({".py", ".ftl", ".yaml", ".yml", ".md", ".txt"})
QUIET = 300  # milliseconds: saves that follow each other faster are one change
PATIENCE = 10.0  # seconds for a bot to finish what runs; what it does not finish is in its inbox for the next one


def supervise(options: Options, host: str | None, port: int | None, listen: Listen) -> None:
    """Run the command that this process was started with as a child, and again after every change, until a signal."""
    if sys.platform == "win32":
        raise Mistake("--reload hands the port from process to process, which Windows has no way to: use it in WSL.")
    try:
        from watchfiles import watch
    except ImportError as error:
        raise Mistake("--reload needs a package: pip install 'lumiera-core[reload]'") from error

    with _Bot() as bot, _obeyed(bot):
        with suppress(ConfigError):  # the bot tells what is wrong
            bot.listen(_address(options, host, port), listen)
        while not bot.is_ending.is_set():
            watched = Watched.of(options)
            bot.start()
            seen = watch(
                *watched.folders(), watch_filter=watched.holds, recursive=False,
                step=QUIET, rust_timeout=500, yield_on_timeout=True, stop_event=bot.is_ending,
            )  # fmt: skip
            try:
                _wait(seen, bot)
            except (OSError, RuntimeError) as error:  # too many files, or none that the system tells of
                way_out = "Let it look at them instead: WATCHFILES_FORCE_POLLING=true lumiera serve --reload"
                raise Mistake(f"files cannot be watched: {error}. {way_out}") from error
            bot.stop()
            with suppress(ConfigError, Mistake):  # a port that is in use as well
                bot.listen(_address(options, host, port), listen)


def _wait(seen: Iterator[Collection[tuple[object, str]]], bot: _Bot) -> None:
    """Return at the first change, or when the end has come; says which files changed."""
    for changes in seen:
        if changes:
            click.echo(f"\n{_named([path for _, path in changes])}: restarting")
            return
        bot.tell_if_ended()


def _address(options: Options, host: str | None, port: int | None) -> Address:
    web = _config(options).web
    return host or web.host, web.port if port is None else port


def _config(options: Options) -> Config:
    from lumiera.loading import read_config

    return read_config(options.read(), ())


def _named(paths: Sequence[str]) -> str:
    """Say which files changed, from here where they lie under the working directory."""
    first, *others = sorted(os.path.relpath(path) if Path(path).is_relative_to(Path.cwd()) else path for path in paths)
    return f"{first} and {len(others)} more changed" if others else f"{first} changed"


class _Bot:
    """The child, the socket on which it listens, and a pipe that tells it when this process is no more."""

    def __init__(self) -> None:
        self.is_ending = threading.Event()
        self._address: Address | None = None
        self._listener: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._is_told = False
        self._ear, self._mouth = os.pipe()

    def __enter__(self) -> _Bot:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        os.close(self._ear)
        os.close(self._mouth)
        if self._listener:
            self._listener.close()

    def listen(self, address: Address, listen: Listen) -> None:
        """Take the port, unless it is that of the bot before; raises `Mistake` where it is another program's."""
        if address == self._address:
            return
        if self._listener:
            self._listener.close()
        self._listener, self._address = None, None
        self._listener, self._address = listen(*address), address

    def start(self) -> None:
        listener = self._listener.fileno() if self._listener else -1
        inherited = [self._ear, listener] if self._listener else [self._ear]
        command = [sys.executable, *sys.orig_argv[1:], "--parent", str(listener), str(self._ear)]
        with _spared_of_sighup():
            self._process = subprocess.Popen(command, pass_fds=inherited)
        self._is_told = False

    def stop(self) -> None:
        """End the bot, with what it is doing if that is done soon."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            self._process.wait()

    def kill(self) -> None:
        if self._process:
            self._process.kill()

    def signal(self, number: int) -> None:
        if self._process:
            self._process.send_signal(number)

    def tell_if_ended(self) -> None:
        if self._process and self._process.poll() is not None and not self._is_told:
            self._is_told = True
            click.echo("The bot is not running: it starts with the next change. Ctrl-C ends this.", err=True)


@contextmanager
def _spared_of_sighup() -> Iterator[None]:
    """Let a child begin deaf to SIGHUP: one that comes while it loads would end it, and would tell it nothing new."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, before)


@contextmanager
def _obeyed(bot: _Bot) -> Iterator[None]:
    """End at SIGTERM, SIGINT and with the terminal, the second time without waiting; pass SIGHUP on."""
    has_terminal = os.isatty(0)

    def end(_: int, __: FrameType | None) -> None:
        if bot.is_ending.is_set():
            bot.kill()
        bot.is_ending.set()

    def pass_on(number: int, frame: FrameType | None) -> None:
        if has_terminal and not os.isatty(0):
            end(number, frame)
        else:
            bot.signal(number)

    handlers = {signal.SIGTERM: end, signal.SIGINT: end, signal.SIGHUP: pass_on}
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


# --- what is watched -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Watched:
    """What the bot is made of. Some of it may not be there yet."""

    files: frozenset[Path]
    trees: frozenset[Path]  # folders with all that is of a kind

    @classmethod
    def of(cls, options: Options) -> Watched:
        files, trees = set(_chain(options)), {CONFIG, Path(__file__).parents[1]}
        with suppress(ConfigError, Mistake):
            trees.add(_config(options).texts.overrides)
        for entry in entry_points(group="lumiera"):
            for path in _code(entry):
                (trees if path.is_dir() else files).add(path)
        return cls(files=frozenset(map(Path.absolute, files)), trees=frozenset(map(Path.absolute, trees)))

    def folders(self) -> list[str]:
        """Return the folders to look at: those of the files, the trees with all that is in them."""
        near = {next(folder for folder in path.parents if folder.is_dir()) for path in {*self.files, *self.trees}}
        return sorted(map(str, {*near, *(folder for tree in self.trees for folder in _branches(tree))}))

    def holds(self, change: Change, changed: str) -> bool:
        """Say whether a change counts; of folders only that they come or go: all that goes on in them changes them."""
        path, what = Path(changed), change.name
        if path in self.files or (what != "modified" and any(path in (tree, *tree.parents) for tree in self.trees)):
            return True
        inside = [path.relative_to(tree).parts for tree in self.trees if path.is_relative_to(tree)]
        is_inside = any(not any(map(_is_left_out, parts)) for parts in inside)
        return is_inside and (path.suffix in KINDS or (what == "added" and path.is_dir()))


def _branches(tree: Path) -> Iterator[Path]:
    for folder, inner, _ in os.walk(tree):
        inner[:] = [name for name in inner if not _is_left_out(name)]
        yield Path(folder)


def _is_left_out(name: str) -> bool:
    return name == "__pycache__" or name.startswith(".")


def _chain(options: Options) -> Iterator[Path]:
    """Yield the configuration and what it extends: also files that are no YAML, or not there."""
    path, known = DEFAULT, set[Path]()
    with suppress(Mistake):  # where it is not there, it may come
        path = options.path
    while path not in known:
        known.add(path)
        yield path
        with suppress(OSError):
            if found := re.search(r"^extends:\s*[\"']?([^\"'#\n]+)", path.read_text("utf-8", "replace"), re.M):
                path = Path(os.path.normpath(path.parent / found[1].strip()))


def _code(entry: EntryPoint) -> Iterator[Path]:
    """Yield where the code of a plugin may lie; one that was installed after this process is on no path of ours."""
    name = entry.value.partition(":")[0].partition(".")[0].strip()
    if not name.isidentifier():
        return
    folders = [Path(str(entry.dist.locate_file("")))] if entry.dist else []
    if project := _project(entry):
        folders += [project, project / "src"]
    with suppress(ImportError, ValueError):  # of finders that are broken themselves
        if (spec := find_spec(name)) and spec.origin:
            folders.append(Path(spec.origin).parents[1 if spec.submodule_search_locations else 0])
    places = [path for folder in folders for path in (folder / name, folder / f"{name}.py")]
    yield from [path for path in places if path.exists()] or places  # one that was moved away may come back


class _Directory(BaseModel):
    editable: bool = False


class _Origin(BaseModel):
    """The `direct_url.json` of a distribution that was installed from a folder."""

    url: str
    dir_info: _Directory

    @property
    def project(self) -> Path | None:
        return Path(url2pathname(urlsplit(self.url).path)) if self.dir_info.editable else None


def _project(entry: EntryPoint) -> Path | None:
    """Return the folder of a distribution that is installed as it is edited."""
    told = entry.dist.read_text("direct_url.json") if entry.dist else None
    with suppress(ValueError):  # it is no JSON, or of another shape
        return _Origin.model_validate_json(told or "").project
    return None
