"""The door of a real Mosquitto: who is paired comes in and speaks for itself alone; everybody else stays outside."""

import asyncio
import gc
import json
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from cli.broker import BrokerPlan, choose_broker, find_mosquitto, free_port, mosquitto_user
from cli.door import Door, plan_door
from cli.pairing.authority import BROKER_DAYS, open_authority
from cli.pairing.furnishing import tell_broker
from cli.pairing.members import Members, read_members, write_members
from tests.broker_process import run_broker
from tests.peers import until
from vitals.bus import Bus, Incoming
from vitals.clock import Clock
from vitals.errors import PeerError
from vitals.settings import Settings
from vitals.units import UtcMs

pytestmark = [
    pytest.mark.peer,
    pytest.mark.timeout(60),
    # paho leaves the socket of a refused handshake to the garbage collector.
    pytest.mark.filterwarnings("ignore:Exception ignored in. <ssl.SSLSocket:pytest.PytestUnraisableExceptionWarning"),
]

PASSWORD = "known-to-g2-alone"
ROOT = "vitals/v1/gym"


@pytest.fixture(autouse=True)
def _collect_sockets() -> Iterator[None]:
    """Let the sockets that paho has left be collected here, where it is known, and in no later test."""
    yield
    gc.collect()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.model_validate({"data": tmp_path / "data", "lan": {"host": "127.0.0.1", "port": free_port()}})


@pytest.fixture
def door(settings: Settings) -> Iterator[Door]:
    door = plan_door(settings, user=mosquitto_user())
    assert door is not None
    door.home.mkdir(parents=True)
    members = Members().admit("g2", PASSWORD, now_utc_ms=UtcMs(1)).admit("g3", "another", now_utc_ms=UtcMs(1))
    write_members(door.members_file, members)
    yield door
    shutil.rmtree(door.folder, ignore_errors=True)


def plan_of(settings: Settings, door: Door) -> BrokerPlan:
    return choose_broker(
        port=free_port(),
        folder=settings.data / "broker",
        mosquitto=find_mosquitto(),
        has_iotcore=False,
        environment=os.environ,
        user=door.user,
        door=door,
    )


class Site:
    """A broker with a door. ``inside`` is connected over loopback and hears everything."""

    def __init__(self, door: Door, inside: Bus, heard: list[Incoming], pids_file: Path) -> None:
        self.door = door
        self.inside = inside
        self.heard = heard
        self.pids_file = pids_file

    def topics(self) -> list[str]:
        return [incoming.topic for incoming in self.heard]

    @asynccontextmanager
    async def gateway(
        self, user: str = "g2", password: str = PASSWORD, ca_file: Path | None = None
    ) -> AsyncIterator[Bus]:
        url = f"mqtts://{user}:{password}@127.0.0.1:{self.door.port}"
        ca_file = self.door.home / "authority.crt" if ca_file is None else ca_file
        async with Bus(url=url, client_id=f"gateway-{user}", clock=Clock(), ca_file=ca_file) as bus:
            yield bus


@asynccontextmanager
async def open_site(settings: Settings, door: Door) -> AsyncIterator[Site]:
    plan, heard, pids_file = plan_of(settings, door), list[Incoming](), settings.data / "pids.json"
    async with run_broker(plan) as process, Bus(url=plan.url, client_id="inside", clock=Clock()) as inside:
        assert process is not None
        pids_file.write_text(json.dumps({"broker": process.pid}))
        inside.subscribe("vitals/#", heard.append)
        await until(lambda: inside.connected)
        yield Site(door, inside, heard, pids_file)


async def test_a_paired_gateway_says_its_own_and_hears_its_own(settings: Settings, door: Door) -> None:
    async with open_site(settings, door) as site, site.gateway() as gateway:
        got: list[Incoming] = []
        gateway.subscribe(f"{ROOT}/gateway/g2/assignments", got.append)
        gateway.subscribe(f"{ROOT}/gateway/g3/assignments", got.append)
        gateway.subscribe(f"{ROOT}/session/+/roster", got.append)
        await until(lambda: gateway.connected)
        for own in ("gateway/g2/reading/s-1/hr", "gateway/g2/nearby", "gateway/g2/anchor/r", "part/gateway/g2/status"):
            await gateway.publish(f"{ROOT}/{own}", b"{}")
        await until(lambda: len(site.heard) == 4)
        for other in ("gateway/g3/assignments", "session/x/roster", "gateway/g2/assignments"):
            await site.inside.publish(f"{ROOT}/{other}", b"{}")
        await until(lambda: got)
        assert [incoming.topic for incoming in got] == [f"{ROOT}/gateway/g2/assignments"]


