"""The dashboard opened in a real browser: what a reader sees, and that nothing hostile ran."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest
from browser import needs_browser, opened
from marts_fixture import HOSTILE_NAME, HOSTILE_SERVICE, make_snapshot, new_settings

from cspbill.settings import Settings
from invoices.dashboards import publish, publish_dashboard
from invoices.pages import page as page_module
from invoices.pages.page import SHARED, SHARED_SCRIPTS, script_of

pytestmark = needs_browser


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return new_settings(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def page(settings: Settings) -> Path:
    return publish_dashboard(settings, make_snapshot(settings))


def key_figures(document: str) -> list[str]:
    return [html.unescape(text) for text in re.findall(r'<div class="value">([^<]*)</div>', document)]


def test_key_figures_are_exact_and_in_the_resellers_locale(page: Path, tmp_path: Path) -> None:
    document = opened(page, tmp_path)
    assert key_figures(document) == ["2.079,90", "1.812,77", "267,13", "12,8\u202f%", "32,54"]
    assert "Month to date, 17 of 30 days" in document
    assert "1 customer held back" in document
    assert "No delivery yet: oracle" in document
    assert "vs 1–17 August 2024" in document


def test_filters_apply_to_every_figure(page: Path, tmp_path: Path) -> None:
    document = opened(page, tmp_path, "#period=2024-08&vendor=Google+Cloud")
    assert key_figures(document) == ["135,00", "100,00", "35,00", "25,9\u202f%", "0,00"]
    assert "Amazon EC2" not in document.split("<main", 1)[1].split("</main>", 1)[0]
    document = opened(page, tmp_path, "#period=last-3&customer=acme")
    assert key_figures(document)[:3] == ["4.434,87", "3.777,76", "657,11"]


def test_hostile_names_are_shown_as_text_and_never_run(page: Path, tmp_path: Path) -> None:
    document = opened(page, tmp_path)
    assert "<title>Margin and revenue · Nordlicht Cloud GmbH</title>" in document
    assert "<img" not in document
    assert html.escape(HOSTILE_NAME, quote=False) in document
    assert HOSTILE_SERVICE in document


def test_compressed_data_opens_the_same_page(
    settings: Settings, page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = key_figures(opened(page, tmp_path))
    snapshot = next(settings.published.glob("*.duckdb"))
    monkeypatch.setattr(page_module, "PLAIN_BYTES", 0)
    assert key_figures(opened(publish_dashboard(settings, snapshot), tmp_path)) == plain


def test_an_empty_snapshot_opens_to_what_to_do_next(tmp_path: Path) -> None:
    settings = new_settings(tmp_path / "home")
    document = opened(
        publish_dashboard(settings, make_snapshot(settings, filled=False)), tmp_path / "profile"
    )
    assert "No data yet" in document
    assert "Sources without a delivery: aws, google, microsoft, oracle" in document


def evaluated(expression: str, directory: Path) -> object:
    """Evaluate a JavaScript expression next to the page's own functions."""
    own = tuple(name for name in publish.PAGE.scripts if name != "page.js")
    script = script_of(SHARED, SHARED_SCRIPTS) + script_of(publish.PAGE.package, own)
    about = {"locale": "de_DE", "base_currency": "EUR", "minor_units": {"EUR": 2, "JPY": 0, "KWD": 3}}
    bench = directory / "bench.html"
    bench.write_text(
        f'<meta charset="utf-8"><body><pre id="answer"></pre><script>{script}\nsetUpFormat({json.dumps(about)});'
        f'document.getElementById("answer").textContent = JSON.stringify({expression});</script>',
        "utf-8",
    )
    answer = re.search(r'<pre id="answer">(.*?)</pre>', opened(bench, directory / "profile"), re.DOTALL)
    assert answer
    return json.loads(html.unescape(answer[1]))


