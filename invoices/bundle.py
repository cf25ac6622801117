"""All files of one document, rendered: PDF, JSON, lines CSV and usage CSV, and its e-invoice."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass

from invoices import canonical, tables
from invoices.einvoice import syntax
from invoices.einvoice.gaps import gaps
from invoices.files import EINVOICE_SUFFIX, file_key
from invoices.model import Document
from invoices.pdf import Renderer


@dataclass(frozen=True)
class Bundle:
    """A document's files by suffix (``.pdf``, ``.xml``, ``.json``, ``.csv``, ``-usage.csv``)."""

    files: Mapping[str, bytes]

    @property
    def hashes(self) -> dict[str, str]:
        """SHA-256 by file key (``pdf``, ``xml``, ``json``, ``csv``, ``usage.csv``)."""
        return {file_key(suffix): canonical.digest(content) for suffix, content in self.files.items()}

    @property
    def files_json(self) -> str:
        """The hashes as ``ledger.document.files_json`` keeps them."""
        return json.dumps(self.hashes, sort_keys=True)


def bundle(
    document: Document, renderer: Renderer, usage: bytes, draft_date: dt.date, *, einvoice: bool
) -> Bundle:
    """Render every file of a document; ``usage`` is its usage CSV.

    ``einvoice``: with ``.xml`` and the PDF's attachment, where nothing that they need is missing. A document from
    before there were e-invoices is printed again without.
    """
    is_made = einvoice and not gaps(document)
    return Bundle(
        {
            ".pdf": renderer.render(document, draft_date, syntax.cii(document) if is_made else None),
            **({EINVOICE_SUFFIX: syntax.ubl(document)} if is_made else {}),
            ".csv": tables.to_csv(document),
            "-usage.csv": usage,
            ".json": canonical.to_json(document),
        }
    )
