"""What a person of the page writes: read from a request, put on the phone, handed to the bot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator
from sqlalchemy import Connection

from lumiera.messages import Location, Media, Message, Tap
from lumiera.turn import Bot
from lumiera_simulator import files, messages
from lumiera_simulator.files import File
from lumiera_simulator.messages import Attached, Body, PhoneMessage
from lumiera_simulator.people import Person
from lumiera_simulator.phone import new_sid
from lumiera_simulator.schema import CHANNEL
from lumiera_simulator.wire import Asked, Refused

LONGEST = 65536  # characters of a text, as on WhatsApp
MOST_AT_ONCE = 30


def _words(text: str) -> str:
    return text.replace("\0", "").strip()


def _at_once(several: tuple[str, ...]) -> tuple[str, ...]:
    if len(several) > MOST_AT_ONCE:
        raise ValueError(f"expected at most {MOST_AT_ONCE} at once")
    return several


Words = Annotated[str, AfterValidator(_words), Field(max_length=LONGEST)]
Short = Annotated[str, AfterValidator(_words), Field(max_length=1024)]


class Tapped(Asked):
    """A button or row that was tapped."""

    id: Annotated[str, Field(min_length=1, max_length=256)]
    title: Short = ""


class Place(Asked):
    """A position that is shared."""

    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]
    label: Short = ""
    address: Short = ""


class Written(Asked):
    """What somebody sends: a text, several in a row, a tap, a place, or files with a caption."""

    text: Words = ""
    texts: Annotated[tuple[Words, ...], AfterValidator(_at_once)] = ()
    tap: Tapped | None = None
    location: Place | None = None
    files: Annotated[tuple[str, ...], AfterValidator(_at_once)] = ()
    reply_to: Annotated[str, Field(max_length=128)] = ""

    @model_validator(mode="after")
    def _says_one_thing(self) -> Written:
        kinds = [bool(self.text) and not self.files, bool(self.texts), bool(self.tap), bool(self.location)]
        if [*kinds, bool(self.files)].count(True) != 1 or not all(self.texts):
            raise ValueError("send either a text, texts, a tap, a location, or files with a text")
        return self

    def bodies(self, attached: Sequence[File]) -> Iterator[Body]:
        """Yield the messages that this makes: one for each file and each text of a burst, as WhatsApp does it."""
        if self.tap:
            tap = Tap(id=self.tap.id, title=self.tap.title)
            yield Body(text=tap.title, sent_as="tap", tap=tap, reply_to=self.reply_to)
        elif self.location:
            yield Body(sent_as="location", location=Location(**self.location.model_dump()), reply_to=self.reply_to)
        elif attached:
            yield from self._album([_attached(file) for file in attached])
        else:
            for text in self.texts or [self.text]:
                yield Body(text=text, reply_to=self.reply_to)

    def _album(self, attached: Sequence[Attached]) -> Iterator[Body]:
        """Yield a message for each file; the words stand with the first, or come after a recording, which has none."""
        heard = attached[0].kind == "audio"
        for place, file in enumerate(attached):
            said = self.text if place == 0 and not heard else ""
            yield Body(text=said, sent_as="media", media=(file,), reply_to=self.reply_to)
        if heard and self.text:
            yield Body(text=self.text, reply_to=self.reply_to)


async def say(bot: Bot, person: Person, written: Written) -> list[PhoneMessage]:
    """Put messages on the phone and hand them to the bot, after what an earlier stop has kept from it."""
    attached = await bot.store.read(lambda tx: [files.facts(tx, one) for one in written.files])
    if None in attached:
        raise Refused(422, "There is no such file; upload it first.")
    bodies = list(written.bodies([file for file in attached if file]))
    now = bot.now()

    def write(tx: Connection) -> tuple[list[PhoneMessage], list[PhoneMessage]]:
        made = [messages.put(tx, person.id, "in", new_sid(), body, now) for body in bodies]
        return made, messages.unsent(tx, person.id)

    made, unsent = await bot.store.run(write)
    await bot.receive([_message(person, one) for one in unsent])

    def arrive(tx: Connection) -> list[PhoneMessage]:
        messages.move(tx, [one.sid for one in unsent], "delivered")
        return messages.these(tx, [one.sid for one in made])

    return await bot.store.run(arrive)


def _message(person: Person, said: PhoneMessage) -> Message:
    """Return what the bot is handed, as the real channel would read it."""
    body = said.body
    return Message(
        sid=said.sid,
        channel=CHANNEL,
        sender=person.phone,
        received_at=said.at,
        text="" if body.tap else body.text,
        media=tuple(_media(file) for file in body.media),
        tap=body.tap,
        location=body.location,
        profile_name=person.name,
        reply_to=body.reply_to,
    )


def _media(file: Attached) -> Media:
    return Media(url=file.url, content_type=file.content_type, size=file.size, filename=file.filename)


def _attached(file: File) -> Attached:
    kind = Media(url="", content_type=file.content_type).kind
    url = f"/simulator/files/{file.id}"
    return Attached(url=url, kind=kind, content_type=file.content_type, filename=file.filename, size=file.size)
