"""A class that ended before it began: the wall clock was set back in it by more than it had lasted.

As stored, its intervals are empty, and what was measured after the step lies before its begin. Here its times become
one line again, as if nobody had touched the clock: what is labelled before the begin is later by the step. A smaller
step leaves no such trace: labels are then given twice, and stay as they are (docs/stores.md).
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final, NamedTuple

import apsw
from msgspec.structs import replace

from ingest.store.assignments import Worn
from ingest.store.query import query
from vitals.alarms import AlarmEvent
from vitals.delivery import Course
from vitals.entries import Entry
from vitals.sessions import Roster
from vitals.units import UtcMs

_ANCHORS: Final = """
SELECT run, mono_ms, utc_ms FROM anchor WHERE run IN (
    SELECT stream.run FROM assignment JOIN stream ON stream.subject = assignment.sensor WHERE session = ?
) ORDER BY run, mono_ms
"""


class SetBack(NamedTuple):
    """One class's step of the wall clock: it said ``before_utc_ms``, then ``after_utc_ms``."""

    started_utc_ms: int
    before_utc_ms: int
    after_utc_ms: int

    @property
    def back_ms(self) -> int:
        """How far the clock was set back."""
        return self.before_utc_ms - self.after_utc_ms

    def utc_ms(self, label_ms: int) -> UtcMs:
        """Return when that was if the clock had gone on."""
        return UtcMs(label_ms + self.back_ms if label_ms < self.started_utc_ms else label_ms)

    def anchors(self, anchors: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """Return a run's anchors without this step."""
        ordered = sorted(anchors)
        steps = {after for _, after in _steps(ordered, self.started_utc_ms)}
        shift_ms, straight = 0, []
        for mono_ms, utc_ms in ordered:
            shift_ms = self.back_ms if (mono_ms, utc_ms) in steps else shift_ms
            straight.append((mono_ms, utc_ms + shift_ms))
        return straight

    def stretches(self, from_utc_ms: int, to_utc_ms: int | None) -> tuple[tuple[int, int | None], ...]:
        """Return which labels an interval has that was begun before the step and ended after it; others as they are."""
        if to_utc_ms is None or to_utc_ms >= from_utc_ms:
            return ((from_utc_ms, to_utc_ms),)
        return ((from_utc_ms, self.before_utc_ms + 1), (self.after_utc_ms, to_utc_ms))

    def worn(self, worn: Worn) -> Worn:
        """Return an interval with straight times."""
        to_utc_ms = None if worn.to_utc_ms is None else self.utc_ms(worn.to_utc_ms)
        return worn._replace(from_utc_ms=self.utc_ms(worn.from_utc_ms), to_utc_ms=to_utc_ms)

    def roster(self, roster: Roster) -> Roster:
        """Return a roster with straight times."""
        entries = tuple(
            replace(
                entry,
                sensors=tuple(
                    replace(
                        worn,
                        from_utc_ms=self.utc_ms(worn.from_utc_ms),
                        to_utc_ms=None if worn.to_utc_ms is None else self.utc_ms(worn.to_utc_ms),
                    )
                    for worn in entry.sensors
                ),
            )
            for entry in roster.entries
        )
        ended = roster.ended_utc_ms
        return replace(roster, entries=entries, ended_utc_ms=None if ended is None else self.utc_ms(ended))

    def event(self, event: AlarmEvent) -> AlarmEvent:
        """Return a change of an alarm with straight times."""
        alarm, taken = event.alarm, event.alarm.acknowledged
        if taken is not None:
            taken = replace(taken, at_utc_ms=self.utc_ms(taken.at_utc_ms))
        alarm = replace(alarm, onset_utc_ms=self.utc_ms(alarm.onset_utc_ms), acknowledged=taken)
        return replace(event, utc_ms=self.utc_ms(event.utc_ms), alarm=alarm)

    def course(self, course: Course) -> Course:
        """Return the course of an alarm with straight times."""
        return replace(
            course,
            onset_utc_ms=self.utc_ms(course.onset_utc_ms),
            ended_utc_ms=self.utc_ms(course.ended_utc_ms),
            attempts=tuple(replace(one, at_utc_ms=self.utc_ms(one.at_utc_ms)) for one in course.attempts),
            answers=tuple(replace(one, at_utc_ms=self.utc_ms(one.at_utc_ms)) for one in course.answers),
        )

    def entry(self, entry: Entry) -> Entry:
        """Return an entry with a straight time; what it speaks of was read off a page, so that is straight."""
        return replace(entry, at_utc_ms=self.utc_ms(entry.at_utc_ms))


def find_set_back(
    connection: apsw.Connection, session: str, *, started_utc_ms: int, ended_utc_ms: int | None
) -> SetBack | None:
    """Return the step of a class that ended before it began, as its gateways told it; None: every other class."""
    if ended_utc_ms is None or ended_utc_ms >= started_utc_ms:
        return None
    runs: dict[int, list[tuple[int, int]]] = {}
    for run, mono_ms, utc_ms in query(connection, _ANCHORS, (session,)):
        runs.setdefault(run, []).append((mono_ms, utc_ms))
    for anchors in runs.values():
        for before_utc_ms, (_, after_utc_ms) in _steps(anchors, started_utc_ms):
            return SetBack(started_utc_ms, before_utc_ms, after_utc_ms)
    return None


def set_back_of(connection: apsw.Connection, session: str) -> SetBack | None:
    """Return the step of a class; see `find_set_back`."""
    rows = query(connection, "SELECT started_utc_ms, ended_utc_ms FROM session WHERE id = ?", (session,))
    if not rows:
        return None
    return find_set_back(connection, session, started_utc_ms=rows[0][0], ended_utc_ms=rows[0][1])


def _steps(anchors: list[tuple[int, int]], started_utc_ms: int) -> Iterator[tuple[int, tuple[int, int]]]:
    """Yield the steps from after a begin to before it: what the clock said before, and the anchor after it."""
    for (mono_ms, utc_ms), after in pairwise(anchors):
        before_utc_ms = utc_ms + after[0] - mono_ms
        if after[1] < started_utc_ms <= before_utc_ms:
            yield before_utc_ms, after
