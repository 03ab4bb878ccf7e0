"""Analysis' journal in the making: what was consumed since the last entry, in order."""

from typing import Final

from vitals.commands import CommandId
from vitals.journal import Consumed, JournalEntry, JournalStream
from vitals.readings import Reading, RunId, kind_of
from vitals.units import MonotonicMs, UtcMs

CONSUMED_MAX: Final = 20_000
"""A second of 300 people has 600; more than this is a flood, of which the journal keeps the first."""


class Diary:
    """Collects one entry at a time."""

    def __init__(self) -> None:
        self._streams: dict[JournalStream, int] = {}
        self._consumed: list[Consumed] = []
        self._commands: list[str] = []
        self.skipped = 0
        """Readings that a flood kept out of the journal."""

    def note_reading(self, reading: Reading, *, received_ms: MonotonicMs, stream_ms: MonotonicMs) -> None:
        """Take a reading that the engine was given."""
        if len(self._consumed) >= CONSUMED_MAX:
            self.skipped += 1
            return
        key = JournalStream(reading.run, reading.sensor, kind_of(reading))
        index = self._streams.setdefault(key, len(self._streams))
        self._consumed.append(Consumed(index, reading.seq, received_ms, stream_ms))

    def note_command(self, command: CommandId) -> None:
        """Take a command that the engine was given."""
        if len(self._commands) < CONSUMED_MAX:
            self._commands.append(command)

    def close_entry(
        self,
        *,
        run: RunId,
        seq: int,
        mono_ms: MonotonicMs,
        utc_ms: UtcMs,
        rosters: dict[str, int],
        rules_hash: str,
    ) -> JournalEntry:
        """Return everything since the last entry and begin the next."""
        entry = JournalEntry(
            run=run,
            seq=seq,
            mono_ms=mono_ms,
            utc_ms=utc_ms,
            streams=tuple(self._streams),
            consumed=tuple(self._consumed),
            commands=tuple(self._commands),
            rosters=rosters,
            rules_hash=rules_hash,
        )
        self._streams, self._consumed, self._commands = {}, [], []
        return entry
