// The kinds of verdict: how each is named, what it means, and how many there are of each.

const KINDS = [
  { letter: "c", name: "crash", means: "the process died; a signal or an exit status tells how" },
  { letter: "h", name: "hang", means: "the case had not ended in time" },
  { letter: "f", name: "fail", means: "another log, an exception, or something left behind" },
  { letter: "y", name: "flaky", means: "it failed, and passed when it was played again alone; not a pass either" },
  { letter: "u", name: "unsupported", means: "the loop says NotImplementedError, or has no such method; not a pass" },
  { letter: "b", name: "broken", means: "the case itself is wrong; never blamed on the loop" },
  { letter: ".", name: "missing", means: "no verdict, because the run or its results are incomplete" },
  { letter: "p", name: "pass", means: "what the documentation allows was observed, and nothing beside it" },
  { letter: "s", name: "skip", means: "it cannot be played there, for the reason given" },
  { letter: "-", name: "none", means: "not selected" },
];
const kindOf = new Map(KINDS.map((kind, rank) => [kind.letter, { ...kind, rank, failing: rank < 6, played: rank < 8 && rank !== 6 }]));
const kindByName = new Map([...kindOf.values()].map((kind) => [kind.name, kind]));

const isExpected = (letter) => letter >= "A" && letter <= "Z";

function verdictOf(row, column) {
  const letter = column.cells[row.number];
  return { kind: kindOf.get(letter.toLowerCase()), expected: isExpected(letter) };
}

// The verdict that stands for several rows: the worst, news before what is expected; with how many did not pass.
function worst(someRows, column) {
  let found = null, failing = 0, played = 0, row = null;
  for (const one of someRows) {
    const verdict = verdictOf(one, column);
    if (verdict.kind.played) played++;
    if (verdict.kind.failing) failing++;
    const weight = verdict.kind.rank + (verdict.kind.failing && verdict.expected ? 0.5 : 0);
    if (!found || weight < found.weight) {
      found = { ...verdict, weight };
      row = one;
    }
  }
  return found ? { ...found, failing, played, row } : null;
}

function count(someRows, column) {
  const counts = { pass: 0, failing: 0, expected: 0, skip: 0, missing: 0, played: 0, kinds: new Map() };
  for (const row of someRows) {
    const { kind, expected } = verdictOf(row, column);
    if (kind.name === "pass") counts.pass++;
    else if (kind.name === "skip") counts.skip++;
    else if (kind.name === "missing") counts.missing++;
    else if (kind.failing && expected) counts.expected++;
    else if (kind.failing) counts.failing++;
    if (kind.failing && !expected) counts.kinds.set(kind.name, (counts.kinds.get(kind.name) || 0) + 1);
    if (kind.played) counts.played++;
  }
  return counts;
}

// The same again, without counting twice: the rows of a chapter are counted at each change of the filters.
const countsKnown = new WeakMap();
function counted(someRows, column) {
  if (!countsKnown.has(someRows)) countsKnown.set(someRows, new Map());
  const known = countsKnown.get(someRows);
  if (!known.has(column)) known.set(column, count(someRows, column));
  return known.get(column);
}

function inWords(counts) {
  if (!counts.played && !counts.missing) return counts.skip ? `${counts.skip} skipped` : "nothing played";
  const parts = [`${counts.pass} of ${counts.played + counts.missing} pass`];
  for (const [name, number] of counts.kinds) parts.push(`${number} ${name}`);
  if (counts.expected) parts.push(`${counts.expected} expected to fail`);
  if (counts.skip) parts.push(`${counts.skip} skipped`);
  if (counts.missing) parts.push(`${counts.missing} missing`);
  return parts.join(", ");
}

// A mark: a shape of its own for each kind, soft where it does not decide whether the loop conforms.
function mark(kind, soft) {
  return h(`span.mark.${kind.name}${soft ? ".soft" : ""}`, { "aria-hidden": "true" });
}
