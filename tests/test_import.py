"""What mailbox providers tell: files in, rows out, each once; findings, systems and the report tell it on."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from mailgauge.advisor import advise
from mailgauge.cli import app
from mailgauge.importing import MOST_BYTES, Imported, import_files
from mailgauge.marts import build_marts
from mailgauge.page_data import read_page
from mailgauge.postmaster_reading import read_mail_from
from mailgauge.settings import Settings
from mailgauge.sources import list_objects
from mailgauge.systems import read_system
from mailgauge.warehouse import Warehouse

DAY = date(2026, 3, 30)
NOW = datetime(2026, 3, 31, 6)  # noqa: DTZ001 (the warehouse keeps UTC without saying so)
SHOP = "shop.example"


def stat(day: date, rate: float | None, metric: str = "spam_rate", **more: Any) -> dict[str, Any]:
    told = {"metric": metric, "date": {"year": day.year, "month": day.month, "day": day.day}, **more}
    return told if rate is None else told | {"value": {"doubleValue": rate}}


def stats(*rates: float | None) -> dict[str, Any]:
    """Google's answer about the days that end with DAY, newest first."""
    return {"domainStats": [stat(DAY - timedelta(days=back), rate) for back, rate in enumerate(rates)]}


STATUS = {
    "name": f"domains/{SHOP}/complianceStatus",
    "complianceData": {
        "domainId": SHOP,
        "rowData": [
            {"requirement": "SPF", "status": {"status": "COMPLIANT"}},
            {"requirement": "DMARC_ALIGNMENT", "status": {"status": "NEEDS_WORK"}},
            {"requirement": "ENCRYPTION", "status": {"status": "STATE_UNSPECIFIED"}},
        ],
        "honorUnsubscribeVerdict": {"status": {"status": "NEEDS_WORK"}, "reason": "NOT_HONORING"},
    },
}
SNDS = (
    "192.0.2.9,3/29/2026 12:00 AM,3/30/2026 12:00 AM,2104,2100,2090,YELLOW,< 0.1%,,,3,mta.example,"
    "bounce+jane=x.example@Bounce.shop.example,\r\n"
)


