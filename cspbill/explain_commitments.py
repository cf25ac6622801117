"""Explain lines that no charge stands behind: what was committed or allowed, on which days, and what was spent.

Contracts and adjustments are shown as configured now; what was spent is what documents say, issued or drafted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Line = dict[str, Any]
Rows = list[dict[str, Any]]
Query = Callable[[str, list[Any]], Rows]

TYPES = ("true_up", "cap")


def has_no_charges(line: Line) -> bool:
    """Whether a line is a true-up, a cap or an adjustment of adjustments.csv (a vendor's credit has a source)."""
    return line["line_type"] in TYPES or (line["line_type"] == "adjustment" and line["source"] is None)


def explained(query: Query, line: Line) -> dict[str, Rows]:
    """Return the parts that explain such a line."""
    if line["line_type"] == "adjustment":
        return {"adjustment": _adjustment(query, line)}
    counted = _spent(query, line)
    return {"contracts": _contracts(query, line), "counted": counted, "counted_in_all": _total(counted)}


def _adjustment(query: Query, line: Line) -> Rows:
    return query(
        "select * from config.adjustments where md5('adjustment' || chr(31) || adjustment_id) = ?",
        [line["line_id"]],
    )


def _contracts(query: Query, line: Line) -> Rows:
    """The contracts whose terms made the line, with the days of its period that each covers."""
    term = "spend_cap" if line["line_type"] == "cap" else "minimum_commitment"
    return query(
        f"""
        select contract_id, valid_from, valid_to, minimum_commitment, commitment_currency, commitment_interval,
            spend_cap,
            date_diff('day', greatest($2, coalesce(valid_from, $2)), least($3, coalesce(valid_to, $3))) as days
        from config.contracts
        where customer_id = $1 and {term} is not null
            and coalesce(valid_from < $3, true) and coalesce(valid_to > $2, true)
        order by valid_from
        """,
        [line["used_by_customer_id"], line["charge_period_start"], line["charge_period_end"]],
    )


def _spent(query: Query, line: Line) -> Rows:
    """What counts towards it: charges and discounts; for a minimum also what a cap took off."""
    if _is_year(line):
        return _year_spent(query, line)
    left_out = "'true_up', 'cap'" if line["line_type"] == "cap" else "'true_up'"
    return query(
        f"""
        select used_in_period as billing_period, document_number, status, line_type, sum(amount) as amount
        from marts.fct_invoice_line
        where used_by_customer_id = $1 and used_in_period = $2 and document_number is not distinct from $3
            and line_type not in ({left_out}) and not (line_type = 'adjustment' and source is null)
        group by all
        order by line_type
        """,
        [line["used_by_customer_id"], line["used_in_period"], line["document_number"]],
    )


def _year_spent(query: Query, line: Line) -> Rows:
    """The lines of the year's whole months; of a month that it only touches, what was charged on its days."""
    return query(
        """
        select used_in_period as billing_period, document_number, status, 'whole month' as counts,
            sum(amount) as amount
        from marts.fct_invoice_line
        where used_by_customer_id = $1 and line_id <> $4
            and used_in_period >= $2 and used_in_period + interval 1 month <= $3
            and not (line_type = 'adjustment' and source is null)
            and (status = 'draft' or document_number in (
                select document_number from intermediate.int_invoice__issued
            ))
        group by all
        union all
        select billing_period, null, null, 'its days of the month', sum(
            amount_before_discount - discount_line - discount_bundle - discount_volume - discount_relationship
            - discount_promotion)
        from intermediate.int_rated
        where customer_id = $1 and disposition = 'sold' and charge_day >= $2 and charge_day < $3
            and billing_period + interval 1 month > $2 and billing_period < $3
            and (billing_period < $2 or billing_period + interval 1 month > $3)
        group by all
        order by billing_period, document_number
        """,
        [
            line["used_by_customer_id"],
            line["charge_period_start"],
            line["charge_period_end"],
            line["line_id"],
        ],
    )


def _is_year(line: Line) -> bool:
    return " to " in (line["detail"] or "")


def _total(counted: Rows) -> Rows:
    return [{"counted": sum(row["amount"] for row in counted)}] if counted else []
