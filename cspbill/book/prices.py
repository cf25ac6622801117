"""Checks of price rules, tiers and discounts: complete for their model, and never ambiguous."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from cspbill.book.model import Draft, Row
from cspbill.book.periods import overlapping, words
from cspbill.book.schema import TIERED_MODELS
from cspbill.errors import Problem

RULES, TIERS, DISCOUNTS = "price_rules.csv", "price_tiers.csv", "discounts.csv"

#: Selectors from the most to the least telling (R4.1); each outweighs all that follow it.
RULE_SELECTORS = ("sku", "service", "publisher", "vendor", "region", "charge_category")
CATEGORY_SELECTORS = ("sku", "service", "vendor")

#: By model: the columns that it needs, and those that it may also use.
MODEL_COLUMNS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "cost_plus": (frozenset({"percent", "basis"}), frozenset()),
    "list_minus": (frozenset({"percent"}), frozenset({"basis"})),
    "unit_price": (frozenset({"unit_price", "unit"}), frozenset({"included_quantity"})),
    "graduated": (frozenset({"unit"}), frozenset()),
    "volume": (frozenset({"unit"}), frozenset()),
    "package": (frozenset({"unit_price", "unit", "package_size"}), frozenset({"included_quantity"})),
    "flat": (frozenset({"unit_price"}), frozenset()),
}
PRICING_COLUMNS = ("basis", "percent", "unit_price", "unit", "included_quantity", "package_size")


def specificity(row: Row, selectors: Sequence[str]) -> int:
    """Return how specific a row's selectors are: the higher number wins."""
    given = (row.values.get(name) is not None for name in selectors)
    return sum(
        2**place for place, is_given in zip(range(len(selectors) - 1, -1, -1), given, strict=True) if is_given
    )


def model_columns(draft: Draft) -> Iterator[Problem]:
    """Refuse rules that lack what their model needs, or state what it does not use."""
    for row in draft.whole("price_rules"):
        model = str(row.values["model"])
        needed, optional = MODEL_COLUMNS[model]
        uses = ", ".join(name for name in PRICING_COLUMNS if name in needed | optional)
        for name in PRICING_COLUMNS:
            given = row.values.get(name) is not None
            if name in needed and not given:
                yield Problem(
                    RULES, row.line, name, f"blank, but model {model} needs it; {model} uses: {uses}"
                )
            elif given and name not in needed | optional:
                yield Problem(
                    RULES,
                    row.line,
                    name,
                    f"has no effect on model {model}; allowed: blank; {model} uses: {uses}",
                )


def model_values(draft: Draft) -> Iterator[Problem]:
    """Refuse values that contradict their rule's model, or each other."""
    for row in draft.whole("price_rules"):
        values = row.values
        if values["model"] == "list_minus":
            if values.get("basis") not in {None, "list"}:
                yield Problem(
                    RULES, row.line, "basis", f"'{values['basis']}' with model list_minus; allowed: list"
                )
            if isinstance(percent := values.get("percent"), Decimal) and not 0 <= percent <= 100:
                yield Problem(RULES, row.line, "percent", f"'{percent}' is out of bounds; allowed: 0 to 100")
        least, most = values.get("minimum"), values.get("maximum")
        if isinstance(least, Decimal) and isinstance(most, Decimal) and least > most:
            yield Problem(
                RULES,
                row.line,
                "maximum",
                f"'{most}' is below minimum {least}; allowed: at least the minimum",
            )


def ties(draft: Draft) -> Iterator[Problem]:
    """Refuse rules of one book between which R4.1 cannot decide on some day.

    Equally specific rules give the same selectors, so both match a charge only when the selectors are equal.
    """
    rows = draft.whole("price_rules")
    names = ("price_book", "priority", *RULE_SELECTORS)
    for row, other in overlapping(rows, lambda each: tuple(map(each.text, names))):
        given = [f"{name} {row.values[name]}" for name in RULE_SELECTORS if row.values.get(name)]
        yield Problem(
            RULES,
            row.line,
            "rule_id",
            f"rule '{row.values['rule_id']}' {words(row)} ties with rule '{other.values['rule_id']}' "
            f"{words(other)} of line {other.line}: same selectors ({', '.join(given) or 'none'}) and "
            f"priority {row.values['priority']}; allowed: another priority, more selectors, or other periods",
        )


