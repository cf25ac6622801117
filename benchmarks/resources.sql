-- One row per resource of the benchmark, with everything that does not change by the hour.
-- Chance is arithmetic on the resource's number: primes spread neighbours over accounts, SKUs and regions.
create or replace temp table resources as
with numbered as (
    select
        number,
        number % getvariable('accounts') as account,
        (number * 7919) % getvariable('skus') as sku,
        (number * 104729) % 6 as place,
    from range(getvariable('resources')) as resources(number)
),

vendors as (
    select
        *,
        ['AWS', 'Microsoft', 'Google Cloud'][account % 3 + 1] as provider,
        ['Amazon Web Services, Inc.', 'Microsoft', 'Google'][account % 3 + 1] as publisher,
        ['Amazon Web Services EMEA SARL', 'Microsoft Ireland Operations Limited', 'Google Cloud EMEA Limited'][
            account % 3 + 1
        ] as issuer,
        ['eu-central-1', 'eu-west-1', 'eu-west-2', 'us-east-1', 'us-west-2', 'ap-south-1'][place + 1] as region,
        ['Frankfurt', 'Ireland', 'London', 'N. Virginia', 'Oregon', 'Mumbai'][place + 1] as region_name,
        ['Compute', 'Storage', 'Databases', 'Networking', 'Analytics', 'AI and Machine Learning'][sku % 6 + 1]
            as category,
        ['Hours', 'GB-Months', 'Hours', 'GB', 'Hours', 'Hours'][sku % 6 + 1] as unit,
        ['Virtual Machine', 'Disk Volume', 'Database Instance', 'Network Interface', 'Cluster', 'Endpoint'][
            sku % 6 + 1
        ] as resource_type,
    from numbered
)

select
    number,
    sku,
    unit,
    -- 5 decimals of price and 4 of quantity keep price × quantity exact at 12 decimals
    ((500 + (sku * 389) % 90000)::decimal(12, 0) * 0.00001)::decimal(18, 8) as list_price,
    ((500 + (sku * 389) % 90000)::decimal(12, 0) * (97 - sku % 13) * 0.0000001)::decimal(18, 8) as contracted_price,
    region || 'a' as "AvailabilityZone",
    provider || ' payer' as "BillingAccountId",
    'Benchmark Reseller' as "BillingAccountName",
    'USD' as "BillingCurrency",
    category || ' unit ' || lpad(sku::varchar, 4, '0') || ', per ' || unit || ', ' || region_name as "ChargeDescription",
    issuer as "InvoiceIssuerName",
    provider as "ProviderName",
    publisher as "PublisherName",
    region as "RegionId",
    region_name as "RegionName",
    'urn:' || region || ':' || lpad(account::varchar, 12, '0') || ':' || lower(category) || '/'
        || md5(number::varchar) as "ResourceId",
    lower(replace(resource_type, ' ', '-')) || '-' || number as "ResourceName",
    resource_type as "ResourceType",
    category as "ServiceCategory",
    provider || ' ' || category || ' ' || (sku // 6) % 10 as "ServiceName",
    'SKU' || lpad(sku::varchar, 5, '0') as "SkuId",
    'SKU' || lpad(sku::varchar, 5, '0') || '.ONDEMAND' as "SkuPriceId",
    lpad(account::varchar, 12, '0') as "SubAccountId",
    'account-' || lpad(account::varchar, 4, '0') as "SubAccountName",
    '{"application": "app-' || number % 97 || '", "environment": "'
        || ['production', 'staging', 'development'][number % 3 + 1] || '"}' as "Tags",
from vendors;