def test_amounts_round_half_away_from_zero_to_the_currencys_minor_unit(tmp_path: Path) -> None:
    expression = """[
        money(1005000000000n), money(-1005000000000n), money(1004999999999n), money(1234567890125000000000n),
        money(2500000000000n, "JPY"), money(1000500000000n, "KWD"), money(-1000000000n), exact(-1005000000001n),
        exact(1230000000000n), money(9007199254740993010000000000n)
    ]"""
    assert evaluated(expression, tmp_path) == [
        "1,01",
        "−1,01",
        "1,00",
        "1.234.567.890,13",
        "3",
        "1,001",
        "0,00",
        "-1.005000000001",
        "1.23",
        "9.007.199.254.740.993,01",
    ]


def test_csv_is_exact_and_its_text_is_no_formula(tmp_path: Path) -> None:
    expression = """csvText(
        [textColumn("Service", (row) => row[0]), moneyColumn("Cost, EUR", (row) => row[1]),
         {label: "Margin %", kind: "percent", value: (row) => row[2]}],
        [["=cmd|'/c calc'!A1", -1500000000000n, -123], ["@SUM(A1)", 1n, null], ["+1", 0n, 5],
         ["-2", 0n, 5], ["\\t=1", 0n, 5], [" =1", 0n, 5], ['a "b", c', 0n, 5], ["plain", 0n, 5]]
    )"""
    assert evaluated(expression, tmp_path) == (
        'Service,"Cost, EUR",Margin %\r\n'
        "'=cmd|'/c calc'!A1,-1.50,-12.3\r\n"
        "'@SUM(A1),0.000000000001,\r\n"
        "'+1,0.00,0.5\r\n"
        "'-2,0.00,0.5\r\n"
        "'\t=1,0.00,0.5\r\n"
        "' =1,0.00,0.5\r\n"
        '"a ""b"", c",0.00,0.5\r\n'
        "plain,0.00,0.5\r\n"
    )


def test_the_steps_of_a_margin_change_sum_exactly_to_it(tmp_path: Path) -> None:
    expression = """(() => {
        const entry = (customer, before, now) => ({
            combo: {customer}, inBefore: !!before, inNow: !!now,
            before: before ? {revenue: before[0], cost: before[1]} : zero(),
            now: now ? {revenue: now[0], cost: now[1]} : zero()
        });
        const entries = [entry("a", [100n, 77n], [137n, 91n]), entry("a", null, [10n, 7n]),
            entry("b", [50n, 40n], null), entry("c", null, [9n, 10n]), entry("d", [5n, 0n], [7n, 1n])];
        const steps = explainChange(entries);
        return [Object.entries(steps).map(([name, value]) => [name, String(value)]),
            String(Object.values(steps).reduce((sum, value) => sum + value, 0n)),
            String(margin(total(entries, "now")) - margin(total(entries, "before")))];
    })()"""
    assert evaluated(expression, tmp_path) == [
        [
            ["newCustomers", "-1"],
            ["lostCustomers", "-10"],
            ["newServices", "3"],
            ["droppedServices", "0"],
            ["usage", "4"],
            ["rate", "20"],
        ],
        "16",
        "16",
    ]


def test_a_long_table_holds_only_the_rows_in_view(tmp_path: Path) -> None:
    expression = """(() => {
        const rows = Array.from({length: 5000}, (_, index) => ({name: `Customer ${index}`, cost: BigInt(index)}));
        const columns = [textColumn("Name", (row) => row.name), moneyColumn("Cost", (row) => row.cost)];
        const table = dataTable({columns, rows, name: "x", caption: "Customers", sorted: {column: 1, down: true}});
        document.body.append(table);
        const first = table.querySelector("tbody td[title]").textContent;
        const drawn = table.querySelectorAll("tbody tr").length;
        const search = table.querySelector("input");
        search.value = "customer 4711";
        search.dispatchEvent(new Event("input"));
        const found = [...table.querySelectorAll("tbody td:first-child")].map((cell) => cell.textContent);
        return [first, drawn < 100, found, table.querySelector(".count").textContent];
    })()"""
    assert evaluated(expression, tmp_path) == ["Customer 4999", True, ["Customer 4711"], "1 row"]
