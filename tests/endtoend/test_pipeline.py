"""From vendor files to issued invoices by the command line alone, and everything again."""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from shop import Shop, Story

SEPTEMBER = "2024-09"


@pytest.fixture
def shop(story: Story) -> Shop:
    return story.shop


def test_the_first_run_lands_and_loads_every_delivery_without_a_problem(story: Story) -> None:
    assert [(s["source"], s["landed"], s["loaded"], s["problems"]) for s in story.run["sources"]] == [
        ("aws", 1, 1, []),
        ("microsoft", 1, 1, []),
        ("google", 1, 1, []),
        ("focus_sample", 2, 2, []),
        ("aws_payer", 1, 1, []),
        ("partner_center", 1, 1, []),
        ("azure", 1, 1, []),
        ("gcp", 1, 1, []),
        ("outsider", 1, 1, []),
    ]
    assert story.run["periods"] == ["2024-09-01", "2024-10-01"]
    assert Path(story.run["published"]["snapshot"]).name == "warehouse-2024-09-000001.duckdb"


def test_issuing_numbers_without_gap_and_refuses_only_the_customer_without_a_price(story: Story) -> None:
    assert story.issue["issued"] == [f"INV-{number:06d}" for number in range(1001, 1014)]
    assert story.issue["refused"] == {"muehlenbach": "29 charges without a price (no price rule matches)"}


def test_vendor_totals_are_the_sums_of_the_delivered_files_to_the_last_digit(shop: Shop) -> None:
    totals = shop.rows(
        "select source, billing_period::varchar, currency, vendor_total, difference, verdict "
        "from marts.fct_vendor_reconciliation order by all"
    )
    assert totals == [
        ("aws", "2024-09-01", "USD", Decimal("73025.327663302000"), Decimal(0), "ties"),
        ("aws_payer", "2024-09-01", "USD", Decimal("6477.000081112000"), Decimal(0), "ties"),
        ("azure", "2024-09-01", "EUR", Decimal("2445.009651635850"), Decimal(0), "ties"),
        ("focus_sample", "2024-09-01", "USD", Decimal("20.280226728990"), Decimal(0), "ties"),
        ("focus_sample", "2024-10-01", "USD", Decimal("0.240000000000"), Decimal(0), "ties"),
        ("gcp", "2024-09-01", "USD", Decimal("5325.260000000000"), Decimal(0), "ties"),
        ("google", "2024-09-01", "USD", Decimal("45401.876821580000"), Decimal(0), "ties"),
        ("microsoft", "2024-09-01", "EUR", Decimal("117506.908596272000"), Decimal(0), "ties"),
        ("outsider", "2024-09-01", "EUR", Decimal("600.600000000000"), Decimal(0), "ties"),
        ("partner_center", "2024-09-01", "EUR", Decimal("4797.220000000000"), Decimal(0), "ties"),
    ]


def test_every_cent_loaded_is_sold_unpriced_unallocated_or_kept(shop: Shop) -> None:
    breaks = shop.rows(
        "select * from marts.fct_vendor_reconciliation where cost_loaded <> vendor_total or "
        "cost_loaded <> cost_sold + cost_unpriced + cost_unallocated + cost_kept + cost_late"
    )
    assert breaks == []


def test_invoices_sum_to_the_revenue_of_the_margin_table_per_customer_period_and_currency(shop: Shop) -> None:
    differing = shop.rows(
        """
        with invoiced as (
            select used_by_customer_id as customer_id, used_in_period as billing_period, currency,
                sum(amount) as net
            from ledger.document_line group by all
        ), earned as (
            select customer_id, billing_period, currency, sum(revenue) as revenue
            from marts.fct_margin_monthly group by all
        )
        from invoiced left join earned using (customer_id, billing_period, currency)
        where net is distinct from revenue
        """
    )
    assert differing == []
    assert shop.rows("select currency, sum(net_amount) from ledger.document group by all order by all") == [
        ("CHF", Decimal("16027.7600")),
        ("EUR", Decimal("182379.0300")),
        ("GBP", Decimal("21062.3600")),
        ("USD", Decimal("51015.8000")),
    ]


@pytest.mark.parametrize("table", ["fct_margin_daily", "fct_margin_monthly", "pub_margin_v1"])
def test_margin_is_revenue_minus_cost_on_every_row(shop: Shop, table: str) -> None:
    assert shop.rows(f"select * from marts.{table} where margin <> revenue - cost") == []


