"""Azure Cost Management exports as the service writes them, into a folder or a Blob container, and our side of it."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import json
import os
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
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

DATA = Path(__file__).resolve().parents[1] / "data" / "azure"
ACCOUNT = "/providers/Microsoft.Billing/billingAccounts/7654321"
TENANT = "aaaaaaaa-0000-4000-8000-000000000001"
VM = "/subscriptions/sub-1/resourceGroups/web/providers/Microsoft.Compute/virtualMachines/web-1"
RESERVATION = "/providers/Microsoft.Capacity/reservationOrders/order-1/reservations/ri-1"
SAVINGS_PLAN = "/providers/Microsoft.BillingBenefits/savingsPlanOrders/order-2/savingsPlans/sp-1"

#: The partner agreement's schema, 2023-12-01-preview.
_PARTNER_SCHEMA = (
    "invoiceId,previousInvoiceId,billingAccountId,billingAccountName,billingProfileId,"
    "billingProfileName,invoiceSectionId,invoiceSectionName,partnerTenantId,partnerName,resellerName,"
    "resellerMpnId,customerTenantId,customerName,costCenter,billingPeriodEndDate,"
    "billingPeriodStartDate,servicePeriodEndDate,servicePeriodStartDate,date,serviceFamily,"
    "productOrderId,productOrderName,consumedService,meterId,meterName,meterCategory,"
    "meterSubCategory,meterRegion,ProductId,ProductName,SubscriptionId,subscriptionName,"
    "publisherType,publisherId,publisherName,resourceGroupName,ResourceId,resourceLocation,location,"
    "effectivePrice,quantity,unitOfMeasure,chargeType,billingCurrency,pricingCurrency,"
    "costInBillingCurrency,costInPricingCurrency,costInUsd,paygCostInBillingCurrency,paygCostInUsd,"
    "exchangeRatePricingToBilling,exchangeRateDate,isAzureCreditEligible,serviceInfo1,serviceInfo2,"
    "additionalInfo,tags,partnerEarnedCreditRate,partnerEarnedCreditApplied,PayGPrice,frequency,term,"
    "reservationId,reservationName,PricingModel,unitPrice,benefitId,benefitName,provider"
)
PARTNER_COLUMNS = _PARTNER_SCHEMA.split(",")

Row = dict[str, str]


def charge(day: int = 1, cost: str = "10", month: str = "2024-09", **changes: str) -> Row:
    """A row of a virtual machine's day in a partner's export; dates as the CSV files have them."""
    first = dt.date.fromisoformat(f"{month}-01")
    last = (first + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)
    today = first.replace(day=day)
    own = {
        "billingAccountId": "7654321",
        "billingAccountName": "Nordlicht",
        "customerTenantId": TENANT,
        "customerName": "Acme",
        "billingPeriodStartDate": f"{first:%m/%d/%Y}",
        "billingPeriodEndDate": f"{last:%m/%d/%Y}",
        "date": f"{today:%m/%d/%Y}",
        "serviceFamily": "Compute",
        "consumedService": "Microsoft.Compute",
        "meterId": "meter-1",
        "meterName": "B1s",
        "meterCategory": "Virtual Machines",
        "ProductId": "DZH318Z0BQ35",
        "ProductName": "Virtual Machines BS Series - B1s - DE West Central",
        "SubscriptionId": "sub-1",
        "subscriptionName": "web",
        "publisherType": "Azure",
        "ResourceId": VM,
        "resourceLocation": "EastUS2",
        "quantity": "1",
        "unitOfMeasure": "1 Hour",
        "chargeType": "Usage",
        "billingCurrency": "EUR",
        "pricingCurrency": "EUR",
        "costInBillingCurrency": cost,
        "unitPrice": cost,
        "PayGPrice": cost,
        "paygCostInBillingCurrency": cost,
        "exchangeRatePricingToBilling": "1",
        "frequency": "UsageBased",
        "PricingModel": "OnDemand",
    }
    return {**dict.fromkeys(PARTNER_COLUMNS, ""), **own, **changes}


def month_of(days: int = 30, cost: str = "10", month: str = "2024-09", **changes: str) -> list[Row]:
    """One row a day."""
    return [charge(day, cost, month, **changes) for day in range(1, days + 1)]


def as_csv(rows: Sequence[Mapping[str, str]], header: Sequence[str] = ()) -> bytes:
    """Rows as the service writes CSV: UTF-8 with a byte order mark."""
    text = io.StringIO()
    writer = csv.DictWriter(text, header or list(rows[0]), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def as_parquet(rows: Sequence[Mapping[str, str]]) -> bytes:
    """Rows as Parquet with Snappy; dates are timestamps and costs decimals, as in the service's files."""
    table = pa.table({name: _typed(name, [row[name] for row in rows]) for name in rows[0]})
    content = io.BytesIO()
    pq.write_table(table, content, compression="snappy")
    return content.getvalue()


