"""Google's billing exports in BigQuery: a real client against an emulator on loopback."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from emulators.bigquery import DAY, BigQuery, running_bigquery, schema
from emulators.faults import fault_proxy
from emulators.gcp_export import (
    ACCOUNT,
    DETAILED,
    STANDARD,
    TABLE_SUFFIX,
    Export,
    charge,
    credit,
    export_of,
    month_of,
    new_export,
    new_reseller_export,
)

from cspbill import warehouse
from cspbill.errors import CspbillError, InputError
from extractors.gcp_bigquery import parquet
from extractors.gcp_bigquery.extractor import GcpBigQuery
from extractors.protocol import FileChangedError

LATE = "2024-10-03T01:00:00Z"


@pytest.fixture(scope="module")
def bigquery() -> Iterator[BigQuery]:
    with running_bigquery() as emulator:
        yield emulator


@pytest.fixture
def export(bigquery: BigQuery, tmp_path: Path) -> Export:
    return new_export(bigquery, tmp_path)


@pytest.fixture
def billed(export: Export) -> Export:
    """An export whose September, 6 rows and 60.00 USD, is in force and loaded."""
    export.table.add([charge(day) for day in (1, 26, 27, 28, 29, 30)])
    export.run()
    return export


def test_a_month_is_one_delivery_with_one_file_for_each_day_of_arrival(export: Export):
    export.table.add([*month_of(3), charge(2, 1.5, "2024-10")])
    result = export.run()
    assert [(one.scope, str(one.period), one.rows) for one in result.landed] == [
        (ACCOUNT, "2024-09-01", 3),
        (ACCOUNT, "2024-10-01", 1),
    ]
    assert export.raw("x_file, x_row, net_cost", "order by x_file") == [
        ("2024-09/2024-09-01.parquet", 1, Decimal(10)),
        ("2024-09/2024-09-02.parquet", 1, Decimal(10)),
        ("2024-09/2024-09-03.parquet", 1, Decimal(10)),
        ("2024-10/2024-10-02.parquet", 1, Decimal("1.5")),
    ]


def test_a_rerun_with_nothing_new_asks_one_question_and_fetches_no_row(billed: Export):
    with fault_proxy(billed.bigquery.url) as proxy:
        result = billed.with_options(endpoint_url=proxy.url).run()
    queries = [path for method, path in proxy.requests if method == "POST" and path.endswith("/queries")]
    assert [one.rows for one in result.unchanged] == [6]
    assert (result.landed, result.problems) == ((), ())
    assert len(queries) == 1


def test_only_days_that_can_have_changed_are_asked_about(billed: Export):
    result = billed.run()
    assert any("arrived from 2024-09-27 on" in note for note in result.notes)
    # Google's tables may let old partitions expire: what was read of them stays.
    billed.table.replace([charge(day) for day in (27, 28, 29, 30)])
    result = billed.run()
    assert [one.rows for one in result.unchanged] == [6]
    assert billed.raw() == [(6, Decimal(60))]


def test_rows_that_arrive_late_for_a_closed_month_join_it_and_leave_other_months_alone(billed: Export):
    billed.table.add([charge(2, 7.0, "2024-10")])
    billed.run()
    billed.table.add([charge(30, 1.25, export_time=LATE)])
    result = billed.run()
    assert [(str(one.period), one.rows) for one in result.landed] == [("2024-09-01", 7)]
    assert [(str(one.period), one.rows) for one in result.unchanged] == [("2024-10-01", 1)]
    assert billed.raw("x_file", "where net_cost = 1.25") == [("2024-09/2024-10-03.parquet",)]
    assert billed.raw("sum(net_cost)", "where x_billing_period = '2024-09-01'") == [(Decimal("61.25"),)]


def test_a_correction_is_the_negated_row_and_its_replacement(billed: Export):
    info = {"id": "adj-1", "mode": "COMPLETE_NEGATION_WITH_REMONETIZATION", "type": "PRICE_CORRECTION"}
    wrong, right = (
        charge(7, cost, export_time=LATE, cost_type="adjustment", adjustment_info=info)
        for cost in (-10.0, 8.4)
    )
    billed.table.add([wrong, right])
    billed.run()
    assert billed.raw() == [(8, Decimal("58.4"))]


def test_a_day_that_is_still_filling_is_taken_as_it_is_and_replaced_when_it_has_grown(export: Export):
    export.table.add(month_of(5))
    export.run()
    export.table.add([charge(5, 2.5, export_time="2024-09-05T20:00:00Z")])
    export.run()
    assert export.raw("x_file, count(*), sum(net_cost)", "where x_file like '%09-05%' group by all") == [
        ("2024-09/2024-09-05.parquet", 2, Decimal("12.5"))
    ]
    assert export.raw() == [(6, Decimal("52.5"))]


def test_rows_withdrawn_from_recent_days_go_away(export: Export):
    export.table.add([*month_of(5), charge(5, 3.0, export_time="2024-09-05T20:00:00Z")])
    export.run()
    export.table.replace(month_of(5))
    export.run()
    assert export.raw() == [(5, Decimal(50))]


def test_a_shrunk_delivery_is_held_and_the_one_in_force_stays(export: Export):
    export.table.add([charge(1, 1.0), charge(2, 1.0), charge(3, 998.0)])
    export.run()
    export.table.replace([charge(1, 1.0), charge(2, 1.0), charge(3, 1.0, export_time="2024-09-03T15:00:00Z")])
    result = export.run()
    assert [one.rows for one in result.held] == [3]
    assert "the delivery in force to 1000" in result.problems[0].message
    assert export.raw() == [(3, Decimal(1000))]
    accepted = export.run(accept=result.held[0].delivery_id)
    assert [one.rows for one in accepted.landed] == [3]
    assert export.raw() == [(3, Decimal(3))]


def test_rows_that_arrive_between_asking_and_fetching_wait_for_the_next_run(export: Export):
    export.table.add([charge(1, 10.0)])
    extractor = GcpBigQuery(export.source, export.state.parent)
    (delivery,) = extractor.discover(None).deliveries
    export.table.add([charge(1, 5.0, export_time="2024-09-01T20:00:00Z")])
    extractor.fetch(delivery.files[0], io.BytesIO())  # one row, as announced
    export.table.add([charge(1, 5.0)])  # at the very moment of the newest one that was counted
    with pytest.raises(FileChangedError):
        extractor.fetch(delivery.files[0], io.BytesIO())
    export.run()
    assert export.raw() == [(3, Decimal(20))]


def test_the_invoice_month_decides_the_billing_period_whatever_the_day_of_use(export: Export):
    export.table.add([charge(31, 4.0, "2024-08", invoice={"month": "202409"}, export_time=LATE)])
    export.run()
    assert export.raw("cast(x_billing_period as varchar), cast(usage_start_time as date)") == [
        ("2024-09-01", dt.date(2024, 8, 31))
    ]


def test_every_cost_type_is_loaded_and_missing_usage_project_and_place_are_no_fault(export: Export):
    bare = {"usage": None, "project": None, "location": None, "labels": [], "resource": None}
    export.table.add(
        [charge(1, 10.0)]
        + [charge(30, 0.1, cost_type=kind, **bare) for kind in ("tax", "adjustment", "rounding_error")]
    )
    result = export.run()
    assert result.problems == ()
    assert export.raw("cost_type, usage_amount, project_id", "order by cost_type") == [
        ("adjustment", None, None),
        ("regular", "3600.0", "shop-prod"),
        ("rounding_error", None, None),
        ("tax", None, None),
    ]


def test_credits_are_added_to_their_row_exactly_and_never_multiply_it(export: Export):
    given = [credit(-0.1), credit(-0.2, "FREE_TIER"), credit(-1e-06, "SUSTAINED_USAGE_DISCOUNT")]
    export.table.add([charge(1, 0.3, credits=given), charge(2, 5e-06), charge(3, 123456.789)])
    export.run()
    assert export.raw("net_cost, reseller_margin", "order by x_file") == [
        (Decimal("-0.000001000000"), None),
        (Decimal("0.000005000000"), None),
        (Decimal("123456.789000000000"), None),
    ]


def test_the_reseller_export_is_one_scope_a_payer_with_its_customers_and_its_margin(
    bigquery: BigQuery, tmp_path: Path
):
    export = new_reseller_export(bigquery, tmp_path)
    own = {
        "payer_billing_account_id": "0000AA-0000AA-0000AA",
        "customer_name": "accounts/C1/customers/S7",
        "customer_correlation_id": "crm-7",
        "customer_cost": "12345679",
    }
    margin = credit("-0.123456789", "RESELLER_MARGIN")
    export.table.add(
        [
            charge(1, "12345678.123456789", **own, credits=[margin, credit("-8")]),
            charge(1, "2.5", **{**own, "payer_billing_account_id": "0000BB-0000BB-0000BB"}),
            charge(2, "1", cost_type="tax"),
        ]
    )
    result = export.run()
    assert [(one.scope, one.rows) for one in result.landed] == [
        ("0000AA-0000AA-0000AA", 1),
        ("0000BB-0000BB-0000BB", 1),
        ("no payer", 1),
    ]
    assert export.raw(
        "net_cost, reseller_margin, customer_name, customer_correlation_id, customer_cost",
        "where x_scope like '0000AA%'",
    ) == [
        (
            Decimal("12345670.000000000000"),
            Decimal("0.123456789000"),
            "accounts/C1/customers/S7",
            "crm-7",
            Decimal(12345679),
        )
    ]


def test_of_two_exports_of_one_account_the_detailed_one_counts_and_the_other_is_named(export: Export):
    detailed = export.another_table(f"{DETAILED}_{TABLE_SUFFIX}", schema(DETAILED))
    other = export.another_table(f"{STANDARD}_0000AA_0000AA_0000AA", schema(STANDARD))
    export.table.add(month_of(3))
    detailed.add(month_of(3, resource={"name": "vm-1", "global_name": "//compute/vm-1"}))
    other.add(month_of(1, 4.0))
    result = export.with_options(table=export.dataset).run()
    assert [(one.scope, one.rows) for one in result.landed] == [(ACCOUNT, 3), ("0000AA-0000AA-0000AA", 1)]
    assert export.raw("x_scope, sum(net_cost), count(resource_name)", "group by 1 order by 1") == [
        ("0000AA-0000AA-0000AA", Decimal(4), 0),
        (ACCOUNT, Decimal(30), 3),
    ]
    assert any(
        f"{STANDARD}_{TABLE_SUFFIX}: left out, {DETAILED}_{TABLE_SUFFIX} has the same charges" in note
        for note in result.notes
    )


def test_the_reseller_export_of_a_dataset_leaves_the_others_out(bigquery: BigQuery, tmp_path: Path):
    export = new_reseller_export(bigquery, tmp_path)
    export.another_table(f"{DETAILED}_{TABLE_SUFFIX}", schema(DETAILED)).add(month_of(3))
    export.table.add([charge(1, "2.5", payer_billing_account_id=ACCOUNT)])
    export.with_options(table=export.dataset).run()
    assert export.raw() == [(1, Decimal("2.5"))]


def test_the_first_run_reads_as_many_months_back_as_told_and_says_what_it_leaves_out(export: Export):
    this_month = dt.datetime.now(dt.UTC).date().replace(day=1)
    last_month = (this_month - dt.timedelta(days=1)).replace(day=1)
    before = (last_month - dt.timedelta(days=1)).replace(day=1)
    months = [f"{one:%Y-%m}" for one in (this_month, last_month, before)]
    export.table.add([charge(1, 10.0, month) for month in months])
    export.table.add([charge(1, 3.0, months[2], export_time=f"{months[0]}-02T00:00:00Z")])
    result = export.with_options(months="1").run()
    assert export.raw("strftime(x_billing_period, '%Y-%m')", "order by 1") == [(months[1],), (months[0],)]
    assert any(f"1 rows of invoice months before {months[1]} left out" in note for note in result.notes)
    export.with_options(months="2").run()
    assert export.raw() == [(4, Decimal(33))]


def test_a_month_becomes_final_ten_days_after_its_end(billed: Export):
    def finals() -> list[tuple]:
        with warehouse.connect(billed.settings) as connection:
            return connection.execute("select is_final from ops.delivery").fetchall()

    assert finals() == [(False,)]
    billed.on("2024-10-10").run()
    assert finals() == [(False,)]
    billed.on("2024-10-11").run()
    assert finals() == [(True,)]


@pytest.mark.parametrize("damage", ["lost", "{", "[]", '{"x": 1}'])
def test_a_lost_or_damaged_memory_costs_one_larger_question_and_no_transfer(billed: Export, damage: str):
    billed.state.unlink()
    if damage != "lost":
        billed.state.write_text(damage, "utf-8")
    with fault_proxy(billed.bigquery.url) as proxy:
        result = billed.with_options(endpoint_url=proxy.url).run()
    queries = [path for method, path in proxy.requests if method == "POST" and path.endswith("/queries")]
    assert [one.rows for one in result.unchanged] == [6]
    assert len(queries) == 1


def test_rows_without_an_invoice_month_are_named_until_they_are_mended(export: Export):
    export.table.add([charge(1), charge(2, 5.0, invoice={"month": None}), charge(20), charge(30)])
    for _ in range(2):
        result = export.run()
        assert [one.message for one in result.problems] == [
            "1 rows of 2024-09-02 have None; allowed: a month such as 202409"
        ]
    assert export.raw() == [(3, Decimal(30))]


def test_a_table_partitioned_by_the_time_of_export_needs_no_option(export: Export):
    export.table.add(month_of(3))
    result = export.with_options(partition_column="").run()
    assert [one.rows for one in result.landed] == [3]


def test_a_changed_partition_column_asks_about_everything_again(billed: Export):
    result = billed.with_options(partition_column="export_time").run()
    assert not any("arrived from 2024-09" in note for note in result.notes)
    assert [one.rows for one in result.unchanged] == [6]


def test_one_period_may_be_asked_for_and_the_others_wait(export: Export):
    export.table.add([charge(1), charge(1, month="2024-10")])
    result = export.run(period=dt.date(2024, 10, 1))
    assert [str(one.period) for one in result.landed] == ["2024-10-01"]
    assert [str(one.period) for one in export.run().landed] == ["2024-09-01"]


def test_an_unknown_cost_type_keeps_the_delivery_out_and_is_named(export: Export):
    export.table.add([charge(1), charge(2, cost_type="surprise")])
    result = export.run()
    assert [one.rows for one in result.quarantined] == [2]
    assert "'surprise' is not allowed; allowed: regular, tax, adjustment" in result.problems[0].message


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"table": ""}, "table is needed"),
        ({"table": "billing"}, "'billing' is not project.dataset.table"),
        ({"table": "a.b.c.d"}, "is not project.dataset.table"),
    ],
)
def test_a_table_that_is_not_named_fully_is_refused(export: Export, options: dict[str, str], words: str):
    with pytest.raises(InputError, match=words):
        export.with_options(**options).run()


def test_a_missing_table_is_named_with_what_to_check(export: Export):
    with pytest.raises(
        CspbillError, match=r"source google: .*\.nowhere: not found; check the source's table"
    ):
        export.with_options(table=f"{export.dataset}.nowhere").run()


def test_a_dataset_without_exports_is_named(export: Export):
    empty = export.bigquery.dataset()
    with pytest.raises(CspbillError, match=f"dataset {empty} holds no table gcp_billing_export_v1"):
        export.with_options(table=empty).run()


def test_a_table_that_is_no_billing_export_is_refused_by_its_columns(bigquery: BigQuery, tmp_path: Path):
    fields = [one for one in schema(STANDARD) if one.name not in {"invoice", "credits"}]
    export = export_of(bigquery, tmp_path, "not_billing", fields, "google")
    with pytest.raises(CspbillError, match=r"is no billing export: it has no column invoice\.month, credits"):
        export.run()


@pytest.mark.parametrize("column", ["nowhere", "cost", "export_time` or true --"])
def test_a_partition_column_that_is_none_is_refused(export: Export, column: str):
    with pytest.raises(CspbillError, match="partition_column"):
        export.with_options(partition_column=column).run()


def test_the_memory_between_runs_holds_counts_and_times_only(billed: Export):
    (entry,) = json.loads(billed.state.read_text("utf-8")).values()
    assert entry["partition_column"] == DAY
    assert entry["parts"][0] == [ACCOUNT, "2024-09", "2024-09-01", 1, "2024-09-01T14:00:00+00:00"]


def test_a_day_larger_than_a_row_group_is_written_in_flat_memory():
    text = "x" * 1_000
    held: list[int] = []

    def batches() -> Iterator[pa.RecordBatch]:
        before = pa.total_allocated_bytes()
        for number in range(40):  # 400 MB in all
            held.append(pa.total_allocated_bytes() - before)
            yield pa.record_batch({"number": pa.array([number] * 10_000), "text": pa.array([text] * 10_000)})

    sink = io.BytesIO()
    assert parquet.write(batches(), sink) == 400_000
    assert pq.read_metadata(io.BytesIO(sink.getvalue())).num_rows == 400_000
    assert max(held) < 150_000_000
