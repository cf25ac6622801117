"""Values that nothing acts on are refused, and only those."""

import pytest

from cspbill.book import read_book

CASES = [
    ("discounts.csv", "discount_id,kind,percent,max_amount\nd,line,10,100\n",
     "discounts.csv:2: max_amount: has no effect on a line discount; allowed: blank"),
    ("discounts.csv", "discount_id,kind,percent,min_tenure_months\nd,volume,10,12\n",
     "discounts.csv:2: min_tenure_months: has no effect on a volume discount; allowed: blank"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "content", "expected"), CASES, ids=[case[2].partition(" has no")[0] for case in CASES]
)
def test_a_value_without_effect_is_refused(problems, file, content, expected):
    assert expected in problems({file: content})


def test_values_that_mean_what_happens_anyway_are_accepted(write):
    files = {"discounts.csv": "discount_id,kind,percent,discount_group\nd,line,10,g\n"}
    assert read_book(write(files)).count("discounts") == 1
