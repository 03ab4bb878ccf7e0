"""The sessions of a gateway's assigned sensors: begun when a sensor is assigned, ended when it is taken away."""

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from gateway.life import Limits
from gateway.nearby import Heard
from gateway.numbering import Numbering
from gateway.pool import RadioPool
from gateway.session import Session
from vitals.clock import Clock
from vitals.sensors import SensorId, SensorKind, SensorStatus

logger: Final = logging.getLogger(__name__)

TICK_S: Final = 0.5
"""How often silence is measured; a tenth of the shortest limit."""


class Sessions:
    """All assigned sensors, each in a task of its own."""

    def __init__(
        self,
        *,
        gateway: str,
        clock: Clock,
        limits: Limits,
        numbering: Numbering,
        on_change: Callable[[], None],
    ) -> None:
        """Begin without assignments; `bind` must follow before `run`.

        Args:
            gateway: its id, for the names of tasks.
            clock: of the gateway.
            limits: how long silence may last.
            numbering: where notifications go.
            on_change: called when a sensor has come to another state.
        """
        self._gateway = gateway
        self._clock = clock
        self._limits = limits
        self._numbering = numbering
        self._on_change = on_change
        self._wanted: dict[SensorId, SensorKind] = {}
        self._open: dict[SensorId, Session] = {}
        self._tasks: dict[SensorId, asyncio.Task[None]] = {}
        self._group: asyncio.TaskGroup | None = None
        self._pool: RadioPool | None = None

    def bind(self, pool: RadioPool) -> None:
        """Take the radios; they in turn tell us what they hear."""
        self._pool = pool

    def kind_of(self, sensor: SensorId) -> SensorKind | None:
        """Return as what a sensor is assigned, or None."""
        return self._wanted.get(sensor)

    def assign(self, wanted: Mapping[SensorId, SensorKind]) -> None:
        """Make these sensors the assigned ones: new ones begin, the others end at once and beside each other."""
        for sensor in [sensor for sensor, kind in self._wanted.items() if wanted.get(sensor) is not kind]:
            self._end(sensor)
        self._wanted = dict(wanted)
        for sensor, kind in self._wanted.items():
            if sensor not in self._open:
                self._begin(sensor, kind)
        self._on_change()

    def hear(self, sensor: SensorId, manufacturer_data: Mapping[int, bytes]) -> None:
        """Tell a session that its sensor calls, and what its maker has it say."""
        session = self._open.get(sensor)
        if session is not None:
            session.hear_advertisement(manufacturer_data)

    def status(self) -> tuple[SensorStatus, ...]:
        """Return what the heartbeat says of the sensors."""
        return tuple(session.status() for session in self._open.values())

    def heard(self) -> Iterator[Heard]:
        """Return the connected sensors as signs of life, for `nearby_of`: they do not advertise any more."""
        for session in self._open.values():
            rssi_dbm = self._pool.receptions.rssi_dbm(session.sensor) if self._pool is not None else None
            heard_ms = session.life.heard_ms
            if rssi_dbm is not None and heard_ms is not None:
                yield Heard(
                    sensor=session.sensor, kind=session.kind, rssi_dbm=rssi_dbm, heard_ms=heard_ms, is_linked=True
                )

    @property
    def waiting_for_slot(self) -> int:
        """How many sensors are in range and find no radio with a free slot."""
        return sum(session.waits_for_slot for session in self._open.values())

    async def run(self) -> None:
        """Live until cancelled; then all sensors are taken leave of at once."""
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                for sensor, kind in self._wanted.items():
                    self._begin(sensor, kind)
                await self._tick()
        finally:
            self._group = None
            self._open.clear()
            self._tasks.clear()

    async def _tick(self) -> None:
        # After a sleep of ours the loop hears what has come meanwhile before it comes to this timer.
        while True:
            await self._clock.sleep(TICK_S)
            for session in list(self._open.values()):
                session.tick()

    def _begin(self, sensor: SensorId, kind: SensorKind) -> None:
        if self._group is None or self._pool is None:
            return
        session = Session(
            sensor=sensor,
            kind=kind,
            clock=self._clock,
            limits=self._limits,
            pool=self._pool,
            numbering=self._numbering,
            on_change=self._on_change,
        )
        self._open[sensor] = session
        self._tasks[sensor] = self._group.create_task(session.run(), name=f"gateway[{self._gateway}].sensor[{sensor}]")
        logger.info(f"sensor assigned sensor={sensor} kind={kind}")

    def _end(self, sensor: SensorId) -> None:
        self._open.pop(sensor, None)
        task = self._tasks.pop(sensor, None)
        if self._pool is not None:
            self._pool.let_go(sensor)
        if task is not None:
            task.cancel()
            logger.info(f"sensor taken away sensor={sensor}")
