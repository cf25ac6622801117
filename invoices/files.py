"""Published files: what they are called and where they lie."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from pathlib import Path

from cspbill import atomic
from cspbill.errors import CspbillError
from cspbill.settings import Settings
from invoices.canonical import digest

USAGE, CHARGES, EINVOICE = "-usage.csv", "-charges.parquet", ".xml"
#: A draft's files; an issued document also has frozen charges and may have an e-invoice: the ledger says what it has.
DRAFT_SUFFIXES = (".pdf", ".json", ".csv", USAGE)
SUFFIXES = (*DRAFT_SUFFIXES, CHARGES, EINVOICE)
DRAFT_NAME = "draft"
LOGO_SUFFIXES = (".svg", ".png", ".jpg", ".jpeg")


def safe_name(text: str) -> str:
    """A file name for any text: what could leave the directory or confuse a shell is written as ``%XX``."""
    kept = re.sub(r"[^A-Za-z0-9._-]", lambda found: _escaped(found.group()), text)
    return _escaped(kept[0]) + kept[1:] if kept[:1] in {".", "-"} else kept


def _escaped(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode("utf-8"))


def period_directory(root: Path, period: dt.date) -> Path:
    """``root/2024-09``."""
    return root / f"{period:%Y-%m}"


def invoice_directory(settings: Settings, period: dt.date, customer_id: str) -> Path:
    """Where a customer's issued documents of a period lie."""
    return period_directory(settings.published / "invoices", period) / safe_name(customer_id)


def draft_directory(settings: Settings, period: dt.date, customer_id: str) -> Path:
    """Where a customer's draft of a period lies."""
    return period_directory(settings.published / "drafts", period) / safe_name(customer_id)


def file_key(suffix: str) -> str:
    """The key of a file in ``ledger.document.files_json``: pdf, xml, json, csv, usage.csv, charges.parquet."""
    return suffix.lstrip(".-")


def file_digest(path: Path) -> str:
    """SHA-256 of a file's content as lower-case hex."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def keep_asset(settings: Settings, logo: str | None) -> str | None:
    """Copy the logo into the content-addressed store and return its name there: it never changes again."""
    if not logo:
        return None
    source = Path(logo)
    if source.suffix.lower() not in LOGO_SUFFIXES:
        raise CspbillError(f"Logo {source.name}: use one of {', '.join(LOGO_SUFFIXES)}.")
    try:
        content = source.read_bytes()
    except OSError as error:
        raise CspbillError(f"Logo {source} cannot be read: {error.strerror}.") from None
    name = f"{digest(content)}{source.suffix.lower()}"
    if not (asset_directory(settings) / name).exists():
        atomic.write_bytes(asset_directory(settings) / name, content)
    return name


def asset_directory(settings: Settings) -> Path:
    """Logos of issued documents, named by the SHA-256 of their content."""
    return settings.published / "assets"
