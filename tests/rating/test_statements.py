"""Statements of a rated warehouse: what stands on a customer's page, and what never does."""

from __future__ import annotations

import datetime as dt
import html
import json
import re
import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from browser import needs_browser, opened
from harness import AUGUST, Warehouse, World

from cspbill.settings import Settings
from invoices.labels import LANGUAGES
from invoices.statements import publish, publish_statements
from invoices.statements.words import _WORDS

HOSTILE = "</script><img src=x onerror=document.title='owned'> =cmd"
DAY = dt.date(2024, 9, 18)


def told() -> World:
    """A payer with a child and budgets, one that is parked, one without charges, and somebody else."""
    world = World()
    book = world.book("secret-gold-book")
    world.rule("secret-rule", book, "cost_plus", basis="billed", percent="23", pass_credits="true")
    world.customer("acme", legal_name=HOSTILE, locale="de_DE")
    world.customer("child-of-acme", legal_name="Tochter GmbH", parent_customer_id="acme", locale="fr_FR")
    world.customer("waiting", locale="en_GB")
    world.customer("rival-corp", legal_name="Rival Corporation", locale="es_ES")
    world.customer("newcomer", locale="en_GB")
    world.customer("nobody", locale="en_GB")
    for customer in ("acme", "child-of-acme", "rival-corp"):
        world.terms(customer, book)
    # Cost 100 is sold for 123.
    for day in range(1, 32):
        world.charge("acme", f"2024-08-{day:02}", "100")
    for day in range(1, 18):
        world.charge("acme", f"2024-09-{day:02}", "100", ProviderName="AWS", ServiceName=f"Compute {HOSTILE}")
        world.charge("child-of-acme", f"2024-09-{day:02}", "10", ServiceName="Storage")
        world.charge("rival-corp", f"2024-09-{day:02}", "7777", ServiceName="Rival Service")
    world.charge("waiting", "2024-09-02", "33.33")
    world.product("desk", "30", name="Service desk", unit_cost="11.11", term_months="12")
    world.subscription("s1", "acme", "desk", "2024-05-01 start 3")
    world.top_up("acme", "2024-09-01", "500", expires="2025-01-01")
    world.tables["budgets"] += [
        {"customer_id": "acme", "amount": "2000", "thresholds": "50;100"},
        {"customer_id": "newcomer", "amount": "10", "thresholds": ""},
    ]
    return world


@pytest.fixture(scope="module")
def published(build_once: Callable[[str, Callable[[Warehouse], None]], Warehouse]) -> Settings:
    """As of 18 September, delivered until the 17th, August invoiced."""

    def run(built: Warehouse) -> None:
        today = Warehouse.in_directory(built.settings.home.parent, DAY)
        today.rate(told())
        today.execute("insert or replace into ops.state values ('today', ?)", str(DAY))
        today.execute(
            "update ops.delivery set first_day = billing_period, landed_at = '2024-09-18 04:12:00', "
            "last_day = least(last_day(billing_period), date '2024-09-17')"
        )
        today.issue("INV-000001", "acme", AUGUST)
        publish_statements(today.settings)

    return build_once("statements", run).settings


def text_of(settings: Settings, customer: str) -> str:
    return publish.statement_path(settings, customer).read_text("utf-8")


def data_of(settings: Settings, customer: str) -> dict[str, Any]:
    found = re.search(
        r'<script type="application/json" id="data"[^>]*>(.*?)</script>', text_of(settings, customer)
    )
    assert found
    loaded: dict[str, Any] = json.loads(found[1])
    return loaded


def amounts(table: dict[str, list[str]], column: str) -> list[Decimal]:
    return [Decimal(int(digits)).scaleb(-12) for digits in table[column]]


