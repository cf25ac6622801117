create schema if not exists ledger;

-- Grain: one row per issued document. Append-only.
create table if not exists ledger.document (
    document_number varchar primary key,
    series varchar not null,
    sequence_number bigint not null,
    document_type varchar not null,       -- invoice, credit_note
    customer_id varchar not null,
    billing_period date not null,
    period_start date not null,
    period_end date not null,             -- exclusive
    issue_date date not null,
    due_date date not null,
    currency varchar not null,
    net_amount decimal(18, 4) not null,
    tax_amount decimal(18, 4) not null,
    gross_amount decimal(18, 4) not null,
    prepaid_drawn decimal(18, 4) not null,
    payable_amount decimal(18, 4) not null,
    purchase_order varchar,
    buyer_reference varchar,
    reference_document varchar,
    locale varchar not null,
    seller_json varchar not null,
    buyer_json varchar not null,
    forced_reason varchar,
    issued_at timestamp not null,
    content_sha256 varchar not null,      -- of the JSON document
    files_json varchar not null,          -- {"pdf": sha256, "json": sha256, "csv": sha256, "usage.csv": sha256}
    unique (series, sequence_number)
);

-- Grain: one row per line of an issued document. Append-only.
create table if not exists ledger.document_line (
    document_number varchar not null,
    line_number integer not null,
    line_id varchar not null,
    parent_line_id varchar,
    customer_id varchar not null,
    billing_period date not null,
    line_type varchar not null,
    source varchar,
    vendor varchar,
    publisher varchar,
    service varchar,
    sku varchar,
    charge_category varchar,
    description varchar not null,
    detail varchar,
    charge_period_start date not null,
    charge_period_end date not null,
    quantity decimal(28, 12),
    unit varchar,
    unit_price decimal(28, 12),
    amount decimal(18, 4) not null,
    exact_amount decimal(28, 12) not null,
    currency varchar not null,
    tax_category varchar,
    tax_code varchar,
    tax_rate decimal(10, 6),
    rule_id varchar,
    discount_id varchar,
    discount_kind varchar,
    subscription_id varchar,
    reference_document varchar,
    vendor_currency varchar,
    fx_rate decimal(24, 12),
    fx_date date,
    fx_source varchar,                    -- who published that rate; null before version 0.4
    cost decimal(28, 12) not null,
    purchase_order varchar,
    used_by_customer_id varchar,          -- whose line it is: the document's customer, or one that it pays for
    used_in_period date,                  -- the month that it belongs to: the document's, or one before it
    primary key (document_number, line_number)
);
-- Warehouses of version 0.3 have no such column yet.
alter table ledger.document_line add column if not exists fx_source varchar;
-- Documents of version 0.3 are of one customer and month.
alter table ledger.document_line add column if not exists used_by_customer_id varchar;
alter table ledger.document_line add column if not exists used_in_period date;
update ledger.document_line set used_by_customer_id = customer_id, used_in_period = billing_period
where used_by_customer_id is null;

-- Grain: one row per document and customer's month that it bills. Append-only.
create table if not exists ledger.document_period (
    document_number varchar not null,
    customer_id varchar not null,
    billing_period date not null,
    customer_name varchar,                -- null for the document's own customer, whose name its buyer has
    primary key (document_number, customer_id, billing_period)
);
insert into ledger.document_period (document_number, customer_id, billing_period)
select document_number, customer_id, billing_period from ledger.document
where document_number not in (select document_number from ledger.document_period);

-- Grain: one row per document and tax code and rate. Append-only.
create table if not exists ledger.document_tax (
    document_number varchar not null,
    tax_code varchar not null,
    tax_rate decimal(10, 6) not null,
    taxable_amount decimal(18, 4) not null,
    tax_amount decimal(18, 4) not null,
    currency varchar not null,
    legal_note varchar,
    primary key (document_number, tax_code, tax_rate)
);

-- Grain: one row per voided document. Append-only.
create table if not exists ledger.void (
    document_number varchar primary key,
    credit_note_number varchar not null,
    reason varchar not null,
    voided_at timestamp not null
);

