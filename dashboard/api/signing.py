"""Who did it, by the login, and about whom; a script with a token, or the demonstration, may name somebody else."""

from typing import Final

from fastapi import Request

from dashboard.access.callers import Caller, Via

WHO_MAX: Final = 64
"""As in `vitals.entries.Entry`."""


def note_about(request: Request, *people: str | None) -> None:
    """Tell the gate whom a body names: the audit log says about whom something was done."""
    request.state.about = {f"about{at}": person for at, person in enumerate(people) if person is not None}


def signed_by(request: Request, given: str | None = None) -> str:
    """Return who does what is asked.

    Args:
        request: as the gate let it through.
        given: whom the body names; it counts only where nobody has a login of their own.
    """
    caller: Caller = request.state.caller
    if caller.via is Via.LOGIN or not given:
        return caller.who[:WHO_MAX] or "staff"
    return given
