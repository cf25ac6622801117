"""The document model: what an invoice, credit note or draft says. PDF, JSON and CSV are all made from it.

Amounts are net, in the document's currency, rounded to its minor unit, and signed as the ledger stores them:
a credit note's amounts are negative here and in JSON and CSV, and its PDF prints them with the sign turned.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

INVOICE, CREDIT_NOTE = "invoice", "credit_note"


@dataclass(frozen=True)
class Seller:
    """The reseller as copied at the issue date. ``logo`` names a file in ``published/assets/``."""

    legal_name: str
    country: str
    street: str | None = None
    city: str | None = None
    postal_code: str | None = None
    tax_id: str | None = None
    registration: str | None = None
    email: str | None = None
    phone: str | None = None
    iban: str | None = None
    bic: str | None = None
    peppol_endpoint: str | None = None
    footer: str | None = None
    brand_color: str | None = None
    logo: str | None = None


@dataclass(frozen=True)
class Buyer:
    """The customer as copied at the issue date."""

    customer_id: str
    legal_name: str
    country: str
    street: str | None = None
    city: str | None = None
    postal_code: str | None = None
    tax_id: str | None = None
    email: str | None = None
    peppol_endpoint: str | None = None
    tax_exempt_reason: str | None = None


@dataclass(frozen=True)
class Line:
    """One line; fields are the columns of ``ledger.document_line``. ``charge_period_end`` is exclusive."""

    line_number: int
    line_id: str
    parent_line_id: str | None
    customer_id: str
    billing_period: dt.date
    line_type: str
    source: str | None
    vendor: str | None
    publisher: str | None
    service: str | None
    sku: str | None
    charge_category: str | None
    description: str
    detail: str | None
    charge_period_start: dt.date
    charge_period_end: dt.date
    quantity: Decimal | None
    unit: str | None
    unit_price: Decimal | None
    amount: Decimal
    exact_amount: Decimal
    currency: str
    tax_category: str | None
    tax_code: str | None
    tax_rate: Decimal | None
    rule_id: str | None
    discount_id: str | None
    discount_kind: str | None
    subscription_id: str | None
    reference_document: str | None
    vendor_currency: str | None
    fx_rate: Decimal | None
    fx_date: dt.date | None
    fx_source: str | None
    cost: Decimal
    purchase_order: str | None
    used_by_customer_id: str
    used_in_period: dt.date
    corrected_line_id: str | None = None  # the original month's line that it corrects (R9.3)


@dataclass(frozen=True)
class Part:
    """A customer's month that a document bills or corrects.

    ``customer_name`` is None for the document's own customer. ``book_sha256`` names the frozen book of its prices.
    """

    customer_id: str
    billing_period: dt.date
    customer_name: str | None = None
    book_sha256: str | None = None


@dataclass(frozen=True)
class Tax:
    """Tax of one code (EN 16931) and rate (percent); columns of ``ledger.document_tax``."""

    tax_code: str
    tax_rate: Decimal
    taxable_amount: Decimal
    tax_amount: Decimal
    currency: str
    legal_note: str | None


@dataclass(frozen=True)
class Draw:
    """What a document draws from one prepaid top-up; negative on the credit note of a void, which gives it back."""

    draw_number: int
    top_up_date: dt.date
    top_up_reference: str
    amount: Decimal
    currency: str


@dataclass(frozen=True)
class Header:
    """What stands once per document. A draft has no number, series, issue date or due date.

    ``billing_period`` is the period's last month, whose name the document goes by.
    """

    document_number: str | None
    series: str | None
    sequence_number: int | None
    document_type: str
    customer_id: str
    billing_period: dt.date
    period_start: dt.date
    period_end: dt.date
    issue_date: dt.date | None
    due_date: dt.date | None
    payment_terms_days: int | None
    currency: str
    net_amount: Decimal
    tax_amount: Decimal
    gross_amount: Decimal
    prepaid_drawn: Decimal
    payable_amount: Decimal
    purchase_order: str | None
    buyer_reference: str | None
    reference_document: str | None
    locale: str
    forced_reason: str | None = None
    void_reason: str | None = None
    blocked_reason: str | None = None
    force_reason_needed: str | None = None
    usage_rows: int | None = None
    usage_digest: str | None = None
    prepaid_balance: Decimal | None = None  # left after the document; None where the customer has none

    @property
    def is_draft(self) -> bool:
        """Whether the document has no number yet."""
        return self.document_number is None

    @property
    def cancelled(self) -> str | None:
        """The document that this one cancels as a whole: it is the credit note of a void."""
        return None if self.void_reason is None else self.reference_document

    @property
    def key(self) -> tuple[str, dt.date]:
        """Customer and billing period: what a draft is of."""
        return self.customer_id, self.billing_period


@dataclass(frozen=True)
class Document:
    """An invoice, credit note or draft; ``lines`` are in print order, each discount after what it reduces.

    ``parts`` are the customers' months that it bills, the payer's own first. ``files`` are the SHA-256 of its other
    files by key, as its JSON states them; none in a draft, nor in what was issued before version 0.5.
    """

    header: Header
    seller: Seller
    buyer: Buyer
    lines: tuple[Line, ...]
    taxes: tuple[Tax, ...]
    parts: tuple[Part, ...]
    draws: tuple[Draw, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_plain(self) -> bool:
        """Whether it bills its own customer's month and nothing else."""
        return all((part.customer_id, part.billing_period) == self.header.key for part in self.parts)

    @property
    def is_of_others(self) -> bool:
        """Whether it bills any customer but the one who pays it."""
        return any(part.customer_id != self.header.customer_id for part in self.parts)

    @property
    def is_of_months(self) -> bool:
        """Whether it bills more than one month; one that it only corrects does not count."""
        billed = {
            part.billing_period for part in self.parts if part.billing_period >= self.header.period_start
        }
        return len(billed) > 1

    @property
    def credited(self) -> tuple[str, ...]:
        """The document that a credit note cancels, or those of which it credits parts."""
        if self.header.reference_document:
            return (self.header.reference_document,)
        return tuple(dict.fromkeys(line.reference_document for line in self.lines if line.reference_document))

    @property
    def users(self) -> dict[str, str]:
        """Names of the customers whose charges it bills, by id, in print order."""
        return {part.customer_id: part.customer_name or self.buyer.legal_name for part in self.parts}
