"""Photos, files, voice notes and places, sent from the page by clicks, drops and the microphone."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import FilePayload, Locator, Page, expect

from lumiera.testing.bot import PHOTO

pytestmark = pytest.mark.asyncio(loop_scope="session")
Open = Callable[..., Awaitable[Page]]
Start = Callable[..., Awaitable[Any]]
ENGLISH = "#/person/2"


def file(name: str, kind: str = "image/jpeg", data: bytes = PHOTO) -> FilePayload:
    return {"name": name, "mimeType": kind, "buffer": data}


async def choose(page: Page, entry: str, *files: FilePayload) -> None:
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name="Attach").click()
        await page.get_by_role("menuitem", name=entry, exact=True).click()
    await (await chooser.value).set_files(files)


def mine(page: Page) -> Locator:
    return page.locator(".row.mine .bubble")


async def test_photos_with_words_go_as_one_album(start_site: Start, open_page: Open) -> None:
    page = await open_page(await start_site({"burst": {"text": 0, "media": "300ms", "max": "1s"}}), path=ENGLISH)
    await choose(page, "Photos and videos", file("a.jpg"), file("b.jpg"), file("c.jpg"))
    await page.get_by_role("button", name="Remove b.jpg").click()
    await page.get_by_role("textbox", name="Message").fill("The cellar")
    await page.get_by_role("button", name="Send", exact=True).click()
    await expect(mine(page)).to_have_count(2)
    await expect(mine(page).first).to_contain_text("The cellar")
    await expect(page.locator(".tray li")).to_have_count(0)
    await expect(page.locator(".row.theirs[id]")).to_have_count(1)  # one turn, one answer
    shown = mine(page).first.locator("img")
    await expect(shown).to_have_js_property("complete", True)
    assert await shown.evaluate("(picture) => picture.naturalWidth") == 1


async def test_a_click_enlarges_a_photo(site: Any, open_page: Open) -> None:
    page = await open_page(site, path=ENGLISH)
    await choose(page, "Photos and videos", file("crack.jpg"))
    await page.get_by_role("button", name="Send", exact=True).click()
    await page.get_by_role("button", name="Enlarge crack.jpg").click()
    await expect(page.get_by_role("dialog", name="crack.jpg").get_by_role("img")).to_be_visible()
    await page.mouse.click(5, 5)
    await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_a_file_shows_its_name_and_size_and_comes_down_again(site: Any, open_page: Open) -> None:
    page = await open_page(site, path=ENGLISH)
    plan = b"%PDF-1.4\n" + b"%" * 3000
    await choose(page, "File", file("plan étage 2.pdf", "application/pdf", plan))
    await page.keyboard.press("Enter")
    link = mine(page).get_by_role("link")
    await expect(link).to_contain_text("plan étage 2.pdf")
    await expect(link).to_contain_text("PDF · 3 kB")
    async with page.expect_download() as download:
        await link.click()
    assert (await (await download.value).path()).read_bytes() == plan


async def test_a_file_that_is_too_large_is_refused_before_it_is_sent(
    start_site: Start, open_page: Open, tmp_path: Path
) -> None:
    page = await open_page(await start_site({"media": {"largest": 1, "path": str(tmp_path / "files")}}), path=ENGLISH)
    await choose(page, "File", file("film.bin", "application/octet-stream", b"x" * (1024 * 1024 + 1)))
    await expect(page.locator(".toast")).to_have_text("Files over 1 MB are not taken.")
    await expect(page.locator(".tray li")).to_have_count(0)


async def test_an_empty_file_keeps_the_others_from_nothing(site: Any, open_page: Open) -> None:
    page = await open_page(site, path=ENGLISH)
    await choose(page, "File", file("empty.txt", "text/plain", b""), file("wall.jpg"))
    await expect(page.locator(".toast")).to_have_text("Empty files are not taken.")
    await expect(page.locator(".tray li")).to_contain_text(["wall.jpg"])
    await page.keyboard.press("Enter")
    await expect(mine(page)).to_have_count(1)


async def test_thirty_files_go_at_once_and_the_rest_is_left_out(site: Any, open_page: Open) -> None:
    page = await open_page(site, path=ENGLISH)
    await choose(page, "Photos and videos", *[file(f"{n}.jpg") for n in range(32)])
    await expect(page.locator(".toast")).to_have_text("At most 30 files go at once.")
    await expect(page.locator(".tray li")).to_have_count(30)
    await page.keyboard.press("Enter")
    await expect(mine(page)).to_have_count(30)


@pytest.mark.parametrize("how", ["drop", "paste"])
async def test_a_picture_can_be_dropped_and_pasted(site: Any, open_page: Open, how: str) -> None:
    page = await open_page(site, path=ENGLISH)
    await page.evaluate(
        """([how, data]) => {
            const bytes = Uint8Array.from(atob(data), (one) => one.charCodeAt(0));
            const carried = new DataTransfer();
            carried.items.add(new File([bytes], "dropped.jpg", { type: "image/jpeg" }));
            const init = { bubbles: true, cancelable: true };
            const event = how === "drop"
                ? new DragEvent("drop", { ...init, dataTransfer: carried })
                : new ClipboardEvent("paste", { ...init, clipboardData: carried });
            document.querySelector("#chat textarea").dispatchEvent(event);
        }""",
        [how, base64.b64encode(PHOTO).decode()],
    )
    await expect(page.locator(".tray li")).to_contain_text("dropped.jpg")
    await page.keyboard.press("Enter")
    await expect(mine(page).locator("img")).to_have_count(1)


async def test_a_voice_note_is_recorded_and_can_be_heard(site: Any, open_page: Open) -> None:
    page = await open_page(site, path=ENGLISH, permissions=["microphone"])
    await page.get_by_role("button", name="Record a voice note").click()
    await expect(page.get_by_role("timer")).to_have_text("0:01")
    await page.get_by_role("button", name="Send the voice note").click()
    note = mine(page).get_by_role("group", name="Voice note")
    await expect(note).to_be_visible()
    await note.get_by_role("button", name="Play").click()
    await expect(note.locator("audio")).not_to_have_js_property("currentTime", 0)
    await expect(page.locator(".row.theirs[id]")).to_contain_text("voice message")


async def test_a_recording_can_be_thrown_away(site: Any, open_page: Open) -> None:
    page = await open_page(site, path=ENGLISH, permissions=["microphone"])
    await page.get_by_role("button", name="Record a voice note").click()
    await page.get_by_role("button", name="Throw the recording away").click()
    await expect(page.get_by_role("button", name="Record a voice note")).to_be_focused()
    await expect(mine(page)).to_have_count(0)


async def test_a_held_button_records_until_it_is_let_go(site: Any, open_page: Open) -> None:
    page = await open_page(site, path=ENGLISH, permissions=["microphone"])
    await page.get_by_role("button", name="Record a voice note").hover()
    await page.mouse.down()
    await expect(page.get_by_role("timer")).to_have_text("0:01")
    await page.mouse.up()
    await expect(mine(page).get_by_role("group", name="Voice note")).to_be_visible()


async def test_a_voice_note_from_a_file_goes_at_once(site: Any, open_page: Open) -> None:
    page = await open_page(site, path=ENGLISH)
    await choose(page, "Voice note from a file", file("note.ogg", "audio/ogg", b"OggS" + b"\0" * 60))
    await expect(mine(page).get_by_role("group", name="Voice note")).to_be_visible()


async def test_a_known_place_is_sent_as_a_card(site: Any, open_page: Open) -> None:
    page = await open_page(site, path=ENGLISH)
    await page.get_by_role("button", name="Attach").click()
    await page.get_by_role("menuitem", name="Location").click()
    await page.get_by_role("button", name="Rue de Rivoli, Paris").click()
    await expect(mine(page).locator(".place")).to_contain_text("48.86063, 2.33765")
    await expect(mine(page).locator("a")).to_have_count(0)


async def test_typed_coordinates_are_checked_and_sent(site: Any, open_page: Open) -> None:
    page = await open_page(site, path=ENGLISH)
    await page.get_by_role("button", name="Attach").click()
    await page.get_by_role("menuitem", name="Location").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Latitude").fill("95")
    await dialog.get_by_label("Longitude").fill("4.8")
    await dialog.get_by_role("button", name="Send").click()
    await expect(dialog).to_be_visible()
    await dialog.get_by_label("Latitude").fill("45.7")
    await dialog.get_by_role("button", name="Send").click()
    await expect(mine(page).locator(".place")).to_contain_text("45.70000, 4.80000")


async def test_the_browser_tells_where_one_is_or_the_page_says_that_it_does_not(site: Any, open_page: Open) -> None:
    page = await open_page(site, path=ENGLISH, geolocation={"latitude": 50.1, "longitude": 8.6})
    await page.get_by_role("button", name="Attach").click()
    await page.get_by_role("menuitem", name="Location").click()
    await page.get_by_role("button", name="Where I am now").click()
    await expect(page.get_by_role("alert")).to_contain_text("does not say where you are")
    await page.context.grant_permissions(["geolocation"])
    await page.get_by_role("button", name="Where I am now").click()
    await expect(mine(page).locator(".place")).to_contain_text("50.10000, 8.60000")
