"""CSV files for the customer: the document's lines, and the usage behind them.

Text that a spreadsheet would take for a formula gets a leading apostrophe; numbers stay plain numbers with a
point. The usage file is written by DuckDB, never row by row; it shows what the customer pays, not what the
reseller pays. Its amounts are before rounding; a unit price stands where the line prints one.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from pathlib import Path

import duckdb

from invoices.model import Document, Line
from invoices.money import minor_units, plain

LINE_FIELDS = (
    "line_number",
    "line_type",
    "vendor",
    "publisher",
    "service",
    "sku",
    "description",
    "detail",
    "charge_period_start",
    "charge_period_end",
    "quantity",
    "unit",
    "unit_price",
    "amount",
    "currency",
    "tax_code",
    "tax_rate",
    "reference_document",
    "purchase_order",
)
USER_FIELDS = ("used_by_customer_id", "used_in_period")
_RISKY = "=+-@\t\r\uff1d\uff0b\uff0d\uff20"  # and their full-width forms, which some locales' Excel accepts


def to_csv(document: Document) -> bytes:
    """One row per line, amounts net and signed as in the ledger; a cell is empty where nothing is known."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    # Where all lines are of the document's own customer and month, their columns would only repeat it.
    users = () if document.is_plain else USER_FIELDS
    writer.writerow(("document_number", "customer_id", "billing_period", *users, *LINE_FIELDS))
    header, places = document.header, minor_units(document.header.currency)
    keys = (
        defused(header.document_number or "draft"),
        defused(header.customer_id),
        f"{header.billing_period:%Y-%m}",
    )
    writer.writerows(
        (*keys, *(_user_cells(line) if users else ()), *_cells(line, places)) for line in document.lines
    )
    return text.getvalue().encode("utf-8")


def _user_cells(line: Line) -> tuple[str, str]:
    return defused(line.used_by_customer_id), f"{line.used_in_period:%Y-%m}"


def _cells(line: Line, places: int) -> list[object]:
    numbers = {
        "quantity": None if line.quantity is None else plain(line.quantity),
        "unit_price": None if line.unit_price is None else plain(line.unit_price),
        "amount": plain(line.amount, places),
        "tax_rate": None if line.tax_rate is None else plain(line.tax_rate),
    }
    values = (numbers.get(name, getattr(line, name)) for name in LINE_FIELDS)
    return [
        defused(value) if isinstance(value, str) and name not in numbers else value
        for name, value in zip(LINE_FIELDS, values, strict=True)
    ]


def defused(text: str) -> str:
    """Text that no spreadsheet runs: control characters become spaces, a formula's first sign is quoted."""
    cleaned = re.sub(r"[\x00-\x1f\x7f]+", " ", text).strip()
    return f"'{cleaned}" if text[:1] in set(_RISKY) or cleaned[:1] in set(_RISKY) else cleaned


def text_sql(expression: str) -> str:
    """SQL for ``defused``."""
    cleaned = rf"trim(regexp_replace({expression}, '[\x00-\x1f\x7f]+', ' ', 'g'))"
    sign, control = r"^[\x00-\x20\x7f]*[=+@＝＋－＠-]", r"^[\t\r]"
    risky = f"regexp_matches({expression}, '{sign}') or regexp_matches({expression}, '{control}')"
    return f"case when {risky} then '''' || {cleaned} else {cleaned} end"


def risky_row_sql(columns: Iterable[str]) -> str:
    """SQL of whether any of these texts may need ``text_sql``: one look at a row is cheaper than one at each text."""
    texts = f"concat_ws('|', {', '.join(columns)})"
    return rf"regexp_matches({texts}, '(^|\|) *[=+@＝＋－＠ -]|[\x00-\x1f\x7f]| (\||$)')"


def number_sql(expression: str) -> str:
    """SQL for a decimal, of a type with decimals, without idle zeros."""
    return f"rtrim(rtrim({expression}::varchar, '0'), '.')"


#: What is left of a rated charge after every discount; frozen rows of old versions know only line discounts.
NET = "amount_before_discount - discount_line" + "".join(
    f" - coalesce(discount_{kind}, 0)" for kind in ("bundle", "volume", "relationship", "promotion")
)


def usage_select(charges: str, lines: str, where: str, document: str) -> str:
    """SQL of the usage rows: ``charges`` is a rated table, ``lines`` gives line numbers by ``line_id``.

    ``document``: the column of both that tells documents apart, which the rows have as well.
    """
    texts = {
        "account_id": "coalesce(sub_account_id, billing_account_id)",
        "account_name": "sub_account_name",
        "resource_id": "resource_id",
        "resource_name": "resource_name",
        "vendor": "rated.vendor",
        "service": "rated.service",
        "sku": "rated.sku",
        "region": "region",
        "description": "charge_description",
        "charge_category": "rated.charge_category",
        "unit": "rated.unit",
        "tags": "tags",
    }
    columns = ",\n    ".join(f"{text_sql(expression)} as {name}" for name, expression in texts.items())
    return f"""
select
    rated.{document},
    charge_day as day,
    {columns},
    {number_sql("rated.quantity")} as quantity,
    {number_sql("unit_price")} as unit_price,
    {number_sql("amount_before_discount")} as amount_before_discount,
    {number_sql(f"(amount_before_discount - ({NET}))")} as discount,
    {number_sql(f"({NET})")} as amount,
    customer_currency as currency,
    line.line_number,
    charge_id,
    rated.customer_id as customer_id,
    rated.billing_period as billing_period
from {charges} as rated
left join (
    select {document}, line_id, used_by_customer_id, used_in_period, line_number, unit_price from {lines}
) as line
    on rated.line_id = line.line_id and rated.customer_id = line.used_by_customer_id
        and rated.billing_period = line.used_in_period and rated.{document} = line.{document}
where disposition = 'sold' and {where}
"""


USAGE_ORDER = "customer_id, billing_period, day, line_number, account_id, resource_id, charge_id"
_USAGE_COLUMNS = (
    "day, account_id, account_name, resource_id, resource_name, vendor, service, sku, region, description, "
    "charge_category, quantity, unit, unit_price, amount_before_discount, discount, amount, currency, tags, "
    "line_number"
)


def write_usage(
    connection: duckdb.DuckDBPyConnection, rows_sql: str, target: Path, *, is_plain: bool
) -> None:
    """Write the usage of documents; ``rows_sql`` gives the rows of ``usage_select`` with their documents' ``place``.

    ``is_plain``: every row is of its document's own customer and month, so the file does not say it.
    """
    users = (
        ""
        if is_plain
        else f"{text_sql('customer_id')} as customer_id, strftime(billing_period, '%Y-%m') as billing_period, "
    )
    query = f"select {users}{_USAGE_COLUMNS} from ({rows_sql}) order by place, {USAGE_ORDER}"
    place = str(target).replace("'", "''")
    connection.execute(f"copy ({query}) to '{place}' (format csv, header true)")
