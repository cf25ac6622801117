"""What is rebuilt and what stays: restated, frozen, re-priced and voided periods, told as one history of builds."""

from __future__ import annotations

import pickle
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from compiled import by_dbt_itself
from harness import AUGUST, SEPTEMBER, Warehouse, World

from cspbill import dbt, rating
from cspbill.rating import RateResult

OCTOBER = SEPTEMBER.replace(month=10)
MARK = "not rebuilt"
VOID = "insert into ledger.void values ('INV-2', 'CN-1', 'wrong address', timestamp '2024-10-06')"
Moments = dict[str, dict[str, Any]]


def world_before(percent: str = "10") -> World:
    world = World()
    book = world.book("plus")
    world.rule("plus", book, "cost_plus", basis="billed", percent=percent)
    for customer in ("issued", "open", "voided"):
        world.customer(customer, book)
        world.charge(customer, "2024-08-10", "50")
        world.charge(customer, "2024-09-10", "100", SkuId="stays")
        world.charge(customer, "2024-09-11", "40", SkuId="withdrawn")
    return world


def world_restated(percent: str = "10") -> World:
    """The vendor withdraws a row, changes one and adds one, in September only."""
    world = world_before(percent)
    rows = [row for row in world.charges["aws", SEPTEMBER] if row["SkuId"] != "withdrawn"]
    world.charges["aws", SEPTEMBER] = rows
    for row in rows:
        row["BilledCost"] = "103"
    for customer in ("issued", "open", "voided"):
        world.charge(customer, "2024-09-12", "7", SkuId="new")
    return world


def moment(built: Warehouse, result: RateResult) -> dict[str, Any]:
    """Everything that the tests look at, after one build."""
    customers = ("issued", "open", "voided")
    return {
        "periods": result.periods,
        "revenue": {name: built.revenue(name) for name in customers},
        "lines": {name: [line["amount"] for line in built.lines(name)] for name in customers},
        "margin": dict(
            tuple(row.values())
            for row in built.rows(
                "select customer_id, sum(revenue) from marts.fct_margin_daily "
                "where billing_period = ? group by all",
                SEPTEMBER,
            )
        ),
        "rated": [
            (row["customer_id"], row["sku"], row["disposition"], row["billed_cost"])
            for name in customers
            for row in built.rated(name)
        ],
        "reconciled": built.rows("select * from marts.fct_vendor_reconciliation order by billing_period"),
        "drafts": {
            (row["customer_id"], row["billing_period"]): row["gross_amount"]
            for row in built.rows("select * from marts.fct_invoice where status = 'draft'")
        },
        "invoiced": [
            tuple(row.values())
            for row in built.rows("select document_number, net_amount from ledger.document order by all")
        ],
        "marked": built.values(
            "select distinct billing_period from intermediate.int_rated where reason = ?", MARK
        ),
    }


def rate_without_dbt(built: Warehouse, world: World) -> RateResult:
    def refuse(*_: Any, **__: Any) -> Path:
        raise AssertionError("dbt was started although nothing is new")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dbt, "build", refuse)
        assert rating.dbt is dbt
        return built.rate(world)


def live(built: Warehouse) -> None:
    """Run the history, the restatement by dbt itself, and keep its moments on disk, where other workers find them."""
    moments: Moments = {"first": moment(built, built.rate(world_before()))}
    built.issue("INV-1", "issued")
    built.issue("INV-2", "voided")
    moments["nothing new"] = moment(built, rate_without_dbt(built, world_before()))
    built.execute("update intermediate.int_rated set reason = ? where billing_period = ?", MARK, AUGUST)
    with by_dbt_itself():
        moments["restated"] = moment(built, built.rate(world_restated()))
    moments["re-priced"] = moment(built, built.rate(world_restated(percent="20")))
    built.execute(VOID)
    moments["voided"] = moment(built, built.rate(world_restated(percent="20")))
    (built.settings.home / "moments").write_bytes(pickle.dumps(moments))