def _typed(name: str, values: list[str]) -> pa.Array:
    if name.endswith("Date") or name == "date":
        days = [dt.datetime.strptime(value, "%m/%d/%Y") if value else None for value in values]  # noqa: DTZ007
        return pa.array(days, pa.timestamp("ms"))
    if "cost" in name.lower() or name in {"quantity", "unitPrice", "PayGPrice", "effectivePrice"}:
        return pa.array([Decimal(value) if value else None for value in values], pa.decimal128(38, 18))
    return pa.array([value or None for value in values], pa.string())


@dataclass
class Exports:
    """A place that exports go to. ``put`` takes a path below the source and its content."""

    put: Callable[[str, bytes], None]

    def run(
        self,
        rows: Sequence[Mapping[str, str]] | Sequence[Sequence[Mapping[str, str]]],
        *,
        export: str = "daily",
        type: str = "ActualCost",  # noqa: A002 - the manifest's word
        month: str = "2024-09",
        at: str = "202410010400",
        scope: str = ACCOUNT,
        form: str = "csv",
        written: Sequence[int] | None = None,
        manifest: Mapping[str, Any] | None = None,
        with_manifest: bool = True,
    ) -> str:
        """Write a run with one part per list of rows and its manifest; ``written`` are the parts that get there.

        ``form``: csv, csv.gz or snappy.parquet. Returns the run's folder.
        """
        first = dt.date.fromisoformat(f"{month}-01")
        last = (first + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)
        run_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{export} {month} {at}"))
        folder = f"{export}/{first:%Y%m%d}-{last:%Y%m%d}/{at}/{run_id}"
        lists = [rows] if not rows or isinstance(rows[0], Mapping) else rows
        contents = {f"part_{at_}_0001.{form}": _content(part, form) for at_, part in enumerate(lists)}
        for position, (name, content) in enumerate(contents.items()):
            if written is None or position in written:
                self.put(f"{folder}/{name}", content)
        if with_manifest:
            blobs = [
                {"blobName": f"cost/{folder}/{name}", "byteCount": len(content), "dataRowCount": len(part)}
                for (name, content), part in zip(contents.items(), lists, strict=True)
            ]
            submitted = dt.datetime.strptime(at, "%Y%m%d%H%M")  # noqa: DTZ007
            self.put_json(
                f"{folder}/manifest.json",
                {
                    "manifestVersion": "2024-04-01",
                    "byteCount": sum(map(len, contents.values())),
                    "blobCount": len(contents),
                    "dataRowCount": sum(map(len, lists)),
                    "exportConfig": {
                        "exportName": export,
                        "resourceId": f"{scope}/providers/Microsoft.CostManagement/exports/{export}",
                        "dataVersion": "2023-12-01-preview",
                        "type": type,
                        "timeFrame": "MonthToDate",
                        "granularity": "Daily",
                    },
                    "runInfo": {
                        "executionType": "Scheduled",
                        "submittedTime": f"{submitted:%Y-%m-%dT%H:%M}:06.5234447Z",
                        "runId": run_id,
                        "startDate": f"{first}T00:00:00",
                        "endDate": f"{last}T00:00:00Z",
                    },
                    "blobs": blobs,
                    **(manifest or {}),
                },
            )
        return folder

    def put_json(self, name: str, content: object) -> None:
        self.put(name, json.dumps(content).encode())


def _content(rows: Sequence[Mapping[str, str]], form: str) -> bytes:
    if form == "snappy.parquet":
        return as_parquet(rows)
    content = as_csv(rows, () if rows else PARTNER_COLUMNS)
    return gzip.compress(content, mtime=0) if form == "csv.gz" else content


@dataclass
class Folder:
    """Puts files below a local folder, each at a new modification time."""

    root: Path
    clock: int = field(default=1_727_740_800_000_000_000)

    def __call__(self, name: str, content: bytes) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        self.clock += 1_000_000_000
        os.utime(path, ns=(self.clock, self.clock))


@dataclass
class Reseller(Exports):
    """Exports, and the extract, load and staging of the source that reads them."""

    settings: Settings
    source: Source

    def extract(self, **options: Any) -> ExtractResult:
        return extractors.extract(self.settings, self.source, **options)

    def take(self, **options: Any) -> ExtractResult:
        """Extract, then load."""
        result = self.extract(**options)
        extractors.load(self.settings, self.source)
        return result

    def with_options(self, **options: str) -> Reseller:
        return replace(self, source=replace(self.source, options={**self.source.options, **options}))

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with warehouse.connect(self.settings) as connection:
            return connection.execute(sql).fetchall()

    def raw(self, rest: str = "where x_file like 'actual/%'") -> list[tuple[Any, ...]]:
        """Rows and cost of actual cost in the raw table."""
        return self.query(f"select count(*), sum(costInBillingCurrency) from raw.azure_cost {rest}")


def reseller(folder: Path, put: Callable[[str, bytes], None] | None = None, **options: str) -> Reseller:
    """A reseller without exports, on 10 October 2024; they lie in a local folder unless options say otherwise."""
    root = folder / "exports"
    root.mkdir(parents=True, exist_ok=True)
    settings = Settings(folder / "var", folder / "config", dt.date(2024, 10, 10))
    source = Source("azure", "azure_export", "Microsoft", Decimal(0), (), {"path": str(root), **options})
    return Reseller(put or Folder(root), settings, source)
