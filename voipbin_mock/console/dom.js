// Elements, made of data as text alone: nothing here takes markup.

// What would not be seen, or would turn the text around it.
const UNSEEN = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
export const plain = (text) => String(text).replace(UNSEEN, (c) => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0"));

const shown = (child) => child ?? false;
export function put(node, ...children) {
  for (const child of children.flat(9)) if (shown(child) !== false && child !== "") node.append(child instanceof Node ? child : plain(child));
  return node;
}
export const fill = (node, ...children) => (node.replaceChildren(), put(node, ...children));

function made(node, props, children) {
  for (const [name, value] of Object.entries(props ?? {})) {
    if (shown(value) === false) continue;
    if (name === "on") for (const [event, f] of Object.entries(value)) node.addEventListener(event, f);
    else if (["value", "checked", "selected"].includes(name)) node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  return put(node, ...children);
}

// el("a", {href: "#/requests", class: "x", on: {click: f}}, "text", node, [more])
export const el = (tag, props, ...children) => made(document.createElement(tag), props, children);
export const svg = (tag, props, ...children) => made(document.createElementNS("http://www.w3.org/2000/svg", tag), props, children);

// Rows, each drawn on its own: one that did not change stays, and one that fails becomes a row that says so.
export function keyed(parent, rows, key, draw) {
  const old = parent.drawn ?? new Map(), now = (parent.drawn = new Map());
  rows.forEach((row, index) => {
    let name = `odd ${index}`, text, node;
    try {
      name = String(key(row));
      text = JSON.stringify(row);
      const known = old.get(name);
      node = known?.text === text ? known.node : draw(row);
    } catch (error) {
      const said = `This one cannot be shown: ${error.message}`;
      node = parent.tagName === "TBODY" ? el("tr", {class: "bad"}, el("td", {colspan: 99}, said)) : el("li", {class: "bad"}, said);
    }
    now.set(name, {text, node});
  });
  let again;
  for (const [name, {node}] of old) {
    const next = now.get(name)?.node;
    if (next === node) continue;
    if (node.contains(document.activeElement)) again = next;
    node.remove();
  }
  let at = parent.firstChild;
  for (const {node} of now.values()) {
    if (node === at) at = at.nextSibling;
    else parent.insertBefore(node, at);
  }
  again?.querySelector("a, button")?.focus();
  return parent;
}

// A table: columns are [title, (row) => content, class]; show(rows) fills it. Where it is narrow its rows wrap: hence the roles.
// Classes: "long" (takes the width there is), "right", "mono", "wide" (only where there is room).
export function table(label, columns, key, empty) {
  const body = el("tbody", {role: "rowgroup"}), none = el("div", {class: "empty"}, empty);
  const row = (cell) => el("tr", {role: "row"}, columns.map(([title, f, kind]) => cell(kind, f, title)));
  const cell = (kind, ...content) => el("td", {role: "cell", class: kind}, content);
  const whole = el("table", {role: "table", "aria-label": label}, el("thead", {role: "rowgroup"},
    row((kind, f, title) => (title ? el("th", {role: "columnheader", class: kind}, title) : cell(kind)))), body);
  const node = el("div", {class: "scroll"}, whole, none);
  node.show = (rows) => {
    keyed(body, rows, key, (one) => row((kind, f) => cell(kind, f(one))));
    [whole.hidden, none.hidden] = [!rows.length, rows.length > 0];
    return node;
  };
  return node;
}

let ids = 0;
export function field(label, input, hint, action) {
  input.id ||= `field-${++ids}`;
  if (hint) input.setAttribute("aria-describedby", `${input.id}-hint`);
  return el("div", {class: "field"}, el("label", {for: input.id}, label), action ? el("div", {class: "toolbar"}, input, action) : input,
    hint && el("small", {id: `${input.id}-hint`}, hint));
}

export const select = (options, value, props) =>
  el("select", props, options.map(([name, text]) => el("option", {value: name, selected: name === value}, text ?? name)));

// A button that says when what it does fails, and is not pressed twice meanwhile.
export function button(label, f, props) {
  const node = el("button", {type: "button", ...props, on: {async click(event) {
    if (node.ariaDisabled) return;
    node.ariaDisabled = "true";
    try {
      await f(event);
    } catch (error) {
      tell(error.message, true);
    }
    node.ariaDisabled = null;
  }}}, label);
  return node;
}

export const mark = (text, tone = "quiet") => el("span", {class: `mark ${tone}`}, text);
export const facts = (pairs) => el("dl", {class: "facts"}, pairs.filter(([, value]) => value).map(([name, value]) => el("div", null, el("dt", null, name), el("dd", null, value))));
export const section = (title, ...children) => el("section", null, el("h2", null, title), children);
export const empty = (...children) => el("div", {class: "empty"}, children);

// "2026-03-01T09:00:00.25Z" as the time of day, or with its date.
export function stamp(iso, dated) {
  const text = plain(iso).replace(/(\.\d{3})\d*|Z$/g, "$1").replace("T", " ");
  return el("time", {datetime: iso, title: `${plain(iso)}, virtual time`}, dated ? text : text.slice(11));
}

// Seconds in words, by the two largest units: "2 h 5 min", "0.25 s".
export function lasts(seconds) {
  const told = [];
  for (const [size, unit] of [[86400, "d"], [3600, "h"], [60, "min"]]) {
    if (seconds >= size) told.push(`${Math.floor(seconds / size)} ${unit}`);
    seconds %= size;
  }
  if (seconds || !told.length) told.push(`${+seconds.toFixed(told.length ? 0 : 3)} s`);
  return told.slice(0, 2).join(" ");
}

// --- what is said ----------------------------------------------------------------------------------

const at = (id) => document.getElementById(id);
let waiting, spoken = 0, fading;

// To screen readers: one sentence in five seconds at most, the newest of those that came.
export function say(text) {
  if (!waiting) setTimeout(() => {
    fill(at("status"), waiting);
    [waiting, spoken] = ["", Date.now()];
  }, Math.max(100, spoken + 5000 - Date.now()));
  waiting = text;
}

// To everybody: what was done, or why it was not.
export function tell(text, failed, action) {
  const toast = at("toast"), lasting = failed || action;
  (document.querySelector("dialog[open]") ?? document.body).append(toast);
  fill(toast, el("p", {class: failed && "bad"}, failed && "Not done: ", text), action, lasting && button("Close", () => fill(toast), {class: "plain"}));
  clearTimeout(fading);
  if (!failed) fading = setTimeout(() => fill(toast), action ? 30000 : 6000);
}

export function dialog(title, content, buttons) {
  const back = document.activeElement, id = `dialog-${++ids}`;
  const node = el("dialog", {"aria-labelledby": id}, el("h2", {id}, title), content, el("div", {class: "toolbar end"}, buttons));
  node.addEventListener("close", () => {
    document.body.append(at("toast"));
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
  const node = dialog(title, el("div", {class: "stack"}, text),
    [button("Cancel", () => node.close(), {autofocus: true}), button(yes, () => ((answer = true), node.close()), {class: "danger"})]);
  node.addEventListener("close", () => done(answer));
});

export async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
    tell(`${what} copied.`);
  } catch { // only a secure page may
    const area = el("textarea", {readonly: true, rows: 8, value: text, "aria-label": what});
    const node = dialog(`Copy ${what}`, area, button("Close", () => node.close()));
    area.select();
  }
}

export {json} from "./json.js";
