"""CSV for accounting software: commas, UTF-8, a header, text that no spreadsheet takes for a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

from invoices.tables import defused

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A whole file; None is an empty cell, numbers come as text that is already exact."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue().encode("utf-8")


def _cell(value: object) -> object:
    is_text = isinstance(value, str) and not _NUMBER.fullmatch(value)
    return defused(str(value)) if is_text else value
