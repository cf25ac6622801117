"""The customers' FOCUS files: what is written, when it is written again, and what is in none of them."""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from invoice_warehouse import Draft, Warehouse

from cspbill import warehouse
from cspbill.compiled import Model, read_models
from cspbill.settings import Settings
from invoices.customer_files import CustomerFilesResult, publish_customer_files
from invoices.drafts import publish_drafts
from invoices.issue import issue
from invoices.void import void

SEPTEMBER = dt.date(2024, 9, 1)
POISON = Decimal("31337.31337")


@pytest.fixture(scope="module")
def models(compiled_manifest: Callable[[], Path]) -> tuple[Model, ...]:
    """The models of the customers' files as dbt compiles them."""
    manifest = json.loads(compiled_manifest().read_text("utf-8"))
    return read_models(manifest, lambda node: "customer_files" in node["fqn"])


@pytest.fixture
def focus(shop: Warehouse, models: tuple[Model, ...]) -> Warehouse:
    with warehouse.connect(shop.settings) as connection:
        for model in models:
            connection.execute(model.statements()[0])
    return shop


def publish(settings: Settings) -> CustomerFilesResult:
    """Drafts first, as a run does: their JSON tells whether a customer's files are up to date."""
    publish_drafts(settings, [SEPTEMBER])
    return publish_customer_files(settings)


def read(settings: Settings, customer: str, folder: str = "") -> list[dict[str, str]]:
    path = settings.published / "focus" / "2024-09" / folder / f"{customer}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def contents(settings: Settings) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in sorted((settings.published / "focus").rglob("*.csv"))}


def total(rows: list[dict[str, str]]) -> Decimal:
    return sum((Decimal(row["BilledCost"]) for row in rows), Decimal(0))


def month(focus: Warehouse, customer: str = "a", **over: object) -> Draft:
    """100.005 less 10 % of it in a line below, and an adjustment."""
    draft = focus.customer(customer, **over)
    draft.discount(draft.usage("100.005", sku="D4s"), "10")
    draft.plain("-5", description="Goodwill")
    focus.write(draft)
    return draft


def test_an_issued_month_sums_to_its_invoice_and_names_the_reseller_as_issuer(
    focus: Warehouse, settings: Settings
) -> None:
    """Cost tools match the file with the invoice by these columns."""
    month(focus)
    issue(settings, SEPTEMBER)
    publish_customer_files(settings)

    rows = read(settings, "a")
    names = (
        "BilledCost",
        "ListCost",
        "ContractedCost",
        "ChargeCategory",
        "ChargeDescription",
        "ProviderName",
    )
    assert [tuple(row[name] for name in names) for row in rows] == [
        ("45.00775", "50.0025", "45.00225", "Usage", "D4s v5", "Microsoft"),
        ("45.00225", "50.0025", "45.00225", "Usage", "D4s v5", "Microsoft"),
        ("-5", "-5", "-5", "Adjustment", "Goodwill", "Nordlicht Cloud GmbH"),
        ("16.15", "16.15", "16.15", "Tax", "Tax S 19 %", "Nordlicht Cloud GmbH"),
    ]
    ((gross,),) = focus.query("select gross_amount from ledger.document")
    assert total(rows) == gross
    assert {(row["InvoiceId"], row["InvoiceIssuerName"], row["BillingAccountId"]) for row in rows} == {
        ("INV-000001", "Nordlicht Cloud GmbH", "a")
    }
    assert rows[0]["ChargePeriodStart"], rows[0]["BillingPeriodEnd"] == (
        "2024-09-01T00:00:00Z",
        "2024-10-01T00:00:00Z",
    )


