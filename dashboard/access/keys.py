"""Secrets that we give out: 256 random bits each; of them only the SHA-256 is kept."""

import hashlib
import secrets
from typing import Final, NamedTuple

SECRET_BYTES: Final = 32
"""256 bits: nobody guesses one, so a plain hash without salt is enough."""

SECRET_CHARS_MAX: Final = 100
"""What is longer is none of ours and is not even hashed."""


class Key(NamedTuple):
    """A secret for its owner, and its hash for the file."""

    secret: str
    hash: str


def new_key() -> Key:
    """Return a new secret."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    return Key(secret, hash_key(secret))


def hash_key(secret: str) -> str:
    """Return what is kept of a secret."""
    return hashlib.sha256(secret[:SECRET_CHARS_MAX].encode()).hexdigest()
