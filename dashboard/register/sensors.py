"""Sensors that the clinic has: what is written on them, whose they are, and how full they were when last heard."""

from typing import Any, Final

from msgspec import Struct

from dashboard.register.shelf import Shelf
from vitals.errors import InputError, InputReason
from vitals.participants import ParticipantId
from vitals.sensors import SensorId, SensorKind
from vitals.units import UtcMs

SENSORS_MAX: Final = 5_000

_COLUMNS: Final = "id, kind, label, owner, battery_pct, battery_utc_ms, note, created_utc_ms"


class KnownSensor(Struct, frozen=True, kw_only=True):
    """A sensor of the register. ``owner`` None: of the pool; ``battery_pct`` as it told at ``battery_utc_ms``."""

    id: SensorId
    kind: SensorKind
    label: str
    owner: ParticipantId | None
    battery_pct: int | None
    battery_utc_ms: UtcMs | None
    note: str
    created_utc_ms: UtcMs


class Sensors:
    """The sensors of the register."""

    def __init__(self, shelf: Shelf) -> None:
        """Keep the file."""
        self._shelf: Final = shelf

    def all(self) -> tuple[KnownSensor, ...]:
        """Return the sensors, by label."""
        return self._read(f"SELECT {_COLUMNS} FROM sensor ORDER BY label COLLATE NOCASE, id")  # noqa: S608 - constant

    def find(self, sensor: SensorId) -> KnownSensor | None:
        """Return a sensor by id."""
        return next(iter(self._read(f"SELECT {_COLUMNS} FROM sensor WHERE id = ?", (sensor,))), None)  # noqa: S608

    def owned(self) -> dict[ParticipantId, dict[SensorKind, SensorId]]:
        """Return the own sensors of everybody who has one; of two of a kind the one that was given last."""
        found: dict[ParticipantId, dict[SensorKind, SensorId]] = {}
        for sensor in sorted(self.all(), key=lambda one: one.created_utc_ms):
            if sensor.owner is not None:
                found.setdefault(sensor.owner, {})[sensor.kind] = sensor.id
        return found

    def put(
        self,
        sensor: SensorId,
        *,
        kind: SensorKind,
        label: str,
        owner: ParticipantId | None,
        note: str,
        utc_ms: UtcMs,
    ) -> KnownSensor:
        """Add a sensor, or change what is known of it.

        Raises:
            InputError: it is of another kind, the owner is not known, or the register is full.
        """
        with self._shelf.change():
            before = self.find(sensor)
            if before is not None and before.kind is not kind:
                problem = f"{kind.value!r} - the sensor is known as {before.kind.value}"
                raise InputError("body.kind", problem, InputReason.CONFLICT)
            if before is None and self._shelf.rows("SELECT count(*) FROM sensor")[0][0] >= SENSORS_MAX:
                raise InputError("sensor", f"the register has {SENSORS_MAX} sensors: enough", InputReason.TOO_LARGE)
            if owner is not None and not self._shelf.rows(
                "SELECT 1 FROM person WHERE id = ? AND NOT is_archived", (owner,)
            ):
                raise InputError("body.owner", f"{owner[:80]!r} is not known", InputReason.UNKNOWN_NAME)
            self._shelf.run(
                "INSERT INTO sensor VALUES (?, ?, ?, ?, NULL, NULL, ?, ?)"
                " ON CONFLICT (id) DO UPDATE SET label = excluded.label, owner = excluded.owner, note = excluded.note",
                (sensor, kind.value, label, owner, note, utc_ms),
            )
            return self._require(sensor)

    def remove(self, sensor: SensorId) -> None:
        """Forget a sensor; what it told stays in the record.

        Raises:
            InputError: it is not known.
        """
        if not self._shelf.run("DELETE FROM sensor WHERE id = ?", (sensor,)):
            raise InputError("sensor", f"{sensor[:80]!r} is not known", InputReason.UNKNOWN_NAME)

    def hear_batteries(self, batteries: dict[SensorId, int], *, utc_ms: UtcMs) -> int:
        """Keep how full known sensors are now; return how many of them had told something else before."""
        with self._shelf.change():
            return sum(
                self._shelf.run(
                    "UPDATE sensor SET battery_pct = ?, battery_utc_ms = ? WHERE id = ? AND battery_pct IS NOT ?",
                    (pct, utc_ms, sensor, pct),
                )
                for sensor, pct in batteries.items()
            )

    def _require(self, sensor: SensorId) -> KnownSensor:
        found = self.find(sensor)
        if found is None:
            raise InputError("sensor", f"{sensor[:80]!r} is not known", InputReason.UNKNOWN_NAME)
        return found

    def _read(self, sql: str, bindings: tuple[Any, ...] = ()) -> tuple[KnownSensor, ...]:
        return tuple(
            KnownSensor(
                id=sensor,
                kind=SensorKind(kind),
                label=label,
                owner=owner,
                battery_pct=battery_pct,
                battery_utc_ms=battery_utc_ms,
                note=note,
                created_utc_ms=created,
            )
            for sensor, kind, label, owner, battery_pct, battery_utc_ms, note, created in self._shelf.rows(
                sql, bindings
            )
        )
