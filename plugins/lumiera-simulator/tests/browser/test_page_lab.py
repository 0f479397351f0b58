"""The what-if pane: another time, a channel that fails, messages in a rush, and what the user sees of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import FilePayload, Locator, Page, expect

pytestmark = pytest.mark.asyncio(loop_scope="session")
Start = Callable[..., Awaitable[Any]]
Open = Callable[..., Awaitable[Page]]
ENGLISH = "#/person/2"
GREETING = "What would you like to do?"
SLOW = 20_000  # ms: an ambiguous send is looked for after three seconds


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lumiera.sending.SETTLED", timedelta(milliseconds=300))
    monkeypatch.setattr("lumiera_simulator.lab.SLOW", 2.0)


async def say(page: Page, text: str) -> None:
    box = page.locator("#chat textarea")
    await box.fill(text)
    await box.press("Enter")


def chat(page: Page) -> Locator:
    return page.locator("#chat [role=log]")


def from_bot(page: Page) -> Locator:
    return page.locator("#chat [role=log] .theirs:not(.typing)")


def outbox(page: Page) -> Locator:
    return page.locator("#lab .outbox li")


async def lab(site: Any, open_page: Open, **options: Any) -> Page:
    page = await open_page(site, path=ENGLISH, **options)
    await page.locator("#tab-lab").click()
    return page


async def fail(page: Page, how: str) -> None:
    await page.get_by_role("radio", name=how, exact=True).check()
    await expect(page.locator("#strip")).to_contain_text(f"The channel fails: {how}.")


async def heal(page: Page) -> None:
    await page.locator("#strip").get_by_role("button", name="Back to normal").click()
    await expect(page.locator("#strip")).to_be_hidden()
    await expect(page.get_by_role("radio", name="Works", exact=True)).to_be_checked()


# --- time ---


async def test_after_eight_hours_an_open_question_is_put_aside_and_offered_again(site: Any, open_page: Open) -> None:
    page = await lab(site, open_page)
    await expect(page.locator("#lab .ahead")).to_have_text("That is the real time.")
    await say(page, "I want to talk to someone")
    await expect(chat(page)).to_contain_text("What is it about")
    await page.get_by_role("button", name="+8 hours").click()
    await expect(page.locator("#lab .ahead")).to_contain_text("8 hours ahead of the real time")
    await say(page, "hello")
    await expect(chat(page)).to_contain_text("One request is not finished")
    await page.get_by_role("button", name="Choose", exact=True).click()
    await page.get_by_role("dialog").get_by_role("button", name="Resume").click()
    await expect(from_bot(page)).to_have_count(3)
    await expect(from_bot(page).last).to_contain_text("What is it about")
    await page.locator("#tab-trace").click()
    await expect(page.locator("#trace .fates")).to_contain_text("is open and asks")


async def test_a_jump_of_ones_own_length_moves_the_clock_of_every_page(site: Any, open_page: Open) -> None:
    page, other = await lab(site, open_page), await lab(site, open_page)
    await page.get_by_label("How many").fill("3")
    await page.get_by_label("Unit").select_option("days")
    await page.get_by_role("button", name="Jump", exact=True).click()
    await expect(page.locator("#lab .ahead")).to_contain_text("3 days ahead")
    await expect(other.locator("#lab .ahead")).to_contain_text("3 days ahead")
    shown = await page.locator("#lab .bot-now").get_attribute("datetime")
    assert shown is not None
    assert shown[:10] == site.bot.now().date().isoformat()


# --- faults ---


async def test_a_busy_channel_delivers_late_and_in_order(site: Any, open_page: Open) -> None:
    page = await lab(site, open_page)
    await fail(page, "Busy")
    await say(page, "hello")
    await expect(outbox(page)).to_contain_text(["waits"])
    await expect(outbox(page).first).to_contain_text("busy")
    await say(page, "help")
    await expect(outbox(page)).to_have_count(2)
    assert await from_bot(page).count() == 0
    await heal(page)
    await expect(from_bot(page)).to_have_count(2, timeout=SLOW)
    await expect(from_bot(page).first).to_contain_text(GREETING)
    await expect(page.locator("#lab .none")).to_contain_text("Nothing waits")


async def test_a_refused_bubble_fails_and_the_team_learns_of_it(site: Any, open_page: Open) -> None:
    page = await lab(site, open_page)
    await fail(page, "Refused")
    await say(page, "hello")
    await expect(outbox(page)).to_contain_text(["failed"])
    await expect(page.locator("#tab-team .badge")).to_have_text("1", timeout=SLOW)
    await page.locator("#tab-team").click()
    await expect(page.locator("#team .card .reason")).to_contain_text("réponse")  # in the site's language
    await heal_from(page)
    await say(page, "hello")
    await expect(from_bot(page)).to_have_count(1)


async def heal_from(page: Page) -> None:
    await page.locator("#tab-lab").click()
    await heal(page)


@pytest.mark.parametrize("how", ["Connection lost", "Answer lost"])
async def test_a_bubble_that_nobody_can_vouch_for_arrives_once(site: Any, open_page: Open, how: str) -> None:
    page = await lab(site, open_page)
    await fail(page, how)
    await say(page, "hello")
    if how == "Connection lost":
        await expect(outbox(page)).to_contain_text(["lost"])
        assert await from_bot(page).count() == 0
    else:
        await expect(from_bot(page)).to_have_count(1)
    await heal(page)
    await expect(from_bot(page)).to_have_count(1, timeout=SLOW)
    await expect(outbox(page)).to_have_count(0, timeout=SLOW)
    await say(page, "help")
    await expect(from_bot(page)).to_have_count(2)


async def test_a_slow_channel_keeps_the_order(site: Any, open_page: Open) -> None:
    page = await lab(site, open_page)
    await fail(page, "Slow")
    await say(page, "hello")
    await expect(outbox(page)).to_contain_text(["being sent"])
    await expect(from_bot(page)).to_have_count(1, timeout=SLOW)
    await heal(page)


async def test_without_menus_choices_are_numbered_text_and_a_number_still_counts(site: Any, open_page: Open) -> None:
    page = await lab(site, open_page)
    await page.get_by_role("switch", name="Buttons and lists").uncheck()
    await expect(page.locator("#strip")).to_contain_text("No buttons and lists.")
    await say(page, "hello")
    await expect(from_bot(page).first).to_contain_text("1.")
    await expect(from_bot(page).first).to_contain_text("numbered text")
    await say(page, "1")
    await expect(from_bot(page)).to_have_count(2)
    await page.locator("#tab-trace").click()
    await expect(page.locator("#trace .candidate.taken")).to_contain_text("by the menu")


async def test_a_fault_is_seen_by_whoever_comes_later(site: Any, open_page: Open) -> None:
    page = await lab(site, open_page)
    await fail(page, "Busy")
    other = await open_page(site)
    await expect(other.locator("#strip")).to_contain_text("The channel fails: Busy.")
    await other.locator("#strip").get_by_role("button").click()
    await expect(page.locator("#strip")).to_be_hidden()


# --- messages in a rush ---

BURST = {"text": "300ms", "media": "800ms", "max": "8s"}


async def test_a_burst_is_one_turn(start_site: Start, open_page: Open) -> None:
    page = await lab(await start_site({"burst": BURST}), open_page)
    await page.get_by_role("button", name="Send a burst").click()
    await expect(page.locator("#chat [role=log] .mine")).to_have_count(3)
    await page.locator("#tab-trace").click()
    await expect(page.locator("#trace .said [data-direction=in]")).to_have_count(3)
    await expect(page.locator("#trace .turns button")).to_have_count(1)


async def test_an_album_is_one_turn(start_site: Start, open_page: Open) -> None:
    page = await lab(await start_site({"burst": BURST}), open_page)
    await page.get_by_role("button", name="Send three drawn photos").click()
    pictures = page.locator("#chat [role=log] .mine img")
    await expect(pictures).to_have_count(3)
    await expect(chat(page)).to_contain_text("Photos from the site")
    await page.locator("#tab-trace").click()
    await expect(page.locator("#trace .turns button")).to_have_count(1)
    widths = await pictures.evaluate_all(
        "async (all) => { for (const one of all) await one.decode(); return all.map((one) => one.naturalWidth); }"
    )
    assert widths == [640, 640, 640]


async def test_photos_of_ones_own_are_an_album(start_site: Start, open_page: Open, tmp_path: Path) -> None:
    page = await lab(await start_site({"burst": BURST}), open_page)
    picture = await page.screenshot(type="jpeg")
    files = [FilePayload(name=name, mimeType="image/jpeg", buffer=picture) for name in ("one.jpg", "two.jpg")]
    await page.get_by_label("Choose photos").set_input_files(files)
    await expect(page.locator("#chat [role=log] .mine img")).to_have_count(2)


async def test_the_pane_is_in_the_readers_language_and_direction(site: Any, open_page: Open) -> None:
    page = await lab(site, open_page, language="fr")
    await expect(page.locator("#lab")).to_contain_text("Le bot croit qu’il est")
    await expect(page.get_by_role("radio", name="Occupé", exact=True)).to_be_visible()


async def test_a_fault_is_chosen_and_healed_with_the_keyboard_alone(site: Any, open_page: Open) -> None:
    page = await lab(site, open_page)
    await page.get_by_role("radio", name="Works", exact=True).focus()
    await page.keyboard.press("ArrowDown")
    await expect(page.locator("#strip")).to_contain_text("The channel fails: Busy.")
    await expect(page.get_by_role("radio", name="Busy", exact=True)).to_be_focused()
    await page.locator("#strip").get_by_role("button").press("Enter")
    await expect(page.locator("#strip")).to_be_hidden()
