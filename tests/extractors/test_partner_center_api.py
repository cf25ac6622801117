"""Partner Center through the export API: what lands, what is asked again, and what a month's invoices replace."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from emulators.partner_center import PartnerCenter, partner_center
from emulators.partner_center_files import daily, days, invoiced, licence, total, usage_line
from partner_center_vendor import Clock, Partner, clock, new_partner, second_reader

from extractors import retrying
from extractors.partner_center import exports

NUMBER = "G016907411"


@pytest.fixture
def now() -> Clock:
    return clock()


@pytest.fixture
def double() -> Iterator[PartnerCenter]:
    with partner_center() as running:
        yield running


@pytest.fixture
def partner(tmp_path: Path, double: PartnerCenter, now: Clock, monkeypatch: pytest.MonkeyPatch) -> Partner:
    monkeypatch.setattr(retrying, "PATIENCE", retrying.Patience(4, 0.01, 0.05))
    monkeypatch.setattr(exports, "WAITING", exports.Waiting(0.01, 0.01, 0.05, 2.0))
    return new_partner(tmp_path, double, double.url, monkeypatch)


def reconciliation() -> list[dict]:
    """Three licences and a month of one virtual machine with partner earned credit: 461.94 EUR."""
    return [
        licence("fabrikam", "36.00", 5, TaxTotal=Decimal("34.20")),
        licence("tailspin", "10.08", -12, effective="9.408", ChargeType="removeQuantity"),
        licence("tailspin", "10.08", 8, effective="9.408", ChargeType="removeQuantity"),
        usage_line("fabrikam", "Virtual Machines - D2", "0.10", "720", effective="0.085"),
    ]


def machine_days(count: int = 30) -> list[dict]:
    return [
        daily("fabrikam", "azure-1", day, "0.10", "24", PartnerEarnedCreditPercentage=15)
        for day in days(count=count)
    ]


def put_invoice(
    double: PartnerCenter, number: str = NUMBER, rows: list[dict] | None = None, **more
) -> list[dict]:
    """September's invoice of 9 October with its reconciliation and daily usage."""
    lines = invoiced(number, rows if rows is not None else reconciliation())
    double.invoice(number, str(total(lines)), "2024-10-09", **more)
    double.put("reconciliation", "billed", number, parts=[part for part in (lines[:2], lines[2:]) if part])
    double.put("usage", "billed", number, parts=[invoiced(number, machine_days())])
    return lines


def put_open(double: PartnerCenter, month: str, rows: list[dict], usage: list[dict]) -> None:
    if rows:
        double.put("reconciliation", "unbilled", "EUR", month, parts=[rows])
    if usage:
        double.put("usage", "unbilled", "EUR", month, parts=[usage])


def test_an_invoice_lands_as_its_month_and_adds_up_to_its_total(partner: Partner, double: PartnerCenter):
    lines = put_invoice(double)
    result = partner.run()
    assert result.problems == ()
    assert [(one.scope, str(one.period), one.rows) for one in result.landed] == [("EUR", "2024-09-01", 34)]
    # 180.00 + 34.20 tax, −112.80 and 75.20 for the change of seats, 61.20 for the machine.
    assert partner.loaded() == [("EUR", "2024-09-01", 4, Decimal("237.80"))]
    assert total(lines) == Decimal("237.80")
    assert partner.query("select vendor_total_json, is_final, row_count from ops.delivery") == [
        ('{"EUR": "237.8"}', True, 34)
    ]
    assert partner.query("select count(*), min(x_file) from raw.partner_center_daily_usage") == [
        (30, f"daily-usage/{NUMBER}/{double.version(NUMBER)}")
    ]


def test_what_is_loaded_is_what_a_second_reader_finds_in_the_landed_parts(
    partner: Partner, double: PartnerCenter
):
    put_invoice(double)
    partner.run()
    parts = partner.settings.landing.glob("csp/2024-09/*/files/reconciliation/**/*.json.gz")
    with second_reader() as reader:
        found = reader.execute(
            "select count(*), sum(cast(Subtotal as decimal(18, 2)) + cast(TaxTotal as decimal(18, 2))) "
            "from read_json($files, format = 'newline_delimited')",
            {"files": [str(part) for part in parts]},
        ).fetchone()
    assert found == (4, Decimal("237.80"))


def test_a_run_with_nothing_new_downloads_nothing_and_asks_for_no_final_export(
    partner: Partner, double: PartnerCenter, now: Clock
):
    put_invoice(double)
    now.set("2024-10-20")
    partner.run()
    assert (double.downloads, double.asked("POST", "billed/export")) == (3, 3 + 1)  # 2 billed, 2 of October
    double.requests.clear()
    again = partner.run()
    assert [one.period.month for one in again.unchanged] == [9]
    assert double.downloads == 0
    assert double.asked("POST", "/billed/export") == 0
    assert double.asked("POST", "/unbilled/export") == 2  # the open month is asked about every day


