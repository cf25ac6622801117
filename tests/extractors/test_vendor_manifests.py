"""Folders with a manifest.json: complete or not, true or not, newer or older."""

from __future__ import annotations

import datetime as dt
import hashlib
from decimal import Decimal

import pytest
from focus_vendor import Vendor, as_csv, charge, month_of
from test_extract_bad_files import assert_refused

from extractors.focus_files.manifests import parse
from extractors.manifest_json import ManifestError

SEPTEMBER = dt.date(2024, 9, 1)


@pytest.fixture
def announced(vendor: Vendor) -> Vendor:
    """A vendor whose September came with a manifest, is in force and loaded."""
    vendor.put_rows("export/part-1.csv", month_of())
    vendor.put_manifest("export", files=["part-1.csv"], scope="payer", totals={"USD": "300"})
    vendor.run()
    return vendor


def test_a_manifest_says_period_scope_files_and_finality(vendor: Vendor):
    content = as_csv(month_of())
    vendor.put("export/part-1.csv", content)
    vendor.put_rows("export/sub/part-2.csv.gz", month_of(cost="1"))
    vendor.put_rows("export/old.csv", month_of(cost="99"))
    files = [
        {"name": "part-1.csv", "rows": 30, "sha256": hashlib.sha256(content.encode()).hexdigest().upper()},
        "sub/part-2.csv.gz",
    ]
    vendor.put_manifest("export", scope="payer", final=True, files=files, totals={"USD": "330.00"})

    result = vendor.on("2024-09-15").run()

    assert [(one.scope, one.period, one.rows) for one in result.landed] == [("payer", SEPTEMBER, 60)]
    assert result.notes == ("export/old.csv: left out, the manifest of its folder does not list it",)
    assert vendor.raw("x_file, sum(BilledCost)", "group by all order by all") == [
        ("part-1.csv", Decimal("300.000000000000")),
        ("sub/part-2.csv.gz", Decimal("30.000000000000")),
    ]


def test_a_listed_file_that_is_not_there_yet_makes_the_delivery_wait(announced: Vendor):
    announced.put_manifest("export", scope="payer", files=["part-1.csv", "part-2.csv"])
    result = announced.run()
    assert result.incomplete == (
        "scope payer, 2024-09: still incomplete: part-2.csv is announced but not there",
    )
    assert (result.landed, result.problems) == ((), ())
    assert announced.raw() == [(30, Decimal("300.000000000000"))]

    announced.put_rows("export/part-2.csv", month_of(cost="1"))
    announced.run()
    assert announced.raw() == [(60, Decimal("330.000000000000"))]


def test_a_total_that_is_off_by_the_smallest_digit_is_refused(announced: Vendor):
    announced.put_rows("export/part-1.csv", month_of(cost="11"))
    announced.put_manifest("export", scope="payer", files=["part-1.csv"], totals={"USD": "330.000000000001"})
    assert_refused(
        announced,
        "aws, scope payer, 2024-09: BilledCost: the rows add up to 330.000000000000 USD, the manifest states "
        "330.000000000001: -0.000000000001 off; allowed is 0",
    )


def test_a_total_within_the_tolerance_passes_also_when_the_tolerance_is_set_later(announced: Vendor):
    announced.put_rows("export/part-1.csv", month_of(cost="11"))
    announced.put_manifest("export", scope="payer", files=["part-1.csv"], totals={"USD": "330.01"})
    assert len(announced.run().quarantined) == 1
    assert announced.with_options(tolerance="0.01").run().problems == ()
    assert announced.raw() == [(30, Decimal("330.000000000000"))]


def test_a_currency_that_the_manifest_does_not_state_is_refused(announced: Vendor):
    announced.put_rows("export/part-1.csv", [*month_of(), charge(30, "5", BillingCurrency="EUR")])
    announced.put_manifest("export", scope="payer", files=["part-1.csv"], totals={"USD": "300"})
    assert_refused(announced, "the rows add up to 5.000000000000 EUR, the manifest states 0")


def test_a_wrong_sha256_is_refused(announced: Vendor):
    announced.put_rows("export/part-1.csv", month_of(cost="11"))
    announced.put_manifest("export", scope="payer", files=[{"name": "part-1.csv", "sha256": "00" * 32}])
    assert_refused(announced, "aws/part-1.csv: its sha256 is ", f"the manifest states {'00' * 32}")


def test_a_wrong_row_count_is_refused(announced: Vendor):
    announced.put_rows("export/part-1.csv", month_of(cost="11"))
    announced.put_manifest("export", scope="payer", files=[{"name": "part-1.csv", "rows": 31}])
    assert_refused(announced, "aws/part-1.csv: has 30 rows, the manifest states 31")


def test_a_corrected_manifest_of_the_same_files_is_judged_anew(announced: Vendor):
    announced.put_rows("export/part-1.csv", month_of(cost="11"))
    announced.put_manifest("export", scope="payer", files=["part-1.csv"], totals={"USD": "1"})
    assert len(announced.run().quarantined) == 1
    announced.put_manifest("export", scope="payer", files=["part-1.csv"], totals={"USD": "330"})
    assert announced.run().problems == ()
    assert announced.raw() == [(30, Decimal("330.000000000000"))]
    assert list(announced.settings.quarantine.glob("aws/2024-09/*")) == []


