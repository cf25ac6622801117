"""One month of the demo, billed once by the command line, for every test to look at or to take a copy of."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import hostile
import pytest
from shop import Shop, Story


@pytest.fixture(scope="session")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """Build the story once, also when several pytest workers ask for it at the same time."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "endtoend"
    folder.mkdir(exist_ok=True)
    told = folder / "told.json"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            told.write_text(json.dumps(_tell(Shop(folder / "shop"))), encoding="utf-8")
    return Story(Shop(folder / "shop"), **json.loads(told.read_text(encoding="utf-8")))


def _tell(shop: Shop) -> dict[str, Any]:
    shop.root.mkdir()
    shop.done("init", str(shop.root / "demo"), "--demo")
    for folder in _months((shop.root / "demo" / "vendor-files"), "678"):  # September is story enough
        shutil.rmtree(folder)
    _bill_from_september(shop.config / "reseller.yml")
    hostile.add(shop.root / "demo")
    return {"run": shop.json("run"), "issue": shop.json("issue", "--period", "2024-09", status=1)}


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
