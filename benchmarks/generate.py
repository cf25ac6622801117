"""Generate a month of FOCUS 1.0 Parquet files, and a book of business that prices it.

    python benchmarks/generate.py --rows 10000000 --out DIR

    DIR/config/                                        2,000 customers with a contract and an account each
    DIR/vendor-files/main/billing_period=2024-09/      hourly usage in part files of a million rows
    DIR/tiny/billing_period=2024-09/part-0001.parquet  ten rows of another scope: move DIR/tiny into
                                                       DIR/vendor-files to deliver them

Resources × hours are made by DuckDB, one part at a time, so memory does not grow with the rows. From a hundred
thousand rows on, every size has the same accounts, SKUs and days.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb

from cspbill.demo.columns import FOCUS_1_0

ACCOUNTS = 2_000
SKUS = 5_000
HOURS = 720  # of September 2024
PART_ROWS = 1_000_000
PERIOD = "billing_period=2024-09"
HERE = Path(__file__).resolve().parent
DEMO_BOOK = HERE.parent / "cspbill" / "demo" / "book"

#: Columns that change by the hour, or are constant; all others come from `resources.sql`.
HOURLY = {
    "BilledCost": "(contracted_price * quantity)::decimal(28, 12)",
    "BillingPeriodEnd": "timestamp '2024-10-01'",
    "BillingPeriodStart": "timestamp '2024-09-01'",
    "ChargeCategory": "'Usage'",
    "ChargeClass": "null::varchar",
    "ChargeFrequency": "'Usage-Based'",
    "ChargePeriodEnd": "charge_start + interval 1 hour",
    "ChargePeriodStart": "charge_start",
    "CommitmentDiscountCategory": "null::varchar",
    "CommitmentDiscountId": "null::varchar",
    "CommitmentDiscountName": "null::varchar",
    "CommitmentDiscountStatus": "null::varchar",
    "CommitmentDiscountType": "null::varchar",
    "ConsumedQuantity": "quantity",
    "ConsumedUnit": "unit",
    "ContractedCost": "(contracted_price * quantity)::decimal(28, 12)",
    "ContractedUnitPrice": "contracted_price",
    "EffectiveCost": "(contracted_price * quantity)::decimal(28, 12)",
    "ListCost": "(list_price * quantity)::decimal(28, 12)",
    "ListUnitPrice": "list_price",
    "PricingCategory": "'Standard'",
    "PricingQuantity": "quantity",
    "PricingUnit": "unit",
}
SELECT_LIST = ", ".join(f'{HOURLY.get(name, chr(34) + name + chr(34))} as "{name}"' for name in FOCUS_1_0)

RESELLER = """\
legal_name: Benchmark Reseller GmbH
street: Messweg 1
city: Hamburg
postal_code: "20459"
country: DE
tax_id: DE819900170
base_currency: EUR
locale: en_GB
sources:
  - name: bench
    kind: focus_files
    path: ../vendor-files
