"""What every bot needs: greeting and menu, help, a human who is rung, languages, STOP and START, and their stages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from lumiera import Bot, Escalation, Intent, Option, Reply, Stage, Turn, choose, hookimpl
from lumiera_essentials.handover import Handover
from lumiera_essentials.human import escalate_to_human
from lumiera_essentials.languages import OWN_NAMES, find_language
from lumiera_essentials.oncall import OnCall
from lumiera_essentials.stages import Language, Limits, Transcription, Translation


class EssentialsSettings(BaseModel):
    """What `lumiera.yaml` may set; `bot_name` is who says hello on first contact."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bot_name: str = Field(
        default="Lumiera", min_length=1, max_length=60, description="Who says hello on first contact."
    )


class Essentials:
    """The plugin; its intents are always there, whatever the site does."""

    Settings = EssentialsSettings

    def __init__(self, settings: EssentialsSettings) -> None:
        self.settings = settings

    @hookimpl
    def register_stages(self) -> list[type[Stage[Any]]]:
        return [Limits, Language, Transcription, Handover, Translation]

    @hookimpl
    async def on_escalations_found(self, escalations: Sequence[Escalation], bot: Bot) -> None:
        await OnCall(bot).attend(escalations)

    @hookimpl
    def register_intents(self) -> list[Intent]:
        return [
            Intent(
                "greeting",
                self.greet,
                examples="examples/greeting.yaml",
                description="The user says hello or asks for the menu.",
            ),
            Intent(
                "help",
                give_help,
                examples="examples/help.yaml",
                menu="help-menu",
                description="The user asks what the assistant can do or how to use it; not a call for help in danger.",
            ),
            Intent(
                "change_language",
                change_language,
                examples="examples/change_language.yaml",
                menu="language-menu",
                description="The user asks the assistant to speak another language.",
            ),
            Intent(
                "escalate_to_human",
                escalate_to_human,
                examples="examples/escalate_to_human.yaml",
                menu="human-menu",
                description="The user asks to talk to a person: the boss, the foreman, the office, any human.",
                never_limited=True,
                leads_to_human=True,
                needs_human=lambda answers: True,  # whoever left the question unanswered still asked for a human
            ),
            Intent(
                "stop",
                stop,
                examples="examples/stop.yaml",
                description="The user wants no more messages at all.",
                consent="stop",
                never_limited=True,
            ),
            Intent(
                "start",
                start,
                examples="examples/start.yaml",
                description="The user wants messages again after STOP.",
                consent="start",
                never_limited=True,
            ),
        ]

    async def greet(self, turn: Turn) -> Reply:
        name = " ".join(turn.user.name.split())
        hello = turn.text_for("greeting-hello", name=name) if name else turn.text_for("greeting-hello-nameless")
        question = turn.text_for("greeting-what-next")
        if turn.conversation.turns:
            return Reply(f"{hello} {question}", turn.bot.intents.menu())
        who = turn.text_for("greeting-who", bot=self.settings.bot_name)
        return Reply(f"{hello} {who}\n\n{question}", turn.bot.intents.menu())


async def give_help(turn: Turn) -> Reply:
    return Reply(turn.text_for("help-answer"), turn.bot.intents.menu())


async def change_language(turn: Turn) -> Reply:
    """Speak the language that the user names from now on; ask for it if none of ours is named."""
    spoken = turn.bot.config.languages
    language = find_language(turn.text)
    if language not in spoken:
        # Shown by its own name; `text` is the core's, so that an answer by its name in any language fits as well.
        options = [Option(id=code, title=OWN_NAMES.get(code, code), text=f"language-name-{code}") for code in spoken]
        language = await turn.ask(choose("language-which", options=options))
    texts = turn.bot.texts
    changed = f"{texts.format('language-changed', language, {})} {texts.format('greeting-what-next', language, {})}"
    return Reply(changed, turn.bot.intents.menu(), language=language, user_language=language)


async def stop(turn: Turn) -> str:
    return turn.text_for("stop-answer")


async def start(turn: Turn) -> Reply:
    text = f"{turn.text_for('start-answer')} {turn.text_for('greeting-what-next')}"
    return Reply(text, turn.bot.intents.menu())
