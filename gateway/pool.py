"""The pool of a gateway's radios: what they hear goes in, the best radio for a sensor comes out."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from bleak.backends.device import BLEDevice

from gateway.drivers.base import Driver, Introduction
from gateway.drivers.registry import driver_of, match_driver
from gateway.keeper import RadioKeeper
from gateway.known import KnownSensors
from gateway.radio.advertisement import Advertisement
from gateway.radio.spec import RadioSpec
from gateway.reception import Candidate, Reception, Receptions, choose_radio
from vitals.clock import Clock
from vitals.sensors import SensorId, SensorKind
from vitals.units import MonotonicMs


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
        on_heard: Callable[[SensorId], None],
        on_change: Callable[[], None],
    ) -> None:
        """Keep radios; `RadioKeeper.run` of each brings them up.

        Args:
            specs: the radios of the settings.
            clock: of the gateway.
            known: makes ids of addresses.
            assigned: sensor -> its kind, if it is assigned to this gateway.
            on_heard: called for each advertisement of a sensor, assigned or not.
            on_change: called when a radio has come up or gone down.
        """
        self.receptions: Receptions[Contact] = Receptions()
        self._clock = clock
        self._known = known
        self._assigned = assigned
        self._on_heard = on_heard
        self._on_change = on_change
        self.keepers = tuple(
            RadioKeeper(spec, clock=clock, on_advertisement=self.hear, on_change=self._hear_change) for spec in specs
        )
        self._by_name = {keeper.name: keeper for keeper in self.keepers}

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
        )
        self._known.meet(heard.address, driver.sensor_kind, utc_ms=self._clock.utc_ms())
        self._on_heard(sensor)

    def place_for(self, sensor: SensorId, *, now_ms: MonotonicMs, fresh_ms: int) -> Place | None:
        """Return the radio that hears a sensor best and has a free slot, or None."""
        receptions = {one.radio: one for one in self.receptions.of(sensor)}
        radio = choose_radio(
            (self._candidate(one, now_ms - one.seen_ms) for one in receptions.values()), fresh_ms=fresh_ms
        )
        if radio is None:
            return None
        return Place(self._by_name[radio], *receptions[radio].device)

    def place_at(self, keeper: RadioKeeper, sensor: SensorId) -> Place | None:
        """Return a radio as the place for a sensor, if it still hears it at all."""
        return next(
            (Place(keeper, *one.device) for one in self.receptions.of(sensor) if one.radio == keeper.name), None
        )

    def _candidate(self, one: Reception[Contact], age_ms: int) -> Candidate:
        keeper = self._by_name[one.radio]
        return Candidate(
            radio=one.radio, rssi_dbm=one.rssi_dbm, age_ms=age_ms, has_slot=keeper.has_slot, room=keeper.room
        )

    def _hear_change(self, keeper: RadioKeeper) -> None:
        # The devices of a radio are of no use after it went down, not even when it comes up again.
        self.receptions.forget_radio(keeper.name)
        self._on_change()
