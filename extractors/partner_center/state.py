"""What the extractor remembers between runs. Losing it costs time only; it holds no token and no signed link.

{"operations": {"reconciliation/unbilled/EUR/2024-09": {"url": "https://…/operations/…", "asked": "2024-10-…"}},
 "settled": {"reconciliation/billed/G016907411": {"etag": "…", "blobs": ["part-….json.gz"]}}}
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cspbill import atomic

#: An operation that a stopped run left behind is asked about for so long; then the export is requested anew.
OPERATION_LIVES = dt.timedelta(hours=12)


@dataclass(frozen=True)
class Parts:
    """The files of one export: ``etag`` names their version. No files: the vendor has no data."""

    etag: str
    blobs: tuple[str, ...]


@dataclass
class State:
    """Exports that were requested and not answered yet, and answers that stay (by the export's key)."""

    path: Path
    operations: dict[str, dict[str, str]] = field(default_factory=dict)
    settled: dict[str, Parts] = field(default_factory=dict)

    @classmethod
    def open(cls, folder: Path) -> State:
        """Read the state below a folder that need not exist; what cannot be read counts as lost."""
        path = folder / "exports.json"
        try:
            found: Any = atomic.read_json(path) or {}
            settled = {key: Parts(one["etag"], tuple(one["blobs"])) for key, one in found["settled"].items()}
            operations = {
                key: {name: str(one[name]) for name in ("url", "asked")} for key, one in _items(found)
            }
        except (ValueError, KeyError, TypeError, AttributeError):
            return cls(path)
        return cls(path, operations, settled)

    def pending(self, key: str, now: dt.datetime) -> str | None:
        """Return the address of an operation that an earlier run started and that may still be asked about."""
        one = self.operations.get(key)
        if not one or now - dt.datetime.fromisoformat(one["asked"]) > OPERATION_LIVES:
            return None
        return one["url"]

    def requested(self, key: str, url: str, now: dt.datetime) -> None:
        """Note that an export was requested."""
        self.operations[key] = {"url": url, "asked": now.isoformat(timespec="seconds")}
        self._save()

    def answered(self, key: str, parts: Parts | None) -> None:
        """Note that an operation is over; ``parts``: remember its answer for good."""
        self.operations.pop(key, None)
        if parts is not None:
            self.settled[key] = parts
        self._save()

    def forget(self, key: str) -> None:
        """Ask the vendor again about this export."""
        self.operations.pop(key, None)
        self.settled.pop(key, None)
        self._save()

    def _save(self) -> None:
        settled = {key: {"etag": one.etag, "blobs": list(one.blobs)} for key, one in self.settled.items()}
        atomic.write_json(self.path, {"operations": self.operations, "settled": settled})


def _items(found: Any) -> Any:  # noqa: ANN401 - JSON
    return found["operations"].items()
