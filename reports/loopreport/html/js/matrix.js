// The matrix: chapters with their counts, rules and cases below them, a column for each loop, version and Python.
// A chapter's rows are made when they are about to be seen.

const ROW_HEIGHT = 46;

const matrix = { table: null, left: null, filter: null, observer: null, heads: new Map(), openRules: new Set() };

function drawMatrix(filter) {
  const left = select(filter);
  Object.assign(matrix, { left, filter });
  matrix.observer?.disconnect();
  matrix.observer = new IntersectionObserver(
    (entries, observer) => {
      // What came into view of a matrix that is replaced by now is of no use.
      if (observer !== matrix.observer) return;
      entries.filter((entry) => entry.isIntersecting).forEach((entry) => fill(entry.target));
    },
    { root: byId("main"), rootMargin: "500px" },
  );
  const groups = groupsOf(left.columns);
  const table = h("table.matrix", { id: "matrix" },
    h("caption.unseen", null, "Rules by chapter, and the verdict on each for each loop, version and Python"),
    h("colgroup", null, h("col.first"), left.columns.map((column, place) => h(`col${starts(groups, place) ? ".starts" : ""}`))),
    head(groups),
  );
  matrix.heads.clear();
  for (const chapter of chapters) {
    const shown = chapter.rules.filter((rule) => left.rules.has(rule));
    if (!shown.length) continue;
    const headOfChapter = h("tbody.chapter", null, chapterRow(chapter, shown, isOpen(filter, chapter)));
    matrix.heads.set(chapter, headOfChapter);
    table.append(headOfChapter, ...(isOpen(filter, chapter) ? chapterBodies(chapter) : []));
  }
  const empty = !left.rules.size || !left.columns.length;
  byId("matrix-frame").replaceChildren(empty ? nothingLeft() : table);
  matrix.table = empty ? null : table;
  fitColumns();
  makeOneReachable();
}

function nothingLeft() {
  return h("div.empty", null,
    h("p", null, "No rule is left by these filters."),
    h("p", null, h("a", { href: "#/" }, "Show everything")),
  );
}

// Neighbouring columns of one loop; simulated ones come last.
function groupsOf(shown) {
  const groups = [];
  for (const column of [...shown].sort((one, other) => one.simulated - other.simulated)) {
    const last = groups.at(-1);
    if (last && last.name === column.name && last.simulated === column.simulated) last.columns.push(column);
    else groups.push({ name: column.name, simulated: column.simulated, columns: [column] });
  }
  shown.splice(0, shown.length, ...groups.flatMap((group) => group.columns));
  return groups;
}

function starts(groups, place) {
  let first = 0;
  return groups.some((group) => first === place || ((first += group.columns.length), false));
}

function head(groups) {
  const names = h("tr", null, h("th.corner", { scope: "col", rowspan: 2 }, "Rule"));
  const pythonRow = h("tr");
  let simulated = false;
  for (const group of groups) {
    const versions = new Set(group.columns.map((column) => column.version));
    const version = versions.size === 1 ? group.columns[0].version : "";
    names.append(
      h(`th.group${group.columns.length === 1 ? ".single" : ""}${group.simulated && !simulated ? ".apart" : ""}`, { scope: "colgroup", colspan: group.columns.length, title: [group.name, version].filter(Boolean).join(" ") },
        h("span.title", null,
          h("span.name", null, group.name),
          version && h("span.version", null, ` ${version}`),
          group.simulated && h("span.version", null, " simulated"),
        ),
      ),
    );
    simulated ||= group.simulated;
    for (const [place, column] of group.columns.entries()) {
      pythonRow.append(
        h(`th${place ? "" : ".starts"}`, { scope: "col" },
          h("a", { href: columnAddress(column), title: columnTitle(column) + (column.incomplete ? `: ${column.incomplete}` : "") },
            unseen(`${column.name} on Python `),
            distinctPython(column),
            versions.size > 1 && h("span.version", null, column.version),
            column.incomplete && h("span.cut", null, h("span", { "aria-hidden": "true" }, "◐"), unseen(" incomplete")),
          ),
        ),
      );
    }
  }
  return h("thead", null, names, pythonRow);
}

function distinctPython(column) {
  const alike = columns.some((other) => other !== column && other.name === column.name && other.minor === column.minor);
  return `${column.implementation === "CPython" ? "" : `${column.implementation} `}${alike ? column.python : column.minor}`;
}

// Open and close chapters as the address has them, and leave everything else as it is.
function openChapters(filter) {
  const before = matrix.filter;
  matrix.filter = filter;
  for (const [chapter, body] of matrix.heads) {
    const open = isOpen(filter, chapter);
    if (open === isOpen(before, chapter)) continue;
    body.querySelector(".twist").setAttribute("aria-expanded", String(open));
    if (open) body.after(...chapterBodies(chapter));
    else while (body.nextElementSibling && !body.nextElementSibling.matches(".chapter")) body.nextElementSibling.remove();
  }
}

