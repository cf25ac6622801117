// The statement's tables: services, subscriptions, documents.
function servicesFigure(statement) {
  const title = say("services", { currency: format.base });
  return figure({
    id: "services",
    wide: true,
    title,
    table: () =>
      dataTable({
        name: `statement-${statement.about.month}`,
        caption: title,
        rows: statement.services,
        columns: [
          textColumn(words.vendor, (row) => row.vendor, { grow: 22 }),
          textColumn(words.service, (row) => row.label, { grow: 30 }),
          moneyColumn(words.used, (row) => row.to_date),
          moneyColumn(words.forecast_day, (row) => row.forecast),
          moneyColumn(words.last_month, (row) => row.before),
        ],
        sorted: { column: 3, down: true },
      }),
  });
}

/** A unit price with all of its decimals, where the currency's own would cut it. */
function priceText(value, currency) {
  const least = minorUnits(currency);
  const shown = new Intl.NumberFormat(format.locale, {
    numberingSystem: "latn",
    minimumFractionDigits: least,
    maximumFractionDigits: DECIMALS,
  });
  return value % 10n ** BigInt(DECIMALS - least) ? shown.format(exact(value, currency)) : money(value, currency);
}

function untilText(row) {
  if (row.ends) return say("ends", { day: dayName(row.ends) });
  return row.term_end ? say("renews", { day: dayName(row.term_end) }) : words.runs_on;
}

function subscriptionsFigure(statement) {
  if (!statement.subscriptions.length) return null;
  return figure({
    id: "subscriptions",
    wide: true,
    title: words.subscriptions,
    table: () =>
      dataTable({
        name: "subscriptions",
        caption: words.subscriptions,
        rows: statement.subscriptions,
        columns: [
          textColumn(words.product, (row) => [row.name, row.description].filter(Boolean).join(", "), { grow: 34 }),
          { label: words.units, kind: "count", value: (row) => Number(row.quantity) },
          moneyColumn(words.unit_price, (row) => row.price, {
            currency: (row) => row.currency,
            show: (row) => priceText(row.price, row.currency),
          }),
          textColumn(words.currency, (row) => row.currency),
          textColumn(words.per, (row) => words[row.interval] || row.interval),
          textColumn(words.until, untilText),
        ],
      }),
  });
}

function periodText(row) {
  const first = row.period_start.slice(0, 7);
  const last = new Date(Date.parse(`${row.period_end}T00:00:00Z`) - 86400000).toISOString().slice(0, 7);
  return first === last
    ? monthName(first, "short")
    : `${monthName(first, "short")} – ${monthName(last, "short")}`;
}

function documentState(row, asOf) {
  if (row.status === "void") return words.is_void;
  if (row.open > 0n && row.due_date < asOf) return words.is_overdue;
  return row.open ? words.is_open : words.is_settled;
}

function documentsFigure(statement) {
  if (!statement.documents.length) return null;
  const asOf = statement.about.as_of;
  const of = (row) => row.currency;
  return figure({
    id: "documents",
    wide: true,
    title: words.documents,
    note: prepaidNote(statement),
    table: () =>
      dataTable({
        name: "documents",
        caption: words.documents,
        rows: statement.documents,
        columns: [
          textColumn(words.number, (row) => row.number, { grow: 16 }),
          textColumn(words.kind, (row) => words[row.type] || row.type),
          textColumn(words.period, periodText),
          textColumn(words.issued, (row) => row.issue_date, { show: (row) => dayName(row.issue_date) }),
          textColumn(words.due, (row) => row.due_date, { show: (row) => dayName(row.due_date) }),
          moneyColumn(words.gross, (row) => row.gross, { currency: of }),
          moneyColumn(words.open, (row) => row.open, { currency: of }),
          textColumn(words.currency, of),
          textColumn(words.state, (row) => documentState(row, asOf), {
            tone: (row) => (row.open > 0n && row.due_date < asOf ? "bad" : ""),
          }),
        ],
      }),
  });
}

function prepaidNote(statement) {
  const notes = statement.prepaid.map((row) =>
    [
      say("prepaid", { amount: inCurrency(row.remaining, row.currency) }),
      row.expires ? say("prepaid_expires", { day: dayName(row.expires) }) : "",
    ]
      .filter(Boolean)
      .join("; "),
  );
  return notes.length ? `${notes.join(" · ")}.` : null;
}
