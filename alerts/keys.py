"""The site's key for Web Push (VAPID, RFC 8292): made once, the private half for its owner alone."""

import base64
import os
import tempfile
from pathlib import Path

from vitals.errors import SetupError, SetupReason


def prepare_vapid(private: Path, public: Path) -> None:
    """Make the key where there is none, and write its public half where that is missing or another's.

    Two processes that start at once use the same key. Browsers subscribe with the public half; with another key their
    subscriptions would be worth nothing, so a key that is there is never replaced.

    Raises:
        SetupError: a file cannot be read or made, or holds something else.
    """
    # 50 ms, and nothing else of the part needs it before the first push.
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    try:
        if not private.exists():
            key = ec.generate_private_key(ec.SECP256R1())
            pem = key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            _place(private, pem, replaces=False)
        found = serialization.load_pem_private_key(private.read_bytes(), password=None)
        if not isinstance(found, ec.EllipticCurvePrivateKey) or found.curve.name != "secp256r1":
            raise SetupError(f"push key {private} is no key of P-256", SetupReason.SETTINGS)
        point = found.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        text = base64.urlsafe_b64encode(point).rstrip(b"=") + b"\n"
        if not public.exists() or public.read_bytes() != text:
            _place(public, text, replaces=True)
    except OSError as error:
        raise SetupError(f"push key {private}: {error.strerror}", SetupReason.SETTINGS) from error
    except (ValueError, TypeError) as error:
        raise SetupError(f"push key {private} is no private key (PEM)", SetupReason.SETTINGS) from error


def _place(path: Path, content: bytes, *, replaces: bool) -> None:
    """Write a file whole or not at all, with mode 0600."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if replaces:
            temporary.replace(path)
        else:
            path.hardlink_to(temporary)
    except FileExistsError:
        return  # another process was quicker, and its key is the site's
    finally:
        temporary.unlink(missing_ok=True)
