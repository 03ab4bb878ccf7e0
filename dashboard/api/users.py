"""Users over HTTP, for the admin: add, role, password or a link to set it, shut out, take a PIN away."""

import secrets
from typing import Annotated, Final

from fastapi import APIRouter, HTTPException, Request, Response
from pydantic import BaseModel, ConfigDict, StringConstraints

from dashboard.access.accounts import PIN_FAILURES_MAX, Account, require_name
from dashboard.access.invitations import Invitations
from dashboard.access.keys import hash_key, new_key
from dashboard.access.passwords import require_password
from dashboard.access.roles import Role
from dashboard.access.shelves import Shelves
from dashboard.api.context import Context
from dashboard.api.login_desk import LoginDesk, MeBody
from dashboard.api.logins import Typed, UserName
from dashboard.api.refusals import refusals
from vitals.errors import InputError, InputReason
from vitals.units import UtcMs


class _Asked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class UserBody(BaseModel):
    """A user. ``link_until_utc_ms``: a link to set the password waits; ``pin_is_blocked``: after wrong ones."""

    name: str
    role: Role
    has_pin: bool
    pin_is_blocked: bool
    is_disabled: bool
    link_until_utc_ms: int | None
    created_utc_ms: int


class NewUserBody(_Asked):
    """A user to add; without a password a link is made by which the user sets it."""

    name: UserName
    role: Role
    password: Typed | None = None


class RoleBody(_Asked):
    """Another role."""

    role: Role


class PasswordBody(_Asked):
    """Another password."""

    password: Typed


class DisabledBody(_Asked):
    """Whether a user is shut out."""

    is_disabled: bool


class LinkBody(BaseModel):
    """A link that works once. ``path`` is behind this server's address; it is shown this one time."""

    user: str
    path: str
    until_utc_ms: int


class UserAddedBody(BaseModel):
    """The user, and the link by which the password is set; null: it was given."""

    user: UserBody
    link: LinkBody | None


class InvitedBody(_Asked):
    """The secret of a link, and the password of one's choice."""

    secret: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    password: Typed


class SecretBody(_Asked):
    """The secret of a link."""

    secret: Annotated[str, StringConstraints(min_length=1, max_length=100)]


class InvitationBody(BaseModel):
    """Whose link it is."""

    user: str


OVER: Final = "invitation: this link was used, or is too old; ask for a new one"


def user_routes(context: Context) -> APIRouter:
    """Return the routes of users; all of them are the admin's."""
    routes = APIRouter(prefix="/api/v1/users", tags=["users"])
    _add_people(routes, context)
    _add_secrets(routes, context)
    return routes


def _add_people(routes: APIRouter, context: Context) -> None:
    """Add who may log in, and as what."""
    reception = context.reception

    @routes.get("", responses=refusals(401, 403))
    async def users() -> list[UserBody]:
        """Give all users, by name."""
        waiting = _links(context)
        return [_shown(account, waiting) for account in reception.known.accounts.all()]

    @routes.post("", status_code=201, responses=refusals(401, 403, 409, 422, 503))
    async def add(body: NewUserBody, request: Request) -> UserAddedBody:
        """Add a user."""
        name = require_name(body.name)
        if reception.known.accounts.find(name) is not None:
            raise InputError("user", f"{name!r} exists", InputReason.CONFLICT)
        given = body.password
        secret = secrets.token_urlsafe(32) if given is None else require_password(given, name=name)
        hashed, now = await reception.passwords.hash(secret), reception.now_utc_ms()
        await reception.change(lambda shelves: shelves.accounts.add(name, body.role, password=hashed, utc_ms=now))
        reception.note(
            request.state.caller, "user_added", address=request.state.address, subject=name, detail=body.role
        )
        link = await _link_for(context, name) if given is None else None
        return UserAddedBody(user=_user_of(context, name), link=link)

    @routes.post("/{user}/role", responses=refusals(401, 403, 404, 409, 422, 503))
    async def role(user: str, body: RoleBody) -> UserBody:
        """Give a user another role; ends the user's logins."""
        await reception.change(lambda shelves: shelves.accounts.set_role(user, body.role))
        return _user_of(context, user)

    @routes.post("/{user}/disabled", responses=refusals(401, 403, 404, 409, 422, 503))
    async def disabled(user: str, body: DisabledBody) -> UserBody:
        """Shut a user out, at once, or let it in again."""
        await reception.change(lambda shelves: _disable(shelves, user, is_disabled=body.is_disabled))
        return _user_of(context, user)


