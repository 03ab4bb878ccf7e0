"""Health over HTTP: every part, radio, wall and phone, what it means, and what must be tried before class."""

import asyncio
from typing import Literal

import msgspec
from fastapi import APIRouter
from pydantic import BaseModel

from dashboard.api.context import Context
from dashboard.health.health_desk import HealthDesk, Report
from dashboard.health.signs import WINDOW_MS
from dashboard.health.verdict import Finding, Verdict
from dashboard.view.parts import WatchedPart
from vitals.parts import Part
from vitals.sensors import GatewayId, SensorState
from vitals.units import MonotonicMs


class FoundBody(BaseModel):
    """Something that is not as it should be: of whom or what, and in the part's own words."""

    what: Finding
    of: str
    text: str


class PartHealthBody(BaseModel):
    """One part. ``restarts``: since this dashboard began; ``waiting_ms``: age of the oldest thing not yet handled."""

    part: str
    instance: str
    state: Literal["up", "lost", "stopped", "missing"]
    since_utc_ms: int
    heard_ago_ms: int | None
    restarts: int
    waiting_ms: int
    text: str
    problems: list[str]


class RadioBody(BaseModel):
    """One radio of a gateway. ``stack``: bluez or bumble; ``slots_max`` null: the adapter tells no limit."""

    stack: str
    is_up: bool
    slots_used: int
    slots_max: int | None
    waiting: int
    errors: int
    why_down: str


class GatewayHealthBody(BaseModel):
    """One gateway: its radios, its sensors, and whether its clock follows a time server (null: not told)."""

    gateway: str
    state: Literal["up", "lost", "stopped"]
    radios: list[RadioBody]
    sensors: int
    streaming: int
    waits_for_slot: int
    is_clock_right: bool | None


class DataBody(BaseModel):
    """The data of the last minutes: interruptions, and how long readings take to the broker (the worst sensor's)."""

    window_s: int
    gaps: int
    sensors_with_gaps: int
    latency_p50_ms: int | None
    latency_p99_ms: int | None
    commit_ago_ms: int | None


class DiskBody(BaseModel):
    """The disk of the data folder, and the age of the newest whole backup; null: unknown, or none."""

    free_bytes: int | None
    total_bytes: int | None
    backup_ago_ms: int | None


class AlarmPathBody(BaseModel):
    """When a test last went the whole way of an alarm; null: never yet."""

    proven_ago_ms: int | None
    analysis_heard_ago_ms: int | None
    is_lost: bool


class WallCheckBody(BaseModel):
    """A screen that is meant to sound; ``is_ready``: it sounds, and somebody heard it lately."""

    name: str
    sound: Literal["on", "off", "unheard"]
    tested_utc_ms: int | None
    is_ready: bool


class PhoneCheckBody(BaseModel):
    """The ways to one person; ``is_ready``: reachable, and a test was answered lately."""

    staff: str
    role: str | None
    is_on_duty: bool
    ways: int
    page: Literal["", "open", "silent"]
    sent_utc_ms: int | None
    tested_utc_ms: int | None
    problem: str
    is_reachable: bool
    is_ready: bool


class PreflightBody(BaseModel):
    """What must be tried before class."""

    walls: list[WallCheckBody]
    phones: list[PhoneCheckBody]
    is_anybody_reachable: bool
    is_ready: bool


class WholeHealthBody(BaseModel):
    """How everything is."""

    utc_ms: int
    time_zone: str
    verdict: Verdict
    found: list[FoundBody]
    parts: list[PartHealthBody]
    gateways: list[GatewayHealthBody]
    data: DataBody
    disk: DiskBody
    alarm_path: AlarmPathBody
    preflight: PreflightBody


def health_routes(context: Context) -> APIRouter:
    """Return the route of health."""
    routes = APIRouter(prefix="/api/v1", tags=["health"])
    desk = context.health
    slot = asyncio.Semaphore(1)

    @routes.get("/health")
    async def health() -> WholeHealthBody:
        """Say how every part is, what it means, and what is ready before class; no names."""
        async with slot:
            disk = await asyncio.to_thread(desk.read_disk)
        return _body(context, desk, desk.report(disk))

    return routes


