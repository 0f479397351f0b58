"""The team pane: who waits for a human, and a human's answer, as both sides see it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from lumiera.people import Opening

pytestmark = pytest.mark.asyncio(loop_scope="session")
Start = Callable[..., Awaitable[Any]]
Open = Callable[..., Awaitable[Page]]
ENGLISH = "#/person/2"
PHONE = (390, 844)
SLOW = 15_000  # ms: rings are looked after once a second


async def say(page: Page, text: str) -> None:
    box = page.locator("#chat textarea")
    await box.fill(text)
    await box.press("Enter")


def chat(page: Page) -> Locator:
    return page.locator("#chat [role=log]")


def card(page: Page) -> Locator:
    return page.locator("#team .cards > .card[data-escalation]")


async def call_human(page: Page) -> None:
    """Ask for a human in English, and look at the team pane."""
    await say(page, "I want to talk to someone")
    await expect(chat(page)).to_contain_text("What is it about")
    await say(page, "the crane <b>leaks</b>")
    await page.locator("#tab-team").click()
    await expect(card(page)).to_have_count(1)


async def test_nobody_waits_at_first(site: Any, open_page: Open) -> None:
    page = await open_page(site)
    await page.locator("#tab-team").click()
    await expect(page.locator("#team .none")).to_contain_text("Nobody waits for a human")
    await expect(page.locator("#tab-team .badge")).to_be_hidden()


async def test_an_answer_and_the_hand_back_are_seen_in_the_chat(site: Any, open_page: Open) -> None:
    page = await open_page(site, path=ENGLISH)
    await call_human(page)
    await expect(page.locator("#tab-team .badge")).to_have_text("1")
    await expect(card(page).get_by_role("heading")).to_contain_text("James Carter")
    await expect(card(page).locator("blockquote")).to_have_text("the crane <b>leaks</b>")
    await expect(card(page).locator(".talk")).to_contain_text("I want to talk to someone")
    await card(page).get_by_label("Answer as the team").fill("We are coming at three.")
    await card(page).get_by_role("button", name="Send", exact=True).click()
    await expect(chat(page)).to_contain_text("We are coming at three.")
    await expect(card(page).locator(".talk [data-direction=team]")).to_contain_text("We are coming at three.")
    await expect(card(page).get_by_label("Answer as the team")).to_have_value("")
    await say(page, "thank you")
    await expect(card(page).locator(".talk")).to_contain_text("thank you")
    await card(page).get_by_role("button", name="Hand back", exact=True).click()
    await expect(card(page)).to_have_count(0)
    await expect(chat(page)).to_contain_text("The talk with the team is over")
    await expect(page.locator("#tab-team .badge")).to_be_hidden()
    await page.get_by_text("Closed lately").click()
    await expect(page.locator("#team .closed .card")).to_contain_text("handed back by the team")


async def test_who_was_rung_and_with_what_outcome_is_on_the_card(start_site: Start, open_page: Open) -> None:
    page = await open_page(await start_site({"escalation": {"notify": ["+33639980101", "+33639980103"]}}))
    await say(page, "bonjour")  # by the first of them: their window is open now
    await expect(chat(page)).to_contain_text("Que voulez-vous faire")
    await page.evaluate(f"location.hash = '{ENGLISH}'")
    await call_human(page)
    await expect(card(page).locator(".rung").first).to_have_text("Somebody on call was reached.", timeout=SLOW)
    await expect(card(page).locator(".rings li")).to_contain_text(["+33639980101"])
    await expect(card(page).locator(".rings li")).to_contain_text(["arrived"])


async def test_one_click_answers_and_hands_back(site: Any, open_page: Open) -> None:
    page = await open_page(site, path=ENGLISH)
    await call_human(page)
    await card(page).get_by_label("Answer as the team").fill("Use the other one.")
    await card(page).get_by_role("button", name="Send and hand back to the bot").click()
    await expect(card(page)).to_have_count(0)
    await expect(chat(page)).to_contain_text("Use the other one.")
    await expect(chat(page)).to_contain_text("The talk with the team is over")


async def test_a_half_written_answer_outlasts_news(site: Any, open_page: Open) -> None:
    page = await open_page(site, path=ENGLISH)
    await call_human(page)
    answer = card(page).get_by_label("Answer as the team")
    await answer.fill("We are com")
    await say(page, "hurry up")
    await expect(card(page).locator(".talk")).to_contain_text("hurry up")
    await expect(answer).to_have_value("We are com")


async def test_an_answer_without_words_is_not_sent(site: Any, open_page: Open) -> None:
    page = await open_page(site, path=ENGLISH)
    await call_human(page)
    await card(page).get_by_role("button", name="Send", exact=True).click()
    await expect(card(page).get_by_role("alert")).to_have_text("An answer needs words.")
    await expect(card(page).get_by_label("Answer as the team")).to_be_focused()


async def test_somebody_who_said_stop_can_be_handed_back_but_not_written_to(site: Any, open_page: Open) -> None:
    page = await open_page(site, path=ENGLISH)
    await call_human(page)
    await say(page, "STOP")
    await expect(card(page).locator(".warning")).to_contain_text("said STOP: nothing may be sent")
    await expect(card(page).get_by_label("Answer as the team")).to_be_disabled()
    await expect(card(page).get_by_role("button", name="Send", exact=True)).to_be_disabled()
    await card(page).get_by_role("button", name="Hand back", exact=True).click()
    await expect(card(page)).to_have_count(0)


async def test_a_window_that_has_closed_is_said(site: Any, open_page: Open) -> None:
    page = await open_page(site, path=ENGLISH)
    await say(page, "hello")
    await expect(page.locator("#trace .turns button")).to_have_count(1)
    (turn,) = await site.bot.store.turns(1)
    await page.locator("#tab-lab").click()
    await page.get_by_role("button", name="+1 day").click()
    await expect(page.locator("#lab .ahead")).to_contain_text("1 day ahead")
    await site.bot.escalate(turn.conversation_id, Opening(reason="task", details="where is the plan?"))
    await page.locator("#tab-team").click()
    await expect(card(page).locator(".warning")).to_contain_text("Better call +447700900102")


async def test_the_pane_works_on_a_phone(site: Any, open_page: Open) -> None:
    page = await open_page(site, path=ENGLISH, size=PHONE)
    await call_human(page)
    await card(page).get_by_label("Answer as the team").fill("On our way.")
    await card(page).get_by_role("button", name="Send", exact=True).tap()
    await expect(card(page).locator(".talk")).to_contain_text("On our way.")
    for button in await card(page).get_by_role("button").all():
        box = await button.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert box["x"] + box["width"] <= PHONE[0]
    await card(page).get_by_role("button", name="Show the chat").tap()
    await expect(chat(page)).to_contain_text("On our way.")
