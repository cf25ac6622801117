"""Explain lines that refer to an earlier document: a void takes it back, a correction changes one of its lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Line = dict[str, Any]
Document = dict[str, Any]
Rows = list[dict[str, Any]]
Query = Callable[[str, list[Any]], Rows]


def voided_by(query: Query, document: Document) -> str | None:
    """The number of the invoice that a credit note takes back as a whole."""
    sql = "select document_number from ledger.void where credit_note_number = ?"
    found = query(sql, [document["document_number"]])
    return str(found[0]["document_number"]) if found else None


def original(query: Query, document: Document, line: Line) -> Rows:
    """The document that a line refers to and, of a correction, the line as it was billed there.

    A month that was corrected before refers to its first document; what was billed in between is listed as well.
    """
    corrected = _corrected_line(query, document, line)
    return query(
        """
        select document.document_number, document.document_type, document.billing_period, document.issue_date,
            billed.used_in_period, billed.line_number, billed.line_type, billed.description, billed.amount,
            billed.currency
        from ledger.document as document
        left join ledger.document_line as billed
            on document.document_number = billed.document_number
            and $2 in (billed.line_id, billed.corrected_line_id)
            and billed.used_by_customer_id = $3 and billed.used_in_period = $4
        where (document.document_number = $1 or billed.corrected_line_id is not null)
            and document.document_number is distinct from $5
            and document.document_number not in (
                select unnest([document_number, credit_note_number]) from ledger.void
            )
        order by document.issue_date, document.document_number
        """,
        [
            line["reference_document"],
            corrected,
            line["used_by_customer_id"],
            line["used_in_period"],
            document["document_number"],
        ],
    )


def _corrected_line(query: Query, document: Document, line: Line) -> str | None:
    if document["document_number"]:
        where, values = "ledger.document_line where document_number = ?", [document["document_number"]]
    else:
        where = "intermediate.int_invoice__draft_lines where customer_id = ? and billing_period = ?"
        values = [document["customer_id"], document["billing_period"]]
    found = query(
        f"select corrected_line_id from {where} and line_number = ?", [*values, line["line_number"]]
    )
    return found[0]["corrected_line_id"] if found else None
