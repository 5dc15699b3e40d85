"""The dumps are read back here with nothing but json, and counted by other means than the simulator's."""

import gc
import gzip
import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from mailgauge.simulation import Simulated, SimulationError, simulate

END = date(2026, 11, 22)
OBJECT_OF = {
    "Send": "send",
    "Delivery": "delivery",
    "Bounce": "bounce",
    "Complaint": "complaint",
    "Reject": "reject",
    "Open": "open",
    "Click": "click",
    "Rendering Failure": "failure",
    "DeliveryDelay": "deliveryDelay",
    "Subscription": "subscription",
}
DOMAINS = {
    "Gmail": "gmail.com googlemail.com",
    "Yahoo": "yahoo.com aol.com ymail.com yahoo.co.uk",
    "Outlook": "outlook.com hotmail.com live.com msn.com",
    "Apple": "icloud.com me.com",
    "GMX": "gmx.de gmx.net web.de mail.com",
    "T-Online": "t-online.de",
    "Orange": "orange.fr wanadoo.fr",
    "Comcast": "comcast.net",
    "Libero": "libero.it",
    "Mail.ru": "mail.ru",
    "QQ": "qq.com",
}
ISP_OF = {domain: isp for isp, domains in DOMAINS.items() for domain in domains.split()}
COLUMNS = [
    "sends",
    "deliveries",
    "permanent_bounces",
    "transient_bounces",
    "undetermined_bounces",
    "suppressed",
    "auto_replies",
    "rejects",
    "delivery_delays",
    "complaints",
    "not_spam",
    "feedback_deliveries",
    "opens",
    "human_opens",
    "clicks",
    "human_clicks",
    "unsubscribes",
]
KEY = re.compile(r"(\d{4}/\d\d/\d\d/\d\d)/ses-events-1-(\d{4}-\d\d-\d\d-\d\d)-\d\d-\d\d-[0-9a-f-]{36}(\.gz)?$")
MESSAGE_ID = re.compile(r"[0-9a-f]{16}-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-000000")

Record = dict[str, Any]


def moment(text: str) -> datetime:
    if not text.endswith("Z"):
        raise ValueError(text)
    return datetime.fromisoformat(text)


def read_object(path: Path) -> tuple[str, bool]:
    data = path.read_bytes()
    is_gzip = data.startswith(b"\x1f\x8b")
    return (gzip.decompress(data) if is_gzip else data).decode(), is_gzip


def split_object(text: str) -> Iterator[str]:
    """One record after the other: by lines, or by JSON's own ends where there are no lines."""
    if "}{" not in text:
        yield from filter(None, text.split("\n"))
        return
    decoder, place = json.JSONDecoder(), 0
    while place < len(text):
        end = decoder.raw_decode(text, place)[1]
        yield text[place:end]
        place = end


def parse_record(text: str) -> Record | None:
    """The record with its headers as a plain table, or None where it is of no use."""
    try:
        record = json.loads(text)
        content = record[OBJECT_OF[record["eventType"]]]
        moment(record["mail"]["timestamp"])
        moment(content.get("timestamp", record["mail"]["timestamp"]))
        MESSAGE_ID.fullmatch(record["mail"]["messageId"])
        if "headers" in record["mail"]:
            record["mail"]["headers"] = {header["name"]: header["value"] for header in record["mail"]["headers"]}
    except (ValueError, KeyError):
        return None
    return dict(record)


@dataclass
class Dump:
    out: Path
    done: Simulated
    truth: dict[str, Any]
    texts: list[str] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)  # without bad ones
    hours: list[str] = field(default_factory=list)  # the prefix of each
    unique: list[Record] = field(default_factory=list)
    copies: list[tuple[Record, Record]] = field(default_factory=list)  # an original and its duplicate
    bad: list[str] = field(default_factory=list)
    forms: Counter[tuple[bool, bool, str]] = field(default_factory=Counter)  # is it gzip, is it called so, separator


@pytest.fixture(scope="module")
def dump(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dump]:
    out = tmp_path_factory.mktemp("simulated")
    done = simulate(out, end=END, processes=2)
    gc.disable()  # all records are kept: looking for garbage among them would take most of the time
    try:
        yield read_dump(out, done)
    finally:
        gc.enable()


