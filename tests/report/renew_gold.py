"""Renews the gold page: python tests/report/renew_gold.py."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from mailgauge.pages import render_page
from report.report_samples import make_page
from report.test_report_page import GOLD, strip

if __name__ == "__main__":
    GOLD.parent.mkdir(exist_ok=True)
    GOLD.write_text(strip(render_page(make_page())), encoding="utf-8")
