"""Weekly care of the data directory: checkpoint, ledger backup, snapshot retention, landing audit.

Run by the DAG ``maintain_warehouse``; each function stands alone, needs nothing but ``Settings`` and may be
repeated at any time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cspbill import atomic, snapshot, warehouse
from cspbill.errors import Problem
from cspbill.settings import Settings
from delivery.mail.record import path_of
from extractors.landing import read_manifest

BACKUPS_KEPT = 12


@dataclass(frozen=True)
class LandingAudit:
    """What the audit read (``files``) and what it found wrong (``problems``, empty when all is well)."""

    files: int
    problems: tuple[Problem, ...]


def audit_landing(settings: Settings) -> LandingAudit:
    """Compare every landed delivery with its manifest: files missing, altered, or added later.

    Takes no lock: landed deliveries never change, and one that is being fetched lies elsewhere.
    """
    files, problems = 0, []
    for delivery in sorted(settings.landing.glob("[!.]*/*/*/")):
        if not (delivery / "manifest.json").is_file():
            problems.append(Problem(str(delivery.relative_to(settings.home)), 0, "", "has no manifest.json"))
            continue
        manifest = read_manifest(delivery)
        files += len(manifest.files)
        problems += _altered(
            settings, delivery / "files", {file.name: file.sha256 for file in manifest.files}
        )
    return LandingAudit(files, tuple(problems))


def _altered(settings: Settings, folder: Path, expected: Mapping[str, str]) -> Iterator[Problem]:
    present = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    for name in sorted(expected.keys() | present.keys()):
        place = str((folder / name).relative_to(settings.home))
        if name not in present:
            yield Problem(place, 0, "", "is missing though its manifest lists it")
        elif name not in expected:
            yield Problem(place, 0, "", "is not in its manifest: it was added after landing")
        elif _sha256(present[name]) != expected[name]:
            yield Problem(place, 0, "", "is not what was landed: its sha256 differs from the manifest's")


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def checkpoint(settings: Settings) -> int:
    """Fold the write-ahead log into the working file; returns the file's size in bytes afterwards."""
    with warehouse.connect(settings) as connection:
        connection.execute("force checkpoint")
    return settings.warehouse.stat().st_size


def backup_ledger(settings: Settings) -> Path:
    """Copy schema ``ledger`` into ``backups/ledger-<today>.duckdb`` and return it; keeps the newest dozen.

    The file appears by one rename, so a copy that is there is whole. A day's second backup replaces
    the first. The record of what was mailed is copied as well: without it, documents would go out again.
    """
    target = settings.home / "backups" / f"ledger-{settings.today}.duckdb"
    unfinished = target.with_suffix(".unfinished")
    target.parent.mkdir(parents=True, exist_ok=True)
    with warehouse.connect(settings) as connection:
        # Only the holder of the lock may clear what an earlier, killed backup left.
        unfinished.unlink(missing_ok=True)
        connection.execute(f"attach '{_quoted(unfinished)}' as backup")
        connection.execute("create schema backup.ledger")
        for (table,) in connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'ledger'"
            " and database_name = current_database() order by table_name"
        ).fetchall():
            connection.execute(f"create table backup.ledger.{table} as from ledger.{table}")
        connection.execute("checkpoint backup")
        connection.execute("detach backup")
    unfinished.replace(target)
    if (mail := path_of(settings)).exists():
        atomic.copy_file(mail, target.with_name(f"mail-{settings.today}.jsonl"))
    for pattern in ("ledger-*.duckdb", "mail-*.jsonl"):
        for old in sorted(target.parent.glob(pattern))[:-BACKUPS_KEPT]:
            old.unlink()
    return target


def prune_snapshots(settings: Settings) -> tuple[Path, ...]:
    """Remove snapshots beyond the newest ones, never the current one; returns what was removed.

    Publishing prunes as well: this catches what a killed publish left, or a restored backup brought back.
    """
    with warehouse.locked(settings):
        return snapshot.prune(settings.published)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
