"""The ledger (alerts.db): every attempt to tell somebody, who answered, the ways to people, and the policy's memory.

What is told was committed here before, so a crash at any moment neither forgets an alarm nor calls anybody twice for
more than the one message that was under way. Addresses of ways hold keys: they are in this file and in no log.
"""

import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

import apsw
import msgspec
from msgspec import Struct

from alerts.letter import Letter
from alerts.policy.case import Case
from alerts.policy.memory import Kept, move_case, move_kept
from vitals.alarms import AlarmId
from vitals.clock import Clock, boot_id
from vitals.commands import CommandAnswer
from vitals.database import open_database, storage_errors, writing
from vitals.delivery import COURSE_ATTEMPTS_MAX, Attempt, AttemptState, ChannelName, Course, SubscriptionId
from vitals.duty import StaffId
from vitals.participants import ParticipantId
from vitals.units import MonotonicMs, UtcMs

logger: Final = logging.getLogger(__name__)
T = TypeVar("T")

HANDLED_MAX: Final = 1_000
"""Commands that are remembered: a sender repeats for as long as it is unanswered, and some lie on its disk for days."""

KEPT_MS: Final = 400 * 86_400_000
"""Attempts are kept as long as a year's programme is looked at."""

ATTEMPTS_SHOWN: Final = 64

MIGRATIONS: Final = (
    """
CREATE TABLE way (
    subscription TEXT PRIMARY KEY,
    staff TEXT NOT NULL,
    channel TEXT NOT NULL,
    address TEXT NOT NULL,      -- holds keys: never logged, never told
    label TEXT NOT NULL,
    since_utc_ms INTEGER NOT NULL,
    sent_utc_ms INTEGER,
    problem TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE TABLE policy_case (
    alarm_id TEXT PRIMARY KEY,
    body BLOB NOT NULL          -- JSON, alerts.policy.case.Case
) WITHOUT ROWID;
CREATE TABLE attempt (
    message_id TEXT NOT NULL,
    alarm_id TEXT NOT NULL,
    participant TEXT,
    staff TEXT NOT NULL,
    subscription TEXT NOT NULL,
    channel TEXT NOT NULL,
    step INTEGER NOT NULL,
    at_utc_ms INTEGER NOT NULL, -- when it was written here, before it was first sent
    state TEXT NOT NULL,
    delay_ms INTEGER,           -- from due to handed over
    problem TEXT NOT NULL DEFAULT '',
    letter BLOB,                -- JSON, alerts.letter.Letter; in the row of its first alarm, while it waits
    PRIMARY KEY (message_id, alarm_id)
) WITHOUT ROWID;
CREATE INDEX attempt_alarm ON attempt (alarm_id, at_utc_ms);
CREATE INDEX attempt_waiting ON attempt (message_id) WHERE letter IS NOT NULL;
CREATE TABLE answer (
    alarm_id TEXT NOT NULL,
    staff TEXT NOT NULL,
    response TEXT NOT NULL,
    at_utc_ms INTEGER NOT NULL,
    participant TEXT,
    PRIMARY KEY (alarm_id, staff, response, at_utc_ms)
) WITHOUT ROWID;
CREATE TABLE handled (
    place INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    accepted INTEGER NOT NULL,
    reason TEXT NOT NULL
);
CREATE TABLE memory (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    epoch TEXT NOT NULL,        -- times of one epoch share a monotonic clock
    mono_ms INTEGER NOT NULL,
    utc_ms INTEGER NOT NULL,
    kept BLOB NOT NULL          -- JSON, alerts.policy.memory.Kept
);
""",
    """
CREATE TABLE course (           -- of alarms that are over, until the record has it
    alarm_id TEXT NOT NULL,
    ended_utc_ms INTEGER NOT NULL,
    participant TEXT,
    body BLOB NOT NULL,         -- JSON, vitals.delivery.Course without its attempts
    PRIMARY KEY (alarm_id, ended_utc_ms)
) WITHOUT ROWID;
""",
)


