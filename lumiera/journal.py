"""The journal of a dialogue: what was asked, answered, said and done, and how a re-run meets it.

The rules named here are those of docs/dialogues.md.
"""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
import json
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar, TypeVarTuple

from pydantic import BaseModel, TypeAdapter

from lumiera.channel import Labels, render
from lumiera.errors import DialogueError, DuplicateStep, EntryTooLarge
from lumiera.intents import Intent
from lumiera.messages import Choices, IntentMatch, Message, Reply
from lumiera.questions import Asked, Question
from lumiera.steps import Key, Step, Tx, in_handler
from lumiera.store import Action, DialogueChange, DialogueRecord, DialogueStatus, Entry, Outgoing
from lumiera.turn import Turn

Ts = TypeVarTuple("Ts")
T = TypeVar("T")
R = TypeVar("R")
ENTRY_BYTES, JOURNAL_ENTRIES, JOURNAL_BYTES = 64 * 1024, 200, 1024 * 1024
_MATCH = "@match"  # the entry that keeps what the opening message was understood as
_MATCHES: TypeAdapter[IntentMatch | None] = TypeAdapter(IntentMatch | None)


class Suspended(BaseException):
    """A question has no answer yet: carried past the handler's own `except Exception`."""

    def __init__(self, question: Question[Any]) -> None:
        self.question = question


class Misfit(BaseException):
    """The handler's run no longer matches its journal: nothing more of it may happen."""


def dialogue_id(turn: Turn, intent: str) -> str:
    """Derive a dialogue's id from its opening message and intent, so that a re-run opens the same one."""
    return f"{turn.conversation.id}.{turn.messages[0].seq}.{intent}"


