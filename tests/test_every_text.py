"""Every text and choice of the core and of every plugin of the workspace, in nine languages, within WhatsApp's limits.

Nothing is listed here: plugins are found by their entry points, titles by how they are used, choices by talking.
"""

from __future__ import annotations

import ast
import inspect
import re
import tomllib
from collections import deque
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from itertools import combinations, count, cycle
from pathlib import Path
from typing import Any, get_args

import pytest
import pytest_asyncio
import yaml

import lumiera
from lumiera import Turn, hookimpl, questions
from lumiera.channel import MORE, Capabilities, Labels, render, units
from lumiera.cli.proofread import Entry, missing, problems, proofread
from lumiera.config import Config
from lumiera.intents import Intent, normalise
from lumiera.messages import Bubble, Choices, Option, Reply, Tap
from lumiera.questions import Question
from lumiera.testing import TestBot
from lumiera.testing.bot import Replied
from lumiera.texts import Texts, phone_language

ROOT = Path(lumiera.__file__).parent.parent
NINE = ("fr", "en", "es", "pt", "de", "it", "ro", "pl", "ar")
WHATSAPP = Capabilities(buttons=3, rows=10)
LONG_NAME = "Maximilian-Konstantin Brzęczyszczykiewicz de Vasconcelos Çelik"[:60]
LONGEST_TAP = 128
PATHS = 40  # ways through one intent that are walked in one language; more would be a dialogue too wide for a phone
DEEPEST = 12
FOLDER = ROOT / "lumiera/locales"


def packages() -> Iterator[tuple[str, Path]]:
    """Yield the name of every plugin in the workspace, by its entry point, and the folder of its package."""
    for project in sorted(ROOT.glob("plugins/*/pyproject.toml")):
        points = tomllib.loads(project.read_text(encoding="utf-8"))["project"].get("entry-points", {})
        for name, point in points.get("lumiera", {}).items():
            yield name, project.parent / re.split("[.:]", point)[0]


def code_of(folder: Path) -> Iterator[ast.Module]:
    for file in sorted(folder.rglob("*.py")):
        yield ast.parse(file.read_text(encoding="utf-8"))


def bringing_intents() -> dict[str, Any]:
    """Return the plugins that answer users, with the settings that the embedded default has for them."""
    told: Mapping[str, Any] = yaml.safe_load((ROOT / "lumiera.yaml").read_text(encoding="utf-8"))["plugins"]
    return {name: told.get(name) for name, folder in packages() if brings_intents(folder)}


