"""What-if: a billing period under another book of business. Nothing is issued, nothing in the warehouse changes."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from cspbill import atomic, warehouse
from cspbill.book import read_book
from cspbill.book.csv_file import suggest
from cspbill.errors import InputError
from cspbill.settings import Settings
from cspbill.status import table
from cspbill.whatif import Rows, WhatIf, Wish, family, what_if

LARGEST = 10

# Asked of the live warehouse and of the what-if alike; `_asked` fills in what stands in braces.
_QUESTIONS = {
    "margin": """
        select
            customer_id, currency, sum(revenue) as revenue, sum(cost) as cost, sum(margin) as margin,
            max(base_currency) as base_currency, sum(revenue_base) as revenue_base, sum(cost_base) as cost_base,
            sum(margin_base) as margin_base
        from marts.fct_margin_daily where billing_period = {period} and {customers}
        group by customer_id, currency
    """,
    "line": """
        select
            used_by_customer_id as customer_id, line_id, line_type, source, vendor, publisher, service, sku,
            charge_category, discount_id, subscription_id, vendor_currency, description, rule_id, quantity, unit,
            amount, currency
        from marts.fct_invoice_line
        where used_in_period = {period} and {users} and (
            status = 'draft' or document_number in (select document_number from intermediate.int_invoice__issued)
        )
    """,
    "document": """
        select customer_id, coalesce(document_number, 'draft') as document, blocked_reason
        from (
            select months.customer_id, invoice.document_number, invoice.blocked_reason
            from intermediate.int_invoice__document_period as months
            inner join marts.fct_invoice as invoice
                on invoice.status = 'draft' and months.payer_id = invoice.customer_id
                and months.document_period = invoice.billing_period
            where months.billing_period = {period}
            union all
            select customer_id, document_number, null from intermediate.int_invoice__issued
            where billing_period = {period}
        )
        where {customers}
    """,
    "unpriced": """
        select
            customer_id, currency, count(*) as charges, sum(cost) as cost,
            string_agg(distinct reason, '; ' order by reason) as reasons
        from marts.fct_unpriced_charge where billing_period = {period} and {customers}
        group by customer_id, currency
    """,
    "late": """
        select customer_id, customer_currency as currency, sum(cost) as cost
        from marts.fct_rated_charge
        where disposition = 'late' and billing_period = {period} and {customers}
        group by customer_id, customer_currency
    """,
}

# Lines are the same by their key; one that another rule prices now, by what it is for, its SKU where both have one.
_PURPOSE = (
    "line_type", "source", "vendor", "publisher", "service", "charge_category", "discount_id", "subscription_id",
    "vendor_currency", "currency",
)  # fmt: skip
_SAME = (("line_id",), (*_PURPOSE, "sku"), _PURPOSE)
_PAIR = """
insert into before.pair
select was.line_id, now.line_id
from ({was}) as was inner join ({now}) as now using (customer_id, purpose, place)
"""
_SIDE = """
select
    customer_id, line_id, purpose,
    row_number() over (partition by customer_id, purpose order by amount desc, line_id) as place
from (select *, concat_ws(chr(31), {purpose}) as purpose from {side}.line)
where line_id not in (select {taken} from before.pair)
"""
_UNPAIRED = """
insert into before.pair
select line_id, null from before.line where line_id not in (select line_id from before.pair)
union all
select null, line_id from after.line where line_id not in (select after_line_id from before.pair)
"""
_CHANGES = """
with base_rate as (
    select currency, max(fx_rate_base) as rate from marts.fct_margin_daily group by currency
)

select
    coalesce(was.customer_id, now.customer_id) as customer_id,
    case when was.line_id is null then 'added' when now.line_id is null then 'removed' else 'changed' end as change,
    coalesce(now.line_type, was.line_type) as line_type,
    coalesce(now.vendor, was.vendor) as vendor,
    coalesce(now.service, was.service) as service,
    coalesce(now.sku, was.sku) as sku,
    coalesce(now.description, was.description) as description,
    was.rule_id, now.rule_id as rule_id_after,
    coalesce(now.quantity, was.quantity) as quantity,
    coalesce(now.unit, was.unit) as unit,
    coalesce(was.amount, 0) as amount, coalesce(now.amount, 0) as amount_after,
    coalesce(now.amount, 0) - coalesce(was.amount, 0) as difference,
    coalesce(now.currency, was.currency) as currency
