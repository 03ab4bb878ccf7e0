"""Asks the record: the one place where SQLite's untyped columns become Python values of the schema's types."""

from typing import Any

import apsw

SqlValue = int | float | str | bytes | None


def query(connection: apsw.Connection, statement: str, bindings: tuple[SqlValue, ...] = ()) -> list[Any]:
    """Return all rows as tuples; the caller unpacks them into the types that ingest/store/schema.py declares."""
    return connection.execute(statement, bindings).fetchall()
