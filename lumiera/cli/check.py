"""`lumiera check`: load everything, start nothing, say what is wrong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from lumiera.cli import proofread
from lumiera.cli.options import Options, config_option

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
    _ = bot.store  # raises where there is none, or two
    stages = len({spec.name for spec in bot.stages})
    counts = (len(bot.plugins.named("loaded")), "plugin"), (stages, "stage"), (len(bot.intents), "intent")
    languages = (len(bot.config.languages), "language")
    click.echo("ok: " + ", ".join(_count(*one) for one in (*counts, languages)))
    for warning in (*_plugins(bot), *_order(bot), *_intents(bot), *_texts(bot)):
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


def _intents(bot: Lumiera) -> Iterator[str]:
    for text, names in bot.intents.conflicts():
        yield f"{text!r} is an example of {' and '.join(map(repr, names))}: it decides for none. Leave it to one."
    for intent in bot.intents.values():
        if not any(intent.phrases()):
            yield f"intent {intent.name!r} of plugin {intent.plugin!r} has no examples: no text leads to it."


def _texts(bot: Lumiera) -> Iterator[str]:
    yield from map(str, proofread.problems(bot.texts))
    missing = defaultdict(list)
    for key, language in proofread.missing(bot.texts):
        missing[language].append(key)
    for language, keys in missing.items():
        more = f" and {len(keys) - SHOWN} more" if len(keys) > SHOWN else ""
        yield f"{_count(len(keys), 'text')} missing in {language!r}: {', '.join(keys[:SHOWN])}{more}"
