"""Writes line protocol to an InfluxDB server (v2 write API) with its own client; asks it nothing."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from influxdb_client.client.exceptions import InfluxDBError
from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.client.write_api import SYNCHRONOUS
from influxdb_client.rest import ApiException
from msgspec import Struct
from urllib3.exceptions import HTTPError

from vitals.errors import PeerError, PeerReason

ANSWER_MS: Final = 10_000
"""A server that takes longer is asked again with the same points, which it then has only once."""

_REFUSED: Final = 422
"""Points outside the bucket's retention: the server has dropped them and will always do so."""


class InfluxAddress(Struct, frozen=True, kw_only=True):
    """Which bucket of which server; ``token_file`` None: the server asks for no token."""

    url: str
    org: str
    bucket: str
    token_file: Path | None = None


class Influx:
    """One server; belongs to the sink's thread."""

    def __init__(self, address: InfluxAddress) -> None:
        """Read the token.

        Raises:
            PeerError: its file cannot be read; somebody may be about to write it.
        """
        self._address: Final = address
        token = ""
        if address.token_file is not None:
            try:
                token = address.token_file.read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise PeerError(f"{address.token_file}: token cannot be read", PeerReason.REFUSED) from error
        self._client = InfluxDBClient(
            address.url, token=token, org=address.org, timeout=ANSWER_MS, enable_gzip=True, retries=False
        )
        self._writing = self._client.write_api(write_options=SYNCHRONOUS)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def write(self, payload: bytes) -> bool:
        """Write lines; return False when the server will never take some of them.

        Raises:
            PeerError: it is away, busy, or refuses who we are.
        """
        try:
            self._writing.write(bucket=self._address.bucket, record=payload)
        except ApiException as error:
            if error.status == _REFUSED:
                return False
            raise _peer_error(self._address.url, error) from error
        except (InfluxDBError, HTTPError, OSError) as error:
            raise PeerError(f"{self._address.url}: {type(error).__name__}", PeerReason.UNREACHABLE) from error
        return True

    def delete(self, sensor: str, *, from_utc_ms: int, to_utc_ms: int) -> None:
        """Delete what a sensor said from a time to a time.

        Raises:
            PeerError: it is away; with `PeerReason.REFUSED`: it cannot delete.
        """
        try:
            self._client.delete_api().delete(
                datetime.fromtimestamp(from_utc_ms / 1000, UTC),
                datetime.fromtimestamp(to_utc_ms / 1000, UTC),
                f'sensor="{sensor}"',
                self._address.bucket,
            )
        except ApiException as error:
            raise _peer_error(self._address.url, error) from error
        except (InfluxDBError, HTTPError, OSError) as error:
            raise PeerError(f"{self._address.url}: {type(error).__name__}", PeerReason.UNREACHABLE) from error


def _peer_error(url: str, error: ApiException) -> PeerError:
    status = error.status or 0
    away = status in {0, 408, 429} or status >= 500  # noqa: PLR2004 - HTTP
    reason = PeerReason.UNREACHABLE if away else PeerReason.REFUSED
    return PeerError(f"{url}: answers {status} {error.reason or ''}".rstrip(), reason)
