"""Menus at Twilio: one content resource for each shape of menu, made once and filled with variables at each send.

A shape says how many buttons or rows there are and which of the rows are described. The label that opens a list is a
part of it: Twilio nowhere says that it may be a variable, and there are few of them.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from lumiera.errors import ChannelError, SendRefused
from lumiera.messages import Bubble

API = "https://content.twilio.com"
GONE = "21655"  # Twilio does not have the content
PATIENCE = 4.0  # seconds until a menu that is not ready goes out as numbered text; what was begun goes on
PAUSE = 60.0  # seconds for which a failure is remembered: not every message is to pay for it
Fields = dict[str, str]


class Contents:
    """The shapes that are known, and those that Twilio will not have for now."""

    def __init__(self, client: Callable[[], Awaitable[Any]]) -> None:
        self.language = "en"
        self._client = client
        self._sids: dict[str, asyncio.Task[str]] = {}  # by name; several sends wait for one task
        self._gone: set[str] = set()  # sids that Twilio no longer takes, though it may still list them
        self._paused: dict[str, tuple[float, str]] = {}  # until when and why, by name; "" stands for all

    @property
    def problem(self) -> str:
        """Why menus go out as numbered text at the moment; empty when they do not."""
        now = time.monotonic()
        return next((why for until, why in self._paused.values() if until > now), "")

    async def fields(self, bubble: Bubble) -> Fields | None:
        """Return what a message with this menu has in place of a body; None when it cannot be had now."""
        types, values = drawn(bubble)
        name = self._name(types)
        if any(self._paused.get(key, (0.0, ""))[0] > time.monotonic() for key in (name, "")):
            return None
        try:
            async with asyncio.timeout(PATIENCE):
                # A send that is given up must not stop what others wait for.
                sid = await asyncio.shield(self._task(name, types, values))
        except TimeoutError:
            self._pause("", "Twilio's Content API did not answer in time")
        except (ChannelError, LookupError, TypeError, ValueError):
            pass  # `_ended` has taken note of it
        else:
            return {"content_sid": sid, "content_variables": json.dumps(values, ensure_ascii=False)}
        return None

    def refused(self, bubble: Bubble, fields: Fields, error: SendRefused, *, again: bool) -> None:
        """Take note that Twilio did not take a menu: a content that is gone is made anew, `again` it is left alone."""
        name, sid = self._name(drawn(bubble)[0]), fields["content_sid"]
        if again or error.provider_code != GONE:
            self._pause(name, error.message)
        if error.provider_code == GONE:
            self._gone.add(sid)
            task = self._sids.get(name)  # another send may have begun to make it anew
            if task is not None and task.done() and task.result() == sid:
                del self._sids[name]

    async def close(self) -> None:
        for task in self._sids.values():
            task.cancel()
        await asyncio.gather(*self._sids.values(), return_exceptions=True)
        self._sids.clear()

    def _name(self, types: dict[str, Any]) -> str:
        written = json.dumps([types, self.language], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return f"lumiera_{hashlib.sha256(written.encode()).hexdigest()[:12]}"

    def _task(self, name: str, types: dict[str, Any], values: dict[str, str]) -> asyncio.Task[str]:
        task = self._sids.get(name)
        if task is None:
            task = self._sids[name] = asyncio.create_task(self._find_or_create(name, types, values))
            task.add_done_callback(partial(self._ended, name))
        return task

    def _ended(self, name: str, task: asyncio.Task[str]) -> None:
        error = None if task.cancelled() else task.exception()
        if not task.cancelled() and error is None:
            self._paused.pop("", None)
            return
        if self._sids.get(name) is task:
            del self._sids[name]
        if error is not None:
            # A refusal is about this shape; whatever else happens would happen to every other one, too.
            why = error.message if isinstance(error, ChannelError) else "its Content API answered with something else"
            self._pause(name if isinstance(error, SendRefused) else "", why)

    def _pause(self, name: str, why: str) -> None:
        self._paused[name] = (time.monotonic() + PAUSE, f"menus go out as numbered text: {why}")

    async def _find_or_create(self, name: str, types: dict[str, Any], values: dict[str, str]) -> str:
        client = await self._client()
        asked = {"ContentName": name, "PageSize": 50}
        listed = _read(await client.request_async("GET", f"{API}/v2/Content", params=asked))["contents"]
        for one in listed:  # Twilio takes the name for a pattern
            same = one["friendly_name"] == name and one["language"] == self.language
            if same and one["sid"] not in self._gone:
                return str(one["sid"])
        content = {"friendly_name": name, "language": self.language, "types": types}
        content |= {"variables": {key: key for key in values}}  # samples
        headers = {"Content-Type": "application/json"}
        return str(_read(await client.request_async("POST", f"{API}/v1/Content", data=content, headers=headers))["sid"])


def drawn(bubble: Bubble) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the types of the content that a bubble needs, with placeholders, and what fills them."""
    values = {"b": _value(bubble.text)}

    def placed(name: str, value: str) -> str:
        values[name] = _value(value)
        return "{{" + name + "}}"

    if bubble.kind == "buttons":
        buttons = [
            {"type": "QUICK_REPLY", "title": placed(f"t{n}", one.title), "id": placed(f"i{n}", one.id)}
            for n, one in enumerate(bubble.options, 1)
        ]
        return {"twilio/quick-reply": {"body": "{{b}}", "actions": buttons}}, values
    rows = [
        {"item": placed(f"t{n}", one.title), "id": placed(f"i{n}", one.id)}
        | ({"description": placed(f"d{n}", one.description)} if one.description.strip() else {})
        for n, one in enumerate(bubble.options, 1)
    ]
    return {"twilio/list-picker": {"body": "{{b}}", "button": bubble.button, "items": rows}}, values


def _value(text: str) -> str:
    """Return a text as a variable may hold it: not empty, and never more than four spaces in a row."""
    return re.sub(" {5,}", "    ", text).strip() or "-"


def _read(answer: Any) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(answer.text)
    return read
