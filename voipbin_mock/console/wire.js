// Calls of the control API and of the service, from wherever the page is served: a session has a prefix of its own.

import {plain} from "./dom.js";

export const base = location.pathname.replace(/\/__mock__\/console.*/, "");
export const [, root, key = ""] = base.match(/^(.*?)(?:\/__session__\/([^/]+))?$/);
export const session = decodeURIComponent(key);
// Where the console of a session is; of none, for "".
export const consoleOf = (session) => `${root}${session && `/__session__/${encodeURIComponent(session)}`}/__mock__/console`;

const TOKEN = "voipbin-mock token";
const token = () => sessionStorage.getItem(TOKEN) ?? "";
export const setToken = (text) => sessionStorage.setItem(TOKEN, text);

// What stands behind "#token=" is for this tab alone, and goes from the address at once.
export function takeToken() {
  const [, found] = location.hash.match(/^#token=(.*)/) ?? [];
  if (!found) return false;
  setToken(decodeURIComponent(found));
  history.replaceState(null, "", location.pathname);
  return true;
}

// Headers carry bytes: a token beyond ASCII goes as its UTF-8.
export const headers = () => (token() ? {"X-VoIPBIN-Mock-Control-Token": String.fromCharCode(...new TextEncoder().encode(token()))} : {});

async function send(url, method, body, headers) {
  const options = {method, cache: "no-store", headers};
  if (body !== undefined) {
    options.body = typeof body === "string" ? body : JSON.stringify(body);
    headers["Content-Type"] = "application/json";
  }
  const reply = await fetch(url, options).catch(() => {
    throw Object.assign(new Error("the server does not answer"), {status: 0});
  });
  const text = await reply.text();
  const json = text && reply.headers.get("Content-Type")?.includes("json");
  return {status: reply.status, headers: reply.headers, body: json ? JSON.parse(text) : text, text};
}

// control("POST", "/clock", {advance: 60}) -> what it answers. Throws an Error with .status, .reason and what was said.
export async function control(method, path, body) {
  const {status, body: told} = await send(`${base}/__mock__${path}`, method, body, headers());
  if (status < 400) return told;
  const {message = `the server answers ${status}`, reason} = told?.error ?? {};
  if (status === 403 && /control.token/i.test(message)) dispatchEvent(new Event("token-wanted"));
  throw Object.assign(new Error(message), {status, reason});
}

// A call of the service, as whoever has this access key: api("POST", "/tags", {...}, key) -> {status, headers, body, text}
export const api = (method, path, body, key) => send(`${base}/v1.0${key ? withKey(path, key) : path}`, method, body, {"X-VoIPBIN-Mock-Console": "1"});

const withKey = (path, key) => `${path}${path.includes("?") ? "&" : "?"}accesskey=${key}`;
const quoted = (text) => `'${plain(text).replace(/'/g, "'\\''")}'`;

// The same as a line of shell: "/clock" is a call of the control API, "/v1.0/tags" one of the service.
export function curl(method, path, body, key = "<ACCESSKEY>") {
  const service = path.startsWith("/v1.0/"), words = ["curl"];
  if (method !== "GET") words.push("--request", method);
  words.push(quoted(location.origin + base + (service ? withKey(path, key) : `/__mock__${path}`)));
  if (!service && token()) words.push("--header 'X-VoIPBIN-Mock-Control-Token: <TOKEN>'");
  if (body !== undefined) words.push("--header 'Content-Type: application/json' --data", quoted(JSON.stringify(body)));
  return words.join(" ");
}
