// Webhooks: every delivery and what came of it.

import {asCurl, bar, button, code, el, fill, filter, h, json, many, mark, part, remove, row, sender, shell, soft, split, stamp, state, table, tell, to} from "../dom.js";
import {control} from "../wire.js";

export async function view() {
  let all = [], chosen, most = 300, tricked = 0;
  const find = filter("type, address, outcome", () => show()), waiting = bar(), foot = bar();
  const list = table("Deliveries", [
    ["#", ({number}) => row(to("webhooks", number), number), "right"], ["time", ({time}) => stamp(time)],
    ["event", ({type, attempt}) => [type, attempt > 1 && h("small", ` attempt ${attempt}`)], "long"], ["to", ({method, url}) => `${method} ${url}`, "long wide mono"],
    ["outcome", ({outcome, status}) => state(outcome, status && ` ${status}`)],
  ], (one) => one.number, "No webhook yet: change a record. They go to the customer’s webhook_uri:", shell("PUT", "/v1.0/customer", {webhook_uri: "http://127.0.0.1:8000/hooks", webhook_method: "POST"}));

  function show() {
    const words = find.value.toLowerCase().split(" ");
    const found = all.filter(({type, method, url, outcome, status}) => words.every((word) => `${type} ${method} ${url} ${outcome} ${status}`.toLowerCase().includes(word)));
    list.show(found, chosen);
    fill(foot, all.length > 0 && soft(`${found.length} of ${all.length < most ? "" : "the newest "}${all.length}`), all.length >= most && button("older", () => ((most += 1000), panes.update())));
  }

  const draw = (one) => [
    [`${one.number}: ${one.type} `, state(one.outcome)], one.error && el("p", {class: `notice ${one.outcome === "failed" ? "bad" : "warn"}`}, one.error),
    h("p", stamp(one.time, true), `, attempt ${one.attempt}, ${one.method} `, code(one.url), one.status && `, answered ${one.status}`),
    bar(button("Deliver again", async () => {
      const {deliveries, pending} = await control("POST", `/webhooks/${one.number}/again`);
      tell(deliveries.length ? `Delivery ${deliveries.at(-1).number}: ${deliveries.at(-1).outcome}.` : `${pending} to come.`);
      await panes.update();
    }), asCurl("POST", `/webhooks/${one.number}/again`)),
    part("Headers", json(one.headers, {label: "Headers"})), part("Body", json(one.body, {label: "Body", text: true})),
  ];

  const panes = split(() => to("webhooks"), {
    async list(id) {
      const {deliveries, pending, tricks = []} = await control("GET", `/webhooks?limit=${most}&brief=yes`);
      [all, chosen, tricked] = [deliveries.reverse(), id, tricks.length];
      fill(waiting, pending > 0 && mark(`${pending} still to come`, "info"), tricks.map(({kind, left, types, held}) => mark(`${kind} ${left} of ${types}${held ? `, holds ${held}` : ""}`, "warn")));
      show();
    },
    read: (id) => control("GET", `/webhooks/${encodeURIComponent(id)}`), draw,
  }, bar(find), foot, waiting, list);
  return {
    ...panes, kinds: ["webhooks"], curl: "/webhooks",
    tools: [button("Flush", async () => (tell(`Made ${many((await control("POST", "/webhooks/flush")).attempts, "attempt")}.`), panes.update())),
      remove("Forget", "Forget the deliveries?", () => `Gone for good: ${all.length < most ? many(all.length, "delivery", "deliveries") : "all deliveries"}, ${many(tricked, "trick")}.`, async () => (await control("DELETE", "/webhooks"), panes.update()))],
    parts: [sender("Play a trick on what comes", "POST", "/webhooks/tricks",
      {"lose": {drop: 1, types: "*"}, "deliver twice": {duplicate: 1, types: "*"}, "delay": {delay: 1, seconds: 5, types: "*"}, "turn around": {reorder: 2, types: "*"}}, panes.update), panes.parts],
  };
}
