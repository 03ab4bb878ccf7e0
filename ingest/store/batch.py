"""What has been heard and waits for the next commit. Bounded: what does not fit is dropped and counted.

Dropping is safe for everything under the store cursor: the cursor does not move, and the outbox sends again. Commands
are repeated by their sender, rosters and anchors are retained by the broker.
"""

from collections import Counter
from typing import Final, NamedTuple

from msgspec import Struct

from vitals.alarms import AlarmEvent
from vitals.commands import Command, CommandAnswer, CommandId
from vitals.journal import JournalEntry
from vitals.participants import ParticipantId
from vitals.parts import StreamExtent
from vitals.readings import Reading, RunId, StreamKey
from vitals.sensors import Anchors
from vitals.sessions import GenerationMode, Roster
from vitals.units import MonotonicMs, UtcMs

ROWS_MAX: Final = 50_000
"""Readings, events and journal entries together: 15 minutes of a class of 30."""

BYTES_MAX: Final = 64 * 1_048_576
"""Payload bytes: journal entries and rosters have no fixed size."""

WORDS_MAX: Final = 4_096
"""Commands and rosters, each."""

REFUSED_MAX: Final = 1_000
"""Refused messages that are kept for one commit; more are only counted."""

PAYLOAD_START_BYTES: Final = 256
_TOPIC_CHARACTERS: Final = 200
_PROBLEM_CHARACTERS: Final = 400


class HeardReading(NamedTuple):
    """A reading, who sent it, its raw bytes, when it came, and whether it was too old for live rules."""

    source: str
    reading: Reading
    raw: bytes | None
    received_utc_ms: UtcMs
    late: bool


class HeardEvent(NamedTuple):
    """An alarm event and when it came."""

    source: str
    event: AlarmEvent
    received_utc_ms: UtcMs


class HeardEntry(NamedTuple):
    """A journal entry of analysis."""

    source: str
    entry: JournalEntry


class HeardRoster(NamedTuple):
    """A version of a roster; ``final``: it came with the command that ends the session."""

    roster: Roster
    received_utc_ms: UtcMs
    final: bool


class HeardCommand(NamedTuple):
    """A command to whomever."""

    command: Command
    received_utc_ms: UtcMs


class HeardErasure(NamedTuple):
    """The wish that somebody be forgotten, and by whom it was said."""

    participant: ParticipantId
    command: CommandId
    by: str


class Refusal(NamedTuple):
    """A message that could not be understood: where, why, how long it was and its first bytes."""

    received_utc_ms: UtcMs
    topic: str
    reason: str
    problem: str
    payload_bytes: int
    payload_start: bytes


class SourceWord(Struct, frozen=True, kw_only=True):
    """What the newest status of a source says about its streams."""

    run: RunId
    generation_mode: GenerationMode
    clock_rate: float
    extents: tuple[StreamExtent, ...]


class Batch:
    """Everything for one commit."""

    def __init__(self, *, rows_max: int = ROWS_MAX, bytes_max: int = BYTES_MAX) -> None:
        """Start empty."""
        self._rows_max = rows_max
        self._bytes_max = bytes_max
        self._bytes = 0
        self.readings: list[HeardReading] = []
        self.events: list[HeardEvent] = []
        self.entries: list[HeardEntry] = []
        self.unreadable: list[tuple[str, StreamKey, int]] = []
        self.anchors: dict[tuple[str, str], Anchors] = {}
        self.observed_offsets_ms: dict[tuple[str, RunId], int] = {}
        self.rosters: list[HeardRoster] = []
        self.commands: dict[str, HeardCommand] = {}
        self.erasures: list[HeardErasure] = []
        self.refusals: list[Refusal] = []
        self.words: dict[str, SourceWord] = {}
        self.answers: list[CommandAnswer] = []
        self.counts: Counter[str] = Counter()
        self.oldest_ms: MonotonicMs | None = None

    def __len__(self) -> int:
        """Return how many rows wait."""
        return len(self.readings) + len(self.events) + len(self.entries)

    def is_empty(self) -> bool:
        """Return whether a commit would write nothing."""
        return not (
            len(self)
            or self.unreadable
            or self.anchors
            or self.rosters
            or self.commands
            or self.refusals
            or self.words
            or self.counts
        )

    def has_room(self, payload_bytes: int, *, received_ms: MonotonicMs) -> bool:
        """Return whether one more row fits, and count it in; a row that does not fit is counted as dropped."""
        if len(self) >= self._rows_max or self._bytes + payload_bytes > self._bytes_max:
            self.counts["dropped"] += 1
            return False
        self._bytes += payload_bytes
        if self.oldest_ms is None:
            self.oldest_ms = received_ms
        return True

    def add_roster(self, heard: HeardRoster) -> None:
        """Keep a roster version; beyond the bound the oldest goes."""
        self.rosters.append(heard)
        if len(self.rosters) > WORDS_MAX:
            del self.rosters[0]
            self.counts["dropped"] += 1

    def add_command(self, heard: HeardCommand, *, answer: CommandAnswer | None) -> None:
        """Keep a command with the answer to give when it is stored; beyond the bound its sender repeats it."""
        if len(self.commands) >= WORDS_MAX:
            self.counts["dropped"] += 1
            return
        self.commands[heard.command.id] = heard
        if answer is not None:
            self.answers.append(answer)

    def refuse(self, topic: str, payload: bytes, *, reason: str, problem: str, received_utc_ms: UtcMs) -> None:
        """Keep the place, the problem and the first bytes of a refused message."""
        self.counts["refused"] += 1
        if len(self.refusals) < REFUSED_MAX:
            self.refusals.append(
                Refusal(
                    received_utc_ms,
                    topic[:_TOPIC_CHARACTERS],
                    reason,
                    problem[:_PROBLEM_CHARACTERS],
                    len(payload),
                    payload[:PAYLOAD_START_BYTES],
                )
            )
