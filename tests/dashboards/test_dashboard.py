"""The dashboard's file: exact, self-contained, harmless, and the same for the same snapshot."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from marts_fixture import HOSTILE_NAME, HOSTILE_SERVICE, make_snapshot, new_settings

from invoices.dashboards import publish_dashboard
from invoices.pages import page as page_module


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    settings = new_settings(tmp_path_factory.mktemp("home"))
    return publish_dashboard(settings, make_snapshot(settings)).read_text("utf-8")


@pytest.fixture(scope="module")
def data(page: str) -> dict[str, Any]:
    return embedded(page)


def embedded(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data" data-encoding="(\w+)">(.*?)</script>', page)
    assert found
    text = found[2] if found[1] == "json" else gzip.decompress(base64.b64decode(found[2])).decode()
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def amount(digits: str) -> Decimal:
    return Decimal(int(digits)).scaleb(-12)


def by_month(data: dict[str, Any], measure: str) -> dict[str, Decimal]:
    totals = dict.fromkeys(data["months"], Decimal(0))
    for first, digits in zip(data["cube"]["month"], data["cube"][measure], strict=True):
        amounts = digits.split(" ")
        positions = first if isinstance(first, list) else range(first, first + len(amounts))
        for position, text in zip(positions, amounts, strict=True):
            totals[data["months"][position]] += amount(text)
    return totals


def test_every_month_adds_up_to_the_last_digit(data: dict[str, Any]) -> None:
    assert by_month(data, "revenue") == {
        "2024-07": Decimal("1545.10"),
        "2024-08": Decimal("1535.20"),
        "2024-09": Decimal("2079.898333333334"),
    }
    assert by_month(data, "cost") == {
        "2024-07": Decimal("1290.05"),
        "2024-08": Decimal("1220.05"),
        "2024-09": Decimal("1812.771111111112"),
    }


def test_months_without_usage_leave_a_gap_and_no_zero(data: dict[str, Any]) -> None:
    cube = data["cube"]
    names = [
        (data["customers"]["id"][customer], data["services"][service])
        for customer, service in zip(cube["customer"], cube["service"], strict=True)
    ]
    position = names.index(("acme", "Virtual Machines"))
    assert cube["month"][position] == [0, 2]
    assert cube["revenue"][position].split(" ") == ["500000000000000", "600005000000000"]


def test_a_running_month_is_compared_with_the_same_days_of_the_month_before(data: dict[str, Any]) -> None:
    """BigQuery's charge of 25 August is left out: deliveries reach 17 September."""
    assert sum(map(amount, data["to_date"]["revenue"])) == Decimal("1445.20")
    assert sum(map(amount, data["to_date"]["cost"])) == Decimal("1160.05")
    august = data["unallocated"]["month"].index("2024-08")
    assert amount(data["unallocated"]["cost"][august]) == Decimal("4.5")
    assert amount(data["unallocated"]["cost_to_date"][august]) == 0


def test_money_at_risk_is_summed_by_account_and_names_the_reason(data: dict[str, Any]) -> None:
    september = data["unallocated"]["month"].index("2024-09")
    assert amount(data["unallocated"]["cost"][september]) == Decimal("20.20")
    assert data["unallocated"]["first_seen"][september] == "2024-09-03"
    assert [amount(cost) for cost in data["unpriced"]["cost"]] == [Decimal("12.34")]
    assert data["unpriced"]["reason"] == ["no price rule matches"]


def test_a_line_is_below_cost_only_after_the_discounts_under_it(data: dict[str, Any]) -> None:
    losses = data["losses"]
    assert losses["description"] == ["Virtual Machines, West Europe"]
    assert amount(losses["amount"][0]) == Decimal("600.01")
    assert amount(losses["cost"][0]) == Decimal("660.01")
    assert amount(losses["loss"][0]) == Decimal("60.00")


