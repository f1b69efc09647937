// Trouble: faults, stubs, replies, limits and modes; planned, met or not, removed.

import {button, el, fill, mark, section, table} from "../dom.js";
import {control} from "../wire.js";
import {asCurl, json, remove, sender, shell, soft, told} from "./pieces.js";

const KNOWN = ["number", "kind", "on", "times", "seen", "met"];
const met = ({met: times}) => mark(times ? `met ${times}` : "not met", times ? "ok" : "warn");

export default {
  kinds: ["faults", "requests", "calls"],
  async open(main, {query}) {
    const on = query.get("on") ?? "POST /outplans", loads = [];

    // What is planned there, as `show` has it; a form; and a way to forget it.
    function part(title, path, method, label, samples, show) {
      const place = el("div", {class: "stack"}), form = sender(label, method, path, samples, () => load());
      const load = async () => {
        const node = show(await control("GET", path), load);
        if (place.firstChild !== node) fill(place, node);
      };
      form.open = query.has("plan") && path === `/${query.get("plan")}s`;
      loads.push(load);
      return section(title, form, place, el("div", {class: "toolbar"}, path !== "/modes" && remove("Forget all", `${title}: forget all?`, "What was planned here is forgotten.", async () => (await control("DELETE", path), load())), asCurl("GET", path)));
    }

    function plans(path, samples, none) {
      const list = table(path.slice(1), [
        ["#", ({number}) => String(number), "right"], ["on", (one) => el("code", null, one.on), "long"], ["what", ({kind}) => kind], ["how", (one) => told(one, KNOWN), "long wide"], ["times", ({times}) => String(times ?? "always"), "right"], ["", met],
        ["", ({number}) => button("Remove", async () => (await control("DELETE", `${path}/${number}`), loads[path === "/faults" ? 0 : 1]()), {class: "plain", "aria-label": `Remove ${path.slice(1, -1)} ${number}`})],
      ], (one) => one.number, [el("p", null, none), shell("POST", path, Object.values(samples)[0])]);
      return (told) => list.show(told[path.slice(1)]);
    }

    const faults = {
      error: {kind: "error", on, reason: query.get("reason") ?? "INTERNAL", times: 1}, latency: {kind: "latency", on, seconds: 2, times: 1}, refuse: {kind: "refuse", on}, reset: {kind: "reset", on, after_commit: true},
      truncate: {kind: "truncate", on, after: 20}, malformed: {kind: "malformed", on}, slow: {kind: "slow", on, seconds: 2, pieces: 4}, content_type: {kind: "content_type", on, content_type: "text/html"},
    };
    const stubs = {json: {on, status: 200, json: {result: []}, times: 1}, text: {on, status: 503, body: "down", content_type: "text/plain"}};
    main.append(el("h1", null, "Trouble"),
      part("Faults", "/faults", "POST", "Plan a fault", faults, plans("/faults", faults, "No fault is planned. One answers a request otherwise than the mock would, or cuts it off.")),
      part("Stubs", "/stubs", "POST", "Plan a stub", stubs, plans("/stubs", stubs, "No stub is planned. One answers in the place of the mock, any path.")),
      part("Replies to flows", "/replies", "POST", "Plan a reply", {reply: {url: "https://shop.example.com/*", status: 200, json: {}, times: 1}}, (told) =>
        (told.replies.length + told.asked.length ? json({replies: told.replies, asked: told.asked.slice(-20)}) : soft("No reply is planned. What flows fetch and send goes nowhere but here."))),
      part("Rate limits", "/limits", "PUT", "Limit requests", {"as the service": {rate_limits: true}, "a customer": {rate_limits: {customer: [1, 1]}}}, ({rate_limits: now}) =>
        soft(Object.entries(now).map(([name, [rate, most]]) => `${name}: ${rate} requests a second, ${most} at once. `).join("") || "Nothing is limited.")),
      part("Modes", "/modes", "PUT", "Put modes on", {"small pages": {pages_of: 1}, "a later version": {forward_compatible: true}, off: {}}, (modes) => (Object.values(modes).some(Boolean) ? json(modes) : soft("No mode is on."))));
    const update = () => Promise.all(loads.map((load) => load()));
    await update();
    return {update};
  },
};
