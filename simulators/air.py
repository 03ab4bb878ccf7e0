"""The air between virtual sensors and virtual radios: who hears whom, how well, and what gets lost.

Built on bumble's `LocalLink`. A sensor and a gateway meet here as they would in a gym: advertising fades with distance,
a person walks out and the link dies by its supervision timeout without a word, an adapter is pulled out. Everything
random comes from the generator that is handed in; every duration is divided by the clock rate.
"""

import asyncio
import logging
import random
from collections.abc import Callable
from typing import Final

from bumble.controller import Controller
from bumble.link import LocalLink

from simulators.advertising import Call
from simulators.airlink import SUPERVISION_UNIT_S, AirConnection, AirLink

logger = logging.getLogger(__name__)

RSSI_DBM_DEFAULT: Final = -60
"""A strap three metres from the dongle, by experience of such set-ups; no test depends on it."""

RSSI_DBM_FADING: Final = -85
RSSI_DBM_DEAF: Final = -100
"""Between these, advertising gets lost more and more; below the second nothing is heard. Dongles' data sheets give
sensitivities of -90 to -97 dBm."""

SUPERVISION_S_DEFAULT: Final = 2.0

Ears = Callable[[Call, Controller, int], None]
"""What takes an advertising event: what was said, by whom, how strongly it is heard."""


class Air(LocalLink):
    """What all radios of one room share."""

    def __init__(self, rng: random.Random, *, rate: float = 1.0) -> None:
        """Start with an empty room.

        Args:
            rng: for advertising delays and losses; give it a seed to have the same room again.
            rate: how many times faster than life advertising and supervision run.
        """
        super().__init__()  # type: ignore[no-untyped-call]
        self.rng = rng
        self.rate = rate
        self.advertising_loss = 0.0
        self._listeners: dict[Controller, Ears] = {}
        self._silent: set[Controller] = set()
        self._rssi_dbm: dict[tuple[Controller, Controller], int] = {}
        self._weakened_db: dict[Controller, int] = {}
        self._expiries: dict[Controller, asyncio.TimerHandle] = {}
        self._links: set[AirLink] = set()

    # What a scenario does

    def set_rssi(self, one: Controller, other: Controller, dbm: int) -> None:
        """Set how strongly two radios hear each other, -127..20 dBm."""
        self._rssi_dbm[one, other] = self._rssi_dbm[other, one] = dbm

    def weaken(self, controller: Controller, by_db: int) -> None:
        """Take ``by_db`` from every signal to and from a radio: a body in between, a weak battery. 0 undoes it."""
        self._weakened_db[controller] = by_db

    def rssi_dbm(self, sender: Controller, receiver: Controller) -> int:
        """Return how strongly one radio hears another."""
        weakened_db = self._weakened_db.get(sender, 0) + self._weakened_db.get(receiver, 0)
        return max(-127, self._rssi_dbm.get((sender, receiver), RSSI_DBM_DEFAULT) - weakened_db)

    def is_silent(self, controller: Controller) -> bool:
        """Return whether a radio is out of range, so that nothing of it is heard, and it hears nothing."""
        return controller in self._silent

    def lose(self, controller: Controller, supervision_s: float = SUPERVISION_S_DEFAULT) -> None:
        """Let a radio walk out of range: silence at once; its links die after ``supervision_s`` unless it is back."""
        if controller in self._silent:
            return
        self._silent.add(controller)
        loop = asyncio.get_running_loop()
        self._expiries[controller] = loop.call_later(supervision_s / self.rate, self._expire, controller)

    def back(self, controller: Controller) -> None:
        """Let a radio come back into range; links that still stand go on with what they held."""
        self._silent.discard(controller)
        if (expiry := self._expiries.pop(controller, None)) is not None:
            expiry.cancel()
        for link in self._links_of(controller):
            link.resume()

    def _expire(self, controller: Controller) -> None:
        """End the links of a radio that has been silent for too long."""
        self._expiries.pop(controller, None)
        for link in self._links_of(controller):
            link.time_out()

    def _links_of(self, controller: Controller) -> list[AirLink]:
        """Return the links with an end at this radio."""
        return [link for link in self._links if any(end.controller is controller for end in link.ends)]

    # What the controllers do

    def broadcast(self, caller: Controller, call: Call) -> None:
        """Bring an advertising event to every radio that listens, is in range and lucky."""
        if self.is_silent(caller):
            return
        for listener, hear in list(self._listeners.items()):
            if listener is caller or self.is_silent(listener):
                continue
            rssi_dbm = self.rssi_dbm(caller, listener)
            if not self._is_lost(rssi_dbm):
                hear(call, caller, rssi_dbm)
                if not caller.is_advertising:
                    return  # connected just now

    def _is_lost(self, rssi_dbm: int) -> bool:
        """Draw whether an advertising event of this strength is lost."""
        if rssi_dbm <= RSSI_DBM_DEAF:
            return True
        faded = max(0.0, (RSSI_DBM_FADING - rssi_dbm) / (RSSI_DBM_FADING - RSSI_DBM_DEAF))
        loss = 1 - (1 - self.advertising_loss) * (1 - faded)
        return loss > 0 and self.rng.random() < loss

    def listen(self, controller: Controller, ears: Ears | None) -> None:
        """Keep who listens (None: not any more), so that advertising costs nothing where nobody does."""
        if ears is None:
            self._listeners.pop(controller, None)
        else:
            self._listeners[controller] = ears

    def join(self, *, central: AirConnection, peripheral: AirConnection, supervision_units: int) -> None:
        """Make two ends one link."""
        supervision_s = supervision_units * SUPERVISION_UNIT_S / self.rate
        self._links.add(
            AirLink(central=central, peripheral=peripheral, supervision_s=supervision_s, is_silent=self.is_silent)
        )

    def on_end_closed(self, link: AirLink) -> None:
        """Forget a link that no end believes in any more."""
        if not any(end.is_open for end in link.ends):
            self._links.discard(link)

    def remove_controller(self, controller: Controller) -> None:
        """Take a radio out of the room."""
        self.controllers.discard(controller)
        self._silent.discard(controller)
        self._listeners.pop(controller, None)
        self._weakened_db.pop(controller, None)
        if (expiry := self._expiries.pop(controller, None)) is not None:
            expiry.cancel()
        for pair in [pair for pair in self._rssi_dbm if controller in pair]:
            del self._rssi_dbm[pair]
