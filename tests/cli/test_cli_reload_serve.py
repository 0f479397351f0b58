"""`lumiera serve --reload`: what restarts the bot, what does not, and how both processes end."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]
Install = Callable[..., None]
Start = Callable[..., subprocess.Popen[bytes]]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="it wants to be told there to use WSL")
PAGE = """\
import asyncio
from pathlib import Path

from lumiera import hookimpl
from starlette.responses import PlainTextResponse
from starlette.routing import Route

async def page(request):
    return PlainTextResponse("WORD")

async def slow(request):
    Path("begun").touch()
    await asyncio.sleep(1)
    return PlainTextResponse("done")

@hookimpl
def register_routes():
    return [Route("/", page), Route("/slow", slow)]
"""
NOT_RUNNING = "The bot is not running: it starts with the next change. Ctrl-C ends this."


class Served:
    """A `lumiera serve --reload`, and what it says."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.said: list[str] = []
        self.url = ""

    def until(self, wanted: str) -> str:
        """Read what it says up to a line with these words."""
        assert self.process.stdout is not None
        while line := self.process.stdout.readline().decode():
            self.said.append(line.rstrip("\n"))
            if wanted in line:
                return self.said[-1]
        raise AssertionError(self.said)

    def listens(self) -> str:
        found = re.search(r"http://\S+", self.until(" listens on "))
        assert found
        self.url = found[0]
        return self.url

    def page(self, path: str = "/") -> str:
        with urllib.request.urlopen(self.url + path, timeout=10) as response:
            text: str = response.read().decode()
            return text

    def restarts(self) -> int:
        return sum("restarting" in line for line in self.said)

    def end(self, number: signal.Signals = signal.SIGTERM) -> list[str]:
        """Send a signal; returns what it said until it ended well."""
        self.process.send_signal(number)
        out, _ = self.process.communicate(timeout=10)
        assert self.process.returncode == 0, out
        with pytest.raises(OSError, match="refused"):
            self.page()
        self.said += out.decode().splitlines()
        return self.said


@pytest.fixture
def serve(folder: Path) -> Iterator[Callable[..., Served]]:
    """Start it; what it complains of comes with what it says, as on a terminal."""
    started: list[subprocess.Popen[bytes]] = []

    def begin(*arguments: str) -> Served:
        process = subprocess.Popen(
            [sys.executable, "-m", "lumiera", "serve", "--reload", *arguments], start_new_session=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONPATH": str(folder / "site")},
        )  # fmt: skip
        started.append(process)
        return Served(process)

    yield begin
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def code(install: Install, folder: Path) -> Path:
    """A plugin with a page, installed; returns the file of its code."""
    install("page", PAGE.replace("WORD", "one"))
    (path,) = folder.glob("site/plugin_*/__init__.py")
    return path


def rename(path: Path, text: str) -> None:
    """Save as many editors do: the new file takes the place of the old one."""
    beside = path.with_name(f"{path.name}~")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


@pytest.mark.parametrize("save", [Path.write_text, rename])
def test_changed_code_answers_within_seconds_and_no_connection_is_refused(
    serve: Callable[..., Served], code: Path, save: Callable[[Path, str], object]
) -> None:
    served = serve("--port", "0")
    url = served.listens()
    assert served.page() == "one"
    save(code, PAGE.replace("WORD", "two"))
    began = time.monotonic()
    while served.page() != "two":
        assert time.monotonic() - began < 10
    assert served.listens() == url
    assert f"{code.relative_to(Path.cwd())} changed: restarting" in served.said
    served.end()


