"""What somebody of the page sends: how it reaches the bot, and what cannot be sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from lumiera import Intent, Media, MediaError, Message, Reply, StoredMedia, StoreError, Turn, hookimpl
from lumiera.testing.bot import PHOTO

Start = Callable[..., Awaitable[Any]]
WRITES = "people/1/messages"


class Noted:
    """A plugin that notes what the bot was handed; its intent `fuite` keeps the first file and sends it back."""

    def __init__(self) -> None:
        self.turns: list[Turn] = []
        self.kept: list[StoredMedia] = []

    @property
    def messages(self) -> list[Message]:
        return [message for turn in self.turns for message in turn.messages]

    @hookimpl
    def register_intents(self) -> list[Intent]:
        return [Intent("leak", self._keep, examples={"fr": ["fuite"]})]

    @hookimpl
    async def on_turn_finished(self, turn: Turn) -> None:
        self.turns.append(turn)

    async def _keep(self, turn: Turn) -> Reply:
        self.kept.append(await turn.keep(turn.messages[0].media[0]))
        return Reply("Voilà", media=tuple(self.kept))


@pytest.fixture
def noted() -> Noted:
    return Noted()


@pytest.fixture
async def served(start: Start, noted: Noted) -> Any:
    return await start(noted=noted)


async def test_a_message_says_who_and_when(served: Any, noted: Noted) -> None:
    await served.says("  bonjour\0 ")
    await served.gets(1)
    (message,) = noted.messages
    (shown, _) = await served.thread()
    assert (message.text, message.sender, message.profile_name) == ("bonjour", "+33639980101", "Camille Laurent")
    assert (message.channel, message.sid, message.received_at.isoformat()) == ("simulator", shown["sid"], shown["at"])


async def test_a_burst_is_answered_in_order_and_together(start: Start, noted: Noted) -> None:
    served = await start({"burst": {"text": "200ms", "media": "200ms", "max": "2s"}}, noted=noted)
    await served.says(texts=["un tuyau fuit", "au troisième", "venez"])
    await served.gets(1)
    (turn,) = noted.turns
    assert turn.text == "un tuyau fuit\nau troisième\nvenez"
    assert {one["turn"] for one in await served.thread()} == {turn.id}


async def test_a_tap_has_an_id_and_no_text_of_its_own(served: Any, noted: Noted) -> None:
    await served.says(tap={"id": "intent:help", "title": "Aide"})
    await served.gets(1)
    (message,) = noted.messages
    assert message.tap is not None
    assert (message.text, message.tap.id, message.tap.title) == ("", "intent:help", "Aide")
    assert (await served.thread())[0]["text"] == "Aide"


async def test_a_place_reaches_the_bot(served: Any, noted: Noted) -> None:
    place = {"latitude": 48.8584, "longitude": 2.2945, "label": "Chantier", "address": "Quai Branly"}
    await served.says(location=place)
    await served.gets(1)
    location = noted.messages[0].location
    assert location is not None
    assert (location.latitude, location.longitude, location.label) == (48.8584, 2.2945, "Chantier")
    assert (await served.thread())[0]["location"] == place


async def test_what_is_quoted_reaches_the_bot(served: Any, noted: Noted) -> None:
    await served.says("bonjour")
    (answer,) = await served.gets(1)
    await served.says("ceci ?", reply_to=answer["sid"])
    await served.gets(2)
    assert noted.messages[1].reply_to == answer["sid"]
    assert (await served.thread())[2]["reply_to"] == answer["sid"]


async def test_an_album_is_a_message_for_each_picture_with_the_words_on_the_first(served: Any, noted: Noted) -> None:
    files = [(await served.upload(PHOTO, name=f"{n}.jpg")).data["id"] for n in range(3)]
    answer = await served.post(WRITES, {"files": files, "text": "le mur"})
    assert [(one["text"], one["sent_as"], one["media"][0]["filename"]) for one in answer.data["messages"]] == [
        ("le mur", "media", "0.jpg"),
        ("", "media", "1.jpg"),
        ("", "media", "2.jpg"),
    ]
    await served.gets(1)
    await served.until(lambda: served.thread(), lambda found: [one["status"] for one in found[:3]] == ["read"] * 3)
    assert [message.text for message in noted.messages] == ["le mur", "", ""]
    assert {message.media[0].content_type for message in noted.messages} == {"image/jpeg"}


async def test_words_with_a_voice_note_come_after_it_as_a_recording_has_no_caption(served: Any, noted: Noted) -> None:
    file = (await served.upload(b"OggS", "audio/ogg; codecs=opus", "note.ogg")).data["id"]
    await served.says("écoutez", files=[file])
    first, second = (await served.thread())[:2]
    assert (first["media"][0]["kind"], first["text"], second["text"]) == ("audio", "", "écoutez")
    await served.gets(2)
    assert noted.messages[0].voice is not None


async def test_the_bot_keeps_what_was_attached_and_sends_it_back(served: Any, noted: Noted) -> None:
    file = (await served.upload(PHOTO, name="mur.jpg")).data
    assert (file["content_type"], file["filename"], file["size"]) == ("image/jpeg", "mur.jpg", len(PHOTO))
    await served.says("fuite", files=[file["id"]])
    (answer,) = await served.gets(1)
    assert (noted.kept[0].content_type, noted.kept[0].filename) == ("image/jpeg", "mur.jpg")
    (media,) = answer["media"]
    assert (answer["text"], answer["sent_as"], media["kind"]) == ("Voilà", "media", "image")
    picture = await served.ask("GET", media["url"])
    assert (picture.status, picture.headers["content-type"]) == (200, "image/jpeg")
    assert len(picture.body) == media["size"]


async def test_without_a_media_store_files_still_reach_the_bot(start: Start, noted: Noted) -> None:
    plugins = (await start()).bot.config.plugins
    served = await start({"plugins": {**plugins, "media": False}}, noted=noted)
    file = (await served.upload(PHOTO)).data["id"]
    await served.says(files=[file])
    await served.gets(1)
    media = noted.messages[0].media[0]
    assert b"".join([chunk async for chunk in served.bot.fetch("simulator", media)]) == PHOTO
    assert (await served.ask("GET", "/simulator/media/abc.jpg")).status == 404


async def test_a_file_that_is_gone_is_an_error_of_its_own(site: Any) -> None:
    with pytest.raises(MediaError):
        [_ async for _ in site.bot.fetch("simulator", Media(url="/simulator/files/gone", content_type="image/png"))]


async def test_what_the_bot_could_not_take_is_handed_to_it_with_the_next_message(
    served: Any, noted: Noted, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(messages: object) -> None:
        raise StoreError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(served.bot, "receive", fail)
        refused = await served.post(WRITES, {"text": "bonjour"})
    assert (refused.status, "disk" in refused.data["error"]) == (503, False)
    assert [one["status"] for one in await served.thread()] == ["sent"]
    await served.says("merci")
    await served.gets(2)
    assert [message.text for message in noted.messages] == ["bonjour", "merci"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": " \0 "},
        {"texts": ["a", ""]},
        {"texts": ["a"] * 31},
        {"text": "a", "tap": {"id": "b"}},
        {"text": "a", "texts": ["b"]},
        {"tap": {"id": ""}},
        {"text": "a" * 65537},
        {"text": 5},
        {"text": "a", "language": "fr"},
        {"location": {"latitude": 91, "longitude": 0}},
        {"location": {"latitude": 0}},
        {"files": ["nothing"]},
        {"files": []},
    ],
    ids=str,
)
async def test_what_cannot_be_sent_is_refused_in_words_and_stays_off_the_phone(site: Any, body: object) -> None:
    answer = await site.post(WRITES, body)
    assert answer.status == 422
    assert answer.data["error"]
    assert await site.thread() == []


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, b"{", "application/json"),
        (400, b'{"text": "\\ud800"}', "application/json"),
        (400, b"\xff", "application/json"),
        (422, b"[]", "application/json"),
        (415, b'{"text": "a"}', "text/plain"),
        (415, b'{"text": "a"}', "application/x-www-form-urlencoded"),
    ],
)
async def test_what_is_no_message_is_refused(site: Any, status: int, body: bytes, kind: str) -> None:
    answer = await site.ask("POST", f"/simulator/{WRITES}", body, {"Content-Type": kind})
    assert answer.status == status
    assert answer.data["error"]


@pytest.mark.parametrize("body", [{"files": ["a"] * 31}, {"texts": ["a"] * 31}], ids=["files", "texts"])
async def test_more_than_goes_at_once_is_refused_in_plain_words(site: Any, body: object) -> None:
    answer = await site.post(WRITES, body)
    assert (answer.status, answer.data["error"].partition(": ")[2]) == (422, "expected at most 30 at once")


async def test_what_is_too_large_is_refused_before_it_is_sent(site: Any) -> None:
    headers = {"Content-Type": "application/json", "Content-Length": str(10 * 1024 * 1024)}
    answer = await site.ask("POST", f"/simulator/{WRITES}", b"", headers)
    assert (answer.status, answer.data) == (413, {"error": "That is too large; at most 256 KB are taken."})


async def test_nobody_is_at_a_number_that_is_not_there(site: Any) -> None:
    for person in (99, 10**30):
        assert (await site.post(f"people/{person}/messages", {"text": "a"})).status == 404
        assert (await site.ask("GET", f"/simulator/people/{person}/messages")).status == 404
