// The one chart: what each day cost, service on service, and pale what the days to come are expected to.
const SERIES_COLOURS = ["--blue", "--orange", "--green", "--sky", "--purple"];
const OTHER_COLOUR = "--grey";

/** The largest services as series of their own, the rest as one; amounts are lengths by now, not figures. */
function dailySeries(statement) {
  const size = (row) => (row.forecast < 0n ? -row.forecast : row.forecast);
  const drawn = statement.services
    .filter((row) => row.days.size || row.rest)
    .sort((a, b) => compare(size(b), size(a)) || compare(a.label, b.label));
  const most = drawn.length > SERIES_COLOURS.length + 1 ? SERIES_COLOURS.length : drawn.length;
  const series = drawn
    .slice(0, most)
    .map((row, index) => ({ label: row.label, colour: SERIES_COLOURS[index] || OTHER_COLOUR, rows: [row] }));
  if (most < drawn.length)
    series.push({ label: words.other, colour: OTHER_COLOUR, rows: drawn.slice(most) });
  return series;
}

function usedOn(series, day) {
  return series.rows.reduce((sum, row) => sum + (row.days.get(day) || 0n), 0n);
}

function expectedOn(series, day, daysInMonth) {
  return series.rows.reduce((sum, row) => {
    const open = BigInt(daysInMonth - row.coveredDay);
    return day > row.coveredDay && row.rest ? sum + divideRounded(row.rest, open) : sum;
  }, 0n);
}

/** Each day's marks from zero up and, for what is given back, down. */
function stackOf(series, day, daysInMonth) {
  let up = 0n,
    down = 0n;
  const marks = [];
  const put = (amount, each, isExpected) => {
    const from = amount < 0n ? down : up;
    const to = from + amount;
    if (amount < 0n) down = to;
    else up = to;
    marks.push({ from, to, colour: each.colour, isExpected });
  };
  const used = series.map((each) => [each, usedOn(each, day), false]);
  const expected = series.map((each) => [each, expectedOn(each, day, daysInMonth), true]);
  for (const [each, amount, isExpected] of [...used, ...expected]) if (amount) put(amount, each, isExpected);
  return { day, marks, up, down, used, expected };
}

function dailyChart(width, statement, series, title) {
  const { about } = statement;
  const height = 296,
    left = 56,
    right = 8,
    top = 16,
    bottom = 32;
  const svg = canvas(width, height, title);
  const days = Array.from({ length: about.days_in_month }, (_, index) =>
    stackOf(series, index + 1, about.days_in_month),
  );
  const ticks = axis(
    Math.min(...days.map((day) => approximate(day.down))),
    Math.max(...days.map((day) => approximate(day.up))),
    5,
  );
  const y = (value) => top + ((ticks.at(-1) - value) / (ticks.at(-1) - ticks[0])) * (height - top - bottom);
  const band = (width - left - right) / days.length;
  drawValueAxis(svg, ticks, y, left, width - right);
  const every = Math.max(1, Math.ceil(28 / band));
  days.forEach((day, index) => {
    const x = left + band * index;
    svg.append(dayGroup(day, about, { x, band, top, height: height - top - bottom, y }));
    if (index % every === 0)
      svg.append(
        shape("text", { x: x + band / 2, y: height - 10, class: "tick middle" }, String(index + 1)),
      );
  });
  svg.append(shape("line", { x1: left, x2: width - right, y1: y(0), y2: y(0), class: "zero" }));
  return svg;
}

function dayGroup(day, about, { x, band, top, height, y }) {
  const group = shape("g", { class: "bar" });
  group.append(shape("rect", { x, y: top, width: band, height, class: "band" }));
  const inset = Math.min(3, band * 0.15);
  for (const mark of day.marks) {
    const high = Math.max(approximate(mark.from), approximate(mark.to));
    const low = Math.min(approximate(mark.from), approximate(mark.to));
    group.append(
      shape("rect", {
        x: x + inset,
        y: y(high),
        width: band - 2 * inset,
        height: Math.max(0, y(low) - y(high)),
        fill: `var(${mark.colour})`,
        class: mark.isExpected ? "mark expected" : "mark",
      }),
    );
  }
  return withTip(
    group,
    dayName(`${about.month}-${String(day.day).padStart(2, "0")}`),
    tipOfDay(day),
  );
}

function tipOfDay(day) {
  const lines = (list, suffix) =>
    list
      .filter(([, amount]) => amount)
      .map(([each, amount]) => [each.label + suffix, inCurrency(amount)]);
  return [...lines(day.used, ""), ...lines(day.expected, ` (${words.forecast_day})`)];
}

function dailyFigure(statement) {
  const { about } = statement;
  const series = dailySeries(statement);
  const title = say("daily", { currency: format.base, month: monthName(about.month) });
  const elsewhere = sumOf(statement.services, "on_other_days");
  const legend = element(
    "p",
    { className: "legend" },
    ...series.map((each) => legendKey(each.label, each.colour, "box")),
    legendKey(words.forecast_day, "--grey", "box expected"),
  );
  return figure({
    id: "daily",
    wide: true,
    title,
    note: elsewhere ? say("on_other_days", { amount: inCurrency(elsewhere) }) : null,
    legend,
    chart: (width) => dailyChart(width, statement, series, title),
  });
}

function legendKey(name, colour, className) {
  const mark = element("i", { className });
  mark.style.background = `var(${colour})`;
  return element("span", { className: "key" }, mark, name);
}
