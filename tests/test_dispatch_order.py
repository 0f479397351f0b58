"""Each conversation in order and one turn at a time; all conversations side by side."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict
from pathlib import Path

from lumiera import Reply, Turn
from lumiera.testing import Scripted, TestBot


async def echo(turn: Turn) -> Reply:
    return Reply(turn.text)


async def sent(bot: TestBot, count: int, seconds: float = 30) -> None:
    async with asyncio.timeout(seconds):
        while len(bot.channel.sent) < count:  # noqa: ASYNC110 - nothing tells when
            await asyncio.sleep(0.005)


async def test_fifty_messages_are_answered_in_the_order_of_their_coming(tmp_path: Path) -> None:
    async with TestBot(tmp_path, plugins={"agent": Scripted(agent=echo)}) as bot:
        numbers = [f"message {number}" for number in range(50)]
        for number in numbers:
            await bot.lumiera.receive([bot.message(number)])
        await sent(bot, 50)
        assert [turn.text for turn in bot.turns] == numbers
        assert [bubble.text for _, bubble in bot.channel.sent] == numbers


async def test_two_turns_of_a_conversation_never_overlap(tmp_path: Path) -> None:
    running: Counter[int] = Counter()
    most: Counter[int] = Counter()

    async def answer(turn: Turn) -> Reply:
        conversation = turn.conversation.id
        running[conversation] += 1
        most[conversation] = max(most[conversation], running[conversation])
        await asyncio.sleep(0.01)
        running[conversation] -= 1
        return Reply(turn.text)

    async with TestBot(tmp_path, plugins={"agent": Scripted(agent=answer)}) as bot:
        messages = [
            bot.message(f"message {number}", sender=f"+3360000000{user}") for number in range(10) for user in range(3)
        ]
        await asyncio.gather(*(bot.lumiera.receive([message]) for message in messages))
        await sent(bot, 30)
        assert most == Counter({1: 1, 2: 1, 3: 1})


async def test_five_hundred_users_at_once_each_get_their_answers_in_order(tmp_path: Path) -> None:
    async with TestBot(tmp_path, plugins={"agent": Scripted(agent=echo)}) as bot:
        begun = time.perf_counter()
        for place in ("first", "second"):
            messages = [bot.message(f"{place} {user}", sender=f"+336{user:08}") for user in range(500)]
            await asyncio.gather(*(bot.lumiera.receive([message]) for message in messages))
        await sent(bot, 1000, 60)
        took = time.perf_counter() - begun
        print(f"1000 messages of 500 users in {took:.1f} s, {1000 / took:.0f}/s")  # noqa: T201 - for `pytest -s`
        heard = defaultdict(list)
        for address, bubble in bot.channel.sent:
            heard[address].append(bubble.text)
        assert heard == {f"+336{user:08}": [f"first {user}", f"second {user}"] for user in range(500)}


async def test_a_slow_user_delays_nobody_else(tmp_path: Path) -> None:
    release = asyncio.Event()

    async def answer(turn: Turn) -> Reply:
        if turn.text == "lent":
            await release.wait()
        return Reply(turn.text)

    async with TestBot(tmp_path, plugins={"agent": Scripted(agent=answer)}) as bot:
        await bot.lumiera.receive([bot.message("lent", sender="+33600000999")])
        quick = [bot.message("vite", sender=f"+336000000{user}") for user in range(10, 30)]
        await asyncio.gather(*(bot.lumiera.receive([message]) for message in quick))
        await sent(bot, 20, 5)
        assert {bubble.text for _, bubble in bot.channel.sent} == {"vite"}
        release.set()
        await sent(bot, 21, 5)
        assert bot.channel.sent[-1][1].text == "lent"


async def test_a_message_delivered_a_hundred_times_at_once_is_one_turn(tmp_path: Path) -> None:
    async with TestBot(tmp_path, plugins={"agent": Scripted(agent=echo)}) as bot:
        message = bot.message("une fois")
        receipts = await asyncio.gather(*(bot.lumiera.receive([message]) for _ in range(100)))
        assert Counter(one.duplicate for (one,) in receipts) == {False: 1, True: 99}
        await bot.send("après")
        assert [turn.text for turn in bot.turns] == ["une fois", "après"]
        assert [bubble.text for _, bubble in bot.channel.sent] == ["une fois", "après"]


async def test_a_message_delivered_again_after_its_answer_stays_answered(tmp_path: Path) -> None:
    async with TestBot(tmp_path, plugins={"agent": Scripted(agent=echo)}) as bot:
        message = bot.message("une fois")
        await bot.deliver(message)
        await bot.restart()
        (receipt,) = await bot.lumiera.receive([message])
        assert receipt.duplicate
        await bot.send("après")
        assert [bubble.text for _, bubble in bot.channel.sent] == ["une fois", "après"]


async def test_no_more_turns_run_at_a_time_than_there_are_workers(tmp_path: Path) -> None:
    running, most = 0, 0

    async def answer(turn: Turn) -> Reply:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.02)
        running -= 1
        return Reply(turn.text)

    plugins = {"agent": Scripted(agent=answer)}
    async with TestBot(tmp_path, config={"workers": {"turns": 3}}, plugins=plugins) as bot:
        await bot.lumiera.receive([bot.message("oui", sender=f"+3360000{user:04}") for user in range(20)])
        await sent(bot, 20)
        assert most == 3
