{#-
A row's credits without fan-out: they are one JSON list, and these look into it row by row. Not for amounts: a JSON
number is a binary float here, so sums are made where the file is read (net_cost, reseller_margin).
-#}

{#- A field of the first credit of one of the types; NULL when there is none. DuckDB's JSON and list functions. -#}
{% macro credit_field(credits, types, field) -%}
    case
        when {{ credits }} <> '[]' then list_extract(
            list_transform(
                list_filter(
                    from_json({{ credits }}, '[{"name":"VARCHAR","full_name":"VARCHAR","id":"VARCHAR","type":"VARCHAR"}]'),
                    lambda credit: credit.type in ('{{ types | join("', '") }}')
                ),
                lambda credit: credit.{{ field }}
            ),
            1
        )
    end
{%- endmacro %}

{#- JSON lists of {"key", "value"} as one JSON object; of two lists with the same key the later one wins. -#}
{% macro pairs_as_object(lists) -%}
    cast(
        json_merge_patch(
            {%- for pairs in lists %}
            cast({{ pairs_object_text(pairs) }} as json){{ "," if not loop.last }}
            {%- endfor %}
        ) as varchar
    )
{%- endmacro %}

{#- One such list as the text of a JSON object. -#}
{% macro pairs_object_text(pairs) -%}
    chr(123) || coalesce(
        list_aggregate(
            list_transform(
                list_filter(
                    from_json({{ pairs }}, '[{"key":"VARCHAR","value":"VARCHAR"}]'), lambda pair: pair.key is not null
                ),
                lambda pair: cast(to_json(pair.key) as varchar) || ':'
                    || cast(to_json(coalesce(pair.value, '')) as varchar)
            ),
            'string_agg', ','
        ),
        ''
    ) || chr(125)
{%- endmacro %}
