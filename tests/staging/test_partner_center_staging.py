"""Partner Center's files as charges: reconciliation is the money, daily usage the detail, and the sum the invoice."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from emulators.partner_center_files import (
    as_json_lines,
    as_portal_csv,
    daily,
    days,
    effective_price,
    invoiced,
    licence,
    licence_subtotal,
    line,
    total,
    usage_line,
    usage_subtotal,
)

import extractors
from cspbill import warehouse
from cspbill.book import Source
from cspbill.settings import Settings

SAMPLES = Path(__file__).resolve().parents[1] / "data" / "microsoft-partner"
VM = "Virtual Machines - D2 v3/D2s v3"
Row = dict[str, Any]


class Staged:
    """Downloaded files of several sources, loaded and staged together."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = Settings(folder / "var", folder / "config", dt.date(2024, 10, 20))
        self.sources: list[Source] = []

    def put(self, source: str, name: str, content: str) -> None:
        path = self.folder / source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")

    def month(
        self, source: str, lines: Sequence[Row], usage: Sequence[Row] = (), *, unbilled: bool = False
    ) -> None:
        """Files of September, in scope EUR."""
        if lines:
            self.put(source, "EUR/2024-09/reconciliation/lines.json", as_json_lines(lines))
        if usage:
            place = "daily-usage/unbilled" if unbilled else "daily-usage"
            self.put(source, f"EUR/2024-09/{place}/usage.json", as_json_lines(usage))

    def build(self, stage: Callable[[Settings], None]) -> None:
        for folder in sorted(path for path in self.folder.iterdir() if path.name not in {"var", "config"}):
            options = {"path": str(folder)}
            source = Source(folder.name, "partner_center", "Microsoft", Decimal(0), (), options)
            result = extractors.extract(self.settings, source)
            assert result.problems == (), folder.name
            extractors.load(self.settings, source)
        stage(self.settings)

    def query(self, sql: str, *values: Any) -> list[tuple]:
        with warehouse.connect(self.settings) as connection:
            return connection.execute(sql, list(values)).fetchall()

    def charges(self, source: str, columns: str, rest: str = "") -> list[tuple]:
        return self.query(
            f"select {columns} from staging.stg_partner_center__charges where source = ? {rest}", source
        )

    def sums(self, source: str) -> list[tuple]:
        """Rows and Σ billed by category."""
        return self.charges(
            source, "charge_category, count(*), sum(billed_cost)", "group by all order by charge_category"
        )


def euros(text: str) -> Decimal:
    return Decimal(text)


def machine(days_: Sequence[str], **columns: Any) -> list[Row]:
    return [daily("fabrikam", "azure-1", day, "0.0958", "24", **columns) for day in days_]


