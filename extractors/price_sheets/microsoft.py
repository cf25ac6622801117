"""Microsoft: Partner Center's price sheets (API or downloaded), and Cost Management's price sheet exports.

Which sheet a file is, its columns tell. SKU ids are those that usage carries: ``ProductId:SkuId`` in reconciliation,
the meter id in daily usage, product, part number or meter in Cost Management; a row is offered under each of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from cspbill.errors import CspbillError, InputError, Problem
from extractors.connections import airflow_connection
from extractors.names import shown
from extractors.price_sheets import downloads
from extractors.price_sheets.sheets import Columns, Sheet, csv_header, csv_rows, literal, look

VENDOR = "Microsoft"
API = "https://api.partner.microsoft.com"
LOGIN = "https://login.microsoftonline.com"
VIEWS = ("updatedlicensebased", "azure_consumption", "marketplace", "software")
SEGMENT = "Commercial"


@dataclass(frozen=True)
class Order:
    """What to ask Partner Center for. ``month``: first day of the sheet's month; None = the current prices."""

    market: str
    view: str
    connection: str
    month: dt.date | None = None
    segment: str = SEGMENT
    api_url: str = API
    login_url: str = LOGIN


def fetch(folder: Path, order: Order, today: dt.date) -> Sheet:
    """Download a price sheet into ``folder``. App+User only: the refresh token stands in the Airflow connection."""
    what = f"microsoft {order.view} {order.market}"
    token = _token(order, what)
    address = (
        f"{order.api_url.rstrip('/')}/v1.0/sales/pricesheets"
        f"(Market='{order.market}',PricesheetView='{order.view}')/$value{_timeline(order.month, today)}"
    )
    headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "deflate"}
    path = downloads.download(address, folder / f"{order.view}.csv", what=what, headers=headers)
    return read(path, today, month=order.month, segment=order.segment, shown_as=what)


def _timeline(month: dt.date | None, today: dt.date) -> str:
    if month is None or month == today.replace(day=1):
        return "?timeline=current"
    return "?timeline=future" if month > today else f"?timeline=history&month={month:%Y%m}"


def _token(order: Order, what: str) -> str:
    """Redeem the refresh token. Microsoft's answer may name the account, so only its error code is shown."""
    secret = airflow_connection(order.connection)
    tenant, refresh = secret.extra.get("tenant_id", ""), secret.extra.get("refresh_token", "")
    missing = [
        name
        for name, value in (("login (client id)", secret.login), ("password (client secret)", secret.password),
                            ("extra tenant_id", tenant), ("extra refresh_token", refresh))
        if not value
    ]  # fmt: skip
    if missing:
        raise InputError(f"connection {order.connection!r} lacks {', '.join(missing)}")
    form = {
        "grant_type": "refresh_token",
        "client_id": secret.login,
        "client_secret": secret.password,
        "refresh_token": refresh,
        "scope": f"{API}/.default",
    }
    url = f"{order.login_url.rstrip('/')}/{tenant}/oauth2/v2.0/token"
    status, answer = downloads.post_form(url, form, what=f"{what}: token")
    token = answer.get("access_token") if isinstance(answer, dict) else None
    if status != 200 or not isinstance(token, str):
        code = shown(str(answer.get("error", "")), 40) if isinstance(answer, dict) else ""
        raise CspbillError(
            f"{what}: Microsoft Entra refuses the refresh token of connection {order.connection!r} "
            f"(HTTP {status} {code}); it lasts 90 days: sign in again as a user with the Admin or Sales agent role "
            "and put the new one into the connection"
        )
    return token


@dataclass(frozen=True)
class _Kind:
    """A kind of sheet: the columns that it must have, those that tell it, and its SQL."""

    about: str
    needed: tuple[str | tuple[str, ...], ...]
    telling: tuple[str, ...]
    offers: Callable[[Columns, str, str], str]
    called: tuple[tuple[str, str], ...]
    view: str


def read(
    path: Path,
    today: dt.date,
    *,
    month: dt.date | None = None,
    segment: str = SEGMENT,
    currency: str | None = None,
    shown_as: str | None = None,
) -> Sheet:
    """Describe a sheet on disk. ``currency`` is for legacy licence sheets, which do not state theirs."""
    file, header = shown_as or path.name, csv_header(path)
    columns = Columns(file, header)
    kind = _kind_of(columns)
    columns.require(kind.about, *kind.needed)
    if kind.view == LEGACY and not currency:
        raise InputError(
            f"{file}: a legacy licence sheet does not state its currency; name it: --currency EUR"
        )
    rows = csv_rows(path, header)
    mark = currency.upper() if currency else segment
    of = currency.upper() if kind.view == LEGACY and currency else _one(columns, rows, file)
    name = " ".join(filter(None, ("microsoft", kind.view, of, segment if segment != SEGMENT else "")))
    as_of, until = _window(month, today)
    called = {ours: columns.called(theirs) for ours, theirs in kind.called}
    return Sheet(
        name,
        VENDOR,
        file,
        kind.offers(columns, rows, mark),
        as_of,
        until,
        states_start=month is None,
        called=called,
    )


