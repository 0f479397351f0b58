"""The Content API of the fake Twilio: resources with placeholders, and what a user sees of a message made of one."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from lumiera_twilio.testing import wire
from lumiera_twilio.testing.faults import Faults
from lumiera_twilio.testing.values import Menu, Tappable

_PLACE = re.compile(r"\{\{(\w+)\}\}")
_NAME = re.compile(r"[a-zA-Z0-9]{1,16}")
_LIMITS = {"body": 1024, "button": 20, "title": 20, "item": 24, "description": 72, "id": 128}


@dataclass(frozen=True)
class _Said:
    """One text on a menu with the name of its field, which has a limit."""

    field: str
    text: str


class ContentApi:
    """The content resources of one account."""

    def __init__(self, account: str, faults: Faults) -> None:
        self.resources: dict[str, dict[str, Any]] = {}
        self._account = account
        self._faults = faults

    def add_to(self, app: web.Application) -> None:
        app.router.add_post("/v1/Content", self._create)
        app.router.add_get("/v2/Content", self._list)

    async def _create(self, request: web.Request) -> web.StreamResponse:
        return await self._faults.through(request, "content", self._created)

    async def _list(self, request: web.Request) -> web.StreamResponse:
        return await self._faults.through(request, "contents", self._listed)

    async def _created(self, request: web.Request) -> web.StreamResponse:
        given = await request.json()
        variables, types = given.get("variables") or {}, given.get("types")
        used = set(_PLACE.findall(json.dumps(types)))
        if not isinstance(types, dict) or not given.get("language") or not all(map(_NAME.fullmatch, used)):
            return wire.error(400, 20001, told="Invalid content")
        sid, at = wire.new_sid("HX"), datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        url = f"https://content.twilio.com/v1/Content/{sid}"
        self.resources[sid] = {
            "sid": sid, "account_sid": self._account, "friendly_name": given.get("friendly_name", ""),
            "language": given["language"], "variables": variables, "types": types, "date_created": at,
            "date_updated": at, "url": url,
            "links": {
                "approval_create": f"{url}/ApprovalRequests/whatsapp", "approval_fetch": f"{url}/ApprovalRequests",
            },
        }  # fmt: skip
        return web.json_response(self.resources[sid], status=201, headers=wire.request_id())

    async def _listed(self, request: web.Request) -> web.StreamResponse:
        pattern, size = re.compile(request.query.get("ContentName", "")), int(request.query.get("PageSize", "50"))
        found = [one for one in self.resources.values() if pattern.search(one["friendly_name"])][:size]
        here = f"https://content.twilio.com/v2/Content?PageSize={size}&Page=0"
        meta = {
            "page": 0, "page_size": size, "first_page_url": here, "previous_page_url": None, "url": here,
            "next_page_url": None, "key": "contents",
        }  # fmt: skip
        return web.json_response({"contents": found, "meta": meta}, headers=wire.request_id())

    def mistake(self, sid: str, variables: str) -> int | None:
        """Return the code with which a message made of a content is refused."""
        content = self.resources.get(sid)
        if content is None:
            return 21655
        try:
            values = json.loads(variables or "{}")
        except ValueError:
            return 21656
        filled = {**content["variables"], **values} if isinstance(values, dict) else {}
        used = set(_PLACE.findall(json.dumps(content["types"])))
        if not used <= set(filled) or not all(isinstance(value, str) and value.strip() for value in filled.values()):
            return 21656
        return None if _is_drawable(self.menu(sid, variables)) else 63013

    def menu(self, sid: str, variables: str) -> Menu:
        """Return what a user sees of a message made of a content."""
        content = self.resources[sid]
        values = {**content["variables"], **json.loads(variables or "{}")}
        (kind, shape), *_ = json.loads(json.dumps(content["types"])).items()
        read = _filled(shape, values)
        if kind == "twilio/quick-reply":
            options = [Tappable(id=one["id"], title=one["title"]) for one in read["actions"]]
            return Menu(kind="buttons", body=read["body"], options=tuple(options))
        options = [Tappable(id=o["id"], title=o["item"], description=o.get("description", "")) for o in read["items"]]
        return Menu(kind="list", body=read["body"], button=read["button"], options=tuple(options))


def _filled(shape: Any, values: dict[str, str]) -> Any:
    if isinstance(shape, dict):
        return {name: _filled(value, values) for name, value in shape.items()}
    if isinstance(shape, list):
        return [_filled(value, values) for value in shape]
    return _PLACE.sub(lambda found: values[found[1]], shape)


def _is_drawable(menu: Menu) -> bool:
    """Say whether WhatsApp would draw it."""
    title = "title" if menu.kind == "buttons" else "item"
    said = [_Said("body", menu.body), _Said("button", menu.button)]
    for one in menu.options:
        said += [_Said("id", one.id), _Said(title, one.title), _Said("description", one.description)]
    short = all(len(one.text.encode("utf-16-le")) // 2 <= _LIMITS[one.field] for one in said)
    titles = [one.title for one in menu.options]
    distinct = len(set(titles)) == len(titles) == len({one.id for one in menu.options})
    return short and distinct and 1 <= len(titles) <= (3 if menu.kind == "buttons" else 10)
