// Notices that something changed: from a stream, or else by asking once a second. None while the page is hidden.

import {base, control, headers} from "./wire.js";

const QUARTER = 250, SECOND = 1000, MINUTE = 60000;
export const live = {how: "starting", paused: false};
let after, held = [], flushing, drawn = 0, stopping, wake, streamAgain = 0, told, changed;

function become(how) {
  if (live.how !== how) changed((live.how = how));
}

export function pause() {
  live.paused = !live.paused;
  become(live.paused ? "paused" : "starting");
  stopping?.abort();
  wake?.();
}

// They are told of together, four times a second at most.
function take(notice) {
  after = notice.n ?? notice.after ?? after;
  held.push(notice);
  flushing ??= setTimeout(async () => {
    const notices = held;
    [held, flushing, drawn] = [[], undefined, performance.now()];
    try {
      await told(notices);
    } catch (error) {
      console.warn(error);
    }
  }, Math.max(0, drawn + QUARTER - performance.now()));
}

const sleep = (ms) => new Promise((done) => (setTimeout(done, ms), wake = done));
const from = () => (after === undefined ? "" : `?after=${after}`);

// Until it ends; false if there is none.
async function stream() {
  stopping = new AbortController();
  const {signal} = stopping, reply = await fetch(`${base}/__mock__/stream${from()}`, {headers: headers(), signal, cache: "no-store"});
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

// f is given lists of notices; "hello", "reset" and "gone" among them mean that all is to be loaded again. g is told how it is live.
export async function start(f, g) {
  [told, changed] = [f, g];
  changed(live.how);
  addEventListener("visibilitychange", () => (stopping?.abort(), wake?.()));
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
