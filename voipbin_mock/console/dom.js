// What the page is made of. Data becomes text alone, never markup.

import {control, curl, plain} from "./wire.js";

// elements

const isShown = (child) => (child ?? false) !== false && child !== "";
export function put(node, ...children) {
  for (const child of children.flat(9)) if (isShown(child)) node.append(child instanceof Node ? child : plain(child));
  return node;
}
export const fill = (node, ...children) => (node.replaceChildren(), put(node, ...children));

// el("a", {href: "#/requests", on: {click: f}}, "text", node, [more])
export function el(tag, props, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if ((value ?? false) === false) continue;
    if (name === "on") for (const [event, f] of Object.entries(value)) node.addEventListener(event, f);
    else if (["value", "checked", "selected"].includes(name)) node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  return put(node, ...children);
}
// With a class at most: h("p.soft", "text", node, [more])
export const h = (name, ...children) => {
  const [tag, kind] = name.split(".");
  return el(tag, {class: kind}, children);
};

export const many = (n, word, words = `${word}s`) => `${n} ${n === 1 ? word : words}`;
export const bar = (...children) => h("div.toolbar", children);
export const soft = (...children) => h("p.soft", children);
export const code = (text) => h("code", text);
export const section = (title, ...children) => h("section", h("h2", title), children);
export const part = (title, ...children) => h("section.stack", h("h3", title), children);
export const terms = (kind, pairs) => el("dl", {class: kind}, pairs.map(([name, value]) => isShown(value) && h("div", h("dt", name), h("dd", value))));
export const mark = (text, tone = "quiet") => el("span", {class: `mark ${tone}`}, text);
const TONES = Object.fromEntries(Object.entries({
  ok: "available open processed done delivered progressing run completed ready accepted success", warn: "spamreport ringing busy dialing not_sent stopping expired",
  bad: "bounce refused gw_timeout dlr_timeout fail failed dropped error",
}).flatMap(([tone, words]) => words.split(" ").map((word) => [word.replace("not_", "not "), tone])));
export const state = (text, ...more) => mark([text, more], TONES[text]);

const unfolded = new Set();
export const more = (title, ...content) =>
  el("details", {open: unfolded.has(title), on: {toggle: ({target}) => unfolded[target.open ? "add" : "delete"](title)}}, h("summary", title), content);

export const to = (...parts) => `#/${parts.map(encodeURIComponent).join("/")}`;
export const link = (href, ...text) => el("a", {href}, text);
export const row = (href, text, props) => el("a", {href, "data-row": "", ...props}, text);
export const about = (resource, id, name) => `${resource} ${name || id.slice(0, 8)}`;
export const record = (resource, id, text) => link(to("records", resource, id), text || about(resource, id));

export function stamp(iso, dated) {
  const text = plain(iso).replace(/(\.\d{3})\d*|Z$/g, "$1").replace("T", " ");
  return el("time", {datetime: iso, title: `${plain(iso)}, virtual time`}, dated ? text : text.slice(11));
}

// 7500 as "2 h 5 min".
export function lasts(seconds) {
  const told = [];
  for (const [size, unit] of [[86400, "d"], [3600, "h"], [60, "min"]]) {
    if (seconds >= size) told.push(`${Math.floor(seconds / size)} ${unit}`);
    seconds %= size;
  }
  if (seconds || !told.length) told.push(`${+seconds.toFixed(told.length ? 0 : 3)} s`);
  return told.slice(0, 2).join(" ");
}

export const picture = async (path, alt) =>
  el("figure", {class: "scroll", tabindex: 0}, el("img", {alt, src: `data:image/svg+xml;charset=utf-8,${encodeURIComponent(await control("GET", path))}`}));

// tables

