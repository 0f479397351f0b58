"""Every hook, in the order in which they fire: the framework's table of contents.

Kinds: *collect* hooks run once at start and return what a plugin brings; *decide* hooks are asked in the order of
`lumiera.yaml` until one answers; *classify* until one is sure enough; *gather* and *notify* hooks reach everybody.
"""

# mypy: disable-error-code="empty-body"

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click
import pluggy
from starlette.routing import BaseRoute

from lumiera.channel import Channel
from lumiera.intents import Intent
from lumiera.media import MediaStore
from lumiera.messages import IntentMatch, LanguageMatch, Media, Message, Reply, Transcript
from lumiera.people import Escalation, Session, User
from lumiera.queue import Queue
from lumiera.records import Migrations
from lumiera.stage import Health, Stage
from lumiera.store import Store
from lumiera.turn import Bot, Turn

hookspec = pluggy.HookspecMarker("lumiera")
hookimpl = pluggy.HookimplMarker("lumiera")

# --- collect: once at start, in the order of lumiera.yaml ------------------------------------------------------------


@hookspec
def register_stores() -> list[Store]:
    """Bring the store.

    Kind: collect. When: at load; exactly one plugin brings one.
    Return: stores, not yet opened.
    Raise: anything; the start fails and names the plugin.
    """


@hookspec
def register_migrations() -> list[Migrations]:
    """Bring database revisions of the plugin's own tables.

    Kind: collect. When: at load, before the store is opened.
    Return: folders of Alembic revisions, each a branch of its own.
    Raise: anything; the start fails and names the plugin.
    """


@hookspec
def register_queues() -> list[Queue]:
    """Bring a queue in place of the one in the process.

    Kind: collect. When: at load; at most one plugin brings one.
    Return: queues, not yet running.
    Raise: anything; the start fails and names the plugin.
    """


@hookspec
def register_channels() -> list[Channel]:
    """Bring ways to users.

    Kind: collect. When: at load.
    Return: channels with names of their own.
    Raise: anything; the start fails and names the plugin.
    """


@hookspec
def register_media_stores() -> list[MediaStore]:
    """Bring places where files of users are kept.

    Kind: collect. When: at load; `media.store` names the one that is used.
    Return: media stores with names of their own.
    Raise: anything; the start fails and names the plugin.
    """


@hookspec
def register_stages() -> list[type[Stage[Any]]]:
    """Bring kinds of stages that `pipeline:` may name.

    Kind: collect. When: at load, before `pipeline:` is read.
    Return: classes; each time `pipeline:` names one an instance is made with its settings.
    Raise: anything; the start fails and names the plugin.
    """


@hookspec
def register_intents() -> list[Intent]:
    """Bring intents with their handlers and examples.

    Kind: collect. When: at load.
    Return: intents with names of their own.
    Raise: anything; the start fails and names the plugin.
    """


@hookspec
def register_routes() -> list[BaseRoute]:
    """Bring web routes; `request.app.state.bot` is the bot.

    Kind: collect. When: at load.
    Return: Starlette routes.
    Raise: anything; the start fails and names the plugin.
    """


@hookspec
def register_commands() -> list[click.Command]:
    """Bring commands of the `lumiera` command line.

    Kind: collect. When: the command line is built.
    Return: click commands with names of their own.
    Raise: anything; the plugin is named and its commands are missing.
    """


# --- lifecycle -------------------------------------------------------------------------------------------------------


@hookspec
async def startup(bot: Bot) -> None:
    """Get ready: open clients, train models. Nothing has been received yet.

    Kind: lifecycle. When: the store is open, before the first turn and the first request; in order.
    Return: nothing.
    Raise: anything; the start fails and names the plugin.
    """


@hookspec
async def shutdown(bot: Bot) -> None:
    """Close what `startup` opened.

    Kind: lifecycle. When: the last turn has ended, the store still open; in reverse order.
    Return: nothing.
    Raise: anything; it is logged and the others still run.
    """


# --- a turn, in the order of the default pipeline --------------------------------------------------------------------


