// The figures of the page: what each one asks of the data, how it is drawn, and the table behind it.
const VENDOR_COLOURS = { AWS: "--orange", Amazon: "--orange", Microsoft: "--sky", Azure: "--sky", Google: "--green", Oracle: "--purple" };
const SPARE_COLOURS = ["--blue", "--yellow", "--grey", "--purple", "--green"];
const ADVICE = {
  contract: () => "contracts.csv: a contract that covers the charge dates",
  unit: () => "price_rules.csv: the unit that the vendor delivers",
  rule: (row) => `price_rules.csv: a rule for ${[row.vendor, row.service, row.sku].filter(Boolean).join(" / ") || "this charge"}`,
};

/** One colour per vendor, the same in every figure; well-known names keep theirs on every reseller's page. */
function vendorColours(vendors) {
  const spare = [...SPARE_COLOURS];
  return new Map(vendors.map((vendor) => {
    const known = Object.keys(VENDOR_COLOURS).find((name) => vendor.toLowerCase().includes(name.toLowerCase()));
    return [vendor, `var(${known ? VENDOR_COLOURS[known] : spare.shift() || "--grey"})`];
  }));
}

/** A titled figure with its chart and, behind a button, its table. */
function figure({ id, title, note = null, legend = null, chart = null, table = null, wide = false }) {
  const node = element("section", { id, className: `figure${wide ? " wide" : ""}` });
  const head = element("div", { className: "head" }, element("h2", {}, title));
  node.append(head);
  if (note) node.append(element("p", { className: "note" }, note));
  if (legend) node.append(legend);
  if (chart) drawInto(node, chart);
  if (table) node.append(chart ? tableBehind(head, table) : table());
  return node;
}

function drawInto(node, chart) {
  const plot = element("div", { className: "plot" });
  node.append(plot);
  let drawn = 0;
  plot.redraw = (width = Math.floor(plot.clientWidth)) => {
    if (width && width !== drawn) plot.replaceChildren(chart((drawn = width)));
  };
  // In a frame of its own: drawing changes the height that the observer is reporting.
  new ResizeObserver(() => requestAnimationFrame(() => plot.redraw())).observe(plot);
}

function tableBehind(head, table) {
  const place = element("div", { hidden: true });
  const button = element("button", { type: "button", "aria-expanded": "false" }, "Table");
  button.addEventListener("click", () => {
    if (!place.firstChild) place.append(table());
    place.hidden = !place.hidden;
    head.parentNode.classList.toggle("open", !place.hidden);
    button.setAttribute("aria-expanded", String(!place.hidden));
  });
  head.append(button);
  return place;
}

function legendOf(...entries) {
  const keys = entries.map(([name, style]) => element("span", { className: "key" }, element("i", { className: style }), name));
  return element("p", { className: "legend" }, ...keys);
}

const moneyColumn = (label, value, more = {}) => ({ label, kind: "money", value, ...more });
const textColumn = (label, value, more = {}) => ({ label, kind: "text", value, ...more });
const sumColumns = (part) => [
  moneyColumn("Revenue", (row) => row[part].revenue),
  moneyColumn("Cost", (row) => row[part].cost),
  moneyColumn("Margin", (row) => margin(row[part])),
  { label: "Margin %", kind: "percent", value: (row) => tenths(margin(row[part]), row[part].revenue) },
];
const changeColumns = (page) => (page.hasBefore ? [moneyColumn("Margin before", (row) => margin(row.before)), moneyColumn("Change", (row) => margin(row.now) - margin(row.before))] : []);

