"""The way in of files: fetched from our own account at Twilio, from nowhere else, whatever a webhook names.

The address is built anew from the ids in it. Our password goes to Twilio's API alone, which redirects to a storage;
the storage must be on a list, is called by https on its own port, and must not lie in a private network. For tests
against a fake Twilio of this machine `media_hosts` may name one origin; see `TwilioSettings`.

Imported when the channel opens, as it needs aiohttp.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import re
import socket
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from lumiera.errors import MediaError, TransientError
from lumiera.messages import Media
from lumiera_twilio.settings import TwilioSettings

HOSTS = (".twiliocdn.com", "s3-external-1.amazonaws.com")  # of Twilio's storage
PATIENCE = 30.0  # seconds for one file
CHUNK = 64 * 1024
_REDIRECTS = {301, 302, 303, 307, 308}
_AGAIN = {404, 408, 425, 429}  # a file may be there a moment later than its message
# Nothing that two readers of addresses could read in two ways: no user, no port, no capitals, no escapes before the /.
_PLAIN = re.compile(r"https://([a-z0-9.-]+)/[!-\"$-\[\]-~]*")
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")  # the last four bytes are an address of the old kind
log = logging.getLogger("lumiera.twilio")


class Files:
    """Fetches files that users sent; `largest` is in bytes."""

    def __init__(self, settings: TwilioSettings, largest: int) -> None:
        self._base = settings.api_base_url
        self._largest = largest
        self._timeout = aiohttp.ClientTimeout(total=PATIENCE, connect=settings.timeout.total_seconds())
        self._origins = tuple(f"http://{host}/" for host in settings.media_hosts if ":" in host)
        self._hosts = (*HOSTS, *(host for host in settings.media_hosts if ":" not in host))
        self._authorization = "Basic " + b64encode(":".join(settings.credentials).encode()).decode()
        account, sid = re.escape(settings.account_sid), "[0-9a-f]{32}"
        path = rf"/2010-04-01/Accounts/{account}/Messages/(?:SM|MM){sid}/Media/ME{sid}"
        self._address = re.compile(rf"(?:https://api\.twilio\.com|{re.escape(self._base)})({path})")

    async def fetch(self, media: Media) -> AsyncIterator[bytes]:
        """Yield the bytes, at most `largest` whatever the answer says of its length."""
        found = self._address.fullmatch(media.url)
        if found is None:
            raise _refused("its address is not that of a file of our account at Twilio")
        try:
            async with self._opened(found[1]) as answer:
                length = answer.content_length or 0
                async for chunk in answer.content.iter_chunked(CHUNK):
                    length = max(length, answer.content.total_bytes)
                    if length > self._largest:
                        raise _refused(f"it is over {self._largest} bytes")
                    yield chunk
        except (aiohttp.ClientError, TimeoutError) as error:
            raise TransientError(f"a file could not be fetched from Twilio: {type(error).__name__}") from error

    @asynccontextmanager
    async def _opened(self, path: str) -> AsyncIterator[aiohttp.ClientResponse]:
        """Follow Twilio's redirect, the only one, without our password."""
        async with self._session(None) as ours:
            headers = {"Authorization": self._authorization}
            async with ours.get(URL(self._base + path, encoded=True), headers=headers, allow_redirects=False) as first:
                if first.status not in _REDIRECTS:
                    yield _good(first)
                    return
                target = self._target(first.headers.get("Location", ""))
        async with self._session(PublicResolver()) as theirs, theirs.get(target, allow_redirects=False) as second:
            yield _good(second)

    def _session(self, resolver: AbstractResolver | None) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(resolver=resolver, use_dns_cache=False),
            timeout=self._timeout,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"Accept-Encoding": "identity"},
            auto_decompress=False,  # a small answer must not become a large one
        )

    def _target(self, location: str) -> URL:
        """Return where the storage may be asked."""
        if location.startswith(self._origins):
            return URL(location, encoded=True)
        found = _PLAIN.fullmatch(location)
        host = found[1] if found else ""
        if not any(host == one or (one.startswith(".") and host.endswith(one)) for one in self._hosts):
            raise _refused(f"Twilio redirects to {host or 'an address that is not plain'}, see media_hosts")
        return URL(location, encoded=True)


class PublicResolver(AbstractResolver):
    """Looks a name up once; the connection goes to what was found and checked, so a second answer changes nothing."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM)
        addresses = [str(address[0]) for *_, address in found]
        if not all(map(is_public, addresses)):
            raise _refused(f"{host} lies in a private network")
        return [
            ResolveResult(
                hostname=host, host=address, port=port, family=kind, proto=0, flags=socket.AI_NUMERICHOST
            )
            for (kind, *_), address in zip(found, addresses, strict=True)
        ]  # fmt: skip

    async def close(self) -> None:
        """Nothing is held."""


def is_public(address: str) -> bool:
    """Say whether an address is one of the open internet, also where one of the old kind stands in one of the new."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _TRANSLATED else None
        ip = ip.ipv4_mapped or ip.sixtofour or inner or ip
    return ip.is_global and not ip.is_multicast


def _good(answer: aiohttp.ClientResponse) -> aiohttp.ClientResponse:
    if answer.status in _AGAIN or answer.status >= 500:
        raise TransientError(f"Twilio does not have a file yet ({answer.status})")
    if answer.status != 200 or answer.headers.get("Content-Encoding", "identity") != "identity":
        raise _refused(f"the answer was {answer.status} {answer.headers.get('Content-Encoding', '')}".rstrip())
    return answer


def _refused(reason: str) -> MediaError:
    # Loud: a storage of Twilio's that is not on the list would keep back every file. Never the address: it is signed.
    log.error("a user's file was not fetched: %s", reason)
    return MediaError(f"not fetched from Twilio: {reason}")
