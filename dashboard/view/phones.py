"""Which phone pages are open, whose they are, and whether they can be heard."""

from typing import Final

from msgspec import Struct

from vitals.duty import StaffId
from vitals.units import MonotonicMs


class _Phone(Struct, kw_only=True):
    staff: StaffId
    is_heard: bool
    left_ms: MonotonicMs | None = None


class Phones:
    """What each phone page said last; one that has left counts for a while, for it may only be loaded anew."""

    def __init__(self) -> None:
        self._phones: Final[dict[object, _Phone]] = {}

    def report(self, connection: object, staff: StaffId, *, is_heard: bool) -> None:
        """Take what a page says of itself."""
        self._phones[connection] = _Phone(staff=staff, is_heard=is_heard)

    def leave(self, connection: object, *, now_ms: MonotonicMs) -> None:
        """Take that a connection has ended."""
        phone = self._phones.get(connection)
        if phone is not None:
            phone.left_ms = now_ms

    def forget(self, *, before_ms: MonotonicMs) -> None:
        """Forget pages that left before a moment."""
        gone = [key for key, phone in self._phones.items() if phone.left_ms is not None and phone.left_ms < before_ms]
        for key in gone:
            del self._phones[key]

    def present(self) -> set[StaffId]:
        """Return whose pages are open, or were a moment ago."""
        return {phone.staff for phone in self._phones.values()}

    def heard(self) -> dict[StaffId, bool]:
        """Return whose pages are open now, and whether one of them can be heard."""
        found: dict[StaffId, bool] = {}
        for phone in self._phones.values():
            if phone.left_ms is None:
                found[phone.staff] = found.get(phone.staff, False) or phone.is_heard
        return found
