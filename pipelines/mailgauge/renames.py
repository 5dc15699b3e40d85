"""Checks that became several, and what their findings are called now, so that the history of these goes on; pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mailgauge.findings import Finding

_RECORD = "record"

NAMES = {
    ("spf_record", "missing"): "spf_missing",
    ("spf_record", "several"): "spf_several",
    ("spf_record", "lookups"): "spf_look_ups",
    ("spf_record", "voids"): "spf_voids",
    ("spf_record", "loop"): "spf_loop",
    ("spf_record", "syntax"): "spf_syntax",
    ("spf_record", "all_pass"): "spf_pass_all",
    ("spf_record", "all"): "spf_all",
    ("spf_record", "amazonses"): "spf_amazonses",
    ("dmarc_policy", "missing"): "dmarc_missing",
    ("dmarc_policy", "several"): "dmarc_several",
    ("dmarc_policy", "syntax"): "dmarc_syntax",
    ("dmarc_policy", "policy_none"): "dmarc_policy",
    ("dmarc_policy", "no_rua"): "dmarc_reports",
    ("dmarc_policy", "obsolete_tags"): "dmarc_obsolete_tags",
    ("bimi_record", "missing"): "bimi_missing",
    ("bimi_record", "syntax"): "bimi_syntax",
    ("bimi_record", "not_enforced"): "bimi_policy",
    ("mail_exchanger", "missing"): "mx_missing",
    ("mail_exchanger", "null"): "mx_null",
    ("transport_security", "sts"): "mta_sts_record",
    ("transport_security", "reports"): "tls_rpt_record",
    ("transport_security", "no_reports"): "tls_rpt_missing",
}
"""By check and kind; the kind is `record` now."""

KEYS = {
    "missing": "dkim_missing",
    "dangling": "dkim_failed",
    "several": "dkim_several",
    "syntax": "dkim_syntax",
    "revoked": "dkim_revoked",
    "short": "dkim_too_short",
    "length": "dkim_length",
    "testing": "dkim_testing",
}
"""The findings of dkim_key by the first word of their kind; the selector behind it is the kind now."""

SAME_KIND = {
    ("event_publishing", "send"): "sends_unpublished",
    ("event_publishing", "delivery"): "deliveries_unpublished",
    ("event_publishing", "bounce"): "bounces_unpublished",
    ("event_publishing", "complaint"): "complaints_unpublished",
    ("provider_rule", "Gmail 4.7.23"): "rule_reverse_dns",
    ("provider_rule", "Gmail 5.7.25"): "rule_reverse_dns",
    ("provider_rule", "Gmail 4.7.27"): "rule_spf",
    ("provider_rule", "Gmail 5.7.27"): "rule_spf",
    ("provider_rule", "Gmail 4.7.28"): "rule_volume",
    ("provider_rule", "Gmail 4.7.29"): "rule_tls",
    ("provider_rule", "Gmail 5.7.29"): "rule_tls",
    ("provider_rule", "Gmail 4.7.30"): "rule_dkim",
    ("provider_rule", "Gmail 5.7.30"): "rule_dkim",
    ("provider_rule", "Gmail 4.7.31"): "rule_dmarc",
    ("provider_rule", "Gmail 4.7.32"): "rule_alignment",
    ("provider_rule", "Gmail 5.7.26"): "rule_authentication",
    ("provider_rule", "Outlook 5.7.515"): "rule_bulk_authentication",
    ("provider_rule", "Yahoo TSS04"): "rule_deferral",
    ("provider_rule", "Yahoo TSS05"): "rule_deferral",
    ("provider_rule", "Yahoo TS01"): "rule_deferral",
    ("provider_rule", "Yahoo TS02"): "rule_deferral",
    ("provider_rule", "Yahoo TSS09"): "rule_block",
    ("provider_rule", "Yahoo TSS11"): "rule_block",
    ("provider_rule", "Yahoo TS03"): "rule_block",
}
"""The kind is as it was."""

OTHERS = {
    ("reverse_dns", "missing"): ("reverse_dns_missing", "ptr"),
    ("reverse_dns", "unconfirmed"): ("reverse_dns_unconfirmed", "ptr"),
}


def rename_finding(finding: Finding) -> Finding:
    """The finding under the name that its check has now; the same one where that has not changed."""
    key = finding.check, finding.kind
    if key in OTHERS:
        name, kind = OTHERS[key]
        return replace(finding, check=name, kind=kind)
    if key in NAMES:
        return replace(finding, check=NAMES[key], kind=_RECORD)
    if key in SAME_KIND:
        return replace(finding, check=SAME_KIND[key])
    word, _, selector = finding.kind.partition(" ")
    if finding.check == "dkim_key" and word in KEYS:
        return replace(finding, check=KEYS[word], kind=selector)
    return finding
