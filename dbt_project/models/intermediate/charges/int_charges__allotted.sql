{{ config(materialized='view') }}

-- How much of a charge is whose: vendors' charges as their accounts are shared, own products as they were ordered.
{% set measures = ['quantity', 'list_cost', 'billed_cost'] %}
select
    charge_id, customer_id, billing_period, charge_day, {{ measures | join(', ') }},
    contracted_cost, effective_cost, partner_credit
from {{ ref('int_charges__assigned') }}
union all
select
    charge_id, customer_id, billing_period, charge_day, {{ measures | join(', ') }},
    billed_cost as contracted_cost, billed_cost as effective_cost, {{ no_value(money_type()) }} as partner_credit
from {{ ref('int_subscriptions__charge') }}
