"""The keeper of one radio: opens it, tells what it hears, sees it die, opens it again; for ever.

An adapter that is pulled out, a simulator that is killed, a machine without Bluetooth: all are a line in the log, a
mark in the heartbeat and another try. The gateway never ends because of a radio.
"""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final

from bleak import BleakClient
from bleak.backends.device import BLEDevice

from gateway.radio.advertisement import Advertisement
from gateway.radio.capture import CaptureFile
from gateway.radio.faults import is_cancelled
from gateway.radio.radio import LEAVE_TIMEOUT_S, Radio, open_radio
from gateway.radio.spec import RadioSpec
from gateway.radio.stack import LINK_ERRORS
from vitals.backoff import back_off
from vitals.clock import Clock
from vitals.deadline import deadline
from vitals.errors import PeerError, PeerReason, VitalsError
from vitals.sensors import RadioStatus

logger: Final = logging.getLogger(__name__)

REOPEN_MIN_S: Final = 0.2
REOPEN_FIRST_S: Final = 0.5
REOPEN_CAP_S: Final = 5.0
REOPEN_STABLE_S: Final = 30.0
"""Real seconds: an adapter comes back when somebody plugs it in, at whatever rate our clock runs."""

DEAF_S: Final = 90.0
"""A radio with no link in use that hears nothing at all for so long (real seconds) is opened anew: scans end silently
when the system's Bluetooth service restarts (habluetooth's watchdog has the same 90 s)."""

FULL_S: Final = 30.0
"""After an adapter said that it is full with fewer links than the settings allow, it is believed for so long."""

RATE_S: Final = 5.0
"""Over so many real seconds advertisements are counted."""