def test_the_page_knows_what_is_late_open_and_held_back(data: dict[str, Any]) -> None:
    assert data["late"]["source"] == ["oracle"]
    assert data["parked"]["customer"] == ["delta"]
    assert data["parked"]["reason"] == ["unpriced charges: 12.34 EUR"]
    drafts = zip(
        data["documents"]["month"], data["documents"]["status"], data["documents"]["documents"], strict=True
    )
    in_september = {
        "2024-09": 5,
        "2024-10": 1,
    }  # four customers' and a quarter's; next month's stands by itself
    assert {month: count for month, status, count in drafts if status == "draft"} == in_september
    assert data["reconciliation"]["ties"] == [True, False]
    assert data["deliveries"]["final"].count(False) == 3
    assert data["about"]["as_of"] == "2024-09-18"
    assert data["rates"] == {
        "month": ["2024-07", "2024-08", "2024-08", "2024-09", "2024-09"],
        "currency": ["JPY", "JPY", "USD", "JPY", "USD"],
        "lowest": ["0.006100000000", "0.006100000000", "0.900000000000", "0.006100000000", "0.910000000000"],
        "highest": ["0.006100000000", "0.006100000000", "0.900000000000", "0.006100000000", "0.910000000000"],
    }


def test_the_page_asks_no_network_for_anything(page: str) -> None:
    assert set(re.findall(r"https?://[^\s\"'<>)]+", page)) == {"http://www.w3.org/2000/svg"}
    code = re.sub(r'<script type="application/json".*?</script>', "", page)
    calls = r"\bsrc\s*=|@import|url\(|fetch\(|XMLHttpRequest|WebSocket|sendBeacon|import\("
    assert re.findall(calls, code) == []
    assert re.findall(r'<link[^>]*href="([^"]*)"', code) == ["data:,"]


def test_the_policy_allows_exactly_the_two_inline_blocks(page: str) -> None:
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert policy
    hashes = {
        kind: "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        for kind, text in re.findall(r"<(style|script)>(.*?)</\1>", page, re.DOTALL)
    }
    assert policy[1].split("; ") == [
        "default-src 'none'",
        f"style-src '{hashes['style']}'",
        f"script-src '{hashes['script']}'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    ]


def test_names_with_markup_stay_data(page: str, data: dict[str, Any]) -> None:
    assert HOSTILE_NAME in data["customers"]["name"]
    assert HOSTILE_SERVICE in data["services"]
    assert HOSTILE_NAME not in page
    assert "<img" not in page
    assert page.count("<script") == 2
    assert page.count("</script") == 2


def test_data_cannot_end_its_script_element() -> None:
    contents = {"name": "</script><!--<script>&\u2028\u2029"}
    encoding, text = page_module.encode(contents)
    assert encoding == "json"
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == contents


def test_large_data_is_compressed_and_comes_back_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_module, "PLAIN_BYTES", 10)
    contents = {"name": "</script>" * 100}
    encoding, text = page_module.encode(contents)
    assert encoding == "gzip"
    assert json.loads(gzip.decompress(base64.b64decode(text)).decode()) == contents
    assert page_module.encode(contents) == (encoding, text)


def test_the_same_snapshot_gives_the_same_bytes(tmp_path: Path) -> None:
    settings = new_settings(tmp_path)
    made_from = make_snapshot(settings)
    first = publish_dashboard(settings, made_from).read_bytes()
    settings.warehouse.unlink()
    assert publish_dashboard(settings, made_from).read_bytes() == first
    assert [path.name for path in (settings.published / "dashboards").iterdir()] == ["index.html"]


def test_an_empty_snapshot_gives_a_page_that_says_so(tmp_path: Path) -> None:
    settings = new_settings(tmp_path)
    contents = embedded(publish_dashboard(settings, make_snapshot(settings, filled=False)).read_text("utf-8"))
    assert contents["months"] == []
    assert contents["late"]["source"] == ["aws", "google", "microsoft", "oracle"]
