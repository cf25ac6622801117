"""The PDF: what it says, in which locale, on how many pages, and that the same document gives the same bytes."""

from __future__ import annotations

import datetime as dt
import io
import re
from decimal import Decimal

import pytest
from invoice_warehouse import SEPTEMBER, Draft, Warehouse
from pypdf import PdfReader

from cspbill import warehouse
from cspbill.settings import Settings
from invoices.drafts import publish_drafts
from invoices.einvoice import syntax
from invoices.formats import formats_for
from invoices.issue import issue
from invoices.pdf import Renderer
from invoices.phrases import translated
from invoices.present import view
from invoices.read import read_issued
from invoices.void import void


def pages_of(settings: Settings, name: str, customer: str = "a") -> list[str]:
    folder = "drafts" if name == "draft" else "invoices"
    path = settings.published / folder / "2024-09" / customer / f"{name}.pdf"
    return [page.extract_text() for page in PdfReader(path).pages]


def issued_text(shop: Warehouse, settings: Settings, draft: Draft) -> str:
    shop.write(draft)
    assert issue(settings, SEPTEMBER).refused == {}
    return "\n".join(pages_of(settings, "INV-000001"))


@pytest.mark.parametrize(
    ("locale", "net", "due", "words"),
    [
        ("de_DE", "1.234,56", "fällig am 4. November 2024", "Rechnung"),
        ("en_GB", "1,234.56", "due 4 November 2024", "Invoice"),
        ("en_US", "1,234.56", "due November 4, 2024", "Invoice"),
        ("fr_FR", "1\u202f234,56", "à régler le 4 novembre 2024", "Facture"),
        ("de_CH", "1’234.56", "fällig am 4. November 2024", "Rechnung"),
        ("xx_XX", "1,234.56", "due 4 November 2024", "Invoice"),
    ],
)
def test_figures_dates_and_words_follow_the_customers_locale(
    shop: Warehouse, settings: Settings, locale: str, net: str, due: str, words: str
) -> None:
    draft = shop.customer("a", locale=locale)
    draft.usage("1234.56")
    text = issued_text(shop, settings, draft)

    assert net in text
    assert due in text
    assert words in text


@pytest.mark.parametrize(("locale", "size"), [("de_DE", (595, 842)), ("en_US", (612, 792))])
def test_the_paper_is_a4_or_us_letter_by_locale(
    shop: Warehouse, settings: Settings, locale: str, size: tuple[int, int]
) -> None:
    draft = shop.customer("a", locale=locale)
    draft.usage("1")
    shop.write(draft)
    issue(settings, SEPTEMBER)
    box = PdfReader(settings.published / "invoices/2024-09/a/INV-000001.pdf").pages[0].mediabox

    assert (round(box.width), round(box.height)) == size


def test_the_first_page_says_who_how_much_by_when_and_for_what(shop: Warehouse, settings: Settings) -> None:
    draft = shop.customer("a", locale="en_GB", legal_name="Alpha Ltd", tax_id="GB123456789")
    draft.purchase_order = "PO-77"
    draft.usage("100", vendor="Amazon Web Services", service="Amazon EC2")
    draft.usage("50")
    shop.write(draft)
    issue(settings, SEPTEMBER)
    first = pages_of(settings, "INV-000001")[0]

    for expected in (
        "Nordlicht Cloud GmbH",
        "Alpha Ltd",
        "INV-000001",
        "EUR\u00a0178.50",
        "due 4 November 2024",
        "for September 2024",
        "PO-77",
        "GB123456789",
        "Amazon Web Services",
        "DE89 3704 0044 0532 0130 00",
        "COBADEFFXXX",
        "VAT id DE136695976",
        "Page 1 of 2",
    ):
        assert expected in first


def test_a_thousand_lines_fill_pages_that_each_repeat_the_header_row_and_the_page_number(
    shop: Warehouse, settings: Settings
) -> None:
    draft = shop.customer("a", locale="en_GB")
    for n in range(1000):
        draft.usage("1.5", service=f"Service {n // 50:02}", description=f"Machine {n:04}", days=1)
    shop.write(draft)
    issue(settings, SEPTEMBER)
    pages = pages_of(settings, "INV-000001")

    assert 20 <= len(pages) <= 40
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in page
        if number > 1:
            assert "Description" in page
            assert "Amount EUR" in page
            assert not page.split("Amount EUR", 1)[1].lstrip().startswith(("Subtotal", "Total"))
    text = "\n".join(pages)
    assert [n for n in range(1000) if f"Machine {n:04}" not in text] == []
    assert text.count("Subtotal Service") == 20