def test_running_and_issuing_again_changes_nothing(story: Story, tmp_path: Path) -> None:
    shop = story.shop.copied_to(tmp_path / "again")
    landed, ledger, published = shop.files("landing"), shop.ledger(), shop.files("published")
    built = (shop.home / "logs" / "dbt" / "dbt.log").stat()

    again = shop.json("run")
    issued = shop.json("issue", "--period", SEPTEMBER, status=1)
    shop.done("extract", "aws", "--period", SEPTEMBER)

    assert [(s["landed"], s["loaded"]) for s in again["sources"]] == [(0, 0)] * 9
    assert (again["periods"], again["published"]["changed"]) == ([], False)
    assert (issued["issued"], len(issued["already"])) == ([], 13)
    assert shop.ledger() == ledger
    assert shop.files("landing") == landed
    assert shop.files("published") == published
    assert (shop.home / "logs" / "dbt" / "dbt.log").stat() == built, "dbt was started"


def test_a_voided_invoice_gets_a_credit_note_and_its_period_a_new_invoice(
    story: Story, tmp_path: Path
) -> None:
    shop = story.shop.copied_to(tmp_path / "void")
    before, ledger = shop.files("published", "invoices"), shop.ledger()

    assert "credit note CN-001001" in shop.done("void", "INV-001001", "--reason", "Wrong purchase order")
    shop.done("run")
    issued = shop.json("issue", "--period", SEPTEMBER, status=1)

    assert issued["issued"] == ["INV-001014"]
    amounts = shop.rows(
        "select document_number, net_amount, reference_document from ledger.document "
        "where customer_id = 'alpenglanz' order by document_number"
    )
    assert amounts == [
        ("CN-001001", Decimal("-9621.1900"), "INV-001001"),
        ("INV-001001", Decimal("9621.1900"), None),
        ("INV-001014", Decimal("9621.1900"), None),
    ]
    assert before.items() <= shop.files("published", "invoices").items()
    assert set(ledger["document"]) < set(shop.ledger()["document"])
    assert set(ledger["rated_charge"]) < set(shop.ledger()["rated_charge"])
    assert "15 documents checked, 0 problems." in shop.done("ledger", "verify")
    assert shop.rows(
        "select sum(revenue) from marts.fct_margin_monthly "
        "where customer_id = 'alpenglanz' and billing_period = '2024-09-01'"
    ) == [(Decimal("9621.190000000000"),)]


def test_verify_passes_and_names_a_file_that_was_tampered_with(story: Story, tmp_path: Path) -> None:
    shop = story.shop.copied_to(tmp_path / "tampered")
    assert "13 documents checked, 0 problems." in shop.done("ledger", "verify")
    with shop.document("INV-001001", ".csv", "alpenglanz").open("a", encoding="utf-8") as invoice:
        invoice.write("INV-001001,alpenglanz,2024-09,99,usage\n")
    result = shop.answer("ledger", "verify")
    assert result.exit_code == 1
    assert "INV-001001.csv is not the file that was issued" in result.stderr


def test_a_line_is_explained_down_to_the_row_of_the_parquet_file_with_the_same_cost(shop: Shop) -> None:
    found = shop.json("explain", "INV-001001", "1", "--rows", "1")
    (row,) = found["vendor_rows"]
    assert (row["file_name"], row["row_number_in_file"]) == ("billing_period=2024-09/part-0001.parquet", 745)
    landed = shop.home / "landing" / "aws" / SEPTEMBER / row["delivery_id"] / "files" / row["file_name"]
    cost = duckdb.sql(
        f"select BilledCost from read_parquet('{landed}', hive_partitioning = false) limit 1 offset 744"
    ).fetchone()
    assert cost == (Decimal("0.13986720"),)
    assert Decimal(row["billed_cost"]) == Decimal("0.13986720")
    assert found["rule"][0]["rule_id"] == "STD-AWS"


def test_a_line_is_explained_down_to_the_row_of_the_csv_file_with_the_same_cost(shop: Shop) -> None:
    found = shop.json("explain", "INV-001006", "1")
    (row,) = found["vendor_rows"]
    assert (row["file_name"], row["row_number_in_file"]) == ("2024-09/charges.csv", 3)
    landed = shop.home / "landing" / "outsider" / SEPTEMBER / row["delivery_id"] / "files" / row["file_name"]
    with landed.open(encoding="utf-8", newline="") as handle:
        assert list(csv.DictReader(handle))[2]["BilledCost"] == "300.30"
    assert Decimal(row["billed_cost"]) == Decimal("300.30")
    assert found["line"][0]["amount"] == "330.3300"


