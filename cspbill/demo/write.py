"""Write the demo: ``config/`` (the book of business) and ``vendor-files/`` (what vendors deliver).

    catalog/*.csv → catalog.sql → charges.sql (one month at a time) → vendor-files/<source>/<month>/…
                                            └ layouts/<source>.sql  → vendor-files/<source>/ as the vendor lays it out

Every month of a FOCUS source appears by one rename, so a folder that exists is complete and is left alone; of the
vendors' own kinds a month is complete when its last file is there.
A file of the book that exists is left alone too: people may edit it. The bytes depend on nothing but
this package and DuckDB's version.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
from pathlib import Path

import duckdb

from cspbill.demo.columns import BY_SOURCE, TIMES
from cspbill.demo.own_kinds import OWN_KINDS, files_in_order, make_rows

MONTHS = tuple(dt.date(2024, month, 1) for month in (6, 7, 8, 9))
HERE = Path(__file__).resolve().parent
PART_ROWS = {"aws": 20_000, "microsoft": 1_000_000, "google": 1_000_000}
FOLDER_NAMES = {"aws": "billing_period={:%Y-%m}", "microsoft": "{:%Y-%m}", "google": "{:%Y-%m}"}
PARQUET = "format parquet, compression zstd, row_group_size 122880"
CSV_GZ = "format csv, header true, compression gzip"


def write_demo(directory: Path) -> list[Path]:
    """Write what is missing of the demo and return the path of every file that it consists of, sorted."""
    config, vendor_files, partial = directory / "config", directory / "vendor-files", directory / ".partial"
    shutil.rmtree(partial, ignore_errors=True)
    for file in sorted((HERE / "book").iterdir()):
        _copy(file, config / file.name, partial)
    for file in sorted((HERE / "sample").glob("*.csv")):
        _copy(file, vendor_files / "focus_sample" / file.name, partial)
    _write_months(vendor_files, partial)
    return sorted(path for root in (config, vendor_files) for path in root.rglob("*") if path.is_file())


def _copy(source: Path, target: Path, partial: Path) -> None:
    if not target.exists():
        partial.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, partial / target.name)
        _move(partial / target.name, target)
        partial.rmdir()


def _move(complete: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    complete.rename(target)


def _write_months(vendor_files: Path, partial: Path) -> None:
    missing = {month: sources for month in MONTHS if (sources := _missing(vendor_files, month))}
    if missing:
        with _catalogue() as connection:
            for month, sources in missing.items():
                _make_charges(connection, month)
                for source in sources:
                    if source in OWN_KINDS:
                        _write_own_kind(connection, source, month, vendor_files / source, partial)
                    else:
                        folder = vendor_files / source / FOLDER_NAMES[source].format(month)
                        _write_folder(connection, source, month, folder, partial)


def _missing(vendor_files: Path, month: dt.date) -> list[str]:
    marks = {source: FOLDER_NAMES[source].format(month) for source in BY_SOURCE}
    marks |= {source: kind.last(month) for source, kind in OWN_KINDS.items()}
    return [source for source, mark in marks.items() if not (vendor_files / source / mark).exists()]


def _catalogue() -> duckdb.DuckDBPyConnection:
    """Open a database in memory that holds the demo's catalogue.

    One thread, because the cut of compressed blocks follows the number of threads.
    """
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("set timezone = 'UTC'")
    connection.execute("set variable catalogue = $1", [str(HERE / "catalog")])
    connection.execute((HERE / "catalog.sql").read_text(encoding="utf-8"))
    return connection


def _make_charges(connection: duckdb.DuckDBPyConnection, month: dt.date) -> None:
    connection.execute("set variable month = $1::date", [month])
    connection.execute((HERE / "charges.sql").read_text(encoding="utf-8"))


def _write_folder(
    connection: duckdb.DuckDBPyConnection, source: str, month: dt.date, folder: Path, partial: Path
) -> None:
    """Write one source's month beside ``vendor-files`` and move it into place when it is whole."""
    partial.mkdir(parents=True)
    if source == "microsoft":
        rows = _write_parts(connection, source, partial, "costs-{:04d}.csv.gz", CSV_GZ)
        _write_manifest(connection, month, partial, rows)
    else:
        _write_parts(connection, source, partial, "part-{:04d}.parquet", PARQUET)
    _move(partial, folder)


def _write_own_kind(
    connection: duckdb.DuckDBPyConnection, source: str, month: dt.date, target: Path, partial: Path
) -> None:
    """Write one source's month beside ``vendor-files`` and move it into place file by file, the last one last."""
    kind = OWN_KINDS[source]
    make_rows(connection, source)
    kind.write(connection, month, partial)
    for file in files_in_order(partial, kind.last(month)):
        _move(file, target / file.relative_to(partial))
    shutil.rmtree(partial)


def _write_parts(
    connection: duckdb.DuckDBPyConnection, source: str, folder: Path, name: str, options: str
) -> dict[str, int]:
    """Write the source's charges as files of at most ``PART_ROWS`` rows; return rows by file name."""
    size = PART_ROWS[source]
    counted = connection.execute("select count(*) from charges where source = $1", [source]).fetchone()
    total = counted[0] if counted else 0
    rows: dict[str, int] = {}
    for part, first in enumerate(range(0, total, size), start=1):
        file = name.format(part)
        rows[file] = min(size, total - first)
        connection.execute(
            f"copy (select {_select_list(source)} from charges where source = '{source}'"
            f" and position between {first + 1} and {first + size} order by position)"
            f" to '{_quoted(folder / file)}' ({options})"
        )
    return rows


def _select_list(source: str) -> str:
    """Return the file's columns; each vendor writes times in its own way, as the real ones do."""
    times = {
        "aws": '"{0}"',
        "microsoft": 'strftime("{0}", \'%Y-%m-%dT%H:%M:%SZ\') as "{0}"',
        "google": '"{0}"::timestamptz as "{0}"',
    }[source]
    return ", ".join(times.format(name) if name in TIMES else f'"{name}"' for name in BY_SOURCE[source])


def _write_manifest(
    connection: duckdb.DuckDBPyConnection, month: dt.date, folder: Path, rows: dict[str, int]
) -> None:
    totals = connection.execute(
        "select BillingCurrency, sum(BilledCost)::varchar from charges where source = 'microsoft'"
        " group by all order by all"
    ).fetchall()
    next_month = (month + dt.timedelta(days=31)).replace(day=4)
    manifest = {
        "billing_period": f"{month:%Y-%m}",
        "scope": "nordwolke",
        "created": f"{next_month:%Y-%m-%d}T06:00:00Z",
        "final": True,
        "files": [
            {"name": name, "rows": count, "sha256": hashlib.sha256((folder / name).read_bytes()).hexdigest()}
            for name, count in rows.items()
        ],
        "totals": dict(totals),
    }
    text = json.dumps(manifest, indent=2) + "\n"
    (folder / "manifest.json").write_text(text, encoding="utf-8")


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