def test_a_statement_sums_to_the_draft_and_counts_who_is_paid_for(published: Settings) -> None:
    """17 days of 123.00 and 12.30, and the desk; 13 more days of both; August as it was invoiced."""
    data = data_of(published, "acme")
    to_date, rest = amounts(data["services"], "to_date"), amounts(data["services"], "rest")
    assert sum(to_date) == Decimal(17) * Decimal("135.30") + 90 == Decimal("2390.10")
    assert sum(rest) == Decimal(13) * Decimal("135.30") == Decimal("1758.90")
    assert sum(amounts(data["services"], "before")) == Decimal(31) * 123 + 90
    assert sum(amounts(data_of(published, "child-of-acme")["services"], "to_date")) == Decimal("209.10")


def test_budgets_say_how_far_they_are_used_and_when_a_threshold_was_crossed(published: Settings) -> None:
    """A subscription counts by the day (3.00), so that 1,000 are reached on the eighth day."""
    data = data_of(published, "acme")
    assert amounts(data["budgets"], "forecast") == [Decimal("4149.00")]
    assert [Decimal(share) for share in data["budgets"]["percent"]] == [Decimal("119.505")]
    assert dict(zip(data["crossings"]["thresholds"], data["crossings"]["day"], strict=True)) == {
        "50": "2024-09-08",
        "100": "2024-09-15",
    }


def test_subscriptions_balance_documents_and_deliveries_stand_on_the_page(published: Settings) -> None:
    data = data_of(published, "acme")
    assert (data["subscriptions"]["name"], data["subscriptions"]["term_end"]) == (
        ["Service desk"],
        ["2025-05-01"],
    )
    assert amounts(data["subscriptions"], "price") == [Decimal(30)]
    assert amounts(data["prepaid"], "remaining") == [Decimal(500)]
    assert data["documents"]["number"] == ["INV-000001"]
    assert amounts(data["open_items"], "amount") == [Decimal("4644.57")]
    assert (data["deliveries"]["vendor"], data["deliveries"]["covered_until"]) == (["AWS"], ["2024-09-17"])


@pytest.mark.parametrize("customer", ["acme", "child-of-acme", "newcomer", "waiting"])
def test_nothing_of_cost_margin_price_books_or_anyone_else_is_in_the_file(
    published: Settings, customer: str
) -> None:
    """A reseller that sends this file must not send its margin along, nor the name of another customer."""
    text = text_of(published, customer)
    for secret in (
        "secret-gold-book", "secret-rule", "rival", "Rival", "7777", "1111", "margin", "cost_plus", "unit_cost",
        "partner_credit", "charges.csv", "source",
    ):  # fmt: skip
        assert secret not in re.sub(
            r"<style>.*?</style>|<script>.*?</script>|Content-Security.*?>", "", text, flags=re.DOTALL
        )
    # Of cost 1,700 nothing is left but what it is sold for.
    assert "1700" not in text
    others = {"acme", "child-of-acme", "waiting", "newcomer", "nobody"} - {customer}
    own = data_of(published, customer)
    values = json.dumps({name: table for name, table in own.items() if name != "words"})
    assert [name for name in others if re.search(rf"(?<![\w-]){name}(?![\w-])", values)] == []


def test_a_parked_customer_learns_that_it_need_not_do_anything_and_no_reason(published: Settings) -> None:
    data = data_of(published, "waiting")
    assert data["parked"] == {"month": ["2024-09"]}
    assert "33.33" not in text_of(published, "waiting")
    assert "33330000000000" not in text_of(published, "waiting")


def test_only_customers_with_something_have_a_statement(published: Settings) -> None:
    names = {path.stem for path in (published.published / "statements").glob("*.html")}
    assert names == {"acme", "child-of-acme", "waiting", "rival-corp", "newcomer"}


def test_the_page_asks_no_network_for_anything_and_hostile_names_stay_data(published: Settings) -> None:
    page = text_of(published, "acme")
    assert set(re.findall(r"https?://[^\s\"'<>)]+", page)) == {"http://www.w3.org/2000/svg"}
    assert "<img" not in page
    assert page.count("<script") == page.count("</script") == 2
    assert any(HOSTILE in service for service in data_of(published, "acme")["services"]["service"])


