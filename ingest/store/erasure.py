"""Forgets a person: what their sensors said while they wore them, their alarms, entries and limits.

Done in pieces between the commits, each in the commit's own transaction, from what the tables say is left: killed at
any moment, it goes on with the next piece. What is asked stays in `erased`, so that readings, events and rosters that
come later, out of an outbox that was away, are forgotten on arrival.

The pseudonym stays in two places: `erased`, and the command that asked. Docs: docs/stores.md.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

import apsw
import msgspec
from msgspec import structs

from ingest.store.batch import HeardErasure, HeardReading
from ingest.store.blotting import blot_entry, blot_roster, names
from ingest.store.query import query
from ingest.store.segments import Segment, find_segments
from ingest.store.set_back import set_back_of
from vitals.commands import CommandAnswer, CommandBody, CommandId, EraseParticipant, RecordSession
from vitals.journal import JournalEntry
from vitals.participants import ParticipantId
from vitals.readings import ReadingKind
from vitals.sensors import SensorId
from vitals.sessions import Roster
from vitals.units import UtcMs
from vitals.wire import encode

ROWS_MAX: Final = 20_000
"""Readings of one piece: 0.1 s of a commit's second."""

BEFORE_MS: Final = 600_000
AFTER_MS: Final = 120_000
"""A class is in the journal from so long before its begin until so long after its end."""

_SPARE_MS: Final = 6 * 3_600_000
"""Longer than a class."""

_WITHIN: Final = "stream = ?1 AND seq BETWEEN ?2 AND ?3 AND mono_ms >= ?4 AND mono_ms < ?5"
_SOME: Final = f"SELECT seq FROM reading WHERE {_WITHIN} ORDER BY seq LIMIT ?6"  # noqa: S608 - constant


_NEWEST: Final = """
SELECT max(
    coalesce((SELECT max(utc_ms) FROM alarm_event WHERE participant = ?1), 0),
    coalesce((SELECT max(at_utc_ms) FROM entry WHERE participant = ?1), 0),
    coalesce((SELECT max(onset_utc_ms) FROM course WHERE participant = ?1), 0),
    coalesce((SELECT max(started_utc_ms) FROM session JOIN assignment ON session = id WHERE participant = ?1), 0)
)
"""


class _Asked(NamedTuple):
    command: str
    asked_utc_ms: int


class Stretch(NamedTuple):
    """What an erased person wore from a time to a time."""

    sensor: SensorId
    from_utc_ms: int
    to_utc_ms: int | None


