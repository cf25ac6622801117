"""Kill issuing anywhere and run it again: the end state is that of an undisturbed run."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from invoice_warehouse import SEPTEMBER, Warehouse, settings_in

from cspbill import warehouse
from cspbill.errors import CspbillError
from cspbill.settings import Settings
from invoices import freeze, issue, printers, publish
from invoices.ledger import verify
from invoices.void import void

LEDGER = ("document", "document_line", "document_tax", "rated_charge", "void")


class Killed(BaseException):
    """Stands in for the process's end."""


def built(home: Path) -> Settings:
    settings = settings_in(home)
    shop = Warehouse(settings)
    drafts = [shop.customer(f"c{n}") for n in range(6)]
    for n, draft in enumerate(drafts):
        draft.discount(draft.usage(f"{n + 1}.005"), "10")
    shop.write(*drafts)
    return settings


def state(settings: Settings) -> tuple[dict[str, bytes], dict[str, list[tuple[object, ...]]]]:
    root = settings.published
    files = {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}
    with warehouse.connect(settings) as connection:
        rows = {name: connection.execute(f"from ledger.{name} order by all").fetchall() for name in LEDGER}
    return files, rows


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[object, object]:
    settings = built(tmp_path_factory.mktemp("undisturbed"))
    issue.issue(settings, SEPTEMBER)
    return state(settings)


def failing_at(nth: int, function: Callable[..., object]) -> Callable[..., object]:
    calls = iter(range(1, 1000))

    def wrapper(*args: object, **kwargs: object) -> object:
        if next(calls) == nth:
            raise Killed
        return function(*args, **kwargs)

    return wrapper


@pytest.mark.parametrize(
    ("module", "name", "nth"),
    [
        (issue, "copy_drafts", 1),  # numbered, nothing written
        (printers, "bundle", 3),  # lines in the ledger, some documents rendered
        (freeze, "_insert", 2),  # a batch is issued, of another some documents are rendered
        (freeze, "note_unpublished", 2),  # document rows inserted
        (publish.atomic, "write_all", 1),  # committed, no file in place
        (publish.atomic, "_part", 14),  # committed, a document's files half written
        (publish.atomic, "sync", 3),  # …and not durable yet
        (freeze, "forget_unpublished", 2),  # all in place, but not known to be
    ],
)
def test_issuing_again_after_a_kill_gives_the_undisturbed_state(
    module: object, name: str, nth: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, undisturbed: object
) -> None:
    settings = built(tmp_path)
    monkeypatch.setattr(issue, "BATCH", 2)
    with monkeypatch.context() as patch:
        patch.setattr(module, name, failing_at(nth, getattr(module, name)))
        with pytest.raises(Killed):
            issue.issue(settings, SEPTEMBER)
    issue.issue(settings, SEPTEMBER)

    assert state(settings) == undisturbed
    assert verify(settings).problems == ()


