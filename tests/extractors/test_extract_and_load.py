"""The good ways of a delivery: landed once, in force, loaded exactly; again and again."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import threading
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from focus_vendor import SAMPLE, Vendor, as_csv, charge, month_of

from cspbill import warehouse
from cspbill.book.schema import SOURCE_KINDS
from cspbill.errors import CspbillError, InputError
from extractors import arrivals, landing
from extractors.focus_files.focus import FOCUS
from extractors.registry import EXTRACTORS

SEPTEMBER, OCTOBER = dt.date(2024, 9, 1), dt.date(2024, 10, 1)


def test_the_real_sample_loads_exactly_and_its_stray_row_goes_to_its_own_period(vendor: Vendor):
    vendor.put("focus_sample.csv", SAMPLE.read_bytes())

    result = vendor.run()

    assert [(one.scope, one.period, one.rows) for one in result.landed] == [
        (".", SEPTEMBER, 999),
        (".", OCTOBER, 1),
    ]
    assert vendor.raw("x_billing_period, count(*), sum(BilledCost)", "group by all order by all") == [
        (SEPTEMBER, 999, Decimal("20.280226728990")),
        (OCTOBER, 1, Decimal("0.240000000000")),
    ]
    assert vendor.raw("sum(BilledCost)") == [(Decimal("20.520226728990"),)]
    first = "ChargePeriodStart, PricingCategory, Tags, ContractedCost, Id, x_file"
    assert vendor.raw(first, "where x_row = 1") == [
        (
            dt.datetime.fromisoformat("2024-09-18 22:00"),
            "Standard",
            None,
            Decimal("0E-12"),
            "11472",
            "focus_sample.csv",
        )
    ]
    assert vendor.raw("x_row", "where x_billing_period = '2024-10-01'") == [(945,)]


def test_deliveries_are_registered_with_their_totals_days_and_finality(vendor: Vendor):
    vendor.put("focus_sample.csv", SAMPLE.read_bytes())
    vendor.run()
    with warehouse.connect(vendor.settings) as connection:
        rows = connection.execute(
            "select source, kind, scope, billing_period, row_count, file_count, vendor_total_json, first_day, "
            "last_day, is_final from ops.partition_in_force "
            "join ops.delivery using (delivery_id, source, scope, billing_period) "
            "order by billing_period"
        ).fetchall()
    last = dt.date(2024, 9, 30)
    assert rows == [
        ("aws", "focus_files", ".", SEPTEMBER, 999, 1, '{"USD": "20.280226728990"}', SEPTEMBER, last, True),
        ("aws", "focus_files", ".", OCTOBER, 1, 1, '{"USD": "0.240000000000"}', last, last, False),
    ]


def test_the_raw_table_has_every_column_that_the_contract_casts(vendor: Vendor):
    with warehouse.connect(vendor.settings) as connection:
        types = {name: kind for name, kind, *_ in connection.execute("describe raw.focus_files").fetchall()}
    assert {name for name, kind in types.items() if kind == "DECIMAL(28,12)"} == FOCUS.decimals
    assert {name for name, kind in types.items() if kind == "TIMESTAMP"} == FOCUS.times
    assert FOCUS.names() <= types.keys()


def test_a_second_run_finds_nothing_new_and_writes_nothing(billed: Vendor):
    before = {path: path.stat().st_mtime_ns for path in billed.settings.landing.rglob("*") if path.is_file()}
    result = billed.run()
    assert (len(result.landed), len(result.unchanged), result.problems) == (0, 1, ())
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert billed.load() == ()


def test_an_unchanged_file_is_not_even_opened_again(billed: Vendor, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(landing, "fetch", lambda *_, **__: pytest.fail("read again"))
    assert len(billed.extract().unchanged) == 1


def test_a_file_rewritten_with_the_same_content_is_nothing_new(billed: Vendor):
    billed.put_rows("2024-09/focus.csv", month_of())
    result = billed.run()
    assert (len(result.landed), len(result.unchanged)) == (0, 1)


def test_a_restated_month_replaces_exactly_and_withdrawn_rows_are_gone(billed: Vendor):
    billed.put_rows("2024-08/focus.csv", month_of(month="2024-08", cost="7"))
    billed.run()
    billed.put_rows("2024-09/focus.csv", [charge(day, "11.25") for day in range(1, 31) if day != 13])

    loaded = billed.extract() and billed.load()

    assert [(one.billing_period, one.rows) for one in loaded] == [(SEPTEMBER, 29)]
    assert billed.raw("x_billing_period, count(*), sum(BilledCost)", "group by all order by all") == [
        (dt.date(2024, 8, 1), 30, Decimal("210.000000000000")),
        (SEPTEMBER, 29, Decimal("326.250000000000")),
    ]
    assert billed.raw("count(*)", "where ChargePeriodStart = '2024-09-13'") == [(0,)]


def test_a_vendor_that_goes_back_to_an_earlier_delivery_is_followed(billed: Vendor):
    first = billed.raw("any_value(x_delivery_id)")
    billed.put_rows("2024-09/focus.csv", month_of(cost="12"))
    billed.run()
    assert billed.raw("sum(BilledCost)") == [(Decimal("360.000000000000"),)]
    billed.put_rows("2024-09/focus.csv", month_of())
    billed.run()
    assert billed.raw("sum(BilledCost), any_value(x_delivery_id)") == [
        (Decimal("300.000000000000"), *first[0])
    ]
    assert len(list((billed.settings.landing / "aws/2024-09").iterdir())) == 2


def test_landed_files_are_what_the_vendor_delivered_and_never_change(billed: Vendor):
    content = (billed.root / "2024-09/focus.csv").read_bytes()
    delivery = billed.raw("any_value(x_delivery_id)")[0][0]
    landed = billed.settings.landing / "aws/2024-09" / delivery / "files" / "2024-09/focus.csv"
    billed.put_rows("2024-09/focus.csv", month_of(cost="12"))
    billed.run()
    assert landed.read_bytes() == content


def test_several_files_of_a_scope_make_one_delivery_and_scopes_stay_apart(vendor: Vendor):
    vendor.put_rows("payer-1/billing_period=2024-09/part-1.csv", month_of(cost="1"))
    vendor.put_rows("payer-1/billing_period=2024-09/part-2.csv.gz", month_of(cost="2"))
    vendor.put_rows("payer-2/year=2024/month=9/focus.csv", month_of(cost="4"))
    vendor.put_rows("20240901-20241001/focus.csv", month_of(cost="8"))
    vendor.run()
    assert vendor.raw("x_scope, count(*), sum(BilledCost)", "group by all order by all") == [
        (".", 30, Decimal("240.000000000000")),
        ("payer-1", 60, Decimal("90.000000000000")),
        ("payer-2", 30, Decimal("120.000000000000")),
    ]


def test_a_new_month_beside_old_ones_fetches_the_new_file_only(
    vendor: Vendor, monkeypatch: pytest.MonkeyPatch
):
    vendor.put_rows("september.csv", month_of())
    vendor.run()
    vendor.put_rows("october.csv", month_of(10, month="2024-10"))
    fetched = []
    fetch = landing.fetch
    monkeypatch.setattr(
        landing,
        "fetch",
        lambda extractor, file, path, **names: (
            fetched.append(file.name) or fetch(extractor, file, path, **names)
        ),
    )

    result = vendor.run()

    assert fetched == ["october.csv"]
    assert [one.period for one in result.landed] == [OCTOBER]
    assert [one.period for one in result.unchanged] == [SEPTEMBER]


def test_csv_and_parquet_of_the_same_data_load_identically_in_any_column_order(vendor: Vendor):
    rows = [
        charge(day, cost, Tags='{"a": "b"}')
        for day, cost in enumerate(("0.1", "123456.789", "-0.000000000001"), 1)
    ]
    backwards = sorted(rows[0], reverse=True)
    plain = vendor.put("csv/2024-09/focus.csv", "\ufeff" + as_csv(rows, backwards))
    target = vendor.root / "parquet/2024-09/focus.parquet"
    target.parent.mkdir(parents=True)
    duckdb.sql(
        "copy (select * replace (BilledCost::double as BilledCost, ListCost::decimal(20, 3) as ListCost, "
        "ChargePeriodStart::timestamptz as ChargePeriodStart, "
        "BillingPeriodStart::timestamp_ns as BillingPeriodStart, "
        "map {'a': 'b'} as Tags) "
        f"from read_csv('{plain}', all_varchar = true)) to '{target}' (format parquet)"
    )
    assert vendor.run().problems == ()
    columns = "* exclude (x_scope, x_delivery_id, x_file, Tags), Tags::json->>'a'"
    in_csv = vendor.raw(columns, "where x_scope = 'csv' order by x_row")
    assert in_csv == vendor.raw(columns, "where x_scope = 'parquet' order by x_row")
    assert vendor.raw("BilledCost", "where x_scope = 'parquet' order by x_row") == [
        (Decimal("0.100000000000"),),
        (Decimal("123456.789000000000"),),
        (Decimal("-1E-12"),),
    ]


def test_digits_beyond_twelve_are_rounded_half_away_from_zero_once(vendor: Vendor):
    vendor.put_rows(
        "2024-09/a.csv", [charge(1, "0.0000000000005"), charge(2, "-0.0000000000015"), charge(3, "1.2E-7")]
    )
    vendor.run()
    assert vendor.raw("BilledCost", "order by x_row") == [
        (Decimal("1E-12"),),
        (Decimal("-2E-12"),),
        (Decimal("1.20000E-7"),),
    ]


def test_times_with_an_offset_become_utc(vendor: Vendor):
    vendor.put_rows("2024-09/a.csv", [charge(1, ChargePeriodStart="2024-09-01T02:00:00+02:00")])
    vendor.run()
    assert vendor.raw("ChargePeriodStart") == [(dt.datetime.fromisoformat("2024-09-01"),)]


def test_null_text_and_empty_text_become_null_and_newlines_in_fields_keep_row_numbers_right(vendor: Vendor):
    rows = [
        charge(1, ChargeDescription='two\nlines, "quoted"'),
        charge(2, ChargeDescription="NULL"),
        charge(3, ChargeDescription="null"),
        charge(4, ChargeDescription=""),
    ]
    vendor.put_rows("2024-09/a.csv", rows)
    vendor.run()
    assert vendor.raw("x_row, ChargeDescription", "order by x_row") == [
        (1, 'two\nlines, "quoted"'),
        (2, None),
        (3, None),
        (4, None),
    ]


def test_unknown_columns_are_kept_whatever_they_are_called(vendor: Vendor):
    odd = {"x_Team": "red", 'x_say "hi"; drop table': "1", "x_source": "theirs", "X_ROW": "99"}
    vendor.put_rows("2024-09/a.csv", [charge(1, **odd)])
    vendor.put_rows("two/2024-09/b.csv", [charge(1, X_TEAM="blue")])
    vendor.run()
    columns = 'x_Team, "x_say ""hi""; drop table", delivered_x_source, delivered_X_ROW, x_source, x_row'
    assert vendor.raw(columns, "order by x_scope") == [
        ("red", "1", "theirs", "99", "aws", 1),
        ("blue", None, None, None, "aws", 1),
    ]


def test_columns_match_whatever_their_letter_case(vendor: Vendor):
    vendor.put(
        "2024-09/a.csv",
        as_csv([charge(1, "3.5")]).replace("BilledCost", "billedcost").replace("Tags", "TAGS"),
    )
    assert vendor.run().problems == ()
    assert vendor.raw("BilledCost") == [(Decimal("3.500000000000"),)]


def test_formulas_and_markup_in_text_are_data(vendor: Vendor):
    text = '=HYPERLINK("http://x") <b>\'; drop table raw.focus_files; --'
    vendor.put_rows("2024-09/a.csv", [charge(1, ChargeDescription=text)])
    vendor.run()
    assert vendor.raw("ChargeDescription") == [(text,)]


def test_files_still_being_written_and_hidden_ones_are_passed_over(vendor: Vendor):
    for name in (
        "2024-09/.focus.csv",
        "2024-09/_SUCCESS",
        "2024-09/focus.csv.tmp",
        "2024-09/focus.csv.part",
        "_tmp/a.csv",
    ):
        vendor.put(name, "rubbish")
    vendor.put("2024-09/README.txt", "hello")
    result = vendor.run()
    assert (result.landed, result.problems) == ((), ())
    assert result.notes == (
        "2024-09/README.txt: left out, its name does not end in .csv, .csv.gz or .parquet",
    )


def test_a_file_that_changes_while_it_is_read_is_left_for_the_next_run(
    vendor: Vendor, monkeypatch: pytest.MonkeyPatch
):
    path = vendor.put_rows("2024-09/focus.csv", month_of())
    fetch = landing.fetch

    def grow(extractor, file, target, **names):
        with path.open("a") as handle:
            handle.write("more")
        return fetch(extractor, file, target, **names)

    monkeypatch.setattr(landing, "fetch", grow)
    result = vendor.extract()
    assert result.incomplete == (
        "scope ., 2024-09: 2024-09/focus.csv changed while it was read; the next run takes it",
    )
    assert result.landed == ()


class Killed(BaseException):
    """Stands for kill -9."""


@pytest.mark.parametrize(
    ("module", "name"),
    [(landing, "link"), (landing, "land"), (arrivals, "_remember"), (landing, "write_in_force")],
)
def test_a_run_killed_at_any_step_is_made_good_by_the_next(
    vendor: Vendor, monkeypatch: pytest.MonkeyPatch, module, name
):
    vendor.put("focus_sample.csv", SAMPLE.read_bytes())

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(module, name, die)
        with pytest.raises(Killed):
            vendor.extract()
    assert vendor.load() == ()

    assert len(vendor.run().landed) == 2
    assert vendor.raw("count(*), sum(BilledCost)") == [(1000, Decimal("20.520226728990"))]
    assert list((vendor.settings.landing / ".incoming").rglob("*")) == [
        vendor.settings.landing / ".incoming/aws"
    ]
    assert len(list((vendor.settings.landing / "aws").glob("*/*/manifest.json"))) == 2


def test_a_load_that_fails_midway_leaves_the_partition_as_it_was(
    billed: Vendor, monkeypatch: pytest.MonkeyPatch
):
    billed.put_rows("2024-09/focus.csv", month_of(cost="11"))
    billed.extract()

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("extractors.loader._register", die)
        with pytest.raises(Killed):
            billed.load()
    assert billed.raw("sum(BilledCost)") == [(Decimal("300.000000000000"),)]
    assert len(billed.load()) == 1
    assert billed.raw("sum(BilledCost)") == [(Decimal("330.000000000000"),)]


def test_losing_the_memory_costs_time_only(billed: Vendor):
    (billed.settings.landing / "aws/seen.json").unlink()
    result = billed.run()
    assert (len(result.landed), len(result.unchanged)) == (0, 1)


def test_two_extracts_of_one_source_wait_for_each_other(vendor: Vendor):
    vendor.put("focus_sample.csv", SAMPLE.read_bytes())
    results = []
    threads = [threading.Thread(target=lambda: results.append(vendor.extract())) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(len(result.landed) for result in results) == [0, 2]


def test_what_the_vendor_no_longer_offers_stays_and_is_noted(billed: Vendor):
    shutil.rmtree(billed.root / "2024-09")
    result = billed.run()
    assert "no longer at the vendor" in result.notes[0]
    assert result.problems == ()
    assert billed.raw("sum(BilledCost)") == [(Decimal("300.000000000000"),)]


def test_a_period_leaves_the_others_alone(vendor: Vendor):
    vendor.put_rows("2024-08/focus.csv", month_of(month="2024-08"))
    vendor.put_rows("2024-09/focus.csv", month_of())
    assert [one.period for one in vendor.run(period=SEPTEMBER).landed] == [SEPTEMBER]
    assert [one.period for one in vendor.run().landed] == [dt.date(2024, 8, 1)]


@pytest.mark.parametrize(
    ("invoices", "today", "final"),
    [
        (None, "2024-10-05", False),
        (None, "2024-10-06", True),
        (("", ""), "2024-10-06", True),
        (("", ""), "2024-10-05", False),
        (("I-1", ""), "2024-12-01", False),
        (("I-1", "I-2"), "2024-10-01", True),
    ],
)
def test_without_a_word_of_the_vendor_finality_follows_invoice_ids_else_the_calendar(
    vendor: Vendor, invoices, today, final
):
    changes = [{} if invoices is None else {"InvoiceId": one} for one in invoices or (1, 2)]
    vendor.put_rows("2024-09/a.csv", [charge(day, **change) for day, change in enumerate(changes, 1)])
    vendor.on(today).run()
    assert finality(vendor) == [(final,)]


def test_finality_changes_with_the_calendar_alone(billed: Vendor):
    billed.on("2024-10-01").load()
    assert finality(billed) == [(False,)]
    later = billed.on("2024-10-06")
    later.extract()
    assert [partition.billing_period for partition in later.load()] == [dt.date(2024, 9, 1)], (
        "rating must hear of it"
    )
    assert finality(billed) == [(True,)]
    assert later.load() == ()


def finality(vendor: Vendor) -> list[tuple]:
    with warehouse.connect(vendor.settings) as connection:
        return connection.execute("select is_final from ops.delivery").fetchall()


def test_a_folder_that_does_not_exist_is_a_clear_error(vendor: Vendor):
    vendor.root.rmdir()
    with pytest.raises(InputError, match=r"source aws: the folder .* does not exist"):
        vendor.extract()


def test_every_kind_that_the_book_allows_has_an_extractor():
    assert sorted(EXTRACTORS) == sorted(SOURCE_KINDS)


def test_a_link_out_of_the_folder_is_refused(vendor: Vendor, tmp_path: Path):
    secret = tmp_path / "secret.csv"
    secret.write_text(as_csv(month_of()))
    (vendor.root / "2024-09").mkdir()
    (vendor.root / "2024-09/focus.csv").symlink_to(secret)
    result = vendor.run()
    assert "is a link that leads out of the source's folder" in str(result.problems[0])
    assert result.landed == ()


@pytest.mark.parametrize("name", ["back\\slash.csv", "bell\a.csv", "esc\x1b[2J.csv"])
def test_file_names_with_tricks_are_refused(vendor: Vendor, name: str):
    vendor.put_rows(name, month_of())
    result = vendor.run()
    assert "the file is refused" in str(result.problems[0])
    assert str(result.problems[0]).isprintable()
    assert result.landed == ()


def test_names_with_quotes_globs_and_spaces_are_ordinary(vendor: Vendor):
    vendor.put_rows("it's [a] *?/2024-09/a b'c.csv", month_of())
    assert vendor.run().problems == ()
    assert vendor.raw("any_value(x_scope), any_value(x_file)") == [
        ("it's [a] *?", "it's [a] *?/2024-09/a b'c.csv")
    ]


def test_landed_files_share_their_bytes_between_periods(vendor: Vendor):
    vendor.put("focus_sample.csv", SAMPLE.read_bytes())
    vendor.run()
    nodes = {path.stat().st_ino for path in vendor.settings.landing.rglob("focus_sample.csv")}
    assert len(nodes) == 1


def test_a_damaged_landed_file_is_noticed_at_load(billed: Vendor):
    billed.put_rows("2024-09/focus.csv", month_of(cost="11"))
    delivery = billed.extract().landed[0].delivery_id
    landed = billed.settings.landing / "aws/2024-09" / delivery / "files/2024-09/focus.csv"
    landed.write_text(as_csv(month_of(cost="11")[:20]))
    with pytest.raises(CspbillError, match="20 rows were read where its manifest counts 30"):
        billed.load()
    assert billed.raw("sum(BilledCost)") == [(Decimal("300.000000000000"),)]


def test_the_delivery_id_depends_on_content_and_place_only(billed: Vendor):
    manifest = json.loads(next(billed.settings.landing.glob("aws/2024-09/*/manifest.json")).read_text())
    assert manifest["delivery_id"] == landing.delivery_id(
        "aws", ".", SEPTEMBER, [(file["name"], file["sha256"]) for file in manifest["files"]]
    )
    assert manifest["totals"] == {"USD": "300.000000000000"}
    assert (manifest["rows"], len(manifest["days"])) == (30, 30)
    assert [path.name for path in billed.settings.landing.glob("aws/2024-09/*")] == [manifest["delivery_id"]]
