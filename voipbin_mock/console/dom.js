// Elements, made of data as text alone: nothing here takes markup.

const SVG = "http://www.w3.org/2000/svg";
// What would not be seen, or would turn the text around it.
const UNSEEN = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

export const plain = (text) => String(text).replace(UNSEEN, (c) => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0"));

export function put(node, ...children) {
  for (const child of children.flat(9)) {
    if (child === null || child === undefined || child === false || child === "") continue;
    node.append(child instanceof Node ? child : plain(child));
  }
  return node;
}

function made(node, props, children) {
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") for (const [event, f] of Object.entries(value)) node.addEventListener(event, f);
    else if (name === "dataset") Object.assign(node.dataset, value);
    else if (name === "style") for (const [key, text] of Object.entries(value)) node.style.setProperty(key, text);
    else if (name === "value" || name === "checked" || name === "selected") node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  return put(node, ...children);
}

// el("a", {href: "#/requests", class: "x", on: {click: f}, style: {"--n": 3}}, "text", node, [more])
export const el = (tag, props, ...children) => made(document.createElement(tag), props, children);
export const svg = (tag, props, ...children) => made(document.createElementNS(SVG, tag), props, children);
export const fill = (node, ...children) => (node.replaceChildren(), put(node, ...children));

// Rows, each drawn on its own: known ones stay where nothing of them changed, and one that fails becomes a row that says so.
export function keyed(parent, rows, key, draw) {
  const old = parent.drawn ?? new Map(), now = new Map();
  let at = parent.firstChild;
  rows.forEach((row, index) => {
    let name, node;
    try {
      name = String(key(row));
      const text = JSON.stringify(row), known = old.get(name);
      node = known?.text === text ? known.node : draw(row);
      if (known && known.node !== node) {
        const focused = known.node.contains(document.activeElement);
        if (at === known.node) at = node;
        known.node.replaceWith(node);
        if (focused) (node.matches("a, button") ? node : node.querySelector("a, button, input"))?.focus();
      }
      now.set(name, {node, text});
    } catch (error) {
      name = `odd ${index}`;
      node = odd(parent, error);
      now.set(name, {node});
    }
    if (node === at) at = at.nextSibling;
    else parent.insertBefore(node, at);
  });
  for (const {node} of old.values()) if (![...now.values()].some((one) => one.node === node)) node.remove();
  for (const [name, one] of old) if (!now.has(name)) one.node.remove();
  parent.drawn = now;
  return parent;
}

function odd(parent, error) {
  const text = `This one cannot be shown: ${error.message}`;
  if (parent.tagName === "TBODY") return el("tr", {class: "odd"}, el("td", {colspan: 99}, text));
  return el(/^[UO]L$/.test(parent.tagName) ? "li" : "div", {class: "odd"}, text);
}

// A table: columns are [title, (row) => content, class]. Give it rows by show(rows). Narrow, its rows wrap: hence the roles.
// Classes of a column: "long" (takes the width there is), "right", "mono", "wide" (not shown where it is narrow).
export function table(label, columns, key, empty) {
  const body = el("tbody", {role: "rowgroup"});
  const head = el("tr", {role: "row"}, columns.map(([title, , kind]) => el("th", {scope: "col", role: "columnheader", class: kind}, title)));
  const none = el("div", {class: "empty", hidden: true}, empty);
  const node = el("div", {class: "scroll"}, el("table", {role: "table", "aria-label": label}, el("thead", {role: "rowgroup"}, head), body), none);
  node.show = (rows) => {
    keyed(body, rows, key, (row) => el("tr", {role: "row"}, columns.map(([, cell, kind]) => el("td", {role: "cell", class: kind}, cell(row)))));
    none.hidden = rows.length > 0;
    node.firstChild.hidden = !rows.length;
    return node;
  };
  return node;
}

let ids = 0;
export function field(label, input, hint, action) {
  input.id ||= `field-${++ids}`;
  const said = hint && el("small", {id: `${input.id}-hint`}, hint);
  if (said) input.setAttribute("aria-describedby", said.id);
  return el("div", {class: "field"}, el("label", {for: input.id}, label), action ? el("div", {class: "toolbar"}, input, action) : input, said);
}

export const select = (options, value, props) =>
  el("select", props, options.map(([name, text]) => el("option", {value: name, selected: name === value}, text ?? name)));

// A button that tells when what it does fails, and is not pressed twice meanwhile.
export function button(label, f, props) {
  const click = async (event) => {
    if (node.getAttribute("aria-disabled")) return;
    node.setAttribute("aria-disabled", "true");
    try {
      await f(event);
    } catch (error) {
      tell(error.message, true);
    } finally {
      node.removeAttribute("aria-disabled");
    }
  };
  const node = el("button", {type: "button", ...props, on: {click}}, label);
  return node;
}

export const mark = (text, tone = "quiet") => el("span", {class: `mark ${tone}`}, text);
export const facts = (pairs) => el("dl", {class: "facts"}, pairs.filter(([, value]) => value !== null && value !== undefined && value !== "")
  .map(([name, value]) => el("div", null, el("dt", null, name), el("dd", null, value))));
export const section = (title, ...children) => el("section", null, el("h2", null, title), children);
export const empty = (...children) => el("div", {class: "empty"}, children);

// "2026-03-01T09:00:00.25Z" as the time of day, or with its date.
export function stamp(iso, dated) {
  const [date, time = ""] = String(iso ?? "").split("T");
  const short = time.replace(/(\.\d{1,3})\d*/, "$1").replace("Z", "");
  return el("time", {datetime: iso, title: `${plain(iso)} (virtual time)`}, dated ? `${date} ${short}` : short);
}

// Seconds in words, by the two largest units: "2 h 5 min", "0.25 s".
export function lasts(seconds) {
  const told = [];
  let rest = Math.abs(seconds);
  for (const [size, unit] of [[86400, "d"], [3600, "h"], [60, "min"]]) {
    if (rest >= size) told.push(`${Math.floor(rest / size)} ${unit}`);
    rest %= size;
  }
  if (rest || !told.length) told.push(`${+rest.toFixed(told.length ? 0 : 3)} s`);
  return (seconds < 0 ? "-" : "") + told.slice(0, 2).join(" ");
}

// --- what is said ----------------------------------------------------------------------------------

let waiting, spoken = 0;
// To screen readers: one sentence in five seconds at most, the newest of those that came.
export function say(text) {
  const first = waiting === undefined;
  waiting = text;
  if (first) setTimeout(() => {
    document.getElementById("status").textContent = plain(waiting);
    [waiting, spoken] = [undefined, Date.now()];
  }, Math.max(100, spoken + 5000 - Date.now()));
}

let fading;
// To everybody: what was done, or why it was not.
export function tell(text, failed, action) {
  const toast = document.getElementById("toast");
  (document.querySelector("dialog[open]") ?? document.body).append(toast);
  fill(toast, el("p", {class: failed && "bad"}, failed && "Not done: ", text), action,
    (failed || action) && button("Close", () => fill(toast), {class: "plain"}));
  clearTimeout(fading);
  if (!failed) fading = setTimeout(() => fill(toast), action ? 30000 : 6000);
}

export function dialog(title, content, buttons) {
  const back = document.activeElement;
  const name = `dialog-${++ids}`;
  const node = el("dialog", {"aria-labelledby": name}, el("h2", {id: name}, title), content,
    el("div", {class: "toolbar end"}, buttons));
  node.addEventListener("close", () => {
    document.body.append(document.getElementById("toast"));
    node.remove();
    back?.focus();
  });
  document.body.append(node);
  node.showModal();
  return node;
}

// Ask first: true if the answer is yes.
export const ask = (title, text, yes) => new Promise((done) => {
  let answer = false;
  const node = dialog(title, el("div", {class: "prose"}, text), [
    button("Cancel", () => node.close(), {autofocus: true}),
    button(yes, () => ((answer = true), node.close()), {class: "danger"}),
  ]);
  node.addEventListener("close", () => done(answer));
});

export async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
    tell(`${what} copied.`);
  } catch {
    const area = el("textarea", {readonly: true, rows: 8, value: text, "aria-label": what});
    const node = dialog(`Copy ${what}`, area, [button("Close", () => node.close())]);
    area.select();
  }
}

export {json} from "./json.js";
