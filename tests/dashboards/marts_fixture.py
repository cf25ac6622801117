"""A warehouse whose marts have the columns that the dashboard reads, with sums to check by hand."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb

from cspbill import snapshot, warehouse
from cspbill.settings import Settings

MARTS = """
create schema if not exists marts;
create table marts.pub_margin_v1 (
    customer_id varchar, customer_name varchar, vendor varchar, service varchar, day date,
    billing_period date, currency varchar, revenue decimal(28, 12), cost decimal(28, 12), margin decimal(28, 12),
    base_currency varchar, fx_rate_base decimal(24, 12), list_amount_base decimal(28, 12),
    revenue_base decimal(28, 12), cost_base decimal(28, 12), margin_base decimal(28, 12)
);
create table marts.pub_invoice_v1 (
    customer_id varchar, customer_name varchar, billing_period date, document_number varchar,
    document_type varchar, status varchar, currency varchar, net_amount decimal(18, 4), blocked_reason varchar,
    period_start date
);
create table marts.pub_invoice_line_v1 (
    customer_id varchar, customer_name varchar, billing_period date, document_number varchar,
    document_type varchar, status varchar, line_id varchar, parent_line_id varchar, line_number integer,
    line_type varchar, vendor varchar, service varchar, description varchar, amount decimal(18, 4),
    currency varchar, cost decimal(28, 12), used_by_customer_id varchar, used_in_period date
);
create table marts.fct_unallocated_cost (
    billing_period date, source varchar, account_id varchar, account_name varchar, vendor varchar,
    service varchar, day date, cost decimal(28, 12), currency varchar, cost_base decimal(28, 12),
    base_currency varchar, first_seen date
);
create table marts.fct_unpriced_charge (
    billing_period date, source varchar, customer_id varchar, customer_name varchar, account_id varchar,
    vendor varchar, service varchar, sku varchar, day date, reason varchar, cost decimal(28, 12),
    currency varchar, cost_base decimal(28, 12), base_currency varchar, first_seen date
);
create table marts.fct_vendor_reconciliation (
    source varchar, billing_period date, currency varchar, vendor_total decimal(28, 12),
    cost_loaded decimal(28, 12), cost_sold decimal(28, 12), cost_unpriced decimal(28, 12),
    cost_unallocated decimal(28, 12), cost_kept decimal(28, 12), cost_late decimal(28, 12),
    difference decimal(28, 12), tolerance decimal(28, 12), verdict varchar
);
"""

RESELLER = """
insert into config.reseller (
    legal_name, country, base_currency, payment_terms_days, first_number, fx_policy, locale, close_day,
    invoice_series_invoice, invoice_series_credit_note, tax_in_eu
) values ('Nordlicht Cloud GmbH', 'DE', 'EUR', 14, 1, 'month', 'de-DE', 5, 'INV', 'CN', true);
insert into config.sources values
    ('aws', 'focus_files', 'AWS', 0.01, 1), ('microsoft', 'focus_files', 'Microsoft', 0.01, 2),
    ('google', 'focus_files', 'Google Cloud', 0.01, 3), ('oracle', 'focus_files', 'Oracle', 0.01, 4);
insert into config.currencies select 'EUR', 2 union all select 'USD', 2 union all select 'JPY', 0;
insert into ops.state values ('config_fingerprint', 'f00dfacecafe1234');
"""

HOSTILE_NAME = "<script>document.title='owned'</script><img src=x onerror=document.title='owned'>"
HOSTILE_SERVICE = "=cmd|'/c calc'!A1"

# Revenue and cost in the base currency, by month. Amounts with twelve decimals would drift in binary floats.
CELLS = """
insert into marts.pub_margin_v1
select
    customer_id, names.customer_name, vendor, service,
    case when service = 'BigQuery' and month = '2024-08-01' then date '2024-08-25' else month end, month, currency,
    revenue, cost, revenue - cost, 'EUR', rate, revenue, revenue, cost, revenue - cost
