"""Operations on the action log and the error log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from lumiera.records import Action, Failure
from lumiera_sql.schema import action_log, error_log
from lumiera_sql.statement import Statement, inserting
from lumiera_sql.values import micros

_ACTION = Statement(inserting(action_log, "conversation_id", "turn_id", "dialogue_id", "name", "kind", "details", "at"))
_FAILURE = Statement(
    inserting(error_log, "conversation_id", "turn_id", "code", "message", "plugin", "stage", "traceback", "at")
)


def add_actions(tx: Connection, conversation_id: int, turn_id: str, actions: Sequence[Action], now: datetime) -> None:
    place = {"conversation_id": conversation_id, "turn_id": turn_id, "at": micros(now)}
    _ACTION.run_each(tx, [place | vars(action) for action in actions])


def add_failures(
    tx: Connection, conversation_id: int, turn_id: str, failures: Sequence[Failure], now: datetime
) -> None:
    place = {"conversation_id": conversation_id, "turn_id": turn_id, "at": micros(now)}
    _FAILURE.run_each(tx, [place | vars(failure) | {"code": str(failure.code)} for failure in failures])
