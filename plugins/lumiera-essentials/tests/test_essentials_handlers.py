from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import lumiera_essentials
import pytest
from lumiera_essentials import Essentials, EssentialsSettings
from lumiera_essentials.languages import OWN_NAMES, find_language
from pydantic import ValidationError

from lumiera import Question, Reply, Turn
from lumiera.intents import Intents
from lumiera.texts import Texts

LANGUAGES = ("fr", "en", "es", "pt", "de", "it", "ro", "pl", "ar")
OTHER = {"fr": "pl", "en": "ar", "es": "fr", "pt": "de", "de": "it", "it": "en", "ro": "es", "pl": "ro", "ar": "pt"}
STOP_WORDS = {"fr": "STOP", "es": "PARAR", "pt": "PARAR", "de": "STOPP", "ar": "توقف"}


@dataclass
class FakeTurn:
    """As much of a turn as the handlers see; `answer` is what the user says when asked."""

    bot: SimpleNamespace
    language: str = "fr"
    text: str = ""
    name: str = "Jean"
    turns: int = 7
    answer: str = ""
    asked: list[Question[Any]] = field(default_factory=list)

    @property
    def user(self) -> SimpleNamespace:
        return SimpleNamespace(name=self.name)

    @property
    def conversation(self) -> SimpleNamespace:
        return SimpleNamespace(turns=self.turns)

    def text_for(self, key: str, **args: object) -> str:
        return str(self.bot.texts.format(key, self.language, args))

    async def ask(self, question: Question[Any]) -> str:
        self.asked.append(question)
        return self.answer


Make = Callable[..., FakeTurn]


class Plugin:
    """The plugin's intents by name, run as the pipeline runs them."""

    def __init__(self, **settings: str) -> None:
        self.intents = Intents(
            replace(intent, examples={}) for intent in Essentials(EssentialsSettings(**settings)).register_intents()
        )

    async def run(self, intent: str, turn: FakeTurn) -> Reply:
        said = await self.intents[intent].handler(cast("Turn", turn))
        return Reply(said) if isinstance(said, str) else said


@pytest.fixture
def plugin() -> Plugin:
    return Plugin()


@pytest.fixture(scope="module")
def texts() -> Texts:
    """The plugin's texts as the bot reads them."""
    found = Texts(LANGUAGES, "fr")
    found.add("essentials", Path(lumiera_essentials.__file__).parent / "texts")
    return found


@pytest.fixture
def make(plugin: Plugin, texts: Texts) -> Make:
    """Make a turn of a bot that speaks `languages`."""

    def build(*, languages: Sequence[str] = LANGUAGES, **fields: Any) -> FakeTurn:
        config = SimpleNamespace(languages=languages)
        return FakeTurn(bot=SimpleNamespace(texts=texts, intents=plugin.intents, config=config), **fields)

    return build


def rows(reply: Reply) -> list[str]:
    return [option.id for option in reply.choices.options] if reply.choices else []


MENU = ["intent:help", "intent:change_language", "intent:escalate_to_human"]


async def test_a_greeting_is_answered_by_name_with_the_menu(plugin: Plugin, make: Make) -> None:
    reply = await plugin.run("greeting", make())
    assert reply.text == "Bonjour Jean 👷 Que voulez-vous faire ?"
    assert rows(reply) == MENU
    assert (reply.language, reply.user_language) == ("", "")


@pytest.mark.parametrize("name", ["", "  ", "\n"])
async def test_a_user_without_a_name_is_greeted_without(plugin: Plugin, make: Make, name: str) -> None:
    reply = await plugin.run("greeting", make(name=name))
    assert reply.text == "Bonjour 👷 Que voulez-vous faire ?"


async def test_a_name_over_several_lines_stays_on_one(plugin: Plugin, make: Make) -> None:
    reply = await plugin.run("greeting", make(name=" Jean\n\nDupont "))
    assert reply.text.startswith("Bonjour Jean Dupont 👷")


async def test_a_name_that_looks_like_a_variable_stays_as_it_is(plugin: Plugin, make: Make) -> None:
    reply = await plugin.run("greeting", make(name="{ $bot }"))
    assert reply.text.startswith("Bonjour { $bot } 👷")


async def test_first_contact_says_who_speaks_what_is_recorded_and_how_to_end(plugin: Plugin, make: Make) -> None:
    reply = await plugin.run("greeting", make(turns=0))
    first, last = reply.text.split("\n\n")
    assert first == (
        "Bonjour Jean 👷 Je suis Lumiera, un assistant automatique. Vos messages sont enregistrés pour le suivi du "
        "chantier. Pour ne plus rien recevoir, écrivez *STOP*."
    )
    assert last == "Que voulez-vous faire ?"
    assert rows(reply) == MENU


@pytest.mark.parametrize("language", LANGUAGES)
async def test_first_contact_in_every_language(plugin: Plugin, make: Make, language: str) -> None:
    reply = await plugin.run("greeting", make(language=language, turns=0))
    assert "Jean" in reply.text
    assert "Lumiera" in reply.text
    assert f"*{STOP_WORDS.get(language, 'STOP')}*" in reply.text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_later_greetings_are_short_in_every_language(plugin: Plugin, make: Make, language: str) -> None:
    reply = await plugin.run("greeting", make(language=language))
    assert "Jean" in reply.text
    assert "Lumiera" not in reply.text
    assert "*" not in reply.text
    assert "\n" not in reply.text


