"""Issued documents by e-mail, through a real SMTP server: each once, whatever the server or a kill does."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent.parent / "invoices"))

from invoice_warehouse import OCTOBER, SEPTEMBER, Warehouse
from published import CUSTOMERS, command, write_book
from smtp_box import Mailbox, certificate_in, mailbox

from cspbill.errors import CspbillError, InputError
from cspbill.settings import Settings
from cspbill.status import as_text, read_status
from delivery.mail.send import confirm, problems, resend, send
from invoices.issue import issue


def configure(settings: Settings, port: int, more: str = "", customers: str = CUSTOMERS) -> None:
    mail = f"{{smtp_host: 127.0.0.1, smtp_port: {port}, sender: billing@nordlicht.example"
    security = "" if "security" in more else ", security: none"
    write_book(settings, f"mail: {mail}{security}{more}}}\n", customers)


@pytest.fixture
def shop(settings: Settings) -> Warehouse:
    """Two customers with an issued invoice of September each."""
    shop = Warehouse(settings)
    drafts = [shop.customer("a", locale="de_DE"), shop.customer("b", locale="en_GB")]
    for draft in drafts:
        draft.usage("1234.56")
    shop.write(*drafts)
    assert issue(settings, SEPTEMBER).refused == {}
    return shop


@pytest.fixture
def box(settings: Settings, shop: Warehouse) -> Iterator[Mailbox]:
    with mailbox() as box:
        configure(settings, box.port)
        yield box


def test_each_document_is_sent_once_to_its_customer_with_what_was_issued(
    settings: Settings, box: Mailbox
) -> None:
    """A customer who gets an invoice twice may pay it twice; one who gets another file has no invoice."""
    first, second = send(settings), send(settings)
    (recipients, message), (others, other) = box.arrived
    (pdf,) = [part for part in message.iter_attachments() if part.get_content_type() == "application/pdf"]
    issued = (settings.published / "invoices/2024-09/a/INV-000001.pdf").read_bytes()

    assert (first.sent, first.problems) == (["INV-000001", "INV-000002"], {})
    assert (second.sent, second.already) == ([], ["INV-000001", "INV-000002"])
    assert (recipients, others) == (["ap@alpha.example"], ["billing@beta.example"])
    assert pdf.get_filename() == "INV-000001.pdf"
    assert hashlib.sha256(pdf.get_content()).digest() == hashlib.sha256(issued).digest()
    assert message["Message-ID"].endswith("@nordlicht.example>")
    assert message["Message-ID"] != other["Message-ID"]
    assert not [part for part in message.iter_attachments() if "json" in (part.get_filename() or "")]


def test_the_words_are_in_the_customers_language(settings: Settings, box: Mailbox) -> None:
    """A German customer gets German words and figures, as on the invoice itself."""
    send(settings)
    (_, german), (_, english) = box.arrived
    texts = [
        [
            part.get_content()
            for part in message.walk()
            if part.get_content_type() in {"text/plain", "text/html"}
        ]
        for message in (german, english)
    ]

    assert german["Subject"] == "Rechnung INV-000001, September 2024, Nordlicht Cloud GmbH"
    assert english["Subject"] == "Invoice INV-000002, September 2024, Nordlicht Cloud GmbH"
    for text in texts[0]:
        assert "anbei erhalten Sie die Rechnung INV-000001 für September 2024." in text
        assert "EUR 1.469,13" in text
        assert "4. November 2024" in text
    for text in texts[1]:
        assert "Please find attached invoice INV-000002 for September 2024." in text
        assert "EUR 1,469.13" in text


def test_a_dry_run_sends_nothing_and_says_what_would_go_where(settings: Settings, box: Mailbox) -> None:
    """Before the first real run somebody wants to see the list."""
    result = send(settings, SEPTEMBER, ["b"], dry_run=True)

    assert result.planned == {"INV-000002": "billing@beta.example"}
    assert box.arrived == []
    assert send(settings, SEPTEMBER, ["b"]).sent == ["INV-000002"]
    assert send(settings, OCTOBER).sent == []


def test_killed_while_the_server_takes_it_a_document_is_not_sent_again(
    settings: Settings, box: Mailbox
) -> None:
    """Nobody knows whether it arrived: sending it again could be the second time, so a person decides."""
    process = command(settings, "send", "--customer", "a")
    box.at_data = process.kill
    process.wait(timeout=60)
    box.at_data = None
    result = send(settings)
    told = problems(result)
    shown = read_status(settings)["mail"]

    assert [recipients for recipients, _ in box.arrived] == [["ap@alpha.example"], ["billing@beta.example"]]
    assert result.sent == ["INV-000002"]
    assert "INV-000001: its message to ap@alpha.example of" in told[0]
    assert "may have arrived: it is not sent again" in told[0]
    assert [(row["document"], row["state"]) for row in shown] == [("INV-000001", "unknown")]
    assert "E-mails that a person must look at" in as_text(read_status(settings))


def test_a_person_decides_what_becomes_of_an_unknown_message(settings: Settings, box: Mailbox) -> None:
    """It arrived: it is settled. It did not: it goes out again, under another Message-ID, with the reason kept."""
    box.answer = "hang up"
    lost = send(settings)
    box.answer = "250 OK"
    assert sorted(lost.problems) == ["INV-000001", "INV-000002"]
    assert send(settings).sent == []
    confirm(settings, "INV-000001", "The customer has it")
    again = resend(settings, "INV-000002", "The customer has it not")
    last = send(settings)

    assert (again.sent, last.sent, last.already) == (["INV-000002"], [], ["INV-000001", "INV-000002"])
    assert len(box.arrived) == 1
    assert read_status(settings)["mail"] == []
    record = (settings.home / "sent/mail.jsonl").read_text("utf-8")
    assert "The customer has it not" in record
    assert len({line.split('"message_id": "')[1][:30] for line in record.splitlines()}) == 3
    with pytest.raises(InputError, match="INV-000002: its message is not one of which nobody knows"):
        confirm(settings, "INV-000002", "no")


@pytest.mark.parametrize("at", ["recipient", "message"])
def test_a_refused_message_says_why_and_is_sent_once_the_cause_is_mended(
    settings: Settings, box: Mailbox, at: str
) -> None:
    """A mailbox that does not exist is corrected in customers.csv, and the invoice goes out with the next run."""
    refusal = "550 5.1.1 no such mailbox"
    box.recipient_answer, box.answer = (refusal, "250 OK") if at == "recipient" else ("250 OK", refusal)
    first = send(settings)
    states = [row["state"] for row in read_status(settings)["mail"]]
    box.recipient_answer = box.answer = "250 OK"
    second = send(settings)

    assert sorted(first.problems) == ["INV-000001", "INV-000002"]
    assert "INV-000001: not sent to ap@alpha.example: " in problems(first)[0]
    assert "550 5.1.1 no such mailbox" in problems(first)[0]
    assert states == ["refused", "refused"]
    assert (second.sent, len(box.arrived)) == (["INV-000001", "INV-000002"], 2)


def test_a_server_that_is_down_is_named_and_leaves_no_trace(settings: Settings, shop: Warehouse) -> None:
    """The next run must send everything: nothing was on its way yet."""
    with mailbox() as box:
        port = box.port
    configure(settings, port)
    with pytest.raises(CspbillError, match=rf"mail: 127\.0\.0\.1:{port}: cannot be reached"):
        send(settings)

    assert read_status(settings)["mail"] == []


@pytest.mark.parametrize("email", ["", "nobody", "a@alpha.example, b@alpha.example", "ap@älpha.example"])
def test_a_customer_without_an_address_is_named_and_the_others_get_theirs(
    settings: Settings, box: Mailbox, email: str
) -> None:
    """One gap in customers.csv must not hold up everybody's invoices."""
    customers = CUSTOMERS.replace("ap@alpha.example", f'"{email}"')
    configure(settings, box.port, customers=customers)
    result = send(settings)

    assert result.sent == ["INV-000002"]
    assert "customer a" in result.problems["INV-000001"]
    assert "set email in customers.csv" in result.problems["INV-000001"]


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_the_servers_certificate_is_verified_and_an_own_authority_can_be_named(
    settings: Settings, shop: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, security: str
) -> None:
    """Invoices and the login must not go to whoever answers on the port."""
    monkeypatch.setenv("AIRFLOW_CONN_POST", "smtp://billing:s3cret@ignored")
    certificate = certificate_in(tmp_path)
    with mailbox(certificate, starts_with_tls=security == "tls") as box:
        configure(settings, box.port, f", security: {security}, connection: post")
        with pytest.raises(CspbillError, match="certificate is not trusted"):
            send(settings)
        configure(settings, box.port, f", security: {security}, connection: post, ca_file: ../server.pem")
        assert send(settings).sent == ["INV-000001", "INV-000002"]
        monkeypatch.setenv("AIRFLOW_CONN_POST", "smtp://billing:wrong@ignored")
        with pytest.raises(CspbillError, match="refused the login of connection post: 535"):
            resend(settings, "INV-000001", "asked for it")

    assert box.logins[0] == "billing"
    assert len(box.arrived) == 2


