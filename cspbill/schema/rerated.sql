-- What issued months should have been billed by what is known now, under the prices that they were billed by: rated again
-- in a scratch warehouse (cspbill/corrections.py). The models in intermediate/corrections bill the difference (R9.3).
create schema if not exists rerated;

-- Grain: one row per customer and billing period that was rated again.
create table if not exists rerated.month (
    customer_id varchar not null,
    billing_period date not null,
    inputs varchar not null,              -- digest of the charges that it was rated from
    book_sha256 varchar,                  -- frozen book of prices; null = the book of business as it was then
    held_reason varchar,                  -- why the difference must not be billed; null = it may
    primary key (customer_id, billing_period)
);

-- Grain: one row per charge and customer, as `ledger.rated_charge` would freeze it.
create table if not exists rerated.charge as
select * exclude (document_number, corrected_charge_id, corrected_line_id) from ledger.rated_charge limit 0;

-- Grain: one row per line of a customer's month, as `intermediate.int_invoice__open_line` has it.
create table if not exists rerated.line (
    customer_id varchar not null,
    billing_period date not null,
    line_id varchar not null,
    parent_line_id varchar,
    line_type varchar not null,
    source varchar,
    vendor varchar,
    publisher varchar,
    service varchar,
    sku varchar,
    charge_category varchar,
    description varchar not null,
    charge_period_start date not null,
    charge_period_end date not null,
    quantity decimal(28, 12),
    unit varchar,
    unit_price decimal(28, 12),
    amount decimal(18, 4) not null,
    exact_amount decimal(28, 12) not null,
    currency varchar not null,
    tax_category varchar,
    rule_id varchar,
    discount_id varchar,
    discount_kind varchar,
    subscription_id varchar,
    vendor_currency varchar,
    fx_rate decimal(24, 12),
    fx_date date,
    fx_source varchar,
    cost decimal(28, 12) not null,
    sequence bigint
);

-- Grain: one row per customer and issued month whose price the reseller asked to correct (`reprice --correct`).
create table if not exists rerated.repriced (
    customer_id varchar not null,
    billing_period date not null,
    book_sha256 varchar not null,
    reason varchar not null,
    asked_at timestamp not null,
    primary key (customer_id, billing_period)
);
