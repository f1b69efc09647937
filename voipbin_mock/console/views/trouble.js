// Trouble: faults, stubs, replies, limits and modes; planned, met or not, removed.

import {button, el, fill, mark, section, table} from "../dom.js";
import {control} from "../wire.js";
import {asCurl, json, remove, sender, shell, soft} from "./pieces.js";

const KNOWN = ["number", "kind", "on", "times", "seen", "met"];
const met = (one) => [mark(one.met ? `met ${one.met}` : "not met", one.met ? "ok" : "warn"), one.seen > one.met && el("small", null, ` ${one.seen} seen`)];

export default {
  kinds: ["faults", "requests", "calls"],
  async open(main, {query}) {
    const on = query.get("on") ?? "POST /outplans", loads = [];

    function plans(what, title, samples, none) {
      const path = `/${what}s`;
      const list = table(title, [
        ["#", ({number}) => String(number), "right"], ["on", (one) => el("code", null, one.on), "long"], ["what", ({kind}) => kind],
        ["how", (one) => Object.entries(one).filter(([name]) => !KNOWN.includes(name)).map(([name, value]) => `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`).join(", "), "long wide"],
        ["times", ({times}) => String(times ?? "always"), "right"], ["", met],
        ["", ({number}) => button("Remove", async () => (await control("DELETE", `${path}/${number}`), load()), {class: "plain", "aria-label": `Remove ${what} ${number}`})],
      ], (one) => one.number, [el("p", null, none), shell("POST", path, Object.values(samples)[0])]);
      const load = async () => list.show((await control("GET", path))[`${what}s`]);
      loads.push(load);
      const send = sender(`Plan a ${what}`, "POST", path, samples, load);
      send.open = query.get("plan") === what;
      return section(title, send, list, el("div", {class: "toolbar"}, remove("Remove all", `Remove all ${what}s?`, "What was planned is forgotten.", async () => (await control("DELETE", path), load())), asCurl("GET", path)));
    }

    // What is shown as the control API tells it, and set by a body.
    function plain(title, path, method, samples, show, label) {
      const place = el("div", {class: "stack"});
      const load = async () => fill(place, show(await control("GET", path)));
      loads.push(load);
      return section(title, place, sender(label, method, path, samples, load),
        el("div", {class: "toolbar"}, method !== "PUT" || path === "/limits" ? remove("Forget", `${title}: forget them?`, "What was planned here is forgotten.", async () => (await control("DELETE", path), load())) : null, asCurl("GET", path)));
    }

    main.append(el("h1", null, "Trouble"),
      plans("fault", "Faults", {
        error: {kind: "error", on, reason: query.get("reason") ?? "INTERNAL", times: 1}, latency: {kind: "latency", on, seconds: 2, times: 1}, refuse: {kind: "refuse", on}, reset: {kind: "reset", on, after_commit: true},
        truncate: {kind: "truncate", on, after: 20}, malformed: {kind: "malformed", on}, slow: {kind: "slow", on, seconds: 2, pieces: 4}, "other content type": {kind: "content_type", on, content_type: "text/html"},
      }, "No fault is planned. One answers a request otherwise than the mock would, or cuts it off."),
      plans("stub", "Stubs", {stub: {on, status: 200, json: {result: []}, times: 1}, text: {on, status: 503, body: "down", content_type: "text/plain"}}, "No stub is planned. One answers in the place of the mock, any path."),
      plain("Replies to flows", "/replies", "POST", {reply: {url: "https://shop.example.com/*", status: 200, json: {}, times: 1}},
        ({replies, asked}) => [replies.length ? json(replies) : soft("No reply is planned. What flows fetch and send goes nowhere but here."), asked.length > 0 && [el("h3", null, "What flows asked"), json(asked.slice(-20))]], "Plan a reply"),
      plain("Rate limits", "/limits", "PUT", {"as the service": {rate_limits: true}, "a customer": {rate_limits: {customer: [1, 1]}}},
        ({rate_limits: now}) => (Object.keys(now).length ? Object.entries(now).map(([name, [rate, most]]) => el("p", null, `${name}: ${rate} requests a second, ${most} at once`)) : soft("Nothing is limited.")), "Limit requests"),
      plain("Modes", "/modes", "PUT", {"small pages": {pages_of: 1}, "a later version": {forward_compatible: true}, off: {}},
        (modes) => (Object.values(modes).some(Boolean) ? json(modes) : soft("No mode is on.")), "Put modes on"));
    const load = () => Promise.all(loads.map((one) => one()));
    await load();
    return {update: load};
  },
};
