-- R1.5: what rounding each invoice line (with its discounts) added, put on the charge that weighs most in it. What
-- rounding a discount on the whole period added goes to the charge that weighs most in what it names.
with lines as (
    {% for place in ['draft', 'issued'] %}
    {%- set user = 'line.customer_id' if place == 'draft' else 'line.used_by_customer_id' %}
    {%- set month = 'line.billing_period' if place == 'draft' else 'line.used_in_period' %}
    select
        {{ user }} as customer_id,
        {{ month }} as billing_period,
        case
            when line.line_type = 'discount' and line.parent_line_id is null then ''
            else coalesce(line.parent_line_id, line.line_id)
        end as line_id,
        coalesce(line.vendor, '') as vendor,
        coalesce(line.service, '') as service,
        line.amount,
        line.exact_amount
    {% if place == 'draft' %}
    from {{ ref('int_invoice__open_line') }} as line
    union all
    {% else %}
    from {{ source('ledger', 'document_line') }} as line
    where line.document_number in (select issued.document_number from {{ ref('int_invoice__issued') }} as issued)
    {% endif %}
    {% endfor %}
),

differences as (
    select
        line_id,
        customer_id,
        billing_period,
        case when line_id = '' then vendor else '' end as vendor,
        case when line_id = '' then service else '' end as service,
        cast(sum(amount - exact_amount) as {{ money_type() }}) as rounding_difference
    from lines
    where billing_period in (select dirty.billing_period from {{ source('ops', 'dirty_period') }} as dirty)
    group by
        line_id, customer_id, billing_period, case when line_id = '' then vendor else '' end,
        case when line_id = '' then service else '' end
),

weights as (
    select
        charge_id, customer_id, billing_period, line_id, charge_day, vendor, service,
        abs(
            amount_before_discount - discount_line - discount_bundle - discount_volume - discount_relationship
            - discount_promotion
        ) as weight
    from {{ ref('int_rated') }}
    where
        disposition = 'sold'
        and billing_period in (select dirty.billing_period from {{ source('ops', 'dirty_period') }} as dirty)
),

ranked as (
    select
        *,
        row_number() over (
            partition by line_id, customer_id, billing_period order by weight desc, charge_day, charge_id
        ) as place
    from weights
),

-- Only the heaviest charge of each line is looked at, so that a discount on the whole costs no second pass.
heaviest as (
    select * from ranked
    where place = 1
),

of_scopes as (
    select
        heaviest.charge_id,
        heaviest.customer_id,
        heaviest.billing_period,
        differences.rounding_difference,
        row_number() over (
            partition by
                differences.customer_id, differences.billing_period, differences.vendor, differences.service
            order by heaviest.weight desc, heaviest.charge_day, heaviest.charge_id
        ) as place
    from differences
    inner join heaviest
        on differences.customer_id = heaviest.customer_id
        and differences.billing_period = heaviest.billing_period
        and differences.vendor in ('', heaviest.vendor)
        and differences.service in ('', heaviest.service)
    where differences.line_id = ''
),

placed as (
    select
        heaviest.charge_id,
        heaviest.customer_id,
        heaviest.billing_period,
        differences.rounding_difference
    from differences
    inner join heaviest
        on differences.line_id = heaviest.line_id
        and differences.customer_id = heaviest.customer_id
        and differences.billing_period = heaviest.billing_period
    union all
    select charge_id, customer_id, billing_period, rounding_difference from of_scopes
    where place = 1
)

select
    charge_id,
    customer_id,
    billing_period,
    {{ money_sum('rounding_difference') }} as rounding_difference
from placed
group by charge_id, customer_id, billing_period