@pytest.mark.parametrize(
    "forged",
    [
        "gateway/g3/reading/s-1/hr",
        "part/gateway/g3/status",
        "part/analysis/a1/status",
        "gateway/g2/assignments",
        "alarm/state/p1/HR_OVER",
        "command/analysis/acknowledge",
        "store/cursor/g2/run",
        "session/x/roster",
    ],
)
async def test_a_forged_topic_is_refused_and_nobody_hears_it(settings: Settings, door: Door, forged: str) -> None:
    async with open_site(settings, door) as site, site.gateway() as gateway:
        await until(lambda: gateway.connected)
        with pytest.raises(PeerError):
            await gateway.publish(f"{ROOT}/{forged}", b"{}")
        await gateway.publish(f"{ROOT}/gateway/g2/nearby", b"{}")
        await until(lambda: site.heard)
        assert site.topics() == [f"{ROOT}/gateway/g2/nearby"]


@pytest.mark.parametrize(("user", "password"), [("g2", "guessed"), ("g9", PASSWORD), ("g3", PASSWORD)])
async def test_who_has_no_password_of_its_own_stays_outside(
    settings: Settings, door: Door, user: str, password: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_site(settings, door) as site, site.gateway(user, password) as gateway:
        await until(lambda: "uthoris" in caplog.text or "uthoriz" in caplog.text)
        assert not gateway.connected


async def test_a_broker_with_a_certificate_of_another_authority_is_not_believed(
    settings: Settings, door: Door, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    open_authority(tmp_path / "other", site="gym", now=datetime.now(UTC))
    async with open_site(settings, door) as site:
        async with site.gateway(ca_file=tmp_path / "other" / "authority.crt") as gateway:
            await until(lambda: "CERTIFICATE_VERIFY_FAILED" in caplog.text or "certificate" in caplog.text.lower())
            assert not gateway.connected
        async with site.gateway() as gateway:
            await until(lambda: gateway.connected)


async def test_a_broker_that_is_called_by_another_name_is_not_believed(
    settings: Settings, door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    """A certificate of the same site for another machine opens nothing here."""
    async with open_site(settings, replace(door, names=("192.0.2.7",))) as site, site.gateway() as gateway:
        await until(lambda: "certificate" in caplog.text.lower())
        assert not gateway.connected


async def test_who_is_expelled_is_shown_out_at_once_and_the_others_stay(settings: Settings, door: Door) -> None:
    async with open_site(settings, door) as site, site.gateway() as expelled, site.gateway("g3", "another") as other:
        await until(lambda: expelled.connected and other.connected)
        write_members(door.members_file, read_members(door.members_file).expel("g2"))
        tell_broker(door, pids_file=site.pids_file, now=datetime.now(UTC))
        await until(lambda: not expelled.connected)
        assert other.connected
        assert other.counters["lost"] == 0


async def test_a_certificate_is_renewed_under_the_running_broker(settings: Settings, door: Door) -> None:
    async with open_site(settings, door) as site, site.gateway() as gateway:
        await until(lambda: gateway.connected)
        before = await served(door)
        later = datetime.now(UTC) + timedelta(days=BROKER_DAYS - 30)
        tell_broker(door, pids_file=site.pids_file, now=later)
        for _ in range(500):
            if await served(door) != before:
                break
            await asyncio.sleep(0.02)
        assert await served(door) != before
        assert gateway.connected
        async with site.gateway("g3", "another") as newcomer:
            await until(lambda: newcomer.connected)


async def served(door: Door) -> str:
    """Return the certificate that the door shows, as OpenSSL's client sees it."""
    process = await asyncio.create_subprocess_exec(
        "openssl", "s_client", "-connect", f"127.0.0.1:{door.port}",
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    out, _ = await process.communicate()
    return out.decode().partition("-----BEGIN CERTIFICATE-----")[2].partition("-----END")[0]
