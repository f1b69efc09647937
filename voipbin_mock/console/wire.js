// Calls of the control API and of the service, from wherever the page is served: a session has a prefix of its own.

import {plain} from "./dom.js";

export const base = location.pathname.replace(/\/__mock__\/console.*$/, "");
const [, before, key] = base.match(/^(.*?)(?:\/__session__\/([^/]+))?$/);
export const root = before;
export const session = key ? decodeURIComponent(key) : "";
export const address = location.origin + base;
const TOKEN = "voipbin-mock token";

export const token = () => sessionStorage.getItem(TOKEN) ?? "";
export const setToken = (text) => sessionStorage.setItem(TOKEN, text);

// What stands behind "#token=" is for this tab alone, and goes from the address at once.
export function takeToken() {
  const found = location.hash.match(/^#token=(.*)$/);
  if (!found) return false;
  setToken(decodeURIComponent(found[1]));
  history.replaceState(null, "", location.pathname + location.search);
  return true;
}

export function headers() {
  // Headers carry bytes: a text beyond ASCII goes as its UTF-8.
  const bytes = String.fromCharCode(...new TextEncoder().encode(token()));
  return bytes ? {"X-VoIPBIN-Mock-Control-Token": bytes} : {};
}

async function send(url, method, body, more) {
  const options = {method, cache: "no-store", headers: {...more}};
  if (body !== undefined) {
    options.body = typeof body === "string" ? body : JSON.stringify(body);
    options.headers["Content-Type"] = "application/json";
  }
  let reply;
  try {
    reply = await fetch(url, options);
  } catch {
    throw Object.assign(new Error("the server does not answer"), {status: 0});
  }
  const text = await reply.text();
  let data = text;
  if ((reply.headers.get("Content-Type") ?? "").includes("json")) {
    try {
      data = JSON.parse(text);
    } catch {
      data = text;
    }
  }
  return {status: reply.status, headers: reply.headers, body: data, text};
}

// control("POST", "/clock", {advance: 60}) -> what it answers. Throws an Error with .status, .reason and what was said.
export async function control(method, path, body) {
  const reply = await send(`${base}/__mock__${path}`, method, body, headers());
  if (reply.status < 400) return reply.body;
  const said = reply.body?.error ?? {};
  const error = Object.assign(new Error(said.message || `the server answers ${reply.status}`), {status: reply.status, reason: said.reason});
  if (reply.status === 403 && /control.token/i.test(error.message)) dispatchEvent(new CustomEvent("token-wanted"));
  throw error;
}

// A call of the service, as whoever has this access key: api("POST", "/tags", {...}, key) -> {status, headers, body, text}
export function api(method, path, body, accesskey) {
  const url = `${base}/v1.0${path}`;
  return send(accesskey ? withKey(url, accesskey) : url, method, body, {"X-VoIPBIN-Mock-Console": "1"});
}

const withKey = (url, accesskey) => `${url}${url.includes("?") ? "&" : "?"}accesskey=${accesskey}`;
const quoted = (text) => `'${plain(text).replace(/'/g, "'\\''")}'`;

// The same as a line of shell: "/clock" is a call of the control API, "/v1.0/tags" one of the service.
export function curl(method, path, body, accesskey = "<ACCESSKEY>") {
  const service = path.startsWith("/v1.0/");
  const url = address + (service ? withKey(path, accesskey) : `/__mock__${path}`);
  const words = ["curl", ...(method === "GET" ? [] : ["--request", method]), quoted(url)];
  if (!service && token()) words.push("--header", "'X-VoIPBIN-Mock-Control-Token: <TOKEN>'");
  if (body !== undefined) words.push("--header", "'Content-Type: application/json'", "--data", quoted(JSON.stringify(body)));
  return words.join(" ");
}
