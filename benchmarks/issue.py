"""Issue thousands of customers' documents and say how many a second, and that memory does not grow with their number.

    python benchmarks/issue.py                              5,000 documents of 12 lines and 150 charges each
    python benchmarks/issue.py --documents 200 400          a quick try

The floor is Typst alone: the same views compiled to PDF one after the other in one process, nothing else. The ratio
is the processor time of a whole document (numbered, frozen, six files, synced) over that of its bare compile. The
draft tables are those of the tests, filled by DuckDB: what dbt costs is measured by benchmarks/run.py.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import shutil
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
for folder in (HERE, HERE.parent / "tests" / "invoices"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

AIM_PER_SECOND = 20.0
MOST_GROWTH_MEGABYTES = 100
FLOOR_DOCUMENTS = 200
SEPTEMBER = dt.date(2024, 9, 1)

#: One customer's draft: ten lines of usage, two of them discounted; fifteen charges under each line of usage.
_DRAFTS = """
insert into config.customers by name
select
    format('c{:05d}', n) as customer_id, format('Kunde {} AG', n) as legal_name,
    template.* exclude (customer_id, legal_name)
from config.customers as template, (select unnest(range(1, $documents + 1)) as n);
delete from config.customers where customer_id not like 'c%';

create temp table usage as
select
    format('c{:05d}', n) as customer_id, l as line_number, format('c{:05d}-{}', n, l) as line_id, n % 97 + l as cents
from (select unnest(range(1, $documents + 1)) as n), (select unnest(range(1, 11)) as l);

insert into intermediate.int_rated by name
select
    format('{}-{}', line_id, day) as charge_id, customer_id, date '2024-09-01' as billing_period,
    date '2024-09-01' + cast(day as integer) as charge_day, 'microsoft' as source, 'Microsoft' as vendor,
    'Service ' || line_number as service, 'SKU-' || line_number as sku, 'D4s v5' as charge_description,
    'westeurope' as region, 'subscription ' || customer_id as sub_account_id, 'vm-' || day as resource_id,
    'Usage' as charge_category, 'd-1' as delivery_id, 24 as quantity, 'Hours' as unit, 'EUR' as vendor_currency,
    cents * 0.008 as billed_cost, 'sold' as disposition, line_id, 'EUR' as customer_currency,
    cents * 0.008 as cost, cents * 0.01 as amount_before_discount,
    case when line_number <= 2 then cents * 0.001 else 0 end as discount_line,
    'rule-' || line_number as rule_id, 'margin' as model, false as is_frozen
from usage, (select unnest(range(15)) as day);

create temp table line as
select
    customer_id, line_number, line_id, null as parent_line_id, 'usage' as line_type, cents * 0.15 as exact_amount,
    'Service ' || line_number as description, null as discount_id, null as discount_kind
from usage
union all
select
    customer_id, 10 + line_number, line_id || '-d', line_id, 'discount', cents * -0.015, '10 % discount', 'd1',
    'line'
from usage where line_number <= 2;

insert into intermediate.int_invoice__draft_lines by name
select
    line.*, round(exact_amount, 2) as amount, date '2024-09-01' as billing_period, 'microsoft' as source,
    'Microsoft' as vendor, description as service, 'Usage' as charge_category,
    date '2024-09-01' as charge_period_start, date '2024-10-01' as charge_period_end,
    'EUR' as currency, 'standard' as tax_category, 'S' as tax_code,
    19 as tax_rate, 'rule-1' as rule_id, exact_amount * 0.8 as cost, customer_id as used_by_customer_id,
    date '2024-09-01' as used_in_period
from line;

insert into intermediate.int_invoice__draft_tax by name
select
    customer_id, billing_period, tax_code, tax_rate, sum(amount) as taxable_amount,
    round(sum(amount) * 0.19, 2) as tax_amount, currency
from intermediate.int_invoice__draft_lines group by all;

insert into intermediate.int_invoice__draft by name
select
    customer_id, billing_period, date '2024-09-01' as period_start, date '2024-10-01' as period_end,
    'invoice' as document_type, currency, taxable_amount as net_amount, tax_amount,
    taxable_amount + tax_amount as gross_amount, 0 as prepaid_drawn, taxable_amount + tax_amount as payable_amount,
    'de_DE' as locale, 30 as payment_terms_days, null as blocked_reason, null as force_reason_needed
