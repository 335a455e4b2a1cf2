// The filters: controls that show what the address says, and change it.

const CHOICES = {
  loop: () => loopNames.map((name) => ({ value: name, label: name })),
  python: () => pythons.map((python) => ({ value: python, label: `Python ${python}` })),
  verdict: () => KINDS.filter((kind) => kind.name !== "none" && rowsHave(kind)).map((kind) => ({ value: kind.name, label: kind.name, kind })),
  chapter: () => chapters.map((chapter) => ({ value: chapter.slug, label: chapter.title })),
  level: () => ["must", "should", "may"].map((level) => ({ value: level, label: level })),
  basis: () => [{ value: "documentation", label: "documented" }, { value: "cpython", label: "only CPython does it" }],
};
const MENUS = { loop: "Loops", python: "Pythons", verdict: "Verdicts", chapter: "Chapters", level: "Level", basis: "Basis" };

function rowsHave(kind) {
  const capital = kind.letter.toUpperCase();
  return columns.some((column) => column.cells.includes(kind.letter) || (capital !== kind.letter && column.cells.includes(capital)));
}

function makeToolbar() {
  for (const [name, title] of Object.entries(MENUS)) {
    const choices = CHOICES[name]();
    const menu = h("details.menu", { "data-name": name },
      h("summary", null, title, h("span.chosen")),
      h("fieldset", null, h("legend.unseen", null, title),
        choices.map(({ value, label, kind }) =>
          h("label", null, h("input", { type: "checkbox", name, value }), kind && mark(kind), h("span", null, label)),
        ),
      ),
    );
    menu.addEventListener("toggle", () => menu.open && closeMenus(menu));
    byId("menus").append(menu);
  }
  byId("toolbar").addEventListener("change", changed);
  byId("toolbar").addEventListener("submit", (event) => event.preventDefault());
  byId("search").addEventListener("input", searched);
  byId("clear").addEventListener("click", () => go(filterAddress(readFilter({}))));
  byId("filters-button").addEventListener("click", () => {
    const open = byId("toolbar").classList.toggle("open");
    byId("filters-button").setAttribute("aria-expanded", String(open));
  });
  document.addEventListener("click", (event) => event.target.closest(".menu") || closeMenus());
}

function closeMenus(but = null) {
  const open = [...document.querySelectorAll(".menu[open]")].filter((menu) => menu !== but);
  for (const menu of open) menu.open = false;
  return open[0];
}

function changed(event) {
  const filter = readFilter(readAddress().parameters);
  const control = event.target;
  if (control.name === "only") filter.only = control.value;
  else if (control.type === "checkbox") filter[control.name][control.checked ? "add" : "delete"](control.value);
  else return;
  filter.open = new Set();
  go(filterAddress(filter));
}

// Each pause in typing is shown; only the first letter is a step that the back button returns over.
let typing = 0;
function searched() {
  clearTimeout(typing);
  typing = setTimeout(() => {
    const filter = readFilter(readAddress().parameters);
    const wasEmpty = !filter.q;
    filter.q = byId("search").value;
    filter.open = new Set();
    go(filterAddress(filter), !wasEmpty);
  }, 120);
}

const share = (some, all, noun) => (some < all ? `${some} of ${plural(all, noun)}` : plural(all, noun));

function showFilter(filter, left) {
  const search = byId("search");
  if (document.activeElement !== search || readAddress().parameters.q === undefined) search.value = filter.q;
  for (const radio of document.querySelectorAll('input[name="only"]')) radio.checked = radio.value === filter.only;
  for (const menu of document.querySelectorAll(".menu")) {
    const chosen = filter[menu.dataset.name];
    for (const box of menu.querySelectorAll("input")) box.checked = chosen.has(box.value);
    menu.classList.toggle("active", chosen.size > 0);
    menu.querySelector(".chosen").textContent = chosen.size ? ` ${chosen.size}` : "";
  }
  const whole = !narrows(filter) && !LISTS.some((name) => filter[name].size);
  byId("clear").hidden = whole;
  const shown = [share(left.rules.size, rules.length, "rule"), share(left.rows.size, rows.length, "case")];
  if (left.columns.length < columns.length) shown.push(share(left.columns.length, columns.length, "column"));
  byId("status").textContent = shown.join(", ");
  const all = byId("expand");
  const opened = filter.open.has("all");
  all.hidden = narrows(filter);
  all.textContent = opened ? "Close all" : "Open all";
}