// Columns are [title, (row) => content, class]; without a function, the member of that name. show(rows, which) fills it
// and marks the row with that key; a row that fails says so. Narrow, rows wrap (hence the roles), without "wide" cells,
// and "named" ones say what they are.
export function table(label, columns, key, ...empty) {
  const line = (draw) => el("tr", {role: "row"}, columns.map(draw));
  const head = ([title, , kind]) => el(title ? "th" : "td", {role: title ? "columnheader" : "cell", class: kind}, title);
  const body = el("tbody", {role: "rowgroup"}), none = h("div.empty", empty);
  const whole = el("table", {role: "table", "aria-label": label}, el("thead", {role: "rowgroup"}, line(head)), body);
  const node = h("div.scroll", whole, none);
  let old = new Map();

  function draw(one, index) {
    try {
      const name = String(key(one)), text = JSON.stringify(one), known = old.get(name);
      return [name, known?.text === text ? known : {text, node: line(([title, f, kind]) => el("td", {role: "cell", class: kind, "data-name": title}, f ? f(one) : one[title]))}];
    } catch ({message}) {
      return [`odd ${index}`, {node: h("tr.bad", el("td", {colspan: 99}, `This one cannot be shown: ${message}`))}];
    }
  }

  node.show = (rows, which) => {
    const now = new Map(rows.map(draw));
    let again, at = body.firstChild;
    for (const [name, {node}] of old) {
      if (now.get(name)?.node === node) continue;
      if (node.contains(document.activeElement)) again = now.get(name)?.node;
      if (at === node) at = node.nextSibling;
      node.remove();
    }
    for (const [name, {node}] of now) {
      if (node === at) at = at.nextSibling;
      else body.insertBefore(node, at);
      const opens = node.querySelector("[data-row]");
      if (opens) opens.ariaCurrent = name === String(which) ? "true" : null;
    }
    again?.querySelector("a, button")?.focus();
    old = now;
    [whole.hidden, none.hidden] = [!rows.length, rows.length > 0];
    return node;
  };
  node.none = none;
  return node;
}

// One call of f at a time; one more makes up for all that came meanwhile.
export function steady(f) {
  let now, again;
  const run = async () => {
    do {
      again = false;
      await f();
    } while (again);
  };
  return () => ((again = true), (now ??= run().finally(() => (now = undefined))));
}

// A list, and one of it beside. list(id) draws the list, read(id) gives data of one; if changed, draw(data, id) gives
// [title, ...content].
export function split(name, {list, read, draw}, ...nodes) {
  const article = el("article", {"aria-label": "Details"}), node = h("div.split", h("div.stack", nodes), article);
  let id = "", seen = "", shown;

  // What was typed and not sent, and the focus, are kept while the same one is drawn again.
  const can = () => new Map([...article.querySelectorAll("a, button, input, select, textarea")].filter((one) => one.offsetParent)
    .map((one) => [one.tagName + (one.ariaLabel ?? one.labels?.[0]?.textContent ?? one.textContent), one]));
  article.addEventListener("input", ({target}) => (target.typed = true));
  function show(title, ...content) {
    const before = can(), focused = article.contains(document.activeElement) && document.activeElement, again = shown === id;
    shown = id;
    node.classList.toggle("one", Boolean(title));
    fill(article, title && [bar(el("a", {class: "back", href: to(...name())}, "← all"), el("h2", {tabindex: -1}, title)), content]);
    const after = can();
    for (const [name, old] of before) {
      const now = after.get(name);
      if (again && now && old.typed) [now.value, now.typed] = [old.value, true];
      if (old === focused) now?.focus({preventScroll: true});
    }
    if (focused && !article.contains(document.activeElement)) article.querySelector("h2")?.focus({preventScroll: true});
  }

  async function one() {
    const mine = id;
    let drawn = [], text = "";
    try {
      const data = id && await read(id);
      text = id && id + JSON.stringify(data);
      if (mine !== id || text === seen) return;
      if (id) drawn = await draw(data, id);
    } catch ({message}) {
      drawn = ["Not to be shown", h("p.bad", message)];
    }
    if (mine === id) show(...drawn, (seen = text) && "");
  }

  const update = steady(async () => (await list(id), await one())); // one may name what is in the list
  return {
    parts: node, update,
    async go({rest}) {
      const was = id;
      id = rest.join("/");
      await update();
      if (!id || id === was) return;
      article.querySelector("h2")?.focus({preventScroll: true});
      node.querySelector("[aria-current]")?.scrollIntoView({block: "nearest"});
    },
  };
}

