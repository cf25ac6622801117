// What every figure of the page is made of: its frame, its columns, its colours.
const VENDOR_COLOURS = {
  AWS: "--orange",
  Amazon: "--orange",
  Microsoft: "--sky",
  Azure: "--sky",
  Google: "--green",
  Oracle: "--purple",
};
const SPARE_COLOURS = ["--blue", "--yellow", "--grey", "--purple", "--green"];
/** One colour per vendor, the same in every figure; well-known names keep theirs on every reseller's page. */
function vendorColours(vendors) {
  const spare = [...SPARE_COLOURS];
  return new Map(
    vendors.map((vendor) => {
      const known = Object.keys(VENDOR_COLOURS).find((name) =>
        vendor.toLowerCase().includes(name.toLowerCase()),
      );
      return [vendor, `var(${known ? VENDOR_COLOURS[known] : spare.shift() || "--grey"})`];
    }),
  );
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
  const button = element("button", { type: "button", "aria-expanded": "false" }, words.table);
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
  const keys = entries.map(([name, style]) =>
    element("span", { className: "key" }, element("i", { className: style }), name),
  );
  return element("p", { className: "legend" }, ...keys);
}

const moneyColumn = (label, value, more = {}) => ({ label, kind: "money", value, ...more });
const textColumn = (label, value, more = {}) => ({ label, kind: "text", value, ...more });

/** One of the five at the top: name, value, change against the period before, line of the last twelve months. */
function keyFigure({ label, value, detail, change, series = null, href = null, bad = false }) {
  const name = href ? element("a", { href }, label) : label;
  const node = element(
    "div",
    { className: "key-figure" },
    element("div", { className: "name" }, name),
    element("div", { className: bad ? "value negative" : "value" }, value),
    element("div", { className: "under" }, change, series && sparkline(series.slice(-12), label)),
  );
  return withTip(node, label, detail);
}
