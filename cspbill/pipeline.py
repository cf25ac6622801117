"""What a day consists of: the same functions for the command line and for the Airflow tasks.

    load_book → extract (land, gate 1) → load → rate_and_check (dbt, gate 2)
    → publish (drafts, customers' files, snapshot, dashboard, statements)
    → deliver (to folders and object stores, where configured)

Each function may be killed and called again; each does nothing when nothing is new.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from cspbill import snapshot, warehouse
from cspbill.book import Book, Source, read_book, store_book
from cspbill.errors import CspbillError, InputError
from cspbill.progress import say, step
from cspbill.rating import RateResult, rate
from cspbill.settings import Settings
from quality.identities import check_identities

PUBLISHED_STATE = "published_fingerprint"
STATEMENTS_STATE = "statements_fingerprint"


@dataclass(frozen=True)
class SourceOutcome:
    """What one source's extraction did; ``problems`` are for a person to act on."""

    source: str
    landed: int
    loaded: int
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Published:
    """Where readers find the newest results; ``changed`` is false when everything was up to date already."""

    drafts: Path
    snapshot: Path | None
    dashboard: Path
    statements: Path
    changed: bool


@dataclass(frozen=True)
class Readiness:
    """Which customers of a period may be invoiced, for how much, and why the others may not.

    ``totals``: currency → (net, gross) of the ready ones, in that currency.
    """

    period: dt.date
    ready: tuple[str, ...]
    totals: Mapping[str, tuple[Decimal, Decimal]]
    refused: Mapping[str, str]
    needs_force: Mapping[str, str]

    @property
    def summary(self) -> str:
        """The same as text, for the approval page and the terminal."""
        lines = [f"{self.period:%Y-%m}: {len(self.ready)} customers ready, {len(self.refused)} refused."]
        lines += [
            f"to issue: {net:,.2f} {currency} net, {gross:,.2f} {currency} gross"
            for currency, (net, gross) in self.totals.items()
        ]
        lines += [f"refused {customer}: {reason}" for customer, reason in self.refused.items()]
        lines += [f"needs --force {customer}: {reason}" for customer, reason in self.needs_force.items()]
        return "\n".join(lines)


@dataclass(frozen=True)
class RunResult:
    """What one daily run did."""

    sources: tuple[SourceOutcome, ...]
    periods: tuple[dt.date, ...]
    published: Published
    problems: tuple[str, ...] = field(default=())


def load_book(settings: Settings) -> Book:
    """Read and validate the book of business and load it into `config.*` when it changed."""
    book = read_book(settings.config)
    with warehouse.connect(settings) as connection:
        store_book(connection, book)
    return book


def pick_sources(book: Book, names: Sequence[str]) -> tuple[Source, ...]:
    """Return the named sources, or all; raises InputError for a name that the book does not have."""
    known = {source.name: source for source in book.sources}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise InputError(f"No source is called {', '.join(unknown)}; reseller.yml has {', '.join(known)}.")
    return tuple(known[name] for name in names) if names else book.sources


def extract_source(
    settings: Settings, source: Source, period: dt.date | None = None, accept: str | None = None
) -> SourceOutcome:
    """Land, gate and load what is new of one source. Never raises for a bad delivery: it is in ``problems``."""
    import extractors

    with step(f"Extract {source.name}") as current:
        try:
            result = extractors.extract(settings, source, period=period, accept=accept)
        except CspbillError as error:
            current.note("failed")
            return SourceOutcome(source.name, 0, 0, (str(error),))
        loaded = extractors.load(settings, source)
        current.note(
            f"{len(result.landed)} landed, {len(loaded)} loaded" if result.landed or loaded else "nothing new"
        )
    for note in (*result.incomplete, *result.notes):
        say(f"  {note}")
    return SourceOutcome(source.name, len(result.landed), len(loaded), tuple(map(str, result.problems)))


def rate_and_check(settings: Settings) -> RateResult:
    """Rate what changed, then prove that every cent is accounted for (gate 2); a break raises CspbillError."""
    with step("Rate") as current:
        result = rate(settings)
        current.note(_named_periods(result.periods) if result.periods else "nothing changed")
    with warehouse.connect(settings) as connection:
        _remember_today(connection, settings)
        # Not only after a build: a rerun after a break must not publish what the first run refused to.
        if not _is_published(connection):
            with step("Check that it ties"):
                check_identities(connection)
    return result


def publish(settings: Settings, periods: Iterable[dt.date] = ()) -> Published:
    """Publish drafts, snapshot and dashboard when anything that they show has changed since the last time.

    ``periods`` is what the caller has just rebuilt; what a killed run left unpublished is found here anyway.
    """
    from invoices.accounting import publish_accounting
    from invoices.customer_files import publish_customer_files
    from invoices.dashboards import publish_dashboard
    from invoices.drafts import publish_drafts
    from invoices.publish import publish_unpublished

    drafts, dashboard = settings.published / "drafts", settings.published / "dashboards" / "index.html"
    with warehouse.connect(settings) as connection:
        _remember_today(connection, settings)
        fingerprint, open_periods = _published_fingerprint(connection), _open_periods(connection)
        done = _is_published(connection)
    publish_unpublished(settings)
    accounting = publish_accounting(settings)
    for note in accounting.notes:
        say(f"  {note}")
    if done and not tuple(periods) and snapshot.newest(settings) and dashboard.exists():
        statements = _publish_statements(settings, fingerprint)
        return Published(drafts, snapshot.newest(settings), dashboard, statements, changed=False)
    with step("Publish drafts") as current:
        current.note(f"{publish_drafts(settings, open_periods).count} drafts")
    with step("Publish customers' FOCUS files") as current:
        current.note(f"{publish_customer_files(settings).written} written")
    with step("Publish snapshot") as current:
        newest = snapshot.publish(settings)
        current.note(newest.name)
    with step("Publish dashboard"):
        dashboard = publish_dashboard(settings, newest)
    statements = _publish_statements(settings, fingerprint)
    with warehouse.connect(settings) as connection:
        connection.execute("insert or replace into ops.state values (?, ?)", [PUBLISHED_STATE, fingerprint])
    return Published(drafts, newest, dashboard, statements, changed=True)


