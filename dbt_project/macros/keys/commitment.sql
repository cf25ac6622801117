{#-
How a commitment's id (reservation, savings plan, committed use) is compared. A Microsoft reservation is a part of the
order that bought it: the order decides.
-#}
{% macro commitment_key(id) -%}
    regexp_replace({{ match_key(id) }}, '/(reservations|savingsplans)/[^/]*$', '')
{%- endmacro %}

{#- The account that a commitment's own id names: in AWS's ARNs, and in Google's paths of projects. -#}
{% macro commitment_account(id) -%}
    coalesce(
        nullif(regexp_extract({{ match_key(id) }}, '^arn:[^:]*:[^:]*:[^:]*:([0-9]{12}):', 1), ''),
        nullif(regexp_extract({{ match_key(id) }}, '^(?://[^/]+/)?projects/([^/]+)/', 1), ''),
        ''
    )
{%- endmacro %}

{#- A charge for a commitment as such: buying it, or what of it went unused. Both are its owner's. -#}
{% macro pays_for_commitment(charge) -%}
    (
        {{ charge }}.commitment_discount_id is not null
        and (
            {{ charge }}.charge_category = 'Purchase'
            or ({{ charge }}.charge_category = 'Usage' and {{ charge }}.commitment_discount_status = 'Unused')
        )
    )
{%- endmacro %}

{#- Usage that a commitment covers. -#}
{% macro uses_commitment(charge) -%}
    (
        {{ charge }}.commitment_discount_id is not null
        and {{ charge }}.charge_category = 'Usage'
        and {{ charge }}.commitment_discount_status is distinct from 'Unused'
    )
{%- endmacro %}

{#- The commitment that a charge is paid for, else blank: what `int_accounts__resolved` looks up before the account. -#}
{% macro paid_commitment_key(charge) -%}
    case when {{ pays_for_commitment(charge) }} then {{ commitment_key(charge ~ '.commitment_discount_id') }} else '' end
{%- endmacro %}
