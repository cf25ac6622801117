"""Writes what follows from the declared schema: ``python -m cspbill.book``."""

from cspbill.book.ddl import ddl
from cspbill.book.reference import reference
from cspbill.settings import PROJECT_ROOT

GENERATED = {"cspbill/schema/config.sql": ddl, "docs/reference/config.md": reference}

if __name__ == "__main__":
    for path, text in GENERATED.items():
        (PROJECT_ROOT / path).write_text(text(), encoding="utf-8")