def test_rows_outside_the_manifests_period_are_refused(announced: Vendor):
    announced.put_rows("export/part-1.csv", [*month_of(), charge(1, month="2024-10")])
    assert_refused(
        announced, "aws/part-1.csv:31: BillingPeriodStart: 2024-10-01 00:00:00: allowed are rows of 2024-09"
    )


def test_finality_that_comes_with_the_same_files_is_taken_over(announced: Vendor):
    from test_extract_and_load import finality

    announced.put_manifest("export", scope="payer", files=["part-1.csv"], totals={"USD": "300"}, final=False)
    assert len(announced.run().unchanged) == 1
    assert finality(announced) == [(False,)]
    announced.put_manifest("export", scope="payer", files=["part-1.csv"], totals={"USD": "300"}, final=True)
    announced.run()
    assert finality(announced) == [(True,)]


def test_of_several_manifests_the_newest_wins_and_the_others_are_named(vendor: Vendor):
    for run, cost, created in (
        ("b", "2", "2024-10-02T00:00:00Z"),
        ("a", "3", "2024-10-03T00:00:00+00:00"),
        ("c", "1", None),
    ):
        vendor.put_rows(f"{run}/focus.csv", month_of(cost=cost))
        stamp = {"created": created} if created else {}
        vendor.put_manifest(run, scope="payer", files=["focus.csv"], **stamp)
    result = vendor.run()
    assert set(result.notes) == {
        "b/manifest.json: superseded by a/manifest.json",
        "c/manifest.json: superseded by a/manifest.json",
    }
    assert vendor.raw() == [(30, Decimal("90.000000000000"))]


def test_a_newer_manifest_that_is_incomplete_does_not_hide_the_older_one(vendor: Vendor):
    vendor.put_rows("a/focus.csv", month_of())
    vendor.put_manifest("a", scope="payer", files=["focus.csv"], created="2024-10-01T00:00:00Z")
    vendor.put_manifest("b", scope="payer", files=["focus.csv"], created="2024-10-02T00:00:00Z")
    result = vendor.run()
    assert len(result.incomplete) == 1
    assert vendor.raw() == [(30, Decimal("300.000000000000"))]


def test_two_ways_to_claim_one_partition_are_refused(announced: Vendor):
    announced.put_rows("payer/2024-09/focus.csv", month_of(cost="9"))
    result = announced.run()
    assert "both claim this scope and period" in str(result.problems[0])
    assert announced.raw() == [(30, Decimal("300.000000000000"))]


@pytest.mark.parametrize(
    "name", ["../secret.csv", "/etc/passwd", "a/../../b.csv", "back\\slash.csv", "bell\u0007.csv", ""]
)
def test_path_tricks_in_a_manifest_are_refused(announced: Vendor, name: str):
    (announced.root.parent / "secret.csv").write_text(as_csv(month_of(cost="66")))
    announced.put_manifest("export", scope="payer", files=[name])
    result = announced.run()
    assert "aws/export/manifest.json: files: " in str(result.problems[0])
    assert result.landed == ()
    assert announced.raw() == [(30, Decimal("300.000000000000"))]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "is not JSON"),
        ("[]", "is not a JSON object"),
        ('{"files": ["a.csv"]}', "billing_period: 'None' is not a month such as 2024-09"),
        ('{"billing_period": "2024-13", "files": ["a.csv"]}', "billing_period"),
        ('{"billing_period": "2024-09"}', "files: a list with at least one name is needed"),
        ('{"billing_period": "2024-09", "files": ["a.csv", "a.csv"]}', "a name is listed twice"),
        ('{"billing_period": "2024-09", "files": [{"name": "a.csv", "rows": -1}]}', "must be a whole number"),
        ('{"billing_period": "2024-09", "files": ["a.csv"], "totals": {"USD": "NaN"}}', "is not an amount"),
        ('{"billing_period": "2024-09", "files": ["a.csv"], "totals": {"USD": true}}', "is not an amount"),
        ('{"billing_period": "2024-09", "files": ["a.csv"], "final": "yes"}', "final: must be true or false"),
        ('{"billing_period": "2024-09", "files": ["a.csv"], "created": "now"}', "is not a time such as"),
        ('{"billing_period": "2024-09", "files": ["a.csv"], "scope": ""}', "scope: must be a text"),
    ],
)
def test_a_manifest_that_cannot_be_used_says_what_is_allowed(content: str, words: str):
    with pytest.raises(ManifestError) as caught:
        parse(content.encode())
    assert words in str(caught.value)


def test_totals_in_a_manifest_are_read_exactly_as_text_or_number():
    totals = b'{"USD": "0.1", "EUR": 0.30000000000000004}'
    content = b'{"billing_period": "2024-09", "files": ["a.csv"], "totals": ' + totals + b"}"
    assert parse(content).statement.totals == {"USD": Decimal("0.1"), "EUR": Decimal("0.30000000000000004")}
