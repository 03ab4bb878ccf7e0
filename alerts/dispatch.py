"""Hands letters over: each in a task of its own, so that nothing slow or broken delays another; with retries.

It decides nothing about who is told. What became of a letter it says once, to whoever asked for it.
"""

import asyncio
import logging
import random
import time
from collections.abc import Callable, Mapping
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from alerts.channels.outcome import Channel, Outcome, Surroundings, Verdict
from alerts.channels.registry import CHANNELS, open_channel
from alerts.ledger import WayRow
from alerts.letter import Letter
from vitals.action_token import ACTION_MS, ActionToken, nonce_of, sign_action
from vitals.alarms import Priority
from vitals.backoff import back_off
from vitals.clock import Clock
from vitals.deadline import deadline
from vitals.delivery import ChannelName, SubscriptionId
from vitals.errors import SetupError
from vitals.push_message import PushMessage
from vitals.units import UtcMs

logger: Final = logging.getLogger(__name__)

TRIES_MAX: Final = 5
RETRY_FIRST_S: Final = 0.5
RETRY_CAP_S: Final = 8.0
"""Five tries within some 15 s: by then the next step of a high alarm is due anyway."""

LETTERS_MAX: Final = 4_096
"""Under way at a time; 300 alarms to ten phones. Beyond it a letter fails and says so; the next step retries."""

OVERTAKEN: Final = "overtaken by a later message"

_URGENT: Final = (Priority.HIGH, Priority.MEDIUM)


class Delivered(Struct, frozen=True, kw_only=True):
    """What became of a letter. ``is_gone``: its way is no more. ``at_ms``: when the service took it, None: it did not.

    ``problem``: why not, one line.
    """

    letter: Letter
    at_ms: int | None
    problem: str = ""
    is_gone: bool = False