def _body(context: Context, desk: HealthDesk, report: Report) -> WholeHealthBody:
    now, room, signs = report.now, context.room, desk.signs
    gaps, sensors = signs.gaps()
    p50_ms, p99_ms = signs.latencies()
    backup = report.disk.backup_utc_ms
    gateways = sorted(gateway for gateway, _ in desk.gateways(only_up=True))
    return WholeHealthBody(
        utc_ms=now.utc_ms,
        time_zone=context.stage.zone_name,
        verdict=report.verdict,
        found=[FoundBody(what=one.what, of=one.of, text=one.text) for one in report.found],
        parts=[
            PartHealthBody(
                part=view.part,
                instance=view.instance,
                state=view.state,
                since_utc_ms=view.since_utc_ms,
                heard_ago_ms=_ago(_heard_ms(context, view.part, view.instance), now.ms),
                restarts=signs.restarts(Part(view.part), view.instance),
                waiting_ms=_waiting_ms(context, view.part, view.instance),
                text=view.text,
                problems=list(view.problems),
            )
            for view in report.parts
        ],
        gateways=[_gateway(gateway, known, signs.is_clock_right.get(gateway)) for gateway, known in desk.gateways()],
        data=DataBody(
            window_s=WINDOW_MS // 1000,
            gaps=gaps,
            sensors_with_gaps=sensors,
            latency_p50_ms=p50_ms,
            latency_p99_ms=p99_ms,
            commit_ago_ms=_ago(signs.commit_ms, now.ms),
        ),
        disk=DiskBody(
            free_bytes=report.disk.free_bytes,
            total_bytes=report.disk.total_bytes,
            backup_ago_ms=None if backup is None else max(0, now.utc_ms - backup),
        ),
        alarm_path=AlarmPathBody(
            proven_ago_ms=_ago(room.alarm_path.proven_ms(room.parts, gateways), now.ms),
            analysis_heard_ago_ms=_ago(room.analysis_heard_ms(), now.ms),
            is_lost=report.is_alarm_path_lost,
        ),
        preflight=PreflightBody.model_validate(msgspec.to_builtins(report.preflight)),
    )


def _ago(at_ms: MonotonicMs | None, now_ms: MonotonicMs) -> int | None:
    return None if at_ms is None else max(0, now_ms - at_ms)


def _known(context: Context, part: str, instance: str) -> WatchedPart | None:
    return context.room.parts.parts.get((Part(part), instance))


def _heard_ms(context: Context, part: str, instance: str) -> MonotonicMs | None:
    known = _known(context, part, instance)
    return known.watched.heard_ms if known is not None and known.is_met else None


def _waiting_ms(context: Context, part: str, instance: str) -> int:
    known = _known(context, part, instance)
    return known.watched.status.oldest_unhandled_ms if known is not None and known.state == "up" else 0


def _gateway(gateway: GatewayId, known: WatchedPart, is_clock_right: bool | None) -> GatewayHealthBody:  # noqa: FBT001
    sensors = known.sensors.values() if known.state == "up" else ()
    return GatewayHealthBody(
        gateway=gateway,
        state=known.state,
        radios=[
            RadioBody(
                # The rest of a radio's name may be an address.
                stack=radio.name.partition(":")[0],
                is_up=radio.up and known.state == "up",
                slots_used=radio.slots_used,
                slots_max=radio.slots_max,
                waiting=radio.waiting,
                errors=radio.errors,
                why_down=radio.why_down,
            )
            for radio in known.watched.status.radios
        ],
        sensors=len(known.sensors),
        streaming=sum(1 for sensor in sensors if sensor.state is SensorState.STREAMING),
        waits_for_slot=sum(1 for sensor in sensors if sensor.waits_for_slot),
        is_clock_right=is_clock_right,
    )
