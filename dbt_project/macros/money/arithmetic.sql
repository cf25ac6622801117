{#-
Money arithmetic. `*` on decimals is exact until rounded; `/` and avg() would turn into binary floating point, so
division goes through whole numbers (see exact_ratio) and nothing else divides money.
-#}

{#- a × b at 12 decimals, half away from zero. Rounded before the cast: DuckDB's cast alone takes twice as long. -#}
{% macro money_mul(a, b) -%}
    cast(round(({{ a }}) * ({{ b }}), 12) as {{ money_type() }})
{%- endmacro %}

{#- percent of an amount at 12 decimals. The factor is wide: DuckDB multiplies two decimals of 18 digits in 18 digits. -#}
{% macro percent_of(amount, percent) -%}
    {{ money_mul(amount, "cast((" ~ percent ~ ") * 0.01 as decimal(20, 8))") }}
{%- endmacro %}

{#-
Round to a currency's minor unit (ISO 4217: 0, 2, 3 or 4 decimals), half away from zero. Cast first: of a bare sum, the
widest decimal, DuckDB would give the branches one type without decimals.
-#}
{% macro round_to_minor_unit(amount, minor_units) -%}
    {%- set money = 'cast(' ~ amount ~ ' as ' ~ money_type() ~ ')' -%}
    cast(
        case {{ minor_units }}
            when 0 then round({{ money }}, 0)
            when 2 then round({{ money }}, 2)
            when 3 then round({{ money }}, 3)
            when 4 then round({{ money }}, 4)
        end as {{ document_money_type() }}
    )
{%- endmacro %}

{#- Σ over a group, null when any member is null: a part of a sum must not pass for the whole. -#}
{% macro sum_if_complete(column) -%}
    case when count({{ column }}) = count(*) then cast(sum({{ column }}) as {{ money_type() }}) end
{%- endmacro %}

{#- Σ as money; 0 for no rows. -#}
{% macro money_sum(expression) -%}
    cast(coalesce(sum({{ expression }}), 0) as {{ money_type() }})
{%- endmacro %}
