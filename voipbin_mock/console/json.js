// JSON as it stands in a text: numbers, order and doubles as they were sent; what is no JSON is marked where it goes wrong.

import {button, el, fill, plain, put} from "./dom.js";

const LONG = 64 * 1024;
const SECRET = /pass(word|wd|phrase)?$|secret|access_?key|api_?key|authorization|signature|^(token|jwt|pin)$|(?<!page|balance)_token$|cookie/i;
const TOKEN = /\s*(?:([{}[\]:,])|("(?:[^"\\\0-\x1f]|\\["\\/bfnrt]|\\u[\da-fA-F]{4})*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)|(true|false|null)\b)/y;

export const isSecret = (name) => SECRET.test(name);

// A value, or a text that may be JSON. lit: {"/pointer": "what is wrong there"}. links: {"/pointer": "#/records/…"}.
export function json(value, {lit = {}, links = {}, label = "JSON", text = false} = {}) {
  const whole = text ? String(value ?? "") : JSON.stringify(value) ?? "";
  const node = el("pre", {class: "json", tabindex: 0, role: "region", "aria-label": label});
  const draw = (source) => {
    fill(node);
    try {
      drawn(node, source, lit, links);
    } catch (error) {
      fill(node, source); // too deep to follow
    }
    if (source.length < whole.length)
      put(node, "\n", button(`all of it (${Math.ceil(whole.length / 1024)} KB)`, () => fill(node, whole), {class: "more"}));
  };
  draw(whole.length > LONG ? whole.slice(0, LONG) : whole);
  return node;
}

function drawn(out, source, lit, links) {
  let at = 0;
  const left = new Set(Object.keys(lit));
  const next = () => {
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(source);
    if (found) at = TOKEN.lastIndex;
    return found;
  };
  const fail = () => { throw at; };
  const peek = () => { const kept = at, found = next(); at = kept; return found?.[1]; };
  const why = (pointer) => left.delete(pointer) && el("span", {class: "why"}, lit[pointer]);

  // What is missing is told where it is missed.
  const missed = (place, pointer) => {
    for (const other of [...left]) {
      const cut = other.lastIndexOf("/");
      if (cut >= 0 && other.slice(0, cut) === pointer) {
        put(place, "\n", el("mark", {class: "lit"}, `${other.slice(cut + 1)}: –`), why(other));
      }
    }
  };

  const value = (place, pointer, pad, name) => {
    const target = pointer in lit ? el("mark", {class: "lit"}) : place;
    const found = next() ?? fail();
    const [, sign, string, number, word] = found;
    if (sign === "{" || sign === "[") {
      const [close, inner] = [sign === "{" ? "}" : "]", `${pad}  `];
      put(target, sign);
      if (target !== place) put(place, target, why(pointer));
      let count = 0;
      if (peek() !== close) {
        do {
          put(place, `\n${inner}`);
          let key = String(count++);
          if (sign === "{") {
            const [, , named] = next() ?? fail();
            if (!named) fail();
            key = JSON.parse(named);
            put(place, el("span", {class: "key"}, named), ": ");
            if (next()?.[1] !== ":") fail();
          }
          value(place, `${pointer}/${key.replace(/~/g, "~0").replace(/\//g, "~1")}`, inner, sign === "{" ? key : name);
        } while (peek() === "," && next() && put(place, ","));
      }
      missed(place, pointer);
      if (next()?.[1] !== close) fail();
      if (count) put(place, `\n${pad}`);
      put(place, close);
      return;
    }
    if (string !== undefined) {
      if (string.length > 2 && isSecret(name ?? "") && !/^"\**"$/.test(string)) hidden(target, string);
      else if (links[pointer]) put(target, el("a", {href: links[pointer]}, string));
      else put(target, el("span", {class: "string"}, string));
    } else if (number !== undefined) put(target, el("span", {class: "number"}, number));
    else if (word) put(target, el("span", {class: "word"}, word));
    else fail();
    if (target !== place) put(place, target, why(pointer));
  };

  try {
    if (!source.trim()) return;
    value(out, "", "");
    if (source.slice(at).trim()) fail();
  } catch (where) {
    if (typeof where !== "number") throw where;
    if (at === 0 && !/^\s*[[{"]/.test(source)) return fill(out, source); // no JSON at all
    if (source.length === LONG) return put(out, source.slice(at));
    put(out, " ", el("mark", {class: "lit"}, source.slice(at) || "(the end)"), el("span", {class: "why"}, "here it stops being JSON"));
  }
  if (left.size) for (const pointer of left) put(out, "\n", el("span", {class: "why"}, `${plain(pointer) || "the body"}: ${lit[pointer]}`));
}

function hidden(place, string) {
  const node = el("span", {class: "string"}, '"••••••"');
  put(place, node, button("show", (event) => (fill(node, string), event.target.remove()), {class: "more"}));
}
