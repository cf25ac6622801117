"""Our side of the Partner Center double: a settings home, a source, and extract and load over it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from emulators.partner_center import CLIENT, SECRET, TENANT, PartnerCenter
from emulators.partner_center_files import as_json_lines

import extractors
from cspbill import warehouse
from cspbill.book import Source
from cspbill.settings import Settings
from extractors import registry
from extractors.extraction import ExtractResult
from extractors.partner_center import extractor as module

CONNECTION = f'{{"conn_type": "http", "login": "{CLIENT}", "password": "{SECRET}"}}'


@dataclass
class Partner:
    """A reseller's source at the double; ``today`` is Microsoft's clock as well."""

    settings: Settings
    source: Source
    double: PartnerCenter

    def extract(self, **options: Any) -> ExtractResult:
        """Extract the source."""
        return extractors.extract(self.settings, self.source, **options)

    def run(self, **options: Any) -> ExtractResult:
        """Extract, then load."""
        result = self.extract(**options)
        extractors.load(self.settings, self.source)
        return result

    def on(self, today: str) -> Partner:
        """The same source on another day."""
        return replace(self, settings=replace(self.settings, today=dt.date.fromisoformat(today)))

    def with_options(self, **options: str) -> Partner:
        """The same source under other options."""
        return replace(self, source=replace(self.source, options={**self.source.options, **options}))

    def query(self, sql: str) -> list[tuple]:
        """Query the warehouse."""
        with warehouse.connect(self.settings) as connection:
            return connection.execute(sql).fetchall()

    def loaded(self) -> list[tuple]:
        """What is in the raw reconciliation table by period: rows and Σ total."""
        return self.query(
            "select x_scope, x_billing_period::varchar, count(*), sum(BilledTotal) "
            "from raw.partner_center_reconciliation group by all order by all"
        )

    def everything_written(self) -> str:
        """Every text below the home but vendor files: state, manifests, reports, logs."""
        return "\n".join(
            path.read_text("utf-8", "replace")
            for path in sorted(self.settings.home.rglob("*"))
            if path.is_file() and "/files/" not in str(path) and path.suffix != ".duckdb"
        )


def new_partner(folder: Path, double: PartnerCenter, url: str, monkeypatch: Any) -> Partner:
    """A source that reads ``double`` at ``url``, on 10 October 2024."""
    monkeypatch.setenv("AIRFLOW_CONN_PARTNER", CONNECTION)
    options = {
        "tenant_id": TENANT, "connection": "partner", "graph_url": url, "api_url": url, "login_url": url
    }  # fmt: skip
    settings = Settings(folder / "var", folder / "config", dt.date(2024, 10, 10))
    partner = Partner(settings, Source("csp", "partner_center", "Microsoft", Decimal(0), (), options), double)

    def build(source: Source, state: Path) -> module.PartnerCenter:
        # Microsoft's clock decides which month is open; the test's settings tell its day.
        return module.PartnerCenter(source, state, now=lambda: _CLOCK.now)

    monkeypatch.setattr(registry, "EXTRACTORS", {**registry.EXTRACTORS, "partner_center": build})
    return partner


@dataclass
class Clock:
    """What time it is for the extractor."""

    now: dt.datetime = field(default=dt.datetime(2024, 10, 10, 6, tzinfo=dt.UTC))

    def set(self, day: str) -> None:
        """Make it another day."""
        self.now = dt.datetime.fromisoformat(day).replace(hour=6, tzinfo=dt.UTC)


_CLOCK = Clock()


def clock() -> Clock:
    """The clock of every partner; back at 10 October 2024."""
    _CLOCK.now = dt.datetime(2024, 10, 10, 6, tzinfo=dt.UTC)
    return _CLOCK


@contextmanager
def second_reader() -> Iterator[duckdb.DuckDBPyConnection]:
    """Another way to read delivered files: DuckDB's own JSON reader, none of our code."""
    with duckdb.connect() as connection:
        yield connection


def put_download(folder: Path, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows as a downloaded JSON lines file."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(as_json_lines(rows), "utf-8")
