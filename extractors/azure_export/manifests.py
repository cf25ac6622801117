"""The ``manifest.json`` that Cost Management writes as the last file of an export run.

Below a directory of the container, a run is ``{export}/{YYYYMMDD-YYYYMMDD}/{YYYYMMDDHHMM}/{run id}/manifest.json``
beside its parts; the second date is the last day itself. Manifests of version 2021-01-01 name neither scope nor data
set: both are then taken from the folders.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from extractors import periods
from extractors.azure_export.cost_details import ACTUAL, AMORTIZED, FOCUS_COST
from extractors.manifest_json import ManifestError, json_object
from extractors.names import shown, unsafe

_RANGE = re.compile(r"(20\d{6})-(20\d{6})")
_RUN_TIME = re.compile(r"20\d{10}")
_EXPORTS = "/providers/microsoft.costmanagement/exports/"

#: Data sets of ``exportConfig.type`` that hold charges; "Usage" is actual cost without purchases.
_DATA_SETS = {"actualcost": ACTUAL, "usage": ACTUAL, "amortizedcost": AMORTIZED, "focuscost": FOCUS_COST}
_LONGEST_SCOPE = 200


@dataclass(frozen=True)
class Place:
    """What the folders of a run say: the export's folder, the days that it covers, and when it ran."""

    export: str  # path below the source
    first: dt.date | None = None
    last: dt.date | None = None
    ran: dt.datetime | None = None

    @property
    def name(self) -> str:
        """Return the export's name: the last folder of its path."""
        return self.export.rpartition("/")[2]


@dataclass(frozen=True)
class Part:
    """A file of a run. ``size`` in bytes; None where the manifest does not say."""

    name: str
    size: int | None
    rows: int | None


@dataclass(frozen=True)
class RunManifest:
    """One run of one export. ``data_set`` None: the run holds no charges. ``last`` is the last day covered."""

    export: str
    scope: str
    data_set: str | None
    type: str
    first: dt.date
    last: dt.date
    submitted: dt.datetime | None
    parts: tuple[Part, ...]

    @property
    def rows(self) -> int | None:
        """Return the number of data rows; None where the manifest does not say."""
        known = [part.rows for part in self.parts if part.rows is not None]
        return sum(known) if len(known) == len(self.parts) else None


def place_of(folder: str) -> Place:
    """Read what the folders of a run say; a folder without dates is an export of its own."""
    segments = folder.split("/")
    for at in range(len(segments) - 1, 0, -1):
        if found := _RANGE.fullmatch(segments[at]):
            first, last = _day(found[1]), _day(found[2])
            rest = [segment for segment in segments[at + 1 :] if _RUN_TIME.fullmatch(segment)]
            return Place("/".join(segments[:at]), first, last, _minute(rest[0]) if rest else None)
    return Place(folder)


def parse(content: bytes, folder: str) -> RunManifest:
    """Read the manifest of the run in ``folder``; raises ManifestError at the first thing that is wrong."""
    found, place = json_object(content, '"blobs"'), place_of(folder)
    config, run = _object(found, "exportConfig"), _object(found, "runInfo")
    kind = str(config.get("type") or "")
    parts = tuple(_part(entry) for entry in _blobs(found))
    _check_counts(found, parts)
    first, last = _days(run, place)
    return RunManifest(
        export=str(config.get("exportName") or place.name),
        scope=_scope(config.get("resourceId")) or place.export,
        data_set=_DATA_SETS.get(kind.casefold()) if kind else _of_name(place.name),
        type=kind,
        first=first,
        last=last,
        submitted=_moment(run.get("submittedTime")) or place.ran,
        parts=parts,
    )


