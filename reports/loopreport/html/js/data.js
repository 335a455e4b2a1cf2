// The results, read from the page's data (written by encode.py): columns, chapters, rules, cases and rows.

const raw = JSON.parse(byId("data").textContent);

const columns = raw.columns.map((column, number) => ({
  ...column,
  number,
  minor: column.python.split(".").slice(0, 2).join("."),
  finding: new Map(),
}));

const chapters = raw.chapters.map((title, number) => ({
  title,
  number,
  slug: title.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, ""),
  rules: [],
}));

const rules = raw.rules.map(
  ([id, chapter, subject, says, level, basis, python, cited, citedOtherwise, untestable, kept, keptBy], number) => ({
    number, id, chapter: chapters[chapter], subject, says, level, basis, python, cited, citedOtherwise,
    untestable, kept, keptBy, rows: [], cases: [],
    counts: basis === "documentation" && level !== "may",
  }),
);
for (const rule of rules) rule.chapter.rules.push(rule);

const cases = raw.cases.map(([rule, id, about, file, line, script, runs, conditions, incidents], number) => ({
  number, id, rule: rules[rule], about, file, line, script, runs, conditions, incidents, rows: [],
}));
for (const one of cases) one.rule.cases.push(one);

const rows = raw.rows.map(([ofCase, id, bindings, logs, program, environment], number) => ({
  number, id, case: cases[ofCase], rule: cases[ofCase].rule, bindings, logs, program, environment,
}));
for (const row of rows) {
  row.case.rows.push(row);
  row.rule.rows.push(row);
}

const sources = raw.sources.map(([path, text, runs]) => ({ path, text, runs }));
const ruleById = new Map(rules.map((rule) => [rule.id, rule]));
const rowById = new Map(rows.map((row) => [row.id, row]));
const columnByKey = new Map(columns.map((column) => [column.key, column]));
const loopNames = [...new Set(columns.map((column) => column.name))];
const pythons = [...new Set(columns.map((column) => column.minor))].sort((one, other) =>
  one.localeCompare(other, "en", { numeric: true }),
);

// The numbers of a column's findings stand in the order of the rows that have one.
for (const column of columns) {
  let place = 0;
  for (let row = 0; row < column.cells.length; row++) {
    if (!".-p".includes(column.cells[row])) column.finding.set(row, column.found[place++]);
  }
}

function textOf({ parts, texts }, number) {
  const found = texts[number];
  return typeof found === "number" ? parts[found] : found.map((part) => parts[part]).join("");
}

// What is told of a verdict that is no pass, or null.
function findingOf(row, column) {
  const number = column.finding.get(row.number);
  if (number === undefined) return null;
  const [summary, difference, details, expected] = raw.findings[number].map((text) => textOf(raw.texts, text));
  return { summary, difference, details, expected };
}

const rowLabel = (row) => row.id.slice(row.rule.id.length + 1);

function columnTitle(column) {
  const python = column.implementation === "CPython" ? "Python" : column.implementation;
  return `${[column.name, column.version].filter(Boolean).join(" ")} on ${python} ${column.python}`;
}

function citation(rule, minor) {
  return rule.citedOtherwise[minor] || rule.cited.replace("{}", minor);
}
