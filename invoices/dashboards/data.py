"""What the page shows, read from a snapshot: compact, exact, in a stable order.

Money travels as the text of an integer of 10**-12 of the currency (``"12340000000000"`` is 12.34), because
the page adds it up with BigInt: a JSON number would lose cents. All grouping happens here, in SQL; the page
only adds up cells of month × customer × vendor × service.
"""

from __future__ import annotations

from typing import Any

import duckdb

from invoices.pages.data import money_macro, plain

Row = tuple[Any, ...]
Data = dict[str, Any]

LOSSES_PER_PERIOD = 50

_ABOUT = """
select
    snapshot_name, as_of, strftime(current_period, '%Y-%m') as current_period, legal_name, base_currency,
    locale, config_fingerprint, cspbill_version
from meta.snapshot
"""

# A quarter or year goes by its last month: until that one comes, its document is shown in the current month.
_DOCUMENT_PERIOD = """
    case
        when period_start <= (select current_period from meta.snapshot)
            then least(billing_period, (select current_period from meta.snapshot))
        else billing_period
    end
"""

_MONTHS = f"""
select billing_period from marts.pub_margin_v1
union select {_DOCUMENT_PERIOD} from marts.pub_invoice_v1
    where period_start <= (select current_period from meta.snapshot)
union select billing_period from marts.fct_unallocated_cost
union select billing_period from marts.fct_unpriced_charge
union select billing_period from marts.fct_vendor_reconciliation
union select billing_period from meta.billing_period
order by billing_period
"""

_CUSTOMERS = """
select customer_id, max(customer_name) from (
    select customer_id, customer_name from marts.pub_margin_v1
    union all select customer_id, customer_name from marts.pub_invoice_v1
    union all select customer_id, customer_name from marts.fct_unpriced_charge where customer_id is not null
)
group by customer_id
order by customer_id
"""

_CUBE = """
with
cell as (
    select
        customer_id, coalesce(vendor, '') as vendor, coalesce(service, '') as service, billing_period,
        coalesce(sum(revenue_base), 0) as revenue, coalesce(sum(cost_base), 0) as cost
    from marts.pub_margin_v1
    group by all
)
select
    customer_id, vendor, service,
    string_agg(strftime(billing_period, '%Y-%m'), ' ' order by billing_period),
    string_agg(money_text(revenue), ' ' order by billing_period),
    string_agg(money_text(cost), ' ' order by billing_period)
from cell
group by customer_id, vendor, service
order by customer_id, vendor, service
"""

# A month that is still running is compared with the same days of the month before it, not with all of them.
_TO_DATE = """
with
running as (
    select billing_period, last_day
    from meta.billing_period
    where strftime(billing_period, '%Y-%m') = $month and last_day < last_day(billing_period)
)
select
    customer_id, coalesce(vendor, '') as vendor, coalesce(service, '') as service,
    money_text(coalesce(sum(revenue_base), 0)), money_text(coalesce(sum(cost_base), 0))
from marts.pub_margin_v1 as margin
inner join running
    on
        margin.billing_period = running.billing_period - interval 1 month
        and margin.day <= running.last_day - interval 1 month
group by all
order by all
"""

_DAYS_COVERED = """
select day(last_day) from meta.billing_period
where strftime(billing_period, '%Y-%m') = ? and last_day < last_day(billing_period)
"""

_UNALLOCATED = """
select
    strftime(billing_period, '%Y-%m') as month, source, account_id as account,
    max(account_name) as account_name, coalesce(vendor, '') as vendor, coalesce(service, '') as service,
    min(first_seen) as first_seen, money_text(sum(cost_base)) as cost,
    money_text(coalesce(sum(cost_base) filter (where day(day) <= $day), 0)) as cost_to_date
from marts.fct_unallocated_cost
group by billing_period, source, account_id, vendor, service
order by billing_period, source, account_id, vendor, service
"""

_UNPRICED = """
select
    strftime(billing_period, '%Y-%m') as month, source, customer_id as customer, account_id as account,
    coalesce(vendor, '') as vendor, coalesce(service, '') as service, sku, reason,
    min(first_seen) as first_seen, money_text(sum(cost_base)) as cost,
    money_text(coalesce(sum(cost_base) filter (where day(day) <= $day), 0)) as cost_to_date
from marts.fct_unpriced_charge
group by billing_period, source, customer_id, account_id, vendor, service, sku, reason
order by billing_period, source, customer_id, account_id, vendor, service, sku, reason
"""