def test_lines_are_grouped_with_subtotals_and_discounts_stand_under_what_they_reduce(
    shop: Warehouse, settings: Settings
) -> None:
    draft = shop.customer("a", locale="en_GB")
    parent = draft.usage("100", description="D4s v5, West Europe")
    draft.discount(parent, "10")
    draft.usage("20", description="D8s v5, West Europe")
    text = re.sub(r"\s+", " ", issued_text(shop, settings, draft))

    place = text.index("D4s v5, West Europe")
    assert re.search(
        r"D4s v5, West Europe .*?100\.00 10 % discount −10\.00 D8s v5.*?20\.00 "
        r"Subtotal Virtual Machines 110\.00 Total Microsoft 110\.00",
        text[place:],
    )
    assert re.search(r"Microsoft 120\.00 −10\.00 110\.00", text)


def test_lines_that_round_to_nothing_are_counted_in_one_sentence(shop: Warehouse, settings: Settings) -> None:
    draft = shop.customer("a", locale="en_GB")
    draft.usage("20", description="Big")
    for n in range(12):
        draft.usage("0.001", description=f"Tiny {n}")
    draft.usage("0.004", service="Key Vault", description="Secrets")
    text = issued_text(shop, settings, draft)

    assert "12 further items below 0.01, see the usage file" in text
    assert "1 further item below 0.01, see the usage file" in text
    assert "Tiny" not in text
    assert "Secrets" not in text


def test_the_only_line_of_a_service_says_in_the_documents_language_how_it_came_about(
    shop: Warehouse, settings: Settings
) -> None:
    draft = shop.customer("a", locale="de_DE")
    draft.usage("1", service="Backup", description="Nightly copies", detail="20 of 30 days")
    text = issued_text(shop, settings, draft)

    assert "Nightly copies · 20 von 30 Tagen" in text


def test_a_unit_price_is_marked_where_its_print_is_shortened(shop: Warehouse, settings: Settings) -> None:
    draft = shop.customer("a", locale="en_GB")
    draft.usage("1", quantity=Decimal(744), unit="Hours", unit_price=Decimal("0.001344086022"))
    draft.usage("2", service="Storage", quantity=Decimal(10), unit="GB", unit_price=Decimal("0.2"))
    draft.usage("3", service="Audit", quantity=Decimal(1), unit="a", unit_price=Decimal("4870.569135020400"))
    draft.usage("4", service="Seats", quantity=Decimal(1), unit="b", unit_price=Decimal("12.3456"))
    text = issued_text(shop, settings, draft)

    assert "≈ 0.001344" in text
    assert "≈ 4,870.569" in text
    assert "4,870.5691" not in text
    assert "12.3456" in text
    assert "≈ 12.3456" not in text
    assert "0.20" in text
    assert "≈ 0.20" not in text


def test_the_rates_that_amounts_were_converted_with_are_printed_but_not_those_of_prices_of_their_own(
    shop: Warehouse, settings: Settings
) -> None:
    draft = shop.customer("a", locale="en_GB")
    rate = {"vendor_currency": "USD", "fx_rate": Decimal("0.902445627651"), "fx_date": dt.date(2024, 8, 30)}
    draft.usage("100", **rate)
    draft.usage("50", **rate)
    draft.usage("9", quantity=Decimal(3), unit="Hours", unit_price=Decimal(3), vendor_currency="GBP")
    draft.usage("7", vendor_currency="CHF", fx_rate=Decimal("1.0625"), fx_date=dt.date(2024, 8, 30))
    text = issued_text(shop, settings, draft)

    assert "Converted at: 1 CHF = 1.0625 EUR (30 Aug 2024), 1 USD ≈ 0.902446 EUR (30 Aug 2024)." in text


def test_reverse_charge_prints_its_legal_note_and_no_tax(shop: Warehouse, settings: Settings) -> None:
    draft = shop.customer("a", locale="en_GB", country="FR", tax_id="FR40303265045")
    draft.tax_code, draft.tax_rate = "AE", Decimal(0)
    draft.legal_note = "VAT reverse charge: the recipient is liable, Art. 196 Directive 2006/112/EC."
    draft.usage("100")
    text = issued_text(shop, settings, draft)

    assert "Reverse charge" in text
    assert "Art. 196 Directive 2006/112/EC" in text
    assert "EUR\u00a0100.00" in text


def test_a_draft_has_a_watermark_the_blocked_reason_and_no_number(
    shop: Warehouse, settings: Settings
) -> None:
    draft = shop.customer("a", locale="en_GB")
    draft.blocked_reason = "3 charges without a price (no contract)"
    draft.usage("100")
    shop.write(draft)
    publish_drafts(settings, [SEPTEMBER])
    pages = pages_of(settings, "draft")

    assert all("DRAFT" in page for page in pages)
    assert "Cannot be issued yet: 3 charges without a price (no contract)" in pages[0]
    assert "INV-" not in "".join(pages)
    assert "Payment reference" not in "".join(pages)


