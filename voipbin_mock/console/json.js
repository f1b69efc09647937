// JSON as it stands in a text: numbers, order and doubles as they were sent; what is no JSON is marked where it goes wrong.

import {button, el, fill, put} from "./dom.js";

const LONG = 64 * 1024;
const SECRET = /pass(word|wd|phrase)?$|secret|access_?key|api_?key|authorization|signature|^(token|jwt|pin)$|(?<!page|balance)_token$|cookie/i;
const TOKEN = /\s*(?:([{}[\]:,])|("(?:[^"\\\0-\x1f]|\\["\\/bfnrt]|\\u[\da-fA-F]{4})*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)|(true|false|null)\b)/y;

// A value, or a text that may be JSON. lit: {"/pointer": "what is wrong there"}. links: {"/pointer": "#/records/…"}.
export function json(value, {lit = {}, links = {}, label = "JSON", text} = {}) {
  const whole = text ? value : JSON.stringify(value) ?? "", source = whole.slice(0, LONG);
  const node = el("pre", {class: "json", tabindex: 0, role: "region", "aria-label": label});
  try {
    drawn(node, source, lit, links);
  } catch {
    fill(node, source); // too deep to follow
  }
  if (source !== whole) put(node, "\n", button(`all of it (${whole.length >> 10} KB)`, () => fill(node, whole), {class: "more"}));
  return node;
}

function drawn(out, source, lit, links) {
  let at = 0;
  const left = new Set(Object.keys(lit));
  const next = (look) => {
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(source) ?? [];
    if (!look && found.length) at = TOKEN.lastIndex;
    return found;
  };
  const fail = () => { throw at; };
  const expect = (sign) => next()[1] === sign || fail();
  const why = (pointer) => left.delete(pointer) && el("span", {class: "why"}, lit[pointer]);

  function value(place, pointer, pad, name) {
    const target = pointer in lit ? el("mark") : place, [, sign, string, number, word] = next();
    if (sign === "{" || sign === "[") {
      const close = sign === "{" ? "}" : "]";
      let count = 0;
      put(target, sign);
      if (target !== place) put(place, target, why(pointer));
      if (next(true)[1] !== close) do {
        put(place, `\n${pad}  `);
        let key = String(count++);
        if (sign === "{") {
          const named = next()[2] ?? fail();
          key = JSON.parse(named);
          put(place, el("span", {class: "key"}, named), ": ");
          expect(":");
        }
        value(place, `${pointer}/${key.replace(/~/g, "~0").replace(/\//g, "~1")}`, `${pad}  `, sign === "{" ? key : name);
      } while (next(true)[1] === "," && next() && put(place, ","));
      // What is missing is told where it is missed.
      for (const other of left) if (other.replace(/\/[^/]*$/, "") === pointer) put(place, `\n${pad}  `, el("mark", null, other.slice(pointer.length + 1), ": –"), why(other));
      expect(close);
      return put(place, count ? `\n${pad}` : "", close);
    }
    if (string && SECRET.test(name) && !/^"\**"$/.test(string)) put(target, hidden(string));
    else if (string && links[pointer]) put(target, el("a", {href: links[pointer]}, string));
    else put(target, el("span", {class: string ? "string" : "number"}, string ?? number ?? word ?? fail()));
    if (target !== place) put(place, target, why(pointer));
  }

  try {
    if (source.trim()) value(out, "", "", "");
    if (source.slice(at).trim()) fail();
  } catch (where) {
    if (typeof where !== "number") throw where;
    if (!at) fill(out, source); // no JSON at all
    else if (source.length === LONG) put(out, source.slice(at));
    else put(out, " ", el("mark", null, source.slice(at) || "(the end)"), el("span", {class: "why"}, "here it stops being JSON"));
  }
  for (const pointer of left) put(out, "\n", el("span", {class: "why"}, pointer || "the body", ": ", lit[pointer]));
}

function hidden(string) {
  const node = el("span", {class: "string"}, '"••••••" ', button("show", () => fill(node, string), {class: "more"}));
  return node;
}
