"""The command line. Each command calls the same function as the Airflow task of that name.

Exit status: 0 done, 1 failed, 2 wrong input or config.
"""

from __future__ import annotations

import datetime as dt
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from cspbill.console import Amount, Day, Period, print_json, told_clearly
from cspbill.errors import InputError
from cspbill.prices import prices
from cspbill.settings import Settings


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def main() -> None:
    """Bill a cloud reseller's customers: vendor files in, exact invoices and margin out.

    CSPBILL_HOME (default ./var) holds everything made; CSPBILL_CONFIG (default ./config) is the book of business.
    """


@main.command()
@click.argument("directory", type=click.Path(path_type=Path))
@click.option(
    "--demo", is_flag=True, help="Write the demo reseller instead: its book and four months of vendor files."
)
@told_clearly
def init(directory: Path, demo: bool) -> None:
    """Write an example book of business into DIRECTORY."""
    if demo:
        from cspbill.demo import write_demo

        written, config = write_demo(directory), directory / "config"
    else:
        from cspbill.book import write_example

        written, config = write_example(directory), directory
    click.echo(f"Wrote {len(written)} files under {directory}.")
    click.echo(f"Next: edit {config / 'reseller.yml'}, then run\n  CSPBILL_CONFIG={config} cspbill check")


@main.command()
@told_clearly
def check() -> None:
    """Validate the whole book of business; print every error with its file, line and column."""
    from cspbill.book import read_book, summary

    click.echo(summary(read_book(Settings.from_environment().config)))
    click.echo("Next: cspbill run")


@main.command()
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option("--period", type=Period(), help="Only this billing period, such as 2024-09.")
@click.option("--accept", metavar="DELIVERY", help="Take a delivery that is held because it shrank.")
@told_clearly
def extract(sources: tuple[str, ...], period: dt.date | None, accept: str | None) -> None:
    """Land and load what is new at the vendors (all sources, or the named ones)."""
    from cspbill import pipeline

    if accept and len(sources) != 1:
        raise click.UsageError("--accept takes one source's delivery: cspbill extract SOURCE --accept ID")
    settings = Settings.from_environment()
    book = pipeline.load_book(settings)
    picked = pipeline.pick_sources(book, sources)
    outcomes = [pipeline.extract_source(settings, source, period, accept) for source in picked]
    click.echo(f"Landed files: {settings.landing}\nNext: cspbill run")
    _fail_on_problems([f"{o.source}: {problem}" for o in outcomes for problem in o.problems])


@main.command()
@click.option("--period", type=Period(), help="Extract only this billing period.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done for machines.")
@told_clearly
def run(period: dt.date | None, as_json: bool) -> None:
    """Extract, load, rate, check and publish drafts, dashboards and statements: what the daily DAGs do."""
    from cspbill import pipeline

    settings = Settings.from_environment()
    result = pipeline.run(settings, period)
    if as_json:
        print_json(
            {
                "sources": [vars(outcome) for outcome in result.sources],
                "periods": result.periods,
                "published": vars(result.published),
                "problems": result.problems,
            }
        )
    else:
        click.echo(f"Drafts:     {result.published.drafts}")
        click.echo(f"Statements: {result.published.statements}")
        click.echo(f"Dashboard:  {result.published.dashboard}")
        click.echo(f"Snapshot:   {result.published.snapshot}")
        click.echo("Next: cspbill status, then cspbill issue --period YYYY-MM")
    _fail_on_problems(result.problems)


@main.command()
@click.option("--period", type=Period(), required=True, help="Billing period to invoice, such as 2024-09.")
@click.option("--customer", "customers", multiple=True, help="Only this customer (may be repeated).")
@click.option("--force", is_flag=True, help="Issue although a source is not final; needs --reason.")
@click.option("--reason", help="Why it is forced; recorded in the ledger.")
@click.option("--json", "as_json", is_flag=True, help="Print what was issued for machines.")
@told_clearly
def issue(
    period: dt.date, customers: tuple[str, ...], force: bool, reason: str | None, as_json: bool
) -> None:
    """Issue the period's invoices: numbers, ledger, PDF, e-invoice, JSON and CSV. They never change again."""
    if force != bool(reason):
        raise click.UsageError("--force and --reason go together: the reason is recorded in the ledger.")
    from cspbill import pipeline
    from invoices.issue import issue as issue_drafts

    settings = Settings.from_environment()
    result = issue_drafts(settings, period, customers, reason)
    pipeline.publish(settings, pipeline.rate_and_check(settings).periods)
    if as_json:
        print_json(vars(result))
    else:
        click.echo(f"Issued {len(result.issued)} documents, {len(result.already)} were issued before.")
        click.echo(f"Documents: {settings.published / 'invoices' / f'{period:%Y-%m}'}")
        for customer, why in result.refused.items():
            click.echo(f"Not issued: {customer}: {why}")
        for number, why in result.without_einvoice.items():
            click.echo(f"{number} has no e-invoice: {why}")
        click.echo("Next: cspbill ledger verify")
    _fail_on_problems(pipeline.deliver(settings))
    if result.refused:
        sys.exit(1)


