"""What a message is taken for: exact matches, thresholds, and the language of the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from lumiera.config import Config
from lumiera.intents import AGENT, normalise
from lumiera.messages import Choices, IntentMatch, Option, Reply
from lumiera.questions import Asked
from lumiera.records import DialogueRecord
from lumiera.texts import phone_language
from lumiera.turn import Turn

FREE = ("free_text", "photos")  # questions that take any words or pictures: few things interrupt them


def phone_of(turn: Turn) -> str:
    return turn.conversation.address if turn.conversation.address.startswith("+") else ""


def known_language(turn: Turn) -> str:
    """Return the user's language, else that of the phone's prefix, else the internal one."""
    config, user = turn.bot.config, turn.authenticated or turn.known_user
    own = user.language if user and user.language in config.languages else ""
    return own or phone_language(phone_of(turn), config.languages) or config.language


def exact_language(turn: Turn) -> str:
    """Return the language of the example or menu title that the text is; empty where it is none.

    A text that stands in several languages is in the user's if that is one of them.
    """
    languages = [one for found in turn.bot.intents.exact(turn.text).values() for one in found]
    said = normalise(turn.text)
    if said and not languages:
        titles, spoken = [one.text for one in turn.bot.intents.menu().options], turn.bot.config.languages
        title_in = turn.bot.texts.format
        languages = [one for one in spoken if said in (normalise(title_in(title, one)) for title in titles)]
    known = [one for one in turn.bot.config.languages if one in languages]
    return known_language(turn) if known_language(turn) in known else next(iter(known), "")


def threshold(config: Config, intent: str, kind: Literal["fast_path", "clarify"] = "fast_path") -> float:
    """Return the confidence from which an intent is answered at once, or offered."""
    own: float | None = getattr(config.routing.intents.get(intent), kind, None)
    general: float = getattr(config.routing, kind)
    return general if own is None else own


def is_sure(turn: Turn, match: IntentMatch, least: float = 0.0) -> bool:
    """Say whether an intent is to be served: from its threshold on, and from `least`."""
    known = match.intent in turn.bot.intents
    return known and match.confidence >= max(least, threshold(turn.bot.config, match.intent))


def is_decided(turn: Turn) -> bool:
    """Say whether the turn needs no further understanding."""
    return turn.route is not None or turn.reply is not None or (turn.match is not None and is_sure(turn, turn.match))


def picked_option(turn: Turn) -> str:
    """Return the id of the option that the user tapped, or typed the number or title of; empty for none.

    Numbers count the options under the last reply, unless one is asked for; titles of the menu's intents count at any
    time, in any language.
    """
    tap = next((message.tap for message in turn.messages if message.tap), None)
    if tap is not None:
        return tap.id
    said = normalise(turn.text)
    shown = turn.menu.options if turn.menu else ()
    question = pending(turn)
    if said.isdecimal() and 0 < int(said) <= len(shown) and not (question and question.kind == "number"):
        return shown[int(said) - 1].id
    everything = (*shown, *turn.bot.intents.menu().options) if said else ()
    labels = turn.bot.texts.labels
    named = ((one.id, (one.title, *(labels(one.text) if one.text else ()))) for one in everything)
    return next((option for option, titles in named if said in map(normalise, titles)), "")


def exact_match(turn: Turn, option: str) -> IntentMatch | None:
    """Return the intent of a picked option, or the one that has the text as an example, as certain."""
    intents = turn.bot.intents
    name = option.removeprefix("intent:")
    if option.startswith("intent:") and name in intents:
        tapped = any(message.tap for message in turn.messages)
        return IntentMatch(intent=name, confidence=1.0, source="tap" if tapped else "menu", language=turn.language)
    found = list(intents.exact(turn.text))
    if len(found) == 1:
        return IntentMatch(intent=found[0], confidence=1.0, source="exact", language=turn.language)
    return None


def says(turn: Turn, key: str) -> bool:
    """Say whether the text is a label of ours, in any language."""
    said = normalise(turn.text)
    return bool(said) and said in map(normalise, turn.bot.texts.labels(key))


def again(question: Asked, *before: str, also: Sequence[Option] = ()) -> Reply:
    """Ask a question once more, with words before it; `also` are options that lead elsewhere."""
    text, own = "\n\n".join(filter(None, (*before, question.shown.text))), question.shown.choices
    if not also:
        return replace(question.shown, text=text)
    answers = (replace(one, id=f"{own.ref}:{one.id}") for one in own.options) if own else ()
    return replace(question.shown, text=text, choices=Choices(options=(*answers, *also)))


def is_answered(record: DialogueRecord) -> bool:
    """Say whether nothing is asked: an error came after the last answer, and the next message goes on from there."""
    return record.question is None or any(entry.name == record.question.name for entry in record.entries)


def pending(turn: Turn, record: DialogueRecord | None = None) -> Asked | None:
    """Return the question, of the open dialogue or another, that waits for an answer and whose handler is there."""
    record = record or turn.open_dialogue
    if record is None or is_answered(record) or not (record.intent in turn.bot.intents or record.intent == AGENT):
        return None
    return record.question


def below(turn: Turn) -> DialogueRecord | None:
    """Return the dialogue that goes on once what is served has ended: the open one, else the interrupted one."""
    ended, both = {change.id for change in turn.changes}, (turn.open_dialogue, turn.aside)
    waiting = (one for one in both if one is not None and one.status in ("open", "interrupted"))
    return next((one for one in waiting if one.id not in ended), None)


def come_back(turn: Turn) -> None:
    """After something else was served, ask the question below it again, unless another has taken its place."""
    reply, record = turn.reply, below(turn)
    if reply is None or record is None or any(change.status == "open" for change in turn.changes):
        return
    turn.changes.append(replace(record, status="open", entries=()))
    if question := pending(turn, record):
        drafts = [one for one in reply.choices.options if one.id.startswith("draft:")] if reply.choices else []
        asked = again(question, reply.text, also=drafts)
        turn.reply = replace(reply, text=asked.text, choices=asked.choices)


def localised(turn: Turn, choices: Choices) -> Choices:
    """Give every option of ours its title in the turn's language."""
    options = (one if one.title else replace(one, title=turn.text_for(one.text)) for one in choices.options)
    return replace(choices, options=tuple(options))


def candidates_to_choose(turn: Turn, at_most: int = 3) -> Sequence[Option]:
    """Return the likeliest intents as options, where there are at least two over the threshold of `clarify`."""
    intents, config = turn.bot.intents, turn.bot.config
    known = [one for one in turn.candidates if one.intent in intents]
    likely = [one.intent for one in known if one.confidence >= threshold(config, one.intent, "clarify")]
    return [Option.intent(name, text=intents[name].menu) for name in likely if intents[name].menu][:at_most]
