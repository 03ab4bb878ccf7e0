"""Who asks: what is known of the one behind a request, and what it may do at a moment."""

from enum import StrEnum
from typing import Final

from msgspec import Struct

from dashboard.access.roles import EMERGENCY, MAY, RUN_OUT, Deed, Role
from vitals.units import UtcMs


class Via(StrEnum):
    """How somebody came in."""

    NOBODY = "nobody"
    LOGIN = "login"
    TOKEN = "token"  # noqa: S105 - a word, no secret
    DISPLAY = "display"
    PUSH = "push"
    """The one whose phone got a push, by its token: one answer to one alarm, nothing else."""
    OPEN = "open"
    """The demonstration: everybody on this machine may do everything with simulated people."""


class Caller(Struct, frozen=True, kw_only=True):
    """One who asks.

    Attributes:
        who: user, token or display by name; empty for nobody.
        key: hash of the secret that was shown; the audit log and revocation go by it.
        has_run_out: the login was idle too long; it may watch until somebody logs in or out.
        sees_names: else the wall shows seats.
        emergency_until_utc_ms: emergency access ends then.
    """

    via: Via = Via.NOBODY
    who: str = ""
    role: Role | None = None
    key: str = ""
    has_run_out: bool = False
    sees_names: bool = True
    emergency_until_utc_ms: UtcMs | None = None

    def deeds(self, *, now_utc_ms: UtcMs) -> frozenset[Deed]:
        """Return what this one may do now."""
        if self.role is None:
            return frozenset({Deed.ANYBODY})
        if self.has_run_out:
            return RUN_OUT
        is_emergency = self.emergency_until_utc_ms is not None and now_utc_ms < self.emergency_until_utc_ms
        return MAY[self.role] | (EMERGENCY if is_emergency else frozenset())

    def refusal(self, deed: Deed, *, now_utc_ms: UtcMs) -> tuple[int, str] | None:
        """Return status and line of a refusal, None when the deed is this one's: 401 where a login would help."""
        if deed in self.deeds(now_utc_ms=now_utc_ms):
            return None
        if self.role is None:
            return 401, "login: nobody is logged in here"
        if self.has_run_out:
            return 401, f"login: {self.who} was away too long and must log in again; the wall goes on"
        return 403, f"role: {self.role} may not {deed.replace('_', ' ')}"


NOBODY: Final = Caller()
EVERYBODY: Final = Caller(via=Via.OPEN, who="demo", role=Role.ADMIN, key="open")