LICENCES = [
    licence("fabrikam", "36.00", 5, TaxTotal=euros("34.20")),
    # Microsoft's example of a change after 2 of 30 days: 12 seats returned, 8 bought. The amounts are the printed
    # ones, which its own formula for licences (9.40 × seats) does not give.
    licence("tailspin", "10.08", -12, effective="9.408", ChargeType="removeQuantity",
            ChargeStartDate="2024-09-03T00:00:00Z", Subtotal=euros("-112.89")),
    licence("tailspin", "10.08", 8, effective="9.408", ChargeType="removeQuantity",
            ChargeStartDate="2024-09-03T00:00:00Z", Subtotal=euros("75.26")),
    # The documented sample with a promotion: 16 becomes 14.4.
    licence("contoso", "16", 50, effective="14.4", PromotionId="78bcf906", ProductId="CFQ7TTC0HL8W",
            ProductName="Power BI Premium Per User", SkuName="Power BI Premium Per User"),
    licence("contoso", "16", -50, effective="14.4", ChargeType="cancelImmediate",
            ChargeStartDate="2024-08-05T00:00:00Z", ChargeEndDate="2024-08-31T00:00:00Z"),
    licence("", "4.00", 1, ChargeType="renew"),
    line("fabrikam", ProductId="DZH318Z0RES1", ProductName="Reserved VM Instance, D2s v3, 1 Year",
         UnitPrice=euros("512.00"), EffectiveUnitPrice=euros("512.00"), Quantity=1, BillableQuantity=1,
         Subtotal=euros("512.00"), TermAndBillingCycle="1 Year", BillingFrequency="OneTime",
         ChargeEndDate="2025-08-31T00:00:00Z", ReservationOrderId="reservation-1"),
    line("fabrikam", UnitPrice=euros("-25"), EffectiveUnitPrice=euros("-25"), Quantity=1, BillableQuantity=1,
         Subtotal=euros("-25.00"), ChargeType="customerCredit", CreditReasonCode="Azure Credit Offer",
         BillingFrequency=""),
]  # fmt: skip


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory, stage: Callable[[Settings], None]) -> Staged:
    """One source per story, all staged in one run."""
    told = Staged(tmp_path_factory.mktemp("partner"))
    told.month("licences", invoiced("G01", LICENCES))

    # 30 days of 24 h at 0.0958, 15 % credited: each day is floored to 1.95, the month to 58.63.
    month = usage_line(
        "fabrikam", VM, "0.0958", "720", effective="0.081430555555556", TaxTotal=euros("11.13")
    )
    whole = machine(days(), PartnerEarnedCreditPercentage=15)
    told.month("explained", invoiced("G01", [month, *LICENCES[:1]]), invoiced("G01", whole))

    # The invoice comes with twelve days of daily usage: what is missing may not vanish.
    told.month("partial", invoiced("G01", [month]), invoiced("G01", whole[:12]))

    told.month("no-detail", invoiced("G01", [month]))

    # Daily rows of something that the invoice does not bill, and a credit under the same key.
    stray = [daily("wingtip", "azure-9", day, "1.00", "24") for day in days(count=3)]
    credit = usage_line("fabrikam", "", "-1.00", "10", ChargeType="customerCredit", Subtotal=euros("-10.00"))
    told.month("strays", invoiced("G01", [month, credit]), invoiced("G01", [*whole, *stray]))

    # An open month: the reconciliation has licences only, usage stands for itself.
    told.month("open", [licence("fabrikam", "36.00", 5, Total=euros("0"))], whole[:12], unbilled=True)

    # US dollars priced, euros billed; two Azure subscriptions; credit lost for half of the month.
    rate = {"PricingCurrency": "USD", "PCToBCExchangeRate": euros("0.846202666")}
    foreign = [
        *[
            daily("fabrikam", "azure-1", day, "1.00", "24", PartnerEarnedCreditPercentage=15, **rate)
            for day in days()[:15]
        ],
        *[daily("fabrikam", "azure-2", day, "1.00", "24", **rate) for day in days()[15:]],
    ]
    lines = [
        usage_line("fabrikam", VM, "1.00", "360", effective="0.85", **rate),
        usage_line("fabrikam", VM, "1.00", "360", **rate),
    ]
    told.month("foreign", invoiced("G01", lines), invoiced("G01", foreign))

    told.put("portal", "2024-09/reconciliation/recon.csv", as_portal_csv(invoiced("G01", [month, *LICENCES])))
    told.put("portal", "2024-09/daily-usage/usage.csv", as_portal_csv(invoiced("G01", whole)))

    sample(told, "samples-billed", billed=True)
    sample(told, "samples-open", billed=False)
    told.build(stage)
    return told


def sample(told: Staged, source: str, *, billed: bool) -> None:
    """Microsoft's documented examples, as they stand, by whether they carry an invoice number."""
    for kind, name in (
        ("reconciliation", "OneTimeInvoiceLineItem"),
        ("daily-usage" if billed else "daily-usage/unbilled", "DailyRatedUsageLineItem"),
    ):
        rows = [
            json.loads(text) for text in (SAMPLES / f"partner_center_v1_{name}.jsonl").open(encoding="utf-8")
        ]
        kept = [row for row in rows if bool(row["invoiceNumber"]) == billed]
        told.put(source, f"USD/2024-09/{kind}/sample.jsonl", "".join(json.dumps(row) + "\n" for row in kept))


SOURCES = (
    "licences", "explained", "partial", "no-detail", "strays", "foreign", "portal", "samples-billed",
)  # fmt: skip


@pytest.mark.parametrize("source", SOURCES)
def test_an_invoice_is_staged_to_the_last_digit_of_its_lines(staged: Staged, source: str):
    files = sorted((staged.folder / source).rglob("reconciliation/*"))
    with duckdb.connect() as reader:  # a second reader, none of our code
        read = (
            f"read_csv('{files[0]}', all_varchar = true)"
            if files[0].suffix == ".csv"
            else f"read_json('{files[0]}')"
        )
        ((expected,),) = reader.execute(
            f"select sum(cast(Subtotal as decimal(28, 12)) + cast(TaxTotal as decimal(28, 12))) from {read}"
        ).fetchall()
    assert staged.charges(source, "sum(billed_cost)") == [(expected,)]


def test_licence_lines_are_purchases_with_the_vendors_amounts(staged: Staged):
    assert staged.sums("licences") == [
        ("Credit", 1, euros("-25.00")),
        ("Purchase", 7, euros("658.37")),
        ("Tax", 1, euros("34.20")),
    ]
    assert total(LICENCES) == euros("667.57")


