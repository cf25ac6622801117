"""A data directory with something published, and a book that says where it goes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from cspbill.book import read_book
from cspbill.settings import PROJECT_ROOT, Settings
from delivery.publish import Published
from delivery.publish import publish as publish_to

RESELLER = "legal_name: R\ncountry: DE\nbase_currency: EUR\nsources: []\n"
CUSTOMERS = (
    "customer_id,legal_name,country,currency,email\n"
    "a,Alpha GmbH,DE,EUR,ap@alpha.example\n"
    "b,Beta GmbH,DE,EUR,billing@beta.example\n"
)
INVOICE = {
    "INV-1.pdf": b"%PDF",
    "INV-1.xml": b"<Invoice/>",
    "INV-1.csv": b"line\n",
    "INV-1-usage.csv": b"usage\n",
    "INV-1.json": b'{"internal": {"cost": "1"}}',
    "INV-1-charges.parquet": b"PAR1",
}


def write_book(settings: Settings, more: str, customers: str = CUSTOMERS) -> None:
    settings.config.mkdir(parents=True, exist_ok=True)
    (settings.config / "reseller.yml").write_text(RESELLER + more, "utf-8")
    (settings.config / "customers.csv").write_text(customers, "utf-8")


def put(settings: Settings, path: str, content: bytes) -> Path:
    file = settings.published / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return file


def put_all(settings: Settings) -> None:
    """One issued invoice with every file that it may have, and something of each other kind."""
    for name, content in INVOICE.items():
        put(settings, f"invoices/2024-09/a/{name}", content)
    put(settings, "invoices/2024-09/a/.INV-1.pdf.part", b"half")
    put(settings, "assets/logo.svg", b"<svg/>")
    put(settings, "focus/2024-09/a.csv", b"BilledCost\n")
    put(settings, "dashboards/index.html", b"<html>margin</html>")
    put(settings, "accounting/2024-09/journal.csv", b"debit,credit\n")
    put_snapshot(settings, 1)


def put_snapshot(settings: Settings, run: int) -> None:
    put(settings, f"warehouse-2024-09-{run:06d}.duckdb", b"tables of run %d" % run)
    put(settings, "CURRENT", f"warehouse-2024-09-{run:06d}.duckdb\n".encode())
    put(settings, f".parquet/run-{run}/pub_invoice_v1/data.parquet", b"PAR1 of run %d" % run)
    link = settings.published / "parquet"
    link.unlink(missing_ok=True)
    link.symlink_to(Path(".parquet") / f"run-{run}")


def publish(settings: Settings) -> Published:
    """Publish to the book's only destination."""
    (done,) = publish_to(settings, read_book(settings.config).outgoing.destinations)
    return done


def files_below(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def command(settings: Settings, *arguments: str, **environment: str) -> subprocess.Popen[Any]:
    """Start a command of cspbill in a process of its own, to be killed."""
    surroundings = {
        "CSPBILL_HOME": str(settings.home),
        "CSPBILL_CONFIG": str(settings.config),
        "CSPBILL_TODAY": settings.today.isoformat(),
        "PYTHONPATH": str(PROJECT_ROOT),
    }
    return subprocess.Popen(
        [sys.executable, "-m", "cspbill.cli", *arguments],
        env={**os.environ, **surroundings, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
