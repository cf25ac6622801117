"""Files that a person downloaded from Partner Center, in folders: ``[<currency>/]<period>/reconciliation/…``.

Beside it ``daily-usage/…`` holds the daily usage of invoices and ``daily-usage/unbilled/…`` that of an open month.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from cspbill.errors import Problem
from extractors import periods
from extractors.names import shown
from extractors.partner_center.columns import DAILY_FILES, RECONCILIATION_FILES
from extractors.protocol import Discovery, RemoteDelivery, RemoteFile
from extractors.reading import is_delivered_data, is_json_lines
from extractors.stores.store import Listing

WHOLE_SOURCE = "."
_KINDS = (RECONCILIATION_FILES.rstrip("/"), DAILY_FILES.rstrip("/"))
Key = tuple[str, dt.date]


def discover_downloads(source: str, listing: Listing, period: dt.date | None) -> Discovery:
    """Group downloaded files into deliveries by the folders above ``reconciliation`` and ``daily-usage``."""
    groups: dict[Key, list[RemoteFile]] = defaultdict(list)
    notes = list(listing.notes)
    for file in listing.files:
        place = _place(file)
        if place is None:
            notes.append(
                f"{shown(file.location)}: left out, allowed are CSV, Parquet and JSON lines files in "
                "<period>/reconciliation/ and <period>/daily-usage/, such as 2024-09/reconciliation/"
            )
            continue
        key, name = place
        groups[key].append(replace(file, name=name))
    deliveries = [
        _delivery(source, key, files, listing.refused)
        for key, files in sorted(groups.items())
        if period in {None, key[1]}
    ]
    return Discovery(tuple(deliveries), notes=tuple(notes))


def _place(file: RemoteFile) -> tuple[Key, str] | None:
    segments = file.name.split("/")
    at = next((position for position, segment in enumerate(segments) if segment in _KINDS), None)
    if at is None or not (is_delivered_data(file.name) or is_json_lines(file.name)):
        return None
    month, scope = periods.of_folders(segments[:at])
    return (("/".join(scope) or WHOLE_SOURCE, month), "/".join(segments[at:])) if month else None


def _delivery(source: str, key: Key, files: Iterable[RemoteFile], refused: dict[str, str]) -> RemoteDelivery:
    scope, month = key
    files = tuple(sorted(files))
    billed_usage = any(_explains(file.name) for file in files)
    has_money = any(file.name.startswith(RECONCILIATION_FILES) for file in files)
    problems = [
        Problem(
            f"{source}/{shown(file.location)}",
            0,
            "",
            f"the file is refused: it {refused[file.location]}; allowed are files inside the source's folder whose "
            "names are plain relative paths",
        )
        for file in files
        if file.location in refused
    ]
    missing = ("the reconciliation file of this month",) if billed_usage and not has_money else ()
    return RemoteDelivery(scope, month, files, missing=missing, problems=tuple(problems))


def _explains(name: str) -> bool:
    return name.startswith(DAILY_FILES) and not name.startswith(f"{DAILY_FILES}unbilled/")
