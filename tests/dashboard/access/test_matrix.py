"""Every route and every message of the websocket, for every role: what is not allowed here is refused there."""

import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from starlette.routing import Mount

from dashboard import frames
from dashboard.access.callers import NOBODY, Caller, Via
from dashboard.access.roles import Deed, Role
from dashboard.access.routes import MESSAGES, WAYS, Found, find_way
from dashboard.api.app import build_app
from dashboard.api.context import Context
from tests.dashboard.access.clinic_house import open_clinic
from vitals.units import UtcMs

ALL: Final = ("nobody", "display", "run out", "therapist", "supervisor", "admin")
WATCHERS: Final = ALL[1:]
STAFF: Final = ALL[3:]
LEADERS: Final = ALL[4:]
ADMINS: Final = ALL[5:]

MATRIX: Final[dict[str, tuple[str, ...]]] = {
    "GET /": ALL,
    "GET /login": ALL,
    "GET /first": ALL,
    "GET /display": ALL,
    "GET /invited": ALL,
    "GET /static/{file}": ALL,
    "GET /wall": WATCHERS,
    "GET /desk": STAFF,
    "GET /admin": STAFF,
    "GET /healthz": ALL,
    "GET /metrics": STAFF,
    "GET /api/v1/openapi.json": ALL,
    "WEBSOCKET /api/v1/stream": WATCHERS,
    "POST /api/v1/login": ALL,
    "POST /api/v1/first": ALL,
    "POST /api/v1/invitation/look": ALL,
    "POST /api/v1/invitation": ALL,
    "POST /api/v1/logout": ALL,
    "GET /api/v1/me": ALL,
    "POST /api/v1/me/pin": STAFF,
    "POST /api/v1/emergency": STAFF,
    "GET /api/v1/emergency": STAFF,
    "POST /api/v1/displays/code": ALL,
    "POST /api/v1/displays/claim": ALL,
    "POST /api/v1/displays": LEADERS,
    "POST /api/v1/tablets": LEADERS,
    "GET /api/v1/devices": LEADERS,
    "POST /api/v1/devices/{device}/revoke": LEADERS,
    "GET /api/v1/users": ADMINS,
    "POST /api/v1/users": ADMINS,
    "POST /api/v1/users/{user}/role": ADMINS,
    "POST /api/v1/users/{user}/password": ADMINS,
    "POST /api/v1/users/{user}/link": ADMINS,
    "POST /api/v1/users/{user}/disabled": ADMINS,
    "POST /api/v1/users/{user}/pin-reset": ADMINS,
    "GET /api/v1/audit": ADMINS,
    "GET /api/v1/audit/chain": ADMINS,
    "GET /api/v1/people": STAFF,
    "POST /api/v1/people": LEADERS,
    "GET /api/v1/people/template.csv": LEADERS,
    "POST /api/v1/people/import": LEADERS,
    "GET /api/v1/people/{person}": STAFF,
    "PUT /api/v1/people/{person}": LEADERS,
    "POST /api/v1/people/{person}/archive": LEADERS,
    "GET /api/v1/people/{person}/prescriptions": STAFF,
    "POST /api/v1/people/{person}/prescriptions": LEADERS,
    "POST /api/v1/prescriptions/preview": LEADERS,
    "GET /api/v1/sensors": STAFF,
    "PUT /api/v1/sensors/{sensor}": LEADERS,
    "DELETE /api/v1/sensors/{sensor}": LEADERS,
    "GET /api/v1/plans": STAFF,
    "POST /api/v1/plans": LEADERS,
    "GET /api/v1/plans/due": STAFF,
    "GET /api/v1/plans/{plan}": STAFF,
    "PUT /api/v1/plans/{plan}": LEADERS,
    "DELETE /api/v1/plans/{plan}": LEADERS,
    "POST /api/v1/plans/{plan}/start": STAFF,
    "GET /api/v1/staff": STAFF,
    "GET /api/v1/policy": STAFF,
    "PUT /api/v1/staff/{staff}": LEADERS,
    "GET /api/v1/sessions/{session}/duty": STAFF,
    "PUT /api/v1/sessions/{session}/duty": STAFF,
    "PUT /api/v1/sessions/{session}/duty/{staff}": STAFF,
    "GET /api/v1/live": STAFF,
    "GET /api/v1/nearby": STAFF,
    "GET /api/v1/sensors/nearest": STAFF,
    "POST /api/v1/alarms/{alarm_id}/acknowledge": STAFF,
    "GET /api/v1/alarms/{alarm_id}": STAFF,
    "POST /api/v1/alarms/{alarm_id}/respond": STAFF,
    "GET /phone": WATCHERS,
    "GET /alarm/{alarm_id}": ALL,
    "GET /service-worker.js": ALL,
    "GET /manifest.webmanifest": ALL,
    "POST /api/v1/push/look": ALL,
    "POST /api/v1/push/respond": ALL,
    "POST /api/v1/push/receipt": ALL,
    "GET /api/v1/push/key": STAFF,
    "GET /api/v1/push/subscriptions": STAFF,
    "POST /api/v1/push/subscriptions": STAFF,
    "DELETE /api/v1/push/subscriptions/{subscription}": STAFF,
    "POST /api/v1/push/test": STAFF,
    "GET /health": STAFF,
    "GET /api/v1/health": STAFF,
    "POST /api/v1/audio-pause": STAFF,
    "POST /api/v1/sessions": STAFF,
    "GET /api/v1/sessions": STAFF,
    "GET /api/v1/sessions/{session}": STAFF,
    "POST /api/v1/sessions/{session}/end": STAFF,
    "POST /api/v1/sessions/{session}/phase": STAFF,
    "POST /api/v1/sessions/{session}/participants/{participant}/phase": STAFF,
    "POST /api/v1/sessions/{session}/participants/{participant}/limits": STAFF,
    "GET /api/v1/sessions/{session}/overrides": STAFF,
    "POST /api/v1/sessions/{session}/sensors/{sensor}/move": STAFF,
    "GET /api/v1/sessions/{session}/readings": STAFF,
    "GET /api/v1/sessions/{session}/alarms": STAFF,
    "GET /api/v1/sessions/{session}/gaps": STAFF,
    "POST /api/v1/sessions/{session}/entries": STAFF,
    "GET /api/v1/sessions/{session}/entries": STAFF,
    "GET /api/v1/sessions/{session}/export": LEADERS,
    "POST /api/v1/people/{person}/erase": ADMINS,
    "GET /api/v1/people/{person}/erasure": ADMINS,
    "POST /api/v1/sessions/practice": STAFF,
    "GET /api/v1/sessions/{session}/flow": STAFF,
    "POST /api/v1/sessions/{session}/flow/phase": STAFF,
    "GET /api/v1/sessions/{session}/next": STAFF,
    "POST /api/v1/sessions/{session}/next": STAFF,
    "POST /api/v1/sessions/{session}/participants": STAFF,
    "POST /api/v1/sessions/{session}/participants/{participant}/leave": STAFF,
    "POST /api/v1/sessions/{session}/participants/{participant}/sensors": STAFF,
    "POST /api/v1/sessions/{session}/participants/{participant}/pre-check": STAFF,
    "POST /api/v1/sessions/{session}/exchanges": STAFF,
    "POST /api/v1/sessions/{session}/corrections": STAFF,
    "GET /api/v1/sessions/{session}/corrections": STAFF,
    "GET /api/v1/sessions/{session}/wearing": STAFF,
    "GET /class": STAFF,
    "GET /tablet": STAFF,
    "GET /api/v1/sessions/{session}/participants/{participant}/chart": STAFF,
    "POST /api/v1/sessions/{session}/participants/{participant}/alarms/{alarm_id}/outcome": STAFF,
    "POST /api/v1/alarms/{alarm_id}/off": STAFF,
    "POST /api/v1/sessions/{session}/emergencies": STAFF,
    "POST /api/v1/sessions/{session}/emergencies/steps": STAFF,
    "GET /api/v1/sessions/{session}/emergencies": STAFF,
    "GET /handover/{session}/{participant}": STAFF,
    "GET /review": STAFF,
    "GET /review/what-if": LEADERS,
    "GET /review/site": LEADERS,
    "GET /review/people/{person}": LEADERS,
    "GET /review/{session}": STAFF,
    "GET /review/{session}/replay": STAFF,
    "GET /review/{session}/{participant}": STAFF,
    "GET /api/v1/review/sessions": STAFF,
    "GET /api/v1/sessions/{session}/summary": STAFF,
    "GET /api/v1/sessions/{session}/report": STAFF,
    "GET /api/v1/sessions/{session}/replay": STAFF,
    "GET /api/v1/sessions/{session}/participants/{participant}/summary": STAFF,
    "GET /api/v1/sessions/{session}/participants/{participant}/timeline": STAFF,
    "GET /api/v1/sessions/{session}/participants/{participant}/report": STAFF,
    "POST /api/v1/sessions/{session}/participants/{participant}/sign": STAFF,
    "GET /api/v1/people/{person}/programme": LEADERS,
    "POST /api/v1/review/what-if": LEADERS,
    "POST /api/v1/review/site": LEADERS,
    "GET /api/v1/review/jobs/{job}": LEADERS,
    "POST /api/v1/review/jobs/{job}/cancel": LEADERS,
}

