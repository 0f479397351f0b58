"""The journal of a dialogue: what one run of a handler meets, and what it adds. Its rules: docs/dialogues.md."""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
import json
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import replace
from typing import Any, Literal, TypeVar, TypeVarTuple

from pydantic import BaseModel, TypeAdapter

from lumiera import errors
from lumiera.channel import Labels, render
from lumiera.errors import EntryTooLarge, LumieraError
from lumiera.intents import Intent
from lumiera.messages import Choices, IntentMatch, Media, Reply, StoredMedia
from lumiera.people import Opening
from lumiera.questions import Asked, Question
from lumiera.records import Action, DialogueRecord, DialogueStatus, Entry, Outgoing
from lumiera.steps import Key, Step, in_handler, read
from lumiera.tracing import redact
from lumiera.turn import Turn

Ts = TypeVarTuple("Ts")
T = TypeVar("T")
R = TypeVar("R")
Finish = Callable[[Any], Awaitable[Entry]]
ENTRY_BYTES, JOURNAL_ENTRIES, JOURNAL_BYTES = 64 * 1024, 200, 1024 * 1024
MATCH = "@match"  # the entry that keeps what the opening message was understood as
DRAFT = "@draft/"  # before the names of the answers of a draft that the dialogue was started from
_MATCHES: TypeAdapter[IntentMatch | None] = TypeAdapter(IntentMatch | None)


class Suspended(BaseException):
    """A question has no answer yet: carried past the handler's own `except Exception`."""

    def __init__(self, question: Question[Any]) -> None:
        self.question = question


class Misfit(BaseException):
    """The handler's run no longer matches its journal: nothing more of it may happen."""


def fingerprint(values: object) -> str:
    """Hash arguments: plain values by value, records that have an `id` by it."""

    def plain(value: object) -> object:
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
            return [type(value).__name__, fields["id"]] if "id" in fields else fields
        if isinstance(value, BaseModel):
            return dict(value)
        return sorted(map(str, value)) if isinstance(value, set | frozenset) else str(value)

    return digest(json.dumps(values, default=plain, sort_keys=True, separators=(",", ":")))[:16]


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def opening_record(turn: Turn, intent: Intent) -> DialogueRecord:
    """Begin a dialogue. Its id derives from the opening message and intent, so that a re-run begins the same one.

    What was spoken is kept as text: a transcript must not change later.
    """
    opening = [replace(one, text=turn.said_in([one])) for one in turn.messages]
    return DialogueRecord(
        id=f"{turn.conversation.id}.{turn.messages[0].seq}.{intent.name}", intent=intent.name, version=intent.version,
        opening=tuple(opening), opened_at=turn.now, turn_id=turn.id, question=None,
        status="draft" if turn.open_dialogue else "open",  # the other stays open while this one is served
        entries=(Entry(name=MATCH, kind="answer", value=_MATCHES.dump_json(turn.match).decode()),),
    )  # fmt: skip