def test_a_blocked_customer_without_any_sold_line_has_a_draft_that_says_why(
    shop: Warehouse, settings: Settings
) -> None:
    draft = shop.customer("a", locale="en_GB")
    draft.blocked_reason = "3 charges without a price (no contract)"
    shop.write(draft)
    publish_drafts(settings, [SEPTEMBER])

    assert "3 charges without a price" in pages_of(settings, "draft")[0]
    assert issue(settings, SEPTEMBER).refused == {"a": "3 charges without a price (no contract)"}


@pytest.mark.parametrize(
    ("text", "german"),
    [
        ("24 resources in 2 accounts", "24 Ressourcen in 2 Konten"),
        ("1 resource in 1 account", "1 Ressource in 1 Konto"),
        ("8 resources in account web; shop", "8 Ressourcen in Konto web; shop"),
        ("1000 GB-Months included", "1.000 GB-Months inklusive"),
        ("Cloud Storage, credit", "Cloud Storage, Gutschrift"),
        ("2.5 % of 6088.69", "2,5\u00a0% von 6.088,69"),
        ("2.5 % of everything", "2.5 % of everything"),
        ("period", "Periode"),
        ("tiers: 1000 × 1.5 + 0.5 × 0.0008 + 5", "Staffeln: 1.000 × 1,50 + 0,5 × 0,0008 + 5,00"),
        ("tiers in USD: -7 × 1", "Staffeln in USD: −7 × 1,00"),
        ("volume price: 65000 × 0.0006 + 10", "Mengenpreis: 65.000 × 0,0006 + 10,00"),
        (
            "201 GB less 100 included, in packages of 100",
            "201 GB abzüglich 100 inklusive, in Paketen zu 100",
        ),
        (
            "2 resources in account web; minimum of 45.5 per billing period",
            "2 Ressourcen in Konto web; Mindestbetrag 45,50 je Abrechnungszeitraum",
        ),
        ("one month", "ein Monat"),
        (
            "refund of 14 of 28 days; extended term, +3 %",
            "Erstattung von 14 von 28 Tagen; verlängerte Laufzeit, +3\u00a0%",
        ),
        ("10 % of -90", "10\u00a0% von −90,00"),
        (None, None),
    ],
)
def test_the_models_phrases_are_printed_in_the_documents_language(
    text: str | None, german: str | None
) -> None:
    assert translated(text, formats_for("de_DE", "EUR")) == german


def test_a_credit_note_names_its_invoice_and_prints_what_is_given_back_as_positive(
    shop: Warehouse, settings: Settings
) -> None:
    draft = shop.customer("a", locale="en_GB")
    draft.discount(draft.usage("100"), "10")
    shop.write(draft)
    issue(settings, SEPTEMBER)
    void(settings, "INV-000001", "Wrong price book")
    first, second = pages_of(settings, "CN-000001")

    for expected in ("Credit note", "CN-000001", "Credits invoice", "INV-000001"):
        assert expected in first
    assert "Wrong price book" not in first + second
    assert "Amount credited" in first
    assert "EUR\u00a0107.10" in first
    assert "due" not in first
    assert "−10.00" in second


def test_printing_twice_gives_the_same_tagged_pdf_a_bytes(shop: Warehouse, settings: Settings) -> None:
    draft = shop.customer("a")
    draft.usage("100")
    shop.write(draft)
    issue(settings, SEPTEMBER)
    published = (settings.published / "invoices/2024-09/a/INV-000001.pdf").read_bytes()
    with warehouse.connect(settings) as connection:
        (document,) = read_issued(connection, ["INV-000001"])
    with Renderer(settings.published / "assets") as renderer:
        again = renderer.render(document, settings.today, syntax.cii(document))
    reader = PdfReader(io.BytesIO(again))

    assert again == published
    assert reader.metadata is not None
    assert reader.metadata.title == "Rechnung INV-000001"
    assert reader.root_object["/MarkInfo"]["/Marked"].value
    assert str(reader.root_object["/Lang"]).startswith("de")
    assert b"pdfaid:part" in again
    assert b"pdfaid:conformance>A<" in again


def test_the_template_gets_text_only(shop: Warehouse, settings: Settings) -> None:
    draft = shop.customer("a")
    draft.usage("100", detail="12 of 30 days")
    shop.write(draft)
    issue(settings, SEPTEMBER)
    with warehouse.connect(settings) as connection:
        (document,) = read_issued(connection, ["INV-000001"])

    def kinds(value: object) -> set[type]:
        if isinstance(value, dict):
            return {kind for item in value.values() for kind in kinds(item)}
        if isinstance(value, list):
            return {kind for item in value for kind in kinds(item)}
        return {type(value)}

    assert kinds(view(document)) == {str, bool}
