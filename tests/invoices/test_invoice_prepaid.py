"""Prepaid balances, commitments and adjustments on documents: frozen, given back, in the customer's language."""

from __future__ import annotations

import datetime as dt
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from invoice_warehouse import SEPTEMBER, Draft, Warehouse
from pypdf import PdfReader

from cspbill import warehouse
from cspbill.settings import Settings
from invoices.drafts import publish_drafts
from invoices.formats import formats_for
from invoices.issue import issue
from invoices.ledger import verify
from invoices.phrases import translated
from invoices.publish import publish_missing
from invoices.void import void


def published(settings: Settings, number: str, suffix: str) -> bytes:
    return (settings.published / "invoices" / "2024-09" / "a" / f"{number}{suffix}").read_bytes()


def data_of(settings: Settings, number: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(published(settings, number, ".json"))
    return found


def text_of(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def prepaid(shop: Warehouse, locale: str = "de_DE") -> Draft:
    """A customer who owes 119 and has 100 of it, and 12 that are left, from two top-ups."""
    draft = shop.customer("a", locale=locale)
    draft.usage("100")
    draft.draw("2024-08-01", "60", "PAY-1")
    draft.draw("2024-08-15", "40")
    draft.prepaid_balance, draft.payment_terms_days = Decimal("12.5"), 0
    return draft


@pytest.fixture
def issued(shop: Warehouse, settings: Settings) -> Settings:
    shop.write(prepaid(shop))
    assert issue(settings, SEPTEMBER).refused == {}
    return settings


def test_draws_and_balance_are_frozen_with_the_document(issued: Settings, shop: Warehouse) -> None:
    assert shop.query("select * from ledger.prepaid_draw order by draw_number") == [
        ("INV-000001", 1, "a", SEPTEMBER, dt.date(2024, 8, 1), "PAY-1", Decimal(60), "EUR"),
        ("INV-000001", 2, "a", SEPTEMBER, dt.date(2024, 8, 15), "", Decimal(40), "EUR"),
    ]
    data = data_of(issued, "INV-000001")
    assert data["prepaid_draws"] == [
        {"draw_number": 1, "top_up_date": "2024-08-01", "top_up_reference": "PAY-1", "amount": "60.00",
         "currency": "EUR"},
        {"draw_number": 2, "top_up_date": "2024-08-15", "top_up_reference": "", "amount": "40.00",
         "currency": "EUR"},
    ]  # fmt: skip
    totals = ("gross_amount", "prepaid_drawn", "payable_amount", "prepaid_balance", "due_date")
    assert [data[name] for name in totals] == ["119.00", "100.00", "19.00", "12.50", "2024-10-05"]
    assert verify(issued).problems == ()


def test_a_document_without_a_balance_says_nothing_of_one(shop: Warehouse, settings: Settings) -> None:
    draft = shop.customer("a")
    draft.usage("100")
    shop.write(draft)
    issue(settings, SEPTEMBER)

    data = data_of(settings, "INV-000001")
    assert [name for name in data if name.startswith("prepaid")] == ["prepaid_drawn"]
    assert "Guthaben" not in text_of(published(settings, "INV-000001", ".pdf"))


def test_a_void_gives_every_draw_back(issued: Settings, shop: Warehouse) -> None:
    number = void(issued, "INV-000001", "Wrong price")

    given_back = "select top_up_reference, sum(amount) from ledger.prepaid_draw group by all order by all"
    assert shop.query(given_back) == [("", Decimal(0)), ("PAY-1", Decimal(0))]
    data = data_of(issued, number)
    assert [draw["amount"] for draw in data["prepaid_draws"]] == ["-60.00", "-40.00"]
    assert (data["gross_amount"], data["prepaid_drawn"], data["payable_amount"]) == (
        "-119.00",
        "-100.00",
        "-19.00",
    )
    text = text_of(published(issued, number, ".pdf"))
    assert "Dem Guthaben zurückgegeben EUR" in text
    assert "−100,00" in text
    assert verify(issued).problems == ()


def test_a_lost_file_is_printed_again_from_the_ledger_byte_for_byte(issued: Settings) -> None:
    folder = issued.published / "invoices" / "2024-09" / "a"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    for path in folder.iterdir():
        path.unlink()
    publish_missing(issued)

    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_verification_names_draws_that_differ_and_more_given_back_than_drawn(issued: Settings) -> None:
    with warehouse.connect(issued) as connection:
        connection.execute("update ledger.prepaid_draw set amount = -1 where draw_number = 2")
    problems = verify(issued).problems

    assert "INV-000001: its draws from top-ups sum to 59, it drew 100" in problems
    assert "prepaid top-up a 2024-08-15: 1 more was given back than drawn" in problems


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("de_DE", ["Aus Guthaben verrechnet EUR", "−100,00", "Restguthaben nach diesem Beleg: 12,50 EUR"]),
        ("en_GB", ["Prepaid balance drawn EUR", "−100.00", "Prepaid balance left after this document: 12.50 EUR"]),
        ("fr_FR", ["Prélevé sur le solde prépayé EUR", "Solde prépayé après ce document : 12,50 EUR"]),
    ],
)  # fmt: skip
def test_the_invoice_shows_what_was_drawn_and_what_is_left(
    shop: Warehouse, settings: Settings, locale: str, words: list[str]
) -> None:
    shop.write(prepaid(shop, locale))
    issue(settings, SEPTEMBER)

    text = text_of(published(settings, "INV-000001", ".pdf"))
    assert [word for word in words if word not in text] == []


