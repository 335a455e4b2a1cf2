// Making elements. Text goes in as text: no markup is ever read out of a string.

const byId = (id) => document.getElementById(id);

// h("a.link", { href: "#/" }, "text", child, …): an element with classes, attributes, listeners (on…) and children.
function h(name, properties, ...children) {
  const [tag, ...classes] = name.split(".");
  const element = document.createElement(tag || "div");
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(properties || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const unseen = (text) => h("span.unseen", null, text);

const plural = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;

// A long identifier may be broken after its dots, hyphens and slashes.
function breakable(text) {
  return text.split(/(?<=[./])/).flatMap((part, place) => (place ? [document.createElement("wbr"), part] : [part]));
}

// A text whose addresses can be followed.
const linked = (text) => text.split(/(https?:\/\/[^\s)]*[^\s).,;:])/).map((part, place) => (place % 2 ? outside(part, part) : part));

function outside(url, ...children) {
  return /^https?:\/\//.test(url) ? h("a.outside", { href: url, rel: "noopener noreferrer" }, ...children) : h("span", null, ...children);
}
