"""The tasks by which things leave the house, and whether the book of business asks for them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from airflow.sdk import task

from common.pools import WAREHOUSE
from cspbill.book import read_book
from cspbill.book.model import Outgoing
from cspbill.errors import CspbillError, InputError
from cspbill.settings import Settings


def _outgoing() -> Outgoing:
    """Return what the book asks for; nothing when it is broken, which ``rate_usage`` reports."""
    try:
        return read_book(Settings.from_environment().config).outgoing
    except InputError:
        return Outgoing()


def add_sending(published: Any) -> None:  # noqa: ANN401 - a task
    """Add ``deliver`` behind the task that publishes, where the book has destinations."""
    if _outgoing().destinations:
        published >> deliver()


def add_mail(documents: Any, asked: Any) -> None:  # noqa: ANN401 - tasks
    """Add ``send`` behind the task that issues, where documents go out by e-mail."""
    if _outgoing().mail:
        documents >> send(asked)


@task(doc_md="Sends what changed below published/ to the folders and object stores of `publish_to`.")
def deliver() -> None:
    """Bring every destination up to date; what one refuses fails the task, the others are served."""
    from cspbill import pipeline

    if found := pipeline.deliver(Settings.from_environment()):
        raise CspbillError("\n".join(found))


@task(pool=WAREHOUSE, doc_md="Sends the issued documents by e-mail, each at most once.")
def send(asked: dict[str, Any]) -> None:
    """Send the period's documents; what was refused or is unknown fails the task and is named."""
    from delivery.mail.send import problems
    from delivery.mail.send import send as send_documents

    period = dt.date.fromisoformat(f"{asked['period']}-01")
    if found := problems(send_documents(Settings.from_environment(), period)):
        raise CspbillError("\n".join(found))
