"""The demo's sources whose files are the vendors' own: where they lie, what they are called, what comes with them.

aws_payer        cur/<export>/data/BILLING_PERIOD=2024-09/…parquet, then metadata/BILLING_PERIOD=2024-09/…json
partner_center   EUR/2024-09/daily-usage/<invoice>/…json.gz, then EUR/2024-09/reconciliation/<invoice>/…json.gz
azure            <export>/20240901-20240930/<time>/<run>/part_…csv.gz and manifest.json, for actual and amortised
gcp              gcp_billing_export_resource_v1_<account>/2024-09/…parquet
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from cspbill.demo.columns import CUR_2, PARTNER_COSTS

LAYOUTS = Path(__file__).resolve().parent / "layouts"
CUR_EXPORT = "nordwolke-cur2"
CUR_BUCKET = "nordwolke-billing"
CUR_ARN = "arn:aws:bcm-data-exports:us-east-1:204918337561:export/nordwolke-cur2-33d0a406"
AZURE_SCOPE = (
    "/providers/Microsoft.Billing/billingAccounts/9d3c5a60-71de-5c0b-8f0c-2b6d1f5ae7c4:"
    "6b751214-8369-5993-a899-9e2534be3cbe_2019-05-31/billingProfiles/NWOK-57D4-BG7-TGB"
)
AZURE_DATA_SETS = {"amortized": "AmortizedCost", "actual": "ActualCost"}
GCP_TABLE = "gcp_billing_export_resource_v1_018F3C_92D7A4_6E50BB"

Connection = duckdb.DuckDBPyConnection


@dataclass(frozen=True)
class OwnKind:
    """How one source's month is written.

    ``last`` names the file that stands for the whole month: it appears after all others. ``write`` fills a folder
    that stands for the source's.
    """

    last: Callable[[dt.date], str]
    write: Callable[[Connection, dt.date, Path], None]


def files_in_order(folder: Path, last: str) -> list[Path]:
    """Return the files below ``folder``: data first, then manifests, the one that stands for the month at the end."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return sorted(
        files, key=lambda path: (path == folder / last, path.name.lower().endswith("manifest.json"))
    )


def make_rows(connection: Connection, source: str) -> None:
    """Make the tables of a source's rows from the month's charges."""
    connection.execute((LAYOUTS / f"{source}.sql").read_text(encoding="utf-8"))


def _cur_data(month: dt.date) -> str:
    return f"cur/{CUR_EXPORT}/data/BILLING_PERIOD={month:%Y-%m}/{CUR_EXPORT}-00001.snappy.parquet"


def _cur_manifest(month: dt.date) -> str:
    return f"cur/{CUR_EXPORT}/metadata/BILLING_PERIOD={month:%Y-%m}/{CUR_EXPORT}-Manifest.json"


def _write_cur(connection: Connection, month: dt.date, folder: Path) -> None:
    filled = _columns(connection, "cur")
    select = ", ".join(
        f"cast({name if name in filled else _empty(kind)} as {kind}) as {name}"
        for name, kind in CUR_2.items()
    )
    _copy(
        connection,
        f"select {select} from cur",
        folder / _cur_data(month),
        "format parquet, compression snappy",
    )
    _write_json(
        folder / _cur_manifest(month),
        {
            "executionId": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{CUR_ARN}/{month}")),
            "exportArn": CUR_ARN,
            "columns": [{"name": name, "type": kind} for name, kind in CUR_2.items()],
            "dataFiles": [f"s3://{CUR_BUCKET}/{_cur_data(month)}"],
        },
    )


def _empty(kind: str) -> str:
    return "map {}" if kind.startswith("map") else "null"


def _partner_center(kind: str, month: dt.date) -> str:
    name = uuid.uuid5(uuid.NAMESPACE_URL, f"{kind}/{month}")
    return f"EUR/{month:%Y-%m}/{kind}/G0{month:%y%m}51873/part-00000-{name}.c000.json.gz"


