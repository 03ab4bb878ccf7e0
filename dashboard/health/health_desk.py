"""Looks at everything that can be wrong and says it in one report: for `GET /api/v1/health` and the page /health."""

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from msgspec import Struct

from dashboard.access.reception import Reception
from dashboard.frames import PartView, ScreenView
from dashboard.health.preflight import Preflight, check_before_class
from dashboard.health.signs import Signs
from dashboard.health.verdict import (
    BACKUP_MS_MAX,
    COMMIT_MS_MAX,
    DISK_BYTES_MIN,
    LATENCY_MS_MAX,
    Finding,
    Found,
    Verdict,
    in_order,
    judge,
)
from dashboard.push.way_desk import WayDesk
from dashboard.ticker import Ticker
from dashboard.view.parts import Moment, WatchedPart
from dashboard.view.picture import Picture, Stage, draw
from dashboard.view.room import Room
from vitals.parts import Part
from vitals.sensors import GatewayId, SensorState
from vitals.units import UtcMs

logger: Final = logging.getLogger(__name__)

_LOSSES: Final = {
    Part.BROKER: Finding.BROKER,
    Part.ANALYSIS: Finding.ANALYSIS,
    Part.INGEST: Finding.RECORD,
    Part.ALERTS: Finding.ALERTS,
    Part.GATEWAY: Finding.GATEWAY,
}


class Disk(Struct, frozen=True, kw_only=True):
    """The disk of the data folder, and when the newest backup was whole; None: unknown."""

    free_bytes: int | None = None
    total_bytes: int | None = None
    backup_utc_ms: int | None = None


class Report(Struct, frozen=True, kw_only=True):
    """Everything; times on this server's clock are in ``now``."""

    now: Moment
    verdict: Verdict
    found: tuple[Found, ...]
    parts: tuple[PartView, ...]
    screens: tuple[ScreenView, ...]
    preflight: Preflight
    disk: Disk
    is_alarm_path_lost: bool
    has_session: bool


