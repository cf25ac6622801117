// Charts drawn by hand as SVG. Colours come from the style sheet, so that dark mode and print need no redraw.
const SVG = "http://www.w3.org/2000/svg";
const pen = document.createElement("canvas").getContext("2d");
const tips = new WeakMap();

/** Make an HTML element; text is always set as text. */
function element(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in node) node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

function shape(tag, attributes = {}, text = null) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "fill" || name === "stroke") node.style[name] = value;
    else node.setAttribute(name, value);
  }
  if (text !== null) node.textContent = text;
  return node;
}

function canvas(width, height, label) {
  return shape("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label });
}

function textWidth(text, size) {
  pen.font = `${size}px ${getComputedStyle(document.body).fontFamily}`;
  return pen.measureText(text).width;
}

/** Shorten a label to what fits; its tooltip carries the whole. */
function fitted(text, width, size = 13) {
  if (textWidth(text, size) <= width) return text;
  let short = text;
  while (short && textWidth(`${short}…`, size) > width) short = short.slice(0, -1);
  return `${short.trimEnd()}…`;
}

/** Say what a mark stands for: a heading, then label and value pairs. */
function withTip(node, heading, pairs = []) {
  tips.set(node, { heading, pairs });
  return node;
}

function watchTips() {
  const box = element("div", { id: "tip", role: "tooltip", hidden: true });
  document.body.append(box);
  const show = (event) => {
    let node = event.target;
    while (node && !tips.has(node)) node = node.parentNode;
    box.hidden = !node;
    if (node) placeTip(box, tips.get(node), event);
  };
  document.addEventListener("pointermove", show);
  document.addEventListener("pointerleave", () => (box.hidden = true));
  document.addEventListener("scroll", () => (box.hidden = true), { passive: true, capture: true });
}

function placeTip(box, { heading, pairs }, event) {
  const lines = pairs.map(([label, value]) =>
    element("div", { className: "pair" }, element("span", {}, label), element("b", {}, value)),
  );
  box.replaceChildren(element("strong", {}, heading), ...lines);
  const left = Math.min(event.clientX + 16, document.documentElement.clientWidth - box.offsetWidth - 8);
  const below = event.clientY + 16 + box.offsetHeight < window.innerHeight;
  box.style.left = `${Math.max(8, left)}px`;
  box.style.top = `${below ? event.clientY + 16 : event.clientY - box.offsetHeight - 8}px`;
}

/** Round axis ends: steps of 1, 2, 2.5 or 5 × 10^n that cover low…high and always zero. */
function axis(low, high, wanted = 4) {
  const span = Math.max(high, 0) - Math.min(low, 0) || 1;
  const power = 10 ** Math.floor(Math.log10(span / wanted));
  const step = [1, 2, 2.5, 5, 10].map((size) => size * power).find((size) => span / size <= wanted + 0.5);
  const first = Math.floor(Math.min(low, 0) / step);
  const last = Math.ceil(Math.max(high, 0) / step);
  const ticks = [];
  for (let index = first; index <= last; index++) ticks.push(index * step);
  return ticks;
}

function sparkline(values, label) {
  const width = 96,
    height = 24,
    inset = 3;
  const svg = canvas(width, height, label);
  svg.setAttribute("class", "spark");
  const low = Math.min(...values),
    high = Math.max(...values);
  const x = (index) => inset + (values.length > 1 ? index / (values.length - 1) : 1) * (width - 2 * inset);
  const y = (value) => height - inset - ((value - low) / (high - low || 1)) * (height - 2 * inset);
  const points = values.map((value, index) => `${x(index).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
  if (values.length > 1) svg.append(shape("polyline", { points, class: "spark-line" }));
  if (values.length)
    svg.append(
      shape("circle", { cx: x(values.length - 1), cy: y(values.at(-1)), r: 2.5, class: "spark-end" }),
    );
  return svg;
}

function drawValueAxis(svg, ticks, y, left, right) {
  for (const tick of ticks) {
    svg.append(shape("line", { x1: left, x2: right, y1: y(tick), y2: y(tick), class: "gridline" }));
    svg.append(shape("text", { x: left - 8, y: y(tick) + 4, class: "tick end" }, compact(tick)));
  }
}

/**
 * Horizontal bars. Each bar: {label, parts: [{from, to, fill | class}], figures: [text, …], tip: [heading,
 * pairs], ticks?: [value, …]}. `heads` names the columns of figures at the right; `link` joins the steps of a waterfall.
 */
function barChart(width, { bars, heads, title, link = false }) {
  if (width < 480 && heads.length > 2)
    return barChart(width, {
      bars: bars.map((bar) => ({ ...bar, figures: bar.figures.slice(1) })),
      heads: heads.slice(1),
      title,
      link,
    });
  const row = 32,
    top = 24,
    size = 13;
  const figureWidths = heads.map(
    (head, column) =>
      16 + Math.max(textWidth(head, 12), ...bars.map((bar) => textWidth(bar.figures[column], size))),
  );
  const labels = Math.min(width * 0.34, 8 + Math.max(...bars.map((bar) => textWidth(bar.label, size))));
  const left = labels + 8,
    right = width - figureWidths.reduce((sum, value) => sum + value, 0) - 8;
  const svg = canvas(width, top + bars.length * row + 4, title);
  const ends = bars.flatMap((bar) => bar.parts.flatMap((part) => [part.from, part.to]));
  const low = Math.min(0, ...ends),
    span = Math.max(0, ...ends) - low || 1;
  const x = (value) => left + ((value - low) / span) * (right - left);
  const edges = figureWidths.map(
    (_, column) => width - figureWidths.slice(column + 1).reduce((sum, value) => sum + value, 0),
  );
  heads.forEach((head, column) =>
    svg.append(shape("text", { x: edges[column], y: 12, class: "tick end" }, head)),
  );
  bars.forEach((bar, index) =>
    drawBar(svg, bar, {
      y: top + index * row,
      row,
      x,
      labels,
      edges,
      size,
      width,
      next: link && bars[index + 1],
    }),
  );
  svg.append(shape("line", { x1: x(0), x2: x(0), y1: top - 4, y2: top + bars.length * row, class: "zero" }));
  return svg;
}

function drawBar(svg, bar, { y, row, x, labels, edges, size, width, next }) {
  const group = withTip(shape("g", { class: "bar" }), ...bar.tip);
  group.append(shape("rect", { x: 0, y, width, height: row, class: "band" }));
  group.append(
    shape(
      "text",
      { x: 0, y: y + 21, class: bar.quiet ? "label quiet" : "label" },
      fitted(bar.label, labels, size),
    ),
  );
  for (const part of bar.parts) {
    const start = Math.min(x(part.from), x(part.to)),
      length = Math.abs(x(part.to) - x(part.from));
    const height = part.thin ? 8 : 16;
    const mark = shape("rect", {
      x: start,
      y: y + (row - height) / 2,
      width: Math.max(length, part.from === part.to ? 0 : 1),
      height,
      class: `mark ${part.class || ""}`,
    });
    if (part.fill) mark.style.fill = part.fill;
    group.append(mark);
  }
  for (const tick of bar.ticks || [])
    group.append(shape("line", { x1: x(tick), x2: x(tick), y1: y + 4, y2: y + row - 4, class: "threshold" }));
  bar.figures.forEach((figure, column) =>
    group.append(
      shape(
        "text",
        {
          x: edges[column],
          y: y + 21,
          class: figure.startsWith(MINUS) ? "figure end negative" : "figure end",
        },
        figure,
      ),
    ),
  );
  if (next)
    group.append(
      shape("line", {
        x1: x(bar.parts[0].to),
        x2: x(bar.parts[0].to),
        y1: y + 24,
        y2: y + row + 8,
        class: "joint",
      }),
    );
  svg.append(group);
}

/** Break a label into at most `most` lines at its blanks; the last one is shortened. */
function wrapped(text, width, size, most) {
  const lines = [];
  for (const word of text.split(" ")) {
    const longer = lines.length ? `${lines.at(-1)} ${word}` : word;
    if (lines.length && (textWidth(longer, size) <= width || lines.length === most))
      lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.map((line) => fitted(line, width, size));
}
