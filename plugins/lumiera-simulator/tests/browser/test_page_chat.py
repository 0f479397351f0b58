"""The chat of the page, used as somebody uses a phone: words, taps, lists, replies, and what must never run."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

pytestmark = pytest.mark.asyncio(loop_scope="session")
Open = Callable[..., Awaitable[Page]]
ENGLISH = "#/person/2"
EVIL = '<img src=x onerror="window.ran=true">'


async def say(page: Page, text: str) -> None:
    box = page.get_by_role("textbox", name="Message")
    await box.fill(text)
    await box.press("Enter")


def bubbles(page: Page, whose: str) -> Locator:
    """Those of `mine`, the person's, or `theirs`, the bot's, oldest first."""
    return page.locator(f".row.{whose}[id] .bubble")


async def test_from_hello_to_arabic_by_taps(site: Any, open_page: Open) -> None:
    page = await open_page(site, path=ENGLISH)
    await say(page, "hello")
    await expect(bubbles(page, "theirs").last).to_contain_text("Hello James Carter")
    await page.get_by_role("button", name="🌐 Language").click()
    await expect(bubbles(page, "mine").last).to_contain_text("🌐 Language")
    await page.get_by_role("button", name="Choose", exact=True).click()
    rows = page.get_by_role("dialog").locator(".choice")
    await expect(rows).to_have_count(9)
    await rows.filter(has_text="العربية").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(bubbles(page, "mine").last.locator(".text")).to_have_text("العربية")
    answer = bubbles(page, "theirs").last.locator(".text")
    await expect(answer).to_contain_text("العربية")
    await expect(answer).to_have_css("direction", "rtl")


async def test_buttons_of_an_older_message_can_still_be_tapped(site: Any, open_page: Open) -> None:
    page = await open_page(site, path=ENGLISH)
    await say(page, "hello")
    await say(page, "help")
    await expect(bubbles(page, "theirs").last).to_contain_text("How to talk to me")
    await page.locator(".row.theirs[id]").first.get_by_role("button", name="💬 Talk to the team").click()
    await expect(bubbles(page, "theirs").last).to_contain_text("What is it about?")


async def test_own_messages_go_from_one_tick_to_two_blue_ones(site: Any, open_page: Open) -> None:
    page = await open_page(site, path=ENGLISH)
    await say(page, "hello")
    await expect(bubbles(page, "mine").first.get_by_role("img", name="Read")).to_be_visible()
    await expect(bubbles(page, "theirs").first.locator(".ticks")).to_have_count(0)


async def test_markup_is_drawn_as_whatsapp_draws_it(site: Any, open_page: Open) -> None:
    page = await open_page(site, path=ENGLISH)
    await say(page, "*bold* _it_ ~no~ `code` 2*3*4 snake_case_name * not * this\n- one\n> said\n```two\nlines```")
    text = bubbles(page, "mine").first.locator(".text")
    for tag, inside in {"strong": "bold", "em": "it", "s": "no", "code": "code", "blockquote": "said"}.items():
        await expect(text.locator(tag)).to_have_text([inside])
    await expect(text.locator("pre")).to_have_text("two\nlines", use_inner_text=True)
    await expect(text.locator(".item")).to_contain_text("one")
    await expect(text).to_contain_text("2*3*4 snake_case_name * not * this")


async def test_only_web_addresses_become_links(site: Any, open_page: Open) -> None:
    page = await open_page(site, path=ENGLISH)
    await say(page, "*see https://example.org/a?b=1&c=<d>.* javascript:alert(1) data:text/html,x www.example.org/e, ok")
    links = bubbles(page, "mine").first.locator("a")
    await expect(links).to_have_count(2)
    assert [await one.get_attribute("href") for one in await links.all()] == [
        "https://example.org/a?b=1&c=", "https://www.example.org/e",
    ]  # fmt: skip
    for link in await links.all():
        assert "noopener" in (await link.get_attribute("rel") or "")


async def test_a_few_emoji_are_drawn_large(site: Any, open_page: Open) -> None:
    page = await open_page(site, path=ENGLISH)
    for text in ("👍🏽", "👩‍👩‍👧 🇫🇷", "👍👍👍👍", "12", "ok 👍"):
        await say(page, text)
    await expect(bubbles(page, "mine")).to_have_count(5)
    large = [
        bool(re.search(r"\bemoji\b", await one.get_attribute("class") or ""))
        for one in await bubbles(page, "mine").all()
    ]
    assert large == [True, True, False, False, False]


async def test_a_reply_quotes_a_message_and_leads_back_to_it(site: Any, open_page: Open) -> None:
    page = await open_page(site, path=ENGLISH)
    await say(page, "hello")
    await bubbles(page, "theirs").first.hover()
    await bubbles(page, "theirs").first.get_by_role("button", name="What to do with this message").click()
    await page.get_by_role("menuitem", name="Reply").click()
    await expect(page.locator(".replying")).to_contain_text("Hello James Carter")
    await page.keyboard.type("who are you?")
    await page.keyboard.press("Enter")
    quote = bubbles(page, "mine").last.locator(".quote")
    await expect(quote).to_contain_text("Hello James Carter")
    await expect(page.locator(".replying")).to_be_hidden()
    await quote.click()
    await expect(page.locator(".row.theirs[id]").first).to_be_focused()


async def test_a_message_that_is_pulled_aside_is_replied_to(site: Any, open_page: Open) -> None:
    page = await open_page(site, path=ENGLISH, size=(390, 844))
    await say(page, "hello")
    box = await bubbles(page, "theirs").first.bounding_box()
    assert box
    x, y = box["x"] + 40, box["y"] + 20
    finger = await page.context.new_cdp_session(page)
    for kind, at in (("touchStart", x), ("touchMove", x + 30), ("touchMove", x + 90)):
        await finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": at, "y": y}]})
    await finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    await expect(page.locator(".replying")).to_contain_text("Hello James Carter")
    await page.get_by_role("button", name="Do not reply to it").click()
    await expect(page.locator(".replying")).to_be_hidden()


async def test_how_a_bubble_was_sent_is_one_click_away(site: Any, open_page: Open) -> None:
    page = await open_page(site, path=ENGLISH)
    await say(page, "hello")
    await page.get_by_role("button", name="quick reply").click()
    told = page.get_by_role("dialog", name="How it was sent")
    await expect(told).to_contain_text("up to three short choices as buttons")
    await expect(told.locator(".numbered")).to_contain_text("1. ❓ Help")
    await expect(told).to_contain_text("intent:help")
    await page.keyboard.press("Escape")
    await expect(told).to_have_count(0)


async def test_a_click_on_an_own_message_shows_its_trace(site: Any, open_page: Open) -> None:
    page = await open_page(site, path=ENGLISH)
    await say(page, "hello")
    await say(page, "help")
    await expect(bubbles(page, "theirs")).to_have_count(2)
    await page.get_by_role("tab", name="Team").click()
    await bubbles(page, "mine").first.click()
    await expect(page.get_by_role("tab", name="Trace")).to_have_attribute("aria-selected", "true")
    await expect(page.locator("#trace")).to_contain_text("greeting")


async def test_enter_sends_and_shift_enter_begins_a_line(site: Any, open_page: Open) -> None:
    page = await open_page(site, path=ENGLISH)
    box = page.get_by_role("textbox", name="Message")
    small = await box.bounding_box()
    await box.press_sequentially("one")
    await box.press("Shift+Enter")
    await box.press_sequentially("two")
    grown = await box.bounding_box()
    assert small
    assert grown
    assert grown["height"] > small["height"]
    await box.press("Enter")
    await expect(bubbles(page, "mine").first.locator(".text")).to_have_text("one\ntwo", use_inner_text=True)
    await expect(box).to_have_value("")


async def test_what_is_written_survives_a_reload_and_another_person(site: Any, open_page: Open) -> None:
    page = await open_page(site, path=ENGLISH)
    box = page.get_by_role("textbox", name="Message")
    await box.fill("half a sen")
    await page.get_by_role("button", name="Camille Laurent").click()
    await expect(box).to_have_value("")
    await page.get_by_role("button", name="James Carter").click()
    await expect(box).to_have_value("half a sen")
    await page.reload()
    await expect(box).to_have_value("half a sen")


async def test_what_somebody_writes_never_becomes_part_of_the_page(site: Any, open_page: Open) -> None:
    page = await open_page(site)
    await page.get_by_role("button", name="New person").click()
    await page.get_by_label("Phone number").fill("+447700900199")
    await page.get_by_label("Name").fill(EVIL)
    await page.get_by_label("Speaks").select_option("en")
    await page.get_by_role("button", name="Add").click()
    await expect(page.get_by_role("heading", name=EVIL)).to_be_visible()
    for text in (EVIL, f"*{EVIL}*", f"`{EVIL}`", f"> {EVIL}", "<script>alert(1)</script>", "hello"):
        await say(page, text)
    await expect(bubbles(page, "theirs").last).to_contain_text(EVIL)  # the bot greets by name
    await expect(page.locator("img[src=x], #chat script")).to_have_count(0)
    assert not await page.evaluate("window.ran")
    await expect(page.locator(".person").first).to_contain_text("onerror")


async def test_the_policy_stops_a_script_that_got_into_the_page(site: Any, open_page: Open, complaints: Any) -> None:
    complaints.expected += ["Content Security Policy"]
    page = await open_page(site)
    await page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "window.ran = true";
            document.body.append(script);
            const picture = document.createElement("div");
            picture.innerHTML = "<img src=/simulator/static/none onerror='window.ran = true'>";
        }"""
    )
    complaints.expected += ["404"]
    await page.wait_for_timeout(200)
    assert not await page.evaluate("window.ran")
    assert any("Content Security Policy" in one for one in complaints.heard)
