"""Verify the ledger: hashes, numbers, sums, tax, charges, voids. Every break is named; nothing is mended."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from cspbill import warehouse
from cspbill.settings import Settings
from invoices import read, ties
from invoices.canonical import as_data, digest, encode
from invoices.files import asset_directory, file_digest, file_key
from invoices.freeze import document_number
from invoices.money import minor_units, plain, round_money
from invoices.publish import IssuedFiles, issued_files

BATCH = 200


@dataclass(frozen=True)
class VerifyResult:
    """How many documents were verified, and every problem found, naming document and file or line."""

    documents: int
    problems: tuple[str, ...]


def verify(settings: Settings) -> VerifyResult:
    """Check every issued document against its files, its own sums and its frozen charges."""
    with warehouse.connect(settings) as connection:
        files = issued_files(connection, settings)
        found = [*ledger_problems(connection), *charge_problems(connection)]
        found += content_problems(connection, files)
        found += _book_problems(connection, settings)
    found += file_problems(settings, files)
    return VerifyResult(len(files), tuple(dict.fromkeys(found)))


def ledger_problems(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """What is wrong with the documents' own numbers, sums, taxes, draws and voids."""
    for check in _LEDGER_CHECKS:
        yield from check(connection)


def file_problems(
    settings: Settings, documents: list[IssuedFiles], beyond: Collection[str] = ()
) -> Iterator[str]:
    """Published files that are missing, changed or of no document; those of suffixes ``beyond`` are not read."""
    known: set[Path] = set()
    for files in documents:
        for suffix in files.suffixes:
            path = files.path(suffix)
            known.add(path)
            if suffix in beyond:
                continue
            shown = path.relative_to(settings.published)
            if not path.exists():
                yield f"{files.document_number}: {shown} is missing; `cspbill ledger publish` prints it again"
            elif file_digest(path) != files.hashes[file_key(suffix)]:
                yield f"{files.document_number}: {shown} is not the file that was issued (SHA-256 differs)"
    for path in sorted((settings.published / "invoices").glob("*/*/[!.]*")):
        if path not in known:
            yield f"{path.relative_to(settings.published)} belongs to no document in the ledger"


def _book_problems(connection: duckdb.DuckDBPyConnection, settings: Settings) -> Iterator[str]:
    """Every book of prices that a month was billed by is kept, unchanged."""
    sql = """
    select book_sha256, list(distinct document_number order by document_number) as numbers
    from ledger.document_period where book_sha256 is not null group by book_sha256 order by book_sha256
    """
    for row in read.rows(connection, sql):
        path = asset_directory(settings) / f"{row['book_sha256']}.book.json"
        if path.exists() and file_digest(path) == row["book_sha256"]:
            continue
        wrong = "is not the book that billed" if path.exists() else "is missing: it billed"
        yield f"{path.relative_to(settings.published)} {wrong} {', '.join(row['numbers'])}"


