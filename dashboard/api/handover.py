"""Gathers what the handover card tells: from the record, from what is on its way there, from what is live."""

from datetime import datetime
from typing import Final

from dashboard.api.context import Context
from dashboard.clinic import ClinicSession
from dashboard.emergency.card import Card, LastValue, plan_span
from dashboard.emergency.timeline import Emergency, read_emergencies
from dashboard.emergency.trends import Point
from dashboard.frames import ValueView
from dashboard.history import find_alarms
from dashboard.view.tiles import view_tile
from ingest.store.reader import RecordReader
from ingest.store.stored import Measure
from vitals.alarms import AlarmEvent
from vitals.entries import Entry
from vitals.errors import StorageError
from vitals.participants import ParticipantId
from vitals.readings import ReadingKind
from vitals.units import UtcMs

PIECE_MS: Final = 2_000
"""Ten minutes are 300 points."""


def gather_card(
    context: Context, session: ClinicSession, participant: ParticipantId, *, waiting: tuple[Entry, ...]
) -> Card:
    """Return the card of a person; blocks on the record, so call it in a thread.

    Without the record there is a card all the same, with what is live, and it says what is missing.

    Args:
        context: the server's parts.
        session: the class, also one that is over.
        participant: who is in it.
        waiting: entries that the record has not confirmed yet.
    """
    roster = session.roster
    entry = next(one for one in roster.entries if one.participant == participant)
    now = context.ticker.now()
    try:
        stored = context.reader.entries(roster.session)
        is_missing = False
    except StorageError:
        stored, is_missing = (), True
    known = {one.id: one for one in (*stored, *waiting) if one.participant in {participant, None}}
    emergency = _newest(read_emergencies(known.values()))
    end = roster.ended_utc_ms or now.utc_ms
    since, to = plan_span(now_utc_ms=end, began_utc_ms=roster.started_utc_ms, emergency=emergency)
    hr_points: tuple[Point, ...] = ()
    spo2_points: tuple[Point, ...] = ()
    events: tuple[AlarmEvent, ...] = ()
    if not is_missing:
        hr_points = _points(context.reader, session, participant, Measure.HR_BPM, since=since, to=to)
        spo2_points = _points(context.reader, session, participant, Measure.SPO2_PCT, since=since, to=to)
        events = context.reader.alarm_events(roster.session)
    alarms = find_alarms(events, known.values(), participant)
    hr, spo2 = _live(context, session, participant)
    return Card(
        class_name=session.name,
        seat=entry.seat,
        alias=session.aliases.get(participant, str(entry.seat)),
        mode=roster.generation_mode,
        made_utc_ms=now.utc_ms,
        from_utc_ms=since,
        to_utc_ms=to,
        emergency=emergency,
        hr=hr,
        spo2=spo2,
        hr_points=hr_points,
        spo2_points=spo2_points,
        limits=entry.limits,
        alarms=tuple(one for one in alarms if one.ended_utc_ms is None or one.ended_utc_ms >= since),
        entries=tuple(one for one in known.values() if one.at_utc_ms >= min(since, to - 30 * 60_000)),
        is_record_missing=is_missing,
    )


def label_in(context: Context, utc_ms: UtcMs) -> str:
    """Return a time of day with seconds in the site's zone."""
    return f"{datetime.fromtimestamp(utc_ms / 1000, context.stage.zone):%H:%M:%S}"


def _newest(emergencies: tuple[Emergency, ...]) -> Emergency | None:
    return max(emergencies, key=lambda one: one.began_utc_ms, default=None)


def _points(
    reader: RecordReader,
    session: ClinicSession,
    participant: ParticipantId,
    measure: Measure,
    *,
    since: UtcMs,
    to: UtcMs,
) -> tuple[Point, ...]:
    kind = ReadingKind.HR if measure is Measure.HR_BPM else ReadingKind.OXIMETER
    buckets = reader.buckets(session.roster.session, participant, kind, bucket_ms=PIECE_MS, measure=measure)
    return tuple(Point(one.utc_ms, round(one.mean, 1)) for one in buckets if since <= one.utc_ms <= to)


def _live(context: Context, session: ClinicSession, participant: ParticipantId) -> tuple[LastValue, LastValue]:
    """Return the values of now, in a class that runs in this room."""
    room = context.room
    nothing = LastValue(value=None, age_s=None)
    if room.session is None or room.session.roster.session != session.roster.session:
        return nothing, nothing
    entry = next((one for one in room.session.roster.entries if one.participant == participant), None)
    if entry is None:
        return nothing, nothing
    now_ms = context.ticker.now().ms
    tile = view_tile(room, entry, now_ms=now_ms)

    def last(view: ValueView | None) -> LastValue:
        if view is None or view.at_ms is None:
            return nothing
        return LastValue(value=view.value, age_s=max(0, now_ms - view.at_ms) // 1000)

    return last(tile.hr), last(tile.spo2)
