"""What the routes of logging in share: who one is, beginning a login, counting attempts."""

from typing import Final

from fastapi import HTTPException, Request, Response
from pydantic import BaseModel

from dashboard.access.accounts import PIN_FAILURES_MAX, Account
from dashboard.access.callers import NOBODY, Caller, Via
from dashboard.access.keys import Key, hash_key, new_key
from dashboard.access.reception import LOGIN_COOKIE, Reception, read_cookies
from dashboard.access.roles import Deed, Role
from dashboard.access.shelves import Shelves
from vitals.errors import InputError, InputReason
from vitals.units import UtcMs


class MeBody(BaseModel):
    """Who asks. ``has_run_out``: log in again to do anything but watch; ``may``: what this one may do now.

    ``tablet``: the paired tablet on which this is asked, where a PIN is enough. ``is_open``: a demonstration.
    """

    who: str
    role: Role | None
    via: Via
    has_run_out: bool
    may: list[Deed]
    emergency_until_utc_ms: int | None
    has_pin: bool
    tablet: str | None
    is_open: bool
    room: str
    utc_ms: int


class LoginDesk:
    """Begins logins."""

    def __init__(self, reception: Reception, *, is_tls: bool) -> None:
        """Keep the reception; ``is_tls``: cookies go over https alone."""
        self.reception: Final = reception
        self._is_tls: Final = is_tls

    def me_of(self, caller: Caller, request: Request) -> MeBody:
        """Return who asks, and what that one may do now."""
        now = self.reception.now_utc_ms()
        until = caller.emergency_until_utc_ms
        tablet = self.reception.tablet_of(request.headers)
        account = self.reception.known.accounts.find(caller.who) if caller.via is Via.LOGIN else None
        return MeBody(
            who=caller.who,
            role=caller.role,
            via=caller.via,
            has_run_out=caller.has_run_out,
            may=sorted(caller.deeds(now_utc_ms=now)),
            emergency_until_utc_ms=until if until is not None and now < until else None,
            has_pin=account is not None and account.pin is not None,
            tablet=None if tablet is None else tablet.name,
            is_open=self.reception.is_open,
            room=self.reception.room,
            utc_ms=now,
        )

    async def let_in(self, account: str, request: Request, response: Response, *, what: str) -> MeBody:
        """Begin a login with a key of its own: the one that came with the request ends."""
        key = new_key()
        old = read_cookies(request.headers).get(LOGIN_COOKIE, "")
        await self.reception.begin_login(key.hash, account, instead_of=hash_key(old) if old else None)
        _set_login(response, key, is_tls=self._is_tls)
        caller = self.reception.look_again(Caller(via=Via.LOGIN, key=key.hash))
        self.reception.note(caller, what, address=request.state.address, subject=account)
        return self.me_of(caller, request)

    def count_attempt(self, what: str, *, who: str, request: Request) -> None:
        """Count an attempt to get in.

        Raises:
            HTTPException: 429, too many.
        """
        address: str = request.state.address
        wait_s = self.reception.attempts.take(what, who=who, address=address)
        if wait_s is None:
            return
        if (
            self.reception.attempts.take("note", who=what, address=address) is None
        ):  # the log is not to be filled either
            self.reception.note(NOBODY, f"{what}_limited", address=address)
        raise HTTPException(429, f"login: too many attempts, again in {wait_s} s", {"Retry-After": str(wait_s)})


def hash_of(account: Account | None, *, by_pin: bool) -> str | None:
    """Return what a secret must fit; None: nothing fits."""
    if account is None or account.is_disabled:
        return None
    if not by_pin:
        return account.password
    return account.pin if account.pin_failures < PIN_FAILURES_MAX else None


def make_first(shelves: Shelves, user: str, password: str, *, key: str, utc_ms: UtcMs) -> None:
    """Make the first admin and end the link.

    Raises:
        InputError: there is an admin, the link is over, or the name is none.
    """
    if shelves.accounts.has_admin() or not shelves.devices.take_first_link(key, now_utc_ms=utc_ms):
        raise InputError("first", "there is an admin already", InputReason.CONFLICT)
    shelves.accounts.add(user, Role.ADMIN, password=password, utc_ms=utc_ms)


def _set_login(response: Response, key: Key, *, is_tls: bool) -> None:
    # No age: the browser forgets it when it is closed; the server forgets it when it was idle.
    response.set_cookie(LOGIN_COOKIE, key.secret, httponly=True, samesite="strict", secure=is_tls)
