// Expected and observed side by side.

// The two sides of a difference (lines that begin with ` `, `-` or `+`), what belongs together in one line.
function sides(difference) {
  const lines = [];
  let gone = [], come = [];
  const flush = () => {
    for (let place = 0; place < Math.max(gone.length, come.length); place++) {
      lines.push({ expected: gone[place], observed: come[place], differs: true });
    }
    gone = [];
    come = [];
  };
  for (const line of difference.split("\n")) {
    const text = line.slice(1);
    if (line[0] === "-") gone.push(text);
    else if (line[0] === "+") come.push(text);
    else {
      flush();
      lines.push({ expected: text, observed: text });
    }
  }
  flush();
  return lines;
}

function sideBySide(difference) {
  const body = h("tbody");
  for (const { expected, observed, differs } of sides(difference)) {
    body.append(h(`tr${differs ? ".differs" : ""}`, null, side(expected, differs && "gone"), side(observed, differs && "come")));
  }
  return h("div.scroll", null,
    h("table.sides", null,
      h("caption.unseen", null, "The log, line by line"),
      h("thead", null, h("tr", null, h("th", { scope: "col" }, "Expected"), h("th", { scope: "col" }, "Observed"))),
      body,
    ),
  );
}

function side(text, state) {
  if (text === undefined) return h("td.void", null, unseen("nothing"));
  const sign = { gone: "−", come: "+" }[state];
  return h(`td${state ? `.${state}` : ""}`, null,
    sign && h("span.sign", { "aria-hidden": "true" }, sign),
    state && unseen(state === "gone" ? "expected only: " : "observed only: "),
    h("code", null, text === "" ? "␤" : text),
  );
}

// The logs that pass: the expected one, then those that are accepted as well.
function expectedLogs(logs) {
  return logs.map((log, place) => [place > 0 && h("p.or", null, "or"), oneLog(log)]);
}

function oneLog(log) {
  if (!log.length) return h("p.none", null, "An empty log: nothing is written.");
  return h("ol.log", null, log.map((line) =>
    typeof line === "string"
      ? h("li", null, h("code", null, line))
      : h("li.group", null, h("span.any", null, "in any order"), h("ul", null, line.map((one) => h("li", null, h("code", null, one))))),
  ));
}
