"""Answer "why this amount?": from an invoice line down to the rows of the vendor's file.

document → line → rated charges (frozen at issue) → price rule, discounts, exchange rate → vendor file and row

A line of the reseller's own products ends at the product and the rows of subscriptions.csv instead. A line that
refers to an earlier document shows that first; what a void takes back is explained as the invoice that billed it.
"""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

import duckdb

from cspbill import warehouse
from cspbill.book.subscriptions import OWN_SOURCE
from cspbill.errors import InputError
from cspbill.explain_commitments import explained, has_no_charges
from cspbill.explain_references import original, voided_by
from cspbill.settings import Settings
from cspbill.status import table

Rows = list[dict[str, Any]]
OWN_DELIVERY = "subscriptions.csv"


def explain_document(settings: Settings, number: str) -> dict[str, Any]:
    """Return the document and its lines, each with rule and exact amount; InputError when there is none."""
    with warehouse.connect(settings) as connection:
        document = _document(connection, number)
        lines = _query(
            connection,
            f"""
            select line_number, used_by_customer_id, used_in_period, line_type, vendor, service, description, detail,
                amount, exact_amount, currency, rule_id, discount_id, reference_document, fx_rate, cost
            from marts.fct_invoice_line where {_where(document)} order by line_number
            """,
            _values(document),
        )
    return {"document": [document], "lines": _without_repeats(document, lines)}


def _without_repeats(document: dict[str, Any], lines: Rows) -> Rows:
    """Say whose and which month's a line is, and what it refers to, only where that differs in a document."""
    own = {
        "used_by_customer_id": document["customer_id"],
        "used_in_period": document["billing_period"],
        "reference_document": None,
    }
    idle = {name for name, value in own.items() if all(line[name] == value for line in lines)}
    return [{name: value for name, value in line.items() if name not in idle} for line in lines]


def explain_line(settings: Settings, number: str, line_number: int, rows: int) -> dict[str, Any]:
    """Return one line with discounts, rule, charges and at most ``rows`` vendor rows, largest first."""
    with warehouse.connect(settings) as connection:
        query = partial(_query, connection)
        document = _document(connection, number)
        line = _line(connection, document, line_number)
        told = {"document": [document], "line": [line]}
        invoice = voided_by(query, document)
        if invoice:
            taken_back = _document(connection, invoice)
            # A void's credit note has the lines of its invoice, under the same numbers.
            billed = _line(connection, taken_back, line_number)
            return {**told, "takes_back": [taken_back], **_parts(connection, taken_back, billed, rows)}
        if line["reference_document"]:
            told["corrects"] = original(query, document, line)
        return {**told, **_parts(connection, document, line, rows)}


def _parts(
    connection: duckdb.DuckDBPyConnection, document: dict[str, Any], line: dict[str, Any], rows: int
) -> dict[str, Rows]:
    if has_no_charges(line):
        return explained(partial(_query, connection), line)
    key = line["parent_line_id"] or line["line_id"]
    charges = _charges(connection, document, line)
    return {
        "discounts": _discounts(connection, document, line, key),
        **(_own(connection, line) if line["source"] == OWN_SOURCE else _ruled(connection, document, line)),
        "charges": charges[:rows],
        "charges_in_all": [{"charges": len(charges)}],
        "vendor_rows": _vendor_rows(connection, charges[:rows], rows),
    }


def as_text(found: dict[str, Any]) -> str:
    """Render every part as a table; one-row parts as a column of names and values."""
    return "\n\n".join(_part(name.replace("_", " ").capitalize(), rows) for name, rows in found.items())


def _part(title: str, rows: Rows) -> str:
    if len(rows) == 1:
        return table(
            title, [{"what": name, "value": value} for name, value in rows[0].items() if value is not None]
        )
    return table(title, rows)


def _document(connection: duckdb.DuckDBPyConnection, number: str) -> dict[str, Any]:
    warehouse.require_marts(connection)
    customer, _, period = number.partition("@")
    where, values = "document_number = ?", [number]
    if period:
        where = "status = 'draft' and customer_id = ? and strftime(billing_period, '%Y-%m') = ?"
        values = [customer, period]
    found = _query(
        connection,
        f"select customer_id, billing_period, period_start, period_end, document_number, document_type, status, "
        f"issue_date, currency, net_amount, tax_amount, gross_amount, blocked_reason "
        f"from marts.fct_invoice where {where}",
        values,
    )
    if not found:
        raise InputError(
            f"There is no document {number!r}. Give an issued number, or CUSTOMER@2024-09 for a draft."
        )
    return found[0]


def _where(document: dict[str, Any]) -> str:
    if document["document_number"]:
        return "document_number = ?"
    return "status = 'draft' and customer_id = ? and billing_period = ?"


def _values(document: dict[str, Any]) -> list[str | dt.date]:
    if document["document_number"]:
        return [document["document_number"]]
    return [document["customer_id"], document["billing_period"]]


def _line(
    connection: duckdb.DuckDBPyConnection, document: dict[str, Any], line_number: int
) -> dict[str, Any]:
    found = _query(
        connection,
        f"select * from marts.fct_invoice_line where {_where(document)} and line_number = ?",
        [*_values(document), line_number],
    )
    if not found:
        raise InputError(f"The document has no line {line_number}; run explain without a line to see them.")
    return found[0]


def _ruled(
    connection: duckdb.DuckDBPyConnection, document: dict[str, Any], line: dict[str, Any]
) -> dict[str, Rows]:
    rule = "select * exclude (config_line) from config.price_rules where rule_id = ?"
    return {
        "rule": _query(connection, rule, [line["rule_id"]]),
        "tiers": _tiers(connection, document, line),
    }


