"""AWS as it delivers: legacy cost and usage reports, CUR 2.0 and FOCUS exports, and our side of them."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

import extractors
from cspbill import warehouse
from cspbill.book import Source
from cspbill.settings import Settings
from extractors.extraction import ExtractResult
from extractors.periods import following

DATA = Path(__file__).resolve().parents[1] / "data" / "aws"
PAYER, LINKED = "111111111111", "222222222222"
Row = dict[str, Any]

#: Legacy names of the columns that the rows below use, by their CUR 2.0 names.
LEGACY = {
    "bill_bill_type": "bill/BillType",
    "bill_billing_entity": "bill/BillingEntity",
    "bill_billing_period_end_date": "bill/BillingPeriodEndDate",
    "bill_billing_period_start_date": "bill/BillingPeriodStartDate",
    "bill_invoice_id": "bill/InvoiceId",
    "bill_invoicing_entity": "bill/InvoicingEntity",
    "bill_payer_account_id": "bill/PayerAccountId",
    "identity_line_item_id": "identity/LineItemId",
    "line_item_currency_code": "lineItem/CurrencyCode",
    "line_item_legal_entity": "lineItem/LegalEntity",
    "line_item_line_item_description": "lineItem/LineItemDescription",
    "line_item_line_item_type": "lineItem/LineItemType",
    "line_item_product_code": "lineItem/ProductCode",
    "line_item_resource_id": "lineItem/ResourceId",
    "line_item_unblended_cost": "lineItem/UnblendedCost",
    "line_item_unblended_rate": "lineItem/UnblendedRate",
    "line_item_usage_account_id": "lineItem/UsageAccountId",
    "line_item_usage_amount": "lineItem/UsageAmount",
    "line_item_usage_end_date": "lineItem/UsageEndDate",
    "line_item_usage_start_date": "lineItem/UsageStartDate",
    "line_item_usage_type": "lineItem/UsageType",
    "pricing_public_on_demand_cost": "pricing/publicOnDemandCost",
    "pricing_public_on_demand_rate": "pricing/publicOnDemandRate",
    "pricing_rate_code": "pricing/RateCode",
    "pricing_unit": "pricing/unit",
    "product_product_family": "product/productFamily",
    "product_product_name": "product/ProductName",
    "product_region_code": "product/regionCode",
    "product_sku": "product/sku",
    "reservation_effective_cost": "reservation/EffectiveCost",
    "reservation_reservation_a_r_n": "reservation/ReservationARN",
    "reservation_unused_amortized_upfront_fee_for_billing_period": (
        "reservation/UnusedAmortizedUpfrontFeeForBillingPeriod"
    ),
    "reservation_unused_recurring_fee": "reservation/UnusedRecurringFee",
    "savings_plan_savings_plan_a_r_n": "savingsPlan/SavingsPlanARN",
    "savings_plan_savings_plan_effective_cost": "savingsPlan/SavingsPlanEffectiveCost",
    "savings_plan_total_commitment_to_date": "savingsPlan/TotalCommitmentToDate",
    "savings_plan_used_commitment": "savingsPlan/UsedCommitment",
    "split_line_item_parent_resource_id": "splitLineItem/ParentResourceId",
    "split_line_item_split_cost": "splitLineItem/SplitCost",
}
#: As Data Exports types them; every other column is text.
DOUBLES = {
    "line_item_unblended_cost",
    "line_item_usage_amount",
    "pricing_public_on_demand_cost",
    "reservation_effective_cost",
    "reservation_unused_amortized_upfront_fee_for_billing_period",
    "reservation_unused_recurring_fee",
    "savings_plan_savings_plan_effective_cost",
    "savings_plan_total_commitment_to_date",
    "savings_plan_used_commitment",
    "split_line_item_split_cost",
}
MAPS = ("product", "resource_tags", "cost_category")
APRIL = dt.date(2024, 4, 1)


def line(cost: str, kind: str = "Usage", day: int = 1, *, month: dt.date = APRIL, **columns: Any) -> Row:
    """One line item of an hour, by its CUR 2.0 names; ``None`` leaves a column blank."""
    start = dt.datetime.combine(month, dt.time()) + dt.timedelta(days=day - 1)
    return {
        "identity_line_item_id": f"line-{day}",
        "bill_bill_type": "Anniversary",
        "bill_billing_entity": "AWS",
        "bill_billing_period_start_date": dt.datetime.combine(month, dt.time()),
        "bill_billing_period_end_date": dt.datetime.combine(following(month), dt.time()),
        "bill_invoice_id": None,
        "bill_invoicing_entity": "Amazon Web Services EMEA SARL",
        "bill_payer_account_id": PAYER,
        "line_item_currency_code": "USD",
        "line_item_legal_entity": "Amazon Web Services EMEA SARL",
        "line_item_line_item_type": kind,
        "line_item_product_code": "AmazonEC2",
        "line_item_unblended_cost": cost,
        "line_item_usage_account_id": LINKED,
        "line_item_usage_amount": "1",
        "line_item_usage_start_date": start,
        "line_item_usage_end_date": start + dt.timedelta(hours=1),
        **columns,
    }


def month_of(days: int = 30, cost: str = "10.00", **columns: Any) -> list[Row]:
    """One line a day."""
    return [line(cost, day=day, **columns) for day in range(1, days + 1)]


def legacy_csv(rows: Sequence[Row]) -> bytes:
    """Rows as a legacy report's CSV, packed."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([LEGACY.get(name, name) for name in names])
    writer.writerows([[_written(row.get(name)) for name in names] for row in rows])
    return gzip.compress(text.getvalue().encode(), mtime=0)


