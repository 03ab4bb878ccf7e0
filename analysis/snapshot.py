"""Analysis' memory on disk: the engine's state and what must still be sent, in one file and in one transaction.

What is published was committed here before, so a crash at any moment neither forgets an alarm nor raises it twice.
"""

import logging
from pathlib import Path
from typing import Any, Final

import apsw
import msgspec
from msgspec import Struct

from analysis.core.memory import decode_state, encode_state, rebase
from analysis.core.state import EngineState
from vitals.clock import Clock, boot_id
from vitals.database import open_database, storage_errors, writing
from vitals.errors import StorageError
from vitals.outbox import OUTBOX_SCHEMA, OutboxStore
from vitals.readings import RunId
from vitals.runs import new_run_id
from vitals.streamclock import StreamClock

logger: Final = logging.getLogger(__name__)

MIGRATIONS: Final = (
    OUTBOX_SCHEMA
    + """
CREATE TABLE snapshot (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    epoch TEXT NOT NULL,      -- times of one epoch share a monotonic clock
    mono_ms INTEGER NOT NULL,
    utc_ms INTEGER NOT NULL,
    state BLOB NOT NULL,      -- MessagePack, analysis.core.state.EngineState
    clocks BLOB NOT NULL      -- JSON: offset of each source's run
);
""",
    """
CREATE TABLE mailbox (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    client TEXT NOT NULL      -- under which the broker keeps readings while we are away
);
""",
)


class Remembered(Struct, frozen=True, kw_only=True):
    """What an earlier run left. ``loss`` says in one line why something of it could not be used, else empty.

    ``fresh``: nothing was remembered. ``moved_ms``: times were moved by so much, to the present monotonic clock.
    """

    state: EngineState
    clocks: dict[RunId, StreamClock]
    loss: str = ""
    fresh: bool = False
    moved_ms: int = 0


class SnapshotFile:
    """The file of one analysis; nobody else writes it."""

    def __init__(self, path: Path, *, clock: Clock) -> None:
        """Open the file, or make it.

        Raises:
            StorageError: it cannot be opened, is no database, or comes from a newer program.
        """
        self.path = path
        self.connection: apsw.Connection = open_database(path, migrations=MIGRATIONS)
        self._clock = clock
        self._epoch = f"{boot_id()}@{clock.rate}"

    def mailbox(self) -> str:
        """Return the name by which the broker knows this memory, over restarts: what it has not heard is kept for it.

        Raises:
            StorageError: the disk does not take a new name.
        """
        with writing(self.connection, self.path):
            self.connection.execute("INSERT OR IGNORE INTO mailbox VALUES (1, ?)", (new_run_id(),))
            rows = self.connection.execute("SELECT client FROM mailbox").fetchall()
        return str(rows[0][0])

    def load(self) -> Remembered:
        """Return what was remembered, with its times on the present monotonic clock.

        A state that cannot be read must not keep analysis from watching: it starts without memory and says so.
        """
        with storage_errors(self.path):
            rows = self.connection.execute("SELECT epoch, mono_ms, utc_ms, state, clocks FROM snapshot").fetchall()
        if not rows:
            return Remembered(state=EngineState(), clocks={}, fresh=True)
        row: tuple[Any, ...] = rows[0]
        epoch, mono_ms, utc_ms, state_bytes, clock_bytes = row
        try:
            state = decode_state(state_bytes)
            clocks = msgspec.json.decode(clock_bytes, type=dict[RunId, StreamClock])
        except (StorageError, msgspec.MsgspecError) as error:
            logger.error(f"memory lost path={self.path} error={error}")  # noqa: TRY400 - one line: the cause is in it
            loss = f"alarms before the start are forgotten: {error}"
            return Remembered(state=EngineState(), clocks={}, loss=loss, fresh=True)
        if epoch == self._epoch:
            return Remembered(state=state, clocks=clocks)
        # The monotonic clock began anew; the wall clock says how long ago the snapshot was taken.
        passed_ms = max(0, self._clock.utc_ms() - utc_ms)
        by_ms = self._clock.mono_ms() - passed_ms - mono_ms
        logger.info(f"memory moved to another monotonic clock by_ms={by_ms} passed_ms={passed_ms}")
        return Remembered(state=rebase(state, by_ms=by_ms), clocks={}, moved_ms=by_ms)

    def commit(self, state: EngineState, clocks: dict[RunId, StreamClock], outbox: OutboxStore) -> None:
        """Write state and outbox; afterwards, and only then, they may be published.

        Raises:
            StorageError: the disk did not take it; nothing has changed on it.
        """
        row = (
            self._epoch,
            self._clock.mono_ms(),
            self._clock.utc_ms(),
            encode_state(state),
            msgspec.json.encode(clocks),
        )
        with writing(self.connection, self.path):
            self.connection.execute("INSERT OR REPLACE INTO snapshot VALUES (1, ?, ?, ?, ?, ?)", row)
            outbox.write()
        outbox.committed()

    def close(self) -> None:
        """Close the file."""
        self.connection.close()