@main.command()
@click.argument("number")
@click.option("--reason", required=True, help="Why; printed nowhere, recorded in the ledger.")
@told_clearly
def void(number: str, reason: str) -> None:
    """Cancel document NUMBER by a full credit note; its period can then be invoiced again."""
    from cspbill import pipeline
    from invoices.void import void as void_document

    settings = Settings.from_environment()
    credit_note = void_document(settings, number, reason)
    pipeline.publish(settings, pipeline.rate_and_check(settings).periods)
    click.echo(f"{number} is void; credit note {credit_note} is under {settings.published / 'invoices'}.")
    click.echo("Next: mend the cause, cspbill run, then cspbill issue for that period.")
    _fail_on_problems(pipeline.deliver(settings))


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print what was sent for machines.")
@told_clearly
def publish(as_json: bool) -> None:
    """Send what changed below published/ to the folders and object stores of `publish_to` in reseller.yml.

    run, issue and void do the same at their end.
    """
    from cspbill.book import read_book
    from delivery.publish import problems
    from delivery.publish import publish as publish_to

    settings = Settings.from_environment()
    destinations = read_book(settings.config).outgoing.destinations
    if not destinations:
        raise InputError("Nothing is to be published: reseller.yml has no publish_to.")
    done = publish_to(settings, destinations)
    if as_json:
        print_json([vars(one) for one in done])
    _fail_on_problems(tuple(problems(done)))


@main.command()
@click.option(
    "--period", type=Period(), help="Billing period; default: the newest one with issued documents."
)
@click.option("--customer", "customers", multiple=True, help="Only this customer (may be repeated).")
@click.option("--dry-run", is_flag=True, help="Only say what would be sent to whom.")
@click.option("--resend", metavar="NUMBER", help="Send this document once more; needs --reason.")
@click.option("--confirm", metavar="NUMBER", help="Record that this document arrived; needs --reason.")
@click.option("--reason", help="Why; kept in the record.")
@click.option("--json", "as_json", is_flag=True, help="Print what was sent for machines.")
@told_clearly
def send(
    *,
    period: dt.date | None,
    customers: tuple[str, ...],
    dry_run: bool,
    resend: str | None,
    confirm: str | None,
    reason: str | None,
    as_json: bool,
) -> None:
    """Send issued documents by e-mail to the address in customers.csv, each at most once.

    A message of which nobody knows whether it arrived is named and not sent again: find out, then --confirm or
    --resend it.
    """
    from delivery.mail import send as post

    chosen = [bool(resend), bool(confirm), bool(period or customers or dry_run)]
    if bool(reason) != bool(resend or confirm) or sum(chosen) > 1:
        raise click.UsageError(
            "--reason goes with one of --resend and --confirm, and these with nothing else."
        )
    settings = Settings.from_environment()
    if confirm:
        post.confirm(settings, confirm, str(reason))
        click.echo(f"{confirm} is recorded as sent.")
        return
    if resend:
        result = post.resend(settings, resend, str(reason))
    else:
        result = post.send(settings, period, customers, dry_run=dry_run)
    if as_json:
        print_json(vars(result))
    else:
        for number, recipient in result.planned.items():
            click.echo(f"{number} → {recipient}")
        click.echo(f"Sent {len(result.sent)} documents, {len(result.already)} were sent before.")
    _fail_on_problems(post.problems(result))


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print for machines.")
@told_clearly
def status(as_json: bool) -> None:
    """Sources with their last deliveries and finality, parked customers, unallocated and unpriced money."""
    from cspbill.status import as_text, read_status

    current = read_status(Settings.from_environment())
    if as_json:
        print_json(current)
    else:
        click.echo(as_text(current))


@main.command()
@click.argument("number")
@click.argument("line", type=int, required=False)
@click.option("--rows", default=20, show_default=True, help="Vendor rows to show at most.")
@click.option("--json", "as_json", is_flag=True, help="Print for machines.")
@told_clearly
def explain(number: str, line: int | None, rows: int, as_json: bool) -> None:
    """Say where an amount comes from: line → charges → rule and discounts → vendor file and row.

    NUMBER is a document, or CUSTOMER@2024-09 for a draft.
    """
    from cspbill.explain import as_text, explain_document, explain_line

    settings = Settings.from_environment()
    found = explain_document(settings, number) if line is None else explain_line(settings, number, line, rows)
    if as_json:
        print_json(found)
    else:
        click.echo(as_text(found))


