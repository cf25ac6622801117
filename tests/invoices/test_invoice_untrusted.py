"""Text from vendors and customers is data: never markup, never a formula, never a reason to fail."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from pathlib import Path

import pytest
from invoice_warehouse import SEPTEMBER, Warehouse
from pypdf import PdfReader

from cspbill.settings import Settings
from invoices.drafts import publish_drafts
from invoices.issue import issue
from invoices.ledger import verify
from invoices.printable import printable
from invoices.tables import defused

HOSTILE = [
    "#sys.version",
    '#image("/etc/passwd")',
    "*bold* _it_ $x^2$ `raw` @ref <label>",
    "= Heading",
    "<script>alert(1)</script>",
    '=HYPERLINK("http://evil.example","click")',
    "{kind} {n} {name}",
    "שלום עולם",
    "مرحبا بالعالم",
    "東京リージョン 😀 🧾",
    "\u202egnirts desrever\u202c",
    "bell\x07 null\x00 esc\x1b[31m",
    "line\nbreak\ttab\r\nreturn",
    "private \ue000 \U000f0000 unassigned \U0003ffff",
    "e\u0301\u0327\u0323" * 40,
    "-1+1|cmd",
    "\\u{41} \\n #{ }",
    "W" * 10_000,
]


@pytest.fixture
def issued(shop: Warehouse, settings: Settings) -> Path:
    draft = shop.customer("a", locale="en_GB", legal_name="=cmd|' /C calc'!A0", street="#pagebreak()")
    for n, text in enumerate(HOSTILE):
        over = {
            "description": text,
            "detail": text,
            "unit": text,
            "vendor": f"{text[:50]}",
            "unit_price": Decimal(1),
        }
        draft.usage("1", service=f"S{n} {text[:200]}", charge_description=text, quantity=Decimal(1), **over)
    draft.purchase_order = "#sys.inputs.data"
    shop.write(draft)
    publish_drafts(settings, [SEPTEMBER])
    assert issue(settings, SEPTEMBER).refused == {}
    return settings.published / "invoices/2024-09/a"


def test_hostile_text_is_printed_as_it_stands(issued: Path) -> None:
    text = "".join(page.extract_text() for page in PdfReader(issued / "INV-000001.pdf").pages)
    flat = text.replace("\n", " ").replace("\u200b", "")

    for expected in (
        "#sys.version",
        "*bold* _it_ $x^2$ `raw` @ref <label>",
        "<script>alert(1)</script>",
        "#sys.inputs.data",
        "#pagebreak()",
        "{kind} {n} {name}",
        "line break tab return",
    ):
        assert expected in flat
    assert "root:" not in flat
    assert "W" * 200 not in flat


def test_the_json_keeps_hostile_text_exactly(issued: Path) -> None:
    document = json.loads((issued / "INV-000001.json").read_bytes())

    assert [line["description"] for line in document["lines"]] == HOSTILE


def test_no_csv_cell_starts_a_formula_and_numbers_stay_numbers(issued: Path) -> None:
    for name in ("INV-000001.csv", "INV-000001-usage.csv"):
        with (issued / name).open(encoding="utf-8", newline="") as handle:
            table = list(csv.DictReader(handle))
        assert len(table) == (len(HOSTILE) if name == "INV-000001.csv" else 2 * len(HOSTILE))
        for row in table:
            Decimal(row["amount"])
            Decimal(row["quantity"])
            for value in row.values():
                assert not value.startswith(("=", "+", "@", "\t", "\r"))
                assert not value.startswith("-")
                assert not any(ord(character) < 32 for character in value)


def test_everything_about_it_verifies(issued: Path, settings: Settings) -> None:
    assert verify(settings).problems == ()


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+49 40 123", "'+49 40 123"),
        ("-5", "'-5"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'=1"),
        ("\r=1", "'=1"),
        ("  =1", "'=1"),
        ("\uff1d1", "'\uff1d1"),
        ("plain - text", "plain - text"),
        ("", ""),
    ],
)
def test_formulas_in_text_cells_are_quoted(text: str, cell: str) -> None:
    assert defused(text) == cell


@pytest.mark.parametrize("text", ["=1+1", "\t=1", "  =1", "plain - text", "@x", "a\x07b", "\uff1d1", "\rx"])
def test_the_usage_file_quotes_like_the_lines_file(shop: Warehouse, settings: Settings, text: str) -> None:
    draft = shop.customer("a")
    draft.usage("1", charge_description=text)
    shop.write(draft)
    publish_drafts(settings, [SEPTEMBER])
    with (settings.published / "drafts/2024-09/a/draft-usage.csv").open(
        encoding="utf-8", newline=""
    ) as handle:
        cells = {row["description"] for row in csv.DictReader(handle)}

    assert cells == {defused(text)}


def test_the_usage_file_shows_the_customers_price_and_not_the_resellers_cost(
    shop: Warehouse, settings: Settings
) -> None:
    draft = shop.customer("a")
    draft.discount(draft.usage("10.123456789012", days=3), "10")
    shop.write(draft)
    issue(settings, SEPTEMBER)
    path = settings.published / "invoices/2024-09/a/INV-000001-usage.csv"
    with path.open(encoding="utf-8", newline="") as handle:
        table = list(csv.DictReader(handle))

    assert [row["day"] for row in table] == ["2024-09-01", "2024-09-02", "2024-09-03"]
    assert sum(Decimal(row["amount"]) for row in table) == Decimal("9.111111110110")
    assert {row["line_number"] for row in table} == {"1"}
    assert not [name for name in table[0] if "cost" in name or "margin" in name]


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        (None, ""),
        ("  two   words ", "two words"),
        ("a\u202eb\u2066c", "abc"),
        ("x" * 400, "…"),
        ("ok\ud800", "ok"),
    ],
)
def test_printed_text_is_one_clean_short_line(text: str | None, printed: str) -> None:
    shown = printable(text)

    assert shown.endswith(printed)
    assert len(shown.replace("\u200b", "")) <= 160
