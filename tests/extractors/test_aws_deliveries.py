"""AWS reports in every layout that AWS delivers, read from a bucket: what counts, what replaces it, what waits."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from emulators.aws_exports import (
    PAYER,
    AwsVendor,
    export_manifest,
    focus,
    legacy_csv,
    legacy_manifest,
    line,
    month_of,
    new_vendor,
    parquet,
)
from emulators.s3 import KEY_ID, REGION, SECRET, Bucket, s3_server

from extractors.aws import extractor

REPORT = "cur/daily/20240401-20240501"
EXPORT = "exports/cur2"
MAY = dt.date(2024, 5, 1)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with s3_server() as address:
        yield address


@pytest.fixture
def bucket(endpoint: str, request: pytest.FixtureRequest) -> Bucket:
    return Bucket(endpoint, f"b{abs(hash(request.node.name))}")


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY_ID)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)


@pytest.fixture
def vendor(bucket: Bucket, tmp_path: Path) -> AwsVendor:
    return new_vendor(tmp_path, path=f"s3://{bucket.name}/", endpoint_url=bucket.endpoint, region=REGION)


def put_versioned(bucket: Bucket, assembly: str, rows: list, *, manifest: bool = True) -> None:
    """A legacy report that keeps its versions: data below the assembly, the manifest there and one folder up."""
    key = f"{REPORT}/{assembly}/daily-00001.csv.gz"
    bucket.put(key, legacy_csv(rows))
    if manifest:
        bucket.put(f"{REPORT}/{assembly}/daily-Manifest.json", legacy_manifest("daily", [key]))
        bucket.put(f"{REPORT}/daily-Manifest.json", legacy_manifest("daily", [key]))


def put_overwritten(bucket: Bucket, chunks: list[list], name: str = "cur2") -> None:
    """A data export in Parquet that overwrites its files; chunks of an earlier, longer refresh stay, emptied."""
    data = [
        f"exports/{name}/data/BILLING_PERIOD=2024-04/{name}-{number:05}.snappy.parquet"
        for number in range(1, len(chunks) + 1)
    ]
    for key in bucket.listed():
        if key.startswith(f"exports/{name}/data/") and key not in data:
            bucket.put(key, b"")
    for key, rows in zip(data, chunks, strict=True):
        bucket.put(key, parquet(rows))
    bucket.put(
        f"exports/{name}/metadata/BILLING_PERIOD=2024-04/{name}-Manifest.json",
        export_manifest(name, bucket.name, data),
    )


def test_a_legacy_report_lands_under_its_payer_and_a_second_run_downloads_nothing(
    bucket: Bucket, vendor: AwsVendor, monkeypatch: pytest.MonkeyPatch
):
    put_versioned(bucket, "20240417T190636Z", month_of())
    assert [(one.scope, one.rows) for one in vendor.run().landed] == [(PAYER, 30)]
    assert vendor.raw() == [(PAYER, "2024-04", 30, Decimal(300))]
    monkeypatch.setattr("extractors.stores.s3.S3Prefix.fetch", lambda *_: pytest.fail("downloaded again"))
    again = vendor.run()
    assert (len(again.landed), len(again.unchanged), again.notes) == (0, 1, ())


def test_a_new_version_replaces_the_month_exactly_and_withdrawn_rows_are_gone(
    bucket: Bucket, vendor: AwsVendor
):
    put_versioned(bucket, "20240417T190636Z", month_of(30))
    vendor.run()
    put_versioned(bucket, "20240418T190636Z", [*month_of(29), line("0.123456789012", day=30)])
    vendor.run()
    assert vendor.raw() == [(PAYER, "2024-04", 30, Decimal("290.123456789012"))]


def test_the_same_content_in_a_new_version_is_the_same_delivery(bucket: Bucket, vendor: AwsVendor):
    put_versioned(bucket, "20240417T190636Z", month_of())
    first = vendor.run().landed[0].delivery_id
    put_versioned(bucket, "20240418T190636Z", month_of())
    result = vendor.run()
    assert [one.delivery_id for one in result.unchanged] == [first]
    assert not result.landed


def test_a_version_whose_manifest_has_not_come_is_left_alone(bucket: Bucket, vendor: AwsVendor):
    put_versioned(bucket, "20240417T190636Z", month_of())
    vendor.run()
    put_versioned(bucket, "20240418T190636Z", month_of(30, "99"), manifest=False)
    assert len(vendor.run().unchanged) == 1
    assert vendor.raw() == [(PAYER, "2024-04", 30, Decimal(300))]


def test_a_manifest_whose_files_are_not_all_there_waits_for_them(bucket: Bucket, vendor: AwsVendor):
    here, there = f"{REPORT}/daily-1.csv.gz", f"{REPORT}/daily-2.csv.gz"
    bucket.put(here, legacy_csv(month_of(15)))
    bucket.put(f"{REPORT}/daily-Manifest.json", legacy_manifest("daily", [here, there]))
    result = vendor.run()
    assert "daily-2.csv.gz is announced but not there" in result.incomplete[0]
    assert vendor.raw() == []
    bucket.put(there, legacy_csv([line("1", day=20)]))
    time.sleep(1.1)  # S3 tells times in whole seconds
    bucket.put(f"{REPORT}/daily-Manifest.json", legacy_manifest("daily", [here, there]))
    vendor.run()
    assert vendor.raw() == [(PAYER, "2024-04", 16, Decimal(151))]


def test_a_refresh_in_place_is_left_alone_until_its_manifest_is_written(bucket: Bucket, vendor: AwsVendor):
    put_overwritten(bucket, [month_of(15), month_of(15, "20")])
    vendor.run()
    time.sleep(1.1)
    bucket.put(f"{EXPORT}/data/BILLING_PERIOD=2024-04/cur2-00001.snappy.parquet", parquet(month_of(15, "77")))
    result = vendor.run()
    assert "cur2-00001.snappy.parquet" in result.incomplete[0]
    assert vendor.raw() == [(PAYER, "2024-04", 30, Decimal(450))]
    put_overwritten(bucket, [month_of(15, "77"), month_of(15, "20")])
    vendor.run()
    assert vendor.raw() == [(PAYER, "2024-04", 30, Decimal(1455))]


def test_a_copied_bucket_whose_files_are_newer_than_their_manifest_is_read_after_a_while(
    bucket: Bucket, vendor: AwsVendor, monkeypatch: pytest.MonkeyPatch
):
    put_overwritten(bucket, [month_of()])
    time.sleep(1.1)
    bucket.put(f"{EXPORT}/data/BILLING_PERIOD=2024-04/cur2-00001.snappy.parquet", parquet(month_of()))
    assert vendor.run().incomplete
    monkeypatch.setattr(extractor, "SETTLING", dt.timedelta(0))
    assert len(vendor.run().landed) == 1


def test_leftover_chunks_of_a_longer_refresh_are_not_read(bucket: Bucket, vendor: AwsVendor):
    put_overwritten(bucket, [month_of(10, "1"), month_of(10, "2"), month_of(10, "3")])
    assert len(vendor.run().landed) == 1
    put_overwritten(bucket, [month_of(30, "2")])
    assert len(vendor.run().landed) == 1
    assert vendor.raw() == [(PAYER, "2024-04", 30, Decimal(60))]


def test_a_data_export_that_keeps_its_versions_is_read_at_the_latest(bucket: Bucket, vendor: AwsVendor):
    for execution, cost in [
        ("2024-04-20T01:05:29.443Z-f9ecf539", "1"),
        ("2024-04-21T13:09:00.126Z-0664ded9", "3"),
    ]:
        key = f"{EXPORT}/data/BILLING_PERIOD=2024-04/{execution}/cur2-00001.snappy.parquet"
        bucket.put(key, parquet(month_of(20, cost)))
        for folder in (f"{execution}/", ""):
            bucket.put(
                f"{EXPORT}/metadata/BILLING_PERIOD=2024-04/{folder}cur2-Manifest.json",
                export_manifest("cur2", bucket.name, [key]),
            )
    vendor.run()
    assert vendor.raw() == [(PAYER, "2024-04", 20, Decimal(60))]


def test_a_legacy_report_for_athena_is_read_from_its_year_and_month_folders(
    bucket: Bucket, vendor: AwsVendor
):
    key = "athena/cur/cur/year=2024/month=4/cur-00001.snappy.parquet"
    bucket.put(key, parquet([{**row, "resource_tags_user_team": "web"} for row in month_of()]))
    bucket.put("athena/cur/cost_and_usage_data_status/cost_and_usage_data_status.parquet", "not ours")
    bucket.put(
        "athena/cur/20240401-20240501/cur-Manifest.json",
        legacy_manifest("cur", [key], compression="Parquet", contentType="Parquet"),
    )
    vendor.run()
    assert vendor.raw() == [(PAYER, "2024-04", 30, Decimal(300))]
    assert vendor.query("select distinct resource_tags from raw.aws_cur") == [('{"user_team":"web"}',)]


def test_late_rows_for_a_closed_month_come_with_its_next_delivery(bucket: Bucket, vendor: AwsVendor):
    put_versioned(bucket, "a", month_of(bill_invoice_id="EUINV-1"))
    vendor.run()
    assert vendor.is_final() == [True]
    late = line("100", "Fee", 30, line_item_product_code="AWSSupportBusiness", bill_invoice_id="EUINV-1")
    put_versioned(bucket, "b", [*month_of(bill_invoice_id="EUINV-1"), late])
    vendor.run()
    assert vendor.raw() == [(PAYER, "2024-04", 31, Decimal(400))]


def test_two_exports_of_one_payer_are_counted_once_and_said(bucket: Bucket, vendor: AwsVendor):
    put_versioned(bucket, "a", month_of())
    put_overwritten(bucket, [month_of()])
    result = vendor.run()
    assert result.notes == (
        (
            f"payer account {PAYER}, 2024-04: exports cur/daily and exports/cur2 hold the same charges; "
            "cur/daily counts (the option export chooses another)"
        ),
    )
    assert vendor.raw() == [(PAYER, "2024-04", 30, Decimal(300))]


def test_the_option_export_chooses_among_two(bucket: Bucket, vendor: AwsVendor):
    put_versioned(bucket, "a", month_of())
    put_overwritten(bucket, [month_of(30, "11")])
    result = vendor.with_options(export="cur2").run()
    assert result.notes == ("export cur/daily is left out: the source reads cur2 only",)
    assert vendor.raw() == [(PAYER, "2024-04", 30, Decimal(330))]


def test_an_export_that_does_not_exist_is_named_with_those_that_do(bucket: Bucket, vendor: AwsVendor):
    put_versioned(bucket, "a", month_of())
    problem = vendor.with_options(export="dayly").run().problems[0]
    assert "holds no report or export named 'dayly'; there is: cur/daily" in str(problem)


def test_exports_of_other_tables_are_left_to_the_kind_that_reads_them(bucket: Bucket, vendor: AwsVendor):
    key = "exports/focus/data/BILLING_PERIOD=2024-04/focus-00001.snappy.parquet"
    bucket.put(key, parquet([focus("4", day) for day in range(1, 31)]))
    bucket.put(
        "exports/focus/metadata/BILLING_PERIOD=2024-04/focus-Manifest.json",
        export_manifest("focus", bucket.name, [key], "BilledCost"),
    )
    put_overwritten(bucket, [month_of()])
    assert vendor.run().notes == (
        "export exports/focus is left out: kind aws_focus reads it, this source reads aws_cur",
    )
    other = new_vendor(vendor.settings.home.parent / "focus", "aws_focus", **vendor.source.options)
    assert [(one.scope, one.rows) for one in other.run().landed] == [(PAYER, 30)]
    found = "select sum(BilledCost), any_value(Tags), count(InvoiceId) from raw.focus_files"
    assert other.query(found) == [(Decimal(120), '{"team":"web"}', 0)]
    assert other.is_final() == [False]
    assert other.on("2024-05-15").run().unchanged
    assert other.is_final() == [True]


def test_a_shrunk_month_is_held_and_the_fuller_one_stays(bucket: Bucket, vendor: AwsVendor):
    put_versioned(bucket, "a", month_of())
    vendor.run()
    put_versioned(bucket, "b", month_of(10))
    assert len(vendor.run().held) == 1
    assert vendor.raw() == [(PAYER, "2024-04", 30, Decimal(300))]


def test_a_month_is_final_when_every_line_that_costs_money_has_its_invoice(bucket: Bucket, vendor: AwsVendor):
    free = line("0", bill_invoice_id=None)
    put_versioned(bucket, "a", [free, *month_of(29, bill_invoice_id="EUINV-1"), line("7", day=30)])
    vendor.run()
    assert vendor.is_final() == [False]
    put_versioned(
        bucket, "b", [free, *month_of(29, bill_invoice_id="EUINV-1"), line("7", bill_invoice_id="EUINV-2")]
    )
    vendor.run()
    assert vendor.is_final() == [True]


def test_a_month_without_an_invoice_stays_an_estimate_however_old_it_is(bucket: Bucket, vendor: AwsVendor):
    put_versioned(bucket, "a", month_of())
    vendor.on("2025-04-01").run()
    assert vendor.is_final() == [False]


def test_an_open_month_with_an_invoiced_purchase_only_is_not_final(bucket: Bucket, vendor: AwsVendor):
    put_versioned(bucket, "a", [line("68", "Fee", bill_invoice_id="EUINV-1"), line("0")])
    early = vendor.on("2024-04-02")
    early.run()
    assert early.is_final() == [False]


def test_a_report_packed_as_zip_is_refused_with_what_to_set(bucket: Bucket, vendor: AwsVendor):
    bucket.put(f"{REPORT}/daily-1.zip", "PK")
    bucket.put(f"{REPORT}/daily-Manifest.json", legacy_manifest("daily", [f"{REPORT}/daily-1.zip"]))
    assert "set the export to GZIP or Parquet" in str(vendor.run().problems[0])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is not JSON"),
        ("[]", "is not a JSON object"),
        ("{}", "reportKeys (or dataFiles) is not a list of S3 keys"),
        ('{"reportKeys": []}', "lists no files"),
        ('{"reportKeys": ["a", "a"]}', "names a file twice"),
        ('{"reportKeys": ["a"], "billingPeriod": {"start": "soon"}}', "billingPeriod: 'soon' is not a time"),
        (
            '{"reportKeys": ["a"], "billingPeriod": {"start": "20240301T000000.000Z"}}',
            "the folder's name says 2024-04",
        ),
    ],
)
def test_a_manifest_that_cannot_be_used_is_named_and_the_other_exports_go_on(
    bucket: Bucket, vendor: AwsVendor, content: str, message: str
):
    bucket.put(f"{REPORT}/daily-Manifest.json", content)
    put_overwritten(bucket, [month_of()])
    result = vendor.run()
    assert f"aws/{REPORT}/daily-Manifest.json" in str(result.problems[0])
    assert message in str(result.problems[0])
    assert vendor.raw() == [(PAYER, "2024-04", 30, Decimal(300))]


def test_a_path_without_manifests_is_an_error_and_an_empty_bucket_is_not(bucket: Bucket, vendor: AwsVendor):
    assert not vendor.run().problems
    bucket.put("cur/elsewhere.csv", "a,b")
    assert "no <name>-Manifest.json" in str(vendor.run().problems[0])


def test_a_period_is_read_alone_when_asked_for(bucket: Bucket, vendor: AwsVendor):
    put_versioned(bucket, "a", month_of())
    key = "cur/daily/20240501-20240601/a/daily-00001.csv.gz"
    bucket.put(key, legacy_csv(month_of(5, month=MAY)))
    bucket.put("cur/daily/20240501-20240601/daily-Manifest.json", legacy_manifest("daily", [key], month=MAY))
    vendor.run(period=MAY)
    assert vendor.raw() == [(PAYER, "2024-05", 5, Decimal(50))]
    vendor.run()
    assert [row[1] for row in vendor.raw()] == ["2024-04", "2024-05"]


def test_the_path_may_name_the_reports_own_folder(bucket: Bucket, vendor: AwsVendor):
    put_versioned(bucket, "a", month_of())
    assert len(vendor.with_options(path=f"s3://{bucket.name}/cur/daily").run().landed) == 1


def test_a_column_that_the_month_needs_and_lost_is_named(bucket: Bucket, vendor: AwsVendor):
    put_versioned(bucket, "a", month_of())
    vendor.run()
    put_versioned(
        bucket,
        "b",
        [
            {name: value for name, value in row.items() if name != "line_item_unblended_cost"}
            for row in month_of()
        ],
    )
    problem = next(one for one in vendor.run().problems if one.column == "line_item_unblended_cost")
    assert "daily-00001.csv.gz" in problem.file
    assert vendor.raw() == [(PAYER, "2024-04", 30, Decimal(300))]


def test_a_column_that_aws_adds_is_kept(bucket: Bucket, vendor: AwsVendor):
    put_versioned(bucket, "a", [{**row, "product/gpuMemory": "16 GB"} for row in month_of()])
    vendor.run()
    assert vendor.query("select distinct product_gpu_memory from raw.aws_cur") == [("16 GB",)]
