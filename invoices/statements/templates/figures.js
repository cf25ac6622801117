// The head of the statement: its state and five figures; and the budgets.
function stateList(statement) {
  const { about } = statement;
  const lines = [
    ["", say("month_state", { n: statement.daysCovered, m: about.days_in_month })],
    ...(statement.deliveries.length ? [["", words.not_final]] : []),
    ...statement.deliveries
      .filter((row) => row.late)
      .map((row) => ["warn", say("late", { vendor: row.vendor, day: dayName(row.covered_until) })]),
    ...statement.openMonths.map((row) => [
      "",
      say("open_month", { month: monthName(row.month), amount: inCurrency(row.amount) }),
    ]),
    ...statement.parked.map((row) => ["warn", say("parked", { month: monthName(row.month) })]),
    ...(about.is_paid_for ? [["", words.paid_for]] : []),
  ];
  return element(
    "ul",
    { className: "state" },
    ...lines.map(([className, text]) => element("li", { className }, text)),
  );
}

function small(text) {
  return element("span", { className: "change" }, text);
}

function changeSince(now, before) {
  if (before <= 0n) return small(words.no_last_month);
  const difference = Number(divideRounded((now - before) * 1000n, before));
  const arrow = difference > 0 ? "▲" : difference < 0 ? "▼" : "=";
  return small(`${arrow} ${percent(Math.abs(difference))} ${words.vs_last_month}`);
}

function headFigures(statement) {
  const { about, toDate, forecast, before } = statement;
  const past = statement.months.filter((row) => row.month !== about.month);
  const named = (label) => `${label}, ${format.base}`;
  return element(
    "section",
    { className: "key-figures", "aria-label": words.statement },
    keyFigure({
      label: named(words.to_date),
      value: money(toDate),
      detail: [[monthName(about.month), inCurrency(toDate)]],
      change: small(say("covered", { n: statement.daysCovered, m: about.days_in_month })),
    }),
    keyFigure({
      label: named(words.forecast_day),
      value: money(forecast),
      detail: [
        [words.to_date, inCurrency(toDate)],
        [words.forecast_day, inCurrency(forecast - toDate)],
      ],
      change: changeSince(forecast, before),
    }),
    keyFigure({
      label: named(words.last_month),
      value: money(before),
      detail: past.slice(-12).map((row) => [monthName(row.month, "short"), inCurrency(row.amount)]),
      change: small(monthName(about.month_before)),
      series: past.length > 1 ? past.map((row) => approximate(row.amount)) : null,
    }),
    budgetFigure(statement),
    openFigure(statement),
  );
}

/** Of several budgets the one over everything, else the one that comes closest to its end. */
function budgetFigure(statement) {
  const share = (row) => Number(row.forecast_percent || 0);
  const [chosen] = [...statement.budgets].sort(
    (a, b) => Boolean(a.vendor || a.service) - Boolean(b.vendor || b.service) || share(b) - share(a),
  );
  if (!chosen)
    return keyFigure({ label: words.budget_used, value: NONE, detail: [], change: small(words.no_budget) });
  const state = chosen.exceeded ? words.exceeded : chosen.willExceed ? words.will_exceed : "";
  return keyFigure({
    label: words.budget_used,
    value: percentOf(chosen.percent),
    detail: budgetTip(chosen),
    bad: chosen.exceeded,
    href: "#budgets",
    change: small(
      [say("of_budget", { amount: inCurrency(chosen.amount) }), state, chosen.vendor || chosen.service ? chosen.label : ""]
        .filter(Boolean)
        .join(" · "),
    ),
  });
}

function openFigure(statement) {
  const { about, openItems } = statement;
  if (about.is_paid_for && !openItems.length)
    return keyFigure({ label: words.open_items, value: NONE, detail: [], change: small(words.nothing_due) });
  const item = openItems.find((row) => row.currency === format.base) || openItems[0];
  const amount = item ? item.amount : 0n,
    currency = item ? item.currency : format.base;
  const due = item?.overdue
    ? say("overdue", { amount: inCurrency(item.overdue, currency) })
    : item?.next_due
      ? say("next_due", { day: dayName(item.next_due) })
      : words.nothing_due;
  return keyFigure({
    label: `${words.open_items}, ${currency}`,
    value: money(amount, currency),
    detail: openItems.map((row) => [row.currency, inCurrency(row.amount, row.currency)]),
    bad: Boolean(item?.overdue),
    href: statement.documents.length ? "#documents" : null,
    change: small(due),
  });
}

function budgetTip(row) {
  return [
    [words.budget, inCurrency(row.amount)],
    [words.to_date, `${inCurrency(row.to_date)} · ${percentOf(row.percent)}`],
    [words.forecast, `${inCurrency(row.forecast)} · ${percentOf(row.forecast_percent)}`],
    ...(row.limits.length ? [[words.thresholds, row.limits.map(limitText).join(", ")]] : []),
  ];
}

function budgetsFigure(statement) {
  if (!statement.budgets.length) return null;
  const title = say("budgets", { currency: format.base });
  const node = figure({
    id: "budgets",
    wide: true,
    title,
    legend: element(
      "p",
      { className: "legend" },
      legendKey(words.used, "--accent", "box"),
      legendKey(words.forecast_day, "--gain", "box"),
      legendKey(words.budget, "--whole", "box"),
      element("span", { className: "key" }, element("i", { className: "tick" }), words.thresholds),
    ),
    chart: (width) =>
      barChart(width, {
        title,
        heads: [words.used, words.budget, words.forecast_day],
        bars: statement.budgets.map(budgetBar),
      }),
  });
  for (const row of statement.crossings) node.append(element("p", { className: "note" }, crossingText(row)));
  return node;
}

/** In percent of each budget, so that all of them end at the same place, and their thresholds line up. */
function budgetBar(row) {
  const share = (text) => Number(text || 0);
  return {
    label: row.label,
    parts: [
      { from: 0, to: 100, class: "whole" },
      { from: 0, to: share(row.forecast_percent), class: "gain", thin: true },
      { from: 0, to: share(row.percent), class: row.exceeded ? "loss" : "accent", thin: true },
    ],
    ticks: row.limits.map(Number),
    figures: [money(row.to_date), money(row.amount), percentOf(row.forecast_percent)],
    tip: [row.label, budgetTip(row)],
  };
}

function crossingText(row) {
  const limits = row.thresholds.split(";").map(limitText);
  return say("crossed", { scope: scopeName(row), threshold: limits.join(", "), day: dayName(row.day) });
}