class HealthDesk:
    """Makes reports."""

    def __init__(
        self,
        *,
        room: Room,
        stage: Stage,
        ticker: Ticker,
        signs: Signs,
        ways: WayDesk,
        reception: Reception,
        folder: Path,
        backup_mark: Path,
    ) -> None:
        """Keep what to look at; ``folder``: of all data; ``backup_mark``: as old as the newest backup."""
        self._room: Final = room
        self._stage: Final = stage
        self._ticker: Final = ticker
        self.signs: Final = signs
        self._ways: Final = ways
        self._reception: Final = reception
        self._folder: Final = folder
        self._backup_mark: Final = backup_mark

    def look(self) -> None:
        """Count what the parts say; called each second."""
        self.signs.look(self._ticker.now().ms)

    def read_disk(self) -> Disk:
        """Return what the disk says; it may take its time, so not in the loop."""
        try:
            usage = shutil.disk_usage(self._folder)
        except OSError as error:
            logger.info(f"disk cannot be looked at {error.strerror}")
            return Disk()
        return Disk(free_bytes=usage.free, total_bytes=usage.total, backup_utc_ms=_age_mark(self._backup_mark))

    def report(self, disk: Disk) -> Report:
        """Return how everything is now."""
        now = self._ticker.now()
        self._room.parts.look(now)
        picture = draw(self._room, self._stage, now=now)
        preflight = check_before_class(
            screens=picture.screens,
            duty=picture.duty,
            ways=self._ways.ways(),
            pages=self._room.phones.heard(),
            tested=self._reception.known.answers.tested(),
            now_utc_ms=now.utc_ms,
        )
        found = in_order(self._find(picture, preflight, disk, now=now))
        return Report(
            now=now,
            verdict=judge(found, has_gateway=any(True for _ in self.gateways(only_up=True))),
            found=found,
            parts=picture.parts,
            screens=picture.screens,
            preflight=preflight,
            disk=disk,
            is_alarm_path_lost=self._room.is_alarm_path_lost(now.ms),
            has_session=picture.session is not None,
        )

    def gateways(self, *, only_up: bool = False) -> Iterator[tuple[GatewayId, WatchedPart]]:
        """Give the gateways of this room that were heard alive, or those that are."""
        for (part, instance), known in self._room.parts.parts.items():
            if part is Part.GATEWAY and known.is_met and (known.state == "up" or not only_up):
                yield GatewayId(instance), known

    def _find(self, picture: Picture, preflight: Preflight, disk: Disk, *, now: Moment) -> Iterator[Found]:
        for part in picture.parts:
            yield from _find_part(part)
        yield from self._find_radios()
        yield from self._find_data(disk, now=now)
        for gateway, is_right in self.signs.is_clock_right.items():
            if is_right is False:
                yield Found(what=Finding.CLOCK, of=gateway)
        if self._reception.clerk.problem:
            yield Found(what=Finding.AUDIT, text=self._reception.clerk.problem)
        yield from _find_before_class(preflight)

    def _find_radios(self) -> Iterator[Found]:
        for gateway, known in self.gateways(only_up=True):
            for radio in known.watched.status.radios:
                if not radio.up:
                    yield Found(what=Finding.RADIO, of=gateway, text=radio.why_down)
            waiting = sum(1 for sensor in known.sensors.values() if sensor.waits_for_slot)
            if waiting:
                yield Found(what=Finding.SLOTS, of=gateway, text=str(waiting))

    def _find_data(self, disk: Disk, *, now: Moment) -> Iterator[Found]:
        is_streaming = any(
            sensor.state is SensorState.STREAMING
            for _, known in self.gateways(only_up=True)
            for sensor in known.sensors.values()
        )
        commit_ms = self.signs.commit_ms
        if is_streaming and commit_ms is not None and now.ms - commit_ms > COMMIT_MS_MAX:
            yield Found(what=Finding.COMMIT)
        _, p99_ms = self.signs.latencies()
        if p99_ms is not None and p99_ms > LATENCY_MS_MAX:
            yield Found(what=Finding.LATENCY, text=str(p99_ms))
        if disk.free_bytes is not None and disk.free_bytes < DISK_BYTES_MIN:
            yield Found(what=Finding.DISK, text=str(disk.free_bytes))
        if self._room.is_alarm_path_lost(now.ms):
            yield Found(what=Finding.ALARM_PATH)
        if disk.backup_utc_ms is not None and now.utc_ms - disk.backup_utc_ms > BACKUP_MS_MAX:
            yield Found(what=Finding.BACKUP)


def _find_part(part: PartView) -> Iterator[Found]:
    known = _LOSSES.get(Part(part.part))
    if part.is_loss and known is not None:
        yield Found(what=known, of=part.instance, text=part.text)
    elif part.state == "missing" and known is not None and part.part != Part.ALERTS:
        yield Found(what=known, of=part.instance)
    for problem in part.problems if part.state == "up" else ():
        yield Found(what=Finding.PROBLEM, of=f"{part.part}/{part.instance}", text=problem)


def _find_before_class(preflight: Preflight) -> Iterator[Found]:
    if not preflight.walls:
        yield Found(what=Finding.NO_WALL)
    for wall in preflight.walls:
        if wall.sound != "on":
            yield Found(what=Finding.SOUND, of=wall.name)
    if not preflight.is_anybody_reachable:
        yield Found(what=Finding.NO_PHONE)
        return
    for phone in preflight.phones:
        if phone.is_on_duty and not phone.is_reachable:
            yield Found(what=Finding.PHONE, of=phone.staff)


def _age_mark(file: Path) -> UtcMs | None:
    """Return when a file was written; None: it is not there."""
    try:
        return UtcMs(file.stat().st_mtime_ns // 1_000_000)
    except OSError:
        return None
