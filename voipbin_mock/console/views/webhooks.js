// Webhooks: every delivery and what came of it; again, flush, tricks.

import {button, el, fill, mark, stamp, table, tell} from "../dom.js";
import {control} from "../wire.js";
import {asCurl, filter, head, json, remove, row, sender, shell, split, state, to} from "./pieces.js";

const SHOWN = 300;

export default {
  kinds: ["webhooks"],
  async open(main, params) {
    const find = filter("type, address, outcome", () => draw()), waiting = el("div", {class: "toolbar"});
    const list = table("Deliveries", [
      ["#", ({number, shown}) => row(to("webhooks", number), number, shown), "right"],
      ["time", ({time}) => stamp(time), "wide"],
      ["event", ({type, attempt}) => [type, attempt > 1 && el("small", null, ` attempt ${attempt}`)], "long"],
      ["to", ({method, url}) => `${method} ${url}`, "long wide mono"],
      ["outcome", ({outcome, status}) => [state(outcome), status && ` ${status}`]],
    ], (one) => one.number, [el("p", null, "No webhook yet: change a record, or let somebody call. They go to the customer’s webhook_uri, on this machine:"),
      shell("PUT", "/v1.0/customer", {webhook_uri: "http://127.0.0.1:8000/hooks", webhook_method: "POST"})]);
    const panes = split(() => ["webhooks"], el("div", {class: "toolbar"}, find), waiting, list);
    let all = [], number = 0, open;

    function draw() {
      const words = find.value.toLowerCase().split(" ");
      const found = all.filter(({type, method, url, outcome, status}) => words.every((word) => `${type} ${method} ${url} ${outcome} ${status}`.toLowerCase().includes(word)));
      list.show(found.map((one) => ({...one, shown: one.number === number})));
    }

    async function load() {
      const told = await control("GET", `/webhooks?limit=${SHOWN}&brief=yes`);
      all = told.deliveries.reverse();
      fill(waiting, told.pending > 0 && mark(`${told.pending} still to come`, "info"), (told.tricks ?? []).map(({kind, left, types, held}) => mark(`${kind} ${left} of ${types}${held ? `, holds ${held}` : ""}`, "warn")));
      draw();
      if (!number) return panes.show((open = 0));
      const now = JSON.stringify(all.find((each) => each.number === number)) ?? number; // a log that was forgotten counts from 1 again
      if (open === now) return;
      open = now;
      let one;
      try {
        one = await control("GET", `/webhooks/${number}`);
      } catch (error) {
        return panes.fails(error);
      }
      panes.show([`${number}: ${one.type} `, state(one.outcome)], one.error && el("p", {class: `notice ${one.outcome === "failed" ? "bad" : "warn"}`}, one.error),
        el("p", null, stamp(one.time, true), `, attempt ${one.attempt}, ${one.method} `, el("code", null, one.url), one.status && `, answered ${one.status}`),
        el("div", {class: "toolbar"}, button("Deliver again", async () => {
          const {deliveries, pending} = await control("POST", `/webhooks/${number}/again`);
          tell(deliveries.length ? `Delivery ${deliveries.at(-1).number}: ${deliveries.at(-1).outcome}.` : `${pending} to come.`);
          await load();
        }), asCurl("POST", `/webhooks/${number}/again`)),
        el("h3", null, "Headers"), json(one.headers, {label: "Headers"}), el("h3", null, "Body"), json(one.body, {label: "Body", text: true}));
    }

    async function go({rest}) {
      number = Number(rest[0] ?? 0);
      await load();
    }

    main.append(head("Webhooks", button("Flush", async () => (tell(`${(await control("POST", "/webhooks/flush")).attempts} attempts were made.`), load()), {title: "make every attempt now that waits for its time"}),
      remove("Forget", "Forget the deliveries?", "The log and the planned tricks are forgotten; receivers stay.", async () => (await control("DELETE", "/webhooks"), load())), asCurl("GET", "/webhooks")),
      sender("Play a trick on what comes", "POST", "/webhooks/tricks", {"lose": {drop: 1, types: "*"}, "deliver twice": {duplicate: 1, types: "*"}, "delay": {delay: 1, seconds: 5, types: "*"}, "turn around": {reorder: 2, types: "*"}}, load), panes);
    await go(params);
    return {go, update: load};
  },
};