"""
PRICE_BOOKS = (
    ("price_book", "currency", "description"),
    ("cost", "EUR", "Billed cost plus"),
    ("list", "EUR", "List less"),
    ("units", "EUR", "Fixed prices for part of the SKUs, amortised cost plus for the rest"),
)


def generate(rows: int, out: Path) -> None:
    """Write ``rows`` rows of usage, the tiny delivery and the book of business below ``out``."""
    resources = min(rows, max(SKUS, -(-rows // HOURS)))
    hours = -(-rows // resources)
    with duckdb.connect() as connection:
        for name, value in {"resources": resources, "accounts": ACCOUNTS, "skus": SKUS}.items():
            connection.execute(f"set variable {name} = {value}")
        connection.execute((HERE / "resources.sql").read_text(encoding="utf-8"))
        for part, first in enumerate(range(0, rows, PART_ROWS), start=1):
            folder = out / "vendor-files" / "main" / PERIOD
            last = min(first + PART_ROWS, rows)
            _write_part(connection, folder / f"part-{part:04d}.parquet", hours, first, last)
        _write_part(connection, out / "tiny" / PERIOD / "part-0001.parquet", hours, 0, 10)
    _write_book(out / "config")


def _write_part(connection: duckdb.DuckDBPyConnection, file: Path, hours: int, first: int, last: int) -> None:
    """Write the rows numbered from ``first`` (inclusive) to ``last`` (exclusive): resource by resource, by hour."""
    file.parent.mkdir(parents=True, exist_ok=True)
    usage = f"""
        select
            resources.*,
            timestamp '2024-09-01' + to_hours(hour * {HOURS} // {hours}) as charge_start,
            -- whole units, or parts that wander from hour to hour
            (if(number % 3 = 0, 10000, 1000 + (number * 31 + hour * 7919) % 9000)::decimal(14, 0) * 0.0001)
                ::decimal(18, 4) as quantity,
        from resources
        cross join range({hours}) as hours(hour)
        where number between {first // hours} and {(last - 1) // hours}
            and number * {hours} + hour between {first} and {last - 1}
    """
    target = str(file).replace("'", "''")
    connection.execute(
        f"copy (select {SELECT_LIST} from ({usage})) to '{target}' (format parquet, compression zstd)"
    )


def _write_book(config: Path) -> None:
    config.mkdir(parents=True, exist_ok=True)
    (config / "reseller.yml").write_text(RESELLER, encoding="utf-8")
    for name in ("fx_rates.csv", "tax_rates.csv"):
        (config / name).write_bytes((DEMO_BOOK / name).read_bytes())
    _write_csv(
        config / "tax_categories.csv",
        [("tax_category", "vendor", "service", "sku"), ("standard", "", "", "")],
    )
    _write_csv(config / "price_books.csv", PRICE_BOOKS)
    _write_csv(config / "price_rules.csv", _price_rules())
    _write_csv(config / "customers.csv", _customers())
    _write_csv(config / "accounts.csv", _accounts())
    _write_csv(config / "contracts.csv", _contracts())


def _price_rules() -> Iterable[Sequence[object]]:
    yield "price_book", "rule_id", "vendor", "sku", "model", "basis", "percent", "unit_price", "unit"
    yield "cost", "COST-ANY", "", "", "cost_plus", "billed", "8.5", "", ""
    yield "cost", "COST-AWS", "AWS", "", "cost_plus", "billed", "7", "", ""
    yield "list", "LIST-ANY", "", "", "list_minus", "", "2", "", ""
    yield "list", "LIST-MICROSOFT", "Microsoft", "", "list_minus", "", "3.25", "", ""
    yield "units", "UNITS-ANY", "", "", "cost_plus", "effective", "9", "", ""
    for sku in range(0, SKUS, 50):
        unit = ("Hours", "GB-Months", "Hours", "GB", "Hours", "Hours")[sku % 6]
        price = f"0.{500 + sku * 389 % 90000:05d}"
        yield "units", f"UNITS-{sku:05d}", "", f"SKU{sku:05d}", "unit_price", "", "", price, unit


def _customers() -> Iterable[Sequence[object]]:
    yield (
        "customer_id",
        "legal_name",
        "street",
        "city",
        "postal_code",
        "country",
        "currency",
        "locale",
        "since",
    )
    places = (("DE", "EUR", "de_DE"), ("US", "USD", "en_US"), ("GB", "GBP", "en_GB"))
    for number in range(ACCOUNTS):
        country, currency, locale = places[number % 3]
        name = (f"c{number:04d}", f"Customer {number:04d}")
        yield *name, f"Street {number}", "Town", "10000", country, currency, locale, "2023-01-01"


def _accounts() -> Iterable[Sequence[object]]:
    yield "source", "account_id", "customer_id"
    for number in range(ACCOUNTS):
        yield "bench", f"{number:012d}", f"c{number:04d}"


def _contracts() -> Iterable[Sequence[object]]:
    yield "contract_id", "customer_id", "price_book", "valid_from"
    for number in range(ACCOUNTS):
        yield f"K-{number:04d}", f"c{number:04d}", ("cost", "list", "units")[number // 3 % 3], "2023-01-01"


def _write_csv(file: Path, lines: Iterable[Sequence[object]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle, lineterminator="\n").writerows(lines)


def main() -> None:
    """Read the command line, generate, and say how long it took."""
    parser = argparse.ArgumentParser(description="Generate a month of FOCUS Parquet files to benchmark with.")
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of usage (default: 1000000)")
    parser.add_argument("--out", type=Path, required=True, help="directory to write to")
    options = parser.parse_args()
    started = time.monotonic()
    generate(options.rows, options.out)
    print(f"{options.rows:,} rows below {options.out} in {time.monotonic() - started:.1f} s")


if __name__ == "__main__":
    main()
