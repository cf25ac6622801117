{{ config(materialized='view') }}
-- The account of each kind of posting on each day that there is: of the rows of account_map.csv that are valid then and
-- whose every given selector matches, the most specific one; else the account that docs/reference/config.md names.
with wanted as (
    select distinct posting_date, posting_type, vendor, service, tax_code, tax_rate, country, currency
    from {{ ref('int_journal__posting') }}
),

known as (
    select
        posting_type, vendor, service, tax_code, tax_rate, country, currency, account, name, cost_center, tax_type,
        specificity, valid_from, valid_to
    from {{ source('config', 'account_map') }}
    union all by name
    select posting_type, account, name, -1 as specificity
    from (
        values
        ('receivable', '1200', 'Trade receivables'),
        ('prepaid', '2150', 'Customer prepayments'),
        ('revenue', '4000', 'Cloud revenue'),
        ('tax', '2200', 'Tax payable'),
        ('cost', '5000', 'Cost of cloud services'),
        ('accrual', '2100', 'Accrued vendor cost'),
        ('bank', '1000', 'Bank')
    ) as fallback (posting_type, account, name)
),

ranked as (
    select
        wanted.*,
        known.account,
        coalesce(known.name, known.account) as account_name,
        known.cost_center,
        row_number() over (
            partition by
                wanted.posting_date, wanted.posting_type, wanted.vendor, wanted.service, wanted.tax_code,
                wanted.tax_rate, wanted.country, wanted.currency
            order by known.specificity desc
        ) as place
    from wanted
    inner join known
        on wanted.posting_type = known.posting_type
        and {{ match_key('known.vendor') }} in ('', {{ match_key('wanted.vendor') }})
        and {{ match_key('known.service') }} in ('', {{ match_key('wanted.service') }})
        and (known.tax_code is null or known.tax_code = wanted.tax_code)
        and (known.tax_rate is null or known.tax_rate = wanted.tax_rate)
        and (known.country is null or known.country = wanted.country)
        and (known.currency is null or known.currency = wanted.currency)
        and {{ valid_on('known', 'wanted.posting_date') }}
),

-- What the books call the tax of a revenue: by the rows of its tax.
named_taxes as (
    select
        wanted.posting_date, wanted.tax_code, wanted.tax_rate, wanted.country, wanted.currency,
        arg_max(tax.tax_type, tax.specificity) as tax_type
    from (
        select distinct posting_date, tax_code, tax_rate, country, currency
        from wanted
        where posting_type = 'revenue'
    ) as wanted
    inner join known as tax
        on tax.posting_type = 'tax'
        and tax.tax_type is not null
        and (tax.tax_code is null or tax.tax_code = wanted.tax_code)
        and (tax.tax_rate is null or tax.tax_rate = wanted.tax_rate)
        and (tax.country is null or tax.country = wanted.country)
        and (tax.currency is null or tax.currency = wanted.currency)
        and {{ valid_on('tax', 'wanted.posting_date') }}
    group by wanted.posting_date, wanted.tax_code, wanted.tax_rate, wanted.country, wanted.currency
)

select
    ranked.* exclude (place),
    named_taxes.tax_type
from ranked
left join named_taxes
    on ranked.posting_type = 'revenue'
    and ranked.posting_date = named_taxes.posting_date
    and ranked.tax_code is not distinct from named_taxes.tax_code
    and ranked.tax_rate is not distinct from named_taxes.tax_rate
    and ranked.country is not distinct from named_taxes.country
    and ranked.currency = named_taxes.currency
where ranked.place = 1