// The bodies of an open chapter: for what counts, what does not, and what cannot be tested.
function chapterBodies(chapter) {
  const { left } = matrix;
  const shown = chapter.rules.filter((rule) => left.rules.has(rule));
  const counted = shown.filter((rule) => rule.counts && rule.rows.length);
  const apart = shown.filter((rule) => !rule.counts && rule.rows.length);
  const untestable = shown.filter((rule) => !rule.rows.length);
  const bodies = counted.length ? [lazyBody(counted, false)] : [];
  if (apart.length) {
    bodies.push(h("tbody.part", null, countRow("Not counted", "what only CPython does, and what is only permitted", chapter)));
    bodies.push(lazyBody(apart, true));
  }
  if (untestable.length) {
    bodies.push(h("tbody.part", null, h("tr", null,
      h("th", { scope: "rowgroup" }, h("div.label", null, h("span.title", null, "Not testable"), h("span.note", null, "what no program can observe"))),
      h("td.wide", { colspan: left.columns.length }),
    )));
    bodies.push(lazyBody(untestable, true));
  }
  return bodies;
}

// Counts are of all cases of a chapter, whatever is left of its rows.
function rowsOf(chapter, counting) {
  chapter.rowsOf ??= new Map();
  if (!chapter.rowsOf.has(counting)) {
    chapter.rowsOf.set(counting, chapter.rules.filter((rule) => rule.counts === counting).flatMap((rule) => rule.rows));
  }
  return chapter.rowsOf.get(counting);
}

function chapterRow(chapter, shown, open) {
  const all = chapter.rules.length;
  const title = h("th", { scope: "rowgroup" },
    h("button.twist", { type: "button", "aria-expanded": String(open), "data-chapter": chapter.slug },
      h("span.title", null, chapter.title),
      h("span.note", null, shown.length < all ? `${shown.length} of ${plural(all, "rule")}` : plural(all, "rule")),
    ),
  );
  return h("tr", null, title, countCells(rowsOf(chapter, true), chapter));
}

function countRow(title, note, chapter) {
  return h("tr", null,
    h("th", { scope: "rowgroup" }, h("div.label", null, h("span.title", null, title), h("span.note", null, note))),
    countCells(rowsOf(chapter, false), null),
  );
}

// How many pass, as a number over a bar; if it is a chapter's, with a link to what does not.
function countCells(someRows, chapter) {
  return matrix.left.columns.map((column, place) => {
    const counts = counted(someRows, column);
    const words = inWords(counts);
    const bad = counts.failing + counts.expected;
    const number = counts.played || counts.missing
      ? [h("b", null, String(counts.pass)), h("span.of", null, `/${counts.played + counts.missing}`)]
      : [h("span.of", null, "–")];
    const inside = [
      h("span.number", { "aria-hidden": "true" }, number, counts.missing > 0 && h("span.cut", null, "◐")),
      (counts.played || counts.missing) > 0 && bar(counts),
    ];
    const state = !counts.played ? ".nothing" : counts.failing ? ".bad" : counts.expected ? ".known" : counts.missing ? ".cut-short" : ".good";
    const parameters = chapter && {
      ...filterParameters(matrix.filter), chapter: chapter.slug, loop: column.key, python: "", only: bad ? "failures" : "", open: "",
    };
    return h(`td.count${state}${startsGroup(place) ? ".starts" : ""}`, { title: words },
      chapter && (counts.played || counts.missing)
        ? h("a.cell", { href: address([], parameters), "aria-label": words, tabindex: -1 }, inside)
        : h("span.cell", { role: "img", "aria-label": words }, inside),
    );
  });
}

// How the counts compare, in one element, since there are many; of what does not pass, even one of many is to be seen.
function bar(counts) {
  const unsupported = counts.kinds.get("unsupported") || 0;
  const numbers = { fail: counts.failing - unsupported, unsupported, known: counts.expected, missing: counts.missing };
  const shares = Object.entries(numbers)
    .filter(([, number]) => number)
    .map(([name, number]) => [name, Math.max(0.06, number / (counts.played + counts.missing))]);
  let place = Math.max(0, 1 - shares.reduce((sum, [, share]) => sum + share, 0));
  const stops = [`var(--bar-pass) ${100 * place}%`];
  for (const [name, share] of shares) {
    stops.push(`var(--bar-${name}) ${100 * place}% ${100 * (place + share)}%`);
    place += share;
  }
  const shown = h("span.bar", { "aria-hidden": "true" });
  shown.style.background = `linear-gradient(90deg, ${stops.join(", ")}${shares.length ? "" : ", var(--bar-pass)"})`;
  return shown;
}

function startsGroup(place) {
  const shown = matrix.left.columns;
  return !place || shown[place].name !== shown[place - 1].name || shown[place].simulated !== shown[place - 1].simulated;
}

