"""What a vendor delivers after its month was invoiced: AWS gives back some days of August and finds late usage.

One more file beside August's, which makes the delivery another one: the customers' next invoices correct August.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb

from cspbill.demo.write import FOLDER_NAMES, PARQUET

MONTH = dt.date(2024, 8, 1)
FILE = "late-0001.parquet"
_AMOUNTS = (
    "BilledCost",
    "ContractedCost",
    "EffectiveCost",
    "ListCost",
    "ConsumedQuantity",
    "PricingQuantity",
)
#: By account: the days of its machines that are given back (minus) or are delivered once more.
_STORIES = {
    "hansekaffee-production": ("-", "2024-08-12", "2024-08-16"),
    "redwood-simulation": ("", "2024-08-30", "2024-09-01"),
}


def deliver_later(directory: Path) -> Path:
    """Write the late file below ``directory/vendor-files`` unless it is there; returns its path."""
    folder = directory / "vendor-files" / "aws" / FOLDER_NAMES["aws"].format(MONTH)
    target = folder / FILE
    if not target.exists():
        partial = directory / f".{FILE}"
        with duckdb.connect(config={"threads": 1}) as connection:
            connection.execute("set timezone = 'UTC'")
            connection.execute(f"copy ({_late_rows(folder)}) to '{partial}' ({PARQUET})")
        partial.rename(target)
    return target


def _late_rows(folder: Path) -> str:
    parts = str(folder / "part-*.parquet").replace("'", "''")
    selects = []
    for account, (sign, first, end) in _STORIES.items():
        signed = ", ".join(f'{sign}"{name}" as "{name}"' for name in _AMOUNTS)
        selects.append(
            f"select * replace ({signed}) from read_parquet('{parts}', hive_partitioning = false) "
            f"where SubAccountName = '{account}' and ServiceName = 'Amazon Elastic Compute Cloud' "
            f"and ChargePeriodStart >= '{first}' and ChargePeriodStart < '{end}'"
        )
    return " union all ".join(selects) + " order by all"
