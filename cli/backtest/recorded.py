"""Recordings on disk as histories: one person each, with the readings that a gateway would have made of them."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

from analysis.history.history import History, InForce, Said
from gateway.codecs.heart_rate import HeartRateFrame, decode_heart_rate, encode_heart_rate
from simulators.beats import StrapSample
from simulators.library import load_recordings
from simulators.moments import Recording
from simulators.sensors.samples import OximeterSample
from vitals.errors import InputError, SetupError
from vitals.participants import ParticipantId
from vitals.readings import HeartRateReading, OximeterReading, Quality, Reason, RunId
from vitals.sensors import GatewayId, SensorId, SensorKind
from vitals.sessions import (
    AssignedSensor,
    GenerationMode,
    Phase,
    ResolvedLimit,
    Roster,
    RosterEntry,
    SessionId,
)
from vitals.units import MonotonicMs, UtcMs

_RUN: Final = RunId("recorded")
_GATEWAY: Final = GatewayId("recorder")
STRAP: Final = SensorId("strap")
OXIMETER: Final = SensorId("oximeter")


class Loaded(Struct, frozen=True, kw_only=True):
    """What came of the files of one recording: the recording, or why not; ``refused``: lines that were left out."""

    id: str
    recording: Recording | None = None
    problem: str = ""
    refused: tuple[str, ...] = ()


SIBLINGS: Final = (".leads.csv", ".events.csv")
"""Files that stand beside a recording and hold no readings: both leads of an electrocardiogram, marks of a protocol."""

MANIFEST: Final = "manifest.csv"


def group_files(files: Sequence[Path]) -> dict[str, list[Path]]:
    """Return the files of each recording id, in the order in which the ids first come; without files of no readings."""
    groups: dict[str, list[Path]] = {}
    for file in files:
        if file.name == MANIFEST or file.name.endswith(SIBLINGS):
            continue
        groups.setdefault(file.name.removesuffix(".csv").removesuffix(".rr"), []).append(file)
    return groups


def load(recording_id: str, files: Sequence[Path], *, oximeter: int | None) -> Loaded:
    """Return one recording, or one line that says why it cannot be used; never raises for what is in a file."""
    ear = _Ear()
    library = logging.getLogger("simulators.library")
    library.addHandler(ear)
    was_passed_on, library.propagate = library.propagate, False
    try:
        found = load_recordings(files, oximeter=oximeter)
    except (SetupError, InputError) as error:
        return Loaded(id=recording_id, problem=str(error))
    finally:
        library.removeHandler(ear)
        library.propagate = was_passed_on
    if not found:
        wanted = "" if oximeter is None else f" of oximeter {oximeter}"
        problem = f"{files[0]}: nothing to judge: no hr_bpm, no rr_ms, no SpO2{wanted}"
        return Loaded(id=recording_id, problem=problem, refused=tuple(ear.refused))
    return Loaded(id=recording_id, recording=found[0], refused=tuple(ear.refused))


def to_history(recording: Recording, *, limits: tuple[ResolvedLimit, ...], entry: RosterEntry, phase: Phase) -> History:
    """Return the history of a recording: somebody begins to listen when the first of its sensors speaks.

    Args:
        recording: as loaded.
        limits: resolved, for its person.
        entry: rest, peak, zone and baseline of the person; its participant, sensors and limits are set here.
        phase: of the class, all the time.
    """
    said = [Said(_ms(sample.at_s), strap_reading(sample, seq)) for seq, sample in enumerate(recording.strap)]
    said += [Said(_ms(sample.at_s), oximeter_reading(sample, seq)) for seq, sample in enumerate(recording.oximeter)]
    said.sort(key=lambda one: one.at_ms)
    from_ms = said[0].at_ms
    worn = [
        *([(STRAP, SensorKind.STRAP)] if recording.strap else []),
        *([(OXIMETER, SensorKind.OXIMETER)] if recording.oximeter else []),
    ]
    roster = Roster(
        session=SessionId(recording.id),
        version=1,
        room="recording",
        generation_mode=GenerationMode.REPLAYED,
        phase=phase,
        started_utc_ms=UtcMs(0),
        entries=(
            RosterEntry(
                participant=ParticipantId(recording.id),
                seat=1,
                sensors=tuple(
                    AssignedSensor(sensor=sensor, kind=kind, gateway=_GATEWAY, from_utc_ms=UtcMs(0))
                    for sensor, kind in worn
                ),
                limits=limits,
                rest_hr_bpm=entry.rest_hr_bpm,
                peak_hr_bpm=entry.peak_hr_bpm,
                zone_low_bpm=entry.zone_low_bpm,
                zone_high_bpm=entry.zone_high_bpm,
                spo2_baseline_pct=entry.spo2_baseline_pct,
            ),
        ),
    )
    return History(
        id=recording.id,
        rosters=(InForce(from_ms, roster),),
        said=tuple(said),
        from_ms=from_ms,
        until_ms=said[-1].at_ms,
    )


def strap_reading(sample: StrapSample, seq: int) -> HeartRateReading:
    """Return what a gateway makes of a strap's notification, by its own codec."""
    told = sample.contact or sample.hr_bpm is None
    raw = encode_heart_rate(sample.hr_bpm or 0, rr_1024=sample.rr_ticks, contact=sample.contact if told else None)
    frame = decode_heart_rate(raw)
    if not isinstance(frame, HeartRateFrame):
        raise TypeError(frame)
    return HeartRateReading(
        run=_RUN,
        sensor=STRAP,
        seq=seq,
        mono_ms=_ms(sample.at_s),
        quality=frame.quality,
        reason=frame.reason,
        hr_bpm=frame.hr_bpm,
        rr_ms=frame.rr_ms,
        contact=frame.contact,
    )


def oximeter_reading(sample: OximeterSample, seq: int) -> OximeterReading:
    """Return what a gateway makes of an oximeter's notification; a finger without a value is off the sensor."""
    quality, reason = Quality.GOOD, None
    if sample.spo2_pct is None:
        quality, reason = Quality.UNUSABLE, Reason.NO_VALUE if sample.finger else Reason.OFF_SKIN
    pulse = sample.pulse_bpm
    return OximeterReading(
        run=_RUN,
        sensor=OXIMETER,
        seq=seq,
        mono_ms=_ms(sample.at_s),
        quality=quality,
        reason=reason,
        spo2_pct=sample.spo2_pct,
        pulse_bpm=pulse if pulse is not None and pulse >= 1 and quality is Quality.GOOD else None,
        perfusion_pct=sample.perfusion_pct if quality is Quality.GOOD else None,
    )


class _Ear(logging.Handler):
    """Hears which lines the library left out."""

    def __init__(self) -> None:
        super().__init__()
        self.refused: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        event, _, line = record.getMessage().partition(" ")
        if event == "library.refused":
            self.refused.append(line)


def _ms(at_s: float) -> MonotonicMs:
    return MonotonicMs(round(at_s * 1000))
