"""The one edge that fetches what a DNS record points to: over HTTPS, from public addresses, little and not for long.

Whoever writes the record chooses the address. So nothing is fetched from a private network, no redirect is followed,
and the connection is cut when the time is up or when more comes than was asked for.
"""

from __future__ import annotations

import http.client
import socket
import ssl
from contextlib import contextmanager
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from threading import Timer
from time import monotonic
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from ipaddress import IPv4Network

    Network = IPv4Network | IPv6Network

_HTTPS_PORT = 443
_NAT64 = IPv6Network("64:ff9b::/96")
_OK, _GONE = 200, {404, 410}


class FetchError(Exception):
    """What was to be fetched did not come; the message says why, in a few words."""


class GoneError(FetchError):
    """The server says that there is no such thing."""


def fetch(  # noqa: PLR0913 (each a limit of its own)
    address: str,
    find_addresses: Callable[[str], Sequence[str]],
    *,
    seconds: float,
    most_bytes: int,
    context: ssl.SSLContext,
    networks: Sequence[Network] = (),
) -> bytes:
    """Return what stands at an https address, cut one byte after `most_bytes`.

    `find_addresses` looks a host up; `networks` are those that may be reached though they are not public.
    """
    end = monotonic() + seconds
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port or _HTTPS_PORT
    except ValueError:
        raise FetchError("its address cannot be read") from None
    if parts.scheme.lower() != "https" or not host:
        raise FetchError("its address is not https")
    places = [str(_refuse_private(host, place, networks)) for place in find_addresses(host)]
    if not places:
        raise FetchError(f"{host} has no address")
    target = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    try:
        with _connect(places[0], port, end) as plain, context.wrap_socket(plain, server_hostname=host) as line:
            return _get(line, parts.netloc.rpartition("@")[2], target, most_bytes)
    except ssl.SSLCertVerificationError as error:
        raise FetchError(f"the certificate of {host} is not valid: {error.verify_message}") from None
    except (OSError, http.client.HTTPException, UnicodeError, ValueError):
        late = monotonic() >= end
        raise FetchError(f"{host} did not deliver it in {seconds:g} s" if late else f"{host} does not answer") from None


def _refuse_private(host: str, place: str, networks: Sequence[Network]) -> IPv4Address | IPv6Address:
    """The address, unless it or one that stands within it is not public."""
    found = ip_address(place)
    within = (found, *(_find_within(found) if isinstance(found, IPv6Address) else ()))
    if any(found in network for network in networks if network.version == found.version):
        return found
    if all(one.is_global and not one.is_multicast for one in within):
        return found
    raise FetchError(f"{host} leads into a private network ({place}), from which nothing is fetched")


def _find_within(address: IPv6Address) -> list[IPv4Address]:
    """The addresses of the fourth version that one of the sixth stands for: mapped, 6to4, Teredo, NAT64."""
    nat = [IPv4Address(int(address) & 0xFFFFFFFF)] if address in _NAT64 else []
    return [one for one in (address.ipv4_mapped, address.sixtofour, *(address.teredo or ()), *nat) if one]


@contextmanager
def _connect(place: str, port: int, end: float) -> Iterator[socket.socket]:
    """A connection that is cut when its time is up, whatever it is waiting for."""
    with socket.create_connection((place, port), max(end - monotonic(), 0.001)) as plain, plain.dup() as handle:
        watch = Timer(max(end - monotonic(), 0), _cut, [handle])
        watch.daemon = True
        watch.start()
        try:
            yield plain
        finally:
            watch.cancel()
            watch.join()


def _cut(handle: socket.socket) -> None:
    try:
        handle.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the other side was quicker


def _get(line: ssl.SSLSocket, host: str, target: str, most_bytes: int) -> bytes:
    connection = http.client.HTTPConnection(host)
    connection.sock = line
    asking = {"Host": host, "User-Agent": "mailgauge", "Accept-Encoding": "identity", "Connection": "close"}
    connection.request("GET", target, headers=asking)
    response = connection.getresponse()
    if response.status in _GONE:
        raise GoneError(f"the server said {response.status}")
    if 300 <= response.status < 400:  # noqa: PLR2004 (redirects)
        raise FetchError(f"the server said {response.status}, and no redirect is followed")
    if response.status != _OK:
        raise FetchError(f"the server said {response.status}")
    text = response.read(most_bytes + 1)
    if response.length and len(text) <= most_bytes:
        raise http.client.IncompleteRead(text)
    return text
