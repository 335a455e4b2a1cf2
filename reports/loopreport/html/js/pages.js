// The other pages: a rule with its cases, a column with what did not pass, and the reference loop's source.

function rulePage(id, parameters) {
  const rule = ruleById.get(id);
  if (!rule) return missingPage(`There is no rule ${id} in this report.`);
  const column = columnByKey.get(parameters.loop);
  return {
    title: rule.id,
    content: h("article.page", null,
      pageHead(rule, column, null),
      rule.untestable && h("section", { "aria-labelledby": "untestable" },
        h("h2", { id: "untestable" }, "Not testable"),
        h("p", null, linked(rule.untestable)),
      ),
      rule.cases.map((one) => caseOfRule(one)),
      keptSection(rule),
    ),
  };
}

function caseOfRule(one) {
  const several = one.rows.length > 1;
  const shown = groupsOf([...columns]);
  const inOrder = shown.flatMap((group) => group.columns);
  return h("section.case-of-rule", null,
    h("h2", null, several ? breakable(one.id.slice(one.rule.id.length + 1)) : h("a", { href: rowAddress(one.rows[0]) }, breakable(rowLabel(one.rows[0])))),
    h("p.about", null, linked(one.about)),
    h("div.scroll", { tabindex: 0, role: "region", "aria-label": `Verdicts on ${one.id}` },
      h("table.verdicts", null,
        h("caption.unseen", null, "Verdicts by loop and Python"),
        h("thead", null,
          h("tr", null, several && h("th", { rowspan: 2, scope: "col" }, "Row"), shown.map((group) => h("th", { scope: "colgroup", colspan: group.columns.length }, group.name))),
          h("tr", null, inOrder.map((column) => h("th", { scope: "col" }, distinctPython(column)))),
        ),
        h("tbody", null, one.rows.map((row) => h("tr", null,
          several && h("th", { scope: "row" }, h("a", { href: rowAddress(row) }, row.id.split("/").slice(2).join("/"))),
          inOrder.map((column) => {
            const { kind, expected } = verdictOf(row, column);
            return h("td", null, kind.name !== "none" && h("a.cell", { href: rowAddress(row, column), "aria-label": `${expected ? "expected " : ""}${kind.name}` }, mark(kind, expected || !one.rule.counts)));
          }),
        ))),
      ),
    ),
  );
}

function columnPage(key) {
  const column = columnByKey.get(key);
  if (!column) return missingPage(`There is no loop ${key} in this report.`);
  return {
    title: columnTitle(column),
    content: h("article.page", null,
      h("header.page-head", null,
        h("nav.crumbs", { "aria-label": "Where this is" }, h("a", { href: lastMatrix }, "All rules"), h("span", null, column.key)),
        h("h1", { tabindex: -1 }, columnTitle(column)),
        column.simulated && h("p", null, "A simulated loop: it has a clock or a network of its own, and does not claim to be a drop-in replacement."),
        h("p", null, h("a", { href: address([], { loop: column.key, only: "failures" }) }, "Its failures in the matrix")),
        column.incomplete && h("p.incomplete", null, h("span", { "aria-hidden": "true" }, "◐ "), `Incomplete: ${column.incomplete}.`),
      ),
      h("dl.conditions", null, column.facts.map(([name, value]) => [h("dt", null, name), h("dd", null, value)])),
      findings(column, "What does not pass", (row, verdict) => row.rule.counts && !verdict.expected),
      findings(column, "Known to fail", (row, verdict) => row.rule.counts && verdict.expected),
      findings(column, "Does not pass, and does not count", (row) => !row.rule.counts),
    ),
  };
}

// The findings of a column, those with one and the same reason together.
function findings(column, title, takes) {
  const byReason = new Map();
  for (const row of rows) {
    const verdict = verdictOf(row, column);
    if (!verdict.kind.failing || !takes(row, verdict)) continue;
    const { summary, difference } = findingOf(row, column);
    const reason = difference ? `${row.case.id} ${summary}` : `${verdict.kind.name} ${summary}`;
    if (!byReason.has(reason)) byReason.set(reason, { ...verdict, summary, rows: [] });
    byReason.get(reason).rows.push(row);
  }
  if (!byReason.size) return title.startsWith("What") ? h("section", null, h("h2", null, title), h("p", null, "Nothing: every rule that counts and was played holds.")) : null;
  const total = [...byReason.values()].reduce((sum, { rows: found }) => sum + found.length, 0);
  return h("section", null,
    h("h2", null, title, h("span.note", null, ` ${plural(total, "case")}`)),
    h("ul.findings", null, [...byReason.values()].map((group) => h("li", null,
      mark(group.kind, group.expected || !group.rows[0].rule.counts),
      h("div", null,
        h("p.summary", null, h("strong", null, group.kind.name), " ", group.summary),
        casesOf(group.rows, column),
      ),
    ))),
  );
}

function casesOf(found, column) {
  const links = found.map((row) => h("li", null, h("a", { href: rowAddress(row, column) }, breakable(row.id))));
  const list = h("ul.ids", null, links);
  return found.length > 8 ? h("details", null, h("summary", null, plural(found.length, "case")), list) : list;
}

function sourcePage(path, parameters) {
  const source = sources.find((one) => one.path === path);
  if (!source) {
    return {
      title: "The reference loop",
      content: h("article.page", null,
        h("header.page-head", null, h("nav.crumbs", { "aria-label": "Where this is" }, h("a", { href: lastMatrix }, "All rules")), h("h1", { tabindex: -1 }, "The reference loop")),
        h("ul.ids", null, sources.map((one) => h("li", null, h("a", { href: sourceAddress(one) }, one.path)))),
      ),
    };
  }
  const line = Number(parameters.line) || 0;
  const here = new Map();
  for (const rule of rules) {
    for (const [number, at] of rule.kept) if (sources[number] === source) here.set(at, [...(here.get(at) || []), rule]);
  }
  return {
    title: source.path,
    content: h("article.page.source", null,
      h("header.page-head", null,
        h("nav.crumbs", { "aria-label": "Where this is" }, h("a", { href: lastMatrix }, "All rules"), h("a", { href: "#/source" }, "The reference loop")),
        h("h1", { tabindex: -1 }, source.path),
      ),
      here.get(line) && h("p", null, `Line ${line} keeps `, here.get(line).map((rule, place) => [place > 0 && ", ", h("a", { href: ruleAddress(rule) }, rule.id)]), "."),
      codeBlock(source.text, source.runs, { marked: new Set([line]), label: source.path }),
    ),
    at: line ? `[data-line="${line}"]` : "",
  };
}