def test_invoice_detail_has_every_printed_line_and_the_tax(focus: Warehouse, settings: Settings) -> None:
    """Accounting reconciles the invoice line by line with this file."""
    month(focus)
    issue(settings, SEPTEMBER)
    publish_customer_files(settings)

    rows = read(settings, "a", "invoice-detail")
    names = (
        "InvoiceDetailId",
        "ChargeCategory",
        "BilledCost",
        "InvoiceIssueStatus",
        "PaymentTerms",
        "PaymentDueDate",
    )
    assert [tuple(row[name] for name in names) for row in rows] == [
        ("INV-000001/1", "Usage", "100.01", "Issued", "Net 30", "2024-11-04T00:00:00Z"),
        ("INV-000001/2", "Adjustment", "-10", "Issued", "Net 30", "2024-11-04T00:00:00Z"),
        ("INV-000001/3", "Adjustment", "-5", "Issued", "Net 30", "2024-11-04T00:00:00Z"),
        ("INV-000001/S-19", "Tax", "16.15", "Issued", "Net 30", "2024-11-04T00:00:00Z"),
    ]
    assert json.loads(rows[0]["InvoiceDetailGrain"])["SkuId"] == "D4s"


def test_a_billing_period_is_open_until_its_invoice_is_issued_and_again_once_that_is_void(
    focus: Warehouse, settings: Settings
) -> None:
    """Whoever closes books by the file must not take a draft for the last word."""
    month(focus)
    publish(settings)
    status = [read(settings, "a", "billing-period")[0]["BillingPeriodStatus"]]
    issue(settings, SEPTEMBER)
    publish_customer_files(settings)
    status.append(read(settings, "a", "billing-period")[0]["BillingPeriodStatus"])
    void(settings, "INV-000001", "wrong price")
    publish(settings)
    status.append(read(settings, "a", "billing-period")[0]["BillingPeriodStatus"])

    assert status == ["Open", "Closed", "Open"]


def test_a_void_takes_back_charge_by_charge_and_the_new_draft_stands_beside_it(
    focus: Warehouse, settings: Settings
) -> None:
    """Cost by resource would stay doubled if only the sum were taken back."""
    month(focus)
    issue(settings, SEPTEMBER)
    void(settings, "INV-000001", "wrong price")
    publish(settings)

    rows = read(settings, "a")
    by_document = {
        number: [row for row in rows if row["InvoiceId"] == number] for number in ("INV-000001", "CN-000001")
    }
    invoiced, credited = (
        [(row["ResourceId"], row["ChargePeriodStart"], Decimal(row["BilledCost"])) for row in found]
        for found in by_document.values()
    )
    assert [(resource, day, -cost) for resource, day, cost in credited] == invoiced
    assert {row["ChargeClass"] for row in by_document["CN-000001"]} == {"Correction"}
    assert {row["x_ReferenceInvoiceId"] for row in by_document["CN-000001"]} == {"INV-000001"}
    assert {row["x_InvoiceIssueStatus"] for row in by_document["INV-000001"]} == {"Voided"}
    assert total([row for row in rows if row["InvoiceId"] == "DRAFT-2024-09"]) == Decimal("101.16")


def test_only_what_changed_is_written_again(focus: Warehouse, settings: Settings) -> None:
    """Thousands of customers' files are not worth a rewrite for one customer's late row."""
    one, two = month(focus, "a"), month(focus, "b")
    focus.write(one, two)
    assert publish(settings) == CustomerFilesResult(count=2, written=2)
    before = contents(settings)
    assert publish(settings) == CustomerFilesResult(count=2, written=0)

    two.charges[0]["region"] = "northeurope"
    focus.write(one, two)
    assert publish(settings) == CustomerFilesResult(count=2, written=1)
    after = contents(settings)
    changed = [path.relative_to(settings.published) for path in after if after[path] != before[path]]
    assert changed == [Path("focus/2024-09/b.csv")]