# A line counts with the discounts printed under it, and a loss from one minor unit on: less is the line's rounding.
# Only charges can be sold at a loss: a cap or a rounding line has no cost of its own, and a refund takes back a sale.
_LOSSES = """
with
rate as (
    select billing_period, currency, max(fx_rate_base) as fx_rate_base
    from marts.pub_margin_v1
    group by billing_period, currency
),
discount as (
    select customer_id, billing_period, coalesce(document_number, '') as document, parent_line_id,
        sum(amount) as amount, sum(cost) as cost
    from marts.pub_invoice_line_v1
    where line_type = 'discount' and parent_line_id is not null
    group by all
),
charge as (
    select
        line.used_by_customer_id as customer_id, line.used_in_period as billing_period, line.document_number,
        line.line_number, line.vendor,
        line.service, line.description, line.currency, line.amount + coalesce(discount.amount, 0) as amount,
        line.cost + coalesce(discount.cost, 0) as cost
    from marts.pub_invoice_line_v1 as line
    left join discount
        on
            line.customer_id = discount.customer_id and line.billing_period = discount.billing_period
            and coalesce(line.document_number, '') = discount.document
            and line.line_id = discount.parent_line_id
    where
        line.line_type in ('usage', 'purchase', 'subscription', 'one_off')
        and line.document_type = 'invoice' and line.status in ('draft', 'issued')
        and (line.amount >= 0 or line.cost >= 0)
),
loss as (
    select
        charge.*,
        cast(
            cast(charge.cost - charge.amount as decimal(20, 6))
            * cast(coalesce(rate.fx_rate_base, 1) as decimal(18, 12)) as decimal(38, 12)
        ) as loss_base
    from charge
    left join rate using (billing_period, currency)
    left join meta.currency on charge.currency = currency.code
    where
        charge.cost - charge.amount
        >= case coalesce(currency.minor_units, 2) when 0 then 1 when 3 then 0.001 else 0.01 end
)
select
    strftime(billing_period, '%Y-%m') as month, customer_id as customer, document_number as document,
    coalesce(vendor, '') as vendor, coalesce(service, '') as service, description, currency,
    money_text(amount) as amount, money_text(cost) as cost, money_text(loss_base) as loss
from loss
qualify row_number() over (
    partition by billing_period order by loss_base desc, customer_id, document_number, line_number
) <= {losses}
order by billing_period, loss_base desc, customer_id, document_number, line_number
"""

_RECONCILIATION = """
select
    strftime(billing_period, '%Y-%m') as month, source, currency, verdict,
    verdict = 'ties' as ties, money_text(vendor_total) as vendor_total,
    money_text(cost_loaded) as loaded, money_text(cost_sold) as sold, money_text(cost_unpriced) as unpriced,
    money_text(cost_unallocated) as unallocated, money_text(cost_kept) as kept, money_text(cost_late) as late,
    money_text(difference) as difference, money_text(tolerance) as tolerance
from marts.fct_vendor_reconciliation
order by billing_period, source, currency
"""

_DOCUMENTS = f"""
select strftime({_DOCUMENT_PERIOD}, '%Y-%m') as month, status, count(*) as documents
from marts.pub_invoice_v1
group by month, status
order by month, status
"""

_PARKED = f"""
select
    strftime({_DOCUMENT_PERIOD}, '%Y-%m') as month, customer_id as customer, blocked_reason as reason,
    currency, money_text(net_amount) as net
from marts.pub_invoice_v1
where status = 'draft' and blocked_reason is not null
order by billing_period, customer_id
"""

_DELIVERIES = """
select
    strftime(billing_period, '%Y-%m') as month, source, scope, delivery_id as delivery, row_count as rows,
    first_day, last_day, is_final as final, strftime(landed_at, '%Y-%m-%d %H:%M') as landed
from meta.delivery
order by billing_period, source, scope
"""

_LATE = """
select period.month as month, source.name as source
from meta.source as source
cross join (select strftime(current_period, '%Y-%m') as month, current_period from meta.snapshot) as period
where not exists (
    select 1 from meta.delivery
    where delivery.source = source.name and delivery.billing_period = period.current_period
)
order by source.name
"""

_RATES = """
select
    strftime(billing_period, '%Y-%m') as month, currency,
    cast(min(fx_rate_base) as varchar) as lowest, cast(max(fx_rate_base) as varchar) as highest
from marts.pub_margin_v1
where currency <> base_currency
group by billing_period, currency
order by billing_period, currency
"""

# Amounts that no rate could convert are in no total here: the page says so instead of being quietly short.
_UNCONVERTED = """
select distinct strftime(billing_period, '%Y-%m') as month, currency
from marts.pub_margin_v1
where revenue_base is null or cost_base is null
order by month, currency
"""

