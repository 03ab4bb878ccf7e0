"""A person's chart over HTTP: heart rate, SpO2, work and beats on one time axis, with limits, alarms and notes.

From the record, in equal pieces of time with lowest, mean and highest value, so that an hour is as small as a minute
and no peak is lost. A piece in which nothing was heard is null: a gap stays a gap.
"""

import asyncio
from collections.abc import Iterable
from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Query
from pydantic import BaseModel

from dashboard.api.context import Context
from dashboard.api.refusals import refusals
from dashboard.history import (
    AlarmSpan,
    BeatPiece,
    LimitSpan,
    PhaseSpan,
    find_alarms,
    find_limits,
    find_phases,
    measure_beats,
)
from ingest.store.reader import RecordReader
from ingest.store.stored import Bucket, Measure
from vitals.entries import Entry
from vitals.errors import InputError, InputReason
from vitals.participants import ParticipantId
from vitals.readings import ReadingKind
from vitals.sessions import SessionId
from vitals.units import UtcMs

BUCKET_MS_MIN: Final = 5_000
"""Shorter pieces would show a hole between two ordinary values: 5 s is what a rule counts as held."""

SPAN_MS_MAX: Final = 6 * 3_600_000
POINTS_MAX: Final = 2_000

_MEASURES: Final = {
    "hr": (ReadingKind.HR, Measure.HR_BPM),
    "spo2": (ReadingKind.OXIMETER, Measure.SPO2_PCT),
    "power_w": (ReadingKind.WORKLOAD, Measure.POWER_W),
    "speed_kmh": (ReadingKind.WORKLOAD, Measure.SPEED_KMH),
}


class SeriesBody(BaseModel):
    """One vital sign: per piece of time the lowest, the mean and the highest value; null: nothing was heard."""

    low: list[float | None]
    mean: list[float | None]
    high: list[float | None]


class LimitSpanBody(BaseModel):
    """The limits as they were from a time on, until the next one."""

    from_utc_ms: int
    hr_upper: float | None
    hr_lower: float | None
    spo2_floor: float | None
    zone_low_bpm: int | None
    zone_high_bpm: int | None


class PhaseSpanBody(BaseModel):
    """The phase of the person from a time on, until the next one."""

    from_utc_ms: int
    phase: str


class CalledBody(BaseModel):
    """One person who was called: first when, by which ways, and whether one of them took a message.

    ``receipt``: what a phone said of a message (delivered: it shows it; seen: it was opened there); null: nothing.
    """

    staff: str
    at_utc_ms: int
    ways: list[str]
    reached: bool
    receipt: str | None = None


class CallsBody(BaseModel):
    """Who was called about an alarm, who accepted it when, and who could not come."""

    people: list[CalledBody]
    accepted_utc_ms: int | None
    accepted_by: str
    cannot: list[str]


class AlarmSpanBody(BaseModel):
    """One alarm of the person: from when to when (null: still on), and who took it."""

    id: str
    rule: str
    family: str
    priority: str
    text: str
    explanation: str
    onset_utc_ms: int
    ended_utc_ms: int | None
    acknowledged_by: str | None
    acknowledged_utc_ms: int | None
    outcome: str | None
    value: float | None
    op: str | None
    limit: float | None
    detail: str
    calls: CallsBody | None


class GapSpanBody(BaseModel):
    """Readings are missing from a time to a time, and why."""

    kind: str
    cause: str
    from_utc_ms: int
    to_utc_ms: int


class ChartEntryBody(BaseModel):
    """Something that staff entered, for the rail."""

    id: str
    at_utc_ms: int
    by: str
    body: dict[str, Any]


class ChartBody(BaseModel):
    """Everything on one axis: piece ``n`` of a series begins at ``from_utc_ms + n * bucket_ms``.

    ``beats``: share of the beats of a piece that are none (0 to 100), null without intervals between beats.
    """

    from_utc_ms: int
    to_utc_ms: int
    bucket_ms: int
    series: dict[str, SeriesBody]
    beats: list[float | None]
    limits: list[LimitSpanBody]
    phases: list[PhaseSpanBody]
    alarms: list[AlarmSpanBody]
    gaps: list[GapSpanBody]
    entries: list[ChartEntryBody]


def chart_routes(context: Context) -> APIRouter:
    """Return the route of charts."""
    routes = APIRouter(prefix="/api/v1/sessions", tags=["charts"])
    clinic, reader = context.clinic, context.reader
    slot: Final = asyncio.Semaphore(1)

    @routes.get("/{session}/participants/{participant}/chart", responses=refusals(404, 422, 503))
    async def chart(
        session: str,
        participant: str,
        minutes: Annotated[int | None, Query(ge=1, le=360)] = None,
        points: Annotated[int, Query(ge=20, le=POINTS_MAX)] = 600,
    ) -> ChartBody:
        """Give the last ``minutes`` of a person, or the whole class, in at most ``points`` pieces."""
        known = clinic.require(SessionId(session))
        who = ParticipantId(participant)
        if who not in known.aliases:
            raise InputError("participant", f"{participant[:80]!r} is not in {session}", InputReason.UNKNOWN_NAME)
        end = known.roster.ended_utc_ms or context.ticker.now().utc_ms
        axis = plan_axis(known.roster.started_utc_ms, end, minutes=minutes, points=points)
        async with slot:
            body = await asyncio.to_thread(read_chart, reader, SessionId(session), who, axis)
        waiting = context.entry_desk.waiting(SessionId(session), who)
        return _with_waiting(body, waiting)

    return routes


