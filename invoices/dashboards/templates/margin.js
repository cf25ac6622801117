// Where the margin comes from: by month, vendor, service and customer, and why it changed.
const sumColumns = (part) => [
  moneyColumn("Revenue", (row) => row[part].revenue),
  moneyColumn("Cost", (row) => row[part].cost),
  moneyColumn("Margin", (row) => margin(row[part])),
  { label: "Margin %", kind: "percent", value: (row) => tenths(margin(row[part]), row[part].revenue) },
];
const changeColumns = (page) =>
  page.hasBefore
    ? [
        moneyColumn("Margin before", (row) => margin(row.before)),
        moneyColumn("Change", (row) => margin(row.now) - margin(row.before)),
      ]
    : [];

function trendFigure(page) {
  const rows = page.model.months.map((month, index) => ({ month, now: page.sums.months[index] }));
  const end = Math.max(page.model.current, page.filter.to) + 1;
  const start = Math.max(0, end - 24);
  return figure({
    id: "trend",
    wide: true,
    title: `Revenue, cost and margin by month, ${format.base}`,
    note: page.scopeName,
    legend: legendOf(["Revenue", "line revenue"], ["Cost", "line cost"], ["Margin", "box accent"]),
    chart: (width) =>
      trendChart(width, {
        title: "Revenue, cost and margin by month",
        labels: page.model.months.slice(start, end),
        sums: page.sums.months.slice(start, end),
        selected: (index) => index + start >= page.filter.from && index + start <= page.filter.to,
        partial: (index) => isPartial(page.model, page.model.months[index + start]),
        onChoose: (index) => page.choose({ period: page.model.months[index + start] }),
      }),
    table: () =>
      dataTable({
        name: `margin-by-month`,
        caption: "Revenue, cost and margin by month",
        rows,
        columns: [textColumn("Month", (row) => row.month), ...sumColumns("now")],
        sorted: { column: 0, down: true },
      }),
  });
}

/** The largest groups, and the rest as one: in figures only, since its bar would dwarf the others. */
function topOf(groups, most, label) {
  if (groups.length <= most) return groups;
  const rest = groups
    .slice(most - 1)
    .reduce(
      (sum, group) => ({ ...sum, now: plus(sum.now, group.now), before: plus(sum.before, group.before) }),
      { key: "", now: zero(), before: zero(), rest: true },
    );
  return [
    ...groups.slice(0, most - 1),
    { ...rest, label: `${format.whole.format(groups.length - most + 1)} other ${label}` },
  ];
}

function plus(a, b) {
  return { revenue: a.revenue + b.revenue, cost: a.cost + b.cost };
}

function byMargin(groups) {
  return [...groups]
    .filter((group) => group.now.revenue || group.now.cost)
    .sort((a, b) => compare(margin(b.now), margin(a.now)) || compare(a.key, b.key));
}

function marginBar(group, colour) {
  const value = margin(group.now);
  const part = { from: 0, to: approximate(value), ...(value < 0n ? { class: "loss" } : { fill: colour }) };
  return {
    label: group.label,
    quiet: group.rest,
    parts: group.rest ? [] : [part],
    figures: [money(value), percent(tenths(value, group.now.revenue))],
    tip: [group.label, tipOf(group.now)],
  };
}

function vendorFigure(page) {
  const groups = byMargin(
    groupBy(
      page.sums.entries,
      (combo) => combo.vendor,
      (combo) => ({ label: combo.vendor || "No vendor", vendor: combo.vendor }),
    ),
  );
  return figure({
    id: "vendors",
    title: `Margin by vendor, ${format.base}, ${page.periodName}`,
    chart: (width) =>
      barChart(width, {
        title: "Margin by vendor",
        heads: ["Margin", "Margin %"],
        bars: topOf(groups, 8, "vendors").map((group) => marginBar(group, page.colours.get(group.vendor))),
      }),
    table: () =>
      dataTable({
        name: `margin-by-vendor-${page.periodId}`,
        caption: "Margin by vendor",
        rows: groups,
        columns: [textColumn("Vendor", (row) => row.label), ...sumColumns("now"), ...changeColumns(page)],
      }),
  });
}

function serviceFigure(page) {
  const groups = byMargin(
    groupBy(
      page.sums.entries,
      (combo) => `${combo.vendor}\n${combo.service}`,
      (combo) => ({ label: combo.service || "No service", vendor: combo.vendor }),
    ),
  );
  const vendors = [...new Set(groups.slice(0, 9).map((group) => group.vendor))].sort();
  const legend = legendOf();
  for (const vendor of vendors) {
    const box = element("i", { className: "box" });
    box.style.background = page.colours.get(vendor);
    legend.append(element("span", { className: "key" }, box, vendor || "No vendor"));
  }
  return figure({
    id: "services",
    title: `Margin by service, ${format.base}, ${page.periodName}`,
    legend,
    chart: (width) =>
      barChart(width, {
        title: "Margin by service",
        heads: ["Margin", "Margin %"],
        bars: topOf(groups, 10, "services").map((group) => marginBar(group, page.colours.get(group.vendor))),
      }),
    table: () =>
      dataTable({
        name: `margin-by-service-${page.periodId}`,
        caption: "Margin by service",
        rows: groups,
        columns: [
          textColumn("Service", (row) => row.label, { grow: 24 }),
          textColumn("Vendor", (row) => row.vendor),
          ...sumColumns("now"),
          ...changeColumns(page),
        ],
      }),
  });
}

