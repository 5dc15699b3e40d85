"""Mailbox providers: their domains, how fast they take mail, and how the people behind them read it."""

from dataclasses import dataclass

DESKTOP = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"
)
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"
THUNDERBIRD = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thunderbird/140.3.0"
GOOGLE_PROXY = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
YAHOO_PROXY = "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html"
GOOGLE_PREFETCH = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/42.0.2311.135 Safari/537.36 Edge/12.246 Mozilla/5.0"
)
APPLE_PRIVACY = "Mozilla/5.0"
SCANNER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/138.0.0.0"


@dataclass(frozen=True, slots=True)
class Provider:
    """A mailbox provider as a sender meets it; a domain named twice is drawn twice as often."""

    isp: str
    domains: tuple[str, ...]
    mx: str  # the first three numbers of its mail exchangers' addresses
    latency_ms: int
    feedback: bool = True  # reports complaints to SES
    opens: float = 1.0  # times the stream's own open rate
    machine_opens: float = 0.0
    scanner_clicks: float = 0.0
    proxy: str = ""  # the user agent of its image proxy; empty where the reader's own program fetches
    prefetch: str = ""  # the user agent by which it fetches images that nobody has asked for
    proxy_network: str = "203.0.113"
    complaint_agent: str = "Feedback-Loop-Reporter/1.0"


PROVIDERS = (
    Provider(
        "Gmail",
        ("gmail.com",) * 12 + ("googlemail.com",),
        "142.251.9",
        900,
        feedback=False,
        opens=1.1,
        machine_opens=0.04,
        proxy=GOOGLE_PROXY,
        prefetch=GOOGLE_PREFETCH,
        proxy_network="66.249.93",
    ),
    Provider(
        "Yahoo",
        ("yahoo.com",) * 6 + ("aol.com", "aol.com", "ymail.com", "yahoo.co.uk", "yahoo.co.uk"),
        "67.195.204",
        1600,
        machine_opens=0.05,
        proxy=YAHOO_PROXY,
        proxy_network="87.248.119",
        complaint_agent="Yahoo!-Mail-Feedback/2.0",
    ),
    Provider(
        "Outlook",
        ("outlook.com",) * 4 + ("hotmail.com",) * 5 + ("live.com", "msn.com"),
        "52.101.73",
        1900,
        opens=0.9,
        scanner_clicks=0.02,
        complaint_agent="ReturnPathFBL/2.0",
    ),
    Provider(
        "Apple",
        ("icloud.com",) * 5 + ("me.com",),
        "17.57.152",
        1300,
        feedback=False,
        opens=0.6,
        machine_opens=0.6,
        prefetch=APPLE_PRIVACY,
        proxy_network="17.58.101",
    ),
    Provider(
        "GMX", ("gmx.de",) * 4 + ("gmx.net",) * 2 + ("web.de",) * 5 + ("mail.com",), "212.227.17", 1100, feedback=False
    ),
    Provider("T-Online", ("t-online.de",), "194.25.134", 800, feedback=False),
    Provider("Orange", ("orange.fr",) * 3 + ("wanadoo.fr",), "80.12.26", 1500),
    Provider("Comcast", ("comcast.net",), "96.102.18", 1200, complaint_agent="Comcast Feedback Loop"),
    Provider("Libero", ("libero.it",), "213.209.1", 1400, opens=0.8),
    Provider("Mail.ru", ("mail.ru",), "94.100.180", 1000, opens=0.7),
    Provider("QQ", ("qq.com",), "203.205.219", 3200, feedback=False, opens=0.5),
    Provider(
        "Other",
        ("northwind.example", "northwind.example", "contoso-works.example", "fabrikam.example", "city-museum.example"),
        "192.0.2",
        700,
        feedback=False,
        scanner_clicks=0.05,
    ),
    # The mailbox simulator of SES: no provider, in no count, and last so that the others keep their places.
    Provider("", ("simulator.amazonses.com",), "52.55.227", 500),
)
SIMULATOR = len(PROVIDERS) - 1
NUMBER_OF = {provider.isp: number for number, provider in enumerate(PROVIDERS)}
FEEDBACK_ISPS = tuple(sorted(provider.isp for provider in PROVIDERS[:SIMULATOR] if provider.feedback))
READERS = (DESKTOP, PHONE, THUNDERBIRD)