def test_every_issued_line_can_be_explained_and_its_charges_sum_to_its_exact_amount(shop: Shop) -> None:
    assert (
        shop.rows(
            """
            with charged as (
                select document_number, line_id, sum(amount_before_discount) as amount
                from ledger.rated_charge where line_id is not null group by all
            )
            from ledger.document_line left join charged using (document_number, line_id)
            where line_type not in ('discount', 'cap', 'true_up')
                and (line_type <> 'adjustment' or source is not null)
                and charged.amount is distinct from exact_amount
            """
        )
        == []
    )


def test_explain_shows_a_draft_and_a_document_as_text(shop: Shop) -> None:
    assert "29 charges without a price" in shop.done("explain", f"muehlenbach@{SEPTEMBER}")
    assert "Season offer for maps" in shop.done("explain", "INV-001001")
    assert "There is no document" in shop.answer("explain", "INV-009999").stderr
    assert shop.answer("explain", "INV-009999").exit_code == 2


def test_amounts_for_machines_are_plain_decimals(shop: Shop) -> None:
    assert "0E-12" not in shop.done("explain", "INV-001001", "1", "--json")


def test_status_names_finality_unpriced_and_unallocated_money(shop: Shop) -> None:
    status = shop.json("status")
    assert {s["source"]: s["not_final"] for s in status["sources"]} == {
        "aws": None,
        "aws_payer": None,
        "azure": None,
        "focus_sample": "2024-10",
        "gcp": None,
        "google": None,
        "microsoft": None,
        "outsider": None,
        "partner_center": None,
    }
    assert [(u["account_name"], u["cost"], u["currency"]) for u in status["unallocated"]] == [
        ("poc-spring-2024", "162.358861800000", "USD")
    ]
    assert [(u["customer_id"], u["service"], u["cost"]) for u in status["unpriced"]] == [
        ("muehlenbach", "Azure OpenAI Service", "109.510889000000")
    ]
    assert "Cost that no customer claims" in shop.done("status")


def test_check_names_file_line_and_column_and_ends_with_2(shop: Shop, tmp_path: Path) -> None:
    shutil.copytree(shop.root / "demo", tmp_path / "demo")
    contracts = tmp_path / "demo" / "config" / "contracts.csv"
    contracts.write_text(contracts.read_text("utf-8").replace("2022-03-01", "2022-03-32"), "utf-8")
    finished = subprocess.run(
        [sys.executable, "-m", "cspbill.cli", "check"],
        env={**Shop(tmp_path).environment, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 2
    assert finished.stderr.startswith("contracts.csv:2: valid_from: ")


def test_the_example_book_is_written_and_valid(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.done("init", str(shop.config))
    assert "Next: cspbill run" in shop.done("check")


def test_commands_on_wrong_input_say_so_and_end_with_2(shop: Shop) -> None:
    assert shop.answer("issue", "--period", "2024-13").exit_code == 2
    assert shop.answer("issue", "--period", SEPTEMBER, "--force").exit_code == 2
    assert shop.answer("issue", "--period", SEPTEMBER, "--customer", "nobody").exit_code == 2
    assert shop.answer("extract", "nowhere").exit_code == 2
    assert shop.answer("void", "INV-009999", "--reason", "x").exit_code == 2


def test_issuing_posts_every_document_in_a_journal_that_bean_check_accepts(shop: Shop) -> None:
    """What the accountant imports is what was invoiced, to the cent, and adds up by an independent tool."""
    journals = sorted((shop.home / "published" / "accounting").glob("*/journal.csv"))
    with journals[-1].open(encoding="utf-8", newline="") as handle:
        postings = list(csv.DictReader(handle))
    owed: dict[str, Decimal] = {}
    for row in postings:
        if row["posting_type"] == "receivable" and row["entry_type"] in {"invoice", "credit_note"}:
            owed[row["document_number"]] = Decimal(row["debit"]) - Decimal(row["credit"])
    payable = shop.rows(
        "select document_number, payable_amount from ledger.document where payable_amount <> 0"
    )
    assert owed == dict(payable)

    accounts = {
        row["account"] for row in postings if row["posting_type"] == "revenue" and row["vendor"] == "AWS"
    }
    assert accounts == {"8410"}
    assert {row["currency"] for row in postings if row["posting_type"] == "cost"} >= {"EUR", "USD"}
    for journal in journals:
        check = Path(sys.executable).parent / "bean-check"
        accepted = subprocess.run(
            [check, journal.with_suffix(".beancount")], capture_output=True, text=True, check=False
        )
        assert (accepted.returncode, accepted.stderr) == (0, "")