function customerFigure(page) {
  const groups = byCustomer(page).filter((group) => group.now.revenue || group.now.cost);
  const bars = topOf(groups, 10, "customers").map((group) => {
    const earned = margin(group.now);
    const whole = { from: 0, to: approximate(group.now.revenue), class: "whole" };
    const inner = { from: 0, to: approximate(earned), class: earned < 0n ? "loss" : "accent", thin: true };
    return {
      label: group.label,
      quiet: group.rest,
      parts: group.rest ? [] : [whole, inner],
      figures: [money(group.now.revenue), money(earned), percent(tenths(earned, group.now.revenue))],
      tip: [group.label, tipOf(group.now)],
    };
  });
  return figure({
    id: "customers",
    title: `Top customers by revenue, ${format.base}, ${page.periodName}`,
    legend: legendOf(["Revenue", "box whole"], ["Margin", "box accent"]),
    chart: (width) =>
      barChart(width, { title: "Top customers by revenue", heads: ["Revenue", "Margin", "Margin %"], bars }),
    table: () =>
      dataTable({
        name: `customers-${page.periodId}`,
        caption: "Revenue, cost and margin by customer",
        rows: groups,
        columns: [
          textColumn("Customer", (row) => row.label, { grow: 24 }),
          textColumn("Number", (row) => row.key),
          ...sumColumns("now"),
          ...changeColumns(page),
        ],
      }),
  });
}

function byCustomer(page) {
  return groupBy(
    page.sums.entries,
    (combo) => combo.customer,
    (combo) => ({ label: page.model.customerName(combo.customer) }),
  );
}

function waterfallFigure(page) {
  const title = `Why the margin changed, ${format.base}, ${page.periodName}`;
  if (!page.hasBefore)
    return figure({
      id: "change",
      title,
      note: "There is no earlier period of the same length to compare with.",
    });
  const steps = explainChange(page.sums.entries);
  const names = {
    newCustomers: "New customers",
    lostCustomers: "Customers lost",
    newServices: "New services",
    droppedServices: "Services dropped",
    usage: "More or less usage",
    rate: "Price, discount, cost",
  };
  const rows = [
    { label: page.beforeName, amount: margin(page.sums.before), total: true },
    ...Object.entries(names)
      .filter(([key]) => steps[key])
      .map(([key, label]) => ({ label, amount: steps[key] })),
    { label: page.periodName, amount: margin(page.sums.now), total: true },
  ];
  return figure({
    id: "change",
    title,
    note: "Usage is measured by its cost at the earlier margin; what is left of the change comes from prices, discounts, vendor cost and exchange rates.",
    chart: (width) => barChart(width, { title, heads: [""], link: true, bars: waterfallBars(rows) }),
    table: () =>
      dataTable({
        name: `margin-change-${page.periodId}`,
        caption: title,
        rows,
        columns: [textColumn("Step", (row) => row.label), moneyColumn("Margin", (row) => row.amount)],
      }),
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
    return {
      label: row.label,
      parts: [{ from: approximate(from), to: approximate(level), class: style }],
      figures: [figureText],
      tip: [row.label, [[row.total ? "Margin" : "Change", `${figureText} ${format.base}`]]],
    };
  });
}

function heatFigure(page) {
  const customers = byCustomer(page).filter((group) => group.now.revenue || group.now.cost);
  const services = groupBy(
    page.sums.entries,
    (combo) => `${combo.vendor}\n${combo.service}`,
    (combo) => ({ label: combo.service || "No service", vendor: combo.vendor }),
  );
  const cells = new Map();
  const rows = page.sums.entries.filter((entry) => entry.now.revenue || entry.now.cost);
  for (const { combo, now } of rows) cells.set(`${combo.customer}\n${combo.vendor}\n${combo.service}`, now);
  const most = Math.min(customers.length, 15);
  return figure({
    id: "heat",
    wide: true,
    title: `Margin by customer and service, % of revenue, ${page.periodName}`,
    note: `The ${most} largest customers and their largest services; the table has all ${format.whole.format(rows.length)} combinations.`,
    legend: legendOf(["Earns", "box accent"], ["Loses", "box loss"], ["No usage", "box blank"]),
    chart: (width) =>
      heatMap(width, {
        title: "Margin % by customer and service",
        rows: customers.slice(0, 15),
        columns: services
          .filter((group) => group.now.revenue || group.now.cost)
          .slice(0, width < 640 ? 4 : 10),
        cell: (row, column) => cells.get(`${row.key}\n${column.key}`),
      }),
    table: () =>
      dataTable({
        name: `margin-by-customer-and-service-${page.periodId}`,
        caption: "Margin by customer and service",
        rows,
        columns: [
          textColumn("Customer", (row) => page.model.customerName(row.combo.customer), { grow: 22 }),
          textColumn("Vendor", (row) => row.combo.vendor),
          textColumn("Service", (row) => row.combo.service, { grow: 22 }),
          ...sumColumns("now"),
        ],
        sorted: { column: 3, down: true },
      }),
  });
}
