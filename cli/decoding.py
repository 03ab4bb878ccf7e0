"""What `vitals decode` prints: the kinds of bytes it knows, and what they say as plain fields with stable names."""

from collections.abc import Callable, Iterator
from enum import Enum, IntFlag
from typing import Any, Final, NamedTuple

from msgspec import Struct, structs

from gateway.codecs.battery import decode_battery
from gateway.codecs.bci import BciFrame, BciStream
from gateway.codecs.body_location import BodyLocation, decode_body_location
from gateway.codecs.contec import ContecFrame, ContecStream
from gateway.codecs.cycling_speed import CyclingFrame, decode_cycling_speed
from gateway.codecs.fitness_fields import MachineFrame, merge_parts
from gateway.codecs.framing import FrameStream
from gateway.codecs.heart_rate import HeartRateFrame, decode_heart_rate
from gateway.codecs.indoor_bike import IndoorBikeFrame, decode_indoor_bike
from gateway.codecs.jumper import JumperFrame, decode_jumper
from gateway.codecs.nonin import NoninFrame, NoninStatus, decode_nonin
from gateway.codecs.o2ring import O2RingFrame, O2RingStream
from gateway.codecs.pc60 import Pc60Frame, Pc60Stream
from gateway.codecs.plx import OximeterFrame, decode_plx
from gateway.codecs.plx_features import PlxFeature, PlxFeaturesFrame, decode_plx_features
from gateway.codecs.plx_fields import MeasurementStatus, SensorStatus
from gateway.codecs.plx_spot import SpotCheckFrame, decode_plx_spot
from gateway.codecs.polar_advertising import PolarAdvertisingFrame, decode_polar_advertising
from gateway.codecs.polar_pmd import PolarEcgFrame, decode_polar_pmd
from gateway.codecs.running_speed import RunningFrame, decode_running_speed
from gateway.codecs.treadmill import TreadmillFrame, decode_treadmill
from gateway.codecs.undecodable import Undecodable

Feed = Callable[[bytes], tuple[object, ...]]
Fields = dict[str, object]


class _Kind(NamedTuple):
    """A way to read bytes: what it is, the frame it makes, and how to begin with a first notification."""

    what: str
    frame: type[Struct] | None
    begin: Callable[[], Feed]


def _one_by_one(decode: Callable[[bytes], object]) -> Callable[[], Feed]:
    """Return how to feed a codec whose notifications are whole frames."""
    return lambda: lambda raw: (decode(raw),)


def _streamed(stream: Callable[[], FrameStream[Any]]) -> Callable[[], Feed]:
    """Return how to feed a codec that puts frames together."""
    return lambda: stream().feed


def _recorded(decode: Callable[[bytes], MachineFrame | Undecodable]) -> Callable[[], Feed]:
    """Return how to feed a machine's codec: each notification, and the record when it took more than one."""

    def begin() -> Feed:
        pending: MachineFrame | None = None

        def feed(raw: bytes) -> tuple[object, ...]:
            nonlocal pending
            frame = decode(raw)
            if isinstance(frame, Undecodable):
                return (frame,)
            had_parts = pending is not None
            pending, record = merge_parts(pending, frame)
            return (frame,) if record is None or not had_parts else (frame, record)

        return feed

    return begin


KINDS: Final = {
    "hr": _Kind("heart rate measurement, 0x2A37", HeartRateFrame, _one_by_one(decode_heart_rate)),
    "plx": _Kind("pulse oximeter, continuous, 0x2A5F", OximeterFrame, _one_by_one(decode_plx)),
    "plx-spot": _Kind("pulse oximeter, spot-check, 0x2A5E", SpotCheckFrame, _one_by_one(decode_plx_spot)),
    "plx-features": _Kind("pulse oximeter, features, 0x2A60", PlxFeaturesFrame, _one_by_one(decode_plx_features)),
    "battery": _Kind("battery level, 0x2A19", None, _one_by_one(decode_battery)),
    "body-location": _Kind("body sensor location, 0x2A38", None, _one_by_one(decode_body_location)),
    "running": _Kind("foot pod, 0x2A53", RunningFrame, _one_by_one(decode_running_speed)),
    "cycling": _Kind("bicycle wheel and crank, 0x2A5B", CyclingFrame, _one_by_one(decode_cycling_speed)),
    "treadmill": _Kind("treadmill, 0x2ACD", TreadmillFrame, _recorded(decode_treadmill)),
    "bike": _Kind("indoor bike, 0x2AD2", IndoorBikeFrame, _recorded(decode_indoor_bike)),
    "polar-adv": _Kind(
        "Polar advertisement, behind company 0x006B", PolarAdvertisingFrame, _one_by_one(decode_polar_advertising)
    ),
    "polar-pmd": _Kind("Polar ECG and acceleration, FB005C82", PolarEcgFrame, _one_by_one(decode_polar_pmd)),
    "nonin": _Kind("Nonin 3230, 3150", NoninFrame, _one_by_one(decode_nonin)),
    "bci": _Kind("BerryMed BM1000", BciFrame, _streamed(BciStream)),
    "o2ring": _Kind("Viatom, Wellue O2Ring", O2RingFrame, _streamed(O2RingStream)),
    "pc60": _Kind("PC-60F, PC-60FW", Pc60Frame, _streamed(Pc60Stream)),
    "contec": _Kind("Contec CMS50D-BT", ContecFrame, _streamed(ContecStream)),
    "jumper": _Kind("Jumper JPD-500F", JumperFrame, _one_by_one(decode_jumper)),
}

_UNNAMED_FIELDS: Final = {"battery": ("battery_pct",), "body-location": ("location",)}
_STATUS_BITS: Final[dict[tuple[type[Struct], str], type[IntFlag]]] = {
    (frame, name): bits
    for frame in (OximeterFrame, SpotCheckFrame)
    for name, bits in (("measurement_status", MeasurementStatus), ("sensor_status", SensorStatus))
} | {
    (PlxFeaturesFrame, "features"): PlxFeature,
    (PlxFeaturesFrame, "measurement_support"): MeasurementStatus,
    (PlxFeaturesFrame, "sensor_support"): SensorStatus,
    (NoninFrame, "status"): NoninStatus,
}


def describe_kinds() -> Iterator[str]:
    """Yield the kinds and the fields of their JSON objects, from the frames themselves, as lines of a help text."""
    for name, kind in KINDS.items():
        fields = _UNNAMED_FIELDS[name] if kind.frame is None else tuple(fields_of_kind(kind.frame))
        yield f"  {name:14}{kind.what}"
        yield f"{'':16}{', '.join(fields)}"


def fields_of_kind(frame: type[Struct]) -> Iterator[str]:
    """Yield the names under which a frame's fields stand in JSON."""
    for name in frame.__struct_fields__:
        yield name
        if (frame, name) in _STATUS_BITS:
            yield f"{name}_bits"
    if frame is HeartRateFrame:
        yield "rr_ms"


def decode_all(kind: str, notifications: list[bytes]) -> Iterator[Fields]:
    """Yield one JSON object (as a dict) for each thing that the notifications say, in order."""
    feed = KINDS[kind].begin()
    for number, raw in enumerate(notifications, start=1):
        said = feed(raw)
        for index, item in enumerate(said):
            result = "record" if index and isinstance(item, MachineFrame) else "frame"
            yield _fields_of(item, kind=kind, number=number, result=result, raw=raw)
    stream = getattr(feed, "__self__", None)
    if isinstance(stream, FrameStream) and stream.kept:
        yield {"kind": kind, "notification": len(notifications), "result": "pending", "hex": stream.kept.hex()}


def _fields_of(item: object, *, kind: str, number: int, result: str, raw: bytes) -> Fields:
    """Return what one item says, under the names of the help text."""
    head: Fields = {"kind": kind, "notification": number, "result": result, "hex": raw.hex()}
    match item:
        case Undecodable():
            return head | {"result": "undecodable", "hex": item.raw.hex(), "problem": item.problem}
        case BodyLocation():
            return head | {"location": item.name.lower()}
        case int():
            return head | {"battery_pct": item}
        case Struct():
            fields = _struct_fields(item)
            frame_hex = fields.pop("raw", None)
            if frame_hex is not None:
                head["hex"] = frame_hex
            is_frame = isinstance(item, KINDS[kind].frame or Struct)
            return head | ({} if is_frame else {"result": "other"}) | fields
        case _:
            msg = f"{kind}: a codec returned {type(item).__name__}"
            raise TypeError(msg)


def _struct_fields(frame: Struct) -> Fields:
    """Return a frame's fields as JSON takes them, with names for status bits."""
    fields: Fields = {}
    for name, value in structs.asdict(frame).items():
        fields[name] = _plain(value)
        bits = _STATUS_BITS.get((type(frame), name))
        if bits is not None:
            fields[f"{name}_bits"] = [bit.name.lower() for bit in bits if bit.name and int(value or 0) & bit]
    if isinstance(frame, HeartRateFrame):
        fields["rr_ms"] = list(frame.rr_ms)
    return fields


def _plain(value: object) -> object:
    """Return a value as JSON takes it; bytes become hexadecimal."""
    match value:
        case bytes():
            return value.hex()
        case Struct():
            return _struct_fields(value)
        case tuple() if hasattr(value, "_asdict"):
            return dict(value._asdict())
        case tuple():
            return [_plain(one) for one in value]
        case Enum():
            return value.value
        case _:
            return value
