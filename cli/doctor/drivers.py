"""Which kinds of sensors this machine can hear: every driver, and how well its bytes are known."""

from collections import defaultdict
from collections.abc import Sequence

from cli.doctor.finding import Finding, ok, warn
from vitals.settings import Settings


def check_drivers(_settings: Settings) -> Sequence[Finding]:
    """Name all drivers, one line for each kind of sensor."""
    try:
        from gateway.drivers.registry import DRIVERS  # noqa: PLC0415 - doctor must speak also where packages are missing
    except ImportError as error:
        return (warn("drivers", f"cannot be loaded: {error.name} is missing; needed where a gateway runs"),)
    by_kind: defaultdict[str, list[str]] = defaultdict(list)
    for driver in DRIVERS:
        by_kind[driver.sensor_kind.value].append(f"{driver.name} ({driver.evidence.value})")
    return [ok(f"drivers: {kind}", ", ".join(names)) for kind, names in by_kind.items()]
