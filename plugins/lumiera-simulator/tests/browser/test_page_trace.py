"""The trace pane: what a turn did and why, as somebody beside the chat reads it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from lumiera import Intent, IntentMatch, LanguageMatch, Option, Turn, choose, free_text, hookimpl, read

pytestmark = pytest.mark.asyncio(loop_scope="session")
Start = Callable[..., Awaitable[Any]]
Open = Callable[..., Awaitable[Page]]
ENGLISH = "#/person/2"
TEXTS = "where = Where?\nwhich = Which?\nleak-title = Leak\n"


async def say(page: Page, text: str) -> None:
    box = page.locator("#chat textarea")
    await box.fill(text)
    await box.press("Enter")


def part(page: Page, heading: str) -> Locator:
    return page.locator("#trace .part").filter(has=page.get_by_role("heading", name=heading, exact=True))


def newest(page: Page) -> Locator:
    return page.locator("#trace .turns button").first


def summary(page: Page) -> Locator:
    return page.locator("#trace .summary")


@read
async def places() -> list[str]:
    return ["cellar", "roof"]


class Leaks:
    """Asks two questions with a step between them."""

    @hookimpl
    def register_intents(self) -> list[Intent]:
        return [Intent("leak", self.report, examples={"en": ["there is a leak"]})]

    async def report(self, turn: Turn) -> str:
        await turn.ask(free_text("where"))
        known = await turn.once("places", places)
        which = await turn.ask(choose("which", options=[Option(id=one, title=one.title()) for one in known]))
        return f"Noted: {which}."


class Learned:
    """A classifier of whose facts the page has never heard."""

    @hookimpl
    async def detect_language(self, text: str) -> LanguageMatch | None:
        return LanguageMatch(language="en", confidence=0.97)

    @hookimpl
    async def classify_intent(self, text: str, turn: Turn) -> list[IntentMatch]:
        with turn.trace.span("model", "tiny-1", tokens=321, cost=0.0021, cached=True):
            pass
        turn.trace.span("decision", "budget", left=0.4979)
        return [IntentMatch(intent="help", confidence=0.93), IntentMatch(intent="greeting", confidence=0.41)]


class Broken:
    """Has an intent that always fails."""

    @hookimpl
    def register_intents(self) -> list[Intent]:
        return [Intent("crane", self.lift, examples={"en": ["lift it"]})]

    async def lift(self, turn: Turn) -> str:
        raise RuntimeError("the crane is on strike")


@pytest.fixture
def texts(tmp_path: Path) -> None:
    """The texts of the test's plugins."""
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "en.ftl").write_text(TEXTS, encoding="utf-8")
    (tmp_path / "texts" / "fr.ftl").write_text(TEXTS, encoding="utf-8")


async def test_a_greeting_is_told_with_its_stages_intent_and_threshold(site: Any, open_page: Open) -> None:
    page = await open_page(site)
    await expect(page.locator("#trace .none")).to_contain_text("No turn yet")
    await say(page, "bonjour")
    await expect(summary(page)).to_contain_text(
        "“greeting”, certain, by an exact example; answered on the fast path in"
    )
    await expect(newest(page)).to_contain_text("greeting")
    await expect(newest(page)).to_contain_text("fast path")
    await expect(newest(page)).to_have_attribute("aria-current", "true")
    await expect(part(page, "What was said").locator("li").first).to_contain_text("bonjour")
    candidate = page.locator("#trace .candidate.taken")
    await expect(candidate).to_contain_text("greeting")
    await expect(candidate).to_contain_text("1.00 of 0.90 needed")
    rows = page.locator("#trace .timeline tbody tr[data-kind=stage] .span-name")
    stages = await rows.all_inner_texts()
    assert stages[:3] == ["authenticate", "consent", "limits"]
    assert stages[-1] == "persistence"
    await expect(part(page, "The reply").locator("li")).to_contain_text(["read"])


async def test_bars_stand_where_and_as_long_as_the_spans_were(site: Any, open_page: Open) -> None:
    page = await open_page(site)
    await say(page, "bonjour")
    await expect(summary(page)).to_be_visible()
    bars = page.locator("#trace .timeline .bar")
    boxes = [await bars.nth(at).bounding_box() for at in range(await bars.count())]
    track = await page.locator("#trace .timeline .track").first.bounding_box()
    assert track is not None
    lefts = [box["x"] for box in boxes if box]
    assert lefts == sorted(lefts)
    assert all(box and box["width"] >= 3 for box in boxes)
    assert all(box and box["x"] + box["width"] <= track["x"] + track["width"] + 1 for box in boxes)
    hook = page.locator("#trace .timeline tr[data-kind=hook] .span-name").first
    stage = page.locator("#trace .timeline tr[data-kind=stage] .span-name").first
    within, around = await hook.bounding_box(), await stage.bounding_box()
    assert within is not None
    assert around is not None
    assert within["x"] > around["x"]


async def test_the_facts_of_a_span_show_on_focus_and_go_with_escape(site: Any, open_page: Open) -> None:
    page = await open_page(site)
    await say(page, "bonjour")
    row = page.locator("#trace .timeline tbody tr").first
    await expect(row.locator(".hint")).to_be_hidden()
    await row.locator("button").focus()
    await expect(row.locator(".hint")).to_be_visible()
    await expect(row.locator(".hint")).to_contain_text("begins")
    await page.keyboard.press("Escape")
    await expect(row.locator(".hint")).to_be_hidden()


