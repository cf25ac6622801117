"""Documents of every kind that an e-invoice can be of, drafted in a small warehouse, issued, one of them voided."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from invoice_warehouse import Draft, Warehouse
from test_invoice_untrusted import HOSTILE

from cspbill.settings import Settings
from invoices.model import Document

AUGUST = dt.date(2024, 8, 1)
FRENCH = {"country": "FR", "tax_id": "FR40303265045", "city": "Paris", "postal_code": "75001"}
AMERICAN = {"country": "US", "tax_id": "12-3456789", "city": "Boise", "postal_code": "83702"}
ODD_TEXT = "Кошки & <b>\x01\x0b„Hunde“</b> ]]> 猫 \ud7ff\u202e\ufffe #{}[] " + "x" * 300
#: Those that are voided after they were issued.
VOIDED = ("discounts", "paid", "tax-AE", "tax-O", "yen", "payer")
PERIOD_KINDS = ("bundle", "volume", "relationship", "promotion")
#: Every tax code with a customer to whom it applies.
TAXES: dict[str, tuple[str, dict[str, Any], str | None]] = {
    "S": ("19", {}, None),
    "Z": ("0", {}, None),
    "E": ("0", {}, "VAT exempt: Article 132 of Directive 2006/112/EC."),
    "AE": ("0", FRENCH, "Reverse charge: VAT is due by the recipient."),
    "K": ("0", FRENCH, "Intra-community supply."),
    "G": ("0", AMERICAN, None),
    "O": ("0", AMERICAN, "Supplied outside the scope of VAT."),
}


def whole_period(draft: Draft, kind: str, amount: str, **over: Any) -> None:
    """Add a discount on the whole period, taken from the last rated row."""
    draft.plain(
        f"-{amount}", line_type="discount", discount_kind=kind, discount_id=kind, description=f"{kind} discount",
        detail="10 % of 100", **over,
    )  # fmt: skip
    share = f"discount_{kind}"
    draft.charges[-1][share] = draft.charges[-1].get(share, Decimal(0)) + Decimal(amount)


def taxed(shop: Warehouse) -> list[Draft]:
    """One document per tax code, each with a line discount and one on the whole."""
    made = []
    for code, (rate, buyer, note) in TAXES.items():
        draft = shop.customer(f"tax-{code}", email="pay@buyer.example", **buyer)
        draft.tax_code, draft.tax_rate, draft.legal_note = code, Decimal(rate), note
        draft.discount(draft.usage("123.45"), "10")
        draft.usage("0.05", service="Storage")
        whole_period(draft, "volume", "1.11")
        made.append(draft)
    return made


def several_taxes(shop: Warehouse) -> Draft:
    """Four tax groups, each with its share of a discount on the whole."""
    draft = shop.customer("taxes", email="pay@buyer.example")
    for code, rate in (("S", "19"), ("S", "7"), ("Z", "0"), ("E", "0")):
        over = {"tax_code": code, "tax_rate": Decimal(rate)}
        draft.usage("33.33", service=f"Service {code}{rate}", **over)
        whole_period(draft, "relationship", "3.33", **over)
    # At 0 % the standard rate is the zero rate: one tax group of the e-invoice.
    draft.usage("10", service="Standard at nothing", tax_code="S", tax_rate=Decimal(0))
    return draft


def discounted(shop: Warehouse) -> Draft:
    """Discounts of every kind, two of them on one line, one of them a correction that takes back."""
    draft = shop.customer("discounts", peppol_endpoint="0204:991-1234512345-06", locale="en_GB")
    line = draft.usage("200", quantity=Decimal(100), unit="Hours", unit_price=Decimal(2))
    draft.discount(line, "10", description="Partner discount", detail="10 % of 200.00")
    refund = draft.usage(
        "-50", service="Refunded", quantity=Decimal(-25), unit="GB-Mo", unit_price=Decimal(2)
    )
    draft.discount(refund, "10", line_id="refund-d")
    for kind in PERIOD_KINDS:
        draft.usage("40", service=kind)
        whole_period(draft, kind, "4")
    draft.plain("-12.34", line_type="cap", description="Spend cap", detail="at most 300")
    draft.plain("20", line_type="true_up", description="Minimum commitment")
    return draft


def corrected(shop: Warehouse, name: str, billed: str, corrections: tuple[str, ...]) -> Draft:
    """A month with corrections of August, one of them of a discount; negative as a whole where they outweigh it."""
    draft = shop.customer(name, email="pay@buyer.example", locale="fr_FR")
    draft.purchase_order = "PO-4711"
    draft.usage(billed)
    for number, amount in enumerate(corrections):
        draft.usage(
            amount, line_type="correction", used_in_period=AUGUST, reference_document=f"INV-00090{number}",
            discount_kind="volume" if number else None,
        )  # fmt: skip
    return draft


def prepaid(shop: Warehouse, name: str, drawn: str) -> Draft:
    """100 net, 119 gross, part or all of it drawn from the prepaid balance."""
    draft = shop.customer(name, email="pay@buyer.example")
    draft.usage("100")
    draft.draw("2024-09-01", drawn)
    draft.prepaid_balance = Decimal("250.50")
    return draft


def yen(shop: Warehouse) -> Draft:
    """A currency without decimals, its tax rounded to whole yen."""
    draft = shop.customer("yen", currency="JPY", locale="en_US", email="pay@buyer.example", **AMERICAN)
    draft.tax_rate = Decimal(10)
    draft.usage("1234.4", quantity=Decimal("617.2"), unit="Hours", unit_price=Decimal(2))
    draft.discount(draft.usage("1005", service="Storage"), "10")
    return draft


def long(shop: Warehouse) -> Draft:
    """A thousand lines, every third of them with a discount."""
    draft = shop.customer("long", email="pay@buyer.example")
    for number in range(1000):
        line = draft.usage(f"{number / 7:.3f}", service=f"Service {number}", days=1)
        if number % 3 == 0:
            draft.discount(line, "7.5")
    return draft


def odd(shop: Warehouse) -> Draft:
    """Text that no XML may hold, wherever text comes from outside."""
    draft = shop.customer(
        "odd", legal_name=ODD_TEXT, street="\x07", city="Łódź", email="a&b@buyer.example", tax_id="<DE> 1"
    )
    draft.purchase_order = "PO & <1>"
    draft.usage("10", service=ODD_TEXT, sku="a\x02b", description=ODD_TEXT, detail=ODD_TEXT)
    draft.usage("10", service="\x01", description="\x01\x02")
    for text in HOSTILE:
        draft.usage(
            "1", service=text, description=text, detail=text, unit=text, quantity=Decimal(3), vendor=text
        )
    return draft


def several(shop: Warehouse) -> Draft:
    """The quarter of a payer with two customers."""
    draft = shop.customer("payer", legal_name="Holding AG", email="pay@buyer.example")
    for name in ("north", "south"):
        shop.customer(name, legal_name=f"{name.title()} GmbH")
    draft.period_start = dt.date(2024, 7, 1)
    for user in ("payer", "north", "south"):
        draft.usage(
            "100", used_by_customer_id=user, used_in_period=AUGUST, quantity=Decimal(3), unit="100 Calls"
        )
    # A licence paid in advance runs beyond the period.
    draft.usage("30", charge_period_start=dt.date(2024, 9, 15), charge_period_end=dt.date(2024, 10, 15))
    return draft


def discounts_only(shop: Warehouse) -> Draft:
    """Nothing but a discount that is given back."""
    draft = shop.customer("only", email="pay@buyer.example")
    draft.plain("15", line_type="discount", description="Discount given back")
    return draft


def by_chance(shop: Warehouse, seed: int) -> Draft:
    """Lines, discounts and taxes as they fall; about one in three is a credit note."""
    rng = random.Random(seed)  # a fixed seed: the same document every time
    draft = shop.customer(
        f"chance-{seed}", locale=rng.choice(["de_DE", "en_GB", "fr_FR"]), peppol_endpoint="9930:x"
    )
    give_back = rng.random() < 0.35
    for number in range(rng.randint(1, 12)):
        amount = Decimal(rng.randint(-99999 if give_back else -999, 9999 if give_back else 99999)) / 1000
        rate = rng.choice(["19", "7", "0"])
        taxes = {"tax_code": "Z" if rate == "0" else "S", "tax_rate": Decimal(rate)}
        over: dict[str, Any] = dict(taxes)
        if rng.random() < 0.5:
            price = Decimal(rng.randint(1, 999)) / 100
            over |= {"quantity": amount, "unit_price": price, "unit": rng.choice(["Hours", "GB", "10K"])}
            amount *= price
        line = draft.usage(str(amount), service=f"Service {number}", **over)
        if rng.random() < 0.5:
            draft.discount(line, str(rng.randint(1, 100)), **taxes)
        if rng.random() < 0.3:
            whole_period(draft, rng.choice(PERIOD_KINDS), f"{rng.randint(1, 500) / 100}", **taxes)
    return draft


def every_kind(shop: Warehouse) -> list[Draft]:
    """All of them, by customer."""
    return [
        *taxed(shop),
        several_taxes(shop),
        discounted(shop),
        corrected(shop, "corrected", "100", ("-7", "2.50")),
        corrected(shop, "credited", "10", ("-107", "12.50")),
        prepaid(shop, "prepaid", "19"),
        prepaid(shop, "paid", "119"),
        yen(shop),
        long(shop),
        odd(shop),
        several(shop),
        discounts_only(shop),
        *(by_chance(shop, seed) for seed in range(8)),
    ]


@dataclass(frozen=True)
class Issued:
    """One document of every kind, by customer, and the credit notes of the voided ones as ``void of <customer>``."""

    settings: Settings
    documents: dict[str, Document]

    def file(self, name: str, suffix: str) -> Path:
        """A document's published file."""
        header = self.documents[name].header
        folder = self.settings.published / "invoices/2024-09" / header.customer_id
        return folder / f"{header.document_number}{suffix}"

    def content(self, name: str, suffix: str) -> bytes:
        """What is in a document's published file."""
        return self.file(name, suffix).read_bytes()
