// The page around the views: where one is, the bar with the clock, the keys.

import {ask, button, dialog, el, field, fill, lasts, put, say, select, tell} from "./dom.js";
import {live, pause, start} from "./live.js";
import {consoleOf, control, session, setToken, takeToken} from "./wire.js";
import {views} from "./views/index.js";

const at = (id) => document.getElementById(id);
let main = at("main");
const ALL = ["hello", "reset", "gone"]; // on which all is loaded again
const KEYS_OFF = "voipbin-mock keys off";

// --- where one is ----------------------------------------------------------------------------------

let open, visit = 0;

function place() {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  const [name, ...rest] = path.split("/").map(decoded).filter(Boolean);
  return {name: name ?? views[0].name, rest, query: new URLSearchParams(query)};
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

async function route() {
  if (takeToken()) return location.reload();
  if (location.hash === "#main") return main.focus();
  const params = place(), mine = ++visit, view = views.find(({name}) => name === params.name), moved = open;
  for (const link of document.querySelectorAll("#views a")) {
    link.ariaCurrent = link.hash === `#/${params.name}` ? "page" : null;
    if (link.ariaCurrent) link.scrollIntoView({block: "nearest", inline: "nearest"});
  }
  document.title = `${view?.title ?? "Not found"} · voipbin-mock`;
  main.ariaBusy = "true";
  if (open?.view === view && open?.go) {
    await open.go(params).catch((error) => tell(error.message, true));
    if (mine === visit) main.ariaBusy = null;
    return;
  }
  open?.close?.();
  open = {view};
  try {
    if (!view) throw new Error("there is no such view");
    const {default: made} = await view.load();
    if (mine !== visit) return;
    // A place of its own: a view that is slow, and was left meanwhile, draws where nobody sees it.
    const old = main;
    old.replaceWith((main = old.cloneNode(false)));
    scrollTo(0, 0);
    const handle = await made.open(main, params);
    if (mine !== visit) return handle.close?.();
    open = {view, kinds: made.kinds, ...handle};
  } catch (error) {
    if (mine !== visit) return;
    fill(main, el("h1", null, view?.title ?? "Not found"), el("p", {class: "bad"}, `This cannot be shown: ${error.message}`),
      button("Try again", () => ((open = undefined), route())));
  }
  main.ariaBusy = null;
  const head = main.querySelector("h1");
  head.tabIndex = -1;
  if (moved && !main.contains(document.activeElement)) head.focus({preventScroll: true});
}

async function update(notices) {
  const of = (...kinds) => notices.filter(({kind}) => kinds.includes(kind) || ALL.includes(kind));
  const mine = of(...(open?.kinds ?? []));
  await Promise.all([of("clock").length && readClock(), of("sessions").length && readSessions(), mine.length && open?.update?.(mine)]);
}

// --- the bar ---------------------------------------------------------------------------------------

let clock, read = 0;
const now = el("time", {class: "now"}), pace = el("span", {class: "mark quiet"}), who = el("div", {class: "who"});
const freeze = button("Freeze", () => wind(clock?.frozen ? {resume: true} : {freeze: true}));
const lamp = button("", pause, {class: "lamp"});

function showTime() {
  const passed = clock.frozen ? 0 : (performance.now() - read) * (clock.speed ?? 1);
  now.dateTime = new Date(Date.parse(clock.now) + passed).toISOString();
  now.title = `${now.dateTime}, virtual time`;
  fill(now, el("span", {class: "soft"}, now.dateTime.slice(0, 10)), " ", now.dateTime.slice(11, 19));
}

function showClock(told) {
  [clock, read] = [told, performance.now()];
  fill(pace, told.frozen ? "frozen" : `runs × ${told.speed ?? 1}`);
  fill(freeze, told.frozen ? "Resume" : "Freeze");
  showTime();
}

const readClock = async () => showClock(await control("GET", "/clock?limit=0"));

// Wind the clock, and say how far it went.
export async function wind(body) {
  const from = clock?.now;
  showClock(await control("POST", "/clock", body));
  const gone = (Date.parse(clock.now) - Date.parse(from)) / 1000;
  const text = body.resume ? "The clock runs." : body.next && !gone ? "Nothing is due." : `It is ${clock.now.slice(11, 19)}${gone > 0 ? `, ${lasts(gone)} later` : ""}.`;
  tell(text);
  say(text);
}

export async function reset() {
  const [{resources}, {found = 0}] = await Promise.all([control("GET", "/records"), control("GET", "/requests?limit=0")]);
  const sure = await ask("Reset the mock?", [
    el("p", null, `${resources.reduce((sum, one) => sum + one.records, 0)} records become those of the seed; ${found} requests, and webhooks, faults, stubs and phones’ scripts are forgotten; the clock goes back to where it began.`),
    el("p", null, session ? `This is session “${session}” alone. ` : "Sessions are not touched. ", "“Undo” brings records and time back."),
  ], "Reset");
  if (!sure) return;
  await control("POST", "/reset");
  tell("Reset.", false, button("Undo", async () => (await control("POST", "/snapshots/undo"), tell("Undone."))));
}

async function readSessions() {
  const {sessions} = await control("GET", "/sessions"), keys = new Set([...sessions.map(({key}) => key), session].filter(Boolean));
  const choose = select([["", "(none)"], ...[...keys].map((key) => [key])], session, {on: {change: () => (location.pathname = consoleOf(choose.value))}});
  fill(who, keys.size > 0 && field("Session", choose));
}

function bar() {
  const ways = [["Next event", {next: true}], ["+1 min", {advance: 60}], ["+1 h", {advance: 3600}], ["Until idle", {until_idle: true}]];
  put(at("bar"),
    el("div", {class: "clock", role: "group", "aria-label": "Clock"}, el("div", null, now, " ", pace), ways.map(([label, body]) => button(label, () => wind(body))), freeze),
    el("div", {class: "tools"}, who, lamp, button("Reset…", reset), button("?", help, {"aria-label": "Keys", class: "round"})));
  put(at("views"), views.map(({name, title}) => el("li", null, el("a", {href: `#/${name}`}, title))));
}

const HOW = {
  live: "changes are shown as they come", polling: "changes are asked for once a second", paused: "changes are not shown", starting: "connecting",
  off: "the server tells of no changes", "not connected": "the server does not answer",
};
function showLamp(how) {
  fill(lamp, how);
  lamp.dataset.how = how;
  lamp.title = `${HOW[how]}; press to ${live.paused ? "go on" : "pause"} (p)`;
  lamp.ariaPressed = String(live.paused);
  if (how === "not connected" || how === "paused") say(`${how}: ${HOW[how]}.`);
}

// --- keys ------------------------------------------------------------------------------------------

const rows = () => [...main.querySelectorAll("[data-row]")].filter((row) => row.offsetParent);

function step(by) {
  const all = rows(), here = all.findIndex((row) => row.closest("tr, li")?.contains(document.activeElement));
  const from = here < 0 ? all.findIndex((row) => row.ariaCurrent) : here;
  all[Math.max(0, Math.min(all.length - 1, from + by))]?.focus();
}

// To the list, and there to the row that was open.
function back() {
  const {name, rest, query} = place(), was = location.hash.split("?")[0];
  if (!rest.length) return;
  location.hash = `#/${[name, ...rest.slice(0, -1)].map(encodeURIComponent).join("/")}${query.size ? `?${query}` : ""}`;
  setTimeout(() => (rows().find((row) => row.hash?.split("?")[0] === was) ?? main.querySelector("h1"))?.focus(), 60);
}

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
  const view = timeStamp < until && views.find((view) => view.key === key);
  if (localStorage.getItem(KEYS_OFF) || !(view || key === "g" || KEYS[key])) return;
  event.preventDefault();
  until = key === "g" && !view ? timeStamp + 1500 : 0;
  if (view) location.hash = `#/${view.name}`;
  else KEYS[key]?.[1]();
}

