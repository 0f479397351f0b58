"""The shell of the page: three sizes, two colour schemes, both directions, the keyboard alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

pytestmark = pytest.mark.asyncio(loop_scope="session")
Open = Callable[..., Awaitable[Page]]
Start = Callable[..., Awaitable[Any]]
WIDE, TABLET, PHONE = (1440, 900), (820, 1180), (390, 844)
NAMESPACE = "http://www.w3.org/2000/svg"
STATIC = Path(__file__).parents[2] / "lumiera_simulator/static"


async def say(page: Page, text: str) -> None:
    box = page.locator("#chat textarea")
    await box.fill(text)
    await box.press("Enter")


async def overflow(page: Page) -> int:
    """How many pixels of the page lie beside the screen."""
    found: int = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return found


async def test_a_wide_screen_shows_people_chat_and_a_pane(site: Any, open_page: Open) -> None:
    page = await open_page(site, size=WIDE)
    for part in ("#people", "#chat", "#trace"):
        await expect(page.locator(part)).to_be_visible()
    await expect(page.get_by_role("tab")).to_have_count(3)
    await page.get_by_role("tab", name="What if").click()
    await expect(page.locator("#lab")).to_be_visible()
    await expect(page.locator("#trace")).to_be_hidden()
    await expect(page.locator("#chat")).to_be_visible()
    assert await overflow(page) <= 0


async def test_a_tablet_has_the_people_in_a_drawer(site: Any, open_page: Open) -> None:
    page = await open_page(site, size=TABLET)
    for part in ("#chat", "#trace"):
        await expect(page.locator(part)).to_be_visible()
    people = page.locator("#people")
    await expect(people).to_be_hidden()
    await page.get_by_role("button", name="Show the people").click()
    await expect(people).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(people).to_be_hidden()
    await page.get_by_role("button", name="Show the people").click()
    await people.get_by_role("button", name="Giulia Ricci").click()
    await expect(people).to_be_hidden()
    await expect(page.get_by_role("heading", name="Giulia Ricci")).to_be_visible()
    assert await overflow(page) <= 0


async def test_a_phone_shows_one_view_over_a_tab_bar(site: Any, open_page: Open) -> None:
    page = await open_page(site, size=PHONE)
    await say(page, "bonjour")
    await expect(page.locator(".row.theirs[id]")).to_have_count(1)
    for tab, part in {"Trace": "#trace", "Team": "#team", "What if": "#lab", "Chat": "#chat"}.items():
        await page.get_by_role("tab", name=tab).tap()
        await expect(page.locator(part)).to_be_visible()
        await expect(page.locator("section.panel:visible")).to_have_count(1)
        assert await overflow(page) <= 0, tab
    bar = await page.get_by_role("tablist").bounding_box()
    assert bar
    assert bar["y"] + bar["height"] == pytest.approx(PHONE[1], abs=1)


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
async def test_what_is_tapped_is_large_enough(site: Any, open_page: Open, size: tuple[int, int]) -> None:
    page = await open_page(site, size=size)
    await say(page, "bonjour")
    await expect(page.locator(".row.theirs[id]")).to_have_count(1)
    buttons = page.locator("#chat, #people, #tabs").locator("button:not(.more):not(.tag), select")
    small = await buttons.evaluate_all(
        """(all) => all.filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 44)
            .map((one) => one.outerHTML.slice(0, 90))"""
    )
    assert small == []


async def test_the_colours_follow_the_system_until_one_is_chosen(site: Any, open_page: Open) -> None:
    page = await open_page(site, dark=True)
    wall = page.locator("#chat")
    await expect(wall).to_have_css("background-color", "rgb(11, 20, 26)")
    await page.get_by_role("button", name="Colours: as the system").click()
    await expect(wall).to_have_css("background-color", "rgb(239, 234, 226)")
    await page.get_by_role("button", name="Colours: light").click()
    await expect(wall).to_have_css("background-color", "rgb(11, 20, 26)")
    await page.reload()
    await expect(page.get_by_role("button", name="Colours: dark")).to_be_visible()
    await expect(wall).to_have_css("background-color", "rgb(11, 20, 26)")


async def test_colours_that_the_page_lacks_are_the_systems(site: Any, open_page: Open) -> None:
    page = await open_page(site)
    await page.evaluate("localStorage.setItem('lumiera-theme', 'neon')")
    await page.reload()
    await expect(page.get_by_role("button", name="Colours")).to_be_visible()
    await expect(page.locator("html")).to_have_attribute("data-theme", "auto")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_words_stand_out_from_what_is_behind_them(site: Any, open_page: Open, dark: bool) -> None:
    page = await open_page(site, dark=dark, path="#/person/2")
    await say(page, "hello *you* https://example.org")
    await say(page, "hello")
    await page.get_by_role("button", name="🌐 Language").first.click()
    await expect(page.locator(".opens")).to_be_visible()
    faint = await page.evaluate(CONTRAST)
    assert faint == []


async def test_the_language_of_the_page_is_the_readers(site: Any, open_page: Open) -> None:
    page = await open_page(site, language="fr-FR")
    await expect(page.get_by_role("tab", name="Équipe")).to_be_visible()
    assert await page.locator("html").get_attribute("lang") == "fr"
    await page.locator("#chat textarea").fill("pas encore")
    await page.get_by_label("Langue de cette page").select_option("en")
    await expect(page.get_by_role("tab", name="Team")).to_be_visible()
    await expect(page.locator("#chat textarea")).to_have_value("pas encore")
    await page.reload()
    await expect(page.get_by_role("tab", name="Team")).to_be_visible()
    await page.goto(f"{site.url}?lang=fr")
    await expect(page.get_by_role("tab", name="Équipe")).to_be_visible()


async def test_a_language_that_the_page_lacks_falls_back_to_english(site: Any, open_page: Open) -> None:
    page = await open_page(site, language="tr")
    await expect(page.get_by_role("tab", name="Team")).to_be_visible()


async def test_arabic_turns_the_whole_page(start_site: Start, open_page: Open, tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts/ar.ftl").write_text("sim-page-tab-team = فريق الموقع\n", encoding="utf-8")
    page = await open_page(await start_site(), language="ar", path="#/person/9")
    await expect(page.get_by_role("tab", name="فريق الموقع")).to_be_visible()  # in the operator's own words
    await say(page, "مرحبا")
    theirs, mine = page.locator(".row.theirs[id] .bubble"), page.locator(".row.mine .bubble")
    await expect(theirs).to_have_count(1)
    places = {name: await page.locator(name).bounding_box() for name in ("#people", "#chat", "#trace")}
    people, chat, trace = (box["x"] if (box := places[name]) else 0 for name in ("#people", "#chat", "#trace"))
    assert people > chat > trace
    one, other = await mine.first.bounding_box(), await theirs.first.bounding_box()
    assert one
    assert other
    assert one["x"] < other["x"]
    assert await overflow(page) <= 0


async def test_a_conversation_by_keyboard_alone(site: Any, open_page: Open) -> None:
    page = await open_page(site, path="#/person/2")
    box = page.locator("#chat textarea")
    for _ in range(40):
        await page.keyboard.press("Tab")
        if await box.evaluate("(one) => one === document.activeElement"):
            break
    await page.keyboard.type("hello")
    await page.keyboard.press("Enter")
    await expect(page.locator(".row.theirs[id]")).to_have_count(1)
    await page.keyboard.press("Shift+Tab")  # attach
    for _ in range(4):
        await page.keyboard.press("Shift+Tab")
        if await page.evaluate("document.activeElement.textContent") == "🌐 Language":
            break
    await page.keyboard.press("Enter")
    opens = page.get_by_role("button", name="Choose", exact=True)
    await expect(opens).to_be_visible()
    await box.focus()
    for _ in range(6):
        await page.keyboard.press("Shift+Tab")
        if await opens.evaluate("(one) => one === document.activeElement"):
            break
    await page.keyboard.press("Enter")
    await page.get_by_role("dialog").locator(".choice", has_text="Français").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator(".row.theirs[id]").last).to_contain_text("français")


async def test_arrows_walk_along_messages_and_tabs(site: Any, open_page: Open) -> None:
    page = await open_page(site, path="#/person/2")
    for text in ("hello", "help"):
        await say(page, text)
    rows = page.locator(".row[id]")
    await expect(rows).to_have_count(4)
    await rows.last.focus()
    await page.keyboard.press("ArrowUp")
    await expect(rows.nth(2)).to_be_focused()
    await page.keyboard.press("Home")
    await expect(rows.first).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("menuitem", name="Reply")).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("menu")).to_have_count(0)
    await page.get_by_role("tab", name="Trace").focus()
    await page.keyboard.press("ArrowRight")
    await expect(page.get_by_role("tab", name="Team")).to_be_focused()
    await expect(page.locator("#team")).to_be_visible()


async def test_everything_that_can_be_pressed_has_a_name(site: Any, open_page: Open) -> None:
    page = await open_page(site, path="#/person/2")
    await say(page, "hello")
    await expect(page.locator(".row.theirs[id]")).to_have_count(1)
    controls = page.locator("#people, #chat, #tabs").locator("button, select, textarea, input")
    nameless = await controls.evaluate_all(
        """(all) => all.filter((one) => !(one.getAttribute("aria-label") || one.textContent.trim()))
            .map((one) => one.outerHTML)"""
    )
    assert nameless == []


async def test_no_part_of_the_page_writes_markup_or_styles_into_it() -> None:
    for path in sorted(STATIC.glob("*.js")):
        text = path.read_text(encoding="utf-8").replace(NAMESPACE, "")
        for forbidden in (
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            '"style"',
            "http://",
            "https://cdn",
        ):
            assert forbidden not in text, f"{path.name}: {forbidden}"


CONTRAST = """() => {
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const rgba = (colour) => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
        return [r, g, b, a / 255];
    };
    const light = ([r, g, b]) => {
        const linear = (v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
        const [x, y, z] = [r, g, b].map((v) => linear(v / 255));
        return 0.2126 * x + 0.7152 * y + 0.0722 * z;
    };
    const behind = (one) => {
        const layers = [];
        for (let at = one; at; at = at.parentElement) {
            const colour = rgba(getComputedStyle(at).backgroundColor);
            layers.push(colour);
            if (colour[3] === 1) break;
        }
        const over = (below, [r, g, b, a]) => [r, g, b].map((v, at) => v * a + below[at] * (1 - a));
        return layers.reverse().reduce(over, [255, 255, 255]);
    };
    const faint = [];
    for (const one of document.querySelectorAll("#people *, #chat *, #tabs *")) {
        const says = [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
        if (!says || !one.checkVisibility({ visibilityProperty: true }) || one.closest(".sr-only")) continue;
        const [a, b] = [light(rgba(getComputedStyle(one).color)), light(behind(one))];
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (ratio < 4.5) faint.push(`${one.className}: ${one.textContent.slice(0, 20)} ${ratio.toFixed(2)}`);
    }
    return [...new Set(faint)];
}"""
