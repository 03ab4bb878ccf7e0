"""Phones over HTTP: browsers that want pushes, what people answer to an alarm, tests; with a login or with a token."""

from typing import Annotated, Any, Final, Literal

import msgspec
from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel, ConfigDict, StringConstraints

from dashboard.access.callers import Caller, Via
from dashboard.access.roles import Deed
from dashboard.api.context import Context
from dashboard.api.refusals import refusals
from dashboard.push.addresses import read_address
from dashboard.push.answer_desk import News, without_alias
from dashboard.push.way_desk import Way
from vitals.action_token import TOKEN_CHARS_MAX, ActionToken
from vitals.alarms import AlarmId
from vitals.delivery import ChannelName, Response, SubscriptionId
from vitals.duty import StaffId
from vitals.errors import InputError, InputReason

Staff = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,31}$")]
Label = Annotated[str, StringConstraints(max_length=40, strip_whitespace=True)]
_ALARM: Final = 64


class _Asked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class KeyBody(BaseModel):
    """The public key of this site's pushes (VAPID), as `pushManager.subscribe` takes it: base64url."""

    key: str


class KeysBody(_Asked):
    """The keys of a browser's subscription, base64url."""

    p256dh: Annotated[str, StringConstraints(max_length=100)]
    auth: Annotated[str, StringConstraints(max_length=40)]


class SubscribeBody(_Asked):
    """A browser's subscription, and what its owner calls the device."""

    endpoint: Annotated[str, StringConstraints(max_length=1000)]
    keys: KeysBody
    label: Label = ""


class SubscriptionBody(BaseModel):
    """One way to oneself. ``sending``: alerts has not said yet that it keeps it."""

    subscription: str
    channel: ChannelName
    label: str
    since_utc_ms: int
    sent_utc_ms: int | None
    problem: str
    state: Literal["kept", "sending"]


class ResponseBody(_Asked):
    """What one answers."""

    response: Response


class TokenBody(_Asked):
    """The token of a push."""

    token: Annotated[str, StringConstraints(min_length=1, max_length=TOKEN_CHARS_MAX)]


class TokenResponseBody(TokenBody):
    """What the holder of a push answers."""

    response: Response


class ReceiptBody(TokenBody):
    """What a phone says of a message: shown, or (``seen``) opened by somebody."""

    seen: bool


class AnsweredBody(BaseModel):
    """An answer on its way to alerts and, where it takes the alarm, to analysis."""

    alarm: str
    staff: str
    response: Response
    state: Literal["sending"] = "sending"


class NewsBody(BaseModel):
    """An alarm as a phone shows it.

    ``alarm``: `AlarmView` of docs/protocol.md with a seat and no alias, null when it is over. ``call``: `CallView`.
    ``may_answer``: the token has not answered yet.
    """

    alarm: dict[str, Any] | None
    call: dict[str, Any] | None
    is_test: bool
    staff: str
    may_answer: bool
    server_mono_ms: int
    utc_ms: int
    time_zone: str


class TestBody(_Asked):
    """Whose phones shall get a test; none: one's own."""

    __test__ = False

    staff: Staff | None = None


class SentBody(BaseModel):
    """A command is on its way to alerts."""

    command: str
    state: Literal["sending"] = "sending"


def push_routes(context: Context) -> APIRouter:
    """Return the routes of phones for who is logged in."""
    routes = APIRouter(prefix="/api/v1", tags=["phones"])
    answers, ways, reception = context.answers, context.ways, context.reception

    @routes.get("/push/key", responses=refusals(404))
    async def key() -> KeyBody:
        """Give the key that a browser subscribes with."""
        return KeyBody(key=ways.public_key())

    @routes.get("/push/subscriptions")
    async def own(request: Request) -> list[SubscriptionBody]:
        """Give the ways to oneself."""
        return [_shown(way) for way in ways.ways(StaffId(request.state.caller.who))]

    @routes.post("/push/subscriptions", status_code=202, responses=refusals(403, 409, 422))
    async def subscribe(body: SubscribeBody, request: Request) -> SubscriptionBody:
        """Have this browser called; the same one again is still one."""
        staff = _person(request.state.caller)
        address = read_address(body.endpoint, p256dh=body.keys.p256dh, auth=body.keys.auth, mode=context.stage.mode)
        subscription = ways.subscribe(address, staff, label=body.label)
        return _shown(next(way for way in ways.ways(staff) if way.state.subscription == subscription))

    @routes.delete("/push/subscriptions/{subscription}", status_code=202, responses=refusals(403, 404))
    async def unsubscribe(subscription: str, request: Request) -> SentBody:
        """Call this browser no more; a supervisor may end another person's, of a phone that is lost."""
        caller: Caller = request.state.caller
        may_end_others = Deed.PAIR in caller.deeds(now_utc_ms=reception.now_utc_ms())
        command = ways.unsubscribe(SubscriptionId(subscription), by=StaffId(caller.who), may_end_others=may_end_others)
        return SentBody(command=command.id)

    @routes.post("/push/test", status_code=202, responses=refusals(422))
    async def test(body: TestBody, request: Request) -> SentBody:
        """Send a message marked as a test by all ways to one person."""
        by = StaffId(request.state.caller.who)
        return SentBody(command=ways.send_test(StaffId(body.staff or by), by=by).id)

    @routes.get("/alarms/{alarm_id}", responses=refusals(404))
    async def news(alarm_id: str, request: Request) -> NewsBody:
        """Give one alarm, and who is on it."""
        found = answers.news(AlarmId(alarm_id[:_ALARM]))
        if found.alarm is None and found.call is None and not found.is_test:
            raise InputError("alarm", f"{alarm_id[:80]!r} is not on", InputReason.UNKNOWN_NAME)
        return _told(context, found, staff=request.state.caller.who, may_answer=found.alarm is not None)

    @routes.post("/alarms/{alarm_id}/respond", status_code=202, responses=refusals(404, 422))
    async def respond(alarm_id: str, body: ResponseBody, request: Request) -> AnsweredBody:
        """Answer the news of an alarm: accept and on my way take it, as acknowledging on a tablet does."""
        staff = StaffId(request.state.caller.who)
        await answers.answer(AlarmId(alarm_id[:_ALARM]), staff, body.response)
        return AnsweredBody(alarm=alarm_id[:_ALARM], staff=staff, response=body.response)

    return routes


