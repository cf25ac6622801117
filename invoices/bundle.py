"""All files of one document: what is made from the document alone, and beside it what DuckDB wrote of its charges."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from invoices import canonical, tables
from invoices.einvoice import syntax
from invoices.einvoice.gaps import gaps
from invoices.files import CHARGES, EINVOICE, file_digest, file_key
from invoices.model import Document
from invoices.pdf import Renderer


@dataclass(frozen=True)
class Bundle:
    """A document's files by suffix, and the SHA-256 of each by its key (``pdf``, ``json``, ``usage.csv``, …).

    ``files`` (``.pdf``, ``.xml``, ``.json``, ``.csv``) are in memory; ``tables`` (``-usage.csv``,
    ``-charges.parquet``) lie in a scratch folder, because they may be large.
    """

    files: Mapping[str, bytes]
    tables: Mapping[str, Path]
    hashes: Mapping[str, str]

    @property
    def content(self) -> dict[str, bytes | Path]:
        """Bytes, or the file that has them, by suffix."""
        return {**self.files, **self.tables}


def bundle(
    document: Document,
    renderer: Renderer,
    written: Mapping[str, Path],
    draft_date: dt.date,
    *,
    einvoice: bool,
) -> Bundle:
    """Make every file of a document; ``written`` are those that DuckDB wrote, by suffix.

    ``einvoice``: with ``.xml`` and the PDF's attachment, where nothing that they need is missing. A document from
    before there were e-invoices is printed again without. The JSON comes last: that of a document with frozen
    charges states the hashes of all others.
    """
    is_made = einvoice and not gaps(document)
    files = {
        ".pdf": renderer.render(document, draft_date, syntax.cii(document) if is_made else None),
        **({EINVOICE: syntax.ubl(document)} if is_made else {}),
        ".csv": tables.to_csv(document),
    }
    hashes = {file_key(suffix): canonical.digest(content) for suffix, content in files.items()}
    hashes |= {file_key(suffix): file_digest(path) for suffix, path in written.items()}
    stated = document.files or (hashes if CHARGES in written else {})
    files[".json"] = canonical.to_json(replace(document, files=stated))
    return Bundle(files, written, hashes | {"json": canonical.digest(files[".json"])})
