-- R8.2: how who pays a document is taxed per tax category, on the last day of the document's period.
with documents as (
    select distinct payer_id, document_period, period_end from {{ ref('int_invoice__document_period') }}
),

categories as (
    select 'standard' as tax_category
    union
    select tax_category from {{ source('config', 'tax_categories') }}
    union
    select tax_category from {{ source('config', 'tax_rates') }}
),

cases as (
    select
        customers.customer_id,
        customers.country,
        customers.tax_exempt_reason,
        categories.tax_category,
        documents.document_period as billing_period,
        documents.period_end - 1 as tax_date,
        case
            when customers.tax_exempt_reason is not null then 'exempt'
            when customers.country = reseller.country then 'domestic'
            when reseller.tax_in_eu and customers.tax_in_eu and customers.vat_id_valid then 'reverse_charge'
            when reseller.tax_in_eu and customers.tax_in_eu then 'destination'
            else 'outside'
        end as treatment
    from {{ source('config', 'customers') }} as customers
    inner join documents
        on customers.customer_id = documents.payer_id
    cross join categories
    cross join {{ source('config', 'reseller') }} as reseller
),

matched as (
    select
        cases.*,
        rates.rate,
        rates.code,
        rates.legal_note,
        row_number() over (
            partition by cases.customer_id, cases.tax_category, cases.billing_period
            order by rates.valid_from desc nulls last
        ) as place
    from cases
    left join {{ source('config', 'tax_rates') }} as rates
        on cases.country = rates.country
        and {{ match_key('cases.tax_category') }} = {{ match_key('rates.tax_category') }}
        and {{ valid_on('rates', 'cases.tax_date') }}
        and (
            (cases.treatment in ('domestic', 'destination') and coalesce(rates.code, 'S') in ('S', 'Z', 'E'))
            or (cases.treatment = 'reverse_charge' and rates.code in ('AE', 'K'))
            or (cases.treatment = 'outside' and rates.code in ('O', 'G'))
        )
)

select
    customer_id,
    tax_category,
    billing_period,
    case treatment
        when 'exempt' then 'E'
        when 'reverse_charge' then coalesce(code, 'AE')
        when 'outside' then coalesce(code, 'O')
        else case when rate is not null then coalesce(code, 'S') end
    end as tax_code,
    cast(case when treatment in ('domestic', 'destination') then rate else 0 end as {{ percent_type() }}) as tax_rate,
    case treatment
        when 'exempt' then tax_exempt_reason
        when 'reverse_charge'
            then coalesce(legal_note, 'Reverse charge: VAT is due by the recipient (Article 196, Directive 2006/112/EC).')
        when 'outside' then coalesce(legal_note, 'Supplied outside the scope of VAT of the supplier''s country.')
        else legal_note
    end as legal_note
from matched
where place = 1
