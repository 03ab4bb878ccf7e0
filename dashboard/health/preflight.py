"""Before class: was each wall heard, and has a phone of everybody on duty answered a test? Pure."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from msgspec import Struct

from dashboard.frames import DutyView, ScreenView
from dashboard.push.way_desk import Way
from vitals.delivery import ChannelName
from vitals.duty import DutyRole, StaffId
from vitals.units import UtcMs

TESTED_MS: Final = 4 * 3_600_000
"""A test of this morning says little about a phone of this afternoon."""


class WallCheck(Struct, frozen=True, kw_only=True):
    """One screen that is meant to sound."""

    name: str
    sound: Literal["on", "off", "unheard"]
    tested_utc_ms: int | None
    is_ready: bool


class PhoneCheck(Struct, frozen=True, kw_only=True):
    """The ways to one person. ``page``: whether the phone's page is open, and heard.

    ``sent_utc_ms``: when a service last took a message; ``tested_utc_ms``: when a test was last answered.
    """

    staff: str
    role: DutyRole | None
    is_on_duty: bool
    ways: int
    page: Literal["", "open", "silent"]
    sent_utc_ms: int | None
    tested_utc_ms: int | None
    problem: str
    is_reachable: bool
    is_ready: bool


class Preflight(Struct, frozen=True, kw_only=True):
    """All checks; ready when there is a wall or phone for each that must be, and all have their tick."""

    walls: tuple[WallCheck, ...]
    phones: tuple[PhoneCheck, ...]
    is_anybody_reachable: bool
    is_ready: bool


def check_before_class(
    *,
    screens: Sequence[ScreenView],
    duty: Sequence[DutyView],
    ways: Sequence[Way],
    pages: Mapping[StaffId, bool],
    tested: Mapping[StaffId, UtcMs],
    now_utc_ms: UtcMs,
) -> Preflight:
    """Return what is ready and what is not.

    Args:
        screens: connected walls, as they say of themselves.
        duty: who is on duty in this room's class; nobody: everybody who has a way is looked at.
        ways: to all staff.
        pages: whose phone page is open, and whether it is heard.
        tested: when each person last answered a test.
        now_utc_ms: of this server.
    """
    walls = tuple(_check_wall(screen, now_utc_ms=now_utc_ms) for screen in screens if screen.sound != "silent")
    roles = {StaffId(member.staff): member.role for member in duty}
    people = list(dict.fromkeys([*roles, *(way.state.staff for way in ways), *pages]))
    phones = tuple(
        _check_phone(staff, role=roles.get(staff), ways=ways, pages=pages, tested=tested, now_utc_ms=now_utc_ms)
        for staff in sorted(people, key=lambda staff: (staff not in roles, staff))
    )
    needed = [phone for phone in phones if phone.is_on_duty or not roles]
    is_ready = bool(walls) and bool(needed)
    return Preflight(
        walls=walls,
        phones=phones,
        is_anybody_reachable=any(phone.is_reachable for phone in needed),
        is_ready=is_ready and all(wall.is_ready for wall in walls) and all(phone.is_ready for phone in needed),
    )


def _check_wall(screen: ScreenView, *, now_utc_ms: UtcMs) -> WallCheck:
    sound: Literal["on", "off", "unheard"] = "off" if screen.sound == "silent" else screen.sound
    is_recent = _is_recent(screen.tested_utc_ms, now_utc_ms)
    return WallCheck(
        name=screen.name,
        sound=sound,
        tested_utc_ms=screen.tested_utc_ms,
        is_ready=sound == "on" and is_recent,
    )


def _check_phone(
    staff: StaffId,
    *,
    role: DutyRole | None,
    ways: Sequence[Way],
    pages: Mapping[StaffId, bool],
    tested: Mapping[StaffId, UtcMs],
    now_utc_ms: UtcMs,
) -> PhoneCheck:
    own = [way.state for way in ways if way.state.staff == staff and way.is_known]
    # The open page is a way that alerts keeps too; it is told apart.
    kept = [way for way in own if way.channel is not ChannelName.PAGE]
    sent = [way.sent_utc_ms for way in kept if way.sent_utc_ms is not None]
    is_reachable = any(not way.problem for way in kept) or staff in pages
    page: Literal["", "open", "silent"] = "" if staff not in pages else "open" if pages[staff] else "silent"
    return PhoneCheck(
        staff=staff,
        role=role,
        is_on_duty=role is not None,
        ways=len(kept),
        page=page,
        sent_utc_ms=max(sent, default=None),
        tested_utc_ms=tested.get(staff),
        problem=next((way.problem for way in kept if way.problem), ""),
        is_reachable=is_reachable,
        is_ready=is_reachable and _is_recent(tested.get(staff), now_utc_ms),
    )


def _is_recent(utc_ms: int | None, now_utc_ms: UtcMs) -> bool:
    return utc_ms is not None and abs(now_utc_ms - utc_ms) <= TESTED_MS
