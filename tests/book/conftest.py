"""A small valid book of business that each test changes where it matters."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cspbill.book import read_book
from cspbill.errors import InputError

VALID = {
    "reseller.yml": (
        "legal_name: Reseller\n"
        "country: DE\n"
        "base_currency: EUR\n"
        "sources:\n"
        "  - name: aws\n"
        "    kind: focus_files\n"
        "    path: files\n"
    ),
    "customers.csv": "customer_id,legal_name,country,currency\nacme,Acme GmbH,DE,EUR\nbolt,Bolt Ltd,GB,GBP\n",
    "accounts.csv": "source,account_id,customer_id\naws,001,acme\n*,002,bolt\n",
    "contracts.csv": "contract_id,customer_id,price_book\nC1,acme,base\nC2,bolt,base\n",
    "price_books.csv": "price_book,currency\nbase,EUR\n",
    "price_rules.csv": (
        "price_book,rule_id,vendor,service,model,basis,percent,unit_price,unit\n"
        "base,all,,,cost_plus,billed,10,,\n"
        "base,aws,AWS,,list_minus,,5,,\n"
        "base,s3,AWS,S3,unit_price,,,0.023,GB\n"
    ),
    "tax_rates.csv": "country,tax_category,rate,code\nDE,standard,19,S\nGB,standard,0,O\n",
}

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write the valid book, with files replaced (or left out by None), into a new directory."""

    def write_book(files: dict[str, str | bytes | None] | None = None, name: str = "config") -> Path:
        directory = tmp_path / name
        directory.mkdir()
        for file, content in {**VALID, **(files or {})}.items():
            if content is not None:
                data = content.encode() if isinstance(content, str) else content
                (directory / file).write_bytes(data)
        return directory

    return write_book


@pytest.fixture
def problems(write: Write) -> Callable[[dict[str, str | bytes | None]], list[str]]:
    """Return what is wrong with the valid book once some of its files are replaced."""

    def read(files: dict[str, str | bytes | None]) -> list[str]:
        with pytest.raises(InputError) as caught:
            read_book(write(files))
        return [str(problem) for problem in caught.value.problems]

    return read
