"""From a person to a class over HTTP, with the real server and a real broker; who may not, may not."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from dashboard.access.roles import Role
from tests.dashboard.access.clinic_house import NO_BROKER, open_clinic
from tests.dashboard.house import House, person, settings_for, until
from tests.peers import Mosquitto
from vitals.bus import Bus, Incoming
from vitals.clock import Clock
from vitals.duty import Duty
from vitals.topics import DutyTopic
from vitals.wire import decode

pytestmark = [pytest.mark.peer, pytest.mark.timeout(120)]

NASTY = "<img src=x onerror=alert(1)>"


async def said(answer: httpx.Response, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()


async def add_person(desk: httpx.AsyncClient, alias: str, **more: Any) -> dict[str, Any]:
    person: dict[str, Any] = await said(await desk.post("/api/v1/people", json={"alias": alias} | more), 201)
    return person


def plan_of(*people: str, **more: Any) -> dict[str, Any]:
    seats = [{"seat": seat, "person": person} for seat, person in enumerate(people, start=1)]
    phases = [{"phase": "warm_up", "at_s": 0}, {"phase": "training", "at_s": 600}]
    return {"name": "Tuesday", "seats": seats, "phases": phases} | more


async def test_a_class_begins_from_a_plan_with_the_newest_prescriptions_and_own_sensors(
    tmp_path: Path, broker: Mosquitto
) -> None:
    async with open_clinic(tmp_path, broker.url) as clinic, clinic.script(Role.SUPERVISOR) as desk:
        anna = await add_person(desk, "Anna", number="1042", name="Anna <Ann> Müller")
        bert = await add_person(desk, NASTY)
        for upper in (130, 121):
            body = {"prescription": {"hr_upper_bpm": upper, "birth_year": 1956}, "why": "stress test"}
            await said(await desk.post(f"/api/v1/people/{anna['id']}/prescriptions", json=body), 201)
        strap = {"kind": "strap", "label": "Red 7", "owner": anna["id"]}
        await said(await desk.put("/api/v1/sensors/s-anna", json=strap))
        today = datetime.now(UTC).date()
        series = {"weekdays": [today.isoweekday()], "time": "10:00", "first_date": f"{today}"}
        staff = [{"staff": "tom", "role": "therapist", "own": [anna["id"]]}]
        body = plan_of(anna["id"], bert["id"], series=series, staff=staff)
        plan = (await said(await desk.post("/api/v1/plans", json=body), 201))["id"]
        await _due(desk, plan, session=None)

        async with await clinic.someone("therapist") as tom:
            # Who is none of the leaders sees the people of the own classes, and what they were prescribed.
            shown = await said(await tom.get("/api/v1/people"))
            assert {one["alias"] for one in shown} == {NASTY, "Anna"}
            started = await said(await tom.post(f"/api/v1/plans/{plan}/start", json={}), 201)
        session = await said(await desk.get(f"/api/v1/sessions/{started['session']}"))
        seated = {one["id"]: one for one in session["participants"]}
        assert seated[anna["id"]]["strap"] == "s-anna"
        assert seated[anna["id"]]["limits"]["HR_OVER"] == 121
        assert seated[bert["id"]]["alias"] == NASTY
        assert "HR_OVER" not in seated[bert["id"]]["limits"]
        assert session["phase"] == "warm_up"
        await _due(desk, plan, session=started["session"])

        duty = await said(await desk.get(f"/api/v1/sessions/{started['session']}/duty"))
        assert [(one["staff"], one["initials"], one["participants"]) for one in duty["members"]] == [
            ("tom", "TO", [anna["id"]])
        ]
        # Archived: out of the plan, sensors to the pool; the class goes on.
        await said(await desk.post(f"/api/v1/people/{anna['id']}/archive", json={"is_archived": True}))
        kept = await said(await desk.get(f"/api/v1/plans/{plan}"))
        assert [one["person"] for one in kept["plan"]["seats"]] == [bert["id"]]
        assert (await said(await desk.get("/api/v1/sensors")))[0]["owner"] is None
        noted = {f"person_added:{anna['id']}", f"prescribed:{anna['id']}"}
        await until(lambda: all(one in " ".join(clinic.audited()) for one in noted), "both are written down")
        assert "Anna" not in " ".join(clinic.audited())


async def _due(desk: httpx.AsyncClient, plan: str, *, session: str | None) -> None:
    (due,) = await said(await desk.get("/api/v1/plans/due"))
    assert (due["plan"], due["session"], due["is_running"]) == (plan, session, session is not None)


async def test_whoever_begins_a_class_without_a_plan_is_on_duty_and_a_script_is_nobody(tmp_path: Path) -> None:
    async with (
        open_clinic(tmp_path) as clinic,
        clinic.script(Role.SUPERVISOR) as script,
        await clinic.someone("therapist") as tom,
    ):
        body = {"name": "T", "participants": [person(1)]}
        for beginner, on_duty in ((tom, [("tom", "therapist")]), (script, [])):
            started = await said(await beginner.post("/api/v1/sessions", json=body), 201)
            path = f"/api/v1/sessions/{started['id']}"
            duty = await said(await script.get(f"{path}/duty"))
            assert [(one["staff"], one["role"]) for one in duty["members"]] == on_duty
            await said(await script.post(f"{path}/end", json={}))


async def test_duty_is_said_with_each_change_and_is_gone_with_the_class(tmp_path: Path, broker: Mosquitto) -> None:
    heard: list[Duty] = []

    def hear(incoming: Incoming) -> None:
        heard.append(decode(incoming.payload, Duty, place=incoming.topic))

    async with open_clinic(tmp_path, broker.url) as clinic, clinic.script(Role.SUPERVISOR) as desk:
        bus = Bus(url=broker.url, client_id="listener", clock=Clock())
        bus.subscribe(str(DutyTopic(site="gym")), hear)
        async with bus:
            anna, bert = await add_person(desk, "Anna"), await add_person(desk, "Bert")
            plan = (await said(await desk.post("/api/v1/plans", json=plan_of(anna["id"], bert["id"])), 201))["id"]
            start = await said(await desk.post(f"/api/v1/plans/{plan}/start", json={"absent": [bert["id"]]}), 201)
            session = start["session"]
            path = f"/api/v1/sessions/{session}/duty"
            members = [{"staff": "sue", "role": "supervisor"}, {"staff": "tom", "participants": [anna["id"]]}]
            await said(await desk.put(path, json={"members": members}))
            async with await clinic.someone("therapist") as tom:
                await said(await tom.put(f"{path}/me", json={"participants": []}))
            await until(lambda: bool(heard) and _own(heard[-1]) == {"sue": 0, "tom": 0}, "the change is said")
            for wrong, place in (
                ({"staff": "nobody"}, "members[0].staff"),
                ({"staff": "tom", "participants": [bert["id"]]}, "participants"),
            ):
                refused = await said(await desk.put(path, json={"members": [wrong]}), 409)
                assert place in refused["detail"]
            await said(await desk.post(f"/api/v1/sessions/{session}/end", json={}))
            await until(lambda: not heard[-1].sessions, "an ended class has nobody on duty")
            refused = await said(await desk.put(path, json={"members": []}), 409)
            assert "ended" in refused["detail"]
    versions = [duty.version for duty in heard]
    assert versions == sorted(set(versions))


def _own(duty: Duty) -> dict[str, int]:
    return {one.staff: len(one.participants) for each in duty.sessions for one in each.members}


async def test_nonsense_is_refused_with_its_place_and_every_version_stays(tmp_path: Path) -> None:
    async with open_clinic(tmp_path) as clinic, clinic.script(Role.ADMIN) as desk:
        anna = await add_person(desk, "Anna", number="7")
        path = f"/api/v1/people/{anna['id']}/prescriptions"
        for prescription, place in (
            ({"hr_upper_bpm": 300}, "hr_upper_bpm"),
            ({"hr_upper_bpm": 60, "rest_hr_bpm": 70}, "hr_upper_bpm"),
            ({"birth_year": 2020}, "birth_year"),
            ({"age_years": 60}, "age_years"),
            ({"diagnosis": "COPD"}, "diagnosis"),
            ({"zone_low_hrr_pct": 40}, "zone_high_hrr_pct"),
        ):
            refused = await said(await desk.post(path, json={"prescription": prescription, "why": "try"}), 422)
            assert place in refused["detail"], refused
        assert await said(await desk.get(path)) == []
        for upper in (120, 125):
            body = {"prescription": {"hr_upper_bpm": upper}, "why": f"after {upper}"}
            await said(await desk.post(path, json=body), 201)
        same = {"prescription": {"hr_upper_bpm": 125}, "why": "again"}
        assert "same as version 2" in (await said(await desk.post(path, json=same), 409))["detail"]
        versions = await said(await desk.get(path))
        assert [(one["version"], one["by"], one["why"]) for one in versions] == [
            (2, "t-admin", "after 125"),
            (1, "t-admin", "after 120"),
        ]
        preview = {"prescription": {"hr_upper_bpm": 60, "rest_hr_bpm": 70}}
        shown = await said(await desk.post("/api/v1/prescriptions/preview", json=preview))
        assert [one["field"] for one in shown["refusals"]] == ["hr_upper_bpm"]
        shown = await said(await desk.post("/api/v1/prescriptions/preview", json={"prescription": {}}))
        limits = {one["rule"]: one for one in shown["limits"]}
        assert limits["HR_OVER"]["value"] is None
        assert limits["SPO2_LOW"]["is_default"]
        for draft, status in (({"alias": " "}, 422), ({"alias": "B", "number": "7"}, 409), ({"alias": "a\nb"}, 422)):
            await said(await desk.post("/api/v1/people", json=draft), status)
        yesterday = (datetime.now(UTC) - timedelta(days=1)).date()
        wrong: dict[str, Any] = {
            "weekdays": [1],
            "time": "10:00",
            "first_date": "2026-05-01",
            "last_date": f"{yesterday}",
        }
        for change, place in (
            ({"seats": [{"seat": 1, "person": "p-strange"}]}, "seats[0].person"),
            ({"seats": [{"seat": 1, "person": anna["id"]}, {"seat": 1, "person": "p-2"}]}, "seats[1].seat"),
            ({"series": wrong | {"last_date": "2026-04-01"}}, "last_date"),
            ({"series": wrong | {"first_date": "2026-05-05", "last_date": "2026-05-05"}}, "weekdays"),
            ({"series": wrong | {"time": "24:00"}}, "time"),
            ({"phases": [{"phase": "rest", "at_s": 9}, {"phase": "rest", "at_s": 9}]}, "phases[1].at_s"),
        ):
            answer = await desk.post("/api/v1/plans", json={"name": "X"} | change)
            assert answer.status_code in {409, 422}
            assert place in answer.json()["detail"].replace("body.series.", ""), answer.text
        empty = (await said(await desk.post("/api/v1/plans", json={"name": "Empty"}), 201))["id"]
        refused = await said(await desk.post(f"/api/v1/plans/{empty}/start"), 409)
        assert "nobody in it" in refused["detail"]


async def test_a_list_is_taken_whole_or_not_at_all_and_a_dry_run_takes_nothing(tmp_path: Path) -> None:
    async with open_clinic(tmp_path) as clinic, clinic.script(Role.SUPERVISOR) as desk:
        good = b"number;alias;name;hr_upper_bpm\n1;Anna;;121\n2;Bert;Bert B;\n"
        bad = good + b"3;Carl;;12\n4;=x;;\n"
        wrong = await said(await desk.post("/api/v1/people/import", content=bad), 422)
        assert wrong["detail"].startswith("line 4, hr_upper_bpm: '12'")
        assert [error["line"] for error in wrong["errors"]] == [4, 5]
        dry = await said(await desk.post("/api/v1/people/import?dry_run=true", content=bad))
        assert (len(dry["errors"]), dry["added"]) == (2, 2)
        assert await said(await desk.get("/api/v1/people")) == []
        taken = await said(await desk.post("/api/v1/people/import", content=good))
        assert (taken["added"], taken["changed"]) == (2, 0)
        before = {one["number"]: one["id"] for one in await said(await desk.get("/api/v1/people"))}
        again = "number,alias,name,hr_upper_bpm\n1,Anni,,118\n2,Bert,Bert B,\n".encode("latin-1")
        taken = await said(await desk.post("/api/v1/people/import", content=again))
        assert (taken["added"], taken["changed"], taken["unchanged"]) == (0, 1, 1)
        people = await said(await desk.get("/api/v1/people"))
        assert {one["number"]: one["id"] for one in people} == before  # pseudonyms are stable
        versions = await said(await desk.get(f"/api/v1/people/{before['1']}/prescriptions"))
        assert [one["prescription"]["hr_upper_bpm"] for one in versions] == [118, 121]
        template = await desk.get("/api/v1/people/template.csv")
        assert template.headers["content-type"].startswith("text/csv")
        assert await said(await desk.post("/api/v1/people/import", content=template.content)) == {
            "is_dry_run": False,
            "added": 0,
            "changed": 0,
            "unchanged": 0,
            "lines": [],
            "errors": [],
        }


async def test_a_therapist_looks_up_the_people_of_the_own_classes_alone(tmp_path: Path) -> None:
    async with open_clinic(tmp_path) as clinic, clinic.script(Role.SUPERVISOR) as desk:
        mine, other = await add_person(desk, "Mine"), await add_person(desk, "Other")
        staff = [{"staff": "tom"}]
        await said(await desk.post("/api/v1/plans", json=plan_of(mine["id"], staff=staff)), 201)
        async with await clinic.someone("therapist") as tom:
            assert [one["alias"] for one in await said(await tom.get("/api/v1/people"))] == ["Mine"]
            await said(await tom.get(f"/api/v1/people/{mine['id']}/prescriptions"))
            await said(await tom.get(f"/api/v1/people/{other['id']}"), 404)
            await said(await tom.get(f"/api/v1/people/{other['id']}/prescriptions"), 404)
            # In the class of now it is another thing: whoever is there is looked after by everybody.
            plan = (await said(await desk.post("/api/v1/plans", json=plan_of(other["id"])), 201))["id"]
            await said(await tom.post(f"/api/v1/plans/{plan}/start"), 201)
            await said(await tom.get(f"/api/v1/people/{other['id']}"))


async def test_a_user_is_added_by_a_link_that_works_once(tmp_path: Path) -> None:
    async with open_clinic(tmp_path) as clinic, clinic.script(Role.ADMIN) as desk, clinic.browser() as nora:
        body = {"name": "nora", "role": "therapist"}
        added = await said(await desk.post("/api/v1/users", json=body), 201)
        await said(await desk.post("/api/v1/users", json=body), 409)
        secret = added["link"]["path"].removeprefix("/invited#")
        assert await said(await nora.post("/api/v1/invitation/look", json={"secret": secret})) == {"user": "nora"}
        await said(await nora.post("/api/v1/invitation", json={"secret": secret, "password": "short"}), 422)
        password = "a rainy tuesday"
        me = await said(await nora.post("/api/v1/invitation", json={"secret": secret, "password": password}))
        assert (me["who"], me["role"]) == ("nora", "therapist")
        await said(await nora.post("/api/v1/invitation", json={"secret": secret, "password": password}), 403)
        await said(await nora.post("/api/v1/me/pin", json={"password": password, "pin": "4711"}))
        users = {one["name"]: one for one in await said(await desk.get("/api/v1/users"))}
        assert users["nora"]["has_pin"]
        assert users["nora"]["link_until_utc_ms"] is None
        await said(await desk.post("/api/v1/users/nora/pin-reset"))
        link = (await said(await desk.post("/api/v1/users/nora/link")))["path"].removeprefix("/invited#")
        shut = await said(await desk.post("/api/v1/users/nora/disabled", json={"is_disabled": True}))
        assert (shut["has_pin"], shut["is_disabled"], shut["link_until_utc_ms"]) == (False, True, None)
        assert (await nora.get("/api/v1/me")).json()["role"] is None
        await said(await nora.post("/api/v1/invitation", json={"secret": link, "password": password}), 403)
        refused = await said(await desk.post("/api/v1/users/ada/disabled", json={"is_disabled": True}), 409)
        assert "last admin" in refused["detail"]
        audit = await said(await desk.get("/api/v1/audit?what=user_disabled&subject=nora"))
        assert [(one["who"], one["subject"]) for one in audit["rows"]] == [("t-admin", "nora")]
        assert "invitation_accepted" in audit["whats"]
        assert (await said(await desk.get("/api/v1/audit/chain")))["is_whole"]


async def test_the_page_of_the_log_goes_back_to_its_first_entry_and_says_when_one_was_changed(tmp_path: Path) -> None:
    async with open_clinic(tmp_path) as clinic, clinic.script(Role.ADMIN) as desk:
        for number in range(5):
            await add_person(desk, f"Person {number}")
        deadline_s = time.monotonic() + 20
        rows: list[int] = []
        before = ""
        while True:
            page = await said(await desk.get(f"/api/v1/audit?limit=2{before}"))
            rows += [one["seq"] for one in page["rows"]]
            if page["next_before"] is None:
                break
            before = f"&before={page['next_before']}"
            assert time.monotonic() < deadline_s
        assert rows == sorted(rows, reverse=True)
        assert rows[-1] == 1
        with clinic.book() as shelves:
            shelves.book.run("UPDATE audit SET who = 'nobody' WHERE seq = 2")
        chain = await said(await desk.get("/api/v1/audit/chain"))
        assert (chain["is_whole"], chain["problem"]) == (False, "row 2 was changed")


async def test_in_the_demonstration_a_class_begins_without_users(tmp_path: Path) -> None:
    async with House(settings_for(tmp_path, NO_BROKER)) as house:
        anna = await add_person(house.http, "Anna")
        plan = (await said(await house.http.post("/api/v1/plans", json=plan_of(anna["id"])), 201))["id"]
        session = (await said(await house.http.post(f"/api/v1/plans/{plan}/start"), 201))["session"]
        duty = await said(await house.http.get(f"/api/v1/sessions/{session}/duty"))
        assert [(one["staff"], one["role"]) for one in duty["members"]] == [("demo", "supervisor")]
        again = await said(await house.http.post(f"/api/v1/plans/{plan}/start"), 409)
        assert session in again["detail"]
        assert await said(await house.http.get("/api/v1/staff")) == []
