"""The token in a push: with it one phone answers one alarm for one person, once, within ten minutes, without a login.

alerts signs it, the dashboard checks it; the key stands in a file that both read (`Settings.action_key_file`). That it
is used once only whoever checks can know: the dashboard remembers each nonce (docs/decisions/0068).
"""

import base64
import binascii
import hashlib
import hmac
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from vitals.alarms import AlarmId
from vitals.duty import StaffId
from vitals.errors import InputError, InputReason
from vitals.units import UtcMs

ACTION_MS: Final = 600_000
"""A push older than ten minutes answers nothing: whoever finds the phone then must log in."""

TOKEN_CHARS_MAX: Final = 600
NONCE_CHARS: Final = 16
_PURPOSE: Final = b"session-vitals action token 1."
"""Signed with it, so that no other use of the same key makes a token."""
_NONCE_PURPOSE: Final = b"session-vitals action nonce 1."


class ActionToken(Struct, frozen=True, kw_only=True, array_like=True):
    """What a token says. ``nonce``: `NONCE_CHARS` hex digits that nobody can guess, of one message; see `nonce_of`."""

    alarm_id: Annotated[AlarmId, Meta(min_length=1, max_length=64)]
    staff: Annotated[StaffId, Meta(min_length=1, max_length=32)]
    expires_utc_ms: UtcMs
    nonce: Annotated[str, Meta(pattern=f"^[0-9a-f]{{{NONCE_CHARS}}}$")]


_decoder: Final = msgspec.json.Decoder(ActionToken)


def nonce_of(key: bytes, message_id: str) -> str:
    """Return the nonce of a message: the same for each try to send it, so that it is answered once however it came.

    Whoever has the key finds the message again by which a phone says that it has shown it.
    """
    return hmac.new(key, _NONCE_PURPOSE + message_id.encode(), hashlib.sha256).hexdigest()[:NONCE_CHARS]


def sign_action(key: bytes, action: ActionToken) -> str:
    """Return a token as it travels: about 200 of ``A-Z a-z 0-9 - _ .``."""
    said = _text(msgspec.json.encode(action))
    return f"{said}.{_text(_seal(key, said))}"


def read_action(key: bytes, token: str, *, now_utc_ms: UtcMs) -> ActionToken:
    """Return what a token says, once its seal and its time are good.

    Raises:
        InputError: forged or damaged, or its ten minutes are over.
    """
    said, _, seal = token.partition(".")
    # The same answer for a wrong seal and for nonsense: nothing is read before the seal is known to be ours.
    if len(token) > TOKEN_CHARS_MAX or not hmac.compare_digest(_bytes(seal), _seal(key, said)):
        raise InputError("token", "is none of ours", InputReason.NOT_ALLOWED)
    try:
        action = _decoder.decode(_bytes(said))
    except msgspec.MsgspecError as error:
        raise InputError("token", "is of another version", InputReason.NOT_ALLOWED) from error
    if not now_utc_ms < action.expires_utc_ms:
        raise InputError("token", "its ten minutes are over; log in to answer", InputReason.NOT_ALLOWED)
    return action


def _seal(key: bytes, said: str) -> bytes:
    return hmac.new(key, _PURPOSE + said.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error):
        return b""
