// Campaigns: what one would do, and what it does: its attempts in lanes, with the time between them squeezed.

import {button, el, fill, lasts, svg, table, tell} from "../dom.js";
import {control} from "../wire.js";
import {act, actor, asCurl, head, json, link, more, remove, row, shell, split, state, to} from "./pieces.js";

const LANE = 24, LEFT = 110, WIDE = 760, IDLE = 30, TOP = 34, MOST = 100; // of the picture; IDLE: how wide a time without calls is

export default {
  kinds: ["campaigns", "phones"],
  async open(main, params) {
    const list = table("Campaigns", [
      ["name", (one) => row(to("campaigns", one.id), one.record.name || one.id.slice(0, 8), one.shown, {class: one.deleted && "deleted"})],
      ["status", ({record}) => state(record.status)],
      ["at its end", ({record}) => record.end_handle, "wide"],
    ], (one) => one.id, [el("p", null, "There are no campaigns. One needs an outplan and an outdial with targets: create them under Records, or begin with the tutorial."), shell("POST", "/seed", {seed: "tutorial"})]);
    const panes = split(() => ["campaigns"], list);
    const attempts = table("Attempts", [
      ["dialed", ({dialed}) => lasts(dialed / 1000)], ["target", ({target, target_id: whose}) => link("targets", whose, target)], ["number", ({number}) => number, "mono"],
      ["try", (one) => String(one.try_count), "right"], ["result", ({result, reason, refused, status: now}) => [state(result || now), " ", refused || reason]],
    ], (one) => one.id, "It has not dialed. Run it, and wind the clock on.");
    const did = el("div", {class: "stack"}), would = el("div", {class: "stack"});
    let id = "", status;

    const load = async () => list.show((await control("GET", "/records/campaigns")).records.map((one) => ({...one, shown: one.id === id})));
    const turn = async (status) => (await act("PUT /v1.0/campaigns/{id}/status", [id], {status}), tell(status === "run" ? "It runs: wind the clock to see it dial." : "It stops."));

    // What is the same stays, so that a button keeps the focus.
    async function details() {
      if (!id) return panes.show((status = undefined));
      const mine = id, path = `/campaigns/${encodeURIComponent(id)}`;
      const [{record}, plan, done] = await Promise.all([control("GET", `/records${path}`), control("GET", `${path}/plan`), control("GET", `${path}/timeline`)]);
      if (mine !== id) return;
      if (status !== id + record.status) panes.show([record.name || id, " ", state(record.status)],
        el("div", {class: "toolbar"}, record.status === "stop" ? button("Run", () => turn("run"), {class: "primary"})
          : remove("Stop", `Stop ${record.name}?`, "No more calls are dialed; those that go on end by themselves.", () => turn("stop")),
        link("campaigns", id, "record"), link("outdials", record.outdial_id, "outdial"), link("outplans", record.outplan_id, "outplan"), asCurl("GET", `${path}/timeline`)), did, more("Attempts", attempts), would);
      status = id + record.status;
      fill(did, el("h3", null, `What it did: ${done.attempts.length} attempts in ${lasts(Math.round(done.now / 1000))}`), done.attempts.length > 0 && lanes(done));
      attempts.show(done.attempts);
      fill(would, el("h3", null, `What it would do now: ${plan.most_calls} calls at most`), plan.warnings.map((one) => el("p", {class: "notice warn"}, one.message)),
        plan.targets.length > 0 && more(`${plan.targets.length} targets`, json(plan.targets)));
    }

    async function go({rest}) {
      id = rest[0] ?? "";
      await Promise.all([load(), details().catch(panes.fails)]);
    }

    main.append(head("Campaigns", asCurl("GET", "/records/campaigns")), el("div", {class: "fields"}, await actor()), panes);
    await go(params);
    return {go, update: () => Promise.all([load(), details()])};
  },
};

// A lane for each target; where nobody is called for long, the axis is cut short.
function lanes({attempts: several, now}) {
  const end = (one) => Math.max(one.ended ?? now, one.dialed + 1000), busy = [];
  for (const one of several) {
    const last = busy.at(-1);
    if (last && one.dialed <= last.until + 5000) last.until = Math.max(last.until, end(one));
    else busy.push({from: one.dialed, until: end(one)});
  }
  const scale = Math.max(1e-6, (WIDE - LEFT - IDLE * busy.length) / busy.reduce((sum, {from, until}) => sum + until - from, 0));
  let right = LEFT;
  for (const span of busy) [span.x, right] = [right, right + (span.until - span.from) * scale + IDLE];
  const x = (at) => {
    const span = busy.findLast(({from}) => from <= at) ?? busy[0];
    return span.x + (Math.min(at, span.until) - span.from) * scale;
  };
  const targets = Map.groupBy(several, (one) => one.target_id), height = TOP + Math.min(MOST, targets.size) * LANE;
  const bar = (kind, from, until, y) => svg("rect", {class: kind, x: x(from), y: y - 6, width: Math.max(2, x(until) - x(from)), height: 12, rx: 2});
  const attempt = (one, y) => svg("g", null, svg("title", null, `${one.number} try ${one.try_count}: ${one.result || one.status} ${one.refused || one.reason}`),
    bar(one.answered === null && one.result ? "vain" : "rings", one.dialed, one.answered ?? end(one), y), one.answered !== null && bar(one.result === "fail" ? "vain" : "talks", one.answered, end(one), y));
  return el("figure", {class: "scroll"},
    svg("svg", {class: "lanes", viewBox: `0 0 ${WIDE} ${height}`, role: "img", "aria-label": `${several.length} attempts at ${targets.size} targets`},
      busy.map(({from, x: at}, n) => [svg("line", {x1: at, x2: at, y1: 18, y2: height}), (!n || at - busy[n - 1].x > 60) && svg("text", {x: at, y: 12}, lasts(Math.round(from / 1000)))]),
      [...targets.values()].slice(0, MOST).map((tries, n) => {
        const y = TOP + n * LANE, [{target, target_id: whose}] = tries;
        return [svg("line", {x1: LEFT, x2: WIDE, y1: y, y2: y}), svg("text", {y: y + 4}, (target || whose).slice(0, 16)), tries.map((one) => attempt(one, y))];
      })),
    el("figcaption", {class: "legend"}, ["rings", "talks", "vain"].map((kind) => el("span", {class: kind}, kind === "vain" ? "in vain" : kind))));
}