function trendFigure(page) {
  const rows = page.model.months.map((month, index) => ({ month, now: page.sums.months[index] }));
  const shownMonths = Math.min(24, rows.length);
  const start = rows.length - shownMonths;
  return figure({
    id: "trend", wide: true, title: `Revenue, cost and margin by month, ${format.base}`,
    note: page.scopeName,
    legend: legendOf(["Revenue", "line revenue"], ["Cost", "line cost"], ["Margin", "box accent"]),
    chart: (width) => trendChart(width, {
      title: "Revenue, cost and margin by month", labels: page.model.months.slice(start), sums: page.sums.months.slice(start),
      selected: (index) => index + start >= page.filter.from && index + start <= page.filter.to,
      partial: (index) => isPartial(page.model, page.model.months[index + start]),
      onChoose: (index) => page.choose({ period: page.model.months[index + start] }),
    }),
    table: () => dataTable({ name: `margin-by-month`, caption: "Revenue, cost and margin by month", rows, columns: [textColumn("Month", (row) => row.month), ...sumColumns("now")], sorted: { column: 0, down: true } }),
  });
}

/** The largest groups, and the rest as one: in figures only, since its bar would dwarf the others. */
function topOf(groups, most, label) {
  if (groups.length <= most) return groups;
  const rest = groups.slice(most - 1).reduce((sum, group) => ({ ...sum, now: plus(sum.now, group.now), before: plus(sum.before, group.before) }), { key: "", now: zero(), before: zero(), rest: true });
  return [...groups.slice(0, most - 1), { ...rest, label: `${format.whole.format(groups.length - most + 1)} other ${label}` }];
}

function plus(a, b) {
  return { revenue: a.revenue + b.revenue, cost: a.cost + b.cost };
}

function byMargin(groups) {
  return [...groups].filter((group) => group.now.revenue || group.now.cost).sort((a, b) => compare(margin(b.now), margin(a.now)) || compare(a.key, b.key));
}

function marginBar(group, colour) {
  const value = margin(group.now);
  const part = { from: 0, to: approximate(value), ...(value < 0n ? { class: "loss" } : { fill: colour }) };
  return { label: group.label, quiet: group.rest, parts: group.rest ? [] : [part], figures: [money(value), percent(tenths(value, group.now.revenue))], tip: [group.label, tipOf(group.now)] };
}

function vendorFigure(page) {
  const groups = byMargin(groupBy(page.sums.entries, (combo) => combo.vendor, (combo) => ({ label: combo.vendor || "No vendor", vendor: combo.vendor })));
  return figure({
    id: "vendors", title: `Margin by vendor, ${format.base}, ${page.periodName}`,
    chart: (width) => barChart(width, { title: "Margin by vendor", heads: ["Margin", "Margin %"], bars: topOf(groups, 8, "vendors").map((group) => marginBar(group, page.colours.get(group.vendor))) }),
    table: () => dataTable({ name: `margin-by-vendor-${page.periodId}`, caption: "Margin by vendor", rows: groups, columns: [textColumn("Vendor", (row) => row.label), ...sumColumns("now"), ...changeColumns(page)] }),
  });
}

function serviceFigure(page) {
  const groups = byMargin(groupBy(page.sums.entries, (combo) => `${combo.vendor}\n${combo.service}`, (combo) => ({ label: combo.service || "No service", vendor: combo.vendor })));
  const vendors = [...new Set(groups.slice(0, 9).map((group) => group.vendor))].sort();
  const legend = legendOf();
  for (const vendor of vendors) {
    const box = element("i", { className: "box" });
    box.style.background = page.colours.get(vendor);
    legend.append(element("span", { className: "key" }, box, vendor || "No vendor"));
  }
  return figure({
    id: "services", title: `Margin by service, ${format.base}, ${page.periodName}`, legend,
    chart: (width) => barChart(width, { title: "Margin by service", heads: ["Margin", "Margin %"], bars: topOf(groups, 10, "services").map((group) => marginBar(group, page.colours.get(group.vendor))) }),
    table: () => dataTable({ name: `margin-by-service-${page.periodId}`, caption: "Margin by service", rows: groups, columns: [textColumn("Service", (row) => row.label, { grow: 24 }), textColumn("Vendor", (row) => row.vendor), ...sumColumns("now"), ...changeColumns(page)] }),
  });
}