def test_a_reversed_and_rebilled_change_of_seats_stays_a_pair(staged: Staged):
    assert staged.charges(
        "licences",
        "quantity, billed_cost, list_cost, charge_period_start::date::varchar, charge_period_end::date::varchar, "
        "charge_frequency, unit",
        "and billing_account_id = 'tailspin' order by quantity",
    ) == [
        # List is 10.08 × 28 / 30 days.
        (-12, euros("-112.89"), euros("-112.896"), "2024-09-03", "2024-10-01", "Recurring", "Licenses"),
        (8, euros("75.26"), euros("75.264"), "2024-09-03", "2024-10-01", "Recurring", "Licenses"),
    ]


def test_a_promotion_lowers_what_is_billed_and_not_the_list_price(staged: Staged):
    assert staged.charges(
        "licences",
        "list_cost, contracted_cost, billed_cost, sku, charge_description",
        "and billing_account_id = 'contoso' and charge_class is null",
    ) == [
        (
            euros("800"), euros("720"), euros("720"), "CFQ7TTC0HL8W:0001",
            "Power BI Premium Per User, new, One-Year commitment for monthly/yearly billing, promotion 78bcf906",
        )
    ]  # fmt: skip


def test_a_refund_of_an_earlier_month_is_a_correction(staged: Staged):
    assert staged.charges(
        "licences", "charge_day::varchar, billed_cost, quantity", "and charge_class = 'Correction'"
    ) == [("2024-08-05", euros("-720"), -50)]


def test_a_customer_that_has_left_has_no_id_and_keeps_its_money(staged: Staged):
    assert staged.charges("licences", "billed_cost, sub_account_id", "and billing_account_id is null") == [
        (euros("4.00"), "sub-")
    ]


def test_a_reservation_is_a_committed_purchase_that_names_its_order(staged: Staged):
    assert staged.charges(
        "licences",
        "pricing_category, commitment_discount_id, commitment_discount_category, charge_frequency, effective_cost",
        "and commitment_discount_id is not null",
    ) == [("Committed", "reservation-1", "Usage", "One-Time", euros("512.00"))]


def test_daily_usage_stands_for_the_line_that_it_explains_and_rounding_is_one_row(staged: Staged):
    assert staged.sums("explained") == [
        ("Adjustment", 1, euros("0.13")),  # 58.63 on the invoice, 30 × 1.95 by day
        ("Purchase", 1, euros("180.00")),
        ("Tax", 2, euros("45.33")),
        ("Usage", 30, euros("58.50")),
    ]
    assert staged.charges(
        "explained",
        "charge_description, service, sub_account_id, row_number_in_file, file_name",
        "and charge_category = 'Adjustment'",
    ) == [
        (
            "Rounding of the invoice against daily usage", "Virtual Machines", "azure-1", 1,
            "reconciliation/lines.json",
        )
    ]  # fmt: skip


def test_daily_usage_belongs_to_its_azure_subscription_and_keeps_the_list_price(staged: Staged):
    assert staged.charges(
        "explained",
        "sub_account_id, billing_account_id, service, service_category, sku, quantity, unit, list_cost, "
        "contracted_cost, billed_cost, partner_credit, resource_name, resource_type, tags, vendor_invoice_id",
        "and charge_category = 'Usage' and charge_day = '2024-09-07'",
    ) == [
        (
            "azure-1", "fabrikam", "Virtual Machines", "Compute", "meter-d2", 24, "1 Hour",
            euros("2.2992"), euros("2.2992"), euros("1.95"), euros("0.34488"), "vm1",
            "Microsoft.Compute/virtualMachines", '{"env": "prod"}', "G01",
        )
    ]  # fmt: skip


def test_daily_usage_that_is_not_complete_is_left_out_and_the_line_stands(staged: Staged):
    assert staged.sums("partial") == [("Tax", 1, euros("11.13")), ("Usage", 1, euros("58.63"))]
    assert staged.charges(
        "partial",
        "charge_day::varchar, charge_period_end::date::varchar, service, quantity, partner_credit::decimal(9, 4)",
        "and charge_category = 'Usage'",
    ) == [("2024-09-01", "2024-10-01", "Virtual Machines", 720, euros("10.3464"))]  # fmt: skip
    assert staged.query(
        "select verdict, subtotal, daily_total, daily_rows from staging.stg_partner_center__usage_match "
        "join ops.delivery using (delivery_id) where source = 'partial'"
    ) == [("not explained", euros("58.63"), euros("23.40"), 12)]


def test_daily_usage_without_an_invoice_line_is_no_money_and_a_credit_is_its_own_row(staged: Staged):
    assert staged.sums("strays") == [
        ("Adjustment", 1, euros("0.13")),
        ("Credit", 1, euros("-10.00")),
        ("Tax", 1, euros("11.13")),
        ("Usage", 30, euros("58.50")),
    ]
    assert staged.charges("strays", "count(*)", "and billing_account_id = 'wingtip'") == [(0,)]


