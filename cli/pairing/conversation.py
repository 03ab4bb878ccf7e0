"""The words of pairing: a short code that two people-sized boxes share for ten minutes becomes a key, once.

SPAKE2 (RFC 9382) makes a strong key of a weak code: who listens learns nothing, and who sits between or guesses has one
try for each conversation; after `ATTEMPTS_MAX` the code is void. What travels after it is sealed (Fernet).
"""

import base64
import json
import secrets
from typing import Annotated, Any, Final, Literal

import msgspec
from cryptography.fernet import Fernet, InvalidToken
from msgspec import Meta, Struct
from spake2 import SPAKE2_A, SPAKE2_B, SPAKEError

from vitals.errors import InputError, InputReason

CODE_SIGNS: Final = 10
"""50 bits. With three guesses a code, nobody guesses it; a person reads it out and types it in without a slip."""

ATTEMPTS_MAX: Final = 3
OPEN_S: Final = 600.0
LINE_BYTES_MAX: Final = 65_536
ANSWER_S: Final = 15.0

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U, so that nothing is mistaken for 1, 0 or V."""

_LOOKS_LIKE: Final = str.maketrans({"I": "1", "L": "1", "O": "0"})
_GATEWAY: Final = b"session-vitals gateway"
_SITE: Final = b"session-vitals site"


class Credentials(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a gateway needs to be one of a site's: where the broker is, as whom to go there, whom to trust.

    ``site_key`` in hex: with it every gateway of the site makes the same sensor id of an address.
    """

    v: Literal[1] = 1
    site: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
    gateway: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
    password: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{16,128}$")]
    port: Annotated[int, Meta(ge=1, le=65_535)]
    authority_pem: Annotated[str, Meta(max_length=8192)]
    site_key: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]


def new_code() -> str:
    """Return a code as people read it out: ``K7QM3-XRT9W``."""
    signs = "".join(secrets.choice(_ALPHABET) for _ in range(CODE_SIGNS))
    return f"{signs[: CODE_SIGNS // 2]}-{signs[CODE_SIGNS // 2 :]}"


def read_code(text: str) -> bytes:
    """Return the code that somebody typed: case, dashes and spaces don't matter, nor O for 0.

    Raises:
        InputError: it cannot be one.
    """
    signs = text.upper().translate(_LOOKS_LIKE).replace("-", "").replace(" ", "")
    if len(signs) != CODE_SIGNS or any(sign not in _ALPHABET for sign in signs):
        raise InputError("code", f"{text[:40]!r} has not {CODE_SIGNS} letters and digits", InputReason.WRONG_SHAPE)
    return signs.encode()


class Speaker:
    """One side of one conversation: says its word, hears the other's, and then seals and opens."""

    def __init__(self, code: bytes, *, is_gateway: bool) -> None:
        """Take the code as `read_code` returns it."""
        side = SPAKE2_A if is_gateway else SPAKE2_B
        self._exchange = side(code, idA=_GATEWAY, idB=_SITE)
        self._word: str = self._exchange.start().hex()
        self._box: Fernet | None = None

    def word(self) -> dict[str, Any]:
        """Return our half of the key exchange."""
        return {"v": 1, "word": self._word}

    def hear(self, said: dict[str, Any]) -> None:
        """Take the other side's half.

        Raises:
            InputError: it is none.
        """
        try:
            key = self._exchange.finish(bytes.fromhex(said["word"]))
        except (KeyError, TypeError, ValueError, AssertionError, SPAKEError) as error:
            raise InputError("pairing", f"not a word of ours: {error!r}"[:200], InputReason.WRONG_SHAPE) from error
        self._box = Fernet(base64.urlsafe_b64encode(key))

    def seal(self, payload: bytes) -> dict[str, Any]:
        """Return something that only the other side can read."""
        assert self._box is not None, "nothing can be sealed before the other side was heard"  # noqa: S101
        return {"v": 1, "sealed": self._box.encrypt(payload).decode()}

    def open(self, said: dict[str, Any]) -> bytes:
        """Return what the other side has sealed.

        Raises:
            InputError: it was sealed with another key: one of us has another code.
        """
        assert self._box is not None, "nothing can be opened before the other side was heard"  # noqa: S101
        try:
            return self._box.decrypt(str(said.get("sealed", "")).encode())
        except InvalidToken as error:
            raise InputError("code", "is not the one that was given out", InputReason.CONFLICT) from error


def encode_line(said: dict[str, Any]) -> bytes:
    """Return one line of a conversation."""
    return json.dumps(said).encode() + b"\n"


def decode_line(line: bytes) -> dict[str, Any]:
    """Return what a line says.

    Raises:
        InputError: not an object in JSON, or a refusal of the other side; its words.
    """
    try:
        said = json.loads(line)
    except ValueError as error:
        raise InputError("pairing", f"{line[:80]!r} is not JSON", InputReason.NOT_JSON) from error
    if not isinstance(said, dict):
        raise InputError("pairing", f"{line[:80]!r} is no object", InputReason.WRONG_SHAPE)
    if "refused" in said:
        raise InputError("pairing", str(said["refused"])[:200], InputReason.CONFLICT)
    return said


def decode_credentials(payload: bytes) -> Credentials:
    """Return the credentials in an opened seal.

    Raises:
        InputError: another shape; says nothing of the content, which is secret.
    """
    try:
        return msgspec.json.decode(payload, type=Credentials)
    except msgspec.MsgspecError as error:
        raise InputError("pairing", "the credentials have another shape", InputReason.WRONG_SHAPE) from error
