"""A clinic in which everything that a path can name exists: people, plans, sensors, a class now and one on record."""

import base64
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import httpx
from msgspec import Struct

from tests.dashboard.access.clinic_house import Clinic, open_clinic
from tests.dashboard.house import PATIENCE_S, Voice, open_voice
from tests.dashboard.review.past_class import PastClass, person_id, write_past_class
from tests.peers import Mosquitto
from vitals.deadline import deadline
from vitals.entries import Note
from vitals.participants import ParticipantId

PAST: Final = "past-1"
ONE: Final = person_id(1)
"""In the class that runs and in the one on record."""

HOUR_MS: Final = 3_600_000


class LivedIn(Struct, kw_only=True):
    """The clinic, and the ids of what stands in it; what is ``spare`` may be ended."""

    clinic: Clinic
    voice: Voice
    now: str
    spare: str
    alarm: str
    person: str
    nobody: str
    plan: str
    spare_plan: str
    job: str
    subscription: str
    device: str
    invited: str
    digest: str
    """Of what the record says about `ONE` in the class that is over: what somebody signs."""


class Texts(Struct, frozen=True, kw_only=True):
    """What is typed where; a test of hostile words puts its own."""

    alias: str = "Anna"
    name: str = "Anna Almond"
    note: str = "slept badly"
    label: str = "Red 7"
    plan: str = "Tuesday group"


@asynccontextmanager
async def open_lived_in(folder: Path, broker: Mosquitto, texts: Texts | None = None) -> AsyncIterator[LivedIn]:
    """Give such a clinic; a voice plays the parts that it needs."""
    said = texts or Texts()
    began = time.time_ns() // 1_000_000 - HOUR_MS
    past = PastClass(
        minutes=2,
        started_utc_ms=began,
        name=said.plan,
        alarms=((60, 8),),
        entries=((30, Note(text=said.note)),),
    )
    write_past_class(folder, past)
    async with (
        open_voice(broker) as voice,
        open_clinic(folder, broker.url) as clinic,
        await clinic.someone("admin") as desk,
    ):
        yield await _furnish(clinic, voice, desk, said)


async def _furnish(clinic: Clinic, voice: Voice, desk: httpx.AsyncClient, texts: Texts) -> LivedIn:
    person, nobody = [await _add_person(desk, texts, number) for number in (1, 2)]
    prescription = {"prescription": {"hr_upper_bpm": 130, "birth_year": 1956}, "why": texts.note}
    await _said(desk.post(f"/api/v1/people/{person}/prescriptions", json=prescription))
    sensor = {"kind": "strap", "label": texts.label, "owner": person, "note": texts.note}
    await _said(desk.put("/api/v1/sensors/s-known", json=sensor))
    plan = {"name": texts.plan, "seats": [{"seat": 1, "person": person}], "staff": [{"staff": "tom", "own": [person]}]}
    plans = [(await _said(desk.post("/api/v1/plans", json=plan)))["id"] for _ in range(2)]
    seats = [
        {"id": str(ONE), "seat": 1, "alias": texts.alias, "strap": "s-strap1"},
        {"id": str(person_id(2)), "seat": 2, "alias": texts.alias, "oximeter": "s-oxi2"},
    ]
    now = (await _said(desk.post("/api/v1/sessions", json={"name": texts.plan, "participants": seats})))["id"]
    spare_seat = {"id": "spare-1", "seat": 1, "strap": "s-spare"}
    body = {"name": "Spare", "room": "room-2", "participants": [spare_seat]}
    spare = (await _said(desk.post("/api/v1/sessions", json=body)))["id"]
    for entry in (
        {"kind": "note", "text": texts.note},
        {"kind": "symptom", "symptom": "other", "text": texts.note},
    ):
        await _said(
            desk.post(f"/api/v1/sessions/{now}/entries", json={"participant": str(ONE), "body": entry, "by": "A"})
        )
    alarm = voice.say_alarm(now, participant=ParticipantId(ONE), subject=str(ONE))
    await _until_on(desk, alarm.alarm_id)
    span = {"from_utc_ms": 0, "to_utc_ms": 2**53}
    job = (await _said(desk.post("/api/v1/review/site", json=span)))["id"]
    keys = {"p256dh": _text(b"\x04" + b"\x01" * 64), "auth": _text(b"\x01" * 16)}
    way = {"endpoint": "https://push.example.com/1", "keys": keys, "label": texts.label}
    subscription = (await _said(desk.post("/api/v1/push/subscriptions", json=way)))["subscription"]
    await clinic.headers_of("display")
    devices = await _said(desk.get("/api/v1/devices"))
    summary = await _said(desk.get(f"/api/v1/sessions/{PAST}/participants/{ONE}/summary"))
    await _said(desk.post(f"/api/v1/sessions/{now}/emergencies", json={"participant": str(ONE)}))
    return LivedIn(
        clinic=clinic,
        voice=voice,
        now=now,
        spare=spare,
        alarm=alarm.alarm_id,
        person=person,
        nobody=nobody,
        plan=plans[0],
        spare_plan=plans[1],
        job=job,
        subscription=subscription,
        device=devices[0]["name"],
        invited=(await _said(desk.post("/api/v1/users/tim/link")))["path"],
        digest=summary["digest"],
    )


async def _until_on(desk: httpx.AsyncClient, alarm: str) -> None:
    """Wait until the dashboard has heard of an alarm."""
    async with deadline(PATIENCE_S):
        while alarm not in [one["id"] for one in (await desk.get("/api/v1/live")).json()["alarms"]]:
            pass


async def _add_person(desk: httpx.AsyncClient, texts: Texts, number: int) -> str:
    body = {"alias": f"{texts.alias}"[:30] + f" {number}", "name": texts.name, "number": f"{number:04}"}
    return str((await _said(desk.post("/api/v1/people", json=body)))["id"])


async def _said(asked: Any) -> Any:
    answer: httpx.Response = await asked
    assert answer.is_success, (answer.request.url, answer.text)
    return answer.json()


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
