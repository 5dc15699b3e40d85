"""A name server on loopback, UDP and TCP on one free port, that answers well, badly, or not at all."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from threading import Thread

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from dnslib import AAAA, CNAME, MX, PTR, QTYPE, RCODE, RR, TXT, A, DNSError, DNSRecord
from dnslib.server import DNSHandler, DNSLogger, DNSServer

UDP_SIZE = 1232
HOST = "127.0.0.1"

FAILURES = {"servfail": RCODE.SERVFAIL, "bogus": RCODE.SERVFAIL, "hiccup": RCODE.SERVFAIL, "refused": RCODE.REFUSED}


class NameServer:
    """A zone of everything: names with TXT, MX, A and CNAME records, and names that fail."""

    def __init__(self) -> None:
        self.records: dict[str, list[tuple[str, object]]] = {}
        self.failing: dict[str, str] = {}
        self.asked: list[tuple[str, str]] = []
        self.address = ""
        self.text("amazonses.com", "v=spf1 ip4:199.255.192.0/22 ip4:199.127.232.0/22 -all")

    def text(self, name: str, *records: str | bytes) -> None:
        """Set the TXT records of a name, each split into strings of 255 bytes."""
        for record in records:
            raw = record if isinstance(record, bytes) else record.encode()
            strings = [raw[start : start + 255] for start in range(0, len(raw), 255)]
            self.records.setdefault(name, []).append(("TXT", TXT(strings or [b""])))

    def alias(self, name: str, target: str) -> None:
        """Set a CNAME record, which the resolver has to follow for itself."""
        self.records.setdefault(name, []).append(("CNAME", CNAME(target)))

    def host(self, name: str) -> None:
        """Give a name an address and a mail exchanger."""
        self.records.setdefault(name, []).extend([("A", A("192.0.2.1")), ("MX", MX(name))])

    def address_of(self, name: str, *addresses: str) -> None:
        """Give a name addresses of either kind."""
        made = [("AAAA", AAAA(one)) if ":" in one else ("A", A(one)) for one in addresses]
        self.records.setdefault(name, []).extend(made)

    def reverse(self, address: str, *names: str) -> None:
        """Give an address names."""
        place = ip_address(address).reverse_pointer
        self.records.setdefault(place, []).extend(("PTR", PTR(name)) for name in names)

    def exchange(self, name: str, *hosts: str) -> None:
        """Set the mail exchangers of a name, the preferred one first; "" is the null MX of RFC 7505."""
        records = [("MX", MX(host or ".", preference=place)) for place, host in enumerate(hosts)]
        self.records.setdefault(name, []).extend(reversed(records))

    def fail(self, name: str, how: str) -> None:
        """Let every question about a name end in servfail, refused or silence; bogus: in servfail for who validates;
        hiccup: in servfail the first time."""
        self.failing[name] = how

    def resolve(self, request: DNSRecord, handler: DNSHandler) -> DNSRecord:
        """Answer, as dnslib wants it; an exception is silence."""
        name, kind = str(request.q.qname).rstrip(".").lower(), QTYPE[request.q.qtype]
        self.asked.append((name, kind))
        reply = request.reply()
        how = self.failing.get(name)
        if how == "silence":
            raise DNSError
        if how == "hiccup" and self.asked.count((name, kind)) > 1:
            how = None
        if how == "bogus" and request.header.get_cd():
            how = None
        if how:
            reply.header.rcode = FAILURES[how]
            return reply
        for found, data in self.records.get(name, []):
            if found in (kind, "CNAME"):
                reply.add_answer(RR(request.q.qname, getattr(QTYPE, found), rdata=data, ttl=60))
        if not any(known == name or known.endswith(f".{name}") for known in self.records):
            reply.header.rcode = RCODE.NXDOMAIN
        if handler.protocol == "udp" and len(reply.pack()) > UDP_SIZE:
            reply = request.reply()
            reply.header.tc = 1
        return reply


@contextmanager
def serving() -> Iterator[NameServer]:
    """Run a name server until the block ends."""
    zone = NameServer()
    logger = DNSLogger("-recv,-send,-request,-reply,-truncated,-error,-data")
    tcp = DNSServer(zone, HOST, 0, tcp=True, logger=logger)
    port = tcp.server.server_address[1]
    udp = DNSServer(zone, HOST, port, logger=logger)
    zone.address = f"{HOST}:{port}"
    threads = [Thread(target=server.server.serve_forever, args=(0.01,)) for server in (udp, tcp)]
    try:
        for thread in threads:
            thread.start()
        yield zone
    finally:
        for server in (udp, tcp):
            server.stop()
            server.server.server_close()
        for thread in threads:
            thread.join()


def make_key(bits: int, form: PublicFormat = PublicFormat.SubjectPublicKeyInfo) -> str:
    """The base64 of an RSA public key of any length: nobody has its private part, or needs it."""
    number = (1 << (bits - 1)) | (0xC0FFEE << 8) | 1
    key = rsa.RSAPublicNumbers(65537, number).public_key()
    return base64.b64encode(key.public_bytes(Encoding.DER, form)).decode()


def publish_everything(zone: NameServer, domain: str) -> None:
    """Publish everything as it should be, with the selector s1."""
    zone.host(domain)
    zone.text(domain, "unrelated=1", "v=spf1 include:amazonses.com ~all")
    zone.text(f"_dmarc.{domain}", f"v=DMARC1; p=reject; rua=mailto:dmarc@{domain}")
    zone.text(f"default._bimi.{domain}", "v=BIMI1; l=; a=")
    zone.alias(f"s1._domainkey.{domain}", "s1.dkim.amazonses.com")
    if "s1.dkim.amazonses.com" not in zone.records:
        zone.text("s1.dkim.amazonses.com", f"p={make_key(2048)}")
