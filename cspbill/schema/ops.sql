create schema if not exists ops;

-- Grain: one row per delivery that was ever loaded.
create table if not exists ops.delivery (
    delivery_id varchar primary key,
    source varchar not null,
    kind varchar not null,
    scope varchar not null,
    billing_period date not null,
    row_count bigint not null,
    file_count integer not null,
    vendor_total_json varchar not null,   -- {"USD": "12.34"}: the vendor's own total where a manifest states it, else the files' sum
    first_day date,
    last_day date,
    is_final boolean not null,
    landed_at timestamp not null,
    loaded_at timestamp not null
);

-- Grain: one row per (source, scope, billing period): the delivery in force.
create table if not exists ops.partition_in_force (
    source varchar not null,
    scope varchar not null,
    billing_period date not null,
    delivery_id varchar not null,
    primary key (source, scope, billing_period)
);

-- What the next dbt build must rebuild; filled before it and read by the incremental models.
create table if not exists ops.dirty_delivery (delivery_id varchar, source varchar, scope varchar, billing_period date);
create table if not exists ops.dirty_period (billing_period date);
-- Grain: one row per customer's period whose own files are being written, as of a day: all that the int_customer_file
-- models show.
create table if not exists ops.customer_file (customer_id varchar, billing_period date, as_of date);

-- Grain: one row per billing period: the fingerprint of every input that its rated rows were built from.
create table if not exists ops.built_period (billing_period date primary key, fingerprint varchar not null);
-- Grain: one row per (source, scope, billing period): the delivery that the daily charges were built from.
create table if not exists ops.built_delivery (
    source varchar not null, scope varchar not null, billing_period date not null, delivery_id varchar not null
);
-- Single values such as the fingerprints of the loaded config and of what was last published.
create table if not exists ops.state (name varchar primary key, value varchar not null);

-- What each delivery in force adds up to by the vendor's own statement; filled from ops.delivery before rating.
create table if not exists ops.vendor_total (
    source varchar not null,
    scope varchar not null,
    billing_period date not null,
    currency varchar not null,
    amount decimal(28, 12) not null
);