def read_dump(out: Path, done: Simulated) -> Dump:
    found = Dump(out, done, json.loads(done.truth_path.read_text(encoding="utf-8")))
    seen: dict[tuple[str, ...], Record] = {}
    for path in sorted((out / "events").rglob("ses-events*")):
        content, is_gzip = read_object(path)
        separator = "none" if "}{" in content else "blank line" if "\n\n" in content else "line"
        found.forms[is_gzip, path.suffix == ".gz", separator] += 1
        for text in split_object(content):
            found.texts.append(text)
            record = parse_record(text)
            if record is None:
                found.bad.append(text)
                continue
            found.records.append(record)
            found.hours.append(path.parent.relative_to(out / "events").as_posix())
            # What SES tells once it tells with one time, of one message and of the same recipients.
            told = record[OBJECT_OF[record["eventType"]]]
            people = [told.get(name) for name in ("recipients", "bouncedRecipients", "delayedRecipients", "link")]
            people_key = json.dumps(people, sort_keys=True)
            key = (record["eventType"], record["mail"]["messageId"], told.get("timestamp", ""), people_key)
            if seen.setdefault(key, record) is record:
                found.unique.append(record)
            else:
                found.copies.append((seen[key], record))
    return found


def bounce_column(bounce: Record) -> str:
    if bounce["bounceSubType"] in ("OnAccountSuppressionList", "OnTenantSuppressionList", "EmailValidationSuppressed"):
        return "suppressed"
    kind = bounce["bounceType"]
    has_dsn = "reportingMTA" in bounce or "status" in bounce["bouncedRecipients"][0]
    if kind == "Transient" and bounce["bounceSubType"] == "General" and not has_dsn:
        return "auto_replies"
    return f"{kind.lower()}_bounces"


def counted(record: Record) -> Iterator[tuple[str, str]]:
    """Each recipient and column a record counts in."""
    kind, content, everyone = record["eventType"], record[OBJECT_OF[record["eventType"]]], record["mail"]["destination"]
    if kind == "Send":
        yield from ((name, "sends") for name in everyone)
    elif kind == "Delivery":
        yield from ((name, "deliveries") for name in content["recipients"])
    elif kind == "Bounce":
        yield from ((one["emailAddress"], bounce_column(content)) for one in content["bouncedRecipients"])
    elif kind == "Complaint" and content["complaintSubType"] is None:
        column = "not_spam" if content["complaintFeedbackType"] == "not-spam" else "complaints"
        yield from ((one["emailAddress"], column) for one in content["complainedRecipients"])
    elif kind == "Reject":
        yield from ((name, "rejects") for name in everyone)
    elif kind == "DeliveryDelay":
        yield from ((one["emailAddress"], "delivery_delays") for one in content["delayedRecipients"])
    elif kind == "Subscription" and content["newTopicPreferences"]["unsubscribeAll"]:
        yield everyone[0], "unsubscribes"
    elif kind in ("Open", "Click"):
        column = f"{kind.lower()}s"
        yield everyone[0], column
        if content.get("isBotEvent") != "Likely":
            yield everyone[0], f"human_{column}"


def count_daily(records: list[Record], feedback_isps: list[str]) -> dict[tuple[str | None, ...], Counter[str]]:
    outcomes: dict[tuple[str, str], set[str]] = defaultdict(set)
    mails: dict[str, Record] = {}
    for record in records:
        mail = record["mail"]
        if record["eventType"] == "Send":
            mails[mail["messageId"]] = mail
        for recipient, column in counted(record):
            outcomes[mail["messageId"], recipient].add(column)
    daily: dict[tuple[str | None, ...], Counter[str]] = defaultdict(Counter)
    for (message_id, recipient), columns in outcomes.items():
        domain = recipient.rpartition("@")[2]
        if domain == "simulator.amazonses.com":
            continue
        mail, isp = mails[message_id], ISP_OF.get(domain, "Other")
        region, account, resource = mail["sourceArn"].split(":")[3:]
        tags = mail["tags"]
        identity, configuration_set = resource.removeprefix("identity/"), tags["ses:configuration-set"][0]
        tenant = tags.get("ses:tenant-name", [None])[0]
        key = (mail["timestamp"][:10], account, region, identity, configuration_set, tenant, isp)
        daily[key].update(columns)
        if "deliveries" in columns and isp in feedback_isps:
            daily[key]["feedback_deliveries"] += 1
    return daily


def test_the_truth_is_what_a_count_of_the_dumps_gives(dump: Dump) -> None:
    dimensions = ("day", "account_id", "region", "identity", "configuration_set", "tenant", "isp")
    truth = {tuple(row[name] for name in dimensions): {c: row[c] for c in COLUMNS} for row in dump.truth["daily"]}
    daily = count_daily(dump.unique, dump.truth["feedback_isps"])
    assert {key: {c: counts[c] for c in COLUMNS} for key, counts in daily.items()} == truth
    assert all(sum(row[column] for row in dump.truth["daily"]) for column in COLUMNS)


