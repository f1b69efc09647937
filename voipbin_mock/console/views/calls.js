// Calls: who calls whom, the path through the flow and why, and a keypad for the far end.

import {button, el, field, fill, lasts, select, stamp, table, tell} from "../dom.js";
import {control} from "../wire.js";
import {asCurl, head, json, link, more, picture, row, shell, soft, split, state, to, told} from "./pieces.js";

const KEYS = "123456789*0#";
const REFUSALS = ["rejected", "busy", "noanswer", "unreachable", "canceled", "cleared"];
const SAYS = {out: "service says", in: "far end says", key: "far end presses"};
const NONE = /^[0-]*$/;

export default {
  kinds: ["calls"],
  async open(main, params) {
    const from = el("input", {value: "+15550100001", size: 16}), whom = el("input", {list: "reachable", size: 24, placeholder: "a number, flow, queue"}), choices = el("datalist", {id: "reachable"});
    const place = button("Call", async () => (location.hash = to("calls", (await control("POST", "/calls", {from: from.value.trim(), to: whom.value.trim()})).id)), {class: "primary", type: "submit"});
    const list = table("Calls", [
      ["began", (one) => row(to("calls", one.id), stamp(one.began), one.shown)],
      ["from", (one) => one.from || "?", "mono wide"],
      ["to", (one) => (one.to.length > 20 ? `${one.to.slice(0, 8)}…` : one.to), "mono"],
      ["status", (one) => state(one.status)],
      ["now, or the end", ({present, ended}) => present.type ?? ended.split(";")[0], "long"],
    ], (one) => one.id, [el("p", null, "Nobody has called yet: call a number that leads to a flow, or the flow itself."), shell("POST", "/calls", {from: "+15550100001", to: "+16195734778"})]);
    const panes = split(() => ["calls"], list);
    let id = "", page;

    const load = async () => list.show((await control("GET", "/calls")).calls.reverse().map((one) => ({...one, shown: one.id === id})));

    async function details() {
      if (!id) return panes.show((page = undefined));
      const mine = id, call = await control("GET", `/calls/${encodeURIComponent(id)}`);
      if (mine !== id) return;
      const {source, destination} = call.call;
      if (page?.id !== id) {
        page = one(id, () => Promise.all([load(), details()]));
        panes.show(`${source?.target || "?"} → ${destination?.target || "?"}`, page.parts);
      }
      await page.show(call);
    }

    async function go({rest}) {
      id = rest[0] ?? "";
      await Promise.all([load(), details().catch((error) => (page = undefined, panes.fails(error)))]);
    }

    main.append(head("Calls", asCurl("GET", "/calls")),
      el("form", {class: "fields", on: {submit: (event) => event.preventDefault()}}, field("From", from), field("To", whom), choices, place), panes);
    for (const name of ["numbers", "flows", "queues", "conferences"]) control("GET", `/records/${name}?limit=50`).then(({records}) =>
      choices.append(...records.filter(({deleted, record}) => !deleted && !(name === "numbers" && NONE.test(record.call_flow_id))).map(({id: value, record}) =>
        el("option", {value: record.number ?? value}, `${name.slice(0, -1)} ${record.name ?? ""}`)))).catch(() => {});
    await go(params);
    return {go, update: () => Promise.all([load(), details()])};
  },
};

// One call. Its parts stay while it goes on: the keypad and the field keep the focus.
function one(id, after) {
  const path = `/calls/${id}`, does = async (body, below = "") => (await control("POST", path + below, body), after());
  const facts = el("div", {class: "toolbar"}), now = el("p"), flow = el("div"), heard = el("div", {class: "stack"}), rest = el("div", {class: "stack"});
  const words = el("input", {placeholder: "what the far end says", "aria-label": "What the far end says", class: "grow", on: {keydown: (event) => event.key === "Enter" && say.click()}});
  const say = button("Say", async () => (await does({say: words.value}), (words.value = "")));
  const how = select(REFUSALS.map((name) => [name]), "rejected", {"aria-label": "How it is turned down"});
  const rings = el("div", {class: "toolbar"}, button("Answer", () => does({answer: true}), {class: "primary"}), button("Refuse", () => does({refuse: how.value})), how);
  const press = (key) => does({press: key}).catch((error) => tell(error.message, true));
  const talks = el("div", {class: "stack"}, el("div", {class: "keypad", "data-keys": "", role: "group", "aria-label": "Keypad", on: {keydown: ({key}) => KEYS.includes(key) && press(key)}},
    [...KEYS].map((key) => button(key, () => press(key)))), el("div", {class: "toolbar"}, words, say));
  const goes = el("section", {class: "card stack"}, el("h3", null, "The far end"), rings, talks, el("div", {class: "toolbar"},
    button("Next step", () => does(undefined, "/next"), {title: "wind the clock to the next thing in this call"}), button("Hang up", () => does({hangup: true}), {class: "danger"})));
  const trace = table("Trace", [
    ["after", ({at}) => lasts(at / 1000), "number"],
    ["action", ({type, made, outcome}) => el("span", {class: outcome === "skipped" && "deleted"}, made && "+ ", type)],
    ["what", ({option}) => option.text ?? told(option), "long wide"],
    ["came, because", ({came}) => came, "long"],
    ["went on, because", ({outcome, why}) => [outcome, why && ` (${why})`], "long"],
  ], ({n}) => n, "No action has begun yet: wind the clock.");
  let latest, drawn, drawing;

  // A picture takes its time: what has happened meanwhile is in the next.
  async function draw() {
    const {flow_id: leads} = latest.call, taken = JSON.stringify(latest.trace);
    if (NONE.test(leads) || taken === drawn || drawing) return;
    [drawn, drawing] = [taken, true];
    try {
      fill(flow, await picture(`/flows/${leads}/graph?format=svg&runs=${id}`, "The flow, with the path of this call drawn in"),
        more("On an axis of time", await picture(`${path}/svg`, "The call and its legs on an axis of time")));
    } catch (error) {
      fill(flow, soft(`There is no picture: ${error.message}`));
    }
    drawing = false;
    await draw();
  }

  function show(call) {
    const {activeflow_id: run, flow_id: leads, direction} = call.call, over = call.status === "hangup";
    fill(now, state(call.status), " ", over ? call.ended : call.present.type ? ["now in ", el("b", null, call.present.type)] : "no action lasts now");
    fill(facts, link("calls", id, "record"), !NONE.test(run) && link("activeflows", run, "run"), !NONE.test(leads) && link("flows", leads, "flow"),
      call.legs.map((leg) => el("a", {href: to("calls", leg)}, `leg ${leg.slice(0, 8)}`)), asCurl("GET", path));
    goes.hidden = over;
    rings.hidden = direction !== "outgoing" || !/^(dial|ring)ing$/.test(call.status);
    talks.hidden = !rings.hidden;
    trace.show(call.trace.map((each, n) => ({...each, n})));
    fill(heard, el("h3", null, "Heard"), call.heard.length ? el("ol", {class: "story"}, call.heard.map(({at, way, text}) => el("li", null, el("time", null, lasts(at / 1000)), " ", el("small", null, SAYS[way] ?? way), " ", text))) : soft("Nothing yet."));
    fill(rest, call.steps_left.length > 0 && more("Steps left", json(call.steps_left)), Object.keys(call.variables).length > 0 && more("Variables", json(call.variables)));
    latest = call;
    return draw();
  }
  return {id, show, parts: [now, facts, goes, flow, el("h3", null, "Trace"), trace, heard, rest]};
}