-- Grain: one row per rated charge that an issued document billed, as it was on that day. Append-only.
-- Columns: those of intermediate.int_rated__open, which it freezes.
create table if not exists ledger.rated_charge (
    document_number varchar not null,
    charge_id varchar not null,
    customer_id varchar not null,
    billing_period date not null,
    charge_day date not null,
    source varchar not null,
    vendor varchar not null,
    publisher varchar,
    service varchar not null,
    service_category varchar,
    sku varchar,
    charge_description varchar,
    region varchar,
    billing_account_id varchar,
    sub_account_id varchar,
    sub_account_name varchar,
    resource_id varchar,
    resource_name varchar,
    charge_category varchar not null,
    charge_class varchar,
    pricing_category varchar,
    commitment_discount_id varchar,
    commitment_discount_status varchar,
    delivery_id varchar not null,
    quantity decimal(28, 12),
    unit varchar,
    vendor_currency varchar not null,
    list_cost decimal(28, 12),
    contracted_cost decimal(28, 12),
    billed_cost decimal(28, 12) not null,
    effective_cost decimal(28, 12),
    partner_credit decimal(28, 12),       -- already off billed_cost; null before version 0.2
    disposition varchar not null,         -- sold, kept
    reason varchar,
    contract_id varchar,
    rule_id varchar,
    model varchar,
    line_id varchar,                      -- of the invoice line that adds it up; null when kept
    customer_currency varchar not null,
    fx_rate decimal(24, 12),              -- vendor currency to customer currency
    fx_date date,
    cost decimal(28, 12) not null,        -- billed_cost in customer currency
    list_amount decimal(28, 12),          -- list_cost in customer currency
    amount_before_discount decimal(28, 12) not null,
    discount_line decimal(28, 12) not null,
    discount_bundle decimal(28, 12),      -- this and the following: null before version 0.3, when there were none
    discount_volume decimal(28, 12),
    discount_relationship decimal(28, 12),
    discount_promotion decimal(28, 12),
    subscription_id varchar,              -- of an own product; this and the following: null before version 0.4
    fx_day date,                          -- day whose exchange rates count; null = by the reseller's policy
    tags varchar                          -- FOCUS Tags (JSON); null before version 0.5
);
-- Warehouses of version 0.1 have no such column yet.
alter table ledger.rated_charge add column if not exists partner_credit decimal(28, 12);
-- Nor warehouses of version 0.2 these.
alter table ledger.rated_charge add column if not exists discount_bundle decimal(28, 12);
alter table ledger.rated_charge add column if not exists discount_volume decimal(28, 12);
alter table ledger.rated_charge add column if not exists discount_relationship decimal(28, 12);
alter table ledger.rated_charge add column if not exists discount_promotion decimal(28, 12);
-- Nor warehouses of version 0.3 these.
alter table ledger.rated_charge add column if not exists subscription_id varchar;
alter table ledger.rated_charge add column if not exists fx_day date;
-- Nor warehouses of version 0.4 this one.
alter table ledger.rated_charge add column if not exists tags varchar;

-- Grain: one row per issued document and prepaid top-up that it drew from. Append-only; a void's credit note gives back.
create table if not exists ledger.prepaid_draw (
    document_number varchar not null,
    draw_number integer not null,         -- order in which the top-ups were drawn
    customer_id varchar not null,
    billing_period date not null,
    top_up_date date not null,
    top_up_reference varchar not null,    -- '' where the top-up has none
    amount decimal(18, 4) not null,
    currency varchar not null,
    primary key (document_number, draw_number)
);
-- What is left of the balance after the document; null where there is none. Documents before version 0.4 say nothing of it.
alter table ledger.document add column if not exists prepaid_balance decimal(18, 4);

-- A correction (R9.3) names the line and charge of the original month that it corrects; null on everything else.
alter table ledger.document_line add column if not exists corrected_line_id varchar;
alter table ledger.rated_charge add column if not exists corrected_charge_id varchar;
alter table ledger.rated_charge add column if not exists corrected_line_id varchar;
-- The frozen book of prices that a month was billed by (`published/assets/<sha256>.book.json`); null before version 0.5.
alter table ledger.document_period add column if not exists book_sha256 varchar;

-- Grain: one row per issued document whose files may not be in place yet: all, where nobody has looked before.
create table if not exists ops.unpublished as select document_number from ledger.document;
