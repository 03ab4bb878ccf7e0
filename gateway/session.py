"""One assigned sensor: connected when it is heard, listened to, dropped when it is silent, connected again; for ever.

The decisions are `gateway.life`'s; here they meet a radio. A session ends only when its task is cancelled (the
assignment was taken away, or the gateway stops), and takes leave of the sensor then: a strap that is left without a
goodbye stays silent for some seconds, and some of them hang in the next discovery.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

from bleak import BleakClient
from msgspec.structs import replace

from gateway.broadcast import begin_broadcast, hear_frame
from gateway.codecs.polar_advertising import POLAR_COMPANY, decode_polar_advertising
from gateway.codecs.undecodable import Undecodable
from gateway.codecs.uuids import BATTERY_LEVEL
from gateway.drivers.base import EachNotification, Evidence, Value
from gateway.drivers.battery import read_battery
from gateway.drivers.polar_broadcast import hear_broadcast
from gateway.life import (
    LINKED,
    Advertised,
    AttemptBegun,
    AttemptFailed,
    Event,
    Limits,
    LinkLost,
    Notified,
    Order,
    Subscribed,
    Ticked,
    begin_life,
    plan_order,
    step,
)
from gateway.link import Link, driver_for
from gateway.numbering import Numbering
from gateway.pool import Place, RadioPool
from gateway.radio.faults import is_cancelled
from vitals.backoff import back_off
from vitals.clock import Clock
from vitals.deadline import deadline
from vitals.errors import PeerError, PeerReason
from vitals.readings import BatteryReading, Reading, ReadingKind, Reason, Source
from vitals.sensors import SensorId, SensorKind, SensorState, SensorStatus

logger: Final = logging.getLogger(__name__)

RETRY_MIN_S: Final = 0.5
"""Real BlueZ answers an attempt at once after a failed one with an error until the old link is gone."""
RETRY_FIRST_S: Final = 0.5
RETRY_CAP_S: Final = 8.0
STABLE_S: Final = 30.0
"""A link that held so long was a good one: the next pause is short again."""

ATTEMPT_S: Final = 10.0
ATTEMPT_REAL_S_MIN: Final = 3.0
"""Connecting, discovering and subscribing: 0.3 s on a quiet radio, some seconds on a poor one. An attempt blocks its
radio for the others, so it is bounded; whatever the clock's rate, radios and processors run in real time."""

SELDOM_DROP_MS: Final = 300_000
"""An instrument that speaks when a measurement is done is left alone for so long."""

NOT_OF_NOW: Final = frozenset({Reason.UNDECODABLE, Reason.NOT_LIVE})
"""What a sensor may say without being taken for one that streams."""

LEAVE_REAL_S: Final = 1.8
"""Taking leave, all sensors at once; BlueZ takes about two seconds, and the gateway stops within two."""


