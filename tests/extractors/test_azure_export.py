"""Azure Cost Management exports in a folder: which runs count, what is refused, what the headers mean."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import shutil
from decimal import Decimal
from pathlib import Path

import pytest
from emulators.azure_exports import ACCOUNT, DATA, SAVINGS_PLAN, Reseller, as_csv, charge, month_of, reseller

from extractors import reading
from extractors.azure_export.cost_details import CONTRACT
from extractors.azure_export.manifests import parse, place_of
from extractors.manifest_json import ManifestError

SCOPE = ACCOUNT.lower()
SEPTEMBER = dt.date(2024, 9, 1)


@pytest.fixture
def exports(tmp_path: Path) -> Reseller:
    return reseller(tmp_path)


@pytest.fixture
def billed(exports: Reseller) -> Reseller:
    """September, 30 rows and 300 EUR, is in force and loaded."""
    exports.run(month_of())
    exports.take()
    return exports


def on(today: str, who: Reseller) -> Reseller:
    return dataclasses.replace(
        who, settings=dataclasses.replace(who.settings, today=dt.date.fromisoformat(today))
    )


def folder_of(who: Reseller) -> Path:
    return Path(who.source.options["path"])


def is_final(who: Reseller) -> bool:
    ((final,),) = who.query(
        "select is_final from ops.delivery join ops.partition_in_force using (delivery_id)"
    )
    return final


@pytest.mark.parametrize("form", ["csv", "csv.gz", "snappy.parquet"])
def test_a_month_in_several_parts_is_loaded_whole_in_every_format(exports: Reseller, form: str):
    exports.run([month_of(), month_of(cost="0.25", SubscriptionId="sub-2")], form=form)
    result = exports.take()
    assert result.problems == ()
    assert [(one.scope, one.period, one.rows) for one in result.landed] == [(SCOPE, SEPTEMBER, 60)]
    assert exports.raw() == [(60, Decimal("307.500000000000"))]
    assert exports.query(
        "select min(date)::date, max(date)::date, min(billingMonth)::date from raw.azure_cost"
    ) == [(SEPTEMBER, dt.date(2024, 9, 30), SEPTEMBER)]


def test_a_run_with_nothing_new_downloads_nothing_not_even_a_manifest(
    billed: Reseller, monkeypatch: pytest.MonkeyPatch
):
    def fail(*_: object) -> None:
        pytest.fail("downloaded again")

    monkeypatch.setattr("extractors.stores.local.LocalFolder.fetch", fail)
    result = billed.extract()
    assert (len(result.landed), len(result.unchanged), result.notes) == (0, 1, ())


def test_a_newer_run_replaces_the_month_and_withdrawn_rows_are_gone(billed: Reseller):
    billed.run(month_of(29, cost="11"), at="202410020400")
    assert len(billed.take().landed) == 1
    assert billed.raw() == [(29, Decimal("319.000000000000"))]


def test_an_export_that_overwrites_its_previous_run_is_followed(billed: Reseller):
    shutil.rmtree(folder_of(billed) / "daily")
    billed.run(month_of(cost="12"), at="202410020400", manifest={"deliveryConfig": {"partitionData": True}})
    billed.take()
    assert billed.raw() == [(30, Decimal("360.000000000000"))]


def test_late_rows_of_a_closed_month_arrive_with_the_next_run(billed: Reseller):
    november = on("2024-11-20", billed)
    november.run([*month_of(), charge(30, "-4.5", chargeType="Refund")], at="202411190400")
    november.take()
    assert november.raw() == [(31, Decimal("295.500000000000"))]


def test_an_older_run_that_appears_later_changes_nothing(billed: Reseller):
    billed.run(month_of(cost="1"), at="202409300400")
    assert len(billed.take().unchanged) == 1
    assert billed.raw() == [(30, Decimal("300.000000000000"))]


def test_a_run_without_its_manifest_is_left_alone_and_said(billed: Reseller):
    folder = billed.run(month_of(cost="99"), at="202410020400", with_manifest=False)
    result = billed.take()
    assert [note.split(",")[0] for note in result.notes] == [f"{folder}: left alone"]
    assert billed.raw() == [(30, Decimal("300.000000000000"))]


def test_a_run_whose_parts_are_not_all_there_is_left_alone_until_they_are(billed: Reseller):
    rows = [month_of(), month_of(cost="1", SubscriptionId="sub-2")]
    billed.run(rows, at="202410020400", written=[0])
    result = billed.take()
    assert result.incomplete == (
        f"scope {SCOPE}, 2024-09: still incomplete: actual/part_1_0001.csv is announced but not there",
    )
    assert billed.raw() == [(30, Decimal("300.000000000000"))]
    billed.run(rows, at="202410020400")
    assert len(billed.take().landed) == 1
    assert billed.raw() == [(60, Decimal("330.000000000000"))]


def test_a_part_that_is_still_growing_is_left_alone(billed: Reseller):
    folder = billed.run(month_of(cost="99"), at="202410020400")
    part = folder_of(billed) / folder / "part_0_0001.csv"
    part.write_bytes(part.read_bytes()[:100])
    (message,) = billed.take().incomplete
    assert "actual/part_0_0001.csv (100 of " in message
    assert billed.raw() == [(30, Decimal("300.000000000000"))]


def test_a_row_count_that_differs_from_the_manifest_is_refused(billed: Reseller):
    folder = billed.run(month_of(cost="99"), at="202410020400")
    path = folder_of(billed) / folder / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["dataRowCount"] = manifest["blobs"][0]["dataRowCount"] = 31
    path.write_text(json.dumps(manifest))
    assert [str(problem) for problem in billed.take().problems] == [
        "azure/actual/part_0_0001.csv: has 30 rows, the manifest states 31"
    ]
    assert billed.raw() == [(30, Decimal("300.000000000000"))]


def test_two_exports_of_the_same_cost_are_counted_once_and_said(billed: Reseller):
    billed.run(month_of(cost="12"), export="monthly", at="202410050400")
    result = billed.take()
    (note,) = result.notes
    assert note == (
        f"scope {SCOPE}, 2024-09: the exports daily and monthly hold the same actual cost: counted once, from "
        "monthly, which ran last"
    )
    assert billed.raw() == [(30, Decimal("360.000000000000"))]


def test_the_export_option_picks_one_of_several(billed: Reseller):
    billed.run(month_of(cost="12"), export="monthly", at="202410050400")
    result = billed.with_options(export="Daily").take()
    assert (result.notes, len(result.unchanged)) == ((), 1)


def test_a_customer_inside_the_account_is_counted_once_and_said(billed: Reseller):
    billed.run(month_of(cost="3"), export="acme", scope=f"{ACCOUNT}/customers/{'b' * 36}", at="202410050400")
    result = billed.take()
    assert (
        f"/customers/{'b' * 36}, 2024-09: lies inside scope {SCOPE}: counted once, from there"
        in result.notes[0]
    )
    assert billed.raw("") == [(30, Decimal("300.000000000000"))]


def test_two_accounts_are_two_scopes(billed: Reseller):
    billed.run(month_of(cost="3"), export="other", scope=f"{ACCOUNT}8", at="202410050400")
    assert [one.scope for one in billed.take().landed] == [f"{SCOPE}8"]
    assert billed.raw() == [(60, Decimal("390.000000000000"))]


def test_a_shrunk_month_is_held(billed: Reseller):
    billed.run(month_of(10), at="202410020400")
    result = billed.take()
    assert "is held: it covers 10 days, the delivery in force 30" in str(result.held[0].problems[0])
    assert billed.raw() == [(30, Decimal("300.000000000000"))]


def test_amortised_cost_joins_the_delivery_of_the_actual_cost_without_being_money(billed: Reseller):
    rows = [*month_of(), charge(30, "7", chargeType="UnusedSavingsPlan", benefitId=SAVINGS_PLAN)]
    billed.run(rows, export="amortised", type="AmortizedCost")
    result = billed.take()
    assert [(one.rows, one.problems) for one in result.landed] == [(61, ())]
    assert billed.raw() == [(30, Decimal("300.000000000000"))]
    ((totals,),) = billed.query(
        "select vendor_total_json from ops.delivery join ops.partition_in_force using (delivery_id)"
    )
    assert json.loads(totals) == {"EUR": "300.000000000000"}


def test_a_month_without_commitments_may_be_the_same_in_both_data_sets(billed: Reseller):
    billed.run(month_of(), export="amortised", type="AmortizedCost")
    assert billed.take().problems == ()
    assert billed.raw() == [(30, Decimal("300.000000000000"))]


def test_amortised_cost_alone_is_refused_with_what_to_do(exports: Reseller):
    exports.run(month_of(), export="amortised", type="AmortizedCost")
    exports.run(month_of(month="2024-08", days=31), export="amortised", type="AmortizedCost", month="2024-08")
    result = exports.take()
    (problem,) = result.problems
    assert str(problem) == (
        f"azure, scope {SCOPE}: there is amortised cost but no actual cost for 2024-08, 2024-09: amortised cost "
        "leaves out purchases and does not add up to Microsoft's invoice. Export actual cost of the same scope as "
        "well, or FOCUS cost"
    )
    assert result.landed == ()


def focus_rows(cost: str = "8") -> list[dict[str, str]]:
    """A FOCUS 1.0 export: times without seconds."""
    base = {
        "BilledCost": cost,
        "EffectiveCost": cost,
        "ListCost": cost,
        "ContractedCost": cost,
        "BillingAccountId": ACCOUNT,
        "BillingCurrency": "EUR",
        "BillingPeriodStart": "2024-09-01T00:00Z",
        "BillingPeriodEnd": "2024-10-01T00:00Z",
        "ChargeCategory": "Usage",
        "ProviderName": "Microsoft",
        "ServiceName": "Virtual Machines",
        "SubAccountId": "/subscriptions/sub-1",
        "x_SkuMeterId": "meter-1",
    }
    days = [(f"2024-09-{day:02}T00:00Z", f"2024-09-{day:02}T23:59Z") for day in range(1, 31)]
    return [{**base, "ChargePeriodStart": start, "ChargePeriodEnd": end} for start, end in days]


def test_focus_cost_is_taken_instead_of_actual_cost_and_goes_to_the_focus_table(billed: Reseller):
    billed.run(focus_rows(), export="focus", type="FocusCost")
    result = billed.take()
    (note,) = result.notes
    assert note == (
        f"scope {SCOPE}, 2024-09: actual cost of export daily and FOCUS cost of export focus hold the same charges: "
        "counted once, from focus"
    )
    assert billed.raw("") == [(0, None)]
    assert billed.query(
        "select count(*), sum(BilledCost), min(ChargePeriodStart)::date from raw.focus_files"
    ) == [(30, Decimal("240.000000000000"), SEPTEMBER)]


def test_a_focus_export_that_has_been_switched_off_gives_way_to_actual_cost(billed: Reseller):
    billed.run(focus_rows(), export="focus", type="FocusCost", at="202409100400")
    result = billed.take()
    assert "counted once, from daily" in result.notes[0]
    assert billed.raw() == [(30, Decimal("300.000000000000"))]


def test_data_sets_without_charges_and_runs_without_rows_are_passed_over_and_said(billed: Reseller):
    billed.run(month_of(1), export="prices", type="PriceSheet")
    folder = billed.run([], month="2024-10", at="202410010400")
    result = billed.take()
    assert result.notes == (
        f"{folder}/manifest.json: passed over, it holds no rows",
        "export prices: passed over (1 runs), its type PriceSheet holds no charges",
    )
    assert result.problems == ()


def test_a_month_is_final_when_every_row_names_its_invoice(exports: Reseller):
    exports.run([*month_of(29, invoiceId="G1"), charge(30)], at="202410010400")
    exports.take()
    assert not is_final(exports)
    exports.run(month_of(30, invoiceId="G1"), at="202410020400")
    exports.take()
    assert is_final(exports)


def test_amortised_rows_do_not_keep_an_invoiced_month_open(exports: Reseller):
    exports.run(month_of(30, invoiceId="G1"))
    exports.run(month_of(30, benefitId=SAVINGS_PLAN), export="amortised", type="AmortizedCost")
    exports.take()
    assert is_final(exports)


def test_a_manifest_of_2021_names_no_scope_so_that_the_folder_is_it(exports: Reseller):
    content = as_csv(month_of())
    manifest = json.loads((DATA / "koku/manifest.json").read_text())
    blob = {**manifest["blobs"][0], "byteCount": len(content), "dataRowCount": 30}
    blob["blobName"] = "cost/partitioned/20240901-20240930/202410010400/73746dc5/000001.csv"
    run = "partitioned/20240901-20240930/202410010400/73746dc5"
    exports.put(f"{run}/000001.csv", content)
    exports.put_json(
        f"{run}/manifest.json", {**manifest, "byteCount": len(content), "dataRowCount": 30, "blobs": [blob]}
    )
    assert [(one.scope, one.rows) for one in exports.take().landed] == [("partitioned", 30)]


def test_amortised_cost_under_a_manifest_that_does_not_say_so_is_refused_by_its_rows(exports: Reseller):
    rows = [*month_of(), charge(30, "7", chargeType="UnusedReservation")]
    exports.run(rows, manifest={"exportConfig": None})
    (problem,) = exports.take().problems
    assert "azure/actual/part_0_0001.csv:31: chargeType: 'UnusedReservation' is not allowed" in str(problem)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"blobs": None}, 'blobs: must be a list of {"blobName", "byteCount", "dataRowCount"}'),
        ({"blobs": [{"blobName": "a/.."}]}, "blobs: the name 'a/..' cannot be used as a file name"),
        ({"blobs": [{"blobName": "a.csv"}, {"blobName": "b/a.csv"}]}, "blobs: a name is listed twice"),
        ({"blobCount": 2}, "blobCount: is 2, but its blobs add up to 1"),
        ({"byteCount": 1}, "byteCount: is 1, but its blobs add up to "),
        ({"dataRowCount": "x"}, "dataRowCount: 'x' is not a whole number"),
        ({"exportConfig": 5}, "exportConfig: must be an object"),
        ({"runInfo": {"submittedTime": "now"}}, "runInfo: 'now' is not a time"),
        (
            {"runInfo": {"startDate": "2024-08-01"}},
            "startDate is 2024-08-01, but the folder's name says 2024-09-01",
        ),
    ],
)
def test_a_manifest_that_cannot_be_used_is_named_with_what_is_wrong(
    exports: Reseller, change: dict[str, object], words: str
):
    folder = exports.run(month_of(), manifest=change)
    (problem,) = exports.take().problems
    assert str(problem).startswith(f"azure/{folder}/manifest.json: ")
    assert words in str(problem)


@pytest.mark.parametrize("days", ["20240902-20240930", "20240901-20241130"])
def test_a_run_over_other_days_than_a_month_is_refused_with_what_to_do(exports: Reseller, days: str):
    exports.put_json(f"custom/{days}/202410010400/r/manifest.json", {"blobs": [{"blobName": "a.csv"}]})
    (problem,) = exports.take().problems
    assert "allowed are days of one month from its first on. Export month-to-date" in str(problem)


def test_a_manifest_without_any_date_is_refused():
    with pytest.raises(ManifestError, match="which days it covers"):
        parse(b'{"blobs": []}', "export/run")


def test_the_folders_say_export_days_and_time():
    place = place_of("cost/daily/20240901-20240930/202410010415/guid")
    assert (place.export, place.name) == ("cost/daily", "daily")
    assert (place.first, place.last) == (SEPTEMBER, dt.date(2024, 9, 30))
    assert place.ran == dt.datetime(2024, 10, 1, 4, 15, tzinfo=dt.UTC)


def test_a_renamed_cost_column_is_refused_by_the_name_that_is_needed(billed: Reseller):
    rows = [
        {key.replace("costInBilling", "kosten"): value for key, value in row.items()} for row in month_of()
    ]
    billed.run(rows, at="202410020400")
    assert "azure/actual/part_0_0001.csv: costInBillingCurrency: the column is missing" in str(
        billed.take().problems[0]
    )
    assert billed.raw() == [(30, Decimal("300.000000000000"))]


def test_a_new_column_is_kept(billed: Reseller):
    billed.run([{**row, "sustainability": "green"} for row in month_of()], at="202410020400")
    billed.take()
    assert billed.query("select distinct sustainability from raw.azure_cost") == [("green",)]


def test_rows_of_another_month_are_refused_by_row(billed: Reseller):
    billed.run([*month_of(), charge(1, month="2024-10")], at="202410020400")
    assert "azure/actual/part_0_0001.csv:31: billingMonth: " in str(billed.take().problems[0])


@pytest.mark.parametrize(
    "file",
    [
        *sorted((DATA / "opencost-headersets").glob("*.csv")),
        *sorted((DATA / "koku").glob("*.csv")),
        *sorted(DATA.glob("EA_*.csv")),
    ],
    ids=lambda path: path.stem,
)
def test_every_known_header_is_understood(file: Path):
    table = reading.describe(reading.connect(), file, CONTRACT)
    names = {column.name.casefold() for column in table.columns}
    assert {name.casefold() for group in CONTRACT.required for name in group} <= names
    assert {"date", "resourceid", "quantity", "meterid", "effectiveprice", "tags"} <= names


@pytest.mark.parametrize(
    "file", [*sorted((DATA / "opencost-headersets").glob("*.csv")), DATA / "koku/azure_version_2.csv"]
)
def test_every_known_row_has_a_month(file: Path):
    table = reading.describe(reading.connect(), file, CONTRACT)
    values = {column.name: reading.value(column, "cast") for column in table.columns}
    found = reading.connect().execute(
        f"select count(*) filter ({values['billingMonth']} is null) from {table.rows()}"
    )
    assert found.fetchone() == (0,)


@pytest.mark.parametrize(
    ("day", "start"), [("9/2/2024", "9/1/2024"), ("2024-09-02", "2024-09-01"), ("09/02/2024", "")]
)
def test_days_are_read_however_they_are_written(exports: Reseller, day: str, start: str):
    exports.run([charge(2, date=day, billingPeriodStartDate=start)])
    exports.take()
    assert exports.query("select date::date, billingMonth::date, x_billing_period from raw.azure_cost") in (
        [(dt.date(2024, 9, 2), SEPTEMBER, SEPTEMBER)],
        [(dt.date(2024, 9, 2), dt.date(2024, 9, 2), SEPTEMBER)],
    )


def test_only_the_wanted_period_is_looked_at(billed: Reseller, monkeypatch: pytest.MonkeyPatch):
    billed.run(month_of(5, month="2024-10"), month="2024-10", at="202410060400")
    assert billed.extract(period=dt.date(2024, 8, 1)).landed == ()
    result = billed.extract(period=dt.date(2024, 10, 1))
    assert [one.period for one in result.landed] == [dt.date(2024, 10, 1)]
