{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail', pre_hook="{{ delete_dirty_periods() }}") }}

{%- set measures = ['quantity', 'list_cost', 'contracted_cost', 'billed_cost', 'effective_cost'] %}

with charges as (
    select
        *,
        {{ match_key('billing_account_id') }} as billing_account_key,
        {{ match_key('sub_account_id') }} as sub_account_key
    from {{ ref('int_charges__daily') }}
    where billing_period in (select dirty.billing_period from {{ source('ops', 'dirty_period') }} as dirty)
),

joined as (
    select
        charges.charge_id,
        charges.billing_period,
        charges.charge_day,
        owners.customer_id,
        coalesce(owners.share, 100) as share,
        coalesce(owners.takes_remainder, true) as takes_remainder,
        {% for measure in measures %}charges.{{ measure }}{{ ',' if not loop.last }}
        {% endfor %}
    from charges
    left join {{ ref('int_accounts__resolved') }} as owners
        on charges.source = owners.source
        and charges.billing_account_key = owners.billing_account_key
        and charges.sub_account_key = owners.sub_account_key
        and charges.charge_day = owners.charge_day
),

whole as (
    select * from joined
    where share = 100
),

-- R3.2: every part at full precision; the last customer takes the remainder, so parts sum to the whole.
parts as (
    select
        charge_id,
        billing_period,
        charge_day,
        customer_id,
        share,
        takes_remainder,
        {% for measure in measures -%}
        cast(
            case
                when takes_remainder then {{ measure }} - sum(
                    case when takes_remainder then 0 else {{ percent_of(measure, 'share') }} end
                ) over (partition by charge_id)
                else {{ percent_of(measure, 'share') }}
            end as {{ money_type() }}
        ) as {{ measure }}{{ ',' if not loop.last }}
        {% endfor %}
    from joined
    where share <> 100
)

select * from whole
union all
select * from parts
