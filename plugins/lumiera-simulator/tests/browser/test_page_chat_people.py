"""The people of the page: who is there, somebody new, who was looked at last."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Page, expect

pytestmark = pytest.mark.asyncio(loop_scope="session")
Open = Callable[..., Awaitable[Page]]


async def test_there_is_somebody_for_each_language(site: Any, open_page: Open) -> None:
    page = await open_page(site)
    await expect(page.locator(".person")).to_have_count(9)
    await expect(page.locator(".person[aria-current]")).to_contain_text("Camille Laurent")
    await expect(page.get_by_role("heading", name="Camille Laurent")).to_be_visible()


async def test_mistakes_about_somebody_new_are_said_in_the_form(site: Any, open_page: Open, complaints: Any) -> None:
    complaints.expected += ["409", "422"]
    page = await open_page(site)
    await page.get_by_role("button", name="New person").click()
    dialog = page.get_by_role("dialog", name="New person")
    phone, name = dialog.get_by_label("Phone number"), dialog.get_by_label("Name")
    await expect(phone).to_be_focused()
    await phone.fill("0612345678")
    await dialog.get_by_role("button", name="Add").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("begins with +")
    await expect(phone).to_be_focused()
    await phone.fill("+33 6 39 98 01 01")
    await dialog.get_by_role("button", name="Add").click()
    await expect(dialog.get_by_role("alert")).to_have_text("Give the person a name.")
    await name.fill("Somebody")
    await dialog.get_by_role("button", name="Add").click()
    await expect(dialog.get_by_role("alert")).not_to_have_text("Give the person a name.")
    await expect(dialog.get_by_role("alert")).not_to_be_empty()  # the number is Camille's
    await phone.fill("+33 6 39 98 01 55")
    await phone.press("Enter")
    await expect(dialog).to_have_count(0)
    await expect(page.get_by_role("heading", name="Somebody")).to_be_visible()


@pytest.mark.parametrize("written", ["0033 639/98-01-55", "+33 (6) 39.98.01.55", "+33\u00a0639\u00a0980155"])
async def test_a_number_may_be_written_as_people_write_it(site: Any, open_page: Open, written: str) -> None:
    page = await open_page(site)
    await page.get_by_role("button", name="New person").click()
    await page.get_by_label("Phone number").fill(written)
    await page.get_by_label("Name").fill("Somebody")
    await page.get_by_label("Name").press("Enter")
    await expect(page.locator(".chat-head")).to_contain_text("+33639980155")


async def test_somebody_new_shows_up_in_every_browser(site: Any, open_page: Open) -> None:
    one, other = await open_page(site), await open_page(site)
    await one.get_by_role("button", name="New person").click()
    await one.get_by_label("Phone number").fill("+447700900150")
    await one.get_by_label("Name").fill("Noor")
    await one.get_by_label("Name").press("Enter")
    await expect(other.get_by_role("button", name="Noor")).to_be_visible()
    await expect(one.get_by_role("button", name="Noor")).to_have_count(1)
    await expect(other.get_by_role("heading", name="Noor")).to_have_count(0)


async def test_the_page_comes_back_to_who_was_looked_at(site: Any, open_page: Open) -> None:
    page = await open_page(site)
    await page.get_by_role("button", name="Markus Weber").click()
    await expect(page).to_have_url(f"{site.url}#/person/5")
    await expect(page).to_have_title("Markus Weber · Lumiera")
    await page.goto(f"{site.url}?fresh")
    await expect(page.get_by_role("heading", name="Markus Weber")).to_be_visible()


async def test_an_address_leads_to_a_person(site: Any, open_page: Open) -> None:
    page = await open_page(site, path="#/person/8")
    await expect(page.get_by_role("heading", name="Katarzyna Nowak")).to_be_visible()
    await page.evaluate("location.hash = '#/person/4'")
    await expect(page.get_by_role("heading", name="João Pereira")).to_be_visible()
    await page.evaluate("location.hash = '#/person/4711'")
    await expect(page.get_by_role("heading", name="João Pereira")).to_be_visible()
