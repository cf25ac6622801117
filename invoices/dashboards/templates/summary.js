// The head of the page: the state of the period and the five figures.

function changeText(now, before, page, { bad, points = false }) {
  if (!page.hasBefore) return element("span", { className: "change" }, "no earlier period");
  const difference = points
    ? now === null || before === null
      ? null
      : now - before
    : before > 0n
      ? Number(divideRounded((now - before) * 1000n, before))
      : null;
  if (difference === null) return element("span", { className: "change" }, `${NONE} vs ${page.beforeName}`);
  const arrow = difference > 0 ? "▲" : difference < 0 ? "▼" : "=";
  const amount = format.percent.format(Math.abs(difference) / 10);
  const className = `change${Math.sign(difference) === bad ? " negative" : ""}`;
  return element(
    "span",
    { className },
    `${arrow} ${amount}\u202f${points ? "points" : "%"} vs ${page.beforeName}`,
  );
}

function keyFigures(page) {
  const { now, before, months, riskMonths, risk } = page.sums;
  const { to } = page.filter;
  const upTo = months.slice(0, to + 1);
  const share = (sum) => tenths(margin(sum), sum.revenue);
  const inBase = (value) => `${money(value)} ${format.base}`;
  const pairs = (current, earlier) => [
    [page.periodName, inBase(current)],
    ...(page.hasBefore ? [[page.beforeName, inBase(earlier)]] : []),
  ];
  return element(
    "section",
    { className: "key-figures", "aria-label": "Key figures" },
    keyFigure({
      label: `Revenue, ${format.base}`,
      value: money(now.revenue),
      detail: pairs(now.revenue, before.revenue),
      change: changeText(now.revenue, before.revenue, page, { bad: -1 }),
      series: upTo.map((sum) => approximate(sum.revenue)),
    }),
    keyFigure({
      label: `Cost, ${format.base}`,
      value: money(now.cost),
      detail: pairs(now.cost, before.cost),
      change: changeText(now.cost, before.cost, page, { bad: 0 }),
      series: upTo.map((sum) => approximate(sum.cost)),
    }),
    keyFigure({
      label: `Margin, ${format.base}`,
      value: money(margin(now)),
      detail: pairs(margin(now), margin(before)),
      change: changeText(margin(now), margin(before), page, { bad: -1 }),
      series: upTo.map((sum) => approximate(margin(sum))),
    }),
    keyFigure({
      label: "Margin, % of revenue",
      value: percent(share(now)),
      detail: [
        ["Margin", inBase(margin(now))],
        ["Revenue", inBase(now.revenue)],
      ],
      change: changeText(share(now), share(before), page, { bad: -1, points: true }),
      series: upTo.map((sum) => share(sum) ?? 0),
    }),
    keyFigure({
      label: `Money at risk, ${format.base}`,
      value: money(risk.now),
      detail: pairs(risk.now, risk.before),
      change: changeText(risk.now, risk.before, page, { bad: 1 }),
      series: riskMonths.slice(0, to + 1).map(approximate),
      href: "#risk",
    }),
  );
}

/** What a reader must know before trusting the figures. */
function stateOf(page) {
  const { model, filter } = page;
  const month = model.months[filter.to];
  const here = (row) => row.month === month;
  const facts = [];
  if (isPartial(model, month))
    facts.push([
      "#deliveries",
      `Month to date, ${daysCovered(model, month)} of ${daysIn(month)} days`,
      "warn",
    ]);
  const documents = model.documents.filter(here);
  for (const [status, name] of [
    ["draft", "draft"],
    ["issued", "issued"],
    ["void", "void"],
  ]) {
    const count = documents
      .filter((row) => row.status === status)
      .reduce((sum, row) => sum + row.documents, 0);
    if (count)
      facts.push([
        null,
        `${format.whole.format(count)} ${count === 1 ? "invoice" : "invoices"} ${name}`,
        status === "draft" ? "warn" : "",
      ]);
  }
  const open = [
    ...new Set(model.deliveries.filter((row) => here(row) && !row.final).map((row) => row.source)),
  ];
  if (open.length) facts.push(["#deliveries", `Not final: ${open.join(", ")}`, "warn"]);
  const late = model.late.filter(here).map((row) => row.source);
  if (late.length) facts.push(["#deliveries", `No delivery yet: ${late.join(", ")}`, "bad"]);
  const parked = model.parked.filter(here).length;
  if (parked)
    facts.push([
      "#parked",
      `${format.whole.format(parked)} ${parked === 1 ? "customer" : "customers"} held back`,
      "bad",
    ]);
  const unconverted = model.unconverted.filter(here).map((row) => row.currency);
  if (unconverted.length)
    facts.push(["#rates", `Left out for want of a rate to ${format.base}: ${unconverted.join(", ")}`, "bad"]);
  const broken = model.reconciliation.filter((row) => here(row) && !row.ties).length;
  if (broken)
    facts.push([
      "#reconciliation",
      `${broken} vendor ${broken === 1 ? "total does" : "totals do"} not tie`,
      "bad",
    ]);
  return element(
    "ul",
    { className: "state", "aria-label": `State of ${monthName(month)}` },
    ...facts.map(([href, text, tone]) =>
      element("li", { className: tone }, href ? element("a", { href }, text) : text),
    ),
  );
}
