"""Known sensors: the ids of the addresses that a gateway hears, and which it has met before, kept on disk.

An address stays in this file of this box; what leaves it is the id. The table is for support (which of the straps in
the drawer is ``s-...``?) and for pairing by hand; the id itself needs no table, it is computed from the site's key.
"""

from collections.abc import Callable
from typing import Final

import apsw

from vitals.sensors import SensorId, SensorKind, mint_sensor_id
from vitals.units import UtcMs

KNOWN_MAX: Final = 4096
"""Sensors on disk; beyond it those that were not met for longest are forgotten. A large clinic owns some hundred."""

ADDRESSES_MAX: Final = 8192
"""Addresses whose id is kept in memory. Phones change theirs every 15 minutes, so a busy gym makes some hundred new
ones an hour; beyond it all are forgotten and computed again (2 us each)."""

LAST_MAX: Final = 256
"""More than one gateway can hold links with."""

MEET_MS: Final = 86_400_000
"""A meeting is written again after a day: ``last_utc_ms`` says in which week a strap was last there."""

SCHEMA: Final = """
CREATE TABLE known_sensor (
    sensor       TEXT PRIMARY KEY,
    address      TEXT NOT NULL,
    kind         TEXT NOT NULL,
    first_utc_ms INTEGER NOT NULL,
    last_utc_ms  INTEGER NOT NULL
) WITHOUT ROWID;
"""


class KnownSensors:
    """Addresses <-> ids. Owns its table; the owner of the connection begins and commits transactions.

    Use: `meet` as often as needed; `prepare`, carry out what it gives in a transaction (any thread), and `committed`.
    """

    def __init__(self, connection: apsw.Connection, *, site_key: bytes) -> None:
        """Read who was met before."""
        self._connection = connection
        self._site_key = site_key
        self._ids: dict[str, SensorId] = {}
        self._met: dict[SensorId, UtcMs] = {}
        self._new: dict[SensorId, tuple[str, SensorKind, UtcMs]] = {}
        self._saving: dict[SensorId, tuple[str, SensorKind, UtcMs]] = {}
        for sensor, last_utc_ms in connection.execute("SELECT sensor, last_utc_ms FROM known_sensor"):
            self._met[SensorId(str(sensor))] = UtcMs(int(str(last_utc_ms)))

    def __len__(self) -> int:
        """Return how many were ever met."""
        return len(self._met)

    def id_of(self, address: str) -> SensorId:
        """Return the sensor id of an address as the radio gives it."""
        found = self._ids.get(address)
        if found is None:
            if len(self._ids) >= ADDRESSES_MAX:
                self._ids.clear()
            found = self._ids[address] = mint_sensor_id(self._site_key, address)
        return found

    def last_addresses(self) -> tuple[str, ...]:
        """Return the addresses of those on disk that were met last, at most `LAST_MAX`."""
        rows = self._connection.execute(
            "SELECT address FROM known_sensor ORDER BY last_utc_ms DESC, sensor LIMIT ?", (LAST_MAX,)
        )
        return tuple(str(row[0]) for row in rows)

    def meet(self, address: str, kind: SensorKind, *, utc_ms: UtcMs) -> None:
        """Take note of a sensor in range; what must be written waits for `prepare`."""
        sensor = self.id_of(address)
        met = self._met.get(sensor)
        if met is not None and abs(utc_ms - met) < MEET_MS:
            return
        self._met[sensor] = utc_ms
        self._new[sensor] = (address, kind, utc_ms)

    def prepare(self) -> Callable[[], None]:
        """Return what writes all that is new; it changes nothing here."""
        self._saving = dict(self._new)
        surplus: tuple[SensorId, ...] = ()
        if self._new and len(self._met) > KNOWN_MAX:
            surplus = tuple(sorted(self._met, key=self._met.__getitem__)[: len(self._met) - KNOWN_MAX])
        for sensor in surplus:
            del self._met[sensor]
        rows = tuple(self._saving.items())
        return lambda: self._carry_out(rows, surplus)

    def committed(self) -> None:
        """Hear that what was prepared is on disk."""
        for sensor, row in self._saving.items():
            if self._new.get(sensor) == row:
                del self._new[sensor]
        self._saving = {}

    @property
    def has_news(self) -> bool:
        """Whether there is something to write."""
        return bool(self._new)

    def _carry_out(
        self, rows: tuple[tuple[SensorId, tuple[str, SensorKind, UtcMs]], ...], surplus: tuple[SensorId, ...]
    ) -> None:
        for sensor, (address, kind, utc_ms) in rows:
            self._connection.execute(
                "INSERT INTO known_sensor VALUES (?1, ?2, ?3, ?4, ?4)"
                " ON CONFLICT (sensor) DO UPDATE SET kind = excluded.kind, last_utc_ms = excluded.last_utc_ms",
                (sensor, address.upper(), kind.value, utc_ms),
            )
        for sensor in surplus:
            self._connection.execute("DELETE FROM known_sensor WHERE sensor = ?", (sensor,))