from intermediate.int_invoice__draft_tax;
"""


def build(home: Path, documents: int) -> None:
    """Fill a warehouse with drafts of September 2024."""
    from invoice_warehouse import Warehouse, settings_in

    from cspbill import warehouse

    settings = settings_in(home)
    Warehouse(settings).customer("template")
    with warehouse.connect(settings) as connection:
        connection.execute(_DRAFTS.replace("$documents", str(documents)))


def issue(home: Path) -> None:
    """Issue everything: the process that is measured."""
    from invoice_warehouse import settings_in

    from invoices.issue import issue as issue_drafts

    result = issue_drafts(settings_in(home), SEPTEMBER)
    if result.refused:
        raise SystemExit(str(result.refused))
    print(len(result.issued))


def floor(home: Path) -> None:
    """Compile issued documents' views by Typst alone; prints the processor seconds of each."""
    from invoice_warehouse import settings_in

    from cspbill import warehouse
    from invoices.files import asset_directory
    from invoices.pdf import Renderer
    from invoices.read import read_issued

    settings = settings_in(home)
    with warehouse.connect(settings) as connection:
        documents = read_issued(connection, [f"INV-{n:06d}" for n in range(1, FLOOR_DOCUMENTS + 1)])
    with Renderer(asset_directory(settings)) as renderer:
        started = time.process_time()
        for document in documents:
            renderer.render(document, settings.today)
        print(json.dumps((time.process_time() - started) / len(documents)))


def bench(root: Path, documents: int) -> tuple[float, float, float, float]:
    """Return documents a second, processor seconds a document, those of the floor, and peak megabytes."""
    from measure import measure

    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    script, log = [sys.executable, str(HERE / "issue.py")], root / "bench.log"
    environment = {"PYTHONPATH": str(HERE.parent)}
    measure([*script, "--build", str(documents), "--home", str(root)], environment, log)
    before = os.times()
    cost = measure([*script, "--issue", "--home", str(root)], environment, log)
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    measure([*script, "--floor", "--home", str(root)], environment, log)
    bare = float(log.read_text("utf-8").splitlines()[-1])
    return documents / cost.seconds, used / documents, bare, cost.megabytes


def main() -> None:
    """Measure each number of documents, print the table; fails where an aim is missed."""
    parser = argparse.ArgumentParser(description="Issue many documents; see the docstring of the file.")
    parser.add_argument("--documents", type=int, nargs="+", default=[1_000, 5_000])
    parser.add_argument(
        "--home", type=Path, default=Path(os.environ.get("CSPBILL_HOME", "var")) / "bench-issue"
    )
    parser.add_argument("--build", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--issue", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--floor", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    home = options.home.resolve()
    if options.build:
        build(home, options.build)
    elif options.issue:
        issue(home)
    elif options.floor:
        floor(home)
    else:
        report(home, options.documents)


def report(home: Path, numbers: list[int]) -> None:
    """Measure and print; raises SystemExit where an aim is missed."""
    print(
        f"{'documents':>10}{'a second':>10}{'CPU each':>11}{'Typst alone':>13}{'ratio':>7}{'peak':>10}",
        flush=True,
    )
    measured = []
    try:
        for documents in numbers:
            rate, used, bare, megabytes = bench(home, documents)
            measured.append((rate, megabytes))
            print(
                f"{documents:>10,}{rate:>10.1f}{used * 1000:>8.1f} ms{bare * 1000:>10.1f} ms{used / bare:>7.1f}"
                f"{megabytes:>7,.0f} MB",
                flush=True,
            )
    finally:
        shutil.rmtree(home, ignore_errors=True)
    growth = measured[-1][1] - measured[0][1]
    print(
        f"aims: {AIM_PER_SECOND:.0f} a second; at most {MOST_GROWTH_MEGABYTES} MB more (it is {growth:,.0f} MB)"
    )
    if measured[-1][0] < AIM_PER_SECOND or growth > MOST_GROWTH_MEGABYTES:
        raise SystemExit("an aim was missed")


if __name__ == "__main__":
    main()