def tax_category_ties(draft: Draft) -> Iterator[Problem]:
    """Refuse two tax categories for the same charges."""
    rows = draft.whole("tax_categories")
    for row, other in overlapping(rows, lambda each: tuple(map(each.text, CATEGORY_SELECTORS))):
        yield Problem(
            "tax_categories.csv",
            row.line,
            "tax_category",
            f"'{row.values['tax_category']}' for the same vendor, service and sku as line {other.line}; "
            "allowed: one tax_category for them",
        )


def tiers(draft: Draft) -> Iterator[Problem]:
    """Refuse tiers that do not ascend to an open end, and models whose tiers are missing or unused."""
    by_rule: dict[str, list[Row]] = defaultdict(list)
    for row in draft.whole("price_tiers"):
        by_rule[row.text("rule_id")].append(row)
    for rows in by_rule.values():
        yield from _tiers_of_rule(rows)
    for rule in draft.whole("price_rules"):
        tiered, found = rule.values["model"] in TIERED_MODELS, by_rule.get(rule.text("rule_id"))
        if tiered and not found and "price_tiers" not in draft.unreadable:
            yield Problem(
                RULES,
                rule.line,
                "model",
                f"rule '{rule.values['rule_id']}' has no tiers; allowed: rows in {TIERS}",
            )
        if found and not tiered:
            yield Problem(
                TIERS,
                found[0].line,
                "rule_id",
                f"rule '{rule.values['rule_id']}' has model {rule.values['model']}; "
                f"allowed: tiers of {' and '.join(TIERED_MODELS)} rules",
            )


def _tiers_of_rule(rows: list[Row]) -> Iterator[Problem]:
    bounds = [row.values.get("up_to") for row in rows]
    for row, bound, following in zip(rows, bounds, [*bounds[1:], None], strict=True):
        is_last = row is rows[-1]
        if bound is None and not is_last:
            yield Problem(
                TIERS, row.line, "up_to", "blank before the rule's last tier; allowed: blank in the last only"
            )
        elif bound is not None and is_last:
            yield Problem(
                TIERS, row.line, "up_to", f"'{bound}' in the rule's last tier; allowed: blank (open)"
            )
        elif isinstance(bound, Decimal) and isinstance(following, Decimal) and following <= bound:
            after = rows[rows.index(row) + 1]
            yield Problem(
                TIERS, after.line, "up_to", f"'{following}' follows '{bound}'; allowed: ascending bounds"
            )


#: By column of discounts.csv: the kinds on which it has an effect. The other terms work on every kind.
DISCOUNT_TERMS: Mapping[str, frozenset[str]] = {
    "min_services": frozenset({"bundle"}),
    "min_spend_scope": frozenset({"bundle"}),
    "min_spend": frozenset({"bundle", "volume", "relationship", "promotion"}),
    "min_tenure_months": frozenset({"relationship"}),
    "max_amount": frozenset({"bundle", "volume", "relationship", "promotion"}),
    "max_periods": frozenset({"bundle", "volume", "relationship", "promotion"}),
}


def discount_terms(draft: Draft) -> Iterator[Problem]:
    """Refuse terms that have no effect on the discount's kind."""
    for row in draft.whole("discounts"):
        kind = str(row.values["kind"])
        for name, kinds in DISCOUNT_TERMS.items():
            if row.values.get(name) is not None and kind not in kinds:
                yield Problem(
                    DISCOUNTS, row.line, name, f"has no effect on a {kind} discount; allowed: blank"
                )


def discount_owners(draft: Draft) -> Iterator[Problem]:
    """Refuse a discount on a contract that is another customer's."""
    owners = {row.text("contract_id"): row for row in draft.whole("contracts")}
    for row in draft.whole("discounts"):
        contract = owners.get(row.text("contract_id"))
        if contract and row.text("customer_id") and contract.text("customer_id") != row.text("customer_id"):
            yield Problem(
                DISCOUNTS,
                row.line,
                "contract_id",
                f"'{row.values['contract_id']}' is a contract of '{contract.values['customer_id']}'; "
                f"allowed: contracts of '{row.values['customer_id']}', or a blank customer_id",
            )