@pytest.mark.usefixtures("texts")
async def test_the_journal_of_a_dialogue_grows_with_each_answer(start_site: Start, open_page: Open) -> None:
    page = await open_page(await start_site(leaks=Leaks()), path=ENGLISH)
    await say(page, "there is a leak")
    dialogue = page.locator("#trace .dialogue")
    await expect(dialogue.locator(".pending")).to_contain_text("Where?")
    await expect(part(page, "Why")).to_contain_text("The dialogue of “leak” is open and asks “where”.")
    await say(page, "in the cellar")
    await expect(dialogue.locator(".pending")).to_contain_text("Which?")
    await expect(summary(page)).to_contain_text("Answer to the open question “where”")
    entries = dialogue.locator(".journal > li:not(.pending)")
    await expect(entries).to_contain_text(["@match", "in the cellar", "places"])
    await page.get_by_role("button", name="Roof").click()
    await expect(dialogue.locator(".verdict")).to_have_text("done")
    await expect(dialogue.locator(".pending")).to_have_count(0)
    await expect(entries.last).to_contain_text("Roof")


async def test_what_a_later_plugin_notes_shows_up_without_a_change_of_the_page(
    start_site: Start, open_page: Open
) -> None:
    page = await open_page(await start_site(learned=Learned()), path=ENGLISH)
    await say(page, "could you perhaps tell me what you are for")
    await expect(summary(page)).to_contain_text("“help”, 93% sure, says learned")
    await expect(page.locator("#trace .candidate")).to_have_count(2)
    await expect(page.locator("#trace .candidate").nth(1)).to_contain_text("0.41 of 0.90 needed")
    model = page.locator("#trace .timeline tr[data-kind=model]")
    await expect(model).to_contain_text("tiny-1")
    await expect(model.locator("th > .facts")).to_contain_text("tokens321")
    await expect(page.locator("#trace .cost")).to_have_text("Cost: 0.0021")
    await expect(part(page, "Why").locator(".fates")).to_contain_text("budget")
    await expect(part(page, "Why").locator(".fates .facts")).to_contain_text("left0.4979")
    await expect(
        page.locator("#trace .timeline tr[data-kind=hook]").filter(has_text="detect_language")
    ).to_contain_text("learned")


async def test_a_failed_turn_says_code_and_stage(start_site: Start, open_page: Open) -> None:
    page = await open_page(await start_site(broken=Broken()), path=ENGLISH)
    await say(page, "lift it")
    await expect(newest(page)).to_contain_text("SYSTEM_5001")
    await expect(summary(page)).to_contain_text("failed with SYSTEM_5001 after")
    failed = part(page, "What failed")
    await expect(failed).to_contain_text("the crane is on strike")
    await expect(failed.locator(".facts")).to_contain_text("stageroute")


async def test_the_raw_json_is_one_click_away_and_copied_with_another(site: Any, open_page: Open) -> None:
    page = await open_page(site, permissions=["clipboard-read", "clipboard-write"])
    await say(page, "bonjour")
    await page.locator("#trace .raw summary").click()
    shown = json.loads(await page.locator("#trace .raw pre").inner_text())
    assert (shown["intent"], shown["route"]) == ("greeting", "fast_path")
    await page.locator("#trace .raw button").click()
    await expect(page.locator("#toasts")).to_contain_text("Copied")
    assert json.loads(await page.evaluate("navigator.clipboard.readText()")) == shown


async def test_a_chosen_older_turn_stays_while_new_ones_come(site: Any, open_page: Open) -> None:
    page = await open_page(site)
    turns = page.locator("#trace .turns button")
    await say(page, "bonjour")
    await expect(turns).to_have_count(1)
    await say(page, "xyzzy")
    await expect(turns).to_have_count(2)
    await expect(summary(page)).to_contain_text("Nothing was sure enough")
    await turns.nth(1).click()
    await expect(summary(page)).to_contain_text("greeting")
    await say(page, "aide")
    await expect(turns).to_have_count(3)
    await expect(summary(page)).to_contain_text("greeting")
    await expect(turns.nth(2)).to_have_attribute("aria-current", "true")
    await turns.first.click()
    await say(page, "bonjour")
    await expect(turns).to_have_count(4)
    await expect(turns.first).to_have_attribute("aria-current", "true")


async def test_another_person_has_other_turns(site: Any, open_page: Open) -> None:
    page = await open_page(site)
    await say(page, "bonjour")
    await expect(summary(page)).to_be_visible()
    await page.evaluate("location.hash = '#/person/3'")
    await expect(page.locator("#trace .none")).to_contain_text("No turn yet")
    await expect(summary(page)).to_have_count(0)


async def test_what_users_write_stays_text(site: Any, open_page: Open) -> None:
    page = await open_page(site)
    bad = "<img src=x onerror=alert(1)>"
    await say(page, bad)
    await expect(part(page, "What was said").locator("li").first).to_contain_text(bad)
    await page.locator("#trace .raw summary").click()
    await expect(page.locator("#trace .raw pre")).to_contain_text(bad)
    await expect(page.locator("#trace img")).to_have_count(0)


async def test_a_restart_under_the_page_loses_no_turn(site: Any, open_page: Open, complaints: Any) -> None:
    complaints.expected += ["ERR_", "events"]
    page = await open_page(site)
    await say(page, "bonjour")
    await expect(page.locator("#trace .turns button")).to_have_count(1)
    await site.restart()
    await expect(page.locator("#offline")).to_be_hidden()
    await say(page, "aide")
    await expect(page.locator("#trace .turns button")).to_have_count(2)
    await expect(summary(page)).to_contain_text("help")