class Eraser:
    """Lives in the writer's thread and transaction; thrown away with it when that fails."""

    def __init__(self, connection: apsw.Connection) -> None:
        """Load who was asked to be forgotten; the connection is the writer's."""
        self._connection = connection
        self._asked: dict[str, int] = {}
        self._open: dict[str, _Asked] = {}
        self._worn: defaultdict[str, list[Stretch]] = defaultdict(list)
        for participant, command, asked_utc_ms, done in query(
            connection, "SELECT participant, command, asked_utc_ms, done_utc_ms FROM erased ORDER BY asked_utc_ms"
        ):
            self._asked[participant] = asked_utc_ms
            if done is None:
                self._open[participant] = _Asked(command, asked_utc_ms)
        for sensor, start, end in query(connection, "SELECT sensor, from_utc_ms, to_utc_ms FROM erased_worn"):
            self._worn[sensor].append(Stretch(SensorId(sensor), start, end))

    @property
    def is_busy(self) -> bool:
        """Whether somebody is still to be forgotten."""
        return bool(self._open)

    def begin(self, heard: Iterable[HeardErasure], *, now_utc_ms: UtcMs) -> list[CommandAnswer]:
        """Take the wish to forget somebody; return the answers that can be given at once."""
        answers: list[CommandAnswer] = []
        for wish in heard:
            known = query(
                self._connection,
                "SELECT done_utc_ms FROM erased WHERE participant = ? AND command = ?",
                (wish.participant, wish.command),
            )
            if known:
                if known[0][0] is not None:
                    answers.append(CommandAnswer(id=wish.command))
                continue
            session = self._open_session(wish.participant)
            if session is not None:
                reason = f"{wish.participant} is in class {session}, which has not ended"
                answers.append(CommandAnswer(id=wish.command, accepted=False, reason=reason))
                continue
            self._note(wish, now_utc_ms=now_utc_ms)
        return answers

    def blot_roster(self, roster: Roster) -> Roster:
        """Return a roster without those who were forgotten after it began."""
        gone = {person for person, asked_utc_ms in self._asked.items() if roster.started_utc_ms < asked_utc_ms}
        return blot_roster(roster, gone) if gone else roster

    def blot_entry(self, entry: JournalEntry) -> JournalEntry:
        """Return an entry of the journal without those who were forgotten after it."""
        gone = {person for person, asked_utc_ms in self._asked.items() if entry.utc_ms < asked_utc_ms}
        return blot_entry(entry, gone) if gone else entry

    def forget_late(self, readings: Iterable[HeardReading], participants: Iterable[str | None]) -> None:
        """Delete what has just been stored of somebody who was forgotten before it came."""
        if not self._asked:
            return
        sensors = {heard.reading.sensor for heard in readings if heard.late} & self._worn.keys()
        for sensor in sensors:
            for stretch in self._worn[sensor]:
                while self._delete_readings(stretch, ROWS_MAX):
                    continue
        for participant in {one for one in participants if one in self._asked}:
            self._delete_said(str(participant), self._asked[str(participant)])

    def work(self, *, now_utc_ms: UtcMs) -> list[CommandAnswer]:
        """Do one piece of what is open; return the answer to a wish that is fulfilled with it."""
        if not self._open:
            return []
        participant, asked = next(iter(self._open.items()))
        if self._delete_some(participant) or self._blot_session(participant, asked):
            return []
        self._delete_said(participant, asked.asked_utc_ms)
        self._blot_commands(participant, asked.asked_utc_ms)
        self._connection.execute("UPDATE erased SET done_utc_ms = ? WHERE participant = ?", (now_utc_ms, participant))
        del self._open[participant]
        return [CommandAnswer(id=CommandId(asked.command))]

    def _open_session(self, participant: str) -> str | None:
        rows = query(
            self._connection,
            "SELECT session.id FROM session JOIN assignment ON assignment.session = session.id"
            " WHERE participant = ? AND ended_utc_ms IS NULL LIMIT 1",
            (participant,),
        )
        return rows[0][0] if rows else None

    def _note(self, wish: HeardErasure, *, now_utc_ms: UtcMs) -> None:
        # A clock that was set back says of what has been that it is still to come.
        newest_utc_ms = query(self._connection, _NEWEST, (wish.participant,))[0][0]
        now_utc_ms = max(now_utc_ms, UtcMs(newest_utc_ms + 1))
        self._connection.execute(
            "INSERT INTO erased (participant, command, asked_utc_ms, by) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (participant) DO UPDATE SET command = excluded.command,"
            " asked_utc_ms = excluded.asked_utc_ms, by = excluded.by, done_utc_ms = NULL",
            (wish.participant, wish.command, now_utc_ms, wish.by),
        )
        worn = list(dict.fromkeys(self._worn_by(wish.participant)))
        self._connection.executemany(
            "INSERT INTO erased_worn (participant, sensor, from_utc_ms, to_utc_ms) VALUES (?, ?, ?, ?)",
            [(wish.participant, *row) for row in worn],
        )
        for sensor, start, end in worn:
            self._worn[sensor].append(Stretch(SensorId(sensor), start, end))
        self._asked[wish.participant] = now_utc_ms
        self._open[wish.participant] = _Asked(wish.command, now_utc_ms)

    def _worn_by(self, participant: str) -> Iterator[tuple[str, int, int | None]]:
        """Yield what somebody wore and which labels that time has; more than one where the clock was set back."""
        for session, sensor, start, end in query(
            self._connection,
            "SELECT session, sensor, from_utc_ms, to_utc_ms FROM assignment WHERE participant = ?",
            (participant,),
        ):
            back = None if end is None or end >= start else set_back_of(self._connection, session)
            for from_utc_ms, to_utc_ms in ((start, end),) if back is None else back.stretches(start, end):
                yield sensor, from_utc_ms, to_utc_ms

    def _delete_some(self, participant: str) -> int:
        left = ROWS_MAX
        for row in query(
            self._connection,
            "SELECT sensor, from_utc_ms, to_utc_ms FROM erased_worn WHERE participant = ? ORDER BY id",
            (participant,),
        ):
            left -= self._delete_readings(Stretch(*row), left)
            if left <= 0:
                break
        return ROWS_MAX - left

    def _delete_readings(self, stretch: Stretch, rows_max: int) -> int:
        """Delete at most so many readings of a stretch; return how many there were."""
        left = rows_max
        for kind in ReadingKind:
            for segment in find_segments(
                self._connection,
                stretch.sensor,
                kind,
                from_utc_ms=stretch.from_utc_ms,
                to_utc_ms=stretch.to_utc_ms,
            ):
                if left > 0:
                    left -= self._delete_segment(segment, kind, left)
        return rows_max - left

    def _delete_segment(self, segment: Segment, kind: ReadingKind, rows_max: int) -> int:
        bindings = (*segment.bindings(), rows_max)
        if kind is ReadingKind.WORKLOAD:
            self._connection.execute(
                f"DELETE FROM workload WHERE stream = ?1 AND seq IN ({_SOME})",  # noqa: S608 - constant
                bindings,
            )
        self._connection.execute(f"DELETE FROM reading WHERE stream = ?1 AND seq IN ({_SOME})", bindings)  # noqa: S608
        return self._connection.changes()

    def _blot_session(self, participant: str, asked: _Asked) -> bool:
        """Take somebody out of one class: its rosters, its journal, its assignments; return whether there was one."""
        found = query(
            self._connection,
            "SELECT roster.session, min(started_utc_ms), max(coalesce(ended_utc_ms, started_utc_ms)) FROM roster"
            " JOIN session ON session.id = roster.session WHERE instr(body, CAST(? AS BLOB)) AND started_utc_ms < ?"
            " GROUP BY roster.session ORDER BY 2 LIMIT 1",
            (names(participant), asked.asked_utc_ms),
        )
        for session, started_utc_ms, ended_utc_ms in found:
            self._blot_rosters(participant, session)
            self._connection.execute(
                "DELETE FROM assignment WHERE session = ? AND participant = ?", (session, participant)
            )
            # One that ended before it began, by a clock that was set back, has its labels on both sides.
            spare_ms = _SPARE_MS if ended_utc_ms < started_utc_ms else 0
            begin_utc_ms, end_utc_ms = sorted((started_utc_ms, ended_utc_ms))
            self._blot_journal(participant, begin_utc_ms - BEFORE_MS - spare_ms, end_utc_ms + AFTER_MS + spare_ms)
        return bool(found)

    def _blot_rosters(self, participant: str, session: str) -> None:
        for number, body in query(self._connection, "SELECT id, body FROM roster WHERE session = ?", (session,)):
            roster = blot_roster(msgspec.json.decode(body, type=Roster), {participant})
            # Two versions that differed in this person alone are one now.
            self._connection.execute("UPDATE OR REPLACE roster SET body = ? WHERE id = ?", (encode(roster), number))

    def _blot_journal(self, participant: str, from_utc_ms: int, to_utc_ms: int) -> None:
        for stream, seq, body in query(
            self._connection,
            "SELECT stream, seq, body FROM journal WHERE utc_ms BETWEEN ? AND ?"
            " AND (instr(body, CAST(? AS BLOB)) OR instr(body, CAST('\"checkpoint\"' AS BLOB)))",
            (from_utc_ms, to_utc_ms, names(participant)),
        ):
            entry = blot_entry(msgspec.json.decode(body, type=JournalEntry), {participant})
            self._connection.execute(
                "UPDATE journal SET body = ? WHERE stream = ? AND seq = ?", (encode(entry), stream, seq)
            )

    def _delete_said(self, participant: str, asked_utc_ms: int) -> None:
        """Delete alarms, who was called about them, and entries."""
        self._connection.execute(
            "DELETE FROM alarm_event WHERE utc_ms <= ?1 AND (participant = ?2 OR instr(body, CAST(?3 AS BLOB)))",
            (asked_utc_ms, participant, names(participant)),
        )
        self._connection.execute(
            "DELETE FROM entry WHERE participant = ? AND at_utc_ms <= ?", (participant, asked_utc_ms)
        )
        self._connection.execute(
            "DELETE FROM course WHERE participant = ? AND onset_utc_ms <= ?", (participant, asked_utc_ms)
        )

    def _blot_commands(self, participant: str, asked_utc_ms: int) -> None:
        """Delete the commands that name somebody, but the one that asked; a class's end keeps the others in it."""
        for command, body in query(
            self._connection,
            "SELECT id, body FROM command WHERE at_utc_ms <= ? AND instr(body, CAST(? AS BLOB))",
            (asked_utc_ms, names(participant)),
        ):
            match msgspec.json.decode(body, type=CommandBody):
                case EraseParticipant():
                    continue
                case RecordSession() as ended:
                    rest = structs.replace(ended, roster=blot_roster(ended.roster, {participant}))
                    self._connection.execute("UPDATE command SET body = ? WHERE id = ?", (encode(rest), command))
                case _:
                    self._connection.execute("DELETE FROM command WHERE id = ?", (command,))
        self._connection.execute(
            "DELETE FROM refused WHERE received_utc_ms <= ? AND instr(payload_start, CAST(? AS BLOB))",
            (asked_utc_ms, names(participant)),
        )


def erased_people(connection: apsw.Connection) -> tuple[tuple[ParticipantId, UtcMs | None], ...]:
    """Return who was asked to be forgotten, and when that was done; None: not yet."""
    rows = query(connection, "SELECT participant, done_utc_ms FROM erased ORDER BY asked_utc_ms, participant")
    return tuple((ParticipantId(one), None if done is None else UtcMs(done)) for one, done in rows)
