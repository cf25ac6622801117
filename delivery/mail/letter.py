"""The message of one issued document: its words, and the files that were issued, byte for byte."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, localtime
from html import escape
from types import MappingProxyType

from cspbill.book import Mail
from cspbill.errors import CspbillError
from invoices.canonical import digest
from invoices.files import file_key, safe_name
from invoices.formats import Formats, formats_for
from invoices.labels import label
from invoices.model import CREDIT_NOTE, Buyer, Header, Seller
from invoices.printable import printable
from invoices.publish import IssuedFiles

ATTACHED = (".pdf", ".xml")
USAGE = "-usage.csv"
_TYPES = MappingProxyType(
    {".pdf": ("application", "pdf"), ".xml": ("application", "xml"), USAGE: ("text", "csv")}
)
#: Seven-bit content only, and a header that would break its line is an error.
_POLICY = SMTP.clone(cte_type="7bit")


@dataclass(frozen=True)
class Facts:
    """What a message says of a document; ``credited`` are the documents that a credit note is about."""

    header: Header
    seller: Seller
    buyer: Buyer
    credited: tuple[str, ...]
    files: IssuedFiles

    @property
    def number(self) -> str:
        """The document's number."""
        return str(self.header.document_number)


@dataclass(frozen=True)
class Letter:
    """A message ready to be sent. ``attachments``: SHA-256 by file name."""

    number: str
    recipient: str
    message_id: str
    content: bytes
    attachments: dict[str, str]


def write(facts: Facts, mail: Mail, recipient: str, attempt: int) -> Letter:
    """Write a document's message; the same document and attempt always have the same Message-ID.

    Raises CspbillError when a file is not the one that was issued, or too large.
    """
    files = {suffix: _issued(facts, suffix) for suffix in ATTACHED if file_key(suffix) in facts.files.hashes}
    usage = _issued(facts, USAGE) if mail.usage_csv else b""
    room = (mail.most_megabytes << 20) - sum(map(len, files.values()))
    if room < 0:
        raise CspbillError(f"its files are larger than mail.most_megabytes ({mail.most_megabytes})")
    if usage and len(usage) <= room:
        files[USAGE] = usage
    message = _addressed(facts, mail, recipient)
    message["Message-ID"] = message_id = _message_id(facts, mail, attempt)
    _say(message, facts, usage_left_out=bool(usage) and USAGE not in files)
    named = {f"{safe_name(facts.number)}{suffix}": (suffix, content) for suffix, content in files.items()}
    for name, (suffix, content) in named.items():
        kind, detail = _TYPES[suffix]
        message.add_attachment(content, maintype=kind, subtype=detail, filename=name)
    sums = {name: digest(content) for name, (_, content) in named.items()}
    return Letter(facts.number, recipient, message_id, message.as_bytes(), sums)


def _issued(facts: Facts, suffix: str) -> bytes:
    path = facts.files.path(suffix)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise CspbillError(f"{path} is missing: cspbill run prints it again") from None
    if digest(content) != facts.files.hashes[file_key(suffix)]:
        raise CspbillError(f"{path} is not the file that was issued: see cspbill ledger verify")
    return content


def _addressed(facts: Facts, mail: Mail, recipient: str) -> EmailMessage:
    message = EmailMessage(policy=_POLICY)
    seller = printable(facts.seller.legal_name, 80)
    message["From"] = Address(seller, addr_spec=mail.sender)
    message["To"] = Address(printable(facts.buyer.legal_name, 80), addr_spec=recipient)
    if mail.reply_to:
        message["Reply-To"] = mail.reply_to
    message["Date"] = format_datetime(localtime())
    message["Auto-Submitted"] = "auto-generated"
    formats = _formats(facts)
    kind = label(facts.header.document_type, formats.language)
    message["Subject"] = label(
        "mail_subject", formats.language, kind=kind, number=facts.number, period=_period(facts), seller=seller
    )
    return message


def _message_id(facts: Facts, mail: Mail, attempt: int) -> str:
    text = f"{facts.number}\n{facts.files.hashes['json']}\n{attempt}"
    name = hashlib.sha256(text.encode()).hexdigest()[:32]
    return f"<{name}@{mail.sender.rpartition('@')[2]}>"


def _say(message: EmailMessage, facts: Facts, *, usage_left_out: bool) -> None:
    language = _formats(facts).language
    kind = "mail_credit_note" if facts.header.document_type == CREDIT_NOTE else "mail_invoice"
    opening = [
        label("mail_greeting", language),
        label(kind, language, number=facts.number, period=_period(facts)),
    ]
    rows = _rows(facts)
    ending = [label("mail_usage_left_out", language)] if usage_left_out else []
    seller = [facts.seller.legal_name, facts.seller.email, facts.seller.phone]
    closing = [label("mail_closing", language), *(printable(part, 80) for part in seller if part)]
    told = ["\n".join(f"{name}: {value}" if name else value for name, value in rows)]
    message.set_content("\n\n".join([*opening, *told, *ending, "\n".join(closing)]) + "\n")
    message.add_alternative(_html(language, opening, rows, ending, closing), subtype="html")


def _html(
    language: str, opening: list[str], rows: list[tuple[str, str]], ending: list[str], closing: list[str]
) -> str:
    cells = "".join(
        f"<tr><td style='padding-right:24px;color:#595959'>{escape(name)}</td><td>{escape(value)}</td></tr>\n"
        for name, value in rows
    )
    before, after = ("".join(f"<p>{escape(text)}</p>\n" for text in texts) for texts in (opening, ending))
    signed = "<br>\n".join(map(escape, closing))
    return (
        f"<!doctype html>\n<html lang='{language}'><body style='font-family:sans-serif'>\n"
        f"{before}<table>\n{cells}</table>\n{after}<p>{signed}</p>\n</body></html>\n"
    )


def _rows(facts: Facts) -> list[tuple[str, str]]:
    header, formats = facts.header, _formats(facts)
    is_credit = header.document_type == CREDIT_NOTE
    payable = -header.payable_amount if is_credit else header.payable_amount
    rows = [
        ("amount_credited" if is_credit else "amount_payable", f"{header.currency} {formats.money(payable)}")
    ]
    if is_credit and facts.credited:
        rows.append(("credits", ", ".join(facts.credited)))
    if not is_credit and payable > 0 and header.due_date:
        rows.append(("due_date", formats.long_date(header.due_date)))
    named = [(label(name, formats.language), printable(value, 400)) for name, value in rows]
    return named if is_credit or payable > 0 else [*named, ("", label("nothing_due", formats.language))]


def _period(facts: Facts) -> str:
    return _formats(facts).period(facts.header.period_start, facts.header.period_end)


def _formats(facts: Facts) -> Formats:
    return formats_for(facts.header.locale, facts.header.currency)
