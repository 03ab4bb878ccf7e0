from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.codecs.polar_pmd import (
    PolarAccelerationFrame,
    PolarAnswer,
    PolarEcgFrame,
    decode_polar_pmd,
    encode_polar_acceleration,
    encode_polar_ecg,
)
from gateway.codecs.undecodable import Undecodable

CAPTURED: Final = [
    bytes.fromhex(line)
    for line in (Path(__file__).parents[1] / "data" / "polar-h10-ecg-frames.txt").read_text().splitlines()
    if line.strip()
]
RATE_HZ: Final = 130


def test_an_h10s_ecg_has_its_rate_and_its_beat() -> None:
    first, second = (decode_polar_pmd(raw) for raw in CAPTURED)
    assert isinstance(first, PolarEcgFrame)
    assert isinstance(second, PolarEcgFrame)
    assert len(CAPTURED[0]) == 229
    assert (first.last_ns, len(first.ecg_uv)) == (599622173760485265, 73)
    assert first.ecg_uv[:3] == (122, 103, 131)
    assert (max(first.ecg_uv), first.ecg_uv.index(max(first.ecg_uv))) == (2233, 17)
    passed_s = (second.last_ns - first.last_ns) / 1e9
    assert passed_s == pytest.approx(0.560809, abs=1e-6)
    assert len(second.ecg_uv) / passed_s == pytest.approx(RATE_HZ, abs=0.5)


@pytest.mark.parametrize(
    ("text", "request_code", "error", "settings"),
    [
        ("f0 01 00 00 00 00 01 82 00 01 01 0e 00", 1, 0, "00 00 01 82 00 01 01 0e 00"),
        ("f0 02 00 00 00 00", 2, 0, "00 00"),
        ("f0 02 00 0a", 2, 0x0A, ""),
    ],
)
def test_an_answer_of_the_control_point_names_request_and_error(
    text: str, request_code: int, error: int, settings: str
) -> None:
    answer = decode_polar_pmd(bytes.fromhex(text))
    assert answer == PolarAnswer(request=request_code, measurement=0, error=error, settings=bytes.fromhex(settings))


def test_an_acceleration_of_the_makers_own_test_is_read() -> None:
    raw = bytes.fromhex("02 0000000000000000 01") + b"".join(
        axis.to_bytes(2, "little", signed=True) for axis in (-9, -1, 999)
    )
    assert decode_polar_pmd(raw) == PolarAccelerationFrame(last_ns=0, acceleration_mg=((-9, -1, 999),))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "0 bytes, needs 10"),
        ("00 0000000000000000", "9 bytes, needs 10"),
        ("00 0000000000000000 00 0102", "2 bytes are no whole ECG samples"),
        ("00 0000000000000000 00", "0 bytes are no whole ECG samples"),
        ("00 0000000000000000 80 010203", "compressed frame 0x80"),
        ("02 0000000000000000 01 0102030405", "5 bytes are no whole accelerations"),
        ("07 0000000000000000 00 010203", "measurement 7, frame 0"),
        ("f0 02", "answer of 2 bytes, needs 4"),
    ],
)
def test_what_is_no_whole_frame_says_why(text: str, problem: str) -> None:
    found = decode_polar_pmd(bytes.fromhex(text))
    assert isinstance(found, Undecodable)
    assert problem in found.problem


@given(st.binary(max_size=600))
def test_no_bytes_make_it_raise(raw: bytes) -> None:
    decode_polar_pmd(raw)


@given(st.integers(0, 2**64 - 1), st.lists(st.integers(-(2**23), 2**23 - 1), min_size=1, max_size=80))
def test_ecg_comes_back_as_it_was_encoded(last_ns: int, samples: list[int]) -> None:
    frame = PolarEcgFrame(last_ns=last_ns, ecg_uv=tuple(samples))
    assert decode_polar_pmd(encode_polar_ecg(last_ns, tuple(samples))) == frame


axes = st.integers(-(2**15), 2**15 - 1)


@given(st.integers(0, 2**64 - 1), st.lists(st.tuples(axes, axes, axes), min_size=1, max_size=40))
def test_acceleration_comes_back_as_it_was_encoded(last_ns: int, samples: list[tuple[int, int, int]]) -> None:
    frame = PolarAccelerationFrame(last_ns=last_ns, acceleration_mg=tuple(samples))
    assert decode_polar_pmd(encode_polar_acceleration(last_ns, tuple(samples))) == frame
