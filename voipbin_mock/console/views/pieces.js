// What several views are made of.

import {ask, button, copy, dialog, el, field, fill, json, mark, select, tell} from "../dom.js";
import {api, control, curl} from "../wire.js";

export const to = (...parts) => `#/${parts.map(encodeURIComponent).join("/")}`;
export const link = (resource, id, text, props) => el("a", {href: to("records", resource, id), ...props}, text || id.slice(0, 8));
export const row = (href, text, current, props) => el("a", {href, "data-row": "", "aria-current": current && "true", ...props}, text);
export const copier = (what, text) => button(`Copy ${what}`, () => copy(text, what), {class: "plain"});
export const asCurl = (method, path, body) => button("as curl", () => copy(curl(method, path, body?.()), "curl line"), {class: "plain"});
export const shell = (...call) => el("pre", null, curl(...call));
export const more = (title, ...content) => el("details", null, el("summary", null, title), content);
export const soft = (...text) => el("p", {class: "soft"}, text);
export const told = (members, but = []) => Object.entries(members).filter(([name, value]) => value && !but.includes(name) && JSON.stringify(value).length > 2)
  .map(([name, value]) => `${name} ${typeof value === "object" ? JSON.stringify(value) : value}`).join(", ");
export const head = (title, ...tools) => el("div", {class: "toolbar"}, el("h1", null, title), tools);
export const filter = (label, f, value) => el("input", {type: "search", placeholder: label, "aria-label": label, class: "grow", value, on: {input: f}});

const TONES = {
  ok: /^(delivered|progressing|run|success)$/, bad: /^(fail|failed|dropped)$/, warn: /^(dialing|ringing|not sent|stopping)$/,
};
export const state = (text) => mark(text, Object.keys(TONES).find((tone) => TONES[tone].test(text)) ?? "quiet");

// A picture that the control API draws: an image, never markup.
export const picture = async (path, alt) => el("figure", {class: "scroll"},
  el("img", {alt, src: `data:image/svg+xml;charset=utf-8,${encodeURIComponent(await control("GET", path))}`}));

// A button that names what goes, then goes.
export const remove = (label, title, text, f) => button(`${label}…`, async () => (await ask(title, soft(text), label)) && f(), {class: "danger"});

// A list with one of it beside: show() closes that one, show(title, …) opens it.
export function split(view, ...list) {
  const article = el("article", {"aria-label": "Details"});
  const node = el("div", {class: "split"}, el("div", {class: "stack"}, list), article);
  node.show = (title, ...content) => {
    node.classList.toggle("one", Boolean(title));
    fill(article, title && [el("div", {class: "toolbar"}, el("a", {class: "back", href: to(...view())}, "← all"), el("h2", null, title)), content]);
  };
  node.fails = (error) => node.show("Not to be shown", el("p", {class: "bad"}, error.message));
  return node;
}

// A call of the control API, its body begun from one of several samples.
export function sender(title, method, path, samples, done) {
  const text = el("textarea", {rows: 5, spellcheck: "false"}), names = Object.keys(samples);
  const begin = (name) => (text.value = JSON.stringify(samples[name], null, 2));
  const choose = select(names.map((name) => [name]), names[0], {on: {change: () => begin(choose.value)}});
  begin(names[0]);
  const read = () => JSON.parse(text.value);
  return el("details", {class: "card"}, el("summary", null, title), names.length > 1 && field("Begin with", choose), field(`${method} ${path}`, text),
    el("div", {class: "toolbar"}, button(method === "PUT" ? "Set" : "Plan it", async () => (await control(method, path, read()), tell(`${title}: done.`), done()), {class: "primary"}), asCurl(method, path, read)));
}

// --- acting as somebody ------------------------------------------------------------------------------

const CHOSEN = "voipbin-mock agent";
let agents = [];
const chosen = () => agents.find(({id}) => id === sessionStorage.getItem(CHOSEN)) ?? agents[0];

export async function actor() {
  ({agents} = await control("GET", "/agents"));
  const who = select(agents.map(({id, username, role}) => [id, `${username} (${role})`]), chosen()?.id, {on: {change: () => sessionStorage.setItem(CHOSEN, who.value)}});
  return field("As", who);
}

// A call of the service as that agent: act("PUT /v1.0/tags/{id}", [id], {…}).
export async function act(call, ids = [], body) {
  const [method, template] = call.split(" "), rest = [...ids];
  const path = template.replace(/\{\w+\}/g, () => encodeURIComponent(rest.shift())).slice("/v1.0".length);
  const reply = await api(method, `${path}?token=${chosen()?.token ?? ""}`, body);
  if (reply.status < 400) return reply.body;
  const {reason, message, details} = reply.body?.error ?? {};
  throw Object.assign(new Error(`${reply.status} ${reason ?? ""} ${message ?? ""}`), {details});
}

// A body for such a call, in a dialog that stays with what it is refused with.
export async function write(title, call, sample, send, ...fields) {
  const text = el("textarea", {rows: 14, spellcheck: "false", value: JSON.stringify(sample ?? {}, null, 2)}), said = el("div", {role: "alert"});
  const node = dialog(title, [await actor(), fields, field(call, text), said], [
    button("Cancel", () => node.close()),
    button("Send", async () => {
      try {
        await send(JSON.parse(text.value));
        node.close();
      } catch (error) {
        fill(said, el("div", {class: "notice bad"}, error.message, (error.details ?? []).map(({pointer, message}) => el("p", null, el("code", null, pointer), ` ${message}`))));
      }
    }, {class: "primary"}),
  ]);
}

export {json};
