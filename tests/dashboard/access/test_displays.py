"""A paired display watches its room, read-only, and without names unless it is allowed them."""

import json
import re
from pathlib import Path
from typing import Final

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.access.codes import CODE_MS, Codes
from dashboard.access.devices import DeviceKind
from dashboard.access.roles import Role
from dashboard.access.visitor import without_names
from dashboard.frames import EmergencyLineView, EmergencyView
from tests.dashboard.access.clinic_house import Clinic, open_clinic
from tests.dashboard.house import person, until
from vitals.errors import InputError
from vitals.units import MonotonicMs

NAME: Final = "Anna \"Ann\" \\ 'seat':9 <script>"


async def pair(clinic: Clinic, display: httpx.AsyncClient, name: str, *, sees_names: bool) -> None:
    shown = (await display.post("/api/v1/displays/code")).json()
    assert re.fullmatch(r"[A-Z2-9]{6}", shown["code"])
    asking = {"asking": shown["asking"]}
    assert (await display.post("/api/v1/displays/claim", json=asking)).json() == {"state": "waiting"}
    typed = f"{shown['code'][:3]} {shown['code'][3:].lower()}"
    async with clinic.script(Role.SUPERVISOR) as desk:
        said = await desk.post("/api/v1/displays", json={"code": typed, "name": name, "sees_names": sees_names})
        assert said.status_code == 201, said.text
        again = await desk.post("/api/v1/displays", json={"code": shown["code"], "name": "other"})
        assert again.status_code == 404  # a code lets one display in
    assert (await display.post("/api/v1/displays/claim", json=asking)).json() == {"state": "paired"}
    assert (await display.post("/api/v1/displays/claim", json=asking)).json() == {"state": "over"}


def cookie_of(browser: httpx.AsyncClient) -> dict[str, str]:
    return {"cookie": "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.cookies.jar)}


@pytest.mark.peer
@pytest.mark.timeout(60)
async def test_a_display_is_let_in_by_its_code_and_shows_seats_instead_of_names(tmp_path: Path) -> None:
    async with open_clinic(tmp_path) as clinic, clinic.browser() as plain, clinic.browser() as trusted:
        async with clinic.script(Role.THERAPIST) as desk:
            body = {"name": "Tuesday", "participants": [person(3, alias=NAME)]}
            assert (await desk.post("/api/v1/sessions", json=body)).status_code == 201
        await pair(clinic, plain, "wall-1", sees_names=False)
        await pair(clinic, trusted, "wall-2", sees_names=True)
        assert (await plain.get("/wall")).status_code == 200
        assert (await plain.get("/api/v1/me")).json()["role"] == "display"
        async with clinic.page(additional_headers=cookie_of(plain)) as page:
            frame = await page.take()
            assert (page.tiles["p03"]["seat"], page.tiles["p03"]["alias"]) == (3, "3")
            assert "Ann" not in json.dumps(frame)
        async with clinic.page(additional_headers=cookie_of(trusted)) as page:
            await page.take()
            assert page.tiles["p03"]["alias"] == NAME

        # It can neither act nor read, by no way.
        for method, path in (("POST", "/api/v1/audio-pause"), ("GET", "/api/v1/live"), ("GET", "/api/v1/sessions")):
            assert (await plain.request(method, path, json={"seconds": 60, "by": "X"})).status_code == 403
        async with clinic.page(additional_headers=cookie_of(plain)) as page:
            await page.socket.send('{"t": "pause_audio", "seconds": 60, "by": "X"}')
            await until(lambda: "wall-1:pause_audio:" in clinic.audited(), "the try is written down")
            for _ in range(3):
                await page.take()
            assert page.known["audio"].get("paused_until_ms") is None

        async with clinic.script(Role.SUPERVISOR) as desk:
            left = (await desk.post("/api/v1/devices/wall-1/revoke")).json()
            assert [device["name"] for device in left] == ["wall-2"]
        assert await clinic.close_code(cookie_of(plain)) == 4401


@pytest.mark.peer
@pytest.mark.timeout(60)
async def test_a_display_is_of_one_room(tmp_path: Path) -> None:
    async with open_clinic(tmp_path) as clinic, clinic.browser() as display:
        await pair(clinic, display, "wall-1", sees_names=False)
        with clinic.book() as shelves, shelves.book.change():
            shelves.book.run("UPDATE device SET room = 'room-2'")
            assert shelves.devices.all()[0].kind is DeviceKind.DISPLAY
        assert await clinic.close_code(cookie_of(display)) == 4401
        assert (await display.get("/wall")).status_code == 303


@pytest.mark.peer
@pytest.mark.timeout(60)
async def test_codes_cannot_be_tried_out(tmp_path: Path) -> None:
    async with open_clinic(tmp_path) as clinic, clinic.script(Role.SUPERVISOR) as desk:
        bodies = [{"code": f"AAAAA{letter}", "name": "thief"} for letter in "BCDEFGH"]
        statuses = [(await desk.post("/api/v1/displays", json=body)).status_code for body in bodies]

    assert statuses == [404] * 5 + [429] * 2


def test_a_code_ends_after_ten_minutes() -> None:
    codes = Codes()
    code, asking = codes.give(now_ms=MonotonicMs(0))
    assert codes.require(code, now_ms=MonotonicMs(CODE_MS - 1))
    with pytest.raises(InputError, match="no display shows this code now"):
        codes.require(code, now_ms=MonotonicMs(CODE_MS))
    assert codes.claim(asking, now_ms=MonotonicMs(CODE_MS)) is None


@given(alias=st.text(), other=st.text(), seat=st.integers(0, 99))
def test_no_name_is_left_in_a_frame_and_nothing_else_is_changed(alias: str, other: str, seat: int) -> None:
    frame = {"name": other, "tiles": [{"id": "p", "seat": seat, "alias": alias, "text": other}], "x": {"alias": alias}}
    for text in (
        json.dumps(frame, separators=(",", ":")),
        json.dumps(frame, separators=(",", ":"), ensure_ascii=False),
    ):
        shown = json.loads(without_names(text))
        assert shown == {
            "name": other,
            "tiles": [{"id": "p", "seat": seat, "alias": str(seat), "text": other}],
            "x": {"alias": ""},
        }


@given(note=st.text(), other=st.text(), role=st.sampled_from(["", "leader"]))
def test_the_words_of_a_note_in_an_emergency_stay_with_staff(note: str, other: str, role: str) -> None:
    def lines(*steps: tuple[str, str]) -> tuple[EmergencyLineView, ...]:
        return tuple(EmergencyLineView(at_utc_ms=1, by="tom", step=step, role=role, text=text) for step, text in steps)

    def shown(*steps: tuple[str, str]) -> EmergencyView:
        return EmergencyView(id="e", began_utc_ms=1, began_by=other, lines=lines(*steps))

    frame = msgspec.json.encode(shown(("note", note), ("role", other))).decode()
    wanted = msgspec.json.encode(shown(("note", ""), ("role", other)))
    assert json.loads(without_names(frame)) == json.loads(wanted)