def _written(value: object) -> object:
    return value.strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(value, dt.datetime) else value


def parquet(rows: Sequence[Row]) -> bytes:
    """Rows as Data Exports write Parquet: costs as doubles, product, tags and cost categories as maps."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    table = pa.table({name: _array(name, [row.get(name) for row in rows]) for name in names})
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="snappy")
    return sink.getvalue()


def _array(name: str, values: list[Any]) -> pa.Array:
    if name in DOUBLES or name.endswith(("Cost", "Quantity", "UnitPrice")):
        return pa.array([None if value is None else float(value) for value in values], pa.float64())
    if name in MAPS or name == "Tags":
        return pa.array([list((value or {}).items()) for value in values], pa.map_(pa.string(), pa.string()))
    if any(isinstance(value, dt.datetime) for value in values):
        return pa.array(values, pa.timestamp("ms"))
    return pa.array(values, pa.string())


def focus(cost: str, day: int = 1, **columns: Any) -> Row:
    """One row of a FOCUS 1.2 export."""
    start = dt.datetime.combine(APRIL, dt.time()) + dt.timedelta(days=day - 1)
    return {
        "BilledCost": cost,
        "BillingAccountId": PAYER,
        "BillingCurrency": "USD",
        "BillingPeriodStart": dt.datetime.combine(APRIL, dt.time()),
        "BillingPeriodEnd": dt.datetime.combine(following(APRIL), dt.time()),
        "ChargeCategory": "Usage",
        "ChargeClass": None,
        "ChargePeriodStart": start,
        "ChargePeriodEnd": start + dt.timedelta(hours=1),
        "ContractedCost": cost,
        "EffectiveCost": cost,
        "InvoiceId": None,
        "ListCost": cost,
        "ProviderName": "AWS",
        "ServiceName": "Amazon Elastic Compute Cloud",
        "SubAccountId": LINKED,
        "Tags": {"team": "web"},
        **columns,
    }


def legacy_manifest(report: str, keys: Iterable[str], *, month: dt.date = APRIL, **changes: Any) -> str:
    """The manifest of a legacy report."""
    content = {
        "assemblyId": "861af42f-713c-4a42-9562-9158a7625630",
        "account": PAYER,
        "columns": [{"category": "lineItem", "name": "UnblendedCost"}],
        "charset": "UTF-8",
        "compression": "GZIP",
        "contentType": "text/csv",
        "reportName": report,
        "billingPeriod": {
            "start": f"{month:%Y%m%d}T000000.000Z",
            "end": f"{following(month):%Y%m%d}T000000.000Z",
        },
        "bucket": "billing",
        "reportKeys": list(keys),
    }
    return json.dumps({**content, **changes})


def export_manifest(
    export: str, bucket: str, keys: Iterable[str], column: str = "line_item_unblended_cost"
) -> str:
    """The manifest of a data export."""
    return json.dumps(
        {
            "executionId": "6b622448-daaa-439c-92f1-afc727f1e0a3",
            "exportArn": f"arn:aws:bcm-data-exports:us-east-1:{PAYER}:export/{export}-fbadb7a2",
            "columns": [{"name": column, "type": "double"}],
            "dataFiles": [f"s3://{bucket}/{key}" for key in keys],
        }
    )


@dataclass
class AwsVendor:
    """Our side: the settings, the source, and its extract and load."""

    settings: Settings
    source: Source

    def extract(self, **options: Any) -> ExtractResult:
        """Extract the source."""
        return extractors.extract(self.settings, self.source, **options)

    def run(self, **options: Any) -> ExtractResult:
        """Extract, then load."""
        result = self.extract(**options)
        extractors.load(self.settings, self.source)
        return result

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Query the warehouse."""
        with warehouse.connect(self.settings) as connection:
            return connection.execute(sql).fetchall()

    def raw(self) -> list[tuple[Any, ...]]:
        """Scope, period, rows and total of what is loaded."""
        return self.query(
            "select x_scope, strftime(x_billing_period, '%Y-%m'), count(*), sum(line_item_unblended_cost) "
            "from raw.aws_cur group by all order by all"
        )

    def is_final(self) -> list[bool]:
        """Whether the deliveries in force are final, by period."""
        return [
            final
            for (final,) in self.query(
                "select is_final from ops.delivery join ops.partition_in_force using (delivery_id) "
                "order by ops.delivery.billing_period"
            )
        ]

    def with_options(self, **options: str) -> AwsVendor:
        """The same under another configuration."""
        return replace(self, source=replace(self.source, options={**self.source.options, **options}))

    def on(self, today: str) -> AwsVendor:
        """The same on another day."""
        return replace(self, settings=replace(self.settings, today=dt.date.fromisoformat(today)))


def new_vendor(folder: Path, kind: str = "aws_cur", **options: str) -> AwsVendor:
    """A source without files, on 10 May 2024."""
    settings = Settings(folder / "var", folder / "config", dt.date(2024, 5, 10))
    return AwsVendor(settings, Source("aws", kind, "AWS", Decimal(0), (), dict(options)))


def put_all(root: Path, files: Mapping[str, str | bytes]) -> None:
    """Write files below a folder."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
