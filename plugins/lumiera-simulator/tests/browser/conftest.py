"""A bot served to a real Chromium: whatever the page does wrong under a test fails that test.

Chromium takes three seconds to start, so one serves all the files, whose tests then share a loop: each file begins with
`pytestmark = pytest.mark.asyncio(loop_scope="session")`.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import uvicorn
import yaml
from playwright.async_api import Browser, ConsoleMessage, Page, Request, Response, async_playwright

from lumiera.app import Lumiera
from lumiera.config import PIPELINE
from lumiera.web import create_app

WIDE, TABLET, PHONE = (1440, 900), (820, 1180), (390, 844)
NAMES = ("chromium", "chromium-browser", "google-chrome")
SWITCHES = [
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream", *(["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
]  # fmt: skip


class Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave Ctrl-C to pytest."""
        yield


class Site:
    """A bot with the page, on a port of its own that it keeps over a restart."""

    def __init__(self, folder: Path, config: Mapping[str, Any], plugins: Mapping[str, object]) -> None:
        self.path = folder / "lumiera.yaml"
        self.path.write_text(yaml.safe_dump(_settings(folder, config), allow_unicode=True), encoding="utf-8")
        self.plugins = plugins
        self.port = 0
        self.bot: Lumiera

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    async def start(self) -> None:
        self.bot = Lumiera.load(self.path, extra=self.plugins)
        await self.bot.__aenter__()
        listener = socket.create_server(("127.0.0.1", self.port))
        self.port = listener.getsockname()[1]
        self._app = create_app(self.bot)
        self._server = Server(uvicorn.Config(self._app, lifespan="off", log_config=None, timeout_graceful_shutdown=2))
        self._serving = asyncio.create_task(self._server.serve(sockets=[listener]))
        while not self._server.started and not self._serving.done():  # noqa: ASYNC110 - uvicorn tells it no other way
            await asyncio.sleep(0.01)

    async def stop(self) -> None:
        self._app.state.stopping = self._server.should_exit = True
        await self._serving
        await self.bot.__aexit__()

    async def restart(self) -> None:
        await self.stop()
        await self.start()


def _settings(folder: Path, config: Mapping[str, Any]) -> dict[str, Any]:
    pipeline = [{"limits": {"per_minute": 0}} if "limits" in item else item for item in PIPELINE]
    store = {"url": f"sqlite:///{folder / 'lumiera.db'}", "synchronous": "normal"}
    return {
        "plugins": {"sql": store, "simulator": None, "media": None, "essentials": None},
        "pipeline": [dict(item) if isinstance(item, Mapping) else item for item in pipeline],
        "burst": {"text": 0, "media": 0, "max": 0},
        "retries": {"tries": 3, "first": "10ms", "longest": "50ms"},
        "media": {"path": str(folder / "media")},
        "texts": {"overrides": str(folder / "texts")},
        **config,
    }


def _chromium() -> str | None:
    return os.environ.get("CHROMIUM") or next((path for name in NAMES if (path := shutil.which(name))), None)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Start Chromium; without one the test is skipped, unless LUMIERA_BROWSER=required."""
    path = _chromium()
    if path is None:
        missing = "no Chromium: install it, or name one with CHROMIUM=/path/to/chromium"
        if os.environ.get("LUMIERA_BROWSER") == "required":
            pytest.fail(missing)
        pytest.skip(missing)
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=path, args=SWITCHES)
        yield chromium
        await chromium.close()


@pytest_asyncio.fixture(loop_scope="session")
async def start_site(tmp_path: Path, browser: Browser) -> AsyncIterator[Callable[..., Awaitable[Site]]]:
    """Serve a bot with keys of the configuration and plugins: `await start_site({"burst": {...}}, site=Plugin())`."""
    async with AsyncExitStack() as stack:

        async def begin(config: Mapping[str, Any] | None = None, **plugins: object) -> Site:
            site = Site(tmp_path, config or {}, plugins)
            await site.start()
            stack.push_async_callback(site.stop)
            return site

        yield begin


@pytest_asyncio.fixture(loop_scope="session")
async def site(start_site: Callable[..., Awaitable[Site]]) -> Site:
    """Serve a bot as it comes: it greets, helps, changes the language, calls a human."""
    return await start_site()


class Complaints:
    """What a browser holds against a page: errors in its console, exceptions, breaches of the CSP, failed requests."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.expected: list[str] = []

    def listen(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.heard.append(f"exception: {error}"))
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.heard.append(f"console: {message.text}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.heard.append(f"{response.status}: {response.url}")

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # the page was left, or closed its stream
            self.heard.append(f"failed: {request.url} {request.failure}")

    @property
    def unexpected(self) -> Sequence[str]:
        return [one for one in self.heard if not any(part in one for part in self.expected)]


@pytest.fixture
def complaints() -> Complaints:
    """What the pages of this test did wrong; put parts of sentences that must come into `expected`."""
    return Complaints()


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(browser: Browser, complaints: Complaints) -> AsyncIterator[Callable[..., Awaitable[Page]]]:
    """Open the page of a site, as it is after its start; the test fails at its end if it did anything wrong."""

    async def begin(
        site: Site,
        *,
        size: tuple[int, int] = WIDE,
        dark: bool = False,
        language: str = "en",
        path: str = "",
        **options: Any,
    ) -> Page:
        width, height = size
        context = await browser.new_context(
            viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light",
            locale=language, has_touch=width < 700, **options,
        )  # fmt: skip
        context.set_default_timeout(10_000)
        page = await context.new_page()
        complaints.listen(page)
        await page.goto(site.url + path)
        await page.locator("body[data-ready]").wait_for(state="attached")
        return page

    yield begin
    for context in browser.contexts:
        await context.close()
    assert not complaints.unexpected