class Dispatch:
    """All channels of a site. Counters: ``sent``, ``failed``, ``retries``, ``gone``, ``overtaken``."""

    def __init__(
        self,
        *,
        ways: Mapping[SubscriptionId, WayRow],
        surroundings: Surroundings,
        action_key: bytes,
        clock: Clock,
        on_delivered: Callable[[Delivered], None],
        on_problem: Callable[[str, bool], None],
    ) -> None:
        """Keep what sending needs.

        Args:
            ways: where everybody is reached; read anew for each try.
            surroundings: of the channels.
            action_key: signs what a phone may answer.
            clock: of the part.
            on_delivered: called once for each letter that was posted.
            on_problem: called with a problem of a whole channel, and whether it is there.
        """
        self._ways = ways
        self._surroundings = surroundings
        self._action_key = action_key
        self._clock = clock
        self._on_delivered = on_delivered
        self._on_problem = on_problem
        self._channels: dict[ChannelName, Channel] = {}
        self._newest: dict[tuple[SubscriptionId, str], Letter] = {}
        self._not_before_s: dict[SubscriptionId, float] = {}
        self._tasks: asyncio.TaskGroup | None = None
        self._early: list[Letter] = []
        self._under_way = 0
        self._gate = asyncio.Lock()
        self.counters = dict.fromkeys(("sent", "failed", "retries", "gone", "overtaken"), 0)

    def open(self, name: ChannelName) -> Channel | None:
        """Return a channel, opened now if it was not; None: it cannot be, which the part's status says.

        Importing what a channel needs takes up to half a second; it is done when the first way of its kind comes, not
        when somebody must be called.
        """
        channel = self._channels.get(name)
        if channel is not None:
            return channel
        try:
            channel = self._channels[name] = open_channel(name, self._surroundings)
        except SetupError as error:
            logger.error(f"channel not opened channel={name} why={error}")  # noqa: TRY400 - a line for the operator
            self._on_problem(f"channel {name} cannot be used: {error}", True)  # noqa: FBT003 - a callback
            return None
        return channel

    async def run(self) -> None:
        """Send what is posted, until cancelled; what is under way then is in the ledger and goes after the restart."""
        try:
            async with asyncio.TaskGroup() as tasks:
                self._tasks = tasks
                early, self._early = self._early, []
                for letter in early:
                    self._start(letter)
                await asyncio.Event().wait()
        finally:
            self._tasks = None
            for channel in self._channels.values():
                await channel.close()

    def post(self, letter: Letter) -> None:
        """Send a letter as soon as may be; an older one with the same tag to the same phone is given up."""
        if self._under_way >= LETTERS_MAX:
            self.counters["failed"] += 1
            self._on_delivered(Delivered(letter=letter, at_ms=None, problem="too many messages under way"))
            return
        self._newest[letter.key] = letter
        self._under_way += 1
        if self._tasks is None:
            self._early.append(letter)
        else:
            self._start(letter)

    def _start(self, letter: Letter) -> None:
        assert self._tasks is not None  # noqa: S101 - called by run and post alone
        self._tasks.create_task(self._deliver(letter), name=f"alerts[{letter.channel}].send")

    async def _deliver(self, letter: Letter) -> None:
        try:
            # One begins in each turn of the loop: a hundred at once would all be encrypted, four milliseconds each,
            # before the first of them goes out.
            async with self._gate:
                await asyncio.sleep(0)
            outcome = await self._try_for_long(letter)
        finally:
            self._under_way -= 1
            if self._newest.get(letter.key) is letter:
                del self._newest[letter.key]
        is_sent, is_gone = outcome.verdict is Verdict.SENT, outcome.verdict is Verdict.GONE
        self.counters["sent" if is_sent else "gone" if is_gone else "failed"] += 1
        if not is_sent:
            what = f"channel={letter.channel} way={letter.subscription} message={letter.message_id}"
            logger.warning(f"message not handed over {what} why={outcome.problem}")
        at_ms = self._clock.mono_ms() if is_sent else None
        self._on_delivered(Delivered(letter=letter, at_ms=at_ms, problem=outcome.problem, is_gone=is_gone))

    async def _try_for_long(self, letter: Letter) -> Outcome:
        waits = back_off(first_s=RETRY_FIRST_S, cap_s=RETRY_CAP_S, stable_s=1e9, chance=random.random)
        wait_s = next(waits)
        outcome = Outcome(verdict=Verdict.LATER, problem="never tried")
        for number in range(TRIES_MAX):
            self.counters["retries"] += number > 0
            wait_s = max(wait_s, self._not_before_s.get(letter.subscription, 0.0) - time.monotonic())
            if wait_s > 0:
                await asyncio.sleep(wait_s)
            if self._newest.get(letter.key) is not letter:
                self.counters["overtaken"] += 1
                return Outcome(verdict=Verdict.REFUSED, problem=OVERTAKEN)
            outcome = await self._try(letter)
            if outcome.verdict is not Verdict.LATER:
                break
            if outcome.again_s is not None:
                self._not_before_s[letter.subscription] = time.monotonic() + outcome.again_s
            wait_s = waits.send(0)
        return outcome

    async def _try(self, letter: Letter) -> Outcome:
        way = self._ways.get(letter.subscription)
        if way is None:
            return Outcome(verdict=Verdict.REFUSED, problem="the way was taken back")
        channel = self.open(letter.channel)
        if channel is None:
            return Outcome(verdict=Verdict.REFUSED, problem=f"channel {letter.channel} cannot be used")
        is_urgent = letter.push.priority in _URGENT
        try:
            async with deadline(CHANNELS[letter.channel].time_out_s):
                return await channel.send(way.address, self._signed(letter), is_urgent=is_urgent)
        except TimeoutError:
            return Outcome(verdict=Verdict.LATER, problem="no answer in time")
        except Exception as error:  # a defect of one channel must not keep the others from calling people
            logger.exception(f"channel failed channel={letter.channel} message={letter.message_id}")
            return Outcome(verdict=Verdict.REFUSED, problem=f"channel failed: {type(error).__name__}")

    def nonce(self, message_id: str) -> str:
        """Return by what a phone names a message."""
        return nonce_of(self._action_key, message_id)

    def _signed(self, letter: Letter) -> PushMessage:
        """Return what travels: with a token that holds from this try on, if there is somebody to answer to."""
        if not letter.may_answer:
            return letter.push
        action = ActionToken(
            alarm_id=letter.alarm_ids[0],
            staff=letter.staff,
            expires_utc_ms=UtcMs(self._clock.utc_ms() + ACTION_MS),
            nonce=self.nonce(letter.message_id),
        )
        return replace(letter.push, token=sign_action(self._action_key, action))
