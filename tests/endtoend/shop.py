"""A reseller's folder, and what a test asks of it."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from cspbill import warehouse
from cspbill.cli import main
from cspbill.settings import Settings

TODAY = "2024-10-14"


@dataclass(frozen=True)
class Shop:
    """A reseller's folder, and the command line that works in it."""

    root: Path

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def config(self) -> Path:
        return self.root / "demo" / "config"

    @property
    def environment(self) -> dict[str, str]:
        return {
            "CSPBILL_HOME": str(self.home),
            "CSPBILL_CONFIG": str(self.config),
            "CSPBILL_TODAY": TODAY,
            "COLUMNS": "200",
        }

    def answer(self, *arguments: str) -> Result:
        """Run a command as a user types it."""
        return CliRunner().invoke(main, arguments, env=self.environment)

    def done(self, *arguments: str, status: int = 0) -> str:
        """Run a command that must end with this status; returns what it printed."""
        result = self.answer(*arguments)
        assert result.exit_code == status, f"{arguments}: {result.output}\n{result.exception!r}"
        return result.stdout

    def json(self, *arguments: str, status: int = 0) -> Any:
        return json.loads(self.done(*arguments, "--json", status=status))

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        settings = Settings(self.home, self.config, dt.date.fromisoformat(TODAY))
        with warehouse.connect(settings) as connection:
            return connection.execute(sql).fetchall()

    def files(self, *below: str) -> dict[str, str]:
        """SHA-256 of every file below a folder of the home, by its path."""
        folder = self.home.joinpath(*below)
        return {
            str(path.relative_to(self.home)): sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*"))
            if path.is_file() and not path.is_symlink()
        }

    def ledger(self) -> dict[str, list[tuple[Any, ...]]]:
        tables = ("document", "document_line", "document_tax", "rated_charge", "void")
        return {table: self.rows(f"from ledger.{table} order by all") for table in tables}

    def document(self, number: str, suffix: str, customer: str) -> Path:
        return self.home / "published" / "invoices" / "2024-09" / customer / f"{number}{suffix}"

    def copied_to(self, root: Path) -> Shop:
        """The same shop elsewhere, to be changed."""
        shutil.copytree(self.root, root, symlinks=True)
        return Shop(root)


@dataclass(frozen=True)
class Story:
    """The shop after its first run and its first issue, and what these two printed."""

    shop: Shop
    run: dict[str, Any]
    issue: dict[str, Any]
