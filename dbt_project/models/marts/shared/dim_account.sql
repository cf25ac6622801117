select
    source,
    account_id,
    customer_id,
    share,
    valid_from,
    valid_to
from {{ source('config', 'accounts') }}
