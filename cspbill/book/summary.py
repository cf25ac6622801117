"""What ``cspbill check`` says about a valid book."""

from __future__ import annotations

from cspbill.book.model import Book

COUNTED = (
    "customers",
    "accounts",
    "contracts",
    "price_books",
    "price_rules",
    "discounts",
    "fx_rates",
    "tax_rates",
)


def summary(book: Book) -> str:
    """Return a few lines: how much there is, the sources, and what is probably not meant."""
    counts = ", ".join(f"{book.count(name)} {name.replace('_', ' ')}" for name in COUNTED if book.count(name))
    sources = ", ".join(f"{source.name} ({source.kind})" for source in book.sources) or "none"
    lines = [
        f"The book of business of {book.reseller['legal_name']} is valid.",
        f"  {counts}",
        f"  sources: {sources}",
    ]
    lines += [f"  publishes {', '.join(one.send)} to {one.url}" for one in book.outgoing.destinations]
    if book.outgoing.mail:
        lines.append(f"  sends documents by e-mail through {book.outgoing.mail.smtp_host}")
    return "\n".join(lines + [f"  note: {hint}" for hint in book.warnings])
