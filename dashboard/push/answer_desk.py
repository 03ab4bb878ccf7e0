"""What a person answers to the news of an alarm: told to alerts and, where it takes the alarm, to analysis.

A phone's accept is the same acknowledgement as a tablet's. By a token it goes without a login: once, for one alarm.
"""

import logging
import secrets
from typing import Final, NamedTuple, TypeVar

import msgspec

from dashboard.access.answers import Answer
from dashboard.access.callers import Caller, Via
from dashboard.access.reception import Reception
from dashboard.desk import Desk
from dashboard.frames import AlarmView, CallView
from dashboard.ticker import Ticker
from dashboard.view.alarms import view_alarms
from dashboard.view.calls import view_call
from dashboard.view.room import Room
from vitals.action_token import NONCE_CHARS, ActionToken, read_action
from vitals.alarms import AlarmId, Signal
from vitals.commands import Acknowledge, Receipt, Respond
from vitals.delivery import TEST_PREFIX, Response
from vitals.duty import StaffId
from vitals.errors import InputError, InputReason, StorageError
from vitals.parts import Part

logger: Final = logging.getLogger(__name__)
T = TypeVar("T")

USED_MAX: Final = 10_000
"""Tokens of some hours, kept in memory besides the file: an answer does not wait for the disk."""


class News(NamedTuple):
    """An alarm as a phone is told of it; no alarm: it is over."""

    alarm: AlarmView | None
    call: CallView | None
    is_test: bool


class AnswerDesk:
    """Takes answers, from who is logged in and from who holds a token."""

    def __init__(self, *, desk: Desk, room: Room, ticker: Ticker, reception: Reception, key: bytes) -> None:
        """Keep the tools; ``key``: the one that alerts signs with."""
        self._desk: Final = desk
        self._room: Final = room
        self._ticker: Final = ticker
        self._reception: Final = reception
        self._key: Final = key
        self._used: Final[dict[str, None]] = {}
        self._received: Final[dict[tuple[str, bool], None]] = {}

    def news(self, alarm_id: AlarmId) -> News:
        """Return what is known of an alarm, or of a test."""
        found = {key: heard for key, heard in self._room.alarms.items() if heard.state.alarm_id == alarm_id}
        session = next((heard.state.session for heard in found.values()), None)
        views = view_alarms(
            found,
            clock=self._room.analysis_clock(),
            session=session,
            seats=self._room.seats,
            affected=self._room.affected,
            sending=self._room.sending,
        )
        call = self._room.calls.get(alarm_id)
        return News(
            alarm=views[0] if views else None,
            call=None if call is None else view_call(call),
            is_test=_is_test(alarm_id),
        )

    def read_token(self, token: str) -> tuple[ActionToken, Caller]:
        """Return what a token says and who answers by it.

        Raises:
            InputError: forged, over, or its person has been shut out.
        """
        action = read_action(self._key, token, now_utc_ms=self._reception.now_utc_ms())
        account = self._reception.known.accounts.find(action.staff)
        if not self._reception.is_open and (account is None or account.is_disabled):
            raise InputError("token", "its person is not let in any more", InputReason.NOT_ALLOWED)
        role = None if account is None else account.role
        return action, Caller(via=Via.PUSH, who=action.staff, role=role, key=action.nonce)

    def is_used(self, action: ActionToken) -> bool:
        """Return whether a token has answered."""
        return action.nonce in self._used or self._reception.known.answers.is_used(action.nonce)

    async def answer_by_token(self, action: ActionToken, response: Response) -> None:
        """Answer for the person of a token, once.

        Raises:
            InputError: it has answered already, or the alarm is over.
        """
        if self.is_used(action):
            raise InputError("token", "has answered already", InputReason.CONFLICT)
        _remember(self._used, action.nonce)
        try:
            self._tell(action.alarm_id, action.staff, response)
        except InputError:
            del self._used[action.nonce]
            raise
        await self._keep(action.alarm_id, action.staff, response, nonce=action.nonce)

    def receive(self, action: ActionToken, *, is_seen: bool) -> None:
        """Tell alerts that a phone has shown a message, or that its owner opened it; each once for each message.

        It is news and no answer: lost when nobody hears it, and of an alarm that alerts calls nobody about it is none.
        """
        key = (action.nonce, is_seen)
        if key in self._received or action.alarm_id not in self._room.calls:
            return
        _remember(self._received, key)
        body = Receipt(alarm_id=action.alarm_id, nonce=action.nonce, is_seen=is_seen)
        self._desk.orders.say_once(Part.ALERTS, body, by=action.staff, now=self._ticker.now())

    async def answer(self, alarm_id: AlarmId, staff: StaffId, response: Response) -> None:
        """Answer for somebody who is logged in.

        Raises:
            InputError: there is no such alarm.
        """
        self._tell(alarm_id, staff, response)
        if _is_test(alarm_id):
            await self._keep(alarm_id, staff, response, nonce=secrets.token_hex(NONCE_CHARS // 2))

    def _tell(self, alarm_id: AlarmId, staff: StaffId, response: Response) -> None:
        alarm = self._room.find_alarm(alarm_id)
        is_on = alarm is not None and alarm.signal is not Signal.OFF
        if not is_on and not self._may_be(alarm_id):
            raise InputError("alarm", f"{alarm_id[:80]!r} is not on", InputReason.UNKNOWN_NAME)
        now = self._ticker.now()
        # Analysis first: it is the acknowledgement that silences the room.
        is_taken = is_on and alarm is not None and alarm.signal is Signal.ACKNOWLEDGED
        if response is not Response.CANNOT and not _is_test(alarm_id) and not is_taken:
            self._desk.send(Part.ANALYSIS, Acknowledge(alarm_id=alarm_id), by=staff, now=now)
        self._desk.send(Part.ALERTS, Respond(alarm_id=alarm_id, staff=staff, response=response), by=staff, now=now)

    def _may_be(self, alarm_id: AlarmId) -> bool:
        """Return whether an alarm that is not known may be on all the same: a test, alerts' own, or nobody is heard."""
        is_cut_off = not self._room.parts.is_broker_up or self._room.analysis_heard_ms() is None
        return _is_test(alarm_id) or alarm_id in self._room.calls or is_cut_off

    async def _keep(self, alarm_id: AlarmId, staff: StaffId, response: Response, *, nonce: str) -> None:
        utc_ms = self._reception.now_utc_ms()
        answer = Answer(nonce=nonce, alarm=alarm_id, staff=staff, response=response, utc_ms=utc_ms)
        try:
            await self._reception.change(lambda shelves: shelves.answers.add(answer))
        except StorageError as error:
            # The answer has gone out and its token is spent in memory: a full disk must not undo either.
            logger.warning(f"answer not kept alarm={alarm_id} {error}")


def without_alias(alarm: AlarmView) -> AlarmView:
    """Return an alarm for a phone without a login: a seat, no alias."""
    return msgspec.structs.replace(alarm, alias=None)


def _remember(known: dict[T, None], key: T) -> None:
    known[key] = None
    while len(known) > USED_MAX:
        del known[next(iter(known))]


def _is_test(alarm_id: str) -> bool:
    return alarm_id.startswith(TEST_PREFIX)
