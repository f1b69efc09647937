// The page around the views: where one is, the bar with the clock, the keys.

import {ask, asCurl, bar, button, dialog, el, entry, fill, h, heading, lasts, link, many, put, say, select, tell, terms} from "./dom.js";
import {consoleOf, control, decoded, live, pause, session, setToken, start, takeToken} from "./wire.js";

// A view: [its route, its title, its key after "g"]. Its file, views/<route>.js, is loaded when it is first opened, and
// exports view({rest, query}). That gives `parts` and `tools` (beside the heading), the call that it shows (`curl`), the
// `kinds` of notices for its `update`, and `go` if it stays open while one moves in it.
const VIEWS = [
  ["requests", "Requests", "r"],
  ["records", "Records", "d"],
  ["clock", "Clock", "t"],
  ["calls", "Calls", "l"],
  ["campaigns", "Campaigns", "c"],
  ["inbox", "Inbox", "i"],
  ["contacts", "Contacts", "o"],
  ["desk", "Desk", "k"],
  ["ai", "AI", "m"],
  ["billing", "Billing", "b"],
  ["webhooks", "Webhooks", "w"],
  ["trouble", "Trouble", "f"],
  ["state", "State", "s"],
  ["coverage", "Coverage", "v"],
  ["api", "API", "a"], // a page of its own: docs
].map(([name, title, key]) => ({name, title, key}));

async function open(view, params) {
  try {
    view.module ??= await import(`./views/${view.name}.js${view.again ?? ""}`);
  } catch (error) {
    view.again = `?${performance.now()}`; // what failed is not asked for again by the same name
    throw error;
  }
  return view.module.view(params);
}

const at = (id) => document.getElementById(id), main = at("main");

// where one is

const ALL = ["hello", "reset", "gone"]; // on which all is loaded again
let opened = {}, visit = 0;

function place() {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?"), [name = VIEWS[0].name, ...rest] = path.split("/").map(decoded).filter(Boolean);
  return {name, rest, query: new URLSearchParams(query)};
}

async function route() {
  if (takeToken()) return location.reload();
  if (location.hash === "#main") return main.focus();
  const params = place(), mine = ++visit, view = VIEWS.find(({name}) => name === params.name), title = view?.title ?? "Not found";
  if (params.name === "api") return location.replace(["docs", ...params.rest].join("#"));
  for (const link of document.querySelectorAll("#views a")) link.ariaCurrent = link.hash === `#/${params.name}` ? "page" : null;
  document.title = `${title} · voipbin-mock`;
  main.ariaBusy = "true";
  const moved = opened.view, stays = opened.go && moved === view;
  tell("");
  try {
    if (!view) throw new Error("there is no such view");
    if (!stays) {
      opened.close?.();
      opened = {view};
      const made = await open(view, params);
      await (made.go ?? made.update)(params);
      if (mine !== visit) return made.close?.(); // left meanwhile
      opened = {...made, view};
      scrollTo(0, 0);
      fill(main, bar(h("h1", title), made.tools, made.curl && asCurl("GET", made.curl)), made.parts);
    } else await opened.go(params);
  } catch ({message, status}) {
    if (mine !== visit) return;
    opened = {view, update: route}; // when the server is back
    fill(main, h("h1", title), status === 409 ? h("div.empty", message) : [h("p.bad", `This cannot be shown: ${message}`), button("Try again", route)]);
  }
  if (mine !== visit) return;
  main.ariaBusy = null;
  const head = heading();
  if (moved && (!stays || document.activeElement === document.body) && !main.contains(document.activeElement)) head.focus({preventScroll: true});
}

async function update(notices) {
  const of = (kinds = []) => notices.some(({kind}) => kinds.includes(kind) || ALL.includes(kind));
  await Promise.all([of(["clock"]) && readClock(), of(["sessions"]) && readSessions(), of(opened.kinds) && opened.update?.(notices)]);
}

// the bar

let clock, read = 0;
const now = h("time.now"), pace = h("span.mark"), who = h("div.fields");
const freeze = button("Freeze", () => wind(clock?.frozen ? {resume: true} : {freeze: true}));
const lamp = button("", pause, {class: "lamp", title: "p: pause, go on"});
export const speed = (told) => (told.frozen ? "frozen" : `runs × ${told.speed ?? 1}`);

function showTime() {
  const passed = clock.frozen ? 0 : (performance.now() - read) * (clock.speed ?? 1);
  now.dateTime = new Date(Date.parse(clock.now) + passed).toISOString();
  now.title = `${now.dateTime}, virtual time`;
  fill(now, h("span.soft", now.dateTime.slice(0, 10)), " ", now.dateTime.slice(11, 19));
}

function showClock(told) {
  [clock, read] = [told, performance.now()];
  fill(pace, speed(told));
  fill(freeze, told.frozen ? "Resume" : "Freeze");
  showTime();
}

const readClock = async () => showClock(await control("GET", "/clock?limit=0"));

export async function wind(body) {
  const from = clock?.now;
  showClock(await control("POST", "/clock", body));
  const gone = (Date.parse(clock.now) - Date.parse(from)) / 1000;
  const text = body.resume ? "The clock runs." : body.next && !gone ? "Nothing is due." : `It is ${clock.now.slice(0, 19).replace("T", " ")}${gone > 0 ? `, ${lasts(gone)} later` : ""}.`;
  tell(text);
  say(text);
}

