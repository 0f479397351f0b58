"""Who may use the page: somebody at this machine, or whoever has the password; and what each answer carries.

The page speaks as anybody, so it must not answer what other pages make a browser ask: neither under another name of
this machine (DNS rebinding), nor a request that another page has made.
"""

from __future__ import annotations

import ipaddress
import secrets
from base64 import b64decode
from collections.abc import Awaitable, Callable, Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lumiera.config import Web
from lumiera.errors import LumieraError, MediaError, StoreError, TransientError
from lumiera_simulator.settings import SimulatorSettings
from lumiera_simulator.wire import Refused

Endpoint = Callable[[Request], Awaitable[Response]]
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; "
    "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "microphone=(self), geolocation=(self)",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
_ASKS = {"WWW-Authenticate": 'Basic realm="Lumiera simulator", charset="UTF-8"'}
_ELSEWHERE = (
    "This page is only for the machine that the bot runs on. Open it there, as http://127.0.0.1:8000/, or through a "
    "tunnel: ssh -L 8000:127.0.0.1:8000 HOST. To open it to others set 'in_production: true' and a password under "
    "'simulator:' in lumiera.yaml."
)
_EXPOSED = (
    "its page speaks as anybody, and {} opens it to others. Leave the plugin out (plugins: {{simulator: false}}), or "
    "give the page a password (simulator: {{in_production: true, password: ${{SIMULATOR_PASSWORD}}}})"
)


class Exposed(LumieraError):
    """The page would be open to the world."""


class Guard:
    """Stands before every route of the plugin."""

    def __init__(self, settings: SimulatorSettings) -> None:
        self._is_open = settings.in_production
        self._password = settings.password.get_secret_value().encode() if settings.password else None

    def check_address(self, web: Web) -> None:
        """Raise `Exposed` where others would reach the page without a password."""
        if not self._is_open:
            if web.public_url:
                raise Exposed(_EXPOSED.format("'web.public_url'"))
            if not (web.host == "localhost" or _is_here(web.host)):
                raise Exposed(_EXPOSED.format("'web.host'"))

    def wrap(self, routes: Iterable[Route]) -> list[Route]:
        return [Route(one.path, self._guarded(one.endpoint), methods=list(one.methods or ())) for one in routes]

    def _guarded(self, endpoint: Endpoint) -> Endpoint:
        async def guarded(request: Request) -> Response:
            try:
                self._check(request)
                response = await endpoint(request)
            except Refused as refused:
                response = _sorry(refused)
            except (ClientDisconnect, LumieraError) as error:
                response = _sorry(_refusal(error))
            for name, value in _HEADERS.items():
                response.headers.setdefault(name, value)
            return response

        return guarded

    def _check(self, request: Request) -> None:
        here = request.client and _is_here(request.client.host) and _names_here(request.headers)
        if not (here or self._is_open):
            raise Refused(403, _ELSEWHERE)
        if self._password is not None and not secrets.compare_digest(_password_in(request.headers), self._password):
            raise Refused(401, "This page wants its password.", _ASKS)
        if request.method not in ("GET", "HEAD") and not _is_ours(request.headers):
            raise Refused(403, "Only the page itself may ask for that.", {"Connection": "close"})


def _is_here(address: str) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    return (getattr(found, "ipv4_mapped", None) or found).is_loopback


def _names_here(headers: Headers) -> bool:
    """Say whether the browser meant this machine: any name may lead to it, but these names lead to no other."""
    try:
        return urlsplit(f"//{headers.get('host', '')}").hostname in ("localhost", "127.0.0.1", "::1")
    except ValueError:
        return False


def _is_ours(headers: Headers) -> bool:
    """Say whether the page itself asks. A browser always tells by one of the two headers; curl tells nothing."""
    if site := headers.get("sec-fetch-site"):
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is None or origin.partition("://")[2] == headers.get("host")


def _password_in(headers: Headers) -> bytes:
    """Return the password of HTTP Basic; whatever is none is an empty one, which none may be."""
    scheme, _, given = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return b""
    try:
        return b64decode(given, validate=True).partition(b":")[2]
    except ValueError:
        return b""


def _refusal(error: Exception) -> Refused:
    if isinstance(error, MediaError):
        return Refused(404, "There is no such file.")
    if isinstance(error, StoreError | TransientError):
        return Refused(503, "The bot cannot store that now. Try again; its log says more.")
    if isinstance(error, ClientDisconnect):
        return Refused(400, "It broke off.")
    raise error


def _sorry(refused: Refused) -> Response:
    return JSONResponse({"error": refused.message}, status_code=refused.status, headers=dict(refused.headers))
