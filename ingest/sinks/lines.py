"""Readings as InfluxDB line protocol: the mapping of docs/stores.md. Pure.

A point is known by measurement, tags and time, and a repeated one takes the place of the first. So each reading must
have a point of its own: tags name its stream, and ``twin`` parts readings of one stream in the same millisecond, which
servers that keep milliseconds would take for one.
"""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from ingest.store.anchors import RunClock
from ingest.store.rr import unpack_rr
from vitals.readings import VALUES, ReadingKind

MEASUREMENTS: Final = {
    "hr": "vitals_hr",
    "oximeter": "vitals_oximeter",
    "workload": "vitals_workload",
    "battery": "vitals_battery",
}
"""One for each kind of reading."""

COLUMNS: Final = (
    "seq",
    "mono_ms",
    "quality",
    "late",
    "hr_bpm",
    "contact",
    *VALUES[ReadingKind.OXIMETER],
    *VALUES[ReadingKind.BATTERY],
    *VALUES[ReadingKind.WORKLOAD],
)
"""The fields, and ``mono_ms``, of which the time is made; the columns of a `Point` in this order, then ``rr``."""

FLOATS: Final = frozenset(
    {"spo2_pct", "pulse_bpm", "perfusion_pct", "speed_kmh", "incline_pct", "cadence_per_min", "distance_m", "met"}
)
"""The others are whole numbers: a server that has seen one kind of number refuses the other."""

Point = tuple[int | float | bytes | None, ...]
_MS_NS: Final = 1_000_000


class Source(NamedTuple):
    """Where a stream of readings comes from: what the tags say. All of it is pseudonymous."""

    site: str
    gateway: str
    run: str
    sensor: str
    kind: str
    mode: str


def render_points(source: Source, clock: RunClock, points: Iterable[Point], *, twins: int, mark: str) -> Iterator[str]:
    """Yield one line for each reading.

    Args:
        source: whose they are.
        clock: the wall time of their run.
        points: values of `COLUMNS`, then the packed RR intervals; by seq.
        twins: how many readings just before the first have its time.
        mark: begins the tag ``twin`` of readings that came after those around them: they have neighbours of the same
            time that were counted without them.
    """
    head = ",".join(
        (
            MEASUREMENTS[source.kind],
            *(f"{name}={_tag(value)}" for name, value in zip(_TAGS, (*source[:4], source.mode), strict=True)),
        )
    )
    before_ms: int | None = None
    for point in points:
        mono_ms = _whole(point[1])
        twins = twins + 1 if mono_ms == before_ms else (twins if before_ms is None else 0)
        before_ms = mono_ms
        twin = f"{mark}{twins}" if twins or mark else ""
        tags = f"{head},twin={twin}" if twin else head
        yield f"{tags} {_fields(point)} {clock.utc_ms(mono_ms) * _MS_NS}"


_TAGS: Final = ("site", "gateway", "run", "sensor", "mode")


def _fields(point: Point) -> str:
    fields = [
        f"{name}={float(value)!r}" if name in FLOATS else f"{name}={value}i"
        for name, value in zip(COLUMNS, point, strict=False)
        if value is not None and not isinstance(value, bytes) and name != "mono_ms"
    ]
    packed = point[len(COLUMNS)]
    if isinstance(packed, bytes):
        fields += [f"rr_{place}_ms={value!r}" for place, value in enumerate(unpack_rr(packed), start=1)]
    return ",".join(fields)


def _whole(value: float | bytes | None) -> int:
    return 0 if value is None or isinstance(value, bytes) else int(value)


def _tag(value: str) -> str:
    """Return a tag's value; ids hold no sign with a meaning, and an empty one is not allowed."""
    return value.replace("\\", "_").replace(" ", "\\ ").replace(",", "\\,").replace("=", "\\=") or "unknown"