async def test_the_operator_names_the_bot(make: Make) -> None:
    reply = await Plugin(bot_name="Béa").run("greeting", make(turns=0))
    assert "Je suis Béa, un assistant automatique." in reply.text
    assert "Lumiera" not in reply.text


@pytest.mark.parametrize("settings", [{"bot_name": ""}, {"bot_name": "x" * 61}, {"name": "Béa"}])
def test_settings_that_make_no_sense_are_refused(settings: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        EssentialsSettings.model_validate(settings)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_help_says_how_to_talk_to_the_bot_with_the_menu(plugin: Plugin, make: Make, language: str) -> None:
    reply = await plugin.run("help", make(language=language))
    assert [line[:1] for line in reply.text.splitlines()[1:]] == ["✍", "🌐", "✋", "🚨"]
    assert rows(reply) == MENU


@pytest.mark.parametrize(
    ("text", "language", "answer"),
    [
        ("parle anglais", "en", "All right, from now on I answer in English. What would you like to do?"),
        ("speak english", "en", "All right, from now on I answer in English. What would you like to do?"),
        (
            "en français s'il te plaît",
            "fr",
            "C’est noté, je vous réponds maintenant en français. Que voulez-vous faire ?",
        ),
        ("po polsku", "pl", "Dobrze, od teraz odpowiadam po polsku. W czym mogę pomóc?"),
        ("بالعربية", "ar", "حسنًا، سأجيبك بالعربية من الآن. ماذا تريد أن تفعل؟"),
    ],
)
async def test_the_language_that_the_user_names_is_spoken_from_now_on(
    plugin: Plugin, make: Make, text: str, language: str, answer: str
) -> None:
    turn = make(text=text, language=OTHER[language])
    reply = await plugin.run("change_language", turn)
    assert reply.text == answer
    assert (reply.language, reply.user_language) == (language, language)
    assert rows(reply) == MENU
    assert turn.asked == []


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_change_is_confirmed_in_the_new_language(plugin: Plugin, make: Make, language: str) -> None:
    reply = await plugin.run("change_language", make(text=OWN_NAMES[language], language=OTHER[language]))
    assert find_language(reply.text) == language
    assert reply.user_language == language


async def test_the_row_of_the_menu_asks_which_language(plugin: Plugin, make: Make) -> None:
    turn = make(text="🌐 Langue", answer="ro")
    reply = await plugin.run("change_language", turn)
    (question,) = turn.asked
    assert question.text == "language-which"
    assert [(option.id, option.title) for option in question.options] == list(OWN_NAMES.items())
    assert (reply.language, reply.user_language) == ("ro", "ro")
    assert find_language(reply.text) == "ro"


async def test_a_language_is_chosen_by_its_name_in_any_language(plugin: Plugin, make: Make) -> None:
    turn = make(answer="en")
    await plugin.run("change_language", turn)
    assert [option.text for option in turn.asked[0].options] == [f"language-name-{code}" for code in LANGUAGES]


async def test_two_languages_in_one_message_are_asked_about(plugin: Plugin, make: Make) -> None:
    turn = make(text="pas anglais, français", answer="fr")
    reply = await plugin.run("change_language", turn)
    assert len(turn.asked) == 1
    assert reply.user_language == "fr"


async def test_a_language_that_the_bot_does_not_speak_is_not_promised(plugin: Plugin, make: Make) -> None:
    turn = make(text="po polsku", languages=["fr", "en"], answer="en")
    reply = await plugin.run("change_language", turn)
    assert [option.id for option in turn.asked[0].options] == ["fr", "en"]
    assert reply.user_language == "en"


async def test_the_options_follow_the_configuration_and_fit_a_list(plugin: Plugin, make: Make) -> None:
    turn = make(languages=["ar", "fr"], answer="ar")
    await plugin.run("change_language", turn)
    assert [option.title for option in turn.asked[0].options] == ["العربية", "Français"]
    assert len(LANGUAGES) <= 10
    assert all(len(name.encode("utf-16-le")) // 2 <= 24 for name in OWN_NAMES.values())


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_question_has_a_text_in_every_language(make: Make, language: str) -> None:
    assert make(language=language).text_for("language-which").startswith("🌐 ")


@pytest.mark.parametrize(
    ("language", "word"),
    [("fr", "START"), ("en", "START"), ("es", "START"), ("pt", "START"), ("de", "START"), ("it", "START"),
     ("ro", "START"), ("pl", "START"), ("ar", "اشتراك")],
)  # fmt: skip
async def test_stop_is_confirmed_with_the_way_back_and_no_menu(
    plugin: Plugin, make: Make, language: str, word: str
) -> None:
    reply = await plugin.run("stop", make(language=language))
    assert f"*{word}*" in reply.text
    assert reply.choices is None


@pytest.mark.parametrize("language", LANGUAGES)
async def test_start_says_welcome_back_with_the_menu(plugin: Plugin, make: Make, language: str) -> None:
    turn = make(language=language)
    reply = await plugin.run("start", turn)
    assert reply.text == f"{turn.text_for('start-answer')} {turn.text_for('greeting-what-next')}"
    assert rows(reply) == MENU


async def test_no_handler_asks_but_those_of_the_language_and_the_human(plugin: Plugin, make: Make) -> None:
    for intent in ("greeting", "help", "stop", "start"):
        turn = make()
        await plugin.run(intent, turn)
        assert turn.asked == []