def test_daily_usage_that_was_partial_on_invoice_day_is_asked_for_again_within_a_week(
    partner: Partner, double: PartnerCenter
):
    put_invoice(double)
    double.put("usage", "billed", NUMBER, parts=[invoiced(NUMBER, machine_days(12))])
    partner.run()
    double.put("usage", "billed", NUMBER, parts=[invoiced(NUMBER, machine_days())])
    double.requests.clear()
    assert [one.rows for one in partner.run().landed] == [34]
    assert double.asked("POST", "/usage/billed/export") == 1
    assert double.asked("POST", "/reconciliation/billed/export") == 0
    assert double.downloads == 1  # the new daily part only; the reconciliation is known
    assert partner.query("select count(*) from raw.partner_center_daily_usage") == [(30,)]


def test_an_open_month_is_an_estimate_that_its_invoice_replaces(
    partner: Partner, double: PartnerCenter, now: Clock
):
    now.set("2024-09-20")
    double.invoice("G01", "0", "2024-09-08")
    put_open(double, "current", reconciliation()[:1], machine_days(19))
    result = partner.run()
    assert [(str(one.period), one.rows) for one in result.landed] == [("2024-09-01", 20)]
    assert partner.query("select vendor_total_json, is_final from ops.delivery") == [
        ('{"EUR": "252.960000000000"}', False)  # 214.20 for licences, 19 days of 2.04 for the machine
    ]
    now.set("2024-10-10")
    double.reports.clear()
    put_invoice(double)
    partner.run()
    assert partner.loaded() == [("EUR", "2024-09-01", 4, Decimal("237.80"))]
    assert partner.query(
        "select is_final from ops.partition_in_force join ops.delivery using (delivery_id)"
    ) == [(True,)]


def test_an_open_month_that_changes_replaces_its_rows_and_withdrawn_ones_go(
    partner: Partner, double: PartnerCenter
):
    double.invoice("G01", "0", "2024-07-08")
    put_open(double, "last", reconciliation(), machine_days())
    partner.run()
    first, *_, last = reconciliation()
    put_open(double, "last", [first, last], machine_days(29))
    assert [one.rows for one in partner.run().landed] == [31]
    assert partner.loaded() == [("EUR", "2024-09-01", 2, Decimal("275.40"))]
    assert partner.query("select max(UsageDate)::date::varchar from raw.partner_center_daily_usage") == [
        ("2024-09-29",)
    ]


def test_a_credit_note_for_a_closed_month_joins_its_invoice(
    partner: Partner, double: PartnerCenter, now: Clock
):
    lines = put_invoice(double)
    now.set("2024-10-20")
    partner.run()
    credit = invoiced("G017", [licence("fabrikam", "36.00", -1, ChargeType="customerCredit")])
    double.invoices[0]["amendments"] = [
        {**double.invoices[0], "id": "G017", "totalCharges": -36.0, "documentType": "adjustment_note",
         "amendsOf": NUMBER, "invoiceDate": "2024-10-19T00:00:00Z"}
    ]  # fmt: skip
    double.put("reconciliation", "billed", "G017", parts=[credit])
    double.requests.clear()
    result = partner.run()
    assert result.problems == ()
    assert partner.loaded() == [("EUR", "2024-09-01", 5, total(lines) - 36)]
    assert double.downloads == 1  # nothing of the invoice itself is read again


def test_a_note_that_comes_before_the_months_invoice_does_not_replace_the_open_data(
    partner: Partner, double: PartnerCenter
):
    put_open(double, "last", reconciliation(), machine_days())
    note = {"documentType": "credit_note", "billingPeriodStartDate": "2024-09-01T00:00:00Z"}
    double.invoice("G09", "-36.00", "2024-10-02", **note)
    credit = invoiced("G09", [licence("fabrikam", "36.00", -1, ChargeType="customerCredit")])
    double.put("reconciliation", "billed", "G09", parts=[credit])
    assert [one.rows for one in partner.run().landed] == [34]
    assert partner.query("select is_final from ops.delivery") == [(False,)]
    lines = put_invoice(double)
    result = partner.run()
    assert partner.loaded() == [("EUR", "2024-09-01", 5, total(lines) - 36)]
    said = f"EUR, 2024-09: billed by {NUMBER}, G09; the open month's data is not read beside it"
    assert said in result.notes