from before.pair
left join before.line as was on pair.line_id = was.line_id
left join after.line as now on pair.after_line_id = now.line_id
left join base_rate on coalesce(now.currency, was.currency) = base_rate.currency
where coalesce(now.amount, 0) <> coalesce(was.amount, 0)
order by abs(difference) * coalesce(base_rate.rate, 1) desc, customer_id, pair.line_id, pair.after_line_id
"""
_CUSTOMERS = """
select
    customer_id, currency, coalesce(document.document, 'none') as document,
    coalesce(was.revenue, 0) as revenue, coalesce(now.revenue, 0) as revenue_after,
    coalesce(now.revenue, 0) - coalesce(was.revenue, 0) as revenue_difference,
    coalesce(was.cost, 0) as cost, coalesce(now.cost, 0) as cost_after,
    coalesce(was.margin, 0) as margin, coalesce(now.margin, 0) as margin_after,
    coalesce(now.margin, 0) - coalesce(was.margin, 0) as margin_difference
from before.margin as was
full outer join after.margin as now using (customer_id, currency)
left join (
    select customer_id, string_agg(document, ', ' order by document) as document from before.document group by all
) as document using (customer_id)
order by customer_id, currency
"""
_BLOCKED = """
select customer_id, now.blocked_reason, was.blocked_reason as blocked_reason_before
from after.document as now
full outer join before.document as was using (customer_id)
where now.blocked_reason is distinct from was.blocked_reason
order by customer_id
"""
_UNPRICED = """
select
    customer_id, currency, coalesce(was.charges, 0) as charges, coalesce(now.charges, 0) as charges_after,
    coalesce(was.cost, 0) as cost, coalesce(now.cost, 0) as cost_after, coalesce(now.reasons, was.reasons) as reasons
from before.unpriced as was
full outer join after.unpriced as now using (customer_id, currency)
order by customer_id, currency
"""
_TOTALS = """
select max(base_currency) as currency, coalesce(sum(revenue_base), 0) as revenue,
    coalesce(sum(cost_base), 0) as cost, coalesce(sum(margin_base), 0) as margin
from {side}.margin
"""


def reprice(
    settings: Settings, period: dt.date, config: Path, customers: Sequence[str] = ()
) -> dict[str, Any]:
    """Rate a period under the book in ``config`` and compare it with what the warehouse says now.

    Returns the comparison; every changed line is in its ``file``. Raises InputError for a bad book, an unknown
    customer or a period without charges.
    """
    book = read_book(config)
    _require_customers(customers, [str(row["customer_id"]) for row in book.tables["customers"]])
    _require_period(settings, period)
    asked = {name: _asked(question, period, customers) for name, question in _QUESTIONS.items()}
    with what_if(settings, book, Wish((period,), family(book, customers), asked)) as trial:
        trial.rate()
        trial.connection.execute("create schema after")
        for name, question in asked.items():
            trial.connection.execute(f"create table after.{name} as {question}")
        _pair(trial)
        changes = trial.rows(_CHANGES)
        return {
            "period": f"{period:%Y-%m}",
            "config": str(config),
            **_comparison(trial),
            "lines": trial.rows("select count(*) as lines from before.line")[0]["lines"],
            "changed_lines": len(changes),
            "largest": changes[:LARGEST],
            "file": str(_write(settings, period, config, changes)),
        }


def _asked(question: str, period: dt.date, customers: Sequence[str]) -> str:
    names = ", ".join("'" + name.replace("'", "''") + "'" for name in customers)
    wanted = {
        name: f"{column} in ({names})" if customers else "true"
        for name, column in (("customers", "customer_id"), ("users", "used_by_customer_id"))
    }
    return question.format(period=f"date '{period}'", **wanted)


def _require_customers(customers: Sequence[str], known: Sequence[str]) -> None:
    for customer in customers:
        if customer not in known:
            raise InputError(f"No customer is called {customer!r}{suggest(customer, known)}.")


def _require_period(settings: Settings, period: dt.date) -> None:
    with warehouse.read_only(settings) as live:
        warehouse.require_marts(live)
        rows = live.execute("select billing_period from ops.built_period order by billing_period").fetchall()
    known = [row[0] for row in rows]
    if period not in known:
        raise InputError(
            f"Nothing has been rated for {period:%Y-%m}; there is {', '.join(f'{each:%Y-%m}' for each in known)}."
        )


def _pair(trial: WhatIf) -> None:
    """Find each line's counterpart on the other side."""
    trial.connection.execute("create table before.pair (line_id varchar, after_line_id varchar)")
    for columns in _SAME:
        purpose = ", ".join(f"coalesce({column}, '')" for column in columns)
        was = _SIDE.format(side="before", purpose=purpose, taken="line_id")
        now = _SIDE.format(side="after", purpose=purpose, taken="after_line_id")
        trial.connection.execute(_PAIR.format(was=was, now=now))
    trial.connection.execute(_UNPAIRED)