def _window(month: dt.date | None, today: dt.date) -> tuple[dt.date, dt.date | None]:
    if month is None:
        return today, None
    following = (month + dt.timedelta(days=32)).replace(day=1)
    return month, following if following <= today else None


def _kind_of(columns: Columns) -> _Kind:
    scores = [(sum(columns.has(name) for name in kind.telling), kind) for kind in _KINDS]
    most = max(score for score, _ in scores)
    if most == 0:
        known = "; ".join(f"{kind.about} ({', '.join(kind.telling)})" for kind in _KINDS)
        raise InputError(
            [Problem(columns.file, 1, "", f"not a price sheet by its columns; allowed: {known}")]
        )
    return next(kind for score, kind in scores if score == most)


def _one(columns: Columns, rows: str, file: str) -> str:
    """Return the market (or billing profile, enrollment) that the whole sheet is for."""
    name = columns.called("Market", "BillingProfileId", "EnrollmentNumber")
    if not columns.has(name):
        return ""
    try:
        found = look(f"select distinct {columns.sql(name)} from {rows} limit 3")
    except duckdb.Error as error:
        raise InputError(f"{file}: not readable as CSV ({shown(str(error).splitlines()[0], 200)})") from None
    values = sorted(str(value) for (value,) in found if value)
    if len(values) > 1:
        raise InputError(
            f"{file}: {name} has more than one value ({', '.join(values)} …); allowed: one sheet per file"
        )
    return values[0] if values else ""


def _select(rows: str, where: str, **columns: str) -> str:
    listed = ", ".join(f"{value} as {name}" for name, value in columns.items())
    return f"select row, {listed} from {rows} where {where}"


def _product_sku(columns: Columns) -> str:
    """ProductId:SkuId; a spreadsheet that was saved as CSV has lost the zeros at the start of 0001."""
    product, sku = columns.sql("ProductId"), columns.sql("SkuId")
    return f"{product} || ':' || lpad({sku}, cast(greatest(4, length({sku})) as integer), '0')"


def licence_unit(term: str, plan: str) -> str:
    """SQL for the unit of a licence price: it depends on the term and on how often it is billed."""
    return f"concat_ws(' ', 'Licenses', {term}, {plan})"


def _licences(columns: Columns, rows: str, segment: str) -> str:
    sql = columns.sql
    wanted = f"lower(coalesce({sql('Segment')}, {literal(segment)})) = lower({literal(segment)})"
    return _select(
        rows,
        wanted,
        service=sql("ProductTitle"),
        sku=_product_sku(columns),
        region="null",
        unit=f"coalesce({sql('UnitOfMeasure')}, {licence_unit(sql('TermDuration'), sql('BillingPlan'))})",
        currency=sql("Currency"),
        list_price=sql("ERP Price"),
        cost_price=sql("UnitPrice"),
        per="null",
        tier_start=sql("PricingTierRangeMin"),
        valid_from=sql("EffectiveStartDate"),
        valid_to=sql("EffectiveEndDate"),
        description=f"concat_ws(', ', {sql('SkuTitle')}, {sql('TermDuration')}, {sql('BillingPlan')})",
    )


def _consumption(columns: Columns, rows: str, _: str) -> str:
    """Retail prices; what partner earned credit takes off is not in the sheet, so there is no cost price."""
    sql = columns.sql
    found = f"regexp_split_to_array(coalesce({sql('MeterIds', 'MeterId')}, ''), '[;,]')"
    meters = f"list_transform({found}, x -> trim(x))"
    skus = f"list_distinct(list_filter([{_product_sku(columns)}] || {meters}, x -> x <> ''))"
    reserved = f"regexp_matches(upper(coalesce({sql('TermDuration')}, '')), '^P[0-9]+[MY]')"
    return _select(
        rows,
        f"not {reserved}",
        service=sql("ProductTitle"),
        sku=f"unnest({skus})",
        region="null",
        unit=sql("UnitOfMeasure"),
        currency=sql("Currency"),
        list_price=sql("UnitPrice"),
        cost_price="null",
        per="null",
        tier_start=sql("PricingTierRangeMin"),
        valid_from=sql("EffectiveStartDate"),
        valid_to=sql("EffectiveEndDate"),
        description=sql("SkuTitle"),
    )


