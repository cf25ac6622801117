// What the statement shows, from the page's data: exact amounts as BigInt, one entry per vendor and service.

/** Fill the places of a phrase; what is filled in is never looked through for places. */
function say(name, places = {}) {
  return words[name].replace(/\{(\w+)\}/g, (_, place) => places[place] ?? "");
}

const inCurrency = (value, currency = format.base) => `${money(value, currency)} ${currency}`;
const sumOf = (rows, column) => rows.reduce((sum, row) => sum + row[column], 0n);
const dayIn = (month, day) => (day?.startsWith(month) ? Number(day.slice(8)) : 0);

function buildStatement(data) {
  const { about } = data;
  const services = readServices(data);
  const covered = services.filter((row) => row.covered_until).map((row) => row.coveredDay);
  return {
    about,
    services,
    daysCovered: covered.length ? Math.min(...covered) : dayIn(about.month, about.as_of),
    months: records(data.months, "amount"),
    budgets: records(data.budgets, "amount", "to_date", "forecast").map((row) => readBudget(row)),
    crossings: records(data.crossings),
    openMonths: records(data.open_months, "amount"),
    parked: records(data.parked),
    subscriptions: records(data.subscriptions, "price"),
    prepaid: records(data.prepaid, "remaining"),
    documents: records(data.documents, "gross", "payable", "open"),
    openItems: records(data.open_items, "amount", "overdue"),
    deliveries: records(data.deliveries),
    toDate: sumOf(services, "to_date"),
    forecast: sumOf(services, "forecast"),
    before: sumOf(services, "before"),
  };
}

function readServices(data) {
  const key = (row) => `${row.vendor}\n${row.service}`;
  const days = new Map();
  for (const row of records(data.days, "amount")) {
    if (!days.has(key(row))) days.set(key(row), new Map());
    days.get(key(row)).set(row.day, row.amount);
  }
  return records(data.services, "to_date", "rest", "before", "on_other_days").map((row) => ({
    ...row,
    label: row.service || words.no_service,
    forecast: row.to_date + row.rest,
    coveredDay: dayIn(data.about.month, row.covered_until),
    days: days.get(key(row)) || new Map(),
  }));
}

function readBudget(row) {
  return {
    ...row,
    label: scopeName(row),
    limits: (row.thresholds || "").split(";").filter(Boolean),
    exceeded: row.to_date > row.amount,
    willExceed: row.forecast > row.amount,
  };
}

function scopeName(row) {
  return [row.vendor, row.service].filter(Boolean).join(", ") || words.all_charges;
}

/** Percent of a text such as "87.4000000000"; for reading only. */
function percentOf(text) {
  return text === null ? NONE : percent(Math.round(Number(text) * 10));
}

/** A threshold as it was set: 80 %, 82.5 %. */
function limitText(limit) {
  return `${new Intl.NumberFormat(format.locale, { maximumFractionDigits: 6 }).format(Number(limit))}\u202f%`;
}
