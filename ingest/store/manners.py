"""In which manner a stream's readings were made: device, way, averaging, machine. One row a manner, a code a reading.

They change a few times in a stream of millions, but readings come in any order (an outbox sends the live ones first),
so each row carries the code of its manner: one byte for most, none for readings that tell nothing beyond the default.
"""

from typing import Final, NamedTuple

import apsw

from ingest.store.query import query
from vitals.readings import Averaging, Machine, OximeterReading, Reading, Source, WorkloadReading

MANNERS_MAX: Final = 4_096
"""Codes in memory: a few for each make of sensor. Beyond it they are asked from the table again."""


class Manner(NamedTuple):
    """What readings have in common that one sensor makes one after the other."""

    device: str = ""
    source: Source = Source.NOTIFIED
    averaging: Averaging | None = None
    machine: Machine | None = None


PLAIN: Final = Manner()
"""No row and no code: also what stands in records from before there were manners."""


def manner_of(reading: Reading) -> Manner:
    """Return the manner in which a reading was made."""
    return Manner(
        reading.device,
        reading.source,
        reading.averaging if isinstance(reading, OximeterReading) else None,
        reading.machine if isinstance(reading, WorkloadReading) else None,
    )


class MannerBook:
    """The codes that the writer knows; thrown away when its transaction fails, like the register of streams."""

    def __init__(self, connection: apsw.Connection) -> None:
        """Begin empty; the connection is the writer's."""
        self._connection = connection
        self._codes: dict[Manner, int] = {}

    def code(self, manner: Manner) -> int | None:
        """Return the code of a manner, made new when it is; ``None`` for the plain one."""
        if manner == PLAIN:
            return None
        code = self._codes.get(manner)
        if code is None:
            code = self._find(manner)
            if len(self._codes) >= MANNERS_MAX:
                self._codes.clear()
            self._codes[manner] = code
        return code

    def _find(self, manner: Manner) -> int:
        # The empty text for "does not tell": NULLs are never equal in a UNIQUE constraint.
        values = tuple("" if value is None else str(value) for value in manner)
        self._connection.execute(
            "INSERT INTO manner (device, source, averaging, machine) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", values
        )
        code: int = query(
            self._connection,
            "SELECT id FROM manner WHERE device = ? AND source = ? AND averaging = ? AND machine = ?",
            values,
        )[0][0]
        return code


def read_manners(connection: apsw.Connection) -> dict[int | None, Manner]:
    """Return every manner by its code."""
    found: dict[int | None, Manner] = {None: PLAIN}
    for code, device, source, averaging, machine in query(
        connection, "SELECT id, device, source, averaging, machine FROM manner"
    ):
        found[code] = Manner(
            device, Source(source), Averaging(averaging) if averaging else None, Machine(machine) if machine else None
        )
    return found
