"""Review over HTTP: what is given, who is given it, and what is refused."""

import asyncio
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.dashboard.access.clinic_house import open_clinic
from tests.dashboard.house import House, settings_for
from tests.dashboard.review.past_class import PastClass, hr_at, person_id, write_past_class
from vitals.entries import Note

pytestmark = [pytest.mark.peer, pytest.mark.timeout(120)]

NO_BROKER = "mqtt://127.0.0.1:1"
AGAIN_S = 0.1
"""Who asks without a pause takes the processor from the child that is asked for."""
EVIL = "<script>alert(1)</script>"
API = "/api/v1/sessions/past-1"
ONE = f"{API}/participants/{person_id(1)}"


async def whole(http: httpx.AsyncClient, path: str) -> Any:
    """A class's overview, asked for until nothing of it is pending."""
    while True:
        answer = await http.get(path)
        assert answer.status_code == 200, answer.text
        if answer.json()["pending"] == 0:
            return answer.json()
        await asyncio.sleep(AGAIN_S)


async def test_what_the_pages_ask_is_answered_and_nonsense_refused_in_one_line(tmp_path: Path) -> None:
    past = PastClass(minutes=3, people=5, alarms=((100, 8),), entries=((50, Note(text=EVIL)),))
    write_past_class(tmp_path, past)
    async with House(settings_for(tmp_path, NO_BROKER)) as house:
        http = house.http
        listed = (await http.get("/api/v1/review/sessions")).json()
        overview = await whole(http, f"{API}/summary")
        one = (await http.get(f"{ONE}/summary")).json()
        start = past.started_utc_ms
        query = f"from_utc_ms={start + 10_000}&to_utc_ms={start + 30_000}"
        timeline = (await http.get(f"{ONE}/timeline?{query}&points=100")).json()
        replay = (await http.get(f"{API}/replay?from_utc_ms={start + 60_000}&to_utc_ms={start + 120_000}")).json()
        programme = (await http.get(f"/api/v1/people/{person_id(1)}/programme")).json()
        report = await http.get(f"{ONE}/report?lang=de")
        refused = {
            path: (await http.get(path)).status_code
            for path in (
                "/api/v1/sessions/nobody/summary",
                f"{API}/participants/nobody/summary",
                f"{ONE}/timeline?from_utc_ms=5&to_utc_ms=5",
                f"{ONE}/timeline?{query}&points=1000000",
                f"{ONE}/report?lang=xx",
                "/api/v1/review/jobs/nothing",
            )
        }
        wrong = await http.post(f"{ONE}/sign", json={"digest": "0" * 64})

    assert [(row["id"], row["participants"], row["generation_mode"]) for row in listed] == [("past-1", 5, "simulated")]
    assert [person["summary"]["seat"] for person in overview["people"]] == [1, 2, 3, 4, 5]
    assert one["summary"] == overview["people"][0]["summary"]
    assert (one["signatures"], len(one["digest"])) == ([], 64)
    assert timeline["bucket_ms"] == 0
    assert timeline["lines"]["hr_bpm"]["mean"] == [hr_at(1, second, 180) for second in range(10, 30)]
    assert [seat["seat"] for seat in replay["replay"]["seats"]] == [1, 2, 3, 4, 5]
    assert replay["replay"]["seats"][0]["hr"]["at_ms"][0] == 50  # when it arrived, not when it was said
    assert replay["replay"]["seats"][0]["hr"]["age_ms"][0] == 50
    assert [moment["change"] for moment in replay["replay"]["alarms"]] == ["raised", "acknowledged"]
    assert [line["session"] for line in programme["sessions"]] == ["past-1"]
    assert report.headers["content-type"].startswith("text/html")
    assert EVIL not in report.text
    assert "/static/review/report.css" in report.text
    assert list(refused.values()) == [404, 404, 422, 422, 422, 404], refused
    assert (wrong.status_code, "is not what the record says now" in wrong.json()["detail"]) == (409, True)


async def test_a_job_is_asked_for_looked_at_and_answered(tmp_path: Path) -> None:
    write_past_class(tmp_path, PastClass(minutes=2))
    async with House(settings_for(tmp_path, NO_BROKER)) as house:
        body = {"sessions": ["past-1"], "limits": {"HR_OVER": {"value": 100}}}
        job = (await house.http.post("/api/v1/review/what-if", json=body)).json()
        deadline_s = time.monotonic() + 90
        while job["state"] in {"waiting", "running"}:
            assert time.monotonic() < deadline_s
            await asyncio.sleep(AGAIN_S)
            job = (await house.http.get(f"/api/v1/review/jobs/{job['id']}")).json()
        wrong = await house.http.post("/api/v1/review/what-if", json={"limits": {"NO_RULE": {}}})
    assert job["state"] == "done", job
    assert [rule["rule"] for rule in job["answer"]["rules"] if rule["after"]] == ["HR_OVER"]
    assert wrong.status_code == 422


async def test_staff_review_a_class_of_today_and_leaders_those_of_before(tmp_path: Path) -> None:
    today = PastClass(minutes=1, started_utc_ms=time.time_ns() // 1_000_000 - 120_000)
    write_past_class(tmp_path, today)
    write_past_class(tmp_path, PastClass(minutes=1, session=type(today.session)("long-ago")))
    async with open_clinic(tmp_path) as clinic:
        answers: dict[str, list[int]] = {}
        lists: dict[str, list[str]] = {}
        for name in ("display", "therapist", "supervisor"):
            async with await clinic.someone(name) as browser:
                answers[name] = [
                    (await browser.get(f"/api/v1/sessions/{session}/participants/{person_id(1)}/summary")).status_code
                    for session in ("past-1", "long-ago")
                ]
                found = await browser.get("/api/v1/review/sessions")
                lists[name] = [row["id"] for row in found.json()] if found.status_code == 200 else []
        audited = clinic.audited()
    assert answers == {"display": [403, 403], "therapist": [200, 403], "supervisor": [200, 200]}
    assert lists == {"display": [], "therapist": ["past-1"], "supervisor": ["past-1", "long-ago"]}
    assert f"tom:summary:past-1/{person_id(1)}" in audited
