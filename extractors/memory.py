"""What was seen at the vendor before: lets a run with nothing new read no file at all.

Losing it costs time only: everything is then fetched once more and found to be landed already.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from cspbill import atomic
from cspbill.settings import Settings
from extractors import periods
from extractors.landing import LandedFile
from extractors.protocol import UNKNOWN_SIZE, RemoteDelivery, RemoteFile


@dataclass
class Memory:
    """``deliveries``: what each fingerprint was landed as, as (period label, delivery id) pairs.

    ``files``: each fetched file by its location, and where it lies below ``landing/<source>``.
    """

    path: Path
    deliveries: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    files: dict[str, tuple[LandedFile, str]] = field(default_factory=dict)

    @classmethod
    def open(cls, settings: Settings, source: str) -> Memory:
        """Read the memory of a source; empty at first."""
        path = settings.landing / source / "seen.json"
        found = atomic.read_json(path) or {"deliveries": {}, "files": {}}
        return cls(
            path,
            {key: [(period, one) for period, one in pairs] for key, pairs in found["deliveries"].items()},
            {key: (LandedFile(**file), place) for key, (file, place) in found["files"].items()},
        )

    def forget_all_but(self, current: Iterable[RemoteDelivery], *, since: dt.date | None) -> None:
        """Drop what the vendor no longer has, among the billing periods from ``since`` on (None: among all)."""
        current = list(current)
        fingerprints = {delivery.fingerprint() for delivery in current}
        locations = {file.location for delivery in current for file in delivery.files}
        first = periods.label(since) if since else ""
        self.deliveries = {
            key: pairs
            for key, pairs in self.deliveries.items()
            if key in fingerprints or all(period < first for period, _ in pairs)
        }
        self.files = {
            key: (file, place)
            for key, (file, place) in self.files.items()
            if key in locations or place.partition("/")[0] < first
        }

    def save(self) -> None:
        """Write what was seen, if it is anything new."""
        files = {key: (vars(file), place) for key, (file, place) in self.files.items()}
        content = {"deliveries": self.deliveries, "files": files}
        if atomic.read_json(self.path) != _plain(content):
            atomic.write_json(self.path, content)

    def landed_as(self, file: RemoteFile) -> tuple[LandedFile, Path] | None:
        """Return a file that was fetched before and has not changed since, if its copy is still there."""
        if file.location not in self.files:
            return None
        known, place = self.files[file.location]
        path = self.path.parent / place
        same = known.version == file.version and file.size in {UNKNOWN_SIZE, known.size}
        return (known, path) if same and path.is_file() else None


def _plain(content: dict[str, object]) -> object:
    return json.loads(json.dumps(content))
