"""The site's secret, by which every gateway of a site makes the same sensor id of an address."""

import os
import secrets
import tempfile
from pathlib import Path
from typing import Final

from vitals.errors import SetupError, SetupReason

KEY_BYTES: Final = 32
"""256 random bits: as many as HMAC-SHA-256 can use."""


def open_site_key(path: Path) -> bytes:
    """Return the site's key, made on first use: one line of hex that only the owner may read.

    Two processes that start at once get the same key.

    Raises:
        SetupError: the file cannot be read or made, or holds something else.
    """
    try:
        if not path.exists():
            _make(path)
        text = path.read_text(encoding="ascii").strip()
        key = bytes.fromhex(text)
    except OSError as error:
        raise SetupError(f"site key {path}: {error.strerror}", SetupReason.SETTINGS) from error
    except ValueError as error:
        raise SetupError(f"site key {path} is not a line of hex digits", SetupReason.SETTINGS) from error
    if len(key) != KEY_BYTES:
        raise SetupError(f"site key {path} has {len(key)} bytes, not {KEY_BYTES}", SetupReason.SETTINGS)
    return key


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # A temporary file of mkstemp has mode 0600; a link into place is either whole or refused.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(KEY_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(name)
    except FileExistsError:
        return
    finally:
        Path(name).unlink()