def _legacy(columns: Columns, rows: str, currency: str) -> str:
    sql = columns.sql
    return _select(
        rows,
        f"coalesce(upper({sql('A/C/D/U')}), '') not like 'D%'",
        service=sql("Offer Display Name"),
        sku=sql("Offer ID"),
        region="null",
        unit=sql("Purchase Unit"),
        currency=literal(currency),
        list_price=sql("ERP Price"),
        cost_price=sql("List Price"),
        per="null",
        tier_start="null",
        valid_from=sql("Valid From Date", "Valid-From Date"),
        valid_to=sql("Valid To Date"),
        description=f"concat_ws(', ', {sql('Offer Display Name')}, {sql('License Agreement Type')})",
    )


def _cost_management(columns: Columns, rows: str, _: str) -> str:
    """Consumption only, and not the developer/test offers: they share meters with the others at other prices.

    Usage names a product with its SKU in one (DZH318Z0BQ4L00TG), a part number, or the meter, whichever it has.
    """
    sql = columns.sql
    product, part = sql("ProductId"), f"regexp_replace({sql('SkuId')}, '^.*/', '')"
    whole = f"case when length({product}) > 12 then {product} else {product} || {part} end"
    skus = f"[{whole}, {sql('PartNumber')}, {sql('MeterId')}]"
    return _select(
        rows,
        f"lower({sql('PriceType')}) = 'consumption' and coalesce({sql('OfferID')}, '') <> 'MS-AZR-0148P' "
        f"and coalesce({sql('ProductOrderName')}, '') not ilike '%devtest%'",
        service=sql("MeterCategory"),
        sku=f"unnest(list_distinct(list_filter({skus}, x -> x is not null)))",
        region="null",
        unit=sql("UnitOfMeasure"),
        currency=sql("Currency", "CurrencyCode"),
        list_price=sql("MarketPrice"),
        cost_price=sql("UnitPrice"),
        per="null",
        tier_start=sql("TierMinimumUnits"),
        valid_from=sql("EffectiveStartDate"),
        valid_to=sql("EffectiveEndDate"),
        description=f"concat_ws(', ', {sql('Product')}, {sql('MeterRegion')})",
    )


LEGACY = "legacy licences"
_PARTNER = (
    "ProductTitle", "ProductId", "SkuId", "SkuTitle", "UnitOfMeasure", "TermDuration", "Market", "Currency",
    "UnitPrice", "EffectiveStartDate", "EffectiveEndDate",
)  # fmt: skip
_CALLED = (
    ("sku", "SkuId"), ("unit", "UnitOfMeasure"), ("currency", "Currency"), ("tier_start", "PricingTierRangeMin"),
    ("valid_from", "EffectiveStartDate"), ("valid_to", "EffectiveEndDate"),
)  # fmt: skip
_KINDS = (
    _Kind(
        "a licence price sheet", (*_PARTNER, "BillingPlan", "ERP Price"), ("BillingPlan", "ERP Price", "SkuTitle"),
        _licences, (*_CALLED, ("list_price", "ERP Price"), ("cost_price", "UnitPrice")), "updatedlicensebased",
    ),
    _Kind(
        "an Azure plan consumption sheet", (*_PARTNER, ("MeterIds", "MeterId")),
        ("MeterIds", "MeterType", "SkuTitle"),
        _consumption, (*_CALLED, ("list_price", "UnitPrice")), "azure_consumption",
    ),
    _Kind(
        "a Cost Management price sheet",
        ("MeterId", "MeterCategory", "UnitOfMeasure", "UnitPrice", "MarketPrice", ("Currency", "CurrencyCode"),
         "PriceType", "EffectiveStartDate", "EffectiveEndDate"),
        ("MeterCategory", "MarketPrice", "PriceType", "BasePrice"), _cost_management,
        (*_CALLED, ("list_price", "MarketPrice"), ("cost_price", "UnitPrice")), "price sheet",
    ),
    _Kind(
        "a legacy licence price sheet",
        ("Offer Display Name", "Offer ID", "Purchase Unit", "List Price", "ERP Price",
         ("Valid From Date", "Valid-From Date"), "Valid To Date"),
        ("Offer ID", "Offer Display Name", "Purchase Unit", "List Price"), _legacy,
        (("sku", "Offer ID"), ("unit", "Purchase Unit"), ("list_price", "ERP Price"), ("cost_price", "List Price"),
         ("valid_from", "Valid From Date"), ("valid_to", "Valid To Date")), LEGACY,
    ),
)  # fmt: skip
