"""The pool of a gateway's radios: what they hear goes in, the best radio for a sensor comes out."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from bleak import BleakClient
from bleak.backends.device import BLEDevice

from gateway.choice import Candidate, Why, choose_radio
from gateway.codecs.polar_advertising import POLAR_COMPANY, decode_polar_advertising
from gateway.codecs.undecodable import Undecodable
from gateway.drivers.base import Driver, Introduction
from gateway.drivers.registry import driver_of, match_driver
from gateway.keeper import RadioKeeper
from gateway.known import KnownSensors
from gateway.nearby import Told
from gateway.radio.advertisement import Advertisement
from gateway.radio.capture import CaptureFile
from gateway.radio.spec import RadioSpec
from gateway.reception import Reception, Receptions
from vitals.clock import Clock
from vitals.errors import PeerError, PeerReason
from vitals.sensors import SensorId, SensorKind
from vitals.units import MonotonicMs

HOMES_MAX: Final = 1024
"""Sensors whose last radio is remembered; beyond it the longest ago is forgotten."""


class Contact(NamedTuple):
    """What a radio needs to connect a sensor, and who can read it."""

    device: BLEDevice
    driver: Driver


class Place(NamedTuple):
    """Where a sensor can be connected now."""

    keeper: RadioKeeper
    device: BLEDevice
    driver: Driver


class RadioPool:
    """All radios of a gateway."""

    def __init__(
        self,
        specs: Sequence[RadioSpec],
        *,
        clock: Clock,
        known: KnownSensors,
        assigned: Callable[[SensorId], SensorKind | None],
        on_heard: Callable[[SensorId, Mapping[int, bytes]], None],
        on_change: Callable[[], None],
        captures: Sequence[CaptureFile | None] = (),
    ) -> None:
        """Keep radios; `RadioKeeper.run` of each brings them up.

        Args:
            specs: the radios of the settings.
            clock: of the gateway.
            known: makes ids of addresses.
            assigned: sensor -> its kind, if it is assigned to this gateway.
            on_heard: called for each advertisement of a sensor, assigned or not, with its manufacturer data.
            on_change: called when a radio has come up or gone down.
            captures: of the captures, one a radio; none: nothing is captured.
        """
        self.receptions: Receptions[Contact] = Receptions()
        self._clock = clock
        self._known = known
        self._assigned = assigned
        self._on_heard = on_heard
        self._on_change = on_change
        self.keepers = tuple(
            RadioKeeper(spec, clock=clock, on_advertisement=self.hear, on_change=self._hear_change, capture=capture)
            for spec, capture in zip(specs, captures or [None] * len(specs), strict=True)
        )
        self._by_name = {keeper.name: keeper for keeper in self.keepers}
        self._homes: dict[SensorId, str] = {}
        self._failures: Counter[tuple[SensorId, str]] = Counter()
        self._lacking: set[SensorId] = set()

    def hear(self, heard: Advertisement) -> None:
        """Take in one advertisement; those of anything but our sensors are let go."""
        sensor = self._known.id_of(heard.address)
        kind = self._assigned(sensor)
        introduction = Introduction(
            services=heard.service_uuids, name=heard.name or "", manufacturer_data=heard.manufacturer_data
        )
        driver = match_driver(introduction, sensor_kind=kind)
        if driver is None:
            # Some sensors name their service in every other advertisement only; one of ours is known by its id.
            if kind is None:
                return
            driver = driver_of(kind)
        self.receptions.note(
            sensor,
            radio=heard.radio,
            kind=driver.sensor_kind,
            device=Contact(heard.device, driver),
            rssi_dbm=heard.rssi_dbm,
            now_ms=heard.heard_ms,
            home=self._homes.get(sensor),
            told=_told_by(heard.manufacturer_data),
        )
        self._known.meet(heard.address, driver.sensor_kind, utc_ms=self._clock.utc_ms())
        self._on_heard(sensor, heard.manufacturer_data)

    def place_for(self, sensor: SensorId, *, now_ms: MonotonicMs, fresh_ms: int) -> Place | None:
        """Return where a sensor is to be connected now, or None; `lacks_slot` says whether that is for want of one."""
        receptions = {one.radio: one for one in self.receptions.of(sensor)}
        calls_since_ms = self.receptions.calls_since_ms(sensor)
        choice = choose_radio(
            [
                self._candidate(keeper, sensor, receptions.get(keeper.name), now_ms)
                for keeper in self.keepers
                if keeper.is_up
            ],
            home=self._homes.get(sensor),
            calls_ms=0 if calls_since_ms is None else now_ms - calls_since_ms,
            fresh_ms=fresh_ms,
        )
        if choice.why is Why.OUT_OF_SLOTS:
            self._lacking.add(sensor)
        else:
            self._lacking.discard(sensor)
        return None if choice.radio is None else Place(self._by_name[choice.radio], *receptions[choice.radio].device)

    def lacks_slot(self, sensor: SensorId) -> bool:
        """Return whether the last `place_for` found no radio with a free slot among those that hear a sensor."""
        return sensor in self._lacking

    def place_at(self, keeper: RadioKeeper, sensor: SensorId) -> Place | None:
        """Return a radio as the place for a sensor, if it still hears it at all."""
        return next(
            (Place(keeper, *one.device) for one in self.receptions.of(sensor) if one.radio == keeper.name), None
        )

    async def connect(
        self, sensor: SensorId, place: Place, *, on_lost: Callable[[], None], timeout_s: float
    ) -> BleakClient:
        """Return a fresh client of a sensor, connected, and keep in mind how it went; see `RadioKeeper.connect`."""
        radio = place.keeper.name
        try:
            client = await place.keeper.connect(place.device, on_lost=on_lost, timeout_s=timeout_s)
        except PeerError as error:
            if error.reason is not PeerReason.OUT_OF_SLOTS:
                self._failures[sensor, radio] += 1
            raise
        self._homes.pop(sensor, None)
        self._homes[sensor] = radio
        if len(self._homes) > HOMES_MAX:
            del self._homes[next(iter(self._homes))]
        for keeper in self.keepers:
            self._failures.pop((sensor, keeper.name), None)
        return client

    def let_go(self, sensor: SensorId) -> None:
        """Forget what was kept of a sensor that is not ours any more."""
        self._lacking.discard(sensor)
        for keeper in self.keepers:
            self._failures.pop((sensor, keeper.name), None)

    def _candidate(
        self, keeper: RadioKeeper, sensor: SensorId, heard: Reception[Contact] | None, now_ms: MonotonicMs
    ) -> Candidate:
        leads_since_ms = None if heard is None else heard.leads_since_ms
        return Candidate(
            radio=keeper.name,
            rssi_dbm=None if heard is None else heard.rssi_dbm,
            age_ms=None if heard is None else now_ms - heard.seen_ms,
            has_slot=keeper.has_slot,
            room=keeper.room,
            failures=self._failures.get((sensor, keeper.name), 0),
            leads_ms=0 if leads_since_ms is None else now_ms - leads_since_ms,
        )

    def _hear_change(self, keeper: RadioKeeper) -> None:
        # The devices of a radio are of no use after it went down, not even when it comes up again; and what it had
        # belongs to the others now, until their links end by themselves.
        self.receptions.forget_radio(keeper.name)
        self._homes = {sensor: radio for sensor, radio in self._homes.items() if radio != keeper.name}
        self._on_change()


def _told_by(manufacturer_data: Mapping[int, bytes]) -> Told:
    """Return what a sensor says of itself in its advertisement; Polar's straps do."""
    raw = manufacturer_data.get(POLAR_COMPANY)
    frame = None if raw is None else decode_polar_advertising(raw)
    if frame is None or isinstance(frame, Undecodable):
        return Told()
    return Told(battery_low=frame.is_battery_low, contact=frame.contact)
