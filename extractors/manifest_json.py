"""Vendors' manifests as JSON: what they all have in common."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from extractors.names import shown

LARGEST = 20_000_000  # bytes; a report of 1,000 columns and 1,000 files has less than a tenth


class ManifestError(Exception):
    """A manifest cannot be used; the message says what is wrong and what is allowed."""


def json_object(content: bytes, holding: str) -> dict[str, Any]:
    """Read a manifest's JSON object, numbers as Decimal; ``holding`` names what it must have, for the error."""
    try:
        found = json.loads(content.decode("utf-8-sig"), parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise ManifestError(f"is not JSON in UTF-8: {shown(str(error))}") from None
    if not isinstance(found, dict):
        raise ManifestError(f"is not a JSON object with {holding}")
    return found
