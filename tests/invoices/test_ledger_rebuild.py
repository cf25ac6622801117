"""After a loss of the warehouse the published files give the same ledger, and say which of them are damaged."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from invoice_warehouse import SEPTEMBER, Warehouse, settings_in

from cspbill import warehouse
from cspbill.errors import CspbillError
from cspbill.settings import Settings
from invoices.issue import issue
from invoices.ledger import verify
from invoices.publish import publish_missing
from invoices.rebuild import TABLES, rebuild
from invoices.void import void


def issued_in(home: Path) -> Settings:
    """Invoices with discounts, of a prepaying customer, of a payer for another one, with a correction, and a void."""
    settings = settings_in(home)
    shop = Warehouse(settings)
    plain, prepaid, payer = shop.customer("a"), shop.customer("b"), shop.customer("c", locale="en_GB")
    shop.customer("d", legal_name='Kind "D" GmbH')
    plain.discount(plain.usage("100.005"), "10")
    plain.plain("-7.25", description="Goodwill")
    prepaid.usage("100")
    prepaid.draw("2024-08-01", "60", "PAY-1")
    prepaid.draw("2024-08-15", "40")
    prepaid.prepaid_balance = Decimal("12.5")
    payer.usage("20")
    payer.usage("30", used_by_customer_id="d")
    shop.write(plain, prepaid, payer)
    issue(settings, SEPTEMBER, ("a",))
    void(settings, "INV-000001", "Wrong price")
    plain.usage("-3.5", line_type="correction", reference_document="INV-000001")
    shop.write(plain, prepaid, payer)
    issue(settings, SEPTEMBER, force_reason=None)
    return settings


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return issued_in(tmp_path_factory.mktemp("shelf"))


@pytest.fixture
def issued(shelf: Settings, tmp_path: Path) -> Settings:
    shutil.copytree(shelf.home, tmp_path / "home")
    return replace(shelf, home=tmp_path / "home")


def ledger_of(settings: Settings) -> dict[str, list[tuple[object, ...]]]:
    with warehouse.connect(settings) as connection:
        return {name: connection.execute(f"from ledger.{name} order by all").fetchall() for name in TABLES}


def lose(settings: Settings) -> None:
    for path in settings.home.glob("warehouse.duckdb*"):
        path.unlink()


def change(path: Path, how: Callable[[dict[str, object]], object]) -> None:
    data = json.loads(path.read_bytes())
    how(data)
    path.write_text(json.dumps(data), "utf-8")


def test_the_published_files_alone_give_every_ledger_table_row_by_row(issued: Settings) -> None:
    before = ledger_of(issued)
    lose(issued)
    result = rebuild(issued)

    assert (result.documents, result.written, result.problems) == (5, True, ())
    assert ledger_of(issued) == before
    assert {name: len(rows) for name, rows in before.items()} == {
        "document": 5, "document_line": 13, "document_tax": 5, "document_period": 6, "prepaid_draw": 2, "void": 1,
        "rated_charge": 12,
    }  # fmt: skip
    assert verify(issued).problems == ()


def test_issuing_goes_on_with_the_next_numbers_after_a_rebuild(issued: Settings) -> None:
    lose(issued)
    rebuild(issued)
    shop = Warehouse(issued)
    draft = shop.customer("z")
    draft.usage("5")
    shop.write(draft)

    assert issue(issued, SEPTEMBER).issued == ("INV-000005",)
    assert verify(issued).problems == ()


def test_an_empty_ledger_beside_published_documents_gives_no_numbers(issued: Settings) -> None:
    lose(issued)
    shop = Warehouse(issued)
    draft = shop.customer("z")
    draft.usage("5")
    shop.write(draft)

    with pytest.raises(CspbillError, match="run `cspbill ledger rebuild` first"):
        issue(issued, SEPTEMBER)


def test_json_alone_gives_everything_but_the_charges_and_says_whose_are_lost(issued: Settings) -> None:
    before = ledger_of(issued)
    lose(issued)
    for path in (issued.published / "invoices").rglob("*.*"):
        if path.suffix != ".json":
            path.unlink()
    result = rebuild(issued)

    after = ledger_of(issued)
    assert {name for name in TABLES if after[name] != before[name]} == {"rated_charge"}
    assert after["rated_charge"] == []
    assert (
        "INV-000003: its charges are lost, INV-000003-charges.parquet is missing; "
        "refunds, corrections, margins and explain of its months lack them"
    ) in result.problems
    assert (
        "INV-000003: invoices/2024-09/b/INV-000003.pdf is missing; `cspbill ledger publish` prints it again"
    ) in result.problems
    assert not [problem for problem in result.problems if "CN-000001: its charges" in problem]


def test_lost_pdfs_are_printed_again_from_a_rebuilt_ledger_byte_for_byte(issued: Settings) -> None:
    path = issued.published / "invoices/2024-09/b/INV-000003.pdf"
    before = path.read_bytes()
    lose(issued)
    path.unlink()
    rebuild(issued)
    publish_missing(issued)

    assert path.read_bytes() == before


def test_a_ledger_that_is_the_same_is_left_alone_and_another_only_replaced_when_asked(
    issued: Settings,
) -> None:
    before = ledger_of(issued)
    assert rebuild(issued).written is False
    with warehouse.connect(issued) as connection:
        connection.execute("update ledger.document_line set description = 'Gift' where line_number = 1")
        connection.execute("delete from ledger.void")
    with pytest.raises(
        CspbillError, match=r"(?s)left as it is.*document_line: 5 documents.*void: 1 documents"
    ):
        rebuild(issued)
    assert ledger_of(issued) != before

    assert rebuild(issued, replace_other=True).written is True
    assert ledger_of(issued) == before


def test_a_kill_while_the_ledger_is_swapped_leaves_the_old_one(
    issued: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    lose(issued)
    with monkeypatch.context() as patch:
        patch.setattr("invoices.rebuild.TABLES", (*TABLES, "no_such_table"))
        patch.setattr("invoices.rebuild._differing", lambda *_: ["INV-000001"])
        with pytest.raises(Exception, match="no_such_table"):
            rebuild(issued)
    assert ledger_of(issued)["document"] == []
    assert rebuild(issued).written is True


@pytest.mark.parametrize(
    ("name", "how", "told"),
    [
        ("a/INV-000002.json", lambda path: change(path, lambda data: data.update(net_amount="1.00")),
         "invoices/2024-09/a/INV-000002.json was changed after it was issued"),
        ("a/INV-000002.json", lambda path: path.write_bytes(path.read_bytes().replace(b"Kunde a AG", b"Kunde x AG")),
         "INV-000002.json was changed after it was issued: it does not have the SHA-256 that it states"),
        ("a/INV-000002.json", lambda path: path.write_bytes(path.read_bytes()[:200]),
         "INV-000002.json cannot be read as a document: JSONDecodeError"),
        ("a/INV-000002.json", lambda path: path.write_bytes(
            path.read_bytes().replace(b'"sequence_number": 2', b'"sequence_number": 7')),
         "INV-000002.json was changed after it was issued"),
        ("a/INV-000002.json", lambda path: path.rename(path.with_name("INV-000009.json")),
         "INV-000009.json says that it is INV-000002, which lies at invoices/2024-09/a/INV-000002.json"),
        ("a/INV-000002.json", lambda path: path.unlink(), "INV-000002: missing in series INV"),
        ("c/INV-000004.json", lambda path: path.unlink(),
         "invoices/2024-09/c/INV-000004.pdf belongs to no document whose JSON is there"),
        ("a/CN-000001.json", lambda path: path.unlink(),
         "invoices/2024-09/a/CN-000001.pdf belongs to no document whose JSON is there"),
        ("c/INV-000005.pdf", lambda path: path.write_bytes(b""),
         "invoices/2024-09/c/INV-000005.pdf belongs to no document whose JSON is there"),
    ],
)  # fmt: skip
def test_a_damaged_document_is_named_and_nothing_is_rebuilt(
    issued: Settings, name: str, how: Callable[[Path], object], told: str
) -> None:
    how(issued.published / "invoices/2024-09" / name)
    number = Path(name).stem
    assert [problem for problem in verify(issued).problems if number in problem]
    lose(issued)

    with pytest.raises(CspbillError) as refused:
        rebuild(issued)
    assert told in str(refused.value)
    assert ledger_of(issued)["document"] == []


@pytest.mark.parametrize(
    ("name", "how", "told"),
    [
        ("a/INV-000002.pdf", lambda path: path.write_bytes(b"%PDF"),
         "INV-000002: invoices/2024-09/a/INV-000002.pdf is not the file that was issued (SHA-256 differs)"),
        ("a/INV-000002.csv", lambda path: path.unlink(),
         "INV-000002: invoices/2024-09/a/INV-000002.csv is missing; `cspbill ledger publish` prints it again"),
        ("a/INV-000002-charges.parquet", lambda path: path.write_bytes(b"PAR1"),
         "INV-000002: its charges are lost, INV-000002-charges.parquet is not the file that was issued (SHA-256 "  # noqa: ISC004
         "differs); refunds, corrections, margins and explain of its months lack them"),
    ],
)  # fmt: skip
def test_a_damaged_file_beside_a_document_is_named_and_the_rest_is_rebuilt(
    issued: Settings, name: str, how: Callable[[Path], object], told: str
) -> None:
    how(issued.published / "invoices/2024-09" / name)
    assert [problem for problem in verify(issued).problems if name in problem]
    before = ledger_of(issued)
    lose(issued)
    result = rebuild(issued)

    assert result.problems == (told,)
    assert ledger_of(issued)["document"] == before["document"]


def test_the_book_that_billed_a_month_is_in_the_json_and_verified(issued: Settings) -> None:
    """Without it a correction could not rate an issued month by its own prices after a loss."""
    data = json.loads((issued.published / "invoices/2024-09/b/INV-000003.json").read_bytes())
    (asset,) = (issued.published / "assets").glob("*.book.json")
    book = hashlib.sha256(asset.read_bytes()).hexdigest()
    assert data["internal"]["books"] == [
        {"customer_id": "b", "billing_period": "2024-09-01", "book_sha256": book}
    ]
    name, billed = f"assets/{book}.book.json", "CN-000001, INV-000001, INV-000002, INV-000003, INV-000004"
    asset.write_bytes(b"{}")
    assert verify(issued).problems == (f"{name} is not the book that billed {billed}",)
    asset.unlink()
    assert verify(issued).problems == (f"{name} is missing: it billed {billed}",)
