"""What the clinic knows of its staff besides their logins: initials for the screens, and as what they are on duty."""

import re
from typing import Final

from msgspec import Struct

from dashboard.access.accounts import Account
from dashboard.access.roles import Role
from dashboard.register.shelf import Shelf
from vitals.duty import DutyRole, StaffId
from vitals.errors import InputError, InputReason

INITIALS: Final = re.compile(r"[^\W\d_]{1,4}")
"""1 to 4 letters of any script: they stand beside an alarm, read from across the room."""


class Member(Struct, frozen=True, kw_only=True):
    """A member of staff: the login, what the screens call it, and as what it is on duty unless said otherwise."""

    id: StaffId
    initials: str
    role: DutyRole


class Staff:
    """Initials and roles on duty, for the accounts of `dashboard.access`."""

    def __init__(self, shelf: Shelf) -> None:
        """Keep the file."""
        self._shelf: Final = shelf

    def member(self, account: Account) -> Member:
        """Return what is known of an account, with what follows from its name and role where nothing was said."""
        for initials, role in self._shelf.rows("SELECT initials, role FROM staff WHERE id = ?", (account.name,)):
            return Member(id=StaffId(account.name), initials=initials, role=DutyRole(role))
        role = DutyRole.THERAPIST if account.role is Role.THERAPIST else DutyRole.SUPERVISOR
        return Member(id=StaffId(account.name), initials=default_initials(account.name), role=role)

    def put(self, member: Member) -> Member:
        """Keep initials and role of a member.

        Raises:
            InputError: no initials.
        """
        if not INITIALS.fullmatch(member.initials):
            raise InputError(
                "body.initials", f"{member.initials[:20]!r} is not 1 to 4 letters", InputReason.WRONG_SHAPE
            )
        self._shelf.run(
            "INSERT INTO staff VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET initials = excluded.initials,"
            " role = excluded.role",
            (member.id, member.initials, member.role.value),
        )
        return member


def default_initials(name: str) -> str:
    """Return initials for a login: of ``mara.king`` MK, of ``tom`` TO; never empty."""
    words = [word for word in re.split(r"[^a-z]+", name) if word]
    letters = "".join(word[0] for word in words[:3]) if len(words) > 1 else (words[0][:2] if words else "")
    return letters.upper() or "X"