def _comparison(trial: WhatIf) -> dict[str, Any]:
    totals = [trial.rows(_TOTALS.format(side=side))[0] for side in ("before", "after")]
    return {
        "customers": trial.rows(_CUSTOMERS),
        "totals": {"before": totals[0], "after": totals[1]},
        "blocked": trial.rows(_BLOCKED),
        "unpriced": trial.rows(_UNPRICED),
        "late": trial.rows("select * from before.late order by all"),
    }


def _write(settings: Settings, period: dt.date, config: Path, changes: Rows) -> Path:
    """Write every changed line as CSV and return where; a later what-if of the same name replaces it."""
    from invoices.tables import defused

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for change in changes:
        writer.writerow(
            [
                defused(value) if isinstance(value, str) else _plain(value)
                for value in (change[name] for name in _COLUMNS)
            ]
        )
    path = settings.home / "reprice" / f"{period:%Y-%m}-{config.name}.csv"
    atomic.write_text(path, text.getvalue())
    return path


_COLUMNS = (
    "customer_id", "change", "line_type", "vendor", "service", "sku", "description", "rule_id", "rule_id_after",
    "quantity", "unit", "amount", "amount_after", "difference", "currency",
)  # fmt: skip


def _plain(value: object) -> object:
    from invoices.money import plain

    return plain(value) if isinstance(value, Decimal) else value


def as_text(found: dict[str, Any]) -> str:
    """Render the comparison for a terminal: only what differs."""
    differing = [
        row
        for row in found["customers"]
        if row["revenue_difference"] or row["margin_difference"] or row["cost"] != row["cost_after"]
    ]
    parts = [
        f"{found['period']} under {found['config']}, against what the warehouse says now",
        _customers(differing, len(found["customers"]) - len(differing)),
        _totals(found["totals"]),
    ]
    if found["blocked"]:
        parts.append(table("Customers whose invoice would be blocked, or no longer", found["blocked"]))
    unpriced = [row for row in found["unpriced"] if row["charges"] != row["charges_after"]]
    if unpriced:
        parts.append(table("Charges without a price", [_shown(row, list(row)) for row in unpriced]))
    if found["largest"]:
        shown = (
            "customer_id", "change", "description", "rule_id", "rule_id_after", "amount", "amount_after",
            "difference", "currency",
        )  # fmt: skip
        largest = [_shown(row, shown) for row in found["largest"]]
        parts.append(table(f"Largest of {found['changed_lines']} changed lines", largest))
    parts += _notes(found)
    return "\n\n".join(parts)


def _customers(differing: Rows, same: int) -> str:
    skipped = {"revenue_difference"} | (
        {"cost_after"} if all(row["cost"] == row["cost_after"] for row in differing) else set()
    )
    rows = [_shown(row, [name for name in row if name not in skipped]) for row in differing]
    rest = f"{same} customer{'' if same == 1 else 's'} without a difference"
    return f"{table('Customers', rows)}\n({rest})" if rows else f"Customers: {rest}"


def _shown(row: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {
        name: _money(row[name], row["currency"]) if isinstance(row[name], Decimal) else row[name]
        for name in names
    }


def _money(amount: Decimal, currency: str) -> str:
    from invoices.money import round_money

    return f"{round_money(amount, currency):,f}"


def _totals(totals: dict[str, dict[str, Any]]) -> str:
    from invoices.money import round_money

    currency = totals["before"]["currency"] or totals["after"]["currency"]
    if currency is None:
        return "Nothing is sold, before or after."
    rows = []
    for name in ("revenue", "cost", "margin"):
        was, now = (round_money(totals[side][name], currency) for side in ("before", "after"))
        rows.append(
            {currency: name, "before": f"{was:,f}", "after": f"{now:,f}", "difference": f"{now - was:,f}"}
        )
    return table("All of them, in the base currency", rows)


def _notes(found: dict[str, Any]) -> list[str]:
    late = ", ".join(row["customer_id"] for row in found["late"])
    notes = []
    if late:
        notes.append(
            f"The vendor changed charges of {late} after the invoice; the right-hand side has them as they are now."
        )
    notes.append(
        f"{found['changed_lines']} of {found['lines']} lines change; all of them: {found['file']}\n"
        + (
            f"{found['period']} of {len(found['corrected'])} customers is billed by these prices from now on. Next: "
            "cspbill run"
            if found.get("corrected")
            else "Nothing was issued, and nothing in the warehouse changed."
        )
    )
    return notes
