from __future__ import annotations

from pathlib import Path

import pytest
from documents import VOIDED, Issued, every_kind
from invoice_warehouse import SEPTEMBER, Warehouse, settings_in

from cspbill import warehouse
from cspbill.settings import Settings
from invoices.issue import issue
from invoices.read import read_issued
from invoices.void import void


@pytest.fixture(scope="session")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Issued:
    settings = settings_in(tmp_path_factory.mktemp("einvoices"))
    shop = Warehouse(settings)
    shop.write(*every_kind(shop))
    result = issue(settings, SEPTEMBER)
    assert result.refused == {}
    with warehouse.connect(settings) as connection:
        found = {each.header.customer_id: each for each in read_issued(connection, result.issued)}
    given_back = {name: void(settings, str(found[name].header.document_number), "wrong") for name in VOIDED}
    with warehouse.connect(settings) as connection:
        for name, number in given_back.items():
            (found[f"void of {name}"],) = read_issued(connection, [number])
    return Issued(settings, found)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path)


@pytest.fixture
def shop(settings: Settings) -> Warehouse:
    return Warehouse(settings)
