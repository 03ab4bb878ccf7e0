"""A gateway without radios: a class's worth of readings each second, through the real outbox and its sender."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final, cast

from simulators.cast import cast_people, draw_people, plan_class
from simulators.kit import plan_kit
from vitals.bus import Bus
from vitals.clock import open_clock
from vitals.database import open_database, open_reader, writing
from vitals.errors import SetupError, SetupReason
from vitals.heartbeat import Heartbeat
from vitals.outbox import OUTBOX_SCHEMA, OutboxStore
from vitals.outbox_sender import OutboxSender
from vitals.parts import Part
from vitals.readings import HeartRateReading, OximeterReading, Quality, Reading, ReadingKind
from vitals.runs import new_run_id
from vitals.sensors import GatewayId, SensorId
from vitals.settings import Settings
from vitals.site_key import open_site_key
from vitals.topics import ReadingTopic
from vitals.units import MonotonicMs
from vitals.wire import encode

COMMIT_S: Final = 0.1
"""As the gateway."""
_LOOK_S: Final = 0.05
_FILL_ROWS: Final = 5_000


class OutboxSource:
    """Speaks for the sensors of a class; ``said`` counts its readings."""

    def __init__(self, settings: Settings, *, gateway: str, participants: int) -> None:
        """Open an outbox of its own in the data folder."""
        self._settings = settings
        self._gateway = gateway
        kit = plan_kit(settings.simulators.model_copy(update={"participants": participants}))
        self._people = cast_people(draw_people(people=participants, seed=settings.simulators.seed), kit)
        self.clock = open_clock(rate=settings.clock_rate, mode=settings.mode, anchor=settings.clock_anchor)
        self.offset_ms: Final = self.clock.utc_ms() - self.clock.mono_ms()
        """UTC - monotonic."""
        self._run = new_run_id()
        self._path = settings.data / f"outbox-{gateway}.db"
        self._connection = open_database(self._path, migrations=[OUTBOX_SCHEMA])
        self._reader = open_reader(self._path)
        self._outbox = OutboxStore(
            self._connection,
            source=gateway,
            run=self._run,
            bytes_max=settings.gateway.outbox_mb_max * 1_048_576,
            age_ms_max=round(settings.gateway.outbox_days_max * 86_400_000),
            clock=self.clock,
            sends_before_commit=True,
            reader=self._reader,
        )
        self._streams = tuple(self._name_streams())
        self._sender: OutboxSender | None = None
        self._speaks = True
        self.said = 0

    def close(self) -> None:
        """Close the outbox."""
        self._reader.close()
        self._connection.close()

    def class_body(self) -> dict[str, object]:
        """Return the class of these sensors, for ``POST /api/v1/sessions``."""
        return plan_class(
            self._people,
            name="Outage",
            mode=self._settings.mode,
            room=self._settings.dashboard.room,
            gateway=GatewayId(self._gateway),
            site_key=open_site_key(self._settings.site_key_file),
        )

    def fill(self, *, minutes: float) -> int:
        """Put into the outbox what the sensors have said in the last minutes; return how many readings.

        Raises:
            SetupError: the machine's monotonic clock is not that old.
        """
        seconds = round(minutes * 60)
        begin_ms = self.clock.mono_ms() - seconds * 1000
        if begin_ms < 0:
            raise SetupError(f"this machine runs for less than {minutes:g} minutes", SetupReason.SETTINGS)
        for second in range(seconds):
            for place, (sensor, kind) in enumerate(self._streams):
                self._say(sensor, kind, begin_ms + second * 1000 + place * 1000 // len(self._streams))
            if self.said % _FILL_ROWS < len(self._streams):
                self._commit()
        self._commit()
        return self.said

    @property
    def unconfirmed(self) -> int:
        """How many readings the record has not confirmed."""
        return self._outbox.unconfirmed

    @property
    def is_caught_up(self) -> bool:
        """Whether only the readings of the last seconds wait."""
        return self._outbox.unconfirmed <= 3 * len(self._streams)

    @property
    def is_heard(self) -> bool:
        """Whether the record has confirmed something."""
        return self._sender is not None and self._sender.counters["confirmed"] > 0

    def fall_silent(self) -> None:
        """Say nothing more; what is said is still sent."""
        self._speaks = False

    async def wait(self, is_so: Callable[[], bool], *, limit_s: float) -> bool:
        """Return whether something became so within ``limit_s``."""
        loop = asyncio.get_running_loop()
        ends_s = loop.time() + limit_s
        while not is_so():
            if loop.time() > ends_s:
                return False
            await asyncio.sleep(_LOOK_S)
        return True

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Send, and speak each second, until the end of the block."""
        heartbeat = Heartbeat(
            part=Part.GATEWAY,
            instance=self._gateway,
            run=self._run,
            site=self._settings.site,
            mode=self._settings.mode,
            clock=self.clock,
        )

        def fill_status() -> None:
            heartbeat.extents = self._outbox.extents()

        heartbeat.before_beat(fill_status)
        bus = Bus(
            url=self._settings.broker,
            client_id=f"gateway-{self._gateway}-{self._run}",
            clock=self.clock,
            will=heartbeat.will(),
        )
        self._sender = OutboxSender(
            store=self._outbox, bus=bus, site=self._settings.site, source=self._gateway, clock=self.clock
        )
        async with bus, asyncio.TaskGroup() as tasks:
            running = [
                tasks.create_task(heartbeat.run(bus), name="bench[source].heartbeat"),
                tasks.create_task(self._sender.run(), name="bench[source].sender"),
                tasks.create_task(self._speak(), name="bench[source].speak"),
                tasks.create_task(self._keep(), name="bench[source].commit"),
            ]
            try:
                yield
            finally:
                for task in running:
                    task.cancel()

    async def _speak(self) -> None:
        """Say one reading of each stream a second, evenly spread."""
        loop = asyncio.get_running_loop()
        begun_s, turn = loop.time(), 0
        while self._speaks:
            sensor, kind = self._streams[turn % len(self._streams)]
            self._say(sensor, kind, self.clock.mono_ms())
            turn += 1
            await asyncio.sleep(begun_s + turn / len(self._streams) - loop.time())

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(COMMIT_S)
            if self._outbox.needs_write:
                self._commit()

    def _commit(self) -> None:
        with writing(self._connection, self._path):
            self._outbox.write()
        self._outbox.committed()

    def _say(self, sensor: SensorId, kind: ReadingKind, mono_ms: int) -> None:
        seq = self._outbox.reserve(sensor, kind)
        self.said += 1
        self._outbox.put(
            topic=str(ReadingTopic(site=self._settings.site, gateway=self._gateway, sensor=sensor, kind=kind)),
            subject=sensor,
            kind=kind,
            seq=seq,
            body=encode(self._reading(sensor, kind, seq, MonotonicMs(mono_ms))),
            mono_ms=mono_ms,
        )

    def _reading(self, sensor: SensorId, kind: ReadingKind, seq: int, mono_ms: MonotonicMs) -> Reading:
        if kind is ReadingKind.HR:
            return HeartRateReading(
                run=self._run,
                sensor=sensor,
                seq=seq,
                mono_ms=mono_ms,
                quality=Quality.GOOD,
                hr_bpm=90 + seq % 5,
                rr_ms=(620.0, 632.8125),
                contact=True,
                device="Polar H10",
                raw_hex="165a7b027b02",
            )
        return OximeterReading(
            run=self._run,
            sensor=sensor,
            seq=seq,
            mono_ms=mono_ms,
            quality=Quality.GOOD,
            spo2_pct=97.0,
            pulse_bpm=90.0,
            device="Nonin 3230",
            raw_hex="0061005a00",
        )

    def _name_streams(self) -> "list[tuple[SensorId, ReadingKind]]":
        body = self.class_body()
        people = cast("list[dict[str, Any]]", body["participants"])
        straps = [(SensorId(one["strap"]), ReadingKind.HR) for one in people if "strap" in one]
        oximeters = [(SensorId(one["oximeter"]), ReadingKind.OXIMETER) for one in people if "oximeter" in one]
        return [*straps, *oximeters]
