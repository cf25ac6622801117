"""Gate 2: the identities of rule R10, exact to the last decimal, computed in SQL. A break stops publishing."""

from __future__ import annotations

import duckdb

from cspbill.errors import CspbillError

MARTS_REVENUE = """marts as (
            select customer_id, billing_period, sum(revenue) as revenue
            from marts.fct_margin_daily
            group by all
        )"""

# Each query returns the rows that break the identity: a name for the place, then the amount that is off.
IDENTITIES = {
    "every loaded cent is sold, unpriced, unallocated, kept or late": """
        select concat_ws(' ', source, strftime(billing_period, '%Y-%m'), currency), misplaced
        from marts.fct_vendor_reconciliation
        where misplaced <> 0
    """,
    "margin = revenue - cost on every row": """
        select concat_ws(' ', customer_id, vendor, service, day), margin - (revenue - cost)
        from marts.fct_margin_daily
        where margin <> revenue - cost
    """,
    "what is invoiced and drafted of a month adds up to the revenue in the marts": f"""
        with lines as (
            select used_by_customer_id as customer_id, used_in_period as billing_period, amount
            from ledger.document_line
            where document_number in (select document_number from intermediate.int_invoice__issued)
            union all
            select used_by_customer_id, used_in_period, amount
            from marts.fct_invoice_line where status = 'draft'
        ),
        documents as (
            select customer_id, billing_period, sum(amount) as amount from lines group by all
        ),
        {MARTS_REVENUE}
        select concat_ws(' ', customer_id, strftime(billing_period, '%Y-%m')), amount - coalesce(revenue, 0)
        from documents left join marts using (customer_id, billing_period)
        where amount <> coalesce(revenue, 0)
    """,
}


def check_identities(connection: duckdb.DuckDBPyConnection) -> None:
    """Raise CspbillError naming every row that breaks an identity; returns nothing when all hold."""
    broken = [
        f"  {title}: {place} is off by {amount}"
        for title, query in IDENTITIES.items()
        for place, amount in connection.execute(query).fetchall()
    ]
    if broken:
        raise CspbillError("It does not tie, so nothing was published (rule R10):\n" + "\n".join(broken[:50]))