class Rate:
    """How often something happens, over the last whole span of `RATE_S`."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._count = 0
        self._since_s = 0.0
        self._per_s = 0.0

    def count(self, now_s: float) -> None:
        """Take note of one."""
        self._roll(now_s)
        self._count += 1

    def per_s(self, now_s: float) -> float:
        """Return how many there are a second."""
        self._roll(now_s)
        return self._per_s

    def _roll(self, now_s: float) -> None:
        passed_s = now_s - self._since_s
        if passed_s < RATE_S:
            return
        # After two spans without anything the count is no rate of now.
        self._per_s = self._count / passed_s if passed_s < 2 * RATE_S else 0.0
        self._count, self._since_s = 0, now_s


class RadioKeeper:
    """One radio as the gateway sees it, open or not. ``waiting``: how many sensors wait for their `turn`."""

    def __init__(
        self,
        spec: RadioSpec,
        *,
        clock: Clock,
        on_advertisement: Callable[[Advertisement], None],
        on_change: Callable[["RadioKeeper"], None],
        capture: CaptureFile | None = None,
    ) -> None:
        """Take over one radio of the settings.

        Args:
            spec: which one.
            clock: of the gateway.
            on_advertisement: called for each advertisement.
            on_change: called when the radio has come up or gone down.
            capture: of the capture, if there is one.
        """
        self.spec = spec
        self.name = f"{spec.kind}:{spec.target}"
        self.waiting = 0
        self._turn = asyncio.Lock()
        self._clock = clock
        self._on_advertisement = on_advertisement
        self._on_change = on_change
        self._capture = capture
        self._radio: Radio | None = None
        self._why_down = "opening"
        self._connects = 0
        self._errors = 0
        self._advertisements = Rate()
        self._links: dict[int, Callable[[], None]] = {}
        self._links_made = 0
        self._in_use = 0
        self._heard_s = 0.0
        self._full_at: int | None = None
        self._full_until_s = 0.0

    @property
    def is_up(self) -> bool:
        """Whether it is open."""
        return self._radio is not None

    @property
    def has_slot(self) -> bool:
        """Whether the radio is up and can take one more link, as far as it has told."""
        if self._radio is None:
            return False
        return self._radio.slots_used < self._slots_now(self._radio)

    @property
    def room(self) -> int:
        """Free slots, less the sensors that wait for their turn; below 0 when more wait than there are."""
        if self._radio is None:
            return 0
        return self._slots_now(self._radio) - self._radio.slots_used - self.waiting

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for the turn to connect by this radio, first come, first served; hold it for the block."""
        self.waiting += 1
        try:
            await self._turn.acquire()
        finally:
            self.waiting -= 1
        try:
            yield
        finally:
            self._turn.release()

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Use a link of this radio for the block.

        A sensor that is connected does not advertise, so while a link is in use, hearing nothing means nothing. What a
        stack still takes for a link after its user has left does not count: an adapter that hangs never tells its end.
        """
        self._in_use += 1
        try:
            yield
        finally:
            self._in_use -= 1
            self._heard_s = asyncio.get_running_loop().time()

    def status(self) -> RadioStatus:
        """Return what the heartbeat says of this radio."""
        return RadioStatus(
            name=self.name,
            up=self._radio is not None,
            slots_used=0 if self._radio is None else self._radio.slots_used,
            slots_max=self.spec.slots,
            why_down="" if self._radio is not None else self._why_down,
            connects=self._connects,
            errors=self._errors,
            waiting=self.waiting,
            adv_per_s=round(self._advertisements.per_s(asyncio.get_running_loop().time()), 1),
        )

    async def connect(self, device: BLEDevice, *, on_lost: Callable[[], None], timeout_s: float) -> BleakClient:
        """Return a fresh client, connected.

        Args:
            device: as this radio heard it just now.
            on_lost: called once when the link, or the radio under it, is lost.
            timeout_s: real seconds.

        Raises:
            PeerError: it came to nothing; see `Radio.connect`.
        """
        radio = self._radio
        if radio is None:
            raise PeerError(f"radio {self.name} is down", PeerReason.GONE)
        self._links_made += 1
        number = self._links_made

        def end_link() -> None:
            if self._links.pop(number, None) is not None:
                on_lost()

        self._links[number] = on_lost
        try:
            client = await radio.connect(device, on_disconnect=end_link, timeout_s=timeout_s)
        except BaseException as error:
            self._links.pop(number, None)
            self._errors += isinstance(error, PeerError)
            if isinstance(error, PeerError) and error.reason is PeerReason.OUT_OF_SLOTS:
                self._full_at = max(1, radio.slots_used)
                self._full_until_s = asyncio.get_running_loop().time() + FULL_S
            raise
        if number not in self._links:
            # While it came up, the link was lost again or its radio went down; nobody would be told of its end.
            await _leave(client)
            raise PeerError(f"radio {self.name}: link lost at once", PeerReason.GONE)
        self._connects += 1
        return client

    async def run(self) -> None:
        """Keep the radio open until cancelled."""
        loop = asyncio.get_running_loop()
        pauses = back_off(first_s=REOPEN_FIRST_S, cap_s=REOPEN_CAP_S, stable_s=REOPEN_STABLE_S, chance=random.random)
        next(pauses)
        while True:
            began_s = loop.time()
            try:
                async with open_radio(
                    self.spec, on_advertisement=self._hear, now_ms=self._clock.mono_ms, capture=self._capture
                ) as radio:
                    self._come_up(radio)
                    self._go_down(await self._watch(radio))
            except VitalsError as error:
                self._go_down(str(error))
            except Exception as error:  # a stack whose adapter is torn out raises anything; see above
                self._go_down(f"radio {self.name}: {type(error).__name__}: {error}")
                logger.debug(f"radio failed radio={self.name}", exc_info=error)
            if is_cancelled():
                # asyncio.wait_for in Python 3.11, inside the stacks, can swallow a cancellation that meets an answer.
                raise asyncio.CancelledError
            await asyncio.sleep(REOPEN_MIN_S + pauses.send(loop.time() - began_s))

    async def _watch(self, radio: Radio) -> str:
        """Return, when the radio has to be opened anew, why."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                async with deadline(DEAF_S):
                    return await radio.wait_gone()
            except TimeoutError:
                if not self._in_use and loop.time() - self._heard_s > DEAF_S:
                    return f"radio {self.name}: heard nothing for {DEAF_S:.0f} s"

    def _hear(self, heard: Advertisement) -> None:
        self._heard_s = asyncio.get_running_loop().time()
        self._advertisements.count(self._heard_s)
        self._on_advertisement(heard)

    def _come_up(self, radio: Radio) -> None:
        self._radio = radio
        self._why_down = ""
        self._full_at = None
        self._heard_s = asyncio.get_running_loop().time()
        logger.info(f"radio up radio={self.name} slots={radio.slots}")
        self._on_change(self)

    def _go_down(self, why: str) -> None:
        """Say once for each reason that the radio is down; its links are lost with it."""
        was_up, self._radio = self._radio is not None, None
        if was_up or why != self._why_down:
            logger.warning(f"radio down radio={self.name} why={why}")
        self._why_down = why
        self._errors += was_up
        links, self._links = list(self._links.values()), {}
        for on_lost in links:
            on_lost()
        if was_up:
            self._on_change(self)

    def _slots_now(self, radio: Radio) -> int:
        if self._full_at is not None and asyncio.get_running_loop().time() < self._full_until_s:
            return min(radio.slots, self._full_at)
        return radio.slots


async def _leave(client: BleakClient) -> None:
    """Disconnect, within a bound."""
    try:
        async with deadline(LEAVE_TIMEOUT_S):
            await client.disconnect()
    except LINK_ERRORS as error:
        logger.debug(f"radio link not left error={error!r}")