def started(home: Path, tuning: str) -> subprocess.Popen[bytes]:
    """Start issuing in a process of its own; returns when it begins."""
    code = (
        "import datetime as dt, sys; from pathlib import Path; from cspbill.settings import Settings;"
        f"from invoices import issue, printers; {tuning};"
        "home = Path(sys.argv[1]);"
        "s = Settings(home=home, config=home, today=dt.date(2024, 10, 5));"
        "print('ready', flush=True); issue.issue(s, dt.date(2024, 9, 1))"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(home)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert child.stdout is not None
    child.stdout.readline()
    return child


def killed(child: subprocess.Popen[bytes]) -> None:
    os.kill(child.pid, signal.SIGKILL)
    child.communicate()


def children(process: int) -> list[int]:
    """The printing processes of a process."""
    started = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [int(pid) for pid in started if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def until(holds: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.01)


def test_a_real_kill_at_any_moment_leaves_no_gap_no_double_and_no_half_file(
    tmp_path: Path, undisturbed: object
) -> None:
    settings = built(tmp_path)
    for delay in (0.15, 0.4, 0.6, 0.9):
        child = started(tmp_path, "issue.BATCH = 1")
        time.sleep(delay)
        killed(child)
    issue.issue(settings, SEPTEMBER)

    files, rows = state(settings)
    assert (files, rows) == undisturbed
    assert not [name for name in files if name.endswith(".part")]


@pytest.mark.parametrize("published", [0, 1])
def test_a_kill_among_printing_processes_leaves_none_of_them_behind(
    published: int, tmp_path: Path, undisturbed: object
) -> None:
    """They would go on for hours, and hold what the next run needs."""
    settings = built(tmp_path)
    child = started(tmp_path, "printers.FEW = 1; issue.BATCH = 2")
    until(lambda: len(children(child.pid)) >= 2)
    until(lambda: len([*settings.published.glob("invoices/*/*/*.pdf")]) >= published)
    printing = children(child.pid)
    killed(child)

    until(lambda: not any(map(is_running, printing)), seconds=20)
    issue.issue(settings, SEPTEMBER)
    assert state(settings) == undisturbed


def test_a_printing_process_that_dies_is_told_and_nothing_is_half_done(
    tmp_path: Path, undisturbed: object
) -> None:
    settings = built(tmp_path)
    child = started(tmp_path, "printers.FEW = 1; issue.BATCH = 2")
    until(lambda: len(children(child.pid)) >= 2)
    for process in children(child.pid):
        os.kill(process, signal.SIGKILL)
    _, told = child.communicate(timeout=60)

    assert b"CspbillError: A process that prints documents ended unexpectedly" in told
    issue.issue(settings, SEPTEMBER)
    assert state(settings) == undisturbed


def test_printing_in_processes_of_their_own_gives_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, undisturbed: object
) -> None:
    settings = built(tmp_path)
    monkeypatch.setattr(printers, "FEW", 1)
    issue.issue(settings, SEPTEMBER)

    assert state(settings) == undisturbed


def test_what_is_published_is_not_looked_at_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With 60,000 documents, each daily run would stat every file of all of them."""
    settings = built(tmp_path)
    issue.issue(settings, SEPTEMBER)
    looked_at: list[str] = []
    missing = publish.IssuedFiles.missing
    monkeypatch.setattr(
        publish.IssuedFiles, "missing", lambda self: looked_at.append(self.document_number) or missing(self)
    )
    publish.publish_unpublished(settings)
    assert looked_at == []

    # A warehouse of before there was a journal: all are looked at once.
    with warehouse.connect(settings) as connection:
        connection.execute("drop table ops.unpublished")
        connection.execute("delete from ops.state where name = 'schema_fingerprint'")  # an older version's
    (settings.published / "invoices/2024-09/c3/INV-000004.pdf").unlink()
    assert [path.name for path in publish.publish_unpublished(settings)] == ["INV-000004.pdf"]
    assert len(set(looked_at)) == 6
    looked_at.clear()
    assert (publish.publish_unpublished(settings), looked_at) == ((), [])


def test_a_void_killed_before_its_files_are_in_place_is_completed_by_the_next_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = built(tmp_path)
    issue.issue(settings, SEPTEMBER)
    with monkeypatch.context() as patch:
        patch.setattr(publish.atomic, "write_all", failing_at(1, publish.atomic.write_all))
        with pytest.raises(Killed):
            void(settings, "INV-000001", "Wrong")
    written = publish.publish_unpublished(settings)

    assert [path.name.removeprefix("CN-000001") for path in written] == [
        ".pdf",
        ".json",
        ".csv",
        "-usage.csv",
        "-charges.parquet",
        ".xml",
    ]
    assert verify(settings).problems == ()


def test_a_credit_note_without_tax_prints_again_byte_by_byte(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    shop = Warehouse(settings)
    draft = shop.customer("a", country="FR")
    draft.tax_code, draft.tax_rate, draft.legal_note = "AE", Decimal(0), "Reverse charge"
    draft.usage("10", quantity=Decimal(5), unit="Hours", unit_price=Decimal(2))
    draft.usage("0", service="Free")
    shop.write(draft)
    issue.issue(settings, SEPTEMBER)
    void(settings, "INV-000001", "Wrong")
    before = state(settings)[0]
    for name in before:
        if name.startswith("invoices/"):
            (settings.published / name).unlink()

    assert len(publish.publish_missing(settings)) == 10
    assert state(settings)[0] == before


def test_a_missing_file_that_would_print_differently_is_a_loud_error(tmp_path: Path) -> None:
    settings = built(tmp_path)
    issue.issue(settings, SEPTEMBER)
    path = settings.published / "invoices/2024-09/c0/INV-000001.csv"
    path.unlink()
    with warehouse.connect(settings) as connection:
        connection.execute(
            "update ledger.document_line set description = 'X' where document_number = 'INV-000001'"
        )

    with pytest.raises(CspbillError, match=r"INV-000001\.csv is missing and cannot be printed again"):
        publish.publish_missing(settings)
    assert not path.exists()


def test_printing_again_does_not_depend_on_the_day_or_on_the_book(tmp_path: Path) -> None:
    settings = built(tmp_path)
    issue.issue(settings, SEPTEMBER)
    before = state(settings)[0]
    for path in (settings.published / "invoices").rglob("*.*"):
        path.unlink()
    with warehouse.connect(settings) as connection:
        connection.execute("update config.reseller set legal_name = 'Renamed', iban = null")
        connection.execute("delete from config.customers")
    later = Settings(home=settings.home, config=settings.config, today=dt.date(2030, 1, 1))

    assert len(publish.publish_missing(later)) == 36
    assert state(settings)[0] == before
