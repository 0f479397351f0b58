"""Twilio's signature of a webhook: HMAC-SHA1 over the address that it called and the form that it sent.

Our own, not the SDK's `RequestValidator`: that one raises on half of what an attacker may send and compares in a
Python loop. A test holds the two together.
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit


class Signatures:
    """Checks signatures against the address that Twilio is configured with, never the one a request names."""

    def __init__(self, public_url: str, tokens: Sequence[str]) -> None:
        self._tokens = [token.encode() for token in tokens]
        self._bases = [base.encode() for base in _spellings(public_url)]

    def match(self, target: bytes, form: Iterable[tuple[str, str]], signature: str) -> bool:
        """Say whether one of the tokens made the signature.

        `target` is path and query as they came; `form` is sorted, each pair once.
        """
        tail = target + "".join(name + value for name, value in form).encode()
        given = signature.encode()
        return any(
            hmac.compare_digest(b64encode(hmac.digest(token, base + tail, "sha1")), given)
            for token in self._tokens
            for base in self._bases
        )


def _spellings(public_url: str) -> list[str]:
    """Return the address with its port and without: Twilio signs the one or the other."""
    parts = urlsplit(public_url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    others = [parts._replace(netloc=netloc).geturl() for netloc in (host, f"{host}:{port}")]
    return list(dict.fromkeys([public_url, *others]))
