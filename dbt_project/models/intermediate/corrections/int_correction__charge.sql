-- R9.3 by charge: what should have been frozen minus what documents in force have frozen. Where no line of the month changes
-- by a cent, the reseller keeps the difference in cost; nothing is billed for it.
{%- set costs = rated_columns('costs') + ['cost', 'list_amount'] %}
{%- set money = ['amount_before_discount'] + rated_columns('discounts') %}
{%- set named = rated_columns('described') + ['contract_id', 'rule_id', 'model', 'customer_currency', 'fx_rate', 'fx_date'] %}
with should as (
    select rerated.*
    from {{ source('rerated', 'charge') }} as rerated
    inner join {{ ref('int_correction__month') }} as months
        on rerated.customer_id = months.customer_id
        and rerated.billing_period = months.billing_period
    where months.is_issued
),

compared as (
    select
        coalesce(should.charge_id, billed.charge_id) as corrected_charge_id,
        coalesce(should.line_id, billed.line_id) as corrected_line_id,
        coalesce(should.customer_id, billed.customer_id) as customer_id,
        coalesce(should.billing_period, billed.billing_period) as billing_period,
        {% for column in named %}coalesce(should.{{ column }}, billed.{{ column }}) as {{ column }},
        {% endfor %}{% for column in costs %}case
            when should.{{ column }} is not null or billed.{{ column }} is not null
                then coalesce(should.{{ column }}, 0) - coalesce(billed.{{ column }}, 0)
        end as {{ column }},
        {% endfor %}{% for column in money %}coalesce(should.{{ column }}, 0) - coalesce(billed.{{ column }}, 0) as {{ column }},
        {% endfor %}coalesce(should.charge_day, billed.charge_day) as charge_day
    from should
    full outer join {{ ref('int_correction__billed_charge') }} as billed
        on should.charge_id = billed.charge_id
        and should.customer_id = billed.customer_id
        and coalesce(should.line_id, '') = coalesce(billed.line_id, '')
),

due_months as (
    select distinct customer_id, billing_period from {{ ref('int_correction__line') }}
    where billing_period in (select dirty.billing_period from {{ source('ops', 'dirty_period') }} as dirty)
),

placed as (
    select
        compared.*,
        months.documents,
        compared.corrected_line_id is not null and due_months.customer_id is not null as is_billed
    from compared
    inner join {{ ref('int_correction__month') }} as months
        on compared.customer_id = months.customer_id
        and compared.billing_period = months.billing_period
    left join due_months
        on compared.customer_id = due_months.customer_id
        and compared.billing_period = due_months.billing_period
)

select
    {{ correction_id("corrected_charge_id || coalesce(corrected_line_id, '')", 'documents') }} as charge_id,
    corrected_charge_id,
    corrected_line_id,
    customer_id,
    billing_period,
    charge_day,
    case when is_billed then 'sold' else 'kept' end as disposition,
    case when not is_billed then 'changed after the invoice was issued; what is billed stays the same' end as reason,
    {% for column in named %}{{ column }},
    {% endfor %}{% for column in costs %}cast({{ column }} as {{ money_type() }}) as {{ column }},
    {% endfor %}{% for column in money %}
    cast(case when is_billed then {{ column }} else 0 end as {{ money_type() }}) as {{ column }},
    {% endfor %}case when is_billed then {{ correction_id('corrected_line_id', 'documents') }} end as line_id
from placed
where
    {% for column in costs %}coalesce({{ column }}, 0) <> 0 or {% endfor %}
    (is_billed and ({% for column in money %}{{ column }} <> 0{{ ' or ' if not loop.last }}{% endfor %}))
