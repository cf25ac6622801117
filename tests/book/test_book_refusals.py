"""Every kind of wrong book is refused at its file, line and column, saying what is allowed instead."""

# ruff: noqa: E501 - a table of cases reads better with whole lines

import pytest

RULES = "price_book,rule_id,vendor,service,sku,charge_category,priority,model,basis,percent,unit_price,unit,valid_from,valid_to\n"
CUSTOMERS = "customer_id,legal_name,country,currency\n"
PARENTS = "customer_id,legal_name,country,currency,parent_customer_id,billing_frequency\n"
ACCOUNTS = "source,account_id,customer_id,share,valid_from,valid_to\n"
CONTRACTS = "contract_id,customer_id,price_book,valid_from,valid_to\n"
TERMS = "contract_id,customer_id,price_book,"
TOP_UPS = "customer_id,date,amount,currency,expires,reference\n"
POSTINGS = "posting_type,vendor,service,tax_code,tax_rate,currency,account,tax_type,valid_from,valid_to\n"
PAYMENTS = "customer_id,date,amount,currency,document_number,reference\n"
RESELLER = "legal_name: Reseller\ncountry: DE\nbase_currency: EUR\n"
SOURCES = "sources:\n  - name: aws\n    kind: focus_files\n    path: files\n"

# (what is wrong, file, content, place, what the message must say)
ONLY_PROBLEM = [
    ("unknown column", "customers.csv", "customer_id,legal_name,country,currency,curency\nacme,A,DE,EUR,\nbolt,B,GB,GBP,\n",
     "customers.csv:1: curency:", "unknown column (did you mean 'currency'?); allowed: customer_id, legal_name"),
    ("repeated column", "price_books.csv", "price_book,currency,currency\nbase,EUR,EUR\n",
     "price_books.csv:1: currency:", "stands twice in the header; allowed: once"),
    ("nameless column", "price_books.csv", "price_book,currency,\nbase,EUR,\n",
     "price_books.csv:1:", "column 3 has no name; allowed: price_book, parent, currency, description"),
    ("missing column", "price_books.csv", "price_book\nbase\n",
     "price_books.csv:1: currency:", "required column is missing; allowed: price_book, parent, currency"),
    ("parents in a circle", "customers.csv", PARENTS + "acme,A,DE,EUR,bolt,\nbolt,B,DE,EUR,acme,\n",
     "customers.csv:2: parent_customer_id:", "acme → bolt → acme leads back to itself"),
    ("a parent that nobody defines", "customers.csv", PARENTS + "acme,A,DE,EUR,none,\nbolt,B,DE,EUR,,\n",
     "customers.csv:2: parent_customer_id:", "'none' is not a customer_id that customers.csv defines; allowed: acme, bolt"),
    ("a parent of another currency", "customers.csv", PARENTS + "acme,A,DE,EUR,bolt,\nbolt,B,DE,USD,corp,\ncorp,C,US,USD,,\n",
     "customers.csv:2: currency:", "'EUR', but 'corp' pays for this customer, in USD; allowed: USD"),
    ("a child billed at other times than its parent", "customers.csv",
     PARENTS + "acme,A,DE,EUR,bolt,annual\nbolt,B,DE,EUR,,\n", "customers.csv:2: billing_frequency:",
     "'annual', but 'bolt' pays for this customer, and its invoices are monthly; allowed: blank, monthly"),
    ("ragged row", "price_books.csv", "price_book,currency\nbase,EUR\nmore,EUR,surplus\n",
     "price_books.csv:3:", "has 3 values; allowed: 2, as many as the header"),
    ("semicolons", "price_books.csv", "price_book;currency\nbase;EUR\n",
     "price_books.csv:1:", "not separated by commas; allowed: save the file with commas"),
    ("wrong encoding", "price_books.csv", "price_book,currency,description\nbase,EUR,Preisliste für alle\n".encode("latin-1"),
     "price_books.csv:2:", "not UTF-8; allowed: save the file as 'CSV UTF-8'"),
    ("open quote", "price_books.csv", 'price_book,currency\nbase,"EUR\n',
     "price_books.csv:2:", "not readable as CSV (unexpected end of data); allowed: commas between values, quotes in pairs"),
    ("empty file", "price_books.csv", "", "price_books.csv:1:", "no header row; allowed: price_book"),
    ("unknown file", "price_rule.csv", RULES, "price_rule.csv:",
     "unknown file (did you mean 'price_rules.csv'?); allowed: customers.csv"),
    ("blank required value", "customers.csv", CUSTOMERS + "acme,A,DE,EUR\nbolt,,GB,GBP\n",
     "customers.csv:3: legal_name:", "blank; required: one line of at most 1000 characters"),
    ("path in an id", "customers.csv", CUSTOMERS + "acme,A,DE,EUR\nbolt,B,GB,GBP\n../x,C,DE,EUR\n",
     "customers.csv:4: customer_id:", "'../x' is not usable as an id; allowed: letters, digits"),
    ("id with a dot first", "customers.csv", CUSTOMERS + "acme,A,DE,EUR\nbolt,B,GB,GBP\n.x,C,DE,EUR\n",
     "customers.csv:4: customer_id:", "not starting with a dot, at most 64 characters"),
    ("control character", "customers.csv", CUSTOMERS + 'acme,"A\nB",DE,EUR\nbolt,B,GB,GBP\n',
     "customers.csv:2: legal_name:", "'A\\nB' contains line breaks or control characters; allowed: one line"),
    ("unknown country", "customers.csv", CUSTOMERS + "acme,A,DE,EUR\nbolt,B,UK,GBP\n",
     "customers.csv:3: country:", "'UK' is not a country of ISO 3166-1; allowed: an ISO 3166-1 alpha-2 code"),
    ("unknown currency", "customers.csv", CUSTOMERS + "acme,A,DE,EUR\nbolt,B,GB,XXX\n",
     "customers.csv:3: currency:", "'XXX' is not a currency of ISO 4217; allowed: an ISO 4217 code"),
    ("unknown locale", "customers.csv", "customer_id,legal_name,country,currency,locale\nacme,A,DE,EUR,xx_YY\nbolt,B,GB,GBP,\n",
     "customers.csv:2: locale:", "'xx_YY' is not a known locale; allowed: a locale such as de_DE"),
    ("repeated id", "customers.csv", CUSTOMERS + "acme,A,DE,EUR\nbolt,B,GB,GBP\nACME,C,DE,EUR\n",
     "customers.csv:4: customer_id:", "customer_id 'ACME' stands in line 2 already; allowed: once"),
    ("number out of bounds", "customers.csv", "customer_id,legal_name,country,currency,payment_terms_days\nacme,A,DE,EUR,366\nbolt,B,GB,GBP,\n",
     "customers.csv:2: payment_terms_days:", "'366' is out of bounds; allowed: a whole number, at least 0, at most 365"),
    ("impossible day", "contracts.csv", CONTRACTS + "C1,acme,base,2024-02-30,\nC2,bolt,base,,\n",
     "contracts.csv:2: valid_from:", "'2024-02-30' is not a day of the calendar; allowed: YYYY-MM-DD"),
    ("German date", "contracts.csv", CONTRACTS + "C1,acme,base,,01.02.2024\nC2,bolt,base,,\n",
     "contracts.csv:2: valid_to:", "'01.02.2024' is not a date; allowed: YYYY-MM-DD, such as 2024-09-30"),
    ("end before start", "contracts.csv", CONTRACTS + "C1,acme,base,2024-02-01,2024-02-01\n",
     "contracts.csv:2: valid_to:", "2024-02-01 is not after valid_from 2024-02-01; allowed: a later day"),
    ("overlapping contracts", "contracts.csv", CONTRACTS + "C1,acme,base,2024-01-01,2024-07-01\nC2,acme,base,2024-06-30,\n",
     "contracts.csv:3: valid_from:", "allowed: one contract per customer on any day"),
    ("undefined id", "contracts.csv", CONTRACTS + "C1,acmee,base,,\n",
     "contracts.csv:2: customer_id:", "'acmee' is not a customer_id that customers.csv defines (did you mean 'acme'?); allowed: acme, bolt"),
    ("undefined source", "accounts.csv", ACCOUNTS + "azure,001,acme,,,\n",
     "accounts.csv:2: source:", "'azure' is not a name that reseller.yml defines; allowed: aws, *"),
    ("shares over 100", "accounts.csv", ACCOUNTS + "aws,001,acme,60,2024-01-01,\n*,001,bolt,50,2024-06-01,\n",
     "accounts.csv:3: share:", "sum to 110 on 2024-06-01 (lines 2, 3); allowed: at most 100"),
    ("account twice", "accounts.csv", ACCOUNTS + "aws,001,acme,50,,\naws,001,ACME,50,2024-06-01,\n",
     "accounts.csv:3: account_id:", "allowed: one row per account, customer and day"),
    ("share of nothing", "accounts.csv", ACCOUNTS + "aws,001,acme,0,,\n",
     "accounts.csv:2: share:", "'0' is out of bounds; allowed: a number such as 12.5 with at most 6 decimals, above 0, at most 100"),
    ("price books in a circle", "price_books.csv", "price_book,parent,currency\nbase,more,EUR\nmore,base,EUR\n",
     "price_books.csv:2: parent:", "base → more → base leads back to itself; allowed: parents without a cycle"),
    ("unknown model", "price_rules.csv", RULES + "base,r,,,,,,cost_plsu,billed,1,,,,\n",
     "price_rules.csv:2: model:", "'cost_plsu' is not a known model; allowed: cost_plus, list_minus, unit_price"),
    ("NaN", "price_rules.csv", RULES + "base,r,,,,,,flat,,,NaN,,,\n",
     "price_rules.csv:2: unit_price:", "'NaN' is not a plain number"),
    ("infinity", "price_rules.csv", RULES + "base,r,,,,,,flat,,,-inf,,,\n",
     "price_rules.csv:2: unit_price:", "'-inf' is not a plain number"),
    ("thousands separator", "price_rules.csv", RULES + 'base,r,,,,,,flat,,,"1,234.5",,,\n',
     "price_rules.csv:2: unit_price:", "'1,234.5' is not a plain number (no thousands separators"),
    ("13 decimals", "price_rules.csv", RULES + "base,r,,,,,,flat,,,0.0000000000001,,,\n",
     "price_rules.csv:2: unit_price:", "has more than 12 decimals; allowed: a number such as 12.5 with at most 12 decimals, at least 0"),
    ("7 decimals of a percent", "price_rules.csv", RULES + "base,r,,,,,,cost_plus,billed,1.0000001,,,,\n",
     "price_rules.csv:2: percent:", "'1.0000001' has more than 6 decimals"),
    ("17 digits", "price_rules.csv", RULES + "base,r,,,,,,flat,,,12345678901234567,,,\n",
     "price_rules.csv:2: unit_price:", "has more than 16 digits before the decimal point"),
    ("model lacks a column", "price_rules.csv", RULES + "base,r,,,,,,cost_plus,,10,,,,\n",
     "price_rules.csv:2: basis:", "blank, but model cost_plus needs it; cost_plus uses: basis, percent"),
    ("model ignores a column", "price_rules.csv", RULES + "base,r,,,,,,flat,,10,5,,,\n",
     "price_rules.csv:2: percent:", "has no effect on model flat; allowed: blank; flat uses: unit_price"),
    ("list_minus above 100", "price_rules.csv", RULES + "base,r,,,,,,list_minus,,100.5,,,,\n",
     "price_rules.csv:2: percent:", "'100.5' is out of bounds; allowed: 0 to 100"),
    ("tax resold", "price_rules.csv", RULES + "base,r,,,,Tax,,flat,,,5,,,\n",
     "price_rules.csv:2: charge_category:", "'Tax' is not a known charge_category; allowed: Usage, Purchase, Credit, Adjustment"),
    ("tied rules", "price_rules.csv",
     RULES + "base,r1,AWS,EC2,,,,flat,,,5,,2024-01-01,2024-07-01\nbase,r2,aws , ec2,,,100,cost_plus,billed,1,,,2024-06-30,\n",
     "price_rules.csv:3: rule_id:", "ties with rule 'r1' [2024-01-01, 2024-07-01) of line 2: same selectors (service ec2, vendor aws) and priority 100; allowed: another priority"),
    ("rule id in two books", "price_rules.csv", RULES + "base,r1,,,,,,flat,,,5,,,\nbase,R1,AWS,,,,,flat,,,5,,,\n",
     "price_rules.csv:3: rule_id:", "rule_id 'R1' stands in line 2 already; allowed: once"),
    ("discount above 100", "discounts.csv", "discount_id,kind,percent\nd,line,100.01\n",
     "discounts.csv:2: percent:", "'100.01' is out of bounds; allowed: a number such as 12.5 with at most 6 decimals, at least 0, at most 100"),
    ("discount on another's contract", "discounts.csv", "discount_id,kind,percent,customer_id,contract_id\nd,line,5,acme,C2\n",
     "discounts.csv:2: contract_id:", "'C2' is a contract of 'bolt'; allowed: contracts of 'acme'"),
    ("rate twice", "fx_rates.csv", "date,base,quote,rate\n2024-08-30,EUR,GBP,0.84\n2024-08-30,eur,gbp,0.85\n",
     "fx_rates.csv:3: quote:", "date, base, quote '2024-08-30', 'EUR', 'GBP' stands in line 2 already; allowed: once"),
    ("rate of 0", "fx_rates.csv", "date,base,quote,rate\n2024-08-30,EUR,GBP,0\n",
     "fx_rates.csv:2: rate:", "'0' is out of bounds; allowed: a number such as 12.5 with at most 12 decimals, above 0"),
    ("rate in itself", "fx_rates.csv", "date,base,quote,rate\n2024-08-30,EUR,EUR,1\n",
     "fx_rates.csv:2: quote:", "'EUR' is also the base; allowed: another currency"),
    ("overlapping tax rates", "tax_rates.csv", "country,tax_category,rate,valid_from\nDE,standard,16,2020-07-01\nDE,Standard,19,2021-01-01\n",
     "tax_rates.csv:3: valid_from:", "allowed: one rate per country, tax_category and day"),
    ("code contradicts rate", "tax_rates.csv", "country,tax_category,rate,code\nDE,standard,0,S\n",
     "tax_rates.csv:2: code:", "'S' with a rate of 0 %; allowed: Z, E, AE, K, G, O"),
    ("tax category without rates", "tax_categories.csv", "tax_category,vendor\nbooks,AWS\n",
     "tax_categories.csv:2: tax_category:", "'books' is not a tax_category that tax_rates.csv defines; allowed: standard"),
    ("tied tax categories", "tax_categories.csv", "tax_category,vendor\nstandard,AWS\nstandard,aws\n",
     "tax_categories.csv:3: tax_category:", "as line 2; allowed: one tax_category for them"),
    ("unknown key", "reseller.yml", RESELLER + "fx_polcy: month\n" + SOURCES,
     "reseller.yml:4: fx_polcy:", "unknown key (did you mean 'fx_policy'?); allowed: legal_name, street"),
    ("unknown option", "reseller.yml", RESELLER + SOURCES + "    bucket: x\n",
     "reseller.yml:8: bucket:", "unknown key; allowed: name, kind, vendor, tolerance, owner_accounts, path, endpoint_url, region, connection"),
    ("secret", "reseller.yml", RESELLER + SOURCES + "    secret_access_key: x\n",
     "reseller.yml:8: secret_access_key:", "secrets never stand in this file; allowed: an Airflow connection"),
    ("password in an address", "reseller.yml", RESELLER + SOURCES + "    endpoint_url: https://me:pw@store:9000\n",
     "reseller.yml:8: endpoint_url:", "allowed: https://host:port, without a user, password or query"),
    ("source name that leaves its folder", "reseller.yml", RESELLER + SOURCES + "  - name: a/b\n    kind: focus_files\n    path: x\n",
     "reseller.yml:8: name:", "'a/b' is not usable as an id; allowed: letters, digits"),
    ("source twice", "reseller.yml", RESELLER + SOURCES + "  - name: AWS\n    kind: focus_files\n    path: x\n",
     "reseller.yml:8: name:", "'AWS' stands in line 5 already; allowed: once"),
    ("unreadable location", "reseller.yml", RESELLER + SOURCES.replace("path: files", "path: ftp://x"),
     "reseller.yml:7: path:", "'ftp://x' cannot be read; allowed: a folder, s3://bucket/prefix, or az://container/prefix"),
    ("neither service nor folder", "reseller.yml", RESELLER + "sources:\n  - {name: aws, kind: gcp_bigquery}\n",
     "reseller.yml:5: table:", "missing; required: table, or path with files of that kind"),
    ("missing option", "reseller.yml", RESELLER + SOURCES.replace("    path: files\n", ""),
     "reseller.yml:5: path:", "missing; required: one line"),
    ("missing key", "reseller.yml", "country: DE\nbase_currency: EUR\n" + SOURCES,
     "reseller.yml:1: legal_name:", "missing; required: one line of at most 1000 characters"),
    ("broken YAML", "reseller.yml", RESELLER + "footer: a: b\n",
     "reseller.yml:4:", "not readable as YAML (mapping values are not allowed here); allowed: `key: value` lines"),
    ("missing logo", "reseller.yml", RESELLER + "logo: logo.png\n" + SOURCES,
     "reseller.yml:4: logo:", "'logo.png' is no such picture; allowed: an existing .png, .jpg, .jpeg, .svg file"),
    ("logo name too long for a file", "reseller.yml", RESELLER + "logo: " + "x" * 500 + ".png\n" + SOURCES,
     "reseller.yml:4: logo:", "is no such picture; allowed: an existing .png"),
    ("cell of 1 MB", "price_books.csv", "price_book,currency,description\nbase,EUR," + "x" * 1_000_000 + "\n",
     "price_books.csv:2:", "not readable as CSV (field larger than field limit (131072))"),
    ("one number series for two kinds of documents", "reseller.yml", RESELLER + "invoice_series: {invoice: X, credit_note: x}\n" + SOURCES,
     "reseller.yml:4: invoice_series:", "both series are the same; allowed: two different ones"),
    ("word for a number", "reseller.yml", RESELLER + "payment_terms_days: thirty\n" + SOURCES,
     "reseller.yml:4: payment_terms_days:", "'thirty' is not a whole number; allowed: a whole number, at least 0, at most 365"),
    ("a commitment for no interval", "contracts.csv", TERMS + "minimum_commitment\nC1,acme,base,100\n",
     "contracts.csv:2: commitment_interval:", "blank beside minimum_commitment; allowed: month, year"),
    ("an interval of no commitment", "contracts.csv", TERMS + "commitment_interval\nC1,acme,base,month\n",
     "contracts.csv:2: commitment_interval:", "has no effect without minimum_commitment; allowed: blank"),
    ("a yearly commitment without a start", "contracts.csv", TERMS + "minimum_commitment,commitment_interval\nC1,acme,base,100,year\n",
     "contracts.csv:2: valid_from:", "a yearly commitment needs the day on which its years start"),
    ("a commitment above the cap", "contracts.csv", TERMS + "minimum_commitment,commitment_interval,spend_cap\nC1,acme,base,100,month,99.99\n",
     "contracts.csv:2: spend_cap:", "'99.99' is below minimum_commitment 100; allowed: at least the minimum"),
    ("a yearly commitment above twelve caps", "contracts.csv",
     TERMS + "valid_from,minimum_commitment,commitment_interval,commitment_currency,spend_cap\nC1,acme,base,2024-01-01,120.12,year,EUR,10\n",
     "contracts.csv:2: spend_cap:", "'10' is below minimum_commitment 120.12 / 12; allowed: at least the minimum"),
    ("a top-up in another currency", "prepaid.csv", TOP_UPS + "acme,2024-09-01,10,USD,,\n",
     "prepaid.csv:2: currency:", "'USD' is not the currency of the customer's invoices; allowed: EUR"),
    ("a top-up of half a cent", "prepaid.csv", TOP_UPS + "acme,2024-09-01,10.005,EUR,,\n",
     "prepaid.csv:2: amount:", "'10.005' has more decimals than EUR has; allowed: at most 2"),
    ("two top-ups that nothing tells apart", "prepaid.csv", TOP_UPS + "acme,2024-09-01,10,EUR,,a\nacme,2024-09-01,10,EUR,,A\n",
     "prepaid.csv:3: reference:", "the same customer, date and reference as line 2"),
    ("an account for postings of no known kind", "account_map.csv", POSTINGS + "sales,,,,,,4000,,,\n",
     "account_map.csv:2: posting_type:", "'sales' is not a known posting_type; allowed: receivable, prepaid, revenue, tax"),
    ("an account without a number", "account_map.csv", POSTINGS + "tax,,,S,19,,,,,\n",
     "account_map.csv:2: account:", "blank; required: one line of at most 64 characters"),
    ("a bank account by vendor", "account_map.csv", POSTINGS + "bank,AWS,,,,,1000,,,\n",
     "account_map.csv:2: vendor:", "has no effect on bank postings; allowed: blank; bank uses: currency"),
    ("a tax name on revenue", "account_map.csv", POSTINGS + "revenue,,,S,,,4000,VAT,,\n",
     "account_map.csv:2: tax_type:", "has no effect on revenue postings; allowed: blank; revenue uses: service, vendor, tax_rate"),
    ("two accounts for the same postings", "account_map.csv",
     POSTINGS + "revenue,aws,,S,19,,4000,,,2025-01-01\nrevenue,AWS,*,s,19.0,,4001,,2024-12-31,\n",
     "account_map.csv:3: account:", "'4001' for the same revenue postings as line 2; allowed: one row per posting_type and selectors"),
    ("a payment of nobody known", "payments.csv", PAYMENTS + "none,2024-10-01,10,EUR,,B1\n",
     "payments.csv:2: customer_id:", "'none' is not a customer_id that customers.csv defines"),
    ("a payment in another currency", "payments.csv", PAYMENTS + "acme,2024-10-01,10,USD,,B1\n",
     "payments.csv:2: currency:", "'USD' is not the currency of the customer's invoices; allowed: EUR"),
    ("a payment of half a cent in the customer's own currency", "payments.csv", PAYMENTS + "acme,2024-10-01,10.005,,,B1\n",
     "payments.csv:2: amount:", "'10.005' has more decimals than EUR has; allowed: at most 2"),
    ("a payment of nothing", "payments.csv", PAYMENTS + "acme,2024-10-01,0,EUR,,B1\n",
     "payments.csv:2: amount:", "'0' moves no money; allowed: any other amount"),
    ("one payment entered twice", "payments.csv", PAYMENTS + "acme,2024-10-01,10,EUR,,B1\nbolt,2024-10-02,10,GBP,,b1\n",
     "payments.csv:3: reference:", "reference 'b1' stands in line 2 already; allowed: once"),
    ("money paid back on a document", "payments.csv", PAYMENTS + "acme,2024-10-01,-10,EUR,INV-000001,B1\n",
     "payments.csv:2: document_number:", "money paid back settles no invoice, it takes from the customer's credit; allowed: blank"),
    ("a payment without the bank's reference", "payments.csv", PAYMENTS + "acme,2024-10-01,10,EUR,,\n",
     "payments.csv:2: reference:", "blank; required: one line of at most 64 characters"),
    ("an export that there is not", "reseller.yml", RESELLER + SOURCES + "accounting_exports: xero, sage\n",
     "reseller.yml:8: accounting_exports:", "'sage' is no export; allowed: business-central, xero, quickbooks, beancount, none"),
    ("a top-up that expires before it is paid", "prepaid.csv", TOP_UPS + "acme,2024-09-02,10,EUR,2024-09-02,\n",
     "prepaid.csv:2: expires:", "'2024-09-02' is not after date 2024-09-02; allowed: a later day, or blank"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "content", "place", "says"),
    [case[1:] for case in ONLY_PROBLEM],
    ids=[case[0] for case in ONLY_PROBLEM],
)
def test_one_wrong_value_gives_one_problem_at_its_place(problems, file, content, place, says):
    found = problems({file: content})
    assert len(found) == 1, found
    assert found[0].startswith(place + " ")
    assert says in found[0]


