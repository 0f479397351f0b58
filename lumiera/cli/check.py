"""`lumiera check`: load everything, start nothing, say what is wrong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from lumiera.channel import Fetches
from lumiera.cli import proofread
from lumiera.cli.options import Options, config_option
from lumiera.cli.reviews import Catalogue
from lumiera.cli.serve import webhooks
from lumiera.errors import ConfigError

if TYPE_CHECKING:
    from lumiera.app import Lumiera

SHOWN = 5  # names in one warning
# A stage, one that comes after it, and what goes wrong the other way round.
ORDER = (
    ("consent", "limits", "a STOP over the limit is not obeyed"),
    ("limits", "transcription", "voice notes are transcribed for users over the limit"),
    ("limits", "intent", "models are asked for users over the limit"),
    ("language", "intent", "the answer is not in the language of the message"),
    ("transcription", "intent", "a voice note has no text yet"),
    ("handover", "intent", "the bot answers although a human has the conversation"),
    ("session", "route", "handlers find no session"),
    ("intent", "route", "nothing is known of what the user wants"),
    ("translation", "route", "nobody reads the translation any more"),
    ("route", "reply", "there is no reply to translate yet"),
)


@click.command("check", short_help="Say what is wrong with the configuration.")
@config_option
@click.pass_obj
def command(options: Options) -> None:
    """Load everything without starting it and report every mistake with its line; exit code 2 if there is one."""
    bot = options.load()
    _refuse_silence(bot)
    stages = len({spec.name for spec in bot.stages})
    counts = (len(bot.plugins.named("loaded")), "plugin"), (stages, "stage"), (len(bot.intents), "intent")
    languages = (len(bot.config.languages), "language")
    click.echo("ok: " + ", ".join(_count(*one) for one in (*counts, languages)))
    for warning in (
        *_plugins(bot),
        *_order(bot),
        *_people(bot),
        *_media(bot),
        *_intents(bot),
        *_texts(bot),
        *_reviews(bot),
    ):
        click.echo(f"warning: {warning}")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _plugins(bot: Lumiera) -> Iterator[str]:
    for info in bot.plugins.infos:
        if info.status == "failed":
            yield f"the bot does without {info.name!r}: {info.reason}"


def _order(bot: Lumiera) -> Iterator[str]:
    names = [spec.name for spec in bot.stages]
    for earlier, later, trouble in ORDER:
        if earlier in names and later in names and names.index(earlier) > names.index(later):
            place = bot.document.place(("pipeline", names.index(earlier)))
            yield f"{place}: {earlier!r} stands after {later!r}: {trouble}. Put it before."


def _refuse_silence(bot: Lumiera) -> None:
    """Refuse a bell that cannot ring: whoever is on call has seldom written within the window of the channel."""
    escalation, names = bot.config.escalation, _with_window(bot)
    if names and escalation.notify and not escalation.template:
        what = f"missing: on {names[0]!r} nobody who has not just written can be rung without an approved template."
        raise ConfigError([bot.document.problem(("escalation", "template"), what)])


def _with_window(bot: Lumiera) -> list[str]:
    """Return the channels that close, of a bot with real users: the simulator's need no template."""
    return [] if not webhooks(bot) else [name for name, channel in bot.channels.items() if channel.capabilities.window]


def _people(bot: Lumiera) -> Iterator[str]:
    if _with_window(bot) and not bot.config.escalation.notify:
        place = bot.document.place(("escalation", "notify"))
        yield f"{place}: escalation.notify is empty: nobody is rung for a user who needs a human."


def _media(bot: Lumiera) -> Iterator[str]:
    config, place = bot.config, bot.document.place
    if bot.media is None and ("media", "store") in bot.document.places:
        yield f"{place(('media', 'store'))}: no plugin brings a media store: files stay where the channel has them."
    sending = [name for name, channel in bot.channels.items() if isinstance(channel, Fetches)] if webhooks(bot) else []
    if bot.media is not None and sending and not (config.media.public_base_url or config.web.public_url):
        what = f"web.public_url is missing: {sending[0]!r} cannot send files, whose links begin with it."
        yield f"{place(('web', 'public_url'))}: {what}"


def _intents(bot: Lumiera) -> Iterator[str]:
    for text, names in bot.intents.conflicts():
        yield f"{text!r} is an example of {' and '.join(map(repr, names))}: it decides for none. Leave it to one."
    for intent in bot.intents.values():
        if not any(intent.phrases()):
            yield f"intent {intent.name!r} of plugin {intent.plugin!r} has no examples: no text leads to it."


def _texts(bot: Lumiera) -> Iterator[str]:
    menu = {intent.menu for intent in bot.intents.values() if intent.menu}
    yield from map(str, proofread.problems(bot.texts, menu))
    missing = defaultdict(list)
    for key, language in proofread.missing(bot.texts):
        missing[language].append(key)
    for language, keys in missing.items():
        more = f" and {len(keys) - SHOWN} more" if len(keys) > SHOWN else ""
        yield f"{_count(len(keys), 'text')} missing in {language!r}: {', '.join(keys[:SHOWN])}{more}"


def _reviews(bot: Lumiera) -> Iterator[str]:
    counts = {language: count for language, count in Catalogue.of(bot).unreviewed().items() if count}
    if counts:
        texts = _count(sum(counts.values()), "text")
        each = ", ".join(f"{language} {count}" for language, count in counts.items())
        yield f"{texts} that nobody has reviewed: {each}; lumiera texts export --unreviewed"
