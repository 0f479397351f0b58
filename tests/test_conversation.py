"""One whole conversation: read this first. `> ` is the user, `< ` the bot, what can be tapped stands in brackets."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from lumiera import Intent, Media, Option, Turn, Tx, choose, confirm, free_text, hookimpl, photos, store_operation
from lumiera.testing import TestBot

Start = Callable[..., Awaitable[TestBot]]
SITES = [Option(id="north", title="Tour Nord"), Option(id="quay", title="Quai 7")]


class Leaks:
    """A plugin with one intent: its handler asks four questions, files the leak, and answers."""

    def __init__(self) -> None:
        self.filed: list[str] = []

    @hookimpl
    def register_intents(self) -> list[Intent]:
        return [Intent("leak", self.report, examples={"fr": ["fuite"]}, menu="leak-title")]

    async def report(self, turn: Turn) -> str:
        await turn.say("call-112")
        site = await turn.ask(choose("which", options=SITES))
        pictures = await turn.ask(photos("pictures", optional=True))
        what = await turn.ask(free_text("what"))
        if not await turn.ask(confirm("sure")):
            return turn.text_for("dialogue-cancelled")
        number = await turn.once("file", self.file, f"{site}, {len(pictures)} photo(s): {what}")
        return f"n° {number}"

    @store_operation
    def file(self, tx: Tx, leak: str) -> int:
        self.filed.append(leak)
        return len(self.filed)


async def test_a_whole_conversation(start: Start) -> None:
    leaks = Leaks()
    bot = await start(leaks=leaks)

    await bot.send("Bonjour", name="Ana")  # first contact: who is speaking, and how to make it stop
    await bot.send("4")  # the menu by number
    await bot.tap("Quai 7")  # an answer by tap
    await bot.restart()  # nobody notices
    await bot.send("le plafond", media=[Media(url="kit://a.jpg", content_type="image/jpeg")])
    await bot.photo()  # late, and not lost
    await bot.send("Il pleut dans le couloir")
    await bot.send("hmm")  # neither yes nor no
    await bot.send("ok 👍")
    await bot.send("English")
    await bot.send("leak")  # as the menu has it, in any language
    await bot.send("Menu")  # something else, and back
    await bot.send("never mind")
    await bot.send("what's the weather?")
    await bot.send("STOP")
    await bot.send("Are you there?")
    await bot.send("start")

    assert leaks.filed == ["quay, 2 photo(s): Il pleut dans le couloir"]
    assert str(bot.log) == EXPECTED


EXPECTED = """\
> Bonjour
< Bonjour Ana 👷 Je suis Lumiera, un assistant automatique. Vos messages sont enregistrés pour le suivi du chantier. \
Pour ne plus rien recevoir, écrivez *STOP*.

  Que voulez-vous faire ? [❓ Aide] [🌐 Langue] [💬 Parler à l’équipe] [Fuite]
> 4
< Appelez le 112.

  Lequel ? [Tour Nord] [Quai 7]
> [Quai 7]
< Des photos ? [Passer]
> le plafond (image)
< Quoi ?
> (image)
< C’est noté, la photo est ajoutée.

  Quoi ?
> Il pleut dans le couloir
< Sûr ? [Confirmer] [Corriger] [Annuler]
> hmm
< Je n’ai pas compris votre réponse.

  Sûr ? [Confirmer] [Corriger] [Annuler]
> ok 👍
< n° 1
> English
< All right, from now on I answer in English. What would you like to do? \
[❓ Help] [🌐 Language] [💬 Talk to the team] [Leak]
> leak
< Call 112.

  Which? [Tour Nord] [Quai 7]
> Menu
< Hello Ana 👷 What would you like to do?

  Which? [Tour Nord] [Quai 7]
> never mind
< OK, I have stopped this request.
> what's the weather?
< I did not understand. Here is what I can do: [❓ Help] [🌐 Language] [💬 Talk to the team] [Leak]
> STOP
< All right, you will get no more messages. To get them again, write *START*.
> Are you there?
> start
< Good to have you back 👷 You will get messages again. What would you like to do? \
[❓ Help] [🌐 Language] [💬 Talk to the team] [Leak]"""
