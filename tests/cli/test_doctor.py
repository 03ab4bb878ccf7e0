import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import apsw
import pytest

from cli.broker import free_port
from cli.doctor.drivers import check_drivers
from cli.doctor.finding import Finding, Level
from cli.doctor.house import check_house
from cli.doctor.mqtt import ask_broker
from cli.doctor.places import check_data, check_database, check_databases, check_site_key
from cli.doctor.radios import check_radios
from cli.doctor.running import check_broker, check_port, check_system
from cli.holdings import databases_of
from gateway.drivers.registry import DRIVERS
from tests.peers import Mosquitto
from vitals.broker_url import parse_broker_url
from vitals.database import open_database
from vitals.settings import AlertsSettings, AnalysisSettings, DashboardSettings, GatewaySettings, Settings
from vitals.site_key import open_site_key


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    broker = Mosquitto(tmp_path)
    broker.start()
    yield broker
    broker.kill()


def levels(findings: object) -> list[Level]:
    assert isinstance(findings, (tuple, list))
    return [finding.level for finding in findings]


@pytest.mark.peer
def test_a_real_broker_answers_mqtt_5(mosquitto: Mosquitto, tmp_path: Path) -> None:
    assert not ask_broker(parse_broker_url(mosquitto.url)).problem
    found = check_broker(Settings(broker=mosquitto.url, data=tmp_path))
    assert levels(found) == [Level.OK, Level.OK]
    assert "mosquitto" in found[0].detail


@pytest.mark.peer
def test_a_broker_that_is_paused_is_reached_but_says_nothing(mosquitto: Mosquitto) -> None:
    mosquitto.pause()
    try:
        answer = ask_broker(parse_broker_url(mosquitto.url), timeout_s=0.3)
    finally:
        mosquitto.resume()
    assert answer.is_reachable
    assert "no answer" in answer.problem


def test_a_named_broker_that_is_not_there_is_bad(tmp_path: Path) -> None:
    found = check_broker(Settings(broker=f"mqtt://127.0.0.1:{free_port()}", data=tmp_path))
    assert found[1].level is Level.BAD
    assert "refused" in found[1].detail


@pytest.mark.peer
def test_a_broker_that_lets_nobody_in_says_so(tmp_path: Path) -> None:
    broker = Mosquitto(tmp_path)
    config = next(tmp_path.glob("*.conf"))
    config.write_text(config.read_text().replace("allow_anonymous true", "allow_anonymous false"))
    broker.start()
    try:
        answer = ask_broker(parse_broker_url(broker.url))
    finally:
        broker.kill()
    assert answer.is_reachable
    assert answer.problem == "does not let us in"


def settings_with_port(port: int, data: Path) -> Settings:
    return Settings(data=data, dashboard=DashboardSettings(port=port))


def test_a_free_port_is_well(tmp_path: Path) -> None:
    assert levels(check_port(settings_with_port(free_port(), tmp_path))) == [Level.OK]