def test_a_page_is_written_only_when_it_would_differ(published: Settings) -> None:
    before = {path: path.stat().st_mtime_ns for path in (published.published / "statements").iterdir()}
    assert publish_statements(published).written == 0
    assert {
        path: path.stat().st_mtime_ns for path in (published.published / "statements").iterdir()
    } == before
    lost = publish.statement_path(published, "newcomer")
    lost.unlink()
    assert publish_statements(published).written == 1
    assert lost.exists()


def test_every_word_is_there_in_every_language() -> None:
    """A missing translation would show as a hole in a customer's page; a lost place as an amount left out."""
    for name, texts in _WORDS.items():
        assert len(texts) == len(LANGUAGES), name
        places = [set(re.findall(r"\{\w+\}", text)) for text in texts]
        assert all(each == places[0] for each in places), name
        assert all(texts), name


@needs_browser
def test_the_customer_reads_its_month_in_its_own_language(published: Settings, tmp_path: Path) -> None:
    document = opened(publish.statement_path(published, "acme"), tmp_path)
    figures = [html.unescape(text) for text in re.findall(r'<div class="value[^"]*">([^<]*)</div>', document)]
    assert figures == ["2.390,10", "4.149,00", "3.903,00", "119,5\u202f%", "4.644,57"]
    assert "Laufender Monat, 17 von 30 Tagen" in document
    assert "50\u202f% erreicht am 8. Sept. 2024" in document
    assert "Guthaben: 500,00 EUR" in document
    assert "<title>Kostenübersicht" in document


@needs_browser
@pytest.mark.parametrize(
    ("customer", "says"),
    [
        ("newcomer", "No charges yet"),
        ("waiting", "You need not do anything"),
        ("child-of-acme", "une autre organisation, qui paie pour vous"),
        ("rival-corp", "Mes en curso, 17 de 30 días"),
    ],
)
def test_every_state_is_said_in_words(published: Settings, tmp_path: Path, customer: str, says: str) -> None:
    assert says in html.unescape(opened(publish.statement_path(published, customer), tmp_path))


def test_the_statement_of_a_customer_that_left_the_book_stays_and_is_told_once(
    published: Settings, tmp_path: Path
) -> None:
    """What a customer may still read does not vanish, and is not kept up to date in silence either."""
    shutil.copytree(published.home.parent, tmp_path / "copy")
    left = Warehouse.in_directory(tmp_path / "copy", DAY)
    before = text_of(left.settings, "newcomer")
    left.execute("delete from config.customers where customer_id = 'newcomer'")
    assert publish_statements(left.settings).notes == (
        "statement of newcomer: the book knows nothing of it any more; newcomer.html stays as it is",
    )
    assert publish_statements(left.settings).notes == ()
    assert text_of(left.settings, "newcomer") == before


def test_a_source_that_is_late_is_named_by_its_vendor(published: Settings, tmp_path: Path) -> None:
    """Without the warning a customer would take missing days for days without use."""
    shutil.copytree(published.home.parent, tmp_path / "copy")
    late = Warehouse.in_directory(tmp_path / "copy", DAY)
    assert data_of(published, "acme")["deliveries"]["late"] == [False]
    late.execute("update ops.delivery set landed_at = '2024-09-16 04:12:00'")
    publish_statements(late.settings)
    assert data_of(late.settings, "acme")["deliveries"]["late"] == [True]
    late.execute("update ops.delivery set landed_at = '2024-09-18 04:12:00', last_day = '2024-09-10'")
    publish_statements(late.settings)
    assert data_of(late.settings, "acme")["deliveries"]["late"] == [True]
    assert data_of(late.settings, "acme")["deliveries"]["vendor"] == ["AWS"]
