"""Parquet files that BigQuery exported from a billing export's table, in a folder."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from emulators.gcp_export import ACCOUNT, DETAILED, STANDARD, TABLE_SUFFIX, charge, credit, month_of

import extractors
from cspbill import warehouse
from cspbill.book import Source
from cspbill.errors import InputError
from cspbill.settings import Settings
from extractors.extraction import ExtractResult


@dataclass
class Folder:
    """A folder of exported files and our side of it."""

    root: Path
    settings: Settings

    def put(self, name: str, rows: Sequence[dict[str, Any]], numeric: bool = False) -> None:
        """Write rows as BigQuery exports them; ``numeric``: amounts as NUMERIC."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(_table(rows, pa.decimal128(38, 9) if numeric else pa.float64()), path)

    def run(self) -> ExtractResult:
        """Extract, then load."""
        source = Source("google", "gcp_bigquery", "Google Cloud", Decimal(0), (), {"path": str(self.root)})
        result = extractors.extract(self.settings, source)
        extractors.load(self.settings, source)
        return result

    def raw(self, columns: str, rest: str = "") -> list[tuple]:
        """Query the raw table."""
        with warehouse.connect(self.settings) as connection:
            return connection.execute(f"select {columns} from raw.gcp_billing {rest}").fetchall()


def _table(rows: Sequence[dict[str, Any]], money: pa.DataType) -> pa.Table:
    amount = (lambda value: Decimal(str(value))) if pa.types.is_decimal(money) else float
    texts = ("name", "full_name", "id", "type")
    one = pa.struct([("amount", money), *((name, pa.string()) for name in texts)])
    plain = [
        {key: value for key, value in row.items() if key not in {"cost", "credits", "tags", "system_labels"}}
        for row in rows
    ]
    for row in plain:
        row |= {key: dt.datetime.fromisoformat(row[key]) for key in row if key.endswith("_time")}
    table = pa.Table.from_pylist(plain)
    lists = [[{**given, "amount": amount(given["amount"])} for given in row["credits"]] for row in rows]
    costs = pa.array([amount(row["cost"]) for row in rows], money)
    return table.append_column("cost", costs).append_column("credits", pa.array(lists, pa.list_(one)))


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    (tmp_path / "exports").mkdir()
    return Folder(tmp_path / "exports", Settings(tmp_path / "var", tmp_path / "config", dt.date(2024, 10, 5)))


def test_rows_of_two_invoice_months_in_one_file_are_two_deliveries(folder: Folder):
    folder.put("000000000000.parquet", [*month_of(2), charge(1, 4.5, "2024-10")])
    result = folder.run()
    assert [(str(one.period), one.rows) for one in result.landed] == [("2024-09-01", 2), ("2024-10-01", 1)]
    assert folder.raw("cast(x_billing_period as varchar), sum(net_cost)", "group by 1 order by 1") == [
        ("2024-09-01", Decimal(20)),
        ("2024-10-01", Decimal("4.5")),
    ]


@pytest.mark.parametrize("numeric", [False, True])
def test_float_and_numeric_money_mean_the_same_amount(folder: Folder, numeric: bool):
    folder.put(
        "a.parquet", [charge(1, 0.3, credits=[credit(-0.1, "RESELLER_MARGIN"), credit(-0.2)])], numeric
    )
    folder.run()
    assert folder.raw("cost, net_cost, reseller_margin") == [(Decimal("0.3"), Decimal(0), Decimal("0.1"))]


def test_nested_fields_are_columns_and_lists_are_json(folder: Folder):
    folder.put("a.parquet", [charge(1)])
    folder.run()
    assert folder.raw("service_id, location_region, usage_amount_in_pricing_units, labels") == [
        ("6F81-5844-456A", "europe-west1", Decimal(1), '[{"key":"team","value":"web"}]')
    ]


def test_of_a_standard_and_a_detailed_export_in_the_folder_the_detailed_one_counts(folder: Folder):
    folder.put(f"{STANDARD}_{TABLE_SUFFIX}/2024-09/000.parquet", month_of(2))
    folder.put(f"{DETAILED}_{TABLE_SUFFIX}/2024-09/000.parquet", month_of(3))
    result = folder.run()
    assert [(one.scope, one.rows) for one in result.landed] == [(ACCOUNT, 3)]
    assert any("left out" in note and "has the same charges" in note for note in result.notes)


def test_a_file_in_the_folder_of_another_month_is_refused(folder: Folder):
    folder.put("2024-08/000.parquet", [charge(1)])
    result = folder.run()
    assert [str(one.period) for one in result.quarantined] == ["2024-08-01"]
    assert "allowed are rows of 2024-08" in result.problems[0].message


def test_files_of_another_kind_are_passed_over_and_named(folder: Folder):
    folder.put("a.parquet", [charge(1)])
    (folder.root / "schema.json").write_text("[]", "utf-8")
    assert "schema.json: left out, its name does not end in .parquet" in folder.run().notes


def test_an_unchanged_folder_is_read_once(folder: Folder):
    folder.put("a.parquet", month_of(2))
    folder.run()
    result = folder.run()
    assert ([one.rows for one in result.unchanged], result.landed) == ([2], ())


def test_an_export_without_credits_is_refused_because_its_net_cost_is_unknown(folder: Folder):
    pq.write_table(_table([charge(1)], pa.float64()).drop_columns(["credits"]), folder.root / "a.parquet")
    result = folder.run()
    assert [one.column for one in result.problems] == ["credits"]
    assert "the column is missing" in result.problems[0].message


def test_an_amount_that_is_no_number_is_named_with_its_row(folder: Folder):
    folder.put("a.parquet", [charge(1), charge(2, float("nan"))])
    problems = {one.column: (one.line, one.message) for one in folder.run().problems}
    assert problems["cost"][0] == 2
    assert "'nan' is not a decimal number" in problems["cost"][1]


def test_a_folder_that_is_not_there_is_named(folder: Folder):
    folder.root.rmdir()
    with pytest.raises(InputError, match="does not exist or is not a folder"):
        folder.run()
