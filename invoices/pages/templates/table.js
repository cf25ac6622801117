// A table that sorts, searches and downloads; of a long one only the rows in view exist.
const ROW = 32;
const SHORT = 60; // rows: up to here all are drawn and may wrap
const PRINTED = 40;

/**
 * Columns: {label, kind: "text" | "money" | "percent" | "count", value(row), currency?(row), tone?(row),
 * grow? in percent, show?(row) where the kind's own text would not do}.
 * `value` gives text, a BigInt for money, tenths for percent; null is written as a dash.
 */
function dataTable({ columns, rows, name, caption, sorted = null }) {
  const state = { rows, order: sorted, query: "" };
  const body = element("tbody");
  const table = element(
    "table",
    {},
    element("caption", { className: "unseen" }, caption),
    headerRow(columns, state, redraw),
    body,
  );
  table.setAttribute("aria-rowcount", rows.length + 1);
  const view = element(
    "div",
    { className: "view", tabIndex: 0, role: "region", "aria-label": caption },
    table,
  );
  const count = element("span", { className: "count" });
  const search = element("input", {
    type: "search",
    placeholder: words.search,
    "aria-label": `${words.search}: ${caption}`,
  });
  const download = element(
    "button",
    { type: "button", title: words.download },
    "CSV",
  );
  search.addEventListener("input", () => ((state.query = search.value), redraw()));
  download.addEventListener("click", () => saveCsv(name, columns, state.rows));
  view.addEventListener("scroll", () => drawRows(body, columns, state.rows, view), { passive: true });
  const node = element(
    "div",
    { className: "table" },
    element("div", { className: "tools" }, count, search, download),
    view,
  );
  node.printRows = () =>
    body.replaceChildren(...state.rows.slice(0, PRINTED).map((row) => tableRow(columns, row)));
  node.screenRows = () => drawRows(body, columns, state.rows, view);
  function redraw() {
    state.rows = order(matching(rows, columns, state.query), columns, state.order);
    count.textContent = `${format.whole.format(state.rows.length)} ${state.rows.length === 1 ? words.row : words.rows}`;
    view.classList.toggle("long", state.rows.length > SHORT);
    view.scrollTop = 0;
    drawRows(body, columns, state.rows, view);
  }
  redraw();
  return node;
}

function headerRow(columns, state, redraw) {
  const cells = columns.map((column, index) => {
    const button = element("button", { type: "button" }, column.label);
    const cell = element("th", { scope: "col", className: column.kind === "text" ? "" : "number" }, button);
    if (column.grow) cell.style.width = `${column.grow}%`;
    button.addEventListener("click", () => {
      const again = state.order?.column === index;
      state.order = { column: index, down: again ? !state.order.down : column.kind !== "text" };
      redraw();
      mark();
    });
    return cell;
  });
  const mark = () =>
    cells.forEach((cell, index) =>
      cell.setAttribute(
        "aria-sort",
        state.order?.column !== index ? "none" : state.order.down ? "descending" : "ascending",
      ),
    );
  mark();
  return element("thead", {}, element("tr", {}, ...cells));
}

function matching(rows, columns, query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return rows;
  return rows.filter((row) => {
    const text = columns
      .map((column) => shown(column, row))
      .join(" ")
      .toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

function order(rows, columns, by) {
  if (!by) return rows;
  const value = columns[by.column].value;
  const direction = by.down ? -1 : 1;
  return [...rows].sort((a, b) => {
    const first = value(a),
      second = value(b);
    if (first === null || second === null) return (first === null) - (second === null);
    return direction * (typeof first === "string" ? first.localeCompare(second) : compare(first, second));
  });
}

/** Draw what is in view; blank rows of the right height stand for the rest. */
function drawRows(body, columns, rows, view) {
  if (rows.length <= SHORT) {
    const none = element(
      "tr",
      {},
      element("td", { colSpan: columns.length, className: "none" }, words.nothing),
    );
    body.replaceChildren(...(rows.length ? rows.map((row) => tableRow(columns, row)) : [none]));
    return;
  }
  const first = Math.max(0, Math.floor(view.scrollTop / ROW) - 8);
  const last = Math.min(rows.length, first + Math.ceil((view.clientHeight || 416) / ROW) + 16);
  const drawn = rows.slice(first, last).map((row, index) => tableRow(columns, row, first + index));
  body.replaceChildren(spacer(first, columns.length), ...drawn, spacer(rows.length - last, columns.length));
}

function spacer(rows, columns) {
  const cell = element("td", { colSpan: columns });
  cell.style.height = `${rows * ROW}px`;
  return element("tr", { className: "spacer", "aria-hidden": "true" }, cell);
}

function tableRow(columns, row, index = null) {
  const cells = columns.map((column) => {
    const text = shown(column, row);
    const tone = column.tone?.(row) || (text.startsWith(MINUS) ? "negative" : "");
    return element(
      "td",
      { className: `${column.kind === "text" ? "" : "number"} ${tone}`.trim(), title: text },
      text,
    );
  });
  const line = element("tr", {}, ...cells);
  if (index !== null) line.setAttribute("aria-rowindex", index + 2);
  return line;
}

function shown(column, row) {
  const value = column.value(row);
  if (value === null || value === undefined || value === "") return NONE;
  if (column.show) return column.show(row);
  if (column.kind === "money") return money(value, column.currency?.(row));
  if (column.kind === "percent") return percent(value);
  return column.kind === "count" ? format.whole.format(value) : String(value);
}

/** Write the rows as CSV: exact amounts, and no text that a spreadsheet would run as a formula. */
function csvText(columns, rows) {
  const lines = rows.map((row) => columns.map((column) => csvCell(column, row)).join(","));
  return [columns.map((column) => csvQuoted(column.label)).join(","), ...lines].join("\r\n") + "\r\n";
}

function csvCell(column, row) {
  const value = column.value(row);
  if (value === null || value === undefined) return "";
  if (column.kind === "money") return exact(value, column.currency?.(row));
  if (column.kind === "percent") return (value / 10).toFixed(1);
  return column.kind === "count" ? String(value) : csvQuoted(defused(String(value)));
}

function defused(text) {
  return /^[\s]*[=+\-@]|^[\t\r\n]/.test(text) ? `'${text}` : text;
}

function csvQuoted(text) {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function saveCsv(name, columns, rows) {
  const file = new Blob(["\ufeff", csvText(columns, rows)], { type: "text/csv;charset=utf-8" });
  const link = element("a", { href: URL.createObjectURL(file), download: `${name}.csv` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
