"""Send the issued documents of a period, each at most once."""

from __future__ import annotations

import datetime as dt
import smtplib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from cspbill import warehouse
from cspbill.book import Book, Mail, read_book
from cspbill.book.outgoing import is_address
from cspbill.errors import CspbillError, InputError
from cspbill.progress import step
from cspbill.settings import Settings
from delivery import journal
from delivery.mail import letter, record, server
from invoices import read
from invoices.publish import issued_files

_BATCH = 200  # documents read from the warehouse at a time


@dataclass
class Result:
    """Numbers by what became of them; ``problems``: why, for those that need a person."""

    sent: list[str] = field(default_factory=list)
    already: list[str] = field(default_factory=list)
    planned: dict[str, str] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)


def send(
    settings: Settings,
    period: dt.date | None = None,
    customers: Collection[str] = (),
    *,
    dry_run: bool = False,
) -> Result:
    """Send what was not sent yet: of ``period``, else of the newest one with issued documents.

    What was refused before is tried again; what nobody knows is named and left alone.
    """
    book = read_book(settings.config)
    mail = _mail(book)
    facts = _facts(settings, _where(period, customers))
    if unknown := set(customers) - {str(row["customer_id"]) for row in book.tables["customers"]}:
        raise InputError(f"There is no customer {', '.join(sorted(unknown))} in customers.csv.")
    with journal.opened(record.path_of(settings)) as entries:
        result, due = _sorted_out(facts, record.latest(entries.entries))
        _send_all(_Post(mail, _recipients(book), entries), due, result, dry_run=dry_run)
    return result


def resend(settings: Settings, number: str, reason: str) -> Result:
    """Send a document once more, whatever became of it; the reason is recorded."""
    book = read_book(settings.config)
    mail = _mail(book)
    facts = _facts(settings, ("document_number = ?", [number]))
    if not facts:
        raise InputError(f"There is no document {number} in the ledger.")
    with journal.opened(record.path_of(settings)) as entries:
        before = record.latest(entries.entries).get(number, {})
        result = Result()
        post = _Post(mail, _recipients(book), entries, {"reason": reason})
        _send_all(post, [(facts[0], int(before.get("attempt", 0)) + 1)], result)
    return result


def confirm(settings: Settings, number: str, reason: str) -> None:
    """Record that a message of which nobody knew has arrived; it is not sent again."""
    with journal.opened(record.path_of(settings)) as entries:
        before = record.latest(entries.entries).get(number)
        if before is None or before["state"] != record.SENDING:
            raise InputError(f"{number}: its message is not one of which nobody knows; see cspbill status.")
        entries.note({**before, "state": record.SENT, "reason": reason})


def problems(result: Result) -> tuple[str, ...]:
    """What a person must see, one line per document."""
    return tuple(f"{number}: {why}" for number, why in result.problems.items())


@dataclass(frozen=True)
class _Post:
    mail: Mail
    recipients: dict[str, str]
    entries: journal.Journal
    said: dict[str, str] = field(default_factory=dict)


_Due = list[tuple[letter.Facts, int]]


def _mail(book: Book) -> Mail:
    if book.outgoing.mail is None:
        raise InputError("Nothing is sent by e-mail: reseller.yml has no mail.")
    return book.outgoing.mail


def _recipients(book: Book) -> dict[str, str]:
    return {str(row["customer_id"]): str(row["email"] or "") for row in book.tables["customers"]}


def _where(period: dt.date | None, customers: Collection[str]) -> tuple[str, list[object]]:
    newest = "(select max(billing_period) from ledger.document)"
    where, values = (f"billing_period = {newest}", []) if period is None else ("billing_period = ?", [period])
    chosen: list[object] = [*values]
    if customers:
        where, chosen = f"{where} and customer_id in (select unnest(?))", [*values, list(customers)]
    return where, chosen


