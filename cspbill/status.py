"""Where things stand: sources and their last deliveries, customers that wait, money that nobody pays for yet."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import duckdb

from cspbill import snapshot, warehouse
from cspbill.settings import Settings

QUERIES = {
    "sources": """
        select
            sources.name as source, sources.vendor,
            strftime(max(delivery.billing_period), '%Y-%m') as newest_period,
            max(delivery.landed_at) as last_delivery,
            count(distinct delivery.billing_period) as periods,
            max(delivery.last_day) as covered_until,
            string_agg(
                distinct case when not delivery.is_final then strftime(delivery.billing_period, '%Y-%m') end, ', '
            ) as not_final
        from config.sources as sources
        left join ops.partition_in_force as in_force on lower(in_force.source) = lower(sources.name)
        left join ops.delivery as delivery on delivery.delivery_id = in_force.delivery_id
        group by all order by 1
    """,
    "reconciliation": """
        select source, strftime(billing_period, '%Y-%m') as period, currency, vendor_total, cost_loaded,
            difference, verdict
        from marts.fct_vendor_reconciliation where verdict <> 'ties' order by all
    """,
    "drafts": """
        select customer_id, strftime(billing_period, '%Y-%m') as period, net_amount, currency,
            blocked_reason, force_reason_needed
        from marts.fct_invoice where status = 'draft' order by billing_period, customer_id
    """,
    "unallocated": """
        select source, strftime(billing_period, '%Y-%m') as period, account_id, account_name, sum(cost) as cost,
            currency, min(first_seen) as first_seen
        from marts.fct_unallocated_cost group by all order by 2 desc, cost desc
    """,
    "unpriced": """
        select customer_id, strftime(billing_period, '%Y-%m') as period, service, reason, sum(cost) as cost, currency
        from marts.fct_unpriced_charge group by all order by 2 desc, cost desc
    """,
    "issued": """
        select strftime(billing_period, '%Y-%m') as period, currency, count(*) as documents,
            sum(net_amount) as net_amount
        from marts.fct_invoice where status = 'issued' group by all order by all
    """,
}
TITLES = {
    "sources": "Sources",
    "reconciliation": "Vendor totals that do not tie",
    "drafts": "Drafts waiting",
    "unallocated": "Cost that no customer claims",
    "unpriced": "Charges without a price",
    "issued": "Issued",
}


def read_status(settings: Settings) -> dict[str, Any]:
    """Return one list of rows per heading, and the newest snapshot; lists are empty before the first run."""
    with warehouse.connect(settings) as connection:
        found: dict[str, Any] = {name: _rows(connection, query) for name, query in QUERIES.items()}
    held = sorted(settings.quarantine.glob("*/*/*/gate.json"))
    found["quarantined"] = [{"delivery": str(path.parent.relative_to(settings.quarantine))} for path in held]
    found["snapshot"] = str(snapshot.newest(settings) or "")
    return found


def as_text(status: dict[str, Any]) -> str:
    """Render the status as plain tables for a terminal."""
    parts = [
        table(title, status[name]) for name, title in TITLES.items() if status[name] or name == "sources"
    ]
    if status["quarantined"]:
        parts.append(table("Quarantined deliveries (see report.html in each)", status["quarantined"]))
    parts.append(f"Newest snapshot: {status['snapshot'] or 'none yet; run cspbill run'}")
    return "\n\n".join(parts)


def table(title: str, rows: list[dict[str, Any]]) -> str:
    """Render rows under their column names, each column as wide as its widest value (48 at most)."""
    if not rows:
        return f"{title}: none"
    columns = list(rows[0])
    cells = [[_cell(row[column]) for column in columns] for row in rows]
    widths = [max(len(column), *(len(line[i]) for line in cells)) for i, column in enumerate(columns)]
    body = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    ]
    head = "  ".join(column.ljust(width) for column, width in zip(columns, widths, strict=True)).rstrip()
    return "\n".join([title, head, *body])


def _cell(value: object) -> str:
    text = f"{value:f}" if isinstance(value, Decimal) else "" if value is None else str(value)
    if "." in text and text.replace(".", "").replace("-", "").isdigit():
        text = text.rstrip("0").rstrip(".")
    return text if len(text) <= 48 else text[:47] + "…"


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    try:
        cursor = connection.execute(query)
    except duckdb.CatalogException:
        return []  # before the first run there are no marts
    columns = [column[0] for column in cursor.description or []]
    return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