def _number_problems(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    numbers: dict[str, list[int]] = defaultdict(list)
    sql = "select document_number, series, sequence_number from ledger.document order by all"
    for row in read.rows(connection, sql):
        numbers[row["series"]].append(row["sequence_number"])
        expected = document_number(row["series"], row["sequence_number"])
        if row["document_number"] != expected:
            yield f"{row['document_number']}: its series and sequence number make {expected}"
    first = _first_numbers(connection)
    for series, taken in numbers.items():
        missing = sorted(set(range(first.get(series, taken[0]), taken[-1] + 1)) - set(taken))
        for number in missing:
            yield f"{document_number(series, number)}: missing in series {series}"


def _first_numbers(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    if not read.rows(connection, "select 1 from config.reseller"):
        return {}
    series, first = read.read_series(connection)
    return dict.fromkeys(series.values(), first)


def _sum_problems(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Lines sum to net; taxes to tax; net plus tax is gross; gross less prepaid is payable."""
    sql = """
    select document.*, coalesce(lines, 0) as lines, coalesce(taxes, 0) as taxes
    from ledger.document
    left join (
        select document_number, sum(amount) as lines from ledger.document_line group by document_number
    ) as line using (document_number)
    left join (
        select document_number, sum(part.tax_amount) as taxes
        from ledger.document_tax as part group by document_number
    ) as tax using (document_number)
    order by series, sequence_number
    """
    for row in read.rows(connection, sql):
        name = row["document_number"]
        for text, left, right in (
            ("lines sum to {}, net is {}", row["lines"], row["net_amount"]),
            ("tax rows sum to {}, tax is {}", row["taxes"], row["tax_amount"]),
            ("net and tax make {}, gross is {}", row["net_amount"] + row["tax_amount"], row["gross_amount"]),
            (
                "gross less prepaid is {}, payable is {}",
                row["gross_amount"] - row["prepaid_drawn"],
                row["payable_amount"],
            ),
        ):
            if left != right:
                yield f"{name}: {text.format(plain(left), plain(right))}"


def _rounding_problems(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Each line is its exact amount rounded once, half away from zero.

    A correction is the difference of two rounded totals: less than one minor unit away from its exact amount.
    """
    sql = """
    select document_number, line_number, amount, exact_amount, currency, corrected_line_id
    from ledger.document_line
    where amount <> exact_amount
    """
    for row in read.rows(connection, sql):
        rounded = round_money(row["exact_amount"], row["currency"])
        unit = Decimal(1).scaleb(-minor_units(row["currency"]))
        is_right = (
            abs(row["amount"] - row["exact_amount"]) < unit
            if row["corrected_line_id"]
            else rounded == row["amount"]
        )
        if not is_right:
            yield (
                f"{row['document_number']}: line {row['line_number']} is {plain(row['amount'])}, "
                f"its exact amount {plain(row['exact_amount'])} rounds to {rounded}"
            )


def _tax_problems(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Tax per code and rate, rounded half away from zero on the sum of that rate's rounded lines."""
    sql = """
    with billed as (
        select document_number, tax_code, tax_rate, currency, sum(amount) as lines
        from ledger.document_line group by document_number, tax_code, tax_rate, currency
    )
    select document_number, tax_code, tax_rate, coalesce(tax.currency, billed.currency) as currency, lines,
        taxable_amount, tax_amount
    from billed full join ledger.document_tax as tax using (document_number, tax_code, tax_rate)
    order by document_number, tax_code, tax_rate
    """
    for row in read.rows(connection, sql):
        name = f"{row['document_number']}: tax {row['tax_code']} {plain(row['tax_rate'])} %"
        if row["lines"] is None or row["taxable_amount"] is None:
            yield f"{name} has {'no lines' if row['lines'] is None else 'no tax row'}"
            continue
        expected = round_money(row["taxable_amount"] * row["tax_rate"] / Decimal(100), row["currency"])
        if row["lines"] != row["taxable_amount"]:
            yield f"{name}: lines sum to {plain(row['lines'])}, taxable is {plain(row['taxable_amount'])}"
        if row["tax_amount"] != expected:
            base, found = plain(row["taxable_amount"]), plain(row["tax_amount"])
            yield f"{name} of {base} is {expected}, the ledger says {found}"


def _prepaid_problems(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Draws sum to what each document drew; voids give back no more than was drawn of a top-up."""
    sql = """
    select document_number, prepaid_drawn, coalesce(draws, 0) as draws
    from ledger.document
    left join (
        select document_number, sum(amount) as draws from ledger.prepaid_draw group by document_number
    ) as draw using (document_number)
    where prepaid_drawn <> coalesce(draws, 0)
    order by series, sequence_number
    """
    for row in read.rows(connection, sql):
        drawn, draws = plain(row["prepaid_drawn"]), plain(row["draws"])
        yield f"{row['document_number']}: its draws from top-ups sum to {draws}, it drew {drawn}"
    sql = """
    select customer_id, top_up_date, top_up_reference, sum(amount) as drawn
    from ledger.prepaid_draw group by all having sum(amount) < 0 order by all
    """
    for row in read.rows(connection, sql):
        name = f"{row['customer_id']} {row['top_up_date']} {row['top_up_reference']}".strip()
        yield f"prepaid top-up {name}: {plain(-row['drawn'])} more was given back than drawn"


def charge_problems(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Lines that do not tie with their frozen charges."""
    return (f"{number}: {text}" for number, text in ties.ledger_breaks(connection))


def _void_problems(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """A void links an invoice to the credit note that takes back all of it."""
    sql = """
    select void.document_number, void.credit_note_number, invoice.document_type,
        credit.document_type as credit_type, credit.reference_document,
        invoice.gross_amount + credit.gross_amount as rest
    from ledger.void
    left join ledger.document as invoice on invoice.document_number = void.document_number
    left join ledger.document as credit on credit.document_number = void.credit_note_number
    order by void.document_number
    """
    for row in read.rows(connection, sql):
        name = f"void of {row['document_number']}"
        if row["document_type"] != "invoice":
            yield f"{name}: there is no such invoice"
        elif row["credit_type"] != "credit_note" or row["reference_document"] != row["document_number"]:
            yield f"{name}: {row['credit_note_number']} is no credit note that refers to it"
        elif row["rest"]:
            yield f"{name}: {row['credit_note_number']} leaves {plain(row['rest'])} of it standing"


_LEDGER_CHECKS: tuple[Callable[[duckdb.DuckDBPyConnection], Iterator[str]], ...] = (
    _number_problems,
    _sum_problems,
    _rounding_problems,
    _tax_problems,
    _prepaid_problems,
    _void_problems,
)


def content_problems(connection: duckdb.DuckDBPyConnection, documents: list[IssuedFiles]) -> list[str]:
    """Documents whose ledger rows no longer give the JSON that was issued, with the first difference."""
    sql = "select document_number, content_sha256 from ledger.document"
    issued = {row["document_number"]: row["content_sha256"] for row in read.rows(connection, sql)}
    problems = []
    for start in range(0, len(documents), BATCH):
        batch = {files.document_number: files for files in documents[start : start + BATCH]}
        for document in read.read_issued(connection, batch):
            number = str(document.header.document_number)
            data = as_data(document)
            if digest(encode(data)) != issued[number]:
                problems.append(f"{number}: {_changed(data, batch[number].path('.json'))}")
    return problems


def _changed(data: dict[str, Any], published: Path) -> str:
    try:
        original = json.loads(published.read_bytes())
    except (OSError, ValueError):
        return (
            "its ledger rows differ from what was issued, and the published JSON cannot be read to say where"
        )
    found = next(
        _differences("", _unsealed(data), _unsealed(original)), "where the published JSON differs too"
    )
    return f"its ledger rows differ from what was issued: {found}"


def _unsealed(data: dict[str, Any]) -> dict[str, Any]:
    """Without its own hash, which only says that anything differs."""
    return {**data, "internal": {name: value for name, value in data["internal"].items() if name != "sha256"}}


def _differences(place: str, now: object, then: object) -> Iterator[str]:
    """Name each value that differs between two JSON trees."""
    if isinstance(now, dict) and isinstance(then, dict):
        for name in sorted(now.keys() | then.keys()):
            yield from _differences(f"{place} {name}".strip(), now.get(name), then.get(name))
    elif isinstance(now, list) and isinstance(then, list) and len(now) == len(then):
        for number, (left, right) in enumerate(zip(now, then, strict=True), start=1):
            yield from _differences(f"{place} {number}", left, right)
    elif isinstance(now, list) and isinstance(then, list):
        yield f"{place}: {len(now)} rows in the ledger, {len(then)} as issued"
    elif now != then:
        yield f"{place} is {now} in the ledger, {then} as issued"
