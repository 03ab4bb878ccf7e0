"""Proof of alarm: a test that takes an alarm's way each ten seconds, marked as a test and never stored.

The gateway makes a round; analysis hands it on once it has committed what came before it; alerts hands it on once its
own ledger took it; the dashboard tells its age. A round that does not come back means that an alarm would not either.
"""

from enum import StrEnum
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from vitals.readings import RunId
from vitals.sensors import GatewayId
from vitals.units import MonotonicMs, UtcMs

ROUND_S: Final = 10.0
"""A gateway begins a round this often."""

ROUND_LOST_MS: Final = 30_000
"""Three rounds missing: screens show a technical alarm."""


class Stage(StrEnum):
    """Who has handed a round on, in the order of its way."""

    GATEWAY = "gateway"
    ANALYSIS = "analysis"
    ALERTS = "alerts"


class ProofRound(Struct, frozen=True, kw_only=True):
    """One round (QoS 0, not retained; the same from stage to stage).

    ``seq`` counts from 0 in the gateway's run; ``made_mono_ms`` is on the gateway's clock, for its own use.
    """

    v: Literal[1] = 1
    kind: Literal["test"] = "test"
    gateway: GatewayId
    run: RunId
    seq: Annotated[int, Meta(ge=0)]
    made_mono_ms: MonotonicMs
    made_utc_ms: UtcMs
