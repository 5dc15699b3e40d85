"""The logo and the certificate that a BIMI record names, fetched from a web server on loopback."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from advisor import webserver
from advisor.nameserver import NameServer
from advisor.webserver import LOGO, Files, make_authority, make_mark, write_pem
from mailgauge import advisor
from mailgauge.advisor import Advice
from mailgauge.bimi_lookups import look_up_logo
from mailgauge.dns import Lookups
from mailgauge.errors import UsageError
from mailgauge.facts import FOUND, Answer
from mailgauge.settings import DnsSettings, Settings
from mailgauge.words import describe_finding

SHOP, WEB = "shop.example", "web.example"
LOOPBACK = ip_network("127.0.0.1/32")


@dataclass
class Marks:
    """An authority for marks, and where its certificate stands."""

    root: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    file: Path

    def sign(self, domain: str = SHOP, logo: bytes = LOGO, **how: timedelta | str) -> bytes:
        """A mark certificate."""
        return make_mark(self.root, self.key, [domain], logo, **how)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Files]:
    """A web server for web.example."""
    with webserver.serving(tmp_path_factory.mktemp("web"), WEB) as served:
        yield served


@pytest.fixture(scope="module")
def marks(tmp_path_factory: pytest.TempPathFactory) -> Marks:
    """An authority for marks."""
    root, key = make_authority()
    file = tmp_path_factory.mktemp("marks") / "marks.pem"
    write_pem(file, root)
    return Marks(root, key, file)


@pytest.fixture
def look(zone: NameServer, files: Files, marks: Marks) -> Callable[..., Advice]:
    """Check shop.example, whose BIMI record names a logo and a certificate on web.example."""
    files.paths.clear()
    files.asked.clear()
    files.paths |= {"/logo.svg": LOGO, "/mark.pem": marks.sign()}
    zone.host(SHOP)
    zone.text(f"_dmarc.{SHOP}", "v=DMARC1; p=reject")
    zone.address_of(WEB, webserver.HOST)

    def run(
        host: str = WEB,
        *,
        seconds: float = 5.0,
        record: str = "",
        networks: tuple[str, ...] = ("127.0.0.1/32",),
        **authorities: Path,
    ) -> Advice:
        place = f"https://{host}:{files.port}"
        zone.text(f"default._bimi.{SHOP}", record or f"v=BIMI1; l={place}/logo.svg; a={place}/mark.pem")
        dns = DnsSettings(
            resolver=zone.address,
            timeout_seconds=2.0,
            bimi_seconds=seconds,
            bimi_ca_file=authorities.get("bimi_ca_file", files.ca_file),
            bimi_mark_ca_file=authorities.get("bimi_mark_ca_file", marks.file),
            bimi_networks=[ip_network(network) for network in networks],
        )
        said = advisor.check_domains(Settings(dns=dns), [SHOP])
        found = [finding for finding in said.findings if finding.check.startswith("bimi_")]
        return Advice(found, [text for text in said.not_checked if "BIMI" in text], len(found), 0)

    return run


def errors(advice: Advice) -> dict[str, str]:
    return {found.check: found.evidence.get("error", "") for found in advice.findings}


def test_a_logo_with_its_certificate_has_no_finding(look: Callable[..., Advice], files: Files) -> None:
    assert look() == Advice([], [], 0, 0)
    assert files.asked == ["/logo.svg", "/mark.pem"]


def test_a_packed_logo_is_as_good(look: Callable[..., Advice], files: Files) -> None:
    files.paths["/logo.svg"] = gzip.compress(LOGO)
    assert look() == Advice([], [], 0, 0)


def replace(old: bytes, new: bytes) -> bytes:
    assert old in LOGO
    return LOGO.replace(old, new)


def draw(inside: bytes) -> bytes:
    return replace(b"</svg>", inside + b"</svg>")


BOMB = b'<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>' + replace(b"Shop", b"&b;")
JAPANESE = b'<?xml version="1.0" encoding="shift_jis"?>' + LOGO
LOGOS = {
    "version is not 1.2": replace(b' version="1.2"', b""),
    "baseProfile is not tiny-ps": replace(b"tiny-ps", b"tiny"),
    "the svg element has x": replace(b"viewBox", b'x="0" viewBox'),
    "it has no viewBox": replace(b'viewBox="0 0 64 64"', b""),
    "it is not square": replace(b"0 0 64 64", b"0 0 64 32"),
    "it has no title": replace(b"<title>Shop</title>", b"<g><title>Shop</title></g>"),
    "its title has more than 65 characters": replace(b"Shop", b"S" * 66),
    "it has the element script": draw(b"<script>alert(1)</script>"),
    "it has the element image": draw(b'<image href="#a"/>'),
    "it has the element animate": draw(b"<animate/>"),
    "it has the event attribute onload": draw(b'<g onload="alert(1)"/>'),
    "it refers to something outside itself": draw(b'<use href="https://evil.example/a.svg#b"/>'),
    "it is larger than 32 KB": draw(b" " * 32_768),
    "it is no SVG: its outermost element is another one": b"<html/>",
    "it has a document type declaration, which may hold entities": BOMB,
    "it is no well-formed XML (line 1: no element found)": b"",
    "it is in an encoding that receivers may not read: write it in UTF-8": JAPANESE,
    "it is packed and cannot be unpacked": b"\x1f\x8bnothing",
}


@pytest.mark.parametrize("wrong", LOGOS)
def test_a_logo_that_receivers_refuse(look: Callable[..., Advice], files: Files, wrong: str) -> None:
    files.paths["/logo.svg"] = LOGOS[wrong]
    said = errors(look())
    assert said.pop("bimi_logo") == wrong
    assert set(said) <= {"bimi_mark"}


def test_a_person_reads_why(look: Callable[..., Advice], files: Files) -> None:
    files.paths["/mark.pem"] = b"hello"
    (found,) = look().findings
    assert "mark.pem (it cannot be read (ValueError))" in describe_finding(found)


def test_a_bomb_of_packed_blanks_is_not_unpacked(look: Callable[..., Advice], files: Files) -> None:
    files.paths["/logo.svg"] = gzip.compress(b" " * 20_000_000)
    assert errors(look())["bimi_logo"] == "it is larger than 32 KB"


def test_references_within_the_logo_are_none(look: Callable[..., Advice], files: Files) -> None:
    drawn = draw(b'<defs><g id="a"/></defs><use href="#a" fill="url(#b)"/>')
    files.paths["/logo.svg"] = drawn
    assert errors(look()) == {"bimi_mark": ""}


REFUSED: list[tuple[dict[str, object], str, str]] = [
    ({"domain": "other.example"}, "bimi_certificate_wrong", "shop.example does not match the certificate domain"),
    ({"without": "302026000001"}, "bimi_certificate_wrong", "missing the required field trademarkIdentifier"),
    ({"ends": timedelta(days=20)}, "bimi_certificate_dates", "expires on"),
    ({"starts": timedelta(days=-9), "ends": timedelta(days=-2)}, "bimi_certificate_dates", "expired on"),
    ({"starts": timedelta(days=2)}, "bimi_certificate_dates", "valid from"),
    ({"logo": LOGO + b"\n"}, "bimi_mark", ""),
]


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case[2])
def test_a_certificate_that_receivers_refuse(
    case: tuple[dict[str, object], str, str], look: Callable[..., Advice], files: Files, marks: Marks
) -> None:
    how, check, error = case
    files.paths["/mark.pem"] = marks.sign(**how)  # type: ignore[arg-type]
    said = errors(look())
    assert list(said) == [check]
    assert error in said[check]


@pytest.mark.parametrize("setting", ["bimi_ca_file", "bimi_mark_ca_file"])
@pytest.mark.parametrize("content", [None, "no certificate"])
def test_authorities_that_cannot_be_used_are_the_fault_of_the_setting(
    look: Callable[..., Advice], tmp_path: Path, setting: str, content: str | None
) -> None:
    file = tmp_path / "authorities.pem"
    if content:
        file.write_text(content)
    with pytest.raises(UsageError, match=f"dns.{setting} .*authorities.pem cannot be used: [^.]+[.]"):
        look(**{setting: file})


def test_a_certificate_of_an_unknown_authority(look: Callable[..., Advice], files: Files) -> None:
    files.paths["/mark.pem"] = make_mark(*make_authority(), [SHOP])
    assert errors(look()) == {
        "bimi_certificate_wrong": "it does not lead to an authority for mark certificates that is known"
    }


@pytest.mark.parametrize("pem", [b"", b"hello", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_a_certificate_that_cannot_be_read(look: Callable[..., Advice], files: Files, pem: bytes) -> None:
    files.paths["/mark.pem"] = pem
    assert errors(look()) == {"bimi_certificate_wrong": "it cannot be read (ValueError)"}


@pytest.mark.parametrize("status", [404, 410])
def test_what_is_gone_is_a_finding(look: Callable[..., Advice], files: Files, status: int) -> None:
    files.paths |= {"/logo.svg": status, "/mark.pem": status}
    said = f"the server said {status}"
    assert errors(look()) == {"bimi_logo_gone": said, "bimi_certificate_gone": said}


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (301, "the server said 301, and no redirect is followed"),
        (503, "the server said 503"),
        ("silence", "web.example did not deliver it in 0.5 s"),
        ("drip", "web.example did not deliver it in 0.5 s"),
        ("cut", "web.example does not answer"),
    ],
)
def test_what_does_not_come_is_not_checked(
    look: Callable[..., Advice], files: Files, what: int | str, words: str
) -> None:
    files.paths["/logo.svg"] = what
    start = time.monotonic()
    said = look(seconds=0.5)
    assert time.monotonic() - start < 5
    assert said.findings == []
    assert len(said.not_checked) == 1
    assert words in said.not_checked[0]
    assert files.asked == ["/logo.svg", "/mark.pem"]  # no redirect was followed


@pytest.mark.parametrize(
    ("addresses", "named"),
    [
        (["10.0.0.1"], "10.0.0.1"),
        (["169.254.169.254"], "169.254.169.254"),
        (["127.0.0.2"], "127.0.0.2"),
        (["::1"], "::1"),
        (["::ffff:a00:1"], "::ffff:10.0.0.1"),
        (["64:ff9b::a00:1"], "64:ff9b::a00:1"),
        (["2002:a00:1::1"], "2002:a00:1::1"),
        (["198.51.100.7", "10.0.0.1"], "198.51.100.7"),  # a network of documentation is not public either
    ],
)
def test_nothing_is_fetched_from_a_private_network(
    addresses: list[str], named: str, zone: NameServer, look: Callable[..., Advice], files: Files
) -> None:
    zone.address_of("inner.example", *addresses)
    said = look("inner.example")
    assert said.findings == []
    assert f"inner.example leads into a private network ({named})" in said.not_checked[0]
    assert files.asked == []


def test_an_address_in_the_place_of_a_name_is_refused_too(look: Callable[..., Advice], files: Files) -> None:
    assert "leads into a private network" in look("127.0.0.1", networks=()).not_checked[0]
    assert files.asked == []


@pytest.mark.parametrize(
    ("host", "words"),
    [("broken.example", "SERVFAIL (broken.example)"), ("gone.example", "gone.example has no address")],
)
def test_a_name_that_cannot_be_looked_up_is_not_checked(
    zone: NameServer, look: Callable[..., Advice], host: str, words: str
) -> None:
    zone.fail("broken.example", "servfail")
    assert words in look(host).not_checked[0]


def test_a_server_with_the_wrong_certificate_is_not_checked(zone: NameServer, look: Callable[..., Advice]) -> None:
    zone.address_of("wrong.example", webserver.HOST)
    said = look("wrong.example")
    assert said.findings == []
    assert "the certificate of wrong.example is not valid" in said.not_checked[0]


@pytest.mark.parametrize("address", ["https://web.example:x/", "https://[::1/", "https://web.example:99999/a"])
def test_an_address_that_cannot_be_read_is_a_finding_or_not_checked(
    look: Callable[..., Advice], files: Files, address: str
) -> None:
    said = look(record=f"v=BIMI1; l={address}; a=")
    assert "bimi_syntax" in errors(said) or said.not_checked
    assert files.asked == []


def test_a_domain_without_a_certificate_has_its_logo_judged(look: Callable[..., Advice], files: Files) -> None:
    files.paths["/logo.svg"] = LOGOS["it is not square"]
    said = look(record=f"v=BIMI1; l=https://{WEB}:{files.port}/logo.svg; a=")
    assert list(errors(said)) == ["bimi_certificate", "bimi_logo"]
    assert files.asked == ["/logo.svg"]


def test_what_domains_share_is_fetched_once(zone: NameServer, look: Callable[..., Advice], files: Files) -> None:
    look()
    files.asked.clear()
    lookups = Lookups(DnsSettings(resolver=zone.address, bimi_ca_file=files.ca_file, bimi_networks=[LOOPBACK]))
    record = Answer(FOUND, "a", (f"v=BIMI1; l=https://{WEB}:{files.port}/logo.svg; a=",))
    found = [look_up_logo(lookups, record) for _ in range(3)]
    assert {(one.state, one.problems) for one in found} == {(FOUND, ())}
    assert files.asked == ["/logo.svg"]


def test_nothing_is_fetched_where_that_is_switched_off(
    zone: NameServer, settings: Settings, look: Callable[..., Advice], files: Files
) -> None:
    assert not settings.dns.bimi_fetch
    look()
    files.asked.clear()
    said = advisor.check_domains(settings, [SHOP])
    assert any("fetching is switched off (dns.bimi_fetch)" in text for text in said.not_checked)
    assert files.asked == []
