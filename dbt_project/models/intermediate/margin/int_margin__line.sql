{{ config(materialized='view') }}

-- Lines that no charge stands behind (true-ups, caps, adjustments) as the margin counts them: as billed, with the cost of an
-- adjustment; on the period's last day, an adjustment on its own.
with lines as (
    {% for place in ['draft', 'issued'] %}
    {%- set user = 'line.customer_id' if place == 'draft' else 'line.used_by_customer_id' %}
    {%- set month = 'line.billing_period' if place == 'draft' else 'line.used_in_period' %}
    select
        {{ user }} as customer_id,
        {{ month }} as billing_period,
        line.line_id,
        line.line_type,
        line.vendor,
        line.service,
        case when line.line_type = 'adjustment' then line.charge_period_start else last_day({{ month }}) end as day,
        line.currency,
        line.amount,
        line.cost
    {% if place == 'draft' %}
    from {{ ref('int_invoice__open_line') }} as line
    {% else %}
    from {{ source('ledger', 'document_line') }} as line
    {% endif %}
    where
        (line.line_type in ('true_up', 'cap') or (line.line_type = 'adjustment' and line.source is null))
        and {{ month }} in (select dirty.billing_period from {{ source('ops', 'dirty_period') }} as dirty)
        {%- if place == 'issued' %}
        and line.document_number in (select issued.document_number from {{ ref('int_invoice__issued') }} as issued)
        {%- endif %}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    lines.customer_id,
    lines.billing_period,
    lines.line_id,
    coalesce(lines.vendor, reseller.legal_name) as vendor,
    coalesce(lines.service, 'Adjustments') as service,
    lines.day,
    case when reseller.fx_policy = 'charge_date' then lines.day else lines.billing_period end as on_date,
    lines.currency,
    cast(lines.amount as {{ money_type() }}) as amount,
    lines.cost
from lines
cross join {{ source('config', 'reseller') }} as reseller
