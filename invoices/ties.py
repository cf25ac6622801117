"""Do lines and rated charges tie? Exactly, or the document is not issued (R10)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

from invoices.money import plain
from invoices.read import rows

# A line's rated rows before discounts sum to the line, their discounts to the discount lines under it.
# `document` tells documents apart: who pays for drafts, else the number. Inside one, customers' months tie.
_BREAKS = """
with sums as (
    select
        {charges_of},
        line_id,
        sum(amount_before_discount) as rated,
        sum(discount_line) as discounted,
        -- A correction that moves money between days of one line has no line.
        count(corrected_line_id) = 0 as needs_line
    from {charges}
    where disposition = 'sold' and {where}
    group by {keys}, line_id
),
reducing as (
    select {lines_of}, parent_line_id as line_id, -sum(exact_amount) as discounted
    from {lines}
    where line_type = 'discount' and discount_kind = 'line' and {where}
    group by {keys}, parent_line_id
),
billed as (
    select {lines_of}, line_id, line_number, line_type, exact_amount
    from {lines}
    where line_type <> 'discount' and {where}
)
select
    {keys},
    line_id,
    line_number,
    coalesce(exact_amount, 0) as billed,
    coalesce(rated, 0) as rated,
    coalesce(reducing.discounted, 0) as billed_discount,
    coalesce(sums.discounted, 0) as rated_discount
from billed
full join sums using ({keys}, line_id)
left join reducing using ({keys}, line_id)
where (rated is not null or line_type in ('usage', 'purchase', 'subscription', 'one_off', 'correction'))
    and (
        (billed.line_id is null and needs_line)
        or coalesce(exact_amount, 0) <> coalesce(rated, 0)
        or coalesce(reducing.discounted, 0) <> coalesce(sums.discounted, 0)
    )
order by {keys}, line_number, line_id
"""


# The charges' shares of each discount on the whole period sum to its lines.
_PERIOD_BREAKS = """
with shares as (
    unpivot (
        select
            {charges_of}, discount_bundle, discount_volume, discount_relationship, discount_promotion
        from {charges}
        where disposition = 'sold' and {where}
    )
    on discount_bundle, discount_volume, discount_relationship, discount_promotion
    into name discount_kind value share
),
rated as (
    select {keys}, replace(discount_kind, 'discount_', '') as discount_kind, sum(share) as rated
    from shares
    group by {keys}, discount_kind
),
billed as (
    select {lines_of}, discount_kind, -sum(exact_amount) as billed
    from {lines}
    where line_type = 'discount' and discount_kind <> 'line' and {where}
    group by {keys}, discount_kind
)
select {keys}, discount_kind, coalesce(billed, 0) as billed, coalesce(rated, 0) as rated
from billed
full join rated using ({keys}, discount_kind)
where coalesce(billed, 0) <> coalesce(rated, 0)
order by {keys}, discount_kind
"""


def needs_force(known: str | None, period_end: dt.date, today: dt.date) -> str | None:
    """Why a draft is issued only by force: what its build found, and a period that is not over; None: nothing.

    ``period_end`` is exclusive.
    """
    last = period_end - dt.timedelta(days=1)
    running = f"its period runs until {last}" if last >= today else None
    return "; ".join(filter(None, (known, running))) or None


def draft_breaks(
    connection: duckdb.DuckDBPyConnection, period: dt.date, customers: Sequence[str]
) -> dict[str, str]:
    """Customers whose draft lines and rated charges differ, each with the first line that does."""
    drafts = {
        "document": "payer_id",
        "charges": "intermediate.int_invoice__document_charge",
        "lines": """(
            select *, customer_id as payer_id, billing_period as document_period
            from intermediate.int_invoice__draft_lines
        )""",
        "where": "document_period = $1 and payer_id in (select unnest($2))",
    }
    found: dict[str, str] = {}
    for row in _breaks(connection, drafts, [period, list(customers)]):
        found.setdefault(row["payer_id"], f"{describe(row)}: run `cspbill run` again")
    return found


def ledger_breaks(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """Issued documents whose lines and frozen charges differ: (number, what differs) per line."""
    documents = {
        "document": "document_number",
        "charges": "ledger.rated_charge",
        "lines": "ledger.document_line",
        # A void's credit note negates lines only; the charges stay with the invoice that billed them.
        "where": "document_number not in (select credit_note_number from ledger.void)",
    }
    return [(row["document_number"], describe(row)) for row in _breaks(connection, documents, [])]


def _breaks(
    connection: duckdb.DuckDBPyConnection, places: Mapping[str, str], values: Sequence[object]
) -> list[dict[str, Any]]:
    document = places["document"]
    names = {
        "keys": f"{document}, user_id, used_in",
        "charges_of": f"{document}, customer_id as user_id, billing_period as used_in",
        "lines_of": f"{document}, used_by_customer_id as user_id, used_in_period as used_in",
    }
    return [
        row
        for sql in (_BREAKS, _PERIOD_BREAKS)
        for row in rows(connection, sql.format(**places, **names), list(values))
    ]


def describe(row: dict[str, Any]) -> str:
    """Name a line, or a kind of discount, that does not tie, with both sums."""
    if "discount_kind" in row:
        billed, rated = plain(row["billed"]), plain(row["rated"])
        return f"its {row['discount_kind']} discounts take {billed}, those of its charges {rated}"
    name = (
        f"line {row['line_number']}"
        if row["line_number"]
        else f"line id {row['line_id']} (not on the document)"
    )
    if row["billed"] != row["rated"]:
        return f"{name} bills {plain(row['billed'])}, its charges sum to {plain(row['rated'])}"
    taken, rated = plain(row["billed_discount"]), plain(row["rated_discount"])
    return f"{name} is discounted by {taken}, its charges by {rated}"
