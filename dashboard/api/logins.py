"""Logging in and out over HTTP, who one is, the first admin, emergency access."""

from contextlib import suppress
from typing import Annotated, Final

from fastapi import APIRouter, HTTPException, Request, Response
from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator

from dashboard.access.accounts import Account
from dashboard.access.callers import NOBODY, Caller, Via
from dashboard.access.keys import hash_key
from dashboard.access.logins import EMERGENCY_MS
from dashboard.access.passwords import PASSWORD_CHARS_MAX, require_password, require_pin
from dashboard.access.reception import LOGIN_COOKIE
from dashboard.api.context import Context
from dashboard.api.login_desk import LoginDesk, MeBody, hash_of, make_first
from dashboard.api.refusals import refusals
from vitals.errors import StorageError
from vitals.units import UtcMs

Typed = Annotated[str, StringConstraints(min_length=1, max_length=PASSWORD_CHARS_MAX)]
UserName = Annotated[str, StringConstraints(min_length=1, max_length=32, strip_whitespace=True, to_lower=True)]

WRONG: Final = "login: user and password (or PIN) don't fit"
"""The same line for whatever was wrong: who guesses learns nothing from it."""


class _Asked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LoginBody(_Asked):
    """Who wants in, with the password, or on a paired tablet with the PIN."""

    user: UserName
    password: Typed | None = None
    pin: Annotated[str, StringConstraints(pattern=r"^[0-9]{4,6}$")] | None = None

    @model_validator(mode="after")
    def _has_one(self) -> "LoginBody":
        if (self.password is None) == (self.pin is None):
            raise ValueError("either password or pin")
        return self


class FirstBody(_Asked):
    """The first admin, by the link that `vitals serve` printed."""

    secret: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    user: UserName
    password: Typed


class PinBody(_Asked):
    """A new PIN, with the password; null: none any more."""

    password: Typed
    pin: Annotated[str, StringConstraints(max_length=6)] | None


class EmergencyBody(_Asked):
    """Why somebody must see what the role does not allow."""

    why: Annotated[str, StringConstraints(min_length=10, max_length=400, strip_whitespace=True)]


class EmergencyAccessBody(BaseModel):
    """Emergency access that is on now."""

    who: str
    until_utc_ms: int
    why: str


def login_routes(context: Context) -> APIRouter:
    """Return the routes of logging in."""
    routes = APIRouter(prefix="/api/v1", tags=["login"])
    reception, desk = context.reception, LoginDesk(context.reception, is_tls=context.is_tls)

    @routes.post("/login", responses=refusals(401, 403, 422, 429, 503))
    async def login(body: LoginBody, request: Request, response: Response) -> MeBody:
        """Log in; the answer sets a cookie that only this server is told."""
        if body.pin is not None and reception.tablet_of(request.headers) is None:
            raise HTTPException(403, "login: a PIN works only on a paired tablet")
        desk.count_attempt("login", who=body.user, request=request)
        account = reception.known.accounts.find(body.user)
        is_right = await reception.passwords.is_right(
            body.pin or body.password or "", hash_of(account, by_pin=body.pin is not None)
        )
        if account is not None and body.pin is not None:
            await reception.change(lambda shelves: shelves.accounts.count_pin(account.name, is_right=is_right))
        elif account is not None and is_right and account.pin_failures:
            # A PIN that waits for this is less than somebody kept out by a full disk.
            with suppress(StorageError):
                await reception.change(lambda shelves: shelves.accounts.count_pin(account.name, is_right=True))
        if account is None or not is_right:
            # Not what was typed if nobody is called so: people type passwords into the wrong field.
            known = "" if account is None else account.name
            reception.note(NOBODY, "login_failed", address=request.state.address, subject=known)
            raise HTTPException(401, WRONG, {"WWW-Authenticate": "Bearer"})
        return await desk.let_in(account.name, request, response, what="login" if body.pin is None else "login_pin")

    @routes.post("/first", responses=refusals(403, 409, 422, 429, 503))
    async def first(body: FirstBody, request: Request, response: Response) -> MeBody:
        """Make the first admin, and log in; the link works once."""
        desk.count_attempt("first", who="", request=request)
        key, now = hash_key(body.secret), reception.now_utc_ms()
        if not reception.known.devices.has_first_link(key, now_utc_ms=now):
            raise HTTPException(403, "first: this link was used, or is older than an hour; start `vitals serve` anew")
        hashed = await reception.passwords.hash(require_password(body.password, name=body.user))
        await reception.change(lambda shelves: make_first(shelves, body.user, hashed, key=key, utc_ms=now))
        return await desk.let_in(body.user, request, response, what="first_admin")

    @routes.post("/logout")
    async def logout(request: Request, response: Response) -> MeBody:
        """Log out; every page of this login goes dark at once."""
        caller: Caller = request.state.caller
        if caller.via is Via.LOGIN:
            await reception.end_login(caller.key)
            reception.note(caller, "logout", address=request.state.address)
        response.delete_cookie(LOGIN_COOKIE, httponly=True, samesite="strict", secure=context.is_tls)
        return desk.me_of(caller if reception.is_open else NOBODY, request)

    @routes.get("/me")
    async def me(request: Request) -> MeBody:
        """Say who asks and what that one may do; keeps no login alive."""
        return desk.me_of(request.state.caller, request)

    return routes


