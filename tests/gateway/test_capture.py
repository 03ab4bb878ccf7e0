"""Captures: files that Wireshark reads (here: a reader of our own and bumble's packet decoder), bounded in size."""

import struct
from pathlib import Path
from typing import NamedTuple

import pytest
from bumble import hci

from gateway.radio.capture import CaptureFile, open_captures
from gateway.radio.spec import parse_radio_spec
from tests.gateway.stage import open_stage, until
from vitals.errors import SetupError

HEAD = struct.Struct(">8sLL")
RECORD = struct.Struct(">LLLLq")
H4 = 1002
EPOCH_US = 0x00DCDDB30F2F8000
"""Microseconds from the year 0 to 1970 (btsnoop's own epoch)."""


class Record(NamedTuple):
    is_received: bool
    is_command_or_event: bool
    unix_us: int
    packet: bytes


def read_btsnoop(path: Path) -> list[Record]:
    """Read a file as RFC 1761 and its Bluetooth kin say; fails on anything that does not fit."""
    data = path.read_bytes()
    magic, version, datalink = HEAD.unpack_from(data)
    assert (magic, version, datalink) == (b"btsnoop\0", 1, H4)
    at, records = HEAD.size, []
    while at < len(data):
        original, included, flags, drops, stamp_us = RECORD.unpack_from(data, at)
        at += RECORD.size
        assert original == included
        assert drops == 0
        assert at + included <= len(data), "a record is cut"
        packet = data[at : at + included]
        records.append(Record(bool(flags & 1), bool(flags & 2), stamp_us - EPOCH_US, packet))
        at += included
    return records


def record(number: int) -> bytes:
    packet = b"\x04" + bytes([number]) * 9
    return RECORD.pack(len(packet), len(packet), 3, 0, EPOCH_US + number) + packet


def test_a_full_file_is_set_aside_at_the_border_of_a_record_and_two_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.btsnoop"
    file = CaptureFile(path, bytes_max=HEAD.size + 3 * len(record(0)))
    file.write(HEAD.pack(b"btsnoop\0", 1, H4))
    for number in range(8):
        file.write(record(number))
    file.close()

    assert [one.unix_us for one in read_btsnoop(path)] == [6, 7]
    assert [one.unix_us for one in read_btsnoop(path.with_name("a.btsnoop.old"))] == [3, 4, 5]
    assert {one.name for one in tmp_path.iterdir()} == {"a.btsnoop", "a.btsnoop.old"}
    assert path.stat().st_mode & 0o077 == 0


def test_a_disk_that_takes_nothing_ends_the_capture_and_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    file = CaptureFile(Path("/dev/full"))
    for number in range(5_000):
        assert file.write(record(number % 256)) == len(record(0))
    file.close()

    assert [one.message for one in caplog.records] == ["capture ended path=/dev/full why=No space left on device"]


def test_a_radio_of_the_operating_system_is_not_captured_and_it_says_who_does(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    specs = [parse_radio_spec(text) for text in ("bluez:hci0", "bumble:usb:0", "bumble:usb:1")]
    with open_captures(tmp_path / "a.btsnoop", specs) as captures:
        assert [one is not None for one in captures] == [False, True, True]
        assert captures[2] is not None
        assert captures[2].snooper() is captures[2].snooper(), "a radio that is opened again goes on in its file"
    assert {one.name for one in tmp_path.iterdir()} == {"a.btsnoop", "a.2.btsnoop"}
    assert "btmon --index hci0 -w FILE" in caplog.text
    assert read_btsnoop(tmp_path / "a.2.btsnoop") == []


def test_without_a_path_nothing_is_opened_and_a_bad_one_is_refused(tmp_path: Path) -> None:
    specs = [parse_radio_spec("bumble:usb:0")]
    with open_captures(None, specs) as captures:
        assert captures == (None,)
    with pytest.raises(SetupError, match="No such file"), open_captures(tmp_path / "none" / "a", specs):
        pass


@pytest.mark.peer
@pytest.mark.timeout(90)
async def test_what_a_gateway_and_its_radios_said_can_be_read_back(tmp_path: Path) -> None:
    path = tmp_path / "gym.btsnoop"
    async with open_stage(tmp_path, straps=1, radios=2, capture=path) as stage:
        async with stage.gateway(), stage.beating():
            (sensor,) = stage.assign_straps()
            await stage.streaming(sensor)
            await until(lambda: len(stage.heard.raws(sensor)) > 10, "some beats")
            raws = stage.heard.raws(sensor)
        files = [path, path.with_name("gym.2.btsnoop")]
        captured = [read_btsnoop(file) for file in files]
        now_us = stage.clock.utc_ms() * 1000

    for records in captured:
        assert records
        assert isinstance(hci.HCI_Packet.from_bytes(records[0].packet), hci.HCI_Reset_Command)
        for one in records:
            packet = hci.HCI_Packet.from_bytes(one.packet)
            assert one.is_command_or_event == isinstance(packet, hci.HCI_Command | hci.HCI_Event)
            assert not isinstance(packet, hci.HCI_Command) or not one.is_received
            assert not isinstance(packet, hci.HCI_Event) or one.is_received
            assert abs(now_us - one.unix_us) < 600_000_000
        stamps = [one.unix_us for one in records]
        assert stamps == sorted(stamps)
    data = b"".join(one.packet for records in captured for one in records if one.is_received)
    assert all(raw in data for raw in raws[:10])