def test_where_the_system_does_not_tell_of_changes_it_looks_for_them(
    serve: Callable[..., Served], code: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHFILES_FORCE_POLLING", "true")
    served = serve("--port", "0")
    served.listens()
    Path("lumiera.db.new").touch()
    time.sleep(1)
    code.write_text(PAGE.replace("WORD", "two"))
    served.listens()
    assert served.page() == "two"
    served.end()
    assert served.restarts() == 1


def test_saves_in_a_row_are_one_restart(serve: Callable[..., Served], code: Path) -> None:
    served = serve("--port", "0")
    served.listens()
    for number in range(5):
        code.write_text(PAGE.replace("WORD", f"{number}"))
        code.with_name(f"other{number}.py").touch()
        time.sleep(0.15)
    served.listens()
    assert served.page() == "4"
    time.sleep(0.6)
    served.end()
    assert served.restarts() == 1
    assert re.search(r"^site/plugin_\w+/__init__.py and \d more changed: restarting$", "\n".join(served.said), re.M)


def test_what_runs_is_finished_before_the_restart(serve: Callable[..., Served], code: Path) -> None:
    served = serve("--port", "0")
    with subprocess.Popen(
        [sys.executable, "-c", f"import urllib.request as u; print(u.urlopen('{served.listens()}/slow').read())"],
        stdout=subprocess.PIPE,
    ) as asking:
        while not Path("begun").exists():
            time.sleep(0.01)
        code.write_text(PAGE.replace("WORD", "two"))
        assert asking.communicate(timeout=10)[0] == b"b'done'\n"
    served.listens()
    served.end()


def test_code_that_is_none_is_told_and_what_mends_it_starts_the_bot(serve: Callable[..., Served], code: Path) -> None:
    served = serve("--port", "0")
    url = served.listens()
    code.write_text("def register_routes(:\n")
    assert "plugins.page: could not be imported: SyntaxError" in served.until("lumiera.yaml:")
    served.until(NOT_RUNNING)
    code.write_text(PAGE.replace("WORD", "two"))
    assert served.listens() == url
    assert served.page() == "two"
    served.end()


def test_a_start_with_a_mistake_waits_for_its_end(serve: Callable[..., Served], code: Path) -> None:
    good = Path("lumiera.yaml").read_text()
    Path("lumiera.yaml").write_text(f"{good}burts: {{}}\n")
    served = serve("--port", "0")
    assert served.until("lumiera.yaml") == "lumiera.yaml:5: unknown key 'burts'. Did you mean 'burst'?"
    served.until(NOT_RUNNING)
    Path("lumiera.yaml").write_text("plugins: [\n")
    assert "this is no YAML" in served.until("lumiera.yaml:")
    served.until(NOT_RUNNING)
    Path("lumiera.yaml").write_text(good)
    served.listens()
    assert served.page() == "one"
    served.end()


def test_texts_prompts_and_what_is_extended_restart_it_and_other_files_do_not(
    serve: Callable[..., Served], code: Path
) -> None:
    Path("lumiera.yaml").rename("base.yaml")
    Path("lumiera.yaml").write_text("extends: base.yaml\ntexts: {overrides: words}\n")
    served = serve("--port", "0")
    served.listens()
    for name in ("words/fr.ftl", "config/prompts/agent.md", "base.yaml", f"{code.parent}/texts/fr.ftl"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        with Path(name).open("a") as file:
            file.write("\n")
        assert (name.partition("/")[0] if "site" not in name else "texts") in served.until("changed: restarting")
        served.listens()
    for name in ("notes.txt", "other.yaml", f"{code.parent}/__pycache__/a.py", f"{code.parent}/.a.py", "words/a.swp"):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).touch()
    time.sleep(0.8)
    before = served.restarts()
    assert [line for line in served.end() if "restarting" in line][before:] == []


def test_a_plugin_that_is_installed_meanwhile_is_watched_from_its_line_on(
    serve: Callable[..., Served], install: Install, folder: Path
) -> None:
    served = serve("--port", "0")
    served.listens()
    install("page", PAGE.replace("WORD", "one"))
    served.listens()
    (code,) = folder.glob("site/plugin_*/__init__.py")
    code.write_text(PAGE.replace("WORD", "two"))
    served.listens()
    assert served.page() == "two"
    served.end()


def test_what_is_moved_away_ends_the_bot_and_starts_it_when_it_is_back(
    serve: Callable[..., Served], code: Path
) -> None:
    served = serve("--port", "0")
    url = served.listens()
    for path, told in ((Path("lumiera.yaml"), "There is no lumiera.yaml in "), (code.parent, "No module named")):
        gone = path.rename(path.with_name("gone"))
        served.until(told)
        served.until(NOT_RUNNING)
        gone.rename(path)
        assert served.listens() == url
    assert served.page() == "one"
    served.end()


def test_another_port_in_the_file_is_taken(serve: Callable[..., Served], code: Path) -> None:
    plugins = Path("lumiera.yaml").read_text()
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as two:
        ports = one.getsockname()[1], two.getsockname()[1]
    Path("lumiera.yaml").write_text(f"{plugins}web: {{port: {ports[0]}}}\n")
    served = serve()
    assert served.listens() == f"http://127.0.0.1:{ports[0]}"
    Path("lumiera.yaml").write_text(f"{plugins}web: {{port: {ports[1]}}}\n")
    assert served.listens() == f"http://127.0.0.1:{ports[1]}"
    assert served.page() == "one"
    served.end()


def test_files_that_cannot_be_watched_are_told_with_the_way_out(folder: Path) -> None:
    (folder / "watchfiles.py").write_text("def watch(*folders, **options):\n    raise OSError('too many')\n    yield\n")
    ended = subprocess.run(
        [sys.executable, "-m", "lumiera", "serve", "--reload", "--port", "0"], capture_output=True, timeout=30
    )
    assert ended.returncode == 2
    assert ended.stderr.decode() == (
        "files cannot be watched: too many. "
        "Let it look at them instead: WATCHFILES_FORCE_POLLING=true lumiera serve --reload\n"
    )


def test_a_port_in_use_ends_it_at_once(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = start("serve", "--reload", "--port", str(taken.getsockname()[1]))
        _, err = process.communicate(timeout=10)
    assert process.returncode == 2
    assert b"is in use by another program" in err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_both(serve: Callable[..., Served], number: signal.Signals) -> None:
    served = serve("--port", "0")
    served.listens()
    before = time.monotonic()
    served.end(number)
    assert time.monotonic() - before < 4


def test_ctrl_c_in_the_terminal_reaches_both_and_ends_them_well(serve: Callable[..., Served]) -> None:
    served = serve("--port", "0")
    served.listens()
    os.killpg(served.process.pid, signal.SIGINT)
    out, _ = served.process.communicate(timeout=10)
    assert served.process.returncode == 0
    assert b"Aborted" not in out


def test_a_signal_ends_it_while_the_bot_is_not_running(serve: Callable[..., Served]) -> None:
    Path("lumiera.yaml").write_text("plugins: [\n")
    served = serve("--port", "0")
    served.until(NOT_RUNNING)
    served.process.terminate()
    served.process.communicate(timeout=10)
    assert served.process.returncode == 0


def test_sighup_is_passed_on(serve: Callable[..., Served]) -> None:
    served = serve("--port", "0")
    served.listens()
    served.process.send_signal(signal.SIGHUP)
    assert "texts and thresholds are taken in" in served.until("taken in")
    assert served.restarts() == 0
    served.end()


def test_the_bot_ends_with_the_process_that_watches(serve: Callable[..., Served]) -> None:
    served = serve("--port", "0")
    served.listens()
    served.process.kill()
    served.process.communicate(timeout=10)  # its end is that of whoever holds the pipe: the bot too
    with pytest.raises(OSError, match="refused"):
        served.page()


def test_a_missing_package_is_told_with_the_way_out(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    result = run("serve", "--reload")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "--reload needs a package: pip install 'lumiera-core[reload]'\n"
