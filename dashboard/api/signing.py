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
    """Return who does what a request asks; see `name_of`."""
    return name_of(request.state.caller, given)


def name_of(caller: Caller, given: str | None = None) -> str:
    """Return the name that goes with what somebody does: into the record, and onto the screens.

    Args:
        caller: as the gate let it through.
        given: whom the body or the message names; it counts only where nobody has a login of their own.
    """
    typed = (given or "").strip()
    return typed if typed and caller.via is not Via.LOGIN else caller.who[:WHO_MAX] or "staff"
