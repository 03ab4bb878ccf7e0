"""Whatever file comes in over HTTP that is none: one line says so, and nothing is changed."""

import json
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from dashboard.access.roles import Role
from dashboard.guard import BODY_BYTES_MAX
from tests.dashboard.access.clinic_house import open_clinic
from tests.dashboard.house import person
from vitals.deadline import deadline

HEAD: Final = b"number;alias;name\r\n"
DEEP: Final = b"[" * 100_000

CSV: Final[dict[str, bytes]] = {
    "nothing": b"",
    "not text": HEAD + b"1;\xff\xfe\x00;x\r\n",
    "a program": b"\x7fELF" + bytes(range(256)) * 40,
    "a spreadsheet": b"PK\x03\x04" + b"\x00" * 2_000,
    "no title that is known": b"a;b;c\r\n1;2;3\r\n",
    "a formula": HEAD + b"1;=cmd|'/C calc'!A0;Ann\r\n",
    "a formula behind good lines": HEAD + b"1;Ann;Ann\r\n2;Bea;Bea\r\n3;@SUM(A1);Cia\r\n",
    "one number twice": HEAD + b"1;Ann;Ann\r\n1;Bea;Bea\r\n",
    "a quote without end": HEAD + b'1;"Ann;Ann\r\n2;Bea;Bea\r\n',
    "lines without end": HEAD + b"1;A;A\r\n" * 5_000,
    "one line without end": HEAD + b"1;" + b"A" * 500_000,
    "too large": HEAD + b"x" * BODY_BYTES_MAX,
}
CLASS: Final[dict[str, tuple[str, bytes]]] = {
    "deep": ("application/json", DEEP),
    "not text": ("application/json", b'{"name": "\xff"}'),
    "deep TOML": ("application/toml", b"a = " + DEEP),
    "TOML that is none": ("application/toml", b"name = \x00"),
    "a form": ("multipart/form-data; boundary=x", b"--x\r\n\r\n\r\n--x--"),
    "a number without end": ("application/json", b'{"name": "A", "participants": ' + b"9" * 100_000 + b"}"),
    "too many people": ("application/json", json.dumps({"name": "A", "participants": [person(1)] * 4_000}).encode()),
    "too large": ("application/json", b'"' + b"x" * BODY_BYTES_MAX + b'"'),
}


async def everything(desk: httpx.AsyncClient) -> list[Any]:
    kept = ("people?with_archived=true", "plans", "sensors", "sessions", "staff", "devices")
    return [(await desk.get(f"/api/v1/{what}")).json() for what in kept]


@pytest.mark.peer
@pytest.mark.timeout(120)
async def test_a_file_that_is_none_is_refused_in_one_line_and_changes_nothing(tmp_path: Path) -> None:
    async with open_clinic(tmp_path) as clinic, clinic.script(Role.ADMIN) as desk:
        assert (await desk.post("/api/v1/people", json={"alias": "Ann"})).status_code == 201
        before = await everything(desk)
        answers = {
            f"list of people: {name}": await desk.post(
                "/api/v1/people/import", content=content, headers={"content-type": "text/csv"}
            )
            for name, content in CSV.items()
        }
        for path in ("sessions", "plans", "people", "review/what-if"):
            for name, (kind, content) in CLASS.items():
                asked = desk.post(f"/api/v1/{path}", content=content, headers={"content-type": kind})
                answers[f"{path}: {name}"] = await asked
        rules = await desk.post("/api/v1/review/what-if", json={"rules_toml": "[[" * 40_000})
        job = rules.json()
        async with deadline(60):
            while job["state"] in {"waiting", "running"}:
                job = (await desk.get(f"/api/v1/review/jobs/{job['id']}")).json()
        after = await everything(desk)

    wrong = {
        name: (answer.status_code, answer.text[:200])
        for name, answer in answers.items()
        if answer.status_code not in {400, 409, 413, 422} or "\n" in answer.json()["detail"]
    }
    assert wrong == {}
    assert job["state"] == "failed"
    assert job["problem"]
    assert "\n" not in job["problem"]
    assert after == before
