"""What the manifests said, by their version, so that a run with nothing new downloads nothing at all."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from cspbill import atomic
from extractors.aws.manifests import AwsManifest
from extractors.protocol import RemoteFile


class Remembered:
    """Manifests by location. A file that was lost or is not ours costs one download of each."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._before = self._found = _entries(path)

    def get(self, file: RemoteFile) -> AwsManifest | None:
        """Return the manifest if this very version was read before."""
        entry = self._found.get(file.location)
        if not isinstance(entry, dict) or entry.get("version") != file.version:
            return None
        try:
            return AwsManifest.from_json(entry["manifest"])
        except (KeyError, TypeError, ValueError):
            return None

    def put(self, file: RemoteFile, manifest: AwsManifest) -> None:
        """Take note of a manifest."""
        entry = {"version": file.version, "manifest": manifest.as_json()}
        self._found = {**self._found, file.location: entry}

    def save(self, locations: Collection[str]) -> None:
        """Write what is known of manifests that still exist, if it is anything new."""
        known = {location: entry for location, entry in self._found.items() if location in locations}
        if known != self._before:
            atomic.write_json(self._path, known)


def _entries(path: Path) -> dict[str, Any]:
    try:
        found = atomic.read_json(path)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
