// The matrix by keyboard: one cell is reached by Tab, the others from there by the arrow keys, Home and End.

function gridLines() {
  return [...matrix.table.tBodies].flatMap((body) => (body.waiting ? [body] : [...body.rows]));
}

// The links and buttons of a line: its head first, then a cell for each column (null where there is nothing to open).
function stops(line) {
  return [...line.cells].map((cell) => cell.querySelector("a, button, .cell[tabindex]"));
}

function makeOneReachable() {
  const first = matrix.table?.querySelector("td a.cell");
  if (first) first.tabIndex = 0;
}

function focusStop(target) {
  matrix.table.querySelectorAll('td a.cell[tabindex="0"]').forEach((cell) => (cell.tabIndex = -1));
  if (target.classList.contains("cell")) target.tabIndex = 0;
  target.focus({ preventScroll: true });
  reveal(target.closest("td, th"));
}

// Bring a cell into what is not covered by the first column and the head.
function reveal(cell) {
  const main = byId("main");
  const box = cell.getBoundingClientRect(), room = main.getBoundingClientRect();
  const left = room.left + (cell.cellIndex ? matrix.table.tHead.rows[0].cells[0].offsetWidth : 0);
  const top = matrix.table.tHead.getBoundingClientRect().bottom;
  if (cell.cellIndex && box.left < left) main.scrollLeft -= left - box.left + 8;
  else if (cell.cellIndex && box.right > room.right) main.scrollLeft += box.right - room.right + 8;
  if (box.top < top) main.scrollTop -= top - box.top + 8;
  else if (box.bottom > room.bottom) main.scrollTop += box.bottom - room.bottom + 8;
}

function moveInMatrix(event) {
  const cell = event.target.closest("#matrix tbody td, #matrix tbody th");
  if (!cell || event.altKey || event.ctrlKey || event.metaKey) return false;
  const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Home: [0, -Infinity], End: [0, Infinity] }[event.key];
  if (!step) return false;
  const [down, right] = step;
  if (down) moveLine(cell, down);
  else moveInLine(cell, right);
  event.preventDefault();
  return true;
}

function moveInLine(cell, right) {
  const found = stops(cell.parentNode);
  let place = right === -Infinity ? 0 : right === Infinity ? found.length - 1 : cell.cellIndex + right;
  const step = right === Infinity || right < 0 ? -1 : 1;
  while (place >= 0 && place < found.length && !found[place]) place += right === -Infinity ? 1 : step;
  if (found[place]) focusStop(found[place]);
}

function moveLine(cell, down) {
  let lines = gridLines();
  let place = lines.indexOf(cell.parentNode) + down;
  for (; place >= 0 && place < lines.length; place += down) {
    if (lines[place].waiting) {
      const rowsBefore = lines.length;
      fill(lines[place]);
      lines = gridLines();
      if (down < 0) place += lines.length - rowsBefore;
    }
    const found = lines[place] && stops(lines[place]);
    const target = found && (found[cell.cellIndex] || (found.length <= 2 ? found[0] : null));
    if (target) return focusStop(target);
  }
}