def test_a_void_invoice_bills_nothing_and_the_note_that_replaces_it_does(
    partner: Partner, double: PartnerCenter
):
    put_invoice(double, documentType="void_note")
    replacement = invoiced("G018", [licence("fabrikam", "36.00", 4)])
    double.invoices[0]["amendments"] = [
        {"id": "G018", "invoiceDate": "2024-10-09T00:00:00Z", "totalCharges": 144, "currencyCode": "EUR",
         "documentType": "adjustment_note", "amendsOf": NUMBER, "invoiceType": "OneTime"}
    ]  # fmt: skip
    double.put("reconciliation", "billed", "G018", parts=[replacement])
    result = partner.run()
    assert f"invoice {NUMBER} is left out: it is void" in result.notes
    assert partner.loaded() == [("EUR", "2024-09-01", 1, Decimal("144.00"))]


def test_each_billing_currency_is_its_own_scope(partner: Partner, double: PartnerCenter):
    put_invoice(double)
    put_invoice(
        double,
        "G02",
        [licence("wingtip", "40.00", 2, Currency="USD", PricingCurrency="USD")],
        currencyCode="USD",
    )
    double.reports.pop(("usage", "billed", "G02"))
    result = partner.run()
    assert result.problems == ()
    assert [(one[0], one[3]) for one in partner.loaded()] == [
        ("EUR", Decimal("237.80")),
        ("USD", Decimal("80.00")),
    ]


def test_an_invoice_whose_lines_do_not_add_up_to_it_is_refused(partner: Partner, double: PartnerCenter):
    put_invoice(double)
    double.invoices[0]["totalCharges"] = 300.0
    result = partner.run()
    assert len(result.quarantined) == 1
    assert "300" in str(result.problems[0])
    assert "237.8" in str(result.problems[0])
    assert partner.loaded() == []


def test_an_invoice_without_lines_yet_waits(partner: Partner, double: PartnerCenter):
    double.invoice(NUMBER, "237.80", "2024-10-09")
    result = partner.run()
    assert [NUMBER in line for line in result.incomplete] == [True]
    put_invoice(double)
    double.invoices.pop()
    assert [one.rows for one in partner.run().landed] == [34]


def test_an_export_that_takes_long_is_left_alone_until_it_is_ready_and_is_not_requested_twice(
    partner: Partner, double: PartnerCenter, monkeypatch: pytest.MonkeyPatch
):
    put_invoice(double)
    double.polls = 10_000
    monkeypatch.setattr(exports, "WAITING", exports.Waiting(0.01, 0.01, 0.01, 0.05))
    result = partner.run()
    assert result.landed == ()
    assert "still preparing" in result.incomplete[0]
    requested = double.exports
    for operation in double.operations.values():
        operation["polls"] = 0
    assert [one.rows for one in partner.run().landed] == [34]
    assert double.exports == requested  # polling went on where it was; open month included


def test_a_manifest_inside_the_operation_is_read_as_well(partner: Partner, double: PartnerCenter):
    double.inline_manifest = True
    put_invoice(double)
    partner.run()
    assert double.asked("GET", "/manifests/") == 0
    assert partner.loaded() == [("EUR", "2024-09-01", 4, Decimal("237.80"))]


def test_a_link_that_has_expired_is_renewed_by_a_new_export(partner: Partner, double: PartnerCenter):
    put_invoice(double)
    good, double.link_life = (
        double.link_life,
        -double.link_life,
    )  # the first links have ended when they are used

    def renew() -> None:
        double.link_life = good

    double.on_refusal = renew
    assert [one.rows for one in partner.run().landed] == [34]
    assert double.downloads > 3


def test_a_shrunk_month_is_held_for_a_person(partner: Partner, double: PartnerCenter):
    double.invoice("G01", "0", "2024-07-08")
    put_open(double, "last", reconciliation(), machine_days())
    partner.run()
    put_open(double, "last", reconciliation()[1:2], machine_days(3))
    result = partner.run()
    assert len(result.held) == 1
    assert partner.loaded()[0][2] == 4
    assert len(partner.run(accept=result.held[0].delivery_id).landed) == 1


def test_a_month_with_no_data_at_all_is_no_delivery_and_no_error(partner: Partner, double: PartnerCenter):
    double.invoice("G01", "0", "2024-07-08")
    result = partner.run()
    assert (result.landed, result.problems, result.incomplete) == ((), (), ())
    assert "EUR, 2024-10: no charges yet" in result.notes


def test_invoices_of_the_old_kind_are_named_and_left_out(partner: Partner, double: PartnerCenter):
    put_invoice(double)
    double.invoice("D02005YFHI", "24606.35", "2024-10-08", currencyCode="GBP", invoiceType="Recurring")
    result = partner.run()
    assert any("D02005YFHI" in note for note in result.notes)
    assert partner.loaded() == [("EUR", "2024-09-01", 4, Decimal("237.80"))]


def test_a_month_before_the_window_can_be_asked_for(partner: Partner, double: PartnerCenter, now: Clock):
    put_invoice(double)
    now.set("2025-03-10")
    assert partner.run().landed == ()
    assert [one.rows for one in partner.run(period=dt.date(2024, 9, 1)).landed] == [34]
