"""Publish drafts: watermarked, without number, replaced when their content changed.

The warehouse is locked only while reading: what changed is found by comparing with the published JSON, and the
usage rows of changed drafts are set aside in one table. Rendering happens after the lock is given back.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from cspbill import atomic, warehouse
from cspbill.scratch import scratch
from cspbill.settings import Settings
from invoices import read
from invoices.canonical import to_json
from invoices.files import (
    DRAFT_NAME,
    DRAFT_SUFFIXES,
    USAGE,
    asset_directory,
    draft_directory,
    keep_asset,
    period_directory,
    safe_name,
)
from invoices.model import Document
from invoices.printers import Job, Printers
from invoices.tables import usage_select
from invoices.usage_files import usage_files


@dataclass(frozen=True)
class DraftResult:
    """How many drafts stand now, how many of them were written anew, and where they lie."""

    count: int
    written: int
    directory: Path


def publish_drafts(settings: Settings, periods: Iterable[dt.date]) -> DraftResult:
    """Bring ``published/drafts/`` of the periods up to date; drafts that no longer exist are removed.

    Periods that have drafts in the folder are looked at as well: a customer may be billed by other periods now.
    """
    count = written = 0
    with Printers(asset_directory(settings)) as printers:
        for period in sorted({*periods, *_published_periods(settings)}):
            with scratch(settings) as folder:
                usage = folder / "usage.duckdb"
                drafts, changed = _read(settings, period, usage)
                _write(settings, changed, usage, printers)
            _remove_stale(settings, period, drafts)
            count += len(drafts)
            written += len(changed)
    return DraftResult(count, written, settings.published / "drafts")


def _read(settings: Settings, period: dt.date, usage: Path) -> tuple[list[Document], list[Document]]:
    """All drafts of a period and those that changed; the latter's usage rows are left in ``usage``."""
    with warehouse.connect(settings) as connection:
        if not read.drafts_exist(connection):
            return [], []
        seller, logo = read.read_seller(connection)
        seller = replace(seller, logo=keep_asset(settings, logo))
        drafts = _with_usage(connection, period, read.read_drafts(connection, seller, period))
        changed = [draft for draft in drafts if _is_changed(settings, draft)]
        if changed:
            _set_aside(connection, period, changed, usage)
    return drafts, changed


def _with_usage(
    connection: duckdb.DuckDBPyConnection, period: dt.date, drafts: Sequence[Document]
) -> list[Document]:
    """Add each draft's usage digest, so that its JSON changes when only its usage did."""
    sql = """
    select payer_id, count(*)::integer as rows, sum(hash(rated))::varchar as digest
    from intermediate.int_invoice__document_charge as rated
    where document_period = $1 and disposition = 'sold'
    group by payer_id
    """
    found = {row["payer_id"]: row for row in read.rows(connection, sql, [period])}
    return [_digested(draft, found.get(draft.header.customer_id, {})) for draft in drafts]


def _digested(draft: Document, row: read.Row) -> Document:
    header = replace(draft.header, usage_rows=row.get("rows", 0), usage_digest=row.get("digest"))
    return replace(draft, header=header)


def _is_changed(settings: Settings, draft: Document) -> bool:
    paths = _paths(settings, draft)
    if not all(path.exists() for path in paths.values()):
        return True
    return paths[".json"].read_bytes() != to_json(draft)


def _paths(settings: Settings, draft: Document) -> dict[str, Path]:
    directory = draft_directory(settings, draft.header.billing_period, draft.header.customer_id)
    return {suffix: directory / f"{DRAFT_NAME}{suffix}" for suffix in DRAFT_SUFFIXES}


def _set_aside(
    connection: duckdb.DuckDBPyConnection, period: dt.date, drafts: Sequence[Document], usage: Path
) -> None:
    payers = [draft.header.customer_id for draft in drafts]
    charges = "intermediate.int_invoice__document_charge"
    lines = "(select *, customer_id as payer_id from intermediate.int_invoice__draft_lines)"
    mine = f"document_period = date '{period}'"
    select = usage_select(charges, lines, mine, document="payer_id")
    connection.execute(f"attach '{usage}' as aside")
    connection.execute(
        f"""
        create table aside.usage as
        select *, list_position($1, payer_id) as place from ({select}) where list_contains($1, payer_id)
        """,
        [payers],
    )
    connection.execute("detach aside")


def _write(settings: Settings, drafts: Sequence[Document], usage: Path, printers: Printers) -> None:
    if not drafts:
        return
    with duckdb.connect(str(usage), read_only=True) as connection:
        written = usage_files(connection, "usage", drafts, usage.parent)
        jobs = (
            Job(draft, {USAGE: path}, settings.today, einvoice=False)
            for draft, path in zip(drafts, written, strict=True)
        )
        for draft, made in zip(drafts, printers.bundles(jobs, len(drafts)), strict=True):
            # The JSON comes last: while it is old or missing, the draft counts as changed.
            paths = sorted(_paths(settings, draft).items(), key=lambda pair: pair[0] == ".json")
            atomic.write_all({path: made.content[suffix] for suffix, path in paths}, durable=False)
            made.tables[USAGE].unlink()


def _published_periods(settings: Settings) -> list[dt.date]:
    root = settings.published / "drafts"
    return [
        dt.date.fromisoformat(f"{folder.name}-01")
        for folder in root.glob("[0-9]*-[0-9]*")
        if any(folder.iterdir())
    ]


def _remove_stale(settings: Settings, period: dt.date, drafts: Sequence[Document]) -> None:
    kept = {safe_name(draft.header.customer_id) for draft in drafts}
    root = period_directory(settings.published / "drafts", period)
    for directory in sorted(root.iterdir()) if root.exists() else ():
        if directory.name not in kept:
            shutil.rmtree(directory)


def remove_draft(settings: Settings, period: dt.date, customer_id: str) -> None:
    """Remove a customer's draft: its document is issued."""
    shutil.rmtree(draft_directory(settings, period, customer_id), ignore_errors=True)