def _add_secrets(routes: APIRouter, context: Context) -> None:
    """Add what a person logs in with."""
    reception = context.reception

    @routes.post("/{user}/password", responses=refusals(401, 403, 404, 422, 503))
    async def password(user: str, body: PasswordBody) -> UserBody:
        """Give a user another password; ends the user's logins."""
        reception.known.accounts.require(user)
        hashed = await reception.passwords.hash(require_password(body.password, name=user))
        await reception.change(lambda shelves: shelves.accounts.set_password(user, hashed))
        return _user_of(context, user)

    @routes.post("/{user}/link", responses=refusals(401, 403, 404, 409, 422, 503))
    async def link(user: str) -> LinkBody:
        """Make a link by which a user sets the own password; an earlier one ends, the present password stays."""
        if reception.known.accounts.require(user).is_disabled:
            raise InputError("user", f"{user!r} is shut out; let in again first", InputReason.CONFLICT)
        return await _link_for(context, user)

    @routes.post("/{user}/pin-reset", responses=refusals(401, 403, 404, 503))
    async def reset_pin(user: str) -> UserBody:
        """Take a user's PIN away; a new one is set with the password."""
        reception.known.accounts.require(user)
        await reception.change(lambda shelves: shelves.accounts.set_pin(user, None))
        return _user_of(context, user)


def _shown(account: Account, links: dict[str, UtcMs]) -> UserBody:
    return UserBody(
        name=account.name,
        role=account.role,
        has_pin=account.pin is not None,
        pin_is_blocked=account.pin is not None and account.pin_failures >= PIN_FAILURES_MAX,
        is_disabled=account.is_disabled,
        link_until_utc_ms=links.get(account.name),
        created_utc_ms=account.created_utc_ms,
    )


def _links(context: Context) -> dict[str, UtcMs]:
    return Invitations(context.reception.known.book).until(now_utc_ms=context.reception.now_utc_ms())


def _user_of(context: Context, name: str) -> UserBody:
    return _shown(context.reception.known.accounts.require(name), _links(context))


async def _link_for(context: Context, name: str) -> LinkBody:
    key, now = new_key(), context.reception.now_utc_ms()
    until = await context.reception.change(lambda shelves: Invitations(shelves.book).give(name, key.hash, utc_ms=now))
    # Behind the #: a browser sends it to no server, and no log or Referer has it.
    return LinkBody(user=name, path=f"/invited#{key.secret}", until_utc_ms=until)


def invitation_routes(context: Context) -> APIRouter:
    """Return the routes behind a link: whose it is, and setting the password; they write the audit log themselves."""
    routes = APIRouter(prefix="/api/v1/invitation", tags=["login"])
    reception, desk = context.reception, LoginDesk(context.reception, is_tls=context.is_tls)

    def user_behind(secret: str) -> str:
        found = Invitations(reception.known.book).find(hash_key(secret), now_utc_ms=reception.now_utc_ms())
        if found is None:
            raise HTTPException(403, OVER)
        return found

    @routes.post("/look", responses=refusals(403, 422, 429))
    async def look(body: SecretBody, request: Request) -> InvitationBody:
        """Say whose link it is; it stays."""
        desk.count_attempt("invitation", who="", request=request)
        return InvitationBody(user=user_behind(body.secret))

    @routes.post("", responses=refusals(403, 422, 429, 503))
    async def accept(body: InvitedBody, request: Request, response: Response) -> MeBody:
        """Set the password of the link's user, and log in; the link works once."""
        desk.count_attempt("invitation", who="", request=request)
        user = user_behind(body.secret)
        hashed = await reception.passwords.hash(require_password(body.password, name=user))
        key, now = hash_key(body.secret), reception.now_utc_ms()

        def take(shelves: Shelves) -> None:
            invitations = Invitations(shelves.book)
            if invitations.find(key, now_utc_ms=now) != user:
                raise HTTPException(403, OVER)  # somebody else was faster
            shelves.accounts.set_password(user, hashed)
            invitations.end(user)

        await reception.change(take)
        return await desk.let_in(user, request, response, what="invitation_accepted")

    return routes


def _disable(shelves: Shelves, user: str, *, is_disabled: bool) -> None:
    shelves.accounts.set_disabled(user, is_disabled=is_disabled)
    if is_disabled:
        Invitations(shelves.book).end(user)
