// Which rows and columns are shown: read from the address's parameters, and written back to it.

const LISTS = ["verdict", "chapter", "level", "basis", "loop", "python"];

function readFilter(parameters) {
  const filter = { only: parameters.only || "", q: parameters.q || "", open: split(parameters.open) };
  for (const name of LISTS) filter[name] = split(parameters[name]);
  return filter;
}

function split(value) {
  return new Set((value || "").split(",").filter(Boolean));
}

function filterParameters(filter) {
  const parameters = { only: filter.only };
  for (const name of LISTS) parameters[name] = [...filter[name]].join(",");
  return { ...parameters, q: filter.q, open: [...filter.open].join(",") };
}

const filterAddress = (filter) => address([], filterParameters(filter));

// Whether anything is left out of the rows: then the chapters of what remains are opened.
function narrows(filter) {
  return Boolean(filter.only || filter.q.trim() || ["verdict", "chapter", "level", "basis"].some((name) => filter[name].size));
}

// A chapter is closed unless it is named; it is open unless it is named where something narrows, or all are open.
function isOpen(filter, chapter) {
  return (narrows(filter) || filter.open.has("all")) !== filter.open.has(chapter.slug);
}

function shownColumns(filter) {
  return columns.filter(
    (column) =>
      (!filter.loop.size || filter.loop.has(column.name) || filter.loop.has(column.key)) &&
      (!filter.python.size || filter.python.has(column.minor) || filter.python.has(column.python)),
  );
}

function takesRule(filter, rule) {
  return (
    (!filter.chapter.size || filter.chapter.has(rule.chapter.slug)) &&
    (!filter.level.size || filter.level.has(rule.level)) &&
    (!filter.basis.size || filter.basis.has(rule.basis))
  );
}

// The rows that are left, as a set, and the rules: those of such a row, and untestable ones if verdicts do not matter.
function select(filter) {
  const shown = shownColumns(filter);
  const words = filter.q.toLowerCase().split(/\s+/).filter(Boolean);
  const byVerdict = filter.only || filter.verdict.size;
  const left = { columns: shown, rows: new Set(), rules: new Set() };
  for (const rule of rules) {
    if (!takesRule(filter, rule)) continue;
    if (!rule.rows.length && (!byVerdict || filter.only === "untestable") && words.every((word) => wordsOfRule(rule).includes(word))) left.rules.add(rule);
    for (const row of filter.only === "untestable" ? [] : rule.rows) {
      if (byVerdict && !takesVerdicts(filter, row, shown)) continue;
      if (words.length && !words.every((word) => wordsOf(row).includes(word))) continue;
      left.rows.add(row);
      left.rules.add(rule);
    }
  }
  return left;
}

function takesVerdicts(filter, row, shown) {
  const verdicts = shown.map((column) => verdictOf(row, column));
  if (filter.only === "failures" && !verdicts.some(({ kind }) => kind.failing)) return false;
  if (filter.only === "differences") {
    const kinds = new Set(verdicts.filter(({ kind }) => kind.played).map(({ kind }) => kind.name));
    if (kinds.size < 2) return false;
  }
  return !filter.verdict.size || verdicts.some(({ kind }) => filter.verdict.has(kind.name));
}

function wordsOfRule(rule) {
  rule.words ??= [rule.id, rule.subject, rule.says, rule.untestable].join("\n").toLowerCase();
  return rule.words;
}

// What is searched for a row: the rule, the case, and what was observed on any loop.
function wordsOf(row) {
  if (!row.words) {
    const found = new Set();
    for (const column of columns) {
      const number = column.finding.get(row.number);
      if (number !== undefined) found.add(raw.findings[number][0]);
    }
    const summaries = [...found].map((text) => textOf(raw.texts, text));
    row.words = [wordsOfRule(row.rule), row.id, row.case.about, ...summaries].join("\n").toLowerCase();
  }
  return row.words;
}
