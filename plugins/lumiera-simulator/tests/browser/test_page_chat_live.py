"""The page over time: a restart under it, two browsers on it, five hundred messages, news from elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from lumiera_simulator import messages
from lumiera_simulator.messages import Body
from playwright.async_api import Locator, Page, Route, expect
from sqlalchemy import Connection

from lumiera import Reply, Turn, hookimpl

pytestmark = pytest.mark.asyncio(loop_scope="session")
Open = Callable[..., Awaitable[Page]]
Start = Callable[..., Awaitable[Any]]
ENGLISH = "#/person/2"
# What the browser itself writes into its console while nobody listens; no page can keep it from that.
AWAY = ["ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED_ENCODING", "ERR_EMPTY_RESPONSE", "ERR_CONNECTION_RESET"]


async def say(page: Page, text: str) -> None:
    box = page.get_by_role("textbox", name="Message")
    await box.fill(text)
    await box.press("Enter")


def rows(page: Page) -> Locator:
    return page.locator(".row[id]")


async def ids(page: Page) -> list[int]:
    found: list[int] = await rows(page).evaluate_all(
        "(all) => all.map((one) => Number(one.id.replace('message-', '')))"
    )
    return found


async def write(site: Any, count: int, person: int = 2, start: int = 0) -> None:
    """Put messages on a phone as another process would, from both sides by turns."""
    now = site.bot.now()

    def op(tx: Connection) -> None:
        for at in range(start, start + count):
            way, body = ("out", "in")[at % 2], Body(text=f"message {at}")
            messages.put(tx, person, way, f"S{person}-{at}", body, now + timedelta(milliseconds=at))  # type: ignore[arg-type]
        messages.move(tx, [f"S{person}-{at}" for at in range(start, start + count) if at % 2], "delivered")

    await site.bot.store.run(op)


async def from_bottom(page: Page) -> float:
    found: float = await page.locator(".log").evaluate("(one) => one.scrollHeight - one.scrollTop - one.clientHeight")
    return found


async def test_the_page_outlives_a_restart_and_catches_up(site: Any, open_page: Open, complaints: Any) -> None:
    complaints.expected += AWAY
    page = await open_page(site, path=ENGLISH)
    await say(page, "hello")
    await expect(rows(page)).to_have_count(2)
    await site.stop()
    await expect(page.locator("#offline")).to_have_text("The bot is not reachable. Trying again…")
    await expect(page.locator(".away")).to_be_visible()
    box = page.get_by_role("textbox", name="Message")
    await box.fill("help")
    await expect(page.get_by_role("button", name="Send", exact=True)).to_be_disabled()
    await box.press("Enter")
    await expect(box).to_have_value("help")
    await site.start()
    await write(site, 3)
    await expect(page.locator("#offline")).to_be_hidden()
    await expect(rows(page)).to_have_count(5)
    await box.press("Enter")
    await expect(rows(page)).to_have_count(7)
    found = await ids(page)
    assert found == sorted(set(found))


async def test_what_was_sent_into_a_dying_connection_is_given_back(site: Any, open_page: Open, complaints: Any) -> None:
    complaints.expected += ["ERR_FAILED"]
    page = await open_page(site, path=ENGLISH)
    await page.route("**/simulator/people/2/messages", lambda route: route.abort())
    await say(page, "hello")
    await expect(page.locator(".toast")).to_have_text("That was not sent: the bot is not reachable.")
    await expect(page.get_by_role("textbox", name="Message")).to_have_value("hello")
    await expect(rows(page)).to_have_count(0)


async def test_what_could_not_go_with_a_file_is_given_back_to_its_own_person(
    site: Any, open_page: Open, complaints: Any
) -> None:
    complaints.expected += ["ERR_FAILED"]
    page = await open_page(site, path=ENGLISH)
    gate = asyncio.Event()

    async def hang(route: Route) -> None:
        await gate.wait()
        await route.abort()

    await page.route("**/simulator/files*", hang)
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name="Attach").click()
        await page.get_by_role("menuitem", name="File", exact=True).click()
    await (await chooser.value).set_files({"name": "plan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4"})
    await say(page, "the plan")
    await page.get_by_role("button", name="Camille Laurent").click()
    gate.set()
    await expect(page.locator(".toast")).to_be_visible()
    box = page.get_by_role("textbox", name="Message")
    await expect(box).to_have_value("")
    await page.get_by_role("button", name="James Carter").click()
    await expect(box).to_have_value("the plan")
    await expect(page.locator(".tray li")).to_contain_text("plan.pdf")


async def test_a_page_that_nobody_sees_lets_go_and_catches_up(site: Any, open_page: Open) -> None:
    page = await open_page(site, path=ENGLISH)
    await expect(page.get_by_role("textbox", name="Message")).to_be_enabled()
    await page.clock.install()
    seen = """(hidden) => {
        Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
    }"""
    await page.evaluate(seen, True)
    await page.clock.run_for(61_000)
    await write(site, 2)
    await asyncio.sleep(1)
    await expect(rows(page)).to_have_count(0)
    await page.evaluate(seen, False)
    await expect(rows(page)).to_have_count(2)


async def test_two_browsers_show_one_conversation(site: Any, open_page: Open) -> None:
    one, other = await open_page(site, path=ENGLISH), await open_page(site, path=ENGLISH, size=(390, 844))
    await say(one, "hello")
    await expect(rows(other)).to_have_count(2)
    await say(other, "help")
    await expect(rows(one)).to_have_count(4)
    assert await ids(one) == await ids(other)


async def test_five_hundred_messages_are_there_and_light(site: Any, open_page: Open) -> None:
    await write(site, 500)
    page = await open_page(site, path=ENGLISH)
    await expect(rows(page)).to_have_count(100)
    await expect(rows(page).last).to_contain_text("message 499")
    assert await from_bottom(page) < 2
    while (shown := await rows(page).count()) < 500:
        await page.locator(".log").evaluate("(one) => (one.scrollTop = 300)")
        await expect(rows(page).nth(shown)).to_be_attached()
    found = await ids(page)
    assert found == sorted(set(found))
    await expect(rows(page).first).to_contain_text("message 0")
    await page.get_by_role("textbox", name="Message").focus()
    took = await page.evaluate(
        """() => new Promise((done) => {
            const began = performance.now();
            document.querySelector(".log").scrollTop = 1e9;
            requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - began)));
        })"""
    )
    assert took < 500
    await say(page, "hello")
    await expect(rows(page)).to_have_count(502)
    assert await from_bottom(page) < 2


async def test_older_ones_come_without_moving_what_is_read(site: Any, open_page: Open) -> None:
    await write(site, 250)
    page = await open_page(site, path=ENGLISH)
    await expect(rows(page)).to_have_count(100)
    read = rows(page).nth(8)
    where = await page.locator(".log").evaluate(
        """(log) => {
            log.scrollTop = 300;
            return log.querySelectorAll(".row[id]")[8].getBoundingClientRect().top;
        }"""
    )
    said = await read.get_attribute("id")
    await expect(rows(page)).to_have_count(200)
    now = await page.locator(f"#{said}").evaluate("(one) => one.getBoundingClientRect().top")
    assert abs(now - where) < 3


async def test_a_reader_who_looks_back_is_told_of_news_and_not_moved(site: Any, open_page: Open) -> None:
    await write(site, 80)
    page = await open_page(site, path=ENGLISH)
    await expect(rows(page)).to_have_count(80)
    log = page.locator(".log")
    await log.evaluate("(one) => (one.scrollTop = 700)")
    await write(site, 2, start=80)
    news = page.get_by_role("button", name="New messages")
    await expect(news).to_be_visible()
    assert await log.evaluate("(one) => one.scrollTop") == 700
    await news.click()
    await expect(news).to_be_hidden()
    assert await from_bottom(page) < 2


async def test_a_reader_at_the_bottom_stays_there_when_a_picture_grows(site: Any, open_page: Open) -> None:
    await write(site, 40)
    page = await open_page(site, path=ENGLISH)
    await expect(rows(page)).to_have_count(40)
    await page.evaluate(
        """() => {
            document.querySelector(".row[id]:last-child .bubble").style.paddingBottom = "300px";
            document.querySelector(".log").dispatchEvent(new Event("scroll")); // a frame late, as it comes
            return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
        }"""
    )
    assert await from_bottom(page) < 2


async def test_news_of_somebody_else_count_as_unread_until_they_are_looked_at(site: Any, open_page: Open) -> None:
    page = await open_page(site, path=ENGLISH)
    await write(site, 4, person=3)
    entry = page.get_by_role("button", name="Lucía Fernández")
    await expect(entry.locator(".badge")).to_contain_text("2")
    await expect(page.locator(".person").first).to_contain_text("Lucía Fernández")
    await entry.click()
    await expect(rows(page)).to_have_count(4)
    await expect(entry.locator(".badge")).to_have_count(0)
    await page.reload()
    await expect(page.get_by_role("button", name="James Carter")).to_be_visible()
    await expect(page.locator(".person .badge")).to_have_count(0)


class Slow:
    """Answers everything, late."""

    @hookimpl
    async def answer_turn(self, turn: Turn) -> Reply:
        await asyncio.sleep(1.2)
        return Reply("At last.")


async def test_a_bot_that_takes_long_is_seen_typing(start_site: Start, open_page: Open) -> None:
    site = await start_site({"watchdog": {"typing": "100ms", "notice": "10s", "apology": "60s"}}, slow=Slow())
    page = await open_page(site, path=ENGLISH)
    await say(page, "how long is a piece of string")
    await expect(page.locator(".row.typing")).to_be_visible()
    await expect(page.locator(".chat-head p")).to_have_text("typing…")
    await expect(rows(page).last).to_contain_text("At last.")
    await expect(page.locator(".row.typing")).to_be_hidden()
    await expect(page.locator(".chat-head p")).to_contain_text("+447700900102")
