"""How long the advisor's look-ups take for many identities, at a name server that takes 50 milliseconds to answer.

    python benchmarks/look_ups.py [--domains 1000] [--delay 0.05]

The server runs beside it in a process of its own, and has everything that the checks look for.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import time
from typing import TYPE_CHECKING

import dns.message
import dns.rcode
import dns.rrset

from mailgauge.advisor import judge
from mailgauge.domain_lookups import look_up_all
from mailgauge.facts import Questions
from mailgauge.settings import DnsSettings

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

KEY = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA" + "A" * 340 + "IDAQAB"


class Server(asyncio.DatagramProtocol):
    """Answers every question late."""

    def __init__(self, delay: float) -> None:
        """Wait so many seconds before each answer."""
        self._delay = delay

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        """Keep what answers go through."""
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer a question after a while."""
        asyncio.get_running_loop().call_later(self._delay, self._transport.sendto, _answer(data), addr)


def _answer(data: bytes) -> bytes:
    query = dns.message.from_wire(data)
    reply = dns.message.make_response(query)
    (question,) = query.question
    text = _find_text(question.name.to_text(omit_final_dot=True))
    if text is None:
        reply.set_rcode(dns.rcode.NXDOMAIN)
    elif question.rdtype == dns.rdatatype.TXT:
        parts = " ".join(f'"{text[at : at + 255]}"' for at in range(0, len(text), 255))
        reply.answer.append(dns.rrset.from_text(question.name, 300, "IN", "TXT", parts))
    return reply.to_wire()


def _find_text(name: str) -> str | None:
    first = name.partition(".")[0]
    if name == "amazonses.com":
        return "v=spf1 ip4:199.255.192.0/22 -all"
    if first == "_dmarc":
        return f"v=DMARC1; p=reject; rua=mailto:dmarc@{name.partition('.')[2]}"
    if first == "default":
        return "v=BIMI1; l=https://shop.example/logo.svg; a="
    if first == "s1":
        return f"p={KEY}"
    return "v=spf1 include:amazonses.com ~all" if first.startswith("d") else None


def serve(delay: float, told: Connection) -> None:
    """Run the server until the process ends, and tell its port."""

    async def run() -> None:
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: Server(delay), local_addr=("127.0.0.1", 0)
        )
        told.send(transport.get_extra_info("sockname")[1])
        await asyncio.Event().wait()

    asyncio.run(run())


def main() -> None:
    """Look up all domains once, and print how long it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--domains", type=int, default=1000)
    parser.add_argument("--delay", type=float, default=0.05)
    arguments = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    hears, tells = context.Pipe(duplex=False)
    server = context.Process(target=serve, args=(arguments.delay, tells), daemon=True)
    server.start()
    settings = DnsSettings(resolver=f"127.0.0.1:{hears.recv()}", selectors={"*": ["s1"]})
    began = time.perf_counter()
    answers = look_up_all(Questions([f"d{number}.example" for number in range(arguments.domains)]), settings)
    seconds = time.perf_counter() - began
    said = judge(answers)
    server.terminate()
    print(f"{arguments.domains:,} domains in {seconds:.1f} s; {len(said.checked):,} checks made, {len(said.gaps)} not")


if __name__ == "__main__":
    main()
