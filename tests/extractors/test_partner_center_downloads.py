"""Downloaded Partner Center files in folders: which files make which month."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from emulators.partner_center_files import daily, invoiced, licence
from partner_center_vendor import put_download

from cspbill import warehouse
from cspbill.book import Source
from cspbill.errors import InputError
from cspbill.settings import Settings
from extractors import extract, load
from extractors.extraction import ExtractResult
from extractors.partner_center.extractor import PartnerCenter
from extractors.protocol import Discovery

SEPTEMBER = dt.date(2024, 9, 1)
LINES = invoiced("G01", [licence("fabrikam", "36.00", 5), licence("tailspin", "36.00", 1)])
USAGE = invoiced("G01", [daily("fabrikam", "azure-1", "2024-09-07", "0.10", "24")])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "files").mkdir()
    return tmp_path / "files"


def source(folder: Path) -> Source:
    return Source("csp", "partner_center", "Microsoft", Decimal(0), (), {"path": str(folder)})


def discovered(folder: Path, period: dt.date | None = None) -> Discovery:
    return PartnerCenter(source(folder), folder.parent / "state").discover(period)


def extracted(folder: Path) -> tuple[ExtractResult, Settings]:
    settings = Settings(folder.parent / "var", folder.parent / "config", dt.date(2024, 10, 20))
    result = extract(settings, source(folder))
    load(settings, source(folder))
    return result, settings


def test_the_files_of_a_month_and_a_currency_are_one_delivery(folder: Path):
    put_download(folder, "EUR/2024-09/reconciliation/G01.jsonl", LINES)
    put_download(folder, "EUR/2024-09/daily-usage/G01/part-0.jsonl", USAGE)
    put_download(folder, "USD/2024-09/reconciliation/G02.jsonl", LINES)
    put_download(folder, "2024-08/reconciliation/G00.jsonl", LINES)
    assert [
        (one.scope, one.period, [file.name for file in one.files]) for one in discovered(folder).deliveries
    ] == [
        (".", dt.date(2024, 8, 1), ["reconciliation/G00.jsonl"]),
        ("EUR", SEPTEMBER, ["daily-usage/G01/part-0.jsonl", "reconciliation/G01.jsonl"]),
        ("USD", SEPTEMBER, ["reconciliation/G02.jsonl"]),
    ]
    assert len(discovered(folder, SEPTEMBER).deliveries) == 2


def test_daily_usage_waits_for_the_reconciliation_that_it_explains(folder: Path):
    put_download(folder, "2024-09/daily-usage/G01.jsonl", USAGE)
    assert discovered(folder).deliveries[0].missing == ("the reconciliation file of this month",)
    put_download(folder, "2024-09/reconciliation/G01.jsonl", LINES)
    assert discovered(folder).deliveries[0].missing == ()


def test_an_open_months_daily_usage_stands_alone(folder: Path):
    put_download(folder, "2024-09/daily-usage/unbilled/usage.jsonl", USAGE)
    assert discovered(folder).deliveries[0].missing == ()


def test_files_that_belong_nowhere_are_named_with_what_is_allowed(folder: Path):
    put_download(folder, "2024-09/invoice.json", LINES)
    put_download(folder, "reconciliation/G01.json", LINES)
    (folder / "notes.txt").write_text("x", "utf-8")
    found = discovered(folder)
    assert found.deliveries == ()
    assert [note.split(":")[0] for note in found.notes] == [
        "2024-09/invoice.json", "notes.txt", "reconciliation/G01.json"
    ]  # fmt: skip
    assert all("such as 2024-09/reconciliation/" in note for note in found.notes)


def test_a_month_is_final_once_every_line_carries_an_invoice_number(folder: Path):
    put_download(folder, "2024-09/reconciliation/G01.jsonl", LINES)
    put_download(folder, "2024-10/reconciliation/open.jsonl", [licence("fabrikam", "36.00", 5)])
    result, settings = extracted(folder)
    assert result.problems == ()
    with warehouse.connect(settings) as connection:
        found = connection.execute(
            "select billing_period::varchar, is_final, vendor_total_json from ops.delivery order by 1"
        ).fetchall()
    assert found == [
        ("2024-09-01", True, '{"EUR": "216.000000000000"}'),
        ("2024-10-01", False, '{"EUR": "180.000000000000"}'),
    ]


def test_the_same_file_twice_in_a_month_is_refused(folder: Path):
    put_download(folder, "2024-09/reconciliation/G01.jsonl", LINES)
    put_download(folder, "2024-09/reconciliation/copy of G01.jsonl", LINES)
    result, _ = extracted(folder)
    assert result.landed == ()
    assert "copy of G01.jsonl" in str(result.problems)


def test_a_bad_amount_is_named_with_file_row_and_column(folder: Path):
    put_download(folder, "2024-09/reconciliation/G01.jsonl", [LINES[0], {**LINES[1], "Subtotal": "n/a"}])
    result, _ = extracted(folder)
    assert [(one.file, one.line, one.column) for one in result.problems] == [
        ("csp/reconciliation/G01.jsonl", 2, "Subtotal")
    ]


def test_a_folder_that_is_not_there_is_an_error_of_the_configuration(folder: Path):
    with pytest.raises(InputError, match="does not exist"):
        discovered(folder / "elsewhere")
