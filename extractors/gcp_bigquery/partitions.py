"""What each day of arrival of an export's table holds, and what of that is remembered between runs.

The export only ever grows, day by day: a run asks about the newest remembered days and later ones, and takes older
ones from memory. Losing the memory costs one query over all days, no money and no data.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cspbill import atomic
from extractors import periods
from extractors.protocol import UNKNOWN_SIZE, RemoteFile

#: Days before the newest remembered one that are asked about again: a day's partition may still have been filling.
LOOK_BACK = dt.timedelta(days=3)
_VERSION = re.compile(r"(\d+) rows until (.+)")


@dataclass(frozen=True, order=True)
class Part:
    """The rows of one scope and invoice month that arrived on one day. ``newest``: their last export_time (UTC)."""

    scope: str
    month: dt.date
    day: dt.date
    rows: int
    newest: dt.datetime

    def file(self, table: str) -> RemoteFile:
        """Show it as a file; its version changes when rows are added or withdrawn."""
        name = f"{self.month:%Y-%m}/{self.day}.parquet"
        version = f"{self.rows} rows until {self.newest.isoformat()}"
        return RemoteFile(name, f"{table}/{self.scope}/{name}", UNKNOWN_SIZE, version, self.newest)

    @classmethod
    def of(cls, file: RemoteFile) -> tuple[str, Part]:
        """Return the table and the rows that a file stands for."""
        table, _, scope = file.location.removesuffix(f"/{file.name}").partition("/")
        month, _, day = file.name.removesuffix(".parquet").partition("/")
        found = _VERSION.fullmatch(file.version)
        if not found:
            raise ValueError(file.version)
        newest = dt.datetime.fromisoformat(found[2])
        return table, cls(scope, periods.parse(month), dt.date.fromisoformat(day), int(found[1]), newest)

    def as_json(self) -> list[object]:
        """Return plain JSON values."""
        return [self.scope, f"{self.month:%Y-%m}", str(self.day), self.rows, self.newest.isoformat()]

    @classmethod
    def from_json(cls, values: list[Any]) -> Part:
        """Read what ``as_json`` returned."""
        scope, month, day, rows, newest = values
        return cls(
            scope, periods.parse(month), dt.date.fromisoformat(day), rows, dt.datetime.fromisoformat(newest)
        )


@dataclass(frozen=True)
class Known:
    """What is known of one table. ``since``: the first invoice month whose days are all known."""

    partition_column: str
    since: dt.date
    parts: tuple[Part, ...] = ()

    @property
    def ask_from(self) -> dt.date:
        """Return the first day of arrival that may hold something new."""
        newest = max((part.day for part in self.parts), default=None)
        return (newest or self.since) - LOOK_BACK

    def with_answer(self, asked_from: dt.date, answer: Iterable[Part]) -> Known:
        """Replace everything from ``asked_from`` on by what the table says now."""
        wanted = [part for part in answer if part.month >= self.since]
        return replace(self, parts=tuple(sorted([*self.before(asked_from).parts, *wanted])))

    def before(self, day: dt.date) -> Known:
        """Return what is known of the days before ``day``."""
        return replace(self, parts=tuple(part for part in self.parts if part.day < day))


class PartitionMemory:
    """Remembers ``Known`` per table in one small file without secrets."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "partitions.json"

    def of(self, table: str, partition_column: str, since: dt.date) -> Known:
        """Return what is known of a table; nothing when it was read otherwise or less far back than now."""
        found = self._all().get(table)
        try:
            known = Known(
                found["partition_column"],
                dt.date.fromisoformat(found["since"]),
                tuple(map(Part.from_json, found["parts"])),
            )
        except (ValueError, KeyError, TypeError):  # none yet, or damaged: ask about everything
            return Known(partition_column, since)
        if known.partition_column != partition_column or since < known.since:
            return Known(partition_column, since)
        return known

    def save(self, table: str, known: Known) -> None:
        """Remember a table; leaves the file alone when there is nothing new."""
        before = self._all()
        entry = {
            "partition_column": known.partition_column,
            "since": str(known.since),
            "parts": [part.as_json() for part in known.parts],
        }
        if before.get(table) != entry:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            atomic.write_json(self._path, {**before, table: entry})

    def _all(self) -> Any:  # noqa: ANN401 - a dict by table, of whatever JSON holds
        try:
            found = atomic.read_json(self._path)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}
