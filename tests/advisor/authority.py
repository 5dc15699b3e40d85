"""An authoritative server (nsd) and a resolver that validates (unbound), real ones, on free ports of loopback."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dns.dnssec
import dns.exception
import dns.message
import dns.query
import dns.rcode
import dns.rdata
import dns.rdataset
import dns.zone
from cryptography.hazmat.primitives.asymmetric import ec
from dns.dnssectypes import Algorithm

HOST = "127.0.0.1"
PROGRAMS = ("nsd", "unbound")
Zone = Mapping[tuple[str, str], Sequence[str]]
"""Records by name (relative, @ for the zone itself) and type."""


def find_program(name: str) -> str | None:
    """Where a server is; Debian keeps them out of the way of people who are not root."""
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")


def quote(text: str | bytes) -> str:
    r"""A TXT record as a zone file has it: strings of 255 bytes, everything unusual as \DDD."""
    raw = text if isinstance(text, bytes) else text.encode()
    parts = [raw[at : at + 255] for at in range(0, len(raw), 255)] or [b""]
    return " ".join(f'"{"".join(map(_escape, part))}"' for part in parts)


def _escape(byte: int) -> str:
    letter = chr(byte)
    return letter if letter.isascii() and letter.isprintable() and letter not in '"\\' else f"\\{byte:03}"


@contextmanager
def serving(folder: Path, zones: Mapping[str, Zone], *, signed: str, broken: str, dead: str) -> Iterator[str]:
    """Serve `zones`; returns HOST:PORT of a resolver that knows them.

    The zone `signed` has DNSSEC that the resolver wants, `broken` with signatures that ended the day before
    yesterday. The servers of `dead` know nothing of it.
    """
    ports = _find_ports(2)
    nsd, resolver = ports
    anchors = []
    for name, zone in zones.items():
        made = _make_zone(name, zone)
        if name in {signed, broken}:
            anchors.append(_sign(made, is_old=name == broken))
        made.to_file(str(folder / f"{name}.zone"))
    (folder / "nsd.conf").write_text(_configure_nsd(folder, nsd, zones))
    (folder / "unbound.conf").write_text(_configure_unbound(folder, resolver, nsd, [*zones, dead], anchors))
    with ExitStack() as stack:
        stack.enter_context(_running([str(find_program("nsd")), "-d", "-c", str(folder / "nsd.conf")]))
        stack.enter_context(_running([str(find_program("unbound")), "-d", "-c", str(folder / "unbound.conf")]))
        _wait(resolver, next(iter(zones)))
        yield f"{HOST}:{resolver}"


def _find_ports(number: int) -> list[int]:
    """Ports that are free for UDP and TCP."""
    with ExitStack() as stack:
        found: list[int] = []
        while len(found) < number:
            tcp = stack.enter_context(socket.socket())
            tcp.bind((HOST, 0))
            udp = stack.enter_context(socket.socket(type=socket.SOCK_DGRAM))
            try:
                udp.bind(tcp.getsockname())
            except OSError:
                continue
            found.append(tcp.getsockname()[1])
        return found


def _make_zone(origin: str, records: Zone) -> dns.zone.Zone:
    lines = ["$TTL 60", f"@ IN SOA ns.{origin}. hostmaster.{origin}. 1 3600 600 86400 60", f"@ IN NS ns.{origin}."]
    lines += [f"{name} IN {kind} {text}" for (name, kind), texts in records.items() for text in texts]
    return dns.zone.from_text("\n".join(lines), f"{origin}.", relativize=False)


def _sign(zone: dns.zone.Zone, *, is_old: bool) -> str:
    """Sign a zone; returns the trust anchor."""
    key = ec.generate_private_key(ec.SECP256R1())
    public = dns.dnssec.make_dnskey(key.public_key(), Algorithm.ECDSAP256SHA256, flags=257)
    end = datetime.now(UTC) + timedelta(days=-2 if is_old else 2)
    with zone.writer() as writing:
        dns.dnssec.sign_zone(
            zone, writing, keys=[(key, public)], inception=end - timedelta(days=4), expiration=end, add_dnskey=True
        )
    ds = dns.dnssec.make_ds(str(zone.origin), public, "SHA256")
    return f"{zone.origin} DS {ds}"


def _configure_nsd(folder: Path, port: int, zones: Mapping[str, Zone]) -> str:
    listed = "".join(f'zone:\n  name: "{name}"\n  zonefile: "{name}.zone"\n' for name in zones)
    return f"""
server:
  ip-address: {HOST}@{port}
  zonesdir: "{folder}"
  username: ""
  chroot: ""
  database: ""
  pidfile: ""
  zonelistfile: "{folder}/zone.list"
  xfrdfile: "{folder}/xfrd.state"
  xfrdir: "{folder}"
  logfile: "{folder}/nsd.log"
  server-count: 1
  rrl-ratelimit: 0
remote-control:
  control-enable: no
{listed}"""


def _configure_unbound(folder: Path, port: int, nsd: int, names: Sequence[str], anchors: Sequence[str]) -> str:
    stubs = "".join(f'stub-zone:\n  name: "{name}."\n  stub-addr: {HOST}@{nsd}\n  stub-prime: no\n' for name in names)
    local = "".join(f'  local-zone: "{name}." nodefault\n' for name in ("test", "2.0.192.in-addr.arpa"))
    trusted = "".join(f'  trust-anchor: "{anchor}"\n' for anchor in anchors)
    return f"""
server:
  interface: {HOST}
  port: {port}
  directory: "{folder}"
  logfile: "{folder}/unbound.log"
  username: ""
  chroot: ""
  pidfile: ""
  num-threads: 1
  do-not-query-localhost: no
  root-hints: ""
  module-config: "validator iterator"
{local}{trusted}remote-control:
  control-enable: no
{stubs}"""


@contextmanager
def _running(command: list[str]) -> Iterator[None]:
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait(port: int, name: str) -> None:
    """Until the resolver answers for a zone."""
    question = dns.message.make_query(f"{name}.", "SOA")
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            if dns.query.udp(question, HOST, port=port, timeout=0.5).rcode() == dns.rcode.NOERROR:
                return
        except (dns.exception.Timeout, OSError):
            pass
        time.sleep(0.05)
    raise TimeoutError(f"no answer about {name} on port {port}")
