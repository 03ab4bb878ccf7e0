"""Over the network only with TLS; the demonstration is for this machine and for nobody's real people."""

import asyncio
import io
import ssl
import tomllib
from contextlib import closing, redirect_stdout
from pathlib import Path
from typing import Any

import httpx
import pytest

from cli.broker import no_broker
from cli.children import part_spec
from cli.configuration import environment_of
from cli.dashboard_client import DashboardClient, dashboard_url
from cli.main import main
from cli.system import plan_children
from dashboard.access.book import open_book
from dashboard.access.keys import new_key
from dashboard.access.roles import Role
from dashboard.access.shelves import Shelves
from dashboard.server import read_tls
from dashboard.service import run
from tests.dashboard.access.clinic_house import NO_BROKER, PASSWORD, Clinic, cheap, furnish
from tests.dashboard.house import PATIENCE_S, settings_for
from vitals.errors import InputError, PeerError, SetupError
from vitals.sessions import GenerationMode
from vitals.settings import Settings, setting_keys
from vitals.units import UtcMs

pytestmark = [pytest.mark.peer, pytest.mark.timeout(60)]


def certified(folder: Path, names: str = "127.0.0.1,wall.clinic") -> dict[str, Any]:
    """What `vitals site certificate` prints, as settings of the dashboard."""
    with redirect_stdout(io.StringIO()) as said:
        assert main(["site", "certificate", "--names", names, "--data", str(folder)]) == 0
    printed = tomllib.loads(said.getvalue())["dashboard"]
    return {
        "certificate_file": Path(printed["certificate_file"]),
        "key_file": Path(printed["key_file"]),
        "names": tuple(printed["names"]),
    }


def authority_of(folder: Path) -> Path:
    (found,) = folder.rglob("authority.crt")
    return found


class SafeClinic(Clinic):
    """As `Clinic`, over https."""

    def __init__(self, settings: Settings, authority: Path) -> None:
        super().__init__(settings)
        self.trust = ssl.create_default_context(cafile=str(authority))
        self.http = self.browser()

    def browser(self, **more: Any) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=f"https://{self.authority}", trust_env=False, timeout=PATIENCE_S, verify=self.trust, **more
        )


async def test_https_with_the_sites_own_certificate(tmp_path: Path) -> None:
    made = certified(tmp_path)
    settings = settings_for(tmp_path, NO_BROKER, **made)
    authority = authority_of(tmp_path)
    tokens = furnish(settings, now_utc_ms=1)
    async with SafeClinic(settings, authority) as clinic, clinic.browser() as tom:
        entry = await clinic.log_in(tom, "tom")
        assert entry.status_code == 200
        assert "secure" in entry.headers["set-cookie"].lower()
        port = settings.dashboard.port
        called = {
            name: (await tom.get("/wall", headers={"host": f"{name}:{port}"})).status_code
            for name in ("127.0.0.1", "wall.clinic", "evil.example")
        }
        assert called == {"127.0.0.1": 200, "wall.clinic": 200, "evil.example": 421}
        ours = await tom.post("/api/v1/audio-pause", json={}, headers={"origin": f"https://wall.clinic:{port}"})
        plain = await tom.post("/api/v1/audio-pause", json={}, headers={"origin": f"http://wall.clinic:{port}"})
        assert (ours.status_code, plain.status_code) == (422, 403)

        # A script of this machine believes this one certificate, and takes its token from the file alone.
        assert dashboard_url(settings) == f"https://127.0.0.1:{port}"
        with pytest.raises(InputError, match=r"dashboard \(401\): .*`vitals user token NAME --out "):
            await asyncio.to_thread(DashboardClient(settings).get, "/api/v1/live")
        settings.token_file.write_text(tokens[Role.THERAPIST] + "\n")
        client = DashboardClient(settings)
        assert (await asyncio.to_thread(client.get, "/api/v1/live"))["session"] is None
        other = settings_for(tmp_path, NO_BROKER, **(made | certified(tmp_path / "other") | {"port": port}))
        with pytest.raises(PeerError, match="CERTIFICATE_VERIFY_FAILED"):
            await asyncio.to_thread(DashboardClient(other).get, "/healthz")


def test_files_that_are_no_certificate_are_one_line(tmp_path: Path) -> None:
    made = certified(tmp_path)
    other = certified(tmp_path / "other")
    assert read_tls(None, None) is None
    with pytest.raises(SetupError, match="one needs the other"):
        read_tls(made["certificate_file"], None)
    with pytest.raises(SetupError, match="No such file"):
        read_tls(made["certificate_file"], tmp_path / "none.key")
    with pytest.raises(SetupError, match=r"KEY_VALUES_MISMATCH|key values mismatch"):
        read_tls(made["certificate_file"], other["key_file"])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"mode": GenerationMode.REAL}, "a demonstration shows no real people"),
        ({"host": "::1"}, "is for 127.0.0.1 alone"),
        ({"host": "0.0.0.0"}, "without TLS"),
        ({"users": True}, "holds a clinic's users"),
    ],
)
async def test_what_is_open_refuses_real_people_other_addresses_and_a_clinics_folder(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    settings = settings_for(tmp_path, NO_BROKER, **({"host": changes["host"]} if "host" in changes else {}))
    settings = settings.model_copy(update={"mode": changes.get("mode", settings.mode)})
    if "users" in changes:
        with closing(open_book(settings.access_file)) as book:
            hashed = cheap().hash_now(PASSWORD)
            Shelves(book).accounts.add("tom", Role.THERAPIST, password=hashed, utc_ms=UtcMs(0))
    with pytest.raises(SetupError, match=said) as refused:
        await run(settings, is_open=True)

    assert "\n" not in str(refused.value)


def test_only_a_system_with_simulated_people_starts_the_open_dashboard(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, NO_BROKER)
    for with_simulator in (True, False):
        children = plan_children(settings, no_broker(NO_BROKER), with_simulator=with_simulator)
        (dashboard,) = (child for child in children if child.name == "dashboard")
        assert ("cli.open_dashboard" in dashboard.argv) == with_simulator


def test_no_setting_and_no_variable_opens_the_dashboard(tmp_path: Path) -> None:
    words = ("open", "login", "auth", "demo")
    assert [key for key in setting_keys() if any(word in key for word in words)] == []
    settings = settings_for(tmp_path, NO_BROKER)
    closed, opened = (
        part_spec("dashboard", environment_of(settings, {}), is_open=is_open) for is_open in (False, True)
    )
    assert closed.environment == opened.environment


def test_a_token_file_that_holds_none_is_one_line(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, NO_BROKER, token_file=tmp_path / "t")
    with pytest.raises(SetupError, match=r"dashboard\.token_file .*: No such file"):
        DashboardClient(settings)
    (tmp_path / "t").write_text("two words")
    with pytest.raises(SetupError, match="holds no token") as refused:
        DashboardClient(settings)
    assert "two words" not in str(refused.value)
    (tmp_path / "t").write_text(new_key().secret)
    DashboardClient(settings)
