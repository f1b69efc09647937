// The clock: what it is, what is due next, and the ways to wind it.

import {el, button, fill, field, lasts, mark, stamp, table} from "../dom.js";
import {control} from "../wire.js";
import {WAYS, wind} from "../app.js";
import {asCurl, head, link, soft} from "./pieces.js";

const UNITS = {d: 86400, h: 3600, m: 60, min: 60, s: 1, ms: .001};

// "1h30m", "250ms" or plain seconds.
function seconds(text) {
  if (!/^\s*((\d+(\.\d+)?)\s*(d|h|min|ms|m|s)?\s*)+$/.test(text)) throw new Error(`“${text}” is no length of time; say 90, 2h or 1h30m`);
  return [...text.matchAll(/(\d+(?:\.\d+)?)\s*(d|h|min|ms|m|s)?/g)].reduce((sum, [, n, unit = "s"]) => sum + n * UNITS[unit], 0);
}

export default {
  kinds: ["clock", "calls", "campaigns", "webhooks"],
  async open(main) {
    let now;
    const big = el("p", {class: "big"});
    const due = table("What is due next", [
      ["At", ({at}) => stamp(at, true)],
      ["In", ({at}) => lasts((Date.parse(at) - Date.parse(now)) / 1000), "right"],
      ["What", ({what}) => what, "long"],
      ["Of", ({resource, id, name}) => id && link(resource, id, `${resource} ${name || id.slice(0, 8)}`)],
      ["", ({at}) => button("Go there", () => wind({freeze: at}), {class: "plain", "aria-label": `Wind to ${at}`})],
    ], ({at, what, id}) => `${at} ${what} ${id}`, [soft("Nothing is due. Run a campaign, call a flow, or let a webhook be tried again.")]);

    async function load() {
      const clock = await control("GET", "/clock?limit=50");
      now = clock.now;
      fill(big, stamp(now, true), " ", mark(clock.frozen ? "frozen" : `runs × ${clock.speed ?? 1}`));
      due.show((clock.next ?? []).map((one) => ({...one, now})));
    }

    const setter = (label, hint, action, f, props) => {
      const input = el("input", {size: 20, ...props, on: {keydown: ({key}) => key === "Enter" && go.click()}});
      const go = button(action, async () => (await f(input.value.trim()), load()));
      return field(label, input, hint, go);
    };

    main.append(head("Clock", asCurl("GET", "/clock")), big,
      el("div", {class: "toolbar"}, WAYS.map(([label, body, title]) => button(label, () => wind(body), {title})),
        button("Freeze", () => wind({freeze: true})), button("Resume", () => wind({resume: true}))),
      el("div", {class: "fields"},
        setter("Wind on by", "such as 90, 2h, 1h30m", "Wind", (text) => wind({advance: seconds(text)})),
        setter("Stand still at", "a moment, in UTC", "Go there", (text) => wind({freeze: text}), {placeholder: "2026-03-01T09:00:00Z"}),
        setter("Speed", "virtual seconds a second", "Set", (text) => wind({resume: true, speed: Number(text)}), {inputmode: "decimal", placeholder: "60"})),
      el("section", null, el("h2", null, "What is due next"), due));
    await load();
    return {update: load};
  },
};
