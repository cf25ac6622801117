"""The JSON document: canonical bytes (sorted keys, decimals as strings, UTF-8), a document's archive copy.

It holds all that its ledger rows hold, so that the ledger can be rebuilt from the published files. What only
the reseller may see (cost, why it was forced or voided, the books it was billed by, the hashes of its files)
stands apart under ``internal``. A key that came with a later version is written only where it says something:
documents from before keep their bytes.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from invoices.model import Document, Draw, Header, Line, Part, Tax
from invoices.money import minor_units, plain

SCHEMA = "cspbill.document.v1"
MONEY_FIELDS = frozenset(
    {
        "amount",
        "net_amount",
        "tax_amount",
        "gross_amount",
        "taxable_amount",
        "prepaid_drawn",
        "payable_amount",
        "prepaid_balance",
    }
)
INTERNAL_FIELDS = frozenset({"cost", "forced_reason", "void_reason"})
#: Written only where there is a prepaid balance: other documents keep the bytes that they always had.
PREPAID_FIELDS = frozenset({"prepaid_balance"})
#: Written only where an amount was converted, or a line corrected, for the same reason.
RARE_LINE_FIELDS = frozenset({"fx_source", "corrected_line_id"})
PART_SECRETS = frozenset({"book_sha256"})
DRAFT_FIELDS = frozenset({"blocked_reason", "force_reason_needed", "usage_rows", "usage_digest"})


def to_json(document: Document) -> bytes:
    """Write the document as canonical JSON."""
    return encode(as_data(document))


def encode(data: Mapping[str, Any]) -> bytes:
    """Canonical JSON bytes: the same data always gives the same bytes. One line per key, and per list entry."""
    parts = (f"{json.dumps(name)}: {_block(value)}" for name, value in sorted(data.items()))
    return ("{\n" + ",\n".join(parts) + "\n}\n").encode("utf-8")


def _block(value: object) -> str:
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(map(_compact, value)) + "\n]"
    return _compact(value)


def _compact(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def party_json(party: object) -> str:
    """A seller or buyer as the ledger stores it."""
    return json.dumps(vars(party), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def digest(content: bytes) -> str:
    """SHA-256 as lower-case hex."""
    return hashlib.sha256(content).hexdigest()


def as_data(document: Document) -> dict[str, Any]:
    """Everything that the document says, as JSON values."""
    header, places = document.header, minor_units(document.header.currency)
    periods = (
        {} if document.is_plain else {"periods": [_values(part, 0, PART_SECRETS) for part in document.parts]}
    )
    hidden = INTERNAL_FIELDS if header.is_draft else INTERNAL_FIELDS | DRAFT_FIELDS
    if header.prepaid_balance is None:
        hidden |= PREPAID_FIELDS
    draws = [_values(draw, places, frozenset()) for draw in document.draws]
    data = {
        "schema": SCHEMA,
        "status": "draft" if header.is_draft else "issued",
        **_values(header, places, hidden),
        "seller": vars(document.seller),
        "buyer": vars(document.buyer),
        **periods,
        "lines": [_line(line, header, places) for line in document.lines],
        "taxes": [_values(tax, places, INTERNAL_FIELDS) for tax in document.taxes],
        **({"prepaid_draws": draws} if draws else {}),
        "internal": {
            "forced_reason": header.forced_reason,
            "void_reason": header.void_reason,
            "cost_by_line": {str(line.line_number): plain(line.cost) for line in document.lines},
            **_books(document),
        },
    }
    return _sealed(data, document.files) if document.files else data


def _books(document: Document) -> dict[str, Any]:
    books = [
        {
            name: _value(name, getattr(part, name), 0)
            for name in ("customer_id", "billing_period", "book_sha256")
        }
        for part in document.parts
        if part.book_sha256
    ]
    return {"books": books} if books else {}


def _sealed(data: dict[str, Any], files: Mapping[str, str]) -> dict[str, Any]:
    """State the hashes of the document's other files, and at last that of all that is said here."""
    stated = {**data, "internal": {**data["internal"], "files": dict(files)}}
    return {**stated, "internal": {**stated["internal"], "sha256": digest(encode(stated))}}


def broken_seal(data: Mapping[str, Any]) -> str | None:
    """The hash that a document states of itself, where its content gives another one; None: it holds or has none."""
    internal = dict(data["internal"])
    stated = internal.pop("sha256", None)
    holds = stated in {None, digest(encode({**data, "internal": internal}))}
    return None if holds else str(stated)


def _line(line: Line, header: Header, places: int) -> dict[str, Any]:
    """A line without the fields that say nothing, or only repeat the document's."""
    hidden = INTERNAL_FIELDS | {name for name in RARE_LINE_FIELDS if not getattr(line, name)}
    if line.used_by_customer_id == header.customer_id:
        hidden |= {"used_by_customer_id"}
    if line.used_in_period == header.billing_period:
        hidden |= {"used_in_period"}
    return _values(line, places, frozenset(hidden))


def _values(item: Header | Line | Tax | Draw | Part, places: int, hidden: frozenset[str]) -> dict[str, Any]:
    return {name: _value(name, value, places) for name, value in vars(item).items() if name not in hidden}


def _value(name: str, value: object, places: int) -> object:
    if isinstance(value, Decimal):
        return plain(value, places if name in MONEY_FIELDS else 0)
    return value.isoformat() if isinstance(value, dt.date) else value