function customerFigure(page) {
  const groups = byCustomer(page).filter((group) => group.now.revenue || group.now.cost);
  const bars = topOf(groups, 10, "customers").map((group) => {
    const earned = margin(group.now);
    const whole = { from: 0, to: approximate(group.now.revenue), class: "whole" };
    const inner = { from: 0, to: approximate(earned), class: earned < 0n ? "loss" : "accent", thin: true };
    return { label: group.label, quiet: group.rest, parts: group.rest ? [] : [whole, inner], figures: [money(group.now.revenue), money(earned), percent(tenths(earned, group.now.revenue))], tip: [group.label, tipOf(group.now)] };
  });
  return figure({
    id: "customers", title: `Top customers by revenue, ${format.base}, ${page.periodName}`,
    legend: legendOf(["Revenue", "box whole"], ["Margin", "box accent"]),
    chart: (width) => barChart(width, { title: "Top customers by revenue", heads: ["Revenue", "Margin", "Margin %"], bars }),
    table: () => dataTable({ name: `customers-${page.periodId}`, caption: "Revenue, cost and margin by customer", rows: groups, columns: [textColumn("Customer", (row) => row.label, { grow: 24 }), textColumn("Number", (row) => row.key), ...sumColumns("now"), ...changeColumns(page)] }),
  });
}

function byCustomer(page) {
  return groupBy(page.sums.entries, (combo) => combo.customer, (combo) => ({ label: page.model.customerName(combo.customer) }));
}

function waterfallFigure(page) {
  const title = `Why the margin changed, ${format.base}, ${page.periodName}`;
  if (!page.hasBefore) return figure({ id: "change", title, note: "There is no earlier period of the same length to compare with." });
  const steps = explainChange(page.sums.entries);
  const names = { newCustomers: "New customers", lostCustomers: "Customers lost", newServices: "New services", droppedServices: "Services dropped", usage: "More or less usage", rate: "Price, discount, cost" };
  const rows = [{ label: page.beforeName, amount: margin(page.sums.before), total: true }, ...Object.entries(names).filter(([key]) => steps[key]).map(([key, label]) => ({ label, amount: steps[key] })), { label: page.periodName, amount: margin(page.sums.now), total: true }];
  return figure({
    id: "change", title,
    note: "Usage is measured by its cost at the earlier margin; what is left of the change comes from prices, discounts, vendor cost and exchange rates.",
    chart: (width) => barChart(width, { title, heads: [""], link: true, bars: waterfallBars(rows) }),
    table: () => dataTable({ name: `margin-change-${page.periodId}`, caption: title, rows, columns: [textColumn("Step", (row) => row.label), moneyColumn("Margin", (row) => row.amount)] }),
  });
}

function waterfallBars(rows) {
  let level = 0n;
  return rows.map((row) => {
    const from = row.total ? 0n : level;
    level = from + row.amount;
    const style = row.total ? "accent" : row.amount < 0n ? "loss" : "gain";
    const text = money(row.amount);
    const figureText = row.total || row.amount <= 0n ? text : `+${text}`;
    return { label: row.label, parts: [{ from: approximate(from), to: approximate(level), class: style }], figures: [figureText], tip: [row.label, [[row.total ? "Margin" : "Change", `${figureText} ${format.base}`]]] };
  });
}

function heatFigure(page) {
  const customers = byCustomer(page).filter((group) => group.now.revenue || group.now.cost);
  const services = groupBy(page.sums.entries, (combo) => `${combo.vendor}\n${combo.service}`, (combo) => ({ label: combo.service || "No service", vendor: combo.vendor }));
  const cells = new Map();
  const rows = page.sums.entries.filter((entry) => entry.now.revenue || entry.now.cost);
  for (const { combo, now } of rows) cells.set(`${combo.customer}\n${combo.vendor}\n${combo.service}`, now);
  const most = Math.min(customers.length, 15);
  return figure({
    id: "heat", wide: true, title: `Margin by customer and service, % of revenue, ${page.periodName}`,
    note: `The ${most} largest customers and their largest services; the table has all ${format.whole.format(rows.length)} combinations.`,
    legend: legendOf(["Earns", "box accent"], ["Loses", "box loss"], ["No usage", "box blank"]),
    chart: (width) => heatMap(width, { title: "Margin % by customer and service", rows: customers.slice(0, 15), columns: services.filter((group) => group.now.revenue || group.now.cost).slice(0, width < 640 ? 4 : 10), cell: (row, column) => cells.get(`${row.key}\n${column.key}`) }),
    table: () => dataTable({ name: `margin-by-customer-and-service-${page.periodId}`, caption: "Margin by customer and service", rows, columns: [textColumn("Customer", (row) => page.model.customerName(row.combo.customer), { grow: 22 }), textColumn("Vendor", (row) => row.combo.vendor), textColumn("Service", (row) => row.combo.service, { grow: 22 }), ...sumColumns("now")], sorted: { column: 3, down: true } }),
  });
}

