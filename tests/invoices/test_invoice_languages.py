"""Documents in every language: no word of another one, the formats of its countries, and their corrections."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from invoice_warehouse import SEPTEMBER, Draft, Warehouse
from pypdf import PdfReader

from cspbill.settings import PROJECT_ROOT, Settings
from invoices import labels, phrases
from invoices.drafts import publish_drafts
from invoices.issue import issue
from invoices.void import void

AUGUST, JULY = dt.date(2024, 8, 1), dt.date(2024, 7, 1)
SAME = {"Amount", "Details", "Description", "Total {name}", "Corrections", "Service"}


def text_of(settings: Settings, number: str, folder: str = "invoices") -> str:
    pages = PdfReader(settings.published / f"{folder}/2024-09/a/{number}.pdf").pages
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages))


def corrected(shop: Warehouse, locale: str) -> Draft:
    """September's use, and what July's and August's invoices had billed wrongly."""
    draft = shop.customer("a", locale=locale)
    draft.usage("1234.56", detail="2 resources in 1 account")
    for period, document, amount in ((AUGUST, "INV-000810", "-40"), (JULY, "INV-000707", "12.5")):
        original = {"reference_document": document, "used_in_period": period}
        line_id = draft.usage(
            amount,
            line_type="correction",
            description="D4s v5",
            detail="60 instead of 100",
            **original,
        )
        draft.discount(line_id, "10", description="Discount", detail="10 % of 40", **original)
    draft.plain(
        "-3",
        line_type="discount",
        description="Volume",
        detail="2.5 % of 120",
        vendor="Microsoft",
        reference_document="INV-000707",
        used_in_period=JULY,
    )
    return draft


def credited(shop: Warehouse, *originals: tuple[dt.date, str]) -> Draft:
    """Nothing but what earlier months were billed too much: lines, and volume discounts of the whole month."""
    draft = shop.customer("a", locale="en_GB")
    for period, document in originals:
        shared = {"vendor": "Microsoft", "reference_document": document, "used_in_period": period}
        draft.plain("-7", line_id=f"c-{period:%m}", line_type="correction", description="Storage", **shared)
        draft.plain("-1", line_type="discount", description="Volume", discount_kind="volume", **shared)
    return draft


@pytest.mark.parametrize("words", [*labels._WORDS.values(), *phrases._PHRASES], ids=lambda words: words[0])
def test_every_text_is_there_in_every_language_with_the_same_places(words: tuple[str, ...]) -> None:
    """A place that is missing in one language would drop an amount or a date from that customer's invoice."""
    assert len(words) == len(labels.LANGUAGES)
    assert all(words)
    places = [sorted(re.findall(r"\{\w+\}", text)) for text in words]

    assert places == [places[0]] * len(places)


@pytest.mark.parametrize(
    ("locale", "expected"),
    [
        (
            "en_GB",
            (
                "Invoice",
                "due 4 November 2024",
                "Net EUR",
                "Value added tax",
                "Corrections",
                "1,234.56",
                "Correction of INV-000810, August 2024",
                "Correction of INV-000707, July 2024",
                "Subtotal Correction of INV-000810, August 2024 −36.00",
                "Total Corrections −27.75",
                "2 resources in 1 account",
                "Discount 10% of 40.00",
                "60.00 instead of 100.00",
                "Page 1 of 2",
            ),
        ),
        (
            "de_DE",
            (
                "Rechnung",
                "fällig am 4. November 2024",
                "Netto EUR",
                "Umsatzsteuer",
                "Korrekturen",
                "1.234,56",
                "Korrektur zu INV-000810, August 2024",
                "Korrektur zu INV-000707, Juli 2024",
                "Summe Korrekturen −27,75",
                "2 Ressourcen in 1 Konto",
                "Rabatt 10 % von 40,00",
                "60,00 statt 100,00",
                "Seite 1 von 2",
            ),
        ),
        (
            "fr_FR",
            (
                "Facture",
                "à régler le 4 novembre 2024",
                "Montant HT EUR",
                "TVA",
                "Corrections",
                "1 234,56",
                "Correction de INV-000810, août 2024",
                "Correction de INV-000707, juillet 2024",
                "Total Corrections −27,75",
                "2 ressources dans 1 compte",
                "Remise 10 % de 40,00",
                "60,00 au lieu de 100,00",
                "Page 1 sur 2",
            ),
        ),
        (
            "es_ES",
            (
                "Factura",
                "vence el 4 de noviembre de 2024",
                "Importe neto EUR",
                "IVA",
                "Correcciones",
                "1.234,56",
                "Corrección de INV-000810, agosto de 2024",
                "Corrección de INV-000707, julio de 2024",
                "Total Correcciones −27,75",
                "Total sin impuestos EUR",
                "Base imponible EUR",
                "2 recursos en 1 cuenta",
                "Descuento 10 % de 40,00",
                "60,00 en lugar de 100,00",
                "Página 1 de 2",
            ),
        ),
    ],
)
def test_a_document_with_corrections_reads_well_in_its_language(
    shop: Warehouse, settings: Settings, locale: str, expected: tuple[str, ...]
) -> None:
    """A customer must see, in their language, which invoice and month each corrected amount belongs to."""
    shop.write(corrected(shop, locale))
    assert issue(settings, SEPTEMBER).refused == {}
    text = text_of(settings, "INV-000001")

    assert [words for words in expected if words not in text] == []
    others = {english for english, *rest in labels._WORDS.values() if english not in rest} - SAME
    found = [words for words in others if " " in words and "{" not in words and words in text]
    assert locale.startswith("en") or found == []