// A body whose rows are made when it is near what is seen.
function lazyBody(someRules, soft) {
  const placeholder = h("tr.waiting", { "aria-hidden": "true" }, h("td", { colspan: matrix.left.columns.length + 1 }));
  placeholder.firstChild.style.height = `${someRules.length * ROW_HEIGHT}px`;
  const body = h(`tbody.rules${soft ? ".soft" : ""}`, null, placeholder);
  body.waiting = someRules;
  matrix.observer.observe(body);
  return body;
}

function fill(body) {
  if (!body.waiting) return;
  const waiting = body.waiting;
  body.waiting = null;
  matrix.observer.unobserve(body);
  body.replaceChildren(...waiting.flatMap((rule) => [ruleRow(rule), ...(matrix.openRules.has(rule) ? caseRows(rule) : [])]));
}

function ruleRow(rule) {
  const shown = rule.rows.filter((row) => matrix.left.rows.has(row));
  const several = shown.length > 1;
  const pills = [rule.basis === "cpython" && "cpython", rule.level !== "must" && rule.level].filter(Boolean);
  const title = h("th", { scope: "row" },
    h("div.rule", null,
      several && h("button.more", { type: "button", "aria-expanded": String(matrix.openRules.has(rule)), "data-rule": rule.number, "aria-label": `${plural(shown.length, "case")} of ${rule.id}` }, String(shown.length)),
      h("a", { href: ruleAddress(rule), title: rule.says },
        h("span.says", null, rule.says),
        h("span.id", null, rule.id, pills.map((pill) => h(`span.pill.${pill}`, null, pill))),
      ),
    ),
  );
  if (!rule.rows.length) {
    return h("tr.rule", null, title, h("td.wide", { colspan: matrix.left.columns.length }, h("p.reason", null, linked(rule.untestable || "It has no case."))));
  }
  return h("tr.rule", null, title, matrix.left.columns.map((column, place) => verdictCell(shown, column, place, !rule.counts)));
}

const caseRows = (rule) => rule.rows.filter((row) => matrix.left.rows.has(row)).map(caseRow);

function caseRow(row) {
  return h("tr.case", null,
    h("th", { scope: "row" }, h("div.rule", null, h("a", { href: rowAddress(row), title: row.case.about }, h("span.id", null, rowLabel(row))))),
    matrix.left.columns.map((column, place) => verdictCell([row], column, place, !row.rule.counts)),
  );
}

function verdictCell(someRows, column, place, soft) {
  const { kind, expected, failing, played, row } = worst(someRows, column);
  const cell = h(`td${startsGroup(place) ? ".starts" : ""}`);
  if (kind.name === "none") return cell;
  const mixed = failing > 0 && someRows.length > 1 ? `, ${failing} of ${played} do not pass` : "";
  const label = `${expected ? "expected " : ""}${kind.name}${mixed}`;
  cell.append(
    h("a.cell", { href: rowAddress(row, column), "aria-label": label, tabindex: -1 },
      mark(kind, soft || expected),
      mixed && failing < played && h("span.share", { "aria-hidden": "true" }, `${failing}/${played}`),
    ),
  );
  return cell;
}

// The rows of a rule's cases, below it or gone again.
function toggleCases(button) {
  const rule = rules[button.dataset.rule];
  const open = button.getAttribute("aria-expanded") === "true";
  const ruleLine = button.closest("tr");
  button.setAttribute("aria-expanded", String(!open));
  if (open) {
    while (ruleLine.nextElementSibling?.classList.contains("case")) ruleLine.nextElementSibling.remove();
  } else {
    ruleLine.after(...caseRows(rule));
  }
  matrix.openRules[open ? "delete" : "add"](rule);
}

// Columns as wide as there is room for, so that a few do not crowd on the left.
function fitColumns() {
  if (!matrix.table) return;
  const room = byId("main").clientWidth;
  const narrow = room < 640;
  const many = matrix.left.columns.length;
  const side = narrow ? 0 : 32;
  const few = Math.min(900, Math.max(660, room - side - many * 140));
  const first = narrow ? Math.round(room * 0.44) : Math.min(few, Math.max(330, room - side - many * 58));
  const wide = Math.max(narrow ? 54 : 58, Math.min(140, Math.floor((room - side - first) / many)));
  matrix.table.style.width = `${first + many * wide}px`;
  matrix.table.style.setProperty("--first", `${first}px`);
  matrix.table.style.setProperty("--column", `${wide}px`);
}

addEventListener("resize", fitColumns);

// The head of the matrix sticks below the filters, which take more lines where there is less room.
new ResizeObserver(([entry]) => {
  byId("main").style.setProperty("--toolbar-height", `${Math.round(entry.borderBoxSize[0].blockSize)}px`);
}).observe(byId("toolbar"));