class Axis(msgspec.Struct, frozen=True, kw_only=True):
    """The pieces of time of a chart."""

    from_utc_ms: UtcMs
    bucket_ms: int
    count: int

    @property
    def to_utc_ms(self) -> UtcMs:
        """The end of the last piece."""
        return UtcMs(self.from_utc_ms + self.count * self.bucket_ms)


def plan_axis(began: UtcMs, end: UtcMs, *, minutes: int | None, points: int) -> Axis:
    """Return the pieces of a chart: whole multiples of 5 s, as short as ``points`` allow.

    Args:
        began: start of the class.
        end: its end, or now.
        minutes: how much before the end; None: the whole class, at most 6 hours.
        points: at most so many pieces.
    """
    span_ms = min(SPAN_MS_MAX, max(1, end - began) if minutes is None else minutes * 60_000)
    steps = max(1, -(-span_ms // (points * BUCKET_MS_MIN)))
    bucket_ms = steps * BUCKET_MS_MIN
    last = end // bucket_ms
    first = min(last, max(began, end - span_ms) // bucket_ms)
    first = max(first, last - points + 1)
    return Axis(from_utc_ms=UtcMs(first * bucket_ms), bucket_ms=bucket_ms, count=last - first + 1)


def read_chart(reader: RecordReader, session: SessionId, who: ParticipantId, axis: Axis) -> ChartBody:
    """Return the chart of one person out of the record; blocks.

    Raises:
        StorageError: the record cannot be read.
    """
    series = {
        name: _series(reader.buckets(session, who, kind, bucket_ms=axis.bucket_ms, measure=measure), axis)
        for name, (kind, measure) in _MEASURES.items()
    }
    heard = reader.rosters_heard(session)
    entries, events, courses = reader.entries(session, who), reader.alarm_events(session), reader.courses(session)
    beats = measure_beats(reader.readings(session, who, ReadingKind.HR), bucket_ms=axis.bucket_ms)
    return ChartBody(
        from_utc_ms=axis.from_utc_ms,
        to_utc_ms=axis.to_utc_ms,
        bucket_ms=axis.bucket_ms,
        series={
            name: one for name, one in series.items() if name in {"hr", "spo2"} or any(v is not None for v in one.mean)
        },
        beats=_beats(beats, axis),
        limits=[_limit(span) for span in find_limits(heard, who)],
        phases=[_phase(span) for span in find_phases(heard, who)],
        alarms=[_alarm(span) for span in find_alarms(events, entries, who, courses)],
        gaps=[
            GapSpanBody(kind=gap.kind, cause=gap.cause, from_utc_ms=gap.from_utc_ms, to_utc_ms=gap.to_utc_ms)
            for gap in reader.gaps(session, who)
            if gap.to_utc_ms >= axis.from_utc_ms and gap.from_utc_ms <= axis.to_utc_ms
        ],
        entries=[_entry(entry) for entry in entries],
    )


def _with_waiting(body: ChartBody, waiting: Iterable[Entry]) -> ChartBody:
    known = {entry.id for entry in body.entries}
    more = [_entry(entry) for entry in waiting if entry.id not in known]
    return body.model_copy(update={"entries": [*body.entries, *more]}) if more else body


def _series(buckets: Iterable[Bucket], axis: Axis) -> SeriesBody:
    """Return values by place; two sensors in one piece of time are one: the lowest, the highest, the mean of all."""
    low: list[float | None] = [None] * axis.count
    mean: list[float | None] = [None] * axis.count
    high: list[float | None] = [None] * axis.count
    counts = [0] * axis.count
    for bucket in buckets:
        at = (bucket.utc_ms - axis.from_utc_ms) // axis.bucket_ms
        if not 0 <= at < axis.count:
            continue
        before, lowest, highest = mean[at], low[at], high[at]
        total = counts[at] + bucket.values
        mean[at] = round(((before or 0.0) * counts[at] + bucket.mean * bucket.values) / total, 2)
        low[at] = bucket.low if lowest is None else min(lowest, bucket.low)
        high[at] = bucket.high if highest is None else max(highest, bucket.high)
        counts[at] = total
    return SeriesBody(low=low, mean=mean, high=high)


def _beats(pieces: Iterable[BeatPiece], axis: Axis) -> list[float | None]:
    found: list[float | None] = [None] * axis.count
    for piece in pieces:
        at = (piece.utc_ms - axis.from_utc_ms) // axis.bucket_ms
        if 0 <= at < axis.count:
            found[at] = round(piece.odd_pct, 1)
    return found


def _limit(span: LimitSpan) -> LimitSpanBody:
    return LimitSpanBody(**msgspec.structs.asdict(span))


def _phase(span: PhaseSpan) -> PhaseSpanBody:
    return PhaseSpanBody(**msgspec.structs.asdict(span))


def _alarm(span: AlarmSpan) -> AlarmSpanBody:
    return AlarmSpanBody(**msgspec.to_builtins(span))


def _entry(entry: Entry) -> ChartEntryBody:
    return ChartEntryBody(id=entry.id, at_utc_ms=entry.at_utc_ms, by=entry.by, body=msgspec.to_builtins(entry.body))
