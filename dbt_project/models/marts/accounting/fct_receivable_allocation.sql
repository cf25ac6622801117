-- What settles what, per customer and currency: first the document that a payment or credit note names, then the oldest.
with debits as (
    select * from {{ ref('int_receivable__item') }}
    where amount > 0
),

credits as (
    select * replace (-amount as amount) from {{ ref('int_receivable__item') }}
    where amount < 0
),

naming as (
    select
        *,
        sum(amount) over (
            partition by settles order by precedence, item_date, item_id rows unbounded preceding
        ) as upto
    from credits
    where settles is not null
),

named as (
    select
        debits.item_id as debit_id,
        naming.item_id as credit_id,
        greatest(least(naming.upto, debits.amount) - (naming.upto - naming.amount), 0) as amount
    from naming
    inner join debits
        on naming.settles = debits.item_id
),

open_debits as (
    select
        debits.*,
        debits.amount - coalesce(taken.amount, 0) as rest,
        sum(debits.amount - coalesce(taken.amount, 0)) over (
            partition by debits.customer_id, debits.currency
            order by debits.precedence, debits.item_date, debits.item_id rows unbounded preceding
        ) as upto
    from debits
    left join (
        select debit_id, sum(amount) as amount from named
        group by debit_id
    ) as taken
        on debits.item_id = taken.debit_id
),

open_credits as (
    select
        credits.*,
        credits.amount - coalesce(given.amount, 0) as rest,
        sum(credits.amount - coalesce(given.amount, 0)) over (
            partition by credits.customer_id, credits.currency
            order by credits.item_date, credits.item_id rows unbounded preceding
        ) as upto
    from credits
    left join (
        select credit_id, sum(amount) as amount from named
        group by credit_id
    ) as given
        on credits.item_id = given.credit_id
),

oldest as (
    select
        open_debits.item_id as debit_id,
        open_credits.item_id as credit_id,
        least(open_debits.upto, open_credits.upto)
        - greatest(open_debits.upto - open_debits.rest, open_credits.upto - open_credits.rest) as amount
    from open_debits
    inner join open_credits
        on open_debits.customer_id = open_credits.customer_id
        and open_debits.currency = open_credits.currency
        and open_debits.upto > open_credits.upto - open_credits.rest
        and open_credits.upto > open_debits.upto - open_debits.rest
    where open_debits.rest > 0 and open_credits.rest > 0
)

select
    debits.customer_id,
    debits.currency,
    allocated.debit_id,
    allocated.credit_id,
    credits.item_type as credit_type,
    coalesce(credits.reference, credits.item_id) as credit_reference,
    credits.item_date as credit_date,
    allocated.allocation_rule,
    cast(allocated.amount as {{ document_money_type() }}) as amount
from (
    select *, 'named' as allocation_rule from named
    union all
    select *, 'oldest' as allocation_rule from oldest
) as allocated
inner join debits
    on allocated.debit_id = debits.item_id
inner join credits
    on allocated.credit_id = credits.item_id
where allocated.amount > 0
