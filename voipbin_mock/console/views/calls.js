// Calls: the path through the flow and why, and a keypad for the far end.

import {asCurl, bar, button, el, field, h, json, lasts, link, more, part, picture, put, record, row, say, says, select, soft, split, stamp, state, table, tell, to, told} from "../dom.js";
import {control} from "../wire.js";

const KEYS = "123456789*0#";
const REFUSALS = ["rejected", "busy", "noanswer", "unreachable", "canceled", "cleared"];
const SAYS = {out: "service says", in: "far end says", key: "far end presses"};
const NONE = /^[0-]*$/;

export async function view() {
  let now, trace = "", pictures, flow;
  const list = table("Calls", [
    ["began", (one) => row(to("calls", one.id), stamp(one.began, true))], ["from", null, "mono"],
    ["to", (one) => (one.to.length > 20 ? `${one.to.slice(0, 8)}…` : one.to), "mono"], ["status", (one) => state(one.status)],
    ["now, or the end", ({present, ended}) => present.type ?? ended.split(";")[0], "long"],
  ], (one) => one.id, "Nobody has called yet: call a number that leads to a flow, or the flow itself.");

  const does = async (body, below = "") => {
    await control("POST", `/calls/${now.call.id}${below}`, body);
    await panes.update();
    say(`${now.status}: ${now.ended || now.present.type || "no action lasts now"}`);
  };
  const press = (key) => does({press: key}).catch(({message}) => tell(message, true));
  const how = select(REFUSALS.map((name) => [name]), "rejected", {"aria-label": "How it is turned down"});
  const rings = bar(button("Answer", () => does({answer: true}), {class: "primary"}), button("Refuse", () => does({refuse: how.value})), how);
  const talks = h("div.stack", el("div", {class: "keypad", "data-keys": "", role: "group", "aria-label": "Keypad", on: {keydown: ({key}) => KEYS.includes(key) && press(key)}},
    [...KEYS].map((key) => button(key, () => press(key)))), says("What the far end says", "Say", (text) => does({say: text})));
  const goes = h("section.card", h("h3", "The far end"), rings, talks, bar(
    button("Next step", () => does(undefined, "/next")), button("Hang up", () => does({hangup: true}), {class: "danger"})));
  const steps = table("Trace", [
    ["after", ({at}) => lasts(at / 1000), "mono"], ["action", ({type, made, outcome}) => el(outcome === "skipped" ? "del" : "span", null, made && "+ ", type)],
    ["what", ({option}) => option.text ?? told(option), "long wide"], ["came, because", ({came}) => came, "long"], ["went on, because", ({outcome, why}) => [outcome, why && ` (${why})`], "long"],
  ], ({n}) => n, "No action has begun.");

  async function draw(call, id) {
    const {activeflow_id: run, flow_id: leads, direction, source, destination} = call.call, path = `/calls/${id}`, done = id + JSON.stringify(call.trace);
    now = call;
    if (trace !== done) {
      const {records} = NONE.test(leads) ? {records: []} : await control("GET", `/records/flows?limit=1&find=${leads}`);
      flow = records.find((one) => one.id === leads)?.record.name;
      pictures = !records.some((one) => one.id === leads) ? [] : [record("flows", leads, "flow"), await picture(`/flows/${leads}/graph?format=svg&runs=${id}`, "The flow, with the path of this call drawn in")];
      pictures[2] = more("On an axis of time", await picture(`${path}/svg`, "The call and its legs on an axis of time"));
      trace = done;
    }
    goes.hidden = call.status === "hangup";
    rings.hidden = direction !== "outgoing" || !/^(dial|ring)ing$/.test(call.status);
    talks.hidden = !rings.hidden;
    steps.show(call.trace.map((each, n) => ({...each, n})));
    return [
      `${source?.target || "?"} → ${(destination?.target === leads && flow) || destination?.target || "?"}`,
      h("p", state(call.status), " ", goes.hidden ? call.ended : call.present.type ? ["now in ", h("b", call.present.type)] : "no action lasts now"),
      bar(record("calls", id, "record"), !NONE.test(run) && record("activeflows", run, "run"), pictures[0],
        call.legs.map((leg) => link(to("calls", leg), `leg ${leg.slice(0, 8)}`)), asCurl("GET", path)),
      goes, pictures[1], pictures[2], part("Trace", steps),
      part("Heard", call.heard.length ? h("ol.story", call.heard.map(({at, way, text}) => h("li", h("time", lasts(at / 1000)), " ", h("small", SAYS[way] ?? way), " ", text))) : soft("Nothing yet.")),
      more("All of it", json(call)),
    ];
  }

  const panes = split(() => to("calls"), {list: async (id) => list.show((await control("GET", "/calls")).calls.reverse(), id), read: (id) => control("GET", `/calls/${encodeURIComponent(id)}`), draw}, list);
  const from = el("input", {value: "+15550100001", size: 16}), whom = el("input", {list: "reachable", size: 24, placeholder: "a number, flow, queue"}), choices = el("datalist", {id: "reachable"});
  for (const name of ["numbers", "flows", "queues", "conferences"]) control("GET", `/records/${name}?limit=50`).then(({records}) =>
    put(choices, records.map(({id, deleted, record}) => !deleted && el("option", {value: record.number ?? id}, `${name} ${record.name ?? ""}`)))).catch(() => {});
  return {
    ...panes, kinds: ["calls"], curl: "/calls",
    parts: [el("form", {class: "fields", on: {submit: (event) => event.preventDefault()}}, field("From", from), field("To", whom), choices,
      button("Call", async () => (location.hash = to("calls", (await control("POST", "/calls", {from: from.value.trim(), to: whom.value.trim()})).id)), {class: "primary", type: "submit"})), panes.parts],
  };
}