def test_a_draft_of_a_customer_who_prepays_is_due_at_once_and_shows_an_empty_balance(
    shop: Warehouse, settings: Settings
) -> None:
    draft = shop.customer("a", locale="en_GB")
    draft.usage("100")
    draft.prepaid_balance, draft.payment_terms_days = Decimal(0), 0
    shop.write(draft)
    publish_drafts(settings, [SEPTEMBER])

    path: Path = settings.published / "drafts" / "2024-09" / "a" / "draft.pdf"
    text = text_of(path.read_bytes())
    assert "due at once" in text
    assert "Prepaid balance left after this document: 0.00 EUR" in text


def test_commitments_and_adjustments_have_sections_of_their_own_after_all_charges(
    shop: Warehouse, settings: Settings
) -> None:
    draft = shop.customer("a")
    draft.usage("700")
    own = {"vendor": "Nordlicht Cloud GmbH", "cost": Decimal(0)}
    draft.plain(
        "300",
        line_type="true_up",
        service="Minimum commitment",
        description="Minimum commitment",
        detail="1000 committed; 15 of 30 days of 2000; 700 spent",
        **own,
    )
    draft.plain("-50", service="Adjustments", description="Kulanz Ausfall 3.9.", **own)
    shop.write(draft)
    assert issue(settings, SEPTEMBER).refused == {}

    lines = text_of(published(settings, "INV-000001", ".pdf")).splitlines()
    wanted = ("Summe Microsoft", "Mindestabnahme und Obergrenzen", "Mindestabnahme", "Weitere Posten",
              "Kulanz Ausfall 3.9.")  # fmt: skip
    places = [
        max(n for n, line in enumerate(lines) if line.startswith(word)) for word in wanted[:1] + wanted[2:]
    ]
    assert places == sorted(places)
    assert "Adjustments" not in "\n".join(lines)
    assert "1.000,00 zugesagt; 15 von 30 Tagen von 2.000,00; 700,00 verbraucht" in "\n".join(lines)
    assert verify(settings).problems == ()


@pytest.mark.parametrize(
    ("phrase", "german", "french"),
    [
        ("500 committed; 15 of 30 days of 1000 USD; 200 spent",
         "500,00 zugesagt; 15 von 30 Tagen von 1.000,00 USD; 200,00 verbraucht",
         "500,00 engagés; 15 jours sur 30 de 1\u202f000,00 USD; 200,00 consommés"),
        ("12000 committed; 2023-10-01 to 2024-09-30; -5 spent",
         "12.000,00 zugesagt; 01.10.2023 bis 30.09.2024; −5,00 verbraucht",
         "12\u202f000,00 engagés; 1 oct. 2023 au 30 sept. 2024; −5,00 consommés"),
        ("900 committed; 1000 USD; 0 spent",
         "900,00 zugesagt; 1.000,00 USD; 0,00 verbraucht",
         "900,00 engagés; 1\u202f000,00 USD; 0,00 consommés"),
        ("at most 500; 2 contracts; 600 spent",
         "höchstens 500,00; 2 Verträge; 600,00 verbraucht",
         "au plus 500,00; 2 contrats; 600,00 consommés"),
        ("at most 500; 600 spent", "höchstens 500,00; 600,00 verbraucht", "au plus 500,00; 600,00 consommés"),
        ("Spend cap", "Ausgabenobergrenze", "Plafond de dépenses"),
        ("we committed; nothing was spent", "we committed; nothing was spent", "we committed; nothing was spent"),
    ],
)  # fmt: skip
def test_what_was_committed_allowed_and_spent_is_printed_in_the_customers_language(
    phrase: str, german: str, french: str
) -> None:
    printed = [translated(phrase, formats_for(locale, "EUR")) for locale in ("de_DE", "fr_FR")]
    assert printed == [german, french]
