// The clock, and what is due next.

import {about, button, entry, fill, h, lasts, mark, record, section, stamp, table} from "../dom.js";
import {control} from "../wire.js";
import {speed, wind} from "../app.js";

const number = (text) => (text && isFinite(text) ? Number(text) : text);

export async function view() {
  const big = h("p.big"), due = table("What is due next", [
    ["At", ({at}) => stamp(at, true)], ["in", ({at, now}) => lasts((Date.parse(at) - Date.parse(now)) / 1000), "right named"], ["what", null, "long"],
    ["Of", ({resource, id, name}) => id && record(resource, id, about(resource, id, name)), "long"],
    ["", ({at}) => button("Go there", () => wind({freeze: at}), {class: "plain", "aria-label": `Wind to ${at}`})],
  ], ({at, what, id}) => at + what + id, "Nothing is due. Run a campaign, or call a flow.");
  const way = (label, placeholder, action, body) => entry(label, {size: 20, placeholder}, action, (text) => wind(body(text)));
  return {
    kinds: ["clock", "tick", "calls", "campaigns", "webhooks"], curl: "/clock",
    parts: [big, h("div.fields", way("Seconds to wind on by", "7200", "Wind", (text) => ({advance: number(text)})),
      way("Stand still at (UTC)", "2026-03-01T09:00:00Z", "Go there", (freeze) => ({freeze})),
      way("Seconds a second", "60", "Set", (text) => ({resume: true, speed: number(text)}))), section("What is due next", due)],
    async update() {
      const told = await control("GET", "/clock?limit=50"), {now, next = []} = told;
      fill(big, stamp(now, true), " ", mark(speed(told)));
      due.show(next.map((one) => ({...one, now})));
    },
  };
}
