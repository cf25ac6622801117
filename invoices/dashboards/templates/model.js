// The data behind every figure: read once, then added up anew for each choice of filters.
const zero = () => ({ revenue: 0n, cost: 0n });
const margin = (sum) => sum.revenue - sum.cost;

function buildModel(data) {
  const customerNames = new Map(data.customers.id.map((id, index) => [id, data.customers.name[index]]));
  const unallocated = records(data.unallocated, "cost", "cost_to_date").map((row) => ({
    ...row,
    kind: "Unallocated",
    customer: null,
  }));
  const unpriced = records(data.unpriced, "cost", "cost_to_date").map((row) => ({
    ...row,
    kind: "Unpriced",
    account_name: null,
  }));
  const current = data.months.indexOf(data.about.current_period);
  return {
    ...data,
    current: current < 0 ? data.months.length - 1 : current,
    customerName: (id) => customerNames.get(id) ?? id ?? "",
    combos: readCombos(data),
    risk: [...unallocated, ...unpriced],
    losses: records(data.losses, "amount", "cost", "loss"),
    reconciliation: records(
      data.reconciliation,
      "vendor_total",
      "loaded",
      "sold",
      "unpriced",
      "unallocated",
      "kept",
      "late",
      "difference",
      "tolerance",
    ),
    documents: records(data.documents),
    parked: records(data.parked, "net"),
    deliveries: records(data.deliveries),
    late: records(data.late),
    rates: records(data.rates),
    unconverted: records(data.unconverted),
  };
}

/** One entry per customer × vendor × service, with its amounts by month. */
function readCombos(data) {
  const cube = data.cube;
  const toDate = new Map(records(data.to_date, "revenue", "cost").map((row) => [row.entry, row]));
  return cube.customer.map((customer, index) => {
    const revenue = cube.revenue[index].split(" ").map(BigInt);
    const first = cube.month[index];
    return {
      customer: data.customers.id[customer],
      vendor: data.vendors[cube.vendor[index]],
      service: data.services[cube.service[index]],
      months: Array.isArray(first) ? first : revenue.map((_, offset) => first + offset),
      revenue,
      cost: cube.cost[index].split(" ").map(BigInt),
      toDate: toDate.get(index) || null,
    };
  });
}

/**
 * Add up what the filters leave. `filter.from` and `filter.to` are positions of months, both included.
 * `months` ignores the chosen period (a trend needs its past); `entries` has each combination with its sum in
 * the period (`now`) and in the equally long one before it (`before`); for the running month that is the same
 * days of the month before.
 */
function addUp(model, filter) {
  const months = model.months.map(zero);
  const toDate = isToDate(model, filter);
  const entries = [];
  for (const combo of model.combos) {
    if (!passes(combo, filter)) continue;
    const entry = { combo, now: zero(), before: zero(), inNow: false, inBefore: false };
    for (let index = 0; index < combo.months.length; index++) {
      const month = combo.months[index];
      addTo(months[month], combo.revenue[index], combo.cost[index]);
      const part = partOf(month, filter);
      if (part === "now" || (part === "before" && !toDate))
        count(entry, part, combo.revenue[index], combo.cost[index]);
    }
    if (toDate && combo.toDate) count(entry, "before", combo.toDate.revenue, combo.toDate.cost);
    if (entry.inNow || entry.inBefore) entries.push(entry);
  }
  return {
    months,
    entries,
    now: total(entries, "now"),
    before: total(entries, "before"),
    ...riskOf(model, filter, toDate),
  };
}

/** Is the period one running month, to be compared with the same days of the month before? */
function isToDate(model, filter) {
  return (
    filter.from === filter.to && filter.to === model.current && isPartial(model, model.months[filter.to])
  );
}

function partOf(month, filter) {
  if (month >= filter.from && month <= filter.to) return "now";
  const first = filter.from - (filter.to - filter.from + 1);
  return month >= first && month < filter.from ? "before" : null;
}

function count(entry, part, revenue, cost) {
  addTo(entry[part], revenue, cost);
  entry[part === "now" ? "inNow" : "inBefore"] = true;
}

function addTo(sum, revenue, cost) {
  sum.revenue += revenue;
  sum.cost += cost;
}

function total(entries, part) {
  const sum = zero();
  for (const entry of entries) addTo(sum, entry[part].revenue, entry[part].cost);
  return sum;
}

function passes(row, filter) {
  return (
    (!filter.customer || row.customer === filter.customer) && (!filter.vendor || row.vendor === filter.vendor)
  );
}

/** Rows of a small table in the chosen period and under the other filters. */
function within(rows, model, filter) {
  return rows.filter((row) => inPeriod(row, model, filter) && passes(row, filter));
}

function inPeriod(row, model, filter) {
  const month = model.months.indexOf(row.month);
  return month >= filter.from && month <= filter.to;
}

function riskOf(model, filter, toDate) {
  const riskMonths = model.months.map(() => 0n);
  const risk = { now: 0n, before: 0n };
  const position = new Map(model.months.map((month, index) => [month, index]));
  for (const row of model.risk) {
    if (!passes(row, filter)) continue;
    const month = position.get(row.month),
      part = partOf(month, filter);
    riskMonths[month] += row.cost;
    if (part) risk[part] += part === "before" && toDate ? row.cost_to_date : row.cost;
  }
  return { riskMonths, risk };
}

/** Sum entries by a key: `[{key, label…, now, before}]`, largest revenue first. */
function groupBy(entries, keyOf, describe) {
  const groups = new Map();
  for (const entry of entries) {
    const key = keyOf(entry.combo);
    let group = groups.get(key);
    if (!group) groups.set(key, (group = { key, ...describe(entry.combo), now: zero(), before: zero() }));
    addTo(group.now, entry.now.revenue, entry.now.cost);
    addTo(group.before, entry.before.revenue, entry.before.cost);
  }
  return [...groups.values()].sort((a, b) => compare(b.now.revenue, a.now.revenue) || compare(a.key, b.key));
}

/**
 * Why the margin changed, in steps that sum exactly to the change. What both periods have is split in two:
 * more or less usage (measured by cost, at the earlier margin), and what the usage earns (price, cost, rate).
 */
function explainChange(entries) {
  const customersNow = new Set(entries.filter((entry) => entry.inNow).map((entry) => entry.combo.customer));
  const customersBefore = new Set(
    entries.filter((entry) => entry.inBefore).map((entry) => entry.combo.customer),
  );
  const steps = {
    newCustomers: 0n,
    lostCustomers: 0n,
    newServices: 0n,
    droppedServices: 0n,
    usage: 0n,
    rate: 0n,
  };
  for (const { combo, now, before, inNow, inBefore } of entries) {
    const change = margin(now) - margin(before);
    if (!inBefore) steps[customersBefore.has(combo.customer) ? "newServices" : "newCustomers"] += change;
    else if (!inNow) steps[customersNow.has(combo.customer) ? "droppedServices" : "lostCustomers"] += change;
    else {
      const byUsage = before.cost > 0n ? (margin(before) * (now.cost - before.cost)) / before.cost : 0n;
      steps.usage += byUsage;
      steps.rate += change - byUsage;
    }
  }
  return steps;
}

/** Does the month's last delivered day come before its end? */
function isPartial(model, month) {
  const covered = daysCovered(model, month);
  return covered > 0 && covered < daysIn(month);
}

function daysCovered(model, month) {
  const days = model.deliveries
    .filter((row) => row.month === month && row.last_day?.startsWith(month))
    .map((row) => Number(row.last_day.slice(8)));
  return days.length ? Math.max(...days) : 0;
}
