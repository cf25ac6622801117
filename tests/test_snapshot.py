"""The published snapshot: a complete, immutable copy that readers may open while the pipeline writes."""

from __future__ import annotations

import datetime as dt
import os
import signal
import stat
import subprocess
import sys
import textwrap
import time
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from cspbill import snapshot, warehouse
from cspbill.settings import Settings

MARTS = """
create schema marts;
create table marts.fct_margin_monthly (month date, revenue decimal(28, 12), currency varchar);
insert into marts.fct_margin_monthly values ('2024-09-01', 12.345678901234, 'EUR'), ('2024-08-01', 1, 'EUR');
create view marts.pub_margin_v1 as select * from marts.fct_margin_monthly where revenue > 5;
create table marts."dim odd 'name'" (customer_id varchar);
comment on table marts.fct_margin_monthly is 'Grain: one row per month; the reseller''s own.';
comment on column marts.fct_margin_monthly.revenue is 'What the customers are charged.';
comment on view marts.pub_margin_v1 is 'For BI tools.';
insert into ops.delivery values
    ('d1', 'aws', 'focus_files', 'default', '2024-09-01', 10, 1, '{}', '2024-09-01', '2024-09-17', false,
     '2024-09-18 04:00:00', '2024-09-18 04:01:00'),
    ('d0', 'aws', 'focus_files', 'default', '2024-09-01', 9, 1, '{}', '2024-09-01', '2024-09-16', false,
     '2024-09-17 04:00:00', '2024-09-17 04:01:00');
insert into ops.partition_in_force values ('aws', 'default', '2024-09-01', 'd1');
insert into ops.state values ('config_fingerprint', 'abc');
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(home=tmp_path / "it's home", config=tmp_path / "config", today=dt.date(2024, 9, 18))
    with warehouse.connect(settings) as connection:
        connection.execute(MARTS)
    return settings


def query(path: Path, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_tables_and_views_are_copied_as_tables_with_their_exact_money(settings: Settings) -> None:
    path = snapshot.publish(settings)
    assert path.name == "warehouse-2024-09-000001.duckdb"
    assert query(path, "select * from marts.pub_margin_v1") == [
        (dt.date(2024, 9, 1), Decimal("12.345678901234"), "EUR")
    ]
    kinds = query(
        path,
        "select table_name, table_type from information_schema.tables"
        " where table_schema = 'marts' order by table_name",
    )
    assert kinds == [
        ("dim odd 'name'", "BASE TABLE"),
        ("fct_margin_monthly", "BASE TABLE"),
        ("pub_margin_v1", "BASE TABLE"),
    ]


def test_descriptions_travel_with_the_tables(settings: Settings) -> None:
    path = snapshot.publish(settings)
    assert query(
        path,
        "select comment from duckdb_tables() where schema_name = 'marts' and comment is not null order by 1",
    ) == [("For BI tools.",), ("Grain: one row per month; the reseller's own.",)]
    assert query(
        path, "select comment from duckdb_columns() where column_name = 'revenue' and comment is not null"
    ) == [("What the customers are charged.",)]


def test_meta_tells_as_of_when_and_from_which_deliveries(settings: Settings) -> None:
    path = snapshot.publish(settings)
    assert query(
        path, "select snapshot_name, as_of, current_period, config_fingerprint from meta.snapshot"
    ) == [(path.name, dt.date(2024, 9, 18), dt.date(2024, 9, 1), "abc")]
    assert query(path, "select source, delivery_id, last_day, is_final from meta.delivery") == [
        ("aws", "d1", dt.date(2024, 9, 17), False)
    ]
    assert query(path, "select sources, is_final, last_day from meta.billing_period") == [
        (1, False, dt.date(2024, 9, 17))
    ]


def test_a_period_that_few_sources_have_reached_is_not_yet_the_current_one(settings: Settings) -> None:
    with warehouse.connect(settings) as connection:
        connection.execute("""
            insert into ops.partition_in_force values
                ('google', 'default', '2024-09-01', 'd2'), ('oracle', 'default', '2024-09-01', 'd3'),
                ('oracle', 'default', '2024-10-01', 'd4')
        """)
    assert snapshot.publish(settings).name == "warehouse-2024-09-000001.duckdb"


def test_a_snapshot_is_read_only_and_never_changes(settings: Settings) -> None:
    first = snapshot.publish(settings)
    before = first.read_bytes()
    with warehouse.connect(settings) as connection:
        connection.execute("delete from marts.fct_margin_monthly")
    second = snapshot.publish(settings)
    assert not first.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH)
    assert first.read_bytes() == before
    assert second.name == "warehouse-2024-09-000002.duckdb"
    assert query(second, "select count(*) from marts.fct_margin_monthly") == [(0,)]
    assert query(first, "select count(*) from marts.fct_margin_monthly") == [(2,)]


def test_the_last_five_are_kept_and_no_name_comes_back(settings: Settings) -> None:
    for _ in range(7):
        newest = snapshot.publish(settings)
    kept = sorted(path.name for path in settings.published.glob("*.duckdb"))
    assert kept == [f"warehouse-2024-09-00000{run}.duckdb" for run in (3, 4, 5, 6, 7)]
    assert (settings.published / "CURRENT").read_text() == f"{newest.name}\n"
    assert len(list((settings.published / ".parquet").iterdir())) == 2
    for path in settings.published.glob("*.duckdb"):
        path.unlink()
    assert snapshot.newest(settings) is None
    assert snapshot.publish(settings).name == "warehouse-2024-09-000008.duckdb"


def test_newest_is_what_current_names(settings: Settings) -> None:
    assert snapshot.newest(settings) is None
    first = snapshot.publish(settings)
    second = snapshot.publish(settings)
    assert snapshot.newest(settings) == second
    (settings.published / "CURRENT").write_text(f"{first.name}\n")
    assert snapshot.newest(settings) == first
    (settings.published / "CURRENT").write_text("warehouse-2024-09-000009.duckdb\n")
    assert snapshot.newest(settings) == second


def test_parquet_holds_the_same_tables(settings: Settings) -> None:
    path = snapshot.publish(settings)
    folders = sorted(folder.name for folder in (settings.published / "parquet").iterdir())
    assert folders == ["dim odd 'name'", "fct_margin_monthly", "pub_margin_v1"]
    files = str(settings.published / "parquet" / "fct_margin_monthly" / "*.parquet").replace("'", "''")
    rows = query(path, f"select * from read_parquet('{files}') order by all")
    assert rows == query(path, "select * from marts.fct_margin_monthly order by all")
    assert rows[1][1] == Decimal("12.345678901234")


def test_an_empty_warehouse_is_published_too(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, config=tmp_path, today=dt.date(2024, 10, 3))
    path = snapshot.publish(settings)
    assert path.name == "warehouse-2024-10-000001.duckdb"
    assert query(path, "select as_of, base_currency from meta.snapshot") == [(dt.date(2024, 10, 3), None)]


def test_a_reader_opens_the_newest_while_another_process_holds_the_working_file(settings: Settings) -> None:
    snapshot.publish(settings)
    holder = textwrap.dedent("""
        import sys, time, duckdb
        connection = duckdb.connect(sys.argv[1])
        connection.execute("begin; delete from marts.fct_margin_monthly")
        print("holding", flush=True)
        time.sleep(60)
    """)
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(settings.warehouse)], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "holding\n"
            with pytest.raises(duckdb.IOException):
                duckdb.connect(str(settings.warehouse), read_only=True)
            newest = snapshot.newest(settings)
            assert newest is not None
            assert query(newest, "select count(*) from marts.fct_margin_monthly") == [(2,)]
        finally:
            process.kill()


def test_a_reader_sees_a_whole_set_of_parquet_tables_at_every_moment(settings: Settings) -> None:
    """A loop that reads while five snapshots are published never finds a table missing or half written."""
    snapshot.publish(settings)
    reader = textwrap.dedent("""
        import glob, sys, duckdb
        print("reading", flush=True)
        reads = 0
        while not glob.glob(sys.argv[1] + "/stop"):
            [count] = duckdb.sql(
                "select count(*) from read_parquet('published/parquet/fct_margin_monthly/data.parquet')"
            ).fetchone()
            assert count == 2, count
            name = open("published/CURRENT").read().strip()
            with duckdb.connect("published/" + name, read_only=True) as connection:
                assert connection.execute("select count(*) from marts.fct_margin_monthly").fetchone() == (2,)
            reads += 1
        assert reads > 0
    """)
    with subprocess.Popen(
        [sys.executable, "-c", reader, "."], cwd=settings.home, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "reading\n"
        for _ in range(4):
            snapshot.publish(settings)
        (settings.home / "stop").touch()
        assert process.wait(timeout=60) == 0


@pytest.mark.parametrize("delay", [0.0, 0.02, 0.05, 0.1, 0.2, 0.4])
def test_killed_at_any_time_a_rerun_publishes(settings: Settings, delay: float) -> None:
    first = snapshot.publish(settings)
    publisher = textwrap.dedent("""
        import datetime, pathlib, sys
        from cspbill import snapshot
        from cspbill.settings import Settings
        import duckdb
        print("started", flush=True)
        while True:
            snapshot.publish(Settings(pathlib.Path(sys.argv[1]), pathlib.Path(), datetime.date(2024, 9, 18)))
    """)
    with subprocess.Popen(
        [sys.executable, "-c", publisher, str(settings.home)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(delay)
        os.kill(process.pid, signal.SIGKILL)
    survivor = snapshot.newest(settings)
    assert survivor is not None
    assert query(survivor, "select count(*) from marts.fct_margin_monthly") == [(2,)]
    newest = snapshot.publish(settings)
    assert newest.name > max(first.name, survivor.name)
    assert snapshot.newest(settings) == newest
    assert not (settings.published / ".incoming").exists()
    assert len(list((settings.published / "parquet").iterdir())) == 3
