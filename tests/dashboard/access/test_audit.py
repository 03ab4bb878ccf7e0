"""What is written down, that it is written before a record is shown, and that tampering is found on the disk."""

import io
import json
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path

import apsw
import pytest

from cli.main import main
from dashboard.access.roles import Role
from dashboard.access.routes import WAYS
from tests.dashboard.access.clinic_house import open_clinic
from tests.dashboard.house import person, until
from tests.peers import Mosquitto

pytestmark = [pytest.mark.peer, pytest.mark.timeout(60)]


def vitals(*arguments: str) -> tuple[int, str]:
    with redirect_stdout(io.StringIO()) as said:
        code = main(arguments)
    return code, said.getvalue()


async def test_views_changes_and_refusals_are_written_down_with_who_and_whom(tmp_path: Path) -> None:
    async with open_clinic(tmp_path) as clinic, clinic.browser(headers=await clinic.headers_of("therapist")) as tom:
        body = {"name": "Tuesday", "participants": [person(1)]}
        session = (await tom.post("/api/v1/sessions", json=body)).json()["id"]
        base = f"/api/v1/sessions/{session}"
        for _ in range(3):  # within a minute the same view is one
            await tom.get(f"{base}/readings?participant=p01&kind=hr")
        await tom.get(f"{base}/entries?participant=p01")
        limit = {"rule": "HR_OVER", "value": 125, "by": "TT", "why": "warm day"}
        assert (await tom.post(f"{base}/participants/p01/limits", json=limit)).status_code == 200
        await tom.post(
            f"{base}/entries", json={"by": "TT", "participant": "p01", "body": {"kind": "note", "text": "x"}}
        )
        await tom.post("/api/v1/alarms/a-1/acknowledge", json={"by": "TT"})
        expected = [
            "tom:start_class:",
            f"tom:readings:{session}/p01/hr",
            f"tom:entries:{session}/p01",
            f"tom:limit:{session}/p01",
            f"tom:entry:{session}/p01",
            "tom:acknowledge:a-1",
        ]
        await until(lambda: clinic.audited() == expected, f"{clinic.audited()}")
        with clinic.book() as shelves:
            rows = list(shelves.trail.rows())
        assert {(row.event.role, row.event.via, row.event.address) for row in rows} == {
            ("therapist", "login", "127.0.0.1")
        }
        assert json.loads(rows[-1].event.detail) == {"status": 404}
        assert "warm day" not in str(rows)  # what was said stands in the clinic's own files


async def test_each_change_that_is_refused_to_a_role_is_written_down(tmp_path: Path) -> None:
    changes = {way for way in WAYS if way.method not in {"GET", "WEBSOCKET"}}
    async with open_clinic(tmp_path) as clinic, clinic.browser(headers=await clinic.headers_of("display")) as wall:
        refused = 0
        for way in changes:
            answer = await wall.request(way.method, way.path.replace("{", "").replace("}", ""))
            refused += answer.status_code == 403
        assert refused > 50
        await until(lambda: len(clinic.audited()) == refused, f"{len(clinic.audited())} of {refused}")
        assert {entry.split(":")[0][:5] for entry in clinic.audited()} == {"wall-"}


async def test_a_limit_in_class_is_signed_by_the_login_whatever_the_body_says(tmp_path: Path) -> None:
    async with open_clinic(tmp_path) as clinic, await clinic.someone("therapist") as tom:
        session = (await tom.post("/api/v1/sessions", json={"name": "A", "participants": [person(1)]})).json()["id"]
        limit = {"rule": "HR_OVER", "value": 125, "by": "sue", "why": "warm day"}
        path = f"/api/v1/sessions/{session}"
        assert (await tom.post(f"{path}/participants/p01/limits", json=limit)).status_code == 200
        assert [one["by"] for one in (await tom.get(f"{path}/overrides")).json()] == ["tom"]


