"""What the statements show, for all customers by one query each: nothing of cost, margin, price books or anyone else.

A customer's statement counts the charges of customers that it pays for, as its invoices do. Money travels as the text
of an integer of 10**-12 of the currency, as in the dashboards: the page adds it up with BigInt.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import duckdb

from invoices.pages.data import money_macro, plain

Row = dict[str, Any]
DOCUMENTS_SHOWN = 24

_SCOPE = """
create or replace temp table statement_month as
select
    as_of, cast(date_trunc('month', as_of) as date) as month,
    cast(date_trunc('month', as_of) - interval 1 month as date) as month_before
from intermediate.int_today;

-- Whose charges stand on whose statement.
create or replace temp table statement_member as
select owner.customer_id as owner_id, member.customer_id as member_id, owner.currency as billed_in
from config.customers as owner
inner join config.customers as member
    on owner.customer_id in (member.customer_id, member.parent_customer_id);

create or replace temp table statement_charge as
select
    owner_id, billing_period, coalesce(vendor, '') as vendor, coalesce(service, '') as service, day,
    sum(revenue) as amount
from marts.fct_margin_daily
inner join statement_member on customer_id = member_id
cross join statement_month
where billing_period between month - interval 12 month and month and currency = billed_in
group by all;

-- Views that several queries read, once each.
create or replace temp table statement_forecast as from marts.fct_forecast;
create or replace temp table statement_budget as
select status.* from marts.fct_budget_status as status
inner join statement_month on billing_period = month;
"""

#: One row per customer and thing that its statement shows; the first column says whose.
_QUERIES = {
    "services": """
        with charged as (
            select
                owner_id, vendor, service,
                coalesce(sum(amount) filter (where billing_period = month), 0) as to_date,
                coalesce(sum(amount) filter (where billing_period = month_before), 0) as before,
                coalesce(sum(amount) filter (
                    where billing_period = month and (day < month or day > last_day(month))
                ), 0) as on_other_days
            from statement_charge
            cross join statement_month
            where billing_period >= month_before
            group by all
        ),
        expected as (
            select
                owner_id, coalesce(vendor, '') as vendor, coalesce(service, '') as service,
                sum(net_rest) as rest, min(covered_until) as covered_until
            from statement_forecast
            inner join statement_member on customer_id = member_id
            where billing_period = (select month from statement_month)
            group by all
        )
        select
            owner_id, vendor, service, money_text(coalesce(to_date, 0)) as to_date,
            money_text(coalesce(rest, 0)) as rest,
            money_text(coalesce(before, 0)) as before, money_text(coalesce(on_other_days, 0)) as on_other_days,
            covered_until
        from charged
        full outer join expected using (owner_id, vendor, service)
        where to_date <> 0 or rest <> 0 or before <> 0
        order by all
    """,
    "days": """
        select owner_id, vendor, service, day(day) as day, money_text(sum(amount)) as amount
        from statement_charge
        cross join statement_month
        where billing_period = month and day between month and last_day(month)
        group by owner_id, vendor, service, day
        having sum(amount) <> 0
        order by all
    """,
    "months": """
        select owner_id, strftime(billing_period, '%Y-%m') as month, money_text(sum(amount)) as amount
        from statement_charge
        group by all
        order by all
    """,
    "budgets": """
        select
            customer_id as owner_id, vendor, service, money_text(budget_amount) as amount,
            money_text(net_to_date) as to_date, money_text(net_forecast) as forecast,
            cast(net_to_date_percent as varchar) as percent, cast(forecast_percent as varchar) as forecast_percent,
            thresholds
        from statement_budget
        where is_latest
        order by owner_id, vendor nulls first, service nulls first
    """,
    "crossings": """
        select customer_id as owner_id, vendor, service, thresholds_crossed as thresholds, day
        from statement_budget
        where thresholds_crossed is not null
        order by owner_id, vendor nulls first, service nulls first, day
    """,
    "open_months": """
        select owner_id, strftime(billing_period, '%Y-%m') as month, money_text(sum(net_to_date)) as amount
        from statement_forecast
        inner join statement_member on customer_id = member_id
        where billing_period < (select month from statement_month)
        group by all
        order by all
    """,
    "parked": """
        select distinct customer_id as owner_id, strftime(least(billing_period, month), '%Y-%m') as month
        from marts.fct_invoice
        cross join statement_month
        where status = 'draft' and blocked_reason is not null and period_start <= month
        order by all
    """,
    "subscriptions": """
        select
            owner_id, products.name, states.description, cast(states.quantity as varchar) as quantity,
            money_text(states.unit_price) as price, products.currency, products.interval, states.from_day,
            case when states.to_day = states.ended_on then states.ended_on end as ends,
            events.term_end as term_end
        from intermediate.int_subscriptions__state as states
        inner join statement_member on states.customer_id = member_id
        inner join config.products as products on states.product_id = products.product_id
        inner join intermediate.int_subscriptions__event as events
            on states.subscription_id = events.subscription_id
        cross join statement_month
        where products.charge_type = 'recurring' and states.quantity > 0
            and states.from_day <= as_of and coalesce(states.to_day > as_of, true)
            and events.event_day <= as_of and coalesce(events.next_event_day > as_of, true)
        order by all
    """,
    "prepaid": """
        select customer_id as owner_id, currency, money_text(sum(remaining)) as remaining,
            min(expires) filter (where remaining > 0) as expires
        from intermediate.int_prepaid__balance
        group by all
        order by all
    """,
    "documents": f"""
        select
            document.customer_id as owner_id, document.document_number as number, document_type as type,
            document.period_start, document.period_end, document.issue_date, document.due_date, document.currency,
            money_text(document.gross_amount) as gross, money_text(document.payable_amount) as payable,
            money_text(coalesce(item.open_amount, 0)) as open, status
        from marts.fct_invoice as document
        left join marts.fct_open_item as item on document.document_number = item.document_number
        where status in ('issued', 'void')
        qualify row_number() over (
            partition by document.customer_id order by issue_date desc, document.document_number desc
        ) <= {DOCUMENTS_SHOWN}
        order by owner_id, issue_date desc, number desc
    """,
    "open_items": """
        select
            customer_id as owner_id, currency, money_text(sum(open_amount)) as amount,
            money_text(coalesce(sum(open_amount) filter (where open_amount > 0 and due_date < as_of), 0)) as overdue,
            min(due_date) filter (where open_amount > 0 and due_date >= as_of) as next_due
        from marts.fct_open_item
        cross join statement_month
        group by all
        order by all
    """,
    # By the vendor's name: what a source is called is the reseller's own affair.
    "deliveries": """
        select
            owner_id, coalesce(vendor, '') as vendor, min(coverage.covered_until) as covered_until,
            strftime(min(coverage.last_delivery), '%Y-%m-%d %H:%M') as received,
            bool_or(
                greatest(cast(coverage.last_delivery as date), month) + 1 < as_of
                or coverage.covered_until < as_of - 7
            ) as late
        from (
            select distinct customer_id, source, vendor from intermediate.int_forecast__usage
            cross join statement_month
            where billing_period >= month_before
        ) as used
        inner join statement_member on used.customer_id = member_id
        inner join intermediate.int_forecast__coverage as coverage on used.source = coverage.source
        cross join statement_month
        group by owner_id, vendor
        order by all
    """,
}

_CUSTOMERS = """
select
    customers.customer_id, customers.legal_name as name, customers.currency, customers.locale,
    customers.parent_customer_id is not null as is_paid_for, reseller.legal_name as seller,
    cast(as_of as varchar) as as_of, strftime(month, '%Y-%m') as month,
    strftime(month_before, '%Y-%m') as month_before, day(last_day(month)) as days_in_month
from config.customers as customers
cross join config.reseller as reseller
cross join statement_month
order by customers.customer_id
"""


def read(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[Row, dict[str, list[Row]]]]:
    """Yield (about, tables by name) of every customer that has something to show, in the order of their ids."""
    connection.execute(money_macro())
    connection.execute(_SCOPE)
    tables = {name: _by_owner(connection, query) for name, query in _QUERIES.items()}
    for about in _rows(connection, _CUSTOMERS):
        own = {name: rows[about["customer_id"]] for name, rows in tables.items()}
        if any(own.values()):
            yield about, own


def _by_owner(connection: duckdb.DuckDBPyConnection, query: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in _rows(connection, query):
        found[row.pop("owner_id")].append(row)
    return found


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> Iterator[Row]:
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description or []]
    for row in cursor.fetchall():
        yield {name: plain(value) for name, value in zip(names, row, strict=True)}
