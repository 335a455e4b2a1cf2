// Code with line numbers and colours. `runs` are a letter and a length in base 36 each (written by code.py).

const RUN = /([A-Z])([0-9a-z]+)/g;

// The lines of a text, each a list of spans and texts.
function colouredLines(text, runs) {
  const lines = [[]];
  let place = 0;
  const put = (piece, letter) => {
    for (const [number, part] of piece.split("\n").entries()) {
      if (number) lines.push([]);
      if (part) lines.at(-1).push(letter && letter !== "X" ? h(`span.tok-${letter.toLowerCase()}`, null, part) : part);
    }
  };
  for (const [, letter, length] of (runs || "").matchAll(RUN)) {
    const end = place + parseInt(length, 36);
    put(text.slice(place, end), letter);
    place = end;
  }
  put(text.slice(place), "");
  return lines;
}

// Lines `from` to `to` (counted from 1) of a text, numbered from `first` on; those in `marked` stand out.
function codeBlock(text, runs, { first = 1, from = 1, to = Infinity, marked = new Set(), label } = {}) {
  const lines = colouredLines(text.replace(/\n$/, ""), runs);
  const shown = lines.slice(from - 1, to);
  const digits = String(first + from - 2 + shown.length).length;
  const block = h("pre.code", { tabindex: 0, role: "region", "aria-label": label });
  block.style.setProperty("--digits", digits);
  for (const [place, line] of shown.entries()) {
    const number = first + from - 1 + place;
    block.append(h(`span.line${marked.has(number) ? ".marked" : ""}`, { "data-line": number }, line, "\n"));
  }
  return block;
}

const plainBlock = (text, label) => h("pre.plain", { tabindex: 0, role: "region", "aria-label": label }, text);

function copyButton(text, what) {
  const button = h("button.copy", { type: "button" }, "Copy", unseen(` ${what}`));
  button.addEventListener("click", async () => {
    const done = await copy(text);
    button.firstChild.data = done ? "Copied" : "Select and copy by hand";
    byId("said").textContent = done ? `Copied ${what}` : "";
    setTimeout(() => (button.firstChild.data = "Copy"), 2000);
  });
  return button;
}

// The clipboard is not open to every page (a file's, without https): then by way of a selection.
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = h("textarea.unseen", { "aria-hidden": "true", tabindex: -1 });
    area.value = text;
    const focused = document.activeElement;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    focused?.focus?.();
    return done;
  }
}
