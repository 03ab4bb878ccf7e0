"""Tiles: one person of the class as the wall shows them now."""

from typing import Final, Literal

import msgspec

from dashboard.frames import CountsView, LimitView, TileView, ValueView
from dashboard.view.room import DERIVED_MS_MAX, Room
from dashboard.view.values import GONE, HR_SILENCE, SPO2_SILENCE, view_value
from vitals.alarms import RuleId
from vitals.journal import Derived
from vitals.participants import ParticipantId
from vitals.parts import Part
from vitals.passport import Passport
from vitals.readings import Reason
from vitals.sensors import SensorId, SensorKind, SensorState
from vitals.sessions import RosterEntry
from vitals.units import MonotonicMs, Unit

HAND_OVER_MS: Final = 30_000
"""A gateway that has not taken over a sensor by then will not without help: it is lost."""


def view_tile(room: Room, entry: RosterEntry, *, now_ms: MonotonicMs) -> TileView:
    """Return one person's tile, without the sparkline."""
    strap = _worn(room, entry, SensorKind.STRAP)
    oximeter = _worn(room, entry, SensorKind.OXIMETER)
    hr = None if strap is None else _value(room, strap, now_ms=now_ms)
    spo2 = None if oximeter is None else _value(room, oximeter, now_ms=now_ms)
    heard = room.derived.get(entry.participant)
    derived = heard.derived if heard is not None and now_ms - heard.received_ms < HR_SILENCE.lost_ms else None
    of_now = derived if heard is not None and now_ms - heard.received_ms < DERIVED_MS_MAX else None
    has_hr = hr is not None and hr.value is not None
    has_spo2 = spo2 is not None and spo2.value is not None
    limits = {limit.rule: LimitView(value=limit.value, reason=limit.reason) for limit in entry.limits}
    return TileView(
        id=entry.participant,
        seat=entry.seat,
        alias=room.seats[entry.participant].alias,
        hr=_doubted(hr, strap, None if of_now is None else of_now.hr),
        spo2=_doubted(spo2, oximeter, None if of_now is None else of_now.spo2),
        hr_sensor=_sensor_state(room, strap),
        spo2_sensor=_sensor_state(room, oximeter),
        hr_battery_pct=_battery(room, strap),
        spo2_battery_pct=_battery(room, oximeter),
        zone_low_bpm=entry.zone_low_bpm,
        zone_high_bpm=entry.zone_high_bpm,
        hr_upper=limits.get(RuleId.HR_OVER),
        hr_lower=limits.get(RuleId.HR_LOW),
        spo2_floor=limits.get(RuleId.SPO2_LOW),
        hrr_pct=derived.hrr_pct if derived is not None and has_hr else None,
        zone=of_now.zone if of_now is not None and has_hr else None,
        hr_limit_in_s=of_now.hr_limit_in_s if of_now is not None and has_hr else None,
        spo2_limit_in_s=of_now.spo2_limit_in_s if of_now is not None and has_spo2 else None,
        phase=entry.phase,
        phase_proposed=None if of_now is None else of_now.phase_proposed,
        hr_device=_device(derived, "hr"),
        spo2_device=_device(derived, "spo2"),
        spo2_averaging=None if of_now is None or of_now.spo2 is None else of_now.spo2.averaging,
        hr_artefact_pct=_artefact_pct(of_now),
        flow=room.flow.get(entry.participant, ""),
    )


def add_trace(room: Room, tile: TileView, *, now_ms: MonotonicMs) -> TileView:
    """Return a tile with its sparkline, if there is any."""
    trace = room.traces.get(ParticipantId(tile.id))
    return tile if trace is None else msgspec.structs.replace(tile, trace=trace.points(now_ms))


def count_live(room: Room, tiles: tuple[TileView, ...]) -> CountsView:
    """Return how many sensors and gateways of the class give live data."""
    straps = [tile.hr for tile in tiles if tile.hr is not None]
    oximeters = [tile.spo2 for tile in tiles if tile.spo2 is not None]
    gateways = [room.parts.parts.get((Part.GATEWAY, name)) for name in room.affected]
    return CountsView(
        straps_live=sum(value.reason not in GONE for value in straps),
        straps=len(straps),
        oximeters_live=sum(value.reason not in GONE for value in oximeters),
        oximeters=len(oximeters),
        gateways_live=sum(known is not None and known.state == "up" for known in gateways),
        gateways=len(gateways),
    )


def _worn(room: Room, entry: RosterEntry, kind: SensorKind) -> SensorId | None:
    """Return the sensor that this person wears now; of two the one that spoke last."""
    worn = [sensor.sensor for sensor in entry.sensors if sensor.kind is kind and sensor.to_utc_ms is None]
    return max(worn, key=lambda sensor: room.heard[sensor].at_ms if sensor in room.heard else -1, default=None)


def _value(room: Room, sensor: SensorId, *, now_ms: MonotonicMs) -> ValueView:
    worn = room.worn[sensor]
    is_strap = worn.kind is SensorKind.STRAP
    return view_value(
        room.heard.get(sensor),
        unit=Unit.BPM if is_strap else Unit.PERCENT,
        silence=HR_SILENCE if is_strap else SPO2_SILENCE,
        loss=room.parts.loss_on_the_way(worn.gateway, now_ms=now_ms),
        now_ms=now_ms,
        waits=_waits(room, sensor, now_ms=now_ms),
    )


def _doubted(view: ValueView | None, sensor: SensorId | None, passport: Passport | None) -> ValueView | None:
    """Return a value with what analysis holds against this sensor."""
    if view is None or view.value is None or passport is None or passport.sensor != sensor or not passport.doubts:
        return view
    return msgspec.structs.replace(view, doubts=passport.doubts)


def _device(derived: Derived | None, vital: Literal["hr", "spo2"]) -> str:
    passport = None if derived is None else derived.hr if vital == "hr" else derived.spo2
    return "" if passport is None else passport.device


def _artefact_pct(derived: Derived | None) -> int | None:
    share = None if derived is None or derived.hr is None else derived.hr.artefact_pct
    return None if share is None else round(share)


def _waits(room: Room, sensor: SensorId, *, now_ms: MonotonicMs) -> Reason | None:
    """Return why a sensor has no link although all parts live: no slot is free, or it has just changed its gateway."""
    worn = room.worn[sensor]
    status = room.parts.sensor(worn.gateway, sensor)
    if status is not None and status.waits_for_slot:
        return Reason.OUT_OF_SLOTS
    is_moving = worn.moved_ms is not None and now_ms - worn.moved_ms < HAND_OVER_MS
    heard = room.heard.get(sensor)
    return Reason.HAND_OVER if is_moving and (heard is None or heard.at_ms <= (worn.moved_ms or 0)) else None


def _sensor_state(room: Room, sensor: SensorId | None) -> str:
    """Return what the gateway says of a sensor; a gateway that is lost says nothing, so the sensor is lost too."""
    if sensor is None:
        return ""
    gateway = room.worn[sensor].gateway
    status = room.parts.sensor(gateway, sensor)
    if status is None:
        return SensorState.LOST.value if room.parts.is_gateway_lost(gateway) else SensorState.MISSING.value
    return status.state.value


def _battery(room: Room, sensor: SensorId | None) -> int | None:
    if sensor is None:
        return None
    status = room.parts.sensor(room.worn[sensor].gateway, sensor)
    if status is not None and status.battery_pct is not None:
        return status.battery_pct
    return room.batteries.get(sensor)
