"""The weekly care of the data directory."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import duckdb
import pytest

from cspbill import maintenance, snapshot, warehouse
from cspbill.settings import Settings
from extractors.landing import LandedFile, Manifest

SHA_OF_FILE = "251ec3bfc6d0febbf026e069e93cd8186402bf76ee793387643f4402591d8c1b"  # of "BilledCost\n1.25\n"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", config=tmp_path / "config", today=dt.date(2024, 10, 8))


def add_voided_document(settings: Settings, number: str) -> None:
    with warehouse.connect(settings) as connection:
        connection.execute(
            "insert into ledger.void values (?, ?, 'test', '2024-10-08')", [number, f"CN-{number}"]
        )


@pytest.fixture
def landed_file(settings: Settings) -> Path:
    """A delivery of one file, landed as an extractor would."""
    folder = settings.landing / "aws" / "2024-09" / "0123456789abcdef"
    (folder / "files" / "part").mkdir(parents=True)
    path = folder / "files" / "part" / "focus.csv"
    path.write_text("BilledCost\n1.25\n")
    file = LandedFile("part/focus.csv", 16, SHA_OF_FILE, SHA_OF_FILE, "focus.csv", "1", 1, {"2024-09": 1})
    manifest = Manifest(
        delivery_id=folder.name,
        source="aws",
        kind="focus_files",
        scope="all",
        period=dt.date(2024, 9, 1),
        by_row=False,
        files=(file,),
        totals={},
        stated={},
        days=(),
        invoiced_rows=None,
        landed_at="2024-10-08T04:00:00+00:00",
    )
    (folder / "manifest.json").write_text(json.dumps(manifest.as_json()))
    return path


def audited(settings: Settings) -> list[str]:
    return [str(problem) for problem in maintenance.audit_landing(settings).problems]


def test_audit_passes_what_is_as_it_was_landed(settings: Settings, landed_file: Path) -> None:
    (settings.landing / ".incoming" / "aws" / "half" / "fetched").mkdir(parents=True)

    assert maintenance.audit_landing(settings) == maintenance.LandingAudit(files=1, problems=())


def test_audit_names_an_altered_a_missing_and_an_added_file(settings: Settings, landed_file: Path) -> None:
    place = "landing/aws/2024-09/0123456789abcdef/files/part"

    landed_file.write_text("BilledCost\n1.20\n")
    assert audited(settings) == [
        f"{place}/focus.csv: is not what was landed: its sha256 differs from the manifest's"
    ]

    landed_file.rename(landed_file.with_name("other.csv"))
    assert audited(settings) == [
        f"{place}/focus.csv: is missing though its manifest lists it",
        f"{place}/other.csv: is not in its manifest: it was added after landing",
    ]


def test_audit_names_a_delivery_without_a_manifest(settings: Settings, landed_file: Path) -> None:
    (landed_file.parents[2] / "manifest.json").unlink()

    assert audited(settings) == ["landing/aws/2024-09/0123456789abcdef: has no manifest.json"]


def test_checkpoint_folds_the_log_into_the_file(settings: Settings) -> None:
    add_voided_document(settings, "INV-1")

    size = maintenance.checkpoint(settings)

    assert size == settings.warehouse.stat().st_size
    assert not settings.warehouse.with_suffix(".duckdb.wal").exists()


def test_backup_holds_every_ledger_table_and_row(settings: Settings) -> None:
    add_voided_document(settings, "INV-1")

    backup = maintenance.backup_ledger(settings)

    assert backup == settings.home / "backups" / "ledger-2024-10-08.duckdb"
    with duckdb.connect(str(backup), read_only=True) as copy, warehouse.connect(settings) as original:
        tables = "select table_name from duckdb_tables() where schema_name = 'ledger' order by all"
        assert copy.execute(tables).fetchall() == original.execute(tables).fetchall()
        assert copy.execute("select document_number from ledger.void").fetchall() == [("INV-1",)]


def test_second_backup_of_a_day_replaces_the_first_and_survives_a_killed_one(settings: Settings) -> None:
    first = maintenance.backup_ledger(settings)
    first.with_suffix(".unfinished").write_bytes(b"half of it")
    add_voided_document(settings, "INV-2")

    second = maintenance.backup_ledger(settings)

    assert second == first
    assert [path.name for path in first.parent.iterdir()] == ["ledger-2024-10-08.duckdb"]
    with duckdb.connect(str(second), read_only=True) as copy:
        assert copy.execute("select count(*) from ledger.void").fetchone() == (1,)


def test_the_record_of_what_was_mailed_is_backed_up_with_the_ledger(settings: Settings) -> None:
    """A ledger restored without it would mail every document a second time."""
    record = settings.home / "sent" / "mail.jsonl"
    record.parent.mkdir(parents=True)
    record.write_text('{"number": "INV-1"}\n')

    maintenance.backup_ledger(settings)

    assert (settings.home / "backups/mail-2024-10-08.jsonl").read_text() == '{"number": "INV-1"}\n'


def test_only_the_newest_dozen_backups_is_kept(settings: Settings) -> None:
    backups = settings.home / "backups"
    backups.mkdir(parents=True)
    for day in range(1, 15):
        (backups / f"ledger-2024-09-{day:02d}.duckdb").touch()

    maintenance.backup_ledger(settings)

    kept = sorted(path.name for path in backups.iterdir())
    assert len(kept) == 12
    assert kept[0] == "ledger-2024-09-04.duckdb"
    assert kept[-1] == "ledger-2024-10-08.duckdb"


def test_surplus_snapshots_go_but_never_the_current_one(settings: Settings) -> None:
    settings.published.mkdir(parents=True)
    for run in range(1, snapshot.SNAPSHOTS_KEPT + 4):
        (settings.published / f"warehouse-2024-09-{run:06d}.duckdb").touch()
    (settings.published / "CURRENT").write_text("warehouse-2024-09-000001.duckdb\n")

    removed = maintenance.prune_snapshots(settings)

    assert sorted(path.name for path in removed) == [
        "warehouse-2024-09-000002.duckdb",
        "warehouse-2024-09-000003.duckdb",
    ]
    assert snapshot.newest(settings) == settings.published / "warehouse-2024-09-000001.duckdb"
