"""The site's own certificate authority: made once, signs the broker's certificate, renews it in time.

Gateways trust this one authority and no other, so a certificate from anywhere else, however good, opens nothing. The
key stays in the data folder of the machine that runs the broker.
"""

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from vitals.errors import SetupError, SetupReason

AUTHORITY_DAYS: Final = 20 * 365
"""As long as a box hangs on a wall: renewing the authority means pairing every gateway anew."""

BROKER_DAYS: Final = 397
"""What browsers take at most; our own gateways ask for no less."""

RENEW_DAYS: Final = 90
"""A certificate with fewer days left is made anew: a site that is started once a quarter never sees one expire."""

NOT_BEFORE: Final = datetime(2020, 1, 1, tzinfo=UTC)
"""A small box without a clock of its own wakes up in the past; refusing it would protect nobody."""


class Authority:
    """The authority of one site; `open_authority` makes it."""

    def __init__(self, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> None:
        self._key = key
        self._certificate = certificate

    @property
    def pem(self) -> str:
        """The authority's certificate: what a gateway trusts; no secret."""
        return self._certificate.public_bytes(serialization.Encoding.PEM).decode()

    def issue(self, names: tuple[str, ...], *, now: datetime) -> tuple[str, str]:
        """Return key and certificate of a server, as PEM.

        Args:
            names: host names and addresses by which it will be called; at least one.
            now: the validity ends `BROKER_DAYS` after it.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        issuer_key = self._certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        certificate = (
            _builder(_name(names[0]), key.public_key(), not_after=now + timedelta(days=BROKER_DAYS))
            .issuer_name(self._certificate.subject)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer_key), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        return _key_pem(key), certificate.public_bytes(serialization.Encoding.PEM).decode()

    def is_due(self, pem: str, names: tuple[str, ...], *, now: datetime) -> bool:
        """Return whether a server's certificate must be made anew: not ours, soon over, or for other names."""
        try:
            certificate = x509.load_pem_x509_certificate(pem.encode())
            certificate.verify_directly_issued_by(self._certificate)
            listed = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except Exception:  # noqa: BLE001 - whatever is wrong with the file, a new certificate mends it
            return True
        is_near = certificate.not_valid_after_utc - now < timedelta(days=RENEW_DAYS)
        return is_near or set(listed) != {_general_name(name) for name in names}


def open_authority(folder: Path, *, site: str, now: datetime) -> Authority:
    """Return the site's authority, made on first use; its key is for the owner alone.

    Args:
        folder: of `authority.key` and `authority.crt`.
        site: name of the site, for people who read certificates.
        now: for the end of a new one.

    Raises:
        SetupError: the files cannot be read or made, or don't belong together.
    """
    key_file, file = folder / "authority.key", folder / "authority.crt"
    try:
        if not file.exists():
            _make(key_file, file, site=site, now=now)
        key = serialization.load_pem_private_key(key_file.read_bytes(), password=None)
        certificate = x509.load_pem_x509_certificate(file.read_bytes())
    except OSError as error:
        raise SetupError(f"site authority {folder}: {error.strerror}", SetupReason.SETTINGS) from error
    except (ValueError, TypeError) as error:
        raise SetupError(f"site authority {folder}: damaged: {error}", SetupReason.SETTINGS) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
        raise SetupError(f"site authority {folder}: key and certificate don't match", SetupReason.SETTINGS)
    return Authority(key, certificate)


def _make(key_file: Path, file: Path, *, site: str, now: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(f"session-vitals site {site}")
    certificate = (
        _builder(name, key.public_key(), not_after=now + timedelta(days=AUTHORITY_DAYS))
        .issuer_name(name)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = key_file.parent
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    # The certificate comes last: as long as it is missing, the next start begins anew.
    write_private(key_file, _key_pem(key))
    write_private(file, certificate.public_bytes(serialization.Encoding.PEM).decode())


def write_private(file: Path, text: str) -> None:
    """Write a file for its owner alone, whole or not at all.

    Raises:
        OSError: as the system says.
    """
    scratch = file.with_name(file.name + ".new")
    scratch.unlink(missing_ok=True)
    scratch.touch(mode=0o600)
    scratch.write_text(text, encoding="utf-8")
    scratch.replace(file)


def _builder(name: x509.Name, key: ec.EllipticCurvePublicKey, *, not_after: datetime) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOT_BEFORE)
        .not_valid_after(not_after)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:64])])


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
