// The page of a case: what is stated, what one loop did, how it is tested, and where the reference loop keeps it.

function casePage(id, parameters) {
  const row = rowById.get(id);
  if (!row) return missingPage(`There is no case ${id} in this report.`);
  const chosen = columnByKey.get(parameters.loop) || columns.find((column) => verdictOf(row, column).kind.failing) || columns[0];
  const finding = findingOf(row, chosen);
  return {
    title: `${row.id}, ${chosen.name}`,
    content: h("article.page.case", null,
      pageHead(row.rule, chosen, rowLabel(row)),
      h("div.columns", null,
        h("div", null,
          verdictLine(row, chosen, finding),
          observedSection(row, chosen, finding),
          h("section", { "aria-labelledby": "on-loops" },
            h("h2", { id: "on-loops" }, "On each loop"),
            strip(row, chosen),
          ),
          finding && finding.details && h("section", { "aria-labelledby": "details" },
            h("div.with-button", null, h("h2", { id: "details" }, "In full"), copyButton(finding.details, "the details")),
            plainBlock(finding.details, "Details"),
          ),
          alone(row, chosen),
        ),
        h("div", null, scriptSection(row), siblings(row, chosen), keptSection(row.rule)),
      ),
    ),
  };
}

function pageHead(rule, column, more) {
  const minor = column ? column.minor : pythons.at(-1) || "";
  const url = citation(rule, minor);
  return h("header.page-head", null,
    h("nav.crumbs", { "aria-label": "Where this is" },
      h("a", { href: lastMatrix }, "All rules"),
      h("a", { href: address([], { chapter: rule.chapter.slug }) }, rule.chapter.title),
      h("a", { href: ruleAddress(rule, column) }, rule.id),
      more && h("span", null, breakable(more)),
    ),
    h("h1", { tabindex: -1 }, rule.says),
    h("ul.facts", null,
      rule.subject && h("li", null, h("code", null, rule.subject)),
      h("li", null, h(`span.pill.${rule.level}`, null, rule.level)),
      h("li", null, rule.basis === "cpython" ? "what CPython does, not documented" : "documented"),
      !rule.counts && h("li", null, "does not count"),
      rule.python && h("li", null, `Python ${rule.python}`),
      url && h("li", null, outside(url, decode(url.replace(/^https:\/\/docs\.python\.org\//, "")))),
    ),
  );
}

// All columns with their verdicts, to go from one to another.
function strip(row, chosen) {
  return h("div.strip", null, groupsOf([...columns]).map((group) =>
    h("div", null,
      h("span.name", null, group.name, group.simulated && " (simulated)"),
      h("ul", null, group.columns.filter((column) => verdictOf(row, column).kind.name !== "none").map((column) => {
        const { kind, expected } = verdictOf(row, column);
        return h("li", null, h("a", { href: rowAddress(row, column), "aria-current": column === chosen && "true", title: columnTitle(column) },
          mark(kind, expected || !row.rule.counts),
          h("span", null, distinctPython(column)),
          unseen(`, ${expected ? "expected " : ""}${kind.name}`),
        ));
      })),
    ),
  ));
}

// Whether the summary says no more than the difference below it does.
const restated = ({ summary, difference }) => difference && /^(expected|observed) /.test(summary);

function verdictLine(row, column, finding) {
  const { kind, expected } = verdictOf(row, column);
  const title = h("a", { href: columnAddress(column) }, columnTitle(column));
  return h(`div.verdict.${kind.name}`, null,
    mark(kind, expected || !row.rule.counts),
    h("div", null,
      h("p.what", null, h("strong", null, kind.name), " on ", title),
      finding && finding.summary && !restated(finding) && h("p.summary", null, finding.summary),
      finding && finding.expected && h("p.note", null, "Known to fail: ", linked(finding.expected)),
      kind.name === "missing" && h("p.note", null, column.incomplete),
      kind.name === "pass" && h("p.note", null, "What is expected was observed, and nothing beside it."),
      ["unsupported", "flaky"].includes(kind.name) && h("p.note", null, "This is not a pass."),
      kind.name === "broken" && h("p.note", null, "The case is to blame, and not the loop."),
    ),
  );
}

function observedSection(row, column, finding) {
  const { kind } = verdictOf(row, column);
  if (finding && finding.difference) {
    return h("section", { "aria-labelledby": "observed" },
      h("h2", { id: "observed" }, "Expected and observed"),
      sideBySide(finding.difference),
      row.logs.length > 1 && h("details", null, h("summary", null, `${plural(row.logs.length - 1, "other log")} would have passed as well`), expectedLogs(row.logs)),
    );
  }
  if (!row.logs.length) return null;
  return h("section", { "aria-labelledby": "observed" },
    h("h2", { id: "observed" }, kind.name === "pass" ? "Expected and observed" : "Expected"),
    expectedLogs(row.logs),
    row.case.incidents.length > 0 && h("p.note", null, "And beside the log: ", row.case.incidents.join(", ")),
  );
}

function scriptSection(row) {
  const { case: one } = row;
  if (!one.script) return null;
  const bound = Object.entries(row.bindings);
  return h("section", { "aria-labelledby": "script" },
    h("div.with-button", null, h("h2", { id: "script" }, "The case"), copyButton(one.script, "the script")),
    h("p.about", null, linked(one.about)),
    bound.length > 0 && h("p.bound", null, "Here with ", bound.map(([name, value], place) => [place > 0 && ", ", h("code", null, `${name} = ${value}`)]), "."),
    h("p.place", null, `${one.file}:${one.line}`),
    codeBlock(one.script, one.runs, { first: one.line, label: "Script" }),
    Object.keys(one.conditions).length > 0 &&
      h("dl.conditions", null, Object.entries(one.conditions).map(([name, value]) => [h("dt", null, name), h("dd", null, value)])),
  );
}

function siblings(row, column) {
  const others = row.rule.rows;
  if (others.length < 2) return null;
  return h("section", { "aria-labelledby": "siblings" },
    h("h2", { id: "siblings" }, "Cases of this rule"),
    h("ul.siblings", null, others.map((other) => {
      const { kind, expected } = verdictOf(other, column);
      return h("li", null, h("a", { href: rowAddress(other, column), "aria-current": other === row && "page" },
        mark(kind, expected || !row.rule.counts), h("span", null, breakable(rowLabel(other))), unseen(`, ${kind.name}`)));
    })),
  );
}

// How to see it without this report: the commands, and the program where it is embedded.
function alone(row, column) {
  if (!row.case.script) return null;
  const program = programFor(row, column);
  const commands = [checkCommand(row, column), ...(row.case.conditions.witness ? [] : [scriptCommand(row, column)])];
  return h("section", { "aria-labelledby": "alone" },
    h("h2", { id: "alone" }, "See it again"),
    commands.map((command) => h("div.command", null, h("code", { tabindex: 0 }, command), copyButton(command, "the command"))),
    program && h("details.program", null,
      h("summary", null, "A program that needs nothing but the loop", h("span.note", null, ` ${plural(program.split("\n").length - 1, "line")}`)),
      h("div.with-button", null, h("p.note", null, "For a bug report: save it, run it, read what it prints."), copyButton(program, "the program")),
      plainBlock(program, "Program"),
    ),
  );
}

function keptSection(rule) {
  if (!rule.kept.length && !rule.keptBy) return null;
  return h("section", { "aria-labelledby": "kept" },
    h("h2", { id: "kept" }, "Where the reference loop keeps it"),
    rule.keptBy && h("p", null, "By ", h("code", null, rule.keptBy), ", on which it builds."),
    rule.kept.map(([number, line]) => {
      const source = sources[number];
      return h("div.kept", null,
        h("p.place", null, h("a", { href: sourceAddress(source, line) }, `${source.path}:${line}`)),
        codeBlock(source.text, source.runs, { from: Math.max(1, line - 6), to: line + 6, marked: new Set([line]), label: source.path }),
      );
    }),
  );
}

function missingPage(text) {
  return { title: "Not here", content: h("article.page", null, h("h1", { tabindex: -1 }, text), h("p", null, h("a", { href: "#/" }, "All rules"))) };
}
