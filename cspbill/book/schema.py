"""Every file and column of the book of business, as data.

Reading, validation, ``schema/config.sql`` and ``docs/reference/config.md`` all follow this one declaration.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from cspbill.book.kinds import Kind

CREDIT_CATEGORIES = ("Credit", "Adjustment")
TIERED_MODELS = ("graduated", "volume")
POSTING_TYPES = ("receivable", "prepaid", "revenue", "tax", "cost", "accrual", "bank")
ACCOUNTING_EXPORTS = ("business-central", "xero", "quickbooks", "beancount")
SOURCE_KINDS = ("aws_cur", "aws_focus", "azure_export", "partner_center", "gcp_bigquery", "focus_files")


@dataclass(frozen=True)
class Column:
    """One column of a CSV file, or one key of ``reseller.yml``.

    ``least`` and ``most`` bound numbers (inclusive, decimal text); ``positive`` excludes 0. A ``selector``
    matches anything when blank or ``*``. ``refers_to`` is the ``table.column`` that must define the value.
    """

    name: str
    kind: Kind
    about: str
    required: bool = False
    default: str | None = None
    allowed: tuple[str, ...] = ()
    least: str | None = None
    most: str | None = None
    positive: bool = False
    selector: bool = False
    refers_to: str | None = None


@dataclass(frozen=True)
class Table:
    """One config file; ``key`` columns are unique together, ``derived`` are added when it is stored."""

    name: str
    about: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    derived: tuple[Column, ...] = ()
    required: bool = False
    in_file_order: bool = False

    @property
    def file(self) -> str:
        """Name of the file in the config directory."""
        return f"{self.name}.csv"

    def column(self, name: str) -> Column:
        """Return the column called ``name``; KeyError when there is none."""
        return {column.name: column for column in self.columns}[name]


def _customer(required: bool = True, about: str = "who") -> Column:
    return Column("customer_id", Kind.KEY, about, required=required, refers_to="customers.customer_id")


def _validity(
    *, start: str = "first day", end: str = "first day no longer valid; blank = open"
) -> tuple[Column, ...]:
    return (Column("valid_from", Kind.DATE, f"{start}; blank = always"), Column("valid_to", Kind.DATE, end))


def _selector(name: str, about: str = "") -> Column:
    return Column(name, Kind.TEXT, about or f"only charges of this {name}", selector=True)


CUSTOMERS = Table(
    "customers",
    "Who is billed: one row per customer.",
    (
        Column("customer_id", Kind.ID, "names the customer in every file, table and path", required=True),
        Column("legal_name", Kind.TEXT, "as it stands on invoices", required=True),
        Column("street", Kind.TEXT, "address line"),
        Column("city", Kind.TEXT, "town"),
        Column("postal_code", Kind.TEXT, "postal code"),
        Column("country", Kind.COUNTRY, "decides tax", required=True),
        Column("tax_id", Kind.TEXT, "VAT id with its country prefix, or another tax number"),
        Column("email", Kind.TEXT, "where invoices go"),
        Column("currency", Kind.CURRENCY, "of the customer's invoices", required=True),
        Column("locale", Kind.LOCALE, "how figures and dates are written; default: the reseller's"),
        Column(
            "payment_terms_days",
            Kind.INTEGER,
            "days from issue to due date; default: the reseller's",
            least="0",
            most="365",
        ),
        Column(
            "billing_frequency",
            Kind.ENUM,
            "how often an invoice is made, by calendar; default: the payer's, else `monthly`",
            allowed=("monthly", "quarterly", "annual"),
        ),
        Column(
            "billing_day",
            Kind.INTEGER,
            "day on which cycles of products with calendar alignment start; default: 1",
            least="1",
            most="31",
        ),
        Column("purchase_order", Kind.TEXT, "printed on every invoice"),
        Column("buyer_reference", Kind.TEXT, "printed on every invoice (EN 16931 BT-10)"),
        Column("peppol_endpoint", Kind.TEXT, "electronic address, `scheme:id`"),
        Column(
            "parent_customer_id",
            Kind.KEY,
            "who pays for this customer, on one document with its own charges; stored is the end of the chain",
            refers_to="customers.customer_id",
        ),
        Column("since", Kind.DATE, "customer since this day"),
        Column("tax_exempt_reason", Kind.TEXT, "exempts the customer from tax; printed on the invoice"),
    ),
    key=("customer_id",),
    derived=(
        Column(
            "tax_in_eu", Kind.BOOLEAN, "the country is in the VAT area of the European Union", required=True
        ),
        Column(
            "vat_id_valid", Kind.BOOLEAN, "tax_id has the form of a VAT id of a member state", required=True
        ),
    ),
    required=True,
)

ACCOUNTS = Table(
    "accounts",
    "Who pays for which vendor account. The most specific id wins: sub-account before billing account. "
    "A commitment's own id says whose it is, whatever account bought it.",
    (
        Column(
            "source",
            Kind.KEY,
            "a source's name in reseller.yml, or `*` for any",
            required=True,
            selector=True,
            refers_to="sources.name",
        ),
        Column(
            "account_id",
            Kind.TEXT,
            "AWS account, Azure subscription, Google project, FOCUS SubAccountId, a billing account, "
            "or a reservation's or savings plan's own id",
            required=True,
        ),
        _customer(),
        Column(
            "share",
            Kind.PERCENT,
            "part of the account's charges; the shares of one day sum to 100 at most",
            default="100",
            most="100",
            positive=True,
        ),
        *_validity(),
    ),
)

CONTRACTS = Table(
    "contracts",
    "Which price book a customer has when; the contracts of one customer never overlap.",
    (
        Column("contract_id", Kind.KEY, "names the contract", required=True),
        _customer(),
        Column(
            "price_book",
            Kind.KEY,
            "prices of this contract",
            required=True,
            refers_to="price_books.price_book",
        ),
        *_validity(),
        Column(
            "payment_scheme",
            Kind.ENUM,
            "how it is paid; advance: products that leave `timing` blank are billed in advance",
            default="arrears",
            allowed=("arrears", "advance", "prepaid"),
        ),
        Column("minimum_commitment", Kind.MONEY, "least net per interval, after discounts", least="0"),
        Column("commitment_currency", Kind.CURRENCY, "of minimum_commitment; default: the customer's"),
        Column("commitment_interval", Kind.ENUM, "of minimum_commitment", allowed=("month", "year")),
        Column(
            "spend_cap",
            Kind.MONEY,
            "most net per billing period, after discounts, in the customer's currency",
            least="0",
        ),
    ),
    key=("contract_id",),
)

PRICE_BOOKS = Table(
    "price_books",
    "Sets of price rules.",
    (
        Column("price_book", Kind.KEY, "names the book", required=True),
        Column(
            "parent",
            Kind.KEY,
            "searched only where this book has no match",
            refers_to="price_books.price_book",
        ),
        Column("currency", Kind.CURRENCY, "of the book's prices", required=True),
        Column("description", Kind.TEXT, "for people"),
    ),
    key=("price_book",),
)

PRICE_RULES = Table(
    "price_rules",
    "How charges are priced. The most specific rule wins: sku, then service, publisher, vendor, then region, "
    "then charge_category, then the lower priority. rule_id is unique over all books: a price change is a "
    "new rule.",
    (
        Column("price_book", Kind.KEY, "book of the rule", required=True, refers_to="price_books.price_book"),
        Column("rule_id", Kind.KEY, "names the rule", required=True),
        _selector("vendor"),
        _selector("publisher"),
        _selector("service"),
        _selector("sku"),
        _selector("region"),
        Column(
            "charge_category",
            Kind.ENUM,
            "only charges of this category (a vendor's Tax is never resold)",
            allowed=("Usage", "Purchase", *CREDIT_CATEGORIES),
            selector=True,
        ),
        Column("priority", Kind.INTEGER, "decides between equally specific rules: lower wins", default="100"),
        Column(
            "model",
            Kind.ENUM,
            "how the amount is computed",
            required=True,
            allowed=("cost_plus", "list_minus", "unit_price", *TIERED_MODELS, "package", "flat"),
        ),
        Column(
            "basis",
            Kind.ENUM,
            "cost that cost_plus starts from",
            allowed=("list", "contracted", "billed", "effective"),
        ),
        Column(
            "percent",
            Kind.PERCENT,
            "of cost_plus (may be negative) and list_minus",
            least="-100",
            most="9999",
        ),
        Column("unit_price", Kind.MONEY, "of unit_price and package per unit, of flat per period", least="0"),
        Column("unit", Kind.TEXT, "unit that the price is for: only charges in this unit match"),
        Column("included_quantity", Kind.MONEY, "free units per billing period", least="0"),
        Column("package_size", Kind.MONEY, "units per package", positive=True),
        Column("minimum", Kind.MONEY, "least amount per billing period", least="0"),
        Column("maximum", Kind.MONEY, "most per billing period", least="0"),
        Column("pass_credits", Kind.BOOLEAN, "hand the vendor's credits and adjustments on", default="false"),
        Column("description", Kind.TEXT, "printed on the invoice line"),
        *_validity(),
    ),
    key=("rule_id",),
    derived=(
        Column(
            "specificity",
            Kind.INTEGER,
            "higher wins: sku 32, service 16, publisher 8, vendor 4, region 2, category 1",
            required=True,
        ),
    ),
)

PRICE_TIERS = Table(
    "price_tiers",
    "Tiers of graduated and volume rules, ascending, the last one open.",
    (
        Column("rule_id", Kind.KEY, "rule of the tier", required=True, refers_to="price_rules.rule_id"),
        Column("up_to", Kind.MONEY, "last quantity of the tier (inclusive); blank = no bound", positive=True),
        Column("unit_price", Kind.MONEY, "per unit in the tier", required=True, least="0"),
        Column("flat_fee", Kind.MONEY, "once when the tier is entered", least="0"),
    ),
)

DISCOUNTS = Table(
    "discounts",
    "What lowers a customer's amounts. Inside one discount_group only the best-qualified row applies; "
    "blank customer_id and contract_id = every customer.",
    (
        Column("discount_id", Kind.KEY, "names the discount", required=True),
        Column("discount_group", Kind.KEY, "of rows that exclude each other"),
        Column(
            "kind",
            Kind.ENUM,
            "when and on what it works",
            required=True,
            allowed=("line", "bundle", "volume", "relationship", "promotion"),
        ),
        _customer(required=False, about="only this customer"),
        Column("contract_id", Kind.KEY, "only this contract", refers_to="contracts.contract_id"),
        _selector("vendor"),
        _selector("service"),
        _selector("sku"),
        Column("min_services", Kind.INTEGER, "bundle: different services of the vendor needed", least="1"),
        Column("min_spend", Kind.MONEY, "spend needed in the period, customer currency", least="0"),
        Column(
            "min_spend_scope",
            Kind.ENUM,
            "bundle: min_spend on each service (also where blank) or on all of the vendor's together",
            allowed=("each", "all"),
        ),
        Column("min_tenure_months", Kind.INTEGER, "relationship: whole months needed", least="0"),
        Column("percent", Kind.PERCENT, "discount", required=True, least="0", most="100"),
        Column(
            "max_amount",
            Kind.MONEY,
            "most that it gives in a period, customer currency (a bundle: per vendor)",
            least="0",
        ),
        Column("max_periods", Kind.INTEGER, "billing periods that it lasts", least="1"),
        *_validity(),
        Column("description", Kind.TEXT, "printed on the discount's line"),
    ),
    key=("discount_id",),
)

PRODUCTS = Table(
    "products",
    "The reseller's own products.",
    (
        Column("product_id", Kind.KEY, "names the product", required=True),
        Column("name", Kind.TEXT, "printed on invoices", required=True),
        Column("service", Kind.TEXT, "service that it is reported under"),
        Column(
            "charge_type", Kind.ENUM, "how it is charged", required=True, allowed=("one_off", "recurring")
        ),
        Column(
            "interval",
            Kind.ENUM,
            "cycle of a recurring product; unit_price is per cycle",
            allowed=("month", "year", "three_years"),
        ),
        Column(
            "timing",
            Kind.ENUM,
            "when a cycle is billed; default: advance under a contract with payment_scheme advance, else arrears",
            allowed=("advance", "arrears"),
        ),
        Column(
            "alignment",
            Kind.ENUM,
            "where a cycle starts: on the subscription's own day (default), or on the customer's billing_day",
            allowed=("anniversary", "calendar"),
        ),
        Column(
            "proration",
            Kind.ENUM,
            "part cycles by the day (default), or none: whole cycles, changes from the next one, no refunds",
            allowed=("daily", "none"),
        ),
        Column("term_months", Kind.INTEGER, "length of the term; blank = without terms", least="1"),
        Column(
            "cancellable_anytime", Kind.BOOLEAN, "remaining cycles of the term are not due", default="false"
        ),
        Column(
            "cancel_window_days",
            Kind.INTEGER,
            "days from the term's start with refund of the unused days; default: 0",
            least="0",
        ),
        Column(
            "extended_term_percent",
            Kind.PERCENT,
            "surcharge once a term is over and not renewed",
            least="0",
            most="9999",
        ),
        Column("unit_price", Kind.MONEY, "per unit and cycle", required=True, least="0"),
        Column("currency", Kind.CURRENCY, "of unit_price and unit_cost", required=True),
        Column("unit_cost", Kind.MONEY, "what a unit costs the reseller", least="0"),
        Column("tax_category", Kind.KEY, "decides tax", refers_to="tax_rates.tax_category"),
    ),
    key=("product_id",),
)

SUBSCRIPTIONS = Table(
    "subscriptions",
    "Events of customers' subscriptions; events of one day apply in file order.",
    (
        Column("subscription_id", Kind.KEY, "names the subscription", required=True),
        _customer(),
        Column("product_id", Kind.KEY, "what is subscribed", required=True, refers_to="products.product_id"),
        Column(
            "event", Kind.ENUM, "what happens", required=True, allowed=("start", "change", "renew", "cancel")
        ),
        Column(
            "effective_date", Kind.DATE, "billed from a start on; not billed from a cancel on", required=True
        ),
        Column(
            "quantity",
            Kind.MONEY,
            "units from this day; 0 = paused; default: 1 on a start, else unchanged",
            least="0",
        ),
        Column(
            "unit_price",
            Kind.MONEY,
            "price from this day; default: the product's on a start or renew, else unchanged",
            least="0",
        ),
        Column("description", Kind.TEXT, "printed on the line"),
    ),
    in_file_order=True,
)

ADJUSTMENTS = Table(
    "adjustments",
    "Single amounts for a customer's invoice, negative = in the customer's favour.",
    (
        Column("adjustment_id", Kind.KEY, "names the adjustment", required=True),
        _customer(),
        Column("date", Kind.DATE, "day that it belongs to", required=True),
        Column("description", Kind.TEXT, "printed on the line", required=True),
        Column("amount", Kind.MONEY, "net", required=True),
        Column("currency", Kind.CURRENCY, "of amount and cost; default: the customer's"),
        Column("tax_category", Kind.KEY, "decides tax", refers_to="tax_rates.tax_category"),
        Column("cost", Kind.MONEY, "what it costs the reseller"),
    ),
    key=("adjustment_id",),
)

PREPAID = Table(
    "prepaid",
    "Top-ups of prepaid balances.",
    (
        _customer(),
        Column("date", Kind.DATE, "of the top-up", required=True),
        Column("amount", Kind.MONEY, "paid in", required=True, positive=True),
        Column("currency", Kind.CURRENCY, "of amount", required=True),
        Column("expires", Kind.DATE, "first day on which it can no longer be drawn"),
        Column("reference", Kind.TEXT, "of the payment; tells top-ups of one day apart"),
    ),
    in_file_order=True,
)

FX_RATES = Table(
    "fx_rates",
    "Exchange rates: 1 unit of base costs `rate` units of quote.",
    (
        Column("date", Kind.DATE, "of publication", required=True),
        Column("base", Kind.CURRENCY, "currency that is priced", required=True),
        Column("quote", Kind.CURRENCY, "currency of the price", required=True),
        Column("rate", Kind.RATE, "units of quote per unit of base", required=True, positive=True),
        Column("source", Kind.TEXT, "who published it, such as ECB"),
    ),
    key=("date", "base", "quote"),
)

TAX_RATES = Table(
    "tax_rates",
    "Tax by country, category and date.",
    (
        Column("country", Kind.COUNTRY, "of the customer", required=True),
        Column("tax_category", Kind.KEY, "such as `standard`", required=True),
        Column("rate", Kind.PERCENT, "tax", required=True, least="0", most="100"),
        Column(
            "code",
            Kind.ENUM,
            "EN 16931 category; default: S where the rate is above 0, else Z",
            allowed=("S", "Z", "E", "AE", "K", "G", "O"),
        ),
        *_validity(),
        Column("legal_note", Kind.TEXT, "printed under the tax table"),
    ),
)

TAX_CATEGORIES = Table(
    "tax_categories",
    "Which charges have which tax category; the most specific row wins (sku, service, vendor), "
    "a charge that no row names is `standard`.",
    (
        Column(
            "tax_category",
            Kind.KEY,
            "a category of tax_rates",
            required=True,
            refers_to="tax_rates.tax_category",
        ),
        _selector("vendor"),
        _selector("service"),
        _selector("sku"),
    ),
    derived=(Column("specificity", Kind.INTEGER, "higher wins: sku 4, service 2, vendor 1", required=True),),
)

BUDGETS = Table(
    "budgets",
    "What a customer means to spend per month, on all, a vendor's or a service's charges; one row per scope.",
    (
        _customer(about="who; charges of customers that it pays for count as well"),
        _selector("vendor"),
        _selector("service"),
        Column("amount", Kind.MONEY, "per month, net", required=True, positive=True),
        Column("currency", Kind.CURRENCY, "of amount: the customer's, which is the default"),
        Column("thresholds", Kind.PERCENT_LIST, "percents worth knowing of, ascending, such as `50;80;100`"),
    ),
)

PRICE_LIST = Table(
    "price_list",
    "List prices, for quotes and for charges whose vendor states no list cost. `cspbill prices` fills it from "
    "vendors' price sheets; such a row says so at the end of its description (`[sheet: …]`), all others are yours.",
    (
        Column("vendor", Kind.TEXT, "of the price", required=True),
        Column("service", Kind.TEXT, "of the sku"),
        Column("sku", Kind.TEXT, "what is priced: the sku that usage carries", required=True),
        Column("region", Kind.TEXT, "where; blank = everywhere"),
        Column("unit", Kind.TEXT, "that the price is for; only charges in this unit match", required=True),
        Column("list_price", Kind.MONEY, "per unit", required=True, least="0"),
        Column("currency", Kind.CURRENCY, "of both prices", required=True),
        Column("cost_price", Kind.MONEY, "what the reseller pays per unit", least="0"),
        Column("description", Kind.TEXT, "for people"),
        *_validity(),
    ),
)

ACCOUNT_MAP = Table(
    "account_map",
    "Which account of your books each posting goes to; the most specific row wins (service, then vendor, tax_rate, "
    "tax_code, country, currency). Without a row: receivable 1200, prepaid 2150, revenue 4000, tax 2200, cost 5000, "
    "accrual 2100, bank 1000.",
    (
        Column(
            "posting_type",
            Kind.ENUM,
            "kind of posting: what customers owe, their prepaid balances, revenue, tax payable, cost of sales, "
            "what vendors will bill for it, money received",
            required=True,
            allowed=POSTING_TYPES,
        ),
        _selector("vendor", "only postings of this vendor (revenue, cost, accrual)"),
        _selector("service", "only postings of this service (revenue, cost)"),
        Column(
            "tax_code",
            Kind.ENUM,
            "only postings of this EN 16931 category (revenue, tax)",
            allowed=("S", "Z", "E", "AE", "K", "G", "O"),
            selector=True,
        ),
        Column("tax_rate", Kind.PERCENT, "only postings of this rate (revenue, tax)", selector=True),
        Column(
            "country",
            Kind.COUNTRY,
            "only customers of this country, as invoiced (receivable, prepaid, revenue, tax)",
            selector=True,
        ),
        Column("currency", Kind.CURRENCY, "only postings in this currency", selector=True),
        Column("account", Kind.KEY, "number or code of the account", required=True),
        Column("name", Kind.TEXT, "of the account, as your books spell it; default: the account"),
        Column("cost_center", Kind.KEY, "put on the posting: a dimension, tracking option or class"),
        Column(
            "tax_type",
            Kind.TEXT,
            "name of the tax rate in your books, for exports that ask for one on revenue (tax)",
        ),
        *_validity(start="first posting date"),
    ),
    derived=(
        Column(
            "specificity",
            Kind.INTEGER,
            "higher wins: service 32, vendor 16, tax_rate 8, tax_code 4, country 2, currency 1",
            required=True,
        ),
    ),
)

PAYMENTS = Table(
    "payments",
    "Money received from customers, and paid back to them. It settles the named document first, then the oldest; "
    "what is left stays the customer's credit. Top-ups of prepaid balances stand in prepaid.csv only.",
    (
        _customer(about="who paid; of several who share a document, the one that it is made out to"),
        Column("date", Kind.DATE, "of the payment; the month of its posting", required=True),
        Column("amount", Kind.MONEY, "received; negative = paid back", required=True),
        Column("currency", Kind.CURRENCY, "of amount; default: the customer's"),
        Column("document_number", Kind.KEY, "settle this document first; blank = the oldest"),
        Column("reference", Kind.KEY, "the bank's id of the payment", required=True),
    ),
    key=("reference",),
)

TABLES: Mapping[str, Table] = MappingProxyType(
    {
        table.name: table
        for table in (
            CUSTOMERS,
            ACCOUNTS,
            CONTRACTS,
            PRICE_BOOKS,
            PRICE_RULES,
            PRICE_TIERS,
            DISCOUNTS,
            PRODUCTS,
            SUBSCRIPTIONS,
            ADJUSTMENTS,
            PREPAID,
            FX_RATES,
            TAX_RATES,
            TAX_CATEGORIES,
            BUDGETS,
            PRICE_LIST,
            ACCOUNT_MAP,
            PAYMENTS,
        )
    }
)

#: Keys of reseller.yml that hold one value. `sources` and `invoice_series` hold more and follow below.
RESELLER = (
    Column("legal_name", Kind.TEXT, "seller's name on invoices", required=True),
    Column("street", Kind.TEXT, "address line"),
    Column("city", Kind.TEXT, "town"),
    Column("postal_code", Kind.TEXT, "postal code"),
    Column("country", Kind.COUNTRY, "decides tax", required=True),
    Column("tax_id", Kind.TEXT, "VAT id with its country prefix"),
    Column("email", Kind.TEXT, "for questions about invoices"),
    Column("phone", Kind.TEXT, "for questions about invoices"),
    Column("iban", Kind.TEXT, "account that customers pay to"),
    Column("bic", Kind.TEXT, "bank of the account"),
    Column("base_currency", Kind.CURRENCY, "of margin reports over all customers", required=True),
    Column(
        "payment_terms_days", Kind.INTEGER, "days from issue to due date", default="30", least="0", most="365"
    ),
    Column("first_number", Kind.INTEGER, "first number of both series", default="1", least="1"),
    Column(
        "fx_policy",
        Kind.ENUM,
        "rate of the last day before the billing period (`month`), or of the charge's day",
        default="month",
        allowed=("month", "charge_date"),
    ),
    Column("locale", Kind.LOCALE, "how figures and dates are written", default="en_GB"),
    Column("peppol_endpoint", Kind.TEXT, "electronic address, `scheme:id`"),
    Column("logo", Kind.TEXT, "PNG, JPEG or SVG file, relative to the config directory"),
    Column(
        "close_day",
        Kind.INTEGER,
        "day of the next month on which closing starts",
        default="5",
        least="1",
        most="28",
    ),
    Column(
        "billing_starts",
        Kind.DATE,
        "first month in which subscriptions, adjustments and minimum commitments are billed here: what fell due "
        "before was billed elsewhere; blank = from their first day on",
    ),
    Column(
        "accounting_exports",
        Kind.TEXT,
        "which files stand beside each month's journal.csv: `none`, or some of "
        f"`{', '.join(ACCOUNTING_EXPORTS)}`; blank = all",
    ),
    Column("brand_color", Kind.COLOR, "accent of documents, such as `#0b5394`"),
    Column("footer", Kind.TEXT, "last line of every page"),
    Column("registration", Kind.TEXT, "company register entry, printed in the footer"),
)

#: Keys of `invoice_series` in reseller.yml: they start document numbers and file names.
INVOICE_SERIES = (
    Column("invoice", Kind.ID, "start of invoice numbers", default="INV"),
    Column("credit_note", Kind.ID, "start of credit note numbers", default="CN"),
)

#: Keys that every item of `sources` in reseller.yml may have, beside the options of its kind.
SOURCES = (
    Column("name", Kind.ID, "names the source in every file, table and path", required=True),
    Column("kind", Kind.ENUM, "which extractor reads it", required=True, allowed=SOURCE_KINDS),
    Column("vendor", Kind.TEXT, "vendor of rows that do not name theirs"),
    Column(
        "tolerance",
        Kind.MONEY,
        "most that loaded cost may differ from the vendor's total",
        default="0",
        least="0",
    ),
)
OWNER_ACCOUNTS = Column("owner_accounts", Kind.TEXT, "list of the reseller's own account and commitment ids")

_CONNECTION = Column("connection", Kind.KEY, "Airflow connection that holds the credentials")
_ENDPOINT = Column(
    "endpoint_url", Kind.TEXT, "of a service other than the vendor's own, such as one on loopback"
)
_MONTHS = Column(
    "months", Kind.INTEGER, "billing months to look back on every run", default="2", least="1", most="36"
)


def _path(meaning: str, *, required: bool = True) -> Column:
    return Column("path", Kind.TEXT, meaning, required=required)


def _s3_options(*first: Column) -> tuple[Column, ...]:
    return (
        _path("folder (relative to the config directory) or s3://bucket/prefix"),
        *first,
        _ENDPOINT,
        Column("region", Kind.TEXT, "of the bucket"),
        _CONNECTION,
        Column("role_arn", Kind.TEXT, "AWS role to assume before reading"),
        Column("external_id", Kind.TEXT, "that the role asks for"),
    )


#: What of `published/` may be sent: the first three are for customers, the others show the reseller's own figures.
SENDABLE = ("invoices", "focus", "statements", "accounting", "dashboards", "snapshot", "parquet", "archive")
SENT_BY_DEFAULT = ("invoices", "focus")

#: Keys that every item of `publish_to` in reseller.yml may have, beside `send`.
DESTINATIONS = (
    Column(
        "url",
        Kind.TEXT,
        "folder (relative to the config directory), s3://bucket/prefix, gs://bucket/prefix, "
        "abfs://container/prefix, or another address that fsspec knows",
        required=True,
    ),
    _ENDPOINT,
    Column("region", Kind.TEXT, "of the bucket"),
    _CONNECTION,
    Column("role_arn", Kind.TEXT, "AWS role to assume before writing"),
    Column("external_id", Kind.TEXT, "that the role asks for"),
)
SEND = Column(
    "send",
    Kind.ENUM,
    "list of what is sent there; default: " + ", ".join(f"`{name}`" for name in SENT_BY_DEFAULT),
    allowed=SENDABLE,
)

#: Keys of `mail` in reseller.yml.
MAIL = (
    Column("smtp_host", Kind.TEXT, "server that takes the messages", required=True),
    Column("smtp_port", Kind.INTEGER, "its port", default="587", least="1", most="65535"),
    Column(
        "security",
        Kind.ENUM,
        "`starttls` and `tls` verify the server's certificate; `none` only for a server on this machine",
        default="starttls",
        allowed=("starttls", "tls", "none"),
    ),
    Column(
        "ca_file",
        Kind.TEXT,
        "certificate (PEM) to trust beside the system's, relative to the config directory",
    ),
    Column(
        "sender",
        Kind.TEXT,
        "address that messages come from, such as billing@reseller.example",
        required=True,
    ),
    Column("reply_to", Kind.TEXT, "address that answers go to; default: the sender"),
    Column("bcc", Kind.TEXT, "address that gets a blind copy of every message"),
    Column(
        "connection", Kind.KEY, "Airflow connection that holds the login; blank = the server asks for none"
    ),
    Column("usage_csv", Kind.BOOLEAN, "attach the usage file too, where it is small enough", default="false"),
    Column(
        "most_megabytes",
        Kind.INTEGER,
        "most that attachments may weigh together",
        default="10",
        least="1",
        most="50",
    ),
)

_EXPORT = Column("export", Kind.TEXT, "read this report or export only; blank = all below the path")

#: Connection settings by source kind; a kind that is absent has none yet.
SOURCE_OPTIONS: Mapping[str, tuple[Column, ...]] = MappingProxyType(
    {
        "focus_files": (
            _path("folder (relative to the config directory), s3://bucket/prefix or az://container/prefix"),
            *_s3_options()[1:],
        ),
        "aws_cur": _s3_options(_EXPORT),
        "aws_focus": _s3_options(_EXPORT),
        "azure_export": (
            _path("folder (relative to the config directory) or az://container/directory"),
            _EXPORT,
            Column(
                "endpoint_url", Kind.TEXT, "of the storage account: https://<account>.blob.core.windows.net"
            ),
            _CONNECTION,
        ),
        "partner_center": (
            _path("folder with downloaded files, instead of the API", required=False),
            Column("tenant_id", Kind.TEXT, "the partner's Microsoft Entra tenant"),
            _CONNECTION,
            _MONTHS,
            Column(
                "currencies", Kind.TEXT, "billing currencies, such as EUR, USD; blank = those of the invoices"
            ),
            Column("graph_url", Kind.TEXT, "Microsoft Graph", default="https://graph.microsoft.com"),
            Column("api_url", Kind.TEXT, "Partner Center", default="https://api.partnercenter.microsoft.com"),
            Column("login_url", Kind.TEXT, "Microsoft Entra", default="https://login.microsoftonline.com"),
        ),
        "gcp_bigquery": (
            _path("folder with Parquet exports of the table, instead of BigQuery", required=False),
            Column(
                "table",
                Kind.TEXT,
                "the export's table: project.dataset.table; project.dataset takes every billing export in it",
            ),
            Column("location", Kind.TEXT, "of the dataset, such as EU"),
            Column(
                "partition_column",
                Kind.TEXT,
                "column that tells the day of arrival; blank = the one that the table is partitioned by",
            ),
            _MONTHS,
            _CONNECTION,
            _ENDPOINT,
        ),
    }
)

#: The option by which a kind that may also lie in a folder names its service.
SERVICE_OPTIONS: Mapping[str, str] = MappingProxyType(
    {"partner_center": "tenant_id", "gcp_bigquery": "table"}
)
