"""Column names, paths and keys of AWS's exports, as they were seen in buckets."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from emulators.aws_exports import (
    DATA,
    PAYER,
    legacy_csv,
    legacy_manifest,
    line,
    month_of,
    new_vendor,
    put_all,
)

from extractors.aws import layout, manifests
from extractors.aws.columns import cur_name
from extractors.aws.extractor import AwsExports
from extractors.aws.manifests import AwsManifest
from extractors.protocol import RemoteFile


@pytest.mark.parametrize(
    ("delivered", "name"),
    [
        ("lineItem/UnblendedCost", "line_item_unblended_cost"),
        ("bill/InvoiceId", "bill_invoice_id"),
        ("pricing/publicOnDemandCost", "pricing_public_on_demand_cost"),
        ("product/ProductName", "product_product_name"),
        ("product/regionCode", "product_region_code"),
        ("product/sku", "product_sku"),
        ("reservation/ReservationARN", "reservation_reservation_a_r_n"),
        ("savingsPlan/SavingsPlanARN", "savings_plan_savings_plan_a_r_n"),
        ("savingsPlan/SavingsPlanEffectiveCost", "savings_plan_savings_plan_effective_cost"),
        ("splitLineItem/ParentResourceId", "split_line_item_parent_resource_id"),
        ("reservation_reservation_arn", "reservation_reservation_a_r_n"),
        ("line_item_unblended_cost", "line_item_unblended_cost"),
        ("resourceTags/user:Name", "resourceTags/user:Name"),
    ],
)
def test_legacy_names_become_those_of_athena_and_cur_2(delivered: str, name: str):
    assert cur_name(delivered) == name


def test_every_column_of_the_raw_table_that_aws_documents_is_spelled_as_documented():
    sql = (Path(__file__).resolve().parents[2] / "cspbill/schema/raw.sql").read_text("utf-8")
    table = sql.split("create table if not exists raw.aws_cur (")[1].split(");")[0]
    names = [part.split()[0] for part in table.splitlines() if part.strip()]
    assert len(names) == len(set(names))
    assert all(cur_name(name) == name for name in names)


FOUND = {
    "cost_and_usage_consolidated/20240401-20240501/cost_and_usage_consolidated-Manifest.json": "2024-04",
    "cost_and_usage_consolidated/20240401-20240501/20240417T190636Z/cost_and_usage_consolidated-Manifest.json": "",
    "new/NeeStandardCostReport/metadata/BILLING_PERIOD=2024-03/NeeStandardCostReport-Manifest.json": "2024-03",
    "new/NeeStandardCostReport/metadata/BILLING_PERIOD=2024-03/2024-04-02T13:14:43.337Z-6b622448-daaa-439c-92f1-afc72"
    "7f1e0a3/NeeStandardCostReport-Manifest.json": "",
    "20240401-20240501/atroot-Manifest.json": "2024-04",
    "metadata/BILLING_PERIOD=2024-05/atroot-Manifest.json": "2024-05",
    "elsewhere/20241301-20250101/x-Manifest.json": "",
    "elsewhere/x-Manifest.json": "",
    "elsewhere/20240401-20240501/manifest.json": "",
}


def test_the_manifests_that_count_are_those_that_aws_overwrites():
    files = [RemoteFile(name, name, 1, "v") for name in FOUND]
    found = {place.manifest.location: f"{place.period:%Y-%m}" for place in layout.places(files)}
    assert found == {name: period for name, period in FOUND.items() if period}


def test_of_copies_alone_the_newest_counts():
    old, new = (dt.datetime(2024, 4, day, tzinfo=dt.UTC) for day in (18, 19))
    names = ["r/20240401-20240501/zzz/r-Manifest.json", "r/20240401-20240501/aaa/r-Manifest.json"]
    files = [RemoteFile(name, name, 1, "v", time) for name, time in zip(names, [old, new], strict=True)]
    assert [place.manifest.location for place in layout.places(files)] == names[1:]


@pytest.mark.parametrize(
    ("key", "location"),
    [
        ("p/cur/20240401-20240501/a/cur-1.csv.gz", "copy/cur/20240401-20240501/a/cur-1.csv.gz"),
        ("p/cur/cur/year=2024/month=4/cur-1.parquet", "copy/cur/cur/year=2024/month=4/cur-1.parquet"),
        (
            "p/cur/data/BILLING_PERIOD=2024-04/x-00001.csv.gz",
            "copy/cur/data/BILLING_PERIOD=2024-04/x-00001.csv.gz",
        ),
        ("p/cur/20240401-20240501/b/cur-1.csv.gz", None),  # of another version
        ("p/cur/20240301-20240401/a/cur-1.csv.gz", None),  # of another month
        ("cur-1.csv.gz", None),
    ],
)
def test_files_of_a_copied_bucket_are_found_by_their_path_inside_the_export(key: str, location: str | None):
    names = [
        "copy/cur/20240401-20240501/a/cur-1.csv.gz",
        "copy/cur/cur/year=2024/month=4/cur-1.parquet",
        "copy/cur/data/BILLING_PERIOD=2024-04/x-00001.csv.gz",
        "copy/cur/20240301-20240401/a/cur-1.csv.gz",
        "copy/cur/cur-1.csv.gz",
    ]
    present = {name: RemoteFile(name, name, 1, "v") for name in names}
    manifest = RemoteFile("m", "copy/cur/20240401-20240501/cur-Manifest.json", 1, "v")
    found = layout.find(key, layout.Place("copy/cur", "cur", dt.date(2024, 4, 1), manifest), present)
    assert (found and found.location) == location


@pytest.mark.parametrize(
    ("arn", "account"),
    [
        ("arn:aws:bcm-data-exports:us-east-1:111111111111:export/cur2-9f8e7d6c", "111111111111"),
        ("arn:aws-cn:bcm-data-exports:cn-northwest-1:222222222222:export/cur2", "222222222222"),
        ("arn:aws:bcm-data-exports:::export:Example/837fcfce", ""),
        ("", ""),
    ],
)
def test_the_payer_account_of_a_data_export_is_in_its_arn(arn: str, account: str):
    manifest = json.dumps({"exportArn": arn, "dataFiles": ["s3://bucket/x-00001.csv.gz"]})
    assert manifests.parse(manifest.encode()).account == account


def test_a_remembered_manifest_is_the_one_that_was_read():
    content = (
        DATA / "koku/bucket_with_prefix/my-report/20180801-20180901/my-report-Manifest.json"
    ).read_bytes()
    manifest = manifests.parse(content)
    assert manifest.account == "4090136019287"
    assert manifest.table == "cur"
    assert manifest.period == dt.date(2018, 8, 1)
    assert AwsManifest.from_json(json.loads(json.dumps(manifest.as_json()))) == manifest


def test_a_damaged_memory_costs_a_download_and_nothing_else(tmp_path: Path):
    put_all(
        tmp_path / "bucket",
        {
            "r/20240401-20240501/r-1.csv.gz": legacy_csv(month_of()),
            "r/20240401-20240501/r-Manifest.json": legacy_manifest("r", ["r/20240401-20240501/r-1.csv.gz"]),
        },
    )
    vendor = new_vendor(tmp_path, path=str(tmp_path / "bucket"))
    for content in ("{", "[]", '{"r/20240401-20240501/r-Manifest.json": 1}'):
        put_all(tmp_path / "state", {"manifests.json": content})
        found = AwsExports(vendor.source, tmp_path / "state").discover(None)
        assert [one.scope for one in found.deliveries] == [PAYER]


def test_tags_that_differ_in_letter_case_only_are_both_kept(tmp_path: Path):
    rows = [
        line("1", day=day, **{"resourceTags/user:Name": "a", "resourceTags/user:name": 'b "2"'})
        for day in (1, 2)
    ]
    put_all(
        tmp_path / "bucket",
        {
            "r/20240401-20240501/r-1.csv.gz": legacy_csv(rows),
            "r/20240401-20240501/r-Manifest.json": legacy_manifest("r", ["r/20240401-20240501/r-1.csv.gz"]),
        },
    )
    vendor = new_vendor(tmp_path, path=str(tmp_path / "bucket"))
    assert not vendor.run().problems
    ((found,),) = vendor.query("select distinct resource_tags from raw.aws_cur")
    assert json.loads(found) == {"user:Name": "a", "user:name": 'b "2"'}


def test_a_truncated_file_is_refused_and_nothing_is_loaded(tmp_path: Path):
    content = legacy_csv(month_of(2))[:-20]
    put_all(
        tmp_path / "bucket",
        {
            "r/20240401-20240501/r-1.csv.gz": content,
            "r/20240401-20240501/r-Manifest.json": legacy_manifest("r", ["r/20240401-20240501/r-1.csv.gz"]),
        },
    )
    vendor = new_vendor(tmp_path, path=str(tmp_path / "bucket"))
    assert "the gzip file is" in str(vendor.run().problems[0])
    assert vendor.raw() == []
