"""Whether an alarm would come through: the age of the last test that went all its way (`vitals/proof.py`)."""

from typing import Final

from dashboard.view.parts import PartsWatch
from vitals.parts import Part
from vitals.proof import ROUND_LOST_MS, Stage
from vitals.sensors import GatewayId
from vitals.units import MonotonicMs

GATEWAYS_MAX: Final = 64

PROBLEM: Final = "alarm path not proven"
"""How the dashboard's own problem begins; `view/troubles.py` has the words of the wall."""


class AlarmPath:
    """The newest round of each gateway, by how far it came. ``hear`` takes them, the rest asks."""

    def __init__(self) -> None:
        """Begin with none."""
        self._rounds: Final[dict[tuple[GatewayId, Stage], MonotonicMs]] = {}

    def hear(self, gateway: GatewayId, stage: Stage, *, now_ms: MonotonicMs) -> None:
        """Take a round that has come as far as this server."""
        if (gateway, stage) in self._rounds or len(self._rounds) < GATEWAYS_MAX * len(Stage):
            self._rounds[gateway, stage] = now_ms

    def proven_ms(self, watch: PartsWatch, gateways: list[GatewayId]) -> MonotonicMs | None:
        """Return when the last full round came back, on this server's clock.

        Args:
            watch: a site without alerts has a path that ends at the screens.
            gateways: of the class; the one whose round is oldest counts. None: the newest of any.

        Returns:
            None: none came yet, or not of each gateway.
        """
        stage = _last_stage(watch)
        known = {gateway: at_ms for (gateway, reached), at_ms in self._rounds.items() if reached is stage}
        if not gateways:
            return max(known.values(), default=None)
        found = [known.get(gateway) for gateway in gateways]
        return None if None in found else min(at_ms for at_ms in found if at_ms is not None)

    def is_lost(self, watch: PartsWatch, gateways: list[GatewayId], *, now_ms: MonotonicMs) -> bool:
        """Return whether no round came through for `ROUND_LOST_MS` although all parts on its way say that they live.

        While one of them is lost that is what screens tell; a path of which it is known why it is broken is no news.
        """
        since_ms = _all_up_since(watch, gateways)
        if since_ms is None or not gateways:
            return False
        proven_ms = self.proven_ms(watch, gateways)
        return now_ms - max(since_ms, since_ms if proven_ms is None else proven_ms) >= ROUND_LOST_MS


def _last_stage(watch: PartsWatch) -> Stage:
    return Stage.ANALYSIS if watch.find(Part.ALERTS) is None else Stage.ALERTS


def _all_up_since(watch: PartsWatch, gateways: list[GatewayId]) -> MonotonicMs | None:
    """Return since when everything on the way lives; None: something does not."""
    if not watch.is_broker_up:
        return None
    found = [watch.parts.get((Part.GATEWAY, gateway)) for gateway in gateways]
    for part in (Part.ANALYSIS, Part.ALERTS):
        known = watch.find(part)
        if known is not None:
            found.append(known[1])
        elif part is Part.ANALYSIS:
            return None
    latest_ms = watch.broker_since.ms
    for one in found:
        if one is None or one.state != "up":
            return None
        latest_ms = max(latest_ms, one.since.ms)
    return latest_ms
