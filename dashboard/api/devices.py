"""Paired walls and tablets over HTTP: a display shows a code, staff type it in; a tablet is paired where one stands."""

from typing import Annotated, Final, Literal

from fastapi import APIRouter, HTTPException, Request, Response
from pydantic import BaseModel, ConfigDict, StringConstraints

from dashboard.access.devices import Device, DeviceKind
from dashboard.access.keys import Key, new_key
from dashboard.access.reception import DEVICE_COOKIE
from dashboard.api.context import Context
from dashboard.api.refusals import refusals

AGE_S: Final = 400 * 86_400
"""The longest that browsers keep a cookie; a display is paired anew once a year."""

DeviceName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,31}$", strip_whitespace=True)]
Secret = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class _Asked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CodeBody(BaseModel):
    """A code to show for ten minutes, and the secret with which the display asks whether it was let in."""

    code: str
    asking: str


class ClaimBody(_Asked):
    """The display's secret."""

    asking: Secret


class ClaimedBody(BaseModel):
    """``paired``: the answer has set the display's key; ``over``: ask for a new code."""

    state: Literal["waiting", "paired", "over"]


class PairDisplayBody(_Asked):
    """The code that a display shows, what it shall be called, and whether it may show names."""

    code: Annotated[str, StringConstraints(min_length=6, max_length=12)]
    name: DeviceName
    sees_names: bool = False


class PairTabletBody(_Asked):
    """What the tablet in one's hands shall be called."""

    name: DeviceName


class DeviceBody(BaseModel):
    """A paired wall or tablet."""

    name: str
    kind: DeviceKind
    room: str
    sees_names: bool
    created_utc_ms: int


def device_routes(context: Context) -> APIRouter:
    """Return the routes of pairing."""
    routes = APIRouter(prefix="/api/v1", tags=["devices"])
    _add_display(routes, context)
    _add_pairing(routes, context)
    return routes


def _add_display(routes: APIRouter, context: Context) -> None:
    """Add what a display that is not paired yet asks for."""
    reception = context.reception

    @routes.post("/displays/code", responses=refusals(429))
    async def code(request: Request) -> CodeBody:
        """Give a display a code to show."""
        _count_attempt(context, "code", request)
        shown, asking = reception.codes.give(now_ms=reception.now_ms())
        return CodeBody(code=shown, asking=asking)

    @routes.post("/displays/claim", responses=refusals(422))
    async def claim(body: ClaimBody, response: Response) -> ClaimedBody:
        """Say whether the display was let in; then set its key, once."""
        secret = reception.codes.claim(body.asking, now_ms=reception.now_ms())
        if secret is None:
            return ClaimedBody(state="over")
        if not secret:
            return ClaimedBody(state="waiting")
        _set_device(response, secret, is_tls=context.is_tls)
        return ClaimedBody(state="paired")


def _add_pairing(routes: APIRouter, context: Context) -> None:
    """Add what staff do with displays and tablets."""
    reception = context.reception

    @routes.post("/displays", status_code=201, responses=refusals(401, 403, 404, 409, 422, 429, 503))
    async def pair_display(body: PairDisplayBody, request: Request) -> DeviceBody:
        """Let the display in that shows a code: it may watch this room, read-only, until it is revoked."""
        _count_attempt(context, "pair", request)
        place = reception.codes.require(body.code, now_ms=reception.now_ms())
        key, device = new_key(), _made(context, body.name, DeviceKind.DISPLAY, sees_names=body.sees_names)
        await _keep(context, device, key, request)
        reception.codes.let_in(place, key.secret)
        return _shown(device)

    @routes.post("/tablets", status_code=201, responses=refusals(401, 403, 409, 422, 503))
    async def pair_tablet(body: PairTabletBody, request: Request, response: Response) -> DeviceBody:
        """Make the browser that asks a tablet of the clinic, on which a PIN is enough to log in."""
        key, device = new_key(), _made(context, body.name, DeviceKind.TABLET, sees_names=True)
        await _keep(context, device, key, request)
        _set_device(response, key.secret, is_tls=context.is_tls)
        return _shown(device)

    @routes.get("/devices", responses=refusals(401, 403))
    async def devices() -> list[DeviceBody]:
        """Give what is paired."""
        return [_shown(device) for device in reception.known.devices.all()]

    @routes.post("/devices/{device}/revoke", responses=refusals(401, 403, 404, 503))
    async def revoke(device: str, request: Request) -> list[DeviceBody]:
        """Shut a wall or tablet out, at once."""
        await reception.change(lambda shelves: shelves.devices.revoke(device))
        reception.note(request.state.caller, "revoked", address=request.state.address, subject=device)
        return [_shown(left) for left in reception.known.devices.all()]


def _count_attempt(context: Context, what: str, request: Request) -> None:
    wait_s = context.reception.attempts.take(what, who="", address=request.state.address)
    if wait_s is not None:
        raise HTTPException(429, f"{what}: too many attempts, again in {wait_s} s", {"Retry-After": str(wait_s)})


def _made(context: Context, name: str, kind: DeviceKind, *, sees_names: bool) -> Device:
    return Device(
        name=name,
        kind=kind,
        room=context.reception.room,
        sees_names=sees_names,
        created_utc_ms=context.reception.now_utc_ms(),
    )


async def _keep(context: Context, device: Device, key: Key, request: Request) -> None:
    await context.reception.change(lambda shelves: shelves.devices.add(device, key.hash))
    detail = "with names" if device.sees_names else ""
    context.reception.note(
        request.state.caller,
        f"{device.kind}_paired",
        address=request.state.address,
        subject=device.name,
        detail=detail,
    )


def _shown(device: Device) -> DeviceBody:
    return DeviceBody(
        name=device.name,
        kind=device.kind,
        room=device.room,
        sees_names=device.sees_names,
        created_utc_ms=device.created_utc_ms,
    )


def _set_device(response: Response, secret: str, *, is_tls: bool) -> None:
    response.set_cookie(DEVICE_COOKIE, secret, max_age=AGE_S, httponly=True, samesite="strict", secure=is_tls)
