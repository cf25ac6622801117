// The charts of margin only: revenue and cost over time, and the heat map.
/** Revenue and cost as lines, margin as columns on the same scale; a click chooses the month. */
function trendChart(width, { labels, sums, selected, partial, onChoose, title }) {
  const height = 296,
    left = 56,
    right = 8,
    top = 16,
    bottom = 40;
  const svg = canvas(width, height, title);
  const series = {
    revenue: sums.map((sum) => approximate(sum.revenue)),
    cost: sums.map((sum) => approximate(sum.cost)),
    margin: sums.map((sum) => approximate(margin(sum))),
  };
  const all = Object.values(series).flat();
  const ticks = axis(Math.min(...all), Math.max(...all), 5);
  const y = (value) => top + ((ticks.at(-1) - value) / (ticks.at(-1) - ticks[0])) * (height - top - bottom);
  const band = (width - left - right) / sums.length;
  const x = (index) => left + band * (index + 0.5);
  drawValueAxis(svg, ticks, y, left, width - right);
  const every = Math.ceil(64 / band);
  sums.forEach((sum, index) => {
    const column = shape("rect", {
      x: left + band * index,
      y: top - 8,
      width: band,
      height: height - top + 8,
      class: selected(index) ? "band chosen" : "band",
    });
    column.addEventListener("click", () => onChoose(index));
    svg.append(withTip(column, monthName(labels[index]), tipOf(sum)));
    if ((sums.length - 1 - index) % every === 0) {
      svg.append(
        shape(
          "text",
          { x: x(index), y: height - 20, class: "tick middle" },
          monthName(labels[index], "short"),
        ),
      );
      if (partial(index))
        svg.append(shape("text", { x: x(index), y: height - 5, class: "tick middle" }, "to date"));
    }
    const value = series.margin[index],
      thick = Math.min(40, band * 0.5);
    svg.append(
      shape("rect", {
        x: x(index) - thick / 2,
        y: y(Math.max(value, 0)),
        width: thick,
        height: Math.abs(y(value) - y(0)),
        class: value < 0 ? "mark loss" : "mark accent",
      }),
    );
  });
  svg.append(shape("line", { x1: left, x2: width - right, y1: y(0), y2: y(0), class: "zero" }));
  for (const name of ["cost", "revenue"])
    drawLine(
      svg,
      series[name].map((value, index) => [x(index), y(value)]),
      name,
    );
  return svg;
}

function drawLine(svg, points, name) {
  svg.append(
    shape("polyline", {
      points: points.map((point) => point.map((value) => value.toFixed(1)).join(",")).join(" "),
      class: `line ${name}`,
    }),
  );
  if (points.length <= 36)
    for (const [cx, cy] of points) svg.append(shape("circle", { cx, cy, r: 3.5, class: `dot ${name}` }));
}

function tipOf(sum) {
  return [
    ["Revenue", `${money(sum.revenue)} ${format.base}`],
    ["Cost", `${money(sum.cost)} ${format.base}`],
    ["Margin", `${money(margin(sum))} ${format.base}`],
    ["Margin %", percent(tenths(margin(sum), sum.revenue))],
  ];
}

/** Customers down, services across, margin % in each cell: blue earns, vermilion loses. */
function heatMap(width, { rows, columns, cell, title }) {
  const head = 56,
    row = 32,
    labels = Math.min(208, width * 0.28);
  const across = (width - labels) / columns.length;
  const svg = canvas(width, head + rows.length * row, title);
  columns.forEach((column, index) => {
    const lines = wrapped(column.label, across - 8, 12, 3);
    lines.forEach((line, at) =>
      svg.append(
        withTip(
          shape(
            "text",
            {
              x: labels + across * (index + 0.5),
              y: head - 8 - (lines.length - 1 - at) * 15,
              class: "tick middle",
            },
            line,
          ),
          column.label,
        ),
      ),
    );
  });
  rows.forEach((line, index) => {
    const y = head + index * row;
    svg.append(
      withTip(
        shape("text", { x: 0, y: y + 21, class: "label" }, fitted(line.label, labels - 12)),
        line.label,
      ),
    );
    columns.forEach((column, at) =>
      svg.append(
        heatCell(
          cell(line, column),
          { x: labels + across * at, y, width: across - 2, height: row - 2 },
          `${line.label} · ${column.label}`,
        ),
      ),
    );
  });
  return svg;
}

function heatCell(sum, box, heading) {
  const group = shape("g");
  if (!sum) {
    group.append(shape("rect", { ...box, class: "blank" }));
    return group;
  }
  const share = tenths(margin(sum), sum.revenue),
    losing = margin(sum) < 0n;
  const strength = Math.round(8 + 52 * Math.min(1, Math.abs(share ?? 400) / (losing ? 200 : 400)));
  const rect = shape("rect", box);
  rect.style.fill = `color-mix(in srgb, var(${losing ? "--loss" : "--accent"}) ${strength}%, var(--page))`;
  group.append(
    rect,
    shape(
      "text",
      { x: box.x + box.width / 2, y: box.y + 20, class: "cell middle" },
      share === null ? "loss" : box.width < 56 ? percent(share).replace("\u202f%", "") : percent(share),
    ),
  );
  return withTip(group, heading, tipOf(sum));
}
