"""All files of one document, rendered: PDF, JSON, lines CSV and usage CSV."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass

from invoices import canonical, tables
from invoices.files import file_key
from invoices.model import Document
from invoices.pdf import Renderer


@dataclass(frozen=True)
class Bundle:
    """A document's files by suffix (``.pdf``, ``.json``, ``.csv``, ``-usage.csv``)."""

    files: Mapping[str, bytes]

    @property
    def hashes(self) -> dict[str, str]:
        """SHA-256 by file key (``pdf``, ``json``, ``csv``, ``usage.csv``)."""
        return {file_key(suffix): canonical.digest(content) for suffix, content in self.files.items()}

    @property
    def files_json(self) -> str:
        """The hashes as ``ledger.document.files_json`` keeps them."""
        return json.dumps(self.hashes, sort_keys=True)


def bundle(document: Document, renderer: Renderer, usage: bytes, draft_date: dt.date) -> Bundle:
    """Render every file of a document; ``usage`` is its usage CSV."""
    return Bundle(
        {
            ".pdf": renderer.render(document, draft_date),
            ".csv": tables.to_csv(document),
            "-usage.csv": usage,
            ".json": canonical.to_json(document),
        }
    )