def report(*records: tuple[int, str, str], report_id: str = "77") -> str:
    """An aggregate report; each record says how many, whether DKIM was aligned, and the domain of SPF."""
    rows = "".join(
        f"""<record><row><source_ip>192.0.2.{place}</source_ip><count>{count}</count><policy_evaluated>
        <disposition>{"none" if dkim == "pass" else "reject"}</disposition><dkim>{dkim}</dkim><spf>fail</spf>
        </policy_evaluated></row><identifiers><header_from>{SHOP}</header_from></identifiers><auth_results>
        <dkim><domain>{SHOP}</domain><selector>s1</selector><result>{dkim}</result></dkim>
        <spf><domain>{spf}</domain><result>pass</result></spf></auth_results></record>"""
        for place, (count, dkim, spf) in enumerate(records, 1)
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?><feedback><report_metadata><org_name>google.com</org_name>
    <email>noreply@google.com</email><report_id>{report_id}</report_id><date_range><begin>1774742400</begin>
    <end>1774828799</end></date_range></report_metadata><policy_published><domain>{SHOP}</domain><adkim>r</adkim>
    <aspf>r</aspf><p>none</p></policy_published>{rows}</feedback>"""


REPORT = report((900, "pass", "amazonses.com"), (40, "fail", "eu-west-1.amazonses.com"), (200, "fail", "evil.example"))


def zipped(text: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("report.xml", text)
    return packed.getvalue()


def mailed(text: str) -> bytes:
    mail = EmailMessage()
    mail["Subject"] = f"Report domain: {SHOP} Submitter: google.com"
    mail.set_content("Here it is.")
    mail.add_attachment(gzip.compress(text.encode()), maintype="application", subtype="gzip", filename="r.xml.gz")
    return mail.as_bytes()


@pytest.fixture
def take(dumps: Path, folder: Path) -> Callable[..., Imported]:
    """Import files of these contents, by name."""

    def run(domain: str = "", **files: bytes | str) -> Imported:
        dumps.mkdir(exist_ok=True)
        for name, content in files.items():
            raw = content.encode() if isinstance(content, str) else content
            (dumps / name.replace("__", ".")).write_bytes(raw)
        with Warehouse(folder) as lake:
            return import_files(lake, list_objects([str(dumps)]), now=NOW, domain=domain)

    return run


def rows(folder: Path, table: str) -> list[dict[str, Any]]:
    with Warehouse(folder, read_only=True) as lake:
        return lake.rows(f"select * exclude (imported_at, object_uri) from raw.{table} order by all")


def test_google_s_days_are_read_and_those_without_a_value_are_none(folder: Path, take: Callable[..., Imported]) -> None:
    answer = stats(0.0004, None, 0.0031)
    answer["domainStats"] += [stat(DAY, 1.0, "tlsOutbound"), stat(DAY, 0.5, "feedbackLoopSpamRate")]
    done = take(shop__example__json=json.dumps(answer))
    assert (done.files, done.refused, done.rows) == (1, [], {"raw.google_stats": 4})
    found = [(str(row["day"]), row["metric"], row["value"]) for row in rows(folder, "google_stats")]
    assert found == [
        ("2026-03-28", "spam_rate", 0.0031),
        ("2026-03-30", "feedback_loop_spam_rate", 0.5),
        ("2026-03-30", "spam_rate", 0.0004),
        ("2026-03-30", "tls_outbound", 1.0),
    ]


@pytest.mark.parametrize(
    ("domain", "name", "more", "expected"),
    [
        ("", "stats__json", {}, None),
        ("Given.example", "stats__json", {}, "given.example"),
        ("", "named__example__json", {}, "named.example"),
        ("given.example", "stats__json", {"name": "domains/told.example/domainStats/x"}, "told.example"),
        ("no domain", "stats__json", {}, None),
    ],
)
def test_the_domain_of_an_answer(  # noqa: PLR0917 (cases and fixtures)
    domain: str, name: str, more: dict[str, str], expected: str | None, folder: Path, take: Callable[..., Imported]
) -> None:
    done = take(domain, **{name: json.dumps({"domainStats": [stat(DAY, 0.1, **more)]})})
    assert [row["domain"] for row in rows(folder, "google_stats")] == ([expected] if expected else [])
    assert all("--domain" in sentence for sentence in done.refused)
    assert bool(done.refused) is (expected is None)


def test_a_compliance_status_is_that_of_the_newest_import(folder: Path, take: Callable[..., Imported]) -> None:
    take(a=json.dumps(STATUS))
    told = {row["requirement"]: (row["status"], row["reason"]) for row in rows(folder, "google_compliance")}
    assert told == {
        "SPF": ("COMPLIANT", None),
        "DMARC_ALIGNMENT": ("NEEDS_WORK", None),
        "HONOR_UNSUBSCRIBE": ("NEEDS_WORK", "NOT_HONORING"),
    }
    better = json.dumps([STATUS]).replace("NEEDS_WORK", "COMPLIANT")
    take(a=better)
    assert {row["status"] for row in rows(folder, "google_compliance")} == {"COMPLIANT"}


def test_snds_is_read_without_the_people_in_it(folder: Path, take: Callable[..., Imported]) -> None:
    take(data__csv=SNDS * 2)
    (row,) = rows(folder, "snds_days")
    assert (row["ip"], str(row["day"]), row["filter_result"], row["complaint_rate"]) == (
        "192.0.2.9", "2026-03-29", "YELLOW", "< 0.1%",
    )  # fmt: skip
    assert (row["message_recipients"], row["trap_hits"]) == (2090, 3)
    assert row["sample_mail_from_domain"] == "bounce.shop.example"
    assert "jane" not in str(row)


FORMS: dict[str, Callable[[str], bytes]] = {
    "plain": lambda text: text.encode(),
    "byte order mark": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "gzip": lambda text: gzip.compress(text.encode()),
    "zip": zipped,
    "mail": mailed,
}


@pytest.mark.parametrize("form", FORMS)
def test_a_dmarc_report_in_every_form(form: str, folder: Path, take: Callable[..., Imported]) -> None:
    done = take(r=FORMS[form](REPORT))
    assert (done.refused, done.rows) == ([], {"raw.dmarc_records": 3})
    found = rows(folder, "dmarc_records")
    assert [(row["messages"], row["is_dkim_aligned"], row["is_spf_aligned"]) for row in found] == [
        (900, True, False), (40, False, False), (200, False, False),
    ]  # fmt: skip
    assert {str(row["began_at"]) for row in found} == {"2026-03-29 00:00:00"}


def test_what_reports_name_below_a_domain_may_be_its_mail_from_domain(
    folder: Path, take: Callable[..., Imported]
) -> None:
    records = [(9, "pass", f"Bounce.{SHOP}"), (1, "pass", SHOP), (1, "fail", f"not{SHOP}"), (1, "fail", "evil.example")]
    take(r=report(*records))
    with Warehouse(folder) as lake:
        assert read_mail_from(lake, DAY) == {SHOP: {f"bounce.{SHOP}"}}
        assert read_mail_from(lake, DAY + timedelta(days=40)) == {}


def test_a_second_import_changes_nothing_and_a_new_report_adds(folder: Path, take: Callable[..., Imported]) -> None:
    files: dict[str, Any] = {"a": REPORT, "b": json.dumps(stats(0.1)), "c": SNDS, "d": json.dumps(STATUS)}
    tables = ("dmarc_records", "google_stats", "snds_days", "google_compliance")
    take(SHOP, **files)
    before = [rows(folder, table) for table in tables]
    take(SHOP, **files)
    assert [rows(folder, table) for table in tables] == before
    take(SHOP, e=report((5, "pass", "amazonses.com"), report_id="78"))
    assert len(rows(folder, "dmarc_records")) == 4


HOSTILE: dict[str, bytes] = {
    "nothing": b"",
    "text": b"hello",
    "half a JSON": b'{"domainStats":[',
    "other JSON": b'{"eventType":"Send"}',
    "a deep JSON": b"[" * 100_000,
    "stats of another shape": b'{"domainStats":{"a":1}}',
    "a day that is none": json.dumps(
        {"domainStats": [stat(DAY, 0.1) | {"date": {"year": 2026, "month": 13}}]}
    ).encode(),
    "a value that is none": json.dumps({"domainStats": [stat(DAY, None, value={"doubleValue": "x"})]}).encode(),
    "half a report": REPORT[:900].encode(),
    "a report with one bad record": REPORT.replace("<count>40</count>", "<count>many</count>").encode(),
    "a report of another shape": b"<feedback><report_metadata/></feedback>",
    "entities": b'<?xml version="1.0"?><!DOCTYPE f [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY x SYSTEM "file:///etc/passwd">]><feedback><report_metadata><org_name>&b;&x;</org_name>'
    b"</report_metadata></feedback>",
    "a bomb": gzip.compress(b"<feedback>" + b" " * (MOST_BYTES + 1)),
    "a torn gzip": gzip.compress(REPORT.encode())[:-20],
    "a mail without a report": b"From: a@b.example\nSubject: hello\n\nhello\n",
    "SNDS cut off": SNDS[:60].encode(),
    "SNDS with another time": SNDS.replace("3/29/2026", "29/29/2026", 1).encode(),
    "bytes": bytes(range(256)) * 9,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_cannot_be_read_is_told_in_a_sentence_and_keeps_nothing_else_out(
    name: str, folder: Path, take: Callable[..., Imported]
) -> None:
    done = take(SHOP, a_bad=HOSTILE[name], z_good=SNDS)
    assert (done.files, done.rows) == (1, {"raw.snds_days": 1})
    (sentence,) = done.refused
    assert "a_bad is left out: " in sentence
    assert sentence.endswith(".")
    assert len(sentence) < 400
    assert "passwd" not in sentence


@pytest.fixture
def built(folder: Path, take: Callable[..., Imported]) -> Path:
    """A warehouse with a month of mail to Gmail, and all that is imported of it."""
    with Warehouse(folder) as lake:
        build_marts(lake, now=NOW)
        columns = lake.rows("describe marts.daily")
        none: dict[str, Any] = {one["column_name"]: 0 if one["column_type"] == "BIGINT" else None for one in columns}
        for table in ("daily", "daily_by_event_day"):
            for identity, back in ((SHOP, 0), (f"a@{SHOP}", 0), (SHOP, 1), ("other.example", 0)):
                sent = {"day": DAY - timedelta(days=back), "identity": identity, "isp": "Gmail", "attempts": 500}
                lake.insert(f"marts.{table}", [none | sent | {"sends": 500, "deliveries": 490}])
    take(SHOP, a=REPORT, b=json.dumps(stats(0.0005, 0.0031)), c=SNDS, d=json.dumps(STATUS))
    return folder


def test_it_stands_beside_the_sender_s_own_mail(built: Path) -> None:
    with Warehouse(built) as lake:
        google = read_system(lake, Settings(), "google", DAY)
        (dmarc,) = read_system(lake, Settings(), "dmarc", DAY)
        (snds,) = read_system(lake, Settings(), "snds", DAY)
        assert read_system(lake, Settings(), "google", DAY - timedelta(days=60)) == []
    assert [(row["google_spam_rate"], row["deliveries"]) for row in google] == [(0.0005, 980), (0.0031, 490)]
    assert (dmarc["messages"], dmarc["passed"], dmarc["turned_away"], dmarc["recipients"]) == (1140, 900, 240, 500)
    assert (dmarc["failed_from_ses"], dmarc["failed_elsewhere"]) == (40, 200)
    assert (snds["filter_result"], snds["trap_hits"], snds["recipients"]) == ("YELLOW", 3, 0)


def test_the_advisor_judges_it_and_sees_when_it_ends(built: Path, take: Callable[..., Imported]) -> None:
    with Warehouse(built) as lake:
        found = advise(lake, Settings(), day=DAY, now=NOW, dns=False)
    assert {(one.check, one.kind, one.impact) for one in found.findings} == {
        ("dmarc_failing", "ses", "HIGH"),
        ("dmarc_strangers", "elsewhere", "LOW"),
        ("google_compliance", "DMARC_ALIGNMENT", "HIGH"),
        ("google_compliance", "HONOR_UNSUBSCRIBE", "HIGH"),
        ("google_spam_rate", "spam_rate", "HIGH"),
        ("snds_filter", "filter", "LOW"),
        ("snds_traps", "traps", "LOW"),
    }
    (rate,) = [one for one in found.findings if one.check == "google_spam_rate"]
    assert rate.evidence["said"] == (
        "Google's number: at most 0.31 % (on 2026-03-29) in seven days, 0.18 % on average, 0.05 % on 2026-03-30; "
        "1,470 recipients at Gmail."
    ).replace("1,470", "1,500")
    take(SHOP, b=json.dumps(stats(0.0005, 0.0004)), d=json.dumps(STATUS).replace("NEEDS_WORK", "COMPLIANT"))
    with Warehouse(built) as lake:
        assert advise(lake, Settings(), day=DAY, now=NOW, dns=False).fixed == 3


def test_a_rate_of_google_s_that_is_not_imported_any_more_mends_nothing(built: Path) -> None:
    with Warehouse(built) as lake:
        advise(lake, Settings(), day=DAY, now=NOW, dns=False)
        later = advise(lake, Settings(), day=DAY + timedelta(days=9), now=NOW + timedelta(days=9), dns=False)
    assert "google_spam_rate" in {one.check for one in later.findings}
    assert later.fixed == 0


@pytest.mark.parametrize(("back", "text"), [(0, "0.05 %, Google's number"), (1, "0.31 % of 29 Mar, Google's number")])
def test_the_report_shows_google_s_number_where_gmail_has_none(
    back: int, text: str, built: Path, take: Callable[..., Imported]
) -> None:
    with Warehouse(built) as lake:
        if back:
            lake.execute("delete from raw.google_stats where day = ?", [DAY])
        page = read_page(lake, Settings(), day=DAY, now=NOW)
    (table,) = [table for table in page.tables if table.key == "isp"]
    gmail = next(row for row in table.rows if row.name == "Gmail")
    assert gmail.cells[table.columns.index("Complaint")].text == text
    assert "Google's own (Postmaster Tools)" in table.sentence


def test_the_command_tells_what_it_did_and_what_it_left(dumps: Path, folder: Path, tmp_path: Path) -> None:
    dumps.mkdir(exist_ok=True)
    (dumps / "snds.csv").write_text(SNDS)
    (dumps / "notes.txt").write_text("hello")
    done = CliRunner().invoke(app, ["--warehouse", str(folder), "import", str(dumps)])
    assert done.exit_code == 1
    assert done.stdout.startswith("Import: 1 file read; rows: 1 in raw.snds_days.")
    assert "notes.txt is left out" in done.output
    missing = CliRunner().invoke(app, ["--warehouse", str(folder), "import", str(tmp_path / "none")])
    assert missing.exit_code == 2 or "There is no file or folder" in str(missing.exception)