@pytest.fixture(scope="session")
def moments(build_once) -> Moments:
    built = build_once("incremental", live)
    found: Moments = pickle.loads((built.settings.home / "moments").read_bytes())
    return found


def test_the_first_build_rates_every_period(moments: Moments):
    assert moments["first"]["periods"] == (AUGUST, SEPTEMBER)
    assert moments["first"]["revenue"] == dict.fromkeys(("issued", "open", "voided"), Decimal(154))


def test_with_nothing_new_no_period_is_rated_and_dbt_is_not_started(moments: Moments):
    assert moments["nothing new"]["periods"] == ()
    assert moments["nothing new"]["margin"] == moments["first"]["margin"]


def test_a_restated_partition_is_replaced_and_withdrawn_rows_are_gone(moments: Moments):
    rows = [row[1:] for row in moments["restated"]["rated"] if row[0] == "open"]
    assert rows == [("stays", "sold", Decimal(103)), ("new", "sold", Decimal(7))]
    assert moments["restated"]["lines"]["open"] == [Decimal(121)]


def test_only_the_period_that_changed_is_rebuilt(moments: Moments):
    assert moments["restated"]["periods"] == (SEPTEMBER,)
    assert moments["restated"]["marked"] == [AUGUST]


def test_drafts_of_a_period_that_was_not_rebuilt_keep_their_tax(moments: Moments):
    assert moments["restated"]["drafts"]["open", AUGUST] == Decimal("65.45")


def test_what_was_invoiced_stays_whatever_the_vendor_restates(moments: Moments):
    assert moments["restated"]["invoiced"] == [("INV-1", Decimal(154)), ("INV-2", Decimal(154))]
    assert ("issued", SEPTEMBER) not in moments["restated"]["drafts"]


def test_what_changed_after_the_invoice_is_billed_as_a_correction(moments: Moments):
    """121 should have been billed, 154 were: a credit note of 33 and its tax."""
    rows = [row[1:] for row in moments["restated"]["rated"] if row[0] == "issued"]
    assert sorted(rows) == [
        ("new", "sold", Decimal(7)),
        ("stays", "sold", Decimal(3)),
        ("stays", "sold", Decimal(100)),
        ("withdrawn", "sold", Decimal(-40)),
        ("withdrawn", "sold", Decimal(40)),
    ]
    assert moments["restated"]["margin"]["issued"] == Decimal(121)
    assert moments["restated"]["drafts"]["issued", OCTOBER] == Decimal("-39.27")


@pytest.mark.parametrize("name", ["first", "nothing new", "restated", "re-priced", "voided"])
def test_every_loaded_cent_has_a_place_at_any_moment(moments: Moments, name: str):
    reconciled = moments[name]["reconciled"]
    assert [row["verdict"] for row in reconciled] == ["ties", "ties"]
    assert [row["misplaced"] for row in reconciled] == [Decimal(0), Decimal(0)]


def test_corrected_cost_counts_as_sold(moments: Moments):
    august, september = moments["restated"]["reconciled"]
    assert (august["cost_late"], september["cost_late"]) == (Decimal(0), Decimal(0))
    assert (september["cost_loaded"], september["cost_sold"]) == (Decimal(330), Decimal(330))


def test_a_changed_price_moves_drafts_and_no_invoice(moments: Moments):
    assert moments["re-priced"]["periods"] == (AUGUST, SEPTEMBER)
    assert moments["re-priced"]["revenue"] == {
        "issued": Decimal(121),
        "open": Decimal(132),
        "voided": Decimal(121),
    }
    assert moments["re-priced"]["marked"] == []


def test_voiding_opens_the_period_again_at_todays_data_and_prices(moments: Moments):
    assert moments["voided"]["periods"] == (SEPTEMBER,)
    assert moments["voided"]["revenue"] == {
        "issued": Decimal(121),
        "open": Decimal(132),
        "voided": Decimal(132),
    }
    assert moments["voided"]["drafts"]["voided", SEPTEMBER] == Decimal("157.08")