def own_routes(context: Context) -> APIRouter:
    """Return the routes of one's own PIN and of emergency access."""
    routes = APIRouter(prefix="/api/v1", tags=["login"])
    reception, desk = context.reception, LoginDesk(context.reception, is_tls=context.is_tls)

    @routes.post("/me/pin", responses=refusals(401, 403, 409, 422, 429, 503))
    async def pin(body: PinBody, request: Request) -> MeBody:
        """Set one's own PIN for paired tablets, or take it away."""
        account = _own(context, request)
        desk.count_attempt("pin", who=account.name, request=request)
        if not await reception.passwords.is_right(body.password, account.password):
            raise HTTPException(403, "pin: the password is not right")
        hashed = None if body.pin is None else await reception.passwords.hash(require_pin(body.pin))
        await reception.change(lambda shelves: shelves.accounts.set_pin(account.name, hashed))
        caller: Caller = request.state.caller
        reception.note(caller, "pin_set" if body.pin else "pin_removed", address=request.state.address)
        return desk.me_of(caller, request)

    @routes.post("/emergency", responses=refusals(401, 403, 409, 422, 503))
    async def emergency(body: EmergencyBody, request: Request) -> MeBody:
        """See for 30 minutes what the role does not allow: classes that are over. It is written down and shown."""
        caller: Caller = request.state.caller
        if caller.via is not Via.LOGIN:
            raise HTTPException(409, "emergency: only who is logged in by name")
        until = UtcMs(reception.now_utc_ms() + EMERGENCY_MS)
        await reception.change(
            lambda shelves: shelves.logins.open_emergency(caller.key, until_utc_ms=until, why=body.why)
        )
        reception.note(caller, "emergency", address=request.state.address, detail=body.why)
        return desk.me_of(reception.look_again(caller), request)

    @routes.get("/emergency", responses=refusals(401, 403))
    async def emergencies() -> list[EmergencyAccessBody]:
        """Give who has emergency access now, and why."""
        found = reception.known.logins.emergencies(now_utc_ms=reception.now_utc_ms())
        return [
            EmergencyAccessBody(
                who=login.account, until_utc_ms=login.emergency_until_utc_ms or 0, why=login.emergency_why or ""
            )
            for login in found
        ]

    return routes


def _own(context: Context, request: Request) -> Account:
    caller: Caller = request.state.caller
    account = context.reception.known.accounts.find(caller.who) if caller.via is Via.LOGIN else None
    if account is None:
        raise HTTPException(409, "pin: only who is logged in by name has one")
    return account