SAYINGS: Final[dict[type, tuple[str, ...]]] = {
    frames.FrameAck: WATCHERS,
    frames.SoundReport: WATCHERS,
    frames.AcknowledgeRequest: STAFF,
    frames.PauseAudioRequest: STAFF,
    frames.PhoneReport: WATCHERS,
}


class Nothing:
    """A part of the server that an application without a house is built around."""

    def __getattr__(self, name: str) -> None:
        return None


def routes_of(routes: Any) -> Iterator[tuple[str, str]]:
    """Every method and path that the application answers, however its routers are nested."""
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from routes_of(inner.routes)
        elif isinstance(route, Mount):
            yield "GET", route.path + "/some/file.js"
        elif getattr(route, "methods", None) is None:
            yield "WEBSOCKET", route.path
        else:
            yield from ((method, route.path) for method in route.methods if method != "HEAD")


def filled(path: str) -> str:
    return path.replace("{file:path}", "wall.css").replace("{file}", "wall.css").replace("{", "").replace("}", "")


def test_every_route_of_the_application_is_in_the_table() -> None:
    context: Any = {name: Nothing() for name in Context.__struct_fields__}
    found = list(routes_of(build_app(Context(**context)).routes))

    assert len(found) > 30
    assert [(method, path) for method, path in found if not isinstance(find_way(method, filled(path)), Found)] == []
    # And the other way round: no row of the table stands for a route that has gone.
    known = {(method, filled(path)) for method, path in found}
    gone = [way for way in WAYS if (way.method, filled(way.path)) not in known and not way.path.startswith("/static")]
    assert gone == []


