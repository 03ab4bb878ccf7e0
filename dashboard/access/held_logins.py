"""Logins that begin and end while the disk takes nothing: kept in memory until it does, lost with the process."""

from typing import Final

from msgspec import Struct

from dashboard.access.logins import Login
from dashboard.access.shelves import Shelves
from vitals.units import UtcMs

HELD_MAX: Final = 100
"""Of each kind; a clinic has fewer people."""


class HeldLogin(Struct, frozen=True, kw_only=True):
    """A login that is not on disk yet; ``instead_of``: the hash of the cookie that ends with it."""

    key: str
    account: str
    began_utc_ms: UtcMs
    instead_of: str | None


class HeldLogins:
    """What `Logins` will be told later."""

    def __init__(self) -> None:
        """Hold nothing."""
        self._begun: Final[dict[str, HeldLogin]] = {}
        self._ended: Final[dict[str, None]] = {}

    def begin(self, login: HeldLogin) -> bool:
        """Hold a login, and end the one before; False: `HELD_MAX` are held."""
        if len(self._begun) >= HELD_MAX:
            return False
        if login.instead_of is not None and not self.end(login.instead_of):
            return False
        self._begun[login.key] = login
        return True

    def end(self, key: str) -> bool:
        """Hold that a login has ended; False: `HELD_MAX` ends are held."""
        if self._begun.pop(key, None) is not None or key in self._ended:
            return True
        if len(self._ended) >= HELD_MAX:
            return False
        self._ended[key] = None
        return True

    def drop(self, key: str) -> None:
        """Forget a login that has ended on disk: it must not be written after its end."""
        self._begun.pop(key, None)

    def has_ended(self, key: str) -> bool:
        """Return whether a login has ended, whatever the file says."""
        return key in self._ended

    def find(self, key: str, shelves: Shelves) -> Login | None:
        """Return a held login of an account that may come in; its role is that of now."""
        held = self._begun.get(key)
        account = None if held is None else shelves.accounts.find(held.account)
        if held is None or account is None or account.is_disabled:
            return None
        return Login(
            key=key,
            account=account.name,
            role=account.role,
            began_utc_ms=held.began_utc_ms,
            seen_utc_ms=held.began_utc_ms,
            emergency_until_utc_ms=None,
            emergency_why=None,
        )

    def all(self) -> tuple[tuple[HeldLogin, ...], tuple[str, ...]]:
        """Return what waits: the begun and the ended."""
        return tuple(self._begun.values()), tuple(self._ended)

    def forget(self, begun: tuple[HeldLogin, ...], ended: tuple[str, ...]) -> None:
        """Forget what is on disk now; what came or ended meanwhile stays."""
        for login in begun:
            if self._begun.pop(login.key, None) is None:
                self._ended[login.key] = None  # it ended while it was written
        for key in ended:
            self._ended.pop(key, None)