def _facts(settings: Settings, where: tuple[str, list[object]]) -> list[letter.Facts]:
    condition, values = where
    with warehouse.connect(settings) as connection:
        sql = (
            f"select document_number from ledger.document where {condition} order by series, sequence_number"
        )
        numbers = [row["document_number"] for row in read.rows(connection, sql, values)]
        files = {one.document_number: one for one in issued_files(connection, settings)}
        found = (
            document
            for start in range(0, len(numbers), _BATCH)
            for document in read.read_issued(connection, numbers[start : start + _BATCH])
        )
        facts = {
            str(one.header.document_number): letter.Facts(
                one.header, one.seller, one.buyer, one.credited, files[str(one.header.document_number)]
            )
            for one in found
        }
    return [facts[number] for number in numbers]


def _sorted_out(facts: Sequence[letter.Facts], known: dict[str, journal.Entry]) -> tuple[Result, _Due]:
    result, due = Result(), _Due()
    for one in facts:
        entry = known.get(one.number, {})
        if entry.get("state") == record.SENT:
            result.already.append(one.number)
        elif entry.get("state") == record.SENDING:
            result.problems[one.number] = (
                f"its message to {entry['recipient']} of {entry['at']} may have arrived: it is not sent again. "
                f"Ask, then: cspbill send --confirm {one.number}, or --resend {one.number}, with --reason"
            )
        else:
            due.append((one, int(entry.get("attempt", 1))))
    return result, due


def _send_all(post: _Post, due: _Due, result: Result, *, dry_run: bool = False) -> None:
    addressed = list(_addressed(post, due, result))
    if dry_run:
        result.planned = {facts.number: recipient for facts, recipient, _ in addressed}
        return
    while addressed:
        with step(f"Send {len(addressed)} documents") as current, server.connected(post.mail) as link:
            addressed = _send_while_connected(post, link, addressed, result)
            current.note(f"{len(result.sent)} sent")


def _addressed(post: _Post, due: _Due, result: Result) -> Iterator[tuple[letter.Facts, str, int]]:
    for facts, attempt in due:
        customer = facts.header.customer_id
        recipient = post.recipients.get(customer, "")
        if is_address(recipient):
            yield facts, recipient, attempt
        else:
            shown = f"'{recipient}' is no e-mail address" if recipient else "has no e-mail address"
            result.problems[facts.number] = f"customer {customer} {shown}: set email in customers.csv"


_Addressed = list[tuple[letter.Facts, str, int]]


def _send_while_connected(
    post: _Post, link: smtplib.SMTP, addressed: _Addressed, result: Result
) -> _Addressed:
    """Send one after the other; returns what is left when the connection is lost."""
    for at, (facts, recipient, attempt) in enumerate(addressed, 1):
        try:
            _send_one(post, link, letter.write(facts, post.mail, recipient, attempt), attempt)
        except (OSError, smtplib.SMTPException):
            result.problems[facts.number] = (
                f"the connection was lost while it was sent: it may have arrived at {recipient}; see cspbill status"
            )
            return addressed[at:]
        except CspbillError as error:
            result.problems[facts.number] = f"not sent to {recipient}: {error}"
            if link.sock is None:
                return addressed[at:]
        else:
            result.sent.append(facts.number)
    return []


def _send_one(post: _Post, link: smtplib.SMTP, one: letter.Letter, attempt: int) -> None:
    entry: journal.Entry = {
        "number": one.number,
        "recipient": one.recipient,
        "message_id": one.message_id,
        "attempt": attempt,
        "attachments": one.attachments,
        **post.said,
    }
    recipients = [one.recipient, *([post.mail.bcc] if post.mail.bcc else [])]
    try:
        server.offer(link, post.mail.sender, recipients)
        # From here on a kill leaves a message of which nobody knows whether it was taken.
        post.entries.note({**entry, "state": record.SENDING})
        server.hand_over(link, one.content)
    except server.RefusedError as error:
        post.entries.note({**entry, "state": record.REFUSED, "why": str(error)})
        raise
    post.entries.note({**entry, "state": record.SENT})