export function heading() {
  const node = document.querySelector("main .one > article h2, main > h1") ?? document.querySelector("main h1");
  node.tabIndex = -1;
  return node;
}

// forms

let ids = 0;
export function field(label, input, ...action) {
  input.id ||= `field-${++ids}`;
  return h("div.field", el("label", {for: input.id}, label), action.length ? bar(input, action) : input);
}

export const select = (options, value, props) =>
  el("select", props, options.map(([name, text]) => el("option", {value: name, selected: name === value}, text ?? name)));

export const button = (label, f, props) => el("button", {type: "button", ...props, on: {async click({currentTarget: node}) {
  if (node.ariaDisabled) return;
  node.ariaDisabled = "true";
  await Promise.resolve().then(f).catch(({message}) => tell(message, true));
  node.ariaDisabled = null;
  if (document.activeElement === document.body) heading().focus(); // the button is gone
}}}, label);

export function entry(label, props, action, f) {
  const go = button(action, () => f(input.value.trim(), input));
  const input = el("input", {...props, on: {keydown: ({key}) => key === "Enter" && go.click()}});
  return field(label, input, go);
}

// For what is said once: it is taken from the field as it goes, and comes back if it is refused.
export const says = (label, action, f) => entry(label, {class: "grow"}, action, async (text, input) => {
  input.value = "";
  await f(text).catch((error) => {
    input.value = text;
    throw error;
  });
});

export const filter = (label, f) => el("input", {type: "search", placeholder: label, "aria-label": "Filter", class: "grow", on: {input: f}});
export const copier = (what, text) => button(`Copy ${what}`, () => copy(text, what), {class: "plain"});
export const asCurl = (method, path, body) => button("as curl", () => copy(curl(method, path, body?.()), "curl line"), {class: "plain"});
export const shell = (...call) => h("pre", curl(...call));
export const remove = (label, title, text, f, props) => button(`${label}…`, async () => (await ask(title, soft(text()), label)) && f(), {class: "danger", ...props});
export const told = (members, but = []) => Object.entries(members).filter(([name, value]) => value && !but.includes(name) && (value > 0 || JSON.stringify(value).length > 2))
  .map(([name, value]) => `${name} ${typeof value === "object" ? JSON.stringify(value) : value}`).join(", ");

// A call of the control API, its body begun from one of several samples, {name: body}.
export function sender(title, method, path, samples, done, open) {
  const names = Object.keys(samples), text = el("textarea", {rows: 6, spellcheck: "false"}), read = () => JSON.parse(text.value);
  const begin = (name) => (text.value = JSON.stringify(samples[name], null, 2));
  const choose = select(names.map((name) => [name]), names[0], {on: {change: () => begin(choose.value)}});
  begin(names[0]);
  return el("details", {class: "card", open}, h("summary", title), field("Begin with", choose), field(`${method} ${path}`, text),
    bar(button("Send", async () => (await control(method, path, read()), tell(`${title}: done.`), done()), {class: "primary"}), asCurl(method, path, read)));
}

// what is said

const at = (id) => document.getElementById(id);
let waiting, spoken = 0, fading;

export function say(text) {
  if (!waiting) setTimeout(() => {
    fill(at("status"), waiting);
    [waiting, spoken] = ["", Date.now()];
  }, Math.max(100, spoken + 5000 - Date.now()));
  waiting = text;
}

// What was done, or why not; "" ends the latter.
export function tell(text, failed, action) {
  const toast = at("toast"), clear = () => fill(toast);
  if (!text) return toast.querySelector(".bad") && clear();
  (document.querySelector("dialog[open]") ?? document.body).append(toast);
  fill(toast, el("p", {class: failed && "bad"}, failed && "Not done: ", text), action, (failed || action) && button("Close", clear, {class: "plain"}));
  clearTimeout(fading);
  if (!failed) fading = setTimeout(clear, action ? 30000 : 6000);
}

