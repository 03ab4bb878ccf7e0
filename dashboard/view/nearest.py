"""The nearest sensor: which one somebody holds to the gateway. Pure.

Signal strength is a poor ruler: a body in between takes 10 to 20 dB, a turned strap 5. So one is picked only if it is
as strong as something held to the box and clearly stronger than every other; otherwise a person shall move it closer,
not trust a guess: a mixed-up strap puts one person's heart rate on another's tile.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final, NamedTuple

from msgspec import Struct

from vitals.sensors import GatewayId, SensorId, SensorKind

NEAR_DBM: Final = -50
"""Free space takes 40 dB on the first metre at 2.4 GHz (Friis) and the antennas of strap and dongle some 10 more, so a
strap that sends 0 dBm is at about -50 dBm a metre away and above -40 in the hand before the box. Engineering choice."""

CLEARLY_DB: Final = 10
"""Three times as near in free space (20 log10 3.2), and more than a turn of the hand changes. Engineering choice."""

FRESH_MS: Final = 4_000
"""Gateways tell every 2 s; what was not heard in the last two rounds is not being held there."""


class Candidate(NamedTuple):
    """A sensor as one gateway hears it."""

    gateway: GatewayId
    sensor: SensorId
    kind: SensorKind
    rssi_dbm: int
    age_ms: int
    is_linked: bool


class Outcome(StrEnum):
    """What came of looking."""

    FOUND = "found"
    NONE_NEAR = "none_near"
    EQUALLY_NEAR = "equally_near"


class Nearest(Struct, frozen=True, kw_only=True):
    """The sensor that is held to a gateway, or why there is none; ``second_dbm``: the strongest other one."""

    outcome: Outcome
    found: Candidate | None = None
    strongest_dbm: int | None = None
    second_dbm: int | None = None

    @property
    def text(self) -> str:
        """One line for the person who holds it."""
        match self.outcome:
            case Outcome.FOUND:
                return "This one is held to the gateway."
            case Outcome.NONE_NEAR if self.strongest_dbm is None:
                return "No free sensor is heard: wear it or wet it, so that it wakes up."
            case Outcome.NONE_NEAR:
                return f"No sensor is near enough ({self.strongest_dbm} dBm): hold it to the gateway."
            case Outcome.EQUALLY_NEAR:
                strengths = f"{self.strongest_dbm} and {self.second_dbm} dBm"
                return f"Two sensors are equally near ({strengths}): take one of them away."


def find_nearest(
    candidates: Iterable[Candidate], *, gateway: GatewayId | None = None, kind: SensorKind | None = None
) -> Nearest:
    """Return the sensor that is held to a gateway.

    Args:
        candidates: as all gateways hear them. A connected sensor does not call, so its strength is of long ago: it is
            none.
        gateway: to which one; None: to any.
        kind: what is looked for; None: anything. Others are no rivals: a strap beside an oximeter is the only strap.
    """
    best: dict[SensorId, Candidate] = {}
    for one in candidates:
        is_asked_for = kind in {None, one.kind} and gateway in {None, one.gateway}
        if is_asked_for and not one.is_linked and one.age_ms <= FRESH_MS:
            other = best.get(one.sensor)
            if other is None or one.rssi_dbm > other.rssi_dbm:
                best[one.sensor] = one
    ordered = sorted(best.values(), key=lambda one: (-one.rssi_dbm, one.sensor))
    if not ordered:
        return Nearest(outcome=Outcome.NONE_NEAR)
    first = ordered[0]
    second_dbm = ordered[1].rssi_dbm if len(ordered) > 1 else None
    heard = Nearest(outcome=Outcome.NONE_NEAR, strongest_dbm=first.rssi_dbm, second_dbm=second_dbm)
    if first.rssi_dbm <= NEAR_DBM:
        return heard
    is_clear = second_dbm is None or first.rssi_dbm - second_dbm >= CLEARLY_DB
    return Nearest(
        outcome=Outcome.FOUND if is_clear else Outcome.EQUALLY_NEAR,
        found=first if is_clear else None,
        strongest_dbm=first.rssi_dbm,
        second_dbm=second_dbm,
    )
