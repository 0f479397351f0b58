"""The page's routes: what it starts from, its files and words, people, and long conversations."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from lumiera_simulator import messages
from lumiera_simulator.messages import Body
from lumiera_simulator.web import STATIC

Start = Callable[..., Awaitable[Any]]


async def test_there_is_somebody_for_each_language(site: Any) -> None:
    state = await site.get("state")
    assert [one["language"] for one in state["people"]] == ["fr", "en", "es", "pt", "de", "it", "ro", "pl", "ar"]
    assert all((one["last"], one["unread"]) == (None, 0) for one in state["people"])
    assert (state["language"], state["largest"], state["revision"]) == ("fr", 16, 0)
    assert state["languages"] == list(site.bot.config.languages)


async def test_a_bot_of_two_languages_has_two_people(start: Start) -> None:
    site = await start({"languages": ["fr", "pl"]})
    assert [one["language"] for one in (await site.get("state"))["people"]] == ["fr", "pl"]


async def test_nobody_is_added_by_a_second_start(start: Start) -> None:
    await start()
    assert len((await (await start()).get("state"))["people"]) == 9


async def test_the_last_message_and_what_is_unread_stand_with_each_person(site: Any) -> None:
    await site.says("hello", person=2)
    (answer,) = await site.gets(1, person=2)
    people = {one["id"]: one for one in (await site.get("state"))["people"]}
    assert (people[2]["last"]["id"], people[2]["unread"]) == (answer["id"], 1)
    assert (people[1]["last"], people[1]["unread"]) == (None, 0)


@pytest.mark.parametrize("phone", ["+40712345678", "0040 712 345 678", "+40 (712) 345-678"])
async def test_somebody_can_be_made(site: Any, phone: str) -> None:
    async with site.listen() as stream:
        made = await site.post("people", {"phone": phone, "name": "Ion <b>Ion</b>", "language": "ro"})
        assert (made.status, made.data["phone"], made.data["name"]) == (201, "+40712345678", "Ion <b>Ion</b>")
        assert (await stream.until("person", phone="+40712345678")).data == made.data
    await site.says("zzz", person=made.data["id"])
    (answer,) = await site.gets(1, person=made.data["id"])
    assert answer["text"] == site.bot.texts.format("undecided", "ro")


async def test_two_people_cannot_have_one_phone(site: Any) -> None:
    answer = await site.post("people", {"phone": "+33 6 39 98 01 01", "name": "Zoé", "language": "fr"})
    assert (answer.status, answer.data["error"]) == (409, "Somebody has the phone number +33639980101 already.")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"phone": "0639980101"}, "phone: expected a phone number with its country code"),
        ({"phone": "+33"}, "phone: expected"),
        ({"phone": "+33639980101'--"}, "phone: expected"),
        ({"name": " \u202e "}, "name: expected a name"),
        ({"name": "\u200b\u200d\u2060"}, "name: expected a name"),
        ({"name": "a" * 101}, "name: expected a name"),
        ({"language": "xx"}, "language: expected one of fr, en"),
        ({"admin": True}, "admin: Extra inputs"),
    ],
    ids=str,
)
async def test_somebody_who_cannot_be_is_refused_in_words(site: Any, change: dict[str, object], said: str) -> None:
    answer = await site.post("people", {"phone": "+33639980177", "name": "Zoé", "language": "fr", **change})
    assert answer.status == 422
    assert answer.data["error"].startswith(said)
    assert len((await site.get("state"))["people"]) == 9


@pytest.mark.parametrize("name", ["<img src=x onerror=alert(1)>", "أبو الخير 👷🏽‍♂️", 'O\'Neil "Bob" & Söhne'])
async def test_a_name_stays_what_it_is(site: Any, name: str) -> None:
    made = await site.post("people", {"phone": "+33639980177", "name": name, "language": "fr"})
    assert made.data["name"] == name
    await site.says("bonjour", person=made.data["id"])
    assert name in (await site.gets(1, person=made.data["id"]))[0]["text"]


async def test_what_turns_lines_round_is_taken_out_of_a_name(site: Any) -> None:
    made = await site.post("people", {"phone": "+33639980177", "name": "a\u202eb\nc\0", "language": "fr"})
    assert made.data["name"] == "abc"


async def test_a_long_conversation_is_read_in_pages_from_its_end(site: Any) -> None:
    def write(tx: Any) -> None:
        for n in range(500):
            messages.put(tx, 1, "out", f"S{n}", Body(text=str(n)), site.bot.now())

    await site.bot.store.run(write)
    newest = await site.get("people/1/messages")
    assert [one["text"] for one in newest["messages"]] == [str(n) for n in range(400, 500)]
    assert newest["more"]
    first = newest["messages"][0]["id"]
    earlier = await site.get(f"people/1/messages?before={first}&limit=400")
    assert [one["text"] for one in earlier["messages"]] == [str(n) for n in range(400)]
    assert not earlier["more"]
    assert (await site.get("state"))["people"][0]["unread"] == 500


@pytest.mark.parametrize("query", ["before=x", "limit=-1", "limit=²", "before=" + "9" * 30])
async def test_a_page_that_is_no_number_is_refused(site: Any, query: str) -> None:
    answer = await site.ask("GET", f"/simulator/people/1/messages?{query.replace('²', '%C2%B2')}")
    assert answer.status == 400


async def test_the_page_and_its_files_are_served_and_not_sent_twice(site: Any) -> None:
    page = await site.ask("GET", "/")
    assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert page.headers["cache-control"] == "no-cache"
    again = await site.ask("GET", "/", headers={"If-None-Match": page.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    assert again.headers["content-security-policy"] == page.headers["content-security-policy"]
    for file in STATIC.iterdir():
        answer = await site.ask("GET", f"/simulator/static/{file.name}")
        assert (answer.status, answer.body) == (200, file.read_bytes())
        if file.suffix == ".js":
            assert answer.headers["content-type"] == "text/javascript; charset=utf-8"


@pytest.mark.parametrize("name", ["..", "%2e%2e%2fplugin.py", "..%2f..%2fplugin.py", "nothing.js", "%00"])
async def test_nothing_but_the_files_of_the_page_is_served(site: Any, name: str) -> None:
    assert (await site.ask("GET", f"/simulator/static/{name}")).status == 404


def test_the_page_has_no_inline_script_or_style_and_loads_nothing_from_elsewhere() -> None:
    page = (STATIC / "index.html").read_text(encoding="utf-8")
    assert " style=" not in page
    assert "<style" not in page
    assert all("src=" in part.partition(">")[0] for part in page.split("<script")[1:])
    texts = {file.name: file.read_text(encoding="utf-8") for file in STATIC.iterdir()}
    fetched = r"""(?:\bsrc=|\bhref=|\bfrom |\bimport |\bimport\(|url\()["']([^"']+)"""
    for name, text in texts.items():
        for source in re.findall(fetched, text):
            assert source.startswith(("/", "./", "#", "data:")), name
        assert "innerHTML" not in text, name


async def test_the_words_of_the_page_have_their_variables_in_braces(start: Start, tmp_path: Path) -> None:
    texts = 'sim-a = { $name } is { "{" }here{ "}" }\nsim-b =\n    two\n    lines\nother = nothing of the page\n'
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "fr.ftl").write_text(texts, encoding="utf-8")
    site = await start()
    found = await site.get("labels/fr")
    assert (found["language"], found["dir"]) == ("fr", "ltr")
    assert found["labels"]["sim-a"] == "{name} is {here}"
    assert found["labels"]["sim-b"] == "two\nlines"
    assert "other" not in found["labels"]
    assert all(key.startswith("sim-") for key in found["labels"])


@pytest.mark.parametrize("language", ["xx", "..", "%2e%2e%2fen", "core"])
async def test_a_language_that_the_page_does_not_speak_is_refused(site: Any, language: str) -> None:
    assert (await site.ask("GET", f"/simulator/labels/{language}")).status == 404