def _own(connection: duckdb.DuckDBPyConnection, line: dict[str, Any]) -> dict[str, Rows]:
    """The product and what happened to its subscription, as the files have them now."""
    product = "select * exclude (config_line) from config.products where product_id = ?"
    events = """
        select 'subscriptions.csv:' || config_line as place, effective_date, event, quantity, unit_price, description
        from config.subscriptions where subscription_id = ? order by effective_date, config_line
    """
    return {
        "product": _query(connection, product, [line["sku"]]),
        "events": _query(connection, events, [line["subscription_id"]]),
    }


def _discounts(
    connection: duckdb.DuckDBPyConnection, document: dict[str, Any], line: dict[str, Any], key: str
) -> Rows:
    """The discounts under a line, then those on its customer's month, which reduce it by its share."""
    return _query(
        connection,
        f"select line_number, discount_id, discount_kind, description, detail, amount, exact_amount "
        f"from marts.fct_invoice_line where {_where(document)} and line_type = 'discount' "
        f"and coalesce(parent_line_id, ?) = ? and used_by_customer_id = ? and used_in_period = ? "
        f"order by parent_line_id is null, line_number",
        [*_values(document), key, key, line["used_by_customer_id"], line["used_in_period"]],
    )


def _rated_source(document: dict[str, Any], line: dict[str, Any]) -> tuple[str, str, list[Any]]:
    """Table, condition and values of the rated charges of a line's customer and month: frozen at issue, else now."""
    where, values = (
        "customer_id = ? and billing_period = ?",
        [line["used_by_customer_id"], line["used_in_period"]],
    )
    if document["document_number"] is None:
        return "intermediate.int_rated", where, values
    return "ledger.rated_charge", f"{where} and document_number = ?", [*values, document["document_number"]]


def _charges(connection: duckdb.DuckDBPyConnection, document: dict[str, Any], line: dict[str, Any]) -> Rows:
    """The charges that a line adds up; of a discount on the whole period, those that its kind reduced."""
    source, where, known = _rated_source(document, line)
    reduced, values = "line_id = ?", [line["parent_line_id"] or line["line_id"]]
    if line["line_type"] == "discount" and not line["parent_line_id"]:
        reduced, values = (
            f"discount_{line['discount_kind']} <> 0 and vendor = coalesce(?, vendor)",
            [line["vendor"]],
        )
    return _query(
        connection,
        f"""
        select charge_id, corrected_charge_id, charge_day, sub_account_id, resource_id, sku, quantity, unit,
            list_cost, billed_cost, vendor_currency, fx_day, fx_rate, fx_date, amount_before_discount, discount_line,
            discount_bundle, discount_volume, discount_relationship, discount_promotion, customer_currency,
            delivery_id
        from {source} where {where} and {reduced}
        order by abs(amount_before_discount) desc, charge_day, charge_id
        """,
        [*known, *values],
    )


def _tiers(
    connection: duckdb.DuckDBPyConnection, document: dict[str, Any], line: dict[str, Any]
) -> list[dict[str, Any]]:
    """Tiers that the rule's whole period reaches, in the book's currency; as configured now, used as rated."""
    source, where, values = _rated_source(document, line)
    return _query(
        connection,
        f"""
        with used as (
            select customer_id, rule_id, model, sum(quantity) as quantity
            from {source}
            where {where} and rule_id = ? and disposition = 'sold'
                and model in ('graduated', 'volume') and charge_category not in ('Credit', 'Adjustment')
            group by all
        ),
        reached as (
            select tiers.tier, tiers.starts_after as above, tiers.up_to, used.quantity as used_in_period,
                case
                    when used.model = 'volume' then abs(used.quantity)
                    else least(abs(used.quantity), coalesce(tiers.up_to, abs(used.quantity))) - tiers.starts_after
                end as units,
                tiers.unit_price, tiers.flat_fee
            from used
            inner join intermediate.int_rating__tier as tiers
                on used.rule_id = tiers.rule_id and abs(used.quantity) > tiers.starts_after
                and (used.model = 'graduated' or tiers.up_to is null or abs(used.quantity) <= tiers.up_to)
        )
        select *, sign(used_in_period) * (round(units * unit_price, 12) + flat_fee) as amount
        from reached order by tier
        """,
        [*values, line["rule_id"]],
    )


def _vendor_rows(connection: duckdb.DuckDBPyConnection, charges: Rows, rows: int) -> Rows:
    """Rows behind the shown charges; none where a later delivery replaced theirs (the landed file has them)."""
    if not charges or charges[0]["delivery_id"] == OWN_DELIVERY:
        return []
    deliveries = sorted({charge["delivery_id"] for charge in charges})
    # A correction's charge is a difference: the vendor's row is that of the charge that it corrects.
    rows_of = [charge["corrected_charge_id"] or charge["charge_id"] for charge in charges]
    return _query(
        connection,
        """
        select vendor_row.charge_id, vendor_row.source, vendor_row.delivery_id, vendor_row.file_name,
            vendor_row.row_number_in_file, vendor_row.charge_period_start, vendor_row.quantity, vendor_row.unit,
            vendor_row.list_cost, vendor_row.billed_cost, vendor_row.vendor_currency
        from intermediate.int_charges__vendor_row as vendor_row
        where list_contains(?, vendor_row.delivery_id) and list_contains(?, vendor_row.charge_id)
        order by list_position(?, vendor_row.charge_id), vendor_row.file_name, vendor_row.row_number_in_file
        limit ?
        """,
        [deliveries, rows_of, rows_of, rows],
    )


def _query(connection: duckdb.DuckDBPyConnection, sql: str, values: list[Any]) -> Rows:
    cursor = connection.execute(sql, values)
    columns = [column[0] for column in cursor.description or []]
    return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
