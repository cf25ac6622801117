"""What filling does to price_list.csv: history kept, own rows untouched, whole or not at all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest
from conftest import Shop
from sheets_vendor import offer, offer_file

from cspbill.settings import PROJECT_ROOT

BY_HAND = "sku, vendor ,unit,list_price,currency\nmine,Reseller,Month,12.50,EUR\n USED ,aws,GB,007.10,USD\n"


def aws(shop: Shop, *rows: dict[str, str], published: str = "2024-09-16T00:00:00Z") -> tuple[str, ...]:
    return (
        "aws",
        "--region",
        "eu-central-1",
        "--file",
        shop.put("offer.csv", offer_file(*rows, published=published)),
    )


def test_rows_by_hand_stay_cell_by_cell_and_the_missing_columns_are_added(shop: Shop):
    shop.file.write_text(BY_HAND, "utf-8")
    shop.fill(*aws(shop, offer("USED", "0.1")))
    lines = shop.file.read_text("utf-8").splitlines()
    assert lines[:3] == [
        "sku,vendor,unit,list_price,currency,service,region,cost_price,description,valid_from,valid_to",
        "mine,Reseller,Month,12.50,EUR,,,,,,",
        " USED ,aws,GB,007.10,USD,,,,,,",
    ]
    assert len(lines) == 4


OWN = "vendor,service,sku,region,unit,list_price,currency,valid_from,valid_to\n"


def own(price: str, start: str, end: str = "") -> str:
    return f"AWS,amazon elastic compute cloud,used,EU-central-1,hrs,{price},usd,{start},{end}\n"


def test_a_price_by_hand_beats_the_sheet_s_on_its_days_and_that_is_said(shop: Shop):
    shop.file.write_text(OWN + own("9", "2024-10-01", "2024-11-01") + own("8", "2025-01-01"), "utf-8")
    output = shop.fill(*aws(shop, offer("USED", "0.1")))
    assert shop.listed("sku", "list_price", "valid_from", "valid_to") == [
        ("used", "9", "2024-10-01", "2024-11-01"),
        ("used", "8", "2025-01-01", ""),
        ("USED", "0.1", "2024-09-01", "2024-10-01"),
        ("USED", "0.1", "2024-11-01", "2025-01-01"),
    ]
    assert "1 prices left out on some days: the list has its own or another sheet's price for them" in output


def test_a_price_by_hand_for_all_days_leaves_no_room_for_the_sheet_s(shop: Shop):
    shop.file.write_text(OWN + own("9", ""), "utf-8")
    shop.fill(*aws(shop, offer("USED", "0.1")))
    assert shop.listed("sku", "list_price") == [("used", "9")]


def test_prices_dated_back_stop_where_a_price_by_hand_ends(shop: Shop):
    shop.file.write_text(OWN + own("9", "", "2024-07-15"), "utf-8")
    shop.fill(*aws(shop, offer("USED", "0.1")), "--since", "2024-01-01")
    assert shop.listed("list_price", "valid_from") == [("9", ""), ("0.1", "2024-07-15")]


def test_a_row_without_its_note_is_somebody_s_own(shop: Shop):
    shop.fill(*aws(shop, offer("USED", "0.1")))
    shop.file.write_text(
        shop.file.read_text("utf-8").replace(" [sheet: aws AmazonEC2 eu-central-1]", ""), "utf-8"
    )
    shop.fill(*aws(shop, offer("USED", "0.2")))
    assert shop.listed("list_price") == [("0.1",)]


def test_filling_again_changes_nothing_and_does_not_touch_the_file(shop: Shop):
    shop.fill(*aws(shop, offer("USED", "0.1")))
    before = (shop.file.stat().st_mtime_ns, shop.file.stat().st_ino)
    output = shop.fill(*aws(shop, offer("USED", "0.1")))
    assert "0 rows added, 0 changed, 0 removed, 1 unchanged" in output
    assert (shop.file.stat().st_mtime_ns, shop.file.stat().st_ino) == before


def test_a_new_price_ends_the_old_one_so_that_past_months_keep_theirs(shop: Shop):
    shop.fill(*aws(shop, offer("USED", "0.1")))
    output = shop.fill(*aws(shop, offer("USED", "0.2", EffectiveDate="2024-10-01")))
    assert "1 rows added, 1 changed, 0 removed, 0 unchanged" in output
    assert shop.listed("list_price", "valid_from", "valid_to") == [
        ("0.1", "2024-09-01", "2024-10-01"),
        ("0.2", "2024-10-01", ""),
    ]


def test_an_unchanged_price_with_a_newer_date_stays_one_row(shop: Shop):
    shop.fill(*aws(shop, offer("USED", "0.1")))
    shop.fill(*aws(shop, offer("USED", "0.1", EffectiveDate="2024-10-01")))
    assert shop.listed("list_price", "valid_from", "valid_to") == [("0.1", "2024-09-01", "")]


def test_a_price_that_the_vendor_corrects_is_replaced(shop: Shop):
    shop.fill(*aws(shop, offer("USED", "0.1")))
    output = shop.fill(*aws(shop, offer("USED", "0.3")))
    assert "0 rows added, 1 changed, 0 removed" in output
    assert shop.listed("list_price", "valid_from") == [("0.3", "2024-09-01")]


def test_a_price_dated_back_removes_the_rows_that_it_covers(shop: Shop):
    shop.fill(*aws(shop, offer("USED", "0.1")))
    shop.fill(*aws(shop, offer("USED", "0.2", EffectiveDate="2024-10-01")))
    output = shop.fill(*aws(shop, offer("USED", "0.3", EffectiveDate="2024-08-01")))
    assert "1 rows added, 0 changed, 2 removed" in output
    assert shop.listed("list_price", "valid_from", "valid_to") == [("0.3", "2024-08-01", "")]


def test_a_sku_that_the_sheet_no_longer_has_ends_on_the_day_of_the_sheet(shop: Shop):
    shop.fill(*aws(shop, offer("USED", "0.1"), offer("GONE", "5")), "--sku", "gone")
    shop.fill(*aws(shop, offer("USED", "0.1"), published="2024-11-02T00:00:00Z"))
    assert shop.listed("sku", "valid_from", "valid_to") == [
        ("GONE", "2024-09-01", "2024-11-02"),
        ("USED", "2024-09-01", ""),
    ]


def test_a_sheet_without_any_of_the_listed_prices_is_refused(shop: Shop):
    shop.fill(*aws(shop, offer("USED", "0.1")))
    message = shop.refused(*aws(shop, offer("OTHER", "0.1")))
    assert "has none of the 1 prices that the list has of sheet 'aws AmazonEC2 eu-central-1'" in message


def test_a_sku_once_taken_is_kept_up_to_date_without_being_named_again(shop: Shop):
    shop.fill(*aws(shop, offer("QUOTED", "1")), "--sku", "quoted")
    shop.fill(*aws(shop, offer("QUOTED", "2")))
    assert shop.listed("sku", "list_price") == [("QUOTED", "2")]


def test_another_sheet_s_rows_stay(shop: Shop):
    shop.fill(*aws(shop, offer("USED", "1")))
    other = shop.put("us.csv", offer_file(offer("US", "2", **{"Region Code": "us-east-1"})))
    shop.fill("aws", "--region", "us-east-1", "--file", other, "--sku", "us")
    assert shop.listed("sku", "list_price") == [("USED", "1"), ("US", "2")]


def test_prices_new_to_the_list_can_count_from_an_earlier_day(shop: Shop):
    shop.fill(*aws(shop, offer("USED", "1")), "--since", "2024-06-01")
    shop.fill(*aws(shop, offer("USED", "2", EffectiveDate="2024-10-01")), "--since", "2024-01-01")
    assert shop.listed("list_price", "valid_from", "valid_to") == [
        ("1", "2024-06-01", "2024-10-01"),
        ("2", "2024-10-01", ""),
    ]


def test_skus_of_charges_in_the_warehouse_are_taken(shop: Shop):
    home = Path(os.environ["CSPBILL_HOME"])
    home.mkdir()
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        connection.execute("create schema intermediate")
        connection.execute("create table intermediate.int_charges__daily as select ' Charged ' as sku")
    shop.fill(*aws(shop, offer("CHARGED", "1"), offer("OTHER", "2")))
    assert shop.listed("sku") == [("CHARGED",)]


def test_nothing_taken_says_why(shop: Shop):
    output = shop.fill(*aws(shop, offer("OTHER", "1")))
    assert "no price taken: none of its SKUs is used in the warehouse or named by price_rules.csv" in output
    assert not shop.file.exists()


def test_all_takes_everything_and_warns_of_a_very_long_list(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("extractors.price_sheets.filling.MANY_ROWS", 2)
    output = shop.fill(*aws(shop, offer("A", "1"), offer("B", "2"), offer("C", "3")), "--all")
    assert shop.listed("sku") == [("A",), ("B",), ("C",)]
    assert "3 rows make every `cspbill check` and run slower" in output


def test_a_list_that_is_wrong_already_is_named_and_left_alone(shop: Shop):
    shop.file.write_text("vendor,sku,unit,list_price,currency\nAWS,a,GB,dear,USD\n", "utf-8")
    assert "price_list.csv:2: list_price: 'dear'" in shop.refused(*aws(shop, offer("USED", "1")))


def test_a_full_disk_leaves_the_old_list(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    shop.fill(*aws(shop, offer("USED", "1")))

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    message = shop.refused(*aws(shop, offer("USED", "2")))
    assert "price_list.csv cannot be written: No space left on device; the old list stands" in message


def test_two_files_of_one_sheet_are_refused_before_either_is_filled_in(shop: Shop):
    file = shop.put("a.csv", offer_file(offer("USED", "1")))
    assert "fill one at a time" in shop.refused("aws", "--file", file, "--file", file)


def test_a_kill_in_the_middle_leaves_the_old_list_whole_and_a_rerun_fills_it(shop: Shop):
    shop.fill(*aws(shop, offer("USED", "1")))
    before = shop.file.read_bytes()
    rows = [offer(f"SKU{number}", "0.5") for number in range(60_000)]
    arguments = [*aws(shop, offer("USED", "2"), *rows), "--all"]
    command = [sys.executable, "-m", "cspbill.cli", "prices", *arguments]
    process = subprocess.Popen(
        command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL, cwd=PROJECT_ROOT
    )
    part, deadline = shop.config / ".price_list.csv.part", time.monotonic() + 60
    while not (part.exists() and part.stat().st_size) and time.monotonic() < deadline:
        assert process.poll() is None, "it ended before it could be killed"
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert shop.file.read_bytes() == before
    shop.fill(*aws(shop, offer("USED", "2")))
    assert shop.listed("sku", "list_price") == [("USED", "2")]
