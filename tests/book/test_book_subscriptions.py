"""What `cspbill check` refuses of own products and their subscriptions: each case would bill something else."""

# ruff: noqa: E501 - a table of cases reads better with whole lines

import pytest

from cspbill.book import read_book

PRODUCTS = """\
product_id,name,charge_type,interval,term_months,cancel_window_days,cancellable_anytime,unit_price,currency
seat,Seat,recurring,month,12,7,,10,EUR
loose,Loose,recurring,month,12,,true,10,EUR
plain,Plain,recurring,month,,,,10,EUR
setup,Setup,one_off,,,,,100,EUR
"""
EVENTS = "subscription_id,customer_id,product_id,effective_date,event,quantity,unit_price\n"
START = "s,acme,seat,2024-01-31,start,10,\n"


def events(*rows: str, product: str = "seat") -> dict[str, str]:
    start = START.replace("seat", product)
    text = EVENTS + start + "".join(f"s,acme,{product},{row}\n" for row in rows)
    return {"products.csv": PRODUCTS, "subscriptions.csv": text}


REFUSED = [
    ("a one-off item that changes", events("2024-03-01,change,5,", product="setup"),
     "subscriptions.csv:3: event: 'change' of a one_off product, which is bought once; allowed: a new subscription_id"),
    ("a one-off item that is cancelled", events("2024-03-01,cancel,,", product="setup"),
     "subscriptions.csv:3: event: 'cancel' of a one_off product, which is bought once; allowed: a new subscription_id"),
    ("fewer units inside the term", events("2024-02-08,change,9,"),
     ("subscriptions.csv:3: quantity: 9 is less than the 10 units that are bound to the term; allowed: before 2024-02-08 "
     "(cancel_window_days), from the term's end on 2025-01-31, or a product that is cancellable_anytime")),
    ("fewer units than were added", events("2024-03-01,change,20,", "2024-04-01,change,12,"),
     ("subscriptions.csv:4: quantity: 12 is less than the 20 units that are bound to the term; allowed: before 2024-02-08 "
     "(cancel_window_days), from the term's end on 2025-01-31, or a product that is cancellable_anytime")),
    ("fewer units inside the renewed term", events("2025-01-31,renew,,", "2025-02-08,change,1,"),
     ("subscriptions.csv:4: quantity: 1 is less than the 10 units that are bound to the term; allowed: before 2025-02-08 "
     "(cancel_window_days), from the term's end on 2026-01-31, or a product that is cancellable_anytime")),
    ("a renewal before the term's end", events("2025-01-30,renew,,"),
     "subscriptions.csv:3: effective_date: '2025-01-30' lies in the term from 2024-01-31; allowed: from its end on, 2025-01-31"),
    ("a renewal without a term", events("2025-01-31,renew,,", product="plain"),
     "subscriptions.csv:3: event: 'renew' of product 'plain', which has no term_months; allowed: change, cancel"),
    ("a change of nothing", events("2024-02-01,change,,"),
     "subscriptions.csv:3: event: 'change' changes nothing; allowed: with a quantity or a unit_price"),
    ("a cancel of some units", events("2024-02-01,cancel,5,"),
     "subscriptions.csv:3: quantity: has no effect on a cancel; allowed: blank"),
    ("a term of a one-off item", {"products.csv": PRODUCTS.replace("one_off,,,,", "one_off,,12,,")},
     "products.csv:5: term_months: has no effect on a one_off product; allowed: blank"),
    ("a window without a term", {"products.csv": PRODUCTS.replace("month,,,,", "month,,7,,")},
     "products.csv:4: cancel_window_days: has no effect without term_months; allowed: blank"),
    ("a source called own", {"reseller.yml": "legal_name: R\ncountry: DE\nbase_currency: EUR\nsources:\n  - {name: Own, kind: focus_files, path: files}\n"},
     "reseller.yml:5: name: 'Own' stands for the reseller's own products; allowed: another name"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("files", "expected"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_what_would_not_be_billed_as_written_is_refused(problems, files, expected):
    assert expected in problems(files)


ALLOWED = [
    ("fewer units on the window's last day", events("2024-02-07,change,9,")),
    ("more units, then a lower price", events("2024-03-01,change,20,", "2024-04-01,change,,8")),
    ("a renewal on the term's last day after, with fewer units", events("2025-01-31,renew,5,")),
    ("fewer units after the term", events("2025-01-31,change,9,")),
    ("fewer units where every day is free", events("2024-06-01,change,1,", product="loose")),
    ("fewer units without a term", events("2024-06-01,change,1,", product="plain")),
    ("a cancel inside the term", events("2024-06-01,cancel,,")),
]


@pytest.mark.parametrize("files", [case[1] for case in ALLOWED], ids=[case[0] for case in ALLOWED])
def test_what_a_term_allows_is_accepted(write, files):
    assert read_book(write(files)).count("subscriptions") > 1


def test_a_subscription_spelt_in_two_ways_is_one(write):
    files = events("2024-03-01,change,20,")
    files["subscriptions.csv"] = files["subscriptions.csv"].replace(
        "\ns,acme,seat,2024-03", "\nS,acme,seat,2024-03"
    )
    stored = read_book(write(files)).tables["subscriptions"]
    assert [row["subscription_id"] for row in stored] == ["s", "s"]


def test_a_customer_with_subscriptions_only_gets_no_hint_about_accounts(write):
    customers = "customer_id,legal_name,country,currency\nacme,A,DE,EUR\nbolt,B,GB,GBP\nnew,N,DE,EUR\n"
    files = {**events(), "customers.csv": customers}
    files["subscriptions.csv"] = files["subscriptions.csv"].replace("acme", "new")
    warnings = [str(warning) for warning in read_book(write(files)).warnings]
    assert not [warning for warning in warnings if "'new'" in warning]
