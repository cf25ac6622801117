"""Read a published JSON document back: the inverse of ``canonical``, proven for each file byte by byte."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, TypeVar, cast, get_type_hints

from invoices.canonical import SCHEMA, broken_seal, to_json
from invoices.model import Buyer, Document, Draw, Header, Line, Part, Seller, Tax

Kind = TypeVar("Kind")
Data = Mapping[str, Any]


class NotAsWritten(Exception):  # noqa: N818 - the message says what it is
    """A file that cspbill did not write like this; the message says what is wrong."""


def parse(content: bytes) -> Document:
    """Return the issued document that these bytes say; raises NotAsWritten where they are not exactly its JSON."""
    try:
        data = json.loads(content)
        is_issued = data["schema"] == SCHEMA and data["status"] == "issued"
        is_sealed = broken_seal(data) is None
        document = _document(data)
        rewritten = to_json(document)
    except (ValueError, TypeError, KeyError, AttributeError, InvalidOperation) as error:
        raise NotAsWritten(f"cannot be read as a document: {type(error).__name__} {error}") from None
    if not is_issued:
        raise NotAsWritten(f"is no issued document of schema {SCHEMA}")
    if not is_sealed:
        raise NotAsWritten("was changed after it was issued: it does not have the SHA-256 that it states")
    if rewritten != content:
        raise NotAsWritten("was changed after it was issued: cspbill does not write it like this")
    return document


def _document(data: Data) -> Document:
    internal = data["internal"]
    header = _typed(
        Header, {**data, "forced_reason": internal["forced_reason"], "void_reason": internal["void_reason"]}
    )
    books = {
        (book["customer_id"], book["billing_period"]): book["book_sha256"]
        for book in internal.get("books", ())
    }
    own = {"customer_id": data["customer_id"], "billing_period": data["billing_period"]}
    used = {"used_by_customer_id": data["customer_id"], "used_in_period": data["billing_period"]}
    cost = internal["cost_by_line"]
    return Document(
        header=header,
        seller=Seller(**data["seller"]),
        buyer=Buyer(**data["buyer"]),
        lines=tuple(
            _typed(Line, {**used, **line, "cost": cost[str(line["line_number"])]}) for line in data["lines"]
        ),
        taxes=tuple(_typed(Tax, tax) for tax in data["taxes"]),
        parts=tuple(
            _typed(Part, {**part, "book_sha256": books.get((part["customer_id"], part["billing_period"]))})
            for part in data.get("periods", [own])
        ),
        draws=tuple(_typed(Draw, draw) for draw in data.get("prepaid_draws", ())),
        files=internal.get("files", {}),
    )


def _typed(kind: type[Kind], data: Data) -> Kind:
    """Build a part of the model from its JSON values; what is not said is None."""
    return kind(**{name: _value(text, data.get(name)) for name, text in _types(cast("type", kind)).items()})


@cache
def _types(kind: type) -> dict[str, str]:
    return {name: str(hint) for name, hint in get_type_hints(kind).items()}


def _value(hint: str, value: object) -> object:
    if value is None:
        return None
    if "Decimal" in hint:
        return Decimal(str(value))
    return dt.date.fromisoformat(str(value)) if "date" in hint else value
