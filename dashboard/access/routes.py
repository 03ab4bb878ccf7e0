"""Every route and every message of a page, with the deed it is. What is not here does not exist for anybody.

The gate in front of the application knows this table alone; a test walks all routes of the application and fails for
one that is missing.
"""

import re
from typing import Final, NamedTuple

from dashboard.access.roles import Deed
from dashboard.frames import AcknowledgeRequest, FrameAck, PauseAudioRequest, SoundReport

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
    Way("GET", "/static/{file:path}", Deed.ANYBODY),
    Way("GET", "/wall", Deed.WATCH, is_page=True),
    Way("GET", "/healthz", Deed.ANYBODY),
    Way("GET", "/metrics", Deed.SEE_CLASS),
    Way("GET", "/api/v1/openapi.json", Deed.ANYBODY),
    Way("WEBSOCKET", STREAM, Deed.WATCH),
    # Who one is. These handlers write the audit log themselves: they know who it was that failed.
    Way("POST", "/api/v1/login", Deed.ANYBODY),
    Way("POST", "/api/v1/first", Deed.ANYBODY),
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
    # The class of now.
    _view("/api/v1/live", Deed.SEE_CLASS, "live"),
    Way("GET", "/api/v1/nearby", Deed.SEE_CLASS),
    Way("GET", "/api/v1/sensors/nearest", Deed.SEE_CLASS),
    _change("/api/v1/alarms/{alarm_id}/acknowledge", Deed.RESPOND, "acknowledge"),
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
)

MESSAGES: Final[dict[type, tuple[Deed, str | None]]] = {
    FrameAck: (Deed.WATCH, None),
    AcknowledgeRequest: (Deed.RESPOND, "acknowledge"),
    PauseAudioRequest: (Deed.RESPOND, "pause_audio"),
    SoundReport: (Deed.WATCH, None),
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