class WayRow(Struct, frozen=True, kw_only=True):
    """A way to a person, with its address."""

    subscription: SubscriptionId
    staff: StaffId
    channel: ChannelName
    address: str
    label: str
    since_utc_ms: UtcMs
    sent_utc_ms: UtcMs | None = None
    problem: str = ""


class AttemptRow(Struct, frozen=True, kw_only=True):
    """One attempt about one alarm."""

    message_id: str
    alarm_id: AlarmId
    participant: ParticipantId | None
    subscription: SubscriptionId
    attempt: Attempt
    letter: Letter | None = None


class Settled(Struct, frozen=True, kw_only=True):
    """What became of a message, for all its rows."""

    message_id: str
    state: AttemptState
    delay_ms: int | None
    problem: str


class Remembered(Struct, frozen=True, kw_only=True):
    """What an earlier run left; times are on the present monotonic clock.

    ``waiting``: letters that were committed and of which nobody knows whether they went. ``attempts``: of open cases.
    """

    cases: dict[AlarmId, Case]
    kept: Kept
    ways: dict[SubscriptionId, WayRow]
    waiting: tuple[Letter, ...]
    attempts: dict[AlarmId, tuple[AttemptRow, ...]]
    handled: tuple[CommandAnswer, ...]
    has_called: bool
    """Somebody was called before: this site uses phones."""