class Session:
    """One sensor's life: `run` it in a task, and tell it of advertisements and of time."""

    def __init__(
        self,
        *,
        sensor: SensorId,
        kind: SensorKind,
        clock: Clock,
        limits: Limits,
        pool: RadioPool,
        numbering: Numbering,
        on_change: Callable[[], None],
    ) -> None:
        """Begin the life of a sensor that was assigned.

        Args:
            sensor: its id.
            kind: what it was given out as.
            clock: of the gateway.
            limits: how long silence may last.
            pool: the radios, and what they heard.
            numbering: where notifications go.
            on_change: called when the sensor has come to another state.
        """
        self.sensor = sensor
        self.kind = kind
        self.battery_pct: int | None = None
        self.device = ""
        self.driver_name = ""
        self.radio = ""
        self.notifications = 0
        self.undecodable = 0
        self._began_ms = self._linked_ms = clock.mono_ms()
        self.life = begin_life(self._began_ms)
        self._clock = clock
        self._limits_given = limits
        self._limits = limits
        self._pool = pool
        self._numbering = numbering
        self._on_change = on_change
        self._link: Link | None = None
        self._battery = EachNotification(ReadingKind.BATTERY, read_battery)
        self._broadcast = begin_broadcast(self._began_ms)
        self._wake = asyncio.Event()
        self._link_is_up = False
        self._attempts = 0
        self._asks_more = True
        self._said = ""
        self._pauses = back_off(first_s=RETRY_FIRST_S, cap_s=RETRY_CAP_S, stable_s=STABLE_S, chance=random.random)
        next(self._pauses)

    @property
    def waits_for_slot(self) -> bool:
        """Whether it is in range, and every radio that hears it is full."""
        return self.life.state is SensorState.SEEN and self._pool.lacks_slot(self.sensor)

    def hear_advertisement(self, manufacturer_data: Mapping[int, bytes]) -> None:
        """Take note that the sensor calls, and of the heart rate that it may call out."""
        self._step(Advertised())
        if self.life.state in LINKED or self.kind is not SensorKind.STRAP or POLAR_COMPANY not in manufacturer_data:
            return
        frame = decode_polar_advertising(manufacturer_data[POLAR_COMPANY])
        if isinstance(frame, Undecodable):
            return
        self._broadcast, is_new = hear_frame(
            self._broadcast, frame.frame_counter, now_ms=self._clock.mono_ms(), lacks_slot=self.waits_for_slot
        )
        if is_new:
            self._numbering.take(
                self.sensor,
                partial(hear_broadcast, manufacturer_data),
                device=self.device,
                source=Source.BROADCAST,
                not_before_ms=self._began_ms,
            )

    def tick(self) -> None:
        """Let time count."""
        self._step(Ticked())

    def status(self) -> SensorStatus:
        """Return what the heartbeat says of this sensor."""
        return SensorStatus(
            sensor=self.sensor,
            kind=self.kind,
            state=self.life.state,
            since_mono_ms=self.life.since_ms,
            rssi_dbm=self._pool.receptions.rssi_dbm(self.sensor),
            battery_pct=self.battery_pct,
            reconnects=self.life.reconnects,
            gaps=self.life.gaps,
            device=self.device,
            driver=self.driver_name,
            radio=self.radio,
            waits_for_slot=self.waits_for_slot,
            is_broadcast=self.life.state not in LINKED and self._broadcast.is_live(self._clock.mono_ms()),
            notifications=self.notifications,
            undecodable=self.undecodable,
        )

    async def run(self) -> None:
        """Keep the sensor connected until cancelled; then take leave of it."""
        while True:
            await self._until(Order.CONNECT)
            place = self._place()
            if place is None:
                # Another sensor's link may end at any time, and another radio may come up.
                await self._clock.sleep(RETRY_MIN_S)
                continue
            await self._attempt(place)

    async def _attempt(self, place: Place) -> None:
        """Connect by one radio when it is free, and live with the link until it is lost."""
        async with place.keeper.turn():
            # Others may have had the radio for seconds; the sensor may be gone, or the radio full.
            now = self._pool.place_at(place.keeper, self.sensor)
            is_due = self._order() is Order.CONNECT and place.keeper.has_slot
            if now is None or not is_due:
                return
            self._step(AttemptBegun())
            self.radio = place.keeper.name
            link = await self._connect(now)
        if link is None:
            self.radio = ""
            return
        try:
            self._step(Subscribed())
            logger.info(
                f"sensor connected sensor={self.sensor} kind={self.kind} driver={self.driver_name} radio={self.radio}"
            )
            self._said = ""
            with place.keeper.in_use():
                await self._live_with(link)
        finally:
            await self._leave(link.client)
            self.radio = ""

    async def _live_with(self, link: Link) -> None:
        """Ask and listen until the link is lost or must be dropped."""
        async with asyncio.TaskGroup() as group:
            asking = group.create_task(link.ask(self._clock), name=f"sensor[{self.sensor}].ask")
            await self._learn(link)
            await self._until(Order.DROP)
            asking.cancel()
        if self._link_is_up:
            self._end_link(f"silent for more than {self._limits.drop_ms / 1000:g} s")

    def _place(self) -> Place | None:
        return self._pool.place_for(self.sensor, now_ms=self._clock.mono_ms(), fresh_ms=self._limits.fresh_ms)

    async def _connect(self, place: Place) -> Link | None:
        """Return a link that is connected and subscribed, or None when that came to nothing."""
        self._numbering.counters["attempts"] += 1
        client: BleakClient | None = None
        self._attempts += 1
        hear_loss = partial(self._hear_loss, self._attempts)
        attempt_s = max(ATTEMPT_REAL_S_MIN, self._clock.real_s(ATTEMPT_S))
        try:
            async with deadline(attempt_s):
                client = await self._pool.connect(self.sensor, place, on_lost=hear_loss, timeout_s=attempt_s)
                self._link_is_up = True
                link = self._open_link(client, place)
                await link.subscribe()
        except asyncio.CancelledError:
            await self._leave(client)
            raise
        except Exception as error:  # noqa: BLE001 - stacks raise anything (KeyError, EOFError, ...); the attempt ends
            await self._leave(client)
            self._fail(error)
            return None
        if is_cancelled():
            # asyncio.wait_for in Python 3.11, inside the stacks, can swallow a cancellation that meets an answer.
            await self._leave(client)
            raise asyncio.CancelledError
        if not self._link_is_up:
            self._fail(PeerError("link lost", PeerReason.LINK_LOST))
            return None
        self._numbering.counters["connects"] += 1
        return link

    def _open_link(self, client: BleakClient, place: Place) -> Link:
        driver = driver_for(client, sensor_kind=self.kind, hint=place.driver)
        if driver.evidence is Evidence.SINGLE_SOURCE and driver.name != self.driver_name:
            logger.warning(f"sensor of a make that nobody tried yet sensor={self.sensor} driver={driver.name}")
        self.driver_name = driver.name
        self.device = self.device or driver.device
        drop_ms = max(self._limits_given.drop_ms, SELDOM_DROP_MS if driver.speaks_seldom else 0)
        self._limits = replace(self._limits_given, drop_ms=drop_ms)
        self._linked_ms = self._clock.mono_ms()
        self._link = Link(client, driver, sensor=self.sensor, on_value=self._hear_value, on_battery=self._hear_battery)
        return self._link

    def _fail(self, error: Exception) -> None:
        # The texts of the stacks name addresses, and those do not belong into a log that is sent around.
        why = error.reason.value if isinstance(error, PeerError) else type(error).__name__
        if why != self._said:
            logger.info(f"sensor not connected sensor={self.sensor} why={why}")
        logger.debug(f"sensor attempt failed sensor={self.sensor} error={error!r}")
        self._said = why
        self._step(AttemptFailed(self._pause_ms()))

    async def _leave(self, client: BleakClient | None) -> None:
        """Disconnect, within a bound; the link is over for us whatever the radio answers."""
        self._link_is_up = False
        if client is None:
            return
        try:
            async with deadline(LEAVE_REAL_S):
                await client.disconnect()
        except Exception as error:  # noqa: BLE001 - as above; the radio frees the slot when the link is gone
            logger.debug(f"sensor disconnect failed sensor={self.sensor} error={error!r}")

    async def _learn(self, link: Link) -> None:
        """Learn what a sensor tells besides its measurements: what it is, where it sits, how full its battery is."""
        if not self._asks_more:
            return
        try:
            self.device = await link.learn_device() or self.device
            await link.learn_battery()
        except Exception as error:  # noqa: BLE001 - as above; the measurements are what we came for
            # A sensor that hangs on a question shall not be asked again: a late answer costs the link.
            self._asks_more = not (self._link_is_up or isinstance(error, TimeoutError))
            logger.debug(f"sensor tells no more sensor={self.sensor} why={error!r}")
        if is_cancelled():
            raise asyncio.CancelledError

    def _hear_value(self, link: Link, value: Value) -> None:
        if link is not self._link:
            # Radios deliver late; what an ended link still says is not of now.
            return
        self.notifications += 1
        readings = self._numbering.take(
            self.sensor,
            partial(link.hear, value),
            device=self.device,
            source=link.driver.source,
            not_before_ms=self._linked_ms,
        )
        mine = [one for one in readings if not isinstance(one, BatteryReading)]
        if mine:
            if self.life.state is SensorState.CONNECTING:
                # The first measurement may come before the answer to our subscription.
                self._step(Subscribed())
            self._step(Notified(is_live=any(one.reason not in NOT_OF_NOW for one in mine)))
        self._note(readings)

    def _hear_battery(self, raw: bytes) -> None:
        hear = partial(self._battery.hear, Value(BATTERY_LEVEL, raw))
        self._note(self._numbering.take(self.sensor, hear, device=self.device, not_before_ms=self._linked_ms))

    def _note(self, readings: Sequence[Reading]) -> None:
        for reading in readings:
            self.undecodable += reading.reason is Reason.UNDECODABLE
            if isinstance(reading, BatteryReading) and reading.battery_pct is not None:
                self.battery_pct = reading.battery_pct

    def _hear_loss(self, attempt: int) -> None:
        if attempt != self._attempts:
            # BlueZ takes longer to end a link than we wait for it; by then another radio may have the sensor.
            return
        if self._link_is_up and self.life.state in LINKED:
            self._end_link("link lost")
        # While subscribing it is the attempt that fails.
        self._link_is_up = False

    def _end_link(self, why: str) -> None:
        self._link_is_up = False
        self._numbering.counters["drops"] += 1
        logger.info(f"sensor lost sensor={self.sensor} why={why}")
        self._step(LinkLost(self._pause_ms()))

    def _pause_ms(self) -> int:
        linked_ms = self.life.linked_ms
        held_s = 0.0 if linked_ms is None else (self._clock.mono_ms() - linked_ms) / 1000
        return round(1000 * (RETRY_MIN_S + self._pauses.send(held_s)))

    def _order(self) -> Order:
        return plan_order(self.life, now_ms=self._clock.mono_ms(), limits=self._limits)

    def _step(self, event: Event) -> None:
        before = self.life
        now_ms = self._clock.mono_ms()
        self.life = step(before, event, now_ms=now_ms, limits=self._limits)
        if before.state in LINKED and self.life.state not in LINKED:
            self._broadcast = begin_broadcast(now_ms)
        if self.life.state is not before.state:
            self._on_change()
            self._wake.set()
        elif isinstance(event, Advertised | Ticked) and self._order() is not Order.NOTHING:
            self._wake.set()

    async def _until(self, order: Order) -> None:
        """Wait until the life orders this; a lost link ends the wait for a drop too."""
        while self._order() is not order:
            if order is Order.DROP and not self._link_is_up:
                return
            self._wake.clear()
            await self._wake.wait()
