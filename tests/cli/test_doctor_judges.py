import datetime as dt
import json
import threading
from pathlib import Path

import pytest

from cli.doctor.clocks import find_zone, judge_clock
from cli.doctor.doors import judge_end
from cli.doctor.examination import examine
from cli.doctor.finding import Level, bad, is_well, ok, render_json, render_lines, warn
from cli.doctor.mqtt import Answer, encode_connect, judge_connack
from cli.doctor.packages import group_requirements, judge_extras, judge_python
from cli.doctor.places import find_file_system, judge_space
from cli.doctor.radios import find_adapters, judge_bluez_radio
from cli.doctor.running import judge_answer, judge_health, judge_installed, judge_pids, read_pids
from gateway.radio.spec import parse_radio_spec
from vitals.settings import Settings

HOME = Path("/srv/vitals")
NOW = dt.datetime(2026, 3, 1, 10, 0, tzinfo=dt.UTC)


def test_only_something_bad_makes_the_report_bad() -> None:
    assert is_well([ok("a", "well"), warn("b", "look")])
    assert not is_well([ok("a", "well"), bad("b", "broken")])


def test_a_finding_is_one_line_in_three_columns_and_the_last_line_counts() -> None:
    lines = render_lines([ok("python", "3.11"), bad("disk", "full\nreally")]).splitlines()
    assert lines == ["ok    python  3.11", "bad   disk    full really", "1 ok, 0 to look at, 1 bad"]


def test_json_holds_the_same_words() -> None:
    assert json.loads(render_json([warn("clock", "drifts")])) == [
        {"level": "warn", "what": "clock", "detail": "drifts"}
    ]


def test_a_check_that_raises_is_a_finding_and_hides_no_other() -> None:
    def broken(_settings: Settings) -> list[object]:
        raise RuntimeError("no such register")

    checks = (("first", broken), ("second", lambda _settings: [ok("second", "well")]))
    found = examine(Settings(), checks=checks)  # type: ignore[arg-type]
    assert [(finding.level, finding.what) for finding in found] == [(Level.BAD, "first"), (Level.OK, "second")]
    assert "no such register" in found[0].detail


def test_a_check_that_hangs_is_a_finding_and_hides_no_other() -> None:
    never = threading.Event()

    def hangs(_settings: Settings) -> list[object]:
        never.wait(60)
        return []

    checks = (("hangs", hangs), ("second", lambda _settings: [ok("second", "well")]))
    try:
        found = examine(Settings(), checks=checks, limit_s=0.2)  # type: ignore[arg-type]
    finally:
        never.set()
    assert [(finding.level, finding.what) for finding in found] == [(Level.BAD, "hangs"), (Level.OK, "second")]


def test_python_is_bad_below_3_11_only() -> None:
    assert judge_python((3, 10, 9)).level is Level.BAD
    assert judge_python((3, 11, 0)).level is Level.OK


def test_a_missing_package_of_a_part_is_a_hint_and_one_that_all_need_is_bad() -> None:
    groups = group_requirements(
        [
            "apsw>=3.50",
            "msgspec>=0.19",
            'bleak>=3.1; extra == "gateway"',
            "session-vitals[gateway]; extra == 'all'",
            'ruff>=0.12; extra == "dev"',
        ]
    )
    assert groups == {"": ("apsw", "msgspec"), "gateway": ("bleak",)}
    installed = {"apsw": "3.54.1"}
    all_need, gateway = judge_extras(groups, installed.get)
    assert (all_need.level, gateway.level) == (Level.BAD, Level.WARN)
    assert "msgspec" in all_need.detail
    assert "session-vitals[gateway]" in gateway.detail
    assert judge_extras({"": ("apsw",)}, installed.get)[0].detail == "apsw 3.54.1"


@pytest.mark.parametrize(
    ("free_bytes", "level"), [(100 * 1024**2, Level.BAD), (1024**3, Level.WARN), (50 * 1024**3, Level.OK)]
)
def test_space_is_judged_before_it_is_gone(free_bytes: int, level: Level) -> None:
    assert judge_space(free_bytes, HOME).level is level


def test_the_innermost_mount_names_the_file_system() -> None:
    mounts = "/dev/sda1 / ext4 rw 0 0\nnas:/x /srv nfs4 rw 0 0\ntmpfs /srv/my\\040data tmpfs rw 0 0\nodd\n"
    assert find_file_system(mounts, Path("/home")) == "ext4"
    assert find_file_system(mounts, HOME) == "nfs4"
    assert find_file_system(mounts, Path("/srv/my data/x")) == "tmpfs"
    assert find_file_system("", HOME) is None


def test_a_wall_without_a_radio_is_well_unless_the_settings_name_one() -> None:
    spec = parse_radio_spec("bluez:hci0")
    assert judge_bluez_radio(spec, ["hci0"], is_default=False).level is Level.OK
    assert judge_bluez_radio(spec, [], is_default=True).level is Level.WARN
    refused = judge_bluez_radio(spec, ["hci1"], is_default=False)
    assert refused.level is Level.BAD
    assert "hci1" in refused.detail


def test_adapters_are_told_apart_from_their_connections(tmp_path: Path) -> None:
    for name in ("hci1", "hci0", "hci0:64"):
        (tmp_path / name).mkdir()
    assert find_adapters(tmp_path) == ("hci0", "hci1")
    assert find_adapters(tmp_path / "none") == ()