PRODUCTS = (
    "product_id,name,charge_type,interval,unit_price,currency\nsupport,Support,recurring,month,10,EUR\n"
)
EVENTS = "subscription_id,customer_id,product_id,event,effective_date\n"
TIERED = RULES + "base,g,,,,,,graduated,,,,GB,,\n"

# Wrong in themselves, beside being without effect yet.
VALIDATED = [
    ("tiers that descend", {"price_rules.csv": TIERED, "price_tiers.csv": "rule_id,up_to,unit_price\ng,100,1\ng,50,1\ng,,1\n"},
     "price_tiers.csv:3: up_to:", "'50' follows '100'; allowed: ascending bounds"),
    ("tiers without an open end", {"price_rules.csv": TIERED, "price_tiers.csv": "rule_id,up_to,unit_price\ng,100,1\n"},
     "price_tiers.csv:2: up_to:", "'100' in the rule's last tier; allowed: blank (open)"),
    ("an open tier in the middle", {"price_rules.csv": TIERED, "price_tiers.csv": "rule_id,up_to,unit_price\ng,,1\ng,,1\n"},
     "price_tiers.csv:2: up_to:", "allowed: blank in the last only"),
    ("a tiered rule without tiers", {"price_rules.csv": TIERED},
     "price_rules.csv:2: model:", "rule 'g' has no tiers; allowed: rows in price_tiers.csv"),
    ("tiers of a rule that has none", {"price_tiers.csv": "rule_id,unit_price\naws,1\n"},
     "price_tiers.csv:2: rule_id:", "rule 'aws' has model list_minus; allowed: tiers of graduated and volume rules"),
    ("minimum above maximum", {"price_rules.csv": "price_book,rule_id,model,unit_price,minimum,maximum\nbase,r,flat,5,10,9\n"},
     "price_rules.csv:2: maximum:", "'9' is below minimum 10; allowed: at least the minimum"),
    ("a subscription that starts with a change", {"products.csv": PRODUCTS, "subscriptions.csv": EVENTS + "s,acme,support,change,2024-01-01\n"},
     "subscriptions.csv:2: event:", "'change' is the subscription's first event; allowed: start"),
    ("a change after cancel", {"products.csv": PRODUCTS, "subscriptions.csv": EVENTS
     + "s,acme,support,change,2024-03-01\ns,acme,support,start,2024-01-01\ns,acme,support,cancel,2024-02-01\n"},
     "subscriptions.csv:2: event:", "'change' comes after the subscription's cancel; allowed: a new subscription_id"),
    ("a recurring product without interval", {"products.csv": PRODUCTS.replace("month", "")},
     "products.csv:2: interval:", "a recurring product needs: month, year or three_years"),
    ("thresholds that are no percents", {"budgets.csv": "customer_id,amount,thresholds\nacme,100,50;x\n"},
     "budgets.csv:2: thresholds:", "'50;x' is not a list of percents; allowed: ascending percents separated by ';'"),
    ("thresholds that descend", {"budgets.csv": "customer_id,amount,thresholds\nacme,100,80;50\n"},
     "budgets.csv:2: thresholds:", "'80;50' is not ascending; allowed: ascending percents separated by ';'"),
    ("a threshold of nothing", {"budgets.csv": "customer_id,amount,thresholds\nacme,100,0;50\n"},
     "budgets.csv:2: thresholds:", "'0;50' is not a list of percents; allowed: ascending percents separated by ';'"),
    ("a budget of nothing", {"budgets.csv": "customer_id,amount\nacme,0\n"},
     "budgets.csv:2: amount:", "'0' is out of bounds; allowed: "),
    ("two budgets of one scope", {"budgets.csv": "customer_id,vendor,service,amount\nacme,AWS,,100\nACME,aws,*,90\n"},
     "budgets.csv:3: service:", "'ACME', 'aws', '*' have a budget in line 2 already; allowed: one per scope"),
    ("a budget in a currency of its own", {"budgets.csv": "customer_id,amount,currency\nacme,100,USD\n"},
     "budgets.csv:2: currency:", "'USD', but 'acme' is billed in EUR; allowed: blank, EUR"),
    ("a budget of nobody", {"budgets.csv": "customer_id,amount\nacne,100\n"},
     "budgets.csv:2: customer_id:", "'acne' is not a customer_id that customers.csv defines"),
    ("two list prices", {"price_list.csv": "vendor,sku,unit,list_price,currency\nAWS,a,GB,1,USD\naws,A,gb,2,usd\n"},
     "price_list.csv:3: valid_from:", "allowed: one price per day"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("files", "place", "says"),
    [case[1:] for case in VALIDATED],
    ids=[case[0] for case in VALIDATED],
)
def test_what_prices_no_vendor_row_is_validated_as_well(problems, files, place, says):
    assert [problem for problem in problems(files) if problem.startswith(place + " ") and says in problem]


def test_every_problem_of_every_file_is_told_at_once(problems):
    found = problems(
        {
            "reseller.yml": RESELLER + "close_day: 31\n" + SOURCES,
            "customers.csv": CUSTOMERS + "acme,A,DE,EURO\nbolt,B,GB,GBP\n",
            "accounts.csv": ACCOUNTS + "aws,001,nobody,,,\naws,002,bolt,1e2,,\n",
        }
    )
    assert found == [
        "accounts.csv:2: customer_id: 'nobody' is not a customer_id that customers.csv defines; allowed: acme, bolt",
        "accounts.csv:3: share: '1e2' is not a plain number (no thousands separators, signs of currency or %); allowed: a number such as 12.5 with at most 6 decimals, above 0, at most 100",
        "customers.csv:2: currency: 'EURO' is not a currency of ISO 4217; allowed: an ISO 4217 code such as EUR or USD",
        "reseller.yml:4: close_day: '31' is out of bounds; allowed: a whole number, at least 1, at most 28",
    ]


def test_missing_files_that_are_required_are_named(problems):
    found = problems({"reseller.yml": None, "customers.csv": None})
    assert found == [
        "customers.csv: file is missing; required: at least its header",
        "reseller.yml: file is missing; required: legal_name, country, base_currency, sources",
    ]