def _write_partner_center(connection: Connection, month: dt.date, folder: Path) -> None:
    for kind, table in (("daily-usage", "daily"), ("reconciliation", "reconciliation")):
        path = folder / _partner_center(kind, month)
        _copy(connection, f"from {table}", path, "format json, compression gzip")


def _azure_run(data_set: str, month: dt.date) -> str:
    """Return the folder of the run that exports a whole month on the fifth of the next one."""
    last = _following(month) - dt.timedelta(1)
    run = uuid.uuid5(uuid.NAMESPACE_URL, f"{data_set}/{month}")
    return f"nordwolke-{data_set}/{month:%Y%m%d}-{last:%Y%m%d}/{_following(month):%Y%m}050612/{run}"


def _write_azure(connection: Connection, month: dt.date, folder: Path) -> None:
    for table, kind in AZURE_DATA_SETS.items():
        run = folder / _azure_run(table, month)
        part = run / "part_0_0001.csv.gz"
        filled = _columns(connection, table)
        select = ", ".join(f'"{name}"' if name in filled else f"'' as \"{name}\"" for name in PARTNER_COSTS)
        _copy(connection, f"select {select} from {table}", part, "format csv, header true, compression gzip")
        found = connection.execute(f"select count(*) from {table}").fetchone()
        blob = f"costs/{_azure_run(table, month)}/{part.name}"
        _write_json(run / "manifest.json", _azure_manifest(kind, month, blob, part, found[0] if found else 0))


def _azure_manifest(kind: str, month: dt.date, blob: str, part: Path, rows: int) -> Mapping[str, Any]:
    export, last = blob.split("/")[1], _following(month) - dt.timedelta(1)
    size = part.stat().st_size
    return {
        "manifestVersion": "2024-04-01",
        "byteCount": size,
        "blobCount": 1,
        "dataRowCount": rows,
        "exportConfig": {
            "exportName": export,
            "resourceId": f"{AZURE_SCOPE}/providers/Microsoft.CostManagement/exports/{export}",
            "dataVersion": "2023-12-01-preview",
            "apiVersion": "2023-07-01-preview",
            "type": kind,
            "timeFrame": "TheLastMonth",
            "granularity": "Daily",
        },
        "deliveryConfig": {
            "partitionData": True,
            "dataOverwriteBehavior": "OverwritePreviousReport",
            "fileFormat": "Csv",
            "compressionMode": "Gzip",
            "containerUri": "/subscriptions/00000000-0000-0000-0000-000000000000/containers/costs",
            "rootFolderPath": "",
        },
        "runInfo": {
            "executionType": "Scheduled",
            "submittedTime": f"{_following(month):%Y-%m}-05T06:12:00.0000000Z",
            "runId": blob.split("/")[-2],
            "startDate": f"{month}T00:00:00",
            "endDate": f"{last}T00:00:00",
        },
        "blobs": [{"blobName": blob, "byteCount": size, "dataRowCount": rows, "headerRowCount": 1}],
    }


def _gcp(month: dt.date) -> str:
    return f"{GCP_TABLE}/{month:%Y-%m}/000000000000.parquet"


def _write_gcp(connection: Connection, month: dt.date, folder: Path) -> None:
    _copy(connection, "from billing", folder / _gcp(month), "format parquet, compression zstd")


def _columns(connection: Connection, table: str) -> frozenset[str]:
    return frozenset(name for name, *_ in connection.execute(f"describe {table}").fetchall())


def _copy(connection: Connection, query: str, path: Path, options: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    target = str(path).replace("'", "''")
    connection.execute(f"copy ({query}) to '{target}' ({options})")


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _following(month: dt.date) -> dt.date:
    return (month.replace(day=28) + dt.timedelta(days=4)).replace(day=1)


OWN_KINDS: Mapping[str, OwnKind] = {
    "aws_payer": OwnKind(_cur_manifest, _write_cur),
    "partner_center": OwnKind(lambda month: _partner_center("reconciliation", month), _write_partner_center),
    "azure": OwnKind(lambda month: f"{_azure_run('actual', month)}/manifest.json", _write_azure),
    "gcp": OwnKind(_gcp, _write_gcp),
}
