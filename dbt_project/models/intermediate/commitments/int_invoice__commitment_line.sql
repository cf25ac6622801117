{{ config(materialized='view') }}

-- The lines of minimum commitments and caps (R7): after discounts, with no charge behind them, so exact as they are. Columns:
-- those of int_invoice__whole_line that have a value.
{%- set numbers = {'minimum': 'true_ups.minimum_commitment', 'cap': 'caps.spend_cap'} %}

with true_up_category as (
    select coalesce(max_by(categories.tax_category, categories.specificity), 'standard') as tax_category
    from {{ source('config', 'tax_categories') }} as categories
    cross join {{ source('config', 'reseller') }} as reseller
    where
        {{ match_key('categories.vendor') }} in ('', {{ match_key('reseller.legal_name') }})
        and {{ match_key('categories.service') }} in ('', 'minimum commitment')
        and {{ match_key('categories.sku') }} = ''
),

true_ups as (
    select
        true_ups.customer_id,
        true_ups.billing_period,
        {{ stable_id(["'true_up'", 'true_ups.customer_id', 'true_ups.billing_period', 'true_ups.contract_id']) }} as line_id,
        'true_up' as line_type,
        'Minimum commitment' as service,
        'Minimum commitment' as description,
        {{ plain_number('true_ups.committed') }} || ' committed'
        || case
            when true_ups.commitment_interval = 'year'
                then '; ' || cast(true_ups.starts as varchar) || ' to ' || cast(true_ups.ends - 1 as varchar)
            else ''
        end
        || case
            when true_ups.contracts > 1 then '; ' || true_ups.contracts || ' contracts'
            when true_ups.days < true_ups.cycle_days
                then '; ' || true_ups.days || ' of ' || true_ups.cycle_days || ' days of '
                    || {{ plain_number(numbers.minimum) }}
                    || case when true_ups.commitment_currency <> true_ups.currency then ' ' || true_ups.commitment_currency else '' end
            when true_ups.commitment_currency <> true_ups.currency
                then '; ' || {{ plain_number(numbers.minimum) }} || ' ' || true_ups.commitment_currency
            else ''
        end
        || '; ' || {{ plain_number('true_ups.spent') }} || ' spent' as detail,
        true_ups.starts as charge_period_start,
        true_ups.ends as charge_period_end,
        true_ups.amount,
        true_ups.currency,
        true_up_category.tax_category,
        true_ups.commitment_currency as vendor_currency,
        true_ups.fx_rate,
        true_ups.fx_date,
        4 as part_order,
        1 as sequence
    from {{ ref('int_commitment__true_up') }} as true_ups
    cross join true_up_category
    where true_ups.reason is null
),

caps as (
    select
        caps.customer_id,
        caps.billing_period,
        {{ stable_id(["'cap'", 'caps.customer_id', 'caps.billing_period', 'caps.tax_category']) }} as line_id,
        'cap' as line_type,
        'Spend cap' as service,
        'Spend cap' as description,
        'at most ' || {{ plain_number('caps.cap') }}
        || case
            when caps.contracts > 1 then '; ' || caps.contracts || ' contracts'
            when caps.days < caps.cycle_days
                then '; ' || caps.days || ' of ' || caps.cycle_days || ' days of ' || {{ plain_number(numbers.cap) }}
            else ''
        end
        || '; ' || {{ plain_number('caps.spent') }} || ' spent' as detail,
        caps.billing_period as charge_period_start,
        cast(caps.billing_period + interval 1 month as date) as charge_period_end,
        caps.amount,
        caps.currency,
        caps.tax_category,
        3 as part_order,
        caps.size_place as sequence
    from {{ ref('int_commitment__cap') }} as caps
    where
        caps.amount <> 0
        and caps.billing_period in (select dirty.billing_period from {{ source('ops', 'dirty_period') }} as dirty)
)

select
    lines.*,
    lines.line_id as group_line_id,
    reseller.legal_name as vendor,
    cast(lines.amount as {{ money_type() }}) as exact_amount,
    cast(0 as {{ money_type() }}) as cost
from (
    select * from caps
    union all by name
    select * from true_ups
) as lines
cross join {{ source('config', 'reseller') }} as reseller
