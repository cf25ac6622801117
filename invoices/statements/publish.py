"""Write the statements: one self-contained page per customer, in the customer's language and formats.

    marts, config, ledger ──data.read (one query per table)──> JSON ──pages.render──> statements/<id>.html

What each page was made of stands in ``.index.json`` beside them: a page is written only when it differs. The page
of a customer that left the book stays as it was, and the run that finds it gone says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from babel import Locale

from cspbill import atomic, warehouse
from cspbill.settings import Settings
from invoices import pages
from invoices.canonical import digest
from invoices.files import safe_name
from invoices.formats import Formats, formats_for
from invoices.labels import LANGUAGES
from invoices.money import minor_units
from invoices.phrases import translated
from invoices.statements import data
from invoices.statements.words import words

PAGE = pages.Page(
    "invoices.statements",
    "layout.html.j2",
    ("model.js", "daily.js", "figures.js", "tables.js", "statement.js"),
    ("statement.css",),
)
FORMAT = 1  # counts up when the pages say something else of the same data
INDEX = ".index.json"  # hidden: it tells of all customers, and places that customers see do not get it
#: Services that the engine names itself, in English.
_OWN_SERVICES = {"Minimum commitment", "Spend cap"}


@dataclass(frozen=True)
class StatementsResult:
    """How many statements there are now, how many were written anew, and what a person should know."""

    count: int
    written: int
    notes: tuple[str, ...] = field(default=())


def publish_statements(settings: Settings) -> StatementsResult:
    """Bring ``published/statements/`` up to date with the warehouse; may be killed and called at any time."""
    directory = settings.published / "statements"
    index: dict[str, str | None] = atomic.read_json(directory / INDEX) or {}
    found: dict[str, str | None] = {}
    written = 0
    with warehouse.connect(settings) as connection:
        everything = list(data.read(connection))
    for about, tables in everything:
        customer = str(about["customer_id"])
        page = render(about, tables)
        found[customer] = digest(page.encode())
        path = statement_path(settings, customer)
        if index.get(customer) != found[customer] or not path.exists():
            _write(path, page)
            written += 1
    gone = {customer: None for customer in index if customer not in found}
    if index != found | gone:
        atomic.write_json(directory / INDEX, found | gone)  # last: until then the pages count as changed
    return StatementsResult(len(found), written, tuple(_notes(settings, index, gone)))


def statement_path(settings: Settings, customer_id: str) -> Path:
    """Where a customer's statement lies."""
    return settings.published / "statements" / f"{safe_name(customer_id)}.html"


def render(about: data.Row, tables: dict[str, list[data.Row]]) -> str:
    """Return one customer's page."""
    formats = formats_for(str(about["locale"]), str(about["currency"]))
    said = words(formats.language)
    for row in tables["services"] + tables["days"]:
        if row["service"] in _OWN_SERVICES:
            row["service"] = translated(row["service"], formats)
    currencies = {str(about["currency"])} | {
        str(row["currency"]) for rows in tables.values() for row in rows if "currency" in row
    }
    facts = {
        **about,
        "dates": _date_locale(formats),
        "minor_units": {currency: minor_units(currency) for currency in sorted(currencies)},
    }
    return pages.render(
        PAGE,
        {"about": facts, "words": said, **{name: columns(rows) for name, rows in tables.items()}},
        language=formats.language,
        title=f"{said['statement']} · {about['name']}",
        seller=about["seller"],
        heading=f"{said['statement']}, {about['name']}",
        opening=said["opening"],
        without_script=said["without_script"],
    )


def columns(rows: list[data.Row]) -> dict[str, list[object]]:
    """Turn rows into ``{column: [value, …]}``, which names each column once."""
    return {name: [row[name] for row in rows] for name in rows[0]} if rows else {}


def _date_locale(formats: Formats) -> str:
    """Dates go with the words: a locale whose language the words do not have would mix two."""
    locale: Locale = formats.locale
    return str(locale).replace("_", "-") if locale.language in LANGUAGES else "en-GB"


def _write(path: Path, page: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_text(page, "utf-8")
    part.replace(path)


def _notes(settings: Settings, index: dict[str, str | None], gone: dict[str, None]) -> Iterator[str]:
    for customer in sorted(gone):
        if index[customer] is not None:
            path = statement_path(settings, customer)
            yield f"statement of {customer}: the book knows nothing of it any more; {path.name} stays as it is"
