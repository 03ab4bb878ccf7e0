"""Talks to a running dashboard over HTTP, as any script of the clinic could."""

import json
import ssl
import urllib.error
import urllib.request
from typing import Any, Final

from vitals.errors import InputError, InputReason, PeerError, PeerReason, SetupError, SetupReason
from vitals.settings import Settings

TIMEOUT_S: Final = 10.0
_ANSWER_BYTES_MAX: Final = 64 * 1024 * 1024
_TOKEN_BYTES_MAX: Final = 200
_UNAUTHORIZED: Final = 401
_END: Final = "-----END CERTIFICATE-----"


def dashboard_url(settings: Settings) -> str:
    """Return the address of the dashboard of these settings, as a program of the same machine calls it."""
    scheme = "http" if settings.dashboard.certificate_file is None else "https"
    host = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(  # noqa: S104 - not to be listened on
        settings.dashboard.host, settings.dashboard.host
    )
    return f"{scheme}://{host}:{settings.dashboard.port}"


class DashboardClient:
    """Asks the dashboard of some settings, with the token of `vitals user token` when there is one."""

    def __init__(self, settings: Settings, *, timeout_s: float = TIMEOUT_S) -> None:
        """Read the token and, for https, the dashboard's own certificate: no other one is believed.

        Raises:
            SetupError: a file that the settings name cannot be read.
        """
        self.url: Final = dashboard_url(settings)
        self._timeout_s: Final = timeout_s
        self._file: Final = settings.token_file
        self._token: Final = _read_token(settings)
        # A clinic's proxy settings must not lead a request to this very machine elsewhere.
        handlers: list[urllib.request.BaseHandler] = [urllib.request.ProxyHandler({})]
        if settings.dashboard.certificate_file is not None:
            handlers.append(urllib.request.HTTPSHandler(context=_pin(settings)))
        self._opener: Final = urllib.request.build_opener(*handlers)

    def get(self, path: str) -> Any:
        """Return what a GET answers.

        Raises:
            InputError: the dashboard refuses; its line.
            PeerError: nobody answers.
        """
        return self._ask(path, None, {})

    def post(self, path: str, body: object) -> Any:
        """Return what a POST of ``body`` as JSON answers; errors as for `get`."""
        return self._ask(path, json.dumps(body).encode(), {"Content-Type": "application/json"})

    def post_toml(self, path: str, text: bytes) -> Any:
        """Return what a POST of a TOML text answers; errors as for `get`."""
        return self._ask(path, text, {"Content-Type": "application/toml"})

    def _ask(self, path: str, data: bytes | None, headers: dict[str, str]) -> Any:
        url = self.url + path
        if self._token:
            headers = {**headers, "Authorization": f"Bearer {self._token}"}
        request = urllib.request.Request(url, data=data, headers=headers)  # noqa: S310 - built from host and port
        try:
            with self._opener.open(request, timeout=self._timeout_s) as answer:
                return json.loads(answer.read(_ANSWER_BYTES_MAX))
        except urllib.error.HTTPError as error:
            line = _line(error)
            if error.code == _UNAUTHORIZED:
                line += f"; `vitals user token NAME --out {self._file}` lets scripts in"
            raise InputError(f"dashboard ({error.code})", line, InputReason.CONFLICT) from error
        except (OSError, ValueError) as error:
            msg = f"no answer from the dashboard at {url}: {error}"
            raise PeerError(msg, PeerReason.UNREACHABLE) from error


def _read_token(settings: Settings) -> str:
    file = settings.token_file
    if settings.dashboard.token_file is None and not file.exists():
        return ""
    try:
        token = file.read_bytes()[: _TOKEN_BYTES_MAX + 1].decode("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a token"
        raise SetupError(f"dashboard.token_file {file}: {reason}", SetupReason.SETTINGS) from error
    if not token or len(token) > _TOKEN_BYTES_MAX or any(sign.isspace() for sign in token):
        raise SetupError(f"dashboard.token_file {file}: holds no token", SetupReason.SETTINGS)
    return token


def _pin(settings: Settings) -> ssl.SSLContext:
    """Return a context that believes the first certificate of our own file and no other, whatever name it is called."""
    file = settings.dashboard.certificate_file
    assert file is not None  # noqa: S101 - asked by the caller
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    try:
        context.load_verify_locations(cadata=file.read_text(encoding="ascii").partition(_END)[0] + _END)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SetupError(f"dashboard.certificate_file {file}: {reason}", SetupReason.SETTINGS) from error
    return context


def _line(error: urllib.error.HTTPError) -> str:
    text = error.read(4096).decode("utf-8", "replace")
    try:
        detail = json.loads(text)["detail"]
    except (ValueError, KeyError, TypeError):
        detail = text
    return str(detail)