_SOURCE_VENDORS = "select name, vendor from meta.source where vendor is not null order by name"

_MINOR_UNITS = """
select code, minor_units from meta.currency
where code in (
    select currency from marts.pub_margin_v1
    union select base_currency from meta.snapshot
    union select currency from marts.fct_vendor_reconciliation
    union select currency from marts.pub_invoice_v1
)
order by code
"""


def read(connection: duckdb.DuckDBPyConnection) -> Data:
    """Gather everything that the page shows; the same snapshot gives the same data, byte for byte.

    Tables are columnar: ``{column: [value, …]}``. In ``cube`` the customer, vendor and service of an entry
    are positions in ``customers``, ``vendors`` and ``services``; amounts by month are blank-separated texts.
    """
    connection.execute(money_macro())
    months = [f"{period:%Y-%m}" for (period,) in connection.execute(_MONTHS).fetchall()]
    customers = connection.execute(_CUSTOMERS).fetchall()
    cells = connection.execute(_CUBE).fetchall()
    about = _about(connection)
    current = about["current_period"]
    covered = {"day": _days_covered(connection, current)}
    return {
        "about": about,
        "months": months,
        "customers": {"id": [row[0] for row in customers], "name": [row[1] or row[0] for row in customers]},
        **_cube(cells, months, [row[0] for row in customers]),
        "to_date": _to_date(connection.execute(_TO_DATE, {"month": current}).fetchall(), cells),
        "unallocated": _table(connection, _UNALLOCATED, covered),
        "unpriced": _table(connection, _UNPRICED, covered),
        "losses": _table(connection, _LOSSES.format(losses=LOSSES_PER_PERIOD)),
        "reconciliation": _table(connection, _RECONCILIATION),
        "documents": _table(connection, _DOCUMENTS),
        "parked": _table(connection, _PARKED),
        "deliveries": _table(connection, _DELIVERIES),
        "late": _table(connection, _LATE),
        "rates": _table(connection, _RATES),
        "unconverted": _table(connection, _UNCONVERTED),
    }


def _about(connection: duckdb.DuckDBPyConnection) -> Data:
    about = {name: column[0] for name, column in _table(connection, _ABOUT).items()}
    return {
        **about,
        "minor_units": dict(connection.execute(_MINOR_UNITS).fetchall()),
        "source_vendors": dict(connection.execute(_SOURCE_VENDORS).fetchall()),
    }


def _days_covered(connection: duckdb.DuckDBPyConnection, month: str) -> int:
    """Count the days of a month that deliveries reach; 31 where none says."""
    row = connection.execute(_DAYS_COVERED, [month]).fetchone()
    return int(row[0]) if row else 31


def _to_date(rows: list[Row], cells: list[Row]) -> Data:
    """Give the amounts of the month before the running one, up to the same day, by position in the cube."""
    position = {cell[:3]: index for index, cell in enumerate(cells)}
    return {
        "entry": [position[row[:3]] for row in rows],
        "revenue": [row[3] for row in rows],
        "cost": [row[4] for row in rows],
    }


def _table(connection: duckdb.DuckDBPyConnection, sql: str, values: Data | None = None) -> Data:
    cursor = connection.execute(sql, values or {})
    names = [column[0] for column in cursor.description or []]
    rows = cursor.fetchall()
    return {name: [plain(row[position]) for row in rows] for position, name in enumerate(names)}


def _cube(rows: list[Row], months: list[str], customers: list[str]) -> Data:
    """Replace names by positions; a run of months without a gap is written as its first month only."""
    vendors, services = sorted({row[1] for row in rows}), sorted({row[2] for row in rows})
    month_at, customer_at = _positions(months), _positions(customers)
    vendor_at, service_at = _positions(vendors), _positions(services)
    return {
        "vendors": vendors,
        "services": services,
        "cube": {
            "customer": [customer_at[row[0]] for row in rows],
            "vendor": [vendor_at[row[1]] for row in rows],
            "service": [service_at[row[2]] for row in rows],
            "month": [_month_run([month_at[month] for month in row[3].split(" ")]) for row in rows],
            "revenue": [row[4] for row in rows],
            "cost": [row[5] for row in rows],
        },
    }


def _positions(names: list[str]) -> dict[str, int]:
    return {name: position for position, name in enumerate(names)}


def _month_run(positions: list[int]) -> int | list[int]:
    gapless = positions[-1] - positions[0] == len(positions) - 1
    return positions[0] if gapless else positions