export function dialog(title, content, buttons) {
  const back = document.activeElement, id = `dialog-${++ids}`;
  const node = el("dialog", {"aria-labelledby": id}, el("h2", {id}, title), h("div.stack", content), h("div.toolbar", buttons));
  node.addEventListener("close", () => {
    document.body.append(at("toast"));
    node.remove();
    back?.focus();
  });
  document.body.append(node);
  node.showModal();
  return node;
}

export const ask = (title, text, yes) => new Promise((done) => {
  const node = dialog(title, text, [button("Cancel", () => node.close(), {autofocus: true}), button(yes, () => (done(true), node.close()), {class: "danger"})]);
  node.addEventListener("close", () => done(false));
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

// JSON

const LONG = 64 * 1024;
const SECRET = /password$|secret|(access|api)_?key|authorization|signature|^(token|pin)$|(?<!page|balance)_token$|cookie/i;
const exact = (_, value, {source} = {}) => (typeof value === "number" && source ? Object.assign(new Number(value), {source}) : value);

// A value, or a text that may be JSON. lit: {"/pointer": "what is wrong there"}. links: {"/pointer": "#/records/…"}.
export function json(value, {lit = {}, links = {}, label = "JSON", text} = {}) {
  const source = text ? value : JSON.stringify(value), left = new Set(Object.keys(lit));
  const node = el("pre", {class: "json", tabindex: 0, role: "region", "aria-label": label});
  const why = (pointer, name = "") => left.delete(pointer) && h("span.why", name, lit[pointer]);

  function draw(value, pointer, pad, name) {
    const place = pointer in lit ? h("mark") : node, [open, close] = Array.isArray(value) ? "[]" : "{}", inner = `\n${pad}  `;
    if (place !== node) put(node, place);
    if (typeof value !== "object" || !value || value instanceof Number) {
      const said = value instanceof Number ? value.source : JSON.stringify(value);
      put(place, typeof value !== "string" ? h("span.number", said) : SECRET.test(name) && !/^\**$/.test(value) ? hidden(said)
        : links[pointer] ? link(links[pointer], said) : h("span.string", said));
      return put(node, why(pointer));
    }
    put(place, open);
    put(node, why(pointer));
    let comma = "";
    for (const [key, each] of Object.entries(value)) {
      put(node, comma, inner, open === "{" && [h("span.key", JSON.stringify(key)), ": "]);
      draw(each, `${pointer}/${key.replace(/~/g, "~0").replace(/\//g, "~1")}`, `${pad}  `, open === "{" ? key : name);
      comma = ",";
    }
    for (const other of left) if (other.replace(/\/[^/]*$/, "") === pointer) put(node, inner, h("mark", other.slice(pointer.length + 1), ": –"), why(other));
    put(node, comma && `\n${pad}`, close);
  }

  try {
    const raw = source.length < LONG || masked(source);
    if (raw === true) draw(JSON.parse(source, exact), "", "", "");
    else put(node, raw.slice(0, LONG), "\n", button(`all of it (${raw.length >> 10} KB)`, () => fill(node, raw), {class: "more"}));
  } catch ({message}) {
    const at = Number(message.match(/position (\d+)/)?.[1] ?? source.length);
    fill(node, source.slice(0, at), /^\s*[[{]/.test(source) && [h("mark", source.slice(at) || "(the end)"), h("span.why", "here it stops being JSON")]);
  }
  for (const pointer of left) put(node, "\n", why(pointer, `${pointer || "the body"}: `));
  return node;
}

const masked = (text) => text.replace(/("([\w-]+)"\s*:\s*)"(?:[^"\\]|\\.)*"?/g, (all, start, name) => (SECRET.test(name) ? `${start}"••••••"` : all));

function hidden(string) {
  const node = h("span.string", '"••••••" ', button("show", () => fill(node, string), {class: "more"}));
  return node;
}