def test_a_port_in_use_by_another_is_bad(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        (found,) = check_port(settings_with_port(other.getsockname()[1], tmp_path))
    assert found.level is Level.BAD
    assert "cannot be had" in found.detail


class _Healthy(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = b'{"status":"ok","parts":[{"part":"ingest","instance":"1","state":"up"}]}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def dashboard_port() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Healthy)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_port_in_use_by_our_dashboard_is_well(dashboard_port: int, tmp_path: Path) -> None:
    (found,) = check_port(settings_with_port(dashboard_port, tmp_path))
    assert found.level is Level.OK
    assert "answers" in found.detail


def test_a_running_system_is_named_part_by_part(dashboard_port: int, tmp_path: Path) -> None:
    settings = settings_with_port(dashboard_port, tmp_path)
    assert levels(check_system(settings)) == [Level.OK]
    (tmp_path / "pids.json").write_text(json.dumps({"dashboard": os.getpid()}))
    system, health = check_system(settings)
    assert str(os.getpid()) in system.detail
    assert health.level is Level.OK
    assert health.detail == "1 parts, all up"


def test_a_part_that_is_gone_is_bad(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    (tmp_path / "pids.json").write_text(json.dumps({"dashboard": ended.pid, "ingest": os.getpid()}))
    (system,) = check_system(settings_with_port(free_port(), tmp_path))
    assert system.level is Level.BAD
    assert system.detail.startswith("dashboard")


def sound_database(file: Path) -> None:
    connection = open_database(file, migrations=("CREATE TABLE t (a)",))
    connection.executemany("INSERT INTO t VALUES (?)", [("x" * 500,) for _ in range(200)])
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    connection.close()


def test_a_sound_database_tells_its_schema(tmp_path: Path) -> None:
    sound_database(tmp_path / "record.db")
    (found,) = check_databases(Settings(data=tmp_path))
    assert found.level is Level.OK
    assert "schema 1, sound" in found.detail


def test_a_database_that_is_written_now_is_checked_beside_its_writer(tmp_path: Path) -> None:
    writer = open_database(tmp_path / "outbox.db", migrations=("CREATE TABLE t (a)",))
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("INSERT INTO t VALUES (1)")
    assert levels(check_databases(Settings(data=tmp_path))) == [Level.OK]
    writer.execute("COMMIT")
    writer.close()


@pytest.mark.parametrize("offset", [0, 40, 4096 * 3])
def test_a_damaged_database_is_bad(tmp_path: Path, offset: int) -> None:
    file = tmp_path / "record.db"
    sound_database(file)
    data = bytearray(file.read_bytes())
    data[offset : offset + 64] = b"\xa5" * 64
    file.write_bytes(data)
    found = check_database("record", file, limit_s=10)
    assert found.level is Level.BAD, found


def test_a_database_of_which_nothing_is_left_is_not_sound(tmp_path: Path) -> None:
    file = tmp_path / "record.db"
    sound_database(file)
    file.write_bytes(b"")
    found = check_database("record", file, limit_s=10)
    assert found.level is Level.BAD
    assert "is empty" in found.detail


def test_a_database_that_only_another_account_may_write_is_bad(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "record.db"
    sound_database(file)
    # The superuser may write everything, and tests may run as the superuser: the system is asked in its name.
    monkeypatch.setattr(os, "access", lambda path, mode: not (Path(path) == file and mode == os.W_OK))
    found = check_database("record", file, limit_s=10)
    assert found.level is Level.BAD
    assert f"its owner is {file.owner()}" in found.detail


def test_a_check_out_of_time_says_so_and_is_no_damage(tmp_path: Path) -> None:
    file = tmp_path / "record.db"
    connection = apsw.Connection(str(file))
    connection.execute("CREATE TABLE t (a)")
    connection.execute(
        "INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000)"
        " SELECT randomblob(60) FROM n"
    )
    connection.close()
    found = check_database("record", file, limit_s=0.0001)
    assert found.level is Level.OK
    assert "too large" in found.detail


def test_a_folder_without_databases_is_well(tmp_path: Path) -> None:
    assert levels(check_databases(Settings(data=tmp_path / "new"))) == [Level.OK]
    assert not (tmp_path / "new").exists()


def test_a_data_folder_that_is_a_file_is_bad(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    found = check_data(Settings(data=tmp_path / "data"))
    assert found[0].level is Level.BAD
    assert check_data(Settings(data=tmp_path / "new" / "deeper"))[0].level is Level.OK


def test_a_site_key_that_others_can_read_is_bad(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    assert levels(check_site_key(settings)) == [Level.OK]
    assert not settings.site_key_file.exists()
    open_site_key(settings.site_key_file)
    assert levels(check_site_key(settings)) == [Level.OK]
    settings.site_key_file.chmod(0o640)
    assert "chmod 600" in check_site_key(settings)[0].detail
    settings.site_key_file.write_text("not hex")
    assert levels(check_site_key(settings)) == [Level.BAD]


def radio_findings(*specs: str) -> list[Finding]:
    found = check_radios(Settings(gateway=GatewaySettings(radios=specs)))
    return [finding for finding in found if finding.what.startswith("radio")]


def test_each_radio_of_the_settings_is_looked_for(tmp_path: Path) -> None:
    with socket.socket() as air:
        air.bind(("127.0.0.1", 0))
        air.listen()
        there = f"bumble:tcp-client:127.0.0.1:{air.getsockname()[1]}"
        found = radio_findings(
            there,
            f"bumble:tcp-client:127.0.0.1:{free_port()}",
            f"bumble:serial:{tmp_path}/ttyACM0",
            "bluez:hci9",
            "wifi:1",
        )
    assert [finding.level for finding in found] == [Level.OK, Level.WARN, Level.BAD, Level.BAD, Level.BAD]
    assert "neither bluez nor bumble" in found[-1].detail


def run_doctor(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "cli", "doctor", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.peer
@pytest.mark.timeout(90)
def test_the_command_ends_with_0_when_nothing_is_bad_and_1_when_something_is(
    tmp_path: Path, mosquitto: Mosquitto
) -> None:
    common = ("--json", "--data", str(tmp_path / "data"), "--port", str(free_port()))
    well = run_doctor(*common, "--broker", mosquitto.url)
    findings = json.loads(well.stdout)
    assert well.returncode == 0, well.stdout
    assert {"python", "packages", "sqlite", "bluetooth", "broker", "disk", "site key", "clock", "system"} <= {
        finding["what"] for finding in findings
    }
    assert {tuple(finding) for finding in findings} == {("level", "what", "detail")}
    assert not (tmp_path / "data").exists()
    unwell = run_doctor(*common, "--broker", f"mqtt://127.0.0.1:{free_port()}")
    assert unwell.returncode == 1
    assert "bad" in {finding["level"] for finding in json.loads(unwell.stdout)}


def test_every_driver_is_named_with_how_well_its_bytes_are_known() -> None:
    found = check_drivers(Settings())
    told = " ".join(finding.detail for finding in found)
    assert [finding.what for finding in found] == ["drivers: strap", "drivers: oximeter", "drivers: machine"]
    assert all(f"{driver.name} ({driver.evidence.value})" in told for driver in DRIVERS)


def test_every_database_of_a_site_is_looked_at(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    for path in databases_of(settings).values():
        open_database(path, migrations=["CREATE TABLE t (x)"]).close()
    found = check_databases(settings)
    assert {finding.what for finding in found} == {
        f"database {name.removesuffix('.db')}" for name in databases_of(settings)
    }
    assert all("sound" in finding.detail for finding in found)
    settings.ledger_file.write_bytes(b"overwritten" * 1000)
    assert [finding.what for finding in check_databases(settings) if finding.level is Level.BAD] == ["database alerts"]


def test_a_file_of_the_house_with_which_a_part_would_not_start_is_bad(tmp_path: Path) -> None:
    assert levels(check_house(Settings(data=tmp_path))) == [Level.OK, Level.OK, Level.OK]
    nonsense = tmp_path / "mine.toml"
    nonsense.write_text("[HR_NONSENSE]\npriority = 9\n")
    settings = Settings(
        data=tmp_path,
        analysis=AnalysisSettings(rules=nonsense),
        alerts=AlertsSettings(policy=tmp_path / "not there.toml"),
        dashboard=DashboardSettings(flow_file=nonsense),
    )
    found = check_house(settings)
    assert levels(found) == [Level.BAD, Level.BAD, Level.BAD]
    assert "mine.toml" in found[0].detail
    assert "not there.toml" in found[1].detail