function advice(row) {
  if (row.kind === "Unallocated") return "accounts.csv: its customer; or owner_accounts in reseller.yml, if your own";
  const reason = (row.reason || "").toLowerCase();
  const kind = ["contract", "unit"].find((word) => reason.includes(word));
  return ADVICE[kind || "rule"](row);
}

function riskFigure(page) {
  const rows = within(page.model.risk, page.model, page.filter);
  const hidden = page.filter.customer ? " Unallocated cost belongs to no customer yet and is left out while one customer is chosen." : "";
  const title = `Money at risk: cost that nobody is billed for, ${format.base}, ${page.periodName}`;
  if (!rows.length) return figure({ id: "risk", wide: true, title, note: `Every charge has a customer and a price.${hidden}` });
  return figure({
    id: "risk", wide: true, title, note: `Vendor cost without a customer (unallocated) or without a price (unpriced). Unpriced charges hold back their customer's invoice. Mend the book of business as told at the right; the next run bills it.${hidden}`,
    table: () => dataTable({
      name: `money-at-risk-${page.periodId}`, caption: "Unallocated and unpriced cost", rows, sorted: { column: 6, down: true },
      columns: [
        textColumn("Kind", (row) => row.kind, { grow: 9 }),
        textColumn("Source and account", (row) => [row.source, row.account, row.account_name].filter(Boolean).join(" · "), { grow: 16 }),
        textColumn("Customer", (row) => (row.customer ? page.model.customerName(row.customer) : null), { grow: 12 }),
        textColumn("Service", (row) => [row.vendor, row.service, row.sku].filter(Boolean).join(" · "), { grow: 15 }),
        textColumn("Reason", (row) => row.reason || "No customer owns this account", { grow: 13 }),
        textColumn("First seen", (row) => row.first_seen, { grow: 8 }),
        moneyColumn("Cost", (row) => row.cost, { grow: 8 }),
        textColumn("What to do, in the book of business", advice),
      ],
    }),
  });
}

function lossFigure(page) {
  const rows = within(page.model.losses, page.model, page.filter);
  const title = `Invoice lines sold below cost, in the customer's currency, ${page.periodName}`;
  if (!rows.length) return figure({ id: "losses", wide: true, title, note: "No line is sold below its cost." });
  return figure({
    id: "losses", wide: true, title, note: "Lines after their discounts, largest loss first, at most 50 a month.",
    table: () => dataTable({
      name: `lines-below-cost-${page.periodId}`, caption: title, rows, sorted: { column: 7, down: true },
      columns: [
        textColumn("Customer", (row) => page.model.customerName(row.customer), { grow: 16 }),
        textColumn("Document", (row) => row.document || "Draft", { grow: 10 }),
        textColumn("Line", (row) => row.description, { grow: 24 }),
        textColumn("Vendor", (row) => row.vendor),
        moneyColumn("Net", (row) => row.amount, { currency: (row) => row.currency }),
        moneyColumn("Cost", (row) => row.cost, { currency: (row) => row.currency }),
        textColumn("Currency", (row) => row.currency),
        moneyColumn(`Loss, ${format.base}`, (row) => row.loss),
      ],
    }),
  });
}

