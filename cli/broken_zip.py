"""What reading a zip that somebody else made can raise; there is no common ancestor that is not everything."""

import zipfile
import zlib
from typing import Final

BROKEN_ZIP: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    # zipfile's word for a compression that it does not know, and for a file with a password.
    NotImplementedError,
    RuntimeError,
    # A name with a zero byte, a date that is none.
    ValueError,
    OSError,
)


def why_broken(error: Exception, what: str) -> str:
    """Return one line: the system's own words for a file that cannot be read, else that it is not ``what``."""
    why = error.strerror if isinstance(error, OSError) and error.strerror else f"{what} ({error})"
    return " ".join(why.split())
