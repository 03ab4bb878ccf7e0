"""What was heard as rows of the record's tables; the order of the values is that of the statements beside them."""

from typing import Final, assert_never

from ingest.store.batch import HeardEntry, HeardEvent, HeardReading
from ingest.store.query import SqlValue
from ingest.store.rr import pack_rr
from vitals.readings import BatteryReading, HeartRateReading, OximeterReading, Quality, Reading, WorkloadReading
from vitals.wire import encode

Row = tuple[SqlValue, ...]

QUALITY_CODES: Final = {Quality.GOOD: 0, Quality.QUESTIONABLE: 1, Quality.UNUSABLE: 2}

# DO NOTHING for the key alone: INSERT OR IGNORE would swallow a row that breaks any other rule, too.
INSERT_READING: Final = (
    "INSERT INTO reading (stream, seq, mono_ms, received_utc_ms, late, quality, reason, hr_bpm, contact, rr,"
    " spo2_pct, pulse_bpm, perfusion_pct, battery_pct, raw, manner)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (stream, seq) DO NOTHING"
)
INSERT_WORK: Final = (
    "INSERT INTO workload (stream, seq, speed_kmh, incline_pct, power_w, cadence_per_min, resistance_level,"
    " distance_m, elapsed_s, met) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (stream, seq) DO NOTHING"
)
INSERT_EVENT: Final = (
    "INSERT INTO alarm_event (stream, seq, mono_ms, utc_ms, received_utc_ms, session, participant, alarm_id, change,"
    " body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (stream, seq) DO NOTHING"
)
INSERT_ENTRY: Final = (
    "INSERT INTO journal (stream, seq, mono_ms, utc_ms, body) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT (stream, seq) DO NOTHING"
)


def row_of_reading(stream: int, heard: HeardReading, *, manner: int | None) -> Row:
    """Return the values for `INSERT_READING`; ``manner``: the code of how it was made."""
    reading = heard.reading
    head = (
        stream,
        reading.seq,
        reading.mono_ms,
        heard.received_utc_ms,
        int(heard.late),
        QUALITY_CODES[reading.quality],
        None if reading.reason is None else reading.reason.value,
    )
    return (*head, *_values_of(reading), heard.raw, manner)


def row_of_work(stream: int, reading: WorkloadReading) -> Row:
    """Return the values for `INSERT_WORK`."""
    return (
        stream,
        reading.seq,
        reading.speed_kmh,
        reading.incline_pct,
        reading.power_w,
        reading.cadence_per_min,
        reading.resistance_level,
        reading.distance_m,
        reading.elapsed_s,
        reading.met,
    )


def row_of_event(stream: int, heard: HeardEvent) -> Row:
    """Return the values for `INSERT_EVENT`."""
    event = heard.event
    alarm = event.alarm
    return (
        stream,
        event.seq,
        event.mono_ms,
        event.utc_ms,
        heard.received_utc_ms,
        alarm.session,
        alarm.participant,
        alarm.alarm_id,
        event.change.value,
        encode(event),
    )


def row_of_entry(stream: int, heard: HeardEntry) -> Row:
    """Return the values for `INSERT_ENTRY`."""
    entry = heard.entry
    return (stream, entry.seq, entry.mono_ms, entry.utc_ms, encode(entry))


def _values_of(reading: Reading) -> Row:
    match reading:
        case HeartRateReading():
            return (reading.hr_bpm, reading.contact, pack_rr(reading.rr_ms), None, None, None, None)
        case OximeterReading():
            return (None, None, None, reading.spo2_pct, reading.pulse_bpm, reading.perfusion_pct, None)
        case WorkloadReading():
            return (None, None, None, None, None, None, None)  # its values are in `INSERT_WORK`
        case BatteryReading():
            return (None, None, None, None, None, None, reading.battery_pct)
        case _:
            assert_never(reading)
