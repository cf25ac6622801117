-- Written by `python -m cspbill.book` from cspbill/book/schema.py.
create schema if not exists config;

create table if not exists config.customers (
    customer_id varchar not null,
    legal_name varchar not null,
    street varchar,
    city varchar,
    postal_code varchar,
    country varchar not null,
    tax_id varchar,
    email varchar,
    currency varchar not null,
    locale varchar,
    payment_terms_days integer,
    billing_frequency varchar,
    billing_day integer,
    purchase_order varchar,
    buyer_reference varchar,
    peppol_endpoint varchar,
    parent_customer_id varchar,
    since date,
    tax_exempt_reason varchar,
    tax_in_eu boolean not null,
    vat_id_valid boolean not null,
    config_line integer not null
);

create table if not exists config.accounts (
    source varchar,
    account_id varchar not null,
    customer_id varchar not null,
    share decimal(10, 6) not null,
    valid_from date,
    valid_to date,
    config_line integer not null
);

create table if not exists config.contracts (
    contract_id varchar not null,
    customer_id varchar not null,
    price_book varchar not null,
    valid_from date,
    valid_to date,
    payment_scheme varchar not null,
    minimum_commitment decimal(28, 12),
    commitment_currency varchar,
    commitment_interval varchar,
    spend_cap decimal(28, 12),
    config_line integer not null
);

create table if not exists config.price_books (
    price_book varchar not null,
    parent varchar,
    currency varchar not null,
    description varchar,
    config_line integer not null
);

create table if not exists config.price_rules (
    price_book varchar not null,
    rule_id varchar not null,
    vendor varchar,
    publisher varchar,
    service varchar,
    sku varchar,
    region varchar,
    charge_category varchar,
    priority integer not null,
    model varchar not null,
    basis varchar,
    percent decimal(10, 6),
    unit_price decimal(28, 12),
    unit varchar,
    included_quantity decimal(28, 12),
    package_size decimal(28, 12),
    minimum decimal(28, 12),
    maximum decimal(28, 12),
    pass_credits boolean not null,
    description varchar,
    valid_from date,
    valid_to date,
    specificity integer not null,
    config_line integer not null
);

create table if not exists config.price_tiers (
    rule_id varchar not null,
    up_to decimal(28, 12),
    unit_price decimal(28, 12) not null,
    flat_fee decimal(28, 12),
    config_line integer not null
);

create table if not exists config.discounts (
    discount_id varchar not null,
    discount_group varchar,
    kind varchar not null,
    customer_id varchar,
    contract_id varchar,
    vendor varchar,
    service varchar,
    sku varchar,
    min_services integer,
    min_spend decimal(28, 12),
    min_spend_scope varchar,
    min_tenure_months integer,
    percent decimal(10, 6) not null,
    max_amount decimal(28, 12),
    max_periods integer,
    valid_from date,
    valid_to date,
    description varchar,
    config_line integer not null
);

create table if not exists config.products (
    product_id varchar not null,
    name varchar not null,
    service varchar,
    charge_type varchar not null,
    interval varchar,
    timing varchar,
    alignment varchar,
    proration varchar,
    term_months integer,
    cancellable_anytime boolean not null,
    cancel_window_days integer,
    extended_term_percent decimal(10, 6),
    unit_price decimal(28, 12) not null,
    currency varchar not null,
    unit_cost decimal(28, 12),
    tax_category varchar,
    config_line integer not null
);

create table if not exists config.subscriptions (
    subscription_id varchar not null,
    customer_id varchar not null,
    product_id varchar not null,
    event varchar not null,
    effective_date date not null,
    quantity decimal(28, 12),
    unit_price decimal(28, 12),
    description varchar,
    config_line integer not null
);

create table if not exists config.adjustments (
    adjustment_id varchar not null,
    customer_id varchar not null,
    date date not null,
    description varchar not null,
    amount decimal(28, 12) not null,
    currency varchar,
    tax_category varchar,
    cost decimal(28, 12),
    config_line integer not null
);

create table if not exists config.prepaid (
    customer_id varchar not null,
    date date not null,
    amount decimal(28, 12) not null,
    currency varchar not null,
    expires date,
    reference varchar,
    config_line integer not null
);

create table if not exists config.fx_rates (
    date date not null,
    base varchar not null,
    quote varchar not null,
    rate decimal(24, 12) not null,
    source varchar,
    config_line integer not null
);

create table if not exists config.tax_rates (
    country varchar not null,
    tax_category varchar not null,
    rate decimal(10, 6) not null,
    code varchar,
    valid_from date,
    valid_to date,
    legal_note varchar,
    config_line integer not null
);

create table if not exists config.tax_categories (
    tax_category varchar not null,
    vendor varchar,
    service varchar,
    sku varchar,
    specificity integer not null,
    config_line integer not null
);

create table if not exists config.budgets (
    customer_id varchar not null,
    vendor varchar,
    service varchar,
    amount decimal(28, 12) not null,
    currency varchar,
    thresholds varchar,
    config_line integer not null
);

create table if not exists config.price_list (
    vendor varchar not null,
    service varchar,
    sku varchar not null,
    region varchar,
    unit varchar not null,
    list_price decimal(28, 12) not null,
    currency varchar not null,
    cost_price decimal(28, 12),
    description varchar,
    valid_from date,
    valid_to date,
    config_line integer not null
);

create table if not exists config.account_map (
    posting_type varchar not null,
    vendor varchar,
    service varchar,
    tax_code varchar,
    tax_rate decimal(10, 6),
    country varchar,
    currency varchar,
    account varchar not null,
    name varchar,
    cost_center varchar,
    tax_type varchar,
    valid_from date,
    valid_to date,
    specificity integer not null,
    config_line integer not null
);

create table if not exists config.payments (
    customer_id varchar not null,
    date date not null,
    amount decimal(28, 12) not null,
    currency varchar,
    document_number varchar,
    reference varchar not null,
    config_line integer not null
);

create table if not exists config.reseller (
    legal_name varchar not null,
    street varchar,
    city varchar,
    postal_code varchar,
    country varchar not null,
    tax_id varchar,
    email varchar,
    phone varchar,
    iban varchar,
    bic varchar,
    base_currency varchar not null,
    payment_terms_days integer not null,
    first_number integer not null,
    fx_policy varchar not null,
    locale varchar not null,
    peppol_endpoint varchar,
    logo varchar,
    close_day integer not null,
    billing_starts date,
    accounting_exports varchar,
    brand_color varchar,
    footer varchar,
    registration varchar,
    invoice_series_invoice varchar not null,
    invoice_series_credit_note varchar not null,
    tax_in_eu boolean not null
);

create table if not exists config.sources (
    name varchar not null,
    kind varchar not null,
    vendor varchar,
    tolerance decimal(28, 12) not null,
    config_line integer not null
);

create table if not exists config.owner_accounts (
    source varchar not null,
    account_id varchar not null,
    config_line integer not null
);

create table if not exists config.currencies (
    code varchar not null,
    minor_units integer not null
);
