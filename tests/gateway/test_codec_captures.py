"""Every payload that somebody captured and posted decodes to what its source says, or to the reason written here."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from gateway.codecs.contec import ContecFrame, ContecStream
from gateway.codecs.crc8 import crc8_07, crc8_maxim
from gateway.codecs.heart_rate import HeartRateFrame, decode_heart_rate
from gateway.codecs.indoor_bike import IndoorBikeFrame, decode_indoor_bike
from gateway.codecs.jumper import JumperFrame, decode_jumper
from gateway.codecs.o2ring import encode_o2ring_question
from gateway.codecs.oxygen import NoVitals
from gateway.codecs.pc60 import Pc60Battery, Pc60Curve, Pc60Frame, Pc60Mode, Pc60Stream
from gateway.codecs.plx import OximeterFrame, decode_plx
from gateway.codecs.plx_spot import SpotCheckFrame, decode_plx_spot
from vitals.readings import Quality, Reason

CAPTURES: Final = Path(__file__).parents[1] / "data" / "ble-payloads.csv"
Said = dict[str, str]


def rows() -> list[Said]:
    with CAPTURES.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def said_in(row: Said) -> Said:
    return dict(part.split("=", 1) for part in row["decoded"].split(";") if "=" in part)


def number(text: str) -> float | None:
    return None if text == "none" else float(text)


def check_heart_rate(raw: bytes, said: Said) -> None:
    frame = decode_heart_rate(raw)
    assert isinstance(frame, HeartRateFrame)
    sent_bpm = int(said["hr"])
    assert len(frame.odd_bytes) == int(said["trailing"])
    if "contact" in said:
        assert frame.contact == {"yes": True, "no": False, "none": None}[said["contact"]]
    assert frame.hr_bpm == (sent_bpm if 1 <= sent_bpm <= 300 else None)
    if frame.hr_bpm is None:
        reason = Reason.OUT_OF_RANGE if sent_bpm else Reason.NO_VALUE
        assert frame.reason is (Reason.OFF_SKIN if frame.contact is False else reason)
    rr_1024 = [int(units) for units in said["rr_1024"].split("|") if units]
    assert sorted((*frame.rr_1024, *frame.rr_dropped_1024)) == sorted(rr_1024)
    if said.get("rr_ms"):
        kept = [float(ms) for ms in said["rr_ms"].split("|") if float(ms) >= 240]
        assert list(frame.rr_ms) == pytest.approx(kept, abs=0.05)


def check_plx(raw: bytes, said: Said) -> None:
    frame = decode_plx(raw)
    assert isinstance(frame, OximeterFrame)
    assert (frame.spo2_pct, frame.pulse_bpm) == (float(said["spo2"]), float(said["pr"]))
    assert raw[0] == int(said["flags"], 16)
    for got, text in ((frame.measurement_status, said["meas_status"]), (frame.sensor_status, said["dev_status"])):
        assert got == (None if text == "none" else int(text, 16))


def check_plx_spot(raw: bytes, said: Said) -> None:
    frame = decode_plx_spot(raw)
    assert isinstance(frame, SpotCheckFrame)
    assert (frame.spo2_pct, frame.pulse_bpm) == (float(said["spo2"]), float(said["pr"]))
    time, _, clock = said["time"].partition("(")
    assert frame.measured_at == time
    assert frame.is_clock_set == (clock != "clock not set)")
    assert frame.measurement_status == int(said["meas_status"], 16)
    assert frame.sensor_status == int(said["dev_status"], 16)
    assert (frame.quality, frame.reason) == (Quality.QUESTIONABLE, Reason.LOW_PERFUSION)  # bit 5 of the sensor status


def check_bike(raw: bytes, said: Said) -> None:
    frame = decode_indoor_bike(raw)
    assert isinstance(frame, IndoorBikeFrame)
    assert (frame.quality, frame.odd_bytes) == (Quality.GOOD, b"")
    for name, text in said.items():
        assert getattr(frame, name) == number(text), name


def check_jumper(raw: bytes, said: Said) -> None:
    frame = decode_jumper(raw)
    assert isinstance(frame, JumperFrame)
    assert (frame.spo2_pct, frame.pulse_bpm) == (int(said["spo2"]), int(said["pr"]))


def check_pc60(raw: bytes, said: Said) -> None:
    stream = Pc60Stream()
    items = stream.feed(raw)
    match items:
        case (Pc60Frame() as frame,):
            assert crc8_maxim(raw) == 0
            assert (frame.spo2_pct, frame.pulse_bpm) == (int(said["spo2"]), int(said["pr"]))
            assert frame.perfusion_pct == float(said["pi"])
        case (Pc60Curve() as curve,):
            assert [point | 0x80 * beat for point, beat in zip(curve.pleth, curve.beats, strict=True)] == list(
                raw[5:-1]
            )
            assert "wave" in said
        case (Pc60Battery() as battery,):
            assert battery.bars == int(said["battery"])
        case (Pc60Mode() as mode,):
            assert (mode.raw, mode.mode, mode.step) == (raw, 2, 0)
        case (Pc60Frame() as frame, Pc60Battery() as battery):
            assert (frame.spo2_pct, frame.pulse_bpm, battery.bars) == (98, 57, 3)
            assert stream.kept == b"\xaa"
        case _:
            pytest.fail(f"not understood: {items}")


def check_contec(raw: bytes, _said: Said) -> None:
    [item] = ContecStream().feed(raw)
    if raw[1] == 1:
        # The source's sample has the numbers 99 and 83 with the status that it calls "no finger": not shown.
        assert isinstance(item, ContecFrame)
        assert (item.spo2_pct, item.pulse_bpm, item.reason) == (None, None, Reason.OFF_SKIN)
        assert list(raw[3:5]) == [83, 99]
    else:
        assert isinstance(item, NoVitals)


CHECKS: Final[dict[str, Callable[[bytes, Said], None]]] = {
    "2a37": check_heart_rate,
    "2a5f": check_plx,
    "2a5e": check_plx_spot,
    "2ad2": check_bike,
    "cdeacb81": check_jumper,
    "6e400003": check_pc60,
    "ff02": check_contec,
}


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row['char_uuid']}-{row['hex']}")
def test_a_captured_payload_says_what_its_source_says(row: Said) -> None:
    CHECKS[row["char_uuid"]](bytes.fromhex(row["hex"]), said_in(row))


def test_every_payload_names_its_source() -> None:
    assert all(row["source"] and row["source"] != "same" for row in rows())


def test_the_checksums_are_those_of_the_devices() -> None:
    assert crc8_07(b"123456789") == 0xF4
    assert crc8_maxim(b"123456789") == 0xA1
    # The question to a ring, home-health-hub/viatom-o2ring-ble.
    assert encode_o2ring_question() == bytes.fromhex("aa17e8000000001b")
