"""People and alarms for the scripted peer: ordinary ones, of which a test changes what it is about."""

import math
from typing import Any

import msgspec

from dashboard.frames import (
    AcknowledgedView,
    AlarmView,
    CountsView,
    LimitView,
    SessionView,
    TileView,
    ValueView,
)
from tests.dashboard.page.peer import Scene, mono_ms, utc_ms
from vitals.alarms import Condition, Family, Operator, Priority, RuleId, Signal, SubjectKind
from vitals.participants import LimitReason
from vitals.readings import Quality, Reason
from vitals.sessions import GenerationMode, Phase
from vitals.units import Unit


def hr(
    value: float | None, *, age_ms: int = 0, reason: Reason | None = None, quality: Quality = Quality.GOOD
) -> ValueView:
    return ValueView(value=value, unit=Unit.BPM, at_ms=mono_ms() - age_ms, reason=reason, quality=quality)


def spo2(
    value: float | None, *, age_ms: int = 0, reason: Reason | None = None, quality: Quality = Quality.GOOD
) -> ValueView:
    return ValueView(value=value, unit=Unit.PERCENT, at_ms=mono_ms() - age_ms, reason=reason, quality=quality)


def trace(seat: int, bpm: float, *, gap: tuple[int, int] = (0, 0)) -> tuple[tuple[int, float | None], ...]:
    """Two minutes that lead to a value; None between the two ages of ``gap`` (s)."""
    now = mono_ms()
    points: list[tuple[int, float | None]] = []
    for age in range(120, -1, -1):
        drift = 12 * math.exp(-(120 - age) / 40)
        value = bpm - drift + 2.2 * math.sin(age / 5 + seat) + 1.3 * math.sin(age / 2.1 + 3 * seat) if age else bpm
        points.append((now - age * 1000, None if gap[1] <= age < gap[0] else round(value, 1)))
    return tuple(points)


def person(seat: int, /, **changes: Any) -> TileView:
    """An ordinary person in the target range, both sensors live."""
    bpm = 88 + (seat * 7) % 31
    tile = TileView(
        id=f"p{seat}",
        seat=seat,
        alias=str(seat),
        hr=hr(bpm),
        spo2=spo2(93 + seat % 7),
        hr_sensor="streaming",
        spo2_sensor="streaming",
        zone_low_bpm=85,
        zone_high_bpm=120,
        hr_upper=LimitView(value=125, reason=LimitReason.PRESCRIBED),
        spo2_floor=LimitView(value=88, reason=LimitReason.DEFAULT),
        trace=trace(seat, bpm),
    )
    return msgspec.structs.replace(tile, **changes)


def hr_high(seat: int, /, **changes: Any) -> AlarmView:
    """HR over the limit for 41 s, medium, nobody on it."""
    alarm = AlarmView(
        id=f"a-hr-{seat}",
        subject=f"p{seat}",
        subject_kind=SubjectKind.PARTICIPANT,
        rule=RuleId.HR_OVER,
        family=Family.PHYSIOLOGICAL,
        priority=Priority.MEDIUM,
        condition=Condition.ACTIVE,
        signal=Signal.ON,
        text="HR 134 > 120",
        breach_at_ms=mono_ms() - 41_200,
        onset_at_ms=mono_ms() - 31_200,
        onset_utc_ms=utc_ms() - 31_200,
        participant=f"p{seat}",
        seat=seat,
        alias=str(seat),
        op=Operator.ABOVE,
        value=134,
        limit=120,
    )
    return msgspec.structs.replace(alarm, **changes)


def spo2_critical(seat: int, /, **changes: Any) -> AlarmView:
    """SpO2 under the critical limit for 23 s, high, unaccepted for 8 s."""
    return hr_high(
        seat,
        **{
            "id": f"a-spo2-{seat}",
            "rule": RuleId.SPO2_CRIT,
            "priority": Priority.HIGH,
            "text": "SpO2 84 < 88",
            "op": Operator.BELOW,
            "value": 84,
            "limit": 88,
            "breach_at_ms": mono_ms() - 23_200,
            "onset_at_ms": mono_ms() - 8_200,
            **changes,
        },
    )


def no_data(seat: int, /, **changes: Any) -> AlarmView:
    """No strap signal for 14 s."""
    return hr_high(
        seat,
        **{
            "id": f"a-data-{seat}",
            "rule": RuleId.NO_DATA,
            "family": Family.TECHNICAL,
            "priority": Priority.LOW,
            "text": "No strap signal",
            "detail": "hr",
            "op": None,
            "value": None,
            "limit": None,
            "breach_at_ms": mono_ms() - 14_200,
            **changes,
        },
    )


def acknowledged(alarm: AlarmView, by: str = "MK") -> AlarmView:
    """The alarm, taken by somebody."""
    return msgspec.structs.replace(
        alarm, signal=Signal.ACKNOWLEDGED, acknowledged=AcknowledgedView(by=by, at_utc_ms=utc_ms())
    )


def room(count: int, **changes: Any) -> Scene:
    """A class of ``count`` ordinary people."""
    scene = Scene(
        session=SessionView(
            id="s1",
            name="Phase III cardiac, Tue 10:00",
            phase=Phase.TRAINING,
            phase_since_utc_ms=utc_ms() - 1_122_000,
            started_utc_ms=utc_ms() - 2_000_000,
            generation_mode=GenerationMode.SIMULATED,
        ),
        tiles=tuple(person(seat) for seat in range(1, count + 1)),
        counts=CountsView(
            straps_live=count, straps=count, oximeters_live=count, oximeters=count, gateways_live=1, gateways=1
        ),
    )
    for name, value in changes.items():
        setattr(scene, name, value)
    return scene


def change(scene: Scene, seat: int, **changes: Any) -> None:
    """Change one person of a scene."""
    scene.tiles = tuple(msgspec.structs.replace(tile, **changes) if tile.seat == seat else tile for tile in scene.tiles)
