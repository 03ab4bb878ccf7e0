import ipaddress
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from cli.pairing.authority import BROKER_DAYS, RENEW_DAYS, open_authority
from vitals.errors import SetupError

NOW = datetime(2026, 11, 22, tzinfo=UTC)
NAMES = ("192.168.7.5", "clinic.lan")


def test_the_authority_is_made_once_and_its_key_is_for_the_owner_alone(tmp_path: Path) -> None:
    first = open_authority(tmp_path / "a", site="gym", now=NOW)
    again = open_authority(tmp_path / "a", site="gym", now=NOW + timedelta(days=400))
    assert first.pem == again.pem
    modes = {stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "a").iterdir()}
    assert modes == {0o600}
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o700


def test_a_certificate_names_addresses_and_hosts_and_is_signed_by_the_site(tmp_path: Path) -> None:
    authority = open_authority(tmp_path, site="gym", now=NOW)
    _, pem = authority.issue(NAMES, now=NOW)
    certificate = x509.load_pem_x509_certificate(pem.encode())
    certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(authority.pem.encode()))
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.IPAddress) == [ipaddress.ip_address("192.168.7.5")]
    assert names.get_values_for_type(x509.DNSName) == ["clinic.lan"]
    assert certificate.not_valid_after_utc == NOW + timedelta(days=BROKER_DAYS)


@pytest.mark.parametrize(
    ("later", "names", "due"),
    [
        (timedelta(0), NAMES, False),
        (timedelta(days=BROKER_DAYS - RENEW_DAYS), NAMES, False),
        (timedelta(days=BROKER_DAYS - RENEW_DAYS, seconds=1), NAMES, True),
        (timedelta(days=BROKER_DAYS + 1), NAMES, True),
        (timedelta(0), ("192.168.7.6", "clinic.lan"), True),
        (timedelta(0), (NAMES[1], NAMES[0]), False),
    ],
)
def test_a_certificate_is_due_when_it_nears_its_end_or_has_other_names(
    tmp_path: Path, later: timedelta, names: tuple[str, ...], *, due: bool
) -> None:
    authority = open_authority(tmp_path, site="gym", now=NOW)
    _, pem = authority.issue(NAMES, now=NOW)
    assert authority.is_due(pem, names, now=NOW + later) is due


def test_a_certificate_of_another_authority_or_a_damaged_one_is_due(tmp_path: Path) -> None:
    authority = open_authority(tmp_path / "a", site="gym", now=NOW)
    _, foreign = open_authority(tmp_path / "b", site="gym", now=NOW).issue(NAMES, now=NOW)
    assert authority.is_due(foreign, NAMES, now=NOW)
    assert authority.is_due("no certificate", NAMES, now=NOW)


def test_damaged_files_are_refused_in_one_line(tmp_path: Path) -> None:
    open_authority(tmp_path / "a", site="gym", now=NOW)
    open_authority(tmp_path / "b", site="gym", now=NOW)
    (tmp_path / "a" / "authority.key").write_bytes((tmp_path / "b" / "authority.key").read_bytes())
    with pytest.raises(SetupError, match="don't match"):
        open_authority(tmp_path / "a", site="gym", now=NOW)
    (tmp_path / "b" / "authority.key").write_text("x")
    with pytest.raises(SetupError, match="damaged"):
        open_authority(tmp_path / "b", site="gym", now=NOW)
