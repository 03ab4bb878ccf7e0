import socket
import tomllib
from pathlib import Path

import pytest

from cli.broker import (
    HOST,
    BrokerKind,
    choose_broker,
    free_port,
    is_free,
    no_broker,
    plan_broker,
    render_iotcore,
    render_mosquitto,
)
from vitals.broker_url import parse_broker_url
from vitals.errors import SetupError, SetupReason
from vitals.settings import Settings

FOLDER = Path("/data/broker")


def test_mosquitto_is_preferred() -> None:
    plan = choose_broker(
        port=1883, folder=FOLDER, mosquitto="/usr/sbin/mosquitto", has_iotcore=True, environment={"PATH": "/bin"}
    )
    assert plan.kind is BrokerKind.MOSQUITTO
    assert plan.url == "mqtt://127.0.0.1:1883"
    assert plan.child is not None
    assert plan.child.argv == ("/usr/sbin/mosquitto", "-c", "/dev/stdin")
    assert plan.child.stdin == Path("/data/broker/mosquitto.conf")
    assert plan.child.ready_port == 1883
    assert plan.child.environment == {"PATH": "/bin"}


def test_without_mosquitto_the_wheel_serves() -> None:
    plan = choose_broker(port=7, folder=FOLDER, mosquitto=None, has_iotcore=True, environment={})
    assert plan.kind is BrokerKind.IOTCORE
    assert plan.child is not None
    assert plan.child.argv[1:] == ("-P", "-m", "cli.iotcore_broker", "/data/broker/iotcore.toml")


def test_without_any_broker_the_line_says_what_to_install() -> None:
    with pytest.raises(SetupError, match=r"mosquitto.*session-vitals\[broker\].*--broker URL") as caught:
        choose_broker(port=7, folder=FOLDER, mosquitto=None, has_iotcore=False, environment={})
    assert caught.value.reason is SetupReason.NO_BROKER
    assert "\n" not in str(caught.value)


def test_a_broker_that_is_given_is_not_started() -> None:
    plan = no_broker("mqtt://clinic:1883")
    plan.write_files()
    assert (plan.kind, plan.url, plan.child) == (BrokerKind.GIVEN, "mqtt://clinic:1883", None)


def test_every_listener_of_ours_is_on_loopback_and_there_is_one() -> None:
    listeners = [line for line in render_mosquitto(1883).splitlines() if line.startswith("listener")]
    assert listeners == [f"listener 1883 {HOST}"]
    table = tomllib.loads(render_iotcore(1883))
    assert [server["listen"] for server in table["v5"].values()] == [f"{HOST}:1883"]
    assert "v4" not in table


def test_a_port_that_somebody_has_is_not_taken(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket() as somebody:
        somebody.bind((HOST, 0))
        somebody.listen()
        taken = somebody.getsockname()[1]
        assert not is_free(taken)
        plan = plan_broker(port=taken, settings=Settings(data=tmp_path))
    assert parse_broker_url(plan.url).port != taken
    free = free_port()
    plan = plan_broker(port=free, settings=Settings(data=tmp_path))
    assert plan.url == f"mqtt://{HOST}:{free}"
    assert not caplog.text, "a plan is no start"
    plan.tell()
    assert "anybody on this machine may connect" in caplog.text


def test_a_folder_that_takes_no_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    plan = choose_broker(port=7, folder=tmp_path / "data" / "broker", mosquitto="m", has_iotcore=False, environment={})
    with pytest.raises(SetupError, match="broker configuration"):
        plan.write_files()


def test_a_free_port_is_none_that_the_system_gives_to_who_connects() -> None:
    # Linux begins at 32768 unless it is told otherwise.
    assert all(20_000 <= free_port() < 32_768 for _ in range(50))