function reconciliationFigure(page) {
  const vendors = page.model.about.source_vendors;
  const rows = page.model.reconciliation.filter((row) => inPeriod(row, page.model, page.filter) && (!page.filter.vendor || !vendors[row.source] || vendors[row.source] === page.filter.vendor));
  const inOwn = { currency: (row) => row.currency };
  const title = `Vendor totals against what was loaded, in the vendor's currency, ${page.periodName}`;
  if (!rows.length) return figure({ id: "reconciliation", wide: true, title, note: "No vendor total for this period yet." });
  return figure({
    id: "reconciliation", wide: true, title, note: "Loaded cost is sold, unpriced, unallocated, kept or late; nothing else. A source that does not tie holds back its customers' invoices.",
    table: () => dataTable({
      name: `reconciliation-${page.periodId}`, caption: title, rows,
      columns: [
        textColumn("Month", (row) => row.month), textColumn("Source", (row) => row.source), textColumn("Currency", (row) => row.currency),
        moneyColumn("Vendor total", (row) => row.vendor_total, inOwn), moneyColumn("Loaded", (row) => row.loaded, inOwn),
        moneyColumn("Sold", (row) => row.sold, inOwn), moneyColumn("Unpriced", (row) => row.unpriced, inOwn),
        moneyColumn("Unallocated", (row) => row.unallocated, inOwn), moneyColumn("Kept", (row) => row.kept, inOwn), moneyColumn("Late", (row) => row.late, inOwn),
        moneyColumn("Difference", (row) => row.difference, inOwn),
        textColumn("Verdict", (row) => row.verdict, { tone: (row) => (row.ties ? "good" : "bad") }),
      ],
    }),
  });
}

function parkedFigure(page) {
  const rows = within(page.model.parked, page.model, page.filter);
  if (!rows.length) return null;
  return figure({
    id: "parked", wide: true, title: `Customers whose invoice is held back, ${page.periodName}`,
    note: "Only these wait; all other invoices can be issued. Mend the reason and run again; cspbill status says the same.",
    table: () => dataTable({
      name: `held-back-${page.periodId}`, caption: "Customers whose invoice is held back", rows,
      columns: [textColumn("Month", (row) => row.month, { grow: 8 }), textColumn("Customer", (row) => page.model.customerName(row.customer), { grow: 20 }), textColumn("Reason", (row) => row.reason), moneyColumn("Draft net", (row) => row.net, { currency: (row) => row.currency, grow: 12 }), textColumn("Currency", (row) => row.currency, { grow: 8 })],
    }),
  });
}

function deliveryFigure(page) {
  const rows = page.model.deliveries.filter((row) => inPeriod(row, page.model, page.filter));
  return figure({
    id: "deliveries", title: `Vendor deliveries used, ${page.periodName}`,
    note: rows.length ? null : "No delivery for this period yet.",
    table: rows.length ? () => dataTable({
      name: `deliveries-${page.periodId}`, caption: "Vendor deliveries used", rows,
      columns: [textColumn("Month", (row) => row.month), textColumn("Source", (row) => (row.scope && row.scope !== "default" ? `${row.source} · ${row.scope}` : row.source), { grow: 24 }), textColumn("Up to day", (row) => row.last_day), { label: "Rows", kind: "count", value: (row) => row.rows }, textColumn("State", (row) => (row.final ? "final" : "not final")), textColumn("Landed (UTC)", (row) => row.landed, { grow: 20 })],
    }) : null,
  });
}

function rateFigure(page) {
  const rows = page.model.rates.filter((row) => inPeriod(row, page.model, page.filter));
  return figure({
    id: "rates", title: `Exchange rates used, ${format.base} per unit, ${page.periodName}`,
    note: rows.length ? null : `Every amount of this period is in ${format.base}.`,
    table: rows.length ? () => dataTable({
      name: `rates-${page.periodId}`, caption: "Exchange rates used", rows,
      columns: [textColumn("Month", (row) => row.month), textColumn("Currency", (row) => row.currency), textColumn("Rate", (row) => (row.lowest === row.highest ? rateText(row.lowest) : `${rateText(row.lowest)} to ${rateText(row.highest)}`))],
    }) : null,
  });
}

function rateText(rate) {
  return rate ? rate.replace(/0+$/, "").replace(/\.$/, "").replace(".", format.point) : NONE;
}