@main.command()
@click.option("--period", type=Period(), required=True, help="Billing period to rate again, such as 2024-09.")
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    required=True,
    help="Directory of the other book of business.",
)
@click.option("--customer", "customers", multiple=True, help="Only this customer (may be repeated).")
@click.option("--correct", is_flag=True, help="Let these prices count for the issued period.")
@click.option("--reason", help="Why; kept with --correct.")
@click.option("--json", "as_json", is_flag=True, help="Print the comparison for machines.")
@told_clearly
def reprice(
    *,
    period: dt.date,
    config: Path,
    customers: tuple[str, ...],
    correct: bool,
    reason: str | None,
    as_json: bool,
) -> None:
    """What if: a billing period under another book, revenue and margin before and after.

    Copy the config directory, change the copy, and name it with --config. Nothing is issued, nothing in the warehouse
    changes; all changed lines are written as CSV below CSPBILL_HOME/reprice. With --correct an issued period is
    billed by these prices from the next run on: the difference stands on each customer's next document.
    """
    from cspbill.price_correction import correct_prices
    from cspbill.reprice import as_text
    from cspbill.reprice import reprice as compare

    settings = Settings.from_environment()
    found = compare(settings, period, config.resolve(), customers)
    if correct:
        found["corrected"] = correct_prices(settings, period, config.resolve(), customers, reason or "")
    if as_json:
        print_json(found)
    else:
        click.echo(as_text(found))


@main.command()
@click.option("--customer", required=True, help="customer_id of customers.csv.")
@click.option("--sku", required=True, help="SKU of charges or of price_list.csv, or a product_id.")
@click.option("--quantity", type=Amount(), required=True, help="A month's use, or seats.")
@click.option("--vendor", help="Where several vendors have the SKU.")
@click.option("--service", help="Where several services have it, or the price list names none.")
@click.option("--region", help="Where it depends on the region.")
@click.option("--unit", help="Where it comes in several units.")
@click.option("--from", "start", type=Day(), help="First day of use; default: today.")
@click.option("--until", type=Day(), help="First day without; default: open.")
@click.option("--internal", is_flag=True, help="Show cost and margin too: not for the customer.")
@click.option("--json", "as_json", is_flag=True, help="Print for machines.")
@told_clearly
def quote(
    *,
    customer: str,
    quantity: Decimal,
    start: dt.date | None,
    until: dt.date | None,
    internal: bool,
    as_json: bool,
    **wanted: Any,  # noqa: ANN401 - sku, vendor, service, region, unit
) -> None:
    """Price a service before it is provisioned, by the rules that will bill it.

    The customer's period is rated with and without it: tiers already used, discounts that it earns and commitments
    count. --quantity is a month's use, spread evenly over its days; of a purchase (licences, own products) it is the
    number of seats. Exit status 1: it could not be billed, and why.
    """
    from cspbill.quote import Order, Wanted, as_text
    from cspbill.quote import quote as offer

    settings = Settings.from_environment()
    order = Order(customer, Wanted(**wanted), quantity, start or settings.today, until)
    found = offer(settings, order, internal=internal)
    if as_json:
        print_json(found)
    else:
        click.echo(as_text(found))
    if found["blocked"]:
        sys.exit(1)


main.add_command(prices)


@main.group()
def ledger() -> None:
    """The append-only record of everything issued."""


@ledger.command()
@click.option("--json", "as_json", is_flag=True, help="Print for machines.")
@told_clearly
def verify(as_json: bool) -> None:
    """Check hashes, gapless numbers and sums of every issued document."""
    from invoices.ledger import verify as verify_ledger

    result = verify_ledger(Settings.from_environment())
    if as_json:
        print_json({"documents": result.documents, "problems": result.problems})
    else:
        click.echo(f"{result.documents} documents checked, {len(result.problems)} problems.")
    _fail_on_problems(result.problems)


@ledger.command("publish")
@told_clearly
def publish_again() -> None:
    """Print published files of issued documents again that are missing, byte for byte as they were."""
    from invoices.publish import publish_missing

    written = publish_missing(Settings.from_environment())
    for path in written:
        click.echo(path)
    click.echo(f"{len(written)} files were missing.")


@ledger.command()
@click.option("--replace", "replace_other", is_flag=True, help="Also where the ledger holds other documents.")
@click.option("--json", "as_json", is_flag=True, help="Print for machines.")
@told_clearly
def rebuild(*, replace_other: bool, as_json: bool) -> None:
    """Rebuild the ledger from the published documents, after a loss of the warehouse.

    Every document is verified first; where one is damaged, nothing is written. Exit status 1: it was rebuilt, but
    files are missing or changed.
    """
    from invoices.rebuild import rebuild as rebuild_ledger

    result = rebuild_ledger(Settings.from_environment(), replace_other=replace_other)
    if as_json:
        print_json(vars(result))
    else:
        outcome = "rebuilt" if result.written else "already the same"
        click.echo(
            f"{result.documents} documents read; the ledger is {outcome}. {len(result.problems)} problems."
        )
        click.echo("Next: cspbill run, then cspbill ledger verify")
    _fail_on_problems(result.problems)


def _fail_on_problems(problems: list[str] | tuple[str, ...]) -> None:
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        sys.exit(1)


if __name__ == "__main__":
    main()
