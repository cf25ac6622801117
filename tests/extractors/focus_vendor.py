"""A vendor's folder, a settings home, and the extract and load of one source over them."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

import extractors
from cspbill import warehouse
from cspbill.book import Source
from cspbill.settings import Settings
from extractors.extraction import ExtractResult
from extractors.loader import LoadedPartition

SAMPLE = Path(__file__).resolve().parents[2] / "cspbill" / "demo" / "sample" / "focus_sample.csv"
BASE = {
    "BilledCost": "10.00",
    "BillingAccountId": "payer",
    "BillingCurrency": "USD",
    "BillingPeriodStart": "2024-09-01T00:00:00Z",
    "BillingPeriodEnd": "2024-10-01T00:00:00Z",
    "ChargeCategory": "Usage",
    "ChargeClass": "",
    "ChargeDescription": "virtual machine",
    "ChargePeriodStart": "2024-09-01T00:00:00Z",
    "ChargePeriodEnd": "2024-09-02T00:00:00Z",
    "ContractedCost": "10.00",
    "EffectiveCost": "10.00",
    "ListCost": "12.50",
    "ProviderName": "AWS",
    "ServiceName": "Compute",
    "SubAccountId": "acct-1",
}


def charge(day: int = 1, cost: str = "10.00", month: str = "2024-09", **changes: str) -> dict[str, str]:
    """One FOCUS row of a day."""
    start = dt.date.fromisoformat(f"{month}-01")
    end = (start + dt.timedelta(days=31)).replace(day=1)
    own = {
        "BilledCost": cost,
        "BillingPeriodStart": f"{start}T00:00:00Z",
        "BillingPeriodEnd": f"{end}T00:00:00Z",
        "ChargePeriodStart": f"{month}-{day:02}T00:00:00Z",
        "ChargePeriodEnd": f"{month}-{day:02}T12:00:00Z",
    }
    return {**BASE, **own, **changes}


def month_of(
    days: int = 30, cost: str = "10.00", month: str = "2024-09", **changes: str
) -> list[dict[str, str]]:
    """One row a day."""
    return [charge(day, cost, month, **changes) for day in range(1, days + 1)]


def as_csv(rows: Sequence[Mapping[str, str]], header: Sequence[str] = ()) -> str:
    """Rows as CSV text."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=header or list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


@dataclass
class Vendor:
    """A vendor's folder and our side of it."""

    root: Path
    settings: Settings
    source: Source
    clock: int = field(default=1_727_740_800_000_000_000)

    def put(self, name: str, content: str | bytes) -> Path:
        """Write a file, at a new modification time."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        self.clock += 1_000_000_000
        os.utime(path, ns=(self.clock, self.clock))
        return path

    def put_rows(self, name: str, rows: Sequence[Mapping[str, str]]) -> Path:
        """Write rows as CSV, packed when the name says so."""
        content = as_csv(rows).encode()
        return self.put(name, gzip.compress(content, mtime=0) if name.endswith(".gz") else content)

    def put_manifest(self, folder: str, **content: object) -> Path:
        """Write a manifest.json."""
        return self.put(f"{folder}/manifest.json", json.dumps({"billing_period": "2024-09", **content}))

    def extract(self, **options: object) -> ExtractResult:
        """Extract the source."""
        return extractors.extract(self.settings, self.source, **options)

    def load(self) -> tuple[LoadedPartition, ...]:
        """Load the source."""
        return extractors.load(self.settings, self.source)

    def run(self, **options: object) -> ExtractResult:
        """Extract, then load."""
        result = self.extract(**options)
        self.load()
        return result

    def raw(self, columns: str = "count(*), sum(BilledCost)", rest: str = "") -> list[tuple]:
        """Query the raw table."""
        with warehouse.connect(self.settings) as connection:
            return connection.execute(f"select {columns} from raw.focus_files {rest}").fetchall()

    def with_options(self, tolerance: str = "0", **options: str) -> Vendor:
        """The same vendor under another configuration."""
        source = replace(
            self.source, tolerance=Decimal(tolerance), options={**self.source.options, **options}
        )
        return replace(self, source=source)

    def on(self, today: str) -> Vendor:
        """The same vendor on another day."""
        return replace(self, settings=replace(self.settings, today=dt.date.fromisoformat(today)))


def new_vendor(folder: Path) -> Vendor:
    """A vendor without files, on 10 October 2024."""
    root = folder / "vendor"
    root.mkdir()
    settings = Settings(folder / "var", folder / "config", dt.date(2024, 10, 10))
    return Vendor(root, settings, Source("aws", "focus_files", "AWS", Decimal(0), (), {"path": str(root)}))
