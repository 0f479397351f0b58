"""`lumiera outbox`: what was not delivered, why, and once more."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from click.testing import Result

from lumiera import Bubble, Lumiera, Message, StoredMedia
from lumiera.records import OutboxItem, Outgoing, Sent
from lumiera.store import Store

T = TypeVar("T")
Run = Callable[..., Result]
LATE = "Le camion arrive à 8 h. Appelez le +33 6 12 34 56 78 si personne ne vous ouvre le portail du bloc B."
SENT = Sent(state="sent", provider_id="P1")
REFUSED = Sent(state="failed", error="63024 cannot be reached on WhatsApp")


def stored(work: Callable[[Store], Awaitable[T]]) -> T:
    """Work on the store of the configuration, which no bot has opened."""

    async def opened() -> T:
        bot = Lumiera.load("lumiera.yaml")
        await bot.store.open(bot.migrations)
        try:
            return await work(bot.store)
        finally:
            await bot.store.close()

    return asyncio.run(opened())


def ago(**passed: float) -> datetime:
    return datetime.now(UTC) - timedelta(**passed)


def send(*ends: tuple[str | Bubble, Sent | None], at: datetime | None = None) -> None:
    """Post bubbles to one user, now unless given, and let their sends end so; None: it is not sent yet."""
    at = at or ago()

    async def work(store: Store) -> None:
        message = Message(sid=f"SM{at}", channel="terminal", sender="+33600000001", received_at=at)
        ((receipt),) = await store.ingest([(message, None)])
        for place, (said, end) in enumerate(ends):
            bubble = said if isinstance(said, Bubble) else Bubble(text=said)
            await store.post(receipt.conversation_id, [Outgoing(dedupe_key=f"{at}/{place}", bubble=bubble)], at)
            if end is not None:
                item = await store.begin_send(receipt.conversation_id, at)
                assert isinstance(item, OutboxItem)
                await store.end_send(item, end, at)

    stored(work)


def test_an_outbox_that_was_never_used_says_so(run: Run) -> None:
    assert run("outbox").stdout == "Nothing was sent yet.\n"


def test_bubbles_are_counted_and_fine_ones_not_listed(run: Run) -> None:
    send(("a", SENT), ("b", SENT), ("c", None))
    assert run("outbox").stdout == "1 queued, 2 sent\n"


def test_what_failed_is_listed_with_reason_and_age(run: Run) -> None:
    send(("a", SENT), (LATE, REFUSED), at=ago(hours=3))
    counts, _, headings, row = run("outbox").stdout.splitlines()
    assert counts == "1 sent, 1 failed"
    assert headings.split() == ["id", "state", "age", "tries", "conversation", "channel", "text", "reason"]
    assert row.split()[:6] == ["2", "failed", "3", "h", "1", "1"]
    assert row.endswith("63024 cannot be reached on WhatsApp")


def test_what_is_unknown_or_waits_too_long_is_listed_newest_first(run: Run) -> None:
    send(("a", Sent(state="unknown", error="30410 Twilio failed")), at=ago(days=2))
    again = ago(hours=-1)
    send(("b", Sent(state="queued", error="429", retry_at=again)), at=ago(minutes=5))
    *_, newer, older = run("outbox").stdout.splitlines()
    assert newer.split()[:4] == ["2", "queued", "5", "min"]
    assert older.split()[:4] == ["1", "unknown", "2", "d"]


def test_a_text_is_shown_short_and_without_numbers_that_reach_people(run: Run) -> None:
    send((LATE, REFUSED), (f"Le {LATE[30:]}", REFUSED))
    for output in (run("outbox").stdout, run("outbox", "--json").stdout):
        assert "Le camion arrive à 8 h." in output
        assert "+33" not in output
        assert "12 34" not in output
        assert "bloc B" not in output


def test_a_bubble_without_words_is_shown_by_what_it_holds(run: Run) -> None:
    photo = StoredMedia(id="m", content_type="image/jpeg", size=3)
    send((Bubble(text="", media=photo), REFUSED))
    assert "image/jpeg" in run("outbox").stdout


def test_states_can_be_chosen(run: Run) -> None:
    send(("a", SENT), ("b", REFUSED), ("c", None))
    assert [line.split()[1] for line in run("outbox", "--state", "sent, queued").stdout.splitlines()[3:]] == [
        "queued", "sent",
    ]  # fmt: skip
    assert run("outbox", "--state", "read").stdout == "1 queued, 1 sent, 1 failed\n"


def test_a_state_that_there_is_not_is_a_mistake(run: Run) -> None:
    result = run("outbox", "--state", "lost,sent")
    assert result.exit_code == 2
    assert "there is no lost; there are queued, sending, sent, delivered" in " ".join(result.stderr.split())


def test_other_programs_read_it_as_json(run: Run) -> None:
    send(("a", SENT), ("b", REFUSED))
    told = json.loads(run("outbox", "--json").stdout)
    assert told["counts"] == {"sent": 1, "failed": 1}
    (bubble,) = told["bubbles"]
    assert (bubble["id"], bubble["state"], bubble["tries"], bubble["text"]) == (2, "failed", 1, "b")
    assert bubble["reason"] == "63024 cannot be reached on WhatsApp"
    assert "address" not in bubble


def test_more_than_a_hundred_are_not_passed_over_in_silence(run: Run) -> None:
    send(*((f"{number}", REFUSED) for number in range(103)))
    assert run("outbox").stdout.endswith("and 3 more: lumiera outbox --state failed,unknown\n")


@pytest.mark.parametrize("end", [REFUSED, Sent(state="unknown")], ids=lambda end: end.state)
def test_a_bubble_is_sent_once_more(run: Run, end: Sent) -> None:
    send(("a", end))
    assert run("outbox", "resend", "1").stdout == (
        "Bubble 1 goes out again within a second, if 'lumiera serve' runs, else at its next start.\n"
    )
    assert run("outbox").stdout == "1 queued\n"


def test_only_what_did_not_arrive_is_sent_once_more(run: Run) -> None:
    send(("a", SENT))
    for number in ("1", "7"):
        result = run("outbox", "resend", number)
        assert result.exit_code == 2
        assert result.stderr == (
            f"There is no bubble {number} that failed or is unknown; 'lumiera outbox' lists them.\n"
        )


def test_the_configuration_may_be_named_after_the_command(run: Run) -> None:
    send(("a", REFUSED))
    Path("lumiera.yaml").rename("other.yaml")
    assert "1 failed" in run("outbox", "--config", "other.yaml").stdout
    assert run("outbox", "resend", "1", "--config", "other.yaml").exit_code == 0