def _object(found: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = found.get(key) or {}
    if not isinstance(value, dict):
        raise ManifestError(f"{key}: must be an object")
    return value


def _blobs(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    blobs = found.get("blobs")
    if not isinstance(blobs, list) or not all(isinstance(entry, dict) for entry in blobs):
        raise ManifestError('blobs: must be a list of {"blobName", "byteCount", "dataRowCount"}')
    return blobs


def _part(entry: Mapping[str, Any]) -> Part:
    # The name is the path inside the container: a copy of the folder, or a source that starts further down, still
    # has the file beside the manifest.
    name = str(entry.get("blobName") or "").strip().rpartition("/")[2]
    if not name or unsafe(name):
        raise ManifestError(
            f"blobs: the name {shown(str(entry.get('blobName')))!r} cannot be used as a file name"
        )
    return Part(name, _count(entry, "byteCount"), _count(entry, "dataRowCount"))


def _check_counts(found: Mapping[str, Any], parts: Sequence[Part]) -> None:
    """Refuse a manifest that contradicts itself."""
    if len({part.name for part in parts}) < len(parts):
        raise ManifestError("blobs: a name is listed twice")
    listed: dict[str, list[int | None]] = {
        "blobCount": [1] * len(parts),
        "byteCount": [part.size for part in parts],
        "dataRowCount": [part.rows for part in parts],
    }
    for key, values in listed.items():
        stated, known = _count(found, key), [value for value in values if value is not None]
        if stated is not None and len(known) == len(values) and sum(known) != stated:
            raise ManifestError(f"{key}: is {stated}, but its blobs add up to {sum(known)}")


def _count(found: Mapping[str, Any], key: str) -> int | None:
    value = found.get(key)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ManifestError(f"{key}: {shown(str(value))!r} is not a whole number")
    return value


def _days(run: Mapping[str, Any], place: Place) -> tuple[dt.date, dt.date]:
    """Return the first and the last day that the run covers: they must lie in one month, from its first day."""
    told = _moment(run.get("startDate")), _moment(run.get("endDate"))
    first = place.first or (told[0] and told[0].date())
    last = place.last or (told[1] and told[1].date())
    if not first or not last:
        raise ManifestError(
            "neither runInfo nor a folder such as 20240901-20240930 says which days it covers"
        )
    if told[0] and (told[0].year, told[0].month) != (first.year, first.month):
        raise ManifestError(f"runInfo.startDate is {told[0]:%Y-%m-%d}, but the folder's name says {first}")
    if first.day != 1 or not first <= last <= periods.following(first):
        raise ManifestError(
            f"covers {first} to {last}: allowed are days of one month from its first on. Export month-to-date or "
            "last month's costs, or name the exports to take with 'export'"
        )
    return first, last


def _scope(resource: object) -> str | None:
    """Return what an export is defined on, such as a billing account; in lower case, as Azure ignores case."""
    scope = str(resource or "").strip().lower().partition(_EXPORTS)[0].rstrip("/")
    if len(scope) > _LONGEST_SCOPE or not scope.isprintable():
        raise ManifestError(f"exportConfig.resourceId: {shown(scope)!r} is too long or not printable")
    return scope or None


def _of_name(export: str) -> str:
    """Tell the data set of an old manifest by the export's name. Unused commitments give a wrong guess away."""
    if "amorti" in export.casefold():
        return AMORTIZED
    return FOCUS_COST if "focus" in export.casefold() else ACTUAL


def _moment(value: object) -> dt.datetime | None:
    if not value:
        return None
    try:
        # Seven digits of a second, as the service writes them, are one too many.
        moment = dt.datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", str(value)))
    except ValueError:
        raise ManifestError(f"runInfo: {shown(str(value))!r} is not a time") from None
    return moment.replace(tzinfo=moment.tzinfo or dt.UTC)


def _day(text: str) -> dt.date | None:
    moment = _strptime(text, "%Y%m%d")
    return moment.date() if moment else None


def _minute(text: str) -> dt.datetime | None:
    return _strptime(text, "%Y%m%d%H%M")


def _strptime(text: str, form: str) -> dt.datetime | None:
    try:
        return dt.datetime.strptime(text, form).replace(tzinfo=dt.UTC)
    except ValueError:
        return None
