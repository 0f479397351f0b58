"""SQL statements that are compiled once and run on the driver's own cursor."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from operator import itemgetter
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import Connection, Table, bindparam, literal
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.elements import BindParameter, ClauseElement

Row: TypeAlias = tuple[Any, ...]
T = TypeVar("T", str, int)
_Compiled: TypeAlias = tuple[str, Callable[[Mapping[str, Any]], Any]]


class Statement:
    """A Core expression with named parameters.

    `Connection.execute` and `exec_driver_sql` cost 40 to 55 us of CPU on a statement that takes the driver 6: they
    build a context, a result and row objects. A message needs some twenty statements, so they go to the cursor.
    """

    def __init__(self, expression: Executable) -> None:
        assert isinstance(expression, ClauseElement)
        self.expression = expression
        self._compiled: dict[str, _Compiled] = {}

    def rows(self, tx: Connection, **values: Any) -> list[Row]:
        """Run it and return all its rows."""
        cursor = self._execute(tx, values)
        found: list[Row] = cursor.fetchall()
        cursor.close()
        return found

    def row(self, tx: Connection, **values: Any) -> Row | None:
        """Run it and return its first row, None if it has none."""
        cursor = self._execute(tx, values)
        found: Row | None = cursor.fetchone()
        cursor.close()
        return found

    def run(self, tx: Connection, **values: Any) -> int:
        """Run it and return how many rows it wrote."""
        cursor = self._execute(tx, values)
        count: int = cursor.rowcount
        cursor.close()
        return count

    def run_each(self, tx: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
        """Run it with each of the sets of values."""
        sql, bind = self._compiled.get(tx.dialect.name) or self._compile(tx)
        cursor = tx.connection.cursor()
        cursor.executemany(sql, [bind(values) for values in rows])
        cursor.close()

    def _execute(self, tx: Connection, values: dict[str, Any]) -> Any:  # a cursor of whatever driver
        sql, bind = self._compiled.get(tx.dialect.name) or self._compile(tx)
        cursor = tx.connection.cursor()
        cursor.execute(sql, bind(values))
        return cursor

    def _compile(self, tx: Connection) -> _Compiled:
        compiled = self.expression.compile(dialect=tx.dialect, compile_kwargs={"render_postcompile": True})
        constants = {name: value for name, value in compiled.params.items() if value is not None}
        names: list[str] | None = compiled.positiontup  # type: ignore[attr-defined]
        self._compiled[tx.dialect.name] = made = (str(compiled), _binder(names, constants))
        return made


def _binder(names: list[str] | None, constants: dict[str, Any]) -> Callable[[Mapping[str, Any]], Any]:
    """Return what brings named values into the form of the driver: a tuple where parameters have places."""
    if names is None:
        return lambda values: {**constants, **values}
    if constants or len(names) < 2:
        return lambda values: tuple([values[name] if name in values else constants[name] for name in names])
    return itemgetter(*names)


def given(name: str) -> BindParameter[Any]:
    """Return the parameter `name` of a statement."""
    return bindparam(name, required=False)


def constant(value: T) -> BindParameter[T]:
    """Return a value that stands in the SQL itself: a partial index serves only a condition that the planner sees."""
    return literal(value, literal_execute=True)


def inserting(table: Table, *columns: str) -> Insert:
    """Return an insert of these columns, each a parameter of its name; this dialect's `insert` compiles on SQLite."""
    return (
        insert(table)
        .inline()
        .values({name: bindparam(name, type_=table.c[name].type, required=False) for name in columns})
    )
