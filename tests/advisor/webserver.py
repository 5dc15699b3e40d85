"""A web server on loopback over TLS that delivers well, badly or not at all, and certificates for it and for marks."""

from __future__ import annotations

import base64
import gzip
import ipaddress
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"
LOGO = (
    b'<svg xmlns="http://www.w3.org/2000/svg" version="1.2" baseProfile="tiny-ps" viewBox="0 0 64 64">'
    b'<title>Shop</title><rect width="64" height="64" fill="#123456"/></svg>'
)
_LOGOTYPE = x509.ObjectIdentifier("1.3.6.1.5.5.7.1.12")
_MARK = "1.3.6.1.4.1.53087.1."
_OF_BIMI = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.31")


@dataclass
class Files:
    """What the server delivers, by path: bytes, a status to answer with, or "silence", "drip" and "cut"."""

    port: int = 0
    ca_file: Path = Path()
    paths: dict[str, bytes | int | str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    over: Event = field(default_factory=Event)


def _make_handler(files: Files) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            files.asked.append(self.path)
            what = files.paths.get(self.path, 404)
            if what == "silence":
                files.over.wait(30)
                return
            if isinstance(what, int):
                self.send_response(what)
                self.send_header("Location", "https://127.0.0.2/")
                self.end_headers()
                return
            text = what if isinstance(what, bytes) else b"x" * 1000
            self.send_response(200)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            if what == "cut":
                self.wfile.write(text[:10])
            elif what == "drip":
                while not files.over.wait(0.02):
                    self.wfile.write(b"x")
            else:
                self.wfile.write(text)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Handler


@contextmanager
def serving(folder: Path, *hosts: str) -> Iterator[Files]:
    """Run a web server whose certificate, for `hosts`, is signed by the authority in `folder`/ca.pem."""
    files = Files(ca_file=folder / "ca.pem")
    root, key = make_authority()
    write_pem(files.ca_file, root)
    leaf, leaf_key = _sign(root, key, x509.Name([]), [x509.SubjectAlternativeName([*map(x509.DNSName, hosts), _LOCAL])])
    write_pem(folder / "server.pem", leaf)
    (folder / "server.key").write_bytes(
        leaf_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    server = _Server((HOST, 0), _make_handler(files))
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    files.port = server.server_address[1]
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield files
    finally:
        files.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: Any) -> None:
        """Say nothing: a client that hangs up is what is tested."""


_LOCAL = x509.IPAddress(ipaddress.ip_address(HOST))


def make_authority() -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """An authority that signs whatever it is told to."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Authority of the tests")])
    usage = x509.KeyUsage(
        digital_signature=False, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    extensions = [x509.BasicConstraints(ca=True, path_length=None), usage]
    return _build((name, name), key, key, extensions, (timedelta(days=-400), timedelta(days=400)))[0], key


def _sign(
    root: x509.Certificate,
    key: ec.EllipticCurvePrivateKey,
    subject: x509.Name,
    extensions: list[x509.ExtensionType],
    span: tuple[timedelta, timedelta] = (timedelta(days=-1), timedelta(days=365)),
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    own = ec.generate_private_key(ec.SECP256R1())
    return _build((subject, root.subject), own, key, extensions, span)


def _build(
    names: tuple[x509.Name, x509.Name],
    own: ec.EllipticCurvePrivateKey,
    key: ec.EllipticCurvePrivateKey,
    extensions: list[x509.ExtensionType],
    span: tuple[timedelta, timedelta],
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    subject, issuer = names
    starts, ends = (datetime.now(UTC) + part for part in span)
    made = x509.CertificateBuilder(issuer, subject, own.public_key(), x509.random_serial_number(), starts, ends)
    held = [
        *extensions,
        x509.SubjectKeyIdentifier.from_public_key(own.public_key()),
        x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()),
    ]
    for extension in held:
        is_critical = isinstance(extension, x509.BasicConstraints | x509.KeyUsage) or (
            isinstance(extension, x509.SubjectAlternativeName) and not list(subject)
        )
        made = made.add_extension(extension, critical=is_critical)
    return made.sign(key, hashes.SHA256()), own


def make_mark(
    root: x509.Certificate,
    key: ec.EllipticCurvePrivateKey,
    domains: Sequence[str],
    logo: bytes = LOGO,
    *,
    starts: timedelta = timedelta(days=-1),
    ends: timedelta = timedelta(days=365),
    without: str = "",
) -> bytes:
    """A mark certificate (PEM) for a registered mark, with its logo packed as the real ones have it."""
    held = {
        NameOID.ORGANIZATION_NAME: "Shop Ltd",
        NameOID.STREET_ADDRESS: "1 Long Street",
        NameOID.LOCALITY_NAME: "Exampleton",
        NameOID.COUNTRY_NAME: "DE",
        NameOID.BUSINESS_CATEGORY: "Private Organization",
        NameOID.SERIAL_NUMBER: "HRB 1",
        NameOID.JURISDICTION_COUNTRY_NAME: "DE",
        x509.ObjectIdentifier(f"{_MARK}13"): "Registered Mark",
        x509.ObjectIdentifier(f"{_MARK}3"): "DE",
        x509.ObjectIdentifier(f"{_MARK}4"): "302026000001",
    }
    subject = x509.Name([x509.NameAttribute(kind, text) for kind, text in held.items() if text != without])
    packed = base64.b64encode(gzip.compress(logo, mtime=0))
    extensions: list[x509.ExtensionType] = [
        x509.SubjectAlternativeName([x509.DNSName(domain) for domain in domains]),
        x509.ExtendedKeyUsage([_OF_BIMI]),
        x509.UnrecognizedExtension(_LOGOTYPE, b"\x30\x80data:image/svg+xml;base64," + packed),
    ]
    leaf, _ = _sign(root, key, subject, extensions, (starts, ends))
    return leaf.public_bytes(serialization.Encoding.PEM) + root.public_bytes(serialization.Encoding.PEM)


def write_pem(path: Path, certificate: x509.Certificate) -> None:
    """Keep a certificate in a file."""
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
