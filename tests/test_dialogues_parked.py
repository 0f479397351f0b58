"""Rule 13 of dialogues: what nobody goes on with is put aside, offered once, and kept for three days."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

import pytest
from sqlalchemy import Connection

from lumiera import Choices, Intent, Option, Reply, Turn, choose, confirm, free_text, yes_no
from lumiera.messages import Tap
from lumiera.testing import TestBot

Start = Callable[..., Awaitable[TestBot]]
Leak = Callable[..., object]
Brings = Callable[..., object]
SITES = [Option(id="t", title="Tour Nord"), Option(id="q", title="Quai 7")]
GONE = "Ce choix n’est plus valable."
HONEST = "Je n’ai pas compris. Voici ce que je sais faire :"


def offer(question: str) -> str:
    return f"Une demande n’est pas terminée : « {question} » Voulez-vous la reprendre ?"


async def leak(turn: Turn) -> str:
    hurt = await turn.ask(yes_no("sure"))
    which = await turn.ask(choose("which", options=SITES))
    return f"leak {hurt} {which} {await turn.ask(free_text('where'))}"


async def fire(turn: Turn) -> str:
    return f"fire {await turn.ask(choose('which', options=SITES))} {await turn.ask(free_text('what'))}"


async def hours(turn: Turn) -> str:
    return "07:00"


async def menu(turn: Turn) -> Reply:
    return Reply("Que faire ?", Choices(options=(Option.intent("hours", title="Les horaires"),)))


def if_hurt(answers: Mapping[str, object]) -> bool:
    return answers.get("sure") is True


@pytest.fixture
def site(brings: Brings) -> object:
    return brings(
        Intent("leak", leak, examples={"fr": ["fuite"]}, needs_human=if_hurt),
        Intent("fire", fire, examples={"fr": ["feu"]}, menu="red"),
        Intent("hours", hours, examples={"fr": ["horaires"]}),
        Intent("menu", menu, examples={"fr": ["que faire"]}),
    )


@pytest.fixture
async def bot(start: Start, site: object) -> TestBot:
    """Start a bot that has asked a second question, two hours and a minute ago."""
    running = await start(site=site)
    await running.send("fuite")
    assert (await running.send("non")).text == "Lequel ?"
    await running.travel(hours=2, minutes=1)
    return running


async def statuses(bot: TestBot) -> dict[str, str]:
    def find(tx: Connection) -> dict[str, str]:
        return {row.intent: row.status for row in tx.exec_driver_sql("SELECT intent, status FROM dialogues")}

    return await bot.lumiera.store.read(find)


async def purge(bot: TestBot) -> None:
    """Do what the sweep does every hour."""
    now = bot.now()
    await bot.lumiera.store.purge(now, now - timedelta(hours=72))


# --- the timer ---


async def test_after_two_hours_it_is_parked_and_nothing_is_sent(bot: TestBot) -> None:
    assert await statuses(bot) == {"leak": "parked"}
    assert bot.log.lines[-1].startswith("< Lequel ?")


async def test_before_that_it_is_not(start: Start, site: object) -> None:
    bot = await start(site=site)
    await bot.send("fuite")
    await bot.travel(minutes=119)
    await bot.send("non")  # the time begins anew
    await bot.travel(minutes=119)
    assert await statuses(bot) == {"leak": "open"}
    assert (await bot.send("2")).text == "Où ?"


async def test_something_else_that_was_served_begins_the_time_anew(start: Start, site: object) -> None:
    bot = await start(site=site)
    await bot.send("fuite")
    await bot.travel(minutes=119)
    await bot.send("horaires")
    await bot.travel(minutes=119)
    assert await statuses(bot) == {"leak": "open"}


async def test_the_time_is_that_of_the_configuration(start: Start, site: object) -> None:
    bot = await start(site=site, config={"dialogue": {"park_after": "5m"}})
    await bot.send("fuite")
    await bot.travel(minutes=6)
    assert await statuses(bot) == {"leak": "parked"}


async def test_a_message_that_came_before_the_bot_was_back_is_an_answer(start: Start, site: object) -> None:
    bot = await start(site=site)
    await bot.send("fuite")
    store, message = bot.lumiera.store, bot.message("non")
    await store.ingest([(message, None)])  # and the process ends before its turn
    await bot.travel(hours=3)
    await bot.restart()
    await bot.travel(seconds=1)
    assert bot.log.lines[-1].startswith("< Lequel ?")


@pytest.mark.parametrize(("said", "called"), [("oui", ["Sûr ? : Oui"]), ("non", [])])
async def test_one_that_a_human_has_to_finish_calls_one_once(
    start: Start, site: object, said: str, called: list[str]
) -> None:
    bot = await start(site=site)
    await bot.send("fuite")
    await bot.send(said)
    for _ in range(3):
        await bot.travel(hours=3)
    found = await bot.lumiera.store.escalations()
    assert [one.opening.details for one in found if one.opening.reason == "unfinished"] == called
    assert not any(one.opening.silent for one in found)


async def test_a_human_who_was_called_takes_nothing_from_the_user(start: Start, site: object) -> None:
    bot = await start(site=site)
    await bot.send("fuite")
    await bot.send("oui")
    await bot.travel(hours=3)
    assert (await bot.send("horaires")).choices == ["Reprendre", "Supprimer"]


# --- the offer ---


async def test_the_next_message_is_served_and_the_parked_one_offered(bot: TestBot) -> None:
    reply = await bot.send("horaires")
    assert (reply.text, reply.choices) == (f"07:00\n\n{offer('Lequel ?')}", ["Reprendre", "Supprimer"])
    assert await statuses(bot) == {"leak": "offered"}


async def test_it_catches_no_message(bot: TestBot) -> None:
    reply = await bot.send("2")
    assert reply.text == f"{HONEST}\n\n{offer('Lequel ?')}"


async def test_the_reply_s_own_options_stand_behind(bot: TestBot) -> None:
    reply = await bot.send("que faire")
    assert reply.choices == ["Reprendre", "Supprimer", "Les horaires"]
    assert (await bot.send("3")).text == "07:00"


async def test_it_is_offered_once(bot: TestBot) -> None:
    await bot.send("horaires")
    reply = await bot.send("horaires")
    assert (reply.text, reply.choices) == ("07:00", [])


async def test_a_reply_that_asks_is_not_disturbed_and_the_offer_comes_after_it(bot: TestBot) -> None:
    reply = await bot.send("feu")
    assert (reply.text, reply.choices) == ("Lequel ?", ["Tour Nord", "Quai 7"])
    assert (await bot.send("1")).text == "Quoi ?"
    reply = await bot.send("des flammes")
    assert (reply.text, reply.choices) == (f"fire t des flammes\n\n{offer('Lequel ?')}", ["Reprendre", "Supprimer"])


async def test_two_parked_ones_are_offered_one_after_the_other_the_latest_first(bot: TestBot) -> None:
    await bot.send("feu")
    await bot.send("1")
    await bot.travel(hours=3)
    assert await statuses(bot) == {"leak": "parked", "fire": "parked"}
    assert (await bot.send("horaires")).text.endswith(offer("Quoi ?"))
    assert (await bot.tap("Supprimer")).text.endswith(offer("Lequel ?"))
    await bot.tap("Reprendre")
    assert await statuses(bot) == {"leak": "open", "fire": "cancelled"}


async def test_a_silenced_user_is_offered_nothing_until_he_is_back(bot: TestBot) -> None:
    await bot.send("STOP")
    assert (await bot.send("horaires")).text == ""
    await bot.send("START")
    assert (await bot.send("horaires")).text.endswith(offer("Lequel ?"))


# --- taking it up ---


@pytest.mark.parametrize("way", ["tap", "1", "Reprendre", "continuer", "wznów"])
async def test_it_is_taken_up_where_it_was(bot: TestBot, way: str) -> None:
    await bot.send("horaires")
    reply = await (bot.tap("Reprendre") if way == "tap" else bot.send(way))
    assert (reply.text, reply.choices) == ("Lequel ?", ["Tour Nord", "Quai 7"])
    assert (await bot.send("2")).text == "Où ?"
    assert (await bot.send("au grenier")).text == "leak False q au grenier"


async def test_an_old_tap_on_its_question_is_good_again_once_it_is_taken_up(bot: TestBot) -> None:
    old = next(option for _, bubble in bot.channel.sent for option in bubble.options if option.title == "Quai 7")
    tap = Tap(id=old.id, title=old.title)
    assert (await bot.send(tap=tap)).text.startswith(GONE)
    await bot.tap("Reprendre")
    assert (await bot.send(tap=tap)).text == "Où ?"


async def test_the_word_works_before_any_offer_and_long_after_it(bot: TestBot) -> None:
    assert (await bot.send("reprendre")).text == "Lequel ?"
    await bot.travel(hours=3)
    await bot.send("horaires")
    await bot.travel(hours=60)
    assert (await bot.send("reprendre")).text == "Lequel ?"


async def test_restarts_between_parking_offer_and_answer_change_nothing(bot: TestBot) -> None:
    said = []
    for text in ("horaires", "1", "2", "au grenier"):
        await bot.restart()
        said.append((await bot.send(text)).text)
    assert said == [f"07:00\n\n{offer('Lequel ?')}", "Lequel ?", "Où ?", "leak False q au grenier"]


async def test_a_new_session_changes_nothing(bot: TestBot) -> None:
    await bot.travel(hours=20)
    await bot.send("horaires")
    await bot.tap("Reprendre")
    assert (await bot.send("1")).text == "Où ?"


async def test_taking_it_up_interrupts_what_is_open_which_comes_back(bot: TestBot) -> None:
    await bot.send("horaires")
    await bot.send("feu")
    assert (await bot.send("reprendre")).choices == ["Tour Nord", "Quai 7"]
    assert await statuses(bot) == {"leak": "open", "fire": "interrupted"}
    await bot.send("2")
    assert (await bot.send("au grenier")).text == "leak False q au grenier\n\nLequel ?"
    assert (await bot.send("1")).text == "Quoi ?"


async def test_while_words_are_asked_for_the_word_is_one_and_the_tap_takes_up(bot: TestBot) -> None:
    await bot.send("horaires")
    taken_up = bot.channel.sent[-1][1].options[0]
    await bot.send("feu")
    await bot.send("1")
    assert (await bot.send(tap=Tap(id=taken_up.id, title="Reprendre"))).text == "Lequel ?"
    await bot.send("2")
    assert (await bot.send("continuer")).text == "leak False q continuer\n\nQuoi ?"
    assert (await bot.send("reprendre")).text == "fire t reprendre"


async def test_an_interrupted_one_is_parked_under_the_one_above_and_offered_when_that_ends(
    start: Start, site: object
) -> None:
    bot = await start(site=site)
    await bot.send("fuite")
    await bot.travel(minutes=100)
    await bot.send("feu")
    await bot.travel(minutes=100)
    await bot.send("1")
    await bot.travel(minutes=100)
    assert await statuses(bot) == {"leak": "parked", "fire": "open"}
    assert (await bot.send("des flammes")).text == f"fire t des flammes\n\n{offer('Sûr ?')}"


async def test_a_correction_that_was_begun_is_taken_up_too(start: Start, leak: Leak) -> None:
    async def handler(turn: Turn) -> str:
        where = await turn.ask(free_text("where"))
        return f"{where} {await turn.ask(free_text('what'))} {await turn.ask(confirm('sure'))}"

    bot = await start(site=leak(handler))
    for said in ("fuite", "là", "de l'eau", "corriger", "1"):
        await bot.send(said)
    await bot.travel(hours=3)
    await bot.restart()
    assert (await bot.send("bonjour")).text.endswith(offer("Où ?"))
    await bot.tap("Reprendre")
    assert (await bot.send("ici")).text == "Sûr ?"
    assert (await bot.send("ok")).text == "ici de l'eau True"


# --- its end ---


@pytest.mark.parametrize("way", ["tap", "2", "Supprimer", "efface"])
async def test_it_may_be_dropped(bot: TestBot, way: str) -> None:
    await bot.send("horaires")
    reply = await (bot.tap("Supprimer") if way == "tap" else bot.send(way))
    assert reply.text == "D’accord, la demande est supprimée."
    assert await statuses(bot) == {"leak": "cancelled"}
    assert (await bot.tap("Reprendre")).text == GONE


async def test_the_word_to_drop_means_nothing_without_an_offer(bot: TestBot) -> None:
    assert (await bot.send("supprimer")).text.startswith(HONEST)
    assert await statuses(bot) == {"leak": "offered"}


async def test_dropping_while_another_asks_comes_back_to_its_question(bot: TestBot) -> None:
    await bot.send("horaires")
    await bot.send("feu")
    drop = next(one for _, bubble in bot.channel.sent for one in bubble.options if one.title == "Supprimer")
    reply = await bot.send(tap=Tap(id=drop.id, title="Supprimer"))
    assert reply.text == "D’accord, la demande est supprimée.\n\nLequel ?"


async def test_after_three_days_it_is_gone(bot: TestBot) -> None:
    await bot.send("horaires")
    await bot.travel(hours=73)
    assert (await bot.tap("Reprendre")).text == GONE
    assert (await bot.send("reprendre")).text == HONEST
    await purge(bot)
    assert await statuses(bot) == {"leak": "cancelled"}
    assert (await bot.tap("Supprimer")).text == GONE


async def test_what_is_gone_is_not_offered(bot: TestBot) -> None:
    await bot.travel(hours=73)
    assert (await bot.send("horaires")).text == "07:00"


async def test_nobody_takes_up_or_drops_what_is_another_s(bot: TestBot) -> None:
    await bot.send("horaires")
    for way in ("Reprendre", "Supprimer"):
        assert (await bot.tap(way, sender="+33600000002")).text == GONE
    assert await statuses(bot) == {"leak": "offered"}


async def test_whoever_is_handed_to_the_team_is_offered_nothing_beside_it(bot: TestBot) -> None:
    await bot.send("parler à quelqu’un")
    silent = await bot.send("autre chose")
    assert "Je me tais" in silent.text
    assert "terminée" not in silent.text
    assert silent.choices == []
    await bot.send("reprendre")
    assert offer("Lequel ?") in (await bot.send("horaires")).text
