"""How values stand in columns, and statements on the driver's cursor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from lumiera_sql import values
from lumiera_sql.statement import Statement, constant, given, inserting
from sqlalchemy import Column, Connection, Integer, MetaData, Table, Text, create_engine, select, update

from lumiera.messages import Bubble, Choices, Location, Media, Message, Option, Reply, Tap
from lumiera.questions import Asked

NOW = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)
PLAIN = Message(sid="SM1", channel="whatsapp", sender="+33600000001", received_at=NOW, text="bonjour")
words = Table("words", MetaData(), Column("id", Integer, primary_key=True), Column("word", Text, unique=True))
ADD = Statement(inserting(words, "word").on_conflict_do_nothing())
FIND = Statement(select(words.c.id, words.c.word).where(words.c.id == given("one")))
ALL = Statement(select(words.c.word).order_by(words.c.id).limit(2))
CHANGE = Statement(update(words).where(words.c.id > constant(1)).values(word=given("new")).returning(words.c.id))


@pytest.fixture
def tx(tmp_path: Path) -> Iterator[Connection]:
    engine = create_engine(f"sqlite:///{tmp_path}/words.db")
    with engine.connect() as connection:
        words.create(connection)
        yield connection
    engine.dispose()


@pytest.mark.parametrize(
    "moment",
    [
        NOW,
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    ],
)
def test_a_time_comes_back_to_the_microsecond(moment: datetime) -> None:
    assert values.moment(values.micros(moment)) == moment


def test_a_time_of_another_zone_comes_back_in_utc() -> None:
    paris = NOW.astimezone(timezone(timedelta(hours=1)))
    back = values.moment(values.micros(paris))
    assert back == paris
    assert back.tzinfo is UTC


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(TypeError, match="naive"):
        values.micros(NOW.replace(tzinfo=None))


def test_no_time_is_none() -> None:
    assert values.moment_or_none(None) is None
    assert values.moment_or_none(values.micros(NOW)) == NOW


@pytest.mark.parametrize(
    "message",
    [
        PLAIN,
        replace(PLAIN, text="قياس \u200b 👷🏽 'quoted' \"twice\" \\"),
        replace(PLAIN, text="", media=(Media(url="https://x/1?a=b", content_type="audio/ogg", size=0),)),
        replace(PLAIN, tap=Tap(id="m1:help")),
        replace(PLAIN, location=Location(latitude=-0.0, longitude=179.999999, address="1 rue X")),
        replace(PLAIN, profile_name="Ion", external_id="FR.1", reply_to="SM0"),
    ],
)
def test_a_message_comes_back_with_the_place_it_was_given(message: Message) -> None:
    assert values.load_message(values.dump_message(message), 7) == replace(message, seq=7)


def test_an_opening_keeps_the_places_of_its_messages() -> None:
    opening = (replace(PLAIN, seq=3), replace(PLAIN, seq=4, text=""))
    assert values.load_messages(values.dump_messages(opening)) == opening


def test_what_a_message_does_not_have_takes_no_room() -> None:
    assert "media" not in values.dump_message(PLAIN)


@pytest.mark.parametrize(
    "bubble",
    [
        Bubble(text="Bonjour"),
        Bubble(text="Lequel ?", kind="buttons", options=(Option(id="1", title="Lilas", description="75020"),)),
        Bubble(text="Lequel ?", kind="list", options=(Option(id="1", text="help"),), button="Choisir"),
    ],
)
def test_a_bubble_comes_back_as_it_was(bubble: Bubble) -> None:
    assert values.load_bubble(values.dump_bubble(bubble)) == bubble


def test_choices_come_back_as_they_were() -> None:
    choices = Choices(options=(Option.intent("help", text="help-title"),), button="Menu", ref="q1")
    assert values.load_choices(values.dump_choices(choices)) == choices
    assert values.load_choices(None) is None


def test_a_question_is_stored_in_full_so_that_later_defaults_do_not_change_it() -> None:
    asked = Asked(dialogue_id="d", name="n", kind="number", shown=Reply("Combien ?"), labels={"a": ("A", "B")})
    text = values.dump_asked(asked)
    assert '"zone":"UTC"' in text
    assert values.load_asked(text) == asked
    assert values.load_asked(None) is None


def test_a_statement_tells_what_it_wrote(tx: Connection) -> None:
    assert ADD.run(tx, word="a") == 1
    assert ADD.run(tx, word="a") == 0


def test_a_statement_returns_rows(tx: Connection) -> None:
    ADD.run_each(tx, [{"word": "a"}, {"word": "b"}, {"word": "c"}])
    assert FIND.row(tx, one=2) == (2, "b")
    assert FIND.row(tx, one=9) is None
    assert FIND.rows(tx, one=9) == []
    assert ALL.rows(tx) == [("a",), ("b",)], "a value that stands in the expression needs not be given"


def test_a_statement_may_write_and_return(tx: Connection) -> None:
    ADD.run_each(tx, [{"word": "a"}, {"word": "b"}])
    assert CHANGE.row(tx, new="x") == (2,)
    assert ALL.rows(tx) == [("a",), ("x",)]


def test_a_statement_is_one_with_what_sqlalchemy_runs(tx: Connection) -> None:
    tx.execute(words.insert().values(word="a"))
    assert ALL.rows(tx) == [("a",)]
    ADD.run(tx, word="b")
    tx.rollback()
    assert ALL.rows(tx) == []


def test_a_parameter_that_is_not_given_is_an_error(tx: Connection) -> None:
    with pytest.raises(KeyError):
        FIND.row(tx)
