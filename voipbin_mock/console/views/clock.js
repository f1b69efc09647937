// The clock: what is due next, and ways to wind it beside those of the bar.

import {button, el, field, fill, lasts, mark, section, stamp, table} from "../dom.js";
import {control} from "../wire.js";
import {wind} from "../app.js";
import {asCurl, head, link, soft} from "./pieces.js";

const UNITS = {d: 86400, h: 3600, m: 60, min: 60, s: 1, ms: .001, "": 1};
const LENGTH = /(\d+(?:\.\d+)?)\s*(d|h|min|ms|m|s|)/g;

// "1h30m", "250ms" or plain seconds.
function seconds(text) {
  if (!text || text.replace(LENGTH, "").trim()) throw new Error(`“${text}” is no length of time; say 90, 2h or 1h30m`);
  return [...text.matchAll(LENGTH)].reduce((sum, [, n, unit]) => sum + n * UNITS[unit], 0);
}

export default {
  kinds: ["clock", "calls", "campaigns", "webhooks"],
  async open(main) {
    let now;
    const big = el("p", {class: "big"});
    const due = table("What is due next", [
      ["At", ({at}) => stamp(at, true)], ["In", ({at}) => lasts((Date.parse(at) - Date.parse(now)) / 1000), "right"], ["What", ({what}) => what, "long"],
      ["Of", ({resource, id, name}) => id && link(resource, id, `${resource} ${name || id.slice(0, 8)}`)],
      ["", ({at}) => button("Go there", () => wind({freeze: at}), {class: "plain", "aria-label": `Wind to ${at}`})],
    ], ({at, what, id}) => at + what + id, soft("Nothing is due. Run a campaign, call a flow, or let a webhook be tried again."));

    async function update() {
      const clock = await control("GET", "/clock?limit=50");
      now = clock.now;
      fill(big, stamp(now, true), " ", mark(clock.frozen ? "frozen" : `runs × ${clock.speed ?? 1}`));
      due.show((clock.next ?? []).map((one) => ({...one, now})));
    }

    const setter = (label, placeholder, action, body) => {
      const input = el("input", {size: 20, placeholder, on: {keydown: ({key}) => key === "Enter" && go.click()}});
      const go = button(action, async () => wind(body(input.value.trim())));
      return field(label, input, "", go);
    };
    main.append(head("Clock", asCurl("GET", "/clock")), big, el("div", {class: "fields"},
      setter("Wind on by", "90, 2h, 1h30m", "Wind", (text) => ({advance: seconds(text)})),
      setter("Stand still at (UTC)", "2026-03-01T09:00:00Z", "Go there", (freeze) => ({freeze})),
      setter("Speed: seconds a second", "60", "Set", (text) => ({resume: true, speed: Number(text)}))), section("What is due next", due));
    await update();
    return {update};
  },
};