class Journal:
    """What one run of a handler meets: the recorded entries, and those that this run adds.

    Without a `record` the dialogue is new, and stays untold unless the handler asks, says or does something.
    """

    def __init__(self, turn: Turn, intent: Intent, record: DialogueRecord | None, given: Sequence[Entry] = ()) -> None:
        self.record = record or opening_record(turn, intent)
        self.is_stored = record is not None
        self._turn = turn
        self._intent = intent
        self._fresh = [*([] if record else self.record.entries), *given]  # not yet committed
        self._recorded = {entry.name: entry for entry in (*self.record.entries, *self._fresh)}
        self._unmet = dict.fromkeys(name for name in self._recorded if not name.startswith("@"))
        self._names: set[str] = set()  # met in this run
        self._said: list[str] = []
        self._causes: dict[str, Exception] = {}  # of the steps that failed in this run
        self._branches: int | None = None  # in `gather`: its runs that are neither finished nor held
        self._progress = asyncio.Condition()
        question = self.record.question
        self._pending = question if question and question.name not in self._recorded else None
        self.match = _MATCHES.validate_json(self._recorded[MATCH].value)

    # what handlers call

    async def ask(self, question: Question[T]) -> T:
        if self._branches is not None:
            raise errors.DialogueError(f"question {question.name!r} is asked inside gather; ask one after the other")
        entry = await self._meet(question.name, "answer") or self._add(self._answer_to(question))
        return question.answer.validate_json(entry.value)

    async def once(self, name: str, step: Step[*Ts, R], *args: *Ts, key: str = "") -> R:
        full, arguments = f"{name}/{key}" if key else name, fingerprint(args)
        entry = await self._meet(full, _kind(step), arguments)
        if entry is None or entry.state == "started":
            with self._turn.trace.span("step", full, kind=step.kind):
                name = entry.name if entry else full  # a renamed step keeps its key
                entry = await self._done_or_failed(name, arguments, step, args, begun=entry is not None)
        if entry.state == "failed":
            failure = json.loads(entry.value) | {"code": errors.ErrorCode(json.loads(entry.value)["code"])}
            raise errors.StepFailed(**failure) from self._causes.get(entry.name)
        return step.result.validate_json(entry.value)

    async def say(self, text: str, *, urgent: bool = False, **args: object) -> None:
        name = f"say/{text}/{fingerprint(args)}" if args else f"say/{text}"
        kind: Literal["say", "write"] = "write" if urgent else "say"
        entry = await self._meet(name, kind)
        if entry is None:
            value = json.dumps([self._turn.id, self._turn.text_for(text, **args)], ensure_ascii=False)
            entry = self._add(Entry(name=name, kind=kind, value=value))
            if urgent:
                await self._say_now(entry)
        turn_id, said = json.loads(entry.value)
        if turn_id == self._turn.id and not urgent:  # an entry of an earlier turn was shown then
            self._said.append(said)

    async def gather(self, *runs: Awaitable[R]) -> list[R]:
        if self._branches is not None:
            raise errors.DialogueError("gather inside gather")
        self._branches = len(runs)
        try:  # a cancelled gather cancels its runs and waits for them
            ended = await asyncio.gather(*map(self._branch, runs), return_exceptions=True)
        finally:
            self._branches = None
        failures = [error for error in ended if isinstance(error, BaseException)]
        if failures:
            raise min(failures, key=_rank)
        return [result for result in ended if not isinstance(result, BaseException)]

    async def escalate(self, opening: Opening) -> None:
        name = f"escalate/{opening.reason}"
        entry = await self._meet(name, "write", fingerprint([opening]))
        if entry is None:
            value = json.dumps(self._turn.id)
            entry = Entry(name=name, kind="write", value=value, arguments=fingerprint([opening]))
            await self._commit(entry, escalation=opening)
        if json.loads(entry.value) == self._turn.id:
            self._turn.hands_over |= opening.silent

    async def keep(self, media: Media) -> StoredMedia:
        try:
            return await self.once("keep", self._keep, media, key=digest(media.url)[:16])
        except errors.StepFailed as failed:
            raise errors.MediaError(failed.message, code=failed.code, user_message=failed.user_message) from failed

    @read
    async def _keep(self, media: Media) -> StoredMedia:
        bot = self._turn.bot
        if bot.media is None:
            raise errors.MediaError("no plugin brings a media store, so nothing can be kept")
        return await bot.media.put(bot.fetch(self._turn.channel.name, media), filename=media.filename)

    # meeting entries

    async def _meet(self, name: str, kind: str, arguments: str = "") -> Entry | None:
        """Return the recorded entry of that name; `Misfit` if the journal tells another story (rule 8)."""
        if name in self._names:
            raise errors.DuplicateStep(f"{self._intent.name}: {name!r} is met twice in one run; give each its own key=")
        self._names.add(name)
        old = self._old_name(name)
        entry = self._recorded.get(old)
        if entry is None:
            await self._past_the_last()
            return None
        # In journals of before there were writes they are steps and words; their arguments tell them from answers.
        if (entry.kind != kind and kind != "write") or entry.arguments != arguments:
            raise Misfit(f"{name!r} was recorded as another call")
        async with self._progress:
            self._unmet.pop(old, None)
            self._progress.notify_all()
        return entry

    def _old_name(self, name: str) -> str:
        """Return the name under which a renamed entry was recorded; an alias counts with every key."""
        base, slash, key = name.partition("/")
        aliases = self._intent.aliases
        return name if name in self._recorded else aliases.get(name) or aliases.get(base, base) + slash + key

    async def _past_the_last(self) -> None:
        """Hold something new until every recorded entry has been met; only other runs of `gather` can meet them."""
        if self._unmet and self._branches is not None:
            async with self._progress:
                self._branches -= 1
                self._progress.notify_all()
                await self._progress.wait_for(lambda: not self._unmet or not self._branches)
                self._branches += 1
        if self._unmet:
            raise Misfit(f"not met: {', '.join(self._unmet)}")

    async def _branch(self, run: Awaitable[R]) -> R:
        try:
            return await run
        finally:
            async with self._progress:
                self._branches = (self._branches or 0) - 1
                self._progress.notify_all()

    def _answer_to(self, question: Question[Any]) -> Entry:
        """Make the entry of a question met for the first time, or suspend at it."""
        if self._pending is not None and self._pending.name != self._old_name(question.name):
            raise Misfit(f"{question.name!r} is asked where {self._pending.name!r} was")
        if answers := self._given():
            self._pending = None
            return answers[0]
        drafted = self._recorded.get(DRAFT + question.name)
        # What is about to happen may have changed since it was confirmed.
        if drafted is None or question.kind == "confirm" or not question.accepts(drafted.value):
            raise Suspended(question)
        return replace(drafted, name=question.name)

    def _given(self) -> list[Entry]:
        """Return the answer to the pending question that the turn brought, if it did."""
        if self._pending is None or self._turn.answer is None:
            return []
        value, label = json.dumps(self._turn.answer, ensure_ascii=False), self._pending.label(self._turn.answer)
        return [Entry(name=self._pending.name, kind="answer", value=value, label=label)]

    def _add(self, entry: Entry) -> Entry:
        self._fresh.append(self._weighed(entry))
        return entry

    def _weighed(self, entry: Entry) -> Entry:
        """Refuse an entry that is too large, or one too many."""
        sizes = [len(one.value.encode()) for one in (entry, *self._recorded.values(), *self._fresh)]
        if sizes[0] > ENTRY_BYTES:
            raise EntryTooLarge(f"{entry.name!r} has {sizes[0]} bytes, at most {ENTRY_BYTES}; store it and keep its id")
        if sum(sizes) > JOURNAL_BYTES or len(sizes) > JOURNAL_ENTRIES:
            raise EntryTooLarge(f"{self._intent.name}: over {JOURNAL_ENTRIES} entries or {JOURNAL_BYTES} bytes")
        return entry

    # executing steps

    async def _done_or_failed(self, name: str, arguments: str, step: Step[*Ts, R], args: Any, *, begun: bool) -> Entry:
        """Execute a step; if it fails for good, that is its result. Raises what is worth another try of the turn."""
        try:
            return await self._execute(name, arguments, step, args, begun=begun)
        except errors.PASSES_THROUGH:
            raise
        except (TimeoutError, ConnectionError) as error:
            raise errors.TransientError(f"step {name!r}: {type(error).__name__}") from error
        except Exception as error:  # the border with a step: a re-run must hear the same
            self._causes[name] = error
            ours = ours_of(error)
            message = redact(f"step {name!r}: {ours.message}")
            failure = {"message": message, "code": ours.code, "user_message": ours.user_message}
            failed = Entry(name=name, kind=_kind(step), state="failed", value=json.dumps(failure), arguments=arguments)
            return await self._commit(failed)

    async def _execute(self, name: str, arguments: str, step: Step[*Ts, R], args: Any, *, begun: bool) -> Entry:
        def done(value: Any) -> Entry:
            packed = step.result.dump_json(value).decode()
            return self._weighed(Entry(name=name, kind=_kind(step), value=packed, arguments=arguments))

        action = Action(name=step.name, kind=step.kind, dialogue_id=self.record.id)
        inside = in_handler.set(False)
        try:
            if step.kind == "store_operation":
                operated = self._commit(operation=lambda tx: done(step.call(tx, *args)), action=action)
                return await _uncancelled(operated)
            if step.kind == "external_write":
                started = Entry(name=name, kind="write", state="started", arguments=arguments)
                finish: Finish = lambda value: self._commit(done(value), action=action)  # noqa: E731 - named for its type
                return await _uncancelled(self._write(started, step, args, finish, begun=begun))
            if step.kind == "store_read":
                value = await self._turn.bot.store.read(lambda tx: step.call(tx, *args))
            else:
                value = await step.call(*args)
            return await self._commit(done(value))
        finally:
            in_handler.reset(inside)

    async def _write(self, started: Entry, step: Step[*Ts, R], args: Any, finish: Finish, *, begun: bool) -> Entry:
        """Call another system with a key that outlives this run; `begun` says that an earlier run may have called."""
        key = Key(digest(f"{self.record.id}/{started.name}")[:32])
        value = await step.reconcile(key, *args) if begun else None
        if not begun:
            await self._commit(started)
        if value is None:
            value = await step.call(key, *args)
        return await finish(value)

    async def _say_now(self, entry: Entry) -> None:
        said = Reply(json.loads(entry.value)[1])
        bubbles = render(said, self._turn.channel.capabilities, Labels.of(self._turn))
        name = f"{self.record.id}/{entry.name}"
        await self._commit(outbox=[Outgoing(dedupe_key=f"{name}/{n}", bubble=one) for n, one in enumerate(bubbles)])
        await self._turn.bot.flush(self._turn.conversation.id)

    async def _commit(self, *entries: Entry, **effects: Any) -> Entry:
        """Commit what is fresh with the `effects` that `Store.journal` takes; returns the last entry."""
        turn, before, waiting = self._turn, self.record, self._fresh
        change = replace(before, entries=(*waiting, *entries))
        self.record, self._fresh = replace(before, dropped=()), []  # once: entries of dropped names may be made again
        try:
            added = await turn.bot.store.journal(turn.lease, turn.id, change, turn.bot.now(), **effects)
        except Exception:
            self.record, self._fresh = before, [*waiting, *self._fresh]
            raise
        self.is_stored = True
        self._recorded |= {entry.name: entry for entry in (*change.entries, *([added] if added else ()))}
        return added or change.entries[-1]

    # how a run ends

    def change(self, status: DialogueStatus, question: Asked | None = None) -> DialogueRecord:
        """Return what the commit of the turn writes of the dialogue."""
        return replace(self.record, status=status, question=question, entries=tuple(self._fresh))

    def given_up(self) -> DialogueRecord:
        """Return what keeps the answers, this turn's too, as a draft to start again from."""
        return replace(self.change("draft"), entries=(*self._fresh, *self._given()))

    @property
    def entries(self) -> Sequence[Entry]:
        """Return what is recorded, committed or not, and this turn's answer even if the handler did not get to it."""
        everything = (*self._recorded.values(), *self._fresh, *self._given())
        return list({entry.name: entry for entry in everything}.values())

    @property
    def is_untold(self) -> bool:
        """True for a handler that never asked, said or did anything: it needs no journal."""
        return not self.is_stored and len(self._fresh) == 1

    def finished(self, reply: Reply) -> Reply:
        """Return the last reply; `Misfit` if entries or the answer were not met on the way."""
        if self._unmet or self._pending is not None:
            raise Misfit(f"the handler ended without {', '.join(self._unmet) or 'its question'}")
        return self.joined(reply)

    def joined(self, reply: Reply) -> Reply:
        """Put what was said before a reply."""
        return replace(reply, text="\n\n".join((*self._said, reply.text)))

    def asked(self, question: Question[Any]) -> Asked:
        """Freeze a question as it is shown, with its options in the turn's language and their labels in all."""
        turn, labels = self._turn, self._turn.bot.texts.labels
        if question.kind == "choose" and not question.options:
            raise errors.DialogueError(f"{self._intent.name}: {question.name!r} has no options: nobody could answer it")
        options = tuple(replace(one, title=one.title or turn.text_for(one.text)) for one in question.options)
        ref = digest(f"{self.record.id}/{question.name}")[:10]
        text = turn.text_for(question.text, **question.args)
        return Asked(
            dialogue_id=self.record.id, name=question.name, kind=question.kind, at_most=question.at_most,
            labels={one.id: (one.title, *(labels(one.text) if one.text else ())) for one in options},
            shown=Reply(text, Choices(options=options, ref=ref) if options else None), minimum=question.minimum,
            maximum=question.maximum, zone=turn.bot.zone,
        )  # fmt: skip


def ours_of(error: Exception) -> LumieraError:
    """Return an error of ours in place of anybody's."""
    return error if isinstance(error, LumieraError) else LumieraError(f"{type(error).__name__}: {error}")


def _kind(step: Step[*Ts, R]) -> Literal["step", "write"]:
    return "write" if step.kind in ("store_operation", "external_write") else "step"


def _rank(failure: BaseException) -> int:
    """Order what runs of `gather` raised: what ends the run, what has it tried again, then what the handler gets."""
    return isinstance(failure, Exception) + (not isinstance(failure, errors.PASSES_THROUGH))


async def _uncancelled(work: Coroutine[Any, Any, T]) -> T:
    """Finish a write that has begun before a cancellation takes effect: deadlines stop between steps (rule 12)."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise
