"""Every codec by its name: how to feed it bytes, and frames that it understands, from which tests make others."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from gateway.codecs.battery import decode_battery, encode_battery
from gateway.codecs.bci import BCI, encode_bci
from gateway.codecs.body_location import decode_body_location
from gateway.codecs.contec import CONTEC, encode_contec, encode_contec_curve
from gateway.codecs.crc8 import crc8_07, crc8_maxim
from gateway.codecs.cycling_speed import Turns, decode_cycling_speed, encode_cycling_speed
from gateway.codecs.device_information import decode_device_text, describe_device
from gateway.codecs.framing import JUNK_BYTES_MAX, Framing, step_frames
from gateway.codecs.heart_rate import decode_heart_rate, encode_heart_rate
from gateway.codecs.indoor_bike import decode_indoor_bike, encode_indoor_bike
from gateway.codecs.jumper import decode_jumper, encode_jumper
from gateway.codecs.nonin import decode_nonin, encode_nonin
from gateway.codecs.o2ring import O2RING, O2RingQuestion, encode_o2ring
from gateway.codecs.pc60 import PC60, encode_pc60, encode_pc60_battery, encode_pc60_curve
from gateway.codecs.plx import decode_plx, encode_plx
from gateway.codecs.plx_features import decode_plx_features, encode_plx_features
from gateway.codecs.plx_spot import decode_plx_spot, encode_plx_spot
from gateway.codecs.polar_advertising import decode_polar_advertising, encode_polar_advertising
from gateway.codecs.polar_pmd import decode_polar_pmd, encode_polar_acceleration, encode_polar_ecg
from gateway.codecs.running_speed import decode_running_speed, encode_running_speed
from gateway.codecs.treadmill import decode_treadmill, encode_treadmill

Items = tuple[object, ...]


class Family(NamedTuple):
    """One codec.

    Attributes:
        name: as on the command line.
        step: (bytes kept, one notification) -> (bytes kept now, what it said); single frames keep nothing.
        seeds: sound notifications.
        kept_bytes_max: bound of what is kept.
        wrap: random content -> a notification with a sound checksum, for codecs that have one.
    """

    name: str
    step: Callable[[bytes, bytes], tuple[bytes, Items]]
    seeds: tuple[bytes, ...]
    kept_bytes_max: int = 0
    wrap: Callable[[bytes], bytes] | None = None


def single(name: str, decode: Callable[[bytes], object], *seeds: bytes) -> Family:
    return Family(name, lambda _, raw: (b"", (decode(raw),)), seeds)


def stream(name: str, framing: Framing[Any], *seeds: bytes, wrap: Callable[[bytes], bytes] | None = None) -> Family:
    bound = framing.frame_bytes_max + JUNK_BYTES_MAX
    return Family(name, lambda kept, raw: step_frames(framing, kept, raw), seeds, kept_bytes_max=bound, wrap=wrap)


def describe_bytes(raw: bytes) -> str:
    return describe_device("Polar", decode_device_text(raw))


def wrap_bci(content: bytes) -> bytes:
    return b"".join(
        bytes((content[at] | 0x80, *(byte & 0x7F for byte in content[at + 1 : at + 5])))
        for at in range(0, len(content), 5)
    )


def wrap_o2ring(content: bytes) -> bytes:
    frame = b"\x55\x00\xff\x00\x00" + len(content).to_bytes(2, "little") + content
    return frame + bytes((crc8_07(frame),))


def wrap_pc60(content: bytes) -> bytes:
    """A frame of values, curve or mode by the length of the content, else of any type."""
    kind = {6: 0x01, 5: 0x02, 4: 0x21}.get(len(content), len(content))
    frame = b"\xaa\x55\x0f" + bytes((len(content[:30]) + 2, kind)) + content[:30]
    return frame + bytes((crc8_maxim(frame),))


def wrap_contec(content: bytes) -> bytes:
    frame = b"\xeb\x01" + content[:5].ljust(5, b"\x06")
    return frame + bytes((sum(frame) & 0x7F,))


FAMILIES: Final = (
    single(
        "hr",
        decode_heart_rate,
        encode_heart_rate(61, rr_1024=(1000, 53), contact=True, energy=7),
        b"\x10\x3e\xb1\x03\xde",
    ),
    single(
        "plx",
        decode_plx,
        encode_plx(
            97, 70, fast=(96, 71), slow=(98, 69), measurement_status=0x20, sensor_status=0x20, perfusion_pct=4.2
        ),
        encode_plx(98, 60),
    ),
    single(
        "plx-spot",
        decode_plx_spot,
        encode_plx_spot(97, 96, date_time=(2017, 1, 1, 1, 34, 19), measurement_status=0x20, sensor_status=0x20),
    ),
    single("plx-features", decode_plx_features, encode_plx_features(3, measurement_support=1, sensor_support=2)),
    single("battery", decode_battery, encode_battery(50)),
    single("body-location", decode_body_location, b"\x01"),
    single("device-text", describe_bytes, b"Polar Electro Oy\0", b"H10 A1B2C3D4 S/N 7", b"Anna's strap"),
    single("running", decode_running_speed, encode_running_speed(9.5, 82, stride_m=1.1, distance_m=1234.5)),
    single(
        "cycling",
        decode_cycling_speed,
        encode_cycling_speed(wheel=Turns(99_999, 65_000), crank=Turns(65_535, 1_000)),
    ),
    single(
        "treadmill",
        decode_treadmill,
        encode_treadmill(5.5, distance_m=400, incline_pct=1.5, pace_s_per_500m=300, energy_kcal=9, elapsed_s=60),
        encode_treadmill(5.5, pace_s_per_500m=300, has_narrow_pace=True, hr_bpm=99, power_w=120),
        encode_treadmill(None, distance_m=400),
    ),
    single(
        "bike",
        decode_indoor_bike,
        bytes.fromhex("fe02990bc707b2007200f70000140046005d0000"),
        encode_indoor_bike(30, cadence_per_min=80, resistance_level=9, power_w=150, has_narrow_resistance=True),
        encode_indoor_bike(None, power_w=150),
    ),
    single("polar-adv", decode_polar_advertising, encode_polar_advertising(80, slow_hr_bpm=78), b"\x40\x02\x00\x00"),
    single(
        "polar-pmd",
        decode_polar_pmd,
        encode_polar_ecg(599_622_173_760_485_265, (122, 103, -131)),
        encode_polar_acceleration(7, ((-9, -1, 999),)),
        bytes.fromhex("f001000000000182000101 0e00".replace(" ", "")),
    ),
    single("nonin", decode_nonin, encode_nonin(97, 70), encode_nonin(None, None)),
    stream("bci", BCI, encode_bci(97, 170, is_beat=True) * 4, encode_bci(None, None, has_finger=False), wrap=wrap_bci),
    stream(
        "o2ring", O2RING, encode_o2ring(97, 70), encode_o2ring(97, 70, question=O2RingQuestion.CURVE), wrap=wrap_o2ring
    ),
    stream(
        "pc60", PC60, encode_pc60(97, 70) + encode_pc60_curve((1, 2, 3, 4, 5)), encode_pc60_battery(3), wrap=wrap_pc60
    ),
    stream(
        "contec",
        CONTEC,
        encode_contec(97, 70) + encode_contec_curve(72),
        encode_contec(97, 70, has_finger=False),
        wrap=wrap_contec,
    ),
    single("jumper", decode_jumper, encode_jumper(97, 70), b"\x80" + bytes(19)),
)
