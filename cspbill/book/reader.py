"""Reads a config directory whole, and accepts it only when nothing in it is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from cspbill.book import (
    accounting,
    budgets,
    commitments,
    payers,
    periods,
    prices,
    references,
    subscriptions,
    terms,
)
from cspbill.book.csv_file import read_table, suggest
from cspbill.book.derive import stored_rows
from cspbill.book.fingerprint import money_fingerprint
from cspbill.book.hints import hints
from cspbill.book.model import Book, Draft, Row, problems_of
from cspbill.book.reseller import ResellerFile, read_reseller
from cspbill.book.schema import TABLES, Table
from cspbill.errors import InputError, Problem

CHECKS: tuple[Callable[[Draft], Iterable[Problem]], ...] = (
    references.duplicates,
    references.undefined,
    references.cycles,
    payers.payers,
    periods.empty_periods,
    periods.contracts,
    periods.repeated_accounts,
    periods.shares,
    periods.tax_rates,
    periods.list_prices,
    prices.model_columns,
    prices.model_values,
    prices.ties,
    prices.tiers,
    prices.tax_category_ties,
    prices.discount_owners,
    prices.discount_terms,
    commitments.commitments,
    commitments.caps,
    commitments.top_ups,
    subscriptions.source_names,
    subscriptions.products,
    subscriptions.subscriptions,
    accounting.account_selectors,
    accounting.account_ties,
    accounting.payments,
    budgets.budgets,
    terms.currency_pairs,
    terms.tax_codes,
)


def read_book(config_dir: Path) -> Book:
    """Read and validate the book of business in ``config_dir``.

    Raises InputError with every problem of every file.
    """
    if not config_dir.is_dir():
        raise InputError(
            f"No config directory {config_dir}; `cspbill init DIR` writes an example, "
            "CSPBILL_CONFIG names another."
        )
    draft, problems = _draft(config_dir)
    problems = problems_of([problems, _unknown_files(config_dir), *(check(draft) for check in CHECKS)])
    if problems:
        raise InputError(problems)
    tables = stored_rows(draft)
    return Book(
        fingerprint=money_fingerprint(tables),
        reseller=tables["reseller"][0],
        sources=tuple(item.source for item in draft.sources),
        tables=tables,
        warnings=tuple(hints(draft)),
        outgoing=draft.outgoing,
    )


def _draft(config_dir: Path) -> tuple[Draft, list[Problem]]:
    reseller, problems = _reseller(config_dir), list[Problem]()
    tables: dict[str, list[Row]] = {}
    unreadable = set() if reseller.understood else {"sources"}
    for name, table in TABLES.items():
        tables[name], found, understood = _table(table, config_dir / table.file)
        problems += found
        unreadable |= set() if understood else {name}
    draft = Draft(tables, reseller.values, reseller.sources, frozenset(unreadable), reseller.outgoing)
    return draft, [*reseller.problems, *problems]


def _table(table: Table, path: Path) -> tuple[list[Row], list[Problem], bool]:
    if path.is_file():
        return read_table(table, path)
    if table.required:
        return [], [Problem(table.file, 0, "", "file is missing; required: at least its header")], False
    return [], [], True


def _reseller(config_dir: Path) -> ResellerFile:
    path = config_dir / "reseller.yml"
    if path.is_file():
        return read_reseller(path)
    missing = "file is missing; required: legal_name, country, base_currency, sources"
    return ResellerFile(problems=[Problem("reseller.yml", 0, "", missing)])


def _unknown_files(config_dir: Path) -> Iterator[Problem]:
    """A misspelt file name would silently drop all its rows."""
    known = [table.file for table in TABLES.values()]
    for path in config_dir.iterdir():
        if path.suffix.casefold() == ".csv" and path.name not in known:
            yield Problem(
                path.name, 0, "", f"unknown file{suggest(path.name, known)}; allowed: {', '.join(known)}"
            )
        if path.name in {"reseller.yaml", "Reseller.yml"}:
            yield Problem(path.name, 0, "", "unknown file; allowed: reseller.yml")
