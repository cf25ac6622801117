-- R7.2 to R7.5, one discount after the other, each on the net that those before it left. A scope (a vendor's net for a
-- bundle, else all that the selectors name) that is not positive earns nothing; its positive parts carry the discount in
-- proportion, the largest takes the remainder. `used` holds the groups that have had their row.
with recursive applied as (
    select
        customer_id, billing_period, line_id, sku_key, vendor_key, service_key, net as first_net, net,
        cast([] as varchar[]) as used, cast(0 as bigint) as place,
        {{ no_value('varchar') }} as discount_id, {{ no_value('varchar') }} as discount_kind,
        {{ no_value(percent_type()) }} as percent, {{ no_value(money_type()) }} as max_amount, '' as scope_vendor_key,
        cast(0 as {{ money_type() }}) as base, cast(0 as {{ money_type() }}) as amount
    from {{ ref('int_rating__discount_part') }}
    where billing_period in (select dirty.billing_period from {{ source('ops', 'dirty_period') }} as dirty)
    union all
    (
        with stepped as (
            select
                applied.customer_id, applied.billing_period, applied.line_id, applied.sku_key, applied.vendor_key,
                applied.service_key, applied.first_net, applied.net, applied.used,
                due.place, due.discount_id, due.discount_kind, due.discount_group, due.percent, due.max_amount,
                due.min_services, due.min_spend, due.min_spend_scope,
                case when due.discount_kind = 'bundle' then applied.vendor_key else '' end as scope_vendor_key,
                due.vendor_key in ('', applied.vendor_key)
                and due.service_key in ('', applied.service_key)
                and due.sku_key in ('', applied.sku_key) as is_named,
                cast(sum(applied.net) over whole as {{ money_type() }}) as whole_net,
                cast(sum(applied.net) over vendors as {{ money_type() }}) as vendor_net,
                cast(sum(applied.net) over services as {{ money_type() }}) as service_net,
                bool_or(list_contains(applied.used, due.discount_group)) over whole as is_used
            from applied
            inner join {{ ref('int_rating__discount_due') }} as due
                on applied.customer_id = due.customer_id
                and applied.billing_period = due.billing_period
                and applied.place + 1 = due.place
            window
                whole as (partition by applied.customer_id, applied.billing_period),
                vendors as (partition by applied.customer_id, applied.billing_period, applied.vendor_key),
                services as (
                    partition by applied.customer_id, applied.billing_period, applied.vendor_key, applied.service_key
                )
        ),

        measured as (
            select
                *,
                count(distinct case
                    when service_net > 0 and (min_spend_scope = 'all' or service_net >= min_spend) then service_key
                end) over (partition by customer_id, billing_period, vendor_key) as services,
                cast(sum(case when is_named then net end) over scopes as {{ money_type() }}) as scope_net,
                cast(sum(case when is_named and net > 0 then net end) over scopes as {{ money_type() }}) as positive_net
            from stepped
            window scopes as (partition by customer_id, billing_period, scope_vendor_key)
        ),

        judged as (
            select
                *,
                is_named
                and coalesce(scope_net, 0) > 0
                and case discount_kind
                    when 'bundle'
                        then
                            not list_contains(used, discount_group)
                            and services >= min_services
                            and vendor_net > 0
                            and (min_spend_scope = 'each' or vendor_net >= min_spend)
                    when 'volume' then not is_used and whole_net >= min_spend
                    else not is_used and scope_net >= min_spend
                end as is_earned,
                least(
                    {{ percent_of('scope_net', 'percent') }}, coalesce(max_amount, {{ percent_of('scope_net', 'percent') }})
                ) as discount
            from measured
        ),

        shared as (
            select
                *,
                case
                    when is_earned and net > 0
                        then {{ money_mul(exact_ratio('discount', 'positive_net'), 'net') }}
                    else 0
                end as part,
                case
                    when is_earned and net > 0
                        then {{ money_mul(exact_ratio('scope_net', 'positive_net'), 'net') }}
                    else 0
                end as base,
                row_number() over (
                    partition by customer_id, billing_period, scope_vendor_key
                    order by is_earned desc, net desc, line_id, sku_key
                ) as size_place,
                bool_or(is_earned) over (
                    partition by customer_id, billing_period, case when discount_kind = 'bundle' then vendor_key end
                ) as takes_group
            from judged
        ),

        totalled as (
            select
                *,
                cast(
                    part + case
                        when is_earned and size_place = 1
                            then discount - sum(part) over (partition by customer_id, billing_period, scope_vendor_key)
                        else 0
                    end as {{ money_type() }}
                ) as amount
            from shared
        )

        select
            customer_id, billing_period, line_id, sku_key, vendor_key, service_key, first_net,
            cast(net - amount as {{ money_type() }}) as net,
            case when takes_group then list_append(used, discount_group) else used end as used,
            place, discount_id, discount_kind, percent, max_amount, scope_vendor_key,
            cast(base as {{ money_type() }}) as base, amount
        from totalled
    )
)

select
    customer_id, billing_period, line_id, sku_key, discount_id, discount_kind, percent, max_amount, scope_vendor_key,
    place as sequence, first_net, base, amount
from applied
where amount > 0
