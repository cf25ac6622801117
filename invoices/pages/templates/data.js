// The page's data: JSON in the page itself, compressed where it is large.
async function readData() {
  const node = document.getElementById("data");
  if (node.dataset.encoding === "json") return JSON.parse(node.textContent);
  const letters = atob(node.textContent);
  const bytes = new Uint8Array(letters.length);
  for (let index = 0; index < letters.length; index++) bytes[index] = letters.charCodeAt(index);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).json();
}

/** Turn columns into a list of objects; the named money columns become BigInt. */
function records(table, ...moneyColumns) {
  const names = Object.keys(table);
  return (table[names[0]] || []).map((_, index) => {
    const record = {};
    for (const name of names) record[name] = table[name][index];
    for (const name of moneyColumns) record[name] = BigInt(record[name] ?? 0);
    return record;
  });
}

function compare(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}
