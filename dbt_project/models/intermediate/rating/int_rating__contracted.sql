-- The customer's contract on the charge day, and what a rule's selectors are compared with.
select
    assigned.charge_id,
    assigned.customer_id,
    assigned.billing_period,
    assigned.charge_day,
    contracts.contract_id,
    contracts.price_book,
    {{ match_key('daily.vendor') }} as vendor_key,
    {{ match_key('daily.publisher') }} as publisher_key,
    {{ match_key('daily.service') }} as service_key,
    {{ match_key('daily.sku') }} as sku_key,
    {{ match_key('daily.region') }} as region_key,
    {{ match_key('daily.charge_category') }} as charge_category_key
from {{ ref('int_charges__assigned') }} as assigned
inner join {{ ref('int_charges__daily') }} as daily
    on assigned.charge_id = daily.charge_id
left join {{ source('config', 'contracts') }} as contracts
    on assigned.customer_id = contracts.customer_id
    and {{ valid_on('contracts', 'assigned.charge_day') }}
where
    assigned.billing_period in (select dirty.billing_period from {{ source('ops', 'dirty_period') }} as dirty)
    and assigned.customer_id is not null