def test_no_broker_at_all_is_bad_only_where_serve_must_start_one() -> None:
    assert judge_installed(None, None, is_needed=True).level is Level.BAD
    assert judge_installed(None, None, is_needed=False).level is Level.OK
    assert "iotcore 0.4" in judge_installed(None, "0.4", is_needed=True).detail


@pytest.mark.parametrize(
    ("answer", "is_default", "is_ours", "level"),
    [
        (Answer(is_reachable=True), False, False, Level.OK),
        (Answer(is_reachable=True), True, True, Level.OK),
        (Answer(is_reachable=True), True, False, Level.WARN),
        (Answer(is_reachable=False, problem="refused"), True, False, Level.OK),
        (Answer(is_reachable=False, problem="refused"), False, False, Level.BAD),
        (Answer(is_reachable=True, problem="speaks MQTT 3 only"), True, False, Level.BAD),
    ],
)
def test_the_brokers_answer_is_judged_by_who_should_be_there(
    answer: Answer,
    is_default: bool,  # noqa: FBT001 - a column of the table
    is_ours: bool,  # noqa: FBT001 - same
    level: Level,
) -> None:
    assert judge_answer("mqtt://127.0.0.1:1883", answer, is_default=is_default, is_ours=is_ours).level is level


def test_a_connect_packet_says_its_own_length() -> None:
    for password in (None, "x" * 200):
        packet = encode_connect(user="clinic", password=password)
        length, at = 0, 1
        while True:
            length |= (packet[at] & 0x7F) << (7 * (at - 1))
            at += 1
            if packet[at - 1] < 0x80:
                break
        assert len(packet) == at + length
        assert packet[at : at + 7] == b"\x00\x04MQTT\x05"


@pytest.mark.parametrize(
    ("packet", "problem"),
    [
        (b"\x20\x03\x00\x00\x00", ""),
        (b"\x20\x02\x00\x00", "speaks MQTT 3 only"),
        (b"\x20\x02\x00\x01", "speaks MQTT 3 only"),
        (b"\x20\x03\x00\x84\x00", "does not speak MQTT 5"),
        (b"\x20\x03\x00\x87\x00", "does not let us in"),
        (b"\x20\x03\x00\x99\x00", "refuses with code 0x99"),
        (b"", "hangs up on MQTT 5"),
    ],
)
def test_a_connack_says_what_is_wrong(packet: bytes, problem: str) -> None:
    assert judge_connack(packet) == problem


@pytest.mark.parametrize("packet", [b"HTTP/1.1 400", b"\x20", b"\x20\x80\x80\x80\x80\x80", b"\x20\x83\x80\x00"])
def test_what_is_not_mqtt_is_said_to_be_none(packet: bytes) -> None:
    assert "not MQTT" in judge_connack(packet)


def test_a_clock_that_follows_nobody_is_no_reason_to_stop() -> None:
    assert judge_clock(NOW, synchronised=True).level is Level.OK
    assert judge_clock(NOW, synchronised=False).level is Level.WARN
    assert judge_clock(NOW, synchronised=None).level is Level.WARN
    assert judge_clock(NOW.replace(year=1970), synchronised=True).level is Level.BAD


def test_the_zone_is_read_from_the_link(tmp_path: Path) -> None:
    target = tmp_path / "zoneinfo" / "Europe" / "Prague"
    target.parent.mkdir(parents=True)
    target.touch()
    (tmp_path / "localtime").symlink_to(target)
    assert find_zone(tmp_path / "localtime") == "Europe/Prague"
    assert find_zone(target) is None


def test_a_dead_part_of_a_running_system_is_bad_and_a_dead_system_is_a_hint() -> None:
    pids = {"broker": 10, "ingest": 11}
    assert judge_pids(pids, ("broker", "ingest")).level is Level.OK
    half = judge_pids(pids, ("broker",))
    assert half.level is Level.BAD
    assert "ingest" in half.detail
    assert judge_pids(pids, ()).level is Level.WARN


def test_health_names_what_is_not_up_and_what_the_others_complain_of() -> None:
    up = {"part": "ingest", "instance": "1", "state": "up", "text": "", "problems": []}
    assert judge_health({"status": "ok", "parts": [up]}).level is Level.OK
    lost = {"part": "gateway", "instance": "g1", "state": "lost", "text": "no values"}
    found = judge_health({"status": "degraded", "parts": [{**up, "problems": ["disk is full"]}, lost]})
    assert found.level is Level.WARN
    assert found.detail == "gateway g1 lost no values; ingest: disk is full"
    assert judge_health({"status": "starting"}).level is Level.WARN


@pytest.mark.parametrize("text", ["", "[1]", "{", '{"a": "b"}'])
def test_a_broken_pids_file_is_no_system(tmp_path: Path, text: str) -> None:
    (tmp_path / "pids.json").write_text(text)
    assert not read_pids(tmp_path / "pids.json")


@pytest.mark.parametrize(("days", "level"), [(-1, "bad"), (0, "warn"), (29, "warn"), (31, "ok"), (None, "ok")])
def test_a_certificate_is_warned_of_before_it_ends(days: int | None, level: str) -> None:
    end = None if days is None else NOW + dt.timedelta(days=days, hours=1)

    assert judge_end(end, now=NOW).level == level