@hookspec(firstresult=True)
async def authenticate_user(message: Message, turn: Turn) -> User | None:
    """Say who sent a message.

    Kind: decide. When: stage `authenticate`, at every turn.
    Return: the user; one with status `blocked` is turned away; None to let the next plugin, at last the store, say.
    Raise: anything; fails closed: the turn is refused and no other plugin is asked.
    """


@hookspec(firstresult=True)
async def open_session(turn: Turn) -> Session | None:
    """Say which session a turn belongs to.

    Kind: decide. When: stage `session`.
    Return: the session, opened through `turn.bot.store`; None for the rule in `lumiera.yaml`.
    Raise: anything; logged, the next plugin is asked.
    """


@hookspec(firstresult=True)
async def detect_language(text: str, turn: Turn) -> LanguageMatch | None:
    """Say which language a text is in.

    Kind: decide. When: stage `language`, unless the text is an exact example.
    Return: one of `languages:` with a confidence; None when it cannot be told.
    Raise: anything; logged, the next plugin is asked.
    """


@hookspec(firstresult=True)
async def transcribe_audio(media: Media, turn: Turn) -> Transcript | None:
    """Turn a voice note into text.

    Kind: decide. When: stage `transcription`, for each voice note.
    Return: the transcript, None when it cannot be made out.
    Raise: anything; logged, the next plugin is asked.
    """


@hookspec
async def classify_intent(text: str, turn: Turn) -> Sequence[IntentMatch]:
    """Rank what the user may want.

    Kind: classify. When: stage `intent`, for what neither a pending question nor an exact example decides;
    `turn.candidates` holds what the earlier plugins said. Asked in order until a candidate reaches its threshold.
    Return: candidates, best first; empty when there are none.
    Raise: anything; logged, the next plugin is asked.
    """


@hookspec(firstresult=True)
async def translate_text(text: str, source: str, target: str, turn: Turn) -> str | None:
    """Translate a text between two of the languages.

    Kind: decide. When: stage `translation`, and stage `reply` for a reply in another language than the turn's.
    Return: the translation; None to let the next plugin try.
    Raise: anything; logged, the next plugin is asked.
    """


@hookspec(firstresult=True)
async def answer_turn(turn: Turn) -> Reply | None:
    """Answer what no intent is sure of: the agent. Runs as a dialogue, so `ask`, `once` and `say` work.

    Kind: decide. When: stage `route`, for the route `agent`.
    Return: the reply; None to let the next plugin answer.
    Raise: anything; logged, the next plugin is asked.
    """


# --- after the fact --------------------------------------------------------------------------------------------------


@hookspec
async def on_turn_finished(turn: Turn) -> None:
    """Take note of a turn after its commit.

    Kind: notify. When: after `persistence`, before its bubbles are sent.
    Return: nothing.
    Raise: anything; logged, the others still run.
    """


@hookspec
async def on_delivery_changed(channel: str, provider_id: str, state: str) -> None:
    """Take note of a bubble's delivery.

    Kind: notify. When: a provider's status moved the bubble on; repeated and late ones do not.
    Return: nothing.
    Raise: anything; logged, the others still run.
    """


@hookspec
async def on_escalations_found(escalations: Sequence[Escalation], bot: Bot) -> None:
    """Reach the team for those who need a human, and hand back what was theirs for long enough.

    Kind: notify. When: each second, in every process, while an escalation is open that something may be left to do
    for; with all open ones, oldest first.
    Return: nothing.
    Raise: anything; logged, the others still run.
    """


@hookspec
async def on_escalation_opened(escalation: Escalation) -> None:
    """Take note that a human is called to a conversation.

    Kind: notify. When: within a second of its commit, as the first person of the
    team is rung, or it is settled that nobody is; at most once.
    Return: nothing.
    Raise: anything; logged, the others still run.
    """


@hookspec
async def check_health() -> Health:
    """Say whether the plugin can do its work.

    Kind: gather. When: `/health` or `/ready` is asked; all plugins in parallel.
    Return: the state, with a reason where it is not fine; ok with a reason is degraded.
    Raise: anything; the plugin counts as unhealthy.
    """