def fingerprint(values: object) -> str:
    """Hash arguments: plain values by value, records that have an `id` by it."""

    def plain(value: object) -> object:
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
            return [type(value).__name__, fields["id"]] if "id" in fields else fields
        if isinstance(value, BaseModel):
            return dict(value)
        if isinstance(value, set | frozenset):
            return sorted(map(str, value))
        return str(value)

    packed = json.dumps(values, default=plain, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(packed.encode()).hexdigest()[:16]


class Journal:
    """What one run of a handler meets: the recorded entries, and those that this run adds."""

    def __init__(self, turn: Turn, intent: Intent, record: DialogueRecord | None, draft: Mapping[str, Entry]) -> None:
        self._turn = turn
        self._intent = intent
        self._draft = draft
        self._version = record.version if record else intent.version
        self._recorded = {entry.name: entry for entry in record.entries} if record else {}
        self._unmet = dict.fromkeys(self._recorded)
        self._names: set[str] = set()  # met in this run
        self._fresh: list[Entry] = []  # not yet committed
        self._said: list[str] = []
        self._size = sum(len(entry.value) for entry in self._recorded.values())
        self._branches = 0  # runs of `gather` that are neither finished nor held
        self._progress = asyncio.Condition()
        self._parallel = False
        self.opening = _opening(turn) if record is None else record.opening
        self.opened_at = turn.now if record is None else record.opened_at
        self.id = dialogue_id(turn, intent.name) if record is None else record.id
        self.is_stored = record is not None
        self.match = self._match(record)
        self._question = record.question if record else None
        answered = self._question is None or self._question.name in self._recorded
        self.pending = None if answered else self._question

    def _match(self, record: DialogueRecord | None) -> IntentMatch | None:
        if record is None:
            return self._turn.match
        self._unmet.pop(_MATCH, None)
        kept = self._recorded.get(_MATCH)
        return _MATCHES.validate_json(kept.value) if kept else None

    def check_version(self) -> None:
        if self._version != self._intent.version:
            raise Misfit(f"version {self._version} is now {self._intent.version}")

    # what handlers call

    async def ask(self, question: Question[T]) -> T:
        if self._parallel:
            raise DialogueError(f"question {question.name!r} is asked inside gather; ask one after the other")
        entry = await self._meet(question.name, "answer")
        if entry is None:
            entry = self._answer_to(question)
            self._add(entry)
        return question.answer.validate_json(entry.value)

    async def once(self, name: str, step: Step[*Ts, R], *args: *Ts, key: str = "") -> R:
        full = f"{name}/{key}" if key else name
        arguments = fingerprint(args)
        entry = await self._meet(full, "step", arguments)
        if entry is not None and entry.state == "done":
            return step.result.validate_json(entry.value)
        value: R
        with self._turn.trace.span("step", full, kind=step.kind):
            value = await self._execute(full, arguments, step, args, begun=entry is not None)
        return value

    async def say(self, text: str, *, urgent: bool = False, **args: object) -> None:
        name = f"say/{text}/{fingerprint(args)}" if args else f"say/{text}"
        entry = await self._meet(name, "say")
        if entry is None:
            value = json.dumps([self._turn.id, self._turn.text_for(text, **args)], ensure_ascii=False)
            entry = Entry(name=name, kind="say", value=value)
            if urgent:
                return await self._say_now(entry)
            self._add(entry)
        turn_id, said = json.loads(entry.value)
        if turn_id == self._turn.id and not urgent:  # an entry of an earlier turn was shown then
            self._said.append(said)
        return None

    async def gather(self, *runs: Awaitable[R]) -> list[R]:
        if self._parallel:
            raise DialogueError("gather inside gather")
        self._parallel, self._branches = True, len(runs)
        tasks = [asyncio.ensure_future(self._branch(run)) for run in runs]
        try:
            await asyncio.wait(tasks)
        except asyncio.CancelledError:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            raise
        finally:
            self._parallel = False
        failures = [error for task in tasks if (error := task.exception())]
        if failures:
            raise next((error for error in failures if not isinstance(error, Exception)), failures[0])
        return [task.result() for task in tasks]

    # meeting entries

    async def _meet(self, name: str, kind: str, arguments: str = "") -> Entry | None:
        """Return the recorded entry of that name; `Misfit` if the journal tells another story (rule 8)."""
        if name in self._names:
            raise DuplicateStep(f"{self._intent.name}: {name!r} is met twice in one run; give each its own key=")
        self._names.add(name)
        old = name if name in self._recorded else self._intent.aliases.get(name, name)
        entry = self._recorded.get(old)
        if entry is None:
            await self._past_the_last()
            return None
        if entry.kind != kind or entry.arguments != arguments:
            raise Misfit(f"{name!r} was recorded as another call")
        async with self._progress:
            self._unmet.pop(old, None)
            self._progress.notify_all()
        return entry

    async def _past_the_last(self) -> None:
        """Hold something new until every recorded entry has been met; only other branches of `gather` can meet them."""
        if not self._unmet:
            return
        async with self._progress:
            self._branches -= 1
            self._progress.notify_all()
            await self._progress.wait_for(lambda: not self._unmet or self._branches <= 0 or not self._parallel)
            self._branches += 1
        if self._unmet:
            raise Misfit(f"not met: {', '.join(self._unmet)}")

    async def _branch(self, run: Awaitable[R]) -> R:
        try:
            return await run
        finally:
            async with self._progress:
                self._branches -= 1
                self._progress.notify_all()

    def _answer_to(self, question: Question[Any]) -> Entry:
        """Make the entry of a question met for the first time, or suspend at it."""
        if self.pending is not None and self.pending.name == question.name and self._turn.answer is not None:
            value, self.pending = json.dumps(self._turn.answer, ensure_ascii=False), None
            return Entry(name=question.name, kind="answer", value=value)
        if self.pending is not None:
            raise Misfit(f"{question.name!r} is asked where {self.pending.name!r} was")
        drafted = self._draft.get(question.name)
        if drafted is None or not _still_fits(question, drafted.value):
            raise Suspended(question)
        return drafted

    def _add(self, entry: Entry) -> Entry:
        self._weigh(entry)
        self._fresh.append(entry)
        return entry

    def _weigh(self, entry: Entry) -> None:
        size = len(entry.value.encode())
        self._size += size
        if size > ENTRY_BYTES:
            raise EntryTooLarge(
                f"{entry.name!r} has {size} bytes, an entry at most {ENTRY_BYTES}; store it and keep its id"
            )
        if self._size > JOURNAL_BYTES or len(self._recorded) + len(self._fresh) >= JOURNAL_ENTRIES:
            raise EntryTooLarge(
                f"{self._intent.name}: the journal is over {JOURNAL_ENTRIES} entries or {JOURNAL_BYTES} bytes"
            )

    # executing steps

    async def _execute(
        self, name: str, arguments: str, step: Step[*Ts, R], args: tuple[object, ...], *, begun: bool
    ) -> Any:
        def entry(value: object) -> Entry:
            packed = step.result.dump_json(value).decode()  # type: ignore[arg-type]
            done = Entry(name=name, kind="step", value=packed, arguments=arguments)
            self._weigh(done)
            return done

        action = Action(name=step.name, kind=step.kind, dialogue_id=self.id)
        inside = in_handler.set(False)
        try:
            if step.kind == "store_operation":
                return await _uncancelled(self._operate(step, args, entry, action))
            if step.kind == "external_write":
                return await _uncancelled(self._write(name, arguments, step, args, entry, action, begun=begun))
            if step.kind == "store_read":
                value = await self._turn.bot.store.read(lambda tx: step.call(tx, *args))
            else:
                value = await step.call(*args)
            await self._commit(entry(value))
        finally:
            in_handler.reset(inside)
        return value

    async def _operate(
        self, step: Step[*Ts, R], args: tuple[object, ...], entry: Callable[[object], Entry], action: Action
    ) -> Any:
        """Commit the operation and its entry in one transaction: it happens exactly once."""
        value: object = None

        def operate(tx: Tx) -> Entry:
            nonlocal value
            value = step.call(tx, *args)
            return entry(value)

        await self._commit(operation=operate, action=action)
        return value

    async def _write(
        self,
        name: str,
        arguments: str,
        step: Step[*Ts, R],
        args: tuple[object, ...],
        entry: Callable[[object], Entry],
        action: Action,
        *,
        begun: bool,
    ) -> Any:
        """Call another system with a key that outlives this run; `begun` says that an earlier run may have called."""
        key = Key(hashlib.sha256(f"{self.id}/{name}".encode()).hexdigest()[:32])
        value = await step.reconcile(key, *args) if begun else None
        if not begun:
            await self._commit(Entry(name=name, kind="step", state="started", arguments=arguments))
        if value is None:
            value = await step.call(key, *args)
        await self._commit(entry(value), action=action)
        return value

    async def _say_now(self, entry: Entry) -> None:
        self._weigh(entry)
        reply = Reply(json.loads(entry.value)[1])
        bubbles = render(reply, self._turn.channel.capabilities, Labels.of(self._turn))
        outbox = [
            Outgoing(dedupe_key=f"{self.id}/{entry.name}/{place}", bubble=bubble)
            for place, bubble in enumerate(bubbles)
        ]
        await self._commit(entry, outbox=outbox)
        await self._turn.bot.flush(self._turn.conversation.id)

    async def _commit(
        self,
        *entries: Entry,
        operation: Callable[[Tx], Entry] | None = None,
        action: Action | None = None,
        outbox: Sequence[Outgoing] = (),
    ) -> None:
        fresh, self._fresh = (*self._fresh, *entries), []
        change = self.change("open", fresh, self._question)
        turn, store = self._turn, self._turn.bot.store
        added = await store.journal(
            turn.lease, turn.id, change, turn.bot.now(), operation=operation, action=action, outbox=outbox
        )
        self.is_stored = True
        for entry in (*fresh, *([added] if added else ())):
            self._recorded[entry.name] = entry

    # how a run ends

    def change(
        self, status: DialogueStatus, entries: Sequence[Entry] | None = None, question: Asked | None = None
    ) -> DialogueChange:
        fresh = tuple(self._fresh if entries is None else entries)
        if _MATCH not in self._recorded:
            kept = _MATCHES.dump_json(self.match).decode()
            fresh = (Entry(name=_MATCH, kind="answer", value=kept), *fresh)
            self._recorded[_MATCH] = fresh[0]
        return DialogueChange(
            id=self.id, intent=self._intent.name, version=self._intent.version, opening=self.opening,
            opened_at=self.opened_at, status=status, question=question, entries=fresh,
        )  # fmt: skip

    @property
    def untouched(self) -> bool:
        """True for a handler that never asked, said or did anything: it needs no journal."""
        return not self._recorded and not self._fresh

    def finished(self, reply: Reply) -> Reply:
        """Join what was said with the reply; `Misfit` if entries or the answer were not met on the way."""
        if self._unmet or self.pending is not None:
            raise Misfit(f"the handler ended without {', '.join(self._unmet) or 'its question'}")
        return replace(reply, text="\n\n".join((*self._said, reply.text)))

    def asked(self, question: Question[Any]) -> Asked:
        """Freeze a question as it is shown, with its options in the turn's language and their labels in all."""
        texts, turn = self._turn.bot.texts, self._turn
        ref = hashlib.sha256(f"{self.id}/{question.name}".encode()).hexdigest()[:10]
        options = tuple(
            replace(option, title=option.title or turn.text_for(option.text)) for option in question.options
        )
        text = "\n\n".join((*self._said, turn.text_for(question.text, **question.args)))
        labels = {option.id: (option.title, *(texts.labels(option.text) if option.text else ())) for option in options}
        return Asked(
            dialogue_id=self.id, name=question.name, kind=question.kind, labels=labels, at_most=question.at_most,
            shown=Reply(text, Choices(options=options, ref=ref) if options else None), minimum=question.minimum,
            maximum=question.maximum, zone=turn.bot.zone,
        )  # fmt: skip


def _opening(turn: Turn) -> tuple[Message, ...]:
    """Keep the opening messages with what was spoken as their text: a transcript must not change later."""
    return tuple(
        replace(message, text=turn.transcripts[message.sid].text) if message.sid in turn.transcripts else message
        for message in turn.messages
    )


def _still_fits(question: Question[Any], value: str) -> bool:
    try:
        answer = question.answer.validate_json(value)
    except ValueError:
        return False
    return question.kind != "choose" or answer in {option.id for option in question.options}


async def _uncancelled(work: Coroutine[Any, Any, T]) -> T:
    """Finish a write that has begun before a cancellation takes effect: deadlines stop between steps (rule 10)."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise
