"""`cspbill reprice` and `cspbill quote`, as a user types them; the world is built in `what_if_stories.py`."""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import what_if_stories
from click.testing import CliRunner
from compiled import Memory, Project
from harness import OCTOBER, Warehouse, World

from cspbill.cli import main

DAYS = range(1, 32)


@dataclass(frozen=True)
class Desk:
    """The command line over a rated warehouse."""

    built: Warehouse

    @property
    def home(self) -> Path:
        return self.built.settings.home

    @property
    def environment(self) -> dict[str, str]:
        settings = self.built.settings
        return {
            "CSPBILL_HOME": str(settings.home),
            "CSPBILL_CONFIG": str(settings.config),
            "CSPBILL_TODAY": str(settings.today),
        }

    def run(self, *arguments: str, status: int = 0) -> str:
        result = CliRunner().invoke(main, arguments, env=self.environment)
        assert result.exit_code == status, f"{result.output}\n{result.exception!r}"
        return result.output

    def reprice(self, period: str, config: Path, *options: str) -> dict[str, Any]:
        text = self.run("reprice", "--period", period, "--config", str(config), "--json", *options)
        return json.loads(text, parse_float=Decimal)

    def quote(
        self,
        customer: str,
        sku: str,
        quantity: str,
        *options: str,
        start: str = "2024-10-01",
        status: int = 0,
    ) -> dict[str, Any]:
        order = ("--customer", customer, "--sku", sku, "--quantity", quantity, "--from", start)
        return json.loads(self.run("quote", *order, *options, "--json", status=status))

    def other_book(self, folder: Path, **edits: tuple[str, str]) -> Path:
        """A copy of the book with one text replaced by another in each named file."""
        shutil.copytree(self.built.settings.config, folder)
        for table, (old, new) in edits.items():
            path = folder / f"{table}.csv"
            text = path.read_text("utf-8")
            assert old in text
            path.write_text(text.replace(old, new), "utf-8")
        return folder


@pytest.fixture(scope="session")
def desk(build_once: Callable[[str, Callable[[Warehouse], None]], Warehouse]) -> Desk:
    """Every story rated in one build, one September invoice issued."""

    def run(built: Warehouse) -> None:
        world = World()
        what_if_stories.tell(world)
        built.rate(world)
        built.issue("INV-000001", "invoiced")

    return Desk(build_once("what-if", run))


def money(found: dict[str, Any], *names: str) -> tuple[Decimal, ...]:
    return tuple(Decimal(found[name]) for name in names)


def totals(offer: dict[str, Any]) -> tuple[Decimal, ...]:
    return money(offer, "amount_before_discount", "net_amount", "tax_amount", "gross_amount")


# --- reprice ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("period", ["2024-08", "2024-09", "2024-10"])
def test_the_same_book_makes_no_difference_issued_months_and_commitments_included(desk: Desk, period: str):
    found = desk.reprice(period, desk.built.settings.config)
    assert found["changed_lines"] == 0
    assert found["lines"] > 10
    assert found["blocked"] == []
    assert [
        row
        for row in found["customers"]
        if Decimal(row["margin_difference"]) or Decimal(row["cost"]) != Decimal(row["cost_after"])
    ] == []


def test_a_raised_price_shows_revenue_and_margin_before_and_after_also_of_an_issued_invoice(
    desk: Desk, tmp_path: Path
):
    book = desk.other_book(tmp_path / "raised", price_rules=("0.10", "0.12"))
    found = desk.reprice("2024-09", book)
    changed = {row["customer_id"]: row for row in found["customers"] if Decimal(row["revenue_difference"])}
    assert sorted(changed) == ["invoiced", "plain", "promoted", "quarterly"]
    columns = (
        "revenue",
        "revenue_after",
        "cost",
        "cost_after",
        "margin",
        "margin_after",
        "margin_difference",
    )
    assert changed["invoiced"]["document"] == "INV-000001"
    assert money(changed["invoiced"], *columns) == tuple(map(Decimal, ("10", "12", "8", "8", "2", "4", "2")))
    # 10 % promotion: 9.00 becomes 10.80.
    assert money(changed["promoted"], *columns) == tuple(
        map(Decimal, ("9", "10.8", "8", "8", "1", "2.8", "1.8"))
    )
    before, after = found["totals"]["before"], found["totals"]["after"]
    assert before["currency"] == "EUR"
    assert Decimal(after["revenue"]) - Decimal(before["revenue"]) == Decimal("7.80")
    assert Decimal(after["cost"]) == Decimal(before["cost"])


def test_every_changed_line_is_in_the_csv_file_that_is_named(desk: Desk, tmp_path: Path):
    book = desk.other_book(tmp_path / "dearer", price_rules=("0.10", "0.12"))
    found = desk.reprice("2024-09", book, "--customer", "promoted")
    with Path(found["file"]).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    shown = ("change", "line_type", "amount", "amount_after", "difference")
    assert [tuple(row[name] for name in shown) for row in rows] == [
        ("changed", "usage", "10", "12", "2"),
        ("changed", "discount", "-1", "-1.2", "-0.2"),
    ]  # fmt: skip
    assert [row["customer_id"] for row in found["customers"]] == ["promoted"]
    assert (found["changed_lines"], found["lines"]) == (2, 2)
    text = desk.run("reprice", "--period", "2024-09", "--config", str(book), "--customer", "promoted")
    assert f"2 of 2 lines change; all of them: {found['file']}" in text


def test_a_line_that_another_model_prices_is_a_change_of_that_line(desk: Desk, tmp_path: Path):
    book = desk.other_book(
        tmp_path / "flat", price_rules=("unit_price,,,,0.10,Hours,vm-small", "flat,,,,25,,vm-small")
    )
    found = desk.reprice("2024-09", book, "--customer", "plain")
    (line,) = found["largest"]
    assert (line["change"], *money(line, "amount", "amount_after")) == ("changed", Decimal(10), Decimal(25))


def test_a_book_without_the_rule_names_the_customers_that_would_be_blocked_and_why(
    desk: Desk, tmp_path: Path
):
    book = desk.other_book(tmp_path / "lacking", price_rules=("vm-small", "vm-large"))
    found = desk.reprice("2024-09", book)
    reasons = {row["customer_id"]: row["blocked_reason"] for row in found["blocked"]}
    assert reasons == dict.fromkeys(
        ("invoiced", "plain", "promoted", "quarterly"), "1 charges without a price (no price rule matches)"
    )
    costs = {row["customer_id"]: money(row, "cost", "cost_after") for row in found["unpriced"]}
    assert costs["plain"] == (0, 8)


def test_a_book_with_an_error_is_refused_as_check_refuses_it(desk: Desk, tmp_path: Path):
    book = desk.other_book(tmp_path / "broken", price_rules=("0.10", "cheap"))
    said = desk.run("reprice", "--period", "2024-09", "--config", str(book), status=2)
    checked = CliRunner().invoke(main, ["check"], env={**desk.environment, "CSPBILL_CONFIG": str(book)})
    assert checked.exit_code == 2
    assert said == checked.output
    assert "price_rules.csv:4: unit_price: 'cheap'" in said


def test_a_period_without_charges_and_an_unknown_customer_are_named(desk: Desk):
    config = str(desk.built.settings.config)
    said = desk.run("reprice", "--period", "2023-01", "--config", config, status=2)
    assert said.startswith("Nothing has been rated for 2023-01; there is ")
    said = desk.run("reprice", "--period", "2024-09", "--config", config, "--customer", "plian", status=2)
    assert said == "No customer is called 'plian' (did you mean 'plain'?).\n"


# --- quote --------------------------------------------------------------------------------------------------------


def test_a_unit_price_is_quoted_for_the_days_that_are_left_and_for_a_month(desk: Desk):
    found = desk.quote("plain", "vm-small", "310", start="2024-10-17")
    assert (found["days"], found["days_in_month"]) == (15, 31)
    assert totals(found["first_period"]) == tuple(map(Decimal, ("15", "15", "2.85", "17.85")))
    assert totals(found["month"]) == tuple(map(Decimal, ("31", "31", "5.89", "36.89")))
    assert money(found["first_period"], "quantity", "unit_price", "list_amount") == (150, Decimal("0.1"), 18)
    assert found["first_period"]["rules"][0]["rule_id"] == "vm"


def test_a_quote_ends_with_the_last_day_of_use(desk: Desk):
    found = desk.quote("plain", "vm-small", "310", "--until", "2024-10-20", start="2024-10-17")
    assert totals(found["first_period"])[1] == Decimal("3.00")
    assert totals(found["month"])[1] == Decimal("31.00")


def test_the_customers_view_never_shows_cost_and_the_internal_one_does(desk: Desk):
    shown = desk.run("quote", "--customer", "plain", "--sku", "vm-small", "--quantity", "310")
    assert "cost" not in shown.lower()
    assert "margin" not in shown.lower()
    found = desk.quote("plain", "vm-small", "310")
    assert not {"cost", "margin"} & {*found, *found["first_period"], *found["month"]}
    internal = desk.quote("plain", "vm-small", "310", "--internal")["month"]
    assert money(internal, "cost", "margin") == (Decimal("24.8"), Decimal("6.2"))


def test_tiers_already_used_count(desk: Desk):
    """80 of 100 units of the dear tier are used: 20 × 0.20 + 30 × 0.10."""
    found = desk.quote("tiered", "gigabyte", "50")["first_period"]
    assert totals(found) == tuple(map(Decimal, ("7", "7", "1.33", "8.33")))
    assert found["details"] == ["tiers: 100 × 0.2 + 30 × 0.1"]


def test_a_cheaper_tier_for_the_whole_period_is_said(desk: Desk):
    """120 calls at 0.50 are cheaper than 80 at 1.00."""
    found = desk.quote("bulk", "call", "40")
    assert totals(found["first_period"]) == tuple(map(Decimal, ("-20", "-20", "-3.8", "-23.8")))
    assert (
        "-40.00 EUR of it is on what is used already: the price of the whole period changes."
        in found["assumed"]
    )


def test_a_bundle_that_the_service_completes_is_earned_on_both(desk: Desk):
    """100 less its own 50 % and 41.00 of storage, then 10 % on both: 9.10."""
    found = desk.quote("bundled", "gigabyte", "310")["first_period"]
    assert totals(found) == tuple(map(Decimal, ("41", "31.9", "6.06", "37.96")))
    assert [
        (line["discount_id"], line["newly_earned"], Decimal(line["amount"])) for line in found["discounts"]
    ] == [("bundled-bundle", True, Decimal("-9.1"))]


def test_a_promotion_that_is_over_is_not_promised_again(desk: Desk):
    found = desk.quote("promoted", "vm-small", "310")["first_period"]
    assert (found["discounts"], totals(found)[1]) == ([], Decimal(31))


def test_what_a_minimum_commitment_covers_costs_nothing_more(desk: Desk):
    found = desk.quote("committed", "vm-small", "310", "--vendor", "AWS")["first_period"]
    assert [(line["line_type"], Decimal(line["amount"])) for line in found["commitments"]] == [
        ("true_up", Decimal("-24.8"))
    ]
    assert totals(found) == (Decimal("24.8"), 0, 0, 0)


def test_a_foreign_price_book_and_a_foreign_vendor_are_converted_at_the_rate_that_is_named(desk: Desk):
    from_book = desk.quote("dollar-book", "vm-small", "310")["first_period"]
    assert totals(from_book) == tuple(map(Decimal, ("49.6", "49.6", "9.42", "59.02")))
    assert [
        (r["from_currency"], r["to_currency"], Decimal(r["rate"]), r["date"]) for r in from_book["rates"]
    ] == [("USD", "EUR", Decimal("0.8"), "2024-09-30")]
    from_vendor = desk.quote("plain", "gpu", "310", "--internal")["first_period"]
    assert money(from_vendor, "net_amount", "list_amount", "cost") == (Decimal("595.2"), 620, 496)
    in_dollars = desk.quote("american", "vm-small", "310")["first_period"]
    assert (in_dollars["currency"], totals(in_dollars), in_dollars["rates"]) == ("USD", (62, 62, 0, 62), [])


def test_a_start_next_month_takes_todays_rates_and_says_so(desk: Desk):
    found = desk.quote("plain", "gpu", "300", start="2024-11-01")
    assert totals(found["first_period"])[1] == Decimal("576.00")
    assert found["first_period"]["rates"][0]["date"] == "2024-09-30"
    assert (
        "Exchange rates are the newest ones: those that will count are not published yet." in found["assumed"]
    )


def test_tax_follows_the_customers_country(desk: Desk):
    found = desk.quote("austrian", "vm-small", "310")["first_period"]
    assert found["taxes"] == [{"tax_code": "AE", "tax_rate": "0.000000"}]
    assert totals(found) == (31, 31, 0, 31)


@pytest.mark.parametrize(
    ("customer", "why"),
    [
        ("untaxed", "no tax rate for category standard"),
        ("swiss", "no exchange rate EUR to CHF for 2024-10-01"),
        ("unpriced", "no price rule matches"),
        ("uncontracted", "no contract on this day"),
    ],
)
def test_what_could_not_be_billed_says_why(desk: Desk, customer: str, why: str):
    assert desk.quote(customer, "vm-small", "310", status=1)["blocked"] == [why]


@pytest.mark.parametrize(
    ("sku", "options", "said"),
    [
        ("vm-smal", (), "No SKU is called 'vm-smal' (did you mean 'vm-small'?); allowed: "),
        (
            "regional",
            (),
            "  vendor AWS, service GPU, region eu, unit Hours\n  vendor AWS, service GPU, region us",
        ),
        ("regional", ("--region", "asia"), "SKU 'regional' is not known like that; allowed:\n  vendor AWS"),
        ("suite", (), "  vendor AWS, service GPU, unit Licenses P1M Monthly\n"),
        ("nameless", (), "price_list.csv names no service for SKU 'nameless': say which with --service."),
        ("past", (), "price_list.csv has no price of SKU 'past' on that day; it has others on line 4."),
        ("vm-small", ("--until", "2024-09-01"), "--until 2024-09-01 is not after --from"),
        ("vm-small", ("--quantity", "0"), "'0' is not allowed; write a number above 0"),
    ],
)
def test_an_order_that_is_not_understood_names_what_is_allowed(desk: Desk, sku: str, options, said: str):
    order = ("--customer", "plain", "--sku", sku, "--quantity", "310", "--from", "2024-10-01")
    assert said in desk.run("quote", *order, *options, status=2)


def test_of_several_regions_the_named_one_is_quoted(desk: Desk):
    assert desk.quote("plain", "regional", "10", "--region", "EU")["region"] == "eu"
    assert totals(desk.quote("plain", "nameless", "10", "--service", "gpu")["first_period"])[1] == Decimal(
        "19.2"
    )


def test_a_licence_is_charged_whole_and_its_month_is_a_part_of_its_term(desk: Desk):
    found = desk.quote("plain", "suite", "10", "--unit", "Licenses P1Y Annual", start="2024-10-17")
    assert totals(found["first_period"])[1] == Decimal("19.20")
    assert totals(found["month"])[1] == Decimal("1.60")


@pytest.mark.parametrize(
    ("product", "period", "first", "month"),
    [
        ("care", "2024-10", "450.00", "930.00"),  # 15 of 31 days, then calendar months
        ("yearly-care", "2024-10", "3600.00", "300.00"),
        (
            "late-care",
            "2024-11",
            "90.00",
            "90.00",
        ),  # in arrears: on the invoice of the month in which a cycle ends
        ("setup", "2024-10", "1500.00", None),
    ],
)
def test_own_products_are_quoted_by_their_cycle(
    desk: Desk, product: str, period: str, first: str, month: str | None
):
    found = desk.quote("plain", product, "3", start="2024-10-17")
    assert (found["period"], totals(found["first_period"])[1]) == (period, Decimal(first))
    assert (totals(found["month"])[1] if found["month"] else None) == (Decimal(month) if month else None)


def test_a_quote_for_an_invoiced_month_says_that_it_would_come_later(desk: Desk):
    found = desk.quote("invoiced", "vm-small", "300", start="2024-09-01")
    assert totals(found["first_period"])[1] == Decimal(30)
    assert "2024-09 is invoiced already: it would come on a later invoice." in found["assumed"]


# --- both ---------------------------------------------------------------------------------------------------------

QUOTED = [
    ("plain", "vm-small", "Hours", "312.5", "0.08", "0.12"),
    ("tiered", "gigabyte", "GB-Mo", "77.7", "0.05", "0.05"),
    ("bulk", "call", "Calls", "41", "0.25", "0.25"),
    ("bundled", "gigabyte", "GB-Mo", "333.3", "0.05", "0.05"),
    ("promoted", "vm-small", "Hours", "100", "0.08", "0.08"),
    ("dollar-book", "vm-small", "Hours", "99.99", "0.08", "0.08"),
    ("committed", "vm-small", "Hours", "5000", "0.08", "0.08"),
    ("branch", "vm-small", "Hours", "55.55", "0.08", "0.08"),
    ("quarterly", "vm-small", "Hours", "70.72", "0.08", "0.08"),
]
DOCUMENTS = {"branch": ("group", OCTOBER), "quarterly": ("quarterly", dt.date(2024, 12, 1))}
BILLED = {
    "plain": ("31.25", "37.19"),
    "tiered": ("9.77", "11.63"),
    "bulk": ("-19.50", "-23.20"),
    "bundled": ("34.00", "40.46"),
    "promoted": ("10.00", "11.90"),
    "dollar-book": ("16.00", "19.04"),
    "committed": ("100.00", "119.00"),
    "branch": ("5.56", "6.62"),  # tax is rounded on the group's document: 2.96 less 1.90
    "quarterly": ("7.07", "8.42"),  # 17.077 less 10.005: 17.08 less 10.01
}


