"""Passwords and PINs by argon2, in a thread with one slot: 300 ms and 64 MiB each, while the wall goes on."""

import asyncio
import re
import secrets
from typing import Final

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from vitals.errors import InputError, InputReason

PASSWORD_CHARS_MIN: Final = 10
PASSWORD_CHARS_MAX: Final = 200
"""Longer ones only cost time."""

PIN: Final = re.compile(r"[0-9]{4,6}")


class Passwords:
    """Hashes and compares. A name that nobody has costs as much as a wrong password."""

    def __init__(self, hasher: Argon2Hasher | None = None) -> None:
        """Take a cheaper hasher for tests."""
        self._hash: Final = PasswordHash((hasher or Argon2Hasher(),))
        self._slot: Final = asyncio.Semaphore(1)
        self._nobodys = ""

    def hash_now(self, secret: str) -> str:
        """Return the hash; blocks."""
        return self._hash.hash(secret)

    async def hash(self, secret: str) -> str:
        """Return the hash."""
        async with self._slot:
            return await asyncio.to_thread(self._hash.hash, secret)

    async def is_right(self, secret: str, hashed: str | None) -> bool:
        """Return whether the secret belongs to the hash; None: no, after the same time."""
        async with self._slot:
            return await asyncio.to_thread(self._compare, secret, hashed)

    def _compare(self, secret: str, hashed: str | None) -> bool:
        if not self._nobodys:
            self._nobodys = self._hash.hash(secrets.token_urlsafe())
        is_same = self._hash.verify(secret, self._nobodys if hashed is None else hashed)
        return is_same and hashed is not None


def require_password(password: str, *, name: str) -> str:
    """Return a password that may be taken.

    Raises:
        InputError: too short, too long, or the name itself; the value is not repeated.
    """
    if not PASSWORD_CHARS_MIN <= len(password) <= PASSWORD_CHARS_MAX:
        problem = f"has {len(password)} characters, not {PASSWORD_CHARS_MIN} to {PASSWORD_CHARS_MAX}"
        raise InputError("password", problem, InputReason.OUT_OF_RANGE)
    if name in password.lower() or len(set(password)) < 4:  # noqa: PLR2004 - "aaaaaaaaaa", "1212121212"
        raise InputError("password", "is too easy to guess", InputReason.OUT_OF_RANGE)
    return password


def require_pin(pin: str) -> str:
    """Return a PIN that may be taken: 4 to 6 digits, not all alike, not counted up or down.

    Raises:
        InputError: it is none.
    """
    if not PIN.fullmatch(pin):
        raise InputError("pin", "is not 4 to 6 digits", InputReason.WRONG_SHAPE)
    if len(set(pin)) == 1 or pin in "01234567890" or pin in "09876543210":
        raise InputError("pin", "is too easy to guess", InputReason.OUT_OF_RANGE)
    return pin
