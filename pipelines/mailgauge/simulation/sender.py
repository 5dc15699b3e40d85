"""The sender: one account with two regions, four identities and what each of them mails."""

from collections.abc import Mapping
from dataclasses import dataclass, field

ACCOUNT = "111122223333"
CODE_OF = {"us-east-1": "0100", "eu-west-1": "0102"}  # how SES message ids begin in each region
EUROPE_DAY = (1, 1, 1, 1, 2, 4, 7, 9, 10, 10, 10, 10, 10, 9, 9, 9, 9, 10, 11, 10, 8, 5, 3, 2)
AMERICA_DAY = (6, 4, 3, 2, 2, 2, 2, 3, 4, 5, 6, 8, 10, 12, 13, 13, 13, 13, 13, 12, 11, 10, 9, 8)
MORNING_BATCH = (0, 0, 0, 0, 0, 8, 14, 12, 6, 3, 2, 1, 1, 1, 2, 6, 7, 3, 1, 0, 0, 0, 0, 0)
NIGHT_BATCH = (3, 10, 14, 9, 4, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)
EVERY_DAY = (1.0, 1.0, 1.0, 1.0, 1.0, 1.1, 1.2)  # from Monday
WORKING_DAYS = (1.2, 1.2, 1.2, 1.2, 1.1, 0.4, 0.3)
CAMPAIGN_DAYS = (0.8, 1.4, 0.8, 1.4, 1.2, 0.5, 0.7)

EUROPE = {
    "Gmail": 30.0,
    "Yahoo": 12.0,
    "Outlook": 17.0,
    "Apple": 8.0,
    "GMX": 13.0,
    "T-Online": 4.0,
    "Orange": 5.0,
    "Comcast": 0.5,
    "Libero": 3.5,
    "Mail.ru": 0.8,
    "QQ": 0.2,
    "Other": 6.0,
}
READERS_MIX = EUROPE | {"Yahoo": 30.0, "Gmail": 24.0, "Other": 2.0}
AMERICA = {
    "Gmail": 36.0,
    "Yahoo": 13.0,
    "Outlook": 16.0,
    "Apple": 11.0,
    "Comcast": 6.0,
    "QQ": 1.5,
    "GMX": 1.0,
    "Mail.ru": 0.5,
    "Other": 15.0,
}
COMPANIES = {"Gmail": 18.0, "Outlook": 12.0, "Yahoo": 4.0, "Apple": 4.0, "Comcast": 2.0, "Other": 60.0}


@dataclass(frozen=True, slots=True)
class Stream:
    """One kind of mail: who sends what to whom, how much, when, and how it is received.

    `volume` is the share of the sender's ordinary day. `rates` replaces the usual rate of a fate, for all providers
    (key "") or for one. A subject may name `<<order>>`; a link is a URL with its tags or None.
    """

    name: str
    identity: str
    region: str
    configuration_set: str
    tenant: str | None
    address: str
    display_name: str
    subjects: tuple[str, ...]
    template: str
    volume: float
    hours: tuple[int, ...]
    weekdays: tuple[float, ...]
    mix: Mapping[str, float]
    links: tuple[tuple[str, Mapping[str, list[str]] | None], ...] = ()
    opens: float = 0.0  # 0: not tracked
    clicks: float = 0.0  # of those who opened
    is_marketing: bool = False
    operation: str = "SendEmail"
    rates: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @property
    def source_arn(self) -> str:
        """The identity as AWS names it."""
        return f"arn:aws:ses:{self.region}:{ACCOUNT}:identity/{self.identity}"


ORDERS = Stream(
    "orders",
    "shop.example",
    "eu-west-1",
    "transactional",
    None,
    "orders@shop.example",
    "Example Shop",
    ("Your order <<order>> is confirmed", "Order <<order>> is on its way", "Reset your password", "Grüße & Rückgabe"),
    "order-update-v7",
    0.25,
    EUROPE_DAY,
    EVERY_DAY,
    EUROPE,
    (("https://shop.example/orders?id=7&step=track", None), ("https://shop.example/help", {"place": ["footer"]})),
    opens=0.5,
    clicks=0.16,
    rates={"complaint": {"": 0.0001}, "simulator": {"": 0.001}, "reject": {"": 0.0005}},
)
NEWSLETTER = Stream(
    "newsletter",
    "news.shop.example",
    "eu-west-1",
    "newsletter",
    "shop-news",
    "hello@news.shop.example",
    "Example Shop News",
    (
        'Save 20 % on "warm things"',
        "3 < 5: new arrivals & <b>old</b> friends",
        "Für kalte Tage: neue Decken",
        "Last call",
    ),
    "newsletter-2026",
    0.36,
    MORNING_BATCH,
    CAMPAIGN_DAYS,
    READERS_MIX,
    (
        ("https://news.shop.example/sale?utm_source=mail&utm_medium=newsletter", {"place": ["hero"], "kind": ["sale"]}),
        ("https://news.shop.example/new", {"place": ["list"]}),
        ("https://news.shop.example/imprint", None),
    ),
    opens=0.28,
    clicks=0.12,
    is_marketing=True,
    operation="SendBulkEmail",
    rates={
        "complaint": {"": 0.0003, "Yahoo": 0.0005},
        "not_spam": {"": 0.0006},
        "permanent": {"": 0.007},
        "render_failure": {"": 0.001},
    },
)
PRODUCT = Stream(
    "product",
    "mail.acme.example",
    "us-east-1",
    "product",
    "acme",
    "app@mail.acme.example",
    "Acme",
    ("You were mentioned in <<order>>", "Your weekly summary", "New sign-in to your account", "Welcome to Acme"),
    "acme-product",
    0.17,
    AMERICA_DAY,
    WORKING_DAYS,
    AMERICA,
    (("https://app.acme.example/inbox", {"source": ["mail"]}), ("https://app.acme.example/settings", None)),
    opens=0.42,
    clicks=0.2,
    rates={"complaint": {"": 0.0002}, "several": {"": 0.015}, "simulator": {"": 0.001}, "reject": {"": 0.001}},
)
TRIALS = Stream(
    "trials",
    "mail.acme.example",
    "us-east-1",
    "newsletter",
    "acme-trials",
    "team@mail.acme.example",
    "The Acme team",
    ("Five things to try this week", "Your trial ends soon", "How teams use Acme"),
    "acme-onboarding",
    0.1,
    AMERICA_DAY,
    WORKING_DAYS,
    AMERICA,
    (("https://www.acme.example/tour", {"lesson": ["1"]}), ("https://www.acme.example/plans", {"lesson": ["2"]})),
    opens=0.33,
    clicks=0.14,
    is_marketing=True,
    rates={"complaint": {"": 0.0003}, "render_failure": {"": 0.001}},
)
BILLING = Stream(
    "billing",
    "billing.acme.example",
    "us-east-1",
    "billing",
    "acme",
    "invoices@billing.acme.example",
    "Acme Billing",
    ("Invoice <<order>>", "Payment received", "Payment failed: please update your card"),
    "acme-invoice",
    0.12,
    NIGHT_BATCH,
    WORKING_DAYS,
    COMPANIES,
    operation="SendRawEmail",
    rates={"complaint": {"": 0.00005}, "several": {"": 0.06}, "attachment": {"": 0.001}, "reject": {"": 0.001}},
)
