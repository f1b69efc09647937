// Campaigns: what one would do, and what it does.

import {asCurl, bar, button, el, h, json, lasts, many, more, picture, record, remove, row, shell, split, state, table, tell, to} from "../dom.js";
import {act, control} from "../wire.js";

export async function view() {
  const list = table("Campaigns", [
    ["name", ({id, deleted, record}) => row(to("campaigns", id), el(deleted ? "del" : "span", null, record.name || id.slice(0, 8))), "long"],
    ["status", ({record}) => state(record.status)],
  ], (one) => one.id, "There are no campaigns. One needs an outplan and an outdial with targets: create them by the API, or begin with the tutorial:", shell("POST", "/seed", {seed: "tutorial"}));

  async function draw([{record: one}, plan, {attempts: tries, now}], id) {
    const turn = async (status) => (await act("PUT", `/v1.0/campaigns/${id}/status`, {status}), tell(status === "run" ? "It runs: wind the clock." : "It stops."));
    const last = Math.max(0, ...tries.map(({ended}) => ended ?? now));
    return [
      [one.name || id, " ", state(one.status)],
      bar(one.status === "stop" ? button("Run", () => turn("run"), {class: "primary"}) : remove("Stop", `Stop ${one.name}?`, () => "It dials no more; calls that go on end by themselves.", () => turn("stop")),
        record("campaigns", id, "record"), record("outdials", one.outdial_id, "outdial"), record("outplans", one.outplan_id, "outplan"), asCurl("GET", `/campaigns/${id}/timeline`)),
      h("h3", `What it did: ${many(tries.length, "attempt")} in ${lasts(Math.round(last / 1000))}`),
      tries.length > 0 && await picture(`/campaigns/${id}/timeline?format=svg`, `${many(tries.length, "attempt")} at ${many(new Set(tries.map((one) => one.target_id)).size, "target")}`), more("Attempts", json(tries, {label: "Attempts"})),
      h("h3", `What it would do now: calls at most: ${plan.most_calls}`), plan.warnings.map(({message}) => el("p", {class: "notice warn"}, message)),
      plan.targets.length > 0 && more(`Targets: ${plan.targets.length}`, json(plan.targets)),
    ];
  }

  const panes = split(() => to("campaigns"), {
    list: async (id) => list.show((await control("GET", "/records/campaigns")).records, id),
    read: (id) => Promise.all([`/records/campaigns/${id}`, `/campaigns/${id}/plan`, `/campaigns/${id}/timeline`].map((path) => control("GET", path))), draw,
  }, list);
  return {...panes, kinds: ["campaigns", "phones"], curl: "/records/campaigns"};
}
