"""A stretch of a session as the wall was told it: values when they arrived, late ones never, alarms as they changed.

Blocks. A page asks for one stretch after another and plays them at its own speed.
"""

from typing import Final

from msgspec import Struct

from ingest.store.reader import RecordReader
from ingest.store.stored import StoredReading
from vitals.alarms import AlarmEvent, Change, alarm_text
from vitals.participants import ParticipantId
from vitals.readings import Quality, ReadingKind
from vitals.sensors import SensorKind
from vitals.sessions import Roster, RosterEntry, SessionId
from vitals.units import UtcMs

STRETCH_MS_MAX: Final = 300_000
_KINDS: Final = {SensorKind.STRAP: ReadingKind.HR, SensorKind.OXIMETER: ReadingKind.OXIMETER}
_QUALITIES: Final = {Quality.GOOD: 0, Quality.QUESTIONABLE: 1, Quality.UNUSABLE: 2}


class Track(Struct, frozen=True, kw_only=True):
    """One vital sign as it arrived: when (ms after the start of the stretch), how old it was (ms), what, how good.

    ``quality``: 0 good, 1 questionable, 2 unusable. A value of None: the sensor had nothing to say.
    """

    at_ms: list[int]
    age_ms: list[int]
    value: list[float | None]
    quality: list[int]


class Seat(Struct, frozen=True, kw_only=True):
    """One person on the wall; ``has_oximeter``: one was worn."""

    participant: ParticipantId
    seat: int
    has_oximeter: bool
    hr_limit_bpm: float | None
    zone_low_bpm: int | None
    zone_high_bpm: int | None
    hr: Track
    spo2: Track


class AlarmMoment(Struct, frozen=True, kw_only=True):
    """One change of an alarm, ms after the start of the stretch."""

    at_ms: int
    alarm_id: str
    participant: ParticipantId | None
    change: Change
    rule: str
    priority: str
    signal: str
    condition: str
    text: str
    by: str


class Replay(Struct, frozen=True, kw_only=True):
    """A stretch. ``alarms`` begins with everything that was on at its start, at 0."""

    from_utc_ms: UtcMs
    to_utc_ms: UtcMs
    seats: tuple[Seat, ...]
    alarms: tuple[AlarmMoment, ...]


def read_replay(reader: RecordReader, session: SessionId, *, from_utc_ms: UtcMs, to_utc_ms: UtcMs) -> Replay:
    """Return a stretch of a session, at most `STRETCH_MS_MAX` of it.

    Raises:
        StorageError: the record cannot be read.
    """
    to_utc_ms = min(to_utc_ms, UtcMs(from_utc_ms + STRETCH_MS_MAX))
    rosters = reader.rosters(session)
    newest: dict[ParticipantId, RosterEntry] = {}
    for roster in rosters:
        newest |= {entry.participant: entry for entry in roster.entries}
    seats = sorted(newest.values(), key=lambda entry: entry.seat)
    return Replay(
        from_utc_ms=from_utc_ms,
        to_utc_ms=to_utc_ms,
        seats=tuple(_seat(reader, entry, rosters[-1], from_utc_ms=from_utc_ms, to_utc_ms=to_utc_ms) for entry in seats),
        alarms=_alarms(reader.alarm_events(session), from_utc_ms=from_utc_ms, to_utc_ms=to_utc_ms),
    )


def _seat(reader: RecordReader, entry: RosterEntry, roster: Roster, *, from_utc_ms: UtcMs, to_utc_ms: UtcMs) -> Seat:
    tracks = {kind: Track(at_ms=[], age_ms=[], value=[], quality=[]) for kind in _KINDS.values()}
    for worn in entry.sensors:
        kind = _KINDS.get(worn.kind)
        if kind is None:
            continue
        end = worn.to_utc_ms or roster.ended_utc_ms or to_utc_ms
        begins, ends = max(from_utc_ms, worn.from_utc_ms), min(to_utc_ms, end)
        if begins < ends:
            rows = reader.readings_of(worn.sensor, kind, from_utc_ms=UtcMs(begins), to_utc_ms=UtcMs(ends))
            for row in sorted(rows, key=_arrival):
                _add(tracks[kind], row, from_utc_ms)
    over = [limit.value for limit in entry.limits if limit.rule.value == "HR_OVER"]
    return Seat(
        participant=entry.participant,
        seat=entry.seat,
        has_oximeter=any(worn.kind is SensorKind.OXIMETER for worn in entry.sensors),
        hr_limit_bpm=over[0] if over else None,
        zone_low_bpm=entry.zone_low_bpm,
        zone_high_bpm=entry.zone_high_bpm,
        hr=tracks[ReadingKind.HR],
        spo2=tracks[ReadingKind.OXIMETER],
    )


def _arrival(row: StoredReading) -> int:
    # The clocks of gateway and record differ a little; nothing arrives before it was said.
    return max(row.utc_ms, row.received_utc_ms)


def _add(track: Track, row: StoredReading, zero_ms: int) -> None:
    if row.late:
        return
    arrived = _arrival(row)
    value = row.hr_bpm if row.kind is ReadingKind.HR else row.spo2_pct
    track.at_ms.append(arrived - zero_ms)
    track.age_ms.append(arrived - row.utc_ms)
    track.value.append(value)
    track.quality.append(_QUALITIES[row.quality])


def _alarms(events: tuple[AlarmEvent, ...], *, from_utc_ms: UtcMs, to_utc_ms: UtcMs) -> tuple[AlarmMoment, ...]:
    before: dict[str, AlarmEvent] = {}
    inside: list[AlarmEvent] = []
    for event in events:
        if event.utc_ms < from_utc_ms:
            before[event.alarm.alarm_id] = event
        elif event.utc_ms < to_utc_ms:
            inside.append(event)
    standing = [event for event in before.values() if event.alarm.signal.value != "off"]
    return tuple(_moment(event, from_utc_ms) for event in (*standing, *inside))


def _moment(event: AlarmEvent, zero_ms: int) -> AlarmMoment:
    alarm = event.alarm
    return AlarmMoment(
        at_ms=max(0, event.utc_ms - zero_ms),
        alarm_id=alarm.alarm_id,
        participant=alarm.participant,
        change=event.change,
        rule=alarm.rule.value,
        priority=alarm.priority.value,
        signal=alarm.signal.value,
        condition=alarm.condition.value,
        text=alarm_text(alarm),
        by="" if alarm.acknowledged is None else alarm.acknowledged.by,
    )
