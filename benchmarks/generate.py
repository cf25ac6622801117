"""Generate a month of FOCUS 1.0 Parquet files, and a book of business that prices it.

    python benchmarks/generate.py --rows 10000000 --out DIR

    DIR/config/                                        a book with every feature in it: see book.py
    DIR/vendor-files/main/billing_period=2024-09/      hourly usage in part files of a million rows
    DIR/tiny/billing_period=2024-09/part-0001.parquet  ten rows of another scope: move DIR/tiny into
                                                       DIR/vendor-files to deliver them

Resources × hours are made by DuckDB, one part at a time, so memory does not grow with the rows. From a hundred
thousand rows on, every size has the same accounts, SKUs and days.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import duckdb
from book import write_book  # the script's own folder comes first

from cspbill.demo.columns import FOCUS_1_0

ACCOUNTS = 2_000
SKUS = 5_000
HOURS = 720  # of September 2024
PART_ROWS = 1_000_000
PERIOD = "billing_period=2024-09"
HERE = Path(__file__).resolve().parent

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
    write_book(out / "config", ACCOUNTS, SKUS)


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