class Changes(Struct, kw_only=True):
    """What the next commit takes; None among cases and ways: gone."""

    cases: dict[AlarmId, Case | None] = msgspec.field(default_factory=dict)
    ways: dict[SubscriptionId, WayRow | None] = msgspec.field(default_factory=dict)
    attempts: dict[tuple[str, AlarmId], AttemptRow] = msgspec.field(default_factory=dict)
    settled: list[Settled] = msgspec.field(default_factory=list)
    handled: list[CommandAnswer] = msgspec.field(default_factory=list)
    erased: list[ParticipantId] = msgspec.field(default_factory=list)
    courses: list[Course] = msgspec.field(default_factory=list)
    kept: Kept | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to commit."""
        parts = (self.cases, self.ways, self.attempts, self.settled, self.handled, self.erased, self.courses)
        return not any(parts) and self.kept is None


class Ledger:
    """The file of one alerts; nobody else writes it."""

    def __init__(self, path: Path, *, clock: Clock) -> None:
        """Open the file, or make it.

        Raises:
            StorageError: it cannot be opened, is no database, or comes from a newer program.
        """
        self.path = path
        self._connection: apsw.Connection = open_database(path, migrations=MIGRATIONS)
        self._clock = clock
        self._epoch = f"{boot_id()}@{clock.rate}"

    def load(self) -> Remembered:
        """Return what an earlier run left, and let go what is older than `KEPT_MS`.

        Raises:
            StorageError: the file cannot be read.
        """
        with writing(self._connection, self.path):
            before = (self._clock.utc_ms() - KEPT_MS,)
            self._do("DELETE FROM attempt WHERE at_utc_ms < ? AND letter IS NULL", before)
            self._do("DELETE FROM answer WHERE at_utc_ms < ?", before)
        with storage_errors(self.path):
            by_ms, kept = self._kept()
            cases = {
                case.alarm_id: move_case(case, by_ms=by_ms)
                for case in (_json(row[0], Case) for row in self._rows("SELECT body FROM policy_case"))
            }
            waiting = tuple(
                _moved(_json(row[0], Letter), by_ms=by_ms)
                for row in self._rows("SELECT letter FROM attempt WHERE letter IS NOT NULL ORDER BY at_utc_ms")
            )
            return Remembered(
                cases=cases,
                kept=move_kept(kept, by_ms=by_ms),
                ways={row.subscription: row for row in self._ways()},
                waiting=waiting,
                attempts={alarm_id: self._attempts(alarm_id) for alarm_id in cases},
                handled=tuple(
                    CommandAnswer(id=row[0], accepted=bool(row[1]), reason=row[2])
                    for row in self._rows("SELECT id, accepted, reason FROM handled ORDER BY place")
                ),
                has_called=bool(self._rows("SELECT 1 FROM attempt LIMIT 1")),
            )

    def commit(self, changes: Changes) -> None:
        """Write everything in one transaction; afterwards, and only then, it may be told.

        Raises:
            StorageError: the disk did not take it; nothing has changed on it.
        """
        with writing(self._connection, self.path):
            self._write_cases(changes.cases)
            self._write_ways(changes.ways)
            self._write_attempts(changes.attempts.values())
            for one in changes.settled:
                self._do(
                    "UPDATE attempt SET state = ?, delay_ms = ?, problem = ?, letter = NULL WHERE message_id = ?",
                    (one.state.value, one.delay_ms, one.problem, one.message_id),
                )
            for answer in changes.handled:
                self._do(
                    "INSERT OR REPLACE INTO handled (id, accepted, reason) VALUES (?, ?, ?)",
                    (answer.id, answer.accepted, answer.reason),
                )
            if changes.handled:
                self._do("DELETE FROM handled WHERE place <= (SELECT max(place) FROM handled) - ?", (HANDLED_MAX,))
            for course in changes.courses:
                row = (course.alarm_id, course.ended_utc_ms, course.participant, msgspec.json.encode(course))
                self._do("INSERT OR REPLACE INTO course VALUES (?, ?, ?, ?)", row)
            for participant in changes.erased:
                for table in ("course", "attempt", "answer"):
                    self._do(f"DELETE FROM {table} WHERE participant = ?", (participant,))  # noqa: S608 - names
            if changes.kept is not None:
                now = (self._epoch, self._clock.mono_ms(), self._clock.utc_ms())
                self._do(
                    "INSERT OR REPLACE INTO memory VALUES (1, ?, ?, ?, ?)", (*now, msgspec.json.encode(changes.kept))
                )

    def courses(self, *, settled_before_utc_ms: UtcMs, limit: int) -> tuple[Course, ...]:
        """Return the oldest courses that wait for the record, with their attempts.

        One of which an attempt is under way is left out, unless it ended before ``settled_before_utc_ms``.
        Raises as `load`.
        """
        with storage_errors(self.path):
            rows = self._rows(
                "SELECT body FROM course WHERE ended_utc_ms < ? OR NOT EXISTS (SELECT 1 FROM attempt"
                " WHERE attempt.alarm_id = course.alarm_id AND state = 'waiting') ORDER BY ended_utc_ms LIMIT ?",
                (settled_before_utc_ms, limit),
            )
            return tuple(self._with_attempts(_json(body, Course)) for (body,) in rows)

    def forget_course(self, course: Course) -> None:
        """Let a course go that the record has.

        Raises:
            StorageError: the disk did not take it.
        """
        with writing(self._connection, self.path):
            self._do(
                "DELETE FROM course WHERE (alarm_id, ended_utc_ms) = (?, ?)", (course.alarm_id, course.ended_utc_ms)
            )

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _write_cases(self, cases: Mapping[AlarmId, Case | None]) -> None:
        for alarm_id, case in cases.items():
            if case is None:
                self._do("DELETE FROM policy_case WHERE alarm_id = ?", (alarm_id,))
                continue
            self._do("INSERT OR REPLACE INTO policy_case VALUES (?, ?)", (alarm_id, msgspec.json.encode(case)))
            for answer in case.answers:
                self._do(
                    "INSERT OR IGNORE INTO answer VALUES (?, ?, ?, ?, ?)",
                    (alarm_id, answer.staff, answer.response.value, answer.at_utc_ms, case.participant),
                )

    def _write_ways(self, ways: Mapping[SubscriptionId, WayRow | None]) -> None:
        for subscription, way in ways.items():
            if way is None:
                self._do("DELETE FROM way WHERE subscription = ?", (subscription,))
                continue
            row = (way.subscription, way.staff, way.channel.value, way.address, way.label)
            more = (way.since_utc_ms, way.sent_utc_ms, way.problem)
            self._do("INSERT OR REPLACE INTO way VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*row, *more))

    def _write_attempts(self, rows: Iterable[AttemptRow]) -> None:
        for row in rows:
            one = row.attempt
            who = (row.message_id, row.alarm_id, row.participant, one.staff, row.subscription, one.channel.value)
            how = (one.step, one.at_utc_ms, one.state.value, one.delay_ms, one.problem)
            letter = None if row.letter is None else msgspec.json.encode(row.letter)
            self._do("INSERT OR REPLACE INTO attempt VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (*who, *how, letter))

    def _kept(self) -> tuple[int, Kept]:
        rows = self._rows("SELECT epoch, mono_ms, utc_ms, kept FROM memory")
        if not rows:
            return 0, Kept()
        epoch, mono_ms, utc_ms, kept = rows[0]
        if epoch == self._epoch:
            return 0, _json(kept, Kept)
        # The monotonic clock began anew; the wall clock says how long ago the last commit was.
        passed_ms = max(0, self._clock.utc_ms() - utc_ms)
        by_ms = self._clock.mono_ms() - passed_ms - mono_ms
        logger.info(f"ledger moved to another monotonic clock by_ms={by_ms} passed_ms={passed_ms}")
        return by_ms, _json(kept, Kept)

    def _ways(self) -> list[WayRow]:
        return [
            WayRow(
                subscription=SubscriptionId(row[0]),
                staff=StaffId(row[1]),
                channel=ChannelName(row[2]),
                address=row[3],
                label=row[4],
                since_utc_ms=UtcMs(row[5]),
                sent_utc_ms=None if row[6] is None else UtcMs(row[6]),
                problem=row[7],
            )
            for row in self._rows("SELECT * FROM way ORDER BY since_utc_ms")
        ]

    def _attempts(self, alarm_id: AlarmId) -> tuple[AttemptRow, ...]:
        rows = self._rows(
            "SELECT message_id, participant, subscription, staff, channel, step, at_utc_ms, state, delay_ms, problem, "
            "letter FROM attempt WHERE alarm_id = ? ORDER BY at_utc_ms DESC, step DESC LIMIT ?",
            (alarm_id, ATTEMPTS_SHOWN),
        )
        return tuple(
            AttemptRow(
                message_id=row[0],
                alarm_id=alarm_id,
                participant=row[1],
                subscription=SubscriptionId(row[2]),
                attempt=Attempt(
                    staff=StaffId(row[3]),
                    channel=ChannelName(row[4]),
                    step=row[5],
                    at_utc_ms=UtcMs(row[6]),
                    state=AttemptState(row[7]),
                    delay_ms=row[8],
                    problem=row[9],
                ),
                letter=None if row[10] is None else _json(row[10], Letter),
            )
            for row in reversed(rows)
        )

    def _with_attempts(self, course: Course) -> Course:
        rows = self._rows(
            "SELECT staff, channel, step, at_utc_ms, state, delay_ms, problem FROM attempt"
            " WHERE alarm_id = ? ORDER BY at_utc_ms, step, message_id",
            (course.alarm_id,),
        )
        attempts = tuple(
            Attempt(
                staff=row[0],
                channel=ChannelName(row[1]),
                step=row[2],
                at_utc_ms=row[3],
                state=AttemptState(row[4]),
                delay_ms=row[5],
                problem=row[6],
            )
            for row in rows[:COURSE_ATTEMPTS_MAX]
        )
        return msgspec.structs.replace(course, attempts=attempts, left_out=max(0, len(rows) - COURSE_ATTEMPTS_MAX))

    def _do(self, sql: str, bindings: tuple[Any, ...]) -> None:
        self._connection.execute(sql, bindings).fetchall()

    def _rows(self, sql: str, bindings: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql, bindings).fetchall()


def _json(data: bytes, shape: type[T]) -> T:
    return msgspec.json.decode(data, type=shape)


def _moved(letter: Letter, *, by_ms: int) -> Letter:
    return msgspec.structs.replace(letter, due_ms=MonotonicMs(letter.due_ms + by_ms))
