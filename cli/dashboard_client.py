"""Talks to a running dashboard over HTTP, as any script of the clinic could."""

import json
import urllib.error
import urllib.request
from typing import Any, Final

from vitals.errors import InputError, InputReason, PeerError, PeerReason
from vitals.settings import Settings

TIMEOUT_S: Final = 10.0
_ANSWER_BYTES_MAX: Final = 64 * 1024 * 1024

# A clinic's proxy settings must not lead a request to this very machine elsewhere.
_OPENER: Final = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def dashboard_url(settings: Settings) -> str:
    """Return the address of the dashboard of these settings."""
    return f"http://{settings.dashboard.host}:{settings.dashboard.port}"


def get_json(url: str) -> Any:
    """Return what a GET answers.

    Raises:
        InputError: the dashboard refuses; its line.
        PeerError: nobody answers.
    """
    return _ask(urllib.request.Request(url))  # noqa: S310 - built from host and port, always http


def post_json(url: str, body: object) -> Any:
    """Return what a POST of ``body`` as JSON answers; errors as for `get_json`."""
    return _post(url, json.dumps(body).encode(), "application/json")


def post_toml(url: str, text: bytes) -> Any:
    """Return what a POST of a TOML text answers; errors as for `get_json`."""
    return _post(url, text, "application/toml")


def _post(url: str, data: bytes, content_type: str) -> Any:
    headers = {"Content-Type": content_type}
    return _ask(urllib.request.Request(url, data=data, headers=headers, method="POST"))  # noqa: S310 - always http


def _ask(request: urllib.request.Request) -> Any:
    try:
        with _OPENER.open(request, timeout=TIMEOUT_S) as answer:
            return json.loads(answer.read(_ANSWER_BYTES_MAX))
    except urllib.error.HTTPError as error:
        raise InputError(f"dashboard ({error.code})", _line(error), InputReason.CONFLICT) from error
    except (OSError, json.JSONDecodeError) as error:
        msg = f"no answer from the dashboard at {request.full_url}: {error}"
        raise PeerError(msg, PeerReason.UNREACHABLE) from error


def _line(error: urllib.error.HTTPError) -> str:
    text = error.read(4096).decode("utf-8", "replace")
    try:
        detail = json.loads(text)["detail"]
    except (ValueError, KeyError, TypeError):
        detail = text
    return str(detail)
