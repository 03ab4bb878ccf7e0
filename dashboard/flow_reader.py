"""Reads what the flow of a class is judged from: entries, phases, earlier weights, and how far hearts have come down.

What takes the disk runs in a thread, one question at a time. What is kept between two questions only spares reading.
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import Struct

from analysis.core.exertion.heart_recovery import PEAK_WINDOW_MS, measure_recovery
from dashboard.clinic import Clinic, ClinicSession
from dashboard.flow.pre_check import LastWeight
from dashboard.flow.recovery import HeartFall, effort_ended
from dashboard.flow.story import Spans, Story, follow_phases, tell_stories
from ingest.store.reader import RecordReader
from vitals.entries import Entry, Weight
from vitals.errors import StorageError
from vitals.participants import ParticipantId
from vitals.readings import Quality, ReadingKind
from vitals.sensors import SensorKind
from vitals.sessions import Roster, RosterEntry, SessionId
from vitals.units import MonotonicMs, UtcMs

logger: Final = logging.getLogger(__name__)

EARLIER_MAX: Final = 10
"""Classes that are looked through for the last weight: more than three weeks of three a week."""

MEASURED_MS: Final = 135_000
"""After the end of effort: two minutes, half a window of the second mark, and some seconds for the record."""

NO_WEIGHT_MS: Final = 10_000
"""Where no earlier weight was found, one may be on its way to the record: it is looked for again after so long."""

CLASSES_MAX: Final = 64
"""Classes of which something is kept; the oldest is forgotten and read again when asked for."""


class Told(Struct, frozen=True, kw_only=True):
    """What was read; ``is_record_read`` False: the record could not be, only what is on its way to it is known."""

    stories: dict[ParticipantId, Story]
    spans: Spans
    weights: dict[ParticipantId, LastWeight | None]
    hearts: dict[ParticipantId, HeartFall]
    is_record_read: bool


class _Kept(Struct, kw_only=True):
    """What is known of a class: read once."""

    version: int = 0
    spans: Spans = {}
    weights: dict[ParticipantId, LastWeight | None] = {}
    weightless_utc_ms: dict[ParticipantId, UtcMs] = {}
    """Who had none when it was last looked for, and when that was."""
    hearts: dict[tuple[ParticipantId, UtcMs, int], HeartFall] = {}


class FlowReader:
    """Reads beside the live wall: bounded, one question at a time."""

    def __init__(self, *, reader: RecordReader, clinic: Clinic) -> None:
        """Keep the files."""
        self._reader: Final = reader
        self._clinic: Final = clinic
        self._kept: Final[dict[SessionId, _Kept]] = {}
        self._slot: Final = asyncio.Semaphore(1)
        self._is_readable = True

    async def tell(self, session: ClinicSession, waiting: Iterable[Entry], *, now_utc_ms: UtcMs) -> Told:
        """Return what the flow of a class is judged from.

        Args:
            session: a class that runs or has ended.
            waiting: entries on their way to the record.
            now_utc_ms: what is not over yet is read again the next time.
        """
        roster, on_the_way = session.roster, tuple(waiting)
        kept = self._kept.pop(roster.session, None) or _Kept(spans={}, weights={}, weightless_utc_ms={}, hearts={})
        self._kept[roster.session] = kept
        while len(self._kept) > CLASSES_MAX:
            del self._kept[next(iter(self._kept))]
        if kept.version < roster.version:
            kept.spans = follow_phases(kept.spans, self._clinic.rosters(roster.session, after=kept.version))
            kept.version = roster.version
        earlier = {
            entry.participant: self._clinic.earlier_sessions(roster.session, entry.participant, limit=EARLIER_MAX)
            for entry in roster.entries
            if kept.weights.get(entry.participant) is None
            and now_utc_ms - kept.weightless_utc_ms.get(entry.participant, UtcMs(0)) >= NO_WEIGHT_MS
        }
        async with self._slot:
            return await asyncio.to_thread(self._read, roster, kept, on_the_way, earlier, now_utc_ms)

    # The rest runs in the thread.

    def _read(
        self,
        roster: Roster,
        kept: _Kept,
        waiting: tuple[Entry, ...],
        earlier: Mapping[ParticipantId, tuple[SessionId, ...]],
        now_utc_ms: UtcMs,
    ) -> Told:
        stored: tuple[Entry, ...] = ()
        hearts: dict[ParticipantId, HeartFall] = {}
        try:
            stored = self._reader.entries(roster.session)
            for participant, sessions in earlier.items():
                kept.weights[participant] = self._last_weight(participant, sessions)
                kept.weightless_utc_ms[participant] = now_utc_ms
            known = {entry.id for entry in stored}
            stories = tell_stories((*stored, *(entry for entry in waiting if entry.id not in known)))
            for entry in roster.entries:
                heart = self._heart(kept, entry, stories.get(entry.participant, Story()), now_utc_ms)
                if heart is not None:
                    hearts[entry.participant] = heart
        except StorageError as error:
            self._say(str(error))
            stories = tell_stories((*stored, *waiting))
            return Told(stories=stories, spans=kept.spans, weights=kept.weights, hearts=hearts, is_record_read=False)
        self._say("")
        return Told(stories=stories, spans=kept.spans, weights=kept.weights, hearts=hearts, is_record_read=True)

    def _last_weight(self, participant: ParticipantId, sessions: tuple[SessionId, ...]) -> LastWeight | None:
        for session in sessions:
            for entry in reversed(self._reader.entries(session, participant)):
                if isinstance(entry.body, Weight):
                    return LastWeight(mass_kg=entry.body.mass_kg, at_utc_ms=entry.at_utc_ms)
        return None

    def _heart(self, kept: _Kept, entry: RosterEntry, story: Story, now_utc_ms: UtcMs) -> HeartFall | None:
        joined = story.joined
        if joined is None:
            return None
        spans = kept.spans.get(entry.participant, ())
        _, since = effort_ended(spans, story, joined_utc_ms=joined.at_utc_ms)
        if since is None or now_utc_ms < since + 60_000:
            return None
        key = (entry.participant, since, hash(entry.sensors))
        found = kept.hearts.get(key)
        if found is None:
            found = self._measure(entry, since)
            if now_utc_ms > since + MEASURED_MS:
                kept.hearts[key] = found
        return found

    def _measure(self, entry: RosterEntry, since_utc_ms: UtcMs) -> HeartFall:
        """Return the fall of the heart rate after a time, from what the straps said that the person wore then."""
        begin, end = UtcMs(since_utc_ms - PEAK_WINDOW_MS), UtcMs(since_utc_ms + MEASURED_MS)
        samples: list[tuple[MonotonicMs, float]] = []
        for worn in entry.sensors:
            if worn.kind is not SensorKind.STRAP:
                continue
            start, stop = max(begin, worn.from_utc_ms), end if worn.to_utc_ms is None else min(end, worn.to_utc_ms)
            if start >= stop:
                continue
            said = self._reader.readings_of(worn.sensor, ReadingKind.HR, from_utc_ms=start, to_utc_ms=stop)
            samples += [
                (MonotonicMs(one.utc_ms), float(one.hr_bpm))
                for one in said
                if one.hr_bpm is not None and one.quality is Quality.GOOD
            ]
        found = measure_recovery(sorted(samples), end_ms=MonotonicMs(since_utc_ms))
        if found is None:
            return HeartFall()
        return HeartFall(
            peak_bpm=found.peak_bpm,
            after_1_min_bpm=found.after_1_min_bpm,
            after_2_min_bpm=found.after_2_min_bpm,
        )

    def _say(self, problem: str) -> None:
        if self._is_readable == bool(problem):
            self._is_readable = not problem
            logger.info(f"flow without the record {problem}" if problem else "flow reads the record again")
