// Money is a BigInt of 10^-12 of the currency: sums are exact, and a figure is rounded once, when it is shown.
const DECIMALS = 12;
const ONE = 10n ** BigInt(DECIMALS);
const MINUS = "\u2212";
const NONE = "\u2013";
const format = {
  locale: "en",
  base: "",
  minorUnits: {},
  whole: null,
  compact: null,
  percent: null,
  point: ".",
  months: "en",
  days: "en-GB",
};
/** What the page's parts say; a page in another language replaces them. */
const words = {
  search: "Search",
  download: "Download all rows that match the search",
  row: "row",
  rows: "rows",
  nothing: "Nothing here.",
  table: "Table",
};

function setUpFormat(about) {
  format.locale = knownLocale((about.locale || "en").replace("_", "-"));
  format.base = about.base_currency || "";
  format.minorUnits = about.minor_units;
  const latin = { numberingSystem: "latn" };
  format.whole = new Intl.NumberFormat(format.locale, latin);
  format.compact = new Intl.NumberFormat(format.locale, {
    ...latin,
    notation: "compact",
    maximumFractionDigits: 1,
  });
  format.percent = new Intl.NumberFormat(format.locale, {
    ...latin,
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  });
  format.point = format.percent.formatToParts(1.5).find((part) => part.type === "decimal").value;
}

function knownLocale(name) {
  try {
    return Intl.NumberFormat.supportedLocalesOf(name).length ? name : "en";
  } catch {
    return "en";
  }
}

function minorUnits(currency) {
  return format.minorUnits[currency] ?? 2;
}

/** Divide, half away from zero: the one rounding rule of the invoices too. */
function divideRounded(value, divisor) {
  const size = value < 0n ? -value : value;
  const rounded = (2n * size + divisor) / (2n * divisor);
  return value < 0n ? -rounded : rounded;
}

/** Write an amount to the cent, in the reseller's locale. */
function money(value, currency = format.base) {
  const digits = minorUnits(currency);
  const cents = divideRounded(value, 10n ** BigInt(DECIMALS - digits));
  const size = cents < 0n ? -cents : cents;
  const unit = 10n ** BigInt(digits);
  const fraction = digits ? format.point + String(size % unit).padStart(digits, "0") : "";
  return (cents < 0n ? MINUS : "") + format.whole.format(size / unit) + fraction;
}

/** Write an amount with every digit that it has and a decimal point, for machines. */
function exact(value, currency = format.base) {
  const text = String(value < 0n ? -value : value).padStart(DECIMALS + 1, "0");
  let fraction = text.slice(-DECIMALS);
  while (fraction.length > minorUnits(currency) && fraction.endsWith("0")) fraction = fraction.slice(0, -1);
  return (value < 0n ? "-" : "") + text.slice(0, -DECIMALS) + (fraction && `.${fraction}`);
}

/** Approximate: for lengths and axes only, never for a figure that is read or added. */
function approximate(value) {
  return Number(value / 1000000n) / 1e6;
}

/** Share of two amounts in tenths of a percent, or null where a share says nothing. */
function tenths(part, whole) {
  return whole > 0n ? Number(divideRounded(part * 1000n, whole)) : null;
}

function percent(value) {
  return value === null ? NONE : `${signed(format.percent.format(Math.abs(value) / 10), value)}\u202f%`;
}

function signed(text, value) {
  return (value < 0 ? MINUS : "") + text;
}

function compact(number) {
  return signed(format.compact.format(Math.abs(number)), number);
}

function monthName(month, style = "long") {
  const [year, number] = month.split("-").map(Number);
  const date = new Date(Date.UTC(year, number - 1, 1));
  return new Intl.DateTimeFormat(format.months, { month: style, year: "numeric", timeZone: "UTC" }).format(date);
}

function dayName(day) {
  if (!day) return NONE;
  const date = new Date(`${day}T00:00:00Z`);
  return new Intl.DateTimeFormat(format.days, {
    day: "numeric",
    month: "short",
    year: "numeric",
    timeZone: "UTC",
  }).format(date);
}

function daysIn(month) {
  const [year, number] = month.split("-").map(Number);
  return new Date(Date.UTC(year, number, 0)).getUTCDate();
}
