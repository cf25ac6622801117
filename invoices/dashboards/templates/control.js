// What stands between the figures and the invoices: money at risk, losses, held back customers, reconciliation.
const ADVICE = [
  ["no contract", () => "contracts.csv: a contract that covers the charge dates"],
  ["exchange rate", () => "fx_rates.csv: that rate, at most 10 days before the date"],
  ["comes in", () => "price_rules.csv: a rule for the unit that the vendor delivers"],
  ["vendor gives no", () => "price_rules.csv: another basis or model for this charge"],
  [
    "",
    (row) => `price_rules.csv: a rule for ${[row.vendor, row.service, row.sku].filter(Boolean).join(" / ")}`,
  ],
];

/** Say which line of the book of business would mend it. */
function advice(row) {
  if (row.kind === "Unallocated")
    return "accounts.csv: its customer; or owner_accounts in reseller.yml, if your own";
  const reason = (row.reason || "").toLowerCase();
  return ADVICE.find(([words]) => reason.includes(words))[1](row);
}

function riskFigure(page) {
  const rows = within(page.model.risk, page.model, page.filter);
  const hidden = page.filter.customer
    ? " Unallocated cost belongs to no customer yet and is left out while one customer is chosen."
    : "";
  const title = `Money at risk: cost that nobody is billed for, ${format.base}, ${page.periodName}`;
  if (!rows.length)
    return figure({
      id: "risk",
      wide: true,
      title,
      note: `Every charge has a customer and a price.${hidden}`,
    });
  return figure({
    id: "risk",
    wide: true,
    title,
    note: `Vendor cost without a customer (unallocated) or without a price (unpriced). Unpriced charges hold back their customer's invoice. Mend the book of business as told at the right; the next run bills it.${hidden}`,
    table: () =>
      dataTable({
        name: `money-at-risk-${page.periodId}`,
        caption: "Unallocated and unpriced cost",
        rows,
        sorted: { column: 6, down: true },
        columns: [
          textColumn("Kind", (row) => row.kind, { grow: 9 }),
          textColumn(
            "Source and account",
            (row) => [row.source, row.account, row.account_name].filter(Boolean).join(" · "),
            { grow: 16 },
          ),
          textColumn("Customer", (row) => (row.customer ? page.model.customerName(row.customer) : null), {
            grow: 12,
          }),
          textColumn("Service", (row) => [row.vendor, row.service, row.sku].filter(Boolean).join(" · "), {
            grow: 15,
          }),
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
  if (!rows.length)
    return figure({ id: "losses", wide: true, title, note: "No line is sold below its cost." });
  return figure({
    id: "losses",
    wide: true,
    title,
    note: "Lines after their discounts, largest loss first, at most 50 a month.",
    table: () =>
      dataTable({
        name: `lines-below-cost-${page.periodId}`,
        caption: title,
        rows,
        sorted: { column: 7, down: true },
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
  const rows = page.model.reconciliation.filter(
    (row) =>
      inPeriod(row, page.model, page.filter) &&
      (!page.filter.vendor || !vendors[row.source] || vendors[row.source] === page.filter.vendor),
  );
  const inOwn = { currency: (row) => row.currency };
  const title = `Vendor totals against what was loaded, in the vendor's currency, ${page.periodName}`;
  if (!rows.length)
    return figure({ id: "reconciliation", wide: true, title, note: "No vendor total for this period yet." });
  return figure({
    id: "reconciliation",
    wide: true,
    title,
    note: "Loaded cost is sold, unpriced, unallocated, kept or late; nothing else. A source that does not tie holds back its customers' invoices.",
    table: () =>
      dataTable({
        name: `reconciliation-${page.periodId}`,
        caption: title,
        rows,
        columns: [
          textColumn("Month", (row) => row.month),
          textColumn("Source", (row) => row.source),
          textColumn("Currency", (row) => row.currency),
          moneyColumn("Vendor total", (row) => row.vendor_total, inOwn),
          moneyColumn("Loaded", (row) => row.loaded, inOwn),
          moneyColumn("Sold", (row) => row.sold, inOwn),
          moneyColumn("Unpriced", (row) => row.unpriced, inOwn),
          moneyColumn("Unallocated", (row) => row.unallocated, inOwn),
          moneyColumn("Kept", (row) => row.kept, inOwn),
          moneyColumn("Late", (row) => row.late, inOwn),
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
    id: "parked",
    wide: true,
    title: `Customers whose invoice is held back, ${page.periodName}`,
    note: "Only these wait; all other invoices can be issued. Mend the reason and run again; cspbill status says the same.",
    table: () =>
      dataTable({
        name: `held-back-${page.periodId}`,
        caption: "Customers whose invoice is held back",
        rows,
        columns: [
          textColumn("Month", (row) => row.month, { grow: 8 }),
          textColumn("Customer", (row) => page.model.customerName(row.customer), { grow: 20 }),
          textColumn("Reason", (row) => row.reason),
          moneyColumn("Draft net", (row) => row.net, { currency: (row) => row.currency, grow: 12 }),
          textColumn("Currency", (row) => row.currency, { grow: 8 }),
        ],
      }),
  });
}

function deliveryFigure(page) {
  const rows = page.model.deliveries.filter((row) => inPeriod(row, page.model, page.filter));
  return figure({
    id: "deliveries",
    title: `Vendor deliveries used, ${page.periodName}`,
    note: rows.length ? null : "No delivery for this period yet.",
    table: rows.length
      ? () =>
          dataTable({
            name: `deliveries-${page.periodId}`,
            caption: "Vendor deliveries used",
            rows,
            columns: [
              textColumn("Month", (row) => row.month),
              textColumn(
                "Source",
                (row) =>
                  row.scope && ![".", "default"].includes(row.scope)
                    ? `${row.source} · ${row.scope}`
                    : row.source,
                { grow: 24 },
              ),
              textColumn("Up to day", (row) => row.last_day),
              { label: "Rows", kind: "count", value: (row) => row.rows },
              textColumn("State", (row) => (row.final ? "final" : "not final")),
              textColumn("Landed (UTC)", (row) => row.landed, { grow: 20 }),
            ],
          })
      : null,
  });
}

function rateFigure(page) {
  const rows = page.model.rates.filter((row) => inPeriod(row, page.model, page.filter));
  return figure({
    id: "rates",
    title: `Exchange rates used, ${format.base} per unit, ${page.periodName}`,
    note: rows.length ? null : `Every amount of this period is in ${format.base}.`,
    table: rows.length
      ? () =>
          dataTable({
            name: `rates-${page.periodId}`,
            caption: "Exchange rates used",
            rows,
            columns: [
              textColumn("Month", (row) => row.month),
              textColumn("Currency", (row) => row.currency),
              textColumn("Rate", (row) =>
                row.lowest === row.highest
                  ? rateText(row.lowest)
                  : `${rateText(row.lowest)} to ${rateText(row.highest)}`,
              ),
            ],
          })
      : null,
  });
}

function rateText(rate) {
  return rate ? rate.replace(/0+$/, "").replace(/\.$/, "").replace(".", format.point) : NONE;
}
