"""What an e-invoice says, term by term, of documents whose figures can be checked by hand."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from documents import Issued

from invoices.einvoice.terms import terms

Terms = dict[str, Any]


def line(said: Terms, number: int) -> Terms:
    (found,) = (each for each in said["BG-25"] if each["BT-126"] == str(number))
    return found


def totals(said: Terms) -> list[str | None]:
    return [said[f"BT-{number}"] for number in (106, 107, 108, 109, 110, 112, 113, 115)]


def test_a_line_discount_is_an_allowance_of_its_line(issued: Issued) -> None:
    """The customer could not see what a line costs after its discount."""
    found = line(terms(issued.documents["discounts"]), 1)
    assert [found[f"BT-{number}"] for number in (129, 130, 146, 131)] == ["100", "HUR", "2", "180.00"]
    assert found["BG-27"] == [
        {"amount": "20.00", "reason": "Partner discount · 10% of 200.00", "reason_code": "95"}
    ]
    assert found["BG-28"] == []


def test_a_refund_has_a_negative_quantity_and_its_discount_is_a_charge(issued: Issued) -> None:
    """A negative price is refused by every receiver (BR-27)."""
    found = line(terms(issued.documents["discounts"]), 3)
    assert [found[f"BT-{number}"] for number in (129, 130, 146, 131)] == ["-25", "C62", "2", "-45.00"]
    assert [each["amount"] for each in found["BG-28"]] == ["5.00"]
    assert {"BT-160": "Quantity", "BT-161": "−25 GB-Mo"} in found["BG-32"]


def test_discounts_on_the_period_are_allowances_on_the_document(issued: Issued) -> None:
    """The sums of lines, allowances and totals would not add up (BR-CO-10 … BR-CO-16)."""
    said = terms(issued.documents["discounts"])
    assert [(each["amount"], each["vat_category_code"], each["vat_rate"]) for each in said["BG-20"]] == [
        ("4.00", "S", "19")
    ] * 4
    # 180.00 - 45.00 + 4 × 40.00 - 12.34 + 20.00 = 302.66; less 16.00; 19 % of 286.66 = 54.47.
    assert totals(said) == ["302.66", "16.00", None, "286.66", "54.47", "341.13", None, "341.13"]


def test_a_cap_is_one_piece_given_back(issued: Issued) -> None:
    """A cap has no quantity, but a line must have one."""
    (found,) = (
        each for each in terms(issued.documents["discounts"])["BG-25"] if each["BT-153"] == "Spend cap"
    )
    assert [found[f"BT-{number}"] for number in (129, 130, 146, 131)] == ["-1", "C62", "12.34", "-12.34"]


def test_the_credit_note_of_a_void_says_the_same_amounts_and_names_the_invoice(issued: Issued) -> None:
    """A credit note with negative amounts would be booked as another invoice."""
    invoice, credit = terms(issued.documents["discounts"]), terms(issued.documents["void of discounts"])
    assert (invoice["BT-3"], credit["BT-3"]) == ("380", "381")
    assert totals(credit) == totals(invoice)
    assert credit["BG-3"] == [{"BT-25": invoice["BT-1"]}]
    assert [each["amount"] for each in credit["BG-20"]] == ["4.00"] * 4
    assert line(credit, 3)["BT-131"] == "-45.00"
    assert "BT-81" not in credit
    assert credit["BT-20"] == "No payment is due."


def test_a_correction_names_each_original_once_and_widens_the_period(issued: Issued) -> None:
    """The customer could not tell which month was corrected, or Peppol would refuse the line's period (R110)."""
    said = terms(issued.documents["corrected"])
    assert said["BG-3"] == [{"BT-25": "INV-000900"}, {"BT-25": "INV-000901"}]
    assert (said["BT-73"], said["BT-74"]) == (dt.date(2024, 8, 1), dt.date(2024, 9, 30))
    found = line(said, 2)
    assert (found["BT-134"], found["BT-135"]) == (dt.date(2024, 8, 1), dt.date(2024, 8, 31))
    assert {"BT-160": "Corrections", "BT-161": "INV-000900, août 2024"} in found["BG-32"]
    assert (said["BT-13"], said["BT-10"]) == ("PO-4711", None)


def test_a_credit_note_of_corrections_turns_the_signs(issued: Issued) -> None:
    """10 - 107 + 12.50 = -84.50 is 84.50 to the customer's credit."""
    said = terms(issued.documents["credited"])
    assert said["BT-3"] == "381"
    assert totals(said) == ["84.50", None, None, "84.50", "16.06", "100.56", None, "100.56"]
    assert [each["BT-131"] for each in said["BG-25"]] == ["-10.00", "107.00", "-12.50"]


def test_a_prepaid_balance_is_what_was_paid_already(issued: Issued) -> None:
    """The customer would pay twice."""
    said, paid = terms(issued.documents["prepaid"]), terms(issued.documents["paid"])
    assert totals(said) == ["100.00", None, None, "100.00", "19.00", "119.00", "19.00", "100.00"]
    assert totals(paid)[-2:] == ["119.00", "0.00"]
    assert (said["BT-81"], said["BT-84"], said["BT-83"]) == ("58", "DE89370400440532013000", said["BT-1"])
    assert said["BT-9"] == dt.date(2024, 11, 4)
    assert said["BT-20"].startswith("30 Tage ab ")
    assert ("BT-81" in paid, "BT-9" in paid) == (False, False)
    assert totals(terms(issued.documents["void of paid"]))[-2:] == ["119.00", "0.00"]


