"""Where things stand: sources and their last deliveries, customers that wait, money that nobody pays for yet."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import duckdb

from cspbill import snapshot, warehouse
from cspbill.settings import Settings

QUERIES = {
    "sources": """
        with delivered as (
            select
                lower(in_force.source) as source_key,
                delivery.billing_period, delivery.landed_at, delivery.first_day, delivery.last_day, delivery.is_final,
                row_number() over (
                    partition by lower(in_force.source) order by delivery.billing_period desc, delivery.last_day desc
                ) = 1 as is_newest
            from ops.partition_in_force as in_force
            inner join ops.delivery as delivery on delivery.delivery_id = in_force.delivery_id
        ),

        summed as (
            select
                sources.name as source, sources.kind, sources.vendor,
                max(landed_at) as last_delivery,
                max(billing_period) as newest,
                max(case when is_newest then first_day end) as covered_from,
                max(case when is_newest then last_day end) as covered_until,
                count(distinct billing_period) as periods,
                coalesce(bool_and(is_final), false) as all_final,
                string_agg(
                    distinct case when not is_final then strftime(billing_period, '%Y-%m') end, ', '
                ) as not_final
            from config.sources as sources
            left join delivered on delivered.source_key = lower(sources.name)
            group by all
        )

        -- Vendors deliver at least daily while a period is open; a period that is final is followed by the next one.
        select
            source, kind, vendor, last_delivery, strftime(newest, '%Y-%m') as newest_period,
            covered_from, covered_until, periods, not_final,
            case
                when last_delivery is null then cast($today as date)
                when all_final
                    then cast(greatest(newest + interval 1 month, date_trunc('day', last_delivery)) as date) + 1
                else cast(last_delivery as date) + 1
            end as next_expected
        from summed order by source
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
    "delivered_twice": """
        select strftime(billing_period, '%Y-%m') as period, customer_id, account_id, vendor, service, sources
        from intermediate.int_invoice__delivered_twice order by all
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
    "commitments": """
        with unknown as (
            select distinct source, billing_period, charge_day, billing_account_key, commitment_discount_id,
                owner_account_key
            from intermediate.int_rating__commitment_owner where owner_kind = 'unknown'
        )

        select
            commitment_discount_id as commitment, strftime(billing_period, '%Y-%m') as period,
            string_agg(distinct customer_id, ', ' order by customer_id) as customers,
            sum(case rules.basis when 'billed' then billed_cost else effective_cost end) as cost_if_own,
            sum(coalesce(nullif(contracted_cost, 0), list_cost)) as rated_at,
            vendor_currency as currency,
            source || ',' || coalesce(max(owner_account_key), commitment_discount_id) || ',<customer_id>'
                as add_to_accounts_csv
        from marts.fct_rated_charge as rated
        inner join unknown using (source, billing_period, charge_day, commitment_discount_id)
        inner join config.price_rules as rules using (rule_id)
        where lower(trim(billing_account_id)) = billing_account_key
            and rules.model = 'cost_plus' and rules.basis in ('billed', 'effective')
            and rated.charge_category = 'Usage' and commitment_discount_status is distinct from 'Unused'
            and not is_frozen
        group by source, commitment_discount_id, billing_period, vendor_currency
        order by period desc, rated_at desc, commitment
    """,
    "corrections": """
        select customer_id, reference_document as corrects, strftime(used_in_period, '%Y-%m') as period,
            strftime(billing_period, '%Y-%m') as billed_in, sum(amount) as amount, currency
        from marts.fct_invoice_line
        where status = 'draft' and reference_document is not null group by all order by all
    """,
    "held": """
        select customer_id, strftime(billing_period, '%Y-%m') as period, held_reason as reason
        from rerated.month where held_reason is not null order by all
    """,
    "issued": """
        select strftime(billing_period, '%Y-%m') as period, currency, count(*) as documents,
            sum(net_amount) as net_amount
        from marts.fct_invoice where status = 'issued' group by all order by all
    """,
    "receivables": """
        select currency, age_bucket, count(distinct customer_id) as customers, sum(open_amount) as open_amount
        from marts.fct_aged_debt group by all order by all
    """,
    "payments": """
        select reference, customer_id, payment_date, amount, currency, finding
        from marts.fct_payment where finding is not null order by payment_date, reference
    """,
}
TITLES = {
    "sources": "Sources",
    "reconciliation": "Vendor totals that do not tie",
    "drafts": "Drafts waiting",
    "delivered_twice": "Accounts that several sources deliver: each would be billed twice",
    "unallocated": "Cost that no customer claims",
    "unpriced": "Charges without a price",
    "commitments": "Commitments of unknown owners: what they cover is rated as uncovered",
    "corrections": "Corrections of issued months that wait for the next document",
    "held": "Issued months that changed and cannot be corrected",
    "issued": "Issued",
    "receivables": "Open items by days overdue",
    "payments": "Payments that settle another document than they say",
}


def read_status(settings: Settings) -> dict[str, Any]:
    """Return one list of rows per heading, and the newest snapshot; lists are empty before the first run."""
    from delivery.mail.record import undecided

    with warehouse.connect(settings) as connection:
        found: dict[str, Any] = {name: _rows(connection, query, settings) for name, query in QUERIES.items()}
    held = sorted(settings.quarantine.glob("*/*/*/gate.json"))
    found["quarantined"] = [{"delivery": str(path.parent.relative_to(settings.quarantine))} for path in held]
    found["mail"] = undecided(settings)
    found["snapshot"] = str(snapshot.newest(settings) or "")
    return found


def as_text(status: dict[str, Any]) -> str:
    """Render the status as plain tables for a terminal."""
    parts = [
        table(title, status[name]) for name, title in TITLES.items() if status[name] or name == "sources"
    ]
    if status["quarantined"]:
        parts.append(table("Quarantined deliveries (see report.html in each)", status["quarantined"]))
    if status["mail"]:
        parts.append(table("E-mails that a person must look at", status["mail"]))
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
    if "." in text and isinstance(value, Decimal):
        text = text.rstrip("0").rstrip(".")
    return text if len(text) <= 48 else text[:47] + "…"


def _rows(connection: duckdb.DuckDBPyConnection, query: str, settings: Settings) -> list[dict[str, Any]]:
    parameters = {"today": settings.today} if "$today" in query else {}
    try:
        cursor = connection.execute(query, parameters)
    except duckdb.CatalogException:
        return []  # before the first run there are no marts
    columns = [column[0] for column in cursor.description or []]
    return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