def test_a_run_that_was_killed_while_writing_is_made_good_by_the_next(
    focus: Warehouse, settings: Settings
) -> None:
    """A file that went missing, or an index that was not written, may not stay that way."""
    month(focus)
    publish(settings)
    before = contents(settings)
    (settings.published / "focus/2024-09/invoice-detail/a.csv").unlink()
    (settings.published / "focus/2024-09/a.csv").write_text("half a fi")
    (settings.published / "focus/2024-09/.index.json").unlink()

    assert publish_customer_files(settings).written == 1
    assert contents(settings) == before


def test_files_of_a_customer_without_document_or_draft_go(focus: Warehouse, settings: Settings) -> None:
    """A mapping was wrong: the cost of somebody else may not lie there for good."""
    month(focus)
    publish(settings)
    focus.write()

    assert publish(settings) == CustomerFilesResult(count=0, written=0)
    assert contents(settings) == {}


def test_nothing_of_the_resellers_cost_is_in_any_file(focus: Warehouse, settings: Settings) -> None:
    """One figure of cost, and the customer knows the margin."""
    draft = focus.customer("a")
    draft.usage("100", cost=POISON)
    draft.plain("-5", cost=POISON)
    amounts = (
        "list_cost",
        "contracted_cost",
        "billed_cost",
        "effective_cost",
        "partner_credit",
        "cost",
        "list_amount",
    )
    words = (
        "commitment_discount_id",
        "commitment_discount_status",
        "pricing_category",
        "delivery_id",
        "rule_id",
    )
    for charge in draft.charges:
        charge.update(dict.fromkeys((*amounts, "fx_rate"), POISON), **dict.fromkeys(words, str(POISON)))
    focus.write(draft)
    publish(settings)
    drafted = contents(settings)
    issue(settings, SEPTEMBER)
    publish_customer_files(settings)

    issued = contents(settings)
    usage = settings.published / "invoices/2024-09/a/INV-000001-usage.csv"
    assert len(drafted) == len(issued) == 3
    for content in (*drafted.values(), *issued.values(), usage.read_bytes()):
        assert b"31337" not in content


def test_text_that_a_spreadsheet_would_run_is_quoted(focus: Warehouse, settings: Settings) -> None:
    """Customers open the file in a spreadsheet; names of resources are anybody's to choose."""
    draft = focus.customer("a", legal_name="=cmd()")
    draft.usage("10", days=3, service="Fine service")
    for charge, name in zip(draft.charges, ("@SUM(A1)", "a\tb", "plain | -2"), strict=True):
        charge["resource_name"] = name
    focus.write(draft)
    publish(settings)

    rows = read(settings, "a")
    assert [row["ResourceName"] for row in rows[:3]] == ["'@SUM(A1)", "a b", "plain | -2"]
    assert {row["BillingAccountName"] for row in rows} == {"'=cmd()"}


def test_a_parents_file_tells_whose_charges_they_are(focus: Warehouse, settings: Settings) -> None:
    """A group that pays one invoice charges its companies on by this column."""
    draft = focus.customer("parent")
    focus.customer("child")
    draft.usage("10", used_by_customer_id="child", line_id="child-1")
    draft.usage("20.005")
    focus.write(draft)
    publish(settings)

    rows = read(settings, "parent")
    billed = {
        user: total(
            [row for row in rows if row["x_UsedByCustomerId"] == user and row["ChargeCategory"] == "Usage"]
        )
        for user in ("child", "parent")
    }
    assert billed == {"child": Decimal(10), "parent": Decimal("20.01")}


def test_an_invoice_in_yen_has_no_decimals_to_lose(focus: Warehouse, settings: Settings) -> None:
    """Half a yen that rounding took is taken from the rows as well."""
    draft = focus.customer("a", currency="JPY", locale="ja_JP")
    draft.usage("1000.4", days=3)
    focus.write(draft)
    publish(settings)

    usage = [row for row in read(settings, "a") if row["ChargeCategory"] == "Usage"]
    assert total(usage) == Decimal(1000)
    assert [row["BilledCost"] for row in usage] == [
        "333.066666666667",
        "333.466666666667",
        "333.466666666666",
    ]