def test_a_tax_that_is_not_due_says_why(issued: Issued) -> None:
    """Without a reason these categories are refused (BR-AE-10, BR-E-10, …), and with one the others (BR-S-10)."""
    reasons = {}
    for code in ("S", "Z", "E", "AE", "K", "G", "O"):
        (found,) = terms(issued.documents[f"tax-{code}"])["BG-23"]
        assert found["BT-118"] == code
        reasons[code] = (found.get("BT-120"), found.get("BT-121"))
    assert reasons == {
        "S": (None, None),
        "Z": (None, None),
        "E": ("VAT exempt: Article 132 of Directive 2006/112/EC.", None),
        "AE": ("Reverse charge: VAT is due by the recipient.", "VATEX-EU-AE"),
        "K": ("Intra-community supply.", "VATEX-EU-IC"),
        "G": ("Ausfuhr, steuerfrei", "VATEX-EU-G"),
        "O": ("Supplied outside the scope of VAT.", "VATEX-EU-O"),
    }


def test_out_of_scope_no_vat_id_and_no_rate_is_said(issued: Issued) -> None:
    """A VAT id beside category O is refused (BR-O-02), and the seller must still be told apart (BR-CO-26)."""
    said = terms(issued.documents["tax-O"])
    assert (said["BG-4"]["vat_identifier"], said["BG-4"]["tax_identifier"]) == (None, "DE136695976")
    assert said["BG-4"]["legal_identifier"] == "Amtsgericht Hamburg HRB 123456"
    assert said["BG-7"]["legal_identifier"] == "12-3456789"
    assert {each["BT-152"] for each in said["BG-25"]} == {None}


def test_a_standard_rate_of_nothing_is_the_zero_rate(issued: Issued) -> None:
    """Category S at 0 % is refused (BR-S-05); 33.33 - 3.33 + 10.00 of it and of the zero rate is one group."""
    found = {
        (each["BT-118"], each["BT-119"]): each["BT-116"] for each in terms(issued.documents["taxes"])["BG-23"]
    }
    assert found == {("S", "19"): "30.00", ("S", "7"): "30.00", ("Z", "0"): "40.00", ("E", "0"): "30.00"}


def test_yen_have_no_decimals(issued: Issued) -> None:
    """1234 + 1005 - 101 = 2138 yen and 214 yen of tax; half a yen does not exist."""
    said = terms(issued.documents["yen"])
    assert totals(said) == ["2138", None, None, "2138", "214", "2352", None, "2352"]
    # 617.2 × 2 is not 1234: the price of one piece is what the line bills.
    assert [line(said, 1)[f"BT-{number}"] for number in (129, 146, 131)] == ["1", "1234", "1234"]
    assert {"BT-160": "Quantity", "BT-161": "617.2 Hours"} in line(said, 1)["BG-32"]
    assert said["BT-81"] == "30"


def test_it_says_whose_line_it_is_where_one_pays_for_others(issued: Issued) -> None:
    """The payer could not allocate the costs."""
    said = terms(issued.documents["payer"])
    users = [
        each["BT-161"] for found in said["BG-25"] for each in found["BG-32"] if each["BT-160"] == "Kunde"
    ]
    assert users == ["Holding AG (payer)", "North GmbH (north)", "South GmbH (south)", "Holding AG (payer)"]
    assert (said["BT-73"], said["BT-74"]) == (dt.date(2024, 7, 1), dt.date(2024, 10, 14))
    assert said["BG-1"] == [{"BT-22": "Abrechnungszeitraum: Juli–September 2024"}]


def test_a_document_of_discounts_alone_has_lines(issued: Issued) -> None:
    """An invoice must have a line (BR-16)."""
    said = terms(issued.documents["only"])
    assert [(each["BT-129"], each["BT-146"], each["BT-131"]) for each in said["BG-25"]] == [
        ("1", "15", "15.00")
    ]
    assert (said["BG-20"], said["BG-21"]) == ([], [])


@pytest.mark.parametrize(
    ("quantity", "price", "amount", "expected"),
    [
        ("3", "0.335", "1.01", ("3", "0.335")),  # 1.005 rounds to the line's amount
        ("3", "0.335", "1.00", ("1", "1.0000")),  # it does not
        ("-3", "0.5", "-1.50", ("-3", "0.5")),
        ("3", "-0.5", "-1.50", ("-1", "1.5000")),  # a price must not be negative
        ("0", "5", "0", ("1", "0.0000")),  # nothing times something
        (None, None, "0", ("1", "0.0000")),
    ],
)
def test_quantity_and_price_are_told_where_they_make_the_amount(
    issued: Issued, quantity: str | None, price: str | None, amount: str, expected: tuple[str, str]
) -> None:
    """Peppol refuses a line whose quantity times price is not its amount (R120)."""
    document = issued.documents["tax-S"]
    item = replace(
        document.lines[0],
        quantity=None if quantity is None else Decimal(quantity),
        unit_price=None if price is None else Decimal(price),
        amount=Decimal(amount),
        unit="Hours",
    )
    found = terms(replace(document, lines=(item,)))["BG-25"][0]
    assert (Decimal(found["BT-129"]), Decimal(found["BT-146"])) == tuple(map(Decimal, expected))