def test_a_quote_is_what_is_billed_once_the_charges_come(desk: Desk, project: Project):
    """The vendor delivers what was quoted, day by day; the draft grows by exactly the quote."""
    before, after = (Memory(project) for _ in range(2))
    for memory, arrives in ((before, False), (after, True)):
        world = World()
        what_if_stories.tell(world)
        if arrives:
            _deliver(world)
        memory.rate(world)
    for customer, sku, _, quantity, *_ in QUOTED:
        offer = desk.quote(customer, sku, quantity, "--vendor", "AWS")["first_period"]
        was, now = (_draft(memory, customer) for memory in (before, after))
        grown = tuple(now[name] - was[name] for name in ("net_amount", "gross_amount"))
        assert money(offer, "net_amount", "gross_amount") == grown == tuple(map(Decimal, BILLED[customer])), (
            customer
        )


def _draft(memory: Memory, customer: str) -> dict[str, Any]:
    payer, period = DOCUMENTS.get(customer, (customer, OCTOBER))
    found = memory.rows(
        "select * from marts.fct_invoice where customer_id = ? and billing_period = ?", payer, period
    )
    return found[0] if found else {"net_amount": Decimal(0), "gross_amount": Decimal(0)}


def _deliver(world: World) -> None:
    """Each day the 31st part of the quantity, at the vendor's known prices."""
    for customer, sku, unit, quantity, cost, listed in QUOTED:
        for day in DAYS:
            part = _until(quantity, day) - _until(quantity, day - 1)
            costs = [str(round(part * Decimal(price), 12)) for price in (cost, listed)]
            columns = {"PricingUnit": unit, "ResourceId": "new", "ListCost": costs[1]}
            what_if_stories.use(world, customer, sku, str(part), costs[0], day=f"2024-10-{day:02}", **columns)


def _until(quantity: str, day: int) -> Decimal:
    return round(Decimal(quantity) * day / 31, 12)


def test_the_warehouse_stays_as_it_is_to_the_byte(desk: Desk):
    def digests() -> dict[str, str]:
        files = sorted(desk.home.glob("warehouse.duckdb*"))
        return {path.name: sha256(path.read_bytes()).hexdigest() for path in files}

    desk.quote("plain", "vm-small", "1")  # compiles the models, where nobody did before
    was = digests()
    assert "warehouse.duckdb" in was
    desk.reprice("2024-09", desk.built.settings.config)
    desk.quote("bundled", "gigabyte", "310")
    desk.quote("plain", "care", "3")
    assert digests() == was
    assert not list((desk.home / "scratch").iterdir())


def test_what_a_killed_quote_leaves_is_gone_after_the_next(desk: Desk):
    order = ("quote", "--customer", "plain", "--sku", "vm-small", "--quantity", "1")
    killed = subprocess.Popen(
        [sys.executable, "-m", "cspbill.cli", *order],
        env={**os.environ, **desk.environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    scratch = desk.home / "scratch"
    while not list(scratch.glob("*/warehouse.duckdb")):
        assert killed.poll() is None, "it ended before it could be killed"
        time.sleep(0.005)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert list(scratch.iterdir())
    desk.run(*order)
    assert not list(scratch.iterdir())


def test_without_a_rated_warehouse_it_says_what_to_run(desk: Desk, tmp_path: Path):
    nowhere = {**desk.environment, "CSPBILL_HOME": str(tmp_path / "nowhere")}
    for command in (
        ["reprice", "--period", "2024-09", "--config", str(desk.built.settings.config)],
        ["quote", "--customer", "plain", "--sku", "vm-small", "--quantity", "1"],
    ):
        result = CliRunner().invoke(main, command, env=nowhere)
        assert (result.exit_code, result.output) == (1, "Nothing has been rated yet. Run: cspbill run\n")
