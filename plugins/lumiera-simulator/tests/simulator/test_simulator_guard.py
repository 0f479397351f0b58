"""Who may use the page, from where, and what each answer tells a browser."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from lumiera_simulator import SimulatorSettings
from lumiera_simulator.guard import Guard
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lumiera import ConfigError, LumieraError
from lumiera.config import Web

Start = Callable[..., Awaitable[Any]]
PASSWORD = "twelve letters"
SAY = b'{"text": "bonjour"}'
JSON = {"Content-Type": "application/json"}


async def answer_to(guard: Guard, client: str | None, host: str = "127.0.0.1:8000", **headers: str) -> Response:
    """Return the answer to a request that came from an address."""

    async def endpoint(request: Request) -> Response:
        return Response("the page")

    (route,) = guard.wrap([Route("/", endpoint)])
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in {"host": host, **headers}.items()]
    scope = {"type": "http", "method": "GET", "path": "/", "headers": named, "client": client and (client, 50000)}
    response: Response = await route.endpoint(Request(scope))
    return response


@pytest.mark.parametrize("client", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1:1", "[::1]:8000"])
async def test_this_machine_under_its_own_names_is_let_in(client: str, host: str) -> None:
    assert (await answer_to(Guard(SimulatorSettings()), client, host)).status_code == 200


@pytest.mark.parametrize("client", ["192.168.1.7", "203.0.113.5", "2001:db8::1", None, "localhost", "testclient"])
async def test_another_machine_is_not(client: str | None) -> None:
    answer = await answer_to(Guard(SimulatorSettings()), client)
    assert answer.status_code == 403
    assert b"in_production" in bytes(answer.body)


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "localhost.evil.example", "", "[", "0.0.0.0"],
)
async def test_this_machine_under_another_name_is_not(host: str) -> None:
    assert (await answer_to(Guard(SimulatorSettings()), "127.0.0.1", host)).status_code == 403


async def test_every_route_is_guarded(site: Any) -> None:
    for route in site.bot.routes:
        if route.path == "/" or route.path.startswith("/simulator"):
            path = route.path.replace("{id:int}", "1").replace("{id}", "1").replace("{file}", "dom.js")
            method = "POST" if "POST" in route.methods else "GET"
            path = path.replace("{language}", "en").replace("{id:path}", "1")
            answer = await site.ask(method, path, headers={"Host": "evil.example"})
            assert answer.status == 403, path


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 202),
        ({"Sec-Fetch-Site": "same-origin"}, 202),
        ({"Sec-Fetch-Site": "none"}, 202),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://{host}"}, 403),
        ({"Origin": "http://{host}"}, 202),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Origin": "null"}, 403),
    ],
    ids=str,
)
async def test_only_the_page_itself_may_change_anything(site: Any, headers: dict[str, str], status: int) -> None:
    given = {name: value.format(host=site.host) for name, value in headers.items()}
    answer = await site.ask("POST", "/simulator/people/1/messages", SAY, {**JSON, **given})
    assert answer.status == status


async def test_every_answer_tells_the_browser_to_run_nothing_foreign(site: Any) -> None:
    for path in ("/", "/simulator/state", "/simulator/people/99/messages", "/simulator/static/dom.js"):
        headers = (await site.ask("GET", path)).headers
        assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self';")
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["permissions-policy"] == "microphone=(self), geolocation=(self)"
    assert "no-store" in (await site.ask("GET", "/simulator/state")).headers["cache-control"]


@pytest.mark.parametrize(
    "web",
    [{"public_url": "https://bot.example"}, {"host": "0.0.0.0"}, {"host": "192.168.1.7"}, {"host": "bot.example"}],
)
async def test_the_bot_does_not_start_where_others_would_reach_the_page(start: Start, web: dict[str, str]) -> None:
    with pytest.raises(LumieraError, match=r"plugins: \{simulator: false\}"):
        await start({"web": web})


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.0.0.2", "::1"])
def test_it_starts_where_only_this_machine_reaches_it(host: str) -> None:
    Guard(SimulatorSettings()).check_address(Web(host=host))


@pytest.mark.parametrize(
    "settings", [{"in_production": True}, {"in_production": True, "password": "hunter2hunt"}, {"password": ""}]
)
def test_in_production_a_password_of_twelve_letters_is_wanted(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        SimulatorSettings(**settings)
    assert "hunter2" not in str(refused.value)
    assert "items" not in str(refused.value)


async def test_an_empty_variable_is_no_password(start: Start) -> None:
    with pytest.raises(ConfigError):
        await start({"plugins": {"simulator": {"in_production": True, "password": "${NOT_SET:-}"}}})


async def test_in_production_the_password_is_asked_on_every_route(start: Start, tmp_path: Path) -> None:
    plugins = {
        "sql": {"url": f"sqlite:///{tmp_path / 'lumiera.db'}"},
        "simulator": {"in_production": True, "password": PASSWORD},
        "essentials": {},
    }
    site = await start({"plugins": plugins, "web": {"public_url": "https://bot.example"}})
    for path in ("/", "/simulator/state", "/simulator/static/dom.js", "/simulator/events"):
        answer = await site.ask("GET", path)
        assert answer.status == 401
        assert answer.headers["www-authenticate"].startswith("Basic realm=")
    assert (await site.ask("POST", "/simulator/people/1/messages", SAY, JSON)).status == 401
    given = {"Host": "bot.example", "Authorization": "Basic " + b64encode(f"x:{PASSWORD}".encode()).decode()}
    assert (await site.ask("GET", "/simulator/state", headers=given)).status == 200
    crossed = {**given, **JSON, "Origin": "https://evil.example"}
    assert (await site.ask("POST", "/simulator/people/1/messages", SAY, crossed)).status == 403
    given |= {**JSON, "Origin": "https://bot.example"}
    assert (await site.ask("POST", "/simulator/people/1/messages", SAY, given)).status == 202


@pytest.mark.parametrize(
    "given",
    [
        "",
        "Basic",
        "Basic !!!",
        f"Bearer {b64encode(PASSWORD.encode()).decode()}",
        f"Basic {b64encode(PASSWORD.encode()).decode()}",
        f"Basic {b64encode(b':twelve lette').decode()}",
        f"Basic {b64encode(b'x:').decode()}",
        "Basic é",
    ],
)
async def test_nothing_but_the_password_opens(given: str) -> None:
    guard = Guard(SimulatorSettings.model_validate({"in_production": True, "password": PASSWORD}))
    assert (await answer_to(guard, "203.0.113.5", "bot.example", authorization=given)).status_code == 401


async def test_a_password_of_any_letters_opens() -> None:
    password = "Größe: 12 ½ 密码"
    guard = Guard(SimulatorSettings.model_validate({"in_production": True, "password": password}))
    given = "Basic " + b64encode(f"site:{password}".encode()).decode()
    assert (await answer_to(guard, "203.0.113.5", "bot.example", authorization=given)).status_code == 200


async def test_a_password_is_asked_of_this_machine_too_and_opens_to_no_other() -> None:
    guard = Guard(SimulatorSettings.model_validate({"password": PASSWORD}))
    given = "Basic " + b64encode(f"x:{PASSWORD}".encode()).decode()
    assert (await answer_to(guard, "127.0.0.1")).status_code == 401
    assert (await answer_to(guard, "127.0.0.1", authorization=given)).status_code == 200
    assert (await answer_to(guard, "203.0.113.5", authorization=given)).status_code == 403
