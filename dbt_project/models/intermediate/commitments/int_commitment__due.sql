{{ config(materialized='view') }}

-- Minimum commitments that fall due in a billing period being rebuilt (R7): a monthly one in every month that its
-- contract touches; a yearly one in the month in which a commitment year ends, on an anniversary of the contract's start
-- or with the contract, and never before. Days before billing starts here were billed elsewhere: they owe nothing.
with periods as (
    select distinct
        billing_period,
        cast(billing_period + interval 1 month as date) as period_ends
    from {{ source('ops', 'dirty_period') }}
),

committed as (
    select * from {{ source('config', 'contracts') }}
    where minimum_commitment > 0
),

cycles as (
    select
        committed.contract_id,
        periods.billing_period,
        periods.period_ends,
        periods.billing_period as cycle_starts,
        periods.period_ends as cycle_ends
    from committed
    cross join periods
    where committed.commitment_interval = 'month'
    union all
    select
        contract_id,
        billing_period,
        period_ends,
        cast(valid_from + to_years(years) as date) as cycle_starts,
        cast(valid_from + to_years(years + 1) as date) as cycle_ends
    from (
        select
            committed.contract_id,
            committed.valid_from,
            periods.billing_period,
            periods.period_ends,
            cast(unnest(range(
                extract(year from periods.period_ends) - extract(year from committed.valid_from) + 1
            )) as integer) as years
        from committed
        cross join periods
        where committed.commitment_interval = 'year'
    ) as anniversaries
),

covered as (
    select
        committed.customer_id,
        cycles.*,
        committed.commitment_interval,
        committed.minimum_commitment,
        committed.commitment_currency,
        greatest(
            cycles.cycle_starts, coalesce(committed.valid_from, cycles.cycle_starts),
            cast(date_trunc('month', {{ billing_starts() }}) as date)
        ) as starts,
        least(cycles.cycle_ends, coalesce(committed.valid_to, cycles.cycle_ends)) as ends
    from cycles
    inner join committed
        on cycles.contract_id = committed.contract_id
),

issued as (
    select customer_id, billing_period from {{ ref('int_invoice__issued_month') }}
)

select
    covered.customer_id,
    covered.billing_period,
    covered.contract_id,
    covered.commitment_interval,
    covered.minimum_commitment,
    covered.commitment_currency,
    covered.starts,
    covered.ends,
    {{ days_between('covered.starts', 'covered.ends') }} as days,
    {{ days_between('covered.cycle_starts', 'covered.cycle_ends') }} as cycle_days,
    case when policy.fx_policy = 'charge_date' then last_day(covered.billing_period) else covered.billing_period end as on_date
from covered
cross join {{ source('config', 'reseller') }} as policy
left join issued
    on covered.customer_id = issued.customer_id
    and covered.billing_period = issued.billing_period
where
    covered.starts < covered.ends
    and covered.ends > covered.billing_period
    and covered.ends <= covered.period_ends
    and issued.customer_id is null
