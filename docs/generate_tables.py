"""Write docs/reference/tables.md from dbt's own descriptions: what readers find in a snapshot.

Run by `make docs`; a test keeps the page in step with the models.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "reference" / "tables.md"
FOLDERS = ("publish", "marts/billing", "marts/finance", "marts/forecast", "marts/accounting", "marts/shared")
HEAD = """# Tables

Written from the dbt project by `make docs`. These are the tables of a published snapshot (schema `marts`) and of the
Parquet folder beside it. Names beginning with `pub_` are contracts: they change only under a new version.
Money is DECIMAL, days are DATE, every amount has its currency beside it.
"""


def page() -> str:
    """Return the whole page as Markdown."""
    return HEAD + "".join(_section(model) for folder in FOLDERS for model in _models(folder))


def _models(folder: str) -> list[dict[str, Any]]:
    files = sorted((ROOT / "dbt_project" / "models" / folder).glob("_*models.yml"))
    return [model for path in files for model in yaml.safe_load(path.read_text("utf-8"))["models"]]


def _section(model: dict[str, Any]) -> str:
    rows = "".join(f"| `{column['name']}` | {column['description']} |\n" for column in model["columns"])
    return f"\n## {model['name']}\n\n{model['description']}\n\n| column | meaning |\n|---|---|\n{rows}"


if __name__ == "__main__":
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(), "utf-8")
    print(f"Wrote {PAGE.relative_to(ROOT)}")
