// What is shown follows the address; and what the keyboard does everywhere.

let lastMatrix = "#/";
let matrixScroll = { left: 0, top: 0 };
let matrixFocus = null;
let shownPage = "";
let searchNext = false;

function show() {
  const { path, parameters } = readAddress();
  const [kind, ...rest] = path;
  const before = shownPage;
  shownPage = kind || "";
  if (!before && shownPage) keepPlace();
  // A menu stays open while one chooses from it.
  if (before || shownPage) closeMenus();
  for (const link of document.querySelectorAll("[data-page]")) {
    if (link.dataset.page === shownPage) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (!kind) return showMatrix(parameters, before);
  const page = {
    case: () => casePage(rest.join("/"), parameters),
    rule: () => rulePage(rest.join("/"), parameters),
    loop: () => columnPage(rest.join("/")),
    source: () => sourcePage(rest.join("/"), parameters),
  }[kind]?.() || missingPage("There is nothing at this address.");
  byId("page").replaceChildren(page.content);
  byId("page").hidden = false;
  byId("overview").hidden = true;
  document.title = `${page.title} · loopspec`;
  byId("main").scrollTo(0, 0);
  byId("page").querySelector("h1").focus({ preventScroll: true });
  if (page.at) byId("page").querySelector(page.at)?.scrollIntoView({ block: "center" });
  byId("page").querySelectorAll("pre.code").forEach((block) => {
    const marked = block.querySelector(".marked");
    if (marked && !page.at) block.scrollTop = marked.offsetTop - block.clientHeight / 2;
  });
}

function showMatrix(parameters, before) {
  const filter = readFilter(parameters);
  const here = filterAddress(filter);
  byId("page").hidden = true;
  byId("page").replaceChildren();
  byId("overview").hidden = false;
  document.title = byId("overview").querySelector("h1").textContent + " · loopspec";
  const redrawn = !matrix.filter || apartFromOpen(filter) !== apartFromOpen(matrix.filter);
  lastMatrix = here;
  if (redrawn) drawMatrix(filter);
  else openChapters(filter);
  showFilter(filter, matrix.left);
  if (before) {
    byId("main").scrollTo(redrawn ? 0 : matrixScroll.left, redrawn ? 0 : matrixScroll.top);
    if (searchNext) byId("search").focus({ preventScroll: true });
    else if (!redrawn && matrixFocus?.isConnected) matrixFocus.focus({ preventScroll: true });
    else byId("overview").querySelector("h1").focus({ preventScroll: true });
    searchNext = false;
  }
}

// Where in the matrix one was, to come back to it.
function keepPlace() {
  matrixScroll = { left: byId("main").scrollLeft, top: byId("main").scrollTop };
  matrixFocus = document.activeElement?.closest?.("#matrix") ? document.activeElement : null;
}

const apartFromOpen = (filter) => filterAddress({ ...filter, open: new Set() });

function toggleChapter(slug) {
  const filter = readFilter(readAddress().parameters);
  filter.open[filter.open.has(slug) ? "delete" : "add"](slug);
  go(filterAddress(filter));
}

// A cell says what was observed when the mouse rests on it; so many titles are not made beforehand.
function explain(event) {
  const cell = event.target.closest?.("#matrix td a.cell");
  if (!cell || cell.title || cell.parentNode.classList.contains("count")) return;
  const { path, parameters } = readAddress(cell.getAttribute("href"));
  const row = rowById.get(path.slice(1).join("/"));
  const column = columnByKey.get(parameters.loop);
  if (!row || !column) return;
  const finding = findingOf(row, column);
  cell.title = `${cell.getAttribute("aria-label")}: ${columnTitle(column)}\n${row.id}${finding && finding.summary ? `\n${finding.summary}` : ""}`;
}

function pressed(event) {
  if (event.defaultPrevented || moveInMatrix(event)) return;
  const typing = event.target.closest?.("input[type=search], textarea, select");
  if (event.key === "Escape") return escape(event, typing);
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/") {
    event.preventDefault();
    // At once, where that is possible: what is typed next belongs into it.
    if (shownPage) {
      searchNext = true;
      go(lastMatrix);
    } else byId("search").focus();
  } else if (event.key === "?") byId("help").showModal();
  else if (shownPage === "case" && (event.key === "j" || event.key === "k")) nextFinding(event.key === "j" ? 1 : -1);
}

function escape(event, typing) {
  const menu = closeMenus();
  if (menu) menu.querySelector("summary").focus();
  else if (typing && byId("search").value) {
    byId("search").value = "";
    searched();
  } else if (typing) typing.blur();
  else if (shownPage && !byId("help").open) go(lastMatrix);
}

// From a case to the next one that this column does not pass, of those that the matrix shows.
function nextFinding(step) {
  const { path, parameters } = readAddress();
  const row = rowById.get(path.slice(1).join("/"));
  const column = columnByKey.get(parameters.loop);
  if (!row || !column) return;
  const left = select(readFilter(readAddress(lastMatrix).parameters)).rows;
  for (let place = row.number + step; rows[place]; place += step) {
    if (left.has(rows[place]) && verdictOf(rows[place], column).kind.failing) return go(rowAddress(rows[place], column));
  }
}

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  byId("theme").setAttribute("aria-label", `Colours: ${theme || "as the system has them"}`);
  byId("theme").dataset.theme = theme;
  try {
    if (theme) localStorage.setItem("loopspec-theme", theme);
    else localStorage.removeItem("loopspec-theme");
  } catch {
    // A page may be kept from storing anything; the choice then holds until it is left.
  }
}

function storedTheme() {
  try {
    return localStorage.getItem("loopspec-theme") || "";
  } catch {
    return "";
  }
}

function start() {
  makeToolbar();
  setTheme(storedTheme());
  byId("theme").addEventListener("click", () => {
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    const now = byId("theme").dataset.theme || (dark ? "dark" : "light");
    setTheme(now === "dark" ? "light" : "dark");
  });
  byId("expand").addEventListener("click", () => {
    const filter = readFilter(readAddress().parameters);
    filter.open = filter.open.has("all") ? new Set() : new Set(["all"]);
    go(filterAddress(filter));
  });
  document.querySelector(".jump").addEventListener("click", (event) => {
    // The address is not to change: it says what is shown.
    event.preventDefault();
    byId("main").focus();
  });
  byId("help-button").addEventListener("click", () => byId("help").showModal());
  byId("matrix-frame").addEventListener("click", (event) => {
    const twist = event.target.closest("button.twist"), more = event.target.closest("button.more");
    if (twist) toggleChapter(twist.dataset.chapter);
    else if (more) toggleCases(more);
  });
  byId("matrix-frame").addEventListener("mouseover", explain);
  byId("matrix-frame").addEventListener("focusin", (event) => {
    if (event.target.matches("td a.cell") && event.target.tabIndex < 0) focusStop(event.target);
  });
  document.addEventListener("keydown", pressed);
  addEventListener("hashchange", show);
  show();
}

start();