export const AFRESH = "those of the seed; requests, webhooks, faults, stubs and phones’ scripts go; the clock begins again.";
export async function sure(title, text, yes) {
  const {resources} = await control("GET", "/records"), there = resources.reduce((sum, one) => sum + one.records, 0);
  return ask(title, h("p", `${many(there, "record")}${session && ` of session “${session}”`} ${there === 1 ? "becomes" : "become"} ${text} “Undo” brings records and time back.`), yes);
}

export async function reset() {
  if (!await sure("Reset the mock?", AFRESH, "Reset")) return;
  await control("POST", "/reset");
  tell("Reset.", false, button("Undo", async () => (await control("POST", "/snapshots/undo"), tell("Undone."))));
}

async function readSessions() {
  const {sessions} = await control("GET", "/sessions"), keys = new Set([...sessions.map(({key}) => key), session].filter(Boolean));
  const choose = select([["", "(none)"], ...[...keys].map((key) => [key])], session, {"aria-label": "Session", on: {change: () => (location.pathname = consoleOf(choose.value))}});
  fill(who, keys.size > 0 && choose);
}

function showLamp(how) {
  fill(lamp, how);
  lamp.dataset.how = how;
  lamp.ariaPressed = String(live.paused);
  if (how === "not connected" || how === "paused") say(`The page is ${how}.`);
}

// keys

const rows = () => [...main.querySelectorAll("[data-row]")].filter((row) => row.offsetParent);

function step(by) {
  const all = rows(), here = all.findIndex((row) => row.closest("tr")?.contains(document.activeElement));
  const from = here < 0 ? all.findIndex((row) => row.ariaCurrent) : here;
  all[Math.max(0, Math.min(all.length - 1, from + by))]?.focus();
}

function back() {
  const {name, rest, query} = place(), was = location.hash.split("?")[0];
  if (!rest.length) return;
  location.hash = `#/${[name, ...rest.slice(0, -1)].map(encodeURIComponent).join("/")}${query.size ? `?${query}` : ""}`;
  setTimeout(() => (rows().find((row) => row.hash?.split("?")[0] === was) ?? main.querySelector("h1"))?.focus(), 60);
}

const KEYS_OFF = "voipbin-mock keys off";
const KEYS = {
  j: ["next row", () => step(1)], k: ["row before", () => step(-1)], Escape: ["back", back],
  "/": ["filter", () => main.querySelector("[type=search]")?.focus()], p: ["pause, go on", pause],
  ".": ["next event", () => wind({next: true}).catch(({message}) => tell(message, true))], "?": ["this list", help],
};
let until = 0;

function pressed(event) {
  const {key, target, timeStamp} = event;
  if (event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return;
  if (target.closest("input, textarea, select, [data-keys]")) {
    if (key === "Escape") (target.type === "search" && rows()[0] || main.querySelector("h1")).focus();
    return;
  }
  const view = timeStamp < until && VIEWS.find((view) => view.key === key);
  if (localStorage.getItem(KEYS_OFF) || !(view || key === "g" || KEYS[key])) return;
  event.preventDefault();
  until = key === "g" && !view ? timeStamp + 1500 : 0;
  if (view) location.hash = `#/${view.name}`;
  else KEYS[key]?.[1]();
}

function help() {
  const on = el("input", {type: "checkbox", checked: !localStorage.getItem(KEYS_OFF), on: {change: () => localStorage.setItem(KEYS_OFF, on.checked ? "" : "1")}});
  const list = [...Object.entries(KEYS).map(([key, [what]]) => [key, what]), ["Enter", "open the row"], ...VIEWS.map(({key, title}) => [`g ${key}`, title])];
  const node = dialog("Keys", [terms("keys", list.map(([key, what]) => [h("kbd", key), what])), h("label", on, " Keys are on")],
    button("Close", () => node.close(), {autofocus: true}));
}

// the beginning

addEventListener("token-wanted", ({detail}) => {
  if (document.querySelector("dialog[open]")) return;
  dialog("The control token", [
    h("p", detail), h("p", "It is kept in this tab alone."),
    entry("Control token", {type: "password", autocomplete: "off", autofocus: true}, "Use it", (token) => (setToken(token), location.reload())),
  ]);
});

takeToken();
const WAYS = [["Next event", {next: true}], ["+1 min", {advance: 60}], ["+1 h", {advance: 3600}], ["Until idle", {until_idle: true}]];
put(at("bar"),
  el("div", {class: "clock", role: "group", "aria-label": "Clock"}, h("div", now, " ", pace), WAYS.map(([label, body]) => button(label, () => wind(body))), freeze),
  h("div.tools", who, lamp, button("Reset…", reset), button("?", help, {"aria-label": "Keys"})));
put(at("views"), VIEWS.map(({name, title}) => h("li", link(name === "api" ? "docs" : `#/${name}`, title))));
addEventListener("hashchange", route);
addEventListener("keydown", pressed);
setInterval(() => clock && !document.hidden && !clock.frozen && (showTime(), update([{kind: "tick"}]).catch(() => {})), 1000);
route();
Promise.allSettled([readClock(), control("GET", "/health").then(({profile}) => fill(at("profile"), profile))]);
start(update, showLamp);
