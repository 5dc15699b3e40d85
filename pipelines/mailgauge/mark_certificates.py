"""Reads mark certificates (VMC and CMC) with checkdmarc, and judges their chain as a receiver does."""

from __future__ import annotations

from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import checkdmarc.bimi
from cryptography import x509
from cryptography.x509.verification import Criticality, ExtensionPolicy, PolicyBuilder, Store, VerificationError

from mailgauge.errors import UsageError
from mailgauge.facts import FOUND, CertificateAnswer

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

_ROOTS = files("checkdmarc.resources").joinpath("MVACAs.pem")
"""The authorities that may issue mark certificates, as checkdmarc knows them."""

_JUDGED_HERE = ("The certificate was not issued by", "The certificate expired", "The certificate is not valid until")
"""How checkdmarc's sentences on chain and dates start, which are told apart here."""


def read_certificate(address: str, pem: bytes, domain: str, now: datetime, ca_file: Path | None) -> CertificateAnswer:
    """What a mark certificate says, and why receivers would not take it for `domain`."""
    roots = _read_roots(ca_file)
    try:
        leaf, *chain = x509.load_pem_x509_certificates(pem)
        said: dict[str, Any] = checkdmarc.bimi.get_certificate_metadata(pem, domain=domain)
        mark = checkdmarc.bimi.extract_logo_from_certificate(leaf)
        fault = _explain_chain(leaf, chain, now, roots)
    except Exception as error:  # noqa: BLE001 (hostile bytes make three libraries stumble in their own ways)
        return CertificateAnswer(FOUND, address, problems=(f"it cannot be read ({type(error).__name__})",))
    problems = [text for text in said["validation_errors"] if not text.startswith(_JUDGED_HERE)]
    return CertificateAnswer(
        FOUND,
        address,
        problems=tuple(filter(None, (fault, *problems))),
        starts=leaf.not_valid_before_utc,
        expires=leaf.not_valid_after_utc,
        digest=sha256(mark).hexdigest() if mark else "",
        read_at=now,
    )


def _read_roots(ca_file: Path | None) -> list[x509.Certificate]:
    roots = x509.load_pem_x509_certificates(_ROOTS.read_bytes())
    if not ca_file:
        return roots
    try:
        return roots + x509.load_pem_x509_certificates(ca_file.read_bytes())
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it holds no certificate"
        raise UsageError(f"dns.bimi_mark_ca_file {ca_file} cannot be used: {reason}.") from None


def _explain_chain(
    leaf: x509.Certificate, chain: list[x509.Certificate], now: datetime, roots: list[x509.Certificate]
) -> str:
    """Why a certificate does not lead to an authority for marks, or nothing; its own dates are another matter."""
    any_extension = ExtensionPolicy.permit_all().may_be_present(x509.ExtendedKeyUsage, Criticality.AGNOSTIC, None)
    policy = (
        PolicyBuilder()
        .store(Store(roots))
        .time(min(max(now, leaf.not_valid_before_utc), leaf.not_valid_after_utc))
        .max_chain_depth(5)
        .extension_policies(
            ee_policy=any_extension.require_present(x509.SubjectAlternativeName, Criticality.AGNOSTIC, None),
            ca_policy=any_extension.require_present(x509.BasicConstraints, Criticality.AGNOSTIC, None),
        )
    )
    try:
        policy.build_client_verifier().verify(leaf, chain)
    except VerificationError:
        return "it does not lead to an authority for mark certificates that is known"
    return ""