async def test_a_class_that_is_over_is_for_leaders_or_an_emergency(tmp_path: Path, broker: Mosquitto) -> None:
    async with open_clinic(tmp_path, broker.url) as clinic:
        async with clinic.script(Role.SUPERVISOR) as sue:
            body = {"name": "Tuesday", "participants": [person(1)]}
            session = (await sue.post("/api/v1/sessions", json=body)).json()["id"]
            base = f"/api/v1/sessions/{session}"
            async with clinic.browser(headers=await clinic.headers_of("therapist")) as tom:
                assert (await tom.get(base)).status_code == 200
                assert (await sue.post(f"{base}/end", json={"by": "SU"})).status_code == 200
                assert (await tom.get(base)).status_code == 403
                assert (await tom.get(f"{base}/alarms")).status_code == 403
                assert (await tom.get("/api/v1/sessions")).json() == []
                assert (await sue.get(base)).status_code == 200
                assert len((await sue.get("/api/v1/sessions")).json()) == 1

                assert (await tom.post("/api/v1/emergency", json={"why": "no"})).status_code == 422
                opened = await tom.post("/api/v1/emergency", json={"why": "collapsed, need the last class"})
                assert opened.json()["emergency_until_utc_ms"] > opened.json()["utc_ms"]
                assert (await tom.get(base)).status_code == 200
                (shown,) = (await sue.get("/api/v1/emergency")).json()
                assert shown["why"] == "collapsed, need the last class"
                assert (await tom.post("/api/v1/devices/x/revoke")).status_code == 403
                assert (await sue.post("/api/v1/emergency", json={"why": "scripts have no need"})).status_code == 409
        await until(lambda: f"tom:class:{session}" in clinic.audited(), "the view is written down")
        await until(lambda: "tom:emergency:" in clinic.audited(), "what gave the view is written down")


async def test_without_an_audit_log_nothing_of_a_record_is_shown_and_alarms_are_taken(tmp_path: Path) -> None:
    async with open_clinic(tmp_path) as clinic, clinic.browser(headers=await clinic.headers_of("supervisor")) as sue:
        locker = apsw.Connection(str(clinic.settings.access_file))
        locker.execute("BEGIN EXCLUSIVE").fetchall()
        try:
            paused = await sue.post("/api/v1/audio-pause", json={"seconds": 0, "by": "SU"})
            assert paused.status_code == 202
            seen = await sue.get("/api/v1/sessions/none")
            assert (seen.status_code, seen.json()["detail"][:10]) == (503, "audit log:")
        finally:
            locker.execute("ROLLBACK").fetchall()
            locker.close()
        assert (await sue.get("/api/v1/sessions/none")).status_code == 404
        await until(lambda: "sue:pause_audio:" in clinic.audited(), "what was done meanwhile is written down")


async def test_the_command_finds_what_was_done_to_the_file(tmp_path: Path) -> None:
    data = str(tmp_path)
    async with open_clinic(tmp_path) as clinic, clinic.browser() as browser:
        for user in ("ada", "sue", "tom"):
            await clinic.log_in(browser, user)
        await until(lambda: len(clinic.audited()) == 3, "three logins")
    code, said = vitals("audit", "verify", "--data", data)
    assert (code, said[:23]) == (0, "audit log whole: 3 rows")
    noted = said.split()[-1]
    assert vitals("audit", "verify", "--noted", noted, "--data", data)[0] == 0
    assert vitals("audit", "list", "--data", data)[1].count("login") == 3

    def after(sql: str) -> str:
        file = apsw.Connection(str(tmp_path / "access.db"))
        try:
            file.execute("SAVEPOINT before").fetchall()
            file.execute(sql).fetchall()
            file.execute("RELEASE before").fetchall()
        finally:
            file.close()
        code, said = vitals("audit", "verify", "--data", data)
        assert code == 1
        return said.strip()

    assert after("UPDATE audit SET who = 'eve' WHERE seq = 2") == "audit log NOT whole: row 2 was changed"
    assert after("DELETE FROM audit WHERE seq = 1") == "audit log NOT whole: row 1 is missing"
    assert after("DELETE FROM audit") == "audit log NOT whole: row 1 is missing"


def test_a_password_is_no_flag_and_a_token_goes_into_a_file_of_its_owner(tmp_path: Path) -> None:
    def run(*arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        command = (sys.executable, "-P", "-m", "cli", "user", *arguments, "--data", str(tmp_path))
        return subprocess.run(command, input=typed, capture_output=True, text=True, timeout=50, check=False)

    assert run("add", "ada", "--role", "admin", "--password", "x").returncode == 2
    short = run("add", "ada", "--role", "admin", typed="short\n")
    assert (short.returncode, short.stderr) == (2, "vitals: password: has 5 characters, not 10 to 200\n")
    assert run("add", "ada", "--role", "admin", typed="correct horse battery\n").returncode == 0
    assert run("disable", "ada").stderr == "vitals: user: 'ada' is the last admin; add another one first\n"
    file = tmp_path / "script.token"
    assert "script.token" in run("token", "nightly", "--out", str(file)).stdout
    assert file.stat().st_mode & 0o777 == 0o600
    assert run("token", "other", "--out", str(file)).returncode == 2
    listed = run("list").stdout
    assert "nightly" in listed
    assert "other" not in listed  # what could not be written down for anybody lets nobody in
    assert vitals("audit", "verify", "--data", str(tmp_path))[0] == 0