def token_routes(context: Context) -> APIRouter:
    """Return the routes for the holder of a push, who needs no login; they write the audit log themselves."""
    routes = APIRouter(prefix="/api/v1/push", tags=["phones"])
    answers, reception = context.answers, context.reception

    def read(token: str, request: Request) -> tuple[ActionToken, Caller]:
        try:
            return answers.read_token(token)
        except InputError:
            # Tokens that are ours are never counted: ten phones behind one router must all be heard.
            wait_s = reception.attempts.take("token", who="", address=request.state.address)
            if wait_s is not None:
                line = f"token: too many that are none, again in {wait_s} s"
                raise HTTPException(429, line, {"Retry-After": str(wait_s)}) from None
            raise

    @routes.post("/look", responses=refusals(403, 422, 429))
    async def look(body: TokenBody, request: Request) -> NewsBody:
        """Give the alarm of a push, without a name; looking spends no token."""
        action, caller = read(body.token, request)
        found = answers.news(action.alarm_id)
        reception.note(caller, "alarm", address=request.state.address, subject=action.alarm_id)
        is_open = found.alarm is not None or found.is_test
        return _told(context, found, staff=action.staff, may_answer=is_open and not answers.is_used(action))

    @routes.post("/respond", status_code=202, responses=refusals(403, 404, 409, 422, 429))
    async def respond(body: TokenResponseBody, request: Request) -> AnsweredBody:
        """Answer a push, once, within ten minutes."""
        action, caller = read(body.token, request)
        await answers.answer_by_token(action, body.response)
        reception.note(
            caller, "respond", address=request.state.address, subject=action.alarm_id, detail=body.response.value
        )
        return AnsweredBody(alarm=action.alarm_id, staff=action.staff, response=body.response)

    @routes.post("/receipt", status_code=204, responses=refusals(403, 422, 429))
    async def receipt(body: ReceiptBody, request: Request) -> None:
        """Take that a phone has shown a message, or that somebody opened it: shown to staff, no timer hears of it."""
        action, _ = read(body.token, request)
        answers.receive(action, is_seen=body.seen)

    return routes


def _person(caller: Caller) -> StaffId:
    """Return who it is; a script has no phone.

    Raises:
        InputError: a token asks.
    """
    if caller.via not in {Via.LOGIN, Via.OPEN}:
        raise InputError("login", f"{caller.who!r} is a script and has no phone", InputReason.NOT_ALLOWED)
    return StaffId(caller.who)


def _shown(way: Way) -> SubscriptionBody:
    state = way.state
    return SubscriptionBody(
        subscription=state.subscription,
        channel=state.channel,
        label=state.label,
        since_utc_ms=state.since_utc_ms,
        sent_utc_ms=state.sent_utc_ms,
        problem=state.problem,
        state="kept" if way.is_known else "sending",
    )


def _told(context: Context, news: News, *, staff: str, may_answer: bool) -> NewsBody:
    now = context.ticker.now()
    alarm = news.alarm
    return NewsBody(
        alarm=None if alarm is None else msgspec.to_builtins(without_alias(alarm)),
        call=None if news.call is None else msgspec.to_builtins(news.call),
        is_test=news.is_test,
        staff=staff,
        may_answer=may_answer,
        server_mono_ms=now.ms,
        utc_ms=now.utc_ms,
        time_zone=context.stage.zone_name,
    )
