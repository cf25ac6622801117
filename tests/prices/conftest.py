"""A book of business whose price list is filled by the real command, and vendors on loopback."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from emulators.faults import FaultProxy, fault_proxy
from sheets_vendor import SECRETS, Server, serving

from cspbill.book import Book, read_book
from cspbill.cli import main
from extractors import retrying

BOOK = {
    "reseller.yml": "legal_name: R\ncountry: DE\nbase_currency: EUR\nsources:\n"
    "  - {name: aws, kind: focus_files, path: files}\n",
    "customers.csv": "customer_id,legal_name,country,currency\nacme,Acme GmbH,DE,EUR\n",
    "price_books.csv": "price_book,currency\nbase,EUR\n",
    "price_rules.csv": "price_book,rule_id,sku,model,unit_price,unit\nbase,vm,USED,unit_price,1,Hrs\n",
}
PROGRESS = ("Price sheets of ", "  into config/price_list.csv")


@dataclass
class Shop:
    """A reseller's config directory."""

    config: Path

    @property
    def file(self) -> Path:
        return self.config / "price_list.csv"

    def prices(self, *arguments: str) -> Result:
        """Run `cspbill prices …`."""
        return CliRunner().invoke(main, ["prices", *arguments], catch_exceptions=False)

    def fill(self, *arguments: str) -> str:
        """Run it; it must succeed, and leave a list that `cspbill check` takes."""
        result = self.prices(*arguments)
        assert result.exit_code == 0, result.output
        self.book()
        return result.output

    def refused(self, *arguments: str) -> str:
        """Run it; it must fail with a message, and leave the list as it was. Returns the message."""
        before = self.file.read_bytes() if self.file.exists() else None
        result = self.prices(*arguments)
        assert result.exit_code in {1, 2}, result.output
        assert (self.file.read_bytes() if self.file.exists() else None) == before
        assert list(self.config.glob(".price_list*")) == []
        return "".join(line for line in result.stderr.splitlines(True) if not line.startswith(PROGRESS))

    def book(self) -> Book:
        return read_book(self.config)

    def rows(self) -> list[dict[str, str]]:
        with self.file.open(encoding="utf-8", newline="") as handle:
            return list(csv.DictReader(handle))

    def listed(self, *columns: str) -> list[tuple[str, ...]]:
        return [tuple(row[name] for name in columns) for row in self.rows()]

    def put(self, name: str, content: str | bytes) -> str:
        """Write a downloaded file; returns its path."""
        path = self.config.parent / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    config = tmp_path / "config"
    (config / "files").mkdir(parents=True)
    for name, content in BOOK.items():
        (config / name).write_text(content, "utf-8")
    monkeypatch.setenv("CSPBILL_CONFIG", str(config))
    monkeypatch.setenv("CSPBILL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CSPBILL_TODAY", "2024-09-20")
    secret = {
        "login": "client-id",
        "password": SECRETS[0],
        "extra": {"tenant_id": "t-1", "refresh_token": SECRETS[1]},
    }
    monkeypatch.setenv("AIRFLOW_CONN_PARTNER", json.dumps(secret))
    monkeypatch.setattr(retrying, "PATIENCE", retrying.Patience(3, 0.01, 0.02))
    return Shop(config)


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture
def proxy(server: Server) -> Iterator[FaultProxy]:
    with fault_proxy(server.url) as proxy:
        yield proxy
