// The stand-alone program for a case and a loop: the slots that `loopspec.programs.slots` names, filled for a column.

// As Python writes the string, and as JSON does.
const literal = (text) => JSON.stringify(text);

// The program, or an empty text where only the command can write it.
function programFor(row, column) {
  const loop = raw.loops[column.name];
  const template = textOf(raw.programs, row.program);
  if (!template || !loop) return "";
  const environment = Object.entries({ ...loop.environment, ...row.environment });
  const values = {
    "⟦loop⟧": `${[column.name, column.version].filter(Boolean).join(" ")} on Python ${column.python}`,
    "⟦needs⟧": loop.needs ? `   (after: pip install ${loop.needs})` : "",
    "⟦cited⟧": citation(row.rule, column.minor),
    "⟦policy⟧": loop.make_policy ? ", new_policy" : "",
    "⟦make⟧": loop.make,
    "⟦make policy⟧": loop.make_policy ? `\n${loop.make_policy}` : "",
    "⟦environment's helper⟧": environment.length ? `\n\n\n${raw.helper}` : "",
    "⟦environment⟧": environment.length
      ? `\n    with_environment({${environment.map(([name, value]) => `${literal(name)}: ${literal(value)}`).join(", ")}})`
      : "",
  };
  return template.replace(/⟦[^⟧\n]*⟧/g, (slot) => values[slot] ?? slot);
}

// A word of a command line, as a shell needs it.
const quoted = (word) => (/^[A-Za-z0-9@%+=:,./_-]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`);

const checkCommand = (row, column) => ["loopspec", "check", column.name, "-k", row.id, ...raw.arguments].map(quoted).join(" ");
const scriptCommand = (row, column) => ["loopspec", "script", row.id, "--loop", column.name, ...raw.arguments].map(quoted).join(" ");
