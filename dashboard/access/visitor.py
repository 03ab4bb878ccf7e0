"""One caller on the websocket: looked at anew for each wish, each 30 s, and as soon as access.db changes."""

import re
from typing import Final

from dashboard.access.callers import Caller
from dashboard.access.reception import Reception
from dashboard.access.roles import Deed
from dashboard.access.routes import MESSAGES
from vitals.errors import InputError, InputReason

_ALIAS: Final = re.compile(r'("seat":(\d+),)?"alias":"(?:[^"\\]|\\.)*"')
"""Inside a JSON string every quote is escaped, so this finds keys and never words of somebody."""

_NOTE: Final = re.compile(r'("step":"note"(?:,"role":"(?:[^"\\]|\\.)*")?),"text":"(?:[^"\\]|\\.)*"')
"""What somebody wrote in an emergency may name anybody."""


class Visitor:
    """What the stream asks about whom it serves."""

    def __init__(self, reception: Reception, caller: Caller, *, address: str) -> None:
        """Keep who came."""
        self._reception: Final = reception
        self._caller = caller
        self._address: Final = address

    @property
    def caller(self) -> Caller:
        """Who it is, as last looked at."""
        return self._caller

    def require(self, message: object) -> None:
        """Let a message pass and write it down, when its sender may say it now.

        Raises:
            InputError: the role or the login does not do.
        """
        deed, what = MESSAGES[type(message)]
        if what is None:
            return  # whoever may watch; `until_gone` ends it
        self._caller = self._reception.look_again(self._caller)
        said = self._caller.refusal(deed, now_utc_ms=self._reception.now_utc_ms())
        subject = str(getattr(message, "alarm_id", ""))
        detail = "" if said is None else f'{{"status": {said[0]}}}'
        self._reception.note(self._caller, what, address=self._address, subject=subject, detail=detail)
        if said is not None:
            raise InputError("websocket", said[1], InputReason.NOT_ALLOWED)

    async def until_gone(self) -> None:
        """Return when the caller may not even watch any more: logged out, shut out, revoked."""
        while True:
            news = self._reception.next_change()
            self._caller = self._reception.look_again(self._caller)
            if Deed.WATCH not in self._caller.deeds(now_utc_ms=self._reception.now_utc_ms()):
                return
            await news.wait()

    def show(self, frame: str) -> str:
        """Return a frame as this one may see it: seats instead of names for a display that is not allowed them."""
        return frame if self._caller.sees_names else without_names(frame)


def without_names(frame: str) -> str:
    """Return a frame without names: the seat instead of an alias, of notes in an emergency only that they are."""
    seats = _ALIAS.sub(lambda found: f'{found[1] or ""}"alias":"{found[2] or ""}"', frame)
    return _NOTE.sub(r"\1", seats) if '"step":"note"' in seats else seats
