"""Analysis' memory on disk: what the engine knows and what must still be sent, in one file and in one transaction.

What is published was committed here before, so a crash at any moment neither forgets an alarm nor raises it twice. The
state of a crowd is large, and an alarm waits for its commit: most commits therefore only add what the engine was given
since the last one, and now and then the whole state takes its place. The engine comes to the same state from the same
events, so it is given them once more after a crash.
"""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import apsw
import msgspec
from msgspec import Struct

from analysis.core.engine import Engine
from analysis.core.events import Event
from analysis.core.memory import decode_events, decode_state, encode_events, encode_state, rebase
from analysis.core.rules import RuleSet
from analysis.core.state import EngineState
from vitals.clock import Clock, boot_id
from vitals.database import open_database, storage_errors, writing
from vitals.errors import StorageError, StorageReason
from vitals.outbox import OUTBOX_SCHEMA, OutboxStore
from vitals.readings import RunId
from vitals.runs import new_run_id
from vitals.streamclock import StreamClock

logger: Final = logging.getLogger(__name__)

GIVEN_MAX: Final = 20_000
"""After so many events a commit takes the whole state instead: half a minute of 300 people."""

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
    """
ALTER TABLE snapshot ADD COLUMN rules BLOB NOT NULL DEFAULT x'';  -- JSON: the rule set that judged, and judges `given`
CREATE TABLE given (          -- to the engine, since the snapshot
    id INTEGER PRIMARY KEY,
    mono_ms INTEGER NOT NULL,
    utc_ms INTEGER NOT NULL,
    events BLOB NOT NULL,     -- MessagePack, a list of analysis.core.events.Event
    clocks BLOB NOT NULL      -- as in snapshot, after these events
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


class _Commit(NamedTuple):
    """The newest commit of a file."""

    epoch: str
    mono_ms: int
    utc_ms: int
    state: EngineState
    clocks: dict[RunId, StreamClock]


class SnapshotFile:
    """The file of one analysis; nobody else writes it."""

    def __init__(self, path: Path, *, clock: Clock, rules: RuleSet) -> None:
        """Open the file, or make it; ``rules``: by which the engine judges whose state is committed.

        Raises:
            StorageError: it cannot be opened, is no database, or comes from a newer program.
        """
        self.path = path
        self.connection: apsw.Connection = open_database(path, migrations=MIGRATIONS)
        self._clock = clock
        self._epoch = f"{boot_id()}@{clock.rate}"
        self._rules = msgspec.json.encode(rules)
        self._given: list[Event] = []
        """To the engine, since the last commit."""
        self._is_whole_due = True
        self._count = 0
        """Events in the file and in ``_given``."""

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
        try:
            last = self._load_last()
        except (StorageError, msgspec.MsgspecError) as error:
            logger.error(f"memory lost path={self.path} error={error}")  # noqa: TRY400 - one line: the cause is in it
            loss = f"alarms before the start are forgotten: {error}"
            return Remembered(state=EngineState(), clocks={}, loss=loss, fresh=True)
        if last is None:
            return Remembered(state=EngineState(), clocks={}, fresh=True)
        if last.epoch == self._epoch:
            return Remembered(state=last.state, clocks=last.clocks)
        # The monotonic clock began anew; the wall clock says how long ago the last commit was.
        passed_ms = max(0, self._clock.utc_ms() - last.utc_ms)
        by_ms = self._clock.mono_ms() - passed_ms - last.mono_ms
        logger.info(f"memory moved to another monotonic clock by_ms={by_ms} passed_ms={passed_ms}")
        return Remembered(state=rebase(last.state, by_ms=by_ms), clocks={}, moved_ms=by_ms)

    def note(self, event: Event) -> None:
        """Remember what the engine is given, for the next commit."""
        if self._is_whole_due:
            return
        self._given.append(event)
        self._count += 1
        if self._count >= GIVEN_MAX:
            self._is_whole_due = True
            self._given.clear()

    def commit(
        self, state: EngineState, clocks: dict[RunId, StreamClock], outbox: OutboxStore, *, whole: bool = False
    ) -> None:
        """Write what leads to the state, and the outbox; afterwards, and only then, they may be published.

        Args:
            state: of the engine, after all events that were noted.
            clocks: of the sources' runs, at the same moment.
            outbox: is written in the same transaction.
            whole: write the state itself. The first commit does so in any case, and one after very many events.

        Raises:
            StorageError: the disk did not take it; nothing has changed on it.
        """
        times, told = (self._clock.mono_ms(), self._clock.utc_ms()), msgspec.json.encode(clocks)
        is_whole = whole or self._is_whole_due
        with writing(self.connection, self.path):
            if is_whole:
                row = (self._epoch, *times, encode_state(state), told, self._rules)
                self.connection.execute("INSERT OR REPLACE INTO snapshot VALUES (1, ?, ?, ?, ?, ?, ?)", row)
                self.connection.execute("DELETE FROM given")
            else:
                events = encode_events(self._given)
                self.connection.execute("INSERT INTO given VALUES (NULL, ?, ?, ?, ?)", (*times, events, told))
            outbox.write()
        outbox.committed()
        self._given.clear()
        if is_whole:
            self._is_whole_due, self._count = False, 0

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    def _load_last(self) -> _Commit | None:
        """Return the state of the newest commit, None when there was none.

        Raises:
            StorageError: the file cannot be read, or its state or an event in it.
            msgspec.MsgspecError: clocks or rules are damaged.
        """
        with storage_errors(self.path):
            query = "SELECT epoch, mono_ms, utc_ms, state, clocks, rules FROM snapshot"
            rows: list[tuple[Any, ...]] = self.connection.execute(query).fetchall()
            query = "SELECT mono_ms, utc_ms, events, clocks FROM given ORDER BY id"
            given: list[tuple[Any, ...]] = self.connection.execute(query).fetchall()
        if not rows:
            return None
        epoch, mono_ms, utc_ms, state_bytes, told, rules = rows[0]
        state = decode_state(state_bytes)
        if given:
            _judge_again(state, [one[2] for one in given], rules=msgspec.json.decode(rules, type=RuleSet))
            mono_ms, utc_ms, _, told = given[-1]
        return _Commit(epoch, mono_ms, utc_ms, state, msgspec.json.decode(told, type=dict[RunId, StreamClock]))


def _judge_again(state: EngineState, given: Sequence[bytes], *, rules: RuleSet) -> None:
    """Bring a state to where these events had brought it; what follows from them was committed with them.

    Raises:
        StorageError: they cannot be read, or not be judged: what no run survives must not keep analysis from watching.
    """
    engine = Engine(state, rules=rules)
    events = [event for data in given for event in decode_events(data)]
    for event in events:
        try:
            engine.step(event)
        except Exception as error:
            msg = f"{type(event).__name__} since the snapshot cannot be judged again: {error!r}"
            raise StorageError(msg, StorageReason.DAMAGED) from error
    logger.info(f"judged again events={len(events)} commits={len(given)}")