def test_the_totals_add_up(dump: Dump) -> None:
    totals, done = dump.truth["totals"], dump.done
    assert totals["events_by_type"] == Counter(record["eventType"] for record in dump.unique)
    assert set(totals["events_by_type"]) == set(OBJECT_OF)
    assert totals["unique_events"] == len(dump.unique)
    assert totals["duplicate_records"] == done.duplicates == len(dump.records) - len(dump.unique) > 150
    assert totals["bad_records"] == done.bad_records == len(dump.bad) > 5
    assert totals["records"] == done.events == len(dump.texts)
    assert totals["objects"] == done.objects == sum(1 for path in (dump.out / "events").rglob("*") if path.is_file())
    assert len({record["mail"]["messageId"] for record in dump.unique}) == done.messages == 20_000


def test_nothing_but_events_and_the_truth_is_left(dump: Dump) -> None:
    assert sorted(path.name for path in dump.out.iterdir()) == ["_truth.json", "events"]


def test_some_copies_are_exact_and_some_have_their_keys_in_another_order(dump: Dump) -> None:
    assert all(original == copy for original, copy in dump.copies)
    is_same_order = [list(original["mail"]) == list(copy["mail"]) for original, copy in dump.copies]
    assert set(is_same_order) == {True, False}


def test_objects_come_in_every_form(dump: Dump) -> None:
    assert set(dump.forms) == {
        (True, True, "line"),
        (True, True, "none"),
        (True, True, "blank line"),
        (True, False, "line"),
        (False, False, "line"),
    }


def test_keys_are_those_of_firehose(dump: Dump) -> None:
    keys = [KEY.search(path.as_posix()) for path in (dump.out / "events").rglob("*") if path.is_file()]
    assert keys
    assert all(key and key[1].replace("/", "-") == key[2] for key in keys)


def test_bad_records_are_bad_in_different_ways_and_each_on_a_line_of_its_own(dump: Dump) -> None:
    shapes = {"html": "<html>", "type": '"eventType":"Teleport"', "time": '"timestamp":"yesterday at noon"'}
    ways = {next((way for way, sign in shapes.items() if sign in text), "cut or nameless") for text in dump.bad}
    assert len(ways) >= 3
    assert not any("}{" in text for text in dump.bad)


def test_records_have_the_shapes_of_ses(dump: Dump) -> None:
    for record in dump.unique:
        kind, mail = record["eventType"], record["mail"]
        assert set(record) == {"eventType", "mail", OBJECT_OF[kind]}
        assert ("headers" in mail) == ("commonHeaders" in mail) == (kind not in ("Rendering Failure", "DeliveryDelay"))
        assert ("sourceArn" in mail) == (kind not in ("Open", "Click"))
        assert ("ses:outgoing-ip" in mail["tags"]) == (kind == "Delivery")
        sent = round(moment(mail["timestamp"]).timestamp() * 1000)
        assert MESSAGE_ID.fullmatch(mail["messageId"])
        assert mail["messageId"][4:16] == f"{sent:012x}"
        region = {"0100": "us-east-1", "0102": "eu-west-1"}[mail["messageId"][:4]]
        assert mail.get("sourceArn", f"arn:aws:ses:{region}:").split(":")[3] == region
        assert all(isinstance(values, list) for values in mail["tags"].values())
    sizes = [len(text) for text in dump.texts]
    assert 1500 < sum(sizes) / len(sizes) < 2200


def test_marketing_can_be_left_with_one_click(dump: Dump) -> None:
    for record in dump.unique:
        headers = record["mail"].get("headers", {})
        if headers and record["mail"]["tags"]["ses:configuration-set"] == ["newsletter"]:
            assert {"List-Unsubscribe", "List-Unsubscribe-Post"} <= set(headers)


def test_every_sort_of_bounce_and_complaint_occurs(dump: Dump) -> None:
    contents = [(record["eventType"], record[OBJECT_OF[record["eventType"]]]) for record in dump.unique]
    bounces = {(c["bounceType"], c["bounceSubType"]) for kind, c in contents if kind == "Bounce"}
    subtypes = "General NoEmail Suppressed OnAccountSuppressionList OnTenantSuppressionList EmailValidationSuppressed"
    transient = "General MailboxFull MessageTooLarge CustomTimeoutExceeded ContentRejected AttachmentRejected"
    assert bounces == {
        ("Undetermined", "Undetermined"),
        *(("Permanent", subtype) for subtype in subtypes.split()),
        *(("Transient", subtype) for subtype in transient.split()),
    }
    complaints = [content for kind, content in contents if kind == "Complaint"]
    assert {(c["complaintSubType"], c.get("complaintFeedbackType")) for c in complaints} == {
        (None, "abuse"),
        (None, "not-spam"),
        ("OnAccountSuppressionList", None),
    }
    assert {c.get("isBotEvent") for kind, c in contents if kind == "Open"} == {"Likely", "Unlikely", None}
    assert {type(c["linkTags"]) for kind, c in contents if kind == "Click"} == {dict, type(None)}
    texts = [c["bouncedRecipients"][0].get("diagnosticCode", "") for kind, c in contents if kind == "Bounce"]
    assert any("unable to deliver in 840 minutes" in text for text in texts)


