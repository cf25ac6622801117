select
    contract_id,
    customer_id,
    price_book,
    valid_from,
    valid_to,
    payment_scheme
from {{ source('config', 'contracts') }}
