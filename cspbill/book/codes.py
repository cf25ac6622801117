"""Codes that a config value may be: countries, currencies, and the VAT area of the European Union."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

_COUNTRIES = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT
BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH
ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT
HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS
LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI
NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG
SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG
UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""
_EU_VAT_AREA = """
AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MC MT NL PL PT RO SE SI SK
"""

#: ISO 3166-1 alpha-2.
COUNTRIES = frozenset(_COUNTRIES.split())

#: Member states, and Monaco, which is French territory for VAT (directive 2006/112/EC, article 7).
EU_VAT_AREA = frozenset(_EU_VAT_AREA.split())


#: Withdrawn from ISO 4217, all with two decimals, but alive in past months and in central banks' rate histories.
_WITHDRAWN = "ANG BGN CUC CYP EEK HRK LTL LVL MTL ROL SIT SKK SLL TRL ZWL"


@cache
def minor_units() -> Mapping[str, int]:
    """Return the decimals of every ISO 4217 currency that money is or was paid in (no metals, no test codes)."""
    from iso4217 import Currency

    withdrawn = dict.fromkeys(_WITHDRAWN.split(), 2)
    return withdrawn | {each.code: each.exponent for each in Currency if each.exponent is not None}


def is_vat_id(tax_id: str | None) -> bool:
    """Tell whether ``tax_id`` has the form of a VAT id of a member state, its prefix included."""
    from stdnum.eu import vat

    # XI (Northern Ireland) counts as a member state for goods only, never for services.
    return bool(tax_id) and not str(tax_id).upper().startswith("XI") and bool(vat.is_valid(tax_id))