def test_messages_to_several_people_are_told_together_and_one_by_one(dump: Dump) -> None:
    several = [record for record in dump.unique if len(record["mail"]["destination"]) > 1]
    assert {record["eventType"] for record in several} <= {"Send", "Delivery", "Bounce"}
    told = {len(record["delivery"]["recipients"]) for record in several if record["eventType"] == "Delivery"}
    assert {1, 2} <= told


def test_only_providers_with_a_feedback_loop_complain(dump: Dump) -> None:
    complained = {row["isp"] for row in dump.truth["daily"] if row["complaints"] or row["not_spam"]}
    assert complained <= set(dump.truth["feedback_isps"])
    assert not {"Gmail", "Google Workspace", "Apple"} & set(dump.truth["feedback_isps"])


def test_late_events_stand_under_later_hours_and_the_dump_ends(dump: Dump) -> None:
    days_late: Counter[str] = Counter()
    for record, hour in zip(dump.records, dump.hours, strict=True):
        arrived = datetime.fromisoformat(hour[:10].replace("/", "-") + f"T{hour[11:]}:00:00Z")
        if (arrived - moment(record["mail"]["timestamp"])).days >= 1:
            days_late[record["eventType"]] += 1
    assert days_late["Open"] > 20
    assert days_late["Complaint"] > 0
    assert max(dump.hours) == "2026/11/23/01"
    assert min(dump.hours) == "2026/11/16/00"


def test_the_story_is_visible_where_it_happens(dump: Dump) -> None:
    story = dump.truth["story"]
    before, during = story["before"], story["during"]
    assert story["days"] == ["2026-11-21", "2026-11-22"]
    assert before["complaint_rate"] < 0.001
    assert 0.007 < during["complaint_rate"] < 0.012
    assert during["permanent_bounce_rate"] > 4 * before["permanent_bounce_rate"]
    assert during["delivery_rate"] < before["delivery_rate"] - 0.08
    last_day = [
        record
        for record in dump.unique
        if record["eventType"] == "Complaint"
        and record["complaint"].get("complaintFeedbackType") == "abuse"
        and record["mail"]["tags"]["ses:from-domain"] == [story["identity"]]
        and ISP_OF.get(record["mail"]["destination"][0].rpartition("@")[2]) == story["isp"]
        and record["complaint"]["timestamp"][:10] == END.isoformat()
    ]
    assert len(last_day) >= 12
    held_up = [r for r in dump.unique if r["eventType"] == "DeliveryDelay" and "[TSS04]" in json.dumps(r)]
    assert len(held_up) > 100


def test_the_other_identities_stay_calm(dump: Dump) -> None:
    complaints: Counter[str] = Counter()
    delivered: Counter[str] = Counter()
    for row in dump.truth["daily"]:
        if row["identity"] != dump.truth["story"]["identity"]:
            complaints[row["identity"]] += row["complaints"]
            delivered[row["identity"]] += row["feedback_deliveries"]
    assert len(delivered) == 3
    assert all(complaints[identity] < 0.001 * delivered[identity] for identity in delivered)


def fingerprint(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_same_seed_gives_the_same_bytes_in_any_number_of_processes(tmp_path: Path) -> None:
    for name, seed, processes in (("one", 7, 1), ("two", 7, 2), ("other", 8, 1)):
        simulate(tmp_path / name, messages=600, days=3, seed=seed, end=END, processes=processes)
    assert fingerprint(tmp_path / "one") == fingerprint(tmp_path / "two")
    assert fingerprint(tmp_path / "one") != fingerprint(tmp_path / "other")


def test_one_message_of_one_day_is_enough(tmp_path: Path) -> None:
    done = simulate(tmp_path / "out", messages=1, days=1, end=END)
    truth = json.loads(done.truth_path.read_text())
    assert truth["totals"]["messages"] == 1
    assert truth["story"]["before"]["complaint_rate"] is None


@pytest.mark.parametrize("wrong", [{"messages": 0}, {"days": 0}, {"processes": 0}])
def test_numbers_below_one_are_refused(tmp_path: Path, wrong: dict[str, int]) -> None:
    with pytest.raises(SimulationError, match=f"{next(iter(wrong))} is 0: give 1 or more"):
        simulate(tmp_path / "out", end=END, **wrong)
    assert not (tmp_path / "out").exists()


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("keep")
    with pytest.raises(SimulationError, match="is not empty"):
        simulate(tmp_path, end=END)
    with pytest.raises(SimulationError, match="is a file"):
        simulate(tmp_path / "mine", end=END)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
