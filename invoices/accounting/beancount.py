"""``journal.beancount``: the month for Beancount (beancount.github.io, "Beancount Language Syntax").

A transaction per entry, days as YYYY-MM-DD, numbers with a point, debit positive. Accounts are named by their kind
and code, such as ``Assets:Receivable:1200``; the plugin ``auto_accounts`` opens them, so that one book may include
many months. ``bean-check`` proves that each transaction adds up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from invoices.accounting.journal import Posting

ROOTS = {
    "bank": "Assets:Bank",
    "receivable": "Assets:Receivable",
    "prepaid": "Liabilities:Prepaid",
    "tax": "Liabilities:Tax",
    "accrual": "Liabilities:Accrued",
    "revenue": "Income:Revenue",
    "cost": "Expenses:Cost",
}
HEAD = 'plugin "beancount.plugins.auto_accounts"\n'


def beancount(postings: Sequence[Posting], base_currency: str) -> dict[str, bytes]:
    """The file by its name."""
    entries = (list(group) for _, group in groupby(postings, key=lambda posting: posting.entry_id))
    head = f'option "operating_currency" "{base_currency}"\n{HEAD}'
    return {"journal.beancount": "\n".join([head, *map(_transaction, entries)]).encode("utf-8")}


def _transaction(entry: Sequence[Posting]) -> str:
    return "\n".join([*_heading(entry[0]), *map(_posting, entry)]) + "\n"


def _heading(first: Posting) -> Iterator[str]:
    payee = _quoted(first.customer_name or first.customer_id)
    what = first.document_number or first.reference or ""
    yield f"{first.posting_date} * {payee} {_quoted(f'{first.entry_type} {what}')}"
    yield f"  entry_id: {_quoted(first.entry_id)}"
    yield f"  customer_id: {_quoted(first.customer_id)}"


def _posting(posting: Posting) -> str:
    account = f"{ROOTS[posting.posting_type]}:{_component(posting.account)}"
    return f"  {account}  {posting.shown(posting.amount)} {posting.currency}"


def _component(account: str) -> str:
    """A code as part of an account's name: letters, digits and dashes, starting with a capital or a digit."""
    name = re.sub(r"[^A-Za-z0-9-]", lambda found: f"-{ord(found.group()):X}-", account)
    return name if name[0].isdigit() or name[0].isupper() else f"X{name}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
