-- Actual and amortised cost as one set of charges. Rows of actual cost are the money, so that billed cost adds up to
-- theirs. Where amortised cost has come as well, it says what commitments cost the usage that they cover: its rows
-- take the place of the covered usage (0 in actual cost), and buying a commitment is no effective cost.
with amortized_days as (
    select distinct delivery_id, charge_day
    from {{ ref('stg_azure_cost__rows') }}
    where is_amortized
),

amortized_deliveries as (
    select distinct delivery_id from amortized_days
),

marked as (
    select
        charges.*,
        charges.commitment_type is not null as is_committed,
        charges.charge_type in ('Purchase', 'Refund') as is_purchase,
        charges.charge_type in ('UnusedReservation', 'UnusedSavingsPlan') as is_unused,
        days.charge_day is not null as is_day_amortized,
        deliveries.delivery_id is not null as is_delivery_amortized
    from {{ ref('stg_azure_cost__rows') }} as charges
    left join amortized_days as days
        on charges.delivery_id = days.delivery_id
        and charges.charge_day = days.charge_day
    left join amortized_deliveries as deliveries
        on charges.delivery_id = deliveries.delivery_id
)

select
    *,
    {{ azure_cost_at('list_unit_price', 'contracted_unit_price', given='payg_cost') }} as list_cost,
    {{ azure_cost_at('contracted_unit_price', 'list_unit_price') }} as contracted_cost,
    case when is_amortized then 0 else cost end as billed_cost,
    case
        when is_amortized then cost
        when is_committed and is_purchase and is_delivery_amortized then 0
        when is_committed and charge_type = 'Usage' and is_day_amortized then 0
        else cost
    end as effective_cost
from marked
where
    case
        when is_amortized then is_committed and not is_purchase
        else not (is_committed and charge_type = 'Usage' and cost = 0 and is_day_amortized)
    end
