"""An example of each hook, as docs/hooks.md shows it; `test_docs_hooks.py` drives them all.

The imports and the functions of the hooks stand in the page as they stand here, the classes and the rest do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from lumiera_sql.sqlite import SqliteRunner
from lumiera_sql.store import SqlStore
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Route

from lumiera import Bot, Capabilities, Channel, Escalation, Health, Intent, IntentMatch, LanguageMatch, Media, Message
from lumiera import MediaStore, Migrations, Reply, Session, Stage, StageSettings, Store, StoredMedia, Transcript, Turn
from lumiera import User, hookimpl
from lumiera.queue import LocalQueue, Queue
from lumiera.testing import KitChannel

# ruff: noqa: I001 - three lines of imports, as the page shows them


class Polite(Stage[StageSettings]):
    name = "polite"

    async def run(self, turn: Turn) -> None:
        if turn.reply is not None:
            turn.reply = Reply(f"{turn.reply.text} Merci !", turn.reply.choices)


class Drawer:
    """A media store that keeps nothing."""

    name = "drawer"

    async def put(self, chunks: Any, *, filename: str = "") -> StoredMedia:
        return StoredMedia(id="1", content_type="image/jpeg", size=sum([len(chunk) async for chunk in chunks]))

    async def get(self, media_id: str) -> bytes:
        return b""

    async def link(self, media: StoredMedia) -> str:
        return "https://bot.example/1"

    async def delete(self, media_id: str) -> None: ...


async def opening_hours(turn: Turn) -> str:
    return "07:00"


async def hello(request: Request) -> PlainTextResponse:
    return PlainTextResponse(f"{len(request.app.state.bot.intents)} intents")


@click.command("sites")
def sites() -> None:
    """List the sites."""
    click.echo("Tour Nord")


site_of: dict[str, str] = {"+33600000001": "Tour Nord"}
models: list[str] = []
seen: list[str] = []


# --- the examples ----------------------------------------------------------------------------------------------------


@hookimpl
def register_stores() -> list[Store]:
    return [SqlStore(SqliteRunner("site.db"))]


@hookimpl
def register_migrations() -> list[Migrations]:
    return [Migrations(branch="site", path=str(Path(__file__).parent / "migrations"))]


@hookimpl
def register_queues() -> list[Queue]:
    return [LocalQueue()]


@hookimpl
def register_channels() -> list[Channel]:
    return [KitChannel(name="pager", capabilities=Capabilities(text=160))]


@hookimpl
def register_media_stores() -> list[MediaStore]:
    return [Drawer()]  # its `name` is "drawer": `media: {store: drawer}`


@hookimpl
def register_stages() -> list[type[Stage[Any]]]:
    return [Polite]  # its `name` is "polite": `- polite` in `pipeline:`


@hookimpl
def register_intents() -> list[Intent]:
    return [Intent("opening_hours", opening_hours, examples={"fr": ["vos horaires"], "en": ["your hours"]})]


@hookimpl
def register_routes() -> list[BaseRoute]:
    return [Route("/hello", hello)]


@hookimpl
def register_commands() -> list[click.Command]:
    return [sites]  # `lumiera sites`


@hookimpl
async def startup(bot: Bot) -> None:
    models.append(f"a model of {len(bot.intents)} intents")


@hookimpl
async def shutdown() -> None:  # any of the arguments, or none
    models.clear()


@hookimpl
async def authenticate_user(message: Message) -> User | None:
    if message.sender not in site_of:
        return None  # the next plugin may know them, at last the store
    return User(id=0, phone=message.sender, name="Zofia", language="pl")


@hookimpl
async def open_session(turn: Turn) -> Session | None:
    if turn.text.startswith("new:"):
        return await turn.bot.store.open_session(turn.lease, turn.now)
    return None  # the rule in lumiera.yaml


@hookimpl
async def detect_language(text: str) -> LanguageMatch | None:
    return LanguageMatch(language="de", confidence=0.9) if "ß" in text else None


@hookimpl
async def transcribe_audio(media: Media) -> Transcript | None:
    if media.size == 0:
        return None  # the next plugin may make it out
    return Transcript(text="bonjour", confidence=0.8, language="fr")


@hookimpl
async def classify_intent(text: str, turn: Turn) -> Sequence[IntentMatch]:
    if "perdu" in text and not turn.candidates:
        return [IntentMatch(intent="help", confidence=0.95)]
    return []


@hookimpl
async def translate_text(text: str, source: str, target: str) -> str | None:
    return {("chantier", "fr", "en"): "site"}.get((text, source, target))


@hookimpl
async def answer_turn(turn: Turn) -> Reply | None:
    if turn.text.endswith("?"):
        return Reply(f"« {turn.text} » : je demande au chef.")
    return None


@hookimpl
async def on_turn_finished(turn: Turn) -> None:
    seen.append(f"{turn.intent} by {turn.route}")


@hookimpl
async def on_delivery_changed(provider_id: str, state: str) -> None:
    seen.append(f"{provider_id} is {state}")


@hookimpl
async def on_escalation_opened(escalation: Escalation) -> None:
    seen.append(f"{escalation.opening.reason}: conversation {escalation.conversation.id}")


@hookimpl
async def on_escalations_found(escalations: Sequence[Escalation], bot: Bot) -> None:
    for escalation in escalations:
        if escalation.opening.reason == "lost":
            await bot.answer_escalation(escalation, "Restez où vous êtes.")


@hookimpl
async def check_health() -> Health:
    return Health(ok=bool(models), reason="" if models else "there is no model")