@pytest.mark.parametrize(
    ("locale", "net", "day"),
    [
        ("en_US", "1,234.56", "Nov 4, 2024"),
        ("en_GB", "1,234.56", "4 Nov 2024"),
        ("de_DE", "1.234,56", "04.11.2024"),
        ("de_AT", "1.234,56", "04.11.2024"),
        ("de_CH", "1’234.56", "04.11.2024"),
        ("fr_FR", "1\u202f234,56", "4 nov. 2024"),
        ("fr_CH", "1\u202f234,56", "4 nov. 2024"),
        ("es_ES", "1.234,56", "4 nov 2024"),
        ("es_MX", "1,234.56", "4 nov 2024"),
    ],
)
def test_figures_and_days_are_written_as_in_the_customers_country(
    shop: Warehouse, settings: Settings, locale: str, net: str, day: str
) -> None:
    """A Swiss customer who gets Germany's separators would read 1.234 as one and a bit."""
    draft = shop.customer("a", locale=locale)
    draft.usage("1234.56")
    shop.write(draft)
    assert issue(settings, SEPTEMBER).refused == {}
    first = PdfReader(settings.published / "invoices/2024-09/a/INV-000001.pdf").pages[0].extract_text()

    assert net in first
    assert day in first


def test_a_credit_note_of_corrections_names_every_invoice_that_it_credits(
    shop: Warehouse, settings: Settings
) -> None:
    """A credit note that names no invoice is not accepted by the customer's bookkeeping."""
    shop.write(credited(shop, (AUGUST, "INV-000810"), (JULY, "INV-000707")))
    publish_drafts(settings, [SEPTEMBER])
    text = text_of(settings, "draft", "drafts")

    assert "Credits invoice INV-000810, INV-000707" in text
    assert "Subtotal Correction of INV-000810, August 2024 8.00" in text
    assert "Total Corrections 16.00" in text


def test_a_credit_note_of_one_invoices_corrections_keeps_all_of_them_together(
    shop: Warehouse, settings: Settings
) -> None:
    """Its head names the invoice as a void's does: its lines are corrections all the same, discounts included."""
    draft = credited(shop, (AUGUST, "INV-000810"))
    draft.reference_document = "INV-000810"
    shop.write(draft)
    publish_drafts(settings, [SEPTEMBER])
    text = text_of(settings, "draft", "drafts")

    assert "Credits invoice INV-000810 " in text
    assert "Subtotal Correction of INV-000810, August 2024 8.00" in text
    assert "Total Microsoft" not in text


def test_the_credit_note_of_a_void_keeps_the_sections_of_its_invoice(
    shop: Warehouse, settings: Settings
) -> None:
    """All its lines refer to the voided invoice: taken for corrections, its vendors would be lost."""
    shop.write(corrected(shop, "en_GB"))
    issue(settings, SEPTEMBER)
    void(settings, "INV-000001", "Wrong price book")
    text = text_of(settings, "CN-000001")

    assert "Credits invoice INV-000001" in text
    assert "Total Microsoft 1,231.56" in text
    assert "Subtotal August 2024 −36.00" in text
    assert "Correction of" not in text


def test_logo_colour_and_footer_come_from_the_book(settings: Settings) -> None:
    """The reseller's own look is config: set there, it must be on the customer's page."""
    logo = str(PROJECT_ROOT / "cspbill/demo/book/logo.svg")
    look = {"logo": logo, "brand_color": "#336699", "footer": "Directors: A. Finch, B. Harbour"}
    shop = Warehouse(settings, look)
    shop.write(corrected(shop, "en_GB"))
    issue(settings, SEPTEMBER)
    first, second = PdfReader(settings.published / "invoices/2024-09/a/INV-000001.pdf").pages
    drawn = first.get_contents()

    assert drawn is not None
    assert b"0.2 0.4 0.6 " in drawn.get_data()
    assert b"0.05882353 0.29803923 0.36078432 " in drawn.get_data()  # the logo's #0f4c5c
    for page in (first, second):
        assert "Directors: A. Finch, B. Harbour" in page.extract_text()