def test_every_row_of_the_table_is_in_the_matrix() -> None:
    assert {f"{way.method} {way.path.replace(':path', '')}" for way in WAYS} == set(MATRIX)


def test_every_message_of_a_page_is_in_both() -> None:
    messages = set(typing.get_args(frames.FromPage))

    assert isinstance(frames.FromPage, types.UnionType)
    assert messages == set(MESSAGES) == set(SAYINGS)


def test_a_route_that_nobody_wrote_down_does_not_exist() -> None:
    assert find_way("GET", "/api/v1/secret") == frozenset()
    assert find_way("GET", "/api/v1/sessions/a/b") == frozenset()
    assert find_way("GET", "/api/v1/login") == frozenset({"POST"})
    assert isinstance(find_way("HEAD", "/wall"), Found)


def caller_of(name: str) -> Caller:
    if name == "nobody":
        return NOBODY
    if name == "run out":
        return Caller(via=Via.LOGIN, who="tom", role=Role.ADMIN, has_run_out=True)
    return Caller(via=Via.LOGIN, who=name, role=Role(name))


@pytest.mark.parametrize("name", ALL)
def test_the_messages_of_the_websocket_by_role(name: str) -> None:
    for message, allowed in SAYINGS.items():
        refusal = caller_of(name).refusal(MESSAGES[message][0], now_utc_ms=UtcMs(0))
        assert (refusal is None) == (name in allowed), message
        if refusal is not None:
            assert refusal[0] == (401 if name in {"nobody", "run out"} else 403)


def test_emergency_access_opens_the_past_for_its_time_and_gives_no_power() -> None:
    tom = Caller(via=Via.LOGIN, who="tom", role=Role.THERAPIST, emergency_until_utc_ms=UtcMs(1000))

    assert tom.refusal(Deed.SEE_PAST, now_utc_ms=UtcMs(999)) is None
    assert tom.refusal(Deed.SEE_PAST, now_utc_ms=UtcMs(1000)) == (403, "role: therapist may not see past")
    assert tom.refusal(Deed.ADMINISTER, now_utc_ms=UtcMs(0)) is not None
    assert tom.refusal(Deed.PAIR, now_utc_ms=UtcMs(0)) is not None


@pytest.mark.peer
@pytest.mark.timeout(120)
async def test_every_route_by_role(tmp_path: Path) -> None:
    async with open_clinic(tmp_path) as clinic:
        for name in ALL:
            refused = []
            # One connection and one login for all: a route that ended the login would have the next ones refused.
            async with await clinic.someone(name) as browser:
                for line in MATRIX:
                    method, path = line.split()
                    if method == "WEBSOCKET" or line == "POST /api/v1/logout":
                        continue
                    answer = await browser.request(method, filled(path))
                    said = answer.json()["detail"] if answer.status_code in {401, 403} else ""
                    is_led_away = answer.status_code == 303 and answer.headers["location"].startswith("/login")
                    if is_led_away or said.startswith(("login: nobody", "role:")) or "was away too long" in said:
                        refused.append(line)
                    assert answer.status_code < 500, (line, answer.text)
            assert refused == [
                line for line, allowed in MATRIX.items() if name not in allowed and not line.startswith("WEBSOCKET")
            ], name


@pytest.mark.peer
@pytest.mark.timeout(60)
async def test_the_stream_opens_for_watchers_and_says_4401_to_others(tmp_path: Path) -> None:
    async with open_clinic(tmp_path) as clinic:
        for name in ALL:
            assert await clinic.close_code(await clinic.headers_of(name)) == (None if name in WATCHERS else 4401), name