def _publish_statements(settings: Settings, fingerprint: str) -> Path:
    """Bring the customers' statements up to date: they change with what is published, and with every day."""
    from invoices.statements import publish_statements
    from invoices.statements.publish import FORMAT

    folder, made_of = settings.published / "statements", f"{FORMAT} {settings.today} {fingerprint}"
    with warehouse.connect(settings) as connection:
        if warehouse.state(connection, STATEMENTS_STATE) == made_of and folder.exists():
            return folder
    with step("Publish statements") as current:
        result = publish_statements(settings)
        current.note(f"{result.written} of {result.count} written")
    for note in result.notes:
        say(f"  {note}")
    with warehouse.connect(settings) as connection:
        connection.execute("insert or replace into ops.state values (?, ?)", [STATEMENTS_STATE, made_of])
    return folder


def deliver(settings: Settings) -> tuple[str, ...]:
    """Send what changed in ``published/`` to the book's destinations, if it has any; returns the problems."""
    from delivery.publish import problems
    from delivery.publish import publish as publish_to

    return tuple(problems(publish_to(settings, read_book(settings.config).outgoing.destinations)))


def readiness(settings: Settings, period: dt.date) -> Readiness:
    """Say which drafts of a period may be issued: the same conditions that issuing itself checks."""
    from invoices.ties import draft_breaks, needs_force

    with warehouse.connect(settings) as connection:
        warehouse.require_marts(connection)
        drafts = connection.execute(
            "select customer_id, currency, net_amount, gross_amount, period_end, blocked_reason, force_reason_needed "
            "from marts.fct_invoice where status = 'draft' and billing_period = ? order by customer_id",
            [period],
        ).fetchall()
        breaks = draft_breaks(connection, period, [draft[0] for draft in drafts])
    refused = {
        customer: blocked or breaks[customer]
        for customer, *_, blocked, _force in drafts
        if blocked or customer in breaks
    }
    waiting = {draft[0]: needs_force(draft[6], draft[4], settings.today) for draft in drafts}
    forced = {customer: reason for customer, reason in waiting.items() if reason and customer not in refused}
    ready = [draft for draft in drafts if draft[0] not in refused and draft[0] not in forced]
    return Readiness(period, tuple(draft[0] for draft in ready), _totals(ready), refused, forced)


def _totals(drafts: Sequence[tuple[Any, ...]]) -> dict[str, tuple[Decimal, Decimal]]:
    return {
        currency: (
            sum((draft[2] for draft in drafts if draft[1] == currency), Decimal(0)),
            sum((draft[3] for draft in drafts if draft[1] == currency), Decimal(0)),
        )
        for currency in sorted({draft[1] for draft in drafts})
    }


def run(settings: Settings, period: dt.date | None = None, sources: Sequence[str] = ()) -> RunResult:
    """Do a whole day: every source, then rate, check and publish. One source's failure does not stop the others."""
    with step("Book of business") as current:
        book = load_book(settings)
        current.note(f"{len(book.sources)} sources")
    outcomes = tuple(extract_source(settings, source, period) for source in pick_sources(book, sources))
    rated = rate_and_check(settings)
    published = publish(settings, rated.periods)
    problems = tuple(f"{o.source}: {problem}" for o in outcomes for problem in o.problems)
    return RunResult(outcomes, rated.periods, published, problems + deliver(settings))


def _named_periods(periods: Sequence[dt.date]) -> str:
    return ", ".join(f"{period:%Y-%m}" for period in periods)


def _is_published(connection: duckdb.DuckDBPyConnection) -> bool:
    row = connection.execute("select value from ops.state where name = ?", [PUBLISHED_STATE]).fetchone()
    return row is not None and row[0] == _published_fingerprint(connection)


def _remember_today(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """For models that count days, such as the age of debts: dbt's views have no other clock."""
    connection.execute("insert or replace into ops.state values ('today', ?)", [str(settings.today)])


def _published_fingerprint(connection: duckdb.DuckDBPyConnection) -> str:
    rows = connection.execute(
        "select cast(billing_period as varchar), fingerprint from ops.built_period "
        "union all select document_number, content_sha256 from ledger.document "
        "union all select document_number, credit_note_number from ledger.void "
        # What becomes of documents in the books: shown in the snapshot, but no reason to rate anything again.
        "union all select 'payment', cast(p as varchar) from (select * exclude config_line from config.payments) p "
        "union all select 'budget', cast(b as varchar) from (select * exclude config_line from config.budgets) b "
        "union all select 'account', cast(m as varchar) "
        "from (select * exclude config_line from config.account_map) m "
        "union all select customer_id || age_bucket, currency || open_amount from marts.fct_aged_debt order by all"
    ).fetchall()
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def _open_periods(connection: duckdb.DuckDBPyConnection) -> tuple[dt.date, ...]:
    rows = connection.execute(
        "select distinct billing_period from marts.fct_invoice where status = 'draft' order by billing_period"
    ).fetchall()
    return tuple(row[0] for row in rows)
