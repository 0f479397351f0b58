"""Traces and logs: what happened and why, without a user's words, numbers or secrets."""

from __future__ import annotations

import io
import json
import logging
import time
from collections.abc import Awaitable, Callable, Iterator

import pytest

from lumiera import LumieraError, Transcript, Turn, Tx, free_text, read, store_operation
from lumiera.cli.logs import JsonFormatter
from lumiera.testing import Scripted, TestBot
from lumiera.tracing import Trace, redact, turn_id

Start = Callable[..., Awaitable[TestBot]]
Leak = Callable[..., object]

SECRETS = [
    "+33612345678",
    "+33 6 12 34 56 78",
    "0033612345678",
    "06 12 34 56 78",
    "06.12.34.56.78",
    "0612345678",
    "+49 (151) 234-56789",
    "+1 (415) 555-0100",
    "whatsapp:+33612345678",
    "tel:+33612345678",
    "whatsapp%3A%2B33612345678",
    "ana.silva+chantier@example.co.uk",
    "FR76 3000 6000 0112 3456 7890 189",
    "DE89370400440532013000",
    "Authorization: Bearer abcDEF123456",
    "authorization=Basic QUM6c2VjcmV0",
    "x-api-key: 9f8e7d6c5b4a",
    "X-Twilio-Signature: abc/def+ghi=",
    "https://user:pa55word@example.com/hook",
    "https://files.example.com/a.jpg?token=eyJhbGciOiJIUzI1NiJ9.e30.abc",
    "https://files.example.com/a.jpg?X-Amz-Signature=0123456789abcdef",
    "https://files.example.com/a.jpg?se=2026&sig=a%2Fb%3D",
    "https://example.com/?api_key=9f8e7d6c5b4a",
    "https://example.com/?access_token=9f8e7d6c5b4a",
    "sk-ant-api03-AbCdEfGhIjKlMnOpQrStUvWx",
    "sk-proj-AbCdEfGhIjKlMnOpQrStUvWx",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlLXZhbHVl",
]
HIDDEN = [
    "612345678", "6 12 34 56 78", "06 12", "06.12", "234-56789", "555-0100", "ana.silva", "3000 6000", "370400440532",
    "abcDEF123456", "QUM6c2VjcmV0", "9f8e7d6c5b4a", "abc/def", "pa55word", "eyJhbGci", "0123456789abcdef", "a%2Fb",
    "AbCdEfGh", "c2lnbmF0",
]  # fmt: skip


@pytest.fixture
def lines() -> Iterator[Callable[[], list[dict[str, object]]]]:
    """Log as the bot does; returns the JSON lines so far."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel("DEBUG")
    yield lambda: [json.loads(line) for line in stream.getvalue().split("\n") if line]
    root.removeHandler(handler)
    root.setLevel(level)


Lines = Callable[[], list[dict[str, object]]]


def hides(text: str) -> bool:
    return not any(secret in text for secret in HIDDEN)


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("form", ["{}", "sent to {}, twice", '{{"to": "{}"}}', "to={}"])
def test_a_secret_is_redacted_wherever_it_stands(secret: str, form: str) -> None:
    assert hides(redact(form.format(secret)))


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22T17:00:00.000+00:00",
        "turn 3f2a9c7e5b1d4a60 took 12 ms",
        "conversation 1234567",
        "lumiera.yaml:12: pipeline[3].transcription: unknown key 'timout'",
        "stage 'intent': timed out in classify_intent of plugin 'slow'",
        "SM3f2a9c7e5b1d4a60aabbccddeeff0011",
        "https://example.com/webhooks/status?page=2",
        "version 0.1.0 on port 8000",
    ],
)
def test_what_operators_need_is_left_alone(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize("unit", ["x", "x1", "+", "token ", "a.", "00", "AB12 ", "://", "é"])
def test_redacting_a_long_text_takes_no_time(unit: str) -> None:
    begun = time.perf_counter()
    redact(unit * 20_000)
    assert time.perf_counter() - begun < 1


@pytest.mark.parametrize("secret", SECRETS)
def test_no_secret_is_in_a_json_log_line(lines: Lines, secret: str) -> None:
    extra = {"to": secret, "all": [secret, {"deep": secret}], "at": {secret}, "what": ValueError(secret)}
    error = ValueError(f"cannot reach {secret}")
    logging.getLogger("lumiera.test").error("failed for %s", secret, exc_info=error, extra=extra)
    (line,) = lines()
    assert hides(json.dumps(line, ensure_ascii=False))
    assert "ValueError" in str(line["traceback"])


def test_a_log_line_has_time_level_logger_message_turn_and_extras(lines: Lines) -> None:
    token = turn_id.set("abc123")
    try:
        logging.getLogger("lumiera.test").warning("hello %s", "there", extra={"ms": 12, "plugin": "kit"})
    finally:
        turn_id.reset(token)
    (line,) = lines()
    assert str(line.pop("time")).endswith("+00:00")
    assert line == {
        "level": "warning", "logger": "lumiera.test", "message": "hello there", "turn": "abc123", "ms": 12,
        "plugin": "kit",
    }  # fmt: skip


def test_a_log_line_is_one_line_whatever_stands_in_it(lines: Lines) -> None:
    logging.getLogger("lumiera.test").info("a\nb\u2028c", extra={"thing": object()})
    assert [line["message"] for line in lines()] == ["a\nb\u2028c"]


# --- traces ---


def test_a_span_says_what_was_raised_and_goes_on() -> None:
    trace = Trace()
    with pytest.raises(ValueError, match="secret"), trace.span("hook", "classify_intent", plugin="kit"):
        raise ValueError("secret")
    (span,) = trace.spans
    assert (span.kind, span.name, span.facts) == ("hook", "classify_intent", {"plugin": "kit", "raised": "ValueError"})
    assert "secret" not in trace.dump()


async def test_neither_trace_nor_log_holds_what_a_user_wrote_said_or_answered(
    start: Start, leak: Leak, lines: Lines
) -> None:
    @read
    async def look(what: str) -> str:
        return what.upper()

    @store_operation
    def file(tx: Tx, what: str) -> str:
        if what == "grenouille":
            raise LumieraError("the store said no")
        return what

    async def handler(turn: Turn) -> str:
        where = await turn.ask(free_text("where"))
        await turn.once("look", look, where)
        await turn.say("call-112", where=where)
        return await turn.once("file", file, where)

    ears = Scripted(transcripts={"kit://voice.ogg": Transcript(text="un crapaud")})
    bot = await start(site=leak(handler), ears=ears)
    await bot.send("salamandre", name="Zébulon")
    await bot.voice()
    await bot.send("fuite")
    await bot.send("triton")
    await bot.send("fuite")
    await bot.send("grenouille")
    dumped = "".join(turn.trace.dump() for turn in bot.turns) + json.dumps(lines(), ensure_ascii=False)
    for word in ("salamandre", "crapaud", "triton", "TRITON", "grenouille", "GRENOUILLE", "Zébulon", bot.phone):
        assert word not in dumped
    assert '["step","look"' in dumped


async def test_a_trace_says_which_plugins_were_asked_and_how_long_it_took(start: Start) -> None:
    bot = await start(ears=Scripted())
    trace = (await bot.send("qwerty")).turn.trace
    asked = [(span.name, span.facts["plugin"]) for span in trace.spans if span.kind == "hook"]
    assert ("classify_intent", "ears") in asked
    assert all(span.took >= 0 for span in trace.spans)
    assert [span.at for span in trace.spans] == sorted(span.at for span in trace.spans)
