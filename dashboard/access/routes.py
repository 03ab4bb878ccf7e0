"""Every route and every message of a page, with the deed it is. What is not here does not exist for anybody.

The gate in front of the application knows this table alone; a test walks all routes of the application and fails for
one that is missing.
"""

import re
from typing import Final, NamedTuple

from dashboard.access.roles import Deed
from dashboard.frames import AcknowledgeRequest, FrameAck, PauseAudioRequest, PhoneReport, SoundReport

SESSIONS: Final = "/api/v1/sessions"
SESSION: Final = f"{SESSIONS}/{{session}}"
STREAM: Final = "/api/v1/stream"


class Audited(NamedTuple):
    """What the audit log calls a request; None in the table: it is not written down."""

    what: str
    is_view: bool = False


class Way(NamedTuple):
    """One route. ``is_page``: a person without a login is led to it instead of refused."""

    method: str
    path: str
    deed: Deed
    audited: Audited | None = None
    is_page: bool = False


def _view(path: str, deed: Deed, what: str) -> Way:
    return Way("GET", path, deed, Audited(what, is_view=True))


def _change(path: str, deed: Deed, what: str) -> Way:
    return Way("POST", path, deed, Audited(what))


WAYS: Final = (
    Way("GET", "/", Deed.ANYBODY),
    Way("GET", "/login", Deed.ANYBODY),
    Way("GET", "/first", Deed.ANYBODY),
    Way("GET", "/display", Deed.ANYBODY),
    Way("GET", "/invited", Deed.ANYBODY),
    Way("GET", "/static/{file:path}", Deed.ANYBODY),
    Way("GET", "/wall", Deed.WATCH, is_page=True),
    Way("GET", "/desk", Deed.SEE_CLASS, is_page=True),
    Way("GET", "/admin", Deed.SEE_CLASS, is_page=True),
    Way("GET", "/healthz", Deed.ANYBODY),
    Way("GET", "/metrics", Deed.SEE_CLASS),
    Way("GET", "/api/v1/openapi.json", Deed.ANYBODY),
    Way("WEBSOCKET", STREAM, Deed.WATCH),
    # Who one is. These handlers write the audit log themselves: they know who it was that failed.
    Way("POST", "/api/v1/login", Deed.ANYBODY),
    Way("POST", "/api/v1/first", Deed.ANYBODY),
    Way("POST", "/api/v1/invitation/look", Deed.ANYBODY),
    Way("POST", "/api/v1/invitation", Deed.ANYBODY),
    Way("POST", "/api/v1/logout", Deed.ANYBODY),
    Way("GET", "/api/v1/me", Deed.ANYBODY),
    Way("POST", "/api/v1/me/pin", Deed.SEE_CLASS),
    Way("POST", "/api/v1/emergency", Deed.SEE_CLASS),
    Way("GET", "/api/v1/emergency", Deed.SEE_CLASS),
    Way("POST", "/api/v1/displays/code", Deed.ANYBODY),
    Way("POST", "/api/v1/displays/claim", Deed.ANYBODY),
    Way("POST", "/api/v1/displays", Deed.PAIR),
    Way("POST", "/api/v1/tablets", Deed.PAIR),
    Way("GET", "/api/v1/devices", Deed.PAIR),
    Way("POST", "/api/v1/devices/{device}/revoke", Deed.PAIR),
    # Phones. The token in a push is the login of its three routes: one answer to one alarm, for ten minutes.
    Way("GET", "/phone", Deed.WATCH, is_page=True),
    Way("GET", "/alarm/{alarm_id}", Deed.ANYBODY),
    Way("GET", "/service-worker.js", Deed.ANYBODY),
    Way("GET", "/manifest.webmanifest", Deed.ANYBODY),
    Way("POST", "/api/v1/push/look", Deed.ANYBODY),
    Way("POST", "/api/v1/push/respond", Deed.ANYBODY),
    Way("POST", "/api/v1/push/receipt", Deed.ANYBODY),
    Way("GET", "/api/v1/push/key", Deed.SEE_CLASS),
    Way("GET", "/api/v1/push/subscriptions", Deed.SEE_CLASS),
    _change("/api/v1/push/subscriptions", Deed.RESPOND, "subscribe"),
    Way("DELETE", "/api/v1/push/subscriptions/{subscription}", Deed.RESPOND, Audited("unsubscribe")),
    _change("/api/v1/push/test", Deed.RESPOND, "push_test"),
    # Users and the audit log. Adding a user names nobody in its path: that handler writes the log itself.
    _view("/api/v1/users", Deed.ADMINISTER, "users"),
    Way("POST", "/api/v1/users", Deed.ADMINISTER),
    _change("/api/v1/users/{user}/role", Deed.ADMINISTER, "role_changed"),
    _change("/api/v1/users/{user}/password", Deed.ADMINISTER, "password_changed"),
    _change("/api/v1/users/{user}/link", Deed.ADMINISTER, "invitation_made"),
    _change("/api/v1/users/{user}/disabled", Deed.ADMINISTER, "user_disabled"),
    _change("/api/v1/users/{user}/pin-reset", Deed.ADMINISTER, "pin_reset"),
    _view("/api/v1/audit", Deed.ADMINISTER, "audit"),
    Way("GET", "/api/v1/audit/chain", Deed.ADMINISTER),
    # The register. Of people, who may not edit it sees those of the own classes; what is added is noted by its id.
    _view("/api/v1/people", Deed.SEE_CLASS, "people"),
    Way("POST", "/api/v1/people", Deed.EDIT_CLINIC),
    Way("GET", "/api/v1/people/template.csv", Deed.EDIT_CLINIC),
    _change("/api/v1/people/import", Deed.EDIT_CLINIC, "people_imported"),
    _view("/api/v1/people/{person}", Deed.SEE_CLASS, "person"),
    Way("PUT", "/api/v1/people/{person}", Deed.EDIT_CLINIC, Audited("person_changed")),
    _change("/api/v1/people/{person}/archive", Deed.EDIT_CLINIC, "person_archived"),
    _view("/api/v1/people/{person}/prescriptions", Deed.SEE_CLASS, "prescriptions"),
    _change("/api/v1/people/{person}/prescriptions", Deed.EDIT_CLINIC, "prescribed"),
    Way("POST", "/api/v1/prescriptions/preview", Deed.EDIT_CLINIC),
    Way("GET", "/api/v1/sensors", Deed.SEE_CLASS),
    Way("PUT", "/api/v1/sensors/{sensor}", Deed.EDIT_CLINIC, Audited("sensor_kept")),
    Way("DELETE", "/api/v1/sensors/{sensor}", Deed.EDIT_CLINIC, Audited("sensor_removed")),
    _view("/api/v1/plans", Deed.SEE_CLASS, "plans"),
    Way("POST", "/api/v1/plans", Deed.EDIT_CLINIC),
    Way("GET", "/api/v1/plans/due", Deed.SEE_CLASS),
    _view("/api/v1/plans/{plan}", Deed.SEE_CLASS, "plan"),
    Way("PUT", "/api/v1/plans/{plan}", Deed.EDIT_CLINIC, Audited("plan_changed")),
    Way("DELETE", "/api/v1/plans/{plan}", Deed.EDIT_CLINIC, Audited("plan_removed")),
    _change("/api/v1/plans/{plan}/start", Deed.RUN_CLASS, "start_class"),
    Way("GET", "/api/v1/staff", Deed.SEE_CLASS),
    Way("PUT", "/api/v1/staff/{staff}", Deed.EDIT_CLINIC, Audited("staff_changed")),
    _view(f"{SESSION}/duty", Deed.SEE_CLASS, "duty"),
    Way("PUT", f"{SESSION}/duty", Deed.RUN_CLASS, Audited("duty_changed")),
    Way("PUT", f"{SESSION}/duty/{{staff}}", Deed.RUN_CLASS, Audited("duty_changed")),
    Way("GET", "/api/v1/policy", Deed.SEE_CLASS),
    Way("GET", "/health", Deed.SEE_CLASS, is_page=True),
    Way("GET", "/api/v1/health", Deed.SEE_CLASS),
    # The class of now.
    _view("/api/v1/live", Deed.SEE_CLASS, "live"),
    Way("GET", "/api/v1/nearby", Deed.SEE_CLASS),
    Way("GET", "/api/v1/sensors/nearest", Deed.SEE_CLASS),
    _change("/api/v1/alarms/{alarm_id}/acknowledge", Deed.RESPOND, "acknowledge"),
    _view("/api/v1/alarms/{alarm_id}", Deed.SEE_CLASS, "alarm"),
    _change("/api/v1/alarms/{alarm_id}/respond", Deed.RESPOND, "respond"),
    _change("/api/v1/audio-pause", Deed.RESPOND, "pause_audio"),
    # Classes. Those that are over are SEE_PAST: the gate looks whether this one is.
    _change(SESSIONS, Deed.RUN_CLASS, "start_class"),
    _view(SESSIONS, Deed.SEE_CLASS, "classes"),
    _view(SESSION, Deed.SEE_CLASS, "class"),
    _change(f"{SESSION}/end", Deed.RUN_CLASS, "end_class"),
    _change(f"{SESSION}/phase", Deed.RUN_CLASS, "phase"),
    _change(f"{SESSION}/participants/{{participant}}/phase", Deed.RUN_CLASS, "phase"),
    _change(f"{SESSION}/participants/{{participant}}/limits", Deed.RUN_CLASS, "limit"),
    _view(f"{SESSION}/overrides", Deed.SEE_CLASS, "overrides"),
    _change(f"{SESSION}/sensors/{{sensor}}/move", Deed.RUN_CLASS, "move_sensor"),
    _view(f"{SESSION}/readings", Deed.SEE_CLASS, "readings"),
    _view(f"{SESSION}/alarms", Deed.SEE_CLASS, "alarms"),
    _view(f"{SESSION}/gaps", Deed.SEE_CLASS, "gaps"),
    _change(f"{SESSION}/entries", Deed.RUN_CLASS, "entry"),
    _view(f"{SESSION}/entries", Deed.SEE_CLASS, "entries"),
    _view(f"{SESSION}/export", Deed.SEE_PAST, "export"),
    # For good, in every file.
    _change("/api/v1/people/{person}/erase", Deed.ADMINISTER, "erase"),
    _view("/api/v1/people/{person}/erasure", Deed.ADMINISTER, "erasure"),
    # Review. A class that is over is everybody's for some hours; the list gives each what they may see.
    Way("GET", "/review", Deed.REVIEW, is_page=True),
    Way("GET", "/review/what-if", Deed.SEE_PAST, is_page=True),
    Way("GET", "/review/site", Deed.SEE_PAST, is_page=True),
    Way("GET", "/review/people/{person}", Deed.SEE_PAST, is_page=True),
    Way("GET", "/review/{session}", Deed.REVIEW, is_page=True),
    Way("GET", "/review/{session}/replay", Deed.REVIEW, is_page=True),
    Way("GET", "/review/{session}/{participant}", Deed.REVIEW, is_page=True),
    _view("/api/v1/review/sessions", Deed.REVIEW, "classes"),
    _view(f"{SESSION}/summary", Deed.REVIEW, "summary"),
    _view(f"{SESSION}/report", Deed.REVIEW, "report"),
    _view(f"{SESSION}/replay", Deed.REVIEW, "replay"),
    _view(f"{SESSION}/participants/{{participant}}/summary", Deed.REVIEW, "summary"),
    _view(f"{SESSION}/participants/{{participant}}/timeline", Deed.REVIEW, "timeline"),
    _view(f"{SESSION}/participants/{{participant}}/report", Deed.REVIEW, "report"),
    _change(f"{SESSION}/participants/{{participant}}/sign", Deed.REVIEW, "sign"),
    _view("/api/v1/people/{person}/programme", Deed.SEE_PAST, "programme"),
    _change("/api/v1/review/what-if", Deed.SEE_PAST, "what_if"),
    _change("/api/v1/review/site", Deed.SEE_PAST, "site_report"),
    Way("GET", "/api/v1/review/jobs/{job}", Deed.SEE_PAST),
    _change("/api/v1/review/jobs/{job}/cancel", Deed.SEE_PAST, "cancel_job"),
    # The flow of a class. The flow itself is asked each second or two by every tablet: no look of a person at a person.
    _change(f"{SESSIONS}/practice", Deed.RUN_CLASS, "start_practice"),
    Way("GET", f"{SESSION}/flow", Deed.SEE_CLASS),
    _change(f"{SESSION}/flow/phase", Deed.RUN_CLASS, "phase"),
    _view(f"{SESSION}/next", Deed.RUN_CLASS, "next_class"),
    _change(f"{SESSION}/next", Deed.RUN_CLASS, "next_class"),
    _change(f"{SESSION}/participants", Deed.RUN_CLASS, "join"),
    _change(f"{SESSION}/participants/{{participant}}/leave", Deed.RUN_CLASS, "leave"),
    _change(f"{SESSION}/participants/{{participant}}/sensors", Deed.RUN_CLASS, "change_sensor"),
    _change(f"{SESSION}/participants/{{participant}}/pre-check", Deed.RUN_CLASS, "pre_check"),
    # Who wore what is put right by those who were there: in the class and on its day.
    _change(f"{SESSION}/exchanges", Deed.REVIEW, "exchange_sensors"),
    _change(f"{SESSION}/corrections", Deed.REVIEW, "correct_sensors"),
    _view(f"{SESSION}/corrections", Deed.REVIEW, "corrections"),
    _view(f"{SESSION}/wearing", Deed.REVIEW, "wearing"),
    Way("GET", "/class", Deed.SEE_CLASS, is_page=True),
    # One person on the tablet; emergencies.
    Way("GET", "/tablet", Deed.SEE_CLASS, is_page=True),
    _view(f"{SESSION}/participants/{{participant}}/chart", Deed.SEE_CLASS, "chart"),
    _change(f"{SESSION}/participants/{{participant}}/alarms/{{alarm_id}}/outcome", Deed.RESPOND, "alarm_judged"),
    _change("/api/v1/alarms/{alarm_id}/off", Deed.RESPOND, "alarm_off"),
    _change(f"{SESSION}/emergencies", Deed.RUN_CLASS, "emergency_begun"),
    _change(f"{SESSION}/emergencies/steps", Deed.RUN_CLASS, "emergency_step"),
    _view(f"{SESSION}/emergencies", Deed.SEE_CLASS, "emergencies"),
    Way("GET", "/handover/{session}/{participant}", Deed.SEE_CLASS, Audited("handover", is_view=True), is_page=True),
)

