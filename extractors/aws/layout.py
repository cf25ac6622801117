"""Where a bucket holds what: manifests by export and billing period, and the files that they name.

    legacy CUR     <report>/20240401-20240501/<report>-Manifest.json                    always the latest delivery
                   <report>/20240401-20240501/<assemblyId>/<report>-Manifest.json       a copy, one per delivery
    Data Exports   <export>/metadata/BILLING_PERIOD=2024-04/<export>-Manifest.json      always the latest delivery
                   <export>/metadata/BILLING_PERIOD=2024-04/<execution>/<export>-Manifest.json

<report> and <export> stand for folders at any depth, or for the source's path itself.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from extractors import periods
from extractors.protocol import RemoteFile

_LEGACY = re.compile(
    r"(?:(?P<root>.+)/)?(?P<month>\d{8}-\d{8})/(?:(?P<copy>[^/]+)/)?(?P<name>[^/]+)-Manifest\.json"
)
_DATA_EXPORT = re.compile(
    r"(?:(?P<root>.+)/)?metadata/(?P<month>BILLING_PERIOD=[^/]+)/(?:(?P<copy>[^/]+)/)?(?P<name>[^/]+)-Manifest\.json"
)


@dataclass(frozen=True)
class Place:
    """One export's word on one billing period. ``root`` is the export's folder, empty for the source's path."""

    root: str
    export: str
    period: dt.date
    manifest: RemoteFile
    is_copy: bool = False

    @property
    def label(self) -> str:
        """Name the export in messages, so that two of the same name can be told apart."""
        return self.root or self.export


def places(files: Iterable[RemoteFile]) -> list[Place]:
    """Return the manifest that counts of each export and billing period, ordered by export and period.

    That is the one which AWS overwrites; where only copies are left, the newest of them.
    """
    counting: dict[tuple[str, str, dt.date], Place] = {}
    for place in filter(None, map(_place, files)):
        key = (place.root, place.export, place.period)
        if key not in counting or _rank(place) > _rank(counting[key]):
            counting[key] = place
    return [counting[key] for key in sorted(counting)]


def _rank(place: Place) -> tuple[bool, dt.datetime, str]:
    modified = place.manifest.modified or dt.datetime.min.replace(tzinfo=dt.UTC)
    return not place.is_copy, modified, place.manifest.location


def _place(file: RemoteFile) -> Place | None:
    # A Data Exports folder never looks like a legacy one, whose month is two dates.
    found = _DATA_EXPORT.fullmatch(file.location) or _LEGACY.fullmatch(file.location)
    if not found:
        return None
    period, _ = periods.of_folders([found["month"]])
    if period is None:
        return None
    return Place(found["root"] or "", found["name"], period, file, is_copy=found["copy"] is not None)


def find(key: str, place: Place, present: Mapping[str, RemoteFile]) -> RemoteFile | None:
    """Return the file that a manifest's S3 key means, or None when it is not there.

    A copy of the bucket may lie below other folders than the original: what counts is the path inside the export.
    It always names the billing period, so that a file of another delivery is never taken for the missing one.
    """
    if key in present:
        return present[key]
    segments = key.split("/")
    for start in range(len(segments)):
        told, _ = periods.of_folders(segments[start:-1])
        if told != place.period:
            break
        inside = "/".join(segments[start:])
        if found := present.get(f"{place.root}/{inside}" if place.root else inside):
            return found
    return None


def names(keys: Iterable[str]) -> dict[str, str]:
    """Return short names inside the delivery by key: file names, whole keys where two files share theirs.

    They leave out the folder of the delivery, so that the same content delivered again is the same delivery.
    """
    keys = list(keys)
    short = [key.rpartition("/")[2] for key in keys]
    return dict(zip(keys, short if len(set(short)) == len(short) else keys, strict=True))
