// Trouble: faults, stubs, replies and limits; planned, met or not, removed.

import {asCurl, bar, button, code, fill, h, json, mark, more, remove, section, sender, table, told} from "../dom.js";
import {control} from "../wire.js";

const KNOWN = ["number", "kind", "on", "url", "times", "seen", "met"];
const met = ({met: times}) => mark(times ? `met ${times}` : "not met", times ? "ok" : "warn");

export async function view({query}) {
  const on = query.get("on") ?? "POST /outplans", loads = [];
  const update = () => Promise.all(loads.map((load) => load()));

  function planned(title, path, method, label, samples, show) {
    const place = h("div.stack");
    let names = [];
    const forget = remove("Forget all", `${title}: forget all?`, () => `${names.length}: ${names.join(", ")}`, async () => (await control("DELETE", path), update()));
    loads.push(async () => {
      const found = await control("GET", path), node = show(found);
      names = [Object.values(found)[0]].flat().filter((one) => told(one)).map((one) => [one.kind, one.on ?? one.url ?? told(one)].filter(Boolean).join(" "));
      forget.hidden = !names.length;
      if (place.firstChild !== node) fill(place, node);
    });
    return section(title, sender(label, method, path, samples, update, path === `/${query.get("plan")}s`), place, bar(forget, asCurl("GET", path)));
  }

  function plans(path, none) {
    const name = path.slice(1), list = table(name, [
      ["#", ({number}) => number, "right"], ["on", (one) => code(one.on ?? one.url), "long"], ["kind", ({kind = "reply"}) => kind], ["how", (one) => told(one, KNOWN), "long"], ["times", ({times}) => times ?? "always", "right named"], ["", met],
      ["", ({number}) => path !== "/replies" && button("Remove", async () => (await control("DELETE", `${path}/${number}`), update()), {class: "plain", "aria-label": `Remove ${name.slice(0, -1)} ${number}`})],
    ], (one) => one.number, none);
    return (told) => list.show(told[name]);
  }

  const listed = plans("/replies", "No reply is planned."), asked = h("div"), both = h("div.stack", asked);
  function replies(told) {
    both.prepend(listed(told));
    fill(asked, told.asked.length > 0 && more(`Flows asked: ${told.asked.length}`, json(told.asked, {label: "What flows asked"})));
    return both;
  }

  const faults = Object.fromEntries(Object.entries({
    error: {reason: query.get("reason") ?? "INTERNAL", times: 1}, latency: {seconds: 2, times: 1}, refuse: {}, reset: {after_commit: true}, truncate: {after: 20}, malformed: {},
  }).map(([kind, more]) => [kind, {kind, on, ...more}]));
  const stubs = {json: {on, status: 200, json: {result: []}, times: 1}, text: {on, status: 503, body: "down", content_type: "text/plain"}};
  return {
    kinds: ["faults", "requests", "calls"], update,
    parts: [
      planned("Faults", "/faults", "POST", "Plan a fault", faults, plans("/faults", "No fault is planned.")),
      planned("Stubs", "/stubs", "POST", "Plan a stub", stubs, plans("/stubs", "No stub is planned.")),
      planned("Replies to flows", "/replies", "POST", "Plan a reply", {reply: {url: "https://shop.example.com/*", status: 200, json: {}, times: 1}}, replies),
      planned("Rate limits", "/limits", "PUT", "Limit requests", {"as the service": {rate_limits: true}, "a customer": {rate_limits: {customer: [1, 1]}}}, ({rate_limits: limits}) => (Object.keys(limits).length ? json(limits, {label: "Limits"}) : h("div.empty", "Nothing is limited."))),
    ],
  };
}
