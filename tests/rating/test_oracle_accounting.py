"""Every binding case is rated by some test here, or listed by name with the reason why nothing here answers it."""

from __future__ import annotations

import re
from collections import Counter

import test_oracle_commitments
import test_oracle_costs
import test_oracle_documents
import test_oracle_prices
import test_oracle_subscriptions
import yaml
from oracle_cases import COPY, adopted_tags, all_cases, binding_cases, reasons

MODULES = (
    test_oracle_prices,
    test_oracle_documents,
    test_oracle_costs,
    test_oracle_commitments,
    test_oracle_subscriptions,
)
TESTED = Counter(case["id"] for module in MODULES for case in module.CASES)


def test_every_binding_case_is_tested_once_or_listed_with_its_reason():
    missing = sorted(set(binding_cases()) - set(TESTED) - set(reasons()))
    assert missing == []
    assert [name for name, times in TESTED.items() if times > 1] == []


def test_no_listed_case_is_stale():
    unknown = sorted(set(reasons()) - set(binding_cases()))
    tested_all_the_same = sorted(set(reasons()) & set(TESTED))
    assert (unknown, tested_all_the_same) == ([], [])


def test_the_adopted_conventions_are_defined():
    known = yaml.safe_load((COPY / "conventions.yaml").read_text("utf-8"))["tags"]
    assert adopted_tags() - set(known) == set()
    used = {tag for case in all_cases().values() for tag in case["convention"]["depends_on"]}
    assert used - set(known) == set()


def test_the_readme_counts_the_cases_as_they_are():
    text = (COPY / "README.md").read_text("utf-8")
    found = re.search(r"Of (\d+) cases (\d+) bind; (\d+) are rated .*? and (\d+) are listed", text, re.DOTALL)
    assert found
    counts = (len(all_cases()), len(binding_cases()), len(TESTED), len(reasons()))
    assert tuple(map(int, found.groups())) == counts