function help() {
  const on = el("input", {type: "checkbox", checked: !localStorage.getItem(KEYS_OFF), on: {change: () => localStorage.setItem(KEYS_OFF, on.checked ? "" : "1")}});
  const list = [...Object.entries(KEYS).map(([key, [what]]) => [key, what]), ["Enter", "open the row"], ...views.map(({key, title}) => [`g ${key}`, title])];
  const node = dialog("Keys", [
    el("dl", {class: "keys"}, list.map(([key, what]) => el("div", null, el("dt", null, el("kbd", null, key)), el("dd", null, what)))),
    el("label", null, on, " Keys are on"),
  ], button("Close", () => node.close(), {autofocus: true}));
}

// --- the token -------------------------------------------------------------------------------------

let asking;
addEventListener("token-wanted", () => {
  if (asking) return;
  const input = el("input", {type: "password", autocomplete: "off", on: {keydown: ({key}) => key === "Enter" && use.click()}});
  const use = button("Use it", () => (setToken(input.value), location.reload()));
  asking = dialog("The control token", [el("p", null, "The server was started with --control-token. The token is kept in this tab alone."), field("Control token", input)], use);
  asking.addEventListener("close", () => (asking = undefined));
  input.focus();
});

// ---------------------------------------------------------------------------------------------------

takeToken();
bar();
addEventListener("hashchange", route);
addEventListener("keydown", pressed);
setInterval(() => clock && !document.hidden && !clock.frozen && showTime(), 1000);
route();
Promise.allSettled([readClock(), control("GET", "/health").then(({profile}) => fill(at("profile"), profile))]);
start(update, showLamp);
