"""Undecodable: what a codec returns instead of raising when the bytes are not what the characteristic promises."""

from typing import Final

from msgspec import Struct

from vitals.readings import Reason

LONGEST_VALUE_BYTES: Final = 512
"""An attribute value has at most 512 bytes (Core Specification, Vol 3, Part F, 3.2.9): more is not from a sensor."""


class Undecodable(Struct, frozen=True, kw_only=True):
    """Bytes that are no frame: ``problem`` names the place and the value, ``raw`` keeps them for the record."""

    problem: str
    raw: bytes

    @property
    def reason(self) -> Reason:
        """The reason a reading made of this carries."""
        return Reason.UNDECODABLE
