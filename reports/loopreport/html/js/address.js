// What is shown stands in the address, after the `#`: `#/case/RULE/CASE?loop=KEY`, `#/?only=failures&loop=uvloop`.

const encode = (part) => encodeURIComponent(part).replace(/%2C/g, ",").replace(/%40/g, "@").replace(/%3D/g, "=");

function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function readAddress(hash = location.hash) {
  const [path, query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const parameters = {};
  for (const pair of query.split("&").filter(Boolean)) {
    const [name, value = ""] = pair.split(/=(.*)/s);
    parameters[name] = decode(value);
  }
  return { path: path.split("/").filter(Boolean).map(decode), parameters };
}

function address(path, parameters = {}) {
  const pairs = Object.entries(parameters).filter(([, value]) => value !== "" && value !== undefined);
  const query = pairs.map(([name, value]) => `${name}=${encodeURIComponent(value).replace(/%2C/g, ",").replace(/%40/g, "@")}`);
  return `#/${path.map(encode).join("/")}${query.length ? `?${query.join("&")}` : ""}`;
}

const rowAddress = (row, column) => address(["case", ...row.id.split("/")], { loop: column && column.key });
const ruleAddress = (rule, column) => address(["rule", rule.id], { loop: column && column.key });
const columnAddress = (column) => address(["loop", column.key]);
const sourceAddress = (source, line) => address(["source", ...source.path.split("/")], { line });

// Go there; in place of the present address if that is only a step on the way, such as a letter typed.
function go(hash, replace = false) {
  if (replace) location.replace(hash);
  else location.hash = hash;
}