from (values
    ('acme', 'AWS', 'Amazon EC2', date '2024-07-01', 'EUR', 1, 1000.10, 800.05),
    ('acme', 'AWS', 'Amazon EC2', date '2024-08-01', 'EUR', 1, 1100.20, 880.05),
    ('acme', 'AWS', 'Amazon EC2', date '2024-09-01', 'EUR', 1, 1234.560000000001, 987.650000000001),
    ('acme', 'Microsoft', 'Virtual Machines', date '2024-07-01', 'EUR', 1, 500, 450),
    ('acme', 'Microsoft', 'Virtual Machines', date '2024-09-01', 'EUR', 1, 600.005, 660.01),
    ('beta', 'Microsoft', 'Virtual Machines', date '2024-08-01', 'USD', 0.9, 300, 240),
    ('beta', 'Google Cloud', 'BigQuery', date '2024-08-01', 'USD', 0.9, 90, 60),
    ('beta', 'Google Cloud', 'BigQuery', date '2024-09-01', 'USD', 0.91, 120, 75),
    ('gamma', 'Google Cloud', $service, date '2024-07-01', 'JPY', 0.0061, 45, 40),
    ('gamma', 'Google Cloud', $service, date '2024-08-01', 'JPY', 0.0061, 45, 40),
    ('gamma', 'Google Cloud', $service, date '2024-09-01', 'JPY', 0.0061, 45.333333333333, 40.111111111111),
    ('delta', 'AWS', 'Amazon S3', date '2024-09-01', 'EUR', 1, 80, 50)
) as cell (customer_id, vendor, service, month, currency, rate, revenue, cost)
inner join (values
    ('acme', 'Acme Manufacturing AG'), ('beta', $name), ('gamma', '@SUM(A1) K.K.'), ('delta', 'Delta & Söhne')
) as names (customer_id, customer_name) using (customer_id);
"""

REST = """
insert into marts.pub_invoice_v1
select distinct
    customer_id, customer_name, billing_period,
    case when billing_period < '2024-09-01' then 'INV-' || strftime(billing_period, '%m') || customer_id end,
    'invoice', case when billing_period < '2024-09-01' then 'issued' else 'draft' end, currency, 100,
    case when billing_period = '2024-09-01' and customer_id = 'delta' then 'unpriced charges: 12.34 EUR' end,
    billing_period
from marts.pub_margin_v1;
-- A quarter that has begun, and a month that is still to come.
insert into marts.pub_invoice_v1 by name
select 'acme' as customer_id, period_start, billing_period, 'draft' as status, 1 as net_amount
from (values (date '2024-09-01', date '2024-11-01'), (date '2024-10-01', date '2024-10-01'))
    as later (period_start, billing_period);
insert into marts.pub_invoice_line_v1
select
    'acme', 'Acme Manufacturing AG', '2024-09-01', null, 'invoice', 'draft', line_id, parent_line_id,
    line_number, line_type, vendor, service, description, amount, 'EUR', cost, 'acme', '2024-09-01'
from (values
    ('l1', null, 1, 'usage', 'Microsoft', 'Virtual Machines', 'Virtual Machines, West Europe', 700, 660.01),
    ('l2', 'l1', 2, 'discount', 'Microsoft', 'Virtual Machines', 'Launch discount 14 %', -99.99, 0),
    ('l3', null, 3, 'usage', 'AWS', 'Amazon EC2', 'EC2, m6i.large', 1234.56, 987.65)
) as line (line_id, parent_line_id, line_number, line_type, vendor, service, description, amount, cost);
insert into marts.fct_unallocated_cost
select
    date_trunc('month', day), 'aws', '999900001111', 'sandbox', 'AWS', 'Amazon EC2', day, cost, 'USD', cost_base,
    'EUR', first_seen
from (values
    (date '2024-09-03', 11, 10.10, date '2024-09-03'), (date '2024-09-04', 11, 10.10, date '2024-09-03'),
    (date '2024-08-30', 5, 4.5, date '2024-08-30')
) as day (day, cost, cost_base, first_seen);
insert into marts.fct_unpriced_charge values (
    '2024-09-01', 'google', 'delta', 'Delta & Söhne', 'proj-7', 'Google Cloud', 'Vertex AI', 'SKU-1',
    '2024-09-05', 'no price rule matches', 13, 'USD', 12.34, 'EUR', '2024-09-05'
);
insert into marts.fct_vendor_reconciliation values
    ('aws', '2024-09-01', 'USD', 1100, 1100, 1078, 0, 22, 0, 0, 0, 0.01, 'ties'),
    ('google', '2024-09-01', 'USD', 150, 149, 136, 13, 0, 0, 0, 1, 0.01, 'differs');
insert into ops.delivery
select
    source || '-' || strftime(month, '%Y-%m'), source, 'focus_files', 'default', month, 1000, 1, '{}', month,
    least(last_day(month), date '2024-09-17'), month < '2024-09-01', '2024-09-18 04:12:00', '2024-09-18 04:13:00'
from (values ('aws'), ('microsoft'), ('google')) as source (source)
cross join (values (date '2024-07-01'), (date '2024-08-01'), (date '2024-09-01')) as month (month);
insert into ops.partition_in_force select source, scope, billing_period, delivery_id from ops.delivery;
"""


def new_settings(home: Path) -> Settings:
    return Settings(home=home, config=home / "config", today=dt.date(2024, 9, 18))


def make_snapshot(settings: Settings, *, filled: bool = True) -> Path:
    """Build the working file and publish it; three months, four customers, three vendors, hostile names."""
    with warehouse.connect(settings) as connection:
        connection.execute(MARTS)
        connection.execute(RESELLER)
        if filled:
            fill(connection)
    return snapshot.publish(settings)


def fill(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(CELLS, {"name": HOSTILE_NAME, "service": HOSTILE_SERVICE})
    connection.execute(REST)
