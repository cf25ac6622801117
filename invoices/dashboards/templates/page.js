// The page as a whole: filters, what they choose, and the order of everything.
/** Turn the choice (period text, customer, vendor) into positions and names. */
function readChoice(model, choice) {
  const span = /^last-(\d+)$/.exec(choice.period || "");
  const at = model.months.indexOf(choice.period);
  const to = span || at < 0 ? model.current : at;
  const from = span ? Math.max(0, model.current + 1 - Number(span[1])) : to;
  const customer = model.customers.id.includes(choice.customer) ? choice.customer : null;
  return { from, to, customer, vendor: model.vendors.includes(choice.vendor) ? choice.vendor : null };
}

function rangeName(model, from, to) {
  if (from === to) return monthName(model.months[to], "long");
  return `${monthName(model.months[from], "short")} to ${monthName(model.months[to], "short")}`;
}

function earlierName(model, filter, length) {
  const name = rangeName(model, filter.from - length, filter.from - 1);
  if (!isToDate(model, filter)) return name;
  const last = Math.min(daysCovered(model, model.months[filter.to]), daysIn(model.months[filter.to - 1]));
  return `1\u2013${last} ${name}`;
}

function buildPage(model, choice, choose) {
  const filter = readChoice(model, choice);
  const length = filter.to - filter.from + 1;
  const hasBefore = filter.from - length >= 0;
  const scope = [filter.customer && model.customerName(filter.customer), filter.vendor].filter(Boolean);
  return {
    model,
    filter,
    choose,
    hasBefore,
    sums: addUp(model, filter),
    colours: model.colours,
    periodName: rangeName(model, filter.from, filter.to),
    periodId: model.months
      .slice(filter.from, filter.to + 1)
      .filter((_, index, all) => index === 0 || index === all.length - 1)
      .join("-to-"),
    beforeName: hasBefore ? earlierName(model, filter, length) : "",
    scopeName: scope.length ? `Only ${scope.join(", ")}` : null,
  };
}

function drawPage(page) {
  const { about } = page.model;
  document.getElementById("subtitle").textContent = [
    page.periodName,
    page.scopeName,
    `amounts in ${format.base}`,
    `as of ${dayName(about.as_of)}`,
  ]
    .filter(Boolean)
    .join(" · ");
  const grid = element(
    "div",
    { className: "grid" },
    ...[
      trendFigure,
      vendorFigure,
      waterfallFigure,
      customerFigure,
      serviceFigure,
      heatFigure,
      riskFigure,
      lossFigure,
      parkedFigure,
      reconciliationFigure,
      deliveryFigure,
      rateFigure,
    ]
      .map((draw) => draw(page))
      .filter(Boolean),
  );
  document.getElementById("main").replaceChildren(stateOf(page), keyFigures(page), grid);
}

function drawFilters(model, choice, choose) {
  const form = document.getElementById("filters");
  const options = [...model.months]
    .reverse()
    .map((month) => element("option", { value: month }, monthName(month)));
  const spans = [3, 6, 12, 24]
    .filter((count) => count <= model.current + 1)
    .map((count) => element("option", { value: `last-${count}` }, `Last ${count} months`));
  const period = element("select", {}, ...options, ...spans);
  const vendor = element(
    "select",
    {},
    element("option", { value: "" }, "All vendors"),
    ...model.vendors.map((name) => element("option", { value: name }, name)),
  );
  const customer = element("input", { type: "search", placeholder: "All customers", autocomplete: "off" });
  customer.setAttribute("list", "customer-names");
  const labels = customerLabels(model);
  const list = element(
    "datalist",
    { id: "customer-names" },
    ...[...labels.keys()].map((label) => element("option", { value: label })),
  );
  const reset = element("button", { type: "button" }, "Reset");
  period.addEventListener("change", () => choose({ period: period.value }));
  vendor.addEventListener("change", () => choose({ vendor: vendor.value }));
  customer.addEventListener(
    "input",
    () =>
      (!customer.value || labels.has(customer.value)) &&
      choose({ customer: labels.get(customer.value) || "" }),
  );
  reset.addEventListener("click", () => choose({ period: "", customer: "", vendor: "" }));
  form.addEventListener("submit", (event) => event.preventDefault());
  form.replaceChildren(
    element("label", {}, element("span", {}, "Period"), period),
    element("label", {}, element("span", {}, "Customer"), customer),
    element("label", {}, element("span", {}, "Vendor"), vendor),
    list,
    reset,
  );
  form.hidden = false;
  return (chosen) => {
    period.value = chosen.period || model.months[model.current];
    vendor.value = chosen.vendor || "";
    if (document.activeElement !== customer)
      customer.value = chosen.customer ? [...labels].find(([, id]) => id === chosen.customer)?.[0] || "" : "";
  };
}

