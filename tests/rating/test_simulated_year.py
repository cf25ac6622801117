"""A year of daily business, by the real rating, issuing and voiding; only dbt's own start is left out.

Months are issued on the 5th of the next one. A week later the vendor restates the month just issued, sometimes an
older one too: it changes and withdraws rows and grants credits. A mapping is corrected, seats come and go, prices
change, two documents are voided.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from compiled import Memory, Project, keep_compiled
from harness import Warehouse
from simulated_year import YEAR, Year

from invoices.issue import issue
from invoices.ledger import verify
from invoices.void import void


class Reseller:
    """The warehouse of the year, its documents, and what must stay true of both after each day."""

    def __init__(self, project: Project, directory: Path) -> None:
        self.built = Warehouse.in_directory(directory)
        self.year = Year()
        self.files: dict[Path, str] = {}
        keep_compiled(project, self.built.settings)

    def on(self, day: dt.date) -> None:
        self.built = replace(self.built, settings=replace(self.built.settings, today=day))

    def rate(self) -> None:
        """Rate what is known today; R10 is proven by it."""
        self.built.rate(self.year.world())

    def issue(self, period: dt.date) -> None:
        result = issue(self.built.settings, period)
        assert not result.refused, result.refused
        self.look()

    def look(self) -> None:
        """No file that was ever issued has changed."""
        for path in sorted(self.built.settings.published.glob("invoices/*/*/*")):
            digest = sha256(path.read_bytes()).hexdigest()
            assert self.files.setdefault(path, digest) == digest, path


def live(reseller: Reseller) -> None:
    """Two days a month bring news: the 5th, when the month before is issued, and the 12th, when older ones change."""
    year = reseller.year
    for month in range(1, 13):
        following = dt.date(YEAR + month // 12, month % 12 + 1, 1)
        reseller.on(following.replace(day=5))
        year.use(month)
        reseller.rate()
        reseller.issue(dt.date(YEAR, month, 1))
        reseller.on(following.replace(day=12))
        year.restate(month)
        if month % 3 == 0:
            year.restate(month - 2)
        if month == 4:
            year.is_moved = True  # the account was the other customer's from the start
        if month == 6:
            year.seats.append(f"{YEAR}-07-20 change 5")
        if month == 9:
            year.seats.append(f"{YEAR}-09-25 cancel")  # entered when September is issued
        reseller.rate()
        reseller.look()
        if month in (5, 8):
            number = newest_invoice(reseller, "dollars" if month == 5 else "tiered")
            void(reseller.built.settings, number, "wrong purchase order")
            reseller.rate()
            reseller.issue(dt.date(YEAR, month, 1))
    reseller.on(dt.date(YEAR + 1, 4, 5))
    reseller.rate()
    for month in (1, 3):
        reseller.issue(dt.date(YEAR + 1, month, 1))
    reseller.rate()


def newest_invoice(reseller: Reseller, customer: str) -> str:
    found: list[Any] = reseller.built.values(
        "select max(document_number) from ledger.document where customer_id = ? and document_type = 'invoice' "
        "and document_number not in (select document_number from ledger.void)",
        customer,
    )
    return str(found[0])


@pytest.mark.timeout(900)
def test_all_documents_of_a_year_come_to_what_one_clean_run_would_have_billed(
    project: Project, tmp_path: Path
):
    """Somewhere between restatements, corrections and voids a cent would be lost or billed twice."""
    reseller = Reseller(project, tmp_path)
    live(reseller)

    clean = Memory(project, today=dt.date(YEAR + 1, 4, 5)).rate(reseller.year.world())
    per_customer = "select customer_id, sum(net_amount) as net from {} group by all order by all"
    assert reseller.built.rows(per_customer.format("ledger.document")) == clean.rows(
        per_customer.format("marts.fct_invoice")
    )
    assert reseller.built.rows("select * from marts.fct_invoice where status = 'draft'") == []
    # Hashes, numbers without gap, sums, taxes, rounding and frozen charges, corrections included.
    found = verify(reseller.built.settings)
    assert (found.problems, found.documents > 70) == ((), True)
    assert_much_happened(reseller)


def assert_much_happened(reseller: Reseller) -> None:
    """The test would prove nothing about what never happened."""
    (row,) = reseller.built.rows(
        """
        select
            count(*) filter (corrected_line_id is not null) as corrections,
            count(distinct used_in_period) filter (corrected_line_id is not null) as corrected_months,
            (select count(*) from ledger.void) as voids
        from ledger.document_line
        """
    )
    assert row["corrections"] > 80
    assert row["corrected_months"] == 12
    assert row["voids"] == 2
