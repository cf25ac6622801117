"""The totals of the official EN 16931 examples (tests/oracles), issued and written by this project's code."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from invoice_warehouse import SEPTEMBER, Draft, Warehouse
from validators import problems_of_cii, problems_of_ubl

from cspbill import warehouse
from cspbill.settings import Settings
from invoices.einvoice import syntax
from invoices.einvoice.terms import terms
from invoices.issue import issue
from invoices.read import read_issued

Case = dict[str, Any]
ORACLES = Path(__file__).parents[1] / "oracles" / "en16931_totals.yaml"
CASES: list[Case] = yaml.safe_load(ORACLES.read_text("utf-8"))["cases"]


def tell(shop: Warehouse, case: Case) -> Draft:
    """A case as a draft; Italy's category B (split payment) is not ours, its arithmetic is the standard rate's."""
    inputs = case["inputs"]
    draft = shop.customer("a", currency=inputs["currency"], email="pay@buyer.example")
    sign = -1 if inputs["document"] == "credit_note" else 1
    for number, line in enumerate(inputs["lines"]):
        taxes = taxed(line)
        own = [other for other in line.get("allowances_charges", ()) if other]
        net = Decimal(line["line_net"]) - sum(map(signed, own))
        draft.plain(
            str(sign * net), line_id=f"l{number}", line_type="adjustment", description=f"Item {number}",
            quantity=sign * Decimal(line["quantity"]), unit="Units",
            unit_price=Decimal(line["price"]) / Decimal(line["base_quantity"]), **taxes,
        )  # fmt: skip
        for place, other in enumerate(own):
            draft.plain(
                str(sign * signed(other)), line_id=f"l{number}-{place}", parent_line_id=f"l{number}",
                line_type="discount", description="Discount", **taxes,
            )  # fmt: skip
    for place, other in enumerate(inputs["document_allowances_charges"]):
        draft.plain(
            str(sign * signed(other)), line_id=f"d{place}", line_type="discount", description="Discount",
            **taxed(other),
        )  # fmt: skip
    if "prepaid" in inputs:
        draft.draw("2024-09-01", inputs["prepaid"])
    return draft


def signed(other: Case) -> Decimal:
    return Decimal(other["amount"]) * (1 if other["charge"] else -1)


def taxed(line: Case) -> dict[str, Any]:
    code = "S" if line["vat_category"] == "B" else line["vat_category"]
    return {"tax_code": code, "tax_rate": Decimal(line["vat_percent"])}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_the_e_invoice_has_the_official_totals(shop: Warehouse, settings: Settings, case: Case) -> None:
    """Sums of lines, tax groups and totals that others' software computes differently would be refused."""
    shop.write(tell(shop, case))
    result = issue(settings, SEPTEMBER)
    with warehouse.connect(settings) as connection:
        (document,) = read_issued(connection, result.issued)
    said, expected = terms(document), case["expected"]
    # An invoice that is negative as a whole is a credit note here: the same amounts with the sign turned.
    is_turned = case["inputs"]["document"] == "invoice" and said["BT-3"] == "381"
    turn = -1 if is_turned else 1
    names = {
        "sum_of_lines": 106,
        "total_excl_vat": 109,
        "total_vat": 110,
        "total_incl_vat": 112,
        "payable": 115,
    }
    found = {name: turn * Decimal(said[f"BT-{number}"]) for name, number in names.items()}
    groups = {
        Decimal(each["BT-119"]): (turn * Decimal(each["BT-116"]), turn * Decimal(each["BT-117"]))
        for each in said["BG-23"]
    }

    assert found == {name: Decimal(expected[name]) for name in names}
    assert groups == {
        Decimal(each["percent"]): (Decimal(each["taxable"]), Decimal(each["tax"]))
        for each in expected["vat_breakdown"]
    }
    assert problems_of_ubl(syntax.ubl(document)) == []
    assert problems_of_cii(syntax.cii(document)) == []
