"""One month of the demo, billed once by the command line, for every test to look at or to take a copy of."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import hostile
import pytest
from once import made_once, written_demo
from shop import Shop, Story


@pytest.fixture(scope="session")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """Build the story once, also when several pytest workers ask for it at the same time."""
    written = written_demo(tmp_path_factory)
    folder = made_once(tmp_path_factory, "endtoend", lambda new: _tell(new, written))
    return Story(Shop(folder / "shop"), **json.loads((folder / "told.json").read_text(encoding="utf-8")))


def _tell(folder: Path, written: Path) -> None:
    shop = Shop(folder / "shop")
    shutil.copytree(written, shop.root / "demo")  # what is there already is not written again
    shop.done("init", str(shop.root / "demo"), "--demo")
    for month in _months((shop.root / "demo" / "vendor-files"), "678"):  # September is story enough
        shutil.rmtree(month)
    _bill_from_september(shop.config / "reseller.yml")
    hostile.add(shop.root / "demo")
    told = {"run": shop.json("run"), "issue": shop.json("issue", "--period", "2024-09", status=1)}
    (folder / "told.json").write_text(json.dumps(told), encoding="utf-8")


def _bill_from_september(reseller: Path) -> None:
    text = reseller.read_text(encoding="utf-8")
    assert "billing_starts: 2024-06-01" in text
    reseller.write_text(
        text.replace("billing_starts: 2024-06-01", "billing_starts: 2024-09-01"), encoding="utf-8"
    )


def _months(vendor_files: Path, digits: str) -> list[Path]:
    """Return the folders of some months of 2024, each vendor's as it names them."""
    of_month = re.compile(rf"(.*=)?2024-0[{digits}]|20240[{digits}]01-\d+")
    return [path for path in vendor_files.rglob("*") if path.is_dir() and of_month.fullmatch(path.name)]
