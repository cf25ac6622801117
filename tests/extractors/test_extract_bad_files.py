"""Bad deliveries: each says clearly what is wrong, nothing of it is loaded, and the last good one stays in force."""

from __future__ import annotations

import gzip
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from focus_vendor import SAMPLE, Vendor, as_csv, charge, month_of

from extractors import landing

GOOD = [(30, Decimal("300.000000000000"))]


def assert_refused(vendor: Vendor, *words: str) -> None:
    """The current delivery is refused with these words; what was billed before is untouched."""
    before = landing.read_in_force(vendor.settings, "aws")
    result = vendor.extract()
    told = "\n".join(map(str, result.problems))
    for word in words:
        assert word in told
    assert result.landed == ()
    assert vendor.load() == ()
    assert vendor.raw() == GOOD
    assert landing.read_in_force(vendor.settings, "aws") == before
    assert [str(problem) for problem in vendor.extract().problems] == told.split(
        "\n"
    )  # told again on every run


def without(column: str) -> str:
    return as_csv([{key: value for key, value in row.items() if key != column} for row in month_of()])


def changed(row: int, **values: str) -> str:
    rows = month_of()
    rows[row - 1] |= values
    return as_csv(rows)


CASES = {
    "missing column": (without("BilledCost"), ["aws/2024-09/focus.csv: BilledCost: the column is missing"]),
    "missing provider": (
        without("ProviderName"),
        ["ProviderName or ServiceProviderName: the column is missing"],
    ),
    "text in a money column": (
        changed(7, BilledCost="ten dollars"),
        ["aws/2024-09/focus.csv:7: BilledCost: 'ten dollars' is not a decimal number"],
    ),
    "thousands separators": (
        changed(7, BilledCost="1,234.50"),
        [":7: BilledCost: '1,234.50' is not a decimal"],
    ),
    "NaN in a money column": (changed(8, ListCost="NaN"), [":8: ListCost: 'NaN' is not a decimal number"]),
    "an amount that does not fit": (
        changed(9, BilledCost="12345678901234567"),
        [":9: BilledCost: '12345678901234567' is not a decimal number", "at most 16 digits"],
    ),
    "no amount": (changed(4, BilledCost=""), [":4: BilledCost: has no value; every row needs one"]),
    "NULL as a service": (changed(5, ServiceName="NULL"), [":5: ServiceName: has no value"]),
    "a date that is none": (
        changed(3, ChargePeriodStart="09/03/2024"),
        [":3: ChargePeriodStart: '09/03/2024' is not an ISO 8601 time such as 2024-09-01T00:00:00Z"],
    ),
    "a charge that ends before it starts": (
        changed(6, ChargePeriodEnd="2024-09-05T00:00:00Z"),
        [":6: ChargePeriodEnd: is not after ChargePeriodStart"],
    ),
    "a wrong period": (
        changed(2, BillingPeriodStart="2024-08-01T00:00:00Z"),
        [":2: BillingPeriodStart: 2024-08-01 00:00:00: allowed are rows of 2024-09"],
    ),
    "unknown currency": (
        changed(2, BillingCurrency="XQZ"),
        ["aws, scope ., 2024-09: BillingCurrency: 'XQZ' is not a currency of ISO 4217"],
    ),
    "unknown charge category": (
        changed(2, ChargeCategory="Refund"),
        [":2: ChargeCategory: 'Refund' is not allowed; allowed: Usage, Purchase, Tax, Credit, Adjustment"],
    ),
    "unknown charge class": (
        changed(2, ChargeClass="Other"),
        [":2: ChargeClass: 'Other' is not allowed; allowed: Correction"],
    ),
    "empty file": (b"", ["aws/2024-09/focus.csv: the file is empty (0 bytes)"]),
    "header only": (as_csv([], list(charge())), ["the delivery holds no rows, only headers"]),
    "UTF-16": (as_csv(month_of()).encode("utf-16"), ["is not UTF-8 text (it looks like UTF-16)"]),
    "Latin-1": (
        changed(12, ChargeDescription="Zürich").encode("latin-1"),
        ["aws/2024-09/focus.csv:12: is not UTF-8 text: deliver CSV as UTF-8"],
    ),
    "a field of 10 MB": (
        changed(12, ChargeDescription="x" * 10_000_000),
        ["aws/2024-09/focus.csv:12: a row is longer than 2,000,000 bytes"],
    ),
    "duplicate header columns": (
        as_csv(month_of()).replace("SubAccountId", "billedcost", 1),
        ["the header names column BilledCost / billedcost 2 times"],
    ),
    "a header without a name": (
        as_csv(month_of()).replace("SubAccountId", "", 1),
        ["column 16 has no usable name in the header"],
    ),
    "a row with too few fields": (
        as_csv(month_of()).replace("Compute,acct-1\n", "Compute\n", 1),
        ["aws/2024-09/focus.csv:1: the row has 15 fields, the header has 16"],
    ),
    "a row with too many fields": (
        as_csv(month_of()).replace("Compute,acct-1\n", "Compute,acct-1,more\n", 1),
        ["aws/2024-09/focus.csv:1: the row has 17 fields, the header has 16"],
    ),
    "a quote that never closes": (
        as_csv(month_of()).replace("virtual machine", '"virtual machine', 1),
        ["a quoted field has no closing quote"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_bad_csv_file_is_refused_with_a_clear_message_and_the_last_good_one_stays(
    billed: Vendor, case: str
):
    content, words = CASES[case]
    billed.put("2024-09/focus.csv", content)
    assert_refused(billed, *words)


def test_a_truncated_gzip_file_is_refused(billed: Vendor):
    whole = gzip.compress(as_csv(month_of()).encode())
    (billed.root / "2024-09/focus.csv").unlink()
    billed.put("2024-09/focus.csv.gz", whole[: len(whole) // 2])
    assert_refused(billed, "aws/2024-09/focus.csv.gz: the gzip file is truncated")


def test_a_gzip_file_with_a_wrong_checksum_is_refused(billed: Vendor):
    whole = bytearray(gzip.compress(as_csv(month_of()).encode()))
    whole[-6] ^= 0xFF
    (billed.root / "2024-09/focus.csv").unlink()
    billed.put("2024-09/focus.csv.gz", bytes(whole))
    assert_refused(billed, "aws/2024-09/focus.csv.gz: the gzip file is damaged")


def parquet(vendor: Vendor, name: str, select: str) -> Path:
    """Write the September month as Parquet; ``select`` replaces columns."""
    origin = vendor.root.parent / "month.csv"
    origin.write_text(as_csv(month_of()))
    target = vendor.put(name, b"")
    duckdb.sql(
        f"copy (select * replace ({select}) from read_csv('{origin}', all_varchar = true)) "
        f"to '{target}' (format parquet)"
    )
    return vendor.put(name, target.read_bytes())


@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
def test_a_parquet_double_that_is_no_number_is_refused(billed: Vendor, value: str):
    (billed.root / "2024-09/focus.csv").unlink()
    parquet(
        billed,
        "2024-09/focus.parquet",
        f"case when ChargePeriodStart like '2024-09-05%' then '{value}' else BilledCost end::double as BilledCost",
    )
    assert_refused(billed, f"aws/2024-09/focus.parquet:5: BilledCost: '{value}' is not a decimal number")


def test_a_parquet_column_of_an_impossible_type_is_refused(billed: Vendor):
    (billed.root / "2024-09/focus.csv").unlink()
    parquet(billed, "2024-09/focus.parquet", "true as BilledCost")
    assert_refused(billed, "BilledCost: has the type BOOLEAN; allowed is a decimal number")


def test_a_file_that_only_says_it_is_parquet_is_refused(billed: Vendor):
    (billed.root / "2024-09/focus.csv").unlink()
    billed.put("2024-09/focus.parquet", as_csv(month_of()))
    assert_refused(billed, "aws/2024-09/focus.parquet: is not a readable Parquet file")


def test_the_same_file_under_two_names_is_refused_naming_both(billed: Vendor):
    billed.put_rows("2024-09/copy.csv", month_of())
    assert_refused(
        billed,
        "aws/2024-09/copy.csv: has the same content as 2024-09/focus.csv: one of them would be billed twice",
    )


def test_the_same_content_in_another_scope_is_refused_even_when_packed(billed: Vendor):
    billed.put_rows("one-off/2024-09/focus.csv.gz", month_of())
    assert_refused(billed, "aws/one-off/2024-09/focus.csv.gz: has the same content as 2024-09/focus.csv")


def test_a_refused_duplicate_comes_into_force_once_the_other_file_is_gone(vendor: Vendor):
    vendor.put_rows("2024-09/focus.csv", month_of())
    other = vendor.put_rows("2024-09/copy.csv", month_of())
    assert len(vendor.run().quarantined) == 1
    other.unlink()
    assert vendor.run().problems == ()
    assert vendor.raw() == GOOD


def test_half_the_days_are_held_until_a_person_accepts_them(billed: Vendor):
    billed.put_rows("2024-09/focus.csv", month_of(days=15))
    assert_refused(
        billed, "is held: it covers 15 days, the delivery in force 30", "cspbill extract aws --accept"
    )
    delivery = billed.extract().held[0].delivery_id
    assert (billed.settings.quarantine / "aws/2024-09" / delivery / "gate.json").is_file()

    result = billed.run(accept=delivery)

    assert [one.delivery_id for one in result.landed] == [delivery]
    assert billed.raw() == [(15, Decimal("150.000000000000"))]
    assert '"by"' in (billed.settings.landing / "aws/2024-09" / delivery / "gate.json").read_text()
    assert billed.extract().problems == ()


def test_going_back_to_a_smaller_delivery_that_was_in_force_is_held_and_its_evidence_stays(vendor: Vendor):
    vendor.put_rows("2024-09/focus.csv", month_of(days=10))
    small = vendor.run().landed[0].delivery_id
    vendor.put_rows("2024-09/focus.csv", month_of())
    vendor.run()
    vendor.put_rows("2024-09/focus.csv", month_of(days=10))

    for _ in range(2):
        assert [one.delivery_id for one in vendor.run().held] == [small]
        assert (vendor.settings.landing / "aws/2024-09" / small / "manifest.json").is_file()
        assert vendor.raw() == GOOD

    vendor.run(accept=small)
    assert vendor.raw() == [(10, Decimal("100.000000000000"))]


def test_a_consent_holds_for_what_was_seen_only(billed: Vendor):
    billed.put_rows("2024-09/focus.csv", month_of(days=15))
    small = billed.extract().held[0].delivery_id
    billed.run(accept=small)
    billed.put_rows("2024-09/focus.csv", month_of(days=29))
    billed.run()
    billed.put_rows("2024-09/focus.csv", month_of(days=15))
    assert [one.delivery_id for one in billed.run().held] == [small]


def test_less_than_half_the_money_is_held(billed: Vendor):
    billed.put_rows("2024-09/focus.csv", month_of(cost="4.99"))
    assert_refused(billed, "it adds up to 149.700000000000 USD, the delivery in force to 300.000000000000")


def test_half_the_money_on_all_days_is_not_held(billed: Vendor):
    billed.put_rows("2024-09/focus.csv", month_of(cost="5.00"))
    assert billed.run().problems == ()
    assert billed.raw() == [(30, Decimal("150.000000000000"))]


def test_accepting_what_the_vendor_does_not_offer_is_a_problem(billed: Vendor):
    assert "there is nothing to accept" in str(billed.extract(accept="0123456789abcdef").problems[0])


def test_a_delivery_that_failed_cannot_be_accepted(billed: Vendor):
    billed.put("2024-09/focus.csv", changed(7, BilledCost="ten dollars"))
    refused = billed.extract().quarantined[0].delivery_id
    assert billed.extract(accept=refused).landed == ()


def test_one_bad_scope_does_not_stop_the_others(billed: Vendor):
    billed.put_rows("payer-2/2024-09/good.csv", month_of(cost="1.00"))
    billed.put("payer-3/2024-09/bad.csv", changed(7, BilledCost="x"))
    result = billed.run()
    assert [one.scope for one in result.landed] == ["payer-2"]
    assert [one.scope for one in result.quarantined] == ["payer-3"]
    assert billed.raw("x_scope, sum(BilledCost)", "group by all order by all") == [
        (".", Decimal("300.000000000000")),
        ("payer-2", Decimal("30.000000000000")),
    ]


def test_an_unreadable_file_whose_period_nobody_tells_stops_its_whole_scope(vendor: Vendor):
    vendor.put_rows("a.csv", month_of())
    vendor.put("b.csv", b"")
    result = vendor.run()
    assert "aws/b.csv: the file is empty" in str(result.problems[0])
    assert result.landed == ()


def test_a_refused_delivery_leaves_a_readable_page_with_everything_escaped(billed: Vendor):
    billed.put("2024-09/focus.csv", changed(7, BilledCost="<script>alert(1)</script>"))
    refused = billed.extract().quarantined[0].delivery_id
    page = (billed.settings.quarantine / "aws/2024-09" / refused / "report.html").read_text()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script" not in page
    assert (billed.settings.logs / "gates/aws/2024-09" / f"{refused}.html").read_text() == page


def test_the_message_of_a_bad_value_has_no_control_characters(billed: Vendor):
    billed.put("2024-09/focus.csv", changed(7, BilledCost="\x1b[31m9"))
    assert "\x1b" not in str(billed.extract().problems[0])


def test_the_real_sample_with_one_bad_row_is_refused_whole(vendor: Vendor):
    vendor.put(
        "focus_sample.csv",
        SAMPLE.read_text().replace('0.00000080000,"1234567890123"', 'oops,"1234567890123"', 1),
    )
    result = vendor.run()
    assert len(result.quarantined) == 2
    assert "aws/focus_sample.csv:1: BilledCost: 'oops' is not a decimal number" in str(result.problems[0])
    assert vendor.load() == ()