/** Name → customer number; a name that two customers share carries the number. */
function customerLabels(model) {
  const names = model.customers.name,
    ids = model.customers.id;
  const seen = new Map();
  for (const name of names) seen.set(name, (seen.get(name) || 0) + 1);
  return new Map(
    names
      .map((name, index) => [seen.get(name) > 1 ? `${name} (${ids[index]})` : name, ids[index]])
      .sort((a, b) => a[0].localeCompare(b[0])),
  );
}

function drawFooter(model) {
  const { about } = model;
  const landed = model.deliveries
    .map((row) => row.landed)
    .sort()
    .at(-1);
  const parts = [
    `As of ${dayName(about.as_of)}, from ${format.whole.format(model.deliveries.length)} vendor deliveries, the last landed ${landed ? `${landed} UTC` : NONE}.`,
    `Amounts in ${format.base || NONE} at each period's own rates, listed above. Revenue is net of tax and after discounts; margin is revenue minus cost.`,
    `Snapshot ${about.snapshot_name} · book of business ${(about.config_fingerprint || NONE).slice(0, 12)} · cspbill ${about.cspbill_version}`,
  ];
  document.getElementById("footer").replaceChildren(...parts.map((part) => element("p", {}, part)));
}

function drawNothing(model) {
  document.getElementById("subtitle").textContent = `No data yet · as of ${dayName(model.about.as_of)}`;
  const late = model.late.map((row) => row.source);
  const lines = [
    "Figures appear after the first run with a vendor delivery: cspbill run",
    late.length
      ? `Sources without a delivery: ${late.join(", ")}`
      : "No source is configured: see reseller.yml, sources.",
  ];
  document
    .getElementById("main")
    .replaceChildren(
      element(
        "div",
        { className: "empty" },
        element("h2", {}, "No data yet"),
        ...lines.map((line) => element("p", {}, line)),
      ),
    );
}

/** The choice stands in the address (#period=…&customer=…&vendor=…): a view can be kept and shared. */
function readAddress() {
  return location.hash.includes("=") ? Object.fromEntries(new URLSearchParams(location.hash.slice(1))) : {};
}

function writeAddress(choice) {
  const given = Object.entries(choice).filter(([, value]) => value);
  history.replaceState(null, "", given.length ? `#${new URLSearchParams(given)}` : location.pathname);
}

async function start() {
  const model = buildModel(await readData());
  setUpFormat(model.about);
  drawFooter(model);
  if (!model.months.length) return drawNothing(model);
  model.colours = vendorColours(model.vendors);
  watchTips();
  watchPrinting();
  let choice = readAddress();
  const choose = (part) => {
    choice = { ...choice, ...part };
    writeAddress(choice);
    show();
  };
  const showFilters = drawFilters(model, choice, choose);
  const show = () => {
    showFilters(choice);
    drawPage(buildPage(model, choice, choose));
  };
  window.addEventListener(
    "hashchange",
    () => location.hash.includes("=") && ((choice = readAddress()), show()),
  );
  show();
}

start().catch((error) => {
  document
    .getElementById("main")
    .replaceChildren(element("p", { className: "empty" }, `This page cannot be drawn: ${error.message}`));
});
