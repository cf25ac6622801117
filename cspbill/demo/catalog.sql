-- The demo's catalogue as typed tables. Prices carry 8 decimals and quantities 4, so that price × quantity
-- is exact at the 12 decimals of every cost.
create or replace macro catalogue(name) as table
    select * from read_csv(getvariable('catalogue') || '/' || name || '.csv', header = true, all_varchar = true);

create or replace temp table vendors as
select * replace (hourly::boolean as hourly) from catalogue('vendors');

create or replace temp table accounts as select * from catalogue('accounts');
create or replace temp table regions as select * from catalogue('regions');

create or replace temp table skus as
select
    * exclude (list_price, discount_percent),
    list_price::decimal(18, 8) as list_price,
    (list_price::decimal(12, 5) * (100 - discount_percent::integer) * 0.01)::decimal(18, 8) as contracted_price,
from catalogue('skus');

create or replace temp table commitments as
select * replace (units::bigint as units, hourly_fee::decimal(18, 8) as hourly_fee) from catalogue('commitments');

create or replace temp table events as
select * replace (
    month::date as month, quantity::decimal(18, 4) as quantity, amount::decimal(28, 12) as amount,
    charge_start::timestamp as charge_start, charge_end::timestamp as charge_end
)
from catalogue('events');

-- One row per resource: a fleet of five makes shop-01 … shop-05.
create or replace temp table resources as
select
    fleet.* exclude (count, since, until, size, growth),
    fleet.size::bigint as size,
    fleet.growth::bigint as growth,
    coalesce(fleet.since::timestamp, timestamp '2000-01-01') as since,
    coalesce(fleet.until::timestamp, timestamp '2100-01-01') as until,
    fleet.resource || if(fleet.count = '1', '', '-' || lpad(member::varchar, 2, '0')) as resource_name,
    vendors.hourly and fleet.pattern <> 'daily_storage' as by_hour,
from catalogue('fleets') as fleet
inner join vendors using (source)
cross join lateral generate_series(1, fleet.count::bigint) as members(member);

-- What the vendors' own file kinds say beyond FOCUS.
create or replace temp table aws_products as select * from catalogue('aws_products');
create or replace temp table azure_meters as select * from catalogue('azure_meters');
create or replace temp table tenants as select * from catalogue('tenants');
create or replace temp table gcp_projects as select * from catalogue('gcp_projects');

create or replace temp table microsoft_rates as
select month::date as month, rate::decimal(8, 4) as rate from catalogue('microsoft_rates');

create or replace temp table tenancy as
select * replace (
    without_credit_since::date as without_credit_since, without_credit_until::date as without_credit_until
)
from catalogue('tenancy');

create or replace temp table licences as
select * replace (
    month::date as month, unit_price::decimal(18, 2) as unit_price,
    effective_unit_price::decimal(28, 12) as effective_unit_price, quantity::decimal(18, 4) as quantity,
    charge_start::date as charge_start, charge_end::date as charge_end,
    subscription_start::date as subscription_start, subscription_end::date as subscription_end,
    tax_percent::integer as tax_percent
)
from catalogue('licences');
