"""What AWS's manifests say: which files make one delivery, of whom, and in what table.

    legacy CUR     <report>-Manifest.json: account, billingPeriod, reportKeys, columns [{category, name}], compression
    Data Exports   <export>-Manifest.json: exportArn, dataFiles, columns [{name, type}]

AWS publishes no specification of the second, so that it is read leniently: what is absent is not held against it.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import asdict, dataclass
from typing import Any

from extractors import periods
from extractors.aws.columns import cur_name
from extractors.manifest_json import ManifestError, json_object
from extractors.names import shown

_BUCKET = re.compile(r"s3a?://[^/]+/")
_ACCOUNT_OF_ARN = re.compile(r"arn:[a-z-]+:bcm-data-exports:[a-z0-9-]*:(\d+):")


@dataclass(frozen=True)
class AwsManifest:
    """A manifest as far as it counts. ``keys`` are S3 keys without their bucket, in the vendor's order.

    ``account`` is the payer account, ``table`` what the columns are: ``cur``, ``focus``, another table's first
    columns, or empty where the manifest names none. ``assembled`` is when the delivery was started, where told.
    """

    keys: tuple[str, ...]
    period: dt.date | None
    account: str
    table: str
    compression: str
    assembled: dt.datetime | None

    def as_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        found = asdict(self)
        found["period"] = None if self.period is None else periods.label(self.period)
        found["assembled"] = None if self.assembled is None else self.assembled.isoformat()
        return found

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> AwsManifest:
        """Read what ``as_json`` wrote; ValueError, KeyError or TypeError when it is something else."""
        return cls(
            keys=tuple(map(str, found["keys"])),
            period=None if found["period"] is None else periods.parse(found["period"]),
            account=str(found["account"]),
            table=str(found["table"]),
            compression=str(found["compression"]),
            assembled=None if found["assembled"] is None else dt.datetime.fromisoformat(found["assembled"]),
        )


def parse(content: bytes) -> AwsManifest:
    """Read a manifest of either kind; raises ManifestError at the first thing that is wrong."""
    found = json_object(content, "reportKeys or dataFiles")
    keys = _keys(found)
    return AwsManifest(
        keys=keys,
        period=_period(found.get("billingPeriod")),
        account=_account(found),
        table=_table(found.get("columns")),
        compression=str(found.get("compression") or "").upper(),
        assembled=_moment(found.get("assemblyId")),
    )


def _keys(found: dict[str, Any]) -> tuple[str, ...]:
    listed = found.get("reportKeys", found.get("dataFiles"))
    if not isinstance(listed, list) or not all(isinstance(key, str) and key for key in listed):
        raise ManifestError("reportKeys (or dataFiles) is not a list of S3 keys")
    if not listed:
        raise ManifestError("lists no files: wait for AWS's next delivery")
    keys = tuple(_BUCKET.sub("", key, count=1).lstrip("/") for key in listed)
    if len(set(keys)) < len(keys):
        raise ManifestError("names a file twice")
    return keys


def _period(value: object) -> dt.date | None:
    """Read ``{"start": "20180801T000000.000Z", …}``; None where there is none (the folder's name tells)."""
    start = value.get("start") if isinstance(value, dict) else value
    if start in {None, ""}:
        return None
    digits = re.match(r"(\d{4})-?(\d\d)", str(start))
    if not digits or not 1 <= int(digits[2]) <= 12:
        raise ManifestError(
            f"billingPeriod: {shown(str(start))!r} is not a time such as 20240401T000000.000Z"
        )
    return dt.date(int(digits[1]), int(digits[2]), 1)


def _account(found: dict[str, Any]) -> str:
    account = str(found.get("account") or "")
    if account:
        return account if account.isalnum() else ""
    arn = _ACCOUNT_OF_ARN.match(str(found.get("exportArn") or ""))
    return arn[1] if arn else ""


def _table(columns: object) -> str:
    names = [_column(entry) for entry in columns] if isinstance(columns, list) else []
    if not any(names):
        return ""
    known = {name.lower() for name in names}
    if "line_item_unblended_cost" in known:
        return "cur"
    return "focus" if "billedcost" in known else ", ".join(shown(name, 40) for name in names[:3])


def _column(entry: object) -> str:
    if isinstance(entry, str):
        return entry
    if not isinstance(entry, dict):
        return ""
    category, name = entry.get("category"), str(entry.get("name") or "")
    return cur_name(f"{category}/{name}") if category else name


def _moment(assembly: object) -> dt.datetime | None:
    """Read an assembly id that is a time, such as ``20240417T190636Z``; others (GUIDs) tell none."""
    try:
        return dt.datetime.strptime(str(assembly), "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)
    except ValueError:
        return None
