"""The working DuckDB file: one writer at a time, guarded by an OS lock that outlives a killed parent.

The lock is inherited by child processes (dbt): when a parent is killed, its child keeps the lock until it has
ended, so that a rerun waits instead of finding the file busy.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import resources
from typing import IO

import duckdb

from cspbill.errors import CspbillError
from cspbill.settings import Settings

LOCK_WAIT_SECONDS = 600
SCHEMA_FILES = ("ops.sql", "config.sql", "raw.sql", "ledger.sql", "rerated.sql")
SCHEMA_STATE = "schema_fingerprint"


@contextmanager
def locked(settings: Settings, wait: float = LOCK_WAIT_SECONDS) -> Iterator[int]:
    """Hold the warehouse lock; yields its file descriptor, to be passed to child processes (``pass_fds``)."""
    settings.home.mkdir(parents=True, exist_ok=True)
    with (settings.home / "warehouse.lock").open("w") as handle:
        _acquire(handle, wait)
        yield handle.fileno()


def _acquire(handle: IO[str], wait: float) -> None:
    deadline = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise CspbillError(
                    f"The warehouse is busy: another run has held {handle.name} for {wait:.0f} s. "
                    "Wait for it to end, or read the newest snapshot under published/ instead."
                ) from None
            time.sleep(0.1)
        else:
            return


def open_file(settings: Settings) -> duckdb.DuckDBPyConnection:
    """Open the working file; the caller holds the lock. Creates what is missing of the file and its schemas."""
    connection = duckdb.connect(str(settings.warehouse))
    connection.execute("set TimeZone = 'UTC'")
    # A commit is safe in the write-ahead log; folding it into the file at every close is where `kill -9` could
    # tear a block. dbt's process, a full log and the weekly maintenance do that often enough.
    connection.execute("pragma disable_checkpoint_on_shutdown")
    connection.execute(f"set memory_limit = '{os.environ.get('CSPBILL_MEMORY', '8GB')}'")
    _create_schemas(connection)
    return connection


@contextmanager
def connect(settings: Settings, wait: float = LOCK_WAIT_SECONDS) -> Iterator[duckdb.DuckDBPyConnection]:
    """Lock and open the working file for a short piece of work."""
    with locked(settings, wait):
        connection = open_file(settings)
        try:
            yield connection
        finally:
            connection.close()


@contextmanager
def read_only(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """Lock the working file and open it to be read: not a byte of it changes."""
    if not settings.warehouse.exists():
        raise CspbillError("Nothing has been rated yet. Run: cspbill run")
    with locked(settings), duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        yield connection


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Commit at the end of the block, roll back when it raises."""
    connection.execute("begin transaction")
    try:
        yield
    except BaseException:
        connection.execute("rollback")
        raise
    connection.execute("commit")


def require_marts(connection: duckdb.DuckDBPyConnection) -> None:
    """Raise CspbillError when nothing has been rated yet."""
    found = connection.execute(
        "select 1 from information_schema.tables where table_schema = 'marts' and table_name = 'fct_invoice'"
    ).fetchone()
    if not found:
        raise CspbillError("Nothing has been rated yet. Run: cspbill run")


def state(connection: duckdb.DuckDBPyConnection, name: str) -> str | None:
    """Return a single value that was kept in ``ops.state``; None where there is none."""
    row = connection.execute("select value from ops.state where name = ?", [name]).fetchone()
    return str(row[0]) if row else None


def _create_schemas(connection: duckdb.DuckDBPyConnection) -> None:
    scripts, digest = _schema_scripts()
    if _knows_schemas(connection, digest):
        return
    with transaction(connection):
        for script in scripts:
            connection.execute(script)
        connection.execute("insert or replace into ops.state values (?, ?)", [SCHEMA_STATE, digest])


@cache
def _schema_scripts() -> tuple[tuple[str, ...], str]:
    folder = resources.files("cspbill").joinpath("schema")
    scripts = tuple(folder.joinpath(name).read_text("utf-8") for name in SCHEMA_FILES)
    return scripts, hashlib.sha256("".join(scripts).encode()).hexdigest()


def _knows_schemas(connection: duckdb.DuckDBPyConnection, digest: str) -> bool:
    """Whether the file was created by these scripts: a file is opened many times a run, and looked through once."""
    try:
        return state(connection, SCHEMA_STATE) == digest
    except (duckdb.CatalogException, duckdb.InvalidInputException):
        return False  # a new file; Python's `state` is no table
