"""Flagged fields: most characteristics begin with flags that say which optional fields follow, in a fixed order.

The flags may change from one notification to the next (a bike does it within one connection: github Auuki#24), so
places are found anew for each.
"""

from typing import NamedTuple


class Field(NamedTuple):
    """An optional field (or fields that come together): the flag that announces it, and its width."""

    flag: int
    width_bytes: int


def place_fields(flags: int, layout: tuple[Field, ...], *, first_at: int) -> tuple[dict[int, int], int]:
    """Return where each announced field begins, by its flag, and how many bytes the frame needs.

    Args:
        flags: as sent; bits that the layout does not name announce nothing that we know.
        layout: the optional fields in their order.
        first_at: bytes before the first of them.
    """
    places: dict[int, int] = {}
    at = first_at
    for flag, width_bytes in layout:
        if flags & flag:
            places[flag] = at
            at += width_bytes
    return places, at