MESSAGES: Final[dict[type, tuple[Deed, str | None]]] = {
    FrameAck: (Deed.WATCH, None),
    AcknowledgeRequest: (Deed.RESPOND, "acknowledge"),
    PauseAudioRequest: (Deed.RESPOND, "pause_audio"),
    SoundReport: (Deed.WATCH, None),
    PhoneReport: (Deed.WATCH, None),
}
"""What a page may say on the websocket, and how the audit log calls it."""


class Found(NamedTuple):
    """The way of a request, with what its path names."""

    way: Way
    names: dict[str, str]


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"(\{\w+(?::path)?\})", path)
    made = [
        f"(?P<{part[1:-1].removesuffix(':path')}>{'.*' if part.endswith(':path}') else '[^/]+'})"
        if part.startswith("{")
        else re.escape(part)
        for part in parts
    ]
    return re.compile("".join(made))


_PATTERNS: Final = tuple((_pattern(way.path), way) for way in WAYS)


def find_way(method: str, path: str) -> Found | frozenset[str]:
    """Return the way of a request; else the methods that its path has: none, nobody knows the path.

    Args:
        method: of HTTP in capitals (HEAD counts as GET), or ``WEBSOCKET``.
        path: decoded, without query.
    """
    wanted = "GET" if method == "HEAD" else method
    others: set[str] = set()
    for pattern, way in _PATTERNS:
        match = pattern.fullmatch(path)
        if match is None:
            continue
        if way.method == wanted:
            return Found(way, match.groupdict())
        others.add(way.method)
    return frozenset(others - {"WEBSOCKET"})