def test_no_name_can_add_a_header_or_markup(settings: Settings) -> None:
    """A customer's name comes from outside: it must not choose who else gets the invoice."""
    evil = "Evil\r\nBcc: spy@example.org <b>bold</b>"
    shop = Warehouse(settings, {"legal_name": f"Seller {evil}"})
    draft = shop.customer("a", locale="en_GB", legal_name=evil)
    draft.usage("1")
    shop.write(draft)
    assert issue(settings, SEPTEMBER).refused == {}
    with mailbox() as box:
        configure(settings, box.port)
        assert send(settings).sent == ["INV-000001"]
    ((recipients, message),) = box.arrived
    (page,) = [part.get_content() for part in message.walk() if part.get_content_type() == "text/html"]

    assert recipients == ["ap@alpha.example"]
    assert message["Bcc"] is None
    assert message["To"].addresses[0].addr_spec == "ap@alpha.example"
    assert "<b>" not in page


def test_a_file_that_is_no_longer_the_one_that_was_issued_is_not_sent(
    settings: Settings, box: Mailbox
) -> None:
    """Whatever replaced the invoice on disk, the customer must get the one in the ledger or none."""
    path = settings.published / "invoices/2024-09/a/INV-000001.pdf"
    path.write_bytes(path.read_bytes() + b"!")
    result = send(settings)

    assert result.sent == ["INV-000002"]
    assert "is not the file that was issued: see cspbill ledger verify" in result.problems["INV-000001"]


def test_the_usage_file_and_a_blind_copy_go_along_where_wanted(settings: Settings, box: Mailbox) -> None:
    """The customer's own accountants want the rows; the reseller wants to see what went out."""
    configure(settings, box.port, ", usage_csv: true, bcc: copies@nordlicht.example")
    send(settings)
    recipients, message = box.arrived[0]

    assert recipients == ["ap@alpha.example", "copies@nordlicht.example"]
    assert "copies" not in str(message["To"]) + str(message["Cc"]) + str(message["Bcc"])
    assert "INV-000001-usage.csv" in [part.get_filename() for part in message.iter_attachments()]


def test_the_commands_refuse_what_does_not_go_together(settings: Settings, box: Mailbox) -> None:
    """A resend without a reason leaves the next person guessing."""
    for arguments in (
        ["--resend", "INV-000001"],
        ["--reason", "x"],
        ["--resend", "N", "--dry-run", "--reason", "x"],
    ):
        process = command(settings, "send", *arguments)
        _, told = process.communicate(timeout=60)
        assert process.returncode == 2
        assert "--reason goes with one of" in told
    write_book(settings, "")
    with pytest.raises(InputError, match=r"reseller\.yml has no mail"):
        send(settings)