@cache
def brings_intents(folder: Path) -> bool:
    functions = [node for tree in code_of(folder) for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return any(function.name == "register_intents" for function in functions)


def all_texts() -> Texts:
    texts = Texts(NINE, "fr")
    texts.add("core", FOLDER)
    for name, folder in packages():
        texts.add(name, folder / "texts")
    return texts


TEXTS = all_texts()
ENTRIES: Sequence[Entry] = proofread(TEXTS.sources, NINE)[0]
KEYS = sorted({entry.key for entry in ENTRIES if not entry.key.startswith("-")})


@cache  # a second: not while tests are collected
def title_keys() -> dict[str, str]:
    """Return the keys of titles: what has other words to type, and what our code gives as the text of an option.

    The value is `row` for titles of the menu and of rows only, which are longer, and `button` for the others.
    """
    titles = {key: "button" for key in KEYS if any(has_also(key, language) for language in NINE)}
    for folder in (ROOT / "lumiera", *(folder for _, folder in packages())):
        for tree in code_of(folder):
            titles |= given_titles(tree)
    return titles | {MORE: "row"}


def has_also(key: str, language: str) -> bool:
    entry = TEXTS.messages(language).get(key)
    return entry is not None and any(one.id.name == "also" for one in entry.attributes)


def given_titles(tree: ast.AST) -> dict[str, str]:
    """Return what stands as `text=` of an Option and as `menu=` of an Intent; what is computed, talking finds."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        named = {"Option": "text", "Option.intent": "text", "Intent": "menu"}.get(ast.unparse(node.func))
        row = named == "menu" or any(one.arg in ("title", "description") for one in node.keywords)
        for keyword in node.keywords:
            if named and keyword.arg == named and isinstance(keyword.value, ast.Constant):
                found[str(keyword.value.value)] = "row" if row else "button"
    return found


SAYING = {"text_for", "say", *get_args(questions.Kind)}  # functions whose first argument is a key


def said_keys(tree: ast.AST) -> Iterator[str]:
    """Yield the keys that code says or asks, where they are not computed."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            first = node.args[:1] if name.rpartition(".")[2] in SAYING or name.endswith("texts.format") else []
            named = [keyword.value for keyword in node.keywords if keyword.arg == "user_message"]
            yield from (str(one.value) for one in (*first, *named) if isinstance(one, ast.Constant) and one.value)


def test_every_key_stands_in_nine_languages_without_a_mistake() -> None:
    assert [str(problem) for problem in problems(TEXTS)] == []
    assert missing(TEXTS) == []
    assert tuple(sorted(Config().languages)) == tuple(sorted(NINE))


def test_the_title_of_every_option_is_a_text() -> None:
    assert [key for key in title_keys() if key not in KEYS] == []
    assert {"yes", "moment-now", "help-menu", "human-task", "draft-restart", MORE} <= set(title_keys())  # it finds them


def test_what_our_code_says_is_a_text() -> None:
    folders = (ROOT / "lumiera", *(folder for _, folder in packages()))
    said = {key for folder in folders for tree in code_of(folder) for key in said_keys(tree)}
    assert {"clarify", "greeting-hello", "human-about"} <= said  # it finds them
    assert sorted(said - set(KEYS)) == []


@pytest.mark.parametrize("language", NINE)
def test_every_title_is_whole_on_a_button_or_row(language: str) -> None:
    limits = {"button": WHATSAPP.button_title, "row": WHATSAPP.row_title}
    titles = {key: TEXTS.format(key, language) for key in title_keys()}
    assert {key: title for key, title in titles.items() if units(title) > limits[title_keys()[key]]} == {}
    assert [title for title in titles.values() if not title or "\n" in title or "…" in title] == []


@pytest.mark.parametrize("language", NINE)
def test_every_text_fits_over_choices_with_the_longest_values(language: str) -> None:
    for key in KEYS:
        values = {name: LONG_NAME for entry in ENTRIES if entry.key == key for name in entry.variables}
        text = TEXTS.format(key, language, values)
        assert text not in ("", key)
        assert units(text) <= WHATSAPP.body, key
        assert all(len(re.findall(re.escape(LONG_NAME), text)) >= 1 for _ in values), key


def labels(language: str) -> Labels:
    say = partial(TEXTS.format, language=language)
    return Labels(more=say(MORE), choose=say("choose"), hint=say("numbers-hint"))


def asked() -> list[Question[Any]]:
    """Return a question of every kind, with every option that the kind may have."""
    made = []
    for kind in get_args(questions.Kind):
        make = getattr(questions, kind)
        given: dict[str, Any] = {"options": [Option(id="a", title="A")]} if kind == "choose" else {}
        if "optional" in inspect.signature(make).parameters:
            given["optional"] = True
        made.append(make("numbers-hint", **given))
    return made


@pytest.mark.parametrize("language", NINE)
def test_the_options_of_every_kind_of_question_are_buttons_with_their_whole_titles(language: str) -> None:
    for question in asked():
        titled = [replace(one, title=one.title or TEXTS.format(one.text, language)) for one in question.options]
        if not titled:
            continue
        reply = Reply("?", Choices(options=tuple(titled), ref="q"))
        (bubble,) = render(reply, WHATSAPP, labels(language))
        assert (bubble.kind, [one.title for one in bubble.options]) == ("buttons", [one.title for one in titled])


@pytest.mark.parametrize("language", NINE)
def test_pages_show_every_title_once_and_whole(language: str) -> None:
    titles = list(dict.fromkeys(TEXTS.format(key, language) for key in title_keys() if key != MORE))
    reply = Reply("?", Choices(options=tuple(Option(id=str(at), title=one) for at, one in enumerate(titles)), ref="q"))
    shown: list[str] = []
    for page in range(1, len(titles) // (WHATSAPP.rows - 1) + 2):
        (bubble,) = render(reply, WHATSAPP, labels(language), page=page)
        assert faults_of(bubble) == []
        shown += [option.title for option in bubble.options if option.text != MORE]
        if all(option.text != MORE for option in bubble.options):
            break
    assert shown == titles


@pytest.mark.parametrize("language", NINE)
def test_a_title_too_long_for_a_row_is_written_out_and_never_cut(language: str) -> None:
    for key in title_keys():
        title = TEXTS.format(key, language)
        long = [f"{title} {LONG_NAME}", f"{title} {LONG_NAME} 2"]
        options = tuple(Option(id=str(at), title=one) for at, one in enumerate([title, *long]))
        (bubble,) = render(Reply("?", Choices(options=options, ref="q")), WHATSAPP, labels(language))
        assert (bubble.kind, bubble.options) == ("text", ())
        assert all(f"{at}. {one}\n" in bubble.text for at, one in enumerate([title, *long], 1))


@pytest.mark.parametrize("language", NINE)
def test_two_options_with_one_title_are_told_apart_by_their_numbers(language: str) -> None:
    title = TEXTS.format("yes", language)
    options = (Option(id="a", title=title), Option(id="b", title=f" {title}\n"))
    (bubble,) = render(Reply("?", Choices(options=options, ref="q")), WHATSAPP, labels(language))
    assert (bubble.kind, bubble.text.splitlines()[2:4]) == ("text", [f"1. {title}", f"2. {title}"])


CUT = re.compile(r"^\d+\. [^\n-]*…", re.MULTILINE)  # a numbered title with an ellipsis


def faults_of(bubble: Bubble) -> list[str]:
    """Say what WhatsApp would refuse, or a user could not tell apart."""
    options, limits = bubble.options, WHATSAPP
    titles = [normalise(option.title) for option in options]
    drawn = {"buttons": (limits.buttons, limits.button_title), "list": (limits.rows, limits.row_title), "text": (0, 0)}
    most, longest = drawn[bubble.kind]
    found = {
        "the text is too long": units(bubble.text) > (limits.text if bubble.kind == "text" else limits.body),
        "there is no text": not bubble.text.strip() and bubble.media is None,
        "too many options": len(options) > most,
        "a title is too long": any(units(option.title) > longest for option in options),
        "a title is cut": any("…" in option.title for option in options) or bool(CUT.search(bubble.text)),
        "two titles read alike": len(set(titles)) < len(titles) or not all(titles),
        "a description is too long": any(units(option.description) > limits.row_description for option in options),
        "a tap is too long": any(units(option.id) > LONGEST_TAP for option in options),
        "the button is too long": units(bubble.button) > limits.list_button or "…" in bubble.button,
        "a list cannot be opened": bubble.kind == "list" and not bubble.button,
        "the text for all phones is too long": units(bubble.numbered) > limits.text,
        "no language has it": bubble.text in KEYS,
    }
    return [fault for fault, there in found.items() if there]


@pytest_asyncio.fixture
async def bot(tmp_path: Path) -> AsyncIterator[TestBot]:
    async with TestBot(tmp_path, config={"plugins": bringing_intents()}) as running:
        yield running


PHONES: Mapping[str, Sequence[str]] = yaml.safe_load((FOLDER / "calling-codes.yaml").read_text(encoding="utf-8"))
NUMBERS = count(10_000_000)


def somebody(language: str) -> str:
    """Return a phone number of a new user, in whose country the language is spoken."""
    sender = f"+{PHONES[language][0]}{next(NUMBERS)}"
    assert phone_language(sender, NINE) == language
    return sender


async def answer(bot: TestBot, sender: str, reply: Replied, chosen: int) -> Replied:
    """Tap the option of that number; -1 says what fits the kind of question."""
    if chosen >= 0:
        option = reply.options[chosen]
        return await bot.send(tap=Tap(id=option.id, title=option.title), sender=sender)
    kind = question.kind if (question := pending(reply)) else "free_text"
    if kind == "photos":
        return await bot.photo(sender=sender)
    return await bot.send({"number": "1", "moment": "14:30"}.get(kind, "12 mm, B2"), sender=sender)


def pending(reply: Replied) -> Any:
    """Return the question that the reply leaves open, if any."""
    open_ones = [record.question for record in reply.turn.changes if record.question is not None]
    return open_ones[-1] if open_ones else None


def ways_on(reply: Replied) -> list[int]:
    """Return the answers to try: every option of the question, and words where it takes them; nothing for a menu."""
    question = pending(reply)
    if question is None:
        return []
    taps = [at for at, option in enumerate(reply.options) if option.id.startswith(f"{question.ref}:")]
    return taps if question.kind in ("choose", "yes_no", "confirm") else [*taps, -1]


def example(intent: Intent, language: str) -> str:
    return next(text for spoken, text in intent.phrases() if spoken == language)


async def walk(bot: TestBot, intent: Intent, language: str) -> list[tuple[tuple[int, ...], Replied]]:
    """Go every way through an intent, each as a new user with a long name, and return what came back at each place."""
    seen: list[tuple[tuple[int, ...], Replied]] = []
    ahead: deque[tuple[int, ...]] = deque([()])
    while ahead and len(seen) < PATHS:
        way, sender = ahead.popleft(), somebody(language)
        reply = await bot.send(example(intent, language), sender=sender, name=LONG_NAME)
        for chosen in way:
            reply = await answer(bot, sender, reply, chosen)
        seen.append((way, reply))
        ahead += [(*way, chosen) for chosen in ways_on(reply)] if len(way) < DEEPEST else []
    return seen


@pytest.mark.parametrize("language", NINE)
async def test_every_reply_of_every_intent_fits_whatsapp(
    bot: TestBot, language: str, caplog: pytest.LogCaptureFixture
) -> None:
    for intent in bot.lumiera.intents.values():
        for way, reply in await walk(bot, intent, language):
            assert reply.intent == intent.name or way, (intent.name, reply.intent)
            assert reply.bubbles, (intent.name, way)
            assert [fault for bubble in reply.bubbles for fault in faults_of(bubble)] == [], (intent.name, way, reply)
            assert two_meanings(reply) == [], (intent.name, way)
    assert [record.getMessage() for record in caplog.records if record.name == "lumiera.texts"] == []


def two_meanings(reply: Replied) -> list[str]:
    """Return the words that, in any language, would be taken for two of the options of a reply."""
    typed = [{normalise(label) for label in TEXTS.labels(one.text)} for one in reply.options if one.text]
    return [word for some, others in combinations(typed, 2) for word in some & others]


async def test_a_question_is_drawn_alike_in_every_language(bot: TestBot) -> None:
    for intent in bot.lumiera.intents.values():
        replies = [await bot.send(example(intent, language), sender=somebody(language)) for language in NINE]
        drawn = {tuple(bubble.kind for bubble in reply.bubbles) for reply in replies if pending(reply)}
        assert len(drawn) <= 1, intent.name


# --- what the core says around a dialogue: missed, corrected, parked, dropped


class Survey:
    """A plugin that asks a question of every kind; the texts of the core that it takes begin alike."""

    @hookimpl
    def register_intents(self) -> list[Intent]:
        return [Intent("survey", ask_all, examples={language: [f"survey {language}"] for language in NINE})]


async def ask_all(turn: Turn) -> str:
    for text, question in zip(cycle(["error-project_2004", "error-project_2005"]), asked(), strict=False):
        await turn.ask(replace(question, text=text, name=question.kind))
    return turn.text_for("photo-added")


FITTING = {"choose": "A", "yes_no": "👍", "confirm": "👍", "number": "12", "moment": "14:30"}  # in every language


async def misses_then_answers(bot: TestBot, sender: str, reply: Replied) -> list[Replied]:
    """Answer the question of a reply after three answers that do not fit, where any can be wrong."""
    kind = pending(reply).kind
    missed = [await bot.send("hm hm", sender=sender) for _ in range(3 if kind in FITTING else 0)]
    if kind == "photos":
        return [*missed, await bot.photo(sender=sender)]
    return [*missed, await bot.send(FITTING.get(kind, "12 mm"), sender=sender)]


async def to_its_end(bot: TestBot, sender: str, reply: Replied) -> list[Replied]:
    replies = [reply]
    while pending(replies[-1]) is not None:
        replies += await misses_then_answers(bot, sender, replies[-1])
    return replies


async def talk(bot: TestBot, sender: str, *texts: str) -> list[Replied]:
    return [await bot.send(text, sender=sender) for text in texts]


async def parked(bot: TestBot, language: str, opening: str, verb: str) -> list[Replied]:
    """Leave a dialogue for three hours, say hello, and type a verb of the offer."""
    sender = somebody(language)
    replies = await talk(bot, sender, opening)
    await bot.travel(hours=3)
    return [*replies, *await talk(bot, sender, example(bot.lumiera.intents["greeting"], language), verb)]


@pytest.mark.parametrize("language", NINE)
async def test_whatever_becomes_of_a_dialogue_fits_whatsapp(tmp_path: Path, language: str) -> None:
    opening, say = f"survey {language}", partial(TEXTS.format, language=language)
    async with TestBot(tmp_path, config={"plugins": bringing_intents()}, plugins={"survey": Survey()}) as bot:
        sender = somebody(language)
        replies = await to_its_end(bot, sender, await bot.send(opening, sender=sender, name=LONG_NAME))
        assert replies[-1].text == say("photo-added")
        replies += await talk(bot, somebody(language), opening, "A", "👍", say("correct"), "1", "A")
        replies += await parked(bot, language, opening, say("resume"))
        replies += await parked(bot, language, opening, say("drop"))
        assert replies[-1].text == say("dialogue-dropped")
    assert [(bubble.text, faults) for one in replies for bubble in one.bubbles if (faults := faults_of(bubble))] == []
    assert [word for reply in replies for word in two_meanings(reply)] == []
    told = "\n".join(reply.text for reply in replies)
    assert [key for key in ("question-missed", "question-human", "correct-which") if say(key) not in told] == []
