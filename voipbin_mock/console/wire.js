// The server: calls of the control API and of the service, and what has changed.

// What would not be seen, or would turn the text around it, is written out.
const UNSEEN = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
export const plain = (text) => String(text).replace(UNSEEN, (c) => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0"));

export function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

const base = location.pathname.replace(/\/__mock__\/console.*/, "");
const [, root, key = ""] = base.match(/^(.*?)(?:\/__session__\/([^/]+))?$/);
export const session = decodeURIComponent(key);
export const consoleOf = (session) => `${root}${session && `/__session__/${encodeURIComponent(session)}`}/__mock__/console`;

const TOKEN = "voipbin-mock token", TOKEN_HEADER = "X-VoIPBIN-Mock-Control-Token";
const token = () => sessionStorage.getItem(TOKEN) ?? "";
export const setToken = (text) => sessionStorage.setItem(TOKEN, text);
// Headers carry bytes: a token beyond ASCII goes as its UTF-8.
const headers = () => (token() ? {[TOKEN_HEADER]: String.fromCharCode(...new TextEncoder().encode(token()))} : {});

// What stands behind "#token=" is for this tab alone, and goes from the address at once.
export function takeToken() {
  const [, found] = location.hash.match(/^#token=(.*)/) ?? [];
  if (!found) return false;
  setToken(decoded(found));
  history.replaceState(null, "", location.pathname);
  return true;
}

async function send(path, method, body, headers) {
  const options = {method, cache: "no-store", headers};
  if (body !== undefined) {
    options.body = typeof body === "string" ? body : JSON.stringify(body);
    headers["Content-Type"] = "application/json";
  }
  const reply = await fetch(base + path, options).catch(() => {
    throw Object.assign(new Error("the server does not answer"), {status: 0});
  });
  const text = await reply.text(), json = text && reply.headers.get("Content-Type")?.includes("json");
  return {status: reply.status, body: json ? JSON.parse(text) : text};
}

// control("POST", "/clock", {advance: 60}) -> what it answers. Throws an Error with .status and what was said.
export async function control(method, path, body) {
  const {status, body: told} = await send(`/__mock__${path}`, method, body, headers());
  if (status < 400) return told;
  const {message = `the server answers ${status}`} = told?.error ?? {};
  if (status === 403 && /control.token/i.test(message)) dispatchEvent(new CustomEvent("token-wanted", {detail: token() ? "That was not the right one." : message}));
  throw Object.assign(new Error(message), {status});
}

// A call of the service, as an agent, the first unless its id is given. Throws an Error with .details of what was said.
export async function act(method, path, body, as) {
  const {agents} = await control("GET", "/agents"), {token} = agents.find(({id}) => id === as) ?? agents[0];
  const {status, body: told} = await send(`${path}${path.includes("?") ? "&" : "?"}token=${token}`, method, body, {"X-VoIPBIN-Mock-Console": "1"});
  if (status < 400) return told;
  const {reason = "", message = "", details} = told?.error ?? {};
  throw Object.assign(new Error(`${status} ${reason} ${message}`), {details});
}

const quoted = (text) => `'${plain(text).replace(/'/g, "'\\''")}'`;

export function curl(method, path, body) {
  const own = !path.startsWith("/v1.0/"), words = ["curl"];
  if (method !== "GET") words.push("--request", method);
  words.push(quoted(location.origin + base + (own ? `/__mock__${path}` : `${path}?accesskey=<ACCESSKEY>`)));
  if (own && token()) words.push(`--header '${TOKEN_HEADER}: <TOKEN>'`);
  if (body !== undefined) words.push("--header 'Content-Type: application/json' --data", quoted(JSON.stringify(body)));
  return words.join(" ");
}

// notices that something changed: from a stream, or else by asking once a second; none while the page is hidden

const QUARTER = 250, SECOND = 1000, MINUTE = 60000;
export const live = {how: "starting", paused: false};
let after, held = [], flushing, drawn = 0, gap = QUARTER, stopping, wake, streamAgain = 0, told, changed;

function become(how) {
  if (live.how !== how) changed((live.how = how));
}

const stir = () => (stopping?.abort(), wake?.());
export function pause() {
  live.paused = !live.paused;
  become(live.paused ? "paused" : "starting");
  stir();
}

// Told of four times a second at most; once, while they rush.
function take(notice) {
  after = notice.n ?? notice.after ?? after;
  held.push(notice);
  flushing ??= setTimeout(() => {
    const notices = held;
    [held, flushing, drawn, gap] = [[], undefined, performance.now(), held.length > 5 ? SECOND : QUARTER];
    told(notices).catch(console.warn);
  }, Math.max(0, drawn + gap - performance.now()));
}

const sleep = (ms) => new Promise((done) => (setTimeout(done, ms), wake = done));
const from = () => (after === undefined ? "" : `?after=${after}`);

async function stream() {
  stopping = new AbortController();
  const reply = await fetch(`${base}/__mock__/stream${from()}`, {headers: headers(), signal: stopping.signal, cache: "no-store"});
  if (!reply.ok) return false;
  const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = ""; ;) {
    const {value, done} = await reader.read();
    if (done) return true;
    become("live");
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines) if (line.startsWith("data:")) take(JSON.parse(line.slice(5)));
  }
}

async function poll() {
  const answer = await control("GET", `/notices${from()}`);
  if (live.how !== "polling") take({kind: "hello"});
  answer.notices.forEach(take);
  after = answer.after;
  become("polling");
  await sleep(SECOND);
}

// f is given lists of notices; "hello", "reset" and "gone" among them: all is to be loaded again. g is told how it is live.
export async function start(f, g) {
  [told, changed] = [f, g];
  changed(live.how);
  addEventListener("visibilitychange", stir);
  for (let failed = 0; ; ) {
    try {
      if (document.hidden || live.paused) await sleep(MINUTE);
      else if (Date.now() < streamAgain) await poll();
      else if (!(await stream())) streamAgain = Date.now() + MINUTE;
      failed = 0;
    } catch (error) {
      if (document.hidden || live.paused) continue;
      become(error.status ? "off" : "not connected");
      await sleep(Math.min(10, ++failed) * SECOND);
    }
  }
}