def test_usage_of_an_open_month_counts_although_its_reconciliation_has_licences_only(staged: Staged):
    assert staged.sums("open") == [("Purchase", 1, euros("180.00")), ("Usage", 12, euros("23.40"))]
    assert staged.query(
        "select json_extract_string(vendor_total_json, 'EUR') from ops.delivery where source = 'open'"
    ) == [("203.400000000000",)]


def test_two_lines_of_one_meter_with_and_without_credit_are_explained_together(staged: Staged):
    assert staged.sums("foreign") == [
        # 258.93 + 304.63 on the invoice; 15 × 17.26 and 15 × 20.30 by day.
        ("Adjustment", 1, euros("0.16")),
        ("Usage", 30, euros("563.40")),
    ]
    assert staged.charges(
        "foreign",
        "sub_account_id, sum(billed_cost), sum(partner_credit)::decimal(18, 6), sum(list_cost)::decimal(18, 6)",
        "and charge_category = 'Usage' group by all order by all",
    ) == [
        ("azure-1", euros("258.90"), euros("45.694944"), euros("304.632960")),
        ("azure-2", euros("304.50"), None, euros("304.632960")),
    ]


def test_rounding_goes_to_the_azure_subscription_that_cost_most(staged: Staged):
    assert staged.charges(
        "foreign", "sub_account_id, billing_account_id, service", "and charge_category = 'Adjustment'"
    ) == [("azure-2", "fabrikam", "Virtual Machines")]


def test_the_portals_csv_says_the_same_as_the_export(staged: Staged):
    assert staged.charges("portal", "sum(billed_cost), count(*)") == [
        (total(LICENCES) + euros("69.76"), 9 + 30 + 2)
    ]
    assert staged.query(
        "select distinct Tier2MpnId from raw.partner_center_reconciliation where x_source = 'portal'"
    ) == [("0",)]


def test_the_documented_examples_stage_with_microsofts_own_amounts(staged: Staged):
    assert staged.sums("samples-billed") == [
        ("Purchase", 3, euros("736")),
        ("Tax", 2, euros("74.61")),
        ("Usage", 1, euros("820")),
    ]
    assert staged.sums("samples-open")[-1] == (
        "Usage",
        4,
        euros("912.159200224165"),
    )  # 820 and 3 × 30.7197334080551…
    assert staged.charges(
        "samples-billed", "distinct billing_account_id", "and billing_account_id like '9060%'"
    ) == [
        ("9060d13d-c5ed-482e-b059-a15a38cbb28e",)  # without org:
    ]


def test_every_row_leads_back_to_a_row_of_a_delivered_file(staged: Staged):
    assert staged.query(
        """
        select count(*) from staging.stg_partner_center__charges as charge
        where not exists (
            select 1 from raw.partner_center_reconciliation as line
            where (line.x_delivery_id, line.x_file, line.x_row)
                = (charge.delivery_id, charge.file_name, charge.row_number_in_file)
            union all
            select 1 from raw.partner_center_daily_usage as usage
            where (usage.x_delivery_id, usage.x_file, usage.x_row)
                = (charge.delivery_id, charge.file_name, charge.row_number_in_file)
        )
        """
    ) == [(0,)]


def test_no_charge_lacks_what_the_engine_needs(staged: Staged):
    assert staged.query(
        "select count(*) from staging.stg_partner_center__charges "
        "where charge_day is null or charge_period_end is null or charge_period_end <= charge_period_start "
        "or service is null or vendor_currency is null "
        "or billed_cost is null or list_cost is null or contracted_cost is null or effective_cost is null "
        "or (charge_category in ('Usage', 'Purchase') and "
        "(quantity is null or unit is null or pricing_category is null))"
    ) == [(0,)]


@pytest.mark.parametrize(
    ("price", "percent", "quantity", "cost", "expected"),
    [
        ("0.868", "15", "29", "21.39", "0.737586206896552"),
        ("0.868", "15", "210.950039", "155.63", "0.737757626107858"),
        ("0.868", "15", "555.950039", "410.17", "0.737782122900436"),
    ],
)
def test_the_made_files_follow_the_published_effective_prices(
    price: str, percent: str, quantity: str, cost: str, expected: str
):
    found = effective_price(Decimal(price), Decimal(quantity), Decimal(percent))
    assert found == Decimal(expected)
    assert usage_subtotal(found + Decimal("1e-15"), Decimal(quantity), Decimal(1)) == Decimal(cost)


def test_the_made_files_follow_the_published_subtotals():
    tiny = usage_subtotal(Decimal("0.03825"), Decimal("0.005001"), Decimal("0.846202666"))
    assert tiny == Decimal("0.00")
    assert licence_subtotal(Decimal("7.728"), Decimal(-300), Decimal(1)) == Decimal(-2316)
    assert licence_subtotal(Decimal("52.61"), Decimal(25), Decimal(1)) == Decimal("1315.25")
