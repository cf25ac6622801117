// The statement as a whole, in the customer's language.
function drawNothing(about) {
  return element(
    "div",
    { className: "empty" },
    element("h2", {}, words.no_data),
    element("p", {}, say("no_data_why", { month: monthName(about.month) })),
  );
}

function drawStatement(statement) {
  const { about, services } = statement;
  document.getElementById("subtitle").textContent = [
    monthName(about.month),
    say("net_amounts", { currency: format.base }),
    say("as_of", { day: dayName(about.as_of) }),
  ].join(" · ");
  const running = services.some((row) => row.to_date || row.rest);
  const parts = [
    running ? dailyFigure(statement) : null,
    budgetsFigure(statement),
    services.length ? servicesFigure(statement) : null,
    subscriptionsFigure(statement),
    documentsFigure(statement) || balanceFigure(statement),
  ].filter(Boolean);
  document
    .getElementById("main")
    .replaceChildren(
      stateList(statement),
      headFigures(statement),
      ...(running ? [] : [drawNothing(about)]),
      element("div", { className: "grid" }, ...parts),
    );
}

/** A balance of a customer without a document yet. */
function balanceFigure(statement) {
  const note = prepaidNote(statement);
  return note && figure({ id: "documents", wide: true, title: words.documents, note });
}

function drawFooter(statement) {
  const vendors = statement.deliveries.map((row) =>
    say("delivery", { vendor: row.vendor, day: dayName(row.covered_until), received: row.received }),
  );
  const lines = [
    say("made_of", { day: dayName(statement.about.as_of), vendors: vendors.join(" ") }),
    words.rule,
  ];
  document.getElementById("footer").replaceChildren(...lines.map((line) => element("p", {}, line)));
}

async function start() {
  const data = await readData();
  Object.assign(words, data.words);
  setUpFormat({ ...data.about, base_currency: data.about.currency });
  format.months = format.days = knownLocale(data.about.dates);
  const statement = buildStatement(data);
  drawStatement(statement);
  drawFooter(statement);
  watchTips();
  watchPrinting();
}

start().catch((error) => {
  document
    .getElementById("main")
    .replaceChildren(element("p", { className: "empty" }, (words.broken || "{reason}").replace("{reason}", () => error.message)));
});
