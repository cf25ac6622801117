"""The pages that are written from the code, and the links between pages."""

import re
import runpy

import pytest

from cspbill.settings import PROJECT_ROOT

PAGES = sorted([PROJECT_ROOT / "README.md", *(PROJECT_ROOT / "docs").rglob("*.md")])


def test_the_table_reference_says_what_the_models_say():
    generator = runpy.run_path(str(PROJECT_ROOT / "docs" / "generate_tables.py"))

    assert generator["PAGE"].read_text("utf-8") == generator["page"](), "run `make docs`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(PROJECT_ROOT).as_posix())
def test_every_link_of_a_page_leads_somewhere(page):
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text("utf-8"))

    assert [target for target in targets if not (page.parent / target).exists()] == []
