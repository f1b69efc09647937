// Notices that something changed: from a stream, or else by asking once a second. None while the page is hidden.

import {base, control, headers} from "./wire.js";

const QUARTER = 250, SECOND = 1000, MINUTE = 60000;
const listeners = new Set();
const watchers = new Set();
let after, held = [], flushing, drawn = 0, stopping, wake, streamAgain = 0;

export const live = {how: "starting", paused: false};

// on(["requests", "clock"], f): f is given the notices of these kinds, and "hello", "reset" and "gone", on which all is to be
// loaded again. The answer ends it.
export function on(kinds, f) {
  const one = {kinds: new Set([].concat(kinds)), f};
  listeners.add(one);
  return () => listeners.delete(one);
}

// Told whenever it is live in another way.
export function watch(f) {
  watchers.add(f);
  return () => watchers.delete(f);
}

function become(how) {
  if (live.how === how) return;
  live.how = how;
  for (const f of watchers) f(live);
}

export function pause(paused = !live.paused) {
  live.paused = paused;
  stopping?.abort();
  wake?.();
  become(paused ? "paused" : "starting");
}

const ALL = new Set(["hello", "reset", "gone"]);

function take(notice) {
  if (typeof notice.n === "number") after = notice.n;
  else if (typeof notice.after === "number") after = notice.after;
  held.push(notice);
  flushing ??= setTimeout(flush, Math.max(0, drawn + QUARTER - performance.now()));
}

function flush() {
  const notices = held;
  [held, flushing, drawn] = [[], undefined, performance.now()];
  for (const {kinds, f} of [...listeners]) {
    const mine = notices.filter(({kind}) => kinds.has(kind) || ALL.has(kind));
    if (!mine.length) continue;
    try {
      Promise.resolve(f(mine)).catch((error) => console.warn(error));
    } catch (error) {
      console.warn(error);
    }
  }
}

const sleep = (ms) => new Promise((done) => {
  const timer = setTimeout(done, ms);
  wake = () => (clearTimeout(timer), done());
});

const from = () => (after === undefined ? "" : `?after=${after}`);

async function stream() {
  stopping = new AbortController();
  const reply = await fetch(`${base}/__mock__/stream${from()}`, {headers: headers(), signal: stopping.signal, cache: "no-store"});
  if (!reply.ok || !(reply.headers.get("Content-Type") ?? "").startsWith("text/event-stream")) {
    await reply.body?.cancel();
    return false;
  }
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
  const first = after === undefined;
  const answer = await control("GET", `/notices${from()}`);
  if (first || live.how === "not connected") take({kind: "hello"});
  answer.notices.forEach(take);
  after = answer.after;
  become("polling");
  await sleep(SECOND);
}

export async function start() {
  addEventListener("visibilitychange", () => (stopping?.abort(), wake?.()));
  for (let failed = 0; ; ) {
    if (document.hidden || live.paused) {
      await sleep(live.paused ? MINUTE : SECOND);
      continue;
    }
    try {
      if (Date.now() < streamAgain) await poll();
      else if (!(await stream())) streamAgain = Date.now() + MINUTE;
      failed = 0;
    } catch (error) {
      if (document.hidden || live.paused) continue;
      become(error.status ? "off" : "not connected");
      await sleep(Math.min(10, ++failed) * (error.status ? 5 : 1) * SECOND);
    }
  }
}
