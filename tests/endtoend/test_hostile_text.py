"""HTML, formulas and Typst in a vendor's file and in the book end up as harmless text in every output."""

from __future__ import annotations

import csv
import re

import pypdf
import pytest
from hostile import CUSTOMER, FORMULA, LEGAL_NAME, PANIC, QUOTED, SCRIPT
from shop import Shop, Story

NUMBER = "INV-001006"


@pytest.fixture
def shop(story: Story) -> Shop:
    return story.shop


def cells(shop: Shop, suffix: str) -> list[dict[str, str]]:
    with shop.document(NUMBER, suffix, CUSTOMER).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def test_no_cell_of_an_invoice_or_usage_csv_starts_like_a_formula(shop: Shop) -> None:
    for suffix in (".csv", "-usage.csv"):
        found = [cell for row in cells(shop, suffix) for cell in row.values()]
        assert found
        assert [cell for cell in found if re.match(r"[=@\t\r]|[+-](?![\d.]+$)", cell)] == []


def test_what_was_defused_is_still_readable(shop: Shop) -> None:
    assert [row["service"] for row in cells(shop, ".csv")] == [PANIC, SCRIPT, f"'{FORMULA}"]
    usage = {row["sku"]: row for row in cells(shop, "-usage.csv")}
    assert usage["sku-2"]["description"] == "'@SUM(A1:A9)"
    assert usage["sku-2"]["resource_name"] == "'+cmd|' /C calc'!A0"
    assert usage["sku-3"]["resource_name"] == "'-2+3"
    assert usage["sku-4"]["account_name"] == QUOTED


def test_the_pdf_prints_markup_as_text(shop: Shop) -> None:
    reader = pypdf.PdfReader(shop.document(NUMBER, ".pdf", CUSTOMER))
    text = re.sub(r"\s+", "", "".join(page.extract_text() for page in reader.pages))
    for printed in (SCRIPT, "#panic()", "$x^2$", "*bold*", "@cite", LEGAL_NAME, "=HYPERLINK("):
        assert re.sub(r"\s+", "", printed).replace("'", "") in text.replace("'", "").replace("’", "")
    assert "/JavaScript" not in str(reader.trailer["/Root"])


def test_the_dashboard_holds_no_markup_of_the_vendor(shop: Shop) -> None:
    page = (shop.home / "published" / "dashboards" / "index.html").read_text("utf-8")
    assert "Mallory" in page
    assert SCRIPT not in page
    assert "<img src=x" not in page


def test_a_statement_holds_no_markup_of_the_vendor(shop: Shop) -> None:
    pages = list((shop.home / "published" / "statements").glob("*.html"))
    assert len(pages) > 3
    for page in pages:
        text = page.read_text("utf-8")
        assert "<img" not in text
        assert text.count("<script") == text.count("</script") == 2


def test_gate_reports_hold_no_markup_of_the_vendor(shop: Shop) -> None:
    reports = [*shop.home.rglob("*.html")]
    assert reports
    assert [str(report) for report in reports if SCRIPT in report.read_text("utf-8")] == []
