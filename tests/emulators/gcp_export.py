"""A billing export in a BigQuery emulator, rows for it, and the extract and load of one source over it."""

from __future__ import annotations

import ast
import csv
import datetime as dt
import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from emulators.bigquery import DAY, BigQuery, ExportTable, Row, schema

import extractors
from cspbill import warehouse
from cspbill.book import Source
from cspbill.settings import Settings
from extractors.extraction import ExtractResult

DATA = Path(__file__).resolve().parents[1] / "data" / "gcp"
STANDARD, DETAILED = "gcp_billing_export_v1", "gcp_billing_export_resource_v1"
ACCOUNT = "01AB23-45CD67-89EF01"
TABLE_SUFFIX = ACCOUNT.replace("-", "_")
#: What the reseller export has beside the detailed one's fields; its money is NUMERIC.
RESELLER_FIELDS = [
    {"name": name, "type": kind}
    for name, kind in {
        "payer_billing_account_id": "STRING",
        "entitlement_name": "STRING",
        "channel_partner_name": "STRING",
        "channel_partner_cost": "NUMERIC",
        "customer_name": "STRING",
        "customer_cost": "NUMERIC",
        "customer_repricing_config_name": "STRING",
        "customer_correlation_id": "STRING",
    }.items()
]


def charge(day: int = 1, cost: float | str = 10.0, month: str = "2024-09", **changes: Any) -> Row:
    """One row of a day's use, which arrived six hours later."""
    start = dt.datetime.fromisoformat(f"{month}-{day:02}T08:00:00")
    return {
        "billing_account_id": ACCOUNT,
        "service": {"id": "6F81-5844-456A", "description": "Compute Engine"},
        "sku": {"id": "CF4E-A0C7-E3BF", "description": "N1 Predefined Instance Core running in EMEA"},
        "usage_start_time": f"{start.isoformat()}Z",
        "usage_end_time": f"{(start + dt.timedelta(hours=1)).isoformat()}Z",
        "project": {
            "id": "shop-prod",
            "number": "123456789012",
            "name": "Shop",
            "labels": [],
            "ancestors": [],
        },
        "labels": [{"key": "team", "value": "web"}],
        "system_labels": [],
        "location": {"location": "europe-west1", "country": "BE", "region": "europe-west1", "zone": ""},
        "tags": [],
        "transaction_type": "GOOGLE",
        "seller_name": "Google LLC",
        "export_time": f"{(start + dt.timedelta(hours=6)).isoformat()}Z",
        "cost": cost,
        "currency": "USD",
        "currency_conversion_rate": 1.0,
        "usage": {
            "amount": 3600.0,
            "unit": "seconds",
            "amount_in_pricing_units": 1.0,
            "pricing_unit": "hour",
        },
        "credits": [],
        "invoice": {"month": month.replace("-", "")},
        "cost_type": "regular",
        **changes,
    }


def credit(amount: float | str, kind: str = "PROMOTION", **changes: Any) -> Row:
    """One credit of a row; Google's credits are negative."""
    return {
        "name": kind.title(),
        "amount": amount,
        "full_name": "",
        "id": f"{kind}-1",
        "type": kind,
        **changes,
    }


def month_of(days: int = 30, cost: float = 10.0, month: str = "2024-09", **changes: Any) -> list[Row]:
    """One row a day."""
    return [charge(day, cost, month, **changes) for day in range(1, days + 1)]


def koku_sample() -> list[Row]:
    """The edited real standard export, put back into the nested form of the table."""
    path = DATA / "202011_30c31bca_2020-11-08_2020-11-11.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return [_nested(row) for row in csv.DictReader(file)]


def nise_sample() -> list[Row]:
    """The generated detailed export; each row's one credit put into a list."""
    path = DATA / "202609_8352rows_detailed_jsonl.json.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    return [{**row, "credits": [row["credits"]]} for row in rows]


def _nested(flat: Mapping[str, str]) -> Row:
    row: Row = {}
    for name, text in flat.items():
        outer, _, inner = name.partition(".")
        if name == "partition_date":
            row[DAY] = text[:10]
        elif inner:
            row.setdefault(outer, {})[inner] = (
                ast.literal_eval(text) if text.startswith("[") else text or None
            )
        else:
            row[name] = ast.literal_eval(text) if text.startswith("[") else text
    return row


def net(rows: list[Row]) -> Decimal:
    """Σ(cost + credits) as the billing rules have it: each amount at 12 decimals, half away from zero."""
    amounts = [row["cost"] for row in rows] + [one["amount"] for row in rows for one in row["credits"]]
    return sum((Decimal(str(one)).quantize(Decimal("1e-12"), "ROUND_HALF_UP") for one in amounts), Decimal(0))


@dataclass
class Export:
    """An export's table and our side of it."""

    bigquery: BigQuery
    dataset: str
    table: ExportTable
    settings: Settings
    source: Source

    def extract(self, **options: object) -> ExtractResult:
        """Extract the source."""
        return extractors.extract(self.settings, self.source, **options)

    def run(self, **options: object) -> ExtractResult:
        """Extract, then load."""
        result = self.extract(**options)
        extractors.load(self.settings, self.source)
        return result

    def raw(self, columns: str = "count(*), sum(net_cost)", rest: str = "") -> list[tuple]:
        """Query the raw table."""
        with warehouse.connect(self.settings) as connection:
            return connection.execute(f"select {columns} from raw.gcp_billing {rest}").fetchall()

    def on(self, today: str) -> Export:
        """The same export on another day."""
        return replace(self, settings=replace(self.settings, today=dt.date.fromisoformat(today)))

    @property
    def state(self) -> Path:
        """What the extractor remembers between runs."""
        return self.settings.landing / self.source.name / ".state" / "partitions.json"

    def with_options(self, **options: str) -> Export:
        """The same table under another configuration; a blank option is left out."""
        merged = {**self.source.options, **options}
        return replace(
            self, source=replace(self.source, options={key: text for key, text in merged.items() if text})
        )

    def another_table(self, name: str, fields: list[Any]) -> ExportTable:
        """Create one more table in the dataset."""
        return self.bigquery.table(f"{self.dataset}.{name}", fields)


def new_export(bigquery: BigQuery, folder: Path, export: str = STANDARD, name: str = "google") -> Export:
    """An empty export of one billing account, read from far back, on 5 October 2024."""
    return export_of(bigquery, folder, f"{export}_{TABLE_SUFFIX}", schema(export), name)


def new_reseller_export(bigquery: BigQuery, folder: Path, name: str = "google") -> Export:
    """An empty reseller (channel) export: the detailed one's fields with NUMERIC money, and its own."""
    fields = schema(DETAILED, RESELLER_FIELDS, numeric={"cost", "amount"})
    return export_of(bigquery, folder, "reseller_billing_detailed_export_v1", fields, name)


def export_of(bigquery: BigQuery, folder: Path, table: str, fields: list[Any], name: str) -> Export:
    """An empty table of any name and schema in a dataset of its own, and a source that reads it."""
    dataset = bigquery.dataset()
    made = bigquery.table(f"{dataset}.{table}", fields)
    settings = Settings(folder / "var", folder / "config", dt.date(2024, 10, 5))
    options = {"table": made.name, "endpoint_url": bigquery.url, "partition_column": DAY, "months": "600"}
    source = Source(name, "gcp_bigquery", "Google Cloud", Decimal(0), (), options)
    return Export(bigquery, dataset, made, settings, source)
