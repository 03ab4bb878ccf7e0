"""Exports over HTTP: a file with its type and name, refusals in one line, and nothing left when nobody waits for it."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from msgspec import structs

from dashboard.classes import decode_class
from dashboard.clinic import Clinic, ClinicSession
from dashboard.export.order import ExportFormat
from tests.dashboard.export.conftest import export, make_roster
from tests.dashboard.house import House, settings_for, until
from tests.peers import Mosquitto
from vitals.participants import ParticipantId
from vitals.units import UtcMs

pytestmark = [pytest.mark.peer, pytest.mark.timeout(120)]


@pytest.fixture
async def house(record: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """A dashboard that knows the class on record."""
    body = decode_class(
        b'{"name":"A","participants":[{"id":"p1","seat":1,"strap":"s-1"},{"id":"p2","seat":2,"oximeter":"s-oxi"}]}',
        is_toml=False,
        place="test",
    )
    with contextlib.closing(Clinic(record.parent / "clinic.db")) as clinic:
        aliases = {ParticipantId("p1"): "1", ParticipantId("p2"): "2"}
        session = ClinicSession(name="A", roster=make_roster(), aliases=aliases, phase_since_utc_ms=UtcMs(0))
        clinic.add(session, body)
        over = structs.replace(session, roster=structs.replace(session.roster, version=2))
        clinic.change(over, utc_ms=UtcMs(1))
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    broker = Mosquitto(tmp_path)
    broker.start()
    async with House(settings_for(record.parent, broker.url)) as house:
        yield house
    broker.kill()


@pytest.mark.parametrize("kind", list(ExportFormat))
async def test_each_format_is_a_download(house: House, record: Path, tmp_path: Path, kind: ExportFormat) -> None:
    answer = await house.http.get("/api/v1/sessions/c1/export", params={"format": kind.value})
    assert answer.status_code == 200, answer.text
    assert "c1." in answer.headers["content-disposition"]
    assert answer.headers["cache-control"] == "no-store"
    if kind in {ExportFormat.CSV_WIDE, ExportFormat.FHIR}:
        zone = "UTC"
        assert len(answer.content) == export(record, kind, tmp_path / "again", zone=zone).stat().st_size
    assert int(answer.headers["content-length"]) == len(answer.content) > 100
    assert list((tmp_path / "temporary").iterdir()) == []


async def test_what_cannot_be_given_is_refused_in_one_line(house: House) -> None:
    for query, status, words in (
        ("c9/export?format=csv", 404, "'c9' is not known"),
        ("c1/export?format=exe", 422, "format"),
        ("c1/export?format=csv&participant=p9", 409, "'p9' is not in c1"),
    ):
        answer = await house.http.get(f"/api/v1/sessions/{query}")
        assert (answer.status_code, words in answer.json()["detail"]) == (status, True), answer.text


async def test_a_download_that_is_broken_off_leaves_no_file_and_no_slot_taken(house: House, tmp_path: Path) -> None:
    for _ in range(6):
        async with (
            httpx.AsyncClient(base_url=f"http://{house.authority}", trust_env=False, timeout=20) as client,
            client.stream("GET", "/api/v1/sessions/c1/export?format=csv") as answer,
        ):
            assert answer.status_code == 200
    folder = tmp_path / "temporary"
    await until(lambda: not list(folder.iterdir()), "the files are deleted")
    assert (await house.http.get("/api/v1/sessions/c1/export?format=csv-wide")).status_code == 200
