"""A name server for each test of the advisor, and settings that ask it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from advisor.nameserver import NameServer, serving
from mailgauge import advisor
from mailgauge.advisor import Advice
from mailgauge.settings import DnsSettings, Settings


@pytest.fixture
def zone() -> Iterator[NameServer]:
    """A name server on loopback."""
    with serving() as server:
        yield server


@pytest.fixture
def settings(zone: NameServer) -> Settings:
    """Settings that ask the name server of the test about one selector."""
    asking = DnsSettings(resolver=zone.address, timeout_seconds=2.0, selectors={"*": ["s1"]}, bimi_fetch=False)
    return Settings(dns=asking)


@pytest.fixture
def quick(settings: Settings) -> Settings:
    """The same, for name servers that never answer."""
    return settings.model_copy(update={"dns": settings.dns.model_copy(update={"timeout_seconds": 0.2})})


@pytest.fixture
def ask(settings: Settings) -> Callable[..., Advice]:
    """Check domains, shop.example if none is named."""
    return lambda *domains: advisor.check_domains(settings, domains or ["shop.example"])
