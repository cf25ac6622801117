"""How files of other shapes than flat CSV are read: nested Parquet, JSON lines, renamed and derived columns."""

from __future__ import annotations

import gzip
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from extractors import reading
from extractors.contract import Contract
from extractors.names import without_secrets
from quality.profile import profile_file

PLAIN = Contract(
    table="raw.x",
    decimals=frozenset({"cost", "net"}),
    times=frozenset({"start", "end"}),
    required=(("cost",),),
    not_null=frozenset(),
    allowed={},
    amount="cost",
    currency="currency",
    billing_period="start",
    charge_start="start",
    charge_end="end",
    invoice="invoice_id",
)


def values(path: Path, contract: Contract) -> dict[str, list[object]]:
    with reading.connect() as connection:
        table = reading.describe(connection, path, contract)
        listed = ", ".join(
            f"{reading.value(column, 'cast')} as {reading.identifier(column.name)}"
            for column in table.columns
        )
        found = connection.execute(f"select {listed} from {table.numbered_rows()} order by {table.row}")
        names = [entry[0] for entry in found.description]
        return dict(zip(names, map(list, zip(*found.fetchall(), strict=True)), strict=True))


def test_a_struct_is_read_leaf_by_leaf_and_lists_stay_json(tmp_path: Path):
    path = tmp_path / "a.parquet"
    rows = [
        {"cost": 1.25, "service": {"id": "S1", "of": {"name": "n"}}, "credits": [{"amount": -0.5}]},
        {"cost": None, "service": None, "credits": []},
    ]
    pq.write_table(pa.Table.from_pylist(rows), path)
    contract = replace(PLAIN, rename=lambda name: name.replace(".", "_"))
    assert values(path, contract) == {
        "cost": [Decimal("1.250000000000"), None],
        "service_id": ["S1", None],
        "service_of_name": ["n", None],
        "credits": ['[{"amount":-0.5}]', "[]"],
    }


def test_a_derived_amount_is_exact_and_is_what_control_totals_add_up(tmp_path: Path):
    path = tmp_path / "a.parquet"
    rows = [
        {
            "cost": 0.1,
            "currency": "EUR",
            "start": "2024-09-01",
            "credits": [{"amount": -0.2}, {"amount": 0.000001}],
        },
        {"cost": 0.2, "currency": "EUR", "start": "2024-09-01", "credits": []},
    ]
    pq.write_table(pa.Table.from_pylist(rows), path)
    summed = "list_sum(list_transform({credits}, one -> cast(one.amount as decimal(28, 12))))"
    contract = replace(
        PLAIN,
        derived={"net": f"cast({{cost}} as decimal(28, 12)) + coalesce({summed}, 0)", "absent": "{nowhere}"},
        amount="net",
    )
    assert values(path, contract)["net"] == [Decimal("-0.099999000000"), Decimal("0.200000000000")]
    assert values(path, contract)["absent"] == [None, None]
    with reading.connect() as connection:
        (only,) = profile_file(connection, path, path.name, contract).slices
    assert only.cost == Decimal("0.100001000000")


def test_json_lines_keep_every_digit_and_find_keys_that_come_late(tmp_path: Path):
    path = tmp_path / "part-1.json.gz"
    lines = [
        '{"Cost": 0.486031696515249, "Start": "2018-11-13T00:00:00Z", "Tags": {"a": "b"}}',
        '{"Cost" : 123456789012.123456789012, "Note": "late", "Start": null}',
        r'{"Text": "said \"Cost\": 3.33", "Cost": "-1.500000000000000000"}',
    ]
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    found = values(path, PLAIN)
    assert found["cost"] == [Decimal("0.486031696515"), Decimal("123456789012.123456789012"), Decimal("-1.5")]
    assert found["Note"] == [None, "late", None]
    assert found["Tags"] == ['{"a":"b"}', None, None]
    assert [str(value) for value in found["start"]] == ["2018-11-13 00:00:00", "None", "None"]


def test_a_line_that_is_no_json_names_the_line(tmp_path: Path):
    path = tmp_path / "part-1.jsonl"
    path.write_text('{"cost": 1}\n{"cost": \n{"cost": 2}\n')
    with reading.connect() as connection:
        profile = profile_file(connection, path, path.name, PLAIN)
    assert profile.unreadable is not None
    assert "is not JSON lines" in profile.unreadable.message
    assert profile.unreadable.row == 2


def test_a_line_that_is_no_object_is_refused(tmp_path: Path):
    path = tmp_path / "part-1.jsonl"
    path.write_text('{"cost": 1}\n[1]\n')
    with reading.connect() as connection:
        profile = profile_file(connection, path, path.name, PLAIN)
    assert profile.unreadable is not None
    assert (profile.unreadable.message, profile.unreadable.row) == (
        "is not JSON lines: the line holds no object {…}",
        2,
    )


def test_american_dates_are_read_when_the_contract_knows_them(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_text("cost,start\n1,09/21/2023\n2,9/2/2023\n3,2023-09-03\n")
    found = values(path, replace(PLAIN, time_formats=("%m/%d/%Y",)))
    assert [str(value)[:10] for value in found["start"]] == ["2023-09-21", "2023-09-02", "2023-09-03"]


def test_a_date_in_no_known_format_is_counted_as_bad(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_text("cost,start\n1,09/21/2023\n2,21.09.2023\n")
    with reading.connect() as connection:
        profile = profile_file(connection, path, path.name, replace(PLAIN, time_formats=("%m/%d/%Y",)))
    start = profile.column("start")
    assert start is not None
    assert (start.bad, start.example.row, start.example.value) == (1, 2, "21.09.2023")


def test_two_columns_that_mean_the_same_do_not_overwrite_each_other(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_text("lineItem/Cost,Cost\n1,2\n")
    contract = replace(PLAIN, rename=lambda name: name.removeprefix("lineItem/"))
    assert values(path, contract) == {"cost": [Decimal(1)], "Cost": ["2"]}


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (
            "403 for https://a.blob.core.windows.net/c/f.gz?sv=1&sig=abc%3D",
            "403 for https://a.blob.core.windows.net/c/f.gz?…",
        ),
        ("Authorization: Bearer eyJhbGciOi.x", "Authorization: Bearer …"),
        ('{"client_secret": "s3cr3t"}', '{"client_secret": "…"}'),
        ("sasToken=sp=rl&sig=xyz", "sasToken=…&sig=…"),
        ("nothing secret", "nothing secret"),
    ],
)
def test_foreign_texts_lose_their_keys_before_they_are_shown(text: str, left: str):
    assert without_secrets(text) == left
