"""What reseller.yml says of publishing and e-mail, and how mistakes in it are told."""

import pytest

from cspbill.book import Destination, Mail, read_book, summary
from cspbill.book.model import Outgoing

RESELLER = "legal_name: R\ncountry: DE\nbase_currency: EUR\nsources: []\n"


def outgoing(write, more):
    return read_book(write({"reseller.yml": RESELLER + more, "accounts.csv": None})).outgoing


def test_without_the_keys_nothing_leaves_the_house(write):
    """Sending is asked for, never a default."""
    assert outgoing(write, "") == Outgoing(destinations=(), mail=None)


def test_one_address_alone_gets_what_customers_may_see(write, tmp_path):
    """Margin and cost must be named to be sent anywhere."""
    found = outgoing(write, "publish_to: ../out\n").destinations

    assert found == (Destination(str(tmp_path / "out"), ("invoices", "focus"), {}),)


def test_several_places_each_have_what_is_sent_there_and_how(write):
    """A customers' bucket and the reseller's own archive are different places with different keys."""
    more = (
        "publish_to:\n"
        "  - {url: 's3://customers/n/', send: [Invoices, focus, focus], connection: out, region: eu-central-1}\n"
        "  - {url: 'abfs://vault', send: [archive, accounting]}\n"
    )

    assert outgoing(write, more).destinations == (
        Destination(
            "s3://customers/n", ("invoices", "focus"), {"connection": "out", "region": "eu-central-1"}
        ),
        Destination("abfs://vault", ("archive", "accounting"), {}),
    )


def test_mail_needs_a_server_and_a_sender_and_is_encrypted_unless_told(write):
    """The safe way must be the one that needs no thought."""
    mail = outgoing(write, "mail: {smtp_host: smtp.example, sender: billing@r.example}\n").mail

    assert mail == Mail("smtp.example", 587, "starttls", "billing@r.example")


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (
            "publish_to: zz://x\n",
            "reseller.yml:5: url: no store is known by 'zz://'; allowed: a folder, s3://, gs://, abfs:// …",
        ),
        (
            "publish_to:\n  - s3://x\n",
            "reseller.yml:6: publish_to: not a mapping; allowed: {url: …, send: […]}",
        ),
        ("publish_to: s3://key:secret@x\n", "reseller.yml:5: url: 's3://…' is not bucket/prefix"),
        ("publish_to:\n  - {send: [invoices]}\n", "reseller.yml:6: url: missing; required: "),
        (
            "publish_to:\n  - {url: out, send: [margin]}\n",
            "reseller.yml:6: send: 'margin' is not a known send",
        ),
        (
            "publish_to:\n  - {url: out}\n  - {url: ./out}\n",
            "stands twice; allowed: once",
        ),
        ("mail: smtp.example\n", "reseller.yml:5: mail: not a mapping; allowed: {smtp_host: …, sender: …}"),
        ("mail: {sender: a@r.example}\n", "reseller.yml:5: smtp_host: missing; required: "),
        (
            "mail: {smtp_host: x, sender: Billing}\n",
            "reseller.yml:5: sender: 'Billing' is no e-mail address; allowed: name@example.com",
        ),
        ("mail: {smtp_host: x, sender: a@r.example, ca_file: no.pem}\n", "ca_file: 'no.pem' is no file"),
        ("mail: {smtp_host: x, sender: a@r.example, smtp_password: x}\n", "secrets never stand in this file"),
    ],
)
def test_mistakes_are_told_with_line_and_what_is_allowed(problems, more, told):
    """An upload to nowhere would only be noticed at the month's end."""
    assert any(
        told in problem for problem in problems({"reseller.yml": RESELLER + more, "accounts.csv": None})
    )


def test_check_says_what_leaves_the_house_and_who_cannot_be_written_to(write, tmp_path):
    """Before the first send, the gaps in customers.csv are on the screen."""
    more = "publish_to: ../out\nmail: {smtp_host: smtp.example, sender: billing@r.example}\n"
    customers = "customer_id,legal_name,country,currency,email\nacme,Acme,DE,EUR,\nbolt,Bolt,GB,GBP,a b\n"
    text = summary(
        read_book(write({"reseller.yml": RESELLER + more, "accounts.csv": None, "customers.csv": customers}))
    )

    assert f"publishes invoices, focus to {tmp_path / 'out'}" in text
    assert "sends documents by e-mail through smtp.example" in text
    assert "customers.csv:2: email: missing: documents cannot be sent by e-mail" in text
    assert "customers.csv:3: email: 'a b' is no address that documents can be sent to" in text
