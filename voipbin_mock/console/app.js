// The page around the views: where one is, the bar with the clock, the keys.

import {ask, button, dialog, el, field, fill, lasts, put, say, select, tell} from "./dom.js";
import {live, on, pause, start, watch} from "./live.js";
import {control, root, session, setToken, takeToken} from "./wire.js";
import {views} from "./views/index.js";

let main = document.getElementById("main");
const KEYS_OFF = "voipbin-mock keys off";

// --- where one is ----------------------------------------------------------------------------------

let open; // {view, handle, kinds}
let visit = 0;

export function place() {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  const [name, ...rest] = path.split("/").map((part) => decoded(part));
  return {name: name || views[0].name, rest: rest.filter(Boolean), query: new URLSearchParams(query)};
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

async function route() {
  if (takeToken()) return location.reload();
  if (location.hash === "#main") return main.focus();
  const params = place(), mine = ++visit;
  const view = views.find(({name}) => name === params.name);
  for (const link of document.querySelectorAll("#views a")) {
    if (link.hash === `#/${params.name}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.querySelector("#views [aria-current]")?.scrollIntoView({block: "nearest", inline: "nearest"});
  document.title = `${view?.title ?? "Not found"} · voipbin-mock`;
  main.setAttribute("aria-busy", "true");
  if (open?.view === view && open?.handle?.go) {
    await Promise.resolve(open.handle.go(params)).catch((error) => tell(error.message, true));
    if (mine === visit) main.removeAttribute("aria-busy");
    return;
  }
  const moved = open !== undefined;
  open?.handle?.close?.();
  const here = (open = {view});
  try {
    const {default: made} = (await view?.load()) ?? {};
    if (mine !== visit) return;
    afresh(view?.name ?? "");
    if (!view) put(main, el("h1", null, "There is no such view"), el("p", null, el("a", {href: "#/"}, "To the requests")));
    here.kinds = new Set(made?.kinds ?? []);
    here.handle = await made?.open(main, params);
    if (mine !== visit) return here.handle?.close?.();
  } catch (error) {
    if (mine !== visit) return;
    fill(main, el("h1", null, view.title), el("p", {class: "bad"}, `This view cannot be shown: ${error.message}`),
      button("Try again", () => ((open = undefined), route())));
  }
  main.removeAttribute("aria-busy");
  const head = main.querySelector("h1");
  head?.setAttribute("tabindex", "-1");
  if (moved && !main.contains(document.activeElement)) head?.focus({preventScroll: true});
}

// Each view has a place of its own: one that is slow, and was left meanwhile, draws where nobody sees it.
function afresh(name) {
  const old = main;
  main = old.cloneNode(false);
  main.className = name;
  old.replaceWith(main);
  scrollTo(0, 0);
}

function update(notices) {
  const mine = notices.filter(({kind}) => open?.kinds?.has(kind) || kind === "hello" || kind === "reset" || kind === "gone");
  if (mine.length) return open?.handle?.update?.(mine);
}

// --- the bar ---------------------------------------------------------------------------------------

let clock, read = 0;
const now = el("time", {class: "now"});
const pace = el("span", {class: "mark quiet"});
const freeze = button("Freeze", () => wind(clock?.frozen ? {resume: true} : {freeze: true}));
const lamp = button("starting", () => pause(), {class: "lamp", "aria-pressed": "false"});

function showTime() {
  if (!clock) return;
  const speed = clock.frozen ? 0 : clock.speed ?? 1;
  const at = new Date(Date.parse(clock.now) + (performance.now() - read) * speed);
  const iso = at.toISOString();
  now.dateTime = iso;
  now.title = `virtual time, UTC: ${iso}`;
  fill(now, el("span", {class: "date"}, iso.slice(0, 10)), " ", iso.slice(11, 19));
}

function showClock(told) {
  [clock, read] = [told, performance.now()];
  fill(pace, told.frozen ? "frozen" : `runs × ${told.speed ?? 1}`);
  fill(freeze, told.frozen ? "Resume" : "Freeze");
  showTime();
  dispatchEvent(new CustomEvent("clock", {detail: told}));
}

const readClock = async () => showClock(await control("GET", "/clock"));

// Wind the clock, and say how far it went.
export async function wind(body) {
  const from = clock ? Date.parse(clock.now) : NaN;
  showClock(await control("POST", "/clock", body));
  const gone = (Date.parse(clock.now) - from) / 1000;
  const text = body.resume ? "The clock runs." : body.freeze === true ? "The clock stands still."
    : body.next && !gone ? "Nothing is due." : `It is ${clock.now.slice(11, 19)}${gone > 0 ? `, ${lasts(gone)} later` : ""}.`;
  tell(text);
  say(text);
}

export const WAYS = [
  ["Next event", {next: true}, "wind to the next event (key .)"],
  ["+1 min", {advance: 60}, "wind one minute on"],
  ["+1 h", {advance: 3600}, "wind one hour on"],
  ["Until idle", {until_idle: true}, "wind until nothing is due"],
];

export async function reset() {
  const [{resources}, {found = 0}] = await Promise.all([control("GET", "/records"), control("GET", "/requests?limit=0")]);
  const records = resources.reduce((sum, one) => sum + one.records, 0);
  const sure = await ask("Reset the mock?", [
    el("p", null, `${records} records become those of the seed; ${found} requests, and webhooks, faults, stubs and phones’ scripts are forgotten; the clock goes back to where it began.`),
    el("p", null, session ? `This is session “${session}” alone. ` : "Sessions are not touched. ", "“Undo” brings the records and the time back."),
  ], "Reset");
  if (!sure) return;
  await control("POST", "/reset");
  tell("Reset.", false, button("Undo", async () => (await control("POST", "/snapshots/undo"), tell("Undone."))));
}

async function sessions() {
  const {sessions: found} = await control("GET", "/sessions");
  const keys = found.map(({key}) => key);
  if (session && !keys.includes(session)) keys.push(session);
  const choose = select([["", "(none)"], ...keys.map((key) => [key])], session, {
    on: {change: () => (location.pathname = `${root}${choose.value ? `/__session__/${encodeURIComponent(choose.value)}` : ""}/__mock__/console`)},
  });
  fill(who, keys.length ? field("Session", choose) : null);
}
const who = el("div", {class: "who"});

function bar() {
  const ways = WAYS.map(([label, body, title]) => button(label, () => wind(body), {title}));
  put(document.getElementById("bar"),
    el("div", {class: "clock", role: "group", "aria-label": "Clock"}, el("div", null, now, " ", pace), ways, freeze),
    el("div", {class: "tools"}, who, lamp, button("Reset…", reset), button("?", help, {"aria-label": "Keys", class: "round"})));
  put(document.getElementById("views"), views.map(({name, title, key}) =>
    el("li", null, el("a", {href: `#/${name}`, "aria-keyshortcuts": key && `g ${key}`}, title))));
}

const HOW = {
  live: "changes are shown at once", polling: "changes are asked for once a second", paused: "changes are not shown",
  starting: "connecting", off: "the server tells no changes; reload to see them", "not connected": "the server does not answer",
};
function showLamp({how}) {
  fill(lamp, how);
  lamp.dataset.how = how.split(" ")[0];
  lamp.title = `${HOW[how]}; press to ${live.paused ? "go on" : "pause"} (key p)`;
  lamp.setAttribute("aria-pressed", String(live.paused));
  if (how === "not connected" || how === "paused") say(`${how}: ${HOW[how]}.`);
}

// --- keys ------------------------------------------------------------------------------------------

const rows = () => [...main.querySelectorAll("[data-row]")].filter((row) => row.offsetParent);

function step(by) {
  const all = rows();
  const at = all.findIndex((row) => row === document.activeElement || row.closest("tr, li")?.contains(document.activeElement));
  const current = at >= 0 ? at : all.findIndex((row) => row.getAttribute("aria-current"));
  all[Math.max(0, Math.min(all.length - 1, current < 0 && by < 0 ? 0 : current + by))]?.focus();
}

function back() {
  const {name, rest, query} = place();
  if (!rest.length) return;
  const row = `#/${[name, ...rest].map(encodeURIComponent).join("/")}`;
  rest.pop();
  location.hash = `#/${[name, ...rest].map(encodeURIComponent).join("/")}${query.size ? `?${query}` : ""}`;
  setTimeout(() => (rows().find((one) => one.hash?.split("?")[0] === row) ?? main.querySelector("h1"))?.focus(), 60);
}

const KEYS = {
  j: ["next row", () => step(1)], k: ["row before", () => step(-1)],
  Escape: ["back", back],
  "/": ["filter", () => main.querySelector("input[type=search]")?.focus()],
  p: ["pause, go on", () => pause()],
  ".": ["next event", () => wind({next: true}).catch((error) => tell(error.message, true))],
  "?": ["this list", () => help()],
};
let goes = 0;

function pressed(event) {
  const {key, target} = event;
  if (event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return;
  if (target.closest("input, textarea, select, [contenteditable], [data-keys]")) {
    if (key === "Escape") target.closest("input[type=search]") ? rows()[0]?.focus() : target.blur();
    return;
  }
  if (localStorage.getItem(KEYS_OFF)) return;
  if (event.timeStamp < goes && views.some((view) => view.key === key)) {
    goes = 0;
    location.hash = `#/${views.find((view) => view.key === key).name}`;
  } else if (key === "g") goes = event.timeStamp + 1500;
  else if (KEYS[key]) KEYS[key][1]();
  else return;
  event.preventDefault();
}

function help() {
  const off = el("input", {type: "checkbox", checked: !localStorage.getItem(KEYS_OFF), on: {change: () =>
    off.checked ? localStorage.removeItem(KEYS_OFF) : localStorage.setItem(KEYS_OFF, "1")}});
  const list = [...Object.entries(KEYS).map(([key, [what]]) => [key === "Escape" ? "Esc" : key, what]), ["Enter", "open the row"],
    ...views.filter(({key}) => key).map(({key, title}) => [`g ${key}`, title])];
  const node = dialog("Keys", [
    el("dl", {class: "keys"}, list.map(([key, what]) => el("div", null, el("dt", null, key.split(" ").map((one) => el("kbd", null, one))), el("dd", null, what)))),
    el("label", {class: "check"}, off, " Keys are on"),
  ], [button("Close", () => node.close(), {autofocus: true})]);
}

// --- the token -------------------------------------------------------------------------------------

let asking;
addEventListener("token-wanted", () => {
  if (asking) return;
  const input = el("input", {type: "password", autocomplete: "off"});
  const use = button("Use it", () => (setToken(input.value), location.reload()));
  asking = dialog("The control token", [
    el("p", null, "The server was started with --control-token, and shows its data to whoever has it. It is kept in this tab alone."),
    field("Control token", input),
  ], [use]);
  input.addEventListener("keydown", ({key}) => key === "Enter" && use.click());
  asking.addEventListener("close", () => (asking = undefined));
  input.focus();
});

// ---------------------------------------------------------------------------------------------------

if (takeToken()) dispatchEvent(new Event("hashchange"));
bar();
showLamp(live);
watch(showLamp);
on(["clock", "sessions"], (notices) => {
  if (notices.some(({kind}) => kind !== "clock")) sessions();
  return readClock();
});
on(["requests", "records", "calls", "webhooks", "faults", "campaigns", "phones", "clock", "sessions"], update);
addEventListener("hashchange", route);
addEventListener("keydown", pressed);
setInterval(() => document.hidden || clock?.frozen || showTime(), 1000);
route();
readClock().catch(() => {});
sessions().catch(() => {});
control("GET", "/health").then(({profile}) => fill(document.getElementById("profile"), profile)).catch(() => {});
start();
